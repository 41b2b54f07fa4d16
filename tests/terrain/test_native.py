"""Elevation stays on the pixels of its file, and knows the ground that the grid knows."""

import numpy as np
import pytest
import shapely
from affine import Affine
from scipy.ndimage import map_coordinates

from phusong.grid import Grid
from phusong.terrain import read_elevation, read_native

SIDE_DEG = 0.0005
RNG = np.random.default_rng(9)


@pytest.fixture
def native(grid):
    def _native(*paths, grid=grid, area=None):
        shown = [path.name for path in paths]
        height_m = read_elevation(
            list(paths), grid, required_area=area, largest_void_px=4, shown=shown
        ).height_m
        return read_native(list(paths), height_m, shown=shown)

    return _native


def rough(shape):
    return RNG.integers(100, 900, shape).astype(np.int16)


def offset_px(found, transform):
    """Return the first row and column of what was found among the pixels of a file."""
    own = ~transform @ found.rio.transform()
    np.testing.assert_allclose([own.a, own.b, own.d, own.e], [1, 0, 0, 1], atol=1e-9)
    np.testing.assert_allclose([own.c, own.f], np.round([own.c, own.f]), atol=1e-6)
    return round(own.f), round(own.c)


def test_heights_of_a_file_in_degrees_are_kept_on_its_own_pixels(write, native):
    values = rough((40, 40))
    transform = Affine(SIDE_DEG, 0, 105.49, 0, -SIDE_DEG, 22.612)
    found = native(write("a.tif", values, crs="EPSG:4326", transform=transform))
    assert found.rio.crs.to_string() == "EPSG:4326"
    row, column = offset_px(found, transform)
    rows, columns = found.shape
    assert row > 0 < column  # no more than the grid needs
    assert row + rows < 40 > column + columns
    np.testing.assert_array_equal(found, values[row : row + rows, column : column + columns])
    assert found.dtype == np.float32


def test_the_finest_file_gives_the_pixels_and_the_first_file_the_heights(write, native, grid):
    coarse, fine = rough((5, 6)), rough((20, 12))
    first = write("coarse.tif", coarse)
    second = write("fine.tif", fine, side=25.0)  # its western half only
    found = native(first, second)
    row, column = offset_px(found, Affine(25.0, 0, 500_000.0, 0, -25.0, 2_500_500.0))
    assert found.shape[1] > 24 > row  # as far as the coarse file reaches
    inner = found.to_numpy()[-row : -row + 20, -column : -column + 24]
    at = (np.arange(20) + 0.5) / 4 - 0.5, (np.arange(24) + 0.5) / 4 - 0.5
    expected = map_coordinates(
        coarse.astype(float), np.meshgrid(*at, indexing="ij"), order=1, mode="nearest"
    )
    np.testing.assert_allclose(inner[2:-2, 2:-2], expected[2:-2, 2:-2], atol=0.5)
    alone = native(second, first).to_numpy()[-row : -row + 20, -column : -column + 12]
    np.testing.assert_array_equal(alone, fine)


def test_voids_are_those_of_the_grid(write, native):
    height = np.full((20, 24), 300.0, np.float32)
    height[3:5, 3:5] = np.nan  # less than a pixel of the grid: filled
    height[8:16, 8:20] = np.nan  # more than four pixels
    found = native(write("a.tif", height, side=25.0))
    row, column = offset_px(found, Affine(25.0, 0, 500_000.0, 0, -25.0, 2_500_500.0))
    inner = found.to_numpy()[-row : -row + 20, -column : -column + 24]
    assert (inner[:8] == 300.0).all()
    assert np.isnan(inner[11:13, 12:16]).all()


def test_what_was_filled_at_the_border_is_known_natively_too(write, native, grid):
    values = np.full((4, 5), 250.0, np.float32)
    path = write("a.tif", values, west=500_040.0, north=2_500_460.0)
    area = shapely.box(500_045, 2_500_065, 500_535, 2_500_455)
    wider = Grid(grid.crs, 100.0, grid.west_m - 200, grid.north_m + 200, 10, 9)
    found = native(path, grid=wider, area=area)
    row, column = offset_px(found, Affine(100.0, 0, 500_040.0, 0, -100.0, 2_500_460.0))
    known = found.to_numpy()[-row - 1 : -row + 4, -column - 1 : -column + 5]
    np.testing.assert_array_equal(known, np.full((5, 6), 250.0))


def test_finer_pixels_than_any_step_are_gathered(write, native):
    values = rough((125, 150))
    found = native(write("a.tif", values, side=4.0))
    transform = found.rio.transform()
    assert (transform.a, transform.e) == (8.0, -8.0)
    row, column = round((transform.f - 2_500_500.0) / 8), round((500_000.0 - transform.c) / 8)
    expected = values[:124].reshape(62, 2, 75, 2).mean(axis=(1, 3))
    inner = found.to_numpy()[row:, column:][1:60, 1:70]
    np.testing.assert_allclose(inner, expected[1:60, 1:70], atol=0.5)


def test_no_more_than_the_files_reach_is_held(write, native):
    wide = Grid("EPSG:9209", 100.0, 450_000.0, 2_550_000.0, 1000, 1000)
    found = native(write("a.tif", rough((5, 6))), grid=wide)
    assert found.size < 200
