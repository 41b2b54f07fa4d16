"""Two results compared: what was gained and lost, all that may be the reason, nothing invented."""

import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import jsonschema
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import CompareError
from phusong.i18n import percent
from phusong.pipeline.outputs.compare import _together, listed, unlisted
from phusong.pipeline.outputs.comparison import _altered
from phusong.tables import COMPARISON_TABLES, REASONS


@pytest.fixture(scope="module")
def altered(pristine, small_losses, tmp_path_factory) -> phusong.Result:
    """Return the small study with a site gone, a mast raised, and people moved into a commune."""
    folder = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("altered") / "study"))
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    cells = cells[cells["site_id"] != "THU0005"]
    cells.loc[cells["station_id"] == "THU0001-3G", "antenna_height_m"] = "45"
    turned = cells.index[cells["station_id"] == "THU0002-4G"][0]
    cells.loc[turned, "rs_eirp_dbm"] = "20"
    cells.to_csv(folder / "cells.csv", index=False)
    study = phusong.open_study(folder)
    parts = ["coverage", "evidence"]
    return phusong.run(study, parts=parts, threads=2, cache_folder=small_losses)


@pytest.fixture(scope="module")
def found(result, altered):
    return result.compare(altered)


def test_stations_new_gone_and_altered_are_told_with_what_was_altered(found):
    stations = found.tables["compared_stations"].set_index("station_id")
    gone = stations[stations["station_change"] == "vanished"]
    assert set(gone["site_id"]) == {"THU0005"}
    raised = stations.loc["THU0001-3G"]
    assert raised["station_change"] == "altered"
    assert re.fullmatch(r"antenna_height_m: 33 → 45", raised["altered_fields"])
    weaker = stations.loc["THU0002-4G", "altered_fields"]
    assert re.fullmatch(r"rs_eirp_dbm: (\S+) → 20, \1, \1", weaker)
    assert len(stations) == len(gone) + 2


def test_stations_with_commas_in_their_ids_stay_whole_in_districts():
    ids = ["Na, Hang", 'Cột "A"', "B1"]
    communes = pd.Series([listed(ids[:2]), listed(ids[1:]), "", None])
    assert unlisted(_together(communes)) == sorted(ids)
    assert _together(pd.Series(["settings, cells", "cells"])) == "cells, settings"


def test_signs_within_an_id_do_not_part_what_was_altered():
    told = "site_id: A; B: 1 → A; operator: X → Y; place: 12 m"
    assert _altered(told).en.split(": ", 1)[1].startswith("A; B: 1 → A; ")
    assert _altered(told).en.endswith(": 12 m")


def test_gains_and_losses_are_the_differences_of_the_two_results(found, result, altered):
    communes = found.tables["compared_communes"].set_index("commune_code")
    before, after = (one.communes.set_index("commune_code") for one in (result, altered))
    gained = after["covered_population_mobile"] - before["covered_population_mobile"]
    pd.testing.assert_series_equal(
        communes["covered_population_gained_mobile"], gained, check_names=False
    )
    assert set(communes["change_mobile"]) >= {"lost", "same"}
    assert (communes["change_mobile"] == "lost").equals(gained < -1e-5)
    villages = found.tables["compared_villages"]
    flags = [one.villages.set_index("village_id")["covered_mobile"] for one in (result, altered)]
    assert set(villages["village_id"]) == set(flags[0].index[flags[0] != flags[1]])
    province = found.tables["compared_province"].iloc[0]
    assert province["villages_lost_mobile"] == (villages["change"] == "lost").sum()
    assert province["covered_population_gained_mobile"] == pytest.approx(gained.sum(), abs=1e-3)


def test_a_commune_has_the_reasons_that_bear_on_it_and_no_others(found, result):
    communes = found.tables["compared_communes"].set_index("commune_code")
    servers = result.commune_servers
    by_gone = set(servers.loc[servers["site_id"] == "THU0005", "commune_code"])
    for code, row in communes.iterrows():
        reasons = set(row["reasons_mobile"].split(", ")) - {""}
        assert reasons <= set(REASONS)
        if row["change_mobile"] == "same":
            continue
        assert ("station_gone" in reasons) == (code in by_gone), code
        # The file differs, but its stations tell in what.
        assert ("cells" in reasons) == (not any(one.startswith("station") for one in reasons))
        assert not reasons & {"people", "boundary", "villages", "ground", "settings", "program"}
    assert communes["stations_gone_mobile"].str.contains("THU0005").any()


def test_settings_files_and_people_that_differ_are_named(pristine, result, tmp_path):
    folder = Path(shutil.copytree(pristine, tmp_path / "study"))
    toml = folder / "study.toml"
    toml.write_text(
        toml.read_text("utf-8").replace("body_loss_db = 3", "body_loss_db = 5"), "utf-8"
    )
    villages = (folder / "villages.csv").read_text("utf-8").splitlines()
    (folder / "villages.csv").write_text("\n".join(villages[:-1]) + "\n", "utf-8")
    study = phusong.open_study(folder).replace({"radio.radius_km": 2.0}, resolution_m=300)
    coarse = phusong.run(study, parts=["coverage"], threads=2)
    found = phusong.compare(result, coarse)
    causes = found.tables["compared_causes"].set_index(["cause", "name"])
    assert causes.loc[("setting", "radio.body_loss_db")].to_list() == ["3.0", "5.0"]
    assert causes.loc[("setting", "resolution_m")].to_list() == ["90.0", "300.0"]
    assert ("file", "villages.csv") in causes.index
    assert ("file", "cells.csv") not in causes.index
    communes = found.tables["compared_communes"].set_index("commune_code")
    changed = communes[communes["change_mobile"] != "same"]
    assert changed["reasons_mobile"].str.contains("settings").all()
    assert not changed["reasons_mobile"].str.contains("cells").any()
    last = communes.iloc[-1]
    assert "villages" in last["reasons_mobile"]
    villages = found.tables["compared_villages"]
    assert (villages["change"] == "vanished").sum() == 1
    assert found.found.by_place  # a run of coverage alone tells not who serves whom
    assert any("commune_servers" in note.en for note in found.page.notes)


def test_a_result_compared_with_itself_differs_in_nothing(written, result):
    found = phusong.compare(written, result)
    assert (found.tables["compared_communes"]["change_mobile"] == "same").all()
    assert (found.tables["compared_communes"]["reasons_mobile"] == "").all()
    for name in ("compared_stations", "compared_villages", "compared_causes"):
        assert len(found.tables[name]) == 0, name
    assert "differ in no service" in found.page.notes[0].en


def test_results_of_two_editions_are_refused_with_how_to_mend_it(result, altered):
    from dataclasses import replace

    study = altered.study.model_copy(update={"edition": "2025"})
    other = phusong.Result(replace(altered.gathered, study=study))
    with pytest.raises(CompareError, match="phusong recast FOLDER --edition 2025"):
        result.compare(other)


def test_the_folder_has_page_map_and_tables_with_schemas(found, tmp_path):
    page = found.write(tmp_path / "out")
    out = page.parent
    assert phusong.verify(out).ok
    html = page.read_text("utf-8")
    for words in (
        "So sánh hai kết quả",
        "Two results compared",
        "trạm không còn (THU0005",
        "residents covered on the map",
    ):
        assert words in html
    assert not re.search(r"(?:src|href)=[\"']?https?:", html)
    for name, table in COMPARISON_TABLES.items():
        read = pd.read_csv(out / "tables" / f"{name}.csv", encoding="utf-8-sig", dtype=str)
        assert len(read) == len(found.tables[name]), name
        if table.geometry is None:
            continue
        content = json.loads((out / "geojson" / f"{name}.geojson").read_bytes())
        schema = json.loads((out / "geojson" / f"{name}.schema.json").read_bytes())
        jsonschema.validate(content, schema)
    assert len(gpd.read_file(out / "geojson" / "compared_communes.geojson")) == 6
    book = openpyxl.load_workbook(out / "tables.xlsx", read_only=True)
    assert {"So sánh xã", "Trạm thay đổi", "Nguyên nhân"} <= set(book.sheetnames)
    book.close()
    assert "Bớt người có sóng" in (out / "map.html").read_text("utf-8")


def test_the_command_compares_two_folders_and_one_study_on_two_days(
    written, offices_alone, pristine, tmp_path
):
    def command(*words):
        return CliRunner().invoke(app, ["compare", *map(str, words), "--lang", "en"])

    same = command(written, written)
    assert same.exit_code == 0, same.stderr
    assert "The two results differ in no service." in same.stdout
    wrong = command(written)
    assert wrong.exit_code == 2
    assert "one study with --on and --with" in wrong.stderr
    folder = Path(shutil.copytree(pristine, tmp_path / "two-days"))
    toml = folder / "study.toml"
    coarse = re.sub(r"(?m)^resolution_m = \d+", "resolution_m = 500", toml.read_text("utf-8"))
    toml.write_text(coarse, "utf-8")
    days = command(folder, "--on", "2012-12-31", "--with", "2017-12-31", "--to", tmp_path / "out")
    assert days.exit_code == 0, days.stderr
    stations = pd.read_csv(tmp_path / "out" / "tables" / "compared_stations.csv")
    cells = pd.read_csv(pristine / "cells.csv", dtype=str)
    later = cells[cells["on_air_from"] > "2012-12-31"]
    assert set(stations["station_id"]) == set(later["station_id"])
    assert set(stations["station_change"]) == {"appeared"}
    # The verdict is the one that a run tells, with its doubt.
    communes = pd.read_csv(tmp_path / "out" / "tables" / "compared_communes.csv")
    assert communes["confident_verdict_after_mobile"].notna().all()
    villages = pd.read_csv(tmp_path / "out" / "tables" / "compared_villages.csv")
    first = villages.iloc[0]
    home = communes.set_index("commune_code")["name"][first["commune_code"]]
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert f"{first['name']}, {home}" in page
    assert "Estimate of what the target is about, before → after (assumed error)" in page
    least = communes.loc[communes["share_median_after_mobile"].idxmin()]
    assert least["share_median_after_mobile"] != least["covered_population_share_after_mobile"]
    sides = [percent(least[f"share_median_{when}_mobile"], "en") for when in ("before", "after")]
    assert " → ".join(sides).replace(" %", "\u00a0%") in page
