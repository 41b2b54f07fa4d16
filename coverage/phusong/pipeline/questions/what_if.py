"""What if these cells were others: only what they can reach is predicted anew."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from shapely import box

from ...errors import InputError, Problem
from ...grid import Grid, grid_of
from ...inputs import check_rows
from ...tables import CELLS
from ..gathered import Gathered, gather
from ..parts import Part
from ..parts.coverage import COVERAGE
from ..parts.coverage.count import count_covered, required
from ..parts.coverage.signal import PredictedSignal, cut, predict_signal
from ..parts.part import Found
from ..parts.territory import TERRITORY
from ..parts.territory.part import lay_out
from ..parts.territory.part import take as territory_inputs
from ..records import Note, Resources, ServiceRasters

FILE = "cells"
NOWHERE = -1


def with_cells(
    before: Gathered,
    parts: Sequence[Part[Any, Any]],
    cells: gpd.GeoDataFrame,
    resources: Resources,
) -> Gathered:
    """Compute the coverage with other cells; see `phusong.what_if`.

    Parameters
    ----------
    before : Gathered
        Of a run with coverage.
    parts : sequence of Part
        Every part there is, for the board.
    cells : GeoDataFrame
        As `tables.CELLS`.
    resources : Resources

    Raises
    ------
    ValueError
        If `before` has no coverage.
    """
    study, coverage = before.study, before.found.get(COVERAGE)
    if coverage is None:
        raise ValueError("what_if starts from a result with coverage")
    _require(cells, coverage.cells)
    cells = _as_of_a_file(cells, study.crs)
    loaded = replace(before.loaded, tables={**before.loaded.tables, "cells": cells})
    inputs = COVERAGE.take(study, loaded)
    if isinstance(inputs, Note):
        raise ValueError("a study whose coverage was computed has what coverage needs")
    of_territory = lay_out(territory_inputs(study, loaded), before.found[TERRITORY].units)
    territory, ground = of_territory.record, coverage.ground
    _, on_air = required(territory)
    old, new = coverage.cells, on_air.cells
    signal = PredictedSignal(
        services=_renumbered(coverage.services, old, new), rejected=coverage.rejected
    )
    # One pixel more, because a grid is rounded out to whole pixels.
    reach_m = inputs.files.radius_m + inputs.files.resolution_m
    kept = _kept(old, new)
    gone, come = (table[~table["cell_id"].isin(kept)] for table in (old, new))
    if len(gone) or len(come):
        places = pd.concat([gone.geometry, come.geometry], ignore_index=True)
        area = _area(places, reach_m, ground.near)
        reaches_area = new.within(box(*area.bounds).buffer(reach_m, join_style="mitre"))
        # New and changed cells are predicted even outside that area, to refuse faulty ones.
        near_by = new[reaches_area | new["cell_id"].isin(come["cell_id"])]
        around = _around(area, 2 * reach_m, grid_of(ground.height_m))
        again = predict_signal(
            inputs,
            near_by.reset_index(drop=True),
            replace(
                ground,
                height_m=cut(ground.height_m, around),
                clutter_m=None if ground.clutter_m is None else cut(ground.clutter_m, around),
            ),
            area,
            resources,
        )
        signal = _pasted(signal, again, area, near_by.index.to_numpy(), new)
    of_coverage = count_covered(
        inputs, ground, territory, signal, on_progress=resources.on_progress
    )
    found = Found({TERRITORY.name: of_territory, COVERAGE.name: of_coverage})
    return gather(study, loaded, parts, found)


def _require(cells: gpd.GeoDataFrame, given: gpd.GeoDataFrame) -> None:
    """Refuse a table that cannot be compared with the cells of the result."""
    problems = [
        Problem(message="pipeline.what_if_column", file=FILE, column=field.name)
        for field in CELLS.fields
        if field.name in given and field.name not in cells
    ]
    if "cell_id" in cells:
        repeated = cells["cell_id"][cells["cell_id"].duplicated()].unique()
        problems += [
            Problem(message="pipeline.what_if_repeated", file=FILE, column="cell_id", value=cell)
            for cell in repeated
        ]
    if cells.crs != given.crs:
        problems.append(
            Problem(
                message="pipeline.what_if_crs",
                file=FILE,
                value=str(cells.crs),
                values={"expected": str(given.crs)},
            )
        )
    if problems:
        raise InputError(problems)


def _as_of_a_file(cells: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Check cells as those of a file are, and keep their order."""
    if cells.empty:
        return cells
    checked = check_rows(cells, CELLS, shown=FILE, crs=crs)
    order = np.argsort(np.asarray(checked.rows))
    table = checked.table.iloc[order].reset_index(drop=True)
    assert isinstance(table, gpd.GeoDataFrame), "cells have places"
    return table


def _kept(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> "pd.Index[str]":
    """Return the cells that are the same in both tables.

    None if they are in another order there: the order decides between equals.
    """
    before, after = (table.set_index("cell_id") for table in (old, new))
    both = before.index.intersection(after.index, sort=False)
    same = before.loc[both].geometry.geom_equals(after.loc[both].geometry)
    for name in CELLS.columns:
        if name != "cell_id" and name in old:
            one, other = before.loc[both, name], after.loc[both, name]
            same &= (one == other).fillna(value=False).astype(bool) | (one.isna() & other.isna())
    kept: pd.Index[str] = both[same]
    order = np.diff(after.index.get_indexer(kept))
    return kept if (order > 0).all() else kept[:0]


def _area(places: gpd.GeoSeries, reach_m: float, near: Grid) -> Grid:
    """Return the part of the grid that cells at these places can reach; all of it if none does."""
    reached = places[places.intersects(box(*near.bounds).buffer(reach_m, join_style="mitre"))]
    west, south, east, north = reached.total_bounds
    return (
        _overlap((west - reach_m, south - reach_m, east + reach_m, north + reach_m), near) or near
    )


def _around(area: Grid, distance_m: float, wide: Grid) -> Grid:
    """Return the part of the wide grid no farther than a distance from the area."""
    west, south, east, north = area.bounds
    wanted = (west - distance_m, south - distance_m, east + distance_m, north + distance_m)
    found = _overlap(wanted, wide)
    assert found is not None, "an area lies within its own surroundings"
    return found


def _overlap(bounds: tuple[float, float, float, float], grid: Grid) -> Grid | None:
    west, south, east, north = (
        pick(one, other)
        for pick, one, other in zip((max, max, min, min), bounds, grid.bounds, strict=True)
    )
    if not (west < east and south < north):
        return None
    return Grid.covering((west, south, east, north), resolution_m=grid.resolution_m, crs=grid.crs)


def _renumbered(
    services: Mapping[str, ServiceRasters], old: gpd.GeoDataFrame, new: gpd.GeoDataFrame
) -> dict[str, ServiceRasters]:
    """Let best servers mean rows of the new cells; what is gone becomes none."""
    position = pd.Series(np.arange(len(new), dtype=np.int32), index=new["cell_id"])
    moved = np.asarray(position.reindex(old["cell_id"], fill_value=NOWHERE), np.int32)
    return {name: _with_rows(rasters, moved) for name, rasters in services.items()}


def _with_rows(rasters: ServiceRasters, rows: NDArray[np.int32]) -> ServiceRasters:
    server = rasters.best_server
    known = server.to_numpy()
    # The last entry stands for "none", which is -1.
    return replace(rasters, best_server=server.copy(data=np.append(rows, np.int32(NOWHERE))[known]))


def _pasted(
    whole: PredictedSignal,
    part: PredictedSignal,
    area: Grid,
    rows: NDArray[np.int64],
    new: gpd.GeoDataFrame,
) -> PredictedSignal:
    """Put what was predicted anew in its place; `rows` are the part's cells among the new ones."""
    services = {}
    for name, rasters in whole.services.items():
        again = _with_rows(part.services[name], rows.astype(np.int32))
        services[name] = ServiceRasters(
            **{
                field.name: _paste(getattr(rasters, field.name), getattr(again, field.name), area)
                for field in fields(ServiceRasters)
            }
        )
    anew = set(new["cell_id"].iloc[rows])
    still = whole.rejected["cell_id"].isin(set(new["cell_id"]) - anew)
    rejected = pd.concat([whole.rejected[still], part.rejected])
    row = pd.Series(np.arange(len(new)), index=new["cell_id"])
    rejected = rejected.sort_values("cell_id", key=lambda ids: ids.map(row), ignore_index=True)
    return PredictedSignal(services=services, rejected=rejected)


def _paste(whole: xr.DataArray, part: xr.DataArray, area: Grid) -> xr.DataArray:
    row, column = grid_of(whole).offset(area)
    pasted = whole.copy(deep=True)
    pasted[row : row + area.height, column : column + area.width] = part.to_numpy()
    return pasted
