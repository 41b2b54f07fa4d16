"""How a mast sees the terrain: rays out of it, and the window of pixels around it.

Rays leave the mast as dense as pixels need at the rim and are sampled once a
pixel; a pixel takes the nearest sample of the nearest ray. Knows positions and
heights, no frequency and no loss.
"""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..grid import Grid
from ._kernels import (
    NOWHERE,
    depressions,
    directions,
    interpolated,
    lay_on_grid,
    nearest_sample,
    sample_clutter,
    sample_heights,
)
from .propagation import Profile, Radials

UNKNOWN = np.float32(np.nan)


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """The ground of a sweep.

    Parameters
    ----------
    grid : Grid
        Where the rasters lie.
    height_m : ndarray of float32, shape (height, width)
        Bare ground above sea level; NaN where unknown.
    clutter_m : ndarray of float32, shape (height, width), optional
        Representative clutter above ground; none if absent.
    """

    grid: Grid
    height_m: NDArray[np.float32]
    clutter_m: NDArray[np.float32] | None = None


def position_px(
    grid: Grid, x_m: ArrayLike, y_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rows and columns in pixels, 0 at the centre of the grid's first pixel."""
    return (
        (grid.north_m - np.asarray(y_m, float)) / grid.resolution_m - 0.5,
        (np.asarray(x_m, float) - grid.west_m) / grid.resolution_m - 0.5,
    )


def ray_count(radius_m: float, resolution_m: float) -> int:
    """Return how many rays leave a mast: as many as the rim has pixels."""
    return math.ceil(2 * math.pi * radius_m / resolution_m)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The terrain around one mast, out to the farthest receiver.

    Azimuths count from grid north: in the 3° zones of VN-2000 that lies within
    0.6° of true north, a hundredth of a sector.

    Parameters
    ----------
    terrain : Terrain
    x_m, y_m : float
        Mast, in the grid's CRS.
    radius_m : float
        Farthest receiver.

    Examples
    --------
    Four pixels of 100 m with the mast in the middle, 20 m above the western two.

    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, 2, 2)
    >>> ground = np.array([[0.0, 40.0], [0.0, 40.0]], dtype=np.float32)
    >>> mast = Surroundings(
    ...     terrain=Terrain(grid=grid, height_m=ground), x_m=100.0, y_m=100.0, radius_m=100.0
    ... )
    >>> mast.ground_m
    20.0
    >>> mast.azimuth_deg.tolist()
    [[315.0, 45.0], [225.0, 135.0]]
    """

    terrain: Terrain
    x_m: float
    y_m: float
    radius_m: float

    @cached_property
    def ground_m(self) -> float:
        """Ground at the exact position of the mast, bilinear; NaN outside or in a void."""
        return float(interpolated(self.terrain.height_m, *self._position))

    @cached_property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of every pixel that may lie within the radius."""
        return self._reached(0, 0), self._reached(1, 0)

    @cached_property
    def footprint(self) -> tuple[slice, slice]:
        """Rows and columns of every pixel that a ray may read."""
        return self._reached(0, 2), self._reached(1, 2)

    @property
    def azimuth_deg(self) -> NDArray[np.float32]:
        """Azimuth of each pixel of the window, 0 to 360."""
        return self._directions[0]

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the position, the radius and the terrain within reach.

        The terrain counts by its content, so that a grid that grew elsewhere
        leaves it as it is.
        """
        grid, (rows, columns) = self.terrain.grid, self.footprint
        position = (
            self.radius_m,
            self.x_m,
            self.y_m,
            grid.resolution_m,
            grid.west_m + columns.start * grid.resolution_m,
            grid.north_m - rows.start * grid.resolution_m,
            rows.stop - rows.start,
            columns.stop - columns.start,
        )
        name = hashlib.sha256(json.dumps(position).encode())
        for layer in (self.terrain.height_m, self.terrain.clutter_m):
            name.update(b"none" if layer is None else layer[self.footprint].tobytes())
        return name.digest()

    @cached_property
    def radials(self) -> Radials:
        """Terrain along the rays; wanted where some pixel takes its value from."""
        _, wanted = self._nearest
        return self._sampled(np.arange(len(wanted)), wanted)

    def _sampled(self, numbers: NDArray[np.int64], wanted: NDArray[np.bool_]) -> Radials:
        """Return the rays of these numbers."""
        height, clutter = np.empty(wanted.shape), None
        mast = *self._position, numbers, self._rays[0]
        sample_heights(self.terrain.height_m, *mast, height)
        if self.terrain.clutter_m is not None:
            clutter = np.empty(wanted.shape)
            sample_clutter(self.terrain.clutter_m, *mast, clutter)
        return Radials(
            step_m=self.terrain.grid.resolution_m,
            height_m=height,
            clutter_m=clutter,
            wanted=wanted,
        )

    def path(self, row: int, column: int) -> tuple[Profile, float] | None:
        """Return the terrain to the sample that a pixel of the grid takes, and the ray's azimuth.

        The azimuth is in degrees. None beyond the radius, and where a void lies between.
        """
        rows, columns = self.window
        if not (rows.start <= row < rows.stop and columns.start <= column < columns.stop):
            return None
        sample, radials = self._nearest[0], self.radials
        at = int(sample[row - rows.start, column - columns.start])
        rays, points = radials.height_m.shape
        ray, point = divmod(at, points)
        height = radials.height_m[ray, : point + 1]
        if at == NOWHERE or np.isnan(height[-1]):
            return None
        clutter = np.zeros(height.size)
        if radials.clutter_m is not None:
            clutter = radials.clutter_m[ray, : point + 1]
        distance = radials.step_m * np.arange(height.size, dtype=np.float64)
        return Profile(distance_m=distance, height_m=height, clutter_m=clutter), 360 * ray / rays

    def on_window(self, along_rays: NDArray[Any], *, beyond: np.generic = UNKNOWN) -> NDArray[Any]:
        """Return the window's values from those along `radials`, of the type of `beyond`.

        That stands beyond the radius.
        """
        sample, _ = self._nearest
        values = np.full(sample.shape, beyond)
        lay_on_grid(along_rays, sample, values)
        return values

    def on_pixels(
        self,
        pixels: NDArray[np.int64],
        along_rays: Callable[[Radials], NDArray[Any]],
        *,
        beyond: np.generic = UNKNOWN,
    ) -> NDArray[Any]:
        """Return what `on_window` has at some pixels, computed along their own rays only.

        Parameters
        ----------
        pixels : ndarray of int64, shape (n,)
            Positions in the flattened window.
        along_rays : callable
            Takes `Radials` and returns a value for each wanted point, the same
            whatever other rays there are.
        beyond : scalar
            As of `on_window`.
        """
        azimuth, distance = (of_window.ravel()[pixels][None] for of_window in self._directions)
        sample = np.empty(azimuth.shape, dtype=np.int32)
        radius_px = self.radius_m / self.terrain.grid.resolution_m
        nearest_sample(azimuth, distance, radius_px, sample, np.empty(self._rays, dtype=bool))
        values = np.full(len(pixels), beyond)
        (reached,) = np.nonzero(sample[0] != NOWHERE)
        if reached.size:
            ray, point = np.divmod(sample[0, reached].astype(np.int64), self._rays[1])
            row = np.arange(reached.size)
            wanted = np.zeros((reached.size, self._rays[1]), dtype=bool)
            wanted[row, point] = True
            values[reached] = along_rays(self._sampled(ray, wanted))[row, point]
        return values

    def depression_deg(
        self, *, antenna_height_m: float, receiver_height_m: float
    ) -> NDArray[np.float32]:
        """Return how far below the horizontal an antenna sees each receiver of the window.

        Both heights are above ground; the receiver's ground is its pixel's. The
        earth's curvature, 0.05° at 15 km, is left out.
        """
        depression = np.empty(self.azimuth_deg.shape, dtype=np.float32)
        depressions(
            self.terrain.height_m[self.window],
            self._directions[1],
            self.terrain.grid.resolution_m,
            self.ground_m + antenna_height_m - receiver_height_m,
            depression,
        )
        return depression

    @cached_property
    def _position(self) -> tuple[float, float]:
        row, column = position_px(self.terrain.grid, self.x_m, self.y_m)
        return float(row), float(column)

    @cached_property
    def _directions(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Azimuth in degrees and distance in pixels of each pixel of the window."""
        rows, columns = self.window
        shape = rows.stop - rows.start, columns.stop - columns.start
        azimuth, distance = np.empty(shape, np.float32), np.empty(shape, np.float32)
        directions(*self._position, rows.start, columns.start, azimuth, distance)
        return azimuth, distance

    @cached_property
    def _nearest(self) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Nearest sample of each pixel, and which samples are in use, rays × points."""
        azimuth, distance = self._directions
        radius_px = self.radius_m / self.terrain.grid.resolution_m
        sample = np.empty(azimuth.shape, dtype=np.int32)
        wanted = np.zeros(self._rays, dtype=bool)
        nearest_sample(azimuth, distance, radius_px, sample, wanted)
        return sample, wanted

    @property
    def _rays(self) -> tuple[int, int]:
        """How many rays there are, and points on each."""
        resolution_m = self.terrain.grid.resolution_m
        points = max(math.floor(self.radius_m / resolution_m + 0.5) + 1, 2)
        return ray_count(self.radius_m, resolution_m), points

    def _reached(self, axis: int, more_px: int) -> slice:
        """Return the rows (axis 0) or columns within the radius and `more_px` pixels."""
        at, size = self._position[axis], self.terrain.grid.shape[axis]
        reach = self.radius_m / self.terrain.grid.resolution_m + more_px
        return slice(max(math.ceil(at - reach), 0), min(math.floor(at + reach) + 1, size))
