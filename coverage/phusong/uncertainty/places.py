"""How likely a place in a pixel is served, from the margins of its servers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from .._types import Floats, Labels
from ..grid import blocks_of_rows
from ._place_kernels import REACH_DB, STEP_DB, either_serves

_ENDS = (0.001, 0.003, 0.01)
_SHARES = (*_ENDS, *np.linspace(0.02, 0.98, 49).tolist(), *(1 - each for each in reversed(_ENDS)))
"""Of places, for which a curve is asked what they need; in between it is that of a normal one."""
_NODES = ndtri(_SHARES)


@dataclass(frozen=True)
class Curves:
    """Probability that a place is served, by the margin of its pixel's median level.

    Parameters
    ----------
    values, slopes : ndarray of float32, shape (kinds, margins)
        From `curves`.
    """

    values: NDArray[np.float32]
    slopes: NDArray[np.float32]


def curves(
    needed_db: Sequence[Callable[[float], float]], margin_zero_db: Sequence[float]
) -> Curves:
    """Return how likely a place is served, by the margin of its pixel.

    Parameters
    ----------
    needed_db : sequence of callable
        One a kind of cell: probability, 0.001 to 0.999 → what a median level must exceed the
        threshold by, dB, so that such a share of places is served.
    margin_zero_db : sequence of float
        What a level of margin 0 exceeds the threshold by, dB.

    Returns
    -------
    Curves
        Values are 0.05 dB apart. Where every share of places needs the same level there
        is no variability: all places are served from that level on, and none below.

    Examples
    --------
    A deviation of 8 dB; margin 0 stands for 10.25 dB, which serve 90 % of places.

    >>> normal = curves([lambda share: 8 * float(ndtri(share))], [10.25])
    >>> normal.values[0, [995, 1200]].astype(float).round(3).tolist()
    [0.5, 0.9]
    """
    margin = np.arange(-REACH_DB, REACH_DB + STEP_DB / 2, STEP_DB)
    kinds = [
        _curve(np.array([needed(share) for share in _SHARES]) - zero, margin)
        for needed, zero in zip(needed_db, margin_zero_db, strict=True)
    ]
    values, slopes = (np.array(rows, dtype=np.float32) for rows in zip(*kinds, strict=True))
    return Curves(values, slopes)


def _curve(needed: Floats, margin: Floats) -> tuple[Floats, Floats]:
    if needed[-1] - needed[0] < 1e-9:
        values = (margin >= needed[0] - STEP_DB / 1e3).astype(float)
        return values, np.zeros_like(values)
    normal = np.interp(margin, needed, _NODES)
    for end, beyond in ((0, margin < needed[0]), (-1, margin > needed[-1])):
        inner = 1 if end == 0 else -2
        rise = (_NODES[inner] - _NODES[end]) / (needed[inner] - needed[end])
        normal[beyond] = _NODES[end] + rise * (margin[beyond] - needed[end])
    values = ndtr(normal)
    return values, np.append(np.diff(values), 0.0)


def served_probability(
    margins_db: tuple[Floats, Floats],
    servers: tuple[Labels, Labels],
    *,
    kind: Labels,
    mast: Labels,
    curves: Curves,
    out: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the probability that a place in each pixel is served.

    Parameters
    ----------
    margins_db : (ndarray, ndarray) of float, shape (y, x)
        Of the best server and of the best cell of another station, dB.
    servers : (ndarray, ndarray) of int, shape (y, x)
        These cells; negative for none.
    kind, mast : ndarray of int, shape (cells,)
        Which curve holds for each cell, and on which mast it stands.
    curves : Curves
    out : ndarray of float32, shape (y, x)
        Filled and returned.

    Returns
    -------
    ndarray of float32, shape (y, x)
        0 to 1; 0 where no cell reaches. Two servers count as independent if their masts
        differ, and as one if not. A third server is left out, which makes it too low.

    Examples
    --------
    Each of two masts serves half of the places: together three quarters.

    >>> half = curves([lambda share: 8 * float(ndtri(share))], [0.0])
    >>> zero, cells = np.zeros((1, 1)), (np.array([[0]]), np.array([[1]]))
    >>> both = {"kind": np.array([0, 0]), "curves": half, "out": np.empty((1, 1), np.float32)}
    >>> float(served_probability((zero, zero), cells, mast=np.array([0, 1]), **both)[0, 0])
    0.75
    >>> float(served_probability((zero, zero), cells, mast=np.array([0, 0]), **both)[0, 0])
    0.5
    """
    for rows in blocks_of_rows(out.shape[0]):
        either_serves(
            margins_db[0][rows],
            servers[0][rows],
            margins_db[1][rows],
            servers[1][rows],
            kind,
            mast,
            curves.values,
            curves.slopes,
            out[rows],
        )
    return out
