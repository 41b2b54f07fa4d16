"""Predictions calibrated by measured places, judged where nobody fitted."""

import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from phusong.uncertainty import Calibration, bias_and_spread, calibrate, expected_errors
from phusong.uncertainty.calibrated import OFFSET_SD_DB

OFFSET = "P.1812 in the open, offset"


def driven(
    seed: int, *, blocks: int = 5, each: int = 20, offset_db: float = 0.0, slope_db: float = 0.0
) -> dict[str, NDArray[np.float64]]:
    """Return places of the error model: a field of 7 dB over 450 m along 1 km of road a block."""
    random = np.random.default_rng(seed)
    along = np.linspace(0, 1000, each)
    covariance = 49 * np.exp(-np.abs(along[:, None] - along) / 450) + 2.5**2 * np.eye(each)
    field = random.multivariate_normal(np.zeros(each), covariance, blocks).ravel()
    distance = np.geomspace(500, 5000, blocks * each)
    error = offset_db + slope_db * np.log10(distance / 1500) + field
    return {
        "error_db": error,
        "open_error_db": error,
        "distance_m": distance,
        "terrain_db": np.abs(random.normal(0, 10, blocks * each)),
        "block": np.repeat(np.arange(blocks), each),
    }


def of(places: dict[str, NDArray[np.float64]], keep: NDArray[np.bool_]) -> Calibration:
    return calibrate(**{name: values[keep] for name, values in places.items()})


def test_five_driven_blocks_fix_a_mast_to_two_decibels() -> None:
    found = [calibrate(**driven(seed, offset_db=10.0)) for seed in range(40)]
    missed = np.array([one.offset_db - 10.0 for one in found])
    told = np.mean([one.offset_sd_db for one in found])
    assert np.sqrt((missed**2).mean()) == pytest.approx(2.0, abs=0.5)
    assert told == pytest.approx(2.0, abs=0.5)


def test_three_places_move_the_prediction_little_and_leave_its_doubt() -> None:
    few = {name: values[[0, 30, 99]] for name, values in driven(1, offset_db=10.0).items()}
    found = calibrate(**few)
    assert abs(found.offset_db) < abs(few["error_db"].mean())
    assert 2.5 < found.offset_sd_db < OFFSET_SD_DB


def test_places_at_the_floor_lend_no_certainty_that_their_bounds_do_not_have() -> None:
    places = driven(4, blocks=40, each=5)
    whole = calibrate(**places)
    bound = np.random.default_rng(4).normal(-8, 8, 200)  # predicted level over the floor
    at_floor = places["error_db"] >= bound
    assert at_floor.mean() > 0.7
    bounded = np.where(at_floor, bound, places["error_db"])
    error, unknown_db2 = expected_errors(bounded, at_floor)
    cut = calibrate(**places | {"error_db": error, "open_error_db": error}, unknown_db2=unknown_db2)
    assert cut.spread_db == pytest.approx(bias_and_spread(bounded, at_floor)[1], rel=0.1)
    assert cut.spread_db > 0.9 * whole.spread_db
    assert cut.offset_sd_db > 0.8 * whole.offset_sd_db
    assert np.array_equal(np.isnan(cut.out_of_block_db), at_floor)


def test_an_error_of_the_slope_is_found_and_helps_where_nobody_measured() -> None:
    places = driven(2, blocks=20, slope_db=15.0)
    found = calibrate(**places)
    assert found.slope_db == pytest.approx(15.0, abs=6.0)
    left = np.sqrt((found.out_of_block_db**2).mean())
    assert left < 0.95 * places["error_db"].std()


def test_what_is_left_out_of_block_is_what_a_calibration_without_it_leaves() -> None:
    places = driven(3, blocks=6, offset_db=4.0)
    places["clutter_db"] = np.tile([0.0, 20.0], 60)
    found = calibrate(**places)
    out = places["block"] == 2
    without = of(places, ~out)
    correction = without.correction_db(*(places[name][out] for name in
                                         ("distance_m", "terrain_db", "clutter_db")))  # fmt: skip
    left = places["open_error_db"][out] - correction  # nothing is added to bare ground
    assert found.out_of_block_db[out] == pytest.approx(left, abs=0.2)  # means of two sets differ


def test_the_interval_holds_the_places_of_other_blocks() -> None:
    inside = []
    for seed in range(20):
        places = driven(seed, blocks=12, each=10, offset_db=8.0, slope_db=5.0)
        out = places["block"] % 4 == 0
        found = of(places, ~out)
        given = places["distance_m"][out], places["terrain_db"][out]
        left = places["open_error_db"][out] - found.correction_db(*given)
        inside.append((np.abs(left) <= found.half_width_db(0.9)).mean())
    assert 0.85 <= np.mean(inside) <= 0.95


def test_the_offset_of_a_band_that_was_not_measured_is_left_in_more_doubt() -> None:
    places = driven(6, blocks=20)
    found = calibrate(**places, groups={"band": np.where(places["block"] < 10, "a", "b")})
    assert found.effects == (("band", "a"), ("band", "b"))
    assert not found.alone
    left = found.covariance
    whole = left[0, 0] + left[1, 1] + 2 * left[0, 1]
    assert whole**0.5 == pytest.approx(found.groups["band"].loc["a", "offset_sd_db"])
    assert left[0, 0] > found.offset_sd_db**2


def test_masts_are_drawn_together_the_more_the_less_they_were_measured() -> None:
    places = driven(4, blocks=20)
    mast = np.where(places["block"] < 18, "much", "little")
    places["error_db"] = places["open_error_db"] = places["error_db"] + 12.0 * (mast == "little")
    found = calibrate(**places, groups={"mast": mast, "band": np.full(400, "1–2 GHz")})
    assert set(found.groups) == {"mast"}
    sds = found.groups["mast"]["offset_sd_db"]
    assert sds["little"] > sds["much"]
    at = {"distance_m": found.distance_m, "terrain_db": found.terrain_db}
    assert found.effects == (("mast", "little"), ("mast", "much"))
    assert found.alone == {"band": "1–2 GHz"}
    much, little, new = found.correction_db(
        *(np.full(3, value) for value in at.values()), groups={"mast": ["much", "little", "new"]}
    )
    assert much < new < little < 12.0 + places["error_db"][mast == "much"].mean()


def test_clutter_that_explains_the_places_is_taken_at_its_strength() -> None:
    places = driven(5, blocks=10)
    clutter = np.random.default_rng(5).choice([0.0, 20.0], 200)
    places["open_error_db"] = places["open_error_db"] + clutter
    found = calibrate(**places, clutter_db=clutter)
    assert found.clutter_weight + found.added_weight > 0.99  # the rule adds just the clutter here
    lands = [0.0, 20.0]
    at = found.distance_m, found.terrain_db
    open_land, trees = found.correction_db(*at, clutter_db=lands, added_db=lands)
    assert trees - open_land == pytest.approx(20.0, abs=0.2)


def test_one_block_alone_tells_nothing_of_others() -> None:
    found = calibrate(**driven(6, blocks=1))
    assert np.isnan(found.out_of_block_db).all()
    assert np.isnan(found.half_width_db(0.9))


def test_the_order_of_places_changes_nothing() -> None:
    places = driven(7)
    order = np.random.default_rng(0).permutation(100)
    one, other = calibrate(**places), of(places, order)  # type: ignore[arg-type]
    assert other.offset_db == pytest.approx(one.offset_db, abs=1e-9)
    assert pd.Series(other.out_of_block_db, order).sort_index().to_numpy() == pytest.approx(
        one.out_of_block_db, abs=1e-9
    )


def test_calibration_holds_out_of_block_on_measured_sets(
    published: Callable[[str], Path], checkout: Path
) -> None:
    """At most 0.2 dB worse than the better of an offset and a line; 85 to 95 % of places held."""
    folder = published("reference/measured/README.md").parent
    benchmark = runpy.run_path(str(checkout / "benchmarks/measured.py"))
    for name, paths, _ in benchmark["sets_of"](folder, 30.0):
        errors, held, _ = benchmark["Places"].of(paths).errors()
        rmse = {title: np.sqrt((error**2).mean()) for title, error in errors.items()}
        calibrated = rmse.pop(benchmark["CALIBRATED"])
        assert calibrated <= min(rmse["line over log distance"], rmse[OFFSET]) + 0.2, name
        assert 0.85 <= held <= 0.95, name
