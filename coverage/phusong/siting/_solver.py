"""One mixed-integer programme to its end, and what its end proves. Knows rows and columns alone.

Where a gap is allowed, a search that does not close it ends after so many branches, which are the
same on every machine and under every load; the clock is the last resort, and is told.
"""

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
BRANCHES = 300
"""After which a search ends that may leave a gap: many times what plans of the sample need."""
_ALL_BRANCHES = 2**31 - 1
_OPTIMAL, _LIMIT, _INFEASIBLE, _OTHER = 0, 1, 2, 4


class Clock:
    """The time that a search may take, all programmes of it together.

    Parameters
    ----------
    limit_s : float, optional
        Without it a search takes as long as it needs.

    Attributes
    ----------
    ran_out : bool
        Whether a programme was ended by it, or by a part of it: another machine may find
        something else.
    branched_out : bool
        Whether one was ended by its branches.
    """

    def __init__(self, limit_s: float | None = None, *, whole: "Clock | None" = None) -> None:
        if limit_s is not None and not (limit_s > 0 and math.isfinite(limit_s)):
            raise SitingError("siting.bad_time", value=limit_s)
        self.limit_s = math.inf if limit_s is None else limit_s
        self.ran_out = self.branched_out = False
        self._whole = whole
        self._end = time.monotonic() + self.limit_s

    @property
    def left_s(self) -> float:
        """Seconds that are left, never below zero."""
        return max(self._end - time.monotonic(), 0.0)

    def part(self, searches: int) -> "Clock":
        """Return a clock for the next of so many searches that share what is left."""
        left_s = self.left_s
        return Clock(None if math.isinf(left_s) else max(left_s / searches, _LEAST_S), whole=self)

    def ended(self, *, by_branches: bool) -> None:
        """Note that a programme was ended."""
        self.branched_out |= by_branches
        self.ran_out |= not by_branches
        if self._whole is not None:
            self._whole.ended(by_branches=by_branches)


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
        If the time, or the branches, end before there are any.
    """
    if not len(gain):
        return Solved(values=np.zeros(0), bound=0.0)
    solved = milp(
        -gain,
        integrality=whole.astype(np.uint8),
        bounds=Bounds(low, high),
        constraints=[LinearConstraint(each.matrix, each.low, each.high) for each in rows],
        options={
            "mip_rel_gap": largest_gap,
            "time_limit": clock.left_s,
            "node_limit": BRANCHES if largest_gap > 0 else _ALL_BRANCHES,
        },
    )
    # SciPy has no status of its own for the end of branches.
    branched_out = solved.status == _OTHER and "Solution limit" in solved.message
    if solved.status == _LIMIT or branched_out:
        clock.ended(by_branches=branched_out)
        if solved.x is None:
            key = "out_of_branches" if branched_out else "out_of_time"
            raise SitingTimeError(f"siting.{key}", seconds=clock.limit_s, branches=BRANCHES)
    elif solved.status == _INFEASIBLE:
        return Solved(values=None, bound=-np.inf)
    elif solved.status != _OPTIMAL or solved.x is None:
        raise SitingError("siting.broke_off", told=solved.message)
    # Without whole numbers there is nothing to branch on, hence no bound but the value itself.
    bound = solved.fun if solved.mip_dual_bound is None else solved.mip_dual_bound
    return Solved(values=solved.x, bound=-float(bound))
