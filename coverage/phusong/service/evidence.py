"""What the covered residents of units are made of: classes of pixels that add up to the figure.

Knows pixels by a label each; not what the labels stand for.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Labels

LAST_DECIMAL = 1e-6
"""To which parts are rounded, as in every file: so rounded they add up to the whole."""


def sums_by_label(
    of_pixels: Any, labels: Labels, count: int, *, times: NDArray[Any] | None = None
) -> NDArray[np.float64]:
    """Sum the pixels of each row of a sparse array by label.

    Parameters
    ----------
    of_pixels : sparse array, shape (units, pixels)
        Such as `UnitsOnGrid.people`.
    labels : ndarray of int, shape (y, x)
        From 0 to `count` - 1.
    count : int
        How many labels there are: few, since each unit has a sum of each.
    times : ndarray, shape (y, x), optional
        By which what each pixel holds is multiplied.

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
    sums = np.zeros((of_pixels.shape[0], count))
    flat = np.ascontiguousarray(labels).ravel()
    for unit, (pixels, held) in enumerate(_of_units(of_pixels)):
        if times is not None:
            held = held * times.ravel()[pixels]
        sums[unit] = np.bincount(flat[pixels], held.astype(np.float64), count)
    return sums


def sums_of_labels_there(
    of_pixels: Any, others: Any, labels: Labels
) -> Iterator[tuple[Labels, NDArray[np.float64], NDArray[np.float64]]]:
    """Yield the sums of each row of two sparse arrays by label, where labels are many.

    Parameters
    ----------
    of_pixels, others : sparse array, shape (units, pixels)
        Such as ground and people.
    labels : ndarray of int, shape (y, x)

    Yields
    ------
    ndarray of int, shape (n,)
        The labels that some of `of_pixels` has in the unit, rising.
    ndarray of float64, shape (n,)
        The sum of `of_pixels` of each.
    ndarray of float64, shape (n,)
        The sum of `others` of each.

    Examples
    --------
    >>> from scipy import sparse
    >>> ground, people = sparse.csr_array([[1.0, 1.0, 0.5]]), sparse.csr_array([[0.0, 7.0, 2.0]])
    >>> [(there, *sums)] = sums_of_labels_there(ground, people, np.array([[900, 20, 900]]))
    >>> there.tolist(), [each.tolist() for each in sums]
    ([20, 900], [[1.0, 1.5], [7.0, 2.0]])
    """
    flat = np.ascontiguousarray(labels).ravel()
    for (pixels, held), (elsewhere, more) in zip(
        _of_units(of_pixels), _of_units(others), strict=True
    ):
        there, at = np.unique(flat[pixels], return_inverse=True)
        sums = np.bincount(at, held.astype(np.float64), len(there))
        there, sums = there[sums != 0], sums[sums != 0]
        known = np.isin(flat[elsewhere], there)
        at = np.searchsorted(there, flat[elsewhere][known])
        beside = np.bincount(at, more[known].astype(np.float64), len(there))
        yield (
            there,
            sums,
            beside.astype(np.float64),
        )  # floats already, which numpy's types do not say


def _of_units(of_pixels: Any) -> Iterator[tuple[Labels, NDArray[Any]]]:
    """Yield the pixels of each row of a sparse array, and what they hold."""
    for first, end in pairwise(of_pixels.indptr.tolist()):
        yield of_pixels.indices[first:end], of_pixels.data[first:end]


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
