"""How much the ground around a place rises and falls."""

import geopandas as gpd
import numpy as np
import pytest

from phusong.grid import Grid
from phusong.terrain import MOUNTAIN_RELIEF_M, local_relief_m

FAR_M = 20_000.0


@pytest.fixture
def ground(tmp_path):
    """Return a plain at 100 m with one block of 700 m, 30 km wide in all."""
    grid = Grid("EPSG:9209", 250.0, 450_000.0, 2_530_000.0, width=120, height=120)
    height = np.full((120, 120), 100.0)
    height[58:62, 10:14] = 700.0
    path = tmp_path / "ground.tif"
    grid.wrap(height, "terrain", nodata=np.nan).rio.to_raster(path)
    return path


def relief(ground, *places):
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*places, strict=True)), crs="EPSG:9209")
    return local_relief_m(points, [ground], shown=["ground.tif"])


def test_ground_within_seven_kilometres_counts(ground):
    middle = 2_530_000.0 - 60 * 250
    near, edge, far, outside = relief(
        ground,
        (450_000 + 12 * 250, middle),
        (450_000 + 12 * 250 + 6_500, middle),
        (450_000 + 12 * 250 + 12_000, middle),
        (450_000 - FAR_M, middle),
    )

    assert near == edge == pytest.approx(600, abs=1)
    assert near > MOUNTAIN_RELIEF_M
    assert far == 0
    assert np.isnan(outside)


def test_the_same_place_twice_is_the_same(ground):
    place = (455_000.0, 2_520_000.0)

    one, other = relief(ground, place, place)

    assert one == other
