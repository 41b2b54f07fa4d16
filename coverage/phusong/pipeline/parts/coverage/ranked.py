"""The best masts where residents, villages and centres are: what verdicts are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...._on_disk import full_on_disk
from ....grid import Grid, grid_of
from ....radio import Plan
from ....radio.contenders import RankedBest
from ....study import Target
from ..territory import Territory, Units
from .probability import masts_of

RANKED_MASTS = "ranked_masts"
"""What a part wants of coverage that reads `Ranked`."""
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


def ranking(plan: Plan, near: Grid, pixel: NDArray[np.int64]) -> RankedBest:
    """Return an empty ranking of the plan's masts at some pixels."""
    return RankedBest(
        len(plan.services),
        near,
        full_on_disk,
        pixels=pixel,
        mast_of_cell=masts_of(plan.cells, near).tolist(),
        ranks=RANKS,
    )


def pixels_counted(
    units: Units, territory: Territory, targets: tuple[Target, ...]
) -> NDArray[np.int64]:
    """Return the pixels where something is counted: residents, villages, centres, area if asked."""
    grid, people = grid_of(units.residents.raster), units.residents.communes.people
    there = np.zeros(grid.height * grid.width, dtype=bool)
    there[people.indices[people.data > 0]] = True
    if any(target.denominator == "area" for target in targets):
        there[units.residents.communes.zones.weights.indices] = True
    points = (
        [units.centres]
        if territory.villages is None
        else [units.centres, territory.villages.geometry]
    )
    for each in points:
        row, column, inside = grid.index(each.x, each.y)
        there[(row * grid.width + column)[inside]] = True
    return np.flatnonzero(there)
