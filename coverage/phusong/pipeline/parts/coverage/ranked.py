"""The best masts where residents, villages and centres are: what verdicts are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...._on_disk import GrowingOnDisk, full_on_disk
from ....grid import Grid, blocks, grid_of
from ....radio import Plan
from ....radio.by_operator import OperatorBest
from ....radio.contenders import RankedBest
from ....study import Target
from ..territory import Territory, Units
from .probability import masts_of

RANKED_MASTS = "ranked_masts"
"""What a part wants of coverage that reads `Ranked`."""
BEST_OF_OPERATORS = "best_of_operators"
"""What a part wants besides that reads `ByOperator`."""
RANKS = 3
"""Masts kept at a pixel; those beyond never serve in a draw."""


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """The best masts of some pixels, by service.

    Parameters
    ----------
    pixel : ndarray of int64, shape (n,)
        Row times columns plus column on the grid of the results, rising.
    margin_db : mapping of str to ndarray of float32, shape (n, ranks)
        Of the best cell of each mast, best mast first; -inf for none.
    cell : mapping of str to ndarray of int32, shape (n, ranks)
        These cells, as rows of the cells on air; -1 for none.
    """

    pixel: NDArray[np.int64]
    margin_db: Mapping[str, NDArray[np.float32]]
    cell: Mapping[str, NDArray[np.int32]]

    @classmethod
    def of(cls, best: RankedBest, plan: Plan) -> "Ranked":
        """Return what was ranked, by the services of the plan."""
        names = [rule.id for rule in plan.services]
        return cls(
            pixel=best.pixels,
            margin_db=dict(zip(names, best.ranked_margin, strict=True)),
            cell=dict(zip(names, best.ranked_cell, strict=True)),
        )


@dataclass(frozen=True, kw_only=True)
class ByOperator:
    """The best cell of each operator at the pixels of `Ranked`, for one service.

    Parameters
    ----------
    service : str
        Its identifier.
    operators : tuple of str
        Those of the cells on air that the service admits.
    margin_db : ndarray of float32, shape (n, operators)
        -inf for none.
    cell : ndarray of int32, shape (n, operators)
        As a row of the cells on air; -1 for none.
    """

    service: str
    operators: tuple[str, ...]
    margin_db: NDArray[np.float32]
    cell: NDArray[np.int32]

    @classmethod
    def of(cls, best: RankedBest, service: str | None, plan: Plan) -> "ByOperator | None":
        """Return what was kept; None if nothing was."""
        if service is None or not isinstance(best, OperatorBest):
            return None
        return cls(
            service=service,
            operators=_operators(plan, service),
            margin_db=best.operator_margin,
            cell=best.operator_cell,
        )


def _operators(plan: Plan, service: str) -> tuple[str, ...]:
    (rule,) = (each for each in plan.services if each.id == service)
    of_sites = (sector for site in plan.sites for _, sector in site.placed)
    return tuple(sorted({sector.operator for sector in of_sites if rule.admits(sector)}))


def ranking(
    plan: Plan, near: Grid, pixel: NDArray[np.int64], by_operator: str | None = None
) -> RankedBest:
    """Return an empty ranking of the plan's masts at some pixels.

    With the identifier of a service it keeps the best cell of each operator as well.
    """
    mast_of_cell = masts_of(plan.cells, near).tolist()
    if by_operator is not None:
        known = _operators(plan, by_operator)
        number = {name: k for k, name in enumerate(known)}
        return OperatorBest(
            len(plan.services),
            near,
            full_on_disk,
            pixels=pixel,
            mast_of_cell=mast_of_cell,
            ranks=RANKS,
            layer=[rule.id for rule in plan.services].index(by_operator),
            operator_of_cell=[number.get(name, -1) for name in plan.cells["operator"]],
            operators=len(known),
        )
    return RankedBest(
        len(plan.services),
        near,
        full_on_disk,
        pixels=pixel,
        mast_of_cell=mast_of_cell,
        ranks=RANKS,
    )


def pixels_counted(
    units: Units, territory: Territory, targets: tuple[Target, ...]
) -> NDArray[np.int64]:
    """Return the pixels where something is counted: residents, villages, centres, area if asked."""
    grid, people = grid_of(units.residents.raster), units.residents.communes.people
    there = full_on_disk((grid.height * grid.width,), False, np.dtype(bool))
    for some in blocks(people.nnz):
        there[people.indices[some][people.data[some] > 0]] = True
    if any(target.denominator == "area" for target in targets):
        ground = units.residents.communes.zones.weights
        for some in blocks(ground.nnz):
            there[ground.indices[some]] = True
    points = (
        [units.centres]
        if territory.villages is None
        else [units.centres, territory.villages.geometry]
    )
    for each in points:
        row, column, inside = grid.index(each.x, each.y)
        there[(row * grid.width + column)[inside]] = True
    found = GrowingOnDisk(np.dtype(np.int64))
    for some in blocks(len(there)):
        found.append(some.start + np.flatnonzero(there[some]))
    return found.array()
