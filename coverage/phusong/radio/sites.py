"""From cells to sites: which cells can be predicted, and which stations share masts."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..errors import CellRangeError, ModelRangeError, Problem
from ._kernels import NOWHERE
from .masts import Conditions, Place
from .sectors import Sector
from .services import ServiceRule

BETTER_THAN_FREE_DB = 10.0
"""No model takes so much less than free space: P.1812 at most 4.4 dB less, for 1 % of time."""
_OF_ALL_LINKS = ("receiver_height_m", "time_percent", "n0", "delta_n_per_km", "polarization")
_Mast = tuple[float, float, float | None]
"""Easting, northing and surveyed ground of a mast."""
Station = tuple[tuple[Place, Sector], ...]
"""The cells of a station with the mast of each, those of one mast side by side."""


@dataclass(frozen=True)
class Site:
    """Stations that share masts: the smallest part of a prediction that stands alone.

    A station with cells on several masts ties these together, so that it is
    counted once wherever its site is predicted.

    Parameters
    ----------
    stations : tuple of Station
    """

    stations: tuple[Station, ...]

    @property
    def placed(self) -> Iterator[tuple[Place, Sector]]:
        """Each cell with its mast."""
        return (placed for station in self.stations for placed in station)

    @property
    def antennas(self) -> int:
        """How many losses the site needs: one for each mast, antenna height and frequency."""
        return len({(place, cell.height_m, cell.frequency_mhz) for place, cell in self.placed})


def renumbered(sites: Iterable[Site], rows: NDArray[np.int32]) -> tuple[Site, ...]:
    """Return sites whose cells have other rows, without the stations of which one has none.

    Parameters
    ----------
    sites : iterable of Site
    rows : ndarray of int32, shape (cells,)
        By the present row; `NOWHERE` for those that go.
    """
    row: list[int] = rows.tolist()
    moved = []
    for site in sites:
        if not all(row[cell.row] == cell.row for _, cell in site.placed):
            site = Site(
                tuple(
                    tuple((place, replace(cell, row=row[cell.row])) for place, cell in station)
                    for station in site.stations
                    if all(row[cell.row] != NOWHERE for _, cell in station)
                )
            )
        if site.stations:
            moved.append(site)
    return tuple(moved)


def require_ranges(
    cells: gpd.GeoDataFrame,
    sectors: Sequence[Sector],
    conditions: Conditions,
    services: Sequence[ServiceRule],
) -> None:
    """Refuse cells outside the ranges of the model or of an allowance.

    Raises
    ------
    CellRangeError
        With every such cell.
    ModelRangeError
        If it is a parameter of the model or a setting of all links that lies outside.
    """
    of_all = {*conditions.settings.model.parameters, *_OF_ALL_LINKS}
    faults: dict[tuple[float, float], ModelRangeError] = {}
    asked = set()
    for sector in sectors:
        kind = sector.height_m, sector.frequency_mhz
        of_services = *kind, sector.operator, sector.technology
        if kind in faults or of_services in asked:
            continue
        asked.add(of_services)
        try:
            conditions.settings.model.check(conditions.link(sector))
            for rule in services:
                if rule.admits(sector):
                    rule.needed_dbm(sector)  # an allowance may have ranges of its own
        except ModelRangeError as fault:
            if fault.values.get("quantity") in of_all:
                raise
            faults[kind] = fault
    problems = [
        Problem(
            message=found.message,
            file=str(cells.attrs.get("file", "cells")),
            column="cell_id",
            value=cells["cell_id"].iloc[sector.row],
            values=found.values,
        )
        for sector in sectors
        if (found := faults.get((sector.height_m, sector.frequency_mhz))) is not None
    ]
    if problems:
        raise CellRangeError(problems)


def locate(
    sectors: Sequence[Sector], conditions: Conditions, services: Sequence[ServiceRule]
) -> tuple[dict[int, Place], dict[int, str]]:
    """Find the ground under every cell, and how far its mast is to be heard.

    Returns
    -------
    dict of int to Place, dict of int to str
        By row of the cell: where its mast stands; why it cannot be predicted,
        as a message key.
    """
    rejected = {sector.row: "radio.incomplete_cell" for sector in sectors if not sector.complete}
    complete = [sector for sector in sectors if sector.row not in rejected]
    reach_m = _reaches_m(complete, services)
    x_m, y_m = np.array([mast[:2] for mast in reach_m], dtype=float).reshape(-1, 2).T
    grid, radius_m = conditions.terrain.grid, conditions.settings.radius_m
    _, latitude_deg = _to_degrees(grid.crs).transform(x_m, y_m)
    surely_known = conditions.terrain.surely_known(x_m, y_m)
    west, south, east, north = grid.bounds
    found: dict[_Mast, Place | str] = {}
    for at, sure, latitude in zip(reach_m, surely_known, latitude_deg.tolist(), strict=True):
        x, y, surveyed_m = at
        place = Place(
            x, y, latitude, min(max(reach_m[at], grid.resolution_m), radius_m), surveyed_m
        )
        found[at] = place
        if not sure and math.isnan(conditions.around(place).ground_m):
            inside = west <= x <= east and south <= y <= north
            found[at] = "radio.mast_in_void" if inside else "radio.mast_outside_terrain"
    places = {}
    for sector in complete:
        its = found[sector.x_m, sector.y_m, sector.surveyed_m]
        if isinstance(its, Place):
            places[sector.row] = its
        else:
            rejected[sector.row] = its
    return places, rejected


def _reaches_m(sectors: Iterable[Sector], services: Sequence[ServiceRule]) -> dict[_Mast, float]:
    """Return how far a cell of each mast could serve at most, masts in their first order."""
    of_mast: dict[_Mast, float] = {}
    of_kind: dict[tuple[str, str, float, float], float] = {}
    for one in sectors:
        kind = one.operator, one.technology, one.frequency_mhz, one.eirp_dbm
        if kind not in of_kind:
            of_kind[kind] = farthest_served_m(one, services)
        at = one.x_m, one.y_m, one.surveyed_m
        of_mast[at] = max(of_mast.get(at, 0.0), of_kind[kind])
    return of_mast


@cache
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def farthest_served_m(sector: Sector, services: Sequence[ServiceRule]) -> float:
    """Return how far a cell could serve at most: over free space, and `BETTER_THAN_FREE_DB` more.

    Parameters
    ----------
    sector : Sector
    services : sequence of ServiceRule
        At least one of which admits it.

    Returns
    -------
    float
        Metres, in whole hundreds, so that a slight change of power changes no tile.

    Examples
    --------
    >>> from phusong.radio import ServiceRule
    >>> from phusong.radio.sectors import read_sectors
    >>> cell = gpd.GeoDataFrame(
    ...     {"operator": ["Viettel"], "technology": "4G", "frequency_mhz": 900.0,
    ...      "antenna_height_m": 30.0, "rs_eirp_dbm": 0.0, "antenna": "omni"},
    ...     geometry=gpd.points_from_xy([0.0], [0.0]),
    ... )
    >>> rule = ServiceRule("4g", ["4G"], [], {"4G": -110.0}, allowance_db=10.0)
    >>> farthest_served_m(read_sectors(cell)[0], [rule])
    8500.0
    """
    loss_db = max(
        sector.eirp_dbm - rule.needed_dbm(sector) for rule in services if rule.admits(sector)
    )
    loss_db += BETTER_THAN_FREE_DB
    distance_m = 1000 * 10 ** ((loss_db - 32.4 - 20 * math.log10(sector.frequency_mhz)) / 20)
    return 100.0 * math.ceil(distance_m / 100)


def gather_sites(
    cells: gpd.GeoDataFrame, placed: Sequence[tuple[Place, Sector]]
) -> tuple[Site, ...]:
    """Gather the cells by station, and the stations that share a mast by site."""
    ids = cells["station_id"].to_numpy()
    code_of: dict[Place, int] = {}
    of_object: dict[
        int, int
    ] = {}  # most cells of a mast share one object; hashing its fields takes longer
    for place, _ in placed:
        if id(place) not in of_object:
            of_object[id(place)] = code_of.setdefault(place, len(code_of))
    place_code = np.array([of_object[id(place)] for place, _ in placed], dtype=np.int64)
    station_code, stations = pd.factorize(ids[[sector.row for _, sector in placed]])
    size = len(code_of) + len(stations)
    links = coo_array(
        (np.ones(len(placed)), (place_code, len(code_of) + station_code)), shape=(size, size)
    )
    _, site_code = connected_components(links, directed=False)
    order = np.lexsort((place_code, station_code, site_code[place_code]))
    sites = []
    for _, of_site in groupby(order, key=lambda i: site_code[place_code[i]]):
        of_stations = groupby(of_site, key=lambda i: station_code[i])
        sites.append(Site(tuple(tuple(placed[i] for i in of_one) for _, of_one in of_stations)))
    return tuple(sites)
