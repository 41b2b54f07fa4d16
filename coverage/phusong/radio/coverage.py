"""From cells to the signal of each service on the grid.

Masts are predicted on threads. A thread folds every cell it predicts into its
own best servers, and these are merged at the end by a rule that knows no order:
the result depends on neither threads nor order, and memory on the grid, the
services and the threads, never on the number of stations.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from ..errors import CellRangeError, CrsMismatchError, ModelRangeError, Problem
from ..grid import Grid, grid_of
from ..i18n import LANGUAGES, text
from ._kernels import NOWHERE, fold, merge
from .cache import TileCache
from .propagation import Link, Polarization, PropagationModel
from .sampling import Surroundings, Terrain
from .sectors import Sector, read_sectors
from .tiles import loss_tile


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
    allowance_db : float
        What the predicted median level must exceed the threshold by.
    """

    id: str
    technologies: Sequence[str]
    operators: Sequence[str]
    threshold_dbm: Mapping[str, float]
    allowance_db: float

    def admits(self, sector: Sector) -> bool:
        """Tell whether a cell may serve."""
        return sector.technology in self.technologies and (
            not self.operators or sector.operator in self.operators
        )

    def needed_dbm(self, sector: Sector) -> float:
        """Return the level at which a cell just serves."""
        return self.threshold_dbm[sector.technology] + self.allowance_db


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
    """

    margin_db: xr.DataArray
    level_dbm: xr.DataArray
    best_server: xr.DataArray


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
    clutter_m : DataArray, shape (y, x), optional
        Representative clutter above ground on the same grid.
    time_percent, polarization, delta_n_per_km, n0
        See `Link`.
    cache_folder : path, optional
        Keep loss tiles there; a damaged one is computed anew.
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
        If a cell names an antenna pattern that is not known.
    CrsMismatchError, GridMismatchError
        If the cells or the clutter do not lie on the grid.
    OutputError
        If the cache cannot be written.

    Examples
    --------
    One 4G cell above flat ground: the pixel 200 m east of the mast hears
    35 dBm less 77.6 dB of free space (and 0.1 dB off the beam's axis).

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
    setting = _Setting(
        terrain=terrain,
        rules=tuple(services),
        model=model,
        radius_m=radius_m,
        cache=None if cache_folder is None else TileCache(cache_folder),
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
        sector for sector in read_sectors(cells) if any(rule.admits(sector) for rule in services)
    ]
    _require_ranges(cells, [sector for sector in sectors if sector.complete], setting)
    masts, lost = _group(sectors, setting)
    best = _on_threads(setting, masts, threads, on_antenna)
    signals = {
        rule.id: _signal(grid, rule, sectors, len(cells), best.margin[i], best.server[i])
        for i, rule in enumerate(services)
    }
    return Prediction(signals, _rejected(cells, lost))


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """What all masts have in common."""

    terrain: Terrain
    rules: tuple[ServiceRule, ...]
    model: PropagationModel
    radius_m: float
    cache: TileCache | None
    air: Link

    def around(self, x_m: float, y_m: float) -> Surroundings:
        return Surroundings(terrain=self.terrain, x_m=x_m, y_m=y_m, radius_m=self.radius_m)


@dataclass(frozen=True, kw_only=True)
class _Mast:
    """One place with its cells, gathered by what they share a loss by."""

    x_m: float
    y_m: float
    latitude_deg: float
    antennas: Mapping[tuple[float, float], Sequence[Sector]]


class _Best:
    """The best servers that one thread has found, every service's."""

    def __init__(self, services: int, shape: tuple[int, int]) -> None:
        self.margin = np.full((services, *shape), -np.inf, dtype=np.float32)
        self.server = np.full((services, *shape), NOWHERE, dtype=np.int32)

    def add(self, setting: _Setting, mast: _Mast) -> None:
        """Let every cell of a mast compete."""
        view = setting.around(mast.x_m, mast.y_m)
        depressions: dict[float, NDArray[np.float32]] = {}
        for (height_m, frequency_mhz), sectors in mast.antennas.items():
            link = replace(
                setting.air,
                frequency_mhz=frequency_mhz,
                transmitter_height_m=height_m,
                latitude_deg=mast.latitude_deg,
            )
            loss = loss_tile(view, link, model=setting.model, cache=setting.cache)
            if height_m not in depressions:
                depressions[height_m] = view.depression_deg(
                    antenna_height_m=height_m, receiver_height_m=link.receiver_height_m
                )
            for sector in sectors:
                attenuation = sector.antenna.attenuation_db(view.azimuth_deg, depressions[height_m])
                for i, rule in enumerate(setting.rules):
                    if rule.admits(sector):
                        fold(
                            loss,
                            attenuation,
                            np.float32(sector.eirp_dbm - rule.needed_dbm(sector)),
                            np.int32(sector.row),
                            self.margin[i][view.window],
                            self.server[i][view.window],
                        )

    def merge(self, other: "_Best") -> None:
        """Take over what another thread found."""
        for i in range(len(self.margin)):
            merge(self.margin[i], self.server[i], other.margin[i], other.server[i])


def _plain(raster: xr.DataArray) -> NDArray[np.float32]:
    return np.ascontiguousarray(raster.to_numpy(), dtype=np.float32)


def _require_ranges(cells: gpd.GeoDataFrame, sectors: Sequence[Sector], setting: _Setting) -> None:
    """Refuse cells outside the model's ranges, all at once."""
    faults: dict[tuple[float, float], ModelRangeError] = {}
    kinds = dict.fromkeys((sector.height_m, sector.frequency_mhz) for sector in sectors)
    for height_m, frequency_mhz in kinds:
        link = replace(setting.air, transmitter_height_m=height_m, frequency_mhz=frequency_mhz)
        try:
            setting.model.check(link)
        except ModelRangeError as fault:
            faults[height_m, frequency_mhz] = fault
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


def _group(sectors: Sequence[Sector], setting: _Setting) -> tuple[list[_Mast], dict[int, str]]:
    """Gather the cells of each place; return those that cannot be predicted with a reason."""
    places: dict[tuple[float, float], dict[tuple[float, float], list[Sector]]] = {}
    lost = {sector.row: "radio.incomplete_cell" for sector in sectors if not sector.complete}
    for sector in sectors:
        if sector.complete:
            antennas = places.setdefault((sector.x_m, sector.y_m), {})
            antennas.setdefault((sector.height_m, sector.frequency_mhz), []).append(sector)
    grid = setting.terrain.grid
    to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    west, south, east, north = grid.bounds
    masts = []
    for (x, y), antennas in places.items():
        if math.isnan(setting.around(x, y).ground_m):
            inside = west <= x <= east and south <= y <= north
            reason = "radio.mast_in_void" if inside else "radio.mast_outside_terrain"
            lost |= {sector.row: reason for group in antennas.values() for sector in group}
            continue
        _, latitude = to_degrees.transform(x, y)
        masts.append(_Mast(x_m=x, y_m=y, latitude_deg=latitude, antennas=antennas))
    return masts, lost


def _on_threads(
    setting: _Setting,
    masts: Sequence[_Mast],
    threads: int,
    on_antenna: Callable[[int, int], None] | None,
) -> _Best:
    """Return the best servers of all masts."""
    best = [
        _Best(len(setting.rules), setting.terrain.grid.shape)
        for _ in range(max(min(threads, len(masts)), 1))
    ]
    idle: SimpleQueue[_Best] = SimpleQueue()
    for one in best:
        idle.put(one)

    def add(mast: _Mast) -> int:
        own = idle.get()
        try:
            own.add(setting, mast)
        finally:
            idle.put(own)
        return len(mast.antennas)

    done, total = 0, sum(len(mast.antennas) for mast in masts)
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(add, mast) for mast in masts]
        try:
            for future in as_completed(futures):
                done += future.result()
                if on_antenna is not None:
                    on_antenna(done, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for other in best[1:]:
        best[0].merge(other)
    return best[0]


def _signal(
    grid: Grid,
    rule: ServiceRule,
    sectors: Sequence[Sector],
    cells: int,
    margin: NDArray[np.float32],
    server: NDArray[np.int32],
) -> Signal:
    needed = np.full(cells + 1, np.nan, dtype=np.float32)  # the last is nobody's, at -1
    for sector in sectors:
        if rule.admits(sector):
            needed[sector.row] = rule.needed_dbm(sector)
    margin = np.where(server == NOWHERE, np.float32(np.nan), margin)
    level = margin + needed[server]
    return Signal(
        margin_db=grid.wrap(margin, "margin_db", units="dB"),
        level_dbm=grid.wrap(level, "level_dbm", units="dBm"),
        best_server=grid.wrap(server, "best_server"),
    )


def _rejected(cells: gpd.GeoDataFrame, lost: Mapping[int, str]) -> pd.DataFrame:
    rows = sorted(lost)
    table = pd.DataFrame(cells)[["site_id", "station_id", "cell_id"]].iloc[rows]
    return table.reset_index(drop=True).assign(
        **{f"reason_{lang}": [text(lost[row], lang) for row in rows] for lang in LANGUAGES}
    )
