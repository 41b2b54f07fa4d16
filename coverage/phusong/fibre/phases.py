"""New cable year by year within budgets: most people for the money, and why the rest waits.

Knows costs, who gains and what each gain still lacks; which cable that is, is `extension`'s
and `links`'s. The programme is solved by branch and bound (HiGHS).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from .._types import Flags, Floats, Labels
from ..errors import NetworkError

Lack = tuple[int, Collection[int]]
Lacks = Callable[[Flags], Iterable[Lack]]
"""Which gains some built pieces do not bring yet: a gain, and pieces of which it needs one."""

# Branch-and-bound nodes; a limit in time would make the answer depend on the machine.
_SEARCH_NODES = 5_000
# By how much a budget is tightened once the solver has overstepped it, and what is no overstep
# but the rounding of a sum; both as shares of the sum of all costs.
_OVERSTEP = 2e-6
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class PhasePlan:
    """Which piece is built in which year.

    Parameters
    ----------
    build_year : Series of Int64, indexed like the costs
        NA: not within the budgets, or nobody gains by it.
    gains : DataFrame, indexed like the worths
        ``gain_year``, NA while it waits; ``reason``: ``in_plan`` or ``budget``;
        ``short_vnd``: the least money more that would let it in, the plan kept.
    spent_vnd, left_vnd : Series of float, indexed by year
        With carry-over the money left at the end of each year.
    value, upper_bound : float
        Worth times years, and what no plan can exceed.
    """

    build_year: pd.Series
    gains: pd.DataFrame
    spent_vnd: pd.Series
    left_vnd: pd.Series
    value: float
    upper_bound: float

    @property
    def gap(self) -> float:
        """Share by which a better plan might exceed this one's value; 0 if it is the best."""
        return (self.upper_bound - self.value) / self.value if self.value > 0 else 0.0


def plan_phases(
    cost_vnd: pd.Series,
    worth: pd.Series,
    budget_vnd: pd.Series,
    *,
    lacks: Lacks,
    after: Iterable[tuple[int, int]],
    carry_over: bool,
    largest_gap: float,
) -> PhasePlan:
    """Choose the year of each piece of cable so that most is gained longest.

    Parameters
    ----------
    cost_vnd : Series of float
        Of each piece, above zero.
    worth : Series of float
        Of one year of each gain, such as the residents connected; above zero.
    budget_vnd : Series of float, indexed by year
        In rising order, zero or more.
    lacks : callable
        Flags of the pieces built, shape (n,) → pairs of a gain's position and the
        positions of pieces of which it needs at least one more, all of them not
        built. A gain of which none is told is had. More pieces never take a gain
        away, and with all of them built every gain is had.
    after : iterable of (int, int)
        Positions of a piece and of one that must be built before it or with it.
    carry_over : bool
        Whether money left over may be spent in later years.
    largest_gap : float
        Share of the value that may be left unproven; 0 asks for the best plan.

    Returns
    -------
    PhasePlan
        A piece by which nobody gains is not built. What still fits in what a
        plan leaves is taken in, so every gain that waits needs more money.

    Raises
    ------
    NetworkError
        If a cost or a worth is not above zero, a budget is below, or years do
        not rise.

    Notes
    -----
    With x(p, t) = 1 if piece p is built by the end of year t and y(g, t) for
    gains: maximise Σ worth·y, subject to x never falling, x(p) ≤ x(what it
    hangs on), y(g) ≤ Σ x(p) over every set of which the gain needs one, and
    Σ cost·(x(t) − x(t−1)) ≤ budget(t), summed up over the years where money may be
    carried over. Sets are added until no gain that the plan claims lacks one.
    Why a gain waits is found by forcing it in while the plan stays.

    Examples
    --------
    A trunk of 5 to 100 people, from there a branch of 2 to 300; 6 a year.

    >>> pieces = [[0], [0, 1]]  # of each gain
    >>> def lacks(built):
    ...     return [(g, [p]) for g, its in enumerate(pieces) for p in its if not built[p]]
    >>> plan = plan_phases(
    ...     pd.Series([5.0, 2.0], ["trunk", "branch"]), pd.Series([100.0, 300.0]),
    ...     pd.Series([6.0, 6.0], [2026, 2027]), lacks=lacks, after=[(1, 0)], carry_over=False,
    ...     largest_gap=0,
    ... )
    >>> plan.build_year.to_dict(), plan.value
    ({'trunk': 2026, 'branch': 2027}, 500.0)
    """
    _check(cost_vnd, worth, budget_vnd)
    programme = _Programme(
        cost_vnd.to_numpy(float), worth.to_numpy(float), budget_vnd.to_numpy(float),
        lacks, sorted(set(after)), carry_over,
    )  # fmt: skip
    built, bound = programme.solve(largest_gap)
    built = programme.without_useless(built)
    built, short = programme.filled(built)
    had = programme.had(built)
    years = np.append(budget_vnd.index.to_numpy(), 0)
    gain_year = _years(years, had)
    spent = programme.spent(built)
    left = budget_vnd.to_numpy(float) - spent
    value = float((programme.worth[:, None] * had).sum())
    return PhasePlan(
        build_year=_years(years, built).set_axis(cost_vnd.index),
        gains=pd.DataFrame(
            {
                "gain_year": gain_year.array,
                "reason": np.where(had[:, -1], "in_plan", "budget"),
                "short_vnd": short,
            },
            index=worth.index,
        ),
        spent_vnd=pd.Series(spent, budget_vnd.index),
        left_vnd=pd.Series(np.cumsum(left) if carry_over else left, budget_vnd.index),
        value=value,
        upper_bound=max(bound, value),
    )


def _check(cost_vnd: pd.Series, worth: pd.Series, budget_vnd: pd.Series) -> None:
    for series, fine in (
        (cost_vnd, cost_vnd > 0),
        (worth, worth > 0),
        (budget_vnd, budget_vnd >= 0),
    ):
        bad = ~(fine & np.isfinite(series.astype(float)))
        if bad.any():
            raise NetworkError(
                "fibre.bad_phase", name=series.index[bad][0], value=series[bad].iloc[0]
            )
    years = list(budget_vnd.index)
    if not years or years != sorted(set(years)):
        raise NetworkError("fibre.bad_years")


def _years(years: Labels, done: Flags) -> pd.Series:
    """Return the year by whose end each row first holds; NA for never."""
    at = done.shape[1] - done.sum(axis=1)
    return pd.Series(years[at], dtype="Int64").mask(at == done.shape[1])


class _Programme:
    """Pieces and gains by year: whether they are there by its end, shape (rows, years)."""

    def __init__(
        self,
        cost: Floats,
        worth: Floats,
        budget: Floats,
        lacks: Lacks,
        after: Sequence[tuple[int, int]],
        carry_over: bool,
    ) -> None:
        self._cost, self.worth, self._budget = cost, worth, budget
        self._lacks, self._after = lacks, after
        self._years = len(budget)
        # With carry-over a year may also spend what earlier years left, else only its own money.
        self._purse = np.tril(np.ones((self._years,) * 2)) if carry_over else np.eye(self._years)
        self._known = {
            (gain, frozenset(pieces)) for gain, pieces in lacks(np.zeros(len(cost), bool))
        }

    def spent(self, built: Flags) -> Floats:
        """Return the money that each year spends."""
        spent: Floats = self._cost @ np.diff(built.astype(float), axis=1, prepend=0)
        return spent

    def had(self, built: Flags) -> Flags:
        """Return which gains are there by the end of each year."""
        had = np.ones((len(self.worth), self._years), bool)
        for year in range(self._years):
            for gain, _ in self._lacks(built[:, year]):
                had[gain, year] = False
        return had

    def solve(self, largest_gap: float) -> tuple[Flags, float]:
        """Return the pieces built by year, and the bound of the value."""
        count, years = len(self._cost), self._years
        while True:
            sets = sorted(self._known, key=lambda each: (each[0], sorted(each[1])))
            built, claimed, bound = self._solved(sets, largest_gap)
            fresh = set()
            for year in range(years):
                for gain, pieces in self._lacks(built[:, year]):
                    if claimed[gain, year]:
                        fresh.add((gain, frozenset(pieces)))
            if not fresh - self._known:
                return built.reshape(count, years), bound
            self._known |= fresh

    def _solved(
        self, sets: Sequence[tuple[int, frozenset[int]]], largest_gap: float
    ) -> tuple[Flags, Flags, float]:
        count, gains, years = len(self._cost), len(self.worth), self._years
        if not count or not gains:
            return np.zeros((count, years), bool), np.zeros((gains, years), bool), 0.0
        entries = [
            (row, (count + gain) * years + year, [piece * years + year for piece in sorted(pieces)])
            for row, ((gain, pieces), year) in enumerate(
                (each, year) for each in sets for year in range(years)
            )
        ]
        rows = [row for row, _, pieces in entries for _ in range(1 + len(pieces))]
        columns = [at for _, gain, pieces in entries for at in (gain, *pieces)]
        signs = [sign for _, _, pieces in entries for sign in (1, *[-1] * len(pieces))]
        size = (count + gains) * years
        needs = csr_array(coo_array((signs, (rows, columns)), shape=(len(entries), size)))
        scale = self._cost.sum()
        in_year = np.eye(years) - np.eye(years, k=-1)  # built by its end, but not before
        use = np.zeros((years, size))
        use[:, : count * years] = np.kron(self._cost[None, :] / scale, in_year)
        use = self._purse @ use
        limit = self._purse @ np.minimum(self._budget / scale, 1)
        top = limit.copy()
        # The solver's tolerance would let a year without money buy what costs next to nothing.
        dear = self._cost[:, None] / scale > limit + _ROUNDING
        bound = None
        worth = np.concatenate([np.zeros(count), self.worth / self.worth.sum()])
        while True:
            shut = dear | (top < 0)
            high = np.ones(size)
            high[: count * years : years] = ~shut[:, 0]
            solved = milp(
                -np.repeat(worth, years),
                integrality=np.repeat([1, 0], [count * years, gains * years]),
                bounds=Bounds(0, high),
                constraints=[
                    *self._order(shut, size),
                    LinearConstraint(needs, ub=0),
                    LinearConstraint(use, ub=np.maximum(top, 0)),
                ],
                options={"node_limit": _SEARCH_NODES, "mip_rel_gap": largest_gap},
            )
            if bound is None:  # later rounds have less money, so only the first bound holds
                # Without a bound of the solver's, having everything from the start is one.
                least = -1.0 * years if solved.mip_dual_bound is None else solved.mip_dual_bound
                bound = -float(least) * float(self.worth.sum())
            if solved.x is None:  # the search ended before it found any plan
                built, claimed = np.zeros(count * years, bool), np.zeros(gains * years, bool)
            else:
                built, claimed = np.split(solved.x > 0.5, [count * years])
            over = use[:, : count * years] @ built > limit + _ROUNDING
            if not over.any():
                return built.reshape(count, years), claimed.reshape(gains, years), bound
            top[over] -= _OVERSTEP  # the solver may overstep a limit by a millionth

    def _order(self, shut: Flags, size: int) -> list[LinearConstraint]:
        """Return that what is built stays, and that nothing is built before what it hangs on.

        Nor is a piece built in a year that is shut to it.
        """
        count, years = shut.shape
        late = [piece * years + year for piece, _ in self._after for year in range(years)]
        early = [piece * years + year for _, piece in self._after for year in range(years)]
        late += [piece * years + year for piece in range(count) for year in range(years - 1)]
        early += [piece * years + year + 1 for piece in range(count) for year in range(years - 1)]
        unpaid = [(piece, year) for piece, year in np.argwhere(shut).tolist() if year]
        late += [piece * years + year for piece, year in unpaid]
        early += [piece * years + year - 1 for piece, year in unpaid]
        if not late:
            return []
        row = np.arange(len(late))
        order = coo_array(
            (np.repeat([1, -1], len(late)), (np.tile(row, 2), np.array(late + early))),
            shape=(len(late), size),
        )
        return [LinearConstraint(csr_array(order), ub=0)]

    def without_useless(self, built: Flags) -> Flags:
        """Leave out pieces without which every gain comes as early, the dearest first."""
        built = built.copy()
        had = self.had(built)
        dropped = True
        while dropped:
            dropped = False
            for piece in sorted(np.flatnonzero(built[:, -1]), key=lambda p: (-self._cost[p], p)):
                if any(built[late, -1] for late, early in self._after if early == piece):
                    continue
                trial = built.copy()
                trial[piece] = False
                if (self.had(trial) == had).all():
                    built, dropped = trial, True
        return built

    def filled(self, built: Flags) -> tuple[Flags, Floats]:
        """Take in what costs nothing more; return the least money more that each other gain needs.

        The gains of most worth come first.
        """
        short = np.zeros(len(self.worth))
        order = sorted(range(len(self.worth)), key=lambda gain: (-self.worth[gain], gain))
        again = True
        while again:
            again = False
            short[:] = 0
            had = self.had(built)[:, -1]
            for gain in order:
                if had[gain]:
                    continue
                fuller, short[gain] = self._forced(gain, built)
                if short[gain] <= 0:
                    built, again = fuller, True
                    had = self.had(built)[:, -1]
        return built, short

    def _forced(self, gain: int, kept: Flags) -> tuple[Flags, float]:
        """Let a gain in for least money, every piece of the plan kept in its year."""
        years = self._years
        sets = {one for one in self._known if one[0] == gain} | self._lacked(gain, kept)
        left = self._purse @ (self._budget - self.spent(kept))
        while True:
            open_sets = [pieces for _, pieces in sets if not kept[list(pieces), -1].any()]
            pieces = self._with_earlier(frozenset().union(*open_sets), kept)
            # In units of what these pieces cost: the solver would not see a millionth of all.
            scale = self._cost[pieces].sum()
            position = {piece: at for at, piece in enumerate(pieces)}
            count = len(pieces)
            size = (count + 1) * years  # the last are what each year must have more
            rows: list[Floats] = []
            floors: list[float] = []
            for needed in open_sets:
                row = np.zeros(size)
                row[[position[piece] * years + years - 1 for piece in needed]] = 1
                rows.append(row)
                floors.append(1)
            pairs = [
                (position[late] * years + year, position[early] * years + year)
                for late, early in self._after
                if late in position and early in position
                for year in range(years)
            ]
            pairs += [
                (at * years + year, at * years + year + 1)
                for at in range(count)
                for year in range(years - 1)
            ]
            # A piece waits until what it hangs on, and is in the plan, is built.
            high = np.ones(size)
            high[count * years :] = np.inf
            for late, early in self._after:
                if late in position and early not in position:
                    at = position[late] * years
                    high[at : at + years] = np.minimum(high[at : at + years], kept[early])
            for one, other in pairs:
                row = np.zeros(size)
                row[one], row[other] = -1, 1
                rows.append(row)
                floors.append(0)
            in_year = np.eye(years) - np.eye(years, k=-1)
            use = self._purse @ np.kron(self._cost[None, pieces], in_year)
            money = np.hstack([use / scale, -self._purse])
            solved = milp(
                np.append(np.zeros(count * years), np.ones(years)),
                integrality=np.append(np.ones(count * years), np.zeros(years)),
                bounds=Bounds(0, high),
                constraints=[
                    LinearConstraint(np.array(rows), lb=np.array(floors)),
                    LinearConstraint(money, ub=np.minimum(left / scale, 1)),
                ],
            )
            assert solved.x is not None, "with enough money every gain is had"
            done = solved.x[: count * years] > 0.5
            built = kept.copy()
            built[pieces] = done.reshape(count, years)
            fresh = self._lacked(gain, built)
            if not fresh:
                over = use @ done - left
                over = np.maximum(np.where(over > _ROUNDING * scale, over, 0), 0)
                # What an earlier year has more is there later on, where it may be carried over.
                return built, float(over.max() if self._purse[-1, 0] else over.sum())
            sets |= fresh

    def _lacked(self, gain: int, built: Flags) -> set[tuple[int, frozenset[int]]]:
        """Return the sets of which a gain has no piece by the last year."""
        return {(one, frozenset(its)) for one, its in self._lacks(built[:, -1]) if one == gain}

    def _with_earlier(self, pieces: Collection[int], kept: Flags) -> list[int]:
        """Return pieces that are not built, with all those on which they hang."""
        earlier: dict[int, list[int]] = {}
        for late, early in self._after:
            earlier.setdefault(late, []).append(early)
        found: set[int] = set()
        waiting = [piece for piece in pieces if not kept[piece, -1]]
        while waiting:
            piece = waiting.pop()
            if piece not in found:
                found.add(piece)
                waiting += [one for one in earlier.get(piece, []) if not kept[one, -1]]
        return sorted(found)
