"""The ground of the obstacles before the best servers, where their rays read it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .._types import Labels
from ..grid import Grid
from ._kernels import obstacle_grounds
from .best_servers import Full
from .masts import Conditions, Place
from .sampling import nearest_point, position_px


class ObstacleGround:
    """Finds the ground of obstacles; what it needs of each mast is computed once.

    Parameters
    ----------
    conditions : Conditions
        Under which the cells were predicted.
    places : mapping of int to Place
        Mast of each cell that may be a best server, by row of the cells table.
    """

    def __init__(self, conditions: Conditions, places: Mapping[int, Place]) -> None:
        terrain = self._terrain = conditions.terrain
        ways = {place: conditions.around(place).way for place in dict.fromkeys(places.values())}
        cells = max(places, default=-1) + 1
        size = max((way.coefficients.shape[1] for way in ways.values()), default=1)
        self._row, self._column, self._step = np.zeros((3, cells))
        self._rays, self._top, self._left = np.zeros((3, cells), dtype=np.int64)
        self._coefficients = np.zeros((cells, 2, size, size))
        for cell, place in places.items():
            way = ways[place]
            at = position_px(terrain.grid, place.x_m, place.y_m)
            self._row[cell], self._column[cell] = float(at[0]), float(at[1])
            self._rays[cell] = terrain.ray_count(place.radius_m)
            self._top[cell], self._left[cell] = way.top, way.left
            self._step[cell] = terrain.profile_step_m / way.scale_m
            terms = way.coefficients.shape[1]
            self._coefficients[cell, :, :terms, :terms] = way.coefficients

    def of(
        self, grid: Grid, server: Labels, back: Labels, full: Full = np.full
    ) -> NDArray[np.float32]:
        """Return the ground of each pixel's obstacle, above sea level.

        Parameters
        ----------
        grid : Grid
            A part of the terrain's.
        server : ndarray of int32, shape (y, x)
            Row of each pixel's best server on it.
        back : ndarray of uint16, of that shape
            Steps from its sample back to the obstacle, 0 for none.
        full : callable
            Makes the array, as `numpy.full` does.

        Returns
        -------
        ndarray of float32, of that shape
            NaN where there is no obstacle.
        """
        step_m = self._terrain.profile_step_m
        ground = full(server.shape, np.nan, np.dtype(np.float32))
        obstacle_grounds(
            self._terrain.heights.height_m,
            back,
            server,
            self._row,
            self._column,
            *self._terrain.grid.offset(grid),
            grid.resolution_m / step_m,
            nearest_point(grid.resolution_m, step_m),
            self._rays,
            self._top,
            self._left,
            self._coefficients,
            self._step,
            ground,
        )
        return ground
