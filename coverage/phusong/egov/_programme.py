"""The rollout as an integer programme. Knows matrices; what they mean is `rollout`'s."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, vstack

from .._types import Flags, Floats, Labels

# Branch-and-bound nodes; a limit in time would make the answer depend on the machine.
_SEARCH_NODES = 5_000
# Below so many variables the simplex method is quicker than the interior point.
_SIMPLEX_SIZE = 20_000
_WHOLE = 1e-6
# By how much a limit is tightened once the solver has overstepped it, and what is no overstep
# but the rounding of a sum; both as shares of the largest figure.
_OVERSTEP = 2e-6
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class Year:
    """What one year allows; infinite where nothing limits it.

    Parameters
    ----------
    year : int
    budget_vnd : float
        Zero or more.
    crew_days : float
        Zero or more.
    """

    year: int
    budget_vnd: float
    crew_days: float


@dataclass(frozen=True, kw_only=True)
class Solution:
    """The chosen variables, year position of each work and unit (the number of years: never)."""

    plan: Floats
    work_year: Labels
    unit_year: Labels
    value: float
    upper_bound: float


@dataclass(frozen=True, kw_only=True)
class Forced:
    """A plan that holds what was forced in, and what each year must have more for it."""

    plan: Floats
    money: Floats
    days: Floats


class Programme:
    """Variables: works, then units in service, then whole districts; each one a year.

    Units and works come sorted, works in the order of their units.

    Row ``r`` in year ``t`` is variable ``r · years + t``: 1 if done by its end.
    """

    def __init__(
        self,
        units: pd.DataFrame,
        works: pd.DataFrame,
        years: Sequence[Year],
        after: Mapping[str, Collection[str]],
        district_bonus: float,
        carry_over: bool,
        required: Mapping[str, int],
    ) -> None:
        self._years = len(years)
        self.unit_of_work = units.index.get_indexer(pd.Index(works["office_id"]))
        # Works stand in the order of their units.
        edges = np.searchsorted(self.unit_of_work, np.arange(len(units) + 1))
        self.works_of = [np.arange(*edge) for edge in pairwise(edges.tolist())]
        district, codes = pd.factorize(units["district_code"])
        centre = np.full(len(codes), -1)
        seats = np.flatnonzero(units["centre"].to_numpy(bool) & (district >= 0))[::-1]
        centre[district[seats]] = seats
        mine = np.where(district >= 0, centre[district], -1) if len(codes) else district
        self.centre_of_unit = np.where(mine == np.arange(len(units)), -1, mine)
        self._works, self._units = len(works), len(units)
        lacking = np.diff(edges) > 0
        self.without_works = ~lacking & ~np.where(mine >= 0, lacking[mine], False)
        value = units["value"].to_numpy(float)
        bonus = np.zeros(len(codes))
        if district_bonus > 0:
            np.add.at(bonus, district[district >= 0], district_bonus * value[district >= 0])
        # A district without bonus needs no variable.
        paid = np.flatnonzero(bonus > 0)
        number = np.full(len(codes) + 1, -1)
        number[paid] = np.arange(len(paid))
        self._district = number[district]
        worth = np.concatenate([np.zeros(len(works)), value, bonus[paid]])
        self._gain = np.repeat(worth, self._years)
        self._earlier: list[list[int]] = [[] for _ in range(len(works))]
        self._order = self._closure(works, after)
        self._work_cost = works["cost_vnd"].to_numpy(float)
        self._work_days = works["crew_days"].to_numpy(float)
        self._cost, self._crew = self._use(self._work_cost), self._use(self._work_days)
        self._carried = carry_over
        # More than everything costs is as good as no limit, and finite.
        self._budget = np.minimum([year.budget_vnd for year in years], works["cost_vnd"].sum())
        self._days = np.minimum([year.crew_days for year in years], works["crew_days"].sum())
        # With carry-over a year may also spend what earlier years left, else only its own money.
        self._purse = csr_array(np.tril(np.ones((self._years, self._years))))
        if not carry_over:
            self._purse = csr_array(np.eye(self._years))
        self._cost, self._budget = self._purse @ self._cost, self._purse @ self._budget
        self._too_dear = vstack(
            [
                self._beyond(self._work_cost, self._budget, carry_over),
                self._beyond(self._work_days, self._days, False),
            ]
        ).tocsr()
        self._least = np.zeros(len(self._gain))
        row_of_unit = {unit: row for row, unit in enumerate(units.index)}
        self._required = {
            row_of_unit[unit]: sum(one.year < min(year, years[-1].year) for one in years)
            for unit, year in required.items()
        }
        for unit, at in self._required.items():
            self._least[(self._works + unit) * self._years + at] = 1
        # Nobody gains by these, so they are not paid for.
        needed = [*self._required, *self.centre_of_unit[self.centre_of_unit >= 0].tolist()]
        self._useless = (value <= 0) & (self._district < 0)
        self._useless[needed] = False

    def solve(self, largest_gap: float) -> Solution | None:
        """Return a plan within the gap, or None if what is required cannot be had."""
        if not len(self._gain):
            return self._solution(self._gain, 0.0)
        relaxed = self._relaxed()
        if relaxed is None:
            return None
        bound = float(self._gain @ relaxed)
        fixed = self._fixed(relaxed)
        is_open = np.isnan(fixed)
        # The open units are few, so their gap may be ten times smaller than asked for.
        found = self._search(
            np.where(is_open, self._least, fixed), np.where(is_open, 1, fixed), largest_gap / 10
        )
        best = None if found is None else found[0]
        value = -np.inf if best is None else float(self._gain @ best)
        if best is None or bound - value > largest_gap * value:
            found = self._search(self._least, np.ones(len(self._gain)), largest_gap)
            if found is not None:
                bound = min(bound, found[1])
                if best is None or self._gain @ found[0] > value:
                    best = found[0]
        if best is None:  # the search may have ended before it found any plan
            alone = self.least_more_for_required(budget=False, crew=False)
            if alone is None:
                return None
            best = alone.plan
        return self._filled(self._solution(best, bound))

    def _solution(self, plan: Floats, bound: float) -> Solution:
        """Describe a plan; works that bring no unit into service, or none of use, are left out."""
        plan = plan.copy()
        plan.reshape(-1, self._years)[: self._works][self._useless[self.unit_of_work]] = 0
        plan = self._in_service(plan)
        rows = plan.reshape(-1, self._years)
        never = rows[self._works : self._works + self._units].sum(axis=1) == 0
        rows[: self._works][never[self.unit_of_work]] = 0
        year = self._years - rows.sum(axis=1).astype(np.int64)
        value = float(self._gain @ plan)
        return Solution(
            plan=plan,
            work_year=year[: self._works],
            unit_year=year[self._works : self._works + self._units],
            value=value,
            upper_bound=max(bound, value),
        )

    def _filled(self, solution: Solution) -> Solution:
        """Take in what still fits in what the plan leaves, within the gap that was allowed."""
        added = True
        while added:
            added = False
            for unit in np.flatnonzero(solution.unit_year == self._years):
                found = self.least_more(int(unit), solution.plan, budget=False, crew=False)
                if found is None:
                    continue
                fuller = self._solution(found.plan, solution.upper_bound)
                if fuller.value > solution.value:
                    solution, added = fuller, True
        return solution

    def least_more_for_required(self, *, budget: bool, crew: bool) -> Forced | None:
        """Return what each year must have more so that what is required can be had."""
        by_when: dict[int, int] = {}
        for unit, at in self._required.items():
            for one in {unit, int(self.centre_of_unit[unit])} - {-1}:
                by_when[one] = min(at, by_when.get(one, at))
        return self._least_more(by_when, np.zeros(len(self._gain)), (budget, crew))

    def least_more(self, unit: int, kept: Floats, *, budget: bool, crew: bool) -> Forced | None:
        """Return what each year must have more so that a unit enters too, by the last year.

        Every work of the plan `kept` stays in its year.
        """
        last = self._years - 1
        centre = int(self.centre_of_unit[unit])
        by_when = {unit: last}
        if centre >= 0 and kept[(self._works + centre) * self._years + last] == 0:
            by_when[centre] = last
        return self._least_more(by_when, kept, (budget, crew))

    def _least_more(
        self, by_when: Mapping[int, int], kept: Floats, may: tuple[bool, bool]
    ) -> Forced | None:
        """Force units in; raise the budgets, the crews or both if they `may` be raised.

        Least money comes first, then least crew days; None if nothing suffices.
        Only the works of these units are placed, so the programme stays small
        whatever the province.
        """
        years = self._years
        works = np.concatenate([np.zeros(0, int), *(self.works_of[unit] for unit in by_when)])
        until = [at for unit, at in by_when.items() for _ in self.works_of[unit]]
        in_year = np.eye(years) - np.eye(years, k=-1)  # done by its end, but not before
        purses = (self._purse.toarray(), np.eye(years))
        limits = []
        for amount, purse, used, limit in zip(
            (self._work_cost[works], self._work_days[works]),
            purses,
            (self._cost, self._crew),
            (self._budget, self._days),
            strict=True,
        ):
            limits.append((purse @ np.kron(amount[None, :], in_year), limit - used @ kept))
        # What these works take together must be left, whatever the years.
        for (use, left), free, carried in zip(limits, may, (self._carried, False), strict=True):
            taken = use.reshape(years, -1, years).sum(axis=(1, 2))
            needed, there = (taken[-1], left[-1]) if carried else (taken.sum(), left.sum())
            if not free and needed > there + _ROUNDING * max(needed, 1):
                return None
        done = self._place(works, until, limits, purses, may)
        if done is None:
            return None
        plan = kept.copy()
        plan.reshape(-1, years)[works] = done.reshape(-1, years)
        money, days = (np.maximum(use @ done - left, 0) for use, left in limits)
        if self._carried:  # what an earlier year has more is there later on
            money = np.maximum.accumulate(money)
            money[1:] -= money[:-1].copy()
        return Forced(plan=plan, money=money * may[0], days=days * may[1])

    def _place(
        self,
        works: Labels,
        until: Sequence[int],
        limits: Sequence[tuple[Floats, Floats]],
        purses: tuple[Floats, Floats],
        may: tuple[bool, bool],
    ) -> Floats | None:
        """Return by which years few works are done, so that least more is needed for them."""
        years, size = self._years, len(works) * self._years
        position = {work: at for at, work in enumerate(works.tolist())}
        pairs = [
            (position[work] * years + year, position[earlier] * years + year)
            for work in position
            for earlier in self._earlier[work]
            for year in range(years)
        ]
        pairs += [(at + year, at + year + 1) for at in range(0, size, years)
                  for year in range(years - 1)]  # fmt: skip
        order = np.zeros((len(pairs), size))
        for row, (late, early) in enumerate(pairs):
            order[row, late], order[row, early] = 1, -1
        low = (np.arange(years) >= np.array(until, int)[:, None]).ravel().astype(float)
        # In units of what these works take; more than that is as good as no limit.
        units = [max(use.max(initial=0), 1e-300) * max(len(works), 1) for use, _ in limits]
        tops = [
            np.clip(left, 0, unit) / unit for (_, left), unit in zip(limits, units, strict=True)
        ]
        rows = [order]
        for (use, _), purse, unit, mine in zip(limits, purses, units, (0, 1), strict=True):
            more: list[Floats] = [np.zeros((years, years))] * 2
            more[mine] = -purse
            rows.append(np.hstack([use / unit, *more]))
        rows[0] = np.hstack([order, np.zeros((len(pairs), 2 * years))])
        high = np.concatenate(
            [np.ones(size), *(np.full(years, np.inf if free else 0) for free in may)]
        )
        while True:
            done = self._least_sum(rows, tops, low, high, may)
            if done is None:
                return None
            # The solver may overstep a limit by a millionth; it tries again with less.
            over = [
                (use @ done > left + _ROUNDING * unit) & (not free)
                for (use, left), unit, free in zip(limits, units, may, strict=True)
            ]
            if not any(some.any() for some in over):
                return done
            for top, some in zip(tops, over, strict=True):
                top[some] -= _OVERSTEP

    def _least_sum(
        self,
        rows: Sequence[Floats],
        tops: Sequence[Floats],
        low: Floats,
        high: Floats,
        may: tuple[bool, bool],
    ) -> Floats | None:
        """Solve for least money, then for least crew days, whichever may be raised."""
        size, years = len(low), self._years
        constraints = [LinearConstraint(rows[0], ub=0)] if len(rows[0]) else []
        constraints += [
            LinearConstraint(use, ub=top) for use, top in zip(rows[1:], tops, strict=True)
        ]
        # With enough of both, everything may wait for its last year.
        done = low if all(may) else None
        # Where nothing may be raised, any way to place the works will do.
        for first in [at for at, free in zip((size, size + years), may, strict=True) if free] or [
            0
        ]:
            more = np.zeros(size + 2 * years)
            more[first : first + years] = any(may)
            solved = milp(
                more,
                integrality=np.append(np.ones(size), np.zeros(2 * years)),
                bounds=Bounds(np.append(low, np.zeros(2 * years)), high),
                constraints=constraints,
                options={"node_limit": _SEARCH_NODES, "mip_rel_gap": 0},
            )
            if solved.x is None:
                return done
            done = np.round(solved.x[:size])
            constraints.append(LinearConstraint(more, ub=solved.fun + _WHOLE))
        return done

    def _in_service(self, plan: Floats) -> Floats:
        """Put everything into service as soon as its works are done, also what has no value."""
        done = plan.reshape(-1, self._years).copy()
        works, units = self._works, self._works + self._units
        served = np.ones((self._units, self._years))
        np.minimum.at(served, self.unit_of_work, done[:works])
        led = self.centre_of_unit >= 0
        served[led] = np.minimum(served[led], served[self.centre_of_unit[led]])
        done[works:units], done[units:] = served, 1
        member = self._district >= 0
        np.minimum.at(done, units + self._district[member], served[member])
        return done.ravel()

    def _closure(self, works: pd.DataFrame, after: Mapping[str, Collection[str]]) -> csr_array:
        """Return rows a − b ≤ 0 for every pair in which a needs b."""
        units = np.arange(self._units)
        led = self.centre_of_unit >= 0
        paid = self._district >= 0
        whole = self._works + self._units
        # Only the next work before each is named: the others follow from it.
        at = {
            name: pd.Series(rows.index.to_numpy(), index=rows["office_id"].to_numpy())
            for name, rows in works.groupby("work")
        }
        before = {
            work: earlier & set(at)
            for work, earlier in _every_predecessor(after).items()
            if work in at
        }
        last = np.ones(self._works, bool)
        pairs = [
            np.c_[self._works + units[led], self._works + self.centre_of_unit[led]],
            np.c_[whole + self._district[paid], self._works + units[paid]],
        ]
        for work, earlier_works in before.items():
            for earlier in sorted(earlier_works):
                both = at[work].index.intersection(at[earlier].index)
                last[at[earlier][both]] = False
                for between in earlier_works:
                    if earlier in before.get(between, ()):
                        both = both.difference(at[between].index)
                pairs.append(np.c_[at[work][both], at[earlier][both]])
                for late, early in pairs[-1]:
                    self._earlier[late].append(int(early))
        pairs.append(np.c_[self._works + self.unit_of_work, np.arange(self._works)][last])
        needs = np.concatenate(pairs)
        year = np.arange(self._years)
        row = np.arange(len(self._gain) // self._years)[:, None] * self._years
        late = np.append(needs[:, [0]] * self._years + year, row + year[:-1])
        early = np.append(needs[:, [1]] * self._years + year, row + year[1:])
        return coo_array(
            (
                np.repeat([1.0, -1.0], len(late)),
                (np.tile(np.arange(len(late)), 2), np.append(late, early)),
            ),
            shape=(len(late), len(self._gain)),
        ).tocsr()

    def _use(self, amount: Floats) -> csr_array:
        """Return the rows that add up what the works of each year take."""
        work, year = np.divmod(np.arange(self._works * self._years), self._years)
        variable = work * self._years + year
        again = year < self._years - 1
        return coo_array(
            (
                np.append(amount[work], -amount[work[again]]),
                (np.append(year, year[again] + 1), np.append(variable, variable[again])),
            ),
            shape=(self._years, len(self._gain)),
        ).tocsr()

    def _beyond(self, amount: Floats, limit: Floats, carried: bool) -> csr_array:
        """Return rows ≤ 0 that keep each work out of the years whose whole limit it exceeds.

        The solver would not see a small work overstep a limit of nothing; nor
        does it see a limit that is smaller than its tolerance.
        """
        seen = np.where(limit > _OVERSTEP * max([*limit, *amount, 1.0]), limit, 0)
        work, year = np.nonzero(amount[:, None] > seen)
        variable = work * self._years + year
        row = np.arange(len(work))
        again = np.flatnonzero(year > 0) if not carried else row[:0]
        return coo_array(
            (
                np.append(np.ones(len(row)), -np.ones(len(again))),
                (np.append(row, again), np.append(variable, variable[again] - 1)),
            ),
            shape=(len(row), len(self._gain)),
        ).tocsr()

    def _scaled(self) -> list[tuple[csr_array, Floats]]:
        """Return budget and crew rows in units of their largest limit: solvers dislike 10⁹."""
        scaled = []
        for use, limit in ((self._cost, self._budget), (self._crew, self._days)):
            unit = max(limit.max(), abs(use).max() if use.nnz else 0.0, 1.0)
            scaled.append((use / unit, limit / unit))
        return scaled

    def _relaxed(self) -> Floats | None:
        limits = self._scaled()
        # Sparse rows, of which its type hints know nothing.
        rows: Any = vstack([self._order, self._too_dear, *(use for use, _ in limits)]).tocsr()
        solved = linprog(
            -self._gain,
            A_ub=rows,
            b_ub=np.concatenate(
                [
                    np.zeros(self._order.shape[0] + self._too_dear.shape[0]),
                    *(top for _, top in limits),
                ]
            ),
            bounds=np.c_[self._least, np.ones(len(self._gain))],
            method="highs-ds" if len(self._gain) < _SIMPLEX_SIZE else "highs-ipm",
        )
        relaxed: Floats | None = solved.x
        return relaxed

    def _fixed(self, relaxed: Floats) -> NDArray[Any]:
        """Return fixed values of the units that the relaxation left whole; NaN for the open ones.

        A unit with any fractional variable is open altogether, and so is every
        unit of a district whose centre is open: leaving all of them out is
        then still a plan.
        """
        off = np.abs(relaxed - np.round(relaxed)).reshape(-1, self._years)
        open_row: Flags = off.max(axis=1, initial=0) > _WHOLE
        works, units = self._works, self._works + self._units
        open_unit = open_row[works:units].copy()
        np.logical_or.at(open_unit, self.unit_of_work, open_row[:works])
        led = self.centre_of_unit >= 0
        open_unit[led] |= open_unit[self.centre_of_unit[led]]
        open_row[works:units] = open_unit
        open_row[:works] = open_unit[self.unit_of_work]
        member = self._district >= 0
        np.logical_or.at(open_row, units + self._district[member], open_unit[member])
        fixed = np.round(relaxed)
        fixed[np.repeat(open_row, self._years)] = np.nan
        return fixed

    def _search(self, low: Floats, high: Floats, gap: float) -> tuple[Floats, float] | None:
        """Return whole numbers between the limits and a bound on the value; None if there are none.

        The solver may overstep a limit by a millionth; whoever is caught tries
        again with less.
        """
        limits = self._scaled()
        tops = [top.copy() for _, top in limits]
        worth = max(self._gain.max(initial=0), 1e-300)
        bound = np.inf
        while True:
            solved = milp(
                -self._gain / worth,
                integrality=np.ones(len(self._gain), np.int8),
                bounds=Bounds(low, high),
                constraints=[
                    LinearConstraint(self._order, ub=0),
                    LinearConstraint(self._too_dear, ub=0),
                    *(
                        LinearConstraint(use, ub=top)
                        for (use, _), top in zip(limits, tops, strict=True)
                    ),
                ],
                options={"node_limit": _SEARCH_NODES, "mip_rel_gap": gap},
            )
            if solved.x is None:
                return None
            # Later rounds tighten the limits, so only the first bound holds for the real ones.
            if bound == np.inf:
                bound = -float(solved.mip_dual_bound) * worth
            whole = np.round(solved.x)
            overstepped = [use @ whole > limit + _ROUNDING for use, limit in limits]
            if not any(rows.any() for rows in overstepped):
                return whole, bound
            for top, rows in zip(tops, overstepped, strict=True):
                top[rows] = np.maximum(top[rows] - _OVERSTEP, 0)


def _every_predecessor(after: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Close the relation: where the work in between is not missing, the order still holds."""
    closed = {work: set(before) for work, before in after.items()}
    for _ in closed:
        for before in closed.values():
            before |= {earlier for work in before for earlier in closed.get(work, ())}
    return closed
