"""The relief is lit as a cartographer expects."""

import numpy as np
import pytest

from phusong.grid import Grid
from phusong.terrain import hillshade

GRID = Grid("EPSG:9209", 100.0, 0.0, 300.0, 5, 3)


def shade(heights, **lamp):
    return hillshade(GRID.wrap(np.asarray(heights, dtype=np.float32), "terrain"), **lamp).to_numpy()


def test_slopes_that_face_the_lamp_are_bright():
    roof = shade(np.tile([0.0, 50, 100, 50, 0], (3, 1)), azimuth_deg=270.0, altitude_deg=45.0)
    assert roof[1, 1] > roof[1, 2] > roof[1, 3] > 0


@pytest.mark.parametrize(("azimuth", "rises"), [(0.0, "north"), (90.0, "east"), (180.0, "south")])
def test_slope_of_45_degrees_towards_a_low_lamp_is_lit_as_its_cosine(azimuth, rises):
    # Ground that falls by 100 m a pixel towards the lamp meets a lamp at 45° squarely: full light.
    slope = {
        "north": np.tile([[0.0], [100], [200]], (1, 5)),
        "east": np.tile([400.0, 300, 200, 100, 0], (3, 1)),
        "south": np.tile([[200.0], [100], [0]], (1, 5)),
    }[rises]
    assert shade(slope, azimuth_deg=azimuth, altitude_deg=45.0)[1, 2] == 255


def test_unknown_ground_is_not_shaded_and_casts_no_cliff():
    flat = np.full((3, 5), 500.0)
    flat[0, 0] = np.nan
    found = shade(flat, altitude_deg=30.0)
    assert found[0, 0] == 0
    assert set(found.ravel()[1:]) == {128}


def test_ground_that_is_all_unknown_is_not_shaded():
    np.testing.assert_array_equal(shade(np.full((3, 5), np.nan)), np.zeros((3, 5)))


def test_blocks_of_rows_leave_no_seam():
    """A plane is lit alike everywhere but at its edges, whatever block a row is of."""
    grid = Grid("EPSG:9209", 90.0, 0.0, 600 * 90.0, 5, 600)
    plane = grid.wrap(np.add.outer(np.arange(600.0) * 30, np.arange(5.0) * 10), "terrain")
    shade = hillshade(plane).to_numpy()[1:-1, 1:-1]
    assert np.unique(shade).size == 1
