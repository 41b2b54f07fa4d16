"""What money buys: the curve of people, and what a share of its residents costs each commune."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._types import Floats, Labels
from ...errors import InfeasibleSitingError, SitingTimeError
from ...siting import BudgetYear, Demand, Target, Works, money_curve, plan_sites
from ...siting.works import of_demand

_NOBODY = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingProblem:
    """What a plan was chosen from, kept for questions about other money.

    Parameters
    ----------
    works : Works
    demand : Demand
        A row is the people of one commune in one pixel who are not served; `weight` counts those
        where communes overlap once.
    unit : ndarray of int, shape (demand,)
        Position of service and commune among `services` and `codes`.
    pixel : ndarray of int, shape (demand,)
        Position on the grid of the results, row by row.
    services, codes, names : ndarray of object, shape (units,)
        A unit is a commune, for one service.
    residents : ndarray, shape (units,)
    everybody : float
        Residents of the province, counted once for each service.
    largest_gap, time_limit_s : float
        As for `plan_sites`.
    """

    works: Works
    demand: Demand
    unit: Labels
    pixel: Labels
    services: Labels
    codes: Labels
    names: Labels
    residents: Floats
    everybody: float
    largest_gap: float
    time_limit_s: float

    @property
    def waiting(self) -> Floats:
        """People of each unit who are not served."""
        people = np.bincount(self.unit, self.demand.people, minlength=len(self.codes))
        return np.asarray(people, dtype=float)

    def of_unit(self, at: int) -> tuple[Works, Demand]:
        """Return what may be built for a unit, and its people, each of them once."""
        its = np.flatnonzero(self.unit == at)
        works, demand = of_demand(self.works, self.demand, its)
        return works, Demand(people=demand.people, weight=np.ones(len(its)), waits=demand.waits)


def curve_of(problem: SitingProblem, share: float, points: int) -> pd.DataFrame:
    """Return plans of the province along the curve; see `SitingPlan.curve`."""
    found = money_curve(
        problem.works, problem.demand, points=points, largest_gap=problem.largest_gap,
        time_limit_s=problem.time_limit_s,
    )  # fmt: skip
    waiting = problem.waiting
    everybody = problem.everybody
    served_now = everybody - float((problem.demand.people * problem.demand.weight).sum())
    inhabited = problem.residents > 0
    rows = []
    for point in found:
        gained = np.bincount(
            problem.unit[point.served],
            problem.demand.people[point.served],
            minlength=len(problem.codes),
        )
        missing = (waiting - gained)[inhabited]
        met = missing <= (1 - share) * problem.residents[inhabited] + _NOBODY
        of_commune = pd.Series(met).groupby(problem.codes[inhabited]).all()
        rows.append(
            {
                "cost_vnd": point.cost_vnd,
                "people": point.people,
                "share": (served_now + point.people) / everybody if everybody > 0 else np.nan,
                "communes_met": int(of_commune.sum()),
                "works": len(point.works),
                "gap": point.gap,
            }
        )
    return pd.DataFrame(rows)


def commune_curves_of(problem: SitingProblem, points: int) -> pd.DataFrame:
    """Return plans of each commune by itself along its curve; see `SitingPlan.commune_curves`."""
    parts = []
    for at in np.flatnonzero(problem.waiting > 0).tolist():
        works, demand = problem.of_unit(at)
        found = money_curve(
            works, demand, points=points, largest_gap=problem.largest_gap,
            time_limit_s=problem.time_limit_s,
        )  # fmt: skip
        before = problem.residents[at] - problem.waiting[at]
        parts += [
            {
                "service": problem.services[at],
                "commune_code": problem.codes[at],
                "cost_vnd": point.cost_vnd,
                "people": point.people,
                "share": (before + point.people) / problem.residents[at],
                "gap": point.gap,
            }
            for point in found
        ]
    columns = ["service", "commune_code", "cost_vnd", "people", "share", "gap"]
    return pd.DataFrame(parts, columns=columns)


def prices_of(problem: SitingProblem, share: float) -> pd.DataFrame:
    """Return what a share of its residents costs each commune; see `SitingPlan.prices`."""
    waiting = problem.waiting
    rows = []
    for at in range(len(problem.codes)):
        residents = problem.residents[at]
        needed = waiting[at] - (1 - share) * residents
        row = {
            "service": problem.services[at],
            "commune_code": problem.codes[at],
            "name": problem.names[at],
            "population": residents,
            "share_before": (residents - waiting[at]) / residents if residents > 0 else np.nan,
            "share_most": np.nan,
            "price_vnd": np.nan,
            "gap": np.nan,
            "why": pd.NA,
        }
        if residents > 0:
            works, demand = problem.of_unit(at)
            row |= _price(works, demand, needed, problem)
            row["share_most"] = (residents - waiting[at] + row.pop("most")) / residents
        else:
            row["why"] = "no_residents"
        rows.append(row)
    return pd.DataFrame(rows)


def _price(
    works: Works, demand: Demand, needed: float, problem: SitingProblem
) -> dict[str, object]:
    """Return the least money for so many people, whom all works reach, and why there is none."""
    reached = np.asarray(works.covers.sum(axis=0)).ravel() > 0
    most = float(demand.people[reached].sum())
    if needed <= _NOBODY:
        return {"price_vnd": 0.0, "gap": 0.0, "most": most, "why": "met"}
    free = [BudgetYear(year=0, budget_vnd=float(works.table["cost_vnd"].sum()))]
    wanted = Target(target_id="*", demand=np.arange(len(demand.people)), people=needed, year=0)
    try:
        plan = plan_sites(
            works, demand, free, targets=[wanted], aim="money", carry_over=False,
            largest_gap=problem.largest_gap, time_limit_s=problem.time_limit_s,
        )  # fmt: skip
    except SitingTimeError:
        return {"most": most, "why": "out_of_time"}
    except InfeasibleSitingError as fault:
        why = "beyond_reach" if "unreached" in fault.values else "works_exclude"
        return {"most": most, "why": why}
    return {"price_vnd": plan.cost_vnd, "gap": plan.gap, "most": most}
