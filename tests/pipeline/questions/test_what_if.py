"""What-if: the answer is that of a whole run with the changed cells."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from geopandas.testing import assert_geodataframe_equal
from shapely import affinity

import phusong
from phusong.errors import CellRangeError, InputError
from phusong.inputs import check_rows
from phusong.pipeline.gathered import gather
from phusong.pipeline.parts import PARTS
from phusong.pipeline.parts.coverage import COVERAGE, count
from phusong.pipeline.parts.part import Found
from phusong.pipeline.parts.territory import TERRITORY
from phusong.pipeline.progress import silent
from phusong.pipeline.records import Resources
from phusong.pipeline.result import Result
from phusong.tables import CELLS

# Short reach, so that a change touches a part of the province only.
REACH_KM = 4.0


@pytest.fixture(scope="module")
def study(pristine):
    opened = phusong.open_study(pristine)
    radio = opened.radio.model_copy(update={"radius_km": REACH_KM})
    return opened.model_copy(update={"radio": radio})


@pytest.fixture(scope="module")
def before(study, small_losses):
    return phusong.run(study, parts=("coverage",), threads=2, cache_folder=small_losses)


@pytest.fixture(scope="module")
def whole_run(study, before, small_losses):
    """Return how to compute coverage as a run does, with other cells.

    It keeps its losses for the next; what it is compared with computes its own.
    """

    def run(cells):
        loaded = replace(before.gathered.loaded, tables={**before.inputs, "cells": cells})
        found, resources = {}, Resources.of(1, small_losses, silent)
        for part in (TERRITORY, COVERAGE):
            found[part.name] = part.compute(part.take(study, loaded), Found(found), resources)
        return Result(gather(study, loaded, PARTS, Found(found)))

    return run


def assert_same_rasters(after, whole):
    """Compare every raster that would be written: signal and probability of each service."""
    for found, expected in zip(after.gathered.rasters, whole.gathered.rasters, strict=True):
        assert found.name == expected.name
        xr.testing.assert_identical(found.values, expected.values)


def _change(cells, name):
    cells = cells.copy()
    first = cells["site_id"] == cells["site_id"].iloc[0]
    if name == "raised":
        cells.loc[first, "antenna_height_m"] += 10
    elif name == "turned":
        cells.loc[first, "azimuth_deg"] = (cells.loc[first, "azimuth_deg"] + 60) % 360
    elif name == "switched off":
        cells.loc[first, "status"] = "off"
    elif name == "removed":
        cells = cells[~first]
    elif name == "added":
        new = cells[first].copy()
        new["cell_id"] += "-new"
        new["station_id"] += "-new"
        new["site_id"] += "-new"
        new["geometry"] = new.geometry.translate(3000, 2000)
        # In front, so that every row of the others moves.
        cells = pd.concat([new, cells], ignore_index=True)
    elif name == "moved":
        cells.loc[first, "geometry"] = cells.loc[first].geometry.apply(
            lambda point: affinity.translate(point, 1500, -700)
        )
    elif name == "moved off the terrain":
        cells.loc[first, "geometry"] = cells.loc[first].geometry.translate(-3e5, 0)
    elif name == "all removed":
        cells = cells.iloc[:0]
    elif name == "one technology removed":
        cells = cells[cells["technology"] != "2G"]
    elif name == "azimuths emptied":
        cells.loc[first, "azimuth_deg"] = np.nan
    return cells.reset_index(drop=True)


@pytest.mark.parametrize(
    "name",
    ["raised", "turned", "switched off", "removed", "added", "moved", "moved off the terrain",
     "all removed", "one technology removed", "azimuths emptied"],
)  # fmt: skip
def test_answer_is_that_of_a_whole_run(whole_run, before, name):
    cells = _change(before.inputs["cells"], name)
    after = phusong.what_if(before, cells, threads=1)
    whole = whole_run(cells)
    assert after.cells["cell_id"].tolist() == whole.cells["cell_id"].tolist()
    lost, expected = (one.rejected.get("cells", pd.DataFrame()) for one in (after, whole))
    assert lost.to_dict("list") == expected.to_dict("list")
    assert len(lost) == (9 if name == "moved off the terrain" else 0)
    assert_same_rasters(after, whole)
    changed = False
    for service, rasters in whole.services.items():
        old = before.services[service].margin_db.to_numpy()
        changed |= not np.array_equal(rasters.margin_db.to_numpy(), old, equal_nan=True)
    assert changed, "a change that changes nothing tests nothing"
    counted = "covered_", "expected_covered_"
    for column in (name for name in whole.communes if name.startswith(counted)):
        assert after.communes[column].tolist() == whole.communes[column].tolist()


def _drawn(cells, rng):
    """Return the cells with one mast or one cell of it changed as drawn."""
    site = rng.choice(cells["site_id"].unique())
    of_site = cells["site_id"] == site
    change = rng.choice(["raised", "moved", "removed", "new", "one cell turned", "louder"])
    if change == "removed":
        return cells[~of_site].reset_index(drop=True)
    cells, away = cells.copy(), rng.uniform(-6000, 6000, 2)
    if change == "new":
        new = cells[of_site].copy()
        for column in ("site_id", "station_id", "cell_id"):
            new[column] += f"-{rng.integers(10**6)}"
        new["geometry"] = new.geometry.translate(*away)
        order = rng.permutation(2)
        return pd.concat([(cells, new)[k] for k in order], ignore_index=True)
    if change == "moved":
        cells.loc[of_site, "geometry"] = cells.geometry[of_site].translate(*away)
    elif change == "one cell turned":
        cells.loc[of_site.idxmax(), "azimuth_deg"] = rng.integers(360)
    else:
        column = "antenna_height_m" if change == "raised" else "rs_eirp_dbm"
        cells.loc[of_site, column] += rng.choice([-5.0, 8.0])
    return cells


@pytest.mark.parametrize("seed", range(4))
def test_drawn_changes_one_after_another_give_a_whole_run_bit_for_bit(
    study, before, whole_run, tmp_path, seed
):
    rng, after, cells = np.random.default_rng(seed), before, before.cells
    for _ in range(3):
        cells = _drawn(cells, rng)
        after = phusong.what_if(after, cells, threads=1, cache_folder=tmp_path)
    checked = check_rows(cells, CELLS, shown="cells", crs=study.crs)
    expected = checked.table.iloc[np.argsort(checked.rows)].reset_index(drop=True)
    assert_geodataframe_equal(after.inputs["cells"], expected, check_like=True)
    whole = whole_run(after.inputs["cells"])
    assert_same_rasters(after, whole)
    assert list(after.tables) == list(whole.tables)
    for name, (table, _) in whole.tables.items():
        found = after.tables[name][0]
        if "geometry" in table:
            assert_geodataframe_equal(found, table)
        else:
            pd.testing.assert_frame_equal(found, table)
    assert all(note in after.gathered.remarks for note in whole.gathered.remarks)


def test_gaps_are_listed_when_they_are_asked_for(before, monkeypatch):
    asked = []
    listed = count.gaps
    monkeypatch.setattr(count, "gaps", lambda *one, **more: asked.append(1) or listed(*one, **more))
    after = phusong.what_if(before, _change(before.inputs["cells"], "raised"), threads=1)
    assert after.communes is not None
    assert not asked
    assert len(after.gaps)
    assert len(after.gaps) == len(after.tables["gaps"][0])
    assert len(asked) == len(before.services)


def test_order_of_the_table_settles_ties_anew(whole_run, before):
    cells = before.inputs["cells"].iloc[::-1].reset_index(drop=True)
    after, whole = phusong.what_if(before, cells, threads=2), whole_run(cells)
    for service, rasters in whole.services.items():
        found = after.services[service].best_server
        np.testing.assert_array_equal(found, rasters.best_server)


def test_cells_far_away_are_checked_too(study, before):
    cells = before.inputs["cells"].assign(frequency_mhz=900.0)
    far = cells.head(1).assign(cell_id="far", antenna_height_m=3.0)
    far["geometry"] = far.geometry.translate(2e5, 0)
    hata = before.study.replace({"radio.model": "okumura_hata"})  # from 30 m on
    other = Result(replace(before.gathered, study=hata))
    with pytest.raises(CellRangeError, match="value 'far'"):
        phusong.what_if(other, pd.concat([cells, far], ignore_index=True), threads=1)


def test_unchanged_cells_give_the_same_result_without_predicting(before):
    steps = []
    after = phusong.what_if(
        before, before.inputs["cells"].copy(), on_progress=lambda step, *_: steps.append(step)
    )
    assert "pipeline.step_predict" not in steps
    assert_geodataframe_equal(after.communes, before.communes)
    for service, rasters in before.services.items():
        np.testing.assert_array_equal(after.services[service].best_server, rasters.best_server)


def test_no_verdict_of_the_run_stands_in_the_answer_and_the_answer_says_so(result):
    after = phusong.what_if(result, _change(result.inputs["cells"], "removed"), threads=1)
    drawn = ("share_low", "share_median", "share_high", "target_probability", "confident_verdict")
    assert any(name.startswith(drawn) for name in result.communes)
    for table in (after.communes, after.districts, after.province):
        assert not [name for name in table if name.startswith(drawn)]
    rows = set(result.indicators["indicator"]) - set(after.indicators["indicator"])
    assert {"share_median_mobile", "communes_met_mobile", "communes_undecided_mobile"} <= rows
    board = after.indicators.set_index("indicator")
    assert board.loc["covered_population_share_mobile", "status"] in {"met", "missed"}
    assert [note.message for note in after.notes].count("pipeline.what_if_no_verdicts") == 1


def test_only_what_the_change_can_reach_is_predicted(before):
    cells = _change(before.inputs["cells"], "raised")
    place = cells.geometry.iloc[0]
    after = phusong.what_if(before, cells, threads=1)
    for service, rasters in before.services.items():
        old, new = rasters.margin_db, after.services[service].margin_db
        differs = ~((old == new) | (np.isnan(old) & np.isnan(new)))
        rows, columns = np.nonzero(differs.to_numpy())
        away = np.hypot(old.x.to_numpy()[columns] - place.x, old.y.to_numpy()[rows] - place.y)
        assert len(away)
        assert away.max() <= REACH_KM * 1000 + 1


def test_losses_kept_by_a_run_serve_the_masts_that_did_not_change(study, tmp_path):
    before = phusong.run(study, parts=("coverage",), threads=2, cache_folder=tmp_path)
    kept = {path.name for path in tmp_path.rglob("*.loss")}
    cells = _change(before.inputs["cells"], "raised")
    phusong.what_if(before, cells, threads=1, cache_folder=tmp_path)
    new = {path.name for path in tmp_path.rglob("*.loss")} - kept
    raised = cells[cells["site_id"] == cells["site_id"].iloc[0]]
    assert len(new) == len(raised.drop_duplicates(["antenna_height_m", "frequency_mhz"]))


def test_questions_can_be_chained(before):
    first = phusong.what_if(before, _change(before.inputs["cells"], "raised"), threads=1)
    back = phusong.what_if(first, before.inputs["cells"], threads=1)
    for service, rasters in before.services.items():
        np.testing.assert_array_equal(back.services[service].margin_db, rasters.margin_db)


def test_faulty_tables_are_refused_with_all_their_faults(before):
    cells = before.inputs["cells"].drop(columns="operator")
    cells = pd.concat([cells, cells.iloc[:1]]).to_crs("EPSG:4326")
    with pytest.raises(InputError, match="operator") as fault:
        phusong.what_if(before, cells)
    assert [problem.message for problem in fault.value.problems] == [
        "pipeline.what_if_column", "pipeline.what_if_repeated", "pipeline.what_if_crs",
    ]  # fmt: skip


@pytest.mark.parametrize("country", ["vietnam", "any"])
def test_masts_outside_vietnam_are_refused_unless_the_study_may_lie_anywhere(before, country):
    asked = Result(replace(before.gathered, study=before.study.replace({"country": country})))
    cells = before.cells.copy()
    first = cells["site_id"] == cells["site_id"].iloc[0]
    cells.loc[first, "geometry"] = cells.geometry[first].translate(0, 2e6)
    if country == "vietnam":
        with pytest.raises(InputError, match="outside Vietnam"):
            phusong.what_if(asked, cells, threads=1)
    else:
        after = phusong.what_if(asked, cells, threads=1)
        assert len(after.rejected["cells"]) == first.sum()  # far from the terrain
    new = {"operator": "Viettel", "technology": "4G"}
    if country == "vietnam":
        with pytest.raises(InputError, match="outside Vietnam"):
            asked.with_mast(105.0, 45.0, **new)
    else:
        assert len(asked.with_mast(105.0, 45.0, **new).cells) > len(before.cells)


def test_result_without_coverage_is_no_start(study):
    fibre = phusong.run(study, parts=("fibre",))
    with pytest.raises(ValueError, match="coverage"):
        phusong.what_if(fibre, fibre.inputs["cells"])


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("technology", "6G", "inputs.not_a_choice"),
        ("geometry", None, "inputs.no_geometry"),
        ("rs_eirp_dbm", np.nan, "inputs.missing_one_of"),
        ("antenna_height_m", -3.0, "inputs.too_small"),
    ],
)
def test_new_cells_are_checked_as_the_rows_of_a_file(before, column, value, message):
    cells = before.cells.copy()
    cells.loc[[1], column] = value
    with pytest.raises(InputError) as refused:
        phusong.what_if(before, cells)
    (problem,) = refused.value.problems
    assert (problem.message, problem.row, problem.file) == (message, 2, "cells")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cells: pd.DataFrame(cells), "pipeline.what_if_geometry"),
        (lambda cells: cells.drop(columns="geometry"), "pipeline.what_if_geometry"),
        (lambda cells: gpd.GeoDataFrame(cells.drop(columns="geometry")),
         "pipeline.what_if_geometry"),
        (lambda cells: cells.geometry, "pipeline.what_if_geometry"),
        (lambda _: None, "pipeline.what_if_geometry"),
        (lambda cells: pd.concat([cells, cells[["operator"]]], axis=1),
         "pipeline.what_if_column_twice"),
        (lambda cells: cells.set_crs(None, allow_override=True), "pipeline.what_if_crs"),
        (lambda cells: cells.to_crs("EPSG:9210"), "pipeline.what_if_crs"),
        (lambda cells: cells.assign(azimuth_deg="north"), "inputs.not_number"),
        (lambda cells: cells.assign(geometry=cells.buffer(1)), "inputs.wrong_geometry"),
        (lambda cells: cells.assign(rs_eirp_dbm=np.nan, power_dbm=30.0), "radio.power_incomplete"),
    ],
)  # fmt: skip
def test_a_table_that_is_none_of_cells_is_told_as_such(before, change, message):
    with pytest.raises(InputError) as refused:
        phusong.what_if(before, change(before.cells.copy()))
    assert {problem.message for problem in refused.value.problems} == {message}


@pytest.mark.parametrize("empty", [pd.NA, None, "", " ", np.nan])
def test_a_blank_power_is_refused_however_it_is_written(before, empty):
    cells = before.cells.astype({"rs_eirp_dbm": object})
    cells.loc[1, "rs_eirp_dbm"] = empty
    with pytest.raises(InputError, match="row 2: At least one of rs_eirp_dbm, power_dbm"):
        phusong.what_if(before, cells)
