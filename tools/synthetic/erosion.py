"""Compiled loops of the relief: water runs downhill and cuts valleys. Plain arrays, no checks."""

import heapq

import numpy as np
from numpy.typing import NDArray

from phusong._compiled import compiled
from phusong._types import Flags, Floats

# Neighbours: row step, column step.
_STEPS = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])


@compiled
def fill(height: Floats, outlet: Flags, rise: float) -> NDArray[np.int64]:
    """Raise pits until every pixel drains to an outlet; return pixels from the outlets up.

    Priority flood (Barnes et al. 2014): each raised pixel lies `rise` above the
    one it drains to.
    """
    rows, columns = height.shape
    order = np.empty(height.size, dtype=np.int64)
    seen = np.zeros(height.shape, dtype=np.bool_)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for r in range(rows):
        for c in range(columns):
            if outlet[r, c]:
                heapq.heappush(heap, (height[r, c], np.int64(r * columns + c)))
                seen[r, c] = True
    n = 0
    while heap:
        level, at = heapq.heappop(heap)
        order[n] = at
        n += 1
        r, c = at // columns, at % columns
        for k in range(8):
            i, j = r + _STEPS[k, 0], c + _STEPS[k, 1]
            if 0 <= i < rows and 0 <= j < columns and not seen[i, j]:
                seen[i, j] = True
                height[i, j] = max(height[i, j], level + rise)
                heapq.heappush(heap, (height[i, j], np.int64(i * columns + j)))
    return order[:n]


@compiled
def drain(  # noqa: PLR0913 - a kernel takes plain arrays and numbers
    height: Floats,
    outlet: Flags,
    order: NDArray[np.int64],
    receiver: NDArray[np.int64],
    length: Floats,
    area: Floats,
    dx: float,
    dy: float,
) -> None:
    """Find where each pixel drains to, how far that is, and how many pixels drain through it."""
    rows, columns = height.shape
    for r in range(rows):
        for c in range(columns):
            at = r * columns + c
            receiver[at], length[at], area[at] = at, 1.0, 1.0
            if outlet[r, c]:
                continue
            steepest = 0.0
            for k in range(8):
                i, j = r + _STEPS[k, 0], c + _STEPS[k, 1]
                if 0 <= i < rows and 0 <= j < columns:
                    reach = np.sqrt((_STEPS[k, 0] * dy) ** 2 + (_STEPS[k, 1] * dx) ** 2)
                    slope = (height[r, c] - height[i, j]) / reach
                    if slope > steepest:
                        steepest, receiver[at], length[at] = slope, i * columns + j, reach
    for n in range(order.size - 1, -1, -1):
        at = order[n]
        if receiver[at] != at:
            area[receiver[at]] += area[at]


@compiled
def cut(  # noqa: PLR0913 - a kernel takes plain arrays and numbers
    height: Floats,
    order: NDArray[np.int64],
    receiver: NDArray[np.int64],
    length: Floats,
    area: Floats,
    lift: Floats,
    time_m: float,
    exponent: float,
    steepest: float,
) -> None:
    """Move one step of the stream-power law with n = 1, solved implicitly from the outlets up.

    `lift` is the slope at which a pixel that drains only itself would stand in
    balance; `time_m` is erodibility times the step of time, metres (Braun &
    Willett 2013). Slopes above `steepest` slide.
    """
    flat, slope = height.ravel(), lift.ravel()
    for n in range(order.size):
        at = order[n]
        below = receiver[at]
        if below != at:
            factor = time_m * area[at] ** exponent / length[at]
            level = (flat[at] + time_m * slope[at] + factor * flat[below]) / (1.0 + factor)
            flat[at] = min(level, flat[below] + steepest * length[at])
