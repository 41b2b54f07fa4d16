"""What may be built, who waits for it, and the money: the figures and names of a plan.

A work is anything that is paid for once: a mast of some height, its fibre drop or hop, its
power, cells of an operator on it, the electricity of a village. What serves whom is the caller's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from .._types import Floats, Labels
from ..errors import SitingError


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
    share : ndarray, shape of `demand`, optional
        Of the people of each demand, the share that counts; all of them without it. So demand
        of two communes that overlap counts once for the province.
    """

    target_id: str
    demand: Labels
    people: float
    year: int
    share: Floats | None = None

    def counted(self, people: Floats) -> Floats:
        """Return whom of each of its demand counts.

        Parameters
        ----------
        people : ndarray
            Of all demand.

        Returns
        -------
        ndarray, shape of `demand`
        """
        its: Floats = people[self.demand]
        return its if self.share is None else its * self.share


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


def require_usable(
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


def only(works: Works, names: Collection[str]) -> Works:
    """Return some of the works, with what they need and exclude among themselves.

    Parameters
    ----------
    works : Works
    names : collection of str

    Returns
    -------
    Works
    """
    kept = np.flatnonzero(works.table.index.isin(list(names)))
    table = works.table.iloc[kept]
    known = {*table.index, *table["one_of"].dropna()}
    return Works(
        table=table,
        covers=csr_array(works.covers[kept]),
        needs=[
            Need(work=need.work, any_of=tuple(name for name in need.any_of if name in names))
            for need in works.needs
            if need.work in names
        ],
        apart=[pair for pair in works.apart if known.issuperset(pair)],
    )


def of_works(works: Works, demand: Demand, names: Collection[str]) -> tuple[Works, Demand]:
    """Return some of the works, and the demand, which then waits for these alone.

    Parameters
    ----------
    works : Works
    demand : Demand
    names : collection of str

    Returns
    -------
    Works, Demand
    """
    waits = [
        replace(wait, any_of=tuple(name for name in wait.any_of if name in names))
        for wait in demand.waits
    ]
    return only(works, names), replace(demand, waits=waits)


def with_needs(works: Works, names: Collection[str]) -> set[str]:
    """Return some works, all that these may need, and all that those may.

    Parameters
    ----------
    works : Works
    names : collection of str

    Returns
    -------
    set of str
    """
    needs: dict[str, set[str]] = {}
    for need in works.needs:
        needs.setdefault(need.work, set()).update(need.any_of)
    wanted = fresh = set(names)
    while fresh:
        fresh = {name for work in fresh for name in needs.get(work, ())} - wanted
        wanted = wanted | fresh
    return wanted


def of_demand(works: Works, demand: Demand, its: Labels) -> tuple[Works, Demand]:
    """Return some of the demand alone, with the works that serve it or that those need.

    Parameters
    ----------
    works : Works
    demand : Demand
    its : ndarray of int
        Positions of the demand, in rising order.

    Returns
    -------
    Works, Demand
    """
    covers = csr_array(works.covers[:, its])
    place = np.full(len(demand.people), -1)
    place[its] = np.arange(len(its))
    waits = [
        replace(wait, demand=place[wait.demand][place[wait.demand] >= 0]) for wait in demand.waits
    ]
    waits = [wait for wait in waits if len(wait.demand)]
    wanted = set(works.table.index[np.diff(covers.indptr) > 0])
    wanted = with_needs(works, wanted | {name for wait in waits for name in wait.any_of})
    smaller = Works(table=works.table, covers=covers, needs=works.needs, apart=works.apart)
    return (
        only(smaller, wanted),
        Demand(people=demand.people[its], weight=demand.weight[its], waits=waits),
    )
