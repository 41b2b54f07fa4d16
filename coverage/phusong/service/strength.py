"""What is lost if a mast or an operator fails, and what operators gain on each other's network.

Knows margins at single pixels and the people who live there; no station and no map.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._types import Labels
from ..grid import blocks
from ..radio import served


@dataclass(frozen=True)
class MastLosses:
    """What masts serve, by mast.

    Parameters
    ----------
    best : ndarray of float64, shape (masts,)
        Residents who are served and hear it best.
    only : ndarray of float64, shape (masts,)
        Of these, who are served by no other mast: they lose the service if it fails.
    """

    best: NDArray[np.float64]
    only: NDArray[np.float64]


@dataclass(frozen=True)
class OperatorReach:
    """Whom operators serve, by operator in the order given.

    Parameters
    ----------
    anyone : float
        Residents whom at least one operator serves.
    own : ndarray of float64, shape (operators,)
        Residents whom each serves.
    only : ndarray of float64, shape (operators,)
        Of these, whom no other serves: they lose the service if it fails.
    gain : ndarray of float64, shape (operators, operators)
        Residents whom the first does not serve and the second does.
    """

    anyone: float
    own: NDArray[np.float64]
    only: NDArray[np.float64]
    gain: NDArray[np.float64]


def mast_losses(
    margin_db: NDArray[np.float32],
    mast: Labels,
    people: NDArray[np.float64],
    *,
    masts: int,
) -> MastLosses:
    """Count whom each mast serves, and who has no other.

    Parameters
    ----------
    margin_db : ndarray of float, shape (n, ranks)
        Margins of the best masts of each pixel, best first, two at least; -inf for none.
    mast : ndarray of int, shape (n,)
        The best mast of each pixel; -1 for none.
    people : ndarray of float64, shape (n,)
        Residents of each pixel.
    masts : int
        How many there are.

    Returns
    -------
    MastLosses
        Exact: if a mast fails, the next best is that of the second rank.

    Examples
    --------
    Mast 0 serves two pixels, of which mast 1 serves the second as well.

    >>> found = mast_losses(
    ...     np.float32([[5.0, -1.0], [3.0, 0.0], [2.0, -np.inf], [-4.0, -9.0]]),
    ...     np.array([0, 0, 1, 1]), np.array([10.0, 20.0, 5.0, 7.0]), masts=2,
    ... )
    >>> found.best.tolist(), found.only.tolist()
    ([30.0, 5.0], [10.0, 5.0])
    """
    losses = MastLosses(best=np.zeros(masts), only=np.zeros(masts))
    for some in blocks(len(people)):
        there = served(margin_db[some, 0]) & (mast[some] >= 0)
        alone = there & ~served(margin_db[some, 1])
        for sums, who in ((losses.best, there), (losses.only, alone)):
            np.add.at(sums, mast[some][who], people[some][who])
    return losses


def served_on_battery(
    margin_db: NDArray[np.float32],
    battery_hours: NDArray[np.float64],
    people: NDArray[np.float64],
    hours: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Count who still has a service so many hours after mains power failed everywhere.

    Parameters
    ----------
    margin_db : ndarray of float, shape (n, ranks)
        Margins of the best masts of each pixel; -inf for none.
    battery_hours : ndarray of float64, shape (n, ranks)
        How long the cells with these margins run on; 0 where nobody tells.
    people : ndarray of float64, shape (n,)
        Residents of each pixel.
    hours : ndarray of float64, shape (h,)

    Returns
    -------
    ndarray of float64, shape (h,)
        At least so many: masts beyond the ranks, and other cells of a mast, may run on longer.

    Examples
    --------
    The first ten hear two masts, of which the second runs on for 8 hours.

    >>> served_on_battery(
    ...     np.float32([[5.0, 1.0], [2.0, -3.0]]), np.array([[4.0, 8.0], [4.0, 8.0]]),
    ...     np.array([10.0, 20.0]), np.array([0.0, 4.0, 8.0, 9.0]),
    ... ).tolist()
    [30.0, 30.0, 10.0, 0.0]
    """
    found = np.zeros(len(hours))
    for some in blocks(len(people)):
        runs = np.where(served(margin_db[some]), battery_hours[some], -1.0)
        longest = runs.max(axis=1, initial=-1.0)
        found += [float(people[some][longest >= each].sum()) for each in hours]
    return found


def operator_reach(margin_db: NDArray[np.float32], people: NDArray[np.float64]) -> OperatorReach:
    """Count whom each operator serves, alone or beside others.

    Parameters
    ----------
    margin_db : ndarray of float, shape (n, operators)
        Largest margin of each operator at each pixel; -inf for none.
    people : ndarray of float64, shape (n,)
        Residents of each pixel.

    Returns
    -------
    OperatorReach

    Examples
    --------
    >>> found = operator_reach(
    ...     np.float32([[1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]]), np.array([10.0, 20.0, 40.0])
    ... )
    >>> found.anyone, found.own.tolist(), found.only.tolist(), found.gain.tolist()
    (30.0, [30.0, 20.0], [10.0, 0.0], [[0.0, 0.0], [10.0, 0.0]])
    """
    operators, anyone = margin_db.shape[1], 0.0
    own, only = np.zeros((2, operators))
    gain = np.zeros((operators, operators))
    for some in blocks(len(people)):
        serves = served(margin_db[some]).astype(np.float64)
        alone = serves * (serves.sum(axis=1) == 1)[:, None]
        weighted = serves * people[some, None]
        anyone += float(people[some][serves.any(axis=1)].sum())
        own += weighted.sum(axis=0)
        only += (alone * people[some, None]).sum(axis=0)
        gain += (1.0 - serves).T @ weighted
    return OperatorReach(anyone=anyone, own=own, only=only, gain=gain)
