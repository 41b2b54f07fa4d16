"""One mixed-integer programme to its end, and what its end proves. Knows rows and columns alone."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from .._types import Flags, Floats
from ..errors import SitingError

ARITHMETIC = 1e-6
"""What the solver takes for nothing, as a share: of a whole number, of a limit, of the value."""
_OPTIMAL, _LIMIT, _INFEASIBLE = 0, 1, 2


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

    Raises
    ------
    SitingError
        If the solver breaks off.
    """
    if not len(gain):
        return Solved(values=np.zeros(0), bound=0.0)
    solved = milp(
        -gain,
        integrality=whole.astype(np.uint8),
        bounds=Bounds(low, high),
        constraints=[LinearConstraint(each.matrix, each.low, each.high) for each in rows],
        options={"mip_rel_gap": largest_gap},
    )
    if solved.status == _INFEASIBLE:
        return Solved(values=None, bound=-np.inf)
    if solved.status not in (_OPTIMAL, _LIMIT) or solved.x is None:
        raise SitingError("siting.broke_off", told=solved.message)
    # Without whole numbers there is nothing to branch on, hence no bound but the value itself.
    bound = solved.fun if solved.mip_dual_bound is None else solved.mip_dual_bound
    return Solved(values=solved.x, bound=-float(bound))
