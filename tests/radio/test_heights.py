"""Pixels of the elevation are found as PROJ finds them, and the same wherever the raster begins."""

import numpy as np
import pytest
import xarray as xr
from affine import Affine

from phusong.grid import Grid, operation
from phusong.radio.heights import LARGEST_MISS_PX, Finder, Heights

CRS = "EPSG:9209"
MIDDLE = 447_572.0, 2_526_144.0
THREE_SECONDS = Affine(1 / 1200, 0, 104.0, 0, -1 / 1200, 24.0)


def heights(transform, shape=(2400, 2400), crs="EPSG:4326"):
    return Heights(height_m=np.zeros(shape, np.float32), crs=crs, transform=transform)


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", THREE_SECONDS),
        ("EPSG:4326", Affine(1 / 36000, 0, 104.0, 0, -1 / 36000, 24.0)),  # 3 m
        ("EPSG:32648", Affine(30, 4, 400_000, -4, -30, 2_600_000)),  # turned
        ("EPSG:3857", Affine(10, 0, 11_600_000, 0, -10, 2_700_000)),
        (CRS, Affine(12.5, 0, 400_000, 0, -12.5, 2_600_000)),
    ],
)
@pytest.mark.parametrize("reach_m", [500.0, 15_000.0, 60_000.0])
def test_the_polynomial_meets_proj_within_the_bound_stated(crs, transform, reach_m):
    found = heights(transform, (2, 2), crs)
    way = Finder(crs=CRS, heights=found).way(*MIDDLE, reach_m)
    azimuth = np.linspace(0, 2 * np.pi, 401)
    distance = reach_m * np.sqrt(np.linspace(0, 1, 401))
    east, north = distance * np.sin(7 * azimuth), distance * np.cos(7 * azimuth)
    x, y = operation(CRS, crs).transform(MIDDLE[0] + east, MIDDLE[1] + north)
    column, row = ~transform @ (x, y)
    miss = np.hypot(*(np.stack(way.pixels(east, north)) - np.stack([row, column]) + 0.5))
    assert miss.max() <= 1.5 * LARGEST_MISS_PX < 0.01


def test_the_way_is_the_same_to_the_last_bit_wherever_the_raster_begins():
    one = Finder(crs=CRS, heights=heights(THREE_SECONDS)).way(*MIDDLE, 15_000.0)
    later = THREE_SECONDS @ Affine.translation(301, 417)
    other = Finder(crs=CRS, heights=heights(later)).way(*MIDDLE, 15_000.0)
    assert (one.top - other.top, one.left - other.left) == (417, 301)
    assert one.coefficients.tobytes() == other.coefficients.tobytes()


def test_on_the_grid_itself_the_way_is_exact():
    grid = Grid(CRS, 90.0, 400_000.0, 2_600_000.0, 900, 900)
    on_grid = Heights.on_grid(grid, np.zeros(grid.shape, np.float32))
    way = Finder(crs=CRS, heights=on_grid).way(447_600.0, 2_526_120.0, 9000.0)
    assert (way.top, way.left) == (820, 528)
    row, column = way.pixels(np.array([0.0, 900.0]), np.array([0.0, -1800.0]))
    np.testing.assert_allclose(np.diff(row), [20.0], atol=1e-6)
    np.testing.assert_allclose(np.diff(column), [10.0], atol=1e-6)


def test_a_crs_that_tears_around_the_mast_is_refused():
    east = heights(Affine(1 / 1200, 0, 179.0, 0, -1 / 1200, 1.0))
    with pytest.raises(ValueError, match="not smooth"):
        Finder(crs="EPSG:3832", heights=east).way(3_339_584.0, 0.0, 15_000.0)  # 180 degrees east


@pytest.mark.parametrize(
    ("crs", "side", "pixel_m", "step_m"),
    [
        ("EPSG:4326", 1 / 1200, 86.05, 30.0),
        ("EPSG:4326", 1 / 3600, 28.68, 14.0),
        (CRS, 90.0, 90.0, 30.0),
        (CRS, 25.0, 25.0, 12.0),
        (CRS, 5.0, 5.0, 10.0),
    ],
)
def test_the_step_is_half_a_pixel_between_10_and_30_m(crs, side, pixel_m, step_m):
    corner = (104.0, 22.0) if crs == "EPSG:4326" else (400_000.0, 2_600_000.0)
    found = heights(Affine(side, 0, corner[0], 0, -side, corner[1]), (10, 10), crs)
    assert found.pixel_m == pytest.approx(pixel_m, abs=0.1)
    assert found.default_step_m == step_m


def test_heights_are_those_of_a_raster_with_its_place():
    raster = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("y", "x"))
    raster = raster.rio.write_crs("EPSG:4326").rio.write_transform(THREE_SECONDS)
    found = Heights.of(raster)
    assert (found.crs, found.transform) == ("EPSG:4326", THREE_SECONDS)
    assert found.height_m.dtype == np.float32
    assert found.height_m.tolist() == [[0, 1, 2], [3, 4, 5]]
