"""Measured levels beside predicted ones."""

import numpy as np
import pandas as pd
import pytest

from phusong.uncertainty import accuracy, bias_and_spread, measured_places, share_at_least


def samples(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"y_m": 10.0, "floor_dbm": np.nan, "operator": "Viettel", **columns})


def test_a_place_has_the_median_of_its_cell_however_often_it_was_measured() -> None:
    given = samples(x_m=[10.0] * 99 + [60.0], level_dbm=[*np.linspace(-99, -1, 99), -70.0])
    found = measured_places(given, cell_m=50.0, by=["operator"])
    assert found["level_dbm"].tolist() == [-50.0, -70.0]
    assert found["samples"].tolist() == [99, 1]


def test_the_median_of_an_even_number_is_the_lower_of_the_middle_two() -> None:
    given = samples(x_m=10.0, level_dbm=[-90.0, -96.0, -92.0, -94.0])
    (found,) = measured_places(given, cell_m=50.0, by=["operator"])["level_dbm"]
    assert found == -94.0


def test_samples_at_the_floor_are_weaker_than_all_others() -> None:
    given = samples(x_m=10.0, level_dbm=[-110.0, -110.0, -112.0], floor_dbm=[-110, -110, -120])
    (found,) = measured_places(given, cell_m=50.0, by=["operator"]).to_dict("records")
    assert (found["level_dbm"], found["censored"]) == (-110.0, True)
    assert found["samples_censored"] == 2


def test_operators_are_never_mixed_and_an_unknown_cell_is_kept() -> None:
    given = samples(x_m=10.0, level_dbm=[-80.0, -90.0, -100.0])
    given["operator"] = ["Viettel", "VNPT", "VNPT"]
    given["cell_id"] = pd.Series([None, "A", None], dtype="str")
    found = measured_places(given, cell_m=50.0, by=["operator", "cell_id"])
    assert found["level_dbm"].tolist() == [-90.0, -100.0, -80.0]


def test_bias_and_spread_are_found_behind_a_floor() -> None:
    """Errors of mean 8 and deviation 6 dB, of which those above 10 are only bounds."""
    error = np.random.default_rng(3).normal(8.0, 6.0, 4000)
    censored = error > 10.0
    bias, spread = bias_and_spread(np.minimum(error, 10.0), censored)
    assert bias == pytest.approx(8.0, abs=0.3)
    assert spread == pytest.approx(6.0, abs=0.3)
    assert np.minimum(error, 10.0).mean() < 7.0  # what taking bounds for levels would say


def test_where_nearly_all_is_at_the_floor_no_bias_is_told() -> None:
    assert np.isnan(bias_and_spread([1.0, 2.0, 3.0], [True, True, False])).all()


def test_a_place_without_prediction_is_predicted_without_service() -> None:
    table = pd.DataFrame(
        {"service": "4g", "predicted_dbm": [np.nan, np.nan, -90.0], "censored": False,
         "level_dbm": [-80.0, -120.0, -80.0], "threshold_dbm": -110.0, "needed_dbm": -100.0}
    )  # fmt: skip
    (found,) = accuracy(table, ["service"]).to_dict("records")
    assert (found["hit_rate"], found["places_unpredicted"]) == (0.5, 2)
    assert (found["false_alarm_rate"], found["confirmed"]) == (0.0, 1.0)
    assert found["agreement"] == pytest.approx(2 / 3)


def test_what_lies_below_a_floor_above_the_threshold_is_not_judged() -> None:
    table = pd.DataFrame(
        {"road": "QL2", "level_dbm": [-100.0, -100.0, -112.0], "threshold_dbm": -110.0,
         "censored": [False, True, True]}
    )  # fmt: skip
    (found,) = share_at_least(table, ["road"]).to_dict("records")
    assert (found["samples"], found["share"]) == (2, 0.5)


def test_the_map_asks_for_more_than_the_threshold() -> None:
    table = pd.DataFrame(
        {"service": "4g", "predicted_dbm": [-105.0, -95.0, -95.0], "censored": False,
         "level_dbm": [-105.0, -90.0, -112.0], "threshold_dbm": -110.0, "needed_dbm": -100.0}
    )  # fmt: skip
    (found,) = accuracy(table, ["service"]).to_dict("records")
    assert (found["hit_rate"], found["false_alarm_rate"]) == (1.0, 1.0)
    assert (found["confirmed"], found["agreement"]) == (0.5, pytest.approx(1 / 3))
