"""Hops over ground whose clearance can be worked out by hand."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from phusong.errors import CrsMismatchError
from phusong.fibre import hops_in_sight, low_earth_factor
from phusong.grid import Grid

GRID = Grid.covering((0, 0, 30_000, 300), resolution_m=100, crs="EPSG:9209")


def hop(metres=20_000.0, heights=(30.0, 30.0), ghz=7.0, crs="EPSG:9209"):
    line = LineString([(1050, 150), (1050 + metres, 150)])
    columns = {"from_height_m": heights[0], "to_height_m": heights[1], "frequency_ghz": ghz}
    return gpd.GeoDataFrame({name: [value] for name, value in columns.items()},
                            geometry=[line], crs=crs)  # fmt: skip


def judged(hops, *, ridge_m=0.0, at_m=0.0, hole=False):
    ground = np.zeros(GRID.shape)
    ground[:, np.abs(GRID.x_m - 1050 - at_m) < 60] = np.nan if hole else ridge_m
    return hops_in_sight(
        hops, GRID.wrap(ground, "elevation"), earth_factor=4 / 3, fresnel_share=0.6
    ).iloc[0]


def test_the_earth_and_the_fresnel_zone_take_their_part_in_the_middle():
    flat = judged(hop())
    bulge = 1000 * 10 * 10 / (2 * 4 / 3 * 6371)
    zone = 17.3 * np.sqrt(10 * 10 / (7 * 20))
    assert flat["clearance_m"] == pytest.approx(30 - bulge - 0.6 * zone, abs=0.01)
    assert flat["worst_at_m"] == pytest.approx(10_000)
    assert flat["in_sight"]


@pytest.mark.parametrize(("ridge_m", "seen"), [(15, True), (16, False)])
def test_a_ridge_in_the_middle_hides_what_is_less_free_than_asked(ridge_m, seen):
    # 30 m less 5.89 m of earth and 8.77 m of the zone leave 15.34 m.
    found = judged(hop(), ridge_m=ridge_m, at_m=10_000)
    assert found["in_sight"] == seen
    assert found["worst_at_m"] == pytest.approx(10_000, abs=100)


def test_near_an_end_the_zone_is_narrow_and_a_lower_frequency_needs_more():
    near = judged(hop(), ridge_m=20, at_m=1_000)["clearance_m"]
    middle = judged(hop(), ridge_m=20, at_m=10_000)["clearance_m"]
    assert near > middle
    assert judged(hop(ghz=2.0))["clearance_m"] < judged(hop(ghz=18.0))["clearance_m"]


def test_unknown_ground_leaves_the_answer_open():
    blind = judged(hop(), hole=True, at_m=5_000)
    assert np.isnan(blind["clearance_m"])
    assert blind[["in_sight"]].isna().all()
    assert judged(hop(metres=40_000.0))[["in_sight"]].isna().all()  # beyond the grid


def test_two_masts_at_one_spot_see_each_other():
    found = judged(hop(metres=0.0, heights=(30.0, 40.0)))
    assert found["clearance_m"] == pytest.approx(30)
    assert found["in_sight"]


def test_hops_in_another_crs_are_refused():
    with pytest.raises(CrsMismatchError, match="hops is in EPSG:4326"):
        judged(hop(crs="EPSG:4326"))


def test_every_sample_of_rough_ground_with_trees_is_as_free_as_by_hand():
    rng = np.random.default_rng(7)
    ground, trees = rng.uniform(0, 60, GRID.shape), rng.choice([0.0, 15.0, np.nan], GRID.shape)
    for _ in range(20):
        (x0, x1), (y0, y1) = rng.uniform(0, 30_000, 2), rng.uniform(0, 300, 2)
        heights, factor = rng.uniform(20, 80, 2), rng.uniform(0.5, 1.5)
        line = LineString([(x0, y0), (x1, y1)])
        hops = gpd.GeoDataFrame(
            {"from_height_m": [heights[0]], "to_height_m": [heights[1]], "frequency_ghz": [7.0]},
            geometry=[line], crs="EPSG:9209",
        )  # fmt: skip
        found = hops_in_sight(
            hops, GRID.wrap(ground, "elevation"), earth_factor=[factor], fresnel_share=0.6,
            clutter_m=GRID.wrap(trees, "clutter"),
        ).iloc[0]  # fmt: skip

        def under(raster, x, y):
            return raster[int((GRID.north_m - y) // 100), int((x - GRID.west_m) // 100)]

        steps = max(int(np.ceil(line.length / 50)), 2)
        ends = under(ground, x0, y0) + heights[0], under(ground, x1, y1) + heights[1]
        free = []
        for step in range(steps + 1):
            t = step / steps
            x, y = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
            top = under(ground, x, y)
            pixel = x // 100, y // 100
            if pixel not in {(x0 // 100, y0 // 100), (x1 // 100, y1 // 100)}:
                top += np.nan_to_num(under(trees, x, y))
            d1, d2 = t * line.length, (1 - t) * line.length
            top += d1 * d2 / (2 * factor * 6_371_000)
            zone = 17.3 * np.sqrt(d1 / 1000 * d2 / 1000 / (7 * line.length / 1000))
            free.append(ends[0] * (1 - t) + ends[1] * t - top - 0.6 * zone)
        assert found["clearance_m"] == pytest.approx(min(free), abs=1e-6)
        assert found["in_sight"] == (min(free) >= 0)


def test_the_air_of_the_worst_month_bends_rays_less_on_short_hops():
    # A mean gradient of -13 + 2670/d N-units a kilometre: 120.5 at 20 km, 13.7 at 100 km.
    assert low_earth_factor([20, 100]) == pytest.approx([157 / (157 + 120.5), 157 / (157 + 13.7)])
    assert (np.diff(low_earth_factor(np.arange(1, 200))) > 0).all()
