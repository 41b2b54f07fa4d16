"""E-government end to end: what a study says becomes levels, a plan, a board; nothing is mended."""

import functools
import shutil

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from shapely import Point

import phusong
from phusong.egov import RULES
from phusong.errors import InputError, OutputError, RolloutError
from phusong.pipeline import open_result, with_budgets, write_egov_template
from phusong.pipeline.indicators import status
from phusong.pipeline.load import load
from phusong.pipeline.parts.egov import EGOV, parts_for_egov
from phusong.pipeline.parts.egov.offices import judge_offices
from phusong.pipeline.parts.part import Found
from phusong.pipeline.parts.territory import TERRITORY
from phusong.report import board_rows

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")

WORKS = """prerequisite,cost_vnd,crew_days,after,source
has_fibre,20,3,,bảng giá
data_network_port,5,1,has_fibre,bảng giá
has_lan,10,2,"has_fibre, data_network_port",bảng giá
"""
ROLLOUT = """
[egov.rollout]
years = [
    { year = 2026, budget_vnd = 30, crew_days = 9 },
    { year = 2027, budget_vnd = 20, crew_days = 9 },
]
weights = { files_per_year = 1, population = 1 }
district_bonus = 0.1
carry_over = false
unknown_is_missing = true
largest_gap = 0
"""
# Of the small study's communes VP003 lacks nothing that has a work, VP006 a port only, VP008
# everything; its fibre is planned.
COST = {"VP003": 0, "VP004": 15, "VP005": 10, "VP006": 5, "VP007": 10, "VP008": 35}


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add(folder, *, inputs="", egov="", end="", works=WORKS):
    """Give the study works, a rollout, and whatever a test adds to a section."""
    (folder / "works.csv").write_text(works, encoding="utf-8")
    edit(folder / "study.toml", "[inputs]\n", f'[inputs]\nworks = "works.csv"\n{inputs}')
    basis = 'cost_basis = "giá thử"\ncost_basis_en = "test prices"\n'
    edit(folder / "study.toml", "[egov]\n", f"[egov]\n{basis}{egov}")
    edit(folder / "study.toml", "# Lộ trình theo năm", f"{ROLLOUT}{end}\n# Lộ trình theo năm")


def run(folder):
    return phusong.run(phusong.open_study(folder), parts=("egov",))


def judged(study, given, margins):
    """Return what e-government finds in loaded tables, without a run."""
    territory = TERRITORY.compute(TERRITORY.take(study, given), Found({}), None)
    return judge_offices(EGOV.take(study, given), territory.record, margins)


def notes(result):
    return {note.message: note.render("en") for note in result.notes}


def offices_with(folder, **columns):
    """Replace columns of offices.csv; a dict changes single offices."""
    table = pd.read_csv(folder / "offices.csv", dtype=str)
    for name, values in columns.items():
        if isinstance(values, dict):
            old = table[name] if name in table else pd.Series(None, table.index, dtype=object)
            values = table["office_id"].map(values).where(table["office_id"].isin(values), old)
        table[name] = values
    table.to_csv(folder / "offices.csv", index=False)


@pytest.fixture
def folder(whole, take_out):
    """Return a copy of the small study with what e-government alone looks at."""
    take_out(whole, "cells", "spans", "nodes", "roads", "rivers", "places")
    return whole


@pytest.fixture
def planned(folder):
    add(folder)
    return folder


def test_the_plan_pays_for_what_is_missing_and_says_whose_prices_these_are(planned):
    found = run(planned)
    rollout = found.rollout.set_index("office_id")
    assert {name: rollout.loc[name, "cost_vnd"] for name in COST} == COST
    assert rollout.loc["VP008", "works"] == "data_network_port, has_fibre, has_lan"
    assert rollout.loc["VP004", "service_year"] == 2026
    assert "VP000" not in rollout.index  # the province's own office
    # All but the last cost 40 of 50; the first year can do 30 of them.
    nothing = dict.fromkeys(("VP001", "VP002", "VP003"), "no_works")
    expected = dict.fromkeys(rollout.index, "in_plan") | nothing | {"VP008": "budget"}
    assert rollout["reason"].to_dict() == expected
    # 10 are left; later years have 20 each, which pay for no fibre, LAN and port together.
    assert rollout.loc["VP008", "short_vnd"] == 25
    years = found.rollout_years
    assert years["spent_vnd"].sum() == 40
    assert (years["spent_vnd"] <= years["budget_vnd"]).all()
    assert years["offices_in_service"].to_list()[-1] == 4
    for table in (found.rollout, years, found.rollout_works, found.rollout_scenarios):
        assert set(table["cost_basis"]) == {"giá thử"}
        assert set(table["cost_basis_en"]) == {"test prices"}
    assert "test prices" in notes(found)["pipeline.cost_basis"]
    assert "backup power" in notes(found)["pipeline.rollout_without_works"]


def test_the_plan_is_in_communes_districts_board_and_files(planned, tmp_path):
    found = run(planned)
    communes = found.communes.set_index("name")
    offices = found.offices[found.offices["level"] == "commune"]
    assert communes["lacks_lan"].sum() == (~offices["has_lan"]).sum() == 4
    assert communes["rollout_outcome"].value_counts().to_dict() == {
        "in_plan": 4, "no_works": 1, "budget": 1,
    }  # fmt: skip
    assert communes["service_year"].notna().sum() == 4
    assert found.districts["one_stop_interlinked"].sum() == 2
    assert found.districts["one_stop_local"].sum() == 4
    board = found.indicators.set_index("indicator")
    assert board.loc["rollout_offices", "computed"] == 4
    assert "test prices" in board.loc["rollout_offices", "definition_en"]
    found.write(tmp_path / "out")
    for name in ("readiness", "rollout"):
        layer = gpd.read_file(tmp_path / "out" / "geojson" / f"{name}.geojson")
        columns = [column for column in layer.columns if column not in ("id", "geometry")]
        assert columns == list(found.tables[name][1].columns)
        assert set(layer.geom_type) == {"Point"}
    layer = gpd.read_file(tmp_path / "out" / "geojson" / "readiness.geojson")
    assert layer["lacks_lan"].sum() == 4
    book = openpyxl.load_workbook(tmp_path / "out" / "report" / "tables.xlsx", read_only=True)
    assert {"Lộ trình một cửa", "Lộ trình theo năm", "Phương án kinh phí"} <= set(book.sheetnames)
    book.close()
    read = open_result(tmp_path / "out")
    assert read.title.en == found.study.name_en
    text = ["indicator", "vi", "en", "status", "origin", "definition_vi"]
    assert read.indicators[text].equals(found.indicators[text])
    np.testing.assert_allclose(read.indicators["computed"], found.indicators["computed"], rtol=1e-5)
    assert read.districts["one_stop_interlinked"].sum() == 2


def test_offices_that_lack_no_work_are_a_class_of_their_own(planned):
    found = run(planned)
    plan = found.rollout.set_index("office_id")
    idle = plan[plan["reason"] == "no_works"]
    assert set(idle.index) == {"VP001", "VP002", "VP003"}
    assert (idle["works"] == "").all()
    assert idle["service_year"].isna().all()
    assert idle["would_enter"].isna().all()
    entering = int(plan["service_year"].notna().sum())
    years = found.rollout_years
    assert set(years["offices_no_works"]) == {len(idle)}
    assert years["offices_entering"].sum() == entering
    assert years["offices_in_service"].to_list()[-1] == entering
    base = found.rollout_scenarios.set_index("scenario").loc["base"]
    assert base["offices_no_works"] == len(idle)
    assert base["offices_in_service"] == entering
    board = found.indicators.set_index("indicator")
    assert board.loc["rollout_offices", "computed"] == entering
    of_communes = found.communes.set_index("commune_code")
    code = plan.loc["VP003", "commune_code"]
    assert of_communes.loc[code, "rollout_outcome"] == "no_works"
    assert pd.isna(of_communes.loc[code, "service_year"])


def test_levels_are_explained_and_interlinked_offices_at_level_0_told_with_what_they_lack(planned):
    told = {note.message: note for note in run(planned).notes}
    meaning = told["pipeline.levels_meaning"]
    assert meaning.render("vi") == (
        "Mức sẵn sàng – mức 0: chưa đủ điều kiện của mức 1; mức 1 cần cáp quang đến trụ sở, mạng "
        "LAN, máy tính cho cán bộ, công chức; mức 2 cần cổng mạng truyền số liệu chuyên dùng, "
        "phần mềm một cửa điện tử, hệ thống quản lý văn bản và điều hành, chứng thư số; mức 3 cần "
        "phòng họp trực tuyến, nguồn điện dự phòng, sóng di động dự phòng tại trụ sở; mức sau gồm "
        "cả các mức trước, điều chưa báo cáo coi như thiếu."
    )
    below = told["pipeline.interlinked_below"]
    assert below.render("vi") == (
        "1 trong 2 trụ sở xã báo cáo một cửa liên thông mà vẫn ở mức 0, vì thiếu hoặc chưa báo cáo "
        "(số trụ sở): máy tính cho cán bộ, công chức (1)."
    )


def test_scenarios_stand_side_by_side_and_more_money_never_gives_less(folder):
    scenario = '[[egov.rollout.scenarios]]\nid = "{0}"\nname = "{0}"\nname_en = "{0}"\n'
    low, high = scenario.format("low"), scenario.format("high")
    add(folder, end=f"{low}budget_factor = 0.5\n{high}budget_factor = 2\n")
    table = run(folder).rollout_scenarios.set_index("scenario")
    assert table["budget_vnd"].to_dict() == {"base": 50, "low": 25, "high": 100}
    assert table.loc["low", "value"] < table.loc["base", "value"] < table.loc["high", "value"]
    assert table.loc["high", "offices_in_service"] == 5


def test_what_the_budget_cannot_do_is_told_with_the_smallest_that_could(folder):
    more = '[[egov.rollout.scenarios]]\nid = "more"\nname = "x"\nname_en = "x"\nbudget_factor = 3\n'
    add(folder, end=more)
    edit(
        folder / "study.toml", "largest_gap = 0\n", "largest_gap = 0\nrequired = { VP008 = 2026 }\n"
    )
    found = run(folder)
    assert found.rollout is None
    # 35 are needed in the first year, which has 30.
    assert "suffices is 5 dong; by year (VND) 2026: 5" in notes(found)["egov.budget_too_small"]
    table = found.rollout_scenarios.set_index("scenario")
    assert pd.isna(table.loc["base", "offices_in_service"])
    assert table.loc["more", "offices_in_service"] == 5
    assert found.readiness is not None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("has_fibre,20", "has_fibre,0", "cost_vnd of has_fibre cannot be used: 0"),
        ("has_fibre,20", "has_fibre,", r"column cost_vnd"),
        ("has_fibre,20", "wifi,20", "prerequisite wifi, which is not in the rule table"),
        ("3,,bảng giá", "3,towers,bảng giá", "waits for towers, but there is no such work"),
        ("3,,bảng giá", "3,has_lan,bảng giá", "in a circle: data_network_port, has_fibre, has_lan"),
    ],
)
def test_works_that_cannot_be_planned_are_refused_before_anything_is_computed(
    folder, old, new, message
):
    assert old in WORKS
    add(folder, works=WORKS.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        phusong.check(phusong.open_study(folder))


def test_an_unknown_required_office_is_refused(planned):
    edit(
        planned / "study.toml",
        "largest_gap = 0\n",
        "largest_gap = 0\nrequired = { VP000 = 2026 }\n",
    )
    with pytest.raises(InputError, match="not among the offices of districts and communes"):
        run(planned)


def test_interlinked_without_lan_is_told_and_planned_for_but_not_mended(planned):
    offices_with(planned, one_stop={"VP008": "interlinked"})
    found = run(planned)
    office = found.offices.set_index("office_id").loc["VP008"]
    assert (office["one_stop"], office["has_lan"]) == ("interlinked", False)
    assert "interlinked_without_lan" in office["contradictions"]
    assert "contradictory figures" in notes(found)["pipeline.contradictions"]
    assert "has_lan" in found.rollout.set_index("office_id").loc["VP008", "works"]


def test_an_office_of_no_known_commune_is_refused_or_planned_without_a_district(planned):
    offices_with(planned, commune_code={"VP007": "99999"})
    with pytest.raises(InputError, match="99999"):
        run(planned)
    edit(planned / "study.toml", 'faulty_rows = "refuse"', 'faulty_rows = "set_aside"')
    found = run(planned)
    office = found.rollout.set_index("office_id").loc["VP007"]
    assert pd.isna(office["district_code"])
    assert office["service_year"] in (2026, 2027)
    assert found.districts["offices"].sum() == 5
    assert found.province["offices"].item() == 6


def test_an_office_whose_cost_is_unknown_is_left_out_and_counted(folder):
    works = WORKS + "computers_per_official,1,0,,bảng giá\n"
    add(folder, works=works)
    offices_with(folder, computers={"VP002": None})
    required = "largest_gap = 0\nrequired = { VP008 = 2027, VP003 = 2027 }\n"
    edit(folder / "study.toml", "largest_gap = 0\n", required)
    found = run(folder)
    rollout = found.rollout.set_index("office_id")
    assert rollout.loc["VP002", "reason"] == "unknown_cost"
    # The communes of the second district wait for their centre.
    waiting = rollout.index[rollout["reason"] == "centre_not_in_service"]
    assert list(waiting) == ["VP006", "VP007", "VP008"]
    assert "4 offices are not planned" in notes(found)["pipeline.rollout_left_out"]
    assert notes(found)["pipeline.required_left_out"].endswith("requirement: VP008.")


def test_an_office_that_lacks_nothing_waits_for_its_centre_without_a_cost(folder):
    add(folder, works="prerequisite,cost_vnd,crew_days,after,source\n"
        "computers_per_official,1,0,,bảng giá\n")  # fmt: skip
    offices_with(folder, computers={"VP002": None, "VP006": "99"})
    office = run(folder).rollout.set_index("office_id").loc["VP006"]
    assert office["reason"] == "centre_not_in_service"
    assert office[["works", "cost_vnd", "crew_days"]].to_list() == ["", 0, 0]


def test_without_offices_of_districts_and_communes_the_plan_is_empty(planned, tmp_path):
    table = pd.read_csv(planned / "offices.csv", dtype=str)
    table[table["level"] == "province"].to_csv(planned / "offices.csv", index=False)
    found = run(planned)
    assert len(found.rollout) == 0
    assert found.rollout_years["spent_vnd"].to_list() == [0, 0]
    found.write(tmp_path / "out")


def test_fibre_that_nobody_reported_is_computed_from_the_spans_and_marked(whole):
    add(whole)
    given = run(whole).offices.set_index("office_id")
    assert set(given["fibre_origin"]) == {"given"}
    offices_with(whole, has_fibre={"VP003": None, "VP008": None})
    found = run(whole)
    offices = found.offices.set_index("office_id")
    # The first commune lies on a cable; that of the last is planned only.
    assert offices.loc[["VP003", "VP008"], "has_fibre"].to_list() == [True, False]
    assert offices.loc[["VP003", "VP008"], "fibre_origin"].to_list() == ["computed"] * 2
    assert offices.loc["VP004", "fibre_origin"] == "given"
    assert "2 offices did not report fibre" in notes(found)["pipeline.fibre_computed"]


def test_fallback_is_whether_the_pixel_of_the_office_is_served(result, pristine):
    offices = result.offices[result.offices["level"] == "commune"].set_index("commune_code")
    covered = result.communes.set_index("commune_code")["centre_covered_mobile"]
    assert offices["mobile_fallback"].astype(bool).to_dict() == covered.astype(bool).to_dict()
    margin = result.services["mobile"].margin_db
    middle = float(margin["x"].mean())
    given = load(result.study)
    given.tables["offices"].loc[0, "geometry"] = Point(0, 0)
    west = np.broadcast_to((margin["x"] < middle).to_numpy(), margin.shape)
    half = margin.copy(data=np.where(west, 1.0, -1.0))
    found = judged(result.study, given, {"mobile": half}).offices
    assert pd.isna(found["mobile_fallback"].iloc[0])
    assert found["mobile_fallback"].iloc[1:].to_list() == (found.geometry.x < middle)[1:].to_list()


def test_fallback_stays_unknown_without_coverage(folder):
    found = run(folder)
    assert "mobile_fallback" not in found.offices
    assert set(found.offices["unknown_prerequisites"]) == {"mobile_fallback"}
    assert notes(found)["pipeline.no_fallback"] == (
        "The rules ask for mobile fallback, which is unknown: "
        "it needs coverage and the mobile service to fall back on "
        "(“[egov] mobile_fallback” in study.toml)."
    )


def test_coverage_is_computed_only_where_the_rules_ask_for_it(whole):
    study = phusong.open_study(whole)
    assert parts_for_egov(study) == ("coverage", "egov")
    edit(whole / "study.toml", '"nd_118_2025" ', '"qd_09_2015" ')
    assert parts_for_egov(phusong.open_study(whole)) == ("egov",)


def test_weights_of_the_users_own_table_decide_who_comes_first(folder):
    codes = pd.read_csv(folder / "offices.csv", dtype=str).set_index("office_id")["commune_code"]
    add(folder, inputs='priorities = "priorities.csv"\n')
    edit(folder / "study.toml", "budget_vnd = 30", "budget_vnd = 10")
    edit(folder / "study.toml", "budget_vnd = 20", "budget_vnd = 0")
    edit(folder / "study.toml", "{ files_per_year = 1, population = 1 }", "{ border = 1 }")
    for favoured, other in (("VP005", "VP007"), ("VP007", "VP005")):
        (folder / "priorities.csv").write_text(
            f"commune_code,border\n{codes[favoured]},có\n", encoding="utf-8"
        )
        rollout = run(folder).rollout.set_index("office_id")
        assert rollout.loc[favoured, "service_year"] == 2026
        assert pd.isna(rollout.loc[other, "service_year"])


def test_distance_weighs_by_the_straight_way_to_the_nearest_district_centre(folder):
    add(folder)
    edit(
        folder / "study.toml",
        "{ files_per_year = 1, population = 1 }",
        "{ distance_to_centre_m = 1 }",
    )
    found = run(folder)
    rollout = found.rollout.set_index("office_id")
    centres = rollout[rollout["level"] == "district"]
    own = rollout[rollout["level"] == "commune"]
    away = own.geometry.apply(lambda point: centres.distance(point).min())
    np.testing.assert_allclose(own["value"], away / away.sum())
    assert (centres["value"] == 0).all()


def test_budgets_of_the_command_replace_those_of_the_study(planned):
    study = phusong.open_study(planned)
    changed = with_budgets(study, [0, 5])
    years = phusong.run(changed, parts=("egov",)).rollout_years
    assert years["budget_vnd"].to_list() == [0, 5]
    assert years["spent_vnd"].to_list() == [0, 5]
    with pytest.raises(RolloutError, match="the rollout's years are 2026, 2027"):
        with_budgets(study, [1])
    with pytest.raises(RolloutError, match="zero or more"):
        with_budgets(study, [1, -1])


def test_without_a_rollout_there_are_no_budgets_to_change(folder):
    with pytest.raises(RolloutError, match="has no rollout"):
        with_budgets(phusong.open_study(folder), [1])


def filled_template(path, prices):
    """Write the template and fill in prices, as a person would."""
    write_egov_template(path)
    book = openpyxl.load_workbook(path)
    sheet = book["works"]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in range(sheet.max_row, 1, -1):
        price = prices.get(sheet.cell(row, at["prerequisite"]).value)
        if price is None:
            sheet.delete_rows(row)
            continue
        sheet.cell(row, at["cost_vnd"]).value = price
        sheet.cell(row, at["crew_days"]).value = 1
        sheet.cell(row, at["source"]).value = "báo giá"
    book.save(path)


def test_a_filled_template_is_read_back_as_rules_and_works(whole):
    filled_template(whole / "mau.xlsx", {"has_lan": 10, "has_fibre": 20})
    add(whole, inputs='readiness_rules = { path = "mau.xlsx", sheet = "readiness_rules" }\n')
    edit(
        whole / "study.toml",
        'works = "works.csv"',
        'works = { path = "mau.xlsx", sheet = "works" }',
    )
    edit(whole / "study.toml", 'rules = "nd_118_2025"', 'legal_basis = "QĐ của tỉnh"')
    study = phusong.open_study(whole)
    assert parts_for_egov(study) == ("coverage", "egov")  # the table may ask for it
    found = run(whole)
    assert len(found.rules.rules) == len(RULES["nd_118_2025"].rules)
    assert set(found.rules.rules) == set(RULES["nd_118_2025"].rules)
    assert found.rules.legal_basis == "QĐ của tỉnh"
    assert found.rollout.set_index("office_id").loc["VP008", "cost_vnd"] == 30


def test_a_rule_table_with_faults_is_refused_with_all_of_them(folder):
    write_egov_template(folder / "mau.xlsx")
    rules = pd.read_excel(folder / "mau.xlsx", sheet_name="readiness_rules", engine="openpyxl")
    rules.loc[0, "field"], rules.loc[1, "level"] = "wifi", 9
    rules.to_csv(folder / "rules.csv", index=False)
    edit(folder / "study.toml", "[inputs]\n", '[inputs]\nreadiness_rules = "rules.csv"\n')
    edit(folder / "study.toml", 'rules = "nd_118_2025"', 'legal_basis = "QĐ của tỉnh"')
    with pytest.raises(InputError, match=r"judged by the column wifi[\s\S]*without holes") as told:
        run(folder)
    assert {problem.file for problem in told.value.problems} == {"rules.csv"}


def test_a_template_never_replaces_one_that_may_be_filled_in(tmp_path):
    write_egov_template(tmp_path / "mau.xlsx")
    with pytest.raises(OutputError, match="may have been filled in"):
        write_egov_template(tmp_path / "mau.xlsx")


def test_a_list_of_prerequisites_is_a_rule_table_of_one_level(folder):
    edit(
        folder / "study.toml",
        'rules = "nd_118_2025"',
        'legal_basis = "QĐ của tỉnh"\nprerequisites = [{ name = "has_lan" }]',
    )
    found = run(folder)
    levels = found.readiness.set_index("office_id")["readiness_level"]
    ready = found.offices.set_index("office_id")["ready"]
    assert levels.to_dict() == ready.astype(int).to_dict()


def test_prerequisites_that_cannot_be_judged_are_refused_all_at_once(folder):
    edit(
        folder / "study.toml",
        'rules = "nd_118_2025"',
        'legal_basis = "QĐ"\nprerequisites = [{ name = "wifi" }, { name = "mailboxes" }, '
        '{ name = "has_lan", minimum = 1 }]',
    )
    with pytest.raises(InputError, match="no prerequisite wifi") as told:
        phusong.check(phusong.open_study(folder))
    assert [problem.key[-1] for problem in told.value.problems] == ["1", "2", "3"]


def test_systems_have_a_target_a_status_and_a_row_even_without_a_figure(folder):
    edit(
        folder / "study.toml",
        "[egov]\n",
        '[egov]\ntargets = [{ indicator = "lan_share", value = 1 }, '
        '{ indicator = "document_system_share", value = 1 }]\n',
    )
    with (folder / "study.toml").open("a", encoding="utf-8") as study:
        study.write(
            '\n[[published]]\nindicator = "documents_signed_share"\nvalue = 0.2\nsource = "X"\n'
        )
    board = run(folder).indicators.set_index("indicator")
    assert board["status"].loc[
        ["lan_share", "document_system_share", "mailboxes", "documents_signed_share",
         "service_centre_links"]
    ].to_list() == ["missed", "met", "no_target", "reported_only", "no_figure"]  # fmt: skip
    assert board.loc["service_centre_links", "origin"] == "no_figure"


def test_absurd_reports_are_told_by_check_with_their_place_and_used_as_reported(folder):
    offices_with(folder, computers={"VP003": "9000"}, lan_year={"VP004": "2099"})
    told = [note.render("en") for note in phusong.check(phusong.open_study(folder))]
    row = pd.read_csv(folder / "offices.csv")["office_id"].tolist().index("VP003") + 2
    (computers,) = [text for text in told if "few places" in text]
    assert computers.startswith(f"offices.csv, row {row}, column computers, value '9000': VP003: ")
    assert any("column lan_year" in text and "after the study's date" in text for text in told)
    rules = "rule,figure,per,minimum,maximum,vi,en\nfew,officials,,,{},ít,too many\n"
    (folder / "limits.csv").write_text(rules.format(1), encoding="utf-8")
    edit(folder / "study.toml", "[inputs]\n", '[inputs]\nplausibility_rules = "limits.csv"\n')
    told = [note.render("en") for note in phusong.check(phusong.open_study(folder))]
    assert not any("few places" in text for text in told)
    assert any("too many" in text and "column officials" in text for text in told)
    (folder / "limits.csv").write_text(rules.format(""), encoding="utf-8")
    with pytest.raises(InputError, match=r"limits\.csv.*few needs a minimum or a maximum"):
        phusong.check(phusong.open_study(folder))


def test_missing_reports_leave_the_verdict_open_and_are_told(folder):
    target = '[egov]\ntargets = [{ indicator = "lan_share", value = 0.5 }]\n'
    edit(folder / "study.toml", "[egov]\n", target)
    table = pd.read_csv(folder / "offices.csv", dtype=str)
    table.loc[table["office_id"] == "VP004", "has_lan"] = None
    second = table[table["office_id"] == "VP003"].assign(office_id="VP103")
    table = pd.concat([table[table["office_id"] != "VP005"], second])
    table.to_csv(folder / "offices.csv", index=False)
    found = run(folder)
    row = found.indicators.set_index("indicator").loc["lan_share"]
    assert (row["reported"], row["reported_of"], row["status"]) == (4, 6, "undecided")
    assert (row["computed"], row["computed_most"]) == pytest.approx((2 / 6, 4 / 6))
    shown = board_rows(found.indicators, "en")
    (lan,) = [each for each in shown if each.label == "Communes with a LAN"]
    assert (lan.computed, lan.verdict) == ("33.3 % – 66.7 %", "undecided: not all reported")
    assert found.province["offices"].item() == 5
    told = notes(found)
    assert "1 of 6 communes lists no office" in told["pipeline.communes_without_office"]
    assert told["pipeline.second_offices"].startswith("1 commune office is not the first")
    assert told["pipeline.not_reported"].endswith("of 5 communes): LAN (1).")


def test_a_target_for_a_system_that_is_not_on_the_board_is_refused(folder):
    edit(
        folder / "study.toml", "[egov]\n", '[egov]\ntargets = [{ indicator = "wifi", value = 1 }]\n'
    )
    with pytest.raises(InputError, match="no such system"):
        run(folder)


@pytest.mark.parametrize(
    ("computed", "target", "published", "told"),
    [
        (0.98, 0.98, True, "met"),
        (0.9799999, 0.98, True, "missed"),
        (np.nan, 0.98, True, "reported_only"),
        (np.nan, np.nan, False, "no_figure"),
        (0.5, np.nan, True, "no_target"),
    ],
)
def test_only_a_computed_figure_is_judged_and_the_target_itself_meets_it(
    computed, target, published, told
):
    assert status(computed, target, published=published) == told


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [(0.98, 1.0, "met"), (0.9, 0.98, "undecided"), (0.9, 0.97, "missed"), (0.9, 0.9, "missed")],
)
def test_a_verdict_waits_while_missing_reports_may_turn_it(least, most, told):
    assert status(least, 0.98, published=False, most=most) == told


def merged(folder, served):
    """Merge all communes into centres at the seats of some offices."""
    offices = pd.read_csv(folder / "offices.csv", dtype=str).set_index("office_id")
    rows = [
        {
            "office_id": f"TT{seat}",
            "name": f"Trung tâm {seat}",
            "commune_codes": ", ".join(offices.loc[list(named), "commune_code"]),
            **offices.loc[seat, ["lon", "lat"]],
        }
        for seat, named in served.items()
    ]
    pd.DataFrame(rows).to_csv(folder / "after.csv", index=False)
    edit(folder / "study.toml", "[inputs]\n", '[inputs]\ncentres_after = "after.csv"\n')
    edit(
        folder / "study.toml",
        "# Lộ trình theo năm",
        "[egov.access]\nroad_kmh = 30\nwalk_kmh = 4\nlongest_walk_m = 3000\n"
        "longest_travel_min = 45\n# Lộ trình theo năm",
    )


def test_a_centre_that_stays_changes_nothing_and_one_that_goes_moves_its_villages(whole):
    merged(whole, {"VP003": ["VP003", "VP004", "VP005"], "VP006": ["VP006", "VP007", "VP008"]})
    found = run(whole)
    codes = found.offices.set_index("office_id")["commune_code"]
    ways = found.access
    assert len(ways) == len(found.villages)
    stays = ways[ways["commune_code"].isin(codes[["VP003", "VP006"]])]
    assert stays["old_travel_min"].notna().any()
    np.testing.assert_array_equal(stays["old_travel_min"], stays["new_travel_min"])
    assert not stays["moved_beyond"].fillna(False).any()
    both = ways.dropna(subset=["new_travel_min", "nearest_travel_min"])
    assert (both["nearest_travel_min"] <= both["new_travel_min"] + 1e-9).all()
    moved = ways[ways["commune_code"].isin(codes[["VP005", "VP008"]])]
    assert (moved["new_travel_min"] > moved["old_travel_min"]).any()
    assert "30" in notes(found)["pipeline.access_basis"]


def test_a_commune_split_between_two_centres_goes_village_by_village_to_the_nearer(whole):
    merged(whole, {"VP003": ["VP003", "VP004"], "VP005": ["VP004", "VP005"]})
    found = run(whole)
    codes = found.offices.set_index("office_id")["commune_code"]
    assert notes(found)["pipeline.access_split"] == (
        f"Communes split between new centres ({codes['VP004']}): each village goes to the nearest "
        "of them in a straight line."
    )
    east = found.access[found.access["commune_code"].isin(codes[["VP006", "VP007", "VP008"]])]
    assert (len(east), east["new_travel_min"].count()) == (18, 0)
    assert notes(found)["pipeline.access_unserved"].split(" villages")[0] == "18"


def test_a_centre_that_serves_an_unknown_commune_is_refused(folder):
    merged(folder, {"VP003": ["VP003"]})
    edit(folder / "after.csv", "TTVP003", "TTVP003")
    table = pd.read_csv(folder / "after.csv", dtype=str).assign(commune_codes="99999")
    table.to_csv(folder / "after.csv", index=False)
    with pytest.raises(InputError, match="TTVP003 serves a commune code"):
        run(folder)


@functools.cache
def loaded(folder):
    study = phusong.open_study(folder)
    return study, load(study)


@pytest.fixture(scope="module")
def planned_once(pristine, tmp_path_factory):
    folder = shutil.copytree(pristine, tmp_path_factory.mktemp("plan") / "study")
    add(folder)
    return folder


@settings(max_examples=12)
@given(
    budgets=st.lists(st.integers(0, 60), min_size=2, max_size=2),
    crew=st.integers(0, 12),
    carry_over=st.booleans(),
    bonus=st.sampled_from([0.0, 0.5]),
    required=st.dictionaries(
        st.sampled_from(sorted(COST)), st.sampled_from([2026, 2027]), max_size=1
    ),
)
def test_no_plan_of_a_study_breaks_a_budget_an_order_a_centre_or_a_requirement(
    planned_once, budgets, crew, carry_over, bonus, required
):
    study, given = loaded(planned_once)
    study = with_budgets(study, budgets)
    rollout = study.egov.rollout
    years = tuple(year.model_copy(update={"crew_days": float(crew)}) for year in rollout.years)
    rollout = rollout.model_copy(
        update={"years": years, "carry_over": carry_over, "district_bonus": bonus,
                "required": required}
    )  # fmt: skip
    study = study.model_copy(update={"egov": study.egov.model_copy(update={"rollout": rollout})})
    found = judged(study, given, {})
    plan = found.rollout.plan
    if plan is None:
        assert required
        assert any(note.message.endswith("too_small") for note in found.notes)
        return
    table = found.rollout.years
    left = table["budget_vnd"] - table["spent_vnd"]
    assert ((left.cumsum() if carry_over else left) >= 0).all()
    assert (table["crew_days_used"] <= crew).all()
    when = found.rollout.works.set_index(["office_id", "work"])["year"]
    plan = plan.set_index("office_id")
    for (office, work), year in when.items():
        for earlier in {"has_lan": ("has_fibre", "data_network_port"),
                        "data_network_port": ("has_fibre",)}.get(work, ()):  # fmt: skip
            assert when.get((office, earlier), year) <= year
    for office, row in plan[plan["service_year"].notna()].iterrows():
        mine = when[when.index.get_level_values(0) == office]
        assert set(mine.index.get_level_values(1)) == set(filter(None, row["works"].split(", ")))
        assert (mine <= row["service_year"]).all()
        centre = plan[
            (plan["level"] == "district") & (plan["district_code"] == row["district_code"])
        ]
        # A centre that was ready before the plan has no year.
        assert (centre["service_year"].fillna(0) <= row["service_year"]).all()
    for office, year in required.items():
        entry = plan.loc[office]
        assert entry["reason"] == "no_works" or entry["service_year"] <= year
