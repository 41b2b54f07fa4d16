"""Why a place is not served: against the path inspector, a search by steps, and hand numbers."""

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from scipy.ndimage import gaussian_filter

from phusong.grid import Grid
from phusong.radio import (
    P1812,
    FreeSpace,
    Refractivity,
    ServiceRule,
    Settings,
    inspect_path,
    plan_prediction,
    predict_sites,
)
from phusong.radio.obstacles import earth_bulge_m
from phusong.radio.propagation import Link, Profile
from phusong.radio.shortfall import Ask, clear_path, shortfalls, strongest_cells

GRID = Grid("EPSG:9209", 90.0, 500_000.0, 2_509_000.0, 100, 100)
RULE = ServiceRule("4g", ("4G",), (), {"4G": -85.0}, 13.0)


def rough() -> xr.DataArray:
    noise = gaussian_filter(np.random.default_rng(3).normal(size=GRID.shape), 4)
    return GRID.wrap((400 + 3000 * noise).astype(np.float32), "terrain")


def cells(*rows) -> gpd.GeoDataFrame:
    """Return omnidirectional cells at (x, y, EIRP, carrier)."""
    x, y, eirp, carrier = zip(*rows, strict=True)
    names = [f"S{k}" for k in range(len(rows))]
    return gpd.GeoDataFrame(
        {
            "site_id": names, "station_id": names, "cell_id": names, "operator": "Viettel",
            "technology": "4G", "frequency_mhz": list(carrier), "antenna_height_m": 40.0,
            "rs_eirp_dbm": list(eirp), "antenna": "omni",
        },
        geometry=gpd.points_from_xy(x, y), crs=GRID.crs,
    )  # fmt: skip


def planned(table, height, model, radius_m=5000.0, rule=RULE, clutter=None, corrections=None):
    settings = Settings(
        model=model, radius_m=radius_m, receiver_height_m=1.5, profile_step_m=90.0,
        mean_error_db=2.0, corrections=corrections,
    )  # fmt: skip
    return plan_prediction(
        table, height, [rule], settings=settings, refractivity=Refractivity(), clutter_m=clutter
    )


def asked(plan, pixels):
    """Return the question about every cell and pixel, and the rows of the cells."""
    asks = [
        Ask(place=place, sector=sector, pixel=pixel)
        for site in plan.sites
        for place, sector in site.placed
        for pixel in pixels
    ]
    sectors = strongest_cells([sector for site in plan.sites for _, sector in site.placed], RULE)
    return asks, shortfalls(asks, RULE, sectors, plan.conditions)


def test_margin_is_that_of_the_prediction_and_height_that_of_a_search(corrections):
    table = cells((504_500.0, 2_504_500.0, 35.0, 900.0), (502_000.0, 2_503_000.0, 32.0, 1800.0))
    height = rough()
    forest = np.random.default_rng(4).choice([0.0, 12.0], GRID.shape).astype(np.float32)
    clutter = GRID.wrap(forest, "clutter")
    plan = planned(table, height, P1812(), clutter=clutter, corrections=corrections)
    pixels = [(row, column) for row in range(5, 97, 29) for column in range(4, 97, 23)]
    asks, found = asked(plan, pixels)
    hidden = 0
    for ask, one in zip(asks, found, strict=True):
        to_m = GRID.x_m[ask.pixel[1]], GRID.y_m[ask.pixel[0]]
        alone = table.iloc[[ask.sector.row]].reset_index(drop=True)
        seen = inspect_path(
            alone, height, [RULE], to_m=to_m, settings=plan.conditions.settings,
            refractivity=Refractivity(), clutter_m=clutter,
        )  # fmt: skip
        if one is None:  # beyond the radius, where the inspector looks all the same
            assert seen.distance_m > 4900.0
            continue
        assert one.margin_db == pytest.approx(seen.verdicts[0].margin_db, abs=1e-3)
        assert one.distance_m == seen.distance_m
        points = seen.section.iloc[1:-1]
        if seen.obstacle is None:
            assert one.ridge is None
            assert one.clearing_height_m == 40.0
            continue
        hidden += 1
        assert one.ridge.to_receiver_m == pytest.approx(seen.obstacle.to_receiver_m)
        assert (one.ridge.x_m, one.ridge.y_m) == pytest.approx(
            (seen.obstacle.x_m, seen.obstacle.y_m)
        )
        assert one.ridge.ground_m == seen.obstacle.ground_m
        assert one.ridge.above_sight_m == pytest.approx(seen.obstacle.above_sight_m)
        # A search in steps of 1 m: from the height found on, no point stands in the sight line.
        top = (points["ground_m"] + points["clutter_m"] + points["bulge_m"]).to_numpy()
        start, end = seen.section["ground_m"].iloc[0], seen.section["ground_m"].iloc[-1] + 1.5
        share = (points["distance_m"] / seen.section["distance_m"].iloc[-1]).to_numpy()
        antennas = np.arange(40.0, 30_000.0)[:, None]
        clear = (start + antennas + (end - start - antennas) * share >= top).all(axis=1)
        antenna = antennas[np.argmax(clear), 0]
        assert antenna - 1.0 < one.clearing_height_m <= antenna
    assert hidden > 10


def test_clear_path_lets_the_service_through_as_free_space_does():
    table = cells((502_000.0, 2_504_500.0, 45.0, 900.0))
    height = GRID.wrap(np.zeros(GRID.shape, np.float32), "terrain")
    height[:, 59:62] = 400.0  # a wall 3.4 km east of the mast
    plan = planned(table, height, P1812(), radius_m=8000.0)
    _, (behind, before) = asked(plan, [(50, 80), (50, 40)])
    assert behind.cause == "ridge"
    assert behind.margin_db < 0 <= behind.clear_margin_db
    assert behind.ridge.x_m == pytest.approx(505_445.0, abs=136.0)
    assert behind.ridge.ground_m == 400.0
    # 5.2 km: 32.4 + 59.1 + 14.3 dB of free space and 2 dB of known error, from 45 dBm to -72 dBm.
    free_db = 45.0 + 85.0 - 13.0 - 2.0 - (32.4 + 20 * np.log10(900.0 * behind.distance_m / 1000))
    assert behind.clear_margin_db == pytest.approx(free_db, abs=1.0)
    assert before.ridge is None
    assert before.margin_db > 0
    assert before.clearing_height_m == 40.0


@pytest.mark.parametrize(
    ("eirp_dbm", "strongest_dbm", "cause"),
    # Free space over 4.4 km at 900 MHz takes 104.4 dB, and 2 dB are known; -72 dBm are needed.
    [(33.0, 35.0, "too_weak"), (33.0, 34.0, "too_far"), (33.0, 33.0, "too_far")],
)
def test_place_in_sight_that_is_not_served_is_told_by_the_strongest_cell(
    eirp_dbm, strongest_dbm, cause
):
    far = cells(
        (504_545.0, 2_504_455.0, eirp_dbm, 900.0), (500_045.0, 2_504_455.0, strongest_dbm, 900.0)
    )
    flat = GRID.wrap(np.zeros(GRID.shape, np.float32), "terrain")
    plan = planned(far, flat, FreeSpace())
    _, (one, beyond) = asked(plan, [(50, 99)])
    left_db = eirp_dbm - (32.44 + 20 * np.log10(900.0 * 4.41)) + 72.0 - 2.0
    assert one.margin_db == pytest.approx(left_db, abs=0.02)
    assert one.strongest_margin_db == pytest.approx(left_db + strongest_dbm - eirp_dbm, abs=0.02)
    assert one.clear_margin_db == one.margin_db
    assert one.cause == cause
    assert one.ridge is None
    assert beyond is None
    assert strongest_cells([], RULE) == []


def test_answers_do_not_depend_on_who_asks_beside():
    table = cells((504_500.0, 2_504_500.0, 35.0, 900.0), (502_000.0, 2_503_000.0, 32.0, 1800.0))
    plan = planned(table, rough(), P1812())
    pixels = [(row, column) for row in range(5, 97, 31) for column in range(4, 97, 37)]
    asks, found = asked(plan, pixels)
    mixed = np.random.default_rng(1).permutation(len(asks))
    sectors = strongest_cells([sector for site in plan.sites for _, sector in site.placed], RULE)
    again = shortfalls([asks[i] for i in mixed], RULE, sectors, plan.conditions)
    assert again == [found[i] for i in mixed]
    best = predict_sites(plan.sites, services=[RULE], conditions=plan.conditions)
    for pixel in pixels:
        heard = [
            one.margin_db
            for ask, one in zip(asks, found, strict=True)
            if one and ask.pixel == pixel
        ]
        margin = best.margin[0][pixel]
        assert np.isinf(margin) if not heard else max(heard) == pytest.approx(margin, abs=1e-3)


def test_clear_path_lowers_terrain_alone_and_leaves_the_ends():
    plan = planned(cells((504_500.0, 2_504_500.0, 35.0, 900.0)), rough(), P1812())
    ((place, sector),) = plan.sites[0].placed
    view = plan.conditions.around(place)
    path = view.path(60, 80).profile
    link = plan.conditions.link(sector)
    lowered = clear_path(path, link)
    assert (lowered.height_m <= path.height_m).all()
    assert (lowered.height_m[[0, -1]] == path.height_m[[0, -1]]).all()
    again = clear_path(lowered, link)
    np.testing.assert_array_equal(again.height_m, lowered.height_m)


def test_clear_path_leaves_six_tenths_of_the_first_fresnel_zone():
    # The zone of 3 km at 900 MHz has a radius of sqrt(0.3331 · 1500 · 1500 / 3000) = 15.81 m in the
    # middle and 14.90 m at a third.
    link = Link(frequency_mhz=900.0, transmitter_height_m=50.0, receiver_height_m=50.0)
    path = Profile(
        distance_m=np.array([0.0, 1000.0, 1500.0, 3000.0]),
        height_m=np.array([0.0, 300.0, 300.0, 0.0]),
        clutter_m=np.array([0.0, 0.0, 7.0, 60.0]),  # the receiver stands below its trees
    )
    bulge_m = earth_bulge_m(path, link)
    third_m, middle_m = 50 - 0.6 * 14.90 - bulge_m[1], 50 - 7 - 0.6 * 15.81 - bulge_m[2]
    lowered = clear_path(path, link).height_m
    assert lowered.tolist() == pytest.approx([0.0, third_m, middle_m, 0.0], abs=0.01)
