"""Split whole numbers by weights, so that parts add up."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong._types import Floats


def apportion(
    total: int, weights: ArrayLike, *, low: int = 0, high: int | None = None
) -> NDArray[np.int64]:
    """Return whole parts of `total` near `weights`, none below `low` or above `high`.

    Largest remainders are rounded up, the first of equals first.

    Raises
    ------
    ValueError
        If no parts within the bounds add up to `total`.

    Examples
    --------
    >>> apportion(10, [1, 1, 2]).tolist(), apportion(10, [0, 1, 9], low=2, high=5).tolist()
    ([3, 2, 5], [2, 3, 5])
    """
    weight = np.asarray(weights, dtype=float)
    top = float(total if high is None else high)
    if not low * weight.size <= total <= top * weight.size:
        raise ValueError(f"{total} cannot be split into {weight.size} parts of {low} to {top:g}")
    parts = _within(total, np.maximum(weight, 1e-12), low, top)
    whole: NDArray[np.int64] = np.floor(parts + 1e-9).astype(np.int64)
    order = np.argsort(-(parts - whole), kind="stable")
    order = order[whole[order] < top]
    whole[order[: total - whole.sum()]] += 1
    return whole


def _within(total: int, weight: Floats, low: int, top: float) -> Floats:
    """Find the scale at which the clipped weights add up to `total`."""
    small, large = 0.0, total / weight.min()
    for _ in range(200):
        scale = (small + large) / 2
        if np.clip(weight * scale, low, top).sum() < total:
            small = scale
        else:
            large = scale
    return np.asarray(np.clip(weight * large, low, top))
