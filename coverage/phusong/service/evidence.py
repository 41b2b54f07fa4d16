"""What the covered residents of units are made of: classes of pixels that add up to the figure.

Knows pixels by a label each; not what the labels stand for.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Labels

LAST_DECIMAL = 1e-6
"""To which parts are rounded, as in every file: so rounded they add up to the whole."""


def sums_by_label(of_pixels: Any, labels: Labels, count: int) -> NDArray[np.float64]:
    """Sum the pixels of each row of a sparse array by label.

    Parameters
    ----------
    of_pixels : sparse array, shape (units, pixels)
        Such as `UnitsOnGrid.people`.
    labels : ndarray of int, shape (y, x)
        From 0 to `count` - 1.
    count : int
        How many labels there are.

    Returns
    -------
    ndarray of float64, shape (units, count)

    Examples
    --------
    >>> from scipy import sparse
    >>> people = sparse.csr_array([[3.0, 1.0, 0.5]])
    >>> sums_by_label(people, np.array([[1, 0, 1]]), 2).tolist()
    [[1.0, 3.5]]
    """
    units = of_pixels.shape[0]
    sums = np.zeros((units, count))
    flat = np.ascontiguousarray(labels).ravel()
    for unit, (first, end) in enumerate(zip(of_pixels.indptr, of_pixels.indptr[1:], strict=False)):
        own = slice(first, end)
        sums[unit] = np.bincount(
            flat[of_pixels.indices[own]], of_pixels.data[own].astype(np.float64), count
        )
    return sums


def rounded_to_sum(parts: NDArray[np.float64], whole: float, step: float) -> NDArray[np.float64]:
    """Round parts so that they add up to the rounded whole; the largest remainders go up.

    Parameters
    ----------
    parts : ndarray of float, shape (n,)
        That add up to `whole`, but for the last bits of floating point.
    whole : float
    step : float
        Distance of the rounded values, such as 1e-6 or 1.

    Returns
    -------
    ndarray of float64, shape (n,)
        Each less than `step` from its part. As they are where the whole is no number.

    Examples
    --------
    >>> rounded_to_sum(np.array([1 / 3, 1 / 3, 1 / 3]), 1.0, 0.01).tolist()
    [0.34, 0.33, 0.33]
    """
    if not np.isfinite(whole) or not parts.size:
        return parts
    a_unit = round(1 / step)
    units = np.floor(parts * a_unit)
    missing = round(whole * a_unit) - int(units.sum())
    order = np.argsort(units - parts * a_unit, kind="stable")
    if missing >= 0:
        units[order[:missing]] += 1
    else:
        units[order[missing:]] -= 1  # parts that floating point lifted over the edge
    return np.asarray(units / a_unit)
