"""The coverage part of a run: grid, terrain, prediction, counting, gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import xarray as xr

from ....compute import on_threads
from ....grid import Grid, grid_of
from ....radio import Patterns, Refractivity, Site, merge, plan_prediction, predict_sites
from ....service import (
    UnitCoverage,
    coverage_by_unit,
    gaps,
    stations_of_cells,
    verdicts,
    villages_result,
)
from ....study import Scope, Study
from ....terrain import read_population, spread_population
from ...load import Loaded
from ...progress import Progress
from ...result import Note, ServiceRasters
from .settings import air_of, on_air, radio_of, read_heights, rule_of, settings_of

VILLAGE_RADIUS_M = 250.0
"""Where no raster tells, a village's houses lie within this; see docs/methods/terrain.md."""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What the coverage part of a run finds; tables in the study's CRS."""

    communes: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    province: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame | None
    cells: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    services: Mapping[str, ServiceRasters]
    terrain: xr.DataArray
    population: xr.DataArray
    rejected: pd.DataFrame
    notes: tuple[Note, ...]


def commune_centres(
    communes: gpd.GeoDataFrame, offices: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoSeries, int]:
    """Return one point a commune, indexed like `communes`, and how many were guessed.

    The commune's own office is its centre; where no office is given, a point
    inside the polygon stands for it.
    """
    centres = communes.representative_point()
    if offices is None:
        return centres, len(communes)
    seats = offices[offices["level"] == "commune"].drop_duplicates("commune_code")
    known = communes["commune_code"].map(seats.set_index("commune_code").geometry)
    return gpd.GeoSeries(known.where(known.notna(), centres), crs=communes.crs), int(
        known.isna().sum()
    )


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What stays as it is when cells change.

    Parameters
    ----------
    near : Grid
        The grid of the results, over the communes.
    height_m, clutter_m : DataArray, shape (y, x)
        Terrain and, where given, clutter on a grid wider by the reach of a mast.
    people : DataArray, shape (y, x)
        Residents a pixel, on `near`.
    air : Refractivity
        Of the province.
    notes : tuple of Note
        How terrain and people were filled in.
    """

    near: Grid
    height_m: xr.DataArray
    clutter_m: xr.DataArray | None
    people: xr.DataArray
    air: Refractivity
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Basis:
    """What a result was computed from, kept for questions that change a part of it."""

    loaded: Loaded
    ground: Ground | None
    coverage: Coverage | None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The signal of every service, with the cells that none could be predicted for."""

    services: Mapping[str, ServiceRasters]
    rejected: pd.DataFrame


def predict_coverage(
    study: Study,
    tables: Mapping[str, gpd.GeoDataFrame],
    ground: Ground,
    *,
    patterns: Patterns,
    threads: int,
    cache_folder: Path | None,
    on_progress: Progress,
) -> Coverage:
    """Predict every service of a study and count who is covered.

    Parameters
    ----------
    study : Study
        With cells, communes, terrain, services and radio settings.
    tables : mapping of str to GeoDataFrame
        Checked input tables in the study's CRS.
    ground : Ground
        From `read_ground`.
    patterns : Patterns
        The antenna pattern files that cells may name.
    threads : int
        Stations predicted at a time; the result does not depend on it.
    cache_folder : path, optional
        Where computed losses are kept.
    on_progress : callable
        See `Progress`.
    """
    cells = on_air(tables["cells"], study)
    heard = hear(
        study, cells, ground.height_m, ground.clutter_m, ground.near, air=ground.air,
        patterns=patterns, threads=threads, cache_folder=cache_folder, on_progress=on_progress,
    )  # fmt: skip
    return count_covered(study, tables, ground, cells, heard, on_progress=on_progress)


def read_ground(
    study: Study, tables: Mapping[str, gpd.GeoDataFrame], *, on_progress: Progress
) -> Ground:
    """Read terrain, clutter and people around the communes.

    Parameters
    ----------
    study : Study
        With terrain; population raster, clutter and refractivity maps if it names them.
    tables : mapping of str to GeoDataFrame
        Checked ``communes`` and, if any, ``villages``, in the study's CRS.
    on_progress : callable
        See `Progress`.

    Raises
    ------
    TerrainError
        If elevation or population does not cover the communes or has too many voids.
    """
    communes = tables["communes"]
    near = Grid.covering(communes.total_bounds, resolution_m=study.resolution_m, crs=study.crs)
    on_progress("pipeline.step_terrain", 0, 1)
    elevation, clutter_m = read_heights(study, communes)
    told = [
        Note("pipeline.voids_filled", {"count": elevation.filled_px,
                                       "largest": elevation.largest_filled_px})
    ] if elevation.filled_px else []  # fmt: skip
    air = air_of(study, communes)
    if study.inputs.n0_map is not None:
        found = {"delta_n": f"{air.delta_n_per_km:.1f}", "n0": f"{air.n0:.1f}"}
        told.append(Note("pipeline.refractivity", found))
    people, notes = _population(study, near, communes, tables.get("villages"))
    ground = Ground(
        near=near,
        height_m=elevation.height_m,
        clutter_m=clutter_m,
        people=people,
        air=air,
        notes=(*told, *notes),
    )
    on_progress("pipeline.step_terrain", 1, 1)
    return ground


def hear(
    study: Study,
    cells: gpd.GeoDataFrame,
    height_m: xr.DataArray,
    clutter_m: xr.DataArray | None,
    wanted: Grid,
    *,
    air: Refractivity,
    patterns: Patterns,
    threads: int,
    cache_folder: Path | None,
    on_progress: Progress,
) -> Heard:
    """Predict the signal of cells over terrain, cut to the grid wanted.

    Parameters
    ----------
    study : Study
        With services and radio settings.
    cells : GeoDataFrame
        Cells on air, rows as `tables.CELLS`, in the study's CRS.
    height_m, clutter_m : DataArray
        Terrain as far as cells and paths reach, metres above the sea, and what
        stands on it, metres above the ground; None where nothing does.
    wanted : Grid
        What the rasters returned lie on; part of the terrain's grid.
    air : Refractivity
        Delta N and N0 of the study.
    patterns : Patterns
        The antenna pattern files that cells may name.
    threads : int
        Stations predicted at a time; the result does not depend on it.
    cache_folder : path, optional
        Where computed losses are kept.
    on_progress : callable
        See `Progress`.
    """
    radio = radio_of(study)
    plan = plan_prediction(
        cells,
        height_m,
        [rule_of(service, radio) for service in study.services],
        settings=settings_of(study),
        refractivity=air,
        patterns=patterns,
        clutter_m=clutter_m,
        cache_folder=cache_folder,
    )
    done, total = 0, sum(site.antennas for site in plan.sites)

    def tell(site: Site) -> None:
        nonlocal done
        done += site.antennas
        on_progress("pipeline.step_predict", done, total)

    found = on_threads(
        partial(predict_sites, services=plan.services, conditions=plan.conditions),
        plan.sites,
        threads=threads,
        on_done=tell,
    )
    prediction = plan.signals(merge(found))
    services = {
        name: ServiceRasters(
            **{field.name: cut(getattr(found, field.name), wanted) for field in fields(found)}
        )
        for name, found in prediction.services.items()
    }
    return Heard(services=services, rejected=prediction.rejected)


def count_covered(
    study: Study,
    tables: Mapping[str, gpd.GeoDataFrame],
    ground: Ground,
    cells: gpd.GeoDataFrame,
    heard: Heard,
    *,
    on_progress: Progress,
) -> Coverage:
    """Count who is covered by the signal of the cells on air, and list the gaps.

    Parameters
    ----------
    study : Study
        With services, targets and gaps.
    tables : mapping of str to GeoDataFrame
        Checked input tables in the study's CRS; their ``cells`` are all of the
        input, on air or not.
    ground : Ground
        From `read_ground`.
    cells : GeoDataFrame
        The cells heard.
    heard : Heard
        From `hear`, on the grid of the people.
    on_progress : callable
        See `Progress`.
    """
    communes, villages, services = tables["communes"], tables.get("villages"), heard.services
    notes = [] if len(cells) == len(tables["cells"]) else [
        Note("pipeline.cells_off_air", {"count": len(tables["cells"]) - len(cells),
                                        "date": study.as_of.isoformat()})
    ]  # fmt: skip
    notes += ground.notes
    notes += [
        Note("pipeline.nothing_serves", {"service": name})
        for name, found in services.items()
        if not (found.best_server >= 0).any()
    ]
    if len(heard.rejected):
        notes.append(Note("pipeline.cells_not_predicted", {"count": len(heard.rejected)}))
    on_progress("pipeline.step_count", 0, 1)
    margins = {name: rasters.margin_db for name, rasters in services.items()}
    centres, guessed = commune_centres(communes, tables.get("offices"))
    if guessed:
        notes.append(Note("pipeline.centres_guessed", {"count": guessed}))
    units = coverage_by_unit(communes, margins, ground.people, centres=centres, villages=villages)
    found_gaps = _gaps(study, margins, ground.people, communes, villages, notes)
    stations = stations_of_cells(cells, communes)
    _add_stations(units, communes, stations)
    on_progress("pipeline.step_count", 1, 1)
    return Coverage(
        communes=_judge(units.communes, study, "commune"),
        districts=_judge(units.districts, study, "district"),
        province=_judge(units.province, study, "province"),
        villages=None
        if villages is None
        else villages_result(
            villages, margins, {name: rasters.level_dbm for name, rasters in services.items()}
        ),
        cells=cells,
        stations=stations,
        gaps=found_gaps,
        services=services,
        terrain=cut(ground.height_m, ground.near),
        population=ground.people,
        rejected=heard.rejected,
        notes=tuple(notes),
    )


def cut(raster: xr.DataArray, grid: Grid) -> xr.DataArray:
    """Cut a raster down to a smaller grid of the same pixels."""
    wide = grid_of(raster)
    row = round((wide.north_m - grid.north_m) / grid.resolution_m)
    column = round((grid.west_m - wide.west_m) / grid.resolution_m)
    values = raster.to_numpy()[row : row + grid.height, column : column + grid.width]
    return grid.wrap(values, str(raster.name), **raster.attrs)


def _population(
    study: Study, grid: Grid, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None
) -> tuple[xr.DataArray, list[Note]]:
    source = study.inputs.population
    if source is not None:
        found = read_population(study.path(source), grid, shown=source.path)
    else:
        found = spread_population(grid, communes, villages, village_radius_m=VILLAGE_RADIUS_M)
    notes = []
    if found.origin != "raster":
        notes.append(Note(f"pipeline.people_from_{found.origin}", {}))
    if found.origin == "villages" and found.spread_evenly:
        notes.append(Note("pipeline.spread_evenly", {"communes": ", ".join(found.spread_evenly)}))
    if found.outside >= 0.5:
        notes.append(Note("pipeline.people_outside", {"count": round(found.outside)}))
    return found.people, notes


def _gaps(
    study: Study,
    margins: Mapping[str, xr.DataArray],
    people: xr.DataArray,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame | None,
    notes: list[Note],
) -> gpd.GeoDataFrame:
    """List the gaps of every service, and note what is too small to list."""
    if study.gaps is None:
        raise ValueError("a study that predicts coverage has gap settings")
    tables = []
    for service in study.services:
        found = gaps(
            margins[service.id],
            people,
            communes,
            service=service.id,
            smallest_population=study.gaps.smallest_population,
            join_distance_m=study.gaps.join_distance_m,
            villages=villages,
        )
        tables.append(found.table)
        if found.unlisted:
            notes.append(
                Note(
                    "pipeline.gaps_unlisted",
                    {
                        "service": service.id,
                        "count": found.unlisted,
                        "people": round(found.unlisted_population),
                    },
                )
            )
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=communes.crs)


def _judge(units: gpd.GeoDataFrame, study: Study, scope: Scope) -> gpd.GeoDataFrame:
    """Add each service's verdict against its target of this scope, else that of the centres."""
    for service in study.services:
        column = f"target_verdict_{service.id}"
        units[column] = pd.Series("not_applicable", index=units.index, dtype=str)
        mine = {target.scope: target for target in study.targets if target.service == service.id}
        target = mine.get(scope, mine.get("commune_centre"))
        if target is not None:
            units[column] = verdicts(
                units, service.id, share=target.share, denominator=target.denominator
            )
    return units


def _add_stations(
    units: UnitCoverage, communes: gpd.GeoDataFrame, stations: gpd.GeoDataFrame
) -> None:
    """Count the stations that stand in each unit."""
    by_commune = stations["commune_code"].value_counts()
    code = units.communes["commune_code"]
    units.communes["stations"] = code.map(by_commune).fillna(0).astype("Int64")
    district = communes.set_index("commune_code")["district_code"]
    by_district = stations["commune_code"].map(district).value_counts()
    units.districts["stations"] = (
        units.districts["district_code"].map(by_district).fillna(0).astype("Int64")
    )
    units.province["stations"] = pd.array([int(by_commune.sum())], dtype="Int64")
