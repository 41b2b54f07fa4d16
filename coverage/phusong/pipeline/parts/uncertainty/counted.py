"""What verdicts count, as the engine takes it: residents, villages, centres and land by pixel."""

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...._on_disk import full_on_disk
from ....grid import Grid, grid_of
from ....uncertainty import Counted
from ..coverage.ranked import Ranked
from ..territory import Territory, Units
from .doubt import in_blocks


def counted_by_commune(
    units: Units, territory: Territory, ranked: Ranked, denominators: Iterable[str]
) -> dict[str, Counted]:
    """Return residents, and what else targets are about, by commune and pixel.

    Parameters
    ----------
    units : Units
    territory : Territory
    ranked : Ranked
        Its pixels hold all that is counted.
    denominators : iterable of {"population", "area", "villages", "commune_centres"}
        Those of targets.
    """
    grid, communes = grid_of(units.residents.raster), units.residents.communes
    size, asked = len(communes.table), set(denominators)
    found = {"population": _of_matrix(communes.people, ranked.pixel, erring=True)}
    if "area" in asked:
        found["area"] = _of_matrix(communes.zones.weights, ranked.pixel, erring=False)
    if "commune_centres" in asked:
        found["commune_centres"] = _of_points(
            units.centres, np.arange(size), size, grid, ranked.pixel
        )
    if "villages" in asked and territory.villages is not None:
        villages = territory.villages
        codes = pd.Index(communes.table["commune_code"])
        unit = codes.get_indexer(pd.Index(villages["commune_code"]))
        found["villages"] = _of_points(villages.geometry, unit, size, grid, ranked.pixel)
    return found


def _of_matrix(weights: Any, pixel: NDArray[np.int64], *, erring: bool) -> Counted:
    """Return the entries of a sparse array of units by pixels that are not 0."""
    data, pixels, ends = np.asarray(weights.data), weights.indices, weights.indptr
    count = sum(int(np.count_nonzero(data[some] > 0)) for some in in_blocks(len(data)))
    slot = full_on_disk((count,), 0.0, np.dtype(np.int64))
    weight = full_on_disk((count,), 0.0, np.dtype(np.float64))
    before = np.zeros(len(ends), dtype=np.int64)  # entries that are not 0
    done = 0
    for some in in_blocks(len(data)):
        there = data[some] > 0
        number = np.concatenate([[0], np.cumsum(there)])
        within = (ends >= some.start) & (ends < some.stop)
        before[within] = done + number[ends[within] - some.start]
        into = slice(done, done + int(number[-1]))
        slot[into] = np.searchsorted(pixel, pixels[some][there])
        weight[into] = data[some][there]
        done = into.stop
    before[ends == len(data)] = done
    return Counted(first=before, slot=slot, weight=weight, erring=erring)


def _of_points(
    points: gpd.GeoSeries,
    unit: NDArray[Any],
    size: int,
    grid: Grid,
    pixel: NDArray[np.int64],
) -> Counted:
    """Return points as entries of weight 1; one beyond the grid, or of no unit, is left out."""
    row, column, inside = grid.index(points.x, points.y)
    known = inside & (unit >= 0)
    order = np.argsort(unit[known], kind="stable")
    at = (row * grid.width + column)[known][order]
    return Counted(
        first=np.searchsorted(unit[known][order], np.arange(size + 1)),
        slot=np.searchsorted(pixel, at),
        weight=np.ones(len(at)),
        erring=False,
    )
