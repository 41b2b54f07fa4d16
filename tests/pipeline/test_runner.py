"""One run of a study: every table as documented, every row accounted for, the same bytes twice."""

import hashlib
import json
import re
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

import phusong
from phusong.errors import InputError, StudyError, TerrainError, WrongKindError


def edit(folder, name, old, new, count=1):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, count), encoding="utf-8")


@pytest.fixture
def run(small_losses):
    """Return how to compute a folder; masts that stand as before are not predicted anew."""

    def compute(folder, *parts):
        study = phusong.open_study(folder)
        return phusong.run(study, parts=parts or None, cache_folder=small_losses)

    return compute


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_stands_for_its_study(offices_alone):
    assert len(phusong.run(offices_alone).readiness) == len(
        phusong.run(phusong.open_study(str(offices_alone))).readiness
    )
    assert not phusong.check(str(offices_alone)).fault
    with pytest.raises(StudyError, match=r"study\.toml"):
        phusong.run(offices_alone / "nowhere")


def test_what_is_neither_study_nor_folder_is_told(offices_alone, tmp_path):
    study = phusong.open_study(offices_alone)
    asked = {
        "run": lambda: phusong.run(None),
        "check": lambda: phusong.check(offices_alone.iterdir()),
        "verify": lambda: phusong.verify(tmp_path, 7),
        "path_profile": lambda: phusong.path_profile(["x"], to=(105.0, 22.8)),
        "what_if": lambda: phusong.what_if(str(offices_alone), None),
        "site": lambda: phusong.site(study),
    }
    for name, ask in asked.items():
        with pytest.raises(WrongKindError, match=f"“{name}” takes") as refused:
            ask()
        assert isinstance(refused.value, TypeError)
    with pytest.raises(WrongKindError, match=r"what_if.* got '.*study'"):
        phusong.what_if(offices_alone, None)


def test_every_table_has_only_documented_columns_in_their_order(result):
    for name, (frame, definition) in result.tables.items():
        columns = [column for column in frame.columns if column != "geometry"]
        assert columns == [each for each in definition.columns if each in columns], name
        assert set(definition.key) <= set(columns), name


def test_communes_of_the_result_are_those_of_the_input(result, pristine):
    given = gpd.read_file(pristine / "communes.geojson")
    assert sorted(result.communes["commune_code"]) == sorted(given["commune_code"])
    assert result.communes.crs.to_epsg() == 9209


def test_people_of_the_raster_are_those_of_the_province(result, pristine):
    with rasterio.open(pristine / "population.tif") as source:
        people = source.read(1, masked=True).sum()
    assert result.province["population"].item() == pytest.approx(float(people), rel=1e-3)


def test_covered_and_uncovered_people_add_up(result):
    province = result.province.iloc[0]
    listed = result.gaps.loc[result.gaps["service"] == "mobile", "population"].sum()
    unlisted = sum(
        note.values["people"] for note in result.notes if note.message == "pipeline.gaps_unlisted"
    )
    # The note rounds people to whole ones.
    assert province["covered_population_mobile"] + listed + unlisted == pytest.approx(
        province["population"], abs=1
    )


def test_districts_add_up_to_the_province(result):
    for column in ("population", "covered_population_mobile", "villages", "stations", "offices"):
        total = result.districts[column].sum()
        assert total == pytest.approx(result.province[column].item(), rel=1e-6), column


def test_signal_rasters_lie_on_the_communes(result):
    rasters = result.services["mobile"]
    assert rasters.margin_db.shape == result.terrain.shape
    served = rasters.margin_db.to_numpy() >= 0
    assert (rasters.best_server.to_numpy()[served] >= 0).all()
    assert rasters.best_server.max() < len(result.cells)


def test_published_figures_stand_beside_the_computed_and_change_nothing(folder, result, run):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text
        + '\n[[published]]\nindicator = "covered_population_share_mobile"\nvalue = 0.123\n'
        + 'source = "X"\n[[published]]\nindicator = "signed_share"\nvalue = 0.25\nsource = "Y"\n'
        + 'name = "Ký số"\nname_en = "Signed"\nunit = "share"\n',
        encoding="utf-8",
    )
    board = run(folder, "coverage", "egov").indicators.set_index("indicator")
    before = result.indicators.set_index("indicator")
    row = board.loc["covered_population_share_mobile"]
    assert row["published"] == 0.123
    assert row["computed"] == before.loc["covered_population_share_mobile", "computed"]
    assert board.loc["signed_share", "origin"] == "reported_only"
    assert np.isnan(board.loc["signed_share", "computed"])


def test_published_figure_without_words_is_refused(folder, run):
    with (folder / "study.toml").open("a", encoding="utf-8") as study:
        study.write('\n[[published]]\nindicator = "signed_share"\nvalue = 0.25\nsource = "Y"\n')
    with pytest.raises(InputError, match=r"published\.1.*does not compute this indicator"):
        run(folder)


def test_cells_off_air_on_the_day_do_not_count(folder, run):
    table = pd.read_csv(folder / "cells.csv", dtype=str)
    table.loc[0, "status"] = "off"
    table.loc[1, "on_air_from"] = "2018-01-01"
    table.loc[2, "on_air_to"] = "2017-12-31"
    table.to_csv(folder / "cells.csv", index=False)
    found = run(folder, "coverage")
    assert len(found.cells) == len(table) - 3
    assert any(
        note.message == "pipeline.cells_off_air" and note.values["count"] == 3
        for note in found.notes
    )


def test_planned_cell_that_breaks_a_rule_is_still_told(folder, run):
    table = pd.read_csv(folder / "cells.csv", dtype=str)
    table.loc[0, "frequency_mhz"] = "nine hundred"
    table.to_csv(folder / "cells.csv", index=False)
    with pytest.raises(InputError, match=r"cells\.csv, row 2, column frequency_mhz"):
        run(folder)


@pytest.mark.usefixtures("sheets_not_drawn")
def test_faulty_rows_are_set_aside_where_the_study_allows_it(offices_alone, tmp_path, run):
    table = pd.read_csv(offices_alone / "offices.csv", dtype=str)
    table.loc[0, "officials"] = "nine hundred"
    table.to_csv(offices_alone / "offices.csv", index=False)
    edit(offices_alone, "study.toml", 'faulty_rows = "refuse"', 'faulty_rows = "set_aside"')
    found = run(offices_alone)
    assert found.offices["office_id"].to_list() == sorted(table["office_id"][1:])
    assert found.rejected["offices"]["row"].to_list() == [2]
    found.write(tmp_path / "out")
    listed = (tmp_path / "out" / "rejected" / "offices.csv").read_text(encoding="utf-8-sig")
    assert "nine hundred" in listed
    read = phusong.open_result(tmp_path / "out").rejected
    assert read["offices"]["officials"].to_list() == ["nine hundred"]


def test_mast_outside_the_terrain_is_listed_as_rejected(folder, run):
    table = pd.read_csv(folder / "cells.csv", dtype=str)
    table.loc[0, ["lon", "lat"]] = ["108.0", "12.0"]
    table.to_csv(folder / "cells.csv", index=False)
    found = run(folder, "coverage")
    assert found.rejected["cells"]["cell_id"].to_list() == [table.loc[0, "cell_id"]]


def test_offices_alone_give_readiness(offices_alone, run):
    found = run(offices_alone)
    assert found.communes is None
    assert found.offices["lacks_lan"].notna().all()
    assert {note.message for note in found.notes} == {
        "pipeline.no_coverage", "pipeline.no_fibre", "pipeline.no_survey", "pipeline.rules",
        "pipeline.no_village_lists", "pipeline.no_measured",
        "egov.law_nd_118_2025",
        "pipeline.no_fallback", "pipeline.contradictions", "pipeline.levels_meaning",
        "pipeline.interlinked_below",
    }  # fmt: skip


@pytest.mark.usefixtures("sheets_not_drawn")
def test_offices_alone_write_a_folder(offices_alone, tmp_path, run):
    page = run(offices_alone).write(tmp_path / "out")
    assert page == tmp_path / "out" / "index.html"
    assert sorted(each.name for each in page.parent.iterdir()) == [
        "catalogue", "geojson", "gis", "index.html", "manifest.json", "maps", "report",
    ]  # fmt: skip


def test_without_a_population_raster_people_come_from_the_villages_and_it_says_so(
    folder, without, run
):
    without("population")
    found = run(folder, "territory")
    villages = pd.read_csv(folder / "villages.csv")
    assert found.province["population"].item() == pytest.approx(
        villages["population"].sum(), rel=1e-6
    )
    assert "pipeline.people_from_villages" in {note.message for note in found.notes}


def test_terrain_that_misses_the_communes_is_refused(folder, run):
    with rasterio.open(folder / "terrain.tif") as source:
        profile, values = source.profile, source.read(1)
    profile.update(width=values.shape[1] // 2)
    with rasterio.open(folder / "terrain.tif", "w", **profile) as cut:
        cut.write(values[:, : values.shape[1] // 2], 1)
    with pytest.raises(TerrainError, match=r"missing for"):
        run(folder)


def test_a_run_with_other_threads_and_without_pyarrow_writes_the_same_bytes(
    pristine, written, small_losses, tmp_path
):
    # pandas keeps texts in pyarrow's arrays where it finds it, and in its own where not.
    alone = (
        "import sys; sys.modules['pyarrow'] = None; from phusong.cli import app; app(sys.argv[1:])"
    )
    words = ["run", pristine, "--out", tmp_path / "out", "--cache", small_losses, "--threads", "2"]
    subprocess.run([sys.executable, "-c", alone, *words], check=True, capture_output=True)
    assert digests(tmp_path / "out") == digests(written)


def test_manifest_names_every_file_with_its_digest(written, pristine):
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    found = digests(written)
    del found["manifest.json"]
    listed = {entry["path"]: entry["sha256"] for entry in manifest["outputs"]}
    assert listed == found
    assert {"study.toml", "cells.csv", "terrain.tif"} <= {
        entry["path"] for entry in manifest["inputs"]
    }
    assert all(str(folder.parent) not in json.dumps(manifest) for folder in (written, pristine))


def test_no_page_names_a_resource_of_the_internet(written):
    pages = {page.name: page.read_text(encoding="utf-8") for page in written.rglob("*.html")}
    assert {"index.html", "overview.html", "coverage.html"} <= set(pages)
    fetched = r"""(?:src=["']|<link rel="stylesheet" href="|url\()https?:[^"')]*"""
    assert [each for text in pages.values() for each in re.findall(fetched, text)] == []


def test_board_reads_as_words(result):
    board = result.board("en")
    assert list(board.columns)[:3] == ["Indicator", "Published", "Computed"]
    assert board["Computed"].str.len().gt(0).all()


def test_code_that_means_another_unit_on_that_day_does_not_count(folder, run):
    path = folder / "communes.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    later = json.loads(json.dumps(content["features"][0]))
    later["properties"].update(valid_from="2020-01-01", name="Xã sau này")
    later.pop("id", None)
    content["features"].append(later)
    path.write_text(json.dumps(content), encoding="utf-8")
    found = run(folder, "coverage")
    assert sum(found.communes["name"] == "Xã sau này") == 0
    told = [n for n in found.notes if n.message == "pipeline.communes_not_in_force"]
    assert [note.values["count"] for note in told] == [1]


def test_misspelt_operator_is_refused_and_the_known_ones_named(folder, run):
    edit(folder, "study.toml", "operators = []", 'operators = ["Vietel"]')
    with pytest.raises(InputError, match=r"services\.1\.operators.*'Vietel'.*Viettel"):
        run(folder)


def test_service_that_no_cell_gives_says_so(folder, run):
    edit(folder, "study.toml", '["2G", "3G", "4G", "5G"]', '["5G"]')
    edit(folder, "study.toml", "{ 2G = -98, 3G = -105, 4G = -115, 5G = -115 }", "{ 5G = -115 }")
    found = run(folder, "coverage")
    assert found.province["covered_population_mobile"].item() == 0
    assert "pipeline.nothing_serves" in {note.message for note in found.notes}


def test_centre_target_judges_where_no_other_target_does(folder, run):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    start = text.index("\n[[targets]]", text.index('scope = "province"'))
    end = text.index("\n[radio]")
    target = (
        '\n[[targets]]\nservice = "mobile"\nshare = 1.0\n'
        'denominator = "commune_centres"\nscope = "commune_centre"\n'
    )
    (folder / "study.toml").write_text(text[:start] + target + text[end:], encoding="utf-8")
    communes = run(folder, "coverage").communes
    expected = communes["centre_covered_mobile"].map({True: "met", False: "missed"})
    assert communes["target_verdict_mobile"].to_list() == expected.to_list()


def test_share_published_in_per_cent_is_refused(folder, run):
    with (folder / "study.toml").open("a", encoding="utf-8") as study:
        study.write(
            '\n[[published]]\nindicator = "covered_population_share_mobile"\nvalue = 98.0\n'
            'source = "Y"\n'
        )
    with pytest.raises(InputError, match=r"write 98 % as 0\.98"):
        run(folder)


@pytest.mark.usefixtures("sheets_not_drawn")
def test_without_radio_inputs_districts_still_count_their_offices(folder, without, tmp_path, run):
    without("cells", "terrain", "population", "spans", "nodes", "roads")
    with (folder / "study.toml").open("a", encoding="utf-8") as study:
        study.write(
            '\n[[published]]\nindicator = "covered_population_share_mobile"\nvalue = 0.98\n'
            'source = "Y"\n'
        )
    found = run(folder)
    assert len(found.districts) == 2
    assert found.districts["offices"].sum() == found.province["offices"].item() == 6
    board = found.indicators.set_index("indicator")
    assert board.loc["covered_population_share_mobile", "origin"] == "reported_only"
    assert found.write(tmp_path / "out").is_file()
