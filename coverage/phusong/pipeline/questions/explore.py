"""What the page that computes reads: terrain, signal, residents and carriers of a result."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from ...errors import ExploreError
from ...grid import WGS84, Grid, operation
from ...maps.explore import margin_steps, pack, whole_or_exact
from ...maps.smooth import fit_smooth
from ...radio import Plan
from ...radio.antennas import HORIZONTAL_BEAMWIDTH_DEG, VERTICAL_BEAMWIDTH_DEG, PatternAntenna
from ...radio.patterns import Pattern
from ...radio.sectors import Sector
from ...service import Residents
from ...tables import CELLS
from ..gathered import Gathered
from ..parts.coverage import COVERAGE
from ..parts.coverage.count import Coverage, required
from ..parts.territory import TERRITORY, Units
from .mast import SECTORS_DEG, lent_by

MODEL = "p1812"
"""The propagation model that the page's engine knows."""
NO_MAST = 65535
DECIMALS = 9
"""Of degrees: a tenth of a millimetre."""
ROUNDING = 1e-9
"""What residents of a pixel may differ by and be the same."""
LARGEST_MISS_PX, LARGEST_MISS_M, LARGEST_MISS_DEG = 1e-8, 1e-7, 1e-11


def computing(gathered: Gathered) -> dict[str, Any]:
    """Return what the engine of a page reads, ready for JSON; see `Result.explore`.

    Raises
    ------
    ExploreError
        If the result has no coverage, was predicted by another model or with calibration,
        or no cell is on air.
    """
    coverage = gathered.found.get(COVERAGE)
    if coverage is None:
        raise ExploreError("maps.explore_no_coverage")
    settings = coverage.plan.conditions.settings
    if settings.model.name != MODEL:
        raise ExploreError("maps.explore_model", model=settings.model.title)
    if settings.corrections is not None:
        raise ExploreError("maps.explore_calibrated")
    if not coverage.plan.sites:
        raise ExploreError("maps.explore_no_cells")
    units, _ = required(gathered.found[TERRITORY])
    near, plan = coverage.ground.near, coverage.plan
    return {
        **_ground(plan, near),
        **_carriers(gathered, plan),
        **_cells(gathered.loaded.tables["cells"], coverage.cells, plan),
        **_residents(gathered, units, near),
        **_best(coverage, plan),
        "azimuths": list(SECTORS_DEG),
    }


def _best(coverage: Coverage, plan: Plan) -> dict[str, Any]:
    """Return the best margin of each pixel and the mast that gives it; services may share masts."""
    mast_of = np.full(len(coverage.cells) + 1, NO_MAST, np.uint16)  # the last for no server
    for number, site in enumerate(plan.sites):
        mast_of[[sector.row for _, sector in site.placed]] = number
    masts: list[dict[str, Any]] = []
    of_service = {}
    for name, rasters in coverage.services.items():
        packed = pack(mast_of[rasters.best_server.to_numpy()])
        if packed not in masts:
            masts.append(packed)
        of_service[name] = masts.index(packed)
    return {
        "best": {
            name: pack(margin_steps(rasters.margin_db.to_numpy()))
            for name, rasters in coverage.services.items()
        },
        "masts": masts,
        "mastsOf": of_service,
    }


def _cells(cells: gpd.GeoDataFrame, on_air: gpd.GeoDataFrame, plan: Plan) -> dict[str, Any]:
    """Return every row of the cells, as a file has it, and what is predicted of those on air.

    A mast here is a site of the plan: all stations that share a place.
    """
    way = operation(cells.crs, WGS84)
    assert way is not None, "a study's CRS leads to WGS 84"
    lon, lat = way.transform(cells.geometry.x.to_numpy(), cells.geometry.y.to_numpy())
    count = len(cells)
    row_of = pd.Index(cells["cell_id"]).get_indexer(on_air["cell_id"])
    mast, pattern = np.full(count, -1), np.full(count, -1)
    eirp_dbm: list[float | None] = [None] * count
    patterns: list[Pattern] = []
    for number, site in enumerate(plan.sites):
        for _, sector in site.placed:
            row = row_of[sector.row]
            mast[row], eirp_dbm[row] = number, float(sector.eirp_dbm)
            if isinstance(sector.antenna, PatternAntenna):
                if not any(sector.antenna.pattern is one for one in patterns):
                    patterns.append(sector.antenna.pattern)
                found = [sector.antenna.pattern is one for one in patterns]
                pattern[row] = found.index(True)
    return {
        "cells": {
            "columns": {
                field.name: [_plain(value) for value in cells[field.name]]
                for field in CELLS.fields
                if field.name in cells and cells[field.name].notna().any()
            },
            "lon": np.round(lon, DECIMALS).tolist(),
            "lat": np.round(lat, DECIMALS).tolist(),
            "x": cells.geometry.x.tolist(),
            "y": cells.geometry.y.tolist(),
            "mast": mast.tolist(),
            "eirpDbm": eirp_dbm,
            "pattern": pattern.tolist(),
        },
        "patterns": [
            {
                "horizontal": pack(one.horizontal_db),
                "front": pack(one.front_db),
                "back": pack(one.back_db),
            }
            for one in patterns
        ],
    }


def _plain(value: Any) -> Any:
    """Return a value of a table as JSON has it."""
    if pd.isna(value):
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    return value.item() if isinstance(value, np.generic) else value


def _ground(plan: Plan, near: Grid) -> dict[str, Any]:
    """Return the terrain, the land on it, and the ways between the systems of coordinates."""
    conditions = plan.conditions
    terrain, settings, air = conditions.terrain, conditions.settings, conditions.refractivity
    grid = terrain.grid
    west, south, east, north = near.bounds
    wide = settings.radius_m + 2 * terrain.profile_step_m + grid.resolution_m
    to_degrees, to_metres = operation(grid.crs, WGS84), operation(WGS84, grid.crs)
    assert to_degrees is not None, "a study's CRS leads to WGS 84"
    assert to_metres is not None, "a study's CRS can be reached from WGS 84"
    corners = to_degrees.transform([west, west, east, east], [south, north, south, north])
    lon, lat = np.array(corners)
    row, column = grid.offset(near)
    return {
        "grid": _placed(grid),
        "near": {"top": row, "left": column, "rows": near.height, "columns": near.width},
        "step": terrain.profile_step_m,
        "heights": {
            "rows": terrain.heights.height_m.shape[0],
            "columns": terrain.heights.height_m.shape[1],
            "values": pack(whole_or_exact(terrain.heights.height_m)),
        },
        "pixels": fit_smooth(
            terrain.finder.pixels,
            (west - wide, south - wide, east + wide, north + wide),
            largest_miss=LARGEST_MISS_PX,
        ),
        "degrees": fit_smooth(
            to_degrees.transform, (west, south, east, north), largest_miss=LARGEST_MISS_DEG
        ),
        "metres": fit_smooth(
            to_metres.transform,
            (lon.min(), lat.min(), lon.max(), lat.max()),
            largest_miss=LARGEST_MISS_M,
        ),
        "land": None if terrain.land is None else pack(terrain.land),
        "classes": [
            {"heightM": each.height_m, "equation": each.equation} for each in terrain.classes
        ],
        "clutterRule": conditions.clutter_rule,
        "meanErrorDb": settings.mean_error_db,
        "radius": settings.radius_m,
        "link": {
            "receiverHeightM": settings.receiver_height_m,
            "timePercent": settings.time_percent,
            "polarization": settings.polarization,
            "deltaN": air.delta_n_per_km,
            "n0": air.n0,
        },
    }


def _placed(grid: Grid) -> dict[str, float]:
    return {
        "west": grid.west_m,
        "north": grid.north_m,
        "resolution": grid.resolution_m,
        "rows": grid.height,
        "columns": grid.width,
    }


def _carriers(gathered: Gathered, plan: Plan) -> dict[str, Any]:
    """Return what a new cell may be: every carrier on air, and what its neighbours lend it."""
    on_air: dict[tuple[str, str, float], list[Sector]] = {}
    for site in plan.sites:
        for _, sector in site.placed:
            kind = sector.operator, sector.technology, sector.frequency_mhz
            on_air.setdefault(kind, []).append(sector)
    cells = gathered.loaded.tables["cells"]
    lent = {
        (operator, technology): lent_by(cells, operator, technology, {})[0]
        for operator, technology, _ in on_air
    }
    carriers: list[dict[str, Any]] = [
        {
            "operator": operator,
            "technology": technology,
            "frequencyMhz": frequency,
            "needed": {
                rule.id: rule.needed_dbm(sectors[0]) if rule.admits(sectors[0]) else None
                for rule in plan.services
            },
            **_defaults(lent[operator, technology], sectors),
        }
        for (operator, technology, frequency), sectors in sorted(on_air.items())
    ]
    usual = [
        lent[one["operator"], one["technology"]].get("frequency_mhz") == one["frequencyMhz"]
        for one in carriers
    ]
    return {"carriers": carriers, "first": usual.index(True) if True in usual else 0}


def _defaults(lent: Mapping[str, float], sectors: list[Sector]) -> dict[str, float]:
    """Return what a mast takes where nothing is said; see `Result.with_mast`."""
    eirp_dbm = float(np.median([sector.eirp_dbm for sector in sectors]))
    return {
        "heightM": lent["antenna_height_m"],
        "eirpDbm": lent.get("rs_eirp_dbm", eirp_dbm),
        "tiltDeg": lent.get("tilt_deg", 0.0),
        "beamwidthDeg": lent.get("beamwidth_deg", HORIZONTAL_BEAMWIDTH_DEG),
        "verticalBeamwidthDeg": VERTICAL_BEAMWIDTH_DEG,
    }


def _residents(gathered: Gathered, units: Units, near: Grid) -> dict[str, Any]:
    """Return who lives in which pixel, and what is covered without the new mast."""
    residents = units.residents
    zones = residents.province.zones
    people = _by_pixel(residents)
    communes = _result(gathered, "communes", residents.communes.table, "commune_code")
    province = gathered.tables["province"]
    villages = gathered.tables.get("villages")
    services = [service.id for service in gathered.study.services]
    named = ("type", "name")
    return {
        "people": {
            "count": pack(np.diff(people.indptr).astype(np.uint8).reshape(near.shape)),
            "unit": pack(people.indices.astype(np.uint16)),
            "people": pack(people.data.astype(np.float32)),
        },
        "share": pack(np.asarray(zones.weights.todense(), np.float32).reshape(near.shape)),
        "communes": {
            **{name: communes[name].fillna("").tolist() for name in named if name in communes},
            "commune_code": communes["commune_code"].tolist(),
            "population": _known(communes["population"]),
            "covered": {name: _known(communes[f"covered_population_{name}"]) for name in services},
            "doubt": {
                name: _known(communes[f"target_probability_{name}"])
                for name in services
                if f"target_probability_{name}" in communes
            },
        },
        "province": {
            "population": _known(province["population"])[0],
            "area_km2": float(zones.area_km2[0]),
            "pixels": float(zones.pixels()[0]),
            "covered": {
                name: _known(province[f"covered_population_{name}"])[0] for name in services
            },
            "covered_km2": {
                name: float(province[f"covered_area_km2_{name}"].iloc[0]) for name in services
            },
        },
        "villages": None if villages is None else dict(_villages(villages, near)),
    }


def _by_pixel(residents: Residents) -> Any:
    """Return who lives in each pixel, by commune; the last row is what makes them the province's.

    That is nothing but where communes overlap or leave something out.
    """
    communes = residents.communes.people
    together = sparse.csr_array(communes.sum(axis=0)[None])
    others = residents.province.people - together
    others.data[np.abs(others.data) <= ROUNDING * np.abs(others.data).max(initial=1.0)] = 0.0
    people = sparse.vstack([communes, others]).tocsc()
    people.eliminate_zeros()
    return people


def _result(gathered: Gathered, name: str, order: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a result table in the order of another."""
    found = pd.DataFrame(gathered.tables[name]).set_index(key, drop=False)
    return found.loc[order[key]]


def _known(values: "pd.Series[Any]") -> list[float | None]:
    return [None if pd.isna(one) else float(one) for one in values]


def _villages(villages: Any, near: Grid) -> Iterator[tuple[str, list[Any]]]:
    row, column, inside = near.index(villages.geometry.x, villages.geometry.y)
    yield "name", villages["name"].fillna("").tolist()
    yield "commune_code", villages["commune_code"].tolist()
    yield "pixel", np.where(inside, row * near.width + column, -1).tolist()
