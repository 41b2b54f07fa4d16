"""Which road segments to measure: how many undecided verdicts each would probably settle.

Preposterior analysis (Raiffa & Schlaifer 1961), from the draws of the verdicts themselves: every
draw has the mean error along a segment and tells whether a unit meets its target. What goes with
what over the draws says what a measurement would tell, before anybody drives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr, ndtri

from .._on_disk import full_on_disk
from .._types import Flags, Floats, Labels
from ._road_kernels import LEAST_VARIANCE, gains

_MOST_EXPLAINED = 0.999
_SEGMENTS_AT_A_TIME = 64
"""What is in hand of each takes 60 bytes for each unit."""
_NEGLIGIBLE = 1e-6
"""Verdicts that a further segment must settle, so that it is ranked."""


class SegmentErrors:
    """The mean error along road segments in every draw, on the disk; `draw` fills it in.

    Parameters
    ----------
    first : ndarray of int, shape (segments + 1,)
        Where each segment's places start, and the end; each has one at least.
    pixel : ndarray of int, shape (places,)
        Row times columns plus column on the grid of the draws.
    mast : ndarray of int, shape (places,)
        Which is measured there, as `Contenders` numbers them.
    draws : int
    """

    def __init__(self, first: Labels, pixel: Labels, mast: Labels, draws: int) -> None:
        counts = np.diff(first)
        self.pixel, self._mast = pixel, mast
        shape = len(counts), draws
        self.error_db: NDArray[np.float64] = full_on_disk(shape, 0.0, np.dtype(np.float64))
        weights = np.repeat(1.0 / counts, counts)
        self._mean = csr_array(
            (weights, np.arange(len(pixel)), first), shape=(len(counts), len(pixel))
        )

    def keep(self, draws: slice, common: Floats, of_mast: Floats, field: Floats) -> None:
        """Take the errors of some draws.

        Parameters
        ----------
        draws : slice
        common : ndarray of float, shape (draws,)
            Of the province.
        of_mast : ndarray of float, shape (masts, draws)
        field : ndarray of float, shape (places, draws)
            At the places.
        """
        self.error_db[:, draws] = self._mean @ (of_mast[self._mast] + field) + common


@dataclass(frozen=True, kw_only=True)
class SegmentRanking:
    """What road segments would settle.

    Parameters
    ----------
    settled : ndarray of float, shape (segments, units)
        Probability that the unit's verdict is decided once this segment alone is measured.
    explained : ndarray of float, shape (segments, units)
        Share of the variance behind the verdict that it would take away, 0 to 1.
    order : ndarray of int, shape (ranked,)
        Segments, each the one that settles most after those before it.
    together : ndarray of float, shape (ranked, units)
        As `settled`, once these and all before them are measured.
    """

    settled: NDArray[np.float64]
    explained: NDArray[np.float64]
    order: NDArray[np.int64]
    together: NDArray[np.float64]


def chance_of_a_verdict(
    likely: ArrayLike, explained: ArrayLike, *, confidence: float
) -> NDArray[np.float64]:
    """Return how likely a verdict is decided once a part of its doubt is measured away.

    Parameters
    ----------
    likely : array of float
        Probability that the target is met, as it is known now, above 0, below 1.
    explained : array of float
        Share of the variance behind it that the measurement takes away, 0 to 1.
    confidence : float
        Probability that a verdict asks for.

    Returns
    -------
    ndarray of float64

    Notes
    -----
    The target is met where a normal number exceeds a limit; of its variance the measurement
    knows the share r². What it will say is normal too, so the new probability is
    Φ((t + r m) / √(1 − r²)) with t = Φ⁻¹(likely) and m standard normal. It is decided where that
    reaches `confidence`, or its complement.

    Examples
    --------
    Nothing measured settles nothing; everything measured settles everything.

    >>> chance_of_a_verdict(0.5, [0.0, 0.5, 1.0], confidence=0.95).round(2).tolist()
    [0.0, 0.1, 1.0]
    """
    limit = ndtri(np.asarray(likely, dtype=float))
    known = np.sqrt(np.asarray(explained, dtype=float))
    left = ndtri(confidence) * np.sqrt(1.0 - known**2)
    with np.errstate(divide="ignore"):
        chance = ndtr((limit - left) / known) + ndtr((-limit - left) / known)
    found: NDArray[np.float64] = np.where(known > 0, chance, 0.0)
    return found


def rank_segments(
    error_db: Floats, met: Flags, *, noise_db: Floats, confidence: float, most: int
) -> SegmentRanking:
    """Rank road segments by how many undecided verdicts their measurement would settle.

    Parameters
    ----------
    error_db : ndarray of float, shape (segments, draws)
        `SegmentErrors.error_db`.
    met : ndarray of bool, shape (units, draws)
        Whether each undecided unit meets its target.
    noise_db : ndarray of float, shape (segments,)
        Standard deviation of what a measurement of the mean adds.
    confidence : float
        Probability that a verdict asks for.
    most : int
        Segments to put in order, at most.

    Returns
    -------
    SegmentRanking

    Notes
    -----
    How a segment's error goes with the normal number behind a verdict is their biserial
    correlation over the draws, less what chance alone makes of that many draws. Segments after
    the first count for what those before them leave open, so that two beside each other
    are not both in front.

    Examples
    --------
    Two segments know the error that decides the unit, the second of them well; a third one
    knows nothing.

    >>> random = np.random.default_rng(1)
    >>> error, other = random.standard_normal((2, 20_000))
    >>> found = rank_segments(
    ...     np.stack([error, error, other]), error[None] > 0.3, confidence=0.95, most=2,
    ...     noise_db=np.array([1.0, 0.1, 0.1]),
    ... )
    >>> found.settled[:, 0].round(1).tolist(), found.order.tolist()
    ([0.1, 0.9, 0.0], [1, 0])
    """
    draws = error_db.shape[1]
    likely = met.mean(axis=1)
    limit = ndtri(likely)
    density = np.exp(-(limit**2) / 2) / np.sqrt(2 * np.pi)
    by_chance = likely * (1 - likely) / (draws * density**2)
    away = error_db - error_db.mean(axis=1, keepdims=True)
    within = away @ away.T / draws + np.diag(np.asarray(noise_db, dtype=float) ** 2)
    # Between a segment's error and the normal number, whose variance is 1.
    shared = away @ (met - likely[:, None]).T / (draws * density)

    def explained_by(shared: Floats, variance: Floats) -> NDArray[np.float64]:
        share = shared**2 / np.maximum(variance, LEAST_VARIANCE)[:, None] - by_chance
        found: NDArray[np.float64] = share.clip(0.0, _MOST_EXPLAINED)
        return found

    blocks = [
        slice(at, at + _SEGMENTS_AT_A_TIME) for at in range(0, len(error_db), _SEGMENTS_AT_A_TIME)
    ]
    alone = full_on_disk(shared.shape, 0.0, np.dtype(np.float64))
    for rows in blocks:
        alone[rows] = explained_by(shared[rows], within.diagonal()[rows])
    order: list[int] = []
    together: list[NDArray[np.float64]] = []
    known = np.zeros(len(met))

    def chances(explained: Floats) -> NDArray[np.float64]:
        return chance_of_a_verdict(likely, explained, confidence=confidence)

    gain, needed = np.empty(len(error_db)), float(ndtri(confidence))
    while len(order) < min(most, len(error_db)):
        variance, now = within.diagonal(), chances(known)
        gains(shared, variance, by_chance, known, now, limit, needed, _MOST_EXPLAINED, gain)
        gain[order] = 0.0
        best = int(np.argmax(gain.round(9)))
        more = 0.0 if best in order else explained_by(shared[[best]], variance[[best]])[0]
        best_known = np.minimum(known + more, _MOST_EXPLAINED)
        best_chances = chances(best_known)
        before = together[-1].sum() if together else 0.0
        if best_chances.sum() - before < _NEGLIGIBLE:
            break
        order.append(best)
        together.append(best_chances)
        known = best_known
        column = within[:, best] / np.sqrt(within[best, best])
        of_best = shared[best] / np.sqrt(within[best, best])
        for rows in blocks:
            shared[rows] -= np.outer(column[rows], of_best)
            within[rows] -= np.outer(column[rows], column)
    settled_alone = full_on_disk(alone.shape, 0.0, np.dtype(np.float64))
    for rows in blocks:
        settled_alone[rows] = chances(alone[rows])
    return SegmentRanking(
        settled=settled_alone,
        explained=alone,
        order=np.array(order, dtype=np.int64),
        together=np.array(together).reshape(len(order), len(met)),
    )
