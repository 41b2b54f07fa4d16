"""Count who is covered by the predicted signal, judge the targets, list the gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from ....grid import blocks_of_rows
from ....radio import Plan
from ....service import (
    Residents,
    Sums,
    UnitCoverage,
    coverage_by_unit,
    gaps,
    verdicts,
    villages_result,
)
from ....study import Scope, target_of
from ...progress import Progress
from ...records import Note, Raster, RasterKind, ServiceRasters
from ..part import Findings, Later
from ..territory import OnAir, Territory, Units
from .inputs import CoverageInputs, Ground
from .probability import probabilities
from .ranked import ByOperator, Ranked
from .signal import PredictedSignal, cut

POWER_AND_HEIGHT = frozenset(
    {"rs_eirp_dbm", "power_dbm", "feeder_loss_db", "antenna_gain_dbi", "resource_blocks",
     "pilot_power_share", "antenna_height_m"}
)  # fmt: skip
"""Assumed values that decide how far a cell is heard."""
NO_SERVER = -1
NO_COUNT = 65535
NO_LAND = 0
"""Class where the land cover has no value."""
RASTERS = (
    RasterKind(
        name="margin_db", unit="dB", overviews="AVERAGE", classes="margin_db", class_file="served"
    ),
    RasterKind(name="level_dbm", unit="dBm", overviews="AVERAGE", classes="level_dbm"),
    RasterKind(name="best_server", overviews="NEAREST", nodata=NO_SERVER),
    RasterKind(name="second_margin_db", unit="dB", overviews="AVERAGE", classes="margin_db"),
    RasterKind(name="second_server", overviews="NEAREST", nodata=NO_SERVER),
    RasterKind(name="servers", overviews="NEAREST", nodata=NO_COUNT),
    RasterKind(name="obstacle_distance_m", unit="m", overviews="NEAREST"),
    RasterKind(name="obstacle_ground_m", unit="m", overviews="NEAREST"),
)
"""How the fields of `ServiceRasters` are written."""
PROBABILITY = RasterKind(name="probability", overviews="AVERAGE")


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What of a coverage rests on values that a list of sites did not tell.

    Parameters
    ----------
    cells, of : int
        Cells on air whose EIRP or antenna height is assumed, and all of them.
    population_share : mapping of str to float
        By service, of the people served those whose best server is such a cell, 0 to 1; NaN
        where nobody is served.
    cells_by_field : mapping of str to int
        Cells on air with an assumed value, by field.
    """

    cells: int
    of: int
    population_share: Mapping[str, float]
    cells_by_field: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Coverage:
    """What the coverage of a study is; tables in the study's CRS.

    Parameters
    ----------
    cells : GeoDataFrame
        The cells on air; best servers are positions in it.
    services : mapping of str to ServiceRasters
    plan : Plan
        By which they were predicted, kept for questions that change cells.
    ground : Ground
        What the signal was predicted over, kept for questions that change cells.
    terrain : DataArray
        The ground's height, cut to the grid of the results.
    rejected : DataFrame
        Cells that no signal could be predicted for, with the reasons.
    province : DataFrame, one row
        Shares and counts of the whole, for the indicator board.
    sums : Sums
        What was counted, kept for questions that change cells.
    assumed : Assumed
        What of it rests on assumed values.
    ranked : Ranked, optional
        The best masts where something is counted; None unless a later part wants them.
    by_operator : ByOperator, optional
        The best cell of each operator there; None unless a later part wants them.
    uncalibrated : PredictedSignal, optional
        The signal without calibration, of a calibrated study.
    """

    cells: gpd.GeoDataFrame
    services: Mapping[str, ServiceRasters]
    plan: Plan
    ground: Ground
    terrain: xr.DataArray
    rejected: pd.DataFrame
    province: gpd.GeoDataFrame
    sums: Sums
    assumed: Assumed
    ranked: Ranked | None = None
    by_operator: ByOperator | None = None
    uncalibrated: PredictedSignal | None = None


def count_covered(
    inputs: CoverageInputs,
    ground: Ground,
    territory: Territory,
    signal: PredictedSignal,
    *,
    on_progress: Progress,
    before: Sums | None = None,
    uncalibrated: PredictedSignal | None = None,
) -> Findings[Coverage]:
    """Count who is covered by the signal of the cells on air; gaps are listed later.

    Parameters
    ----------
    inputs : CoverageInputs
        Services, targets and gap settings.
    ground : Ground
        That the signal was predicted over.
    territory : Territory
        Units, villages, and the cells that the signal was predicted for.
    signal : PredictedSignal
        On the grid of the residents.
    on_progress : callable
        See `Progress`.
    before : Sums, optional
        Of the same ground and territory and other cells.
    uncalibrated : PredictedSignal, optional
        The signal as it would be predicted without the study's calibration.
    """
    units, on_air = required(territory)
    services = signal.services
    notes = _about_signal(inputs, ground, territory, signal)
    assumed = _assumed(on_air.cells, services, units.residents.raster)
    if assumed.cells:
        values = {"count": assumed.cells, "all": assumed.of}
        notes.append(Note("pipeline.cells_assumed", values))
    on_progress("pipeline.step_count", 0, 1)
    margins = {name: rasters.margin_db for name, rasters in services.items()}
    likely = probabilities(
        services,
        inputs.services,
        inputs.radio,
        on_air.cells,
        before=None if before is None else before.probabilities,
        others=signal.others,
    )
    counted = coverage_by_unit(
        units.residents,
        margins,
        probabilities=likely,
        mean_error_db=inputs.settings.mean_error_db,
        uncalibrated_db=None
        if uncalibrated is None
        else {name: rasters.margin_db for name, rasters in uncalibrated.services.items()},
        centres=units.centres,
        villages=territory.villages,
        before=before,
        rows=_rows(signal if uncalibrated is None else uncalibrated, signal),
    )
    _add_stations(counted, units.communes, on_air.stations)
    on_progress("pipeline.step_count", 1, 1)
    counted.province["province_code"] = units.province["province_code"]
    columns = {
        "communes": _added(
            _judge(counted.communes, inputs, "commune"), units.communes, "commune_code"
        ),
        "districts": _added(
            _judge(counted.districts, inputs, "district"), units.districts, "district_code"
        ),
        "province": _added(
            _judge(counted.province, inputs, "province"), units.province, "province_code"
        ),
    }
    if territory.villages is not None:
        levels = {name: rasters.level_dbm for name, rasters in services.items()}
        covered = villages_result(
            territory.villages,
            margins,
            levels,
            {name: rasters.best_server for name, rasters in services.items()},
            technologies=on_air.cells["technology"].to_list(),
            thresholds_dbm={each.id: each.threshold_dbm for each in inputs.services},
        )
        columns["villages"] = _added(covered, territory.villages, "village_id")
    return Findings(
        record=Coverage(
            cells=on_air.cells,
            services=services,
            plan=signal.plan,
            ground=ground,
            terrain=cut(ground.height_m, ground.near),
            rejected=signal.rejected,
            province=counted.province,
            sums=counted.sums,
            assumed=assumed,
            uncalibrated=uncalibrated,
        ),
        # Where nobody lives is unknown without people, so that no ground can be called a gap.
        later={"gaps": Later(partial(_gaps, inputs, margins, units.residents, territory.villages))}
        if inputs.people_told
        else {},
        columns=columns,
        repeats={
            "service": {each.id: each.title for each in inputs.services if each.id in services}
        },
        rasters=[
            raster
            for name, rasters in services.items()
            for raster in (
                *(
                    Raster(kind=kind, service=name, values=getattr(rasters, kind.name))
                    for kind in RASTERS
                ),
                Raster(kind=PROBABILITY, service=name, values=likely[name]),
            )
        ],
        notes=notes,
        rejected={"cells": signal.rejected} if len(signal.rejected) else {},
    )


def _rows(one: PredictedSignal, other: PredictedSignal) -> slice:
    """Return the rows where either signal may be another than before."""
    both = [each.others[0] for each in (one, other) if each.others[0] != slice(0, 0)]
    if slice(None) in both:
        return slice(None)
    starts, stops = [each.start for each in both], [each.stop for each in both]
    return slice(min(starts, default=0), max(stops, default=0))


def required(territory: Territory) -> tuple[Units, OnAir]:
    """Return the units and the cells on air, which coverage cannot be without."""
    if territory.units is None or territory.on_air is None:
        raise ValueError("coverage is predicted for cells and counted over communes")
    return territory.units, territory.on_air


def _about_signal(
    inputs: CoverageInputs, ground: Ground, territory: Territory, signal: PredictedSignal
) -> list[Note]:
    """Tell what was left out, filled in or guessed."""
    units, on_air = required(territory)
    titles = {each.id: each.title for each in inputs.services}
    notes = []
    if on_air.others:
        off_air = {"count": on_air.others, "date": inputs.as_of}
        notes.append(Note("pipeline.cells_off_air", off_air))
    notes += ground.notes
    if ground.land_cover is not None:
        land, raster = cut(ground.land_cover.index, ground.near), units.residents.raster
        people = sum(
            float(raster.to_numpy()[rows].sum(where=land.to_numpy()[rows] == NO_LAND))
            for rows in blocks_of_rows(len(land))
        )
        if people >= 1:
            notes.append(Note("pipeline.land_cover_missing", {"people": people}))
    notes += [
        Note("pipeline.nothing_serves", {"service": titles[name]})
        for name, found in signal.services.items()
        if found.best_server.to_numpy().max(initial=NO_SERVER) == NO_SERVER
    ]
    if len(signal.rejected):
        notes.append(Note("pipeline.cells_not_predicted", {"count": len(signal.rejected)}))
    if units.centres_guessed:
        notes.append(Note("pipeline.centres_guessed", {"count": units.centres_guessed}))
    return notes


def _assumed(
    cells: gpd.GeoDataFrame, services: Mapping[str, ServiceRasters], people: xr.DataArray
) -> Assumed:
    """Tell how many cells, and whose service, rest on an assumed EIRP or antenna height."""
    told = cells["assumed"].fillna("") if "assumed" in cells else pd.Series(dtype=str)
    kind, distinct = pd.factorize(told)
    named, counts = [names.split(", ") for names in distinct], np.bincount(kind).tolist()
    by_field = {
        name: sum(count for names, count in zip(named, counts, strict=True) if name in names)
        for name in cells.columns
        if any(name in names for names in named)
    }
    resting = [not POWER_AND_HEIGHT.isdisjoint(names) for names in named]
    flags = np.array(resting, dtype=bool)[kind]
    if not flags.any():
        return Assumed(cells=0, of=len(cells), population_share={}, cells_by_field=by_field)
    shares = {}
    for name, rasters in services.items():
        served = assumed = 0.0
        for rows in blocks_of_rows(people.shape[0]):
            lives = people.to_numpy()[rows]
            has = rasters.margin_db.to_numpy()[rows] >= 0
            served += float(lives[has].sum(dtype=np.float64))
            has &= flags[rasters.best_server.to_numpy()[rows]]  # nobody is the last, and not served
            assumed += float(lives[has].sum(dtype=np.float64))
        shares[name] = assumed / served if served else float("nan")
    return Assumed(
        cells=int(flags.sum()), of=len(cells), population_share=shares, cells_by_field=by_field
    )


def _added(units: gpd.GeoDataFrame, base: gpd.GeoDataFrame, key: str) -> pd.DataFrame:
    """Return the columns that were found for rows of the territory."""
    keyed = pd.DataFrame(units).set_index(key)
    return keyed[[name for name in keyed if name not in base]]


def _gaps(
    inputs: CoverageInputs,
    margins: Mapping[str, xr.DataArray],
    residents: Residents,
    villages: gpd.GeoDataFrame | None,
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """List the gaps of every service, and note what is too small to list."""
    tables, notes = [], []
    for service in inputs.services:
        found = gaps(
            margins[service.id],
            residents,
            service=service.id,
            smallest_population=inputs.gaps.smallest_population,
            join_distance_m=inputs.gaps.join_distance_m,
            villages=villages,
        )
        tables.append(found.table)
        if found.unlisted:
            notes.append(
                Note(
                    "pipeline.gaps_unlisted",
                    {
                        "service": service.title,
                        "count": found.unlisted,
                        "people": round(found.unlisted_population),
                    },
                )
            )
    whole = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(whole, crs=residents.communes.table.crs), notes


def _judge(units: gpd.GeoDataFrame, inputs: CoverageInputs, scope: Scope) -> gpd.GeoDataFrame:
    """Add each service's verdict against its target of this scope, else that of the centres."""
    for service in inputs.services:
        column = f"target_verdict_{service.id}"
        units[column] = pd.Series("not_applicable", index=units.index, dtype=str)
        target = target_of(inputs.targets, service.id, scope)
        if target is not None:
            units[column] = verdicts(
                units,
                service.id,
                share=target.share,
                denominator=target.denominator,
                reading=target.reading,
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
