"""How a mast sees the terrain: rays out of it, and the window of pixels around it.

Rays leave the mast as dense as pixels need at the rim and read the heights at
every step of the profile; a pixel takes the ground of the nearest sample of the nearest ray,
and keeps its own distance. Knows positions and heights, no frequency and no model.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypedDict

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ..grid import Grid
from ._kernels import (
    NOWHERE,
    carried_db,
    carry_to_pixels,
    depressions,
    directions,
    directions_to,
    interpolated,
    lay_on_grid,
    nearest_sample,
    order_by_ray,
    sample_clutter,
    sample_heights,
)
from .clutter import OPEN, ClutterClass, LandCover
from .heights import Finder, Heights, Way
from .propagation import Profile, Radials

UNKNOWN = np.float32(np.nan)
FARTHEST_APART_M = 90.0
"""Of rays at the rim, where pixels are larger and the elevation does not ask for fewer."""
RAYS_AT_A_TIME = 64
"""Profiles and losses of so many stay in the processor's cache."""
RECEIVERS_AT_A_TIME = 700
"""So many at least, where pixels are few: to begin anew takes as long as some hundred of them."""
RIM_PLACES = 121
Pixels = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """The ground of a sweep.

    Parameters
    ----------
    grid : Grid
        Where receivers stand, one a pixel.
    heights : Heights
        Bare ground, on any pixels in any CRS; profiles read it as it is, bilinear
        between its pixel centres.
    step_m : float, optional
        Between the points of a profile; `Heights.default_step_m` if absent.
    clutter_m : ndarray of float32, shape of `grid`, optional
        Representative clutter above ground; none if absent.
    land : ndarray of uint8, shape of `grid`, optional
        Position in `classes` of what stands around an antenna there; nothing if absent.
    classes : tuple of ClutterClass
    ways, digests : dict
        Those of the surroundings that were asked for, kept for the next question.
    """

    grid: Grid
    heights: Heights
    step_m: float | None = None
    clutter_m: NDArray[np.float32] | None = None
    land: NDArray[np.uint8] | None = None
    classes: tuple[ClutterClass, ...] = ()
    ways: dict[tuple[float, float, float], Way] = field(default_factory=dict, repr=False)
    digests: dict[tuple[float, float, float, float | None], bytes] = field(
        default_factory=dict, repr=False
    )

    def class_at(self, row: float, column: float) -> ClutterClass:
        """Return the class of land at a place in pixels; open land where none is known."""
        i, j = math.floor(row + 0.5), math.floor(column + 0.5)
        if self.land is None or not (0 <= i < self.grid.height and 0 <= j < self.grid.width):
            return OPEN
        return self.classes[int(self.land[i, j])]

    @cached_property
    def profile_step_m(self) -> float:
        """Distance between the points of a profile."""
        return self.heights.default_step_m if self.step_m is None else self.step_m

    @cached_property
    def rays_apart_m(self) -> float:
        """Largest distance between rays at the rim: a receiver lies within half of it from its ray.

        A pixel, but 90 m at most, or a third of the elevation's pixel in whole metres where that
        is more.
        """
        third = float(math.floor(self.heights.pixel_m / 3))
        return min(self.grid.resolution_m, max(FARTHEST_APART_M, third))

    def ray_count(self, radius_m: float) -> int:
        """Return how many rays leave a mast."""
        return math.ceil(2 * math.pi * radius_m / self.rays_apart_m)

    @cached_property
    def finder(self) -> Finder:
        """Where places of the grid's CRS lie on the heights."""
        return Finder(crs=self.grid.crs, heights=self.heights)

    def surely_known(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell of which places the ground is known whatever the rounding: 4 × 4 pixels around.

        Of others `Surroundings.ground_m` tells, which takes a hundred times longer.

        Parameters
        ----------
        x_m, y_m : ndarray of float64, shape (n,)
            In the grid's CRS.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        height_m = self.heights.height_m
        row, column = self.finder.pixels(x_m, y_m)
        inside = np.isfinite(row) & np.isfinite(column)
        top, left = (
            np.floor(np.where(inside, axis, -1)).astype(np.int64) for axis in (row, column)
        )
        inside &= (top >= 1) & (top < height_m.shape[0] - 2)
        inside &= (left >= 1) & (left < height_m.shape[1] - 2)
        around = np.arange(-1, 3)
        pixels = height_m[
            top[inside, None, None] + around[:, None], left[inside, None, None] + around
        ]
        inside[inside] = np.isfinite(pixels).all(axis=(1, 2))
        return inside


class LandAround(TypedDict):
    """What `Terrain` knows of the land around antennas."""

    land: NDArray[np.uint8] | None
    classes: tuple[ClutterClass, ...]


def land_around(clutter_m: xr.DataArray | None, land_cover: LandCover | None) -> LandAround:
    """Return the land around antennas: by the land cover, else by what stands there."""
    if land_cover is None and clutter_m is not None:
        land_cover = LandCover.of_heights(clutter_m)
    if land_cover is None:
        return {"land": None, "classes": ()}
    land = np.ascontiguousarray(land_cover.index, dtype=np.uint8)
    return {"land": land, "classes": land_cover.classes}


def position_px(
    grid: Grid, x_m: ArrayLike, y_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rows and columns in pixels, 0 at the centre of the grid's first pixel."""
    return (
        (grid.north_m - np.asarray(y_m, float)) / grid.resolution_m - 0.5,
        (np.asarray(x_m, float) - grid.west_m) / grid.resolution_m - 0.5,
    )


class Carrying(NamedTuple):
    """How a loss goes on from a sample to the pixel's own distance: by free space.

    `above_m` says by how much the mast's antenna is higher above ground than the receiver's;
    free space runs between them, or along the ground where `slant` is false.
    """

    above_m: float
    slant: bool


class PixelPath(NamedTuple):
    """How a receiver in the middle of a pixel is reached from a mast.

    `profile` is the terrain to the sample that the pixel takes, `azimuth_deg` that of its ray,
    `distance_m` the pixel's own distance.
    """

    profile: Profile
    azimuth_deg: float
    distance_m: float

    @property
    def at_own_distance(self) -> "PixelPath":
        """The path with its end at the pixel's own distance, where terrain takes no part."""
        profile = self.profile
        distance_m = np.linspace(0.0, self.distance_m, profile.distance_m.size)
        return self._replace(profile=replace(profile, distance_m=distance_m))

    def carried_db(self, carrying: Carrying) -> float:
        """Return what free space adds from the sample to the pixel's own distance, dB."""
        height_m = self.profile.height_m
        drop_m = float(height_m[0] - height_m[-1] + carrying.above_m) if carrying.slant else 0.0
        return float(carried_db(float(self.profile.distance_m[-1]), self.distance_m, drop_m))


class _ByRay(NamedTuple):
    """Pixels of a window, one ray after another.

    Those of ray r stand at ``first[r]`` … ``first[r + 1] - 1`` of the others: positions in the
    flattened window and in the flattened rays, and the pixels' own distances.
    """

    first: NDArray[np.int32]
    pixels: NDArray[np.int32]
    sample: NDArray[np.int64]
    distance_m: NDArray[np.int32]


def nearest_m(resolution_m: float) -> int:
    """Return the nearest that a receiver is taken at, in whole metres: half a pixel away."""
    return max(math.floor(resolution_m / 2 + 0.5), 1)


def nearest_point(resolution_m: float, step_m: float) -> int:
    """Return the nearest point of a ray that a pixel takes: half a pixel away."""
    return max(math.floor(resolution_m / (2 * step_m) + 0.5), 1)


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
    surveyed_m : float, optional
        Ground under the mast; that of the terrain if absent.
    pixels : (ndarray of int, ndarray of int), shape (n,) each, optional
        Rows and columns of the grid, within the window: directions and depressions are
        then those of these pixels, of shape (1, n).

    Examples
    --------
    Four pixels of 100 m with the mast in the middle, 20 m above the western two.

    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, 2, 2)
    >>> ground = np.array([[0.0, 40.0], [0.0, 40.0]], dtype=np.float32)
    >>> mast = Surroundings(
    ...     terrain=Terrain(grid=grid, heights=Heights.on_grid(grid, ground)),
    ...     x_m=100.0, y_m=100.0, radius_m=100.0,
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
    surveyed_m: float | None = None
    pixels: Pixels | None = None

    @cached_property
    def ground_m(self) -> float:
        """Ground under the mast as surveyed, or bilinear at its exact position.

        NaN where the terrain does not know it, surveyed or not.
        """
        way = self.way
        found = float(
            interpolated(
                self.terrain.heights.height_m, way.top, way.left, *way.coefficients[:, 0, 0]
            )
        )
        return found if self.surveyed_m is None or math.isnan(found) else self.surveyed_m

    @cached_property
    def way(self) -> Way:
        """From distances around the mast to pixels of the heights, as far as rays go."""
        rim_m = (self._rays[1] - 1) * self.terrain.profile_step_m
        known, place = self.terrain.ways, (self.x_m, self.y_m, max(self.radius_m, rim_m))
        if place not in known:
            known[place] = self.terrain.finder.way(*place)
        return known[place]

    @cached_property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of every pixel that may lie within the radius."""
        return self._reached(0, 0), self._reached(1, 0)

    @cached_property
    def footprint(self) -> tuple[slice, slice]:
        """Rows and columns of every pixel of the heights that a ray may read."""
        azimuth = np.linspace(0, 2 * np.pi, RIM_PLACES)
        reach_m = self.way.scale_m
        places = self.way.pixels(reach_m * np.sin(azimuth), reach_m * np.cos(azimuth))
        # Between two places the rim lies up to a 2,900th of the radius farther out.
        bend = 1 + math.ceil(2e-4 * max(np.ptp(axis) for axis in places))
        return tuple(  # type: ignore[return-value]  # two axes
            slice(max(math.floor(axis.min()) - bend, 0), max(math.ceil(axis.max()) + bend + 1, 0))
            for axis in places
        )

    @property
    def azimuth_deg(self) -> NDArray[np.float32]:
        """Azimuth of each pixel, 0 to 360."""
        return self._directions[0]

    @property
    def point(self) -> NDArray[np.int32]:
        """Which point of its ray each pixel of the window takes; anything beyond the radius."""
        return self._samples[1]

    @cached_property
    def distance_m(self) -> NDArray[np.int32]:
        """How far from the mast each pixel of the window lies: whole metres, half a pixel at least.

        No model knows distance 0. In whole metres what depends on distance alone is a table.
        """
        resolution_m = self.terrain.grid.resolution_m
        away_m = np.floor(self._directions[1] * resolution_m + 0.5)
        return np.asarray(np.maximum(away_m, nearest_m(resolution_m)), dtype=np.int32)

    @property
    def farthest_m(self) -> int:
        """No pixel within the radius is farther than so many whole metres."""
        return max(math.ceil(self.radius_m), nearest_m(self.terrain.grid.resolution_m))

    @cached_property
    def land_of_mast(self) -> ClutterClass:
        """What stands around the mast."""
        return self.terrain.class_at(*self._position)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the position, the radius and the terrain within reach.

        The terrain counts by its content, so that a raster that grew elsewhere
        leaves it as it is.
        """
        known = self.terrain.digests
        key = self.x_m, self.y_m, self.radius_m, self.surveyed_m
        if key not in known:
            known[key] = self._digest()
        return known[key]

    def _digest(self) -> bytes:
        grid, (rows, columns), way = self.terrain.grid, self.window, self.way
        heights = self.terrain.heights.height_m[self.footprint]
        position = (
            self.radius_m,
            self.surveyed_m,
            self.terrain.profile_step_m,
            self.terrain.rays_apart_m,
            self.x_m,
            self.y_m,
            grid.resolution_m,
            grid.west_m + columns.start * grid.resolution_m,
            grid.north_m - rows.start * grid.resolution_m,
            rows.stop - rows.start,
            columns.stop - columns.start,
            way.top - self.footprint[0].start,
            way.left - self.footprint[1].start,
            way.scale_m,
            way.coefficients.tolist(),
            heights.shape,
        )
        name = hashlib.sha256(json.dumps(position).encode())
        name.update(heights.tobytes())
        clutter = self.terrain.clutter_m
        name.update(b"none" if clutter is None else clutter[self._clutter_footprint].tobytes())
        return name.digest()

    @cached_property
    def radials(self) -> Radials:
        """Terrain along all rays; wanted where some pixel takes its value from.

        Beyond the last such point of a ray its height is NaN.
        """
        rays, points = self._rays
        wanted = np.zeros((rays, points), dtype=bool)
        wanted.ravel()[self._order.sample] = True
        ends = points - wanted[:, ::-1].argmax(axis=1)
        ends[~wanted.any(axis=1)] = 1  # the mast's
        return self._some_radials(np.arange(rays), ends, wanted)

    def _radials(self, start: int, stop: int) -> Radials:
        """Return the rays from one number to another."""
        whole, some = self.radials, slice(start, stop)
        return replace(
            whole,
            height_m=whole.height_m[some],
            clutter_m=None if whole.clutter_m is None else whole.clutter_m[some],
            wanted=None if whole.wanted is None else whole.wanted[some],
        )

    def _some_radials(
        self, numbers: NDArray[np.int64], ends: NDArray[np.int64], wanted: NDArray[np.bool_]
    ) -> Radials:
        """Return so many points of the rays of these numbers, sampled for themselves."""
        return Radials(
            step_m=self.terrain.profile_step_m,
            height_m=self._sampled_heights(numbers, ends),
            clutter_m=self._sampled_clutter(numbers),
            wanted=wanted,
        )

    def _sampled_heights(
        self, numbers: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        rays, points = self._rays
        sampled = np.empty((len(numbers), points))
        way = self.way
        sample_heights(
            self.terrain.heights.height_m,
            way.top,
            way.left,
            way.coefficients,
            self.terrain.profile_step_m / way.scale_m,
            numbers,
            rays,
            ends,
            sampled,
        )
        if self.surveyed_m is not None:
            sampled[:, 0] = np.float32(self.ground_m)
        return sampled

    def _sampled_clutter(self, numbers: NDArray[np.int64]) -> NDArray[np.float64] | None:
        if self.terrain.clutter_m is None:
            return None
        rays, points = self._rays
        sampled = np.empty((len(numbers), points))
        step_px = self.terrain.profile_step_m / self.terrain.grid.resolution_m
        mast = *self._position, step_px, numbers, rays
        sample_clutter(self.terrain.clutter_m, *mast, sampled)
        return sampled

    def path(self, row: int, column: int) -> PixelPath | None:
        """Return how a pixel of the grid is reached.

        None beyond the radius, and where a void lies between.
        """
        rows, columns = self.window
        if not (rows.start <= row < rows.stop and columns.start <= column < columns.stop):
            return None
        at = row - rows.start
        return self._paths((slice(at, at + 1), column - columns.start))[0]

    def paths(self) -> list[PixelPath | None]:
        """Return what `path` does for each of the single `pixels`, in their order."""
        return self._paths((0, slice(None)))

    def _paths(self, at: tuple[Any, Any]) -> list[PixelPath | None]:
        ray, point = (np.asarray(of[at], dtype=np.int64) for of in self._samples)
        known = np.flatnonzero(ray != NOWHERE)
        wanted = np.zeros((len(known), self._rays[1]), dtype=bool)
        radials = self._some_radials(ray[known], point[known] + 1, wanted)
        found: list[PixelPath | None] = [None] * len(ray)
        for row, k in enumerate(known.tolist()):
            end = int(point[k]) + 1
            height = radials.height_m[row, :end]
            if np.isnan(height[-1]):
                continue
            clutter = np.zeros(end)
            if radials.clutter_m is not None:
                clutter = radials.clutter_m[row, :end]
            distance = radials.step_m * np.arange(end, dtype=np.float64)
            profile = Profile(distance_m=distance, height_m=height, clutter_m=clutter)
            azimuth_deg = 360 * float(ray[k]) / self._rays[0]
            found[k] = PixelPath(profile, azimuth_deg, float(self.distance_m[at][k]))
        return found

    def on_window(
        self,
        along_rays: Callable[[Radials], Sequence[NDArray[Any]]],
        count: int = 1,
        *,
        beyond: np.generic = UNKNOWN,
        carrying: Carrying | None = None,
    ) -> list[NDArray[Any]]:
        """Return what is computed along rays on the pixels of the window.

        Parameters
        ----------
        along_rays : callable
            Takes `Radials`, some rays at a time, and returns some arrays with a value for each
            wanted point, the same whatever other rays there are.
        count : int
            How many arrays.
        beyond : scalar
            What stands beyond the radius; its type is that of the values.
        carrying : Carrying, optional
            The values are losses: it carries each from the sample to the pixel's own distance.

        Returns
        -------
        list of ndarray, shape of `window`
        """
        first, pixels, sample, distance_m = self._order
        points = self._rays[1]
        whole = [np.full(self._samples[0].size, beyond) for _ in range(count)]
        for start, stop in self._blocks():
            some, radials = slice(first[start], first[stop]), self._radials(start, stop)
            samples, carried = sample[some] - start * points, np.empty(0)
            if carrying is not None:
                carried = np.empty(samples.size)
                along = radials.height_m, radials.step_m
                carry_to_pixels(*along, *carrying, samples, distance_m[some], carried)
            for found, values in zip(along_rays(radials), whole, strict=True):
                lay_on_grid(found.ravel(), samples, pixels[some], carried, values)
        return [values.reshape(self._samples[0].shape) for values in whole]

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Yield the first ray of those computed at a time, and that after the last."""
        rays, receivers = self._rays[0], self._order.pixels.size
        size = max(RAYS_AT_A_TIME, RECEIVERS_AT_A_TIME * rays // max(receivers, 1))
        for start in range(0, rays, size):
            yield start, min(start + size, rays)

    def on_pixels(
        self,
        pixels: NDArray[np.int64],
        along_rays: Callable[[Radials], Sequence[NDArray[Any]]],
        count: int = 1,
        *,
        beyond: np.generic = UNKNOWN,
        carrying: Carrying | None = None,
    ) -> list[NDArray[Any]]:
        """Return what `on_window` has at some pixels, computed along their own rays only.

        Parameters
        ----------
        pixels : ndarray of int64, shape (n,)
            Positions in the flattened window.
        along_rays, count, beyond, carrying
            As of `on_window`.
        """
        ray, point = (of.ravel()[pixels].astype(np.int64) for of in self._samples)
        whole = [np.full(len(pixels), beyond) for _ in range(count)]
        (reached,) = np.nonzero(ray != NOWHERE)
        if reached.size:
            row, end = np.arange(reached.size), point[reached]
            wanted = np.zeros((reached.size, self._rays[1]), dtype=bool)
            wanted[row, end] = True
            radials = self._some_radials(ray[reached], end + 1, wanted)
            samples, carried = row * wanted.shape[1] + end, np.empty(0)
            if carrying is not None:
                carried = np.empty(row.size)
                along, away_m = (radials.height_m, radials.step_m), self.distance_m.ravel()
                carry_to_pixels(*along, *carrying, samples, away_m[pixels[reached]], carried)
            for found, values in zip(along_rays(radials), whole, strict=True):
                lay_on_grid(found.ravel(), samples, reached, carried, values)
        return whole

    def depression_deg(
        self,
        *,
        antenna_height_m: float,
        receiver_height_m: float,
        effective_radius_km: float = math.inf,
    ) -> NDArray[np.float32]:
        """Return how far below the horizontal an antenna sees each receiver of the window.

        Parameters
        ----------
        antenna_height_m, receiver_height_m : float
            Above ground; the receiver's is that of its sample, its distance its own.
        effective_radius_km : float
            Of the earth, on which a receiver sinks below the horizontal with distance;
            flat if absent.

        Returns
        -------
        ndarray of float32, shape of `window`
            NaN beyond the radius and where the sample's ground is unknown.
        """
        ray, point = self._samples
        depression = np.full(ray.size, UNKNOWN)
        way, step_m = self.way, self.terrain.profile_step_m
        depressions(
            self.terrain.heights.height_m,
            way.top,
            way.left,
            way.coefficients,
            step_m / way.scale_m,
            self.ground_m + antenna_height_m,
            receiver_height_m,
            1 / (2000 * effective_radius_km),
            self._rays[0],
            ray.ravel(),
            point.ravel(),
            self.distance_m.ravel(),
            depression,
        )
        return depression.reshape(ray.shape)

    @cached_property
    def _position(self) -> tuple[float, float]:
        row, column = position_px(self.terrain.grid, self.x_m, self.y_m)
        return float(row), float(column)

    @cached_property
    def _directions(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Azimuth in degrees and distance in pixels of each pixel."""
        if self.pixels is not None:
            shape = 1, self.pixels[0].size
            azimuth, distance = np.empty(shape, np.float32), np.empty(shape, np.float32)
            directions_to(*self._position, *self.pixels, azimuth[0], distance[0])
            return azimuth, distance
        rows, columns = self.window
        shape = rows.stop - rows.start, columns.stop - columns.start
        azimuth, distance = np.empty(shape, np.float32), np.empty(shape, np.float32)
        directions(*self._position, rows.start, columns.start, azimuth, distance)
        return azimuth, distance

    @cached_property
    def _samples(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Ray and point of each pixel's sample."""
        azimuth, distance = self._directions
        grid, step_m = self.terrain.grid, self.terrain.profile_step_m
        ray, point = np.empty((2, *azimuth.shape), dtype=np.int32)
        nearest_sample(
            azimuth,
            distance,
            self.radius_m / grid.resolution_m,
            self._rays[0],
            grid.resolution_m / step_m,
            nearest_point(grid.resolution_m, step_m),
            ray,
            point,
        )
        return ray, point

    @cached_property
    def _order(self) -> "_ByRay":
        """The pixels within the radius, one ray after another."""
        ray, point = (of.ravel() for of in self._samples)
        first = np.empty(self._rays[0] + 1, dtype=np.int32)
        pixels = np.empty(np.count_nonzero(ray != NOWHERE), dtype=np.int32)
        order_by_ray(ray, first, pixels)
        sample = ray[pixels].astype(np.int64) * self._rays[1] + point[pixels]
        return _ByRay(first, pixels, sample, self.distance_m.ravel()[pixels])

    @cached_property
    def _rays(self) -> tuple[int, int]:
        """How many rays there are, and points on each."""
        resolution_m, step_m = self.terrain.grid.resolution_m, self.terrain.profile_step_m
        farthest = max(
            math.floor(self.radius_m / step_m + 0.5), nearest_point(resolution_m, step_m)
        )
        return self.terrain.ray_count(self.radius_m), farthest + 1

    @property
    def _clutter_footprint(self) -> tuple[slice, slice]:
        return self._reached(0, 2), self._reached(1, 2)

    def _reached(self, axis: int, more_px: int) -> slice:
        """Return the rows (axis 0) or columns within the radius and `more_px` pixels."""
        at, size = self._position[axis], self.terrain.grid.shape[axis]
        reach = self.radius_m / self.terrain.grid.resolution_m + more_px
        return slice(max(math.ceil(at - reach), 0), min(math.floor(at + reach) + 1, size))
