"""Which places cover most for what is to be spent, or enough for least, and the proof of it.

Knows who covers whom, people and costs; where they come from is the caller's. One
question a function: `cover_most` is the maximal covering location problem with costs
(Church & ReVelle 1974), `cover_cheapest` set covering (Toregas et al. 1971), whole or in part.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array, hstack

from .._types import Flags, Floats, Labels
from ..errors import InfeasibleSitingError, SitingError
from ._solver import ARITHMETIC, Clock, Rows, largest

NOBODY = -1
_ROUNDING = 1e-12
_AT_ONCE = 512


@dataclass(frozen=True, kw_only=True, eq=False)
class Covering:
    """Chosen candidates, and how far from the best they can be.

    Parameters
    ----------
    chosen : ndarray of int
        Positions of the candidates, in rising order. None of them could be left out
        without covering less.
    covered : ndarray of bool, shape (demand,)
    people : float
        In what is covered.
    cost : float
        Of what is chosen.
    bound : float
        No choice covers more people, or none costs less: what was asked for.
    gap : float
        Share by which a better choice might exceed `people`, or fall below `cost`.
    """

    chosen: Labels
    covered: Flags
    people: float
    cost: float
    bound: float
    gap: float

    @property
    def optimal(self) -> bool:
        """Whether no choice is better, to the millionth that the solver computes with."""
        return self.gap <= ARITHMETIC


@dataclass(frozen=True, kw_only=True, eq=False)
class Merged:
    """Demand that is covered by the same candidates, as one.

    Parameters
    ----------
    covers : csr_array of bool, shape (candidates, groups)
    people : ndarray, shape (groups,)
        Above zero.
    group : ndarray of int, shape (demand,)
        Position of each demand's group; -1 where nobody lives or no candidate covers.
    """

    covers: csr_array
    people: Floats
    group: Labels


def merge_demand(covers: csr_array, people: Floats) -> Merged:
    """Bring demand together that the same candidates cover.

    No choice can tell such demand apart, so every choice covers the same people before
    and after. What nobody covers, or where nobody lives, is left out.

    Parameters
    ----------
    covers : csr_array of bool, shape (candidates, demand)
    people : ndarray, shape (demand,)

    Returns
    -------
    Merged
        Groups in the order of their first demand.

    Examples
    --------
    Three villages; the first and the last lie under the same two masts.

    >>> merged = merge_demand(csr_array(np.array([[1, 0, 1], [1, 1, 1]], bool)),
    ...                       np.array([30.0, 20.0, 5.0]))
    >>> merged.people.tolist(), merged.group.tolist()
    ([35.0, 20.0], [0, 1, 0])
    """
    columns = csc_array(covers)
    columns.eliminate_zeros()
    columns.sort_indices()
    starts, rows = columns.indptr.tolist(), columns.indices
    group = np.full(len(people), NOBODY)
    known: dict[bytes, int] = {}
    first: list[int] = []
    for demand in np.flatnonzero((np.diff(columns.indptr) > 0) & (people > 0)).tolist():
        key = rows[starts[demand] : starts[demand + 1]].tobytes()
        at = known.setdefault(key, len(known))
        if at == len(first):
            first.append(demand)
        group[demand] = at
    there = group != NOBODY
    return Merged(
        covers=csr_array(columns[:, first]),
        people=np.bincount(group[there], people[there], minlength=len(first)).astype(float),
        group=group,
    )


def undominated(covers: csr_array, cost: Floats) -> Flags:
    """Tell which candidates are needed: of the others, each has one that does as much for no more.

    If *a* covers nothing that *b* does not, and costs no less, then *a* may be replaced by
    *b* in any choice, or left out if *b* is in it: as much is covered for no more. What
    covers nothing is never needed. Of equals the first stays.

    Parameters
    ----------
    covers : csr_array of bool, shape (candidates, demand)
    cost : ndarray, shape (candidates,)

    Returns
    -------
    ndarray of bool, shape (candidates,)

    Examples
    --------
    The first covers less than the second and costs more; the third is cheaper.

    >>> covers = csr_array(np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]], bool))
    >>> undominated(covers, np.array([8.0, 7.0, 5.0])).tolist()
    [False, True, True]
    """
    ones = csr_array(covers.astype(np.int32))
    ones.eliminate_zeros()
    size = np.diff(ones.indptr)
    others = csr_array(ones.T)
    needed: Flags = size > 0
    for start in range(0, len(size), _AT_ONCE):
        shared = (ones[start : start + _AT_ONCE] @ others).tocoo()
        one, other = shared.coords[0] + start, shared.coords[1]
        inside = (shared.data == size[one]) & (cost[other] <= cost[one])
        alike = (size[one] == size[other]) & (cost[one] == cost[other])
        needed[one[inside & (~alike | (other < one))]] = False
    return needed


def cover_most(
    covers: csr_array,
    people: Floats,
    cost: Floats,
    *,
    budget: float,
    largest_gap: float,
    time_limit_s: float | None = None,
) -> Covering:
    """Choose the candidates that cover most people for a budget.

    Parameters
    ----------
    covers : csr_array of bool, shape (candidates, demand)
        Who covers what.
    people : ndarray, shape (demand,)
        Or any other weight, 0 or more.
    cost : ndarray, shape (candidates,)
        Above 0; in the units of `budget`. All 1 limits their number.
    budget : float
        What all together may cost.
    largest_gap : float
        Share of the people that may be left unproved; 0 asks for the best choice.
    time_limit_s : float, optional
        After which the best choice found so far is given, with its gap.

    Returns
    -------
    Covering
        `bound` is of the people.

    Raises
    ------
    SitingError
        If people, costs, budget or time cannot be used, or shapes differ.
    SitingTimeError
        If the time ends before any choice is found.

    Notes
    -----
    Maximise Σ people·z subject to z ≤ Σ x over the candidates that cover it, Σ cost·x ≤
    budget and x ∈ {0, 1}; z is whole by itself as soon as x is. Demand is merged before
    (`merge_demand`), candidates that are never needed or dearer than the budget are left out
    (`undominated`). The solver takes a millionth of the budget for nothing: a choice that
    exceeds it is forbidden as such, and the search begins again.

    Examples
    --------
    Two places may be had of three: not the largest, which leaves no money for a second.

    >>> covers = csr_array(np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1]], bool))
    >>> found = cover_most(covers, np.array([90.0, 80.0, 40.0, 30.0]), np.array([5.0, 3.0, 3.0]),
    ...                    budget=6, largest_gap=0)
    >>> found.chosen.tolist(), found.people, found.optimal
    ([1, 2], 240.0, True)
    """
    clock = Clock(time_limit_s)
    _check(covers, people, cost)
    if not (budget >= 0 and np.isfinite(budget)):
        raise SitingError("siting.bad_limit", value=budget)
    merged = merge_demand(covers, people)
    kept = np.flatnonzero(undominated(merged.covers, cost) & (cost <= budget))
    small = merge_demand(merged.covers[kept], merged.people)
    size = len(kept) + len(small.people)
    limit = Rows(matrix=_row(cost[kept] / max(budget, 1e-300), size), high=1.0)
    rows = [_served(small.covers), limit]
    bound = np.inf
    while True:
        solved = largest(
            np.append(np.zeros(len(kept)), small.people),
            rows,
            whole=np.arange(size) < len(kept),
            largest_gap=largest_gap,
            clock=clock,
        )
        assert solved.values is not None, "to choose nothing is always allowed"
        bound = min(bound, solved.bound)
        picked = solved.values[: len(kept)] > 0.5
        if cost[kept[picked]].sum() <= budget * (1 + _ROUNDING):
            break
        rows.append(Rows(matrix=_row(picked, size), high=picked.sum() - 1.0))
    found = _without_useless(kept[picked], covers, people, cost)
    covered = _covered(covers, found)
    reached = float(people[covered].sum())
    bound = max(bound, reached)
    return Covering(
        chosen=found,
        covered=covered,
        people=reached,
        cost=float(cost[found].sum()),
        bound=bound,
        gap=(bound - reached) / bound if bound > 0 else 0.0,
    )


def cover_cheapest(
    covers: csr_array,
    people: Floats,
    cost: Floats,
    *,
    needed: float,
    largest_gap: float,
    time_limit_s: float | None = None,
) -> Covering:
    """Choose the candidates that cover enough people for least money.

    Parameters
    ----------
    covers, people, cost
        As for `cover_most`.
    needed : float
        How many people are to be covered; the sum of `people` asks for all.
    largest_gap : float
        Share of the cost that may be left unproved; 0 asks for the cheapest choice.
    time_limit_s : float, optional
        As for `cover_most`.

    Returns
    -------
    Covering
        `bound` is of the cost.

    Raises
    ------
    SitingError
        If people, costs, time or what is needed cannot be used, or shapes differ.
    SitingTimeError
        If the time ends before any choice is found.
    InfeasibleSitingError
        If all candidates together do not cover as many; the message says how many they do.

    Notes
    -----
    Minimise Σ cost·x subject to z ≤ Σ x over the candidates that cover it, Σ people·z ≥
    needed and x ∈ {0, 1}. Where all is needed that candidates cover, every z is 1. What
    falls short by less than the solver sees is forbidden: one more must be chosen.

    Examples
    --------
    >>> covers = csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]], bool))
    >>> found = cover_cheapest(covers, np.array([10.0, 20.0, 30.0]), np.array([3.0, 4.0, 8.0]),
    ...                        needed=60, largest_gap=0)
    >>> found.chosen.tolist(), found.cost
    ([0, 1], 7.0)
    """
    clock = Clock(time_limit_s)
    _check(covers, people, cost)
    if not (needed >= 0 and np.isfinite(needed)):
        raise SitingError("siting.bad_limit", value=needed)
    merged = merge_demand(covers, people)
    least = needed * (1 - _ROUNDING)
    if merged.people.sum() < least:
        raise InfeasibleSitingError(
            "siting.too_few_reached", needed=needed, reached=float(merged.people.sum())
        )
    kept = np.flatnonzero(undominated(merged.covers, cost))
    small = merge_demand(merged.covers[kept], merged.people)
    size, scale = len(kept) + len(small.people), max(needed, 1e-300)
    served = np.append(np.zeros(len(kept)), small.people)
    low = np.zeros(size)
    if least >= small.people.sum() * (1 - _ROUNDING):
        low[len(kept) :] = 1
    rows = [_served(small.covers), Rows(matrix=_row(served / scale, size), low=needed / scale)]
    bound = 0.0
    while True:
        solved = largest(
            -np.append(cost[kept], np.zeros(len(small.people))),
            rows,
            whole=np.arange(size) < len(kept),
            low=low,
            largest_gap=largest_gap,
            clock=clock,
        )
        assert solved.values is not None, "all candidates together cover enough"
        bound = max(bound, -solved.bound)
        picked = solved.values[: len(kept)] > 0.5
        if small.people[_covered(small.covers, np.flatnonzero(picked))].sum() >= least:
            break
        rows.append(Rows(matrix=_row(~picked, size), low=1.0))
    found = kept[picked]
    covered = _covered(covers, found)
    spent = float(cost[found].sum())
    bound = min(bound, spent)
    return Covering(
        chosen=found,
        covered=covered,
        people=float(people[covered].sum()),
        cost=spent,
        bound=bound,
        gap=(spent - bound) / spent if spent > 0 else 0.0,
    )


def _check(covers: csr_array, people: Floats, cost: Floats) -> None:
    """Refuse figures that nothing can be chosen by."""
    if covers.shape != (len(cost), len(people)):
        raise SitingError(
            "siting.shapes", covers=str(covers.shape), expected=str((len(cost), len(people)))
        )
    for name, figures, fine in (
        ("people", people, people >= 0),
        ("cost", cost, cost > 0),
    ):
        bad = np.flatnonzero(~(fine & np.isfinite(figures)))
        if bad.size:
            raise SitingError(f"siting.bad_{name}", position=int(bad[0]), value=figures[bad[0]])


def _row(values: Floats | Flags, size: int) -> csr_array:
    """Return a matrix of one row, zero beyond the values given."""
    row = np.zeros((1, size))
    row[0, : len(values)] = values
    return csr_array(row)


def _served(covers: csr_array) -> Rows:
    """Return that nobody is covered without a candidate that does."""
    by_demand = -csr_array(covers.T).astype(float)
    return Rows(matrix=csr_array(hstack([by_demand, eye_array(covers.shape[1])])), high=0.0)


def _covered(covers: csr_array, chosen: Labels) -> Flags:
    covered: Flags = np.asarray(covers[chosen].sum(axis=0)).ravel() > 0
    return covered


def _without_useless(chosen: Labels, covers: csr_array, people: Floats, cost: Floats) -> Labels:
    """Leave out, the dearest first, what covers nobody that the others do not."""
    times = np.asarray(covers[chosen].astype(np.int64).sum(axis=0)).ravel()
    left = set(chosen.tolist())
    for one in sorted(left, key=lambda one: (-cost[one], -one)):
        its = covers[[one]].indices
        if not (people[its] > 0)[times[its] == 1].any():
            times[its] -= 1
            left.remove(one)
    return np.array(sorted(left), dtype=np.int64)
