"""Why no plan meets the targets, and what would do."""

import math
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from .._types import Floats
from ..errors import InfeasibleSitingError
from ..i18n import both, number
from ._model import ROUNDING, Model, row_of
from ._solver import Clock, Rows, largest
from ._stages import NoPlanError, chosen_in_one_year
from .works import BudgetYear, Demand, Target, Works, of_works

TOLD = 20
"""Targets that a refusal names."""


def refusal(
    model: Model, works: Works, demand: Demand, largest_gap: float, clock: Clock
) -> InfeasibleSitingError:
    """Say what keeps the targets from being met, and what would do."""
    unmet = model.beyond()
    if unmet:
        return _beyond_reach(unmet, works, demand)
    more = _least_more(model, works, demand, largest_gap, clock)
    if more is None:
        return _excluded(model, largest_gap, clock)
    by_year = {each.year: some for each, some in zip(model.years, more, strict=True) if some > 0}
    return InfeasibleSitingError(
        "siting.budget_too_small",
        total=float(sum(map(_up, more))),
        more=both(
            lambda lang: "; ".join(
                f"{year}: {number(_up(some), lang)}" for year, some in by_year.items()
            )
        ),
        by_year=by_year,
    )


def _up(figure: float) -> float:
    """Round a figure up, but for the last binary digits."""
    return math.ceil(round(figure, 3))


def _beyond_reach(
    unmet: list[tuple[Target, float]], works: Works, demand: Demand
) -> InfeasibleSitingError:
    reached = np.asarray(works.covers.sum(axis=0)).ravel() > 0
    inside = np.unique(np.concatenate([target.demand for target, _ in unmet]))
    lost = inside[~reached[inside] & (demand.people[inside] > 0)]
    return InfeasibleSitingError(
        "siting.beyond_reach",
        targets=both(
            lambda lang: "; ".join(
                [
                    *(
                        f"{one.target_id}: {number(some, lang)} / {number(one.people, lang)}"
                        for one, some in unmet[:TOLD]
                    ),
                    *([f"… ({number(len(unmet), lang)})"] if len(unmet) > TOLD else []),
                ]
            )
        ),
        count=len(lost),
        unreached=tuple(lost.tolist()),
        missed=tuple((one.target_id, some, one.people) for one, some in unmet),
    )


def _least_more(
    model: Model, works: Works, demand: Demand, largest_gap: float, clock: Clock
) -> Floats | None:
    """Return the least money that each year must have more; None if no money will do.

    Where a gap is allowed, first by the works of the cheapest plan with all money in one year:
    years together cannot do with less.
    """
    if largest_gap > 0:
        last = model.years[-1].year
        free = BudgetYear(year=last, budget_vnd=float(works.table["cost_vnd"].sum()))
        due = [replace(target, year=last) for target in model.targets]
        try:
            chosen = chosen_in_one_year(
                works, demand, free, due, aim="money", largest_gap=largest_gap, clock=clock
            )
        except NoPlanError:
            return None
        if chosen is not None:
            fewer = Model(
                *of_works(works, demand, chosen[0]), model.years, model.targets,
                carry_over=model.carry_over,
            )  # fmt: skip
            more = None if fewer.beyond() else _more(fewer, largest_gap / 2, clock)
            money = float(model.budget.sum())
            if more is not None and money + more.sum() - chosen[1] <= largest_gap * chosen[1]:
                return more
    return _more(model, largest_gap, clock)


def _more(model: Model, largest_gap: float, clock: Clock) -> Floats | None:
    count, years = model.counts
    limit, scale = model.purse @ model.budget, model.money_scale
    spending = hstack([model.spending(), csr_array(-model.purse)])
    money = Rows(matrix=csr_array(spending), high=limit / scale)
    size = model.size + years
    met, low = model.met()
    rows = [*(_wider(each, years) for each in (*model.rows, met)), money]
    while True:
        solved = largest(
            -np.append(np.zeros(model.size), np.ones(years)),
            rows,
            whole=np.arange(size) < count * years,
            low=np.append(low, np.zeros(years)),
            high=np.append(np.ones(model.size), np.full(years, np.inf)),
            largest_gap=largest_gap,
            clock=clock,
        )
        if solved.values is None:
            return None
        built = (solved.values[: count * years] > 0.5).reshape(count, years)
        fresh = [_wider(each, years) for each in model.short_of(built)]
        if not fresh:
            break
        rows += fresh
    new = np.diff(built.astype(float), axis=1, prepend=0)
    over: Floats = model.purse @ (model.cost @ new) - limit
    over = np.maximum(np.where(over > ROUNDING * scale, over, 0), 0)
    if model.carry_over:  # what an earlier year has more is there later on
        over = np.diff(np.maximum.accumulate(over), prepend=0)
    return over


def _excluded(model: Model, largest_gap: float, clock: Clock) -> InfeasibleSitingError:
    """Say by how many people the targets are missed where works exclude each other."""
    size, (count, years) = model.size, model.counts
    short = len(model.targets)
    enough = [csr_array((0, size + short))]
    for row, (target, groups, people) in enumerate(model.wanted):
        inside, scale = np.flatnonzero(groups), max(target.people, 1.0)
        served = (count + inside) * years + model.position(target.year)
        share = people[inside] / scale
        at = np.append(served, size + row)  # people that are missing
        enough.append(row_of(at, np.append(share, 1 / scale), size + short))
    needed = [target.people / max(target.people, 1.0) for target in model.targets]
    solved = largest(
        -np.append(np.zeros(size), np.ones(short)),
        [
            *(_wider(each, short) for each in model.rows),
            Rows(matrix=csr_array(vstack(enough)), low=np.array(needed)),
        ],
        whole=np.arange(size + short) < count * years,
        high=np.append(np.ones(size), np.full(short, np.inf)),
        largest_gap=largest_gap,
        clock=clock,
    )
    assert solved.values is not None, "to miss every target is always possible"
    missed = tuple(
        (target.target_id, float(some), None)
        for target, some in zip(model.targets, solved.values[size:], strict=True)
        if some > ROUNDING * target.people
    )
    return InfeasibleSitingError(
        "siting.works_exclude",
        targets=both(
            lambda lang: "; ".join(f"{name}: {number(some, lang)}" for name, some, _ in missed)
        ),
        missed=missed,
    )


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
