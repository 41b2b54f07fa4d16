"""The best masts of single pixels: against sorting all of them, in any order of stations."""

import numpy as np
import pytest

from phusong.grid import Grid
from phusong.radio.best_servers import Best, ServingCells
from phusong.radio.contenders import RankedBest

GRID = Grid("EPSG:9209", 100.0, 0.0, 600.0, 7, 6)
PIXELS = np.array([0, 6, 8, 9, 20, 23, 33, 41])
MAST_OF_CELL = [0, 0, 1, 2, 2, 3, 4, 5]
RANKS = 3


def made():
    return RankedBest(1, GRID, pixels=PIXELS, mast_of_cell=MAST_OF_CELL, ranks=RANKS)


def windows(random):
    """Return the window of each station, one a cell, its margins: whole numbers, so some tie."""
    for cell in range(len(MAST_OF_CELL)):
        top, left = random.integers(0, 3, 2)
        height, width = random.integers(2, 4, 2) + 1
        margin = random.integers(-3, 4, (height, width)).astype(np.float32)
        margin[random.random(margin.shape) < 0.2] = -np.inf  # not heard there
        yield cell, (slice(top, top + height), slice(left, left + width)), margin


def fold(best, cell, at, margin):
    station = ServingCells(1, margin.shape)
    station.margin[0] = margin
    station.server[0] = np.where(np.isinf(margin), -1, cell)
    best.fold(0, station, 0, at, (slice(None), slice(None)))


def expected(stations):
    """Return the ranks of each pixel by sorting: larger margin first, then the lower row."""
    ranked = []
    for row, column in zip(*np.divmod(PIXELS, GRID.width), strict=True):
        heard = {}
        for cell, (rows, columns), margin in stations:
            i, j = row - rows.start, column - columns.start
            if 0 <= i < margin.shape[0] and 0 <= j < margin.shape[1] and margin[i, j] > -np.inf:
                mine = (-float(margin[i, j]), cell)
                mast = MAST_OF_CELL[cell]
                heard[mast] = min(heard.get(mast, mine), mine)
        first = sorted(heard.values())[:RANKS]
        ranked.append(first + [(np.inf, -1)] * (RANKS - len(first)))
    return ranked


@pytest.mark.kernels
@pytest.mark.parametrize("seed", range(8))
def test_masts_rank_by_their_best_cell_whatever_the_order_of_stations(seed):
    random = np.random.default_rng(seed)
    stations = [*windows(random)]
    whole, parts = made(), (made(), made())
    for number in random.permutation(len(stations)):
        fold(whole, *stations[number])
        fold(parts[number % 2], *stations[number])
    ranked = expected(stations)
    assert whole.ranked_cell[0].tolist() == [[cell for _, cell in pixel] for pixel in ranked]
    assert whole.ranked_margin[0].tolist() == [[-margin for margin, _ in pixel] for pixel in ranked]
    parts[0].merge(parts[1])
    np.testing.assert_array_equal(parts[0].ranked_cell, whole.ranked_cell)
    np.testing.assert_array_equal(parts[0].ranked_margin, whole.ranked_margin)
    plain = Best(1, GRID)
    for station in stations:
        fold(plain, *station)
    np.testing.assert_array_equal(plain.server, whole.server)


def test_ranked_and_plain_do_not_merge():
    with pytest.raises(ValueError, match="ranked at the same pixels"):
        made().merge(Best(1, GRID))
