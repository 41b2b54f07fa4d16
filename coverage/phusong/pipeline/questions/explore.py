"""What the page that computes reads: terrain, signal, residents and carriers of a result."""

import datetime
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from ...errors import ExploreError
from ...grid import WGS84, Grid, grid_of, operation
from ...maps.explore import MARGIN_EDGES_DB, margin_classes, pack, whole_or_exact
from ...maps.smooth import fit_smooth
from ...radio import Plan
from ...radio.antennas import HORIZONTAL_BEAMWIDTH_DEG, VERTICAL_BEAMWIDTH_DEG, PatternAntenna
from ...radio.patterns import Pattern
from ...radio.sampling import Terrain
from ...radio.sectors import Sector
from ...service import Residents
from ...study import Target, target_of
from ...tables import CELLS
from ..gathered import Gathered
from ..parts.coverage import COVERAGE
from ..parts.coverage.count import Coverage, required
from ..parts.territory import TERRITORY, Units
from .mast import SECTORS_DEG, lent_by

MODEL = "p1812"
"""The propagation model that the page's engine knows."""
NO_MAST = 65535
NONE, WHOLE, PART = 0, 1, 2
"""How much of a pixel counts."""
DECIMALS = 9
"""Of degrees: a tenth of a millimetre."""
EDGE_POINTS, ROOM_PX = 64, 8
"""Along each edge where heights are looked up, and what their lines bend between."""
ROUNDING = 1e-9
"""What residents of a pixel may differ by and be the same."""
LARGEST_MISS_PX, LARGEST_MISS_M, LARGEST_MISS_DEG = 1e-8, 1e-7, 1e-11


@dataclass(frozen=True, kw_only=True)
class Window:
    """What of a province a page carries, so that all it tells of masts at home is the whole.

    Parameters
    ----------
    near : Grid
        Of the results: where masts at home are heard.
    near_at : (slice, slice)
        Where it lies on the grid of all results.
    ground : Grid
        Over which these and their neighbours are heard.
    ground_at : (slice, slice)
        Likewise on the grid of the terrain.
    home : tuple of int
        First row and column, rows and columns of `near` where masts may stand.
    """

    near: Grid
    near_at: tuple[slice, slice]
    ground: Grid
    ground_at: tuple[slice, slice]
    home: tuple[int, int, int, int]

    @classmethod
    def of(cls, coverage: Coverage, communes: gpd.GeoDataFrame | None) -> "Window":
        """Return the window for masts in communes; everything if none are named."""
        plan, near = coverage.plan, coverage.ground.near
        ground = plan.conditions.terrain.grid
        if communes is None:
            (rows, columns), (down, across) = near.window(near.bounds), ground.window(ground.bounds)
            home = (0, 0, *near.shape)
        else:
            reach = plan.conditions.settings.radius_m + near.resolution_m
            bounds = communes.total_bounds
            rows, columns = near.window(_wider(bounds, reach))
            # Whoever else is heard there stands as far away again.
            further = 2 * (reach + plan.conditions.terrain.profile_step_m)
            down, across = ground.window(_wider(bounds, further))
            at_home = near.window(tuple(bounds))
            home = (
                at_home[0].start - rows.start,
                at_home[1].start - columns.start,
                at_home[0].stop - at_home[0].start,
                at_home[1].stop - at_home[1].start,
            )
        return cls(
            near=near.part(rows, columns),
            near_at=(rows, columns),
            ground=ground.part(down, across),
            ground_at=(down, across),
            home=home,
        )


def _wider(bounds: Any, by_m: float) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    return west - by_m, south - by_m, east + by_m, north + by_m


def computing(gathered: Gathered, communes: Collection[str] | None = None) -> dict[str, Any]:
    """Return what the engine of a page reads, ready for JSON; see `Result.explore`.

    Raises
    ------
    ExploreError
        If the result has no coverage, was predicted by another model or with calibration,
        no cell is on air, or there is no such commune.
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
    table, plan = units.communes, coverage.plan
    if communes is not None:
        unknown = sorted({*communes} - {*table["commune_code"]})
        if unknown or len(communes) == 0:
            raise ExploreError("maps.explore_no_commune", codes=", ".join(unknown) or "–")
        table = table[table["commune_code"].isin([*communes])]
    window = Window.of(coverage, None if communes is None else table)
    return {
        **_ground(plan, window),
        **_carriers(gathered, plan),
        **_cells(gathered.loaded.tables["cells"], coverage.cells, plan),
        **_residents(gathered, units, window),
        **_best(coverage, plan, window),
        "home": window.home,
        "part": None if communes is None else {"bounds": _bounds(table)},
        "azimuths": list(SECTORS_DEG),
    }


def _bounds(communes: gpd.GeoDataFrame) -> list[list[float]]:
    """Return south-west and north-east corner in degrees, as the page's map takes them."""
    west, south, east, north = communes.to_crs(WGS84).total_bounds.tolist()
    return [[south, west], [north, east]]


def _best(coverage: Coverage, plan: Plan, window: Window) -> dict[str, Any]:
    """Return the class of the best margin of each pixel, and the mast that gives it."""
    mast_of = np.full(len(coverage.cells) + 1, NO_MAST, np.uint16)  # the last for no server
    for number, site in enumerate(plan.sites):
        mast_of[[sector.row for _, sector in site.placed]] = number
    return {
        "best": {
            name: pack(margin_classes(rasters.margin_db.to_numpy()[window.near_at]))
            for name, rasters in coverage.services.items()
        },
        "masts": {
            name: pack(mast_of[rasters.best_server.to_numpy()[window.near_at]])
            for name, rasters in coverage.services.items()
        },
        "marginEdgesDb": MARGIN_EDGES_DB,
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
            "fields": {
                field.name: {
                    "kind": field.kind,
                    "required": field.required,
                    "least": field.minimum,
                    "most": field.maximum,
                    "choices": field.choices,
                }
                for field in CELLS.fields
            },
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


def _ground(plan: Plan, window: Window) -> dict[str, Any]:
    """Return the terrain, the land on it, and the ways between the systems of coordinates."""
    conditions, near, grid = plan.conditions, window.near, window.ground
    terrain, settings, air = conditions.terrain, conditions.settings, conditions.refractivity
    # Around masts that stand as far outside as they are heard.
    wide = 2 * (settings.radius_m + 2 * terrain.profile_step_m + grid.resolution_m)
    west, south, east, north = around = _wider(near.bounds, wide)
    to_degrees, to_metres = operation(grid.crs, WGS84), operation(WGS84, grid.crs)
    assert to_degrees is not None, "a study's CRS leads to WGS 84"
    assert to_metres is not None, "a study's CRS can be reached from WGS 84"
    corners = to_degrees.transform([west, west, east, east], [south, north, south, north])
    lon, lat = np.array(corners)
    row, column = grid.offset(near)
    heights, first = _heights(terrain, grid)

    def pixels(x_m: Any, y_m: Any) -> Any:
        down, across = terrain.finder.pixels(x_m, y_m)
        return down - first[0], across - first[1]

    return {
        "grid": _placed(grid),
        "near": {"top": row, "left": column, "rows": near.height, "columns": near.width},
        "step": terrain.profile_step_m,
        "raysApart": terrain.rays_apart_m,
        "heights": {
            "rows": heights.shape[0],
            "columns": heights.shape[1],
            "values": pack(whole_or_exact(heights)),
        },
        "pixels": fit_smooth(pixels, around, largest_miss=LARGEST_MISS_PX),
        "degrees": fit_smooth(to_degrees.transform, around, largest_miss=LARGEST_MISS_DEG),
        "metres": fit_smooth(
            to_metres.transform,
            (lon.min(), lat.min(), lon.max(), lat.max()),
            largest_miss=LARGEST_MISS_M,
        ),
        "land": None if terrain.land is None else pack(terrain.land[window.ground_at]),
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


def _heights(terrain: Terrain, grid: Grid) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Return the heights under a part of the terrain's grid, and their first row and column."""
    height_m = terrain.heights.height_m
    if grid == terrain.grid:
        return height_m, (0, 0)
    west, south, east, north = grid.bounds
    along = np.linspace(0.0, 1.0, EDGE_POINTS)
    x_m = np.concatenate(
        [west + along * (east - west)] * 2 + [np.repeat([west, east], EDGE_POINTS)]
    )
    y_m = np.concatenate(
        [np.repeat([south, north], EDGE_POINTS)] + [south + along * (north - south)] * 2
    )
    at = [
        slice(max(math.floor(each.min()) - ROOM_PX, 0), math.ceil(each.max()) + ROOM_PX)
        for each in terrain.finder.pixels(x_m, y_m)
    ]
    return height_m[at[0], at[1]], (at[0].start, at[1].start)


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


def _residents(gathered: Gathered, units: Units, window: Window) -> dict[str, Any]:
    """Return who lives in which pixel, and what is covered without the new mast."""
    residents, near = units.residents, window.near
    zones = residents.province.zones
    shape = grid_of(residents.raster).shape
    numbers = np.arange(shape[0] * shape[1]).reshape(shape)[window.near_at].ravel()
    people = _by_pixel(residents)[:, numbers]
    weights = np.asarray(zones.weights.todense(), np.float32).reshape(shape)
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
        "share": _parts(weights[window.near_at]),
        "communes": {
            **{name: communes[name].fillna("").tolist() for name in named if name in communes},
            "commune_code": communes["commune_code"].tolist(),
            "population": _known(communes["population"]),
            "covered": {name: _known(communes[f"covered_population_{name}"]) for name in services},
            "doubt": {
                name: {
                    kind: _known(communes[f"{kind}_{name}"])
                    for kind in ("target_probability", "share_low", "share_high")
                }
                for name in services
                if f"target_probability_{name}" in communes
            },
            "judged": {
                target.service: _judged(target, communes, units, near)
                for target in (
                    target_of(gathered.study.targets, one, "commune") for one in services
                )
                if target is not None
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


def _judged(target: Target, communes: pd.DataFrame, units: Units, near: Grid) -> dict[str, Any]:
    """Return how communes are judged; the page counts residents, villages and centres."""
    of = "probability" if target.reading == "probability" else target.denominator
    found: dict[str, Any] = {
        "share": target.share,
        "of": of,
        "verdict": communes[f"target_verdict_{target.service}"].tolist(),
    }
    if of == "villages":
        found["whole"] = _known(communes["villages"])
        found["part"] = _known(communes[f"covered_villages_{target.service}"])
    if of == "commune_centres":
        found["pixel"] = _pixels(units.centres, near)
    return found


def _parts(share: NDArray[np.float32]) -> dict[str, Any]:
    """Return how much of each pixel counts: nothing, all of it, or one of the few others."""
    kind = np.where(share == 0, NONE, np.where(share == 1, WHOLE, PART)).astype(np.uint8)
    return {"kind": pack(kind), "part": pack(share[kind == PART])}


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
    yield "name", villages["name"].fillna("").tolist()
    yield "commune_code", villages["commune_code"].tolist()
    yield "pixel", _pixels(villages.geometry, near)


def _pixels(points: gpd.GeoSeries, near: Grid) -> list[int]:
    """Return which pixel holds each point; -1 where none does."""
    row, column, inside = near.index(points.x, points.y)
    found: list[int] = np.where(inside, row * near.width + column, -1).tolist()
    return found
