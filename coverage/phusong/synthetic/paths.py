"""Cheapest ways over a raster. Knows arrays and costs, not roads."""

import numpy as np
from scipy.sparse import csr_array

from .._types import Floats

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
    rows, columns = cost.shape
    index = np.arange(cost.size).reshape(cost.shape)
    starts, ends, weights = [], [], []
    for down, right in _STEPS:
        here = np.s_[: rows - down, max(-right, 0) : columns - max(right, 0)]
        there = np.s_[down:, max(right, 0) : columns + min(right, 0)]
        length = np.hypot(down * dy, right * dx)
        weight = length * (cost[here] + cost[there]) / 2
        if height is not None:
            weight = weight * (1 + climb * ((height[there] - height[here]) / length) ** 2)
        open_ = np.isfinite(weight)
        starts.append(index[here][open_])
        ends.append(index[there][open_])
        weights.append(weight[open_])
    edges = (np.concatenate(starts), np.concatenate(ends))
    return csr_array((np.concatenate(weights), edges), shape=(cost.size, cost.size))


def way_back(predecessors: np.ndarray, end: int) -> list[int]:
    """Return the pixels from `end` back to the source, by Dijkstra's predecessors."""
    way = [end]
    while predecessors[way[-1]] >= 0:
        way.append(int(predecessors[way[-1]]))
    return way
