"""Road segments to measure: cut from the roads, and what each would settle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from ...._types import Flags
from ....grid import Grid, grid_of
from ....service.places import commune_of
from ....uncertainty import MeasuredMasts, SegmentErrors, SegmentRanking, rank_segments
from ..coverage import Coverage
from ..coverage.probability import masts_of
from ..coverage.ranked import Ranked
from .doubt import error_rows

LONGEST_M = 5000.0
"""Of a segment: about as much as fixes a mast, and half an hour on a mountain road."""
RANKED = 20
"""Segments put in order; the rest are told what each would settle alone."""
REPORTED_DBM = {"2G": -110.0, "3G": -120.0, "4G": -140.0, "5G": -156.0}
"""Weakest level that phones report: 3GPP TS 45.008, 25.133, 36.133 and 38.133."""


@dataclass(frozen=True, kw_only=True)
class Undecided:
    """The communes of a service whose verdict is open.

    Parameters
    ----------
    codes : ndarray of str, shape (units,)
    met : ndarray of bool, shape (units, draws)
        Whether each meets its target.
    people : ndarray of float, shape (units,)
        Residents.
    """

    codes: NDArray[Any]
    met: Flags
    people: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Segments:
    """The road segments of a study, and their errors by service.

    Parameters
    ----------
    table : GeoDataFrame
        ``segment_id``, ``road``, ``length_km``, ``commune_code`` where its middle lies.
    of_service : mapping of str to (ndarray of int, SegmentErrors)
        Which segments can be measured for the service, as rows of the table, and their errors.
    places : mapping of str to ndarray of int
        How many places each of these has.
    """

    table: gpd.GeoDataFrame
    of_service: Mapping[str, tuple[NDArray[np.int64], SegmentErrors]]
    places: Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class RankedRoads:
    """Which segments of a service were judged, as rows of the table, and how many were not."""

    ranking: SegmentRanking
    rows: NDArray[np.int64]
    left_out: int


def segments_of(
    roads: gpd.GeoDataFrame,
    coverage: Coverage,
    ranked: Ranked,
    communes: gpd.GeoDataFrame,
    measured: MeasuredMasts | None,
    *,
    services: Sequence[str],
    draws: int,
) -> Segments:
    """Return the segments of the roads along which a service can be measured.

    That is where the best server is a mast of the draws, and its predicted level one that phones
    report.
    """
    grid = grid_of(coverage.terrain)
    table = cut_roads(roads)
    owner, pixel = _places(table, grid)
    mast_of_cell = masts_of(coverage.cells, grid)
    floor = coverage.cells["technology"].map(REPORTED_DBM).to_numpy(float)
    last = max((int(mast_of_cell[one[one >= 0]].max(initial=-1)) for one in ranked.cell.values()),
               default=-1)  # fmt: skip
    of_service, places = {}, {}
    for name in services:
        rasters = coverage.services[name]
        server = rasters.best_server.to_numpy().ravel()[pixel]
        level = rasters.level_dbm.to_numpy().ravel()[pixel]
        heard = server >= 0
        heard[heard] = (level[heard] >= floor[server[heard]]) & (
            mast_of_cell[server[heard]] <= last
        )
        rows, first, count = np.unique(owner[heard], return_index=True, return_counts=True)
        ends = np.append(first, heard.sum())
        error_row = error_rows(coverage, measured, server[heard], pixel[heard])
        errors = SegmentErrors(ends, pixel[heard], error_row, draws)
        of_service[name], places[name] = (rows, errors), count
    middle = gpd.GeoSeries(
        shapely.line_interpolate_point(table.geometry.to_numpy(), 0.5, normalized=True),
        crs=roads.crs,
    )
    table["commune_code"] = commune_of(middle, communes)
    return Segments(table=table, of_service=of_service, places=places)


def cut_roads(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return roads in segments of equal length, `LONGEST_M` at most, numbered by their name.

    Lines of one name that meet are one road, wherever its file cuts it.
    """
    roads = roads[~(roads.geometry.isna() | roads.geometry.is_empty)]
    name = roads["name"] if "name" in roads else pd.Series(None, roads.index, dtype="str")
    label = name.fillna(roads["road_id"])
    rows: list[dict[str, Any]] = []
    ordered = roads.assign(label=label).sort_values("road_id")
    number, names = pd.factorize(ordered["label"], sort=True)
    parts, owner = shapely.get_parts(
        shapely.force_2d(ordered.geometry.to_numpy()[number >= 0]), return_index=True
    )
    of_road = number[number >= 0][owner]
    order = np.argsort(of_road, kind="stable")
    whole = shapely.line_merge(shapely.multilinestrings(parts[order], indices=of_road[order]))
    lines, road_of = shapely.get_parts(whole, return_index=True)
    for line, road in zip(lines, names.to_numpy()[road_of], strict=True):
        pieces = max(int(np.ceil(line.length / LONGEST_M)), 1)
        for k in range(pieces):
            piece = substring(line, k / pieces, (k + 1) / pieces, normalized=True)
            rows.append({"road": road, "length_km": line.length / pieces / 1000, "geometry": piece})
    table = pd.DataFrame(rows, columns=["road", "length_km", "geometry"])
    table["segment_id"] = [f"{at:04d}" for at in range(1, len(table) + 1)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=roads.crs)


def _places(segments: gpd.GeoDataFrame, grid: Grid) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the pixels that segments pass through, and whose they are; each once a segment."""
    lines = segments.geometry.to_numpy()
    steps = np.maximum(np.ceil(shapely.length(lines) / grid.resolution_m), 1).astype(int)
    owner = np.repeat(np.arange(len(lines)), steps)
    within = (np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps) + 0.5) / steps[
        owner
    ]
    at = shapely.line_interpolate_point(lines[owner], within, normalized=True)
    row, column, inside = grid.index(shapely.get_x(at), shapely.get_y(at))
    pair = np.stack([owner, row * grid.width + column])[:, inside]
    found = np.unique(pair, axis=1)
    return found[0], found[1]


def ranked_roads(
    segments: Segments,
    undecided: Mapping[str, Undecided],
    *,
    uncorrelated_sd_db: float,
    confidence: float,
    most: int,
) -> tuple[gpd.GeoDataFrame, dict[str, RankedRoads]]:
    """Return the rows of `tables.ROAD_SEGMENTS`, and what is told of each service.

    No more than `most` segments of a service are judged: time and memory grow with their square,
    and with the undecided communes.
    """
    table, rankings = segments.table, {}
    told = np.zeros(len(table), dtype=bool)
    for name, open_ones in undecided.items():
        rows, errors = segments.of_service[name]
        people = table["commune_code"].map(pd.Series(open_ones.people, open_ones.codes))
        first = np.argsort(-people.fillna(0.0).to_numpy()[rows], kind="stable")
        kept = np.sort(first[:most])
        left_out, rows = len(rows) - len(kept), rows[kept]
        ranking = rank_segments(
            errors.error_db[kept],
            open_ones.met,
            noise_db=uncorrelated_sd_db / np.sqrt(segments.places[name][kept]),
            confidence=confidence,
            most=RANKED,
        )
        rankings[name] = RankedRoads(ranking, rows, left_out)
        told[rows] = True
        for field, values in _columns(ranking, open_ones):
            column = np.full(len(table), np.nan)
            column[rows] = values
            table[f"{field}_{name}"] = column
        table[f"drive_order_{name}"] = table[f"drive_order_{name}"].astype("Int64")
    return table[told].reset_index(drop=True), rankings


def _columns(
    ranking: SegmentRanking, open_ones: Undecided
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    yield "settled_communes", ranking.settled.sum(axis=1)
    yield "settled_population", ranking.settled @ open_ones.people
    yield "doubt_left", np.sqrt(1 - ranking.explained).mean(axis=1)
    order, together = np.full((2, len(ranking.settled)), np.nan)
    order[ranking.order] = np.arange(1, len(ranking.order) + 1)
    together[ranking.order] = ranking.together.sum(axis=1)
    yield "drive_order", order
    yield "settled_so_far", together
