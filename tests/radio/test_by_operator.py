"""The best cell of each operator at single pixels: against looking through all of them."""

import numpy as np
import pytest

from phusong.grid import Grid
from phusong.radio.best_servers import Best, ServingCells
from phusong.radio.by_operator import OperatorBest

GRID = Grid("EPSG:9209", 100.0, 0.0, 600.0, 7, 6)
PIXELS = np.array([0, 6, 8, 9, 20, 23, 33, 41])
OPERATOR_OF_CELL = [0, 1, 0, 2, 1, 0, 1, 0]


def made(pixels=PIXELS):
    return OperatorBest(
        2, GRID, pixels=pixels, mast_of_cell=range(8), ranks=2, layer=1,
        operator_of_cell=OPERATOR_OF_CELL, operators=3,
    )  # fmt: skip


def windows(random):
    """Return the window of each station, one a cell, its margins: whole numbers, so some tie."""
    for cell in range(len(OPERATOR_OF_CELL)):
        top, left = random.integers(0, 3, 2)
        height, width = random.integers(2, 4, 2) + 1
        margin = random.integers(-3, 4, (height, width)).astype(np.float32)
        margin[random.random(margin.shape) < 0.2] = -np.inf  # not heard there
        yield cell, (slice(top, top + height), slice(left, left + width)), margin


def fold(best, cell, at, margin):
    station = ServingCells(2, margin.shape)
    station.margin[:] = margin
    station.server[:] = np.where(np.isinf(margin), -1, cell)
    best.fold(0, station, 0, at, (slice(None), slice(None)))
    best.fold(1, station, 1, at, (slice(None), slice(None)))


@pytest.mark.kernels
@pytest.mark.parametrize("seed", range(4))
def test_each_operator_keeps_its_best_cell_whatever_the_order_of_stations(seed):
    random = np.random.default_rng(seed)
    stations = [*windows(random)]
    whole, parts = made(), (made(), made())
    for number in random.permutation(len(stations)):
        fold(whole, *stations[number])
        fold(parts[number % 2], *stations[number])
    for k, (row, column) in enumerate(zip(*np.divmod(PIXELS, GRID.width), strict=True)):
        for operator in range(3):
            heard = [(-np.inf, 1)]
            for cell, (rows, columns), margin in stations:
                i, j = row - rows.start, column - columns.start
                inside = 0 <= i < margin.shape[0] and 0 <= j < margin.shape[1]
                if OPERATOR_OF_CELL[cell] == operator and inside and margin[i, j] > -np.inf:
                    heard.append((float(margin[i, j]), -cell))
            margin, cell = max(heard)
            assert whole.operator_margin[k, operator] == margin
            assert whole.operator_cell[k, operator] == -cell
    parts[0].merge(parts[1])
    np.testing.assert_array_equal(parts[0].operator_cell, whole.operator_cell)
    np.testing.assert_array_equal(parts[0].operator_margin, whole.operator_margin)
    np.testing.assert_array_equal(whole.operator_margin.max(axis=1), whole.ranked_margin[1][:, 0])


def test_other_pixels_and_plain_servers_do_not_merge():
    for other in (made(PIXELS[:3]), Best(2, GRID)):
        with pytest.raises(ValueError, match="at the same pixels"):
            made().merge(other)
