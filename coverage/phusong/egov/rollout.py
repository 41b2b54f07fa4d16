"""A year-by-year rollout within budgets, crews and prerequisites, and why a commune is not in it.

Knows units, works, costs and values; where they come from is `readiness`'s and
the caller's. The programme itself is written down in `_programme`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .._types import Floats, Labels
from ..errors import InfeasibleRolloutError, RolloutError
from ..i18n import Bilingual, both, number
from ..tables import ROLLOUT, ROLLOUT_WORKS
from ._programme import Programme, Solution, Year
from .works import in_a_circle


@dataclass(frozen=True, kw_only=True)
class RolloutPlan:
    """Which works in which year.

    Parameters
    ----------
    offices : DataFrame
        Fields of `tables.ROLLOUT` from ``district_code`` to ``would_enter``,
        indexed by ``office_id``.
    works : DataFrame
        Fields of `tables.ROLLOUT_WORKS` up to ``crew_days``: the chosen works.
    value, upper_bound : float
        Value of the plan, and what no plan can exceed.
    left : DataFrame, indexed by year
        ``budget_vnd`` and ``crew_days`` not used; with `carry_over` the budget
        left at the end of each year.
    """

    offices: pd.DataFrame
    works: pd.DataFrame
    value: float
    upper_bound: float
    left: pd.DataFrame

    @property
    def gap(self) -> float:
        """Share by which a better plan might exceed this one's value; 0 if it is the best."""
        return (self.upper_bound - self.value) / self.value if self.value > 0 else 0.0


def weigh(measures: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Return one value a row: weighted shares of each measure's total.

    Parameters
    ----------
    measures : DataFrame
        Files a year, residents, distance to the nearest centre, a priority
        from 0 to 1 …; zero or more. What is not reported counts zero.
    weights : mapping
        Column → weight, zero or more; the user's policy.

    Returns
    -------
    Series of float, indexed like `measures`
        Sums to the sum of the weights of the measures that are not all zero.

    Raises
    ------
    RolloutError
        If a weight or a measure is below zero, or a measure is infinite.

    Examples
    --------
    >>> measures = pd.DataFrame({"files": [30, 10], "priority": [0, 1]}, index=["a", "b"])
    >>> weigh(measures, {"files": 2, "priority": 1}).to_list()
    [1.5, 1.5]
    """
    value = pd.Series(0.0, index=measures.index)
    for name, weight in weights.items():
        column = measures[name].astype("float64").fillna(0)
        if weight < 0 or (column < 0).any() or not np.isfinite(column).all():
            raise RolloutError("egov.bad_weight", name=name)
        if column.sum() > 0:
            value += weight * column / column.sum()
    return value


def plan_rollout(  # noqa: PLR0913 - the terms of the programme, each with a name
    units: pd.DataFrame,
    works: pd.DataFrame,
    years: Sequence[Year],
    *,
    after: Mapping[str, Collection[str]],
    district_bonus: float,
    carry_over: bool,
    largest_gap: float,
    required: Mapping[str, int] | None = None,
    explained: bool = True,
) -> RolloutPlan:
    """Choose the works of each year so that most value is in service longest.

    Parameters
    ----------
    units : DataFrame, indexed by ``office_id``
        ``district_code`` (NA: no district), ``centre`` (whether the unit is
        its district's centre), ``value`` of one year in service, zero or more.
    works : DataFrame
        ``office_id``, ``work``, ``cost_vnd`` above zero, ``crew_days``: what
        each unit lacks. A unit without works has only its centre to wait for.
    years : sequence of Year
        In order.
    after : mapping
        Work → works that must be done before it or in the same year.
    district_bonus : float
        Extra value of one year in which a whole district is in service, as a
        share of the values of its units.
    carry_over : bool
        Whether money left over may be spent in later years.
    largest_gap : float
        Share of the value that may be left unproven; 0 asks for the best
        plan, which may take long for many units.
    required : mapping, optional
        Unit → year by whose end it must be in service.
    explained : bool
        Whether to find out why each unit outside the plan is, what it would
        take, and when its turn would come; without it those columns are left out.

    Returns
    -------
    RolloutPlan
        A unit is in service from the year in which its last work is done and
        its district's centre is in service too, whatever its value. One that
        lacks no work, nor its centre, has the reason ``no_works`` and enters
        in no year, although its value counts from the first. What still fits
        in what a plan leaves is taken in, so no unit of value stays outside
        that could be had for nothing more.

    Raises
    ------
    RolloutError
        If figures are missing, negative or circular.
    InfeasibleRolloutError
        If what is required cannot be paid or manned; the message says what
        each year must have more: money alone, else crews alone, else both.

    Notes
    -----
    With x(w, t) = 1 if work w is done by the end of year t, and s(u, t) for
    units in service: maximise Σ value·s, subject to x and s never falling,
    x(w) ≤ x(every work before it), s(u) ≤ x(works of u), s(u) ≤ s(its
    centre), Σ cost·(x(t) − x(t−1)) ≤ budget(t), and likewise for crews. All
    but the last two families are a closure problem, whose relaxation is
    integral; so the linear programme leaves few units fractional. It gives the
    bound; a small integer programme decides the units it left open, and only
    if the gap is still too large a full branch and bound (HiGHS) follows.

    Why a unit is outside is found by forcing it in, with its centre if that is
    outside too, while every work of the plan stays in its year: ``budget`` if
    more money alone lets it in, ``crew`` if more crew days alone do,
    ``budget_or_crew`` if either does, ``budget_and_crew`` if only both do,
    ``no_value`` if it needs nothing more and nobody gains by it. ``short_vnd``
    and ``short_days`` are the least that suffice, over all years.
    ``would_enter`` continues the plan: the units outside are planned anew over
    as many years again, each like the last.

    Examples
    --------
    Two communes, money for one a year: the more valuable goes first.

    >>> units = pd.DataFrame(
    ...     {"district_code": "024", "centre": False, "value": [1.0, 3.0]}, index=["a", "b"]
    ... )
    >>> works = pd.DataFrame(
    ...     {"office_id": ["a", "b"], "work": "lan", "cost_vnd": 300e6, "crew_days": 5}
    ... )
    >>> years = [Year(year=y, budget_vnd=300e6, crew_days=9) for y in (2018, 2019)]
    >>> plan = plan_rollout(units, works, years, after={}, district_bonus=0, carry_over=False,
    ...                     largest_gap=0)
    >>> plan.offices.service_year.to_dict(), plan.value
    ({'a': 2019, 'b': 2018}, 7.0)
    """  # noqa: DOC501  `_infeasible` makes an InfeasibleRolloutError
    _check(units, works, years, after, required or {})
    units = units.sort_index()
    works = works.astype({"cost_vnd": float, "crew_days": float}).sort_values(
        ["office_id", "work"], ignore_index=True
    )
    programme = Programme(units, works, years, after, district_bonus, carry_over, required or {})
    solution = programme.solve(largest_gap)
    if solution is None:
        raise _infeasible(programme, years)
    plan = _described(programme, solution, units, works, years, carry_over)
    if not explained:
        return plan
    offices = _explained(plan.offices, programme, solution, works)
    offices["would_enter"] = offices["service_year"]
    outside = offices["service_year"].isna() & (offices["reason"] != "no_works")
    if outside.any():
        later = _continued(years, plan.left, carry_over)
        waiting = units[outside]
        theirs = works[works["office_id"].isin(waiting.index)].reset_index(drop=True)
        turns = Programme(waiting, theirs, later, after, district_bonus, carry_over, {})
        entered = turns.solve(largest_gap)
        assert entered is not None, "nothing is required of the later years"
        offices.loc[outside, "would_enter"] = _year_of(entered.unit_year, later)
    columns = [name for name in ROLLOUT.columns if name in offices]
    return replace(plan, offices=offices[columns])


def compare_scenarios(plans: Mapping[str, RolloutPlan]) -> pd.DataFrame:
    """Put the plans of several scenarios side by side.

    Parameters
    ----------
    plans : mapping
        Identifier of the scenario → its plan, all of the same offices.

    Returns
    -------
    DataFrame, one row a scenario, in the order given
        The columns of `tables.ROLLOUT_SCENARIOS` that the plans tell; what the
        scenarios are called in words, and their budgets, are the caller's.

    Examples
    --------
    >>> units = pd.DataFrame({"district_code": "024", "centre": False, "value": [1.0]}, index=["a"])
    >>> works = pd.DataFrame(
    ...     {"office_id": ["a"], "work": "lan", "cost_vnd": 300e6, "crew_days": 5}
    ... )
    >>> plans = {
    ...     name: plan_rollout(
    ...         units, works, [Year(year=2018, budget_vnd=budget, crew_days=9)], after={},
    ...         district_bonus=0, carry_over=False, largest_gap=0,
    ...     )
    ...     for name, budget in (("base", 300e6), ("half", 150e6))
    ... }
    >>> compare_scenarios(plans)[["scenario", "offices_in_service", "spent_vnd"]].values.tolist()
    [['base', 1, 300000000.0], ['half', 0, 0.0]]
    """
    rows = [
        {
            "scenario": name,
            "offices_in_service": int(plan.offices["service_year"].notna().sum()),
            "offices": len(plan.offices),
            "spent_vnd": float(plan.works["cost_vnd"].sum()),
            "value": plan.value,
            "gap_share": plan.gap,
        }
        for name, plan in plans.items()
    ]
    return pd.DataFrame(rows)


def _check(
    units: pd.DataFrame,
    works: pd.DataFrame,
    years: Sequence[Year],
    after: Mapping[str, Collection[str]],
    required: Mapping[str, int],
) -> None:
    """Refuse figures that no plan can be made of."""
    known = set(units.index)
    strangers = sorted((set(works["office_id"]) | set(required)) - known)
    if strangers:
        raise RolloutError("egov.unknown_office", name=strangers[0], count=len(strangers))
    if units.index.has_duplicates or works.duplicated(["office_id", "work"]).any():
        raise RolloutError("egov.repeated_office")
    for table, column, least in (
        (units, "value", 0),
        (works, "cost_vnd", np.nextafter(0, 1)),
        (works, "crew_days", 0),
    ):
        bad = ~(table[column].astype(float) >= least) | np.isinf(table[column].astype(float))
        if bad.any():
            row = table[bad].iloc[0]
            name = row.name if table is units else f"{row['office_id']} / {row['work']}"
            raise RolloutError("egov.bad_figure", column=column, name=name, value=row[column])
    numbers = [year.year for year in years]
    if not numbers or numbers != sorted(set(numbers)):
        raise RolloutError("egov.bad_years")
    for year in years:
        if not (year.budget_vnd >= 0 and year.crew_days >= 0):
            raise RolloutError("egov.bad_year", year=year.year)
    circle = in_a_circle({work: tuple(before) for work, before in after.items()})
    if circle:
        raise RolloutError("egov.circular", names=", ".join(circle))


def _infeasible(programme: Programme, years: Sequence[Year]) -> InfeasibleRolloutError:
    """Say what each year must have more so that what is required can be had."""
    for limit, budget, crew in (("budget", True, False), ("crew", False, True)):
        found = programme.least_more_for_required(budget=budget, crew=crew)
        if found is not None:
            more = found.money if budget else found.days
            return InfeasibleRolloutError(
                f"egov.{limit}_too_small", more=_by_year(more, years), total=_up(more.sum())
            )
    found = programme.least_more_for_required(budget=True, crew=True)
    assert found is not None, "doing everything is always a plan"
    return InfeasibleRolloutError(
        "egov.both_too_small", money=_by_year(found.money, years), crews=_by_year(found.days, years)
    )


def _by_year(more: Floats, years: Sequence[Year]) -> Bilingual:
    """Write what each year must have more, rounded up: less would not do."""
    needed = [(year.year, _up(some)) for year, some in zip(years, more, strict=True) if some > 0]
    return both(lambda lang: "; ".join(f"{year}: {number(some, lang)}" for year, some in needed))


def _up(figure: float) -> float:
    """Round a figure up, but for the last binary digits."""
    return math.ceil(round(figure, 3))


def _described(
    programme: Programme,
    solution: Solution,
    units: pd.DataFrame,
    works: pd.DataFrame,
    years: Sequence[Year],
    carry_over: bool,
) -> RolloutPlan:
    number = np.array([year.year for year in years] + [0])
    served = _year_of(solution.unit_year, years)
    served[programme.without_works] = pd.NA
    useful = solution.work_year < len(years)
    chosen = works[useful].assign(year=number[solution.work_year[useful]])
    spent = chosen.groupby("year")[["cost_vnd", "crew_days"]].sum().reindex(number[:-1]).fillna(0)
    left = pd.DataFrame(
        {
            "budget_vnd": [year.budget_vnd for year in years],
            "crew_days": [year.crew_days for year in years],
        },
        index=pd.Index(number[:-1], name="year"),
    )
    left["budget_vnd"] -= spent["cost_vnd"]
    left["crew_days"] -= spent["crew_days"]
    if carry_over:
        left["budget_vnd"] = left["budget_vnd"].cumsum()
    totals = works.groupby("office_id").agg(
        works=("work", ", ".join), cost_vnd=("cost_vnd", "sum"), crew_days=("crew_days", "sum")
    )
    offices = units[["district_code", "value"]].join(totals)
    offices = offices.fillna({"works": "", "cost_vnd": 0.0, "crew_days": 0.0})
    offices.index.name = "office_id"
    offices["service_year"] = served
    return RolloutPlan(
        offices=offices[[name for name in ROLLOUT.columns if name in offices]],
        works=chosen[[name for name in ROLLOUT_WORKS.columns if name in chosen]].sort_values(
            ["year", "office_id", "work"], ignore_index=True
        ),
        value=solution.value,
        upper_bound=solution.upper_bound,
        left=left,
    )


def _year_of(position: Labels, years: Sequence[Year]) -> "pd.arrays.IntegerArray":
    """Return calendar years; NA for never."""
    found = pd.array(np.array([year.year for year in years] + [0])[position], "Int64")
    found[position == len(years)] = pd.NA
    return found


def _explained(
    offices: pd.DataFrame, programme: Programme, solution: Solution, works: pd.DataFrame
) -> pd.DataFrame:
    """Tell of each unit outside the plan why, and the least that would let it in."""
    reasons = np.where(programme.without_works, "no_works", "in_plan").astype(object)
    short = np.full((len(offices), 2), np.nan)
    never = offices["service_year"].isna().to_numpy() & ~programme.without_works
    # Units that lack the same works wait for the same reason.
    jobs = list(works[["work", "cost_vnd", "crew_days"]].itertuples(index=False, name=None))
    known: dict[tuple[object, ...], tuple[str, float, float]] = {}
    for unit in np.flatnonzero(never):
        centre = programme.centre_of_unit[unit]
        held_back = bool(centre >= 0 and never[centre])
        theirs = (unit, centre) if held_back else (unit,)
        key = (held_back, *(jobs[job] for one in theirs for job in programme.works_of[one]))
        if key not in known:
            known[key] = _why(programme, int(unit), solution.plan)
        reasons[unit], *short[unit] = known[key]
        if held_back:
            if reasons[unit] == "budget_or_crew":  # of what it takes, one is told
                short[unit, 1] = 0
            reasons[unit] = "centre_not_in_service"
    return offices.assign(reason=reasons, short_vnd=short[:, 0], short_days=short[:, 1])


def _why(programme: Programme, unit: int, plan: Floats) -> tuple[str, float, float]:
    """Return why a unit is outside, and the least money and crew days that let it in."""
    money = programme.least_more(unit, plan, budget=True, crew=False)
    if money is not None and money.money.sum() <= 0:
        return "no_value", 0.0, 0.0
    days = programme.least_more(unit, plan, budget=False, crew=True)
    if money is not None or days is not None:
        return (
            "crew" if money is None else "budget" if days is None else "budget_or_crew",
            0.0 if money is None else float(money.money.sum()),
            0.0 if days is None else float(days.days.sum()),
        )
    both = programme.least_more(unit, plan, budget=True, crew=True)
    assert both is not None, "with enough of both every unit enters"
    return "budget_and_crew", float(both.money.sum()), float(both.days.sum())


def _continued(years: Sequence[Year], left: pd.DataFrame, carry_over: bool) -> list[Year]:
    """Return as many years again, each like the last; the first has what was left if it may."""
    last = years[-1]
    later = [replace(last, year=last.year + ahead) for ahead in range(1, len(years) + 1)]
    if carry_over:
        rest = float(left["budget_vnd"].iloc[-1])
        later[0] = replace(later[0], budget_vnd=last.budget_vnd + rest)
    return later
