"""Stations exchanged in what was found leave the bits of all folded anew."""

from functools import partial

import geopandas as gpd
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from phusong.grid import Grid
from phusong.radio import (
    Best,
    Diffraction,
    Refractivity,
    ServiceRule,
    Settings,
    Site,
    best_of,
    exchange,
    plan_prediction,
    predict_sites,
)

CRS = "EPSG:9209"
GRID = Grid(CRS, 90.0, 500_000.0, 2_509_000.0, 70, 60)
SERVICES = [
    ServiceRule("mobile", ("2G", "4G"), (), {"2G": -98.0, "4G": -115.0}, 10.0),
    ServiceRule("4g", ("4G",), (), {"4G": -115.0}, 10.0),
]
LAYERS = ("margin", "server", "obstacle", "second", "second_server", "servers")


def network(rng, masts):
    """Draw masts with a station of each technology, some at one place, all at few powers."""
    place = rng.integers(0, 60, (masts, 2)) * 100.0
    rows = []
    for number, (x, y) in enumerate(place):
        for technology in ("2G", "4G"):
            station = f"{number:02d}-{technology}"
            azimuth = rng.choice([np.nan, 0.0, 120.0, 240.0])
            rows += [
                {"site_id": f"{number:02d}", "station_id": station,
                 "cell_id": f"{station}-{sector}", "operator": "Viettel",
                 "technology": technology, "frequency_mhz": 900.0,
                 "antenna_height_m": float(rng.choice([20.0, 40.0])), "rs_eirp_dbm": 30.0,
                 "azimuth_deg": azimuth + 120.0 * sector, "beamwidth_deg": 65.0,
                 "tilt_deg": 2.0, "x": 500_000 + x, "y": 2_503_700 + y}
                for sector in range(1 if np.isnan(azimuth) else 2)
            ]  # fmt: skip
    table = gpd.GeoDataFrame.from_records(rows)
    return table.set_geometry(gpd.points_from_xy(table["x"], table["y"], crs=CRS))


def ground(rng):
    relief = gaussian_filter(rng.normal(size=GRID.shape), 4)
    return GRID.wrap((300 + 150 * relief / relief.std()).astype(np.float32), "terrain")


@pytest.mark.parametrize("seed", range(8))
def test_exchange_leaves_the_bits_of_all_folded_anew(seed, corrections):
    rng = np.random.default_rng(seed)
    table, height = network(rng, 9), ground(rng)
    plan = partial(
        plan_prediction, height_m=height, services=SERVICES, refractivity=Refractivity(),
        settings=Settings(
            model=Diffraction(), radius_m=2500.0, receiver_height_m=1.5,
            corrections=corrections if seed % 2 else None,
        ),
    )  # fmt: skip
    going, coming = rng.choice(9, 2, replace=False)
    old = table[table["site_id"] != f"{coming:02d}"].reset_index(drop=True)
    new = table[table["site_id"] != f"{going:02d}"].reset_index(drop=True)
    before, after = plan(old), plan(new)
    part = GRID.part(slice(5, 55), slice(10, 70))
    found = before.signals(predict_sites(before.sites, services=SERVICES,
                                         conditions=before.conditions))  # fmt: skip
    row = {cell: at for at, cell in enumerate(new["cell_id"])}
    rows = np.array([*(row.get(cell, -1) for cell in old["cell_id"]), -1], dtype=np.int32)
    best = best_of([*found.services.values()], rows, part, before.conditions)
    gone, come, others = [], [], []
    for site in before.sites:
        gone += [one for one in site.stations if rows[one[0][1].row] < 0]
    for site in after.sites:  # a station that comes may stand on the mast of one that stays
        stay = []
        for one in site.stations:
            its_site = new["site_id"].iloc[one[0][1].row]
            (come if its_site == f"{coming:02d}" else stay).append(one)
        others += [Site(tuple(stay))] if stay else []
    assert gone
    assert come
    exchange(
        best, gone=gone, others=others, come=come, services=SERVICES,
        conditions=before.conditions,
    )  # fmt: skip
    expected = predict_sites(
        after.sites, services=SERVICES, conditions=after.conditions, best=Best(2, part)
    )
    for layer in LAYERS:
        np.testing.assert_array_equal(
            getattr(best, layer), getattr(expected, layer), err_msg=layer, strict=True
        )
