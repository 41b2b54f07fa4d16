"""Works of a plan whose money is one sum: by the plan in parts, a linear programme, and near it."""

from collections.abc import Sequence
from dataclasses import replace

from .._types import Flags
from ..errors import SitingTimeError
from ._model import Aim, Model
from ._solver import Clock
from .works import BudgetYear, Demand, Target, Works, of_works

MORE_MONEY = (1.0, 1.3)
"""Times the money: what a little more would build is chosen from too, else there is no choice."""
OF_ONE_YEAR = 0.8
"""What a plan of one year may use up of the gap; the rest is for laying it over the years."""


class NoPlanError(Exception):
    """It is proved that there is no plan."""


def chosen_in_one_year(
    works: Works,
    demand: Demand,
    year: BudgetYear,
    targets: Sequence[Target],
    *,
    aim: Aim,
    largest_gap: float,
    clock: Clock,
) -> tuple[set[str], float] | None:
    """Return the works of a plan of one year, and its bound; None if there is none.

    The best plan in parts of works is found in seconds, and hardly any work is in it in part: it is
    the bound, and the best plan of the works in it is nearly always as good as the gap asks. Where
    it is not, all works are looked at.

    Raises
    ------
    NoPlanError
        If there is none in parts either.
    SitingTimeError
        If the time ends before any plan is found.
    """
    some: set[str] = set()
    for times in MORE_MONEY if aim == "people" else MORE_MONEY[:1]:
        money = replace(year, budget_vnd=year.budget_vnd * times)
        model = Model(works, demand, [money], targets, carry_over=False)
        relaxed = None if model.beyond() else model.relaxed(aim, clock)
        if relaxed is None:
            raise NoPlanError
        some |= set(model.names[relaxed[0]])
        if times == 1:
            bound = relaxed[1]
    fewer = Model(*of_works(works, demand, some), [year], targets, carry_over=False)
    try:
        near = _solved(fewer, aim, largest_gap, clock)
    except SitingTimeError:
        near = None
    if near is not None and _gap(fewer, aim, near[0], bound) <= largest_gap * OF_ONE_YEAR:
        return _names(fewer, near[0]), bound
    model = Model(works, demand, [year], targets, carry_over=False)
    found = _solved(model, aim, largest_gap, clock)
    return None if found is None else (_names(model, found[0]), found[1])


def _solved(model: Model, aim: Aim, largest_gap: float, clock: Clock) -> tuple[Flags, float] | None:
    if model.beyond():
        return None
    return model.solve(aim, largest_gap / 2, clock, first_alone=True)


def _names(model: Model, built: Flags) -> set[str]:
    return set(model.names[built[:, -1]])


def _gap(model: Model, aim: Aim, built: Flags, bound: float) -> float:
    """Return the share by which a better plan might be better."""
    if aim == "people":
        return (bound - model.person_years(built)) / bound if bound > 0 else 0.0
    cost = model.spent(built)
    return (cost - bound) / cost if cost > 0 else 0.0
