"""From cells to the signal of each service on the grid.

Knows what serves and what a signal is; `_sweep` finds the best servers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .._cache import TileCache
from ..errors import CellRangeError, CrsMismatchError, ModelRangeError, Problem
from ..grid import grid_of
from ..i18n import LANGUAGES, text
from ._kernels import NOWHERE, obstacle_grounds
from ._sweep import Best, Place, Setting, Site, best_servers
from .obstacles import IN_SIGHT
from .patterns import Patterns
from .propagation import Link, Polarization, PropagationModel
from .sampling import Terrain, position_px, ray_count
from .sectors import NO_PATTERNS, Sector, read_sectors


@dataclass(frozen=True)
class ServiceRule:
    """What it takes to serve.

    Parameters
    ----------
    id : str
        Identifier.
    technologies, operators : sequence of str
        Any of them serves; no operator named means all.
    threshold_dbm : mapping
        Weakest level that counts, itself included, by technology.
    allowance_db : float or callable
        What the predicted median level must exceed the threshold by; called
        with the carrier in MHz where it depends on that.
    """

    id: str
    technologies: Sequence[str]
    operators: Sequence[str]
    threshold_dbm: Mapping[str, float]
    allowance_db: float | Callable[[float], float]

    def admits(self, sector: Sector) -> bool:
        """Tell whether a cell may serve."""
        return sector.technology in self.technologies and (
            not self.operators or sector.operator in self.operators
        )

    def needed_dbm(self, sector: Sector) -> float:
        """Return the level at which a cell just serves."""
        allowance = self.allowance_db
        if callable(allowance):
            allowance = allowance(sector.frequency_mhz)
        return self.threshold_dbm[sector.technology] + allowance


@dataclass(frozen=True)
class Signal:
    """Signal of one service; rasters of shape (y, x) on the terrain's grid.

    Parameters
    ----------
    margin_db : DataArray of float32
        Best server's level minus threshold and allowance; served where at
        least 0, NaN where no cell reaches. The best server is the one with
        the largest margin: levels of different technologies are no match.
    level_dbm : DataArray of float32
        Median level of that server, outdoors.
    best_server : DataArray of int32
        Its row position in the cells; -1 for none.
    second_margin_db : DataArray of float32
        Largest margin of another station: who has a fallback if the best
        server's station fails. NaN where no other reaches.
    servers : DataArray of uint16
        Number of stations with a margin of at least 0. A service with one
        operator and one technology counts theirs.
    obstacle_distance_m : DataArray of float32
        From the receiver to the terrain point that dominates its shadow from
        the best server, see `dominant_obstacle`; NaN in sight of its antenna.
    obstacle_ground_m : DataArray of float32
        Ground of that point above sea level.
    """

    margin_db: xr.DataArray
    level_dbm: xr.DataArray
    best_server: xr.DataArray
    second_margin_db: xr.DataArray
    servers: xr.DataArray
    obstacle_distance_m: xr.DataArray
    obstacle_ground_m: xr.DataArray


@dataclass(frozen=True)
class Prediction:
    """What `predict` returns.

    Parameters
    ----------
    services : mapping of str to Signal
    rejected : DataFrame
        Cells that no signal was predicted for: ``site_id``, ``station_id``,
        ``cell_id`` and why, ``reason_vi`` and ``reason_en``.
    """

    services: Mapping[str, Signal]
    rejected: pd.DataFrame


def predict(
    cells: gpd.GeoDataFrame,
    height_m: xr.DataArray,
    services: Sequence[ServiceRule],
    *,
    model: PropagationModel,
    radius_m: float,
    receiver_height_m: float,
    threads: int,
    patterns: Patterns = NO_PATTERNS,
    clutter_m: xr.DataArray | None = None,
    time_percent: float = 50.0,
    polarization: Polarization = "vertical",
    delta_n_per_km: float = 45.0,
    n0: float = 325.0,
    cache_folder: Path | None = None,
    on_antenna: Callable[[int, int], None] | None = None,
) -> Prediction:
    """Predict the signal of every service.

    The loss around an antenna is computed once for each mast, antenna height
    and frequency, and shared by all its cells.

    Parameters
    ----------
    cells : GeoDataFrame
        As `tables.CELLS`, those on air, in the grid's CRS. Without azimuth a
        cell is omnidirectional; without beamwidth or tilt it has the 70° of
        3GPP TR 36.814, and none.
    height_m : DataArray, shape (y, x)
        Ground on a `Grid`, metres above sea level; NaN where unknown.
    services : sequence of ServiceRule
        Cells that none of them admits take no part.
    model : PropagationModel
        From `phusong.radio.model`.
    radius_m : float
        Farthest receiver from a mast.
    receiver_height_m : float
        Above ground.
    threads : int
        Masts predicted at a time; the result does not depend on it.
    patterns : Patterns, optional
        Pattern files that cells may name, from `read_patterns`.
    clutter_m : DataArray, shape (y, x), optional
        Representative clutter above ground on the same grid.
    time_percent, polarization, delta_n_per_km, n0
        See `Link`.
    cache_folder : path, optional
        Keep loss tiles there, at most `LIMIT_BYTES` or what this run needs; one that
        is damaged or not right is computed anew, a folder that fails is told to the log.
    on_antenna : callable, optional
        Called with how many antennas (mast, height, frequency) are done and
        how many there are.

    Returns
    -------
    Prediction

    Raises
    ------
    CellRangeError
        If cells lie outside the ranges of the model; names every one, before
        anything is computed.
    InputError
        If a cell's antenna pattern or power cannot be used; see `read_sectors`.
    CrsMismatchError, GridMismatchError
        If the cells or the clutter do not lie on the grid.

    Examples
    --------
    One 4G cell above flat ground: the pixel 200 m east of the mast hears
    35 dBm less 77.6 dB of free space (and 0.1 dB off the beam's axis).

    >>> from phusong.grid import Grid
    >>> from phusong.radio import model
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 500.0, 5, 5)
    >>> ground = grid.wrap(np.zeros(grid.shape, np.float32), "terrain")
    >>> cell = gpd.GeoDataFrame(
    ...     {"site_id": ["S1"], "station_id": ["S1-4G"], "cell_id": ["S1-4G-1"],
    ...      "operator": ["Viettel"], "technology": ["4G"], "frequency_mhz": [900.0],
    ...      "antenna_height_m": [6.0], "rs_eirp_dbm": [35.0], "azimuth_deg": [90.0],
    ...      "beamwidth_deg": [65.0], "tilt_deg": [0.0], "antenna": ["3gpp"]},
    ...     geometry=gpd.points_from_xy([250.0], [250.0]), crs="EPSG:9209",
    ... )
    >>> outdoor = ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)
    >>> found = predict(cell, ground, [outdoor], model=model("free_space"), radius_m=200.0,
    ...                 receiver_height_m=1.5, threads=1)
    >>> round(float(found.services["4g"].level_dbm[2, 4]), 1)
    -42.8
    >>> round(float(found.services["4g"].margin_db[2, 4]), 1)
    62.2
    """
    grid = grid_of(height_m)
    if cells.crs is None or CRS.from_user_input(grid.crs) != cells.crs:
        raise CrsMismatchError("cells", str(cells.crs), grid.crs)
    clutter = None
    if clutter_m is not None:
        grid.require(clutter_m, "clutter")
        clutter = _plain(clutter_m)
    terrain = Terrain(grid=grid, height_m=_plain(height_m), clutter_m=clutter)
    cache = None if cache_folder is None else TileCache(cache_folder)
    setting = Setting(
        terrain=terrain,
        model=model,
        radius_m=radius_m,
        cache=cache,
        air=Link(
            frequency_mhz=math.nan,
            transmitter_height_m=math.nan,
            receiver_height_m=receiver_height_m,
            time_percent=time_percent,
            polarization=polarization,
            delta_n_per_km=delta_n_per_km,
            n0=n0,
        ),
    )
    sectors = [
        sector
        for sector in read_sectors(cells, patterns)
        if any(rule.admits(sector) for rule in services)
    ]
    complete = [sector for sector in sectors if sector.complete]
    _require_ranges(cells, complete, setting, services)
    places, lost = _places(sectors, setting)
    sites = _sites(cells, [(places[s.row], s) for s in sectors if s.row in places])
    best = best_servers(setting, services, sites, threads=threads, on_antenna=on_antenna)
    if cache is not None:
        cache.keep_to_limit()
    signals = {
        rule.id: _signal(setting, rule, sectors, cells, best, i) for i, rule in enumerate(services)
    }
    return Prediction(signals, _rejected(cells, lost))


def _plain(raster: xr.DataArray) -> NDArray[np.float32]:
    return np.ascontiguousarray(raster.to_numpy(), dtype=np.float32)


def _require_ranges(
    cells: gpd.GeoDataFrame,
    sectors: Sequence[Sector],
    setting: Setting,
    rules: Sequence[ServiceRule],
) -> None:
    """Refuse cells outside the ranges of the model or of an allowance, all at once."""
    faults: dict[tuple[float, float], ModelRangeError] = {}
    kinds = dict.fromkeys((sector.height_m, sector.frequency_mhz) for sector in sectors)
    for height_m, frequency_mhz in kinds:
        link = replace(setting.air, transmitter_height_m=height_m, frequency_mhz=frequency_mhz)
        try:
            setting.model.check(link)
        except ModelRangeError as fault:
            faults[height_m, frequency_mhz] = fault
    for sector in sectors:
        try:
            for rule in rules:
                if rule.admits(sector):
                    rule.needed_dbm(sector)  # an allowance may have ranges of its own
        except ModelRangeError as fault:
            faults[sector.height_m, sector.frequency_mhz] = fault
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


def _places(sectors: Sequence[Sector], setting: Setting) -> tuple[dict[int, Place], dict[int, str]]:
    """Return each cell's place, by row, and why the others cannot be predicted."""
    lost = {sector.row: "radio.incomplete_cell" for sector in sectors if not sector.complete}
    grid = setting.terrain.grid
    to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    west, south, east, north = grid.bounds
    known: dict[tuple[float, float], Place | str] = {}
    places = {}
    for sector in sectors:
        if not sector.complete:
            continue
        x, y = at = sector.x_m, sector.y_m
        if at not in known:
            place = Place(x, y, to_degrees.transform(x, y)[1])
            known[at] = place
            if math.isnan(setting.around(place).ground_m):
                inside = west <= x <= east and south <= y <= north
                known[at] = "radio.mast_in_void" if inside else "radio.mast_outside_terrain"
        found = known[at]
        if isinstance(found, Place):
            places[sector.row] = found
        else:
            lost[sector.row] = found
    return places, lost


def _sites(cells: gpd.GeoDataFrame, placed: Sequence[tuple[Place, Sector]]) -> list[Site]:
    """Gather the cells by station, and the stations that are linked by a place."""
    ids = cells["station_id"].to_numpy()
    place_code, places = pd.factorize(pd.Series([place for place, _ in placed], dtype=object))
    station_code, stations = pd.factorize(ids[[sector.row for _, sector in placed]])
    size = len(places) + len(stations)
    links = coo_array(
        (np.ones(len(placed)), (place_code, len(places) + station_code)), shape=(size, size)
    )
    _, site_code = connected_components(links, directed=False)
    order = np.lexsort((place_code, station_code, site_code[place_code]))
    sites: list[Site] = []
    for _, of_site in groupby(order, key=lambda i: site_code[place_code[i]]):
        of_stations = groupby(of_site, key=lambda i: station_code[i])
        sites.append([[placed[i] for i in of_station] for _, of_station in of_stations])
    return sites


def _signal(
    setting: Setting,
    rule: ServiceRule,
    sectors: Sequence[Sector],
    cells: gpd.GeoDataFrame,
    best: Best,
    service: int,
) -> Signal:
    """Return the signal of one service from its layers of the best servers."""
    grid, server, back = setting.terrain.grid, best.server[service], best.obstacle[service]
    nan = np.float32(np.nan)
    needed = np.full(len(cells) + 1, np.nan, dtype=np.float32)  # the last is nobody's, at -1
    for sector in sectors:
        if rule.admits(sector):
            needed[sector.row] = rule.needed_dbm(sector)
    margin = np.where(server == NOWHERE, nan, best.margin[service])
    second = best.second[service]
    ground = np.full(grid.shape, nan)
    obstacle_grounds(
        setting.terrain.height_m,
        back,
        server,
        *position_px(grid, cells.geometry.x.to_numpy(), cells.geometry.y.to_numpy()),
        ray_count(setting.radius_m, grid.resolution_m),
        ground,
    )
    distance = np.where(back == IN_SIGHT, nan, back * np.float32(grid.resolution_m))
    return Signal(
        margin_db=grid.wrap(margin, "margin_db", units="dB"),
        level_dbm=grid.wrap(margin + needed[server], "level_dbm", units="dBm"),
        best_server=grid.wrap(server, "best_server"),
        second_margin_db=grid.wrap(
            np.where(np.isneginf(second), nan, second), "second_margin_db", units="dB"
        ),
        servers=grid.wrap(best.servers[service], "servers"),
        obstacle_distance_m=grid.wrap(distance, "obstacle_distance_m", units="m"),
        obstacle_ground_m=grid.wrap(ground, "obstacle_ground_m", units="m"),
    )


def _rejected(cells: gpd.GeoDataFrame, lost: Mapping[int, str]) -> pd.DataFrame:
    rows = sorted(lost)
    table = pd.DataFrame(cells)[["site_id", "station_id", "cell_id"]].iloc[rows]
    return table.reset_index(drop=True).assign(
        **{f"reason_{lang}": [text(lost[row], lang) for row in rows] for lang in LANGUAGES}
    )
