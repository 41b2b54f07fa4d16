"""Which works in which year, within budgets: most people served, or targets met for least."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .._types import Flags
from ..errors import SitingError, SitingTimeError
from ._model import Aim, Model
from ._refusals import refusal
from ._solver import ARITHMETIC, Clock
from ._stages import NoPlanError, chosen_in_one_year
from .works import BudgetYear, Demand, Target, Works, of_works, require_usable


@dataclass(frozen=True, kw_only=True, eq=False)
class SitePlan:
    """Which works in which year, whom they serve, and how far from the best that can be.

    Parameters
    ----------
    works : DataFrame, indexed by ``work_id``
        ``year`` and ``cost_vnd`` of the chosen works, by year.
    served_year : Series of Int64
        Of each demand; NA if never.
    years : DataFrame, indexed by ``year``
        ``budget_vnd``, ``spent_vnd``, ``left_vnd`` (with what earlier years left, if that may
        be spent), ``people`` served by its end.
    targets : DataFrame, indexed by ``target_id``
        ``year``, ``people_needed`` and ``people`` served by then.
    person_years : float
        Weighted people served, summed up over the years.
    cost_vnd : float
    bound : float
        No plan has more person-years, or costs less: what was aimed at.
    gap : float
        Share by which a better plan might exceed this one's person-years, or fall below its cost.
    ran_out : bool
        Whether the clock ended a search: another machine may find another plan.
    branched_out : bool
        Whether the gap is larger than asked since a search ended after its branches, on every
        machine alike.
    """

    works: pd.DataFrame
    served_year: pd.Series
    years: pd.DataFrame
    targets: pd.DataFrame
    person_years: float
    cost_vnd: float
    bound: float
    gap: float
    ran_out: bool = False
    branched_out: bool = False

    @property
    def optimal(self) -> bool:
        """Whether no plan is better, to the millionth that the solver computes with."""
        return self.gap <= ARITHMETIC


def plan_sites(  # noqa: PLR0913 - what a plan depends on, each with a name
    works: Works,
    demand: Demand,
    years: Sequence[BudgetYear],
    *,
    targets: Sequence[Target] = (),
    aim: Aim,
    carry_over: bool,
    largest_gap: float,
    time_limit_s: float | None = None,
) -> SitePlan:
    """Choose works and years.

    Parameters
    ----------
    works : Works
    demand : Demand
    years : sequence of BudgetYear
        In rising order.
    targets : sequence of Target
        All of them must be met.
    aim : {"people", "money"}
        Most weighted people served, summed up over the years, and the cheapest of the
        plans that have as many; or least money, and of the plans that cost as little the
        one with most person-years.
    carry_over : bool
        Whether money left over may be spent in later years.
    largest_gap : float
        Share of what is aimed at that may stay unproved; 0 asks for the best plan.
    time_limit_s : float, optional
        After which the best plan found so far is given, with its gap.

    Returns
    -------
    SitePlan

    Raises
    ------
    SitingError
        If figures cannot be used, names are unknown or repeated, or needs go in a circle.
    SitingTimeError
        If the time ends before any plan is found.
    InfeasibleSitingError
        If the targets cannot be met. Its ``values`` tell what would do: the targets that all works
        together do not reach, with ``unreached``, the positions of demand that no work
        serves; else the least money more, by year; else, where works exclude each other,
        by how many people the targets are missed.

    Notes
    -----
    With x(w, t) = 1 if work w is done by the end of year t and z(d, t) for demand served:
    x never falls; x(w) ≤ Σ x over each set of which w needs one; Σ x ≤ 1 over works that
    exclude each other; z(d) ≤ Σ x over the works that serve d, and over the works it waits
    for; Σ cost·(x(t) − x(t−1)) ≤ budget(t), summed up over the years where money may be carried
    over; Σ people·z ≥ what each target needs. z is whole as soon as x is. Demand that the same
    works serve, with the same targets and waits, is one; a work goes if another excludes, needs and
    enables the same, and serves as many for no more.

    Where a gap is allowed, stages come first. No plan costs less than the cheapest with all money
    in the last year, and by the end of a year none serves more than the best with all money until
    then in one sum, nor than the best of these in parts of works, a linear programme: the bound.
    The works in it, hardly any in part, are chosen from as a whole, and what is chosen is laid over
    the years. If that plan keeps the gap it is taken, else all works are looked at.

    Such a search ends by its gap or after so many branches, so the plan is the same on every
    machine unless `ran_out` tells otherwise. With `largest_gap` 0 only the time ends it before the
    proof.

    Examples
    --------
    A mast of 30 or 45 m that needs fibre; money for one work a year.

    >>> from scipy.sparse import csr_array
    >>> from phusong.siting import Need
    >>> table = pd.DataFrame(
    ...     {"cost_vnd": [3.0, 4.0, 2.0], "one_of": ["A", "A", None]},
    ...     index=["low", "high", "fibre"],
    ... )
    >>> covers = csr_array(np.array([[1, 0], [1, 1], [0, 0]], bool))
    >>> plan = plan_sites(
    ...     Works(table=table, covers=covers,
    ...           needs=[Need(work=mast, any_of=("fibre",)) for mast in ("low", "high")]),
    ...     Demand(people=np.array([100.0, 20.0]), weight=np.ones(2)),
    ...     [BudgetYear(year=year, budget_vnd=4) for year in (2027, 2028)],
    ...     aim="people", carry_over=False, largest_gap=0,
    ... )
    >>> plan.works.year.to_dict(), plan.years.people.to_list(), plan.optimal
    ({'fibre': 2027, 'high': 2028}, [0.0, 120.0], True)
    """
    clock = Clock(time_limit_s)
    require_usable(works, demand, years, targets)
    try:
        plan = _planned(
            works, demand, years, targets, aim=aim, carry_over=carry_over,
            largest_gap=largest_gap, clock=clock,
        )  # fmt: skip
    except NoPlanError:
        model = Model(works, demand, years, targets, carry_over=carry_over)
        fault = refusal(model, works, demand, largest_gap, clock)
        raise fault from None
    short = clock.branched_out and plan.gap > largest_gap
    return replace(plan, ran_out=clock.ran_out, branched_out=short)


def _planned(  # noqa: PLR0913 - as `plan_sites`
    works: Works,
    demand: Demand,
    years: Sequence[BudgetYear],
    targets: Sequence[Target],
    *,
    aim: Aim,
    carry_over: bool,
    largest_gap: float,
    clock: Clock,
) -> SitePlan:
    staged = None
    if largest_gap > 0:
        staged = _in_stages(
            works, demand, years, targets, aim=aim, carry_over=carry_over,
            largest_gap=largest_gap, clock=clock,
        )  # fmt: skip
        if staged is not None and staged.gap <= largest_gap:
            return staged
    try:
        model = Model(works, demand, years, targets, carry_over=carry_over)
        found = None if model.beyond() else model.solve(aim, largest_gap, clock)
    except SitingTimeError:
        if staged is None:
            raise
        return staged
    if found is None:
        raise NoPlanError
    plan = _described(model, *found, aim, demand)
    return staged if staged is not None and staged.gap < plan.gap else plan


def _in_stages(  # noqa: PLR0913 - as `plan_sites`
    works: Works,
    demand: Demand,
    years: Sequence[BudgetYear],
    targets: Sequence[Target],
    *,
    aim: Aim,
    carry_over: bool,
    largest_gap: float,
    clock: Clock,
) -> SitePlan | None:
    """Choose works by the money of the years in one sum, then their years among these alone.

    Returns None where there is no such plan, or none in its part of the time.
    """
    saved = np.cumsum([each.budget_vnd for each in years]).tolist()
    chosen: set[str] = set()
    bound = 0.0
    sums = list(range(len(years)) if aim == "people" else (len(years) - 1,))
    for done, at in enumerate(sums):
        last = years[at].year
        due = [replace(target, year=last) for target in targets if target.year <= last]
        sum_ = BudgetYear(year=last, budget_vnd=saved[at])
        # What stages leave of the time is for the laying over years and for all works.
        part = clock.part(len(sums) - done + 2)
        try:
            found = chosen_in_one_year(
                works, demand, sum_, due, aim=aim, largest_gap=largest_gap, clock=part
            )
        except SitingTimeError:
            return None
        if found is None:
            return None
        chosen |= found[0]
        bound += found[1]
    model = Model(*of_works(works, demand, chosen), years, targets, carry_over=carry_over)
    try:
        laid = None if model.beyond() else model.solve(aim, largest_gap / 2, clock.part(2))
    except SitingTimeError:
        return None
    return None if laid is None else _described(model, laid[0], bound, aim, demand)


@dataclass(frozen=True, kw_only=True, eq=False)
class NextStep:
    """What the next money buys.

    Parameters
    ----------
    works : tuple of str
        To be built together.
    cost_vnd, people : float
        What they cost, and how many more they serve, weighted.
    ran_out : bool
        Whether the time ended the search: another bundle might give more for each dong.
    """

    works: tuple[str, ...]
    cost_vnd: float
    people: float
    ran_out: bool = False


def next_step(
    works: Works, demand: Demand, built: Sequence[str], *, time_limit_s: float | None = None
) -> NextStep | None:
    """Find the works beyond a plan that serve most people for each dong.

    Parameters
    ----------
    works : Works
    demand : Demand
    built : sequence of str
        Works of the plan, which stay.
    time_limit_s : float, optional
        After which the best found so far is given.

    Returns
    -------
    NextStep or None
        None if nothing more can be served.

    Raises
    ------
    SitingError
        As `plan_sites`.
    SitingTimeError
        If the time ends before anything is found.

    Notes
    -----
    The quotient of gain and cost is made as large as can be by Dinkelbach's method: maximise gain −
    λ·cost, put λ to the quotient of what was found, until nothing is left above zero.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> table = pd.DataFrame({"cost_vnd": [3.0, 4.0], "one_of": None}, index=["a", "b"])
    >>> next_step(
    ...     Works(table=table, covers=csr_array(np.array([[1, 0], [0, 1]], bool))),
    ...     Demand(people=np.array([30.0, 60.0]), weight=np.ones(2)), built=[],
    ... )
    NextStep(works=('b',), cost_vnd=4.0, people=60.0, ran_out=False)
    """
    clock = Clock(time_limit_s)
    free = [BudgetYear(year=0, budget_vnd=float(works.table["cost_vnd"].sum()))]
    require_usable(works, demand, free, ())
    unknown = sorted(set(built) - set(works.table.index))
    if unknown:
        raise SitingError("siting.unknown_work", name=unknown[0])
    left = replace(demand, people=np.where(served_by(works, demand, built), 0.0, demand.people))
    model = Model(works, left, free, (), carry_over=False, stay=built)
    stay, count = model.stay[:, None], len(model.names)
    before = model.person_years(stay)
    cost = np.append(np.where(model.stay, 0, model.cost), np.zeros(len(model.people)))
    worth = np.append(np.zeros(count), model.worth)
    rate, best = _promising(works, model), None
    while True:
        try:
            found = model.best(worth - rate * cost, model.rows, 0.0, clock)
        except SitingTimeError:
            if best is None:
                raise
            return replace(best, ran_out=True)
        assert found is not None, "to build nothing more is always possible"
        more = found[0]
        spent = float(cost[:count][more[:, 0]].sum())
        gained = model.person_years(more) - before
        if gained - rate * spent <= ARITHMETIC * max(gained, 1.0):
            if best is None and rate > 0:  # the promise could not be kept
                rate = 0.0
                continue
            return best if best is None else replace(best, ran_out=clock.ran_out)
        rate = gained / spent
        names = model.names[more[:, 0] & ~model.stay]
        best = NextStep(works=tuple(sorted(names)), cost_vnd=spent, people=gained)


_BELOW = 0.999
"""Of a promise: a little less, so that a bundle that just keeps it is found."""


def _promising(works: Works, model: Model) -> float:
    """Return about the most people for a dong of a work with the cheapest of what it needs.

    Works that exclude it are not asked, so nothing may come of it: where to begin, not a bound.
    """
    needs: dict[str, list[tuple[str, ...]]] = {}
    for need in works.needs:
        needs.setdefault(need.work, []).append(need.any_of)
    fresh = np.where(model.stay, 0.0, model.cost)
    known: dict[str, float] = {}

    def price(name: str) -> float:
        if name not in model.place:
            return np.inf
        if name not in known:
            known[name] = float(fresh[model.place[name]]) + sum(
                min(map(price, any_of), default=np.inf) for any_of in needs.get(name, ())
            )
        return known[name]

    gain = model.covers @ model.worth
    rates = [
        some / price(name)
        for name, some in zip(model.names, gain, strict=True)
        if some > 0 and price(name) > 0
    ]
    return _BELOW * max(rates, default=0.0)


def served_by(works: Works, demand: Demand, built: Sequence[str]) -> Flags:
    """Tell whom some works serve.

    Parameters
    ----------
    works : Works
    demand : Demand
    built : sequence of str
        Works that are there; whether they may be is not asked.

    Returns
    -------
    ndarray of bool, shape (demand,)

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> table = pd.DataFrame({"cost_vnd": [3.0, 4.0], "one_of": None}, index=["a", "b"])
    >>> served_by(
    ...     Works(table=table, covers=csr_array(np.array([[1, 0], [0, 1]], bool))),
    ...     Demand(people=np.array([30.0, 60.0]), weight=np.ones(2)), ["b"],
    ... ).tolist()
    [False, True]
    """
    its = works.table.index.isin(list(built))
    served: Flags = np.asarray(works.covers[its].sum(axis=0)).ravel() > 0
    for wait in demand.waits:
        served[wait.demand] &= not set(wait.any_of).isdisjoint(built)
    return served


def _described(
    model: Model,
    built: Flags,
    bound: float,
    aim: Aim,
    demand: Demand,
) -> SitePlan:
    numbers = np.array([each.year for each in model.years])
    done = built[:, -1]
    first = built.shape[1] - built.sum(axis=1)
    chosen = pd.DataFrame(
        {
            "year": numbers[first[done]],
            "cost_vnd": model.cost[done],
            "work_id": model.names[done],
        }
    )
    chosen = chosen.sort_values(["year", "work_id"]).set_index("work_id")
    served = model.served(built)
    never = served.shape[1]
    of_group = np.append(never - served.sum(axis=1), never)
    at = of_group[model.group]
    served_year = pd.Series(np.append(numbers, 0)[at], dtype="Int64").mask(pd.Series(at == never))
    spent = chosen.groupby("year")["cost_vnd"].sum().reindex(numbers).fillna(0.0).to_numpy()
    left = model.budget - spent
    years = pd.DataFrame(
        {
            "budget_vnd": model.budget,
            "spent_vnd": spent,
            "left_vnd": np.cumsum(left) if model.carry_over else left,
            "people": [float(demand.people[at <= year].sum()) for year in range(len(numbers))],
        },
        index=pd.Index(numbers, name="year"),
    )
    targets = pd.DataFrame(
        {
            "year": [target.year for target in model.targets],
            "people_needed": [target.people for target in model.targets],
            "people": [
                float(
                    target.counted(demand.people)[
                        at[target.demand] <= numbers.tolist().index(target.year)
                    ].sum()
                )
                for target in model.targets
            ],
        },
        index=pd.Index([target.target_id for target in model.targets], name="target_id"),
    )
    person_years, cost = model.person_years(built), float(chosen["cost_vnd"].sum())
    if aim == "people":
        bound = max(bound, person_years)
        gap = (bound - person_years) / bound if bound > 0 else 0.0
    else:
        bound = min(bound, cost)
        gap = (cost - bound) / cost if cost > 0 else 0.0
    return SitePlan(
        works=chosen,
        served_year=served_year,
        years=years,
        targets=targets,
        person_years=person_years,
        cost_vnd=cost,
        bound=bound,
        gap=gap,
    )
