"""What the covered residents of units are made of: classes of pixels that add up to the figure.

Knows pixels by a label each; not what the labels stand for.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Labels

_PIXELS_AT_A_TIME = 500_000
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
) -> tuple[Labels, Labels, NDArray[np.float64], NDArray[np.float64]]:
    """Sum the pixels of each row of two sparse arrays by label, where labels are many.

    Parameters
    ----------
    of_pixels, others : sparse array, shape (units, pixels)
        Such as ground and people.
    labels : ndarray of int, shape (y, x)
        From 0 on.

    Returns
    -------
    unit, label : ndarray of int, shape (n,)
        The labels that some of `of_pixels` has in each unit, unit by unit, rising.
    sums, beside : ndarray of float64, shape (n,)
        The sum of `of_pixels` and of `others` of each.

    Examples
    --------
    >>> from scipy import sparse
    >>> ground, people = sparse.csr_array([[1.0, 1.0, 0.5]]), sparse.csr_array([[0.0, 7.0, 2.0]])
    >>> found = sums_of_labels_there(ground, people, np.array([[900, 20, 900]]))
    >>> [each.tolist() for each in found]
    [[0, 0], [20, 900], [1.0, 1.5], [7.0, 2.0]]
    """
    flat = np.ascontiguousarray(labels).ravel()
    span = int(flat.max(initial=0)) + 1
    found = []
    for units in blocks_of_units(of_pixels.indptr):
        keys, held = _keyed(of_pixels, units, flat, span)
        there, at = np.unique(keys, return_inverse=True)
        sums = np.bincount(at, held, len(there))
        there, sums = there[sums != 0], sums[sums != 0]
        keys, held = _keyed(others, units, flat, span)
        known = np.isin(keys, there)
        beside = np.bincount(np.searchsorted(there, keys[known]), held[known], len(there))
        found.append((*np.divmod(there, span), sums, beside.astype(np.float64)))
    unit, label, of_label, of_others = (np.concatenate(one) for one in zip(*found, strict=True))
    return unit, label, of_label, of_others


def blocks_of_units(first: Labels) -> Iterator[range]:
    """Yield rows of a sparse array with some `_PIXELS_AT_A_TIME` together, one row at least."""
    start, size = 0, len(first) - 1
    while start < size:
        stop = int(np.searchsorted(first, first[start] + _PIXELS_AT_A_TIME, side="right")) - 1
        stop = min(max(stop, start + 1), size)
        yield range(start, stop)
        start = stop


def _keyed(
    of_pixels: Any, units: range, labels: Labels, span: int
) -> tuple[Labels, NDArray[np.float64]]:
    """Return a number for unit and label of every entry of some rows, and what it holds."""
    first = of_pixels.indptr[units.start : units.stop + 1].astype(np.int64)
    some = slice(first[0], first[-1])
    unit = np.repeat(np.arange(units.start, units.stop), np.diff(first))
    return unit * span + labels[of_pixels.indices[some]], of_pixels.data[some].astype(np.float64)


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
    ends = np.array([0, parts.size])
    return rounded_to_sums(parts, np.array([whole]), step, first=ends)


def rounded_to_sums(
    parts: NDArray[np.float64], wholes: NDArray[np.float64], step: float, *, first: Labels
) -> NDArray[np.float64]:
    """Do what `rounded_to_sum` does for many wholes.

    Parameters
    ----------
    parts : ndarray of float, shape (n,)
        Those of one whole after those of another.
    wholes : ndarray of float, shape (wholes,)
    step : float
    first : ndarray of int, shape (wholes + 1,)
        Where the parts of each start, and the end.

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> parts, wholes = np.array([1 / 3, 1 / 3, 1 / 3, 0.6]), np.array([1.0, 0.6])
    >>> rounded_to_sums(parts, wholes, 0.01, first=np.array([0, 3, 4])).tolist()
    [0.34, 0.33, 0.33, 0.6]
    """
    a_unit, count = round(1 / step), np.diff(first)
    of = np.repeat(np.arange(len(wholes)), count)
    known, scaled = np.isfinite(wholes), parts * a_unit
    units = np.floor(scaled)
    missing = np.rint(np.where(known, wholes, 0.0) * a_unit)
    missing -= np.bincount(of, units, len(wholes))  # whole numbers, whose sum is exact
    order = np.lexsort((units - scaled, of))
    place = np.empty(len(parts), dtype=np.int64)
    place[order] = np.arange(len(parts)) - first[of]
    units += place < missing[of]
    units -= place >= count[of] + missing[of]  # parts that floating point lifted over the edge
    return np.where(known[of], units / a_unit, parts)
