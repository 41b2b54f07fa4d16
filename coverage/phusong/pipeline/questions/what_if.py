"""What if these cells were others: only what they can reach is predicted anew."""

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from shapely import box

from ...errors import InputError, Problem
from ...grid import Grid, grid_of
from ...tables import CELLS
from ..parts.coverage.settings import on_air, radio_of
from ..parts.coverage.signal import Basis, Heard, count_covered, cut, hear
from ..progress import Progress, default_progress
from ..result import Result, ServiceRasters
from ..run import Part, assemble

FILE = "cells"
COVERAGE: tuple[Part, ...] = ("coverage",)
NOWHERE = -1


def what_if(
    result: Result,
    cells: gpd.GeoDataFrame,
    *,
    threads: int | None = None,
    cache_folder: Path | str | None = None,
    on_progress: Progress | None = None,
) -> Result:
    """Compute the coverage with other cells: moved, raised, turned, added, switched off.

    Cells are compared with those of `result` by ``cell_id``. Signal is predicted
    anew only within reach of those that differ; the answer is that of a whole
    run with these cells.

    Parameters
    ----------
    result : Result
        Of a run with coverage.
    cells : GeoDataFrame
        As `tables.CELLS`, for instance a changed copy of ``result.cells`` or of
        ``result.inputs["cells"]``, which also holds those that are off the air.
        Those on air on the study's date count.
    threads, cache_folder, on_progress
        See `run`.

    Returns
    -------
    Result
        Of the coverage part alone; fibre and e-government are not computed.

    Raises
    ------
    ValueError
        If `result` has no coverage.
    InputError
        If columns are missing, a cell is repeated, or the CRS is not the study's.
    ModelRangeError
        If a cell lies outside the ranges of the propagation model.

    Examples
    --------
    Every antenna 10 m higher:

    >>> import tempfile
    >>> from phusong import open_study, run
    >>> from phusong.synthetic import write_small_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_small_study(Path(folder))
    ...     before = run(open_study(folder), threads=1)
    ...     taller = before.cells.assign(antenna_height_m=before.cells.antenna_height_m + 10)
    ...     after = what_if(before, taller, threads=1)
    >>> shares = [found.province["covered_population_share_mobile"][0] for found in (before, after)]
    >>> bool(shares[0] < shares[1])
    True
    """
    basis = result.basis
    if basis is None or basis.coverage is None or basis.ground is None:
        raise ValueError("what_if starts from a result with coverage")
    study, on_progress = result.study, on_progress or default_progress()
    _require(cells, basis.coverage.cells)
    tables = {**basis.loaded.tables, "cells": cells}
    new, old = on_air(cells, study), basis.coverage.cells
    # A pixel more, for grids end on whole pixels.
    reach_m = radio_of(study).radius_km * 1000 + study.resolution_m
    heard = Heard(
        services=_renumbered(basis.coverage.services, old, new),
        rejected=basis.coverage.rejected,
    )
    kept = _kept(old, new)
    gone, come = (table[~table["cell_id"].isin(kept)] for table in (old, new))
    if len(gone) or len(come):
        places = pd.concat([gone.geometry, come.geometry], ignore_index=True)
        area = _area(places, reach_m, basis.ground.near)
        heard_here = new.within(box(*area.bounds).buffer(reach_m, join_style="mitre"))
        # Those that differ are asked about wherever they stand: they may be refused.
        near_by = new[heard_here | new["cell_id"].isin(come["cell_id"])]
        around = _around(area, 2 * reach_m, grid_of(basis.ground.height_m))
        again = hear(
            study,
            near_by.reset_index(drop=True),
            cut(basis.ground.height_m, around),
            None if basis.ground.clutter_m is None else cut(basis.ground.clutter_m, around),
            area,
            air=basis.ground.air,
            patterns=basis.loaded.patterns,
            threads=threads or os.cpu_count() or 1,
            cache_folder=None if cache_folder is None else Path(cache_folder),
            on_progress=on_progress,
        )
        heard = _pasted(heard, again, area, near_by.index.to_numpy(), new)
    coverage = count_covered(study, tables, basis.ground, new, heard, on_progress=on_progress)
    changed = Basis(replace(basis.loaded, tables=tables), basis.ground, coverage)
    return assemble(study, changed, [*coverage.notes], COVERAGE)


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
                message="pipeline.what_if_crs", file=FILE, value=str(cells.crs),
                values={"expected": str(given.crs)},
            )
        )  # fmt: skip
    if problems:
        raise InputError(problems)


def _kept(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> "pd.Index[str]":
    """Return the cells that are the same in both tables.

    None if they are in another order there: the order settles ties.
    """
    before, after = (table.set_index("cell_id") for table in (old, new))
    both = before.index.intersection(after.index, sort=False)
    same = before.loc[both].geometry.geom_equals(after.loc[both].geometry)
    for name in CELLS.columns:
        if name != "cell_id" and name in old:
            one, other = before.loc[both, name], after.loc[both, name]
            same &= (one == other).fillna(value=False).astype(bool) | (one.isna() & other.isna())
    kept = both[same]
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
    moved = position.reindex(old["cell_id"]).fillna(NOWHERE).to_numpy(np.int32)
    return {name: _with_rows(rasters, moved) for name, rasters in services.items()}


def _with_rows(rasters: ServiceRasters, rows: NDArray[np.int32]) -> ServiceRasters:
    server = rasters.best_server
    known = server.to_numpy()
    # The last entry stands for "none", which is -1.
    return replace(rasters, best_server=server.copy(data=np.append(rows, np.int32(NOWHERE))[known]))


def _pasted(
    whole: Heard, part: Heard, area: Grid, rows: NDArray[np.int64], new: gpd.GeoDataFrame
) -> Heard:
    """Put what was heard anew in its place; `rows` are the part's cells among the new ones."""
    services = {}
    for name, rasters in whole.services.items():
        again = _with_rows(part.services[name], rows.astype(np.int32))
        services[name] = ServiceRasters(
            **{field.name: _paste(getattr(rasters, field.name), getattr(again, field.name), area)
               for field in fields(ServiceRasters)}
        )  # fmt: skip
    anew = set(new["cell_id"].iloc[rows])
    still = whole.rejected["cell_id"].isin(set(new["cell_id"]) - anew)
    rejected = pd.concat([whole.rejected[still], part.rejected])
    row = pd.Series(np.arange(len(new)), index=new["cell_id"])
    rejected = rejected.sort_values("cell_id", key=lambda ids: ids.map(row), ignore_index=True)
    return Heard(services=services, rejected=rejected)


def _paste(whole: xr.DataArray, part: xr.DataArray, area: Grid) -> xr.DataArray:
    grid = grid_of(whole)
    row = round((grid.north_m - area.north_m) / grid.resolution_m)
    column = round((area.west_m - grid.west_m) / grid.resolution_m)
    pasted = whole.copy(deep=True)
    pasted[row : row + area.height, column : column + area.width] = part.to_numpy()
    return pasted
