"""What so many served of so many drawn prove about a share. Knows counts; no place, no map.

Residents are drawn at random without putting back, each as likely as any other. Everything here
is exact: binomial where the drawn are few of many, hypergeometric where it is known how many
residents there are. No figure assumes anything about the radio model.
"""

import math
from typing import Literal

import numpy as np
import scipy  # `scipy.stats` is loaded once it is asked for: it takes a while
from scipy.special import gammaln

from .._types import Flags, Floats, Labels

Settled = Literal["met", "missed", "undecided"]

# A share times a count, and a sum of probabilities, miss what they stand for by rounding only.
_ROUNDING = 1e-9
_QUICK = 1e-6  # by which quick figures miss at most
_AT_A_TIME = 128


def _served_if(share: float, residents: int, *, reached: bool) -> int:
    """Residents served: the fewest that reach the share, or the most that do not."""
    reaching = math.ceil(share * residents - _ROUNDING * max(residents, 1))
    return reaching if reached else reaching - 1


def _checked(served: int, drawn: int, residents: int | None) -> None:
    if not 0 <= served <= drawn:
        raise ValueError(f"served {served} is not within 0 and drawn {drawn}")
    if residents is not None and drawn > residents:
        raise ValueError(f"drawn {drawn} of {residents} residents")


def confidence_reached(
    served: int, drawn: int, share: float, *, residents: int | None = None
) -> float:
    """Return the confidence that at least a share of the residents is served.

    Parameters
    ----------
    served, drawn : int
        Served residents among those drawn.
    share : float
        The share in question, above 0 and at most 1.
    residents : int, optional
        How many there are; without it the drawn are few of very many.

    Returns
    -------
    float
        One minus the largest probability with which so many would be served
        although the share is missed.

    Raises
    ------
    ValueError
        If more are served than drawn, or more drawn than there are.

    Notes
    -----
    The one-sided test behind the exact limits of Clopper and Pearson (1934).

    Examples
    --------
    The acceptance tests quoted by Tait (191 of 200, 831 of 900):

    >>> round(confidence_reached(191, 200, 0.9), 3), round(confidence_reached(831, 900, 0.9), 3)
    (0.996, 0.991)
    """
    _checked(served, drawn, residents)
    if residents is None:
        return float(scipy.stats.binom.cdf(served - 1, drawn, share))
    most = _served_if(share, residents, reached=False)
    return (
        float(scipy.stats.hypergeom.cdf(served - 1, residents, most, drawn)) if most >= 0 else 1.0
    )


def confidence_missed(
    served: int, drawn: int, share: float, *, residents: int | None = None
) -> float:
    """Return the confidence that less than a share of the residents is served.

    Parameters
    ----------
    served, drawn : int
        Served residents among those drawn.
    share : float
        The share in question, above 0 and at most 1.
    residents : int, optional
        How many there are; without it the drawn are few of very many.

    Returns
    -------
    float
        One minus the largest probability with which so few would be served
        although the share is reached.

    Raises
    ------
    ValueError
        If more are served than drawn, or more drawn than there are.

    Examples
    --------
    Of 100 residents all were asked: nothing is left to doubt.

    >>> confidence_missed(97, 100, 0.98, residents=100)
    1.0
    """
    _checked(served, drawn, residents)
    if residents is None:
        return float(scipy.stats.binom.sf(served, drawn, share))
    fewest = _served_if(share, residents, reached=True)
    return float(scipy.stats.hypergeom.sf(served, residents, fewest, drawn))


def settled(
    served: int, drawn: int, target: float, *, confidence: float, residents: int | None = None
) -> Settled:
    """Judge a target by what was measured alone.

    Parameters
    ----------
    served, drawn : int
        Served residents among those drawn.
    target : float
        Share to be reached, above 0 and at most 1.
    confidence : float
        Wanted of either answer, such as 0.95.
    residents : int, optional
        How many there are; without it the drawn are few of very many.

    Returns
    -------
    {"met", "missed", "undecided"}
        `undecided` where neither answer has the confidence.

    Raises
    ------
    ValueError
        If more are served than drawn, or more drawn than there are.

    Examples
    --------
    >>> settled(198, 200, 0.9, confidence=0.95), settled(190, 200, 0.98, confidence=0.95)
    ('met', 'missed')
    >>> settled(10, 10, 0.98, confidence=0.95)
    'undecided'
    """
    if confidence_reached(served, drawn, target, residents=residents) >= confidence:
        return "met"
    if confidence_missed(served, drawn, target, residents=residents) >= confidence:
        return "missed"
    return "undecided"


def least_served(
    drawn: int, share: float, *, confidence: float, residents: int | None = None
) -> int | None:
    """Return how many of the drawn must be served to prove a share.

    Parameters
    ----------
    drawn : int
        Residents drawn.
    share : float
        To be proved, above 0 and at most 1.
    confidence : float
        Wanted of the proof.
    residents : int, optional
        How many there are; without it the drawn are few of very many.

    Returns
    -------
    int or None
        None where even all served would not do.

    Examples
    --------
    >>> least_served(200, 0.9, confidence=0.995)
    191
    >>> least_served(100, 0.98, confidence=0.95) is None
    True
    """
    if residents is None:
        below = scipy.stats.binom.ppf(confidence, drawn, share)
    else:
        most = _served_if(share, residents, reached=False)
        below = scipy.stats.hypergeom.ppf(confidence, residents, most, drawn)
    # ppf is the smallest count whose cdf reaches the confidence; one more than it is the proof.
    least = int(below) + 1
    return least if least <= drawn else None


def residents_to_settle(
    expected_share: float,
    target: float,
    *,
    residents: int,
    confidence: float = 0.95,
    power: float = 0.8,
) -> int | None:
    """Return how many residents to draw so that a target will probably be settled.

    Parameters
    ----------
    expected_share : float
        Share thought to be served, such as the map's: what the answer will
        probably be. The proof itself does not rest on it.
    target : float
        Share to be reached, above 0 and at most 1.
    residents : int
        How many there are.
    confidence : float
        Wanted of the answer.
    power : float
        Wanted probability that the answer comes, if the expected share is true.

    Returns
    -------
    int or None
        The least number; all residents always settle it. None where nobody
        lives.

    Examples
    --------
    All served where 98 % are wanted takes some 140 places of a large commune,
    fewer where few people live; a commune that lies near its target takes more.

    >>> residents_to_settle(1.0, 0.98, residents=4000)
    144
    >>> residents_to_settle(1.0, 0.98, residents=300)
    104
    >>> residents_to_settle(0.80, 0.98, residents=4000)
    14
    >>> residents_to_settle(0.985, 0.98, residents=4000)
    2016
    """
    truly = round(expected_share * residents)
    fewest = _served_if(target, residents, reached=True)
    for first in range(1, residents + 1, _AT_A_TIME):
        drawn = np.arange(first, min(first + _AT_A_TIME, residents + 1))
        # Exact figures take their time: they are asked for where a quick one is near enough.
        wanted = confidence - _QUICK, power - _QUICK
        for count in drawn[_quickly_settled(drawn, fewest, truly, residents, *wanted)].tolist():
            if _is_settled(count, fewest, truly, residents, confidence, power):
                return int(count)
    return None


def _is_settled(
    drawn: int, fewest: int, truly: int, residents: int, confidence: float, power: float
) -> bool:
    """Return whether so many drawn probably settle whether at least `fewest` are served."""
    if truly >= fewest:
        least = scipy.stats.hypergeom.ppf(confidence, residents, fewest - 1, drawn) + 1
        succeeds = scipy.stats.hypergeom.sf(least - 1, residents, truly, drawn)
    else:
        # The most that may be served so that the target is surely missed.
        most = scipy.stats.hypergeom.isf(confidence, residents, fewest, drawn)
        if scipy.stats.hypergeom.sf(most, residents, fewest, drawn) < confidence:
            most -= 1
        succeeds = scipy.stats.hypergeom.cdf(most, residents, truly, drawn)
    return bool(succeeds >= power - _ROUNDING)


def _quickly_settled(
    drawn: Labels, fewest: int, truly: int, residents: int, confidence: float, power: float
) -> Flags:
    """Return what `_is_settled` does for numbers drawn, by logarithms of factorials."""
    if truly >= fewest:
        low, chance = _at_most(drawn, fewest - 1, residents)
        least = low + (chance < confidence).sum(axis=1) + 1
        succeeds = 1 - _looked_up(*_at_most(drawn, truly, residents), least - 1)
    else:
        low, chance = _at_most(drawn, fewest, residents)
        most = low + (1 - chance >= confidence).sum(axis=1) - 1
        succeeds = _looked_up(*_at_most(drawn, truly, residents), most)
    return np.asarray(succeeds >= power)


def _at_most(drawn: Labels, served: int, residents: int) -> tuple[Labels, Floats]:
    """Return chances that at most so many of the drawn are served, if `served` are of all.

    The first counts, one a number drawn, and a row of chances from it on. Fewer and more
    have a chance below 1e-21 (Hoeffding 1963, theorem 2 and section 6).
    """
    middle, reach = drawn * (served / residents), 5 * np.sqrt(drawn)
    low = np.maximum(np.floor(middle - reach), 0).astype(np.int64)
    count = low[:, None] + np.arange(int(2 * reach.max()) + 2)
    others = drawn[:, None] - count
    possible = (count <= served) & (others >= 0) & (others <= residents - served)
    chance = (
        _ln_choose(served, np.where(possible, count, 0))
        + _ln_choose(residents - served, np.where(possible, others, 0))
        - _ln_choose(residents, drawn)[:, None]
    )
    return low, np.cumsum(np.where(possible, np.exp(chance), 0.0), axis=1)


def _looked_up(low: Labels, chance: Floats, count: Labels) -> Floats:
    """Return the chance of at most `count`."""
    at = np.clip(count - low, 0, chance.shape[1] - 1)
    return np.where(count < low, 0.0, np.take_along_axis(chance, at[:, None], axis=1)[:, 0])


def _ln_choose(of: int, count: Labels) -> Floats:
    return np.asarray(gammaln(of + 1.0) - gammaln(count + 1.0) - gammaln(of - count + 1.0))
