"""The signal of a service on the grid, from what the fold found of its best servers."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ._kernels import NOWHERE
from .best_servers import Best
from .masts import Conditions
from .obstacle_ground import ObstacleGround
from .obstacles import IN_SIGHT


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


def signal_of(
    best: Best,
    layer: int,
    needed_dbm: NDArray[np.float32],
    *,
    conditions: Conditions,
    grounds: ObstacleGround,
) -> Signal:
    """Return the signal of one service.

    Parameters
    ----------
    best : Best
        Of all sites.
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
    nan = np.float32(np.nan)
    margin = np.where(server == NOWHERE, nan, best.margin[layer])
    second = best.second[layer]
    ground = grounds.of(grid, server, back)
    distance = np.where(back == IN_SIGHT, nan, back * np.float32(terrain.profile_step_m))
    return Signal(
        margin_db=grid.wrap(margin, "margin_db", units="dB"),
        level_dbm=grid.wrap(margin + needed_dbm[server], "level_dbm", units="dBm"),
        best_server=grid.wrap(server, "best_server"),
        second_margin_db=grid.wrap(
            np.where(np.isneginf(second), nan, second), "second_margin_db", units="dB"
        ),
        servers=grid.wrap(best.servers[layer], "servers"),
        obstacle_distance_m=grid.wrap(distance, "obstacle_distance_m", units="m"),
        obstacle_ground_m=grid.wrap(ground, "obstacle_ground_m", units="m"),
    )
