"""What if these cells were others: only what they can reach is predicted anew."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ..._on_disk import copy_on_write
from ...errors import InputError, Problem
from ...inputs import Source, check_rows, read_table
from ...radio import Best, Site, best_of, check_cells, exchange
from ...service import stations_of_cells
from ...study import Study
from ...tables import CELLS, Table
from ..gathered import Gathered, gather
from ..load import operators_of
from ..parts.coverage import COVERAGE
from ..parts.coverage.count import Coverage, count_covered, required
from ..parts.coverage.inputs import CoverageInputs
from ..parts.coverage.signal import PredictedSignal, fold, reached_by
from ..parts.part import Found, Part
from ..parts.territory import TERRITORY, OnAir, active
from ..parts.territory.part import lay_out
from ..parts.territory.part import take as territory_inputs
from ..records import Note, Resources, ServiceRasters

FILE = "cells"
SCENARIO = "scenario.geojson"
NOWHERE = -1
SAME_PLACE_M = 0.01
"""Told in degrees and read again, a place is off by a millimetre: no datum turns back exactly."""
MASTS_EXCHANGED = 4
"""Where more differ, folding all that reach the area costs less than telling them apart."""


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
    cells = _as_of_a_file(cells, before.loaded.tables["cells"], study)
    loaded = replace(before.loaded, tables={**before.loaded.tables, "cells": cells})
    inputs = COVERAGE.take(study, loaded)
    if isinstance(inputs, Note):
        raise ValueError("a study whose coverage was computed has what coverage needs")
    units, on_air = required(before.found[TERRITORY])
    new = active(cells, inputs.as_of)
    rows, of = _rows(coverage.cells, new)
    of_territory = lay_out(
        territory_inputs(study, loaded), units, _stations(on_air, rows, new.iloc[of], inputs)
    )
    territory, ground = of_territory.record, coverage.ground
    signal = _signal(coverage, inputs, new, (rows, of), resources)
    uncalibrated = None
    if coverage.uncalibrated is not None:
        was = replace(
            coverage, services=coverage.uncalibrated.services, plan=coverage.uncalibrated.plan
        )
        uncalibrated = _signal(was, inputs.uncalibrated, new, (rows, of), resources)
    of_coverage = count_covered(
        inputs,
        ground,
        territory,
        signal,
        on_progress=resources.on_progress,
        before=coverage.sums,
        uncalibrated=uncalibrated,
    )
    found = Found({TERRITORY.name: of_territory, COVERAGE.name: of_coverage})
    return gather(study, loaded, parts, found, notes=[Note("pipeline.what_if_no_verdicts", {})])


def read_scenario(before: Gathered, path: Path) -> gpd.GeoDataFrame:
    """Read cells that stand in a file of their own, such as a scenario of the page that computes.

    Parameters
    ----------
    before : Gathered
        Of the study whose cells they replace.
    path : Path
        In any form that a study's cells may have.

    Returns
    -------
    GeoDataFrame
        In the CRS of the study.

    Raises
    ------
    InputError
        With every row that could not stand in a file of the study.
    """
    study = before.study
    source = Source(path=path, shown=path.name, anywhere=study.country == "any")
    checked = read_table(
        source, CELLS, crs=study.crs, set_aside_faulty=False, operators=operators_of(study)
    )
    faults = check_cells(checked.table, before.loaded.patterns, rows=checked.rows)
    if faults:
        raise InputError(fault for found in faults.values() for fault in found)
    return checked.table


def scenario_of_text(before: Gathered, text: str) -> gpd.GeoDataFrame:
    """Read the text of a scenario's file, as the page that computes hands it over."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / SCENARIO
        path.write_text(text, encoding="utf-8")
        return read_scenario(before, path)


def _require(cells: gpd.GeoDataFrame, given: gpd.GeoDataFrame) -> None:
    """Refuse a table that cannot be compared with the cells of the result."""
    if not isinstance(cells, gpd.GeoDataFrame) or "geometry" not in cells:
        raise InputError([Problem(message="pipeline.what_if_geometry", file=FILE)])
    problems = [
        Problem(message="pipeline.what_if_column", file=FILE, column=field.name)
        for field in CELLS.fields
        if field.name in given and field.name not in cells
    ]
    problems += [
        Problem(message="pipeline.what_if_column_twice", file=FILE, column=str(name))
        for name in cells.columns[cells.columns.duplicated()].unique()
    ]
    if "cell_id" in cells and cells.columns.is_unique:
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


def _as_of_a_file(
    cells: gpd.GeoDataFrame, known: gpd.GeoDataFrame, study: Study
) -> gpd.GeoDataFrame:
    """Check cells as those of a file are, and keep their order; those known were checked before."""
    if cells.empty:
        return cells
    check = partial(check_rows, shown=FILE, crs=study.crs, anywhere=study.country == "any")
    if set(cells.columns) == set(known.columns):
        both = _Compared(known, cells)
        others = np.setdiff1d(np.arange(len(cells)), both.new[both.same])
        at, there = both.old[both.same], both.new[both.same]
        if not others.size:
            return _in_order(known.iloc[at], there)
        table, wanted, was = CELLS, cells.iloc[others], None
        if len(both.new) == len(cells):  # no cell is new: what did not change was checked
            table = _only(both.differing)
            wanted = wanted[[*table.columns, cells.geometry.name]]
            was = known.iloc[both.old[np.argsort(both.new)][others]]
        with suppress(InputError):  # told below, with the rows of the whole table
            checked = check(wanted, table)
            found, order = checked.table, np.asarray(checked.rows) - 1
            if was is not None:
                found = was.iloc[order].assign(**{str(name): found[name].array for name in found})
            return _in_order(pd.concat([known.iloc[at], found]), np.append(there, others[order]))
    checked = check(cells, CELLS)
    return _in_order(checked.table, np.asarray(checked.rows))


def _only(names: Collection[str]) -> Table:
    """Return the table of cells with the key, these columns, and what is judged with them."""
    wanted = {*CELLS.key, *names}
    one_of = CELLS.one_of if wanted & set(CELLS.one_of) else ()
    fields = tuple(field for field in CELLS.fields if field.name in wanted.union(one_of))
    return replace(CELLS, fields=fields, one_of=one_of)


def _in_order(table: pd.DataFrame, rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
    ordered = table.iloc[np.argsort(rows)].reset_index(drop=True)
    assert isinstance(ordered, gpd.GeoDataFrame), "cells have places"
    return ordered


class _Compared:
    """The cells that two tables have in common, in the order of the old one.

    Attributes
    ----------
    old, new : ndarray of int
        Where they stand in the two tables.
    same : ndarray of bool
        Which of them are the same in both.
    differing : set of str
        The columns in which some of them are not.
    """

    def __init__(self, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> None:
        before, after = (pd.Index(table["cell_id"]) for table in (old, new))
        there = after.get_indexer(before)
        self.old = np.flatnonzero(there >= 0)
        self.new = there[self.old]
        one = old.iloc[self.old].reset_index(drop=True)
        other = new.iloc[self.new].reset_index(drop=True)
        away_m = one.geometry.distance(other.geometry, align=False)
        self.same = np.array((away_m <= SAME_PLACE_M) & (one.geom_type == other.geom_type))
        self.differing: set[str] = set()
        for name in CELLS.columns:
            if name == "cell_id" or name not in old or one[name].equals(other[name]):
                continue
            empty, both = (one[name].isna(), other[name].isna())
            # Of mixed values a missing one equals nothing, and cannot even be asked.
            value = other[name].mask(both, None) if other[name].dtype == object else other[name]
            equal = (one[name] == value).fillna(value=False).astype(bool)
            equal |= empty & both
            if not equal.all():
                self.differing.add(name)
                self.same &= equal.to_numpy()


def _signal(
    before: Coverage,
    inputs: CoverageInputs,
    new: gpd.GeoDataFrame,
    moved: tuple[NDArray[np.int32], NDArray[np.int32]],
    resources: Resources,
) -> PredictedSignal:
    """Return the signal of other cells: what was, with what they change put in its place."""
    ground, (rows, of) = before.ground, moved
    come = inputs.plan(
        new.iloc[of].reset_index(drop=True), ground, cache_folder=resources.cache_folder
    )
    conditions = before.plan.conditions
    if (conditions.cache and conditions.cache.folder) != resources.cache_folder:
        conditions = replace(conditions, cache=come.conditions.cache)
    plan = replace(before.plan, conditions=conditions).with_cells(new, rows, come, of)
    names = np.append(rows, np.int32(NOWHERE))
    services, stayed = dict(before.services), np.flatnonzero(rows != NOWHERE)
    if not (rows[stayed] == stayed).all():  # those that go serve within the area alone
        services = {name: _with_rows(rasters, names) for name, rasters in services.items()}
    stations = [station for site in before.plan.sites for station in site.stations]
    gone = [station for station in stations if rows[station[0][1].row] == NOWHERE]
    coming = {*of.tolist()}  # a site of `come` is none of those that were
    sites: dict[bool, list[Site]] = {True: [], False: []}
    for site in plan.sites:
        sites[site.stations[0][0][1].row in coming].append(site)
    put = [station for site in sites[True] for station in site.stations]
    area = reached_by([*gone, *put], plan.conditions, ground.near)
    nowhere = slice(0, 0), slice(0, 0)
    if area is None:
        return PredictedSignal(services, plan.rejected, plan, others=nowhere)
    if len({place for station in (*gone, *put) for place, _ in station}) > MASTS_EXCHANGED:
        best = fold(plan, Best(len(plan.services), area), resources)
        changed = np.ones(best.margin.shape, dtype=bool)
    else:
        resources.on_progress("pipeline.step_predict", 0, 1)
        best = best_of([*before.services.values()], names, area, conditions)
        was = [layer.copy() for layer in best.layers]
        exchange(
            best,
            gone=gone,
            others=sites[False],
            come=put,
            services=plan.services,
            conditions=conditions,
        )
        resources.on_progress("pipeline.step_predict", 1, 1)
        changed = np.any([new != old for new, old in zip(best.layers, was, strict=True)], axis=0)
        if not changed.any():
            return PredictedSignal(services, plan.rejected, plan, others=nowhere)
        at = _around(changed.any(axis=(0, 2))), _around(changed.any(axis=(0, 1)))
        best, changed = best.part(*at), changed[:, *at]
        area = best.grid
    anew, (row, column) = plan.values(best), ground.near.offset(area)
    others = slice(row, row + area.height), slice(column, column + area.width)
    services = {
        name: ServiceRasters(
            **{
                field.name: _paste(
                    getattr(rasters, field.name), anew[name][field.name], others, where
                )
                for field in fields(ServiceRasters)
            }
        )
        for (name, rasters), where in zip(services.items(), changed, strict=True)
    }
    return PredictedSignal(services, plan.rejected, plan, others=others)


def _around(flags: NDArray[np.bool_]) -> slice:
    """Return the shortest slice that holds every flagged element."""
    there = np.flatnonzero(flags)
    return slice(int(there[0]), int(there[-1]) + 1)


def _stations(
    before: OnAir, rows: NDArray[np.int32], come: gpd.GeoDataFrame, inputs: CoverageInputs
) -> gpd.GeoDataFrame:
    """Return the stations on air: those of which no cell changes, and those of the others."""
    stayed = before.cells["station_id"].to_numpy()[rows != NOWHERE]
    table = before.stations
    table = table[pd.Index(stayed).unique().get_indexer(table["station_id"]) >= 0]
    if len(come):
        gathered = stations_of_cells(come, inputs.communes)
        table = gpd.GeoDataFrame(pd.concat([table, gathered]), crs=table.crs)
    return table.sort_values("station_id", ignore_index=True)


def _rows(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the new rows of the old cells, and the rows of new cells of stations that change.

    A station changes with any of its cells; its old cells have no new row.
    """
    both = _Compared(old, new)
    same = both.old[both.same], both.new[both.same]
    if not (np.diff(same[1]) > 0).all():  # the order decides between equals
        same = same[0][:0], same[1][:0]
    changed: set[str] = set()
    for cells, at in zip((old, new), same, strict=True):
        changed.update(np.delete(cells["station_id"].to_numpy(), at))
    rows = pd.Index(new["cell_id"]).get_indexer(old["cell_id"]).astype(np.int32)
    gone, come = (
        np.flatnonzero(pd.Index(list(changed)).get_indexer(cells["station_id"]) >= 0)
        for cells in (old, new)
    )
    rows[gone] = NOWHERE
    return rows, come.astype(np.int32)


def _with_rows(rasters: ServiceRasters, rows: NDArray[np.int32]) -> ServiceRasters:
    """Let servers be called by other rows; the last entry stands for none, which is -1."""
    best, second = (
        server.copy(deep=False, data=rows[server.to_numpy()])
        for server in (rasters.best_server, rasters.second_server)
    )
    return replace(rasters, best_server=best, second_server=second)


def _paste(
    whole: xr.DataArray, part: NDArray[Any], at: tuple[slice, slice], where: NDArray[np.bool_]
) -> xr.DataArray:
    """Return a raster with a part of it put in place; what stays as it is takes no memory."""
    values = copy_on_write(whole.to_numpy())
    np.copyto(values[at], part, where=where)
    return whole.copy(deep=False, data=values)
