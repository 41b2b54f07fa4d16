"""Trees and houses keep their height on the grid."""

import numpy as np
import pytest

from phusong.errors import InputError
from phusong.terrain import read_clutter_height


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
