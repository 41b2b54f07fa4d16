"""From cells to the signal of each service on the grid.

Loss tiles are computed on threads, antenna by antenna; cells are folded in
one after the other, so the result does not depend on the number of threads
and memory depends on the grid, not on the number of stations.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer

from ..errors import InputError, ModelRangeError, Problem
from ..grid import Grid, grid_of
from ..i18n import text
from ._kernels import directions, fold_cell
from .propagation import Link, Polarization, PropagationModel
from .tiles import Antenna, LossTile, Sweep

TILES_AHEAD = 2
"""Tiles in work or waiting, for each thread."""
OMNIDIRECTIONAL = 0.0


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

    def admits(self, operator: str, technology: str) -> bool:
        """Tell whether a cell of this operator and technology may serve."""
        return technology in self.technologies and (
            not self.operators or operator in self.operators
        )


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
        Cells that stand where no terrain is known: ``cell_id``, ``reason_vi``,
        ``reason_en``.
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
    time_percent: float,
    polarization: Polarization,
    delta_n_per_km: float,
    n0: float,
    threads: int,
    cache_folder: Path | None,
    on_antenna: Callable[[int, int], None],
) -> Prediction:
    """Predict the signal of every service.

    Parameters
    ----------
    cells : GeoDataFrame
        As `tables.CELLS`, those on air, in the grid's CRS.
    height_m : DataArray, shape (y, x)
        Ground on a `Grid`, metres above sea level; NaN where unknown.
    services : sequence of ServiceRule
    model : PropagationModel
        From `phusong.radio.model`.
    radius_m : float
        Farthest receiver from a mast.
    receiver_height_m : float
        Above ground.
    time_percent, polarization, delta_n_per_km, n0
        See `Link`.
    threads : int
        Tiles computed at a time; the result does not depend on it.
    cache_folder : path, optional
        Keep loss tiles there; a damaged one is computed anew.
    on_antenna : callable
        Called with how many antennas are done and how many there are.

    Raises
    ------
    InputError
        If a cell lies outside the ranges of the model; names every such cell.
    """
    grid = grid_of(height_m)
    heights = height_m.to_numpy().astype(np.float64)
    link = Link(
        frequency_mhz=900.0,
        transmitter_height_m=30.0,
        receiver_height_m=receiver_height_m,
        time_percent=time_percent,
        polarization=polarization,
        latitude_deg=_latitude(grid),
        delta_n_per_km=delta_n_per_km,
        n0=n0,
    )
    sweep = Sweep(grid, heights, model, radius_m, link, cache_folder)
    antennas = _group(cells, services)
    _check_ranges(cells, antennas, model, link)
    grounded = {antenna: rows for antenna, rows in antennas.items()
                if not np.isnan(sweep.ground_m(antenna))}  # fmt: skip
    fold = _Fold(cells, services, grid, heights, receiver_height_m)
    on_antenna(0, len(grounded))
    for done, (antenna, tile) in enumerate(_tiles(sweep, list(grounded), threads), start=1):
        fold.add(antenna, sweep.ground_m(antenna), tile, grounded[antenna])
        on_antenna(done, len(grounded))
    lost = sorted(row for antenna, rows in antennas.items() if antenna not in grounded
                  for row in rows)  # fmt: skip
    return Prediction(fold.signals(), _rejected(cells, lost))


def _latitude(grid: Grid) -> float:
    west, south, east, north = grid.bounds
    _, latitude = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(
        (west + east) / 2, (south + north) / 2
    )
    return float(latitude)


def _group(cells: gpd.GeoDataFrame, services: Sequence[ServiceRule]) -> dict[Antenna, list[int]]:
    """Gather the rows of the cells that can serve anybody by antenna, first row first."""
    antennas: dict[Antenna, list[int]] = {}
    columns = zip(
        cells.geometry.x, cells.geometry.y, cells["antenna_height_m"], cells["frequency_mhz"],
        cells["operator"], cells["technology"], strict=True,
    )  # fmt: skip
    for row, (x, y, height, frequency, operator, technology) in enumerate(columns):
        if any(service.admits(operator, technology) for service in services):
            antenna = Antenna(float(x), float(y), float(height), float(frequency))
            antennas.setdefault(antenna, []).append(row)
    return antennas


def _check_ranges(
    cells: gpd.GeoDataFrame,
    antennas: Mapping[Antenna, Sequence[int]],
    model: PropagationModel,
    link: Link,
) -> None:
    """Refuse all cells outside the model's ranges before anything is computed."""
    problems = []
    for antenna, rows in antennas.items():
        try:
            model.check(
                Link(
                    frequency_mhz=antenna.frequency_mhz,
                    transmitter_height_m=antenna.height_m,
                    receiver_height_m=link.receiver_height_m,
                    time_percent=link.time_percent,
                )
            )
        except ModelRangeError as fault:
            problems += [
                Problem(
                    message=fault.message,
                    file="cells",
                    column="cell_id",
                    value=cells["cell_id"].iloc[row],
                    values=fault.values,
                )
                for row in rows
            ]
    if problems:
        raise InputError(problems)


def _tiles(
    sweep: Sweep, antennas: Sequence[Antenna], threads: int
) -> Iterator[tuple[Antenna, LossTile]]:
    """Yield tiles in order, computed on threads a few ahead."""
    with ThreadPoolExecutor(threads) as pool:
        waiting = iter(antennas)
        ahead: deque[tuple[Antenna, Future[LossTile]]] = deque()

        def submit(count: int) -> None:
            ahead.extend((a, pool.submit(sweep.tile, a)) for a in islice(waiting, count))

        submit(threads * TILES_AHEAD)
        while ahead:
            antenna, tile = ahead.popleft()
            submit(1)
            yield antenna, tile.result()


class _Fold:
    """The best servers so far."""

    def __init__(
        self,
        cells: gpd.GeoDataFrame,
        services: Sequence[ServiceRule],
        grid: Grid,
        heights: NDArray[np.float64],
        receiver_height_m: float,
    ) -> None:
        self._services, self._grid, self._heights = services, grid, heights
        self._receiver_height_m = receiver_height_m
        azimuth, beamwidth = cells["azimuth_deg"], cells["beamwidth_deg"]
        # Without azimuth an antenna is omnidirectional; without beamwidth the
        # sector is the 65° of 3GPP TR 38.901.
        self._beamwidth = np.where(azimuth.isna(), OMNIDIRECTIONAL, beamwidth.fillna(65.0))
        self._azimuth = azimuth.fillna(0.0).to_numpy(float)
        self._tilt = cells["tilt_deg"].fillna(0.0).to_numpy(float)
        self._eirp = cells["rs_eirp_dbm"].to_numpy(float)
        self._operator = cells["operator"].to_list()
        self._technology = cells["technology"].to_list()
        self._signals: dict[str, tuple[Any, Any, Any]] = {
            service.id: (
                np.full(grid.shape, np.nan, dtype=np.float32),
                np.full(grid.shape, np.nan, dtype=np.float32),
                np.full(grid.shape, -1, dtype=np.int32),
            )
            for service in services
        }

    def add(self, antenna: Antenna, ground_m: float, tile: LossTile, rows: Sequence[int]) -> None:
        """Let the cells of one antenna compete."""
        grid = self._grid
        azimuth = np.empty(tile.loss_db.shape, dtype=np.float32)
        depression = np.empty(tile.loss_db.shape, dtype=np.float32)
        directions(
            self._heights,
            ground_m + antenna.height_m,
            (grid.north_m - antenna.y_m) / grid.resolution_m - 0.5,
            (antenna.x_m - grid.west_m) / grid.resolution_m - 0.5,
            grid.resolution_m,
            self._receiver_height_m,
            tile.top,
            tile.left,
            azimuth,
            depression,
        )
        for row in rows:
            for service in self._services:
                if not service.admits(self._operator[row], self._technology[row]):
                    continue
                fold_cell(
                    tile.loss_db,
                    azimuth,
                    depression,
                    tile.top,
                    tile.left,
                    self._eirp[row],
                    self._azimuth[row],
                    self._beamwidth[row],
                    self._tilt[row],
                    service.threshold_dbm[self._technology[row]] + service.allowance_db,
                    row,
                    *self._signals[service.id],
                )

    def signals(self) -> dict[str, Signal]:
        """Return the finished rasters."""
        return {
            name: Signal(
                self._grid.wrap(margin, "margin_db", units="dB"),
                self._grid.wrap(level, "level_dbm", units="dBm"),
                self._grid.wrap(server, "best_server"),
            )
            for name, (margin, level, server) in self._signals.items()
        }


def _rejected(cells: gpd.GeoDataFrame, rows: Sequence[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell_id": cells["cell_id"].iloc[list(rows)].to_list(),
            **{
                f"reason_{lang}": [text("radio.no_ground", lang)] * len(rows)
                for lang in ("vi", "en")
            },
        }
    )
