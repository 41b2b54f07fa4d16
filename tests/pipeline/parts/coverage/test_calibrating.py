"""A run calibrated by its own samples: one mean error for all, less doubt, said everywhere."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import phusong
from phusong.errors import InputError, StudyError
from phusong.grid import grid_of
from phusong.pipeline.parts.coverage import COVERAGE, define
from phusong.radio import received_at
from phusong.study.coverage import Calibration

ERROR_DB = 9.0


@pytest.fixture(scope="module")
def samples(result):
    """Return samples around all masts of one operator, 9 dB weaker than predicted, ± 6 dB."""
    coverage = result.gathered.found[COVERAGE]
    random = np.random.default_rng(1)
    cells = result.cells
    operator = cells["operator"].value_counts().index[0]
    its = cells[cells["operator"] == operator]
    at = its.iloc[random.integers(0, len(its), 600)]
    places = pd.DataFrame(
        {"x_m": at.geometry.x.to_numpy() + random.normal(0, 2500, 600),
         "y_m": at.geometry.y.to_numpy() + random.normal(0, 2500, 600),
         "operator": operator, "technology": at["technology"].to_numpy()}
    )  # fmt: skip
    _, _, inside = grid_of(coverage.terrain).index(places["x_m"], places["y_m"])
    found = places.join(received_at(coverage.plan, places))[inside]
    found = found[found["cell"] >= 0].reset_index(drop=True)
    level = found["level_dbm"] - ERROR_DB + random.normal(0, 6, len(found))
    return gpd.GeoDataFrame(
        {"measurement_id": [f"m{i}" for i in range(len(found))], "operator": found["operator"],
         "technology": found["technology"], "level_dbm": level, "floor_dbm": -150.0},
        geometry=gpd.points_from_xy(found["x_m"], found["y_m"]), crs=result.study.crs,
    )  # fmt: skip


@pytest.fixture(scope="module")
def settle(result, samples):
    """Return how to calibrate the small study by some of the samples."""
    loaded = result.gathered.loaded

    def settled(change=None, **asked):
        study = result.study.model_copy(update={"calibration": Calibration(), **asked})
        table = samples if change is None else change(samples)
        tables = {**loaded.tables, "measurements": table}
        return study, *COVERAGE.settle(study, replace(loaded, tables=tables))

    return settled


def test_the_offset_enters_the_mean_error_and_the_doubt_of_the_province_shrinks(settle, result):
    asked, study, (note,) = settle()
    before = COVERAGE.take(asked, result.gathered.loaded).settings.mean_error_db
    assert study.radio.mean_error_db - before == pytest.approx(ERROR_DB, abs=2.5)
    assert note.values["taken"] == study.radio.mean_error_db
    assert 0 < study.uncertainty.province_sd_db < 4.0
    assert note.values["rmse"] < 7.5 < note.values["rmse_before"]
    assert "calibrated by the study's measured samples" in define(study.services[0], study, "en")
    stated = asked.uncertainty.model_copy(update={"province_sd_db": 5.0})
    assert settle(uncertainty=stated)[1].uncertainty.province_sd_db == 5.0


def test_places_at_the_floor_do_not_make_the_land_look_better(settle):
    def through_a_floor(table):
        floor = table["level_dbm"].quantile(0.3)
        return table.assign(floor_dbm=floor, level_dbm=table["level_dbm"].clip(lower=floor))

    whole, floored = (settle(change)[1].radio.mean_error_db for change in (None, through_a_floor))
    assert floored == pytest.approx(whole, abs=1.5)


def test_too_few_places_are_refused_with_what_is_wanted(settle):
    with pytest.raises(InputError) as refused:
        settle(lambda table: table.iloc[:9])
    (problem,) = refused.value.problems
    assert problem.key == "calibration"
    assert "at least 10 in 3" in problem.render("en")


def test_places_at_the_floor_alone_are_no_calibration(settle):
    def floored(table):
        floor = table["level_dbm"].max() - 0.01
        return table.assign(floor_dbm=floor, level_dbm=table["level_dbm"].clip(lower=floor))

    with pytest.raises(InputError) as refused:
        settle(floored)
    (problem,) = refused.value.problems
    assert problem.values["places"] == 1
    assert "above the instrument's floor" in problem.render("en")


def test_a_study_that_does_not_ask_stays_as_it_is(settle, result):
    asked, study, notes = settle(calibration=None)
    assert study is asked
    assert not notes


def test_calibration_without_samples_is_refused(folder):
    file = folder / "study.toml"
    file.write_text(file.read_text("utf-8") + "\n[calibration]\n", encoding="utf-8")
    with pytest.raises(StudyError, match="measured samples"):
        phusong.open_study(folder)


def test_a_calibrated_run_takes_it_off_every_level_and_says_so(
    folder, samples, result, small_losses
):
    at = samples.geometry
    samples.drop(columns="geometry").assign(x_m=at.x, y_m=at.y).to_csv(
        folder / "samples.csv", index=False
    )
    file = folder / "study.toml"
    text = file.read_text("utf-8")
    text = text.replace("[inputs]\n", '[inputs]\nmeasurements = "samples.csv"\n', 1)
    file.write_text(text + "\n[calibration]\n", encoding="utf-8")
    found = phusong.run(
        phusong.open_study(folder), parts=["measured"], threads=1, cache_folder=small_losses
    )
    (note,) = (one for one in found.notes if one.message == "pipeline.calibrated")
    shift = note.values["offset"]
    service = found.study.services[0].id
    now, then = (
        one.gathered.found[COVERAGE].services[service].level_dbm.to_numpy()
        for one in (found, result)
    )
    assert np.nanmedian(then - now) == pytest.approx(shift, abs=1e-3)
    whole = found.measured_accuracy.iloc[0]
    assert abs(whole["bias_db"]) < 3.0
    share, uncorrected = (
        found.province[f"{name}covered_population_share_{service}"].item()
        for name in ("", "uncorrected_")
    )
    assert share < uncorrected
    board = found.indicators.set_index("indicator")
    words = board.loc[f"covered_population_share_{service}"]
    assert "calibrated" in str(words.to_dict())
