"""From a result to drawn places, from the filled workbook back to a verdict."""

import numpy as np
import pandas as pd
import pyogrio
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import InputError, StudyError, SurveyError

SECTION = '\n[survey]\nservice = "mobile"\nconfidence = 0.95\n'


@pytest.fixture(scope="module")
def plan(result):
    return result.survey("mobile", residents=60, seed=3)


@pytest.fixture
def measured(folder, plan):
    """Return how to make the measured places inputs of the small study, and open it."""

    def _measured(served, *, edit=None, section=SECTION):
        plan.write(folder / "survey", replace=True)
        book = load_workbook(folder / "survey" / "survey.xlsx")
        sheet = book["survey_places"]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row + 1):
            place = {name: sheet.cell(row, column).value for name, column in columns.items()}
            sheet.cell(row, columns["served"]).value = served(place)
        if edit is not None:
            edit(book)
        book.save(folder / "filled.xlsx")
        study = folder / "study.toml"
        names = "".join(
            f'{name} = {{ path = "filled.xlsx", sheet = "{name}" }}\n'
            for name in ("survey_places", "survey_strata")
        )
        text = study.read_text(encoding="utf-8")
        if names not in text:
            text = text.replace("[inputs]\n", f"[inputs]\n{names}", 1) + section
            study.write_text(text, encoding="utf-8")
        return phusong.open_study(folder)

    return _measured


def as_the_map(place):
    return "có" if place["map_share"] > 0.5 else "không"


def test_everybody_lives_in_a_stratum_and_the_drawn_live_near_roads(result, plan):
    strata = plan.strata.set_index("commune_code")
    people = result.communes.set_index("commune_code")["population"]
    counted = strata["residents"] + strata["out_of_reach"]
    assert (abs(counted - people) <= 1.0).all()
    roads = result.context["roads"].union_all()
    assert plan.places.distance(roads).max() <= plan.within_m
    assert plan.places.groupby("commune_code")["drawn"].sum().to_dict() == {
        code: drawn for code, drawn in strata["drawn"].items() if drawn
    }
    assert strata["drawn"].sum() == 120  # 60 in each of two districts


def test_the_same_seed_draws_the_same_places(result, plan):
    again = result.survey("mobile", residents=60, seed=3)
    pd.testing.assert_frame_equal(again.places, plan.places)
    other = result.survey("mobile", residents=60, seed=4)
    assert other.places.geometry.to_list() != plan.places.geometry.to_list()


def test_files_say_the_same_places(plan, tmp_path):
    files = plan.write(tmp_path / "one")
    assert [path.name for path in files] == [
        "survey.xlsx", "survey.gpx", "survey.kml", "survey-roads.xlsx", "survey-roads.geojson",
        "survey-roads.gpx",
    ]  # fmt: skip
    _, waypoints, placemarks, _, lines, tracks = files
    points = pyogrio.read_dataframe(waypoints, layer="waypoints")
    assert points["name"].to_list() == plan.places["place_id"].to_list()
    wgs84 = plan.places.to_crs("EPSG:4326").get_coordinates().to_numpy()
    assert points.get_coordinates().to_numpy() == pytest.approx(wgs84, abs=1e-6)
    assert plan.places["place_id"][0] in placemarks.read_text(encoding="utf-8")
    driven = pyogrio.read_dataframe(tracks, layer="tracks")
    order = plan.segments["drive_order_mobile"].dropna()
    assert driven["name"].to_list() == [f"{at:02d} Đường thử" for at in order]
    assert len(pyogrio.read_dataframe(lines)) == len(plan.segments)
    for segment in plan.segments["segment_id"]:
        assert f"<name>{segment}</name>" in placemarks.read_text(encoding="utf-8")
    again = plan.write(tmp_path / "two")
    for first, second in zip(files, again, strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_a_filled_workbook_is_judged_beside_the_map(measured, plan):
    found = phusong.run(measured(as_the_map), parts=["survey"]).survey_shares
    province = found[found["level"] == "province"].iloc[0]
    assert province["drawn"] == 120
    assert (
        province["served_drawn"] == plan.places.loc[plan.places["map_share"] > 0.5, "drawn"].sum()
    )
    # The map was right everywhere, so its own share is the answer, with the doubt of the unseen.
    assert province["measured_share"] == pytest.approx(province["map_share"])
    assert 0.01 < province["measured_high"] - province["measured_low"] < 0.08
    out = province["out_of_reach"]
    everybody = province["residents"] + out
    assert province["least_share"] == pytest.approx(
        province["measured_low"] * province["residents"] / everybody
    )
    assert province["most_share"] == pytest.approx(
        (province["measured_high"] * province["residents"] + out) / everybody
    )
    assert found["level"].value_counts().to_dict() == {"commune": 6, "district": 2, "province": 1}


def test_a_dark_province_misses_its_target_and_communes_are_judged_by_their_own_places(measured):
    found = phusong.run(measured(lambda _: "không"), parts=["survey"])
    shares = found.survey_shares.set_index(["level", "code"])
    assert shares["measured_share"].max() < 0.05
    communes = shares.loc["commune"]
    assert set(communes["measured_verdict"]) <= {"missed", "undecided"}
    assert "missed" in set(communes["measured_verdict"])
    board = found.indicators.set_index("indicator")
    assert board.loc["residents_served_measured", "computed"] == pytest.approx(
        shares.loc["province"]["measured_share"].iloc[0]
    )


def test_places_not_measured_widen_the_interval_to_both_sides(measured):
    whole = phusong.run(measured(as_the_map), parts=["survey"]).survey_shares.iloc[0]
    some = phusong.run(
        measured(
            lambda place: None if place["place_id"].endswith(("2", "5")) else as_the_map(place)
        ),
        parts=["survey"],
    )
    gaps = some.survey_shares.iloc[0]
    assert gaps["measured_low"] < whole["measured_low"] - 0.05
    assert gaps["measured_high"] >= whole["measured_high"]
    (told,) = (note for note in some.notes if note.message == "pipeline.survey_unmeasured")
    assert 0 < told.values["count"] < told.values["total"]


def drop_a_place(book):
    book["survey_places"].delete_rows(3)


def more_than_live(book):
    for name, column in (("survey_places", "drawn"), ("survey_strata", "drawn")):
        sheet = book[name]
        at = [cell.value for cell in sheet[1]].index(column) + 1
        sheet.cell(2, at).value = 10**6
    sheet = book["survey_places"]
    code = sheet.cell(2, [cell.value for cell in sheet[1]].index("commune_code") + 1).value
    at = [cell.value for cell in sheet[1]].index("commune_code") + 1
    for row in range(sheet.max_row, 2, -1):
        if sheet.cell(row, at).value == code:
            sheet.delete_rows(row)


def another_commune(book):
    sheet = book["survey_strata"]
    sheet.cell(2, 1).value = "99999"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (drop_a_place, "pipeline.survey_other_sample"),
        (more_than_live, "pipeline.survey_more_than_live"),
        (another_commune, "pipeline.survey_no_stratum"),
    ],
)
def test_another_sample_than_the_drawn_one_is_refused(measured, edit, message):
    with pytest.raises(InputError) as refused:
        phusong.run(measured(as_the_map, edit=edit), parts=["survey"])
    assert message in {problem.message for problem in refused.value.problems}
    assert {problem.file for problem in refused.value.problems} == {"filled.xlsx"}


def test_an_empty_form_is_refused(measured):
    with pytest.raises(InputError, match="served"):
        phusong.run(measured(lambda _: None), parts=["survey"])


def test_a_survey_of_an_unknown_service_or_half_a_survey_is_refused(measured, folder):
    with pytest.raises(StudyError, match="6g"):
        measured(as_the_map, section=SECTION.replace("mobile", "6g"))
    study = folder / "study.toml"
    lines = study.read_text(encoding="utf-8").replace("6g", "mobile").splitlines()
    lines = [line for line in lines if not line.startswith("survey_strata")]
    study.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(StudyError, match="survey_strata"):
        phusong.open_study(folder)


def test_no_places_without_coverage_service_or_people_near_roads(result, folder, without):
    with pytest.raises(SurveyError, match="6g"):
        result.survey("6g")
    with pytest.raises(SurveyError, match=r"0\.001 m"):
        result.survey(within_m=0.001)
    without("cells")
    with pytest.raises(SurveyError):
        phusong.run(phusong.open_study(folder), parts=["territory"]).survey()


def test_the_command_writes_places_and_says_what_to_do_with_them(pristine, tmp_path):
    done = CliRunner().invoke(
        app,
        ["survey", str(pristine), "--to", str(tmp_path / "do-dac"), "--residents", "10",
         "--places-a-day", "7", "--road-km-a-day", "1", "--lang", "en"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    places = pyogrio.read_dataframe(tmp_path / "do-dac" / "survey.gpx", layer="waypoints")
    assert f"{len(places)} places in 6 communes for 20 drawn residents" in done.output
    assert f"needs {int(np.ceil(len(places) / 7))} days" in done.output
    roads = pyogrio.read_dataframe(tmp_path / "do-dac" / "survey-roads.geojson")
    driven_km = roads.loc[roads["drive_order_mobile"].notna(), "length_km"].sum()
    assert f"a team that measures 1 km a day needs {int(np.ceil(driven_km))} days" in done.output
    assert "assumption" not in done.output
    lines = done.output.splitlines()
    first = lines.index('survey_places = { path = "survey.xlsx", sheet = "survey_places" }')
    assert "“[inputs]”" in lines[first - 1]
    assert lines[lines.index("[survey]") - 1].startswith("Add at the end of study.toml")
