"""What draws say of a share: its band, the probability of a target, and a verdict."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

BAND = (0.05, 0.5, 0.95)
"""Quantiles of a band: its ends, and the middle."""
_ROUNDING = 1e-6
"""Single precision in the draws; shares that miss by less are not told from those that meet."""


@dataclass(frozen=True)
class Bands:
    """What is known of the share of each unit; NaN where there is nothing to count.

    Parameters
    ----------
    low, median, high : ndarray of float, shape (units,)
        5, 50 and 95 % of the draws lie below.
    """

    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]


def shares(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """Return the share of each unit in each draw.

    Parameters
    ----------
    part, whole : array of float, shape (units, draws)

    Returns
    -------
    ndarray of float64, shape (units, draws)
        0 to 1; NaN where the whole is 0.

    Examples
    --------
    >>> shares([[3.0, 4.0], [0.0, 0.0]], [[4.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.75, 1.0], [nan, nan]]
    """
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    found: NDArray[np.float64] = np.full(part.shape, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return np.minimum(found, 1.0, out=found)


def bands(shares: NDArray[np.float64]) -> Bands:
    """Return the band of each unit's share.

    Parameters
    ----------
    shares : ndarray of float64, shape (units, draws)

    Returns
    -------
    Bands

    Examples
    --------
    >>> found = bands(np.linspace(0.0, 1.0, 101)[None, :])
    >>> [round(float(one[0]), 2) for one in (found.low, found.median, found.high)]
    [0.05, 0.5, 0.95]
    """
    rising = np.sort(shares, axis=1)  # a third of the time that np.quantile takes for the same
    last = shares.shape[1] - 1
    ends = []
    for quantile in BAND:
        at = quantile * last
        below = min(int(at), max(last - 1, 0))
        low, high, share = rising[:, below], rising[:, min(below + 1, last)], at - below
        # As NumPy goes from one to the other, so that the last bit is its own.
        end = low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)
        ends.append(np.where(np.isnan(rising[:, -1]), np.nan, end))
    return Bands(*ends)


def meets(shares: NDArray[np.float64], target: float) -> NDArray[np.bool_]:
    """Tell in which draws each unit's share is at least the target.

    Parameters
    ----------
    shares : ndarray of float64, shape (units, draws)
    target : float

    Returns
    -------
    ndarray of bool, shape (units, draws)
        False where there is no share.

    Examples
    --------
    >>> meets(np.array([[0.97, 0.98]]), 0.98).tolist()
    [[False, True]]
    """
    found: NDArray[np.bool_] = shares >= target - _ROUNDING
    return found


def target_probability(shares: NDArray[np.float64], target: float) -> NDArray[np.float64]:
    """Return how likely each unit's share is at least the target.

    Parameters
    ----------
    shares : ndarray of float64, shape (units, draws)
    target : float

    Returns
    -------
    ndarray of float64, shape (units,)
        NaN where the share is.

    Examples
    --------
    >>> target_probability(np.array([[0.97, 0.98, 0.99, 1.0]]), 0.98).tolist()
    [0.75]
    """
    likely: NDArray[np.float64] = meets(shares, target).mean(axis=1)
    likely[np.isnan(shares).any(axis=1)] = np.nan
    return likely


def confident_verdict(probability: ArrayLike, *, confidence: float) -> NDArray[Any]:
    """Judge units by how likely they meet their target.

    Parameters
    ----------
    probability : array of float, shape (units,)
        From `target_probability`.
    confidence : float
        Probability that a verdict asks for, above 0.5, below 1.

    Returns
    -------
    ndarray of str, shape (units,)
        ``met`` from this probability on, ``missed`` up to the rest, ``undecided`` in
        between, ``not_applicable`` where nothing is known.

    Raises
    ------
    ValueError
        If the confidence is not between 0.5 and 1.

    Examples
    --------
    >>> confident_verdict([0.95, 0.94, 0.05, np.nan], confidence=0.95).tolist()
    ['met', 'undecided', 'missed', 'not_applicable']
    """
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0.5 and 1")
    likely, slack = np.asarray(probability, dtype=float), 1e-12
    verdict = np.where(likely >= confidence - slack, "met", "undecided")
    verdict = np.where(likely <= 1 - confidence + slack, "missed", verdict)
    return np.where(np.isnan(likely), "not_applicable", verdict)
