"""Trees and houses keep their height on the grid."""

import numpy as np
import pytest
import rasterio
from scipy.ndimage import gaussian_filter

from phusong.errors import InputError
from phusong.grid import Grid
from phusong.terrain import read_clutter_height
from phusong.terrain.clutter import MAYBE_CODES


def test_coarse_clutter_keeps_its_edge_and_nothing_stands_where_nothing_is_known(write, grid):
    path = write("c.tif", np.array([[12.0, -1.0]]), side=200.0, nodata=-1.0)
    expected = np.zeros((5, 6))
    expected[:2, :2] = 12
    np.testing.assert_array_equal(read_clutter_height(path, grid, shown="c.tif"), expected)


def test_highest_of_many_fine_pixels_counts(write, grid):
    fine = np.zeros((20, 24))
    fine[1, 2] = 25
    found = read_clutter_height(write("c.tif", fine, side=25.0), grid, shown="c.tif")
    assert found[0, 0] == 25
    assert found.sum() == 25


@pytest.mark.parametrize("value", [-5.0, 1001.0])
def test_impossible_clutter_is_refused(write, grid, value):
    with pytest.raises(InputError, match=r"c\.tif, value .*heights outside 0–1000 m"):
        read_clutter_height(write("c.tif", np.full((5, 6), value)), grid, shown="c.tif")


@pytest.mark.parametrize(("height", "north"), [(-1.0, 2_500_500.0), (9.0, 2_900_000.0)])
def test_clutter_without_any_value_on_the_grid_is_refused(write, grid, height, north):
    path = write("c.tif", np.full((5, 6), height), north=north, nodata=-1.0)
    with pytest.raises(InputError, match=r"c\.tif: .*no value anywhere in the area"):
        read_clutter_height(path, grid, shown="c.tif")


WORLDCOVER = [10, 20, 30, 40, 50, 60, 80]
NLCD = [11, 21, 22, 31, 41, 42, 43, 52, 71, 81, 90, 95]
CORINE = [111, 112, 211, 231, 311, 312, 512]


@pytest.mark.parametrize("codes", [WORLDCOVER, NLCD, CORINE])
def test_codes_of_land_classes_are_no_heights(write, grid, codes):
    values = np.random.default_rng(3).choice(codes, (5, 6))
    values[0, 0] = max(codes)
    with pytest.raises(InputError, match=r"c\.tif: .*codes of land classes \(\d+, .*land_cover"):
        read_clutter_height(write("c.tif", values), grid, shown="c.tif")


def test_a_raster_with_a_table_of_colours_holds_no_heights(write, grid):
    path = write("c.tif", np.full((5, 6), 3, dtype="uint8"))
    with rasterio.open(path, "r+") as raster:
        raster.write_colormap(1, {3: (0, 100, 0, 255), 7: (0, 0, 255, 255)})
    with pytest.raises(InputError, match=r"codes of land classes"):
        read_clutter_height(path, grid, shown="c.tif")


@pytest.mark.parametrize(
    "heights",
    [
        [0, 10, 15, 20],  # of classes, by somebody's table
        range(61),  # whole metres of a town
        [0.0, 12.5, 60.0, 80.0],
    ],
)
def test_heights_stay_heights(write, grid, heights):
    values = np.resize(np.array(heights, float), (8, 9))
    found = read_clutter_height(write("c.tif", values, side=80.0), grid, shown="c.tif")
    assert found.max() >= 15


def laid(values):
    """Return a number for each of as many hundredths of a smooth surface, 0 on the lowest part."""
    surface = gaussian_filter(np.random.default_rng(2).normal(size=(60, 60)), 3)
    rank = surface.ravel().argsort().argsort().reshape(surface.shape)
    return np.array(values)[rank * len(values) // surface.size]


@pytest.fixture
def wide():
    return Grid("EPSG:9209", 90.0, 450_000.0, 2_530_000.0, width=60, height=60)


@pytest.mark.parametrize(
    "codes",
    [
        [7, 2, 11, 5, 1, 9, 4, 12, 3, 8, 6, 10],  # of a national map, in any order
        [0, 6, 1, 4, 8, 2, 5, 7, 3],  # Dynamic World
        [23, 2, 41, 12, 18, 3, 40, 25, 21, 4, 35, 24, 7, 31, 10],  # CORINE, counted
    ],
)
def test_numbers_that_lie_side_by_side_in_no_order_are_codes(tmp_path, wide, codes):
    wide.wrap(laid(codes).astype("uint8"), "clutter").rio.to_raster(tmp_path / "c.tif")
    with pytest.raises(InputError, match=r"codes of land classes"):
        read_clutter_height(tmp_path / "c.tif", wide, shown="c.tif")


def patches(values, kept=None):
    """Return patches of each number, as classes of land lie; 0 outside a circle if `kept`."""
    rng = np.random.default_rng(7)
    fields = [gaussian_filter(rng.normal(size=(60, 60)), 3) for _ in values]
    found = np.array(values)[np.argmax(fields, axis=0)]
    y, x = np.mgrid[:60, :60]
    return found if kept is None else np.where(np.hypot(x - 30, y - 30) < kept, found, 0)


TENS = [
    [10, 30], [10, 40], [30, 40], [10, 20, 30], [10, 20, 40], [10, 30, 40], [20, 30, 40],
    [10, 20, 30, 40], [10, 40, 50], [10, 30, 40, 50, 60, 80],
]  # fmt: skip


@pytest.mark.parametrize("kept", [None, 28], ids=["everywhere", "a province"])
@pytest.mark.parametrize("codes", [*TENS, [1, 2, 3], [1, 2, 3, 4, 5]])
def test_numbers_of_a_table_that_cover_all_land_are_codes(tmp_path, wide, codes, kept):
    wide.wrap(patches(codes, kept).astype("uint8"), "clutter").rio.to_raster(tmp_path / "c.tif")
    with pytest.raises(InputError, match=r"codes of land classes"):
        read_clutter_height(tmp_path / "c.tif", wide, shown="c.tif")


@pytest.mark.parametrize(
    "heights",
    [
        [0, 10, 20],  # by somebody's coarse table, with open land
        [0, 0, 10, 20, 30],
        [0, 2, 3, 4, 5, 6],
        [1, 4, 10, 15],  # open land counts as 1 m
        [0, 0, 3, 6, 9, 12, 30, 48, 75],  # houses by their floors
    ],
)
def test_heights_of_a_table_leave_open_land(tmp_path, wide, heights):
    metres = patches(heights)
    wide.wrap(metres.astype("uint8"), "clutter").rio.to_raster(tmp_path / "c.tif")
    found = read_clutter_height(tmp_path / "c.tif", wide, shown="c.tif")
    np.testing.assert_array_equal(found, metres)


@pytest.mark.parametrize(
    "heights",
    [
        range(13),  # a low forest in whole metres
        [0, 0, 0, 9, 10, 11, 12, 13, 3, 4, 5, 6],  # tall trees at the edge of open land
        [0, 4, 15, 2, 10, 20],  # by somebody's table
    ],
)
def test_whole_metres_side_by_side_are_heights(tmp_path, wide, heights):
    metres = laid(heights)
    wide.wrap(metres.astype("uint8"), "clutter").rio.to_raster(tmp_path / "c.tif")
    found = read_clutter_height(tmp_path / "c.tif", wide, shown="c.tif")
    np.testing.assert_array_equal(found, metres)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1, 2, 5, 8, 12, 17], "1, 2, 5, 8, 12, 17"),  # IGBP
        ([0, 10, 15], None),  # of classes, by somebody's table
        ([0, 2, 5, 8, 12.5, 17], None),
        (range(31), None),  # whole metres of a forest
    ],
)
def test_few_small_whole_numbers_are_taken_as_heights_and_told(write, grid, values, told):
    path = write("c.tif", np.resize(np.array(values, float), (8, 9)), side=80.0)
    assert read_clutter_height(path, grid, shown="c.tif").attrs.get(MAYBE_CODES) == told
