"""Trees and houses keep their height on the grid."""

import numpy as np
import pytest
import rasterio

from phusong.errors import InputError
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
