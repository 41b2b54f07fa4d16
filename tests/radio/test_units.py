"""Sites in sets, predicted apart and in any order: the same bits as all at once."""

import pickle
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import pytest

from phusong.errors import ClusterError
from phusong.grid import Grid
from phusong.radio import (
    Best,
    FreeSpace,
    Refractivity,
    ServiceRule,
    Settings,
    plan_prediction,
    predict_sites,
)
from phusong.radio import units as module
from phusong.radio.by_operator import OperatorBest
from phusong.radio.contenders import RankedBest
from phusong.radio.tiles import digest_of_engine
from phusong.radio.units import UnitPrediction, take_over, units_of

GRID = Grid("EPSG:9209", 90.0, 500_000.0, 2_509_000.0, 100, 100)
NEAR = GRID.part(slice(20, 90), slice(10, 80))
FLAT = GRID.wrap(np.full(GRID.shape, 100.0, dtype=np.float32), "terrain")
RULES = [
    ServiceRule("mobile", ("2G", "4G"), (), {"2G": -98.0, "4G": -115.0}, 10.0),
    ServiceRule("4g", ("4G",), (), {"4G": -115.0}, 20.0),
]
CELLS = 30
PIXELS = np.flatnonzero(np.random.default_rng(3).random(NEAR.shape) < 0.2)


def plan(radius_m=1500.0):
    random = np.random.default_rng(21)
    x, y = 500_000 + 9000 * random.random(CELLS), 2_500_000 + 9000 * random.random(CELLS)
    x[7:9], y[7:9] = x[6], y[6]  # three on one mast
    ids = [f"c{k}" for k in range(CELLS)]
    cells = gpd.GeoDataFrame(
        {
            "site_id": ids, "station_id": ids, "cell_id": ids,
            "operator": np.where(np.arange(CELLS) % 2, "Viettel", "VNPT"),
            "technology": np.where(np.arange(CELLS) % 3, "4G", "2G"),
            "frequency_mhz": 900.0, "antenna_height_m": 30.0, "rs_eirp_dbm": 15.0,
            "antenna": "omni",
        },
        geometry=gpd.points_from_xy(x, y), crs=GRID.crs,
    )  # fmt: skip
    settings = Settings(model=FreeSpace(), radius_m=radius_m, receiver_height_m=1.5)
    return plan_prediction(cells, FLAT, RULES, settings=settings, refractivity=Refractivity())


def kinds():
    masts = {"pixels": PIXELS, "mast_of_cell": [*range(7), 6, 6, *range(9, CELLS)], "ranks": 3}
    operators = {"operator_of_cell": [k % 2 for k in range(CELLS)], "operators": 2}
    return (
        partial(Best, 2, NEAR),
        partial(RankedBest, 2, NEAR, **masts),
        partial(OperatorBest, 2, NEAR, layer=1, **masts, **operators),
    )


def work_of(planned, best):
    return UnitPrediction(
        services=planned.services,
        conditions=planned.conditions,
        kind=best.kind,
        engine=digest_of_engine(),
    )


@pytest.mark.parametrize("make", kinds())
@pytest.mark.parametrize("seed", range(3))
def test_units_merged_in_any_order_are_what_all_sites_are_at_once(make, seed, monkeypatch):
    monkeypatch.setattr(module, "ANTENNAS", 4)
    planned, best = plan(), make()
    whole = predict_sites(
        planned.sites, services=planned.services, conditions=planned.conditions, best=make()
    )
    assert np.isfinite(whole.second).any(), "no pixel with two stations"
    units = units_of(planned.sites, planned.conditions, NEAR)
    work = pickle.loads(pickle.dumps(work_of(planned, best)))
    for number in np.random.default_rng(seed).permutation(len(units)):
        unit = pickle.loads(pickle.dumps(units[number]))
        take_over(best, units[number], work(unit))
    for merged, at_once in zip(best.arrays, whole.arrays, strict=True):
        np.testing.assert_array_equal(merged, at_once)


def test_each_site_that_reaches_the_grid_is_in_one_unit_of_near_sites(monkeypatch):
    monkeypatch.setattr(module, "ANTENNAS", 4)
    planned = plan()
    units = units_of(planned.sites, planned.conditions, NEAR)
    split = [site for unit in units for site in unit.sites]
    reaching = [
        site
        for site in planned.sites
        if np.isfinite(
            predict_sites(
                [site],
                services=planned.services,
                conditions=planned.conditions,
                best=Best(2, NEAR),
            ).margin
        ).any()
    ]
    assert len(split) == len({id(site) for site in split})
    assert {id(site) for site in reaching} <= {id(site) for site in split}
    assert len(units) > 5
    assert max(unit.antennas for unit in units if len(unit.sites) > 1) <= 4
    for unit in units:
        x, y = np.array([(place.x_m, place.y_m) for one in unit.sites for place, _ in one.placed]).T
        assert max(np.ptp(x), np.ptp(y)) <= module.WIDEST_RADII * 1500


def test_few_masts_far_apart_are_in_several_units():
    planned = plan(radius_m=300.0)
    units = units_of(planned.sites, planned.conditions, GRID)
    assert sum(unit.antennas for unit in units) <= module.ANTENNAS
    assert max(max(unit.grid.shape) for unit in units) <= 4 * 300 / 90 + 2


def test_no_sites_make_no_unit():
    planned = plan()
    assert units_of([], planned.conditions, GRID) == []


def test_another_engine_is_refused():
    planned = plan()
    (unit, *_) = units_of(planned.sites, planned.conditions, NEAR)
    work = replace(work_of(planned, Best(2, NEAR)), engine=("another",))
    with pytest.raises(ClusterError) as refused:
        work(unit)
    assert refused.value.message == "cluster.other_engine"
