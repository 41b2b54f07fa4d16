"""Which works in which year, within budgets: most people served, or targets met for least.

Knows works, who they serve, what they need, money by year and targets. A work is anything
that is paid for once: a mast of some height, its fibre drop or hop, its power, cells of an
operator on it, the electricity of a village. What serves whom is the caller's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, vstack

from .._types import Flags, Floats, Labels
from ..errors import InfeasibleSitingError, SitingError
from ._rows import Block
from ._solver import ARITHMETIC, Rows, largest
from .covering import merge_demand, undominated

ROUNDING = 1e-12
"""Of sums of money and people, as a share: not the solver's, which is far coarser."""
Aim = Literal["people", "money"]


@dataclass(frozen=True, kw_only=True)
class Need:
    """A work cannot serve, nor stand, without one of some others by the same year.

    Parameters
    ----------
    work : str
    any_of : tuple of str
        Works, at least one.
    """

    work: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Wait:
    """Demand that is not served before one of some works is done, as a village without power.

    Parameters
    ----------
    demand : ndarray of int
        Positions.
    any_of : tuple of str
        Works, at least one.
    """

    demand: Labels
    any_of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BudgetYear:
    """What may be spent in a year.

    Parameters
    ----------
    year : int
    budget_vnd : float
        Zero or more.
    """

    year: int
    budget_vnd: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """How many people of some demand are to be served by the end of a year.

    Parameters
    ----------
    target_id : str
        Of a commune, a village, an operator, the province …
    demand : ndarray of int
        Positions of the demand that counts.
    people : float
        How many of it are to be served.
    year : int
        One of the years of the plan.
    """

    target_id: str
    demand: Labels
    people: float
    year: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Works:
    """What may be built.

    Parameters
    ----------
    table : DataFrame, indexed by ``work_id``
        ``cost_vnd``, above zero, and ``one_of``: works with the same text exclude each
        other, as heights of one mast do; NA excludes nothing.
    covers : csr_array of bool, shape (works, demand)
        Whom each work serves.
    needs : sequence of Need
        Never in a circle: a hop needs what ends in fibre at its far end, not just a mast.
    apart : sequence of (str, str)
        Pairs of which not both may be built: works, or texts of ``one_of``.
    """

    table: pd.DataFrame
    covers: csr_array
    needs: Sequence[Need] = ()
    apart: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Demand:
    """Who is not served yet.

    Parameters
    ----------
    people : ndarray, shape (demand,)
    weight : ndarray, shape (demand,)
        How much a person counts, zero or more; all 1 for people as such.
    waits : sequence of Wait
    """

    people: Floats
    weight: Floats
    waits: Sequence[Wait] = ()


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
    """

    works: pd.DataFrame
    served_year: pd.Series
    years: pd.DataFrame
    targets: pd.DataFrame
    person_years: float
    cost_vnd: float
    bound: float
    gap: float

    @property
    def optimal(self) -> bool:
        """Whether no plan is better, to the millionth that the solver computes with."""
        return self.gap <= ARITHMETIC


def plan_sites(
    works: Works,
    demand: Demand,
    years: Sequence[BudgetYear],
    *,
    targets: Sequence[Target] = (),
    aim: Aim,
    carry_over: bool,
    largest_gap: float,
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

    Returns
    -------
    SitePlan

    Raises
    ------
    SitingError
        If figures cannot be used, names are unknown or repeated, or needs go in a circle.
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

    Examples
    --------
    A mast of 30 or 45 m that needs fibre; money for one work a year.

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
    _check(works, demand, years, targets)
    programme = _Programme(works, demand, years, targets, carry_over)
    found = programme.solve(aim, largest_gap)
    if found is None:
        raise programme.infeasible(works, demand)
    built, bound = found
    return _described(programme, built, bound, aim, demand)


@dataclass(frozen=True, kw_only=True, eq=False)
class NextStep:
    """What the next money buys.

    Parameters
    ----------
    works : tuple of str
        To be built together.
    cost_vnd, people : float
        What they cost, and how many more they serve, weighted.
    """

    works: tuple[str, ...]
    cost_vnd: float
    people: float


def next_step(works: Works, demand: Demand, built: Sequence[str]) -> NextStep | None:
    """Find the works beyond a plan that serve most people for each dong.

    Parameters
    ----------
    works : Works
    demand : Demand
    built : sequence of str
        Works of the plan, which stay.

    Returns
    -------
    NextStep or None
        None if nothing more can be served.

    Raises
    ------
    SitingError
        As `plan_sites`.

    Notes
    -----
    The quotient of gain and cost is made as large as can be by Dinkelbach's method: maximise gain −
    λ·cost, put λ to the quotient of what was found, until nothing is left above zero.

    Examples
    --------
    >>> table = pd.DataFrame({"cost_vnd": [3.0, 4.0], "one_of": None}, index=["a", "b"])
    >>> next_step(
    ...     Works(table=table, covers=csr_array(np.array([[1, 0], [0, 1]], bool))),
    ...     Demand(people=np.array([30.0, 60.0]), weight=np.ones(2)), built=[],
    ... )
    NextStep(works=('b',), cost_vnd=4.0, people=60.0)
    """
    free = [BudgetYear(year=0, budget_vnd=float(works.table["cost_vnd"].sum()))]
    _check(works, demand, free, ())
    unknown = sorted(set(built) - set(works.table.index))
    if unknown:
        raise SitingError("siting.unknown_work", name=unknown[0])
    programme = _Programme(works, demand, free, (), False, stay=built)
    return programme.next_step()


class _Programme:
    """Works and groups of demand by year, as rows of a mixed-integer programme.

    Whether work ``w`` is done by the end of year ``t`` is column ``w · years + t``, whether
    group ``g`` is served column ``(works + g) · years + t``.
    """

    def __init__(
        self,
        works: Works,
        demand: Demand,
        years: Sequence[BudgetYear],
        targets: Sequence[Target],
        carry_over: bool,
        stay: Sequence[str] = (),
    ) -> None:
        self.years, self.targets, self.carry_over = years, targets, carry_over
        ids = works.table.index
        self.cost = works.table["cost_vnd"].to_numpy(float)
        self.budget = np.array([year.budget_vnd for year in years], float)
        self._kept = _needed_works(works, demand, stay)
        self.names = ids[self._kept]
        self._place = {name: at for at, name in enumerate(self.names)}
        self.cost = self.cost[self._kept]
        self._stay = np.isin(self.names, list(stay))
        covers = csr_array(works.covers[self._kept])
        self._of_names = _members(works.table["one_of"].iloc[self._kept], self._place)
        self.waits = [
            (wait.demand, [self._place[name] for name in wait.any_of if name in self._place])
            for wait in demand.waits
        ]
        reached = np.asarray(covers.sum(axis=0)).ravel() > 0
        belongs = [*(target.demand for target in targets), *(each for each, _ in self.waits)]
        member = np.zeros((len(belongs), len(demand.people)), bool)
        for row, positions in enumerate(belongs):
            member[row, positions] = True
        counted = np.where(reached, demand.people, 0.0)
        stacked = csr_array(vstack([covers, csr_array(member)]))
        merged = merge_demand(stacked, counted)
        self.covers = csr_array(merged.covers[: len(self.names)])
        self.group, self.people = merged.group, merged.people
        there = merged.group >= 0
        self.worth = np.bincount(
            merged.group[there],
            (demand.people * demand.weight)[there],
            minlength=len(self.people),
        ).astype(float)
        of_groups = merged.covers[len(self.names) :].toarray() > 0
        self._of_target = of_groups[: len(targets)]
        self._of_wait = of_groups[len(targets) :]
        self.size = (len(self.names) + len(self.people)) * len(years)
        self._rows = self._all_rows(works)
        self._high = self._payable()

    def _all_rows(self, works: Works) -> list[Rows]:
        """Return what holds whatever the money: order, needs, exclusions, targets."""
        count, years = len(self.names), len(self.years)
        order, at_most = Block(self.size), Block(self.size)
        for work in range(count):
            for year in range(years - 1):
                order.add([work * years + year], [work * years + year + 1])
        for need in works.needs:
            if need.work in self._place:
                any_of = [self._place[name] for name in need.any_of if name in self._place]
                self._each_year(order, self._place[need.work], any_of)
        by_group = csr_array(self.covers.T)
        for group in range(len(self.people)):
            serving = by_group.indices[by_group.indptr[group] : by_group.indptr[group + 1]]
            self._each_year(order, count + group, serving.tolist())
        for (_, any_of), groups in zip(self.waits, self._of_wait, strict=True):
            for group in np.flatnonzero(groups).tolist():
                self._each_year(order, count + group, any_of)
        last = years - 1
        exclusive = [members for members in self._of_names.values() if len(members) > 1]
        for one, other in works.apart:
            both = [*self._members_of(one), *self._members_of(other)]
            if self._members_of(one) and self._members_of(other):
                exclusive.append(both)
        for members in exclusive:
            at_most.add([member * years + last for member in members], [])
        return [
            Rows(matrix=order.matrix(), high=0.0),
            Rows(matrix=at_most.matrix(), high=1.0),
        ]

    def _met(self) -> tuple[Rows, Floats]:
        """Return that targets are met: rows, and 1 for each group that a target cannot miss.

        Of those reached a target may miss some: its slack. Who is more than that must be served;
        of the others those not served are at most the slack. So the solver's tolerance is
        a millionth of the slack, not of the target.
        """
        count, years = len(self.names), len(self.years)
        low, block, least = np.zeros(self.size), Block(self.size), []
        for target, groups in zip(self.targets, self._of_target, strict=True):
            year = self._position(target.year)
            reached = float(self.people[groups].sum())
            slack = max(reached - target.people, 0.0)
            slack = slack if slack > reached * ROUNDING else 0.0
            must = groups & (self.people > slack * (1 + ROUNDING))
            late = np.arange(year, years)
            low[((count + np.flatnonzero(must))[:, None] * years + late).ravel()] = 1
            rest = np.flatnonzero(groups & ~must)
            if len(rest):
                share = self.people[rest] / slack
                block.add(((count + rest) * years + year).tolist(), [], share.tolist())
                least.append(float(share.sum()) - 1)
        return Rows(matrix=block.matrix(), low=np.array(least)), low

    def _each_year(self, block: Block, one: int, any_of: Sequence[int]) -> None:
        """Add that a row of the plan is never there before one of others."""
        years = len(self.years)
        for year in range(years):
            block.add([one * years + year], [other * years + year for other in any_of])

    def _members_of(self, name: str) -> list[int]:
        """Return the works that a name stands for: one, or those that exclude each other."""
        if name in self._place:
            return [self._place[name]]
        return self._of_names.get(name, [])

    def _position(self, year: int) -> int:
        return [each.year for each in self.years].index(year)

    @property
    def _purse(self) -> Floats:
        """Which years' spending and budgets are added up, a row a limit."""
        years = len(self.years)
        return np.tril(np.ones((years, years))) if self.carry_over else np.eye(years)

    def _money(self, extra: bool) -> list[Rows]:
        """Return what the budgets limit; with `extra`, columns of money more behind the others."""
        count, years = len(self.names), len(self.years)
        limit = self._purse @ self.budget
        scale = max(float(limit.max(initial=0)), float(self.cost.max(initial=0)), 1.0)
        step = np.eye(years) - np.eye(years, k=-1)  # built by its end, but not before
        use = np.kron(self.cost[None, :] / scale, self._purse @ step)
        matrix = np.zeros((years, self.size + (years if extra else 0)))
        matrix[:, : count * years] = use
        if extra:
            matrix[:, self.size :] = -self._purse
        rows = [Rows(matrix=csr_array(matrix), high=limit / scale)]
        if (
            not extra and not self.carry_over
        ):  # a year builds nothing that is dearer than all it has
            late = Block(self.size)
            for work, year in np.argwhere(
                self.cost[:, None] > self.budget * (1 + ROUNDING)
            ).tolist():
                if year:
                    late.add([work * years + year], [work * years + year - 1])
            rows.append(Rows(matrix=late.matrix(), high=0.0))
        return rows

    def _payable(self) -> Floats:
        """Return 0 for what no money of its year and before can pay, 1 for the rest."""
        count, years = len(self.names), len(self.years)
        high = np.ones(self.size)
        most = np.cumsum(self.budget) if self.carry_over else np.maximum.accumulate(self.budget)
        cannot = self.cost[:, None] > most * (1 + ROUNDING)
        high[: count * years][cannot.ravel()] = 0
        return high

    def solve(self, aim: Aim, largest_gap: float) -> tuple[Flags, float] | None:
        """Return what is built by year, and the bound of the aim; None if nothing will do."""
        count, years = len(self.names), len(self.years)
        if self._beyond():
            return None
        worth = np.append(np.zeros(count * years), np.repeat(self.worth, years))
        # What is built by the last year is paid for; by the middle of the objective, in millionths.
        last = np.zeros(years)
        last[-1:] = 1
        total = max(float(self.cost.sum()), 1.0)
        cost = np.append(np.kron(self.cost / total, last), np.zeros(len(self.people) * years))
        money = self._money(extra=False)
        rows = [*self._rows, *money]
        first = self._best(worth if aim == "people" else -cost, rows, largest_gap)
        if first is None:
            return None
        built, bound = first
        if aim == "people":
            had = self.person_years(built)
            floor = Rows(matrix=csr_array(worth[None] / max(had, 1.0)), low=had / max(had, 1.0))
            second = self._best(-cost, [*rows, floor], largest_gap)
            better = second is not None and (
                self._spent(second[0]) < self._spent(built)
                and self.person_years(second[0]) >= had * (1 - ARITHMETIC)
            )
        else:
            bound *= -total
            spent = self._spent(built)
            ceiling = Rows(matrix=csr_array(cost[None] * total / max(spent, 1.0)), high=1.0)
            second = self._best(worth, [*rows, ceiling], largest_gap)
            better = second is not None and (
                self.person_years(second[0]) > self.person_years(built)
                and self._spent(second[0]) <= spent * (1 + ARITHMETIC)
            )
        if better:
            assert second is not None
            built = second[0]
        return built, bound

    def _beyond(self) -> list[tuple[Target, float]]:
        """Return the targets that all works together do not meet, and whom they reach of each."""
        reached = [float(self.people[groups].sum()) for groups in self._of_target]
        return [
            (target, some)
            for target, some in zip(self.targets, reached, strict=True)
            if some < target.people * (1 - ROUNDING)
        ]

    def _best(
        self, gain: Floats, rows: list[Rows], largest_gap: float
    ) -> tuple[Flags, float] | None:
        """Solve; what breaks a limit by less than the solver sees is forbidden, and again."""
        count, years = len(self.names), len(self.years)
        whole = np.arange(self.size) < count * years
        met, low = self._met()
        low[: count * years][np.repeat(self._stay, years)] = 1
        rows, bound = [*rows, met], np.inf
        while True:
            solved = largest(
                gain, rows, whole=whole, low=low, high=self._high, largest_gap=largest_gap
            )
            if solved.values is None:
                return None
            bound = min(bound, solved.bound)
            built = (solved.values[: count * years] > 0.5).reshape(count, years)
            fresh = [*self._over_budget(built), *self._short_of(built)]
            if not fresh:
                return built, bound
            rows += fresh

    def _over_budget(self, built: Flags) -> Iterator[Rows]:
        """Forbid the works that a year cannot pay together."""
        years = len(self.years)
        fresh = np.diff(built.astype(np.int8), axis=1, prepend=0) > 0
        for year, its in enumerate(self._purse.astype(bool)):
            paid = (fresh & its).any(axis=1)
            if self.cost[paid].sum() > (self.budget[its].sum()) * (1 + ROUNDING):
                row = np.zeros(self.size)
                at = np.flatnonzero(paid) * years + year
                row[at] = 1
                if not self.carry_over and year:
                    row[at - 1] = -1
                yield Rows(matrix=csr_array(row[None]), high=float(paid.sum()) - 1)

    def _short_of(self, built: Flags) -> Iterator[Rows]:
        """Ask, where a plan misses a target, for a work that serves more of it."""
        served, years = self.served(built), len(self.years)
        for target, groups in zip(self.targets, self._of_target, strict=True):
            year = self._position(target.year)
            if self.people[groups & served[:, year]].sum() >= target.people * (1 - ROUNDING):
                continue
            missing = groups & ~served[:, year]
            helps = np.asarray(self.covers[:, missing].sum(axis=1)).ravel() > 0
            for (_, any_of), waiting in zip(self.waits, self._of_wait, strict=True):
                if (waiting & missing).any():
                    helps[any_of] = True
            row = np.zeros(self.size)
            row[np.flatnonzero(helps & ~built[:, year]) * years + year] = 1
            yield Rows(matrix=csr_array(row[None]), low=1.0)

    def served(self, built: Flags) -> Flags:
        """Return which groups are served by the end of each year."""
        served: Flags = (self.covers.T.astype(np.int64) @ built.astype(np.int64)) > 0
        for (_, any_of), groups in zip(self.waits, self._of_wait, strict=True):
            served[groups] &= built[any_of].any(axis=0)
        return served

    def person_years(self, built: Flags) -> float:
        """Return the weighted people served, summed up over the years."""
        return float((self.served(built) * self.worth[:, None]).sum())

    def _spent(self, built: Flags) -> float:
        return float(self.cost[built[:, -1]].sum())

    def infeasible(self, works: Works, demand: Demand) -> InfeasibleSitingError:
        """Say what keeps the targets from being met, and what would do."""
        reached = np.asarray(works.covers.sum(axis=0)).ravel() > 0
        unmet = self._beyond()
        if unmet:
            inside = np.unique(np.concatenate([target.demand for target, _ in unmet]))
            lost = inside[~reached[inside] & (demand.people[inside] > 0)]
            return InfeasibleSitingError(
                "siting.beyond_reach",
                targets="; ".join(
                    f"{one.target_id}: {some:.0f} / {one.people:.0f}" for one, some in unmet
                ),
                count=len(lost),
                unreached=tuple(lost.tolist()),
            )
        more = self._least_more()
        if more is not None:
            by_year = {
                each.year: some for each, some in zip(self.years, more, strict=True) if some > 0
            }
            return InfeasibleSitingError(
                "siting.budget_too_small",
                total=float(more.sum()),
                more=", ".join(f"{year}: {np.ceil(some):.0f}" for year, some in by_year.items()),
                by_year=by_year,
            )
        return self._excluded()

    def _least_more(self) -> Floats | None:
        """Return the least money that each year must have more; None if no money will do."""
        count, years = len(self.names), len(self.years)
        money = self._money(extra=True)
        limit = self._purse @ self.budget
        scale = max(float(limit.max(initial=0)), float(self.cost.max(initial=0)), 1.0)
        size = self.size + years
        met, low = self._met()
        rows = [*(_wider(each, years) for each in (*self._rows, met)), *money]
        while True:
            solved = largest(
                -np.append(np.zeros(self.size), np.ones(years)),
                rows,
                whole=np.arange(size) < count * years,
                low=np.append(low, np.zeros(years)),
                high=np.append(np.ones(self.size), np.full(years, np.inf)),
                largest_gap=0.0,
            )
            if solved.values is None:
                return None
            built = (solved.values[: count * years] > 0.5).reshape(count, years)
            fresh = [_wider(each, years) for each in self._short_of(built)]
            if not fresh:
                break
            rows += fresh
        new = np.diff(built.astype(float), axis=1, prepend=0)
        over: Floats = self._purse @ (self.cost @ new) - limit
        over = np.maximum(np.where(over > ROUNDING * scale, over, 0), 0)
        if self.carry_over:  # what an earlier year has more is there later on
            over = np.diff(np.maximum.accumulate(over), prepend=0)
        return over

    def _excluded(self) -> InfeasibleSitingError:
        """Say by how many people the targets are missed where works exclude each other."""
        size, count, years = self.size, len(self.names), len(self.years)
        short = len(self.targets)
        enough = Block(size + short)
        for row, (target, groups) in enumerate(zip(self.targets, self._of_target, strict=True)):
            inside, scale = np.flatnonzero(groups), max(target.people, 1.0)
            served = ((count + inside) * years + self._position(target.year)).tolist()
            share = (self.people[inside] / scale).tolist()
            enough.add([*served, size + row], [], [*share, 1 / scale])  # people that are missing
        needed = [target.people / max(target.people, 1.0) for target in self.targets]
        solved = largest(
            -np.append(np.zeros(size), np.ones(short)),
            [
                *(_wider(each, short) for each in self._rows),
                Rows(matrix=enough.matrix(), low=np.array(needed)),
            ],
            whole=np.arange(size + short) < count * years,
            high=np.append(np.ones(size), np.full(short, np.inf)),
            largest_gap=0.0,
        )
        assert solved.values is not None, "to miss every target is always possible"
        missing = solved.values[size:]
        return InfeasibleSitingError(
            "siting.works_exclude",
            targets="; ".join(
                f"{target.target_id}: {some:.0f}"
                for target, some in zip(self.targets, missing, strict=True)
                if some > ROUNDING * target.people
            ),
        )

    def next_step(self) -> NextStep | None:
        """Return the works that serve most more for each dong, beside those that stay."""
        stay = self._stay[:, None]
        before = self.person_years(stay)
        cost = np.append(np.where(self._stay, 0, self.cost), np.zeros(len(self.people)))
        worth = np.append(np.zeros(len(self.names)), self.worth)
        rate, best = 0.0, None
        while True:
            found = self._best(worth - rate * cost, self._rows, 0.0)
            assert found is not None, "to build nothing more is always possible"
            built = found[0]
            spent = float(cost[: len(self.names)][built[:, 0]].sum())
            gained = self.person_years(built) - before
            if gained - rate * spent <= ARITHMETIC * max(gained, 1.0):
                return best
            rate = gained / spent
            names = self.names[built[:, 0] & ~self._stay]
            best = NextStep(works=tuple(sorted(names)), cost_vnd=spent, people=gained)


def _wider(rows: Rows, more: int) -> Rows:
    """Return rows with so many columns more, all zero."""
    matrix = rows.matrix
    return replace(
        rows,
        matrix=csr_array(
            (matrix.data, matrix.indices, matrix.indptr),
            shape=(matrix.shape[0], matrix.shape[1] + more),
        ),
    )


def _members(one_of: pd.Series, place: Mapping[str, int]) -> dict[str, list[int]]:
    """Return the works of each text of ``one_of``."""
    members: dict[str, list[int]] = {}
    for name, group in one_of.dropna().items():
        members.setdefault(str(group), []).append(place[str(name)])
    return members


def _needed_works(works: Works, demand: Demand, stay: Sequence[str]) -> Labels:
    """Return the works that cannot be replaced by others that enable and exclude the same.

    What serves nobody and is needed by nothing goes too.
    """
    ids = works.table.index
    kind: dict[str, list[object]] = {name: [] for name in ids}
    wanted = set(stay)
    for position, need in enumerate(works.needs):
        kind[need.work].append(("needs", tuple(sorted(need.any_of))))
        for name in need.any_of:
            kind[name].append(("enables", position))
            wanted.add(name)
    for position, wait in enumerate(demand.waits):
        for name in wait.any_of:
            kind[name].append(("awaited", position))
            wanted.add(name)
    for pair in works.apart:
        for name, other in (pair, pair[::-1]):
            if name in kind:
                kind[name].append(("apart", other))
    groups = works.table["one_of"].astype(object).where(works.table["one_of"].notna(), "")
    keys = [
        (group, tuple(sorted(map(repr, kind[name]))))
        for name, group in zip(ids, groups, strict=True)
    ]
    codes, _ = pd.factorize(pd.Series(keys, dtype=object))
    keep = np.isin(ids, list(wanted))
    for code in np.unique(codes[~keep]):
        alike = np.flatnonzero((codes == code) & ~keep)
        cost = works.table["cost_vnd"].to_numpy(float)[alike]
        keep[alike[undominated(csr_array(works.covers[alike]), cost)]] = True
    return np.flatnonzero(keep)


def _described(
    programme: _Programme,
    built: Flags,
    bound: float,
    aim: Aim,
    demand: Demand,
) -> SitePlan:
    numbers = np.array([each.year for each in programme.years])
    done = built[:, -1]
    first = built.shape[1] - built.sum(axis=1)
    chosen = pd.DataFrame(
        {
            "year": numbers[first[done]],
            "cost_vnd": programme.cost[done],
            "work_id": programme.names[done],
        }
    )
    chosen = chosen.sort_values(["year", "work_id"]).set_index("work_id")
    served = programme.served(built)
    never = served.shape[1]
    of_group = np.append(never - served.sum(axis=1), never)
    at = of_group[programme.group]
    served_year = pd.Series(np.append(numbers, 0)[at], dtype="Int64").mask(pd.Series(at == never))
    spent = chosen.groupby("year")["cost_vnd"].sum().reindex(numbers).fillna(0.0).to_numpy()
    left = programme.budget - spent
    years = pd.DataFrame(
        {
            "budget_vnd": programme.budget,
            "spent_vnd": spent,
            "left_vnd": np.cumsum(left) if programme.carry_over else left,
            "people": [float(demand.people[at <= year].sum()) for year in range(len(numbers))],
        },
        index=pd.Index(numbers, name="year"),
    )
    targets = pd.DataFrame(
        {
            "year": [target.year for target in programme.targets],
            "people_needed": [target.people for target in programme.targets],
            "people": [
                float(
                    demand.people[target.demand][
                        at[target.demand] <= numbers.tolist().index(target.year)
                    ].sum()
                )
                for target in programme.targets
            ],
        },
        index=pd.Index([target.target_id for target in programme.targets], name="target_id"),
    )
    person_years, cost = programme.person_years(built), float(chosen["cost_vnd"].sum())
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


def _check(
    works: Works, demand: Demand, years: Sequence[BudgetYear], targets: Sequence[Target]
) -> None:
    """Refuse figures and names that no plan can be made of."""
    ids, count = works.table.index, len(demand.people)
    if ids.has_duplicates:
        raise SitingError("siting.repeated_work", name=ids[ids.duplicated()][0])
    if works.covers.shape != (len(ids), count) or len(demand.weight) != count:
        raise SitingError(
            "siting.shapes", covers=str(works.covers.shape), expected=str((len(ids), count))
        )
    cost = works.table["cost_vnd"].to_numpy(float)
    for kind, figures, fine, names in (
        ("cost", cost, cost > 0, ids),
        ("people", demand.people, demand.people >= 0, range(count)),
        ("people", demand.weight, demand.weight >= 0, range(count)),
    ):
        bad = np.flatnonzero(~(fine & np.isfinite(figures)))
        if bad.size:
            raise SitingError(
                f"siting.bad_{kind}", position=names[int(bad[0])], value=figures[bad[0]]
            )
    numbers = [each.year for each in years]
    if not numbers or numbers != sorted(set(numbers)):
        raise SitingError("siting.bad_years")
    for each in years:
        if not (each.budget_vnd >= 0 and np.isfinite(each.budget_vnd)):
            raise SitingError("siting.bad_limit", value=each.budget_vnd)
    for target in targets:
        if target.year not in numbers:
            raise SitingError("siting.bad_target_year", name=target.target_id, year=target.year)
        if not (target.people >= 0 and np.isfinite(target.people)):
            raise SitingError("siting.bad_limit", value=target.people)
    _check_names(works, demand)


def _check_names(works: Works, demand: Demand) -> None:
    """Refuse names of works that there are not, and needs in a circle."""
    known = set(works.table.index)
    for name in [
        *(name for need in works.needs for name in (need.work, *need.any_of)),
        *(name for wait in demand.waits for name in wait.any_of),
    ]:
        if name not in known:
            raise SitingError("siting.unknown_work", name=name)
    for name in (name for pair in works.apart for name in pair):
        if name not in known and not (works.table["one_of"] == name).any():
            raise SitingError("siting.unknown_work", name=name)
    circle = _circle(works.needs)
    if circle:
        raise SitingError("siting.circular", names=", ".join(circle))


def _circle(needs: Sequence[Need]) -> list[str]:
    """Return works that need each other in a circle, empty if there are none."""
    before: dict[str, set[str]] = {}
    for need in needs:
        before.setdefault(need.work, set()).update(need.any_of)
    while True:
        free = [name for name, its in before.items() if not its & before.keys()]
        if not free:
            return sorted(before)
        for name in free:
            del before[name]
