"""Cheapest ways over a raster. Knows arrays and costs, not roads."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from phusong._types import Floats

# Half of the sixteen directions; knight's moves keep spreading round.
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))


def lattice_graph(
    cost: Floats, *, dx: float, dy: float, height: Floats | None = None, climb: float = 0.0
) -> csr_array:
    """Return the graph of a raster's pixels, joined in sixteen directions.

    Parameters
    ----------
    cost : array, shape (rows, columns)
        Cost of a unit of length on each pixel; infinite where none may pass.
    dx, dy : float
        Size of a pixel.
    height : array of the same shape, optional
        With `climb`, an edge of slope s costs ``1 + climb · s²`` times as much.
    climb : float
        How much steepness is shunned.

    Returns
    -------
    csr_array, shape (rows · columns, rows · columns)
        Cost of each edge once, upper triangle; use it undirected.
    """
    index = np.arange(cost.size).reshape(cost.shape)
    starts, ends, weights = [], [], []
    for step in _STEPS:
        down, right = step
        start, end = _shifted(cost, step, (0, 0)), _shifted(cost, step, step)
        # A knight's move passes between two pixels; for the others they are its ends.
        one = (down // 2, int(right / 2))
        two = (down - one[0], right - one[1])
        crossed = _shifted(cost, step, one) + _shifted(cost, step, two)
        length = np.hypot(down * dy, right * dx)
        weight = length * (start + end + crossed) / 4
        if height is not None:
            rise = _shifted(height, step, step) - _shifted(height, step, (0, 0))
            weight = weight * (1 + climb * (rise / length) ** 2)
        passable = np.isfinite(weight)
        starts.append(_shifted(index, step, (0, 0))[passable])
        ends.append(_shifted(index, step, step)[passable])
        weights.append(weight[passable])
    edges = (np.concatenate(starts), np.concatenate(ends))
    return csr_array((np.concatenate(weights), edges), shape=(cost.size, cost.size))


def _shifted(raster: Any, step: tuple[int, int], by: tuple[int, int]) -> Any:
    """Return, for every edge that goes one `step`, the pixel that lies `by` from its start."""
    rows, columns = raster.shape
    left = max(-step[1], 0) + by[1]
    return raster[by[0] : rows - step[0] + by[0], left : left + columns - abs(step[1])]


def way_back(predecessors: NDArray[np.int32], end: int) -> list[int]:
    """Return the pixels from `end` back to the source, by Dijkstra's predecessors."""
    way = [end]
    while predecessors[way[-1]] >= 0:
        way.append(int(predecessors[way[-1]]))
    return way
