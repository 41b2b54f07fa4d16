"""The signal of a service on the grid, from what the fold found of its best servers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..grid import Grid, blocks_of_rows, grid_of
from ._kernels import NOWHERE
from .best_servers import Best
from .masts import Conditions
from .obstacle_ground import ObstacleGround
from .obstacles import IN_SIGHT

UNITS = {
    "margin_db": "dB",
    "level_dbm": "dBm",
    "second_margin_db": "dB",
    "obstacle_distance_m": "m",
    "obstacle_ground_m": "m",
}


class SignalRasters(Protocol):
    """What `best_of` reads of the signal of a service; see `Signal`."""

    @property
    def margin_db(self) -> xr.DataArray:
        """Largest margin."""

    @property
    def best_server(self) -> xr.DataArray:
        """Its cell."""

    @property
    def second_margin_db(self) -> xr.DataArray:
        """Largest margin of another station."""

    @property
    def second_server(self) -> xr.DataArray:
        """Best cell of that station."""

    @property
    def servers(self) -> xr.DataArray:
        """Stations that serve."""

    @property
    def obstacle_distance_m(self) -> xr.DataArray:
        """From the receiver to its obstacle."""


@dataclass(frozen=True)
class Signal:
    """Signal of one service; rasters of shape (y, x) on the grid that was wanted.

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
    second_server : DataArray of int32
        Best cell of that station, as a row position in the cells; -1 for none.
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
    second_server: xr.DataArray
    servers: xr.DataArray
    obstacle_distance_m: xr.DataArray
    obstacle_ground_m: xr.DataArray


def best_of(
    signals: Sequence[SignalRasters],
    rows: NDArray[np.int32],
    grid: Grid,
    conditions: Conditions,
) -> Best:
    """Return the best servers that `signal_of` made signals of, on a part of their grid.

    Parameters
    ----------
    signals : sequence of SignalRasters
        One a service, on one grid.
    rows : ndarray of int32, shape (cells + 1,)
        What each server is called now; nobody at the end.
    grid : Grid
        The part wanted.
    conditions : Conditions
        Under which the signals were predicted.

    Returns
    -------
    Best
    """
    best = Best(len(signals), grid)
    row, column = grid_of(signals[0].margin_db).offset(grid) if signals else (0, 0)
    at = slice(row, row + grid.height), slice(column, column + grid.width)
    for i, signal in enumerate(signals):
        for layer, raster in (
            (best.margin, signal.margin_db),
            (best.second, signal.second_margin_db),
        ):
            found = raster.to_numpy()[at]
            layer[i] = np.where(np.isnan(found), -np.inf, found)
        best.server[i] = rows[signal.best_server.to_numpy()[at]]
        best.second_server[i] = rows[signal.second_server.to_numpy()[at]]
        best.servers[i] = signal.servers.to_numpy()[at]
        steps = signal.obstacle_distance_m.to_numpy()[at] / np.float32(
            conditions.terrain.profile_step_m
        )
        best.obstacle[i] = np.where(np.isnan(steps), IN_SIGHT, np.rint(steps))
    return best


def signal_of(values: Mapping[str, NDArray[Any]], grid: Grid) -> Signal:
    """Return the rasters of what `values_of` found, on its grid."""
    units: dict[str, dict[str, Any]] = {name: {"units": unit} for name, unit in UNITS.items()}
    return Signal(
        **{name: grid.wrap(found, name, **units.get(name, {})) for name, found in values.items()}
    )


def values_of(
    best: Best,
    layer: int,
    needed_dbm: NDArray[np.float32],
    *,
    conditions: Conditions,
    grounds: ObstacleGround,
) -> dict[str, NDArray[Any]]:
    """Return the values of the rasters of one service, by the names of `Signal`.

    Parameters
    ----------
    best : Best
        Of all sites. It is spent: its arrays become rasters, with NaN for nobody.
    layer : int
        Position of the service in it.
    needed_dbm : ndarray of float32, shape (cells + 1,)
        Level at which each cell just serves; NaN for those that may not, and
        at the end, which is row -1: nobody.
    conditions : Conditions
        Under which the cells were predicted.
    grounds : ObstacleGround
        Of these conditions and cells.
    """
    terrain = conditions.terrain
    grid, server, back = best.grid, best.server[layer], best.obstacle[layer]
    nan, float32 = np.float32(np.nan), np.dtype(np.float32)
    margin, second = best.margin[layer], best.second[layer]
    level, distance = (best.full(grid.shape, np.nan, float32) for _ in range(2))
    ground = grounds.of(grid, server, back, best.full)
    for rows in blocks_of_rows(grid.height):
        margin[rows][server[rows] == NOWHERE] = nan
        second[rows][np.isneginf(second[rows])] = nan
        level[rows] = margin[rows] + needed_dbm[server[rows]]
        away = back[rows] * np.float32(terrain.profile_step_m)
        distance[rows] = np.where(back[rows] == IN_SIGHT, nan, away)
    return {
        "margin_db": margin,
        "level_dbm": level,
        "best_server": server,
        "second_margin_db": second,
        "second_server": best.second_server[layer],
        "servers": best.servers[layer],
        "obstacle_distance_m": distance,
        "obstacle_ground_m": ground,
    }
