"""One mixed-integer programme to its end, and what its end proves. Knows rows and columns alone."""

import math
import time
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from .._types import Flags, Floats
from ..errors import SitingError, SitingTimeError

ARITHMETIC = 1e-6
"""What the solver takes for nothing, as a share: of a whole number, of a limit, of the value."""
_OPTIMAL, _LIMIT, _INFEASIBLE = 0, 1, 2


class Clock:
    """The time that a search may take, all programmes of it together.

    Parameters
    ----------
    limit_s : float, optional
        Without it a search takes as long as it needs.

    Attributes
    ----------
    ran_out : bool
        Whether a programme was ended by it.
    """

    def __init__(self, limit_s: float | None = None) -> None:
        if limit_s is not None and not (limit_s > 0 and math.isfinite(limit_s)):
            raise SitingError("siting.bad_time", value=limit_s)
        self.limit_s = math.inf if limit_s is None else limit_s
        self.ran_out = False
        self._end = time.monotonic() + self.limit_s

    @property
    def left_s(self) -> float:
        """Seconds that are left, never below zero."""
        return max(self._end - time.monotonic(), 0.0)

    def part(self, searches: int) -> "Clock":
        """Return a clock for the next of so many searches that share what is left."""
        left_s = self.left_s
        return self if math.isinf(left_s) else Clock(max(left_s / searches, _LEAST_S))


_LEAST_S = 1e-3


@dataclass(frozen=True, kw_only=True)
class Solved:
    """The best values found, None if there are none, and what no values can exceed."""

    values: Floats | None
    bound: float


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows of a programme: ``low <= matrix @ values <= high``."""

    matrix: csr_array
    low: Floats | float = -np.inf
    high: Floats | float = np.inf


def largest(
    gain: Floats,
    rows: list[Rows],
    *,
    whole: Flags,
    low: Floats | float = 0.0,
    high: Floats | float = 1.0,
    largest_gap: float,
    clock: Clock,
) -> Solved:
    """Maximise a sum of gains.

    Parameters
    ----------
    gain : ndarray, shape (n,)
    rows : list of Rows
    whole : ndarray of bool, shape (n,)
        Which values must be whole numbers.
    low, high : ndarray of shape (n,), or float
        Limits of the values.
    largest_gap : float
        Share of the sum that may stay unproved.
    clock : Clock
        Where it ends first, the best values found so far are given, with the bound proved.

    Raises
    ------
    SitingError
        If the solver breaks off.
    SitingTimeError
        If the time ends before there are any.
    """
    if not len(gain):
        return Solved(values=np.zeros(0), bound=0.0)
    solved = milp(
        -gain,
        integrality=whole.astype(np.uint8),
        bounds=Bounds(low, high),
        constraints=[LinearConstraint(each.matrix, each.low, each.high) for each in rows],
        options={"mip_rel_gap": largest_gap, "time_limit": clock.left_s},
    )
    if solved.status == _LIMIT:
        clock.ran_out = True
        if solved.x is None:
            raise SitingTimeError("siting.out_of_time", seconds=clock.limit_s)
    if solved.status == _INFEASIBLE:
        return Solved(values=None, bound=-np.inf)
    if solved.status not in (_OPTIMAL, _LIMIT) or solved.x is None:
        raise SitingError("siting.broke_off", told=solved.message)
    # Without whole numbers there is nothing to branch on, hence no bound but the value itself.
    bound = solved.fun if solved.mip_dual_bound is None else solved.mip_dual_bound
    return Solved(values=solved.x, bound=-float(bound))
