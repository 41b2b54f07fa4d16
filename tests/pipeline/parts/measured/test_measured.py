"""From samples to errors, shares and remarks: what was measured is what is compared."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from phusong.grid import grid_of
from phusong.pipeline.parts.coverage import COVERAGE
from phusong.pipeline.parts.measured import MEASURED
from phusong.pipeline.parts.measured.part import take
from phusong.pipeline.records import Resources
from phusong.radio import received_at
from phusong.study.coverage import Measured

ERROR_DB = 6.0


@pytest.fixture(scope="module")
def truth(result):
    """Return places along a line through the small study with what is predicted there."""
    coverage = result.gathered.found[COVERAGE]
    west, south, east, north = grid_of(coverage.terrain).bounds
    along = np.linspace(0.02, 0.98, 240)
    at = {"x_m": west + along * (east - west), "y_m": south + along * (north - south)}
    kind = result.cells.groupby(["operator", "technology"]).size().sort_values().index[-1]
    places = pd.DataFrame({**at, "operator": kind[0], "technology": kind[1]})
    found = places.join(received_at(coverage.plan, places))
    return found[found["cell"] >= 0].reset_index(drop=True)


@pytest.fixture(scope="module")
def samples(truth, result):
    """Return samples as read, each 6 dB weaker than predicted."""
    return gpd.GeoDataFrame(
        {"measurement_id": [f"m{i}" for i in range(len(truth))], "operator": truth["operator"],
         "technology": truth["technology"], "measured_on": pd.Timestamp("2017-11-30"),
         "level_dbm": truth["level_dbm"] - ERROR_DB, "floor_dbm": -200.0},
        geometry=gpd.points_from_xy(truth["x_m"], truth["y_m"]), crs=result.study.crs,
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured(result, samples):
    """Return how to set changed samples beside the prediction of the small study."""
    loaded = result.gathered.loaded

    def compute(change=None, **settings):
        table = samples.copy() if change is None else change(samples.copy())
        inputs = take(
            result.study.model_copy(update={"measured": Measured(**settings)}),
            replace(loaded, tables={**loaded.tables, "measurements": table}),
        )
        resources = Resources(threads=1, cache_folder=None, on_progress=lambda *_: None)
        return MEASURED.compute(inputs, result.gathered.found, resources)

    return compute


def notes(found):
    return {note.message.removeprefix("pipeline."): note.values for note in found.notes}


def threshold_dbm(truth, result):
    return result.study.services[0].threshold_dbm[truth["technology"].iloc[0]]


def test_errors_are_those_of_what_was_measured(measured, truth, result):
    found = measured()
    places, errors = found.tables["measured_places"], found.tables["measured_accuracy"]
    assert places["residual_db"].to_numpy() == pytest.approx(ERROR_DB, abs=1e-9)
    whole = errors[errors["by"] == "all"].iloc[0]
    assert whole["places"] == len(places) == len(truth)
    assert whole["bias_db"] == whole["rmse_db"] == pytest.approx(ERROR_DB)
    threshold = threshold_dbm(truth, result)
    told, served = truth["level_dbm"] >= threshold, truth["level_dbm"] - ERROR_DB >= threshold
    assert whole["hit_rate"] == 1.0
    assert whole["false_alarm_rate"] == pytest.approx((told & ~served).sum() / (~served).sum())
    for by in ("distance", "sight", "band", "operator", "technology"):
        its = errors[(errors["by"] == by) & (errors["service"] == whole["service"])]
        assert its["places"].sum() == len(places), by


def test_board_tells_where_map_and_measurement_agree_and_who_was_not_measured(
    measured, truth, result
):
    found = measured()
    (row, *_) = MEASURED.indicators(result.study)
    figure = row.figure(found.record)
    assert figure.value == found.tables["measured_accuracy"].iloc[0]["agreement"]
    assert "6.0 ± 0.0 dB" in row.definition(figure, "en")
    (note,) = (one for one in found.notes if one.message == "pipeline.measured_others")
    others = set(result.cells["operator"]) - set(truth["operator"])
    assert set(note.values["others"].split(", ")) <= others


def test_shares_are_of_samples_by_commune_and_road(measured, truth, result):
    shares = measured(road_distance_m=1000).tables["measured_shares"]
    shares = shares[shares["service"] == result.study.services[0].id]
    served = truth["level_dbm"] - ERROR_DB >= threshold_dbm(truth, result)
    communes = shares[shares["unit"] == "commune"]
    assert 0 < communes["samples"].sum() <= len(truth)
    assert (communes["samples"] * communes["share_at_threshold"]).sum() <= served.sum() + 1e-9
    assert set(shares["unit"]) == {"commune", "road"}
    reached = shares["share_at_threshold"] >= 0.95
    assert (shares["samples_verdict"] == np.where(reached, "met", "missed")).all()


def test_vehicle_and_instrument_are_corrected(measured):
    def in_vehicles(table):
        half = np.arange(len(table)) % 2 == 0
        return table.assign(
            in_vehicle=half, level_dbm=table["level_dbm"] + 2.0 - np.where(half, 9.0, 0.0)
        )

    found = measured(in_vehicles, vehicle_loss_db=9.0, instrument_offset_db=2.0)
    residual = found.tables["measured_places"]["residual_db"].to_numpy()
    assert residual == pytest.approx(ERROR_DB, abs=1e-9)


def test_a_sample_that_tells_its_own_offset_has_that(measured):
    def told(table):
        own = np.where(np.arange(len(table)) < 5, 3.0, np.nan)
        return table.assign(
            instrument_offset_db=own,
            level_dbm=table["level_dbm"] + np.where(np.isnan(own), 1.0, own),
        )

    found = measured(told, instrument_offset_db=1.0)
    residual = found.tables["measured_places"]["residual_db"].to_numpy()
    assert residual == pytest.approx(ERROR_DB, abs=1e-9)


def test_samples_that_cannot_be_compared_are_told_and_listed(measured, result):
    def spoilt(table):
        table.loc[:3, "level_dbm"] = -5.0
        table.loc[4:6, "geometry"] = gpd.points_from_xy([0.0] * 3, [0.0] * 3)
        table.loc[7:9, "operator"] = "Gmobile"
        return table.assign(in_vehicle=table.index == 10)

    assert result.study.radio.vehicle_loss_db is None
    found = measured(spoilt)
    reasons = found.rejected["measurements"].set_index("measurement_id")["reason_en"]
    assert list(reasons.index) == ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m10"]
    assert reasons["m0"].startswith("Stronger than the top")
    assert reasons["m4"].startswith("The sample lies outside")
    assert reasons["m10"].startswith("Measured in a vehicle")
    told = notes(found)
    assert told["measured_set_aside"] == {
        "count": 8,
        "total": len(found.tables["measured_places"]) + 8,
    }
    assert told["measured_no_cells"]["count"] == 3
    used = found.tables["measured_places"].set_index("operator")["used"]
    assert used["Gmobile"].tolist() == [False] * 3
    assert used.drop("Gmobile").all()


def test_levels_stronger_than_free_space_are_taken_for_another_quantity(measured, truth):
    found = measured(lambda table: table.assign(level_dbm=truth["free_level_dbm"] + 8.0))
    assert notes(found)["measured_impossible"]["count"] == len(truth)
    assert found.tables["measured_places"]["used"].to_list() == [False] * len(truth)
    assert found.tables["measured_accuracy"].empty
    assert found.tables["measured_shares"].empty
    assert not found.record.errors


def test_samples_of_another_zone_are_told_as_such(measured, truth):
    found = measured(lambda table: table.set_geometry(table.translate(90_000)))
    assert notes(found)["measured_all_outside"] == {"count": len(truth)}
    assert found.tables["measured_places"].empty


def test_three_places_all_at_the_floor_tell_no_error(measured, result):
    found = measured(lambda table: table.iloc[[0, 60, -1]].assign(floor_dbm=-60.0, level_dbm=-60.0))
    assert {"measured_few", "measured_all_censored"} <= set(notes(found))
    whole = found.tables["measured_accuracy"].iloc[0]
    assert np.isnan(whole["bias_db"])
    assert whole["places_censored"] == 3
    (row, *_) = MEASURED.indicators(result.study)
    figure = row.figure(found.record)
    assert figure is None or "nan" not in row.definition(figure, "en")


def test_a_floor_that_nobody_stated_is_suspected(measured, truth):
    weakest = truth["level_dbm"].quantile(0.3).round(1)

    def clipped(table, **said):
        return table.assign(level_dbm=table["level_dbm"].clip(lower=weakest), **said)

    told = notes(measured(lambda table: clipped(table, floor_dbm=np.nan)))["measured_floor"]
    assert told["level"] == weakest
    assert 0.1 < told["count"] / told["all"] < 1
    assert "measured_floor" not in notes(measured(lambda table: clipped(table, floor_dbm=weakest)))
    assert "measured_floor" not in notes(measured(lambda table: table))


def test_old_samples_are_told_and_samples_without_a_day_are_taken(measured, truth, result):
    old = measured(lambda table: table.assign(measured_on=pd.Timestamp("2015-01-01")))
    told = {"count": len(truth), "date": result.study.as_of}
    assert notes(old)["measured_other_time"] == told
    undated = measured(lambda table: table.drop(columns="measured_on"))
    assert "measured_other_time" not in notes(undated)
    assert undated.tables["measured_places"]["used"].to_list() == [True] * len(truth)


def test_a_sample_below_a_floor_above_the_threshold_is_in_no_share(measured, truth, result):
    threshold = threshold_dbm(truth, result)
    floor = threshold + 5.0
    found = measured(lambda table: table.assign(floor_dbm=floor))
    shares = found.tables["measured_shares"]
    own = shares[(shares["service"] == result.study.services[0].id) & (shares["unit"] == "commune")]
    assert (own["share_at_threshold"] == 1.0).all()
    assert 0 < own["samples"].sum() <= (truth["level_dbm"] - ERROR_DB > floor).sum()
    assert (truth["level_dbm"] - ERROR_DB < threshold).any()
