"""How many people how much money serves: the plans that no mixture of others beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .._types import Flags
from ..errors import SitingError, SitingTimeError
from ._model import Model
from ._solver import ARITHMETIC, Clock
from .works import BudgetYear, Demand, Works, require_usable


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePoint:
    """A plan, what it costs and whom it serves.

    Parameters
    ----------
    works : tuple of str
    cost_vnd, people : float
        People as they are weighted.
    served : ndarray of bool, shape (demand,)
    gap : float
        Share by which another plan for as much money might serve more.
    """

    works: tuple[str, ...]
    cost_vnd: float
    people: float
    served: Flags
    gap: float


def money_curve(
    works: Works,
    demand: Demand,
    *,
    points: int,
    largest_gap: float,
    time_limit_s: float | None = None,
) -> Sequence[CurvePoint]:
    """Find plans along the curve of people against money.

    Parameters
    ----------
    works : Works
    demand : Demand
    points : int
        How many plans at most, at least 2: nothing, and all that can be served for least money.
    largest_gap : float
        Share that may stay unproved; 0 asks for the best plans.
    time_limit_s : float, optional
        After which the points found so far are given.

    Returns
    -------
    sequence of CurvePoint
        By rising cost.

    Raises
    ------
    SitingError
        As `plan_sites`; if fewer than 2 points are asked for.
    SitingTimeError
        If the time ends before the last point, of all that can be served, is found.

    Notes
    -----
    Every plan between the ends maximises people − λ·cost for some λ (Eisner & Severance 1976): it
    is the best for what it costs, and no plan lies above the straight line between two neighbours
    where the line itself is such a maximum. λ is the slope between neighbours, those first
    between which there is most room. Without a limit of money the programme is nearly always
    whole by itself, so a point takes little time.

    Examples
    --------
    >>> import pandas as pd
    >>> from scipy.sparse import csr_array
    >>> table = pd.DataFrame({"cost_vnd": [3.0, 4.0, 5.0], "one_of": None}, index=["a", "b", "c"])
    >>> covers = csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], bool))
    >>> found = money_curve(
    ...     Works(table=table, covers=covers),
    ...     Demand(people=np.array([30.0, 60.0, 5.0]), weight=np.ones(3)), points=9, largest_gap=0,
    ... )
    >>> [(point.cost_vnd, point.people) for point in found]
    [(0.0, 0.0), (4.0, 60.0), (7.0, 90.0), (12.0, 95.0)]
    """
    clock = Clock(time_limit_s)
    free = [BudgetYear(year=0, budget_vnd=float(works.table["cost_vnd"].sum()))]
    require_usable(works, demand, free, ())
    if points < 2:
        raise SitingError("siting.bad_search", name="points", value=points)
    model = Model(works, demand, free, (), carry_over=False)
    nothing = _point(model, np.zeros((len(model.names), 1), bool), 0.0)
    solved = model.solve("people", largest_gap, clock.part(2))
    assert solved is not None, "to build nothing is always possible"
    found = [nothing, _point(model, *solved)]
    if found[1].people <= 0:
        return found[:1]
    cost = np.append(model.cost, np.zeros(len(model.people)))
    worth = np.append(np.zeros(len(model.names)), model.worth)
    straight: set[tuple[float, float]] = set()
    while len(found) < points:
        pairs = [
            (one, other)
            for one, other in pairwise(found)
            if (one.cost_vnd, other.cost_vnd) not in straight
        ]
        if not pairs:
            break
        one, other = max(pairs, key=lambda pair: _room(*pair))
        rate = (other.people - one.people) / (other.cost_vnd - one.cost_vnd)
        try:
            part = clock.part(points - len(found))
            best = model.best(worth - rate * cost, model.rows, largest_gap, part)
        except SitingTimeError:
            straight.add((one.cost_vnd, other.cost_vnd))
            continue
        assert best is not None, "to build nothing is always possible"
        built, bound = best
        more = _point(model, built, bound + rate * float(model.cost[built[:, 0]].sum()))
        above = more.people - one.people - rate * (more.cost_vnd - one.cost_vnd)
        between = one.cost_vnd < more.cost_vnd < other.cost_vnd
        if not between or above <= ARITHMETIC * max(more.people, 1.0):
            straight.add((one.cost_vnd, other.cost_vnd))
            continue
        found.insert(found.index(other), more)
    return found


def _point(model: Model, built: Flags, bound: float) -> CurvePoint:
    served = model.served(built)[:, 0]
    people = float(model.worth[served].sum())
    most = max(bound, people)
    return CurvePoint(
        works=tuple(model.names[built[:, 0]]),
        cost_vnd=float(model.cost[built[:, 0]].sum()),
        people=people,
        served=np.append(served, False)[model.group],
        gap=(most - people) / most if most > 0 else 0.0,
    )


def _room(one: CurvePoint, other: CurvePoint) -> float:
    """Return what two neighbours may have between them: the triangle below their line's ends."""
    return (other.cost_vnd - one.cost_vnd) * (other.people - one.people)
