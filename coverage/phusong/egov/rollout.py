"""A year-by-year rollout within budgets, crews and prerequisites, and why a commune is not in it.

Knows units, works, costs and values; where they come from is `readiness`'s and
the caller's. The programme itself is written down in `_programme`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from .._types import Labels
from ..errors import InfeasibleRolloutError, RolloutError
from ..tables import ROLLOUT, ROLLOUT_WORKS
from ._programme import Programme, Solution, Year
from .works import in_a_circle

_LAST_YEAR = 9999


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

    Returns
    -------
    RolloutPlan
        A unit is in service from the year in which its last work is done and
        its district's centre is in service too, whatever its value.

    Raises
    ------
    RolloutError
        If figures are missing, negative or circular.
    InfeasibleRolloutError
        If what is required cannot be paid or manned; the message says the
        smallest share of the budgets, or of the crews, that suffices, or what
        each year must have more.

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
    return _described(programme, solution, units, works, years, carry_over)


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
    """Say which smallest budgets, or crews, the requirements would need."""
    given = {
        "budget": sum(year.budget_vnd for year in years),
        "crew": sum(year.crew_days for year in years),
    }
    limits: tuple[Literal["budget", "crew"], ...] = ("budget", "crew")
    for limit in limits:
        scale = programme.smallest_scale(limit)
        if scale is not None:
            # Rounded up: less would not do.
            return InfeasibleRolloutError(
                f"egov.{limit}_too_small",
                given=given[limit],
                needed=_up(given[limit] * scale),
                percent=_up(100 * scale, decimals=1),
            )
    money, crews = (
        ", ".join(
            f"{year.year}: {_up(some):.0f}"
            for year, some in zip(years, more, strict=True)
            if some > 0
        )
        or "0"
        for more in programme.least_raise()
    )
    return InfeasibleRolloutError("egov.both_too_small", money=money, crews=crews)


def _up(figure: float, *, decimals: int = 0) -> float:
    """Round a figure up, but for the last binary digits."""
    steps: int = 10**decimals
    return math.ceil(round(figure * steps, 3)) / steps


def _described(
    programme: Programme,
    solution: Solution,
    units: pd.DataFrame,
    works: pd.DataFrame,
    years: Sequence[Year],
    carry_over: bool,
) -> RolloutPlan:
    number = np.array([year.year for year in years] + [0])
    served = pd.array(number[solution.unit_year], "Int64")
    served[solution.unit_year == len(years)] = pd.NA
    # Works of a unit that never comes into service would be money for nothing.
    useful = (solution.work_year < len(years)) & (
        solution.unit_year[programme.unit_of_work] < len(years)
    )
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
    offices = _explained(offices, left, programme, years)
    return RolloutPlan(
        offices=offices[[name for name in ROLLOUT.columns if name in offices]],
        works=chosen[[name for name in ROLLOUT_WORKS.columns if name in chosen]].sort_values(
            ["year", "office_id", "work"], ignore_index=True
        ),
        value=solution.value,
        upper_bound=solution.upper_bound,
        left=left,
    )


def _explained(
    offices: pd.DataFrame, left: pd.DataFrame, programme: Programme, years: Sequence[Year]
) -> pd.DataFrame:
    """Tell of each unit outside the plan why, what is short, and when it would enter."""
    out = offices["service_year"].isna().to_numpy()
    centre = programme.centre_of_unit
    waits = (centre >= 0) & np.where(centre >= 0, out[centre], False)
    money = left["budget_vnd"].to_numpy()
    days = left["crew_days"].to_numpy()
    cost, crew = offices["cost_vnd"].to_numpy(), offices["crew_days"].to_numpy()
    # The year that lacks least money, then least crew time.
    short_money = np.maximum(cost[:, None] - money, 0)
    short_days = np.maximum(crew[:, None] - days, 0)
    best = np.lexsort((short_days, short_money), axis=1)[:, 0] if len(offices) else np.zeros(0, int)
    row = np.arange(len(offices))
    lacking_money, lacking_days = short_money[row, best], short_days[row, best]
    reason = np.select(
        [~out, waits, lacking_money > 0, lacking_days > 0],
        ["in_plan", "centre_not_in_service", "budget", "crew"],
        "no_value",
    )
    offices = offices.assign(
        reason=reason,
        short_vnd=np.where(out, lacking_money, np.nan),
        short_days=np.where(out, lacking_days, np.nan),
    )
    offices["would_enter"] = _turns(offices, centre, years[-1])
    return offices


def _turns(offices: pd.DataFrame, centre: Labels, last: Year) -> pd.Series:
    """Queue the units outside the plan by value for money, later years being as the last."""
    enters = offices["service_year"].astype("float64")
    waiting = offices[enters.isna() & (offices["value"] > 0)]
    waiting = waiting.assign(worth=waiting["value"] / waiting["cost_vnd"]).sort_values(
        ["worth", "office_id"], ascending=[False, True]
    )
    years = np.ones(len(waiting))
    for need, allowed in (("cost_vnd", last.budget_vnd), ("crew_days", last.crew_days)):
        total = waiting[need].cumsum().to_numpy()
        never = np.where(total > 0, np.inf, 0.0)
        years = np.maximum(years, np.ceil(total / allowed) if allowed > 0 else never)
    enters[waiting.index] = last.year + years
    own = enters.to_numpy(copy=True)
    led = centre >= 0
    own[led] = np.maximum(own[led], own[centre[led]])
    # A year too far ahead for a calendar is left empty: the office is never served.
    return pd.Series(own, enters.index).where(own <= _LAST_YEAR).astype("Int64")
