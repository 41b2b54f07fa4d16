"""Works and groups of demand by year, as rows of a mixed-integer programme."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, hstack, kron, vstack

from .._types import Flags, Floats, Labels
from ..errors import SitingTimeError
from ._solver import ARITHMETIC, Clock, Rows, largest
from .covering import merge_demand, undominated
from .works import BudgetYear, Demand, Target, Works, with_needs

ROUNDING = 1e-12
"""Of sums of money and people, as a share: not the solver's, which is far coarser."""
Aim = Literal["people", "money"]


class Model:
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
        *,
        carry_over: bool,
        stay: Sequence[str] = (),
    ) -> None:
        self.years, self.targets, self.carry_over = years, targets, carry_over
        self.budget = np.array([year.budget_vnd for year in years], float)
        belongs = _positions(
            [*(target.demand for target in targets), *(wait.demand for wait in demand.waits)],
            len(demand.people),
        )
        alike = _Grouped(csr_array(works.covers), belongs, demand.people)
        kept = _needed_works(works, alike.covers, demand, stay)
        self.names = works.table.index[kept]
        self.place = {name: at for at, name in enumerate(self.names)}
        self.cost = works.table["cost_vnd"].to_numpy(float)[kept]
        self.stay = np.isin(self.names, list(stay))
        self._of_names = _members(works.table["one_of"].iloc[kept], self.place)
        self.waits = [
            [self.place[name] for name in wait.any_of if name in self.place]
            for wait in demand.waits
        ]
        fewer = _Grouped(csr_array(alike.covers[kept]), alike.belongs, alike.people)
        self.covers, self.people = fewer.covers, fewer.people
        self.group = np.append(fewer.group, -1)[alike.group]
        there = self.group >= 0
        self.worth = np.bincount(
            self.group[there],
            (demand.people * demand.weight)[there],
            minlength=len(self.people),
        ).astype(float)
        self.of_target = fewer.belongs[: len(targets)].toarray() > 0
        self.of_target_people = np.zeros(self.of_target.shape)
        for row, target in zip(self.of_target_people, targets, strict=True):
            group = self.group[target.demand]
            row += np.bincount(
                group[group >= 0],
                target.counted(demand.people)[group >= 0],
                minlength=len(self.people),
            )
        self.of_wait = csr_array(fewer.belongs[len(targets) :])
        self.size = (len(self.names) + len(self.people)) * len(years)
        self.rows = self._all_rows(works)
        self._high = self._payable()

    @property
    def counts(self) -> tuple[int, int]:
        """How many works and years there are."""
        return len(self.names), len(self.years)

    @property
    def wanted(self) -> list[tuple[Target, Flags, Floats]]:
        """Targets, the groups of each, and whom of every group it counts."""
        return [*zip(self.targets, self.of_target, self.of_target_people, strict=True)]

    def _all_rows(self, works: Works) -> list[Rows]:
        """Return what holds whatever the money: order, needs, waits, exclusions."""
        count, years = self.counts
        needs = [
            (
                self.place[need.work],
                [self.place[name] for name in need.any_of if name in self.place],
            )
            for need in works.needs
            if need.work in self.place
        ]
        awaited = [
            (count + group, any_of)
            for at, any_of in enumerate(self.waits)
            for group in self._waiting(at).tolist()
        ]
        served, by = csr_array(self.covers.T).nonzero()
        group = np.arange(len(self.people))
        asks, needed, sign = _not_before([*needs, *awaited])
        row = np.concatenate([asks, len(needs) + len(awaited) + np.append(served, group)])
        column = np.concatenate([needed, by, count + group])
        value = np.concatenate([sign, -np.ones(len(by)), np.ones(len(group))])
        year = np.arange(years)
        last_row = (len(needs) + len(awaited) + len(group)) * years
        stays = (np.arange(count)[:, None] * years + year[:-1]).ravel()  # what is built stays
        at = last_row + np.arange(len(stays))
        order = csr_array(
            (
                np.concatenate(
                    [np.repeat(value, years), np.ones(len(stays)), -np.ones(len(stays))]
                ),
                (
                    np.concatenate([(row[:, None] * years + year).ravel(), at, at]),
                    np.concatenate([(column[:, None] * years + year).ravel(), stays, stays + 1]),
                ),
            ),
            shape=(last_row + len(stays), self.size),
        )
        exclusive = [members for members in self._of_names.values() if len(members) > 1]
        for one, other in works.apart:
            if self._members_of(one) and self._members_of(other):
                exclusive.append([*self._members_of(one), *self._members_of(other)])
        by_the_end = [np.array(members) * years + years - 1 for members in exclusive]
        at_most = _positions(by_the_end, self.size).astype(float)
        return [Rows(matrix=order, high=0.0), Rows(matrix=at_most, high=1.0)]

    def met(self) -> tuple[Rows, Floats]:
        """Return that targets are met: rows, and 1 for each group that a target cannot miss.

        Of those reached a target may miss some: its slack. Who is more than that must be served;
        of the others those not served are at most the slack. So the solver's tolerance is
        a millionth of the slack, not of the target.
        """
        count, years = self.counts
        low, rows, least = np.zeros(self.size), [csr_array((0, self.size))], []
        for target, groups, people in self.wanted:
            year = self.position(target.year)
            reached = float(people[groups].sum())
            slack = max(reached - target.people, 0.0)
            slack = slack if slack > reached * ROUNDING else 0.0
            must = groups & (people > slack * (1 + ROUNDING))
            late = np.arange(year, years)
            low[((count + np.flatnonzero(must))[:, None] * years + late).ravel()] = 1
            rest = np.flatnonzero(groups & ~must)
            if len(rest):
                share = people[rest] / slack
                rows.append(row_of((count + rest) * years + year, share, self.size))
                least.append(float(share.sum()) - 1)
        return Rows(matrix=csr_array(vstack(rows)), low=np.array(least)), low

    def _waiting(self, wait: int) -> Labels:
        """Return the groups that wait for one of some works."""
        return self.of_wait.indices[self.of_wait.indptr[wait] : self.of_wait.indptr[wait + 1]]

    def _members_of(self, name: str) -> list[int]:
        """Return the works that a name stands for: one, or those that exclude each other."""
        if name in self.place:
            return [self.place[name]]
        return self._of_names.get(name, [])

    def position(self, year: int) -> int:
        """Return the position of a year."""
        return [each.year for each in self.years].index(year)

    @property
    def purse(self) -> Floats:
        """Which years' spending and budgets are added up, a row a limit."""
        years = len(self.years)
        return np.tril(np.ones((years, years))) if self.carry_over else np.eye(years)

    @property
    def money_scale(self) -> float:
        """What money is divided by, so that the solver sees figures about one."""
        limit = self.purse @ self.budget
        return max(float(limit.max(initial=0)), float(self.cost.max(initial=0)), 1.0)

    def spending(self) -> csr_array:
        """Return what is spent by each limit, in shares of `money_scale`."""
        _, years = self.counts
        step = np.eye(years) - np.eye(years, k=-1)  # built by its end, but not before
        cost = np.append(self.cost / self.money_scale, np.zeros(len(self.people)))
        return csr_array(kron(csr_array(cost[None]), csr_array(self.purse @ step)))

    def _money(self) -> list[Rows]:
        """Return what the budgets limit."""
        _, years = self.counts
        high = self.purse @ self.budget / self.money_scale
        rows = [Rows(matrix=self.spending(), high=high)]
        if not self.carry_over:  # a year builds nothing that is dearer than all it has
            work, year = np.nonzero(self.cost[:, None] > self.budget * (1 + ROUNDING))
            one = work[year > 0] * years + year[year > 0]
            at = np.arange(len(one)).repeat(2)
            entries = np.tile([1.0, -1.0], len(one)), (at, np.c_[one, one - 1].ravel())
            late = coo_array(entries, shape=(len(one), self.size))
            rows.append(Rows(matrix=csr_array(late), high=0.0))
        return rows

    def _payable(self) -> Floats:
        """Return 0 for what no money of its year and before can pay, 1 for the rest."""
        count, years = self.counts
        high = np.ones(self.size)
        most = np.cumsum(self.budget) if self.carry_over else np.maximum.accumulate(self.budget)
        cannot = self.cost[:, None] > most * (1 + ROUNDING)
        high[: count * years][cannot.ravel()] = 0
        return high

    def solve(
        self, aim: Aim, largest_gap: float, clock: Clock, *, first_alone: bool = False
    ) -> tuple[Flags, float] | None:
        """Return what is built by year, and the bound of the aim; None if nothing will do.

        With `first_alone`, whichever of the plans that are equal in what is aimed at; else the
        better of these, as far as the time allows.
        """
        worth, cost, total = self._worth, self._cost, self._total
        rows = [*self.rows, *self._money()]
        first = self.best(worth if aim == "people" else -cost, rows, largest_gap, clock)
        if first is None:
            return None
        built, bound = first
        if aim == "money":
            bound *= -total
        if first_alone:
            return built, bound
        if aim == "people":
            had = self.person_years(built)
            floor = Rows(matrix=csr_array(worth[None] / max(had, 1.0)), low=had / max(had, 1.0))
            second = self._in_time(-cost, [*rows, floor], largest_gap, clock)
            better = second is not None and (
                self.spent(second[0]) < self.spent(built)
                and self.person_years(second[0]) >= had * (1 - ARITHMETIC)
            )
        else:
            spent = self.spent(built)
            ceiling = Rows(matrix=csr_array(cost[None] * total / max(spent, 1.0)), high=1.0)
            second = self._in_time(worth, [*rows, ceiling], largest_gap, clock)
            better = second is not None and (
                self.person_years(second[0]) > self.person_years(built)
                and self.spent(second[0]) <= spent * (1 + ARITHMETIC)
            )
        if better:
            assert second is not None
            built = second[0]
        return built, bound

    def relaxed(self, aim: Aim, clock: Clock) -> tuple[Labels, float] | None:
        """Return the works of which the best plan in parts has some, and the bound that it is.

        None if no plan will do, not even in parts.
        """
        count, years = self.counts
        gain = self._worth if aim == "people" else -self._cost
        met, low = self.met()
        low[: count * years][np.repeat(self.stay, years)] = 1
        solved = largest(
            gain, [*self.rows, *self._money(), met], whole=np.zeros(self.size, bool), low=low,
            high=self._high, largest_gap=0.0, clock=clock,
        )  # fmt: skip
        if solved.values is None:
            return None
        last = solved.values[: count * years].reshape(count, years)[:, -1]
        bound = solved.bound if aim == "people" else -solved.bound * self._total
        return np.flatnonzero(last > ARITHMETIC), bound

    @property
    def _worth(self) -> Floats:
        """What each column adds to the person-years."""
        count, years = self.counts
        return np.append(np.zeros(count * years), np.repeat(self.worth, years))

    @property
    def _total(self) -> float:
        return max(float(self.cost.sum()), 1.0)

    @property
    def _cost(self) -> Floats:
        """What each column costs, in shares of all works: what is done by the last year is paid."""
        _, years = self.counts
        last = np.zeros(years)
        last[-1:] = 1
        return np.append(np.kron(self.cost / self._total, last), np.zeros(len(self.people) * years))

    def beyond(self) -> list[tuple[Target, float]]:
        """Return the targets that all works together do not meet, and whom they reach of each."""
        reached = [(target, float(people[groups].sum())) for target, groups, people in self.wanted]
        return [(target, some) for target, some in reached if some < target.people * (1 - ROUNDING)]

    def _in_time(
        self, gain: Floats, rows: Sequence[Rows], largest_gap: float, clock: Clock
    ) -> tuple[Flags, float] | None:
        """Solve; None too if the time ends before anything is found."""
        try:
            return self.best(gain, rows, largest_gap, clock)
        except SitingTimeError:
            return None

    def best(
        self, gain: Floats, rows: Sequence[Rows], largest_gap: float, clock: Clock
    ) -> tuple[Flags, float] | None:
        """Solve; what breaks a limit by less than the solver sees is forbidden, and again."""
        count, years = self.counts
        whole = np.arange(self.size) < count * years
        met, low = self.met()
        low[: count * years][np.repeat(self.stay, years)] = 1
        rows, bound = [*rows, met], np.inf
        while True:
            solved = largest(
                gain, rows, whole=whole, low=low, high=self._high, largest_gap=largest_gap,
                clock=clock,
            )  # fmt: skip
            if solved.values is None:
                return None
            bound = min(bound, solved.bound)
            built = (solved.values[: count * years] > 0.5).reshape(count, years)
            fresh = [*self._over_budget(built), *self.short_of(built)]
            if not fresh:
                return built, bound
            rows += fresh

    def _over_budget(self, built: Flags) -> Iterator[Rows]:
        """Forbid the works that a year cannot pay together."""
        years = len(self.years)
        fresh = np.diff(built.astype(np.int8), axis=1, prepend=0) > 0
        for year, its in enumerate(self.purse.astype(bool)):
            paid = (fresh & its).any(axis=1)
            if self.cost[paid].sum() > (self.budget[its].sum()) * (1 + ROUNDING):
                at = np.flatnonzero(paid) * years + year
                row = row_of(at, np.ones(len(at)), self.size)
                if not self.carry_over and year:
                    row = csr_array(row - row_of(at - 1, np.ones(len(at)), self.size))
                yield Rows(matrix=row, high=float(paid.sum()) - 1)

    def short_of(self, built: Flags) -> Iterator[Rows]:
        """Ask, where a plan misses a target, for a work that serves more of it."""
        served, years = self.served(built), len(self.years)
        for target, groups, people in self.wanted:
            year = self.position(target.year)
            if people[groups & served[:, year]].sum() >= target.people * (1 - ROUNDING):
                continue
            missing = groups & ~served[:, year]
            helps = np.asarray(self.covers[:, missing].sum(axis=1)).ravel() > 0
            for wait, any_of in enumerate(self.waits):
                if missing[self._waiting(wait)].any():
                    helps[any_of] = True
            at = np.flatnonzero(helps & ~built[:, year]) * years + year
            yield Rows(matrix=row_of(at, np.ones(len(at)), self.size), low=1.0)

    def served(self, built: Flags) -> Flags:
        """Return which groups are served by the end of each year."""
        served: Flags = (self.covers.T.astype(np.int64) @ built.astype(np.int64)) > 0
        for at, any_of in enumerate(self.waits):
            served[self._waiting(at)] &= built[any_of].any(axis=0)
        return served

    def person_years(self, built: Flags) -> float:
        """Return the weighted people served, summed up over the years."""
        return float((self.served(built) * self.worth[:, None]).sum())

    def spent(self, built: Flags) -> float:
        """Return the money for all works, of all years."""
        return float(self.cost[built[:, -1]].sum())


class _Grouped:
    """Demand that the same works serve and that belongs to the same, as one."""

    def __init__(self, covers: csr_array, belongs: csr_array, people: Floats) -> None:
        reached = np.asarray(covers.sum(axis=0)).ravel() > 0
        merged = merge_demand(csr_array(vstack([covers, belongs])), np.where(reached, people, 0.0))
        self.covers = csr_array(merged.covers[: covers.shape[0]])
        self.belongs = csr_array(merged.covers[covers.shape[0] :])
        self.people, self.group = merged.people, merged.group


def row_of(at: Labels, values: Floats, size: int) -> csr_array:
    """Return a matrix of one row with values at some columns."""
    return csr_array((values, (np.zeros(len(at), int), at)), shape=(1, size))


def _positions(lists: Sequence[Labels | Sequence[int]], size: int) -> csr_array:
    """Return a row for each list of columns, true there."""
    columns = [np.unique(np.asarray(each, int)) for each in lists]
    row = np.arange(len(columns)).repeat([len(each) for each in columns])
    column = np.concatenate([np.empty(0, int), *columns])
    return csr_array((np.ones(len(row), bool), (row, column)), shape=(len(columns), size))


def _not_before(pairs: Sequence[tuple[int, Sequence[int]]]) -> tuple[Labels, Labels, Floats]:
    """Return a row's entries for each pair: 1 at the one, -1 at those of which it needs one."""
    row = np.arange(len(pairs)).repeat([1 + len(any_of) for _, any_of in pairs])
    column = np.array([at for one, any_of in pairs for at in (one, *any_of)], int)
    sign = np.array([s for _, any_of in pairs for s in (1.0, *[-1.0] * len(any_of))], float)
    return row, column, sign


def _members(one_of: pd.Series, place: Mapping[str, int]) -> dict[str, list[int]]:
    """Return the works of each text of ``one_of``."""
    members: dict[str, list[int]] = {}
    for name, group, missing in zip(one_of.index, one_of.tolist(), one_of.isna(), strict=True):
        if not missing:
            members.setdefault(str(group), []).append(place[str(name)])
    return members


def _needed_works(works: Works, covers: csr_array, demand: Demand, stay: Sequence[str]) -> Labels:
    """Return the works that cannot be replaced by others that enable and exclude the same.

    What serves nobody and is needed by nothing that does goes too.
    """
    ids, useful = works.table.index, np.diff(csr_array(covers).indptr) > 0
    kind: dict[str, list[object]] = {name: [] for name in ids}
    awaited = {name for wait in demand.waits for name in wait.any_of}
    alive = with_needs(works, {*ids[useful], *awaited, *stay})
    wanted = {*awaited, *stay}
    for position, need in enumerate(works.needs):
        kind[need.work].append(("needs", tuple(sorted(need.any_of))))
        for name in need.any_of:
            kind[name].append(("enables", position))
        if need.work in alive:
            wanted.update(need.any_of)
    for position, wait in enumerate(demand.waits):
        for name in wait.any_of:
            kind[name].append(("awaited", position))
    for pair in works.apart:
        for name, other in (pair, pair[::-1]):
            if name in kind:
                kind[name].append(("apart", other))
    groups = works.table["one_of"]
    number: dict[tuple[object, ...], int] = {}
    codes = np.array(
        [
            number.setdefault(
                ("" if missing else group, *sorted(map(repr, kind[name]))), len(number)
            )
            for name, group, missing in zip(ids, groups.tolist(), groups.isna(), strict=True)
        ],
        int,
    )
    keep = np.isin(np.arange(len(ids)), ids.get_indexer(pd.Index(list(wanted))))
    free = np.flatnonzero(~keep & useful)
    # A column for each kind: only what is of a kind is compared.
    kinds = csr_array((np.ones(len(free), bool), (np.arange(len(free)), codes[free])),
                      shape=(len(free), codes.max(initial=0) + 1))  # fmt: skip
    alike = csr_array(hstack([csr_array(covers[free]), kinds], format="csr"))
    keep[free[undominated(alike, works.table["cost_vnd"].to_numpy(float)[free])]] = True
    return np.flatnonzero(keep)
