"""What may be built, who waits for it, and the money: the figures and names of a plan.

A work is anything that is paid for once: a mast of some height, its fibre drop or hop, its
power, cells of an operator on it, the electricity of a village. What serves whom is the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
