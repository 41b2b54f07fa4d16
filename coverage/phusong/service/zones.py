"""Which share of each pixel belongs to each unit, once, as a sparse matrix.

Every zonal sum afterwards is one product, whatever the number of services.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import FeatureSource, JSONFeature
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import CRS
from scipy import sparse

from .._on_disk import GrowingOnDisk, full_on_disk
from .._types import Flags, Floats
from ..errors import CrsMismatchError, GridMismatchError
from ..grid import Grid
from . import _kernels

UNITS_AT_A_TIME = 16
PIXELS_AT_A_TIME = 500_000
"""In the boxes of the units that are laid at a time: exactextract takes some 30 bytes of each."""


@dataclass(frozen=True)
class Zones:
    """Units laid over a grid.

    Parameters
    ----------
    grid : Grid
        The pixels.
    weights : sparse array of float32, shape (units, pixels)
        Share of each pixel inside each unit, pixels of a unit in order: exact
        overlaps, which exactextract keeps as single floats. Sums are of double ones.
    area_km2 : ndarray of float64, shape (units,)
        Area of each unit on the ellipsoid.
    """

    grid: Grid
    weights: Any
    area_km2: NDArray[np.float64]

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, grid: Grid) -> "Zones":
        """Lay polygons over a grid.

        Parameters
        ----------
        units : GeoDataFrame of polygons
            In the grid's CRS.
        grid : Grid

        Returns
        -------
        Zones
            Rows as in `units`.

        Raises
        ------
        CrsMismatchError
            If they are in another CRS.
        GridMismatchError
            If they reach beyond the grid, where nothing could be counted.
        """
        if CRS(units.crs) != CRS(grid.crs):
            raise CrsMismatchError("units", str(units.crs), grid.crs)
        west, south, east, north = grid.bounds
        left, bottom, right, top = units.total_bounds
        beyond = max(west - left, south - bottom, right - east, top - north)
        if beyond > 1e-6 * grid.resolution_m:
            found = f"{left:.0f} … {right:.0f}, {bottom:.0f} … {top:.0f}"
            raise GridMismatchError("units", found, grid.describe())
        indices, data = GrowingOnDisk(np.dtype("i4")), GrowingOnDisk(np.dtype("f4"))
        counts = np.zeros(len(units) + 1, dtype=np.int64)
        shapes, wkt = shapely.to_wkb(units.geometry.to_numpy()), CRS(grid.crs).to_wkt()
        for some, rows in _parts(units.geometry.array.bounds, grid):
            raster = NumPyRasterSource(
                np.zeros((rows.stop - rows.start, grid.width), dtype=np.uint8),
                west,
                north - rows.stop * grid.resolution_m,
                east,
                north - rows.start * grid.resolution_m,
                srs_wkt=wkt,
            )
            found = exact_extract(
                raster, _Shapes(shapes[some], wkt), ["cell_id", "coverage"], output="pandas"
            )
            for at, pixels, shares in zip(
                range(some.start, some.stop), found["cell_id"], found["coverage"], strict=True
            ):
                indices.append(pixels + rows.start * grid.width)
                data.append(shares)
                counts[at + 1] += len(pixels)
        weights = sparse.csr_array(
            (data.array(), indices.array(), np.cumsum(counts).astype(np.int32)),
            shape=(len(units), grid.height * grid.width),
        )
        weights.sort_indices()
        return cls(grid, weights, area_km2(units.geometry))

    def sum(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum a raster over each unit.

        Parameters
        ----------
        values : array of float or bool, shape (y, x)
            NaN counts as nothing.

        Returns
        -------
        array of float64, shape (units,)
            Of a pixel cut by a border, the share inside counts.
        """
        if values.dtype == bool:
            return sum_flagged(self.weights, values)
        flat = np.nan_to_num(values.ravel().astype(np.float64))
        return np.asarray(self.weights @ flat)

    def pixels(self) -> NDArray[np.float64]:
        """Return the number of pixels of each unit.

        Returns
        -------
        array of float64, shape (units,)
            Parts included.
        """
        return self._pixels

    @cached_property
    def _pixels(self) -> NDArray[np.float64]:
        return sum_flagged(self.weights, everywhere(self.grid))


def everywhere(grid: Grid) -> Flags:
    """Return a flag for each pixel, all set, on the disk."""
    return full_on_disk(grid.shape, True, np.dtype(bool))


def _parts(bounds: NDArray[np.float64], grid: Grid) -> Iterator[tuple[slice, slice]]:
    """Yield units to lay at a time, in order, and the rows of the grid to lay them over.

    A unit that is too large for that comes alone, from north to south.
    """
    left, bottom, right, top = (
        np.stack([bounds[:, 0], -bounds[:, 1], bounds[:, 2], -bounds[:, 3]])
        - np.array([grid.west_m, -grid.north_m, grid.west_m, -grid.north_m])[:, None]
    ) / grid.resolution_m
    first = np.clip(np.floor(top), 0, grid.height - 1).astype(int)
    last = np.clip(np.ceil(bottom), first + 1, grid.height).astype(int)
    columns = np.ceil(right) - np.floor(left)
    size = (last - first) * columns
    start = 0
    while start < len(size):
        if size[start] > PIXELS_AT_A_TIME:
            step = max(int(PIXELS_AT_A_TIME // columns[start]), 1)
            for row in range(first[start], last[start], step):
                yield slice(start, start + 1), slice(row, min(row + step, int(last[start])))
            start += 1
            continue
        many = size[start : start + UNITS_AT_A_TIME].cumsum() > PIXELS_AT_A_TIME
        stop = min(start + (int(many.argmax()) if many.any() else UNITS_AT_A_TIME), len(size))
        yield slice(start, stop), slice(0, grid.height)
        start = stop


class _Shape(JSONFeature):  # type: ignore[misc]  # no type information
    """A polygon for exactextract, whose own features write GeoJSON and read it again."""

    def __init__(self, wkb: bytes) -> None:
        super().__init__()
        self._wkb = wkb

    def geometry(self) -> bytes:
        return self._wkb


class _Shapes(FeatureSource):  # type: ignore[misc]  # no type information
    """Polygons for exactextract as they are in memory: a third of the time of a GeoDataFrame."""

    def __init__(self, wkb: NDArray[Any], crs_wkt: str) -> None:
        super().__init__()
        self._wkb, self._crs_wkt = wkb, crs_wkt

    def count(self) -> int:
        return len(self._wkb)

    def __iter__(self) -> Iterator[_Shape]:
        return map(_Shape, self._wkb)

    def srs_wkt(self) -> str:
        return self._crs_wkt


def sum_flagged(of_pixels: Any, flags: Flags) -> NDArray[np.float64]:
    """Sum the flagged pixels of each row of a sparse array.

    Parameters
    ----------
    of_pixels : sparse array, shape (units, pixels)
    flags : ndarray of bool, shape (y, x)
    """
    sums = np.empty(of_pixels.shape[0])
    flat = np.ascontiguousarray(flags).ravel()
    _kernels.sum_flagged(of_pixels.indptr, of_pixels.indices, of_pixels.data, flat, sums)
    return sums


def sum_flagged_again(
    of_pixels: Any, flags: Flags, changed: Flags, before: NDArray[np.float64], *, above: int = 0
) -> NDArray[np.float64]:
    """Return what `sum_flagged` does, where some flags changed: other rows are as before.

    Parameters
    ----------
    of_pixels : sparse array, shape (units, pixels)
        Pixels of a unit in order.
    flags : ndarray of bool, shape (y, x)
    changed : ndarray of bool, shape (rows, x)
        Where the flags are others than those of `before`: in some rows, beyond which none are.
    before : ndarray of float64, shape (units,)
    above : int
        Rows of the grid above these.
    """
    return _again(_kernels.sum_flagged, of_pixels, flags, changed, before, above)


def sum_weighted(of_pixels: Any, weights: Floats) -> NDArray[np.float64]:
    """Sum the pixels of each row of a sparse array, each times its weight.

    Parameters
    ----------
    of_pixels : sparse array, shape (units, pixels)
    weights : ndarray of float, shape (y, x)
    """
    sums = np.empty(of_pixels.shape[0])
    flat = np.ascontiguousarray(weights).ravel()
    _kernels.sum_weighted(of_pixels.indptr, of_pixels.indices, of_pixels.data, flat, sums)
    return sums


def sum_weighted_again(
    of_pixels: Any, weights: Floats, changed: Flags, before: NDArray[np.float64], *, above: int = 0
) -> NDArray[np.float64]:
    """Return what `sum_weighted` does, where some weights changed; as `sum_flagged_again`."""
    return _again(_kernels.sum_weighted, of_pixels, weights, changed, before, above)


def _again(
    add_up: Any,
    of_pixels: Any,
    values: Any,
    changed: Flags,
    before: NDArray[np.float64],
    above: int,
) -> NDArray[np.float64]:
    first, pixels = of_pixels.indptr, of_pixels.indices
    marks = np.ascontiguousarray(changed).ravel()
    if not marks.any():
        return before
    touched = np.zeros(len(before), dtype=bool)
    _kernels.mark_touched(first, pixels, marks, above * changed.shape[1], touched)
    sums, flat = before.copy(), np.ascontiguousarray(values).ravel()
    for row in np.flatnonzero(touched):
        own = slice(row, row + 1)
        add_up(first[row : row + 2], pixels, of_pixels.data, flat, sums[own])
    return sums


def area_km2(polygons: gpd.GeoSeries) -> NDArray[np.float64]:
    """Return areas on the ellipsoid of the polygons' own datum, km².

    Examples
    --------
    A square kilometre of the map plane on the central meridian, where the plane
    shows lengths 0.01 % short.

    >>> square = gpd.GeoSeries([shapely.box(5e5, 25e5, 501e3, 2501e3)], crs="EPSG:9209")
    >>> area_km2(square).round(6)
    array([1.0002])
    """
    geod = CRS(polygons.crs).get_geod()
    assert geod is not None  # a grid's CRS is projected, so it has an ellipsoid
    degrees = polygons.to_crs(CRS(polygons.crs).geodetic_crs)
    # pyproj adds what runs one way round and subtracts what runs the other.
    oriented = shapely.orient_polygons(degrees.to_numpy())
    parts, unit = shapely.get_parts(oriented, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.searchsorted(ring, np.arange(len(rings)))
    of_unit = unit[part]
    # The rings of a unit in one line: out to each from the start of the first, and back again,
    # which encloses nothing. A call for each ring takes several times as long.
    start = first[np.searchsorted(of_unit, of_unit)]
    points, of_point = np.insert(points, first[1:], points[start[:-1]], axis=0), of_unit[ring]
    of_point = np.insert(of_point, first[1:], of_unit[:-1])
    ends = np.searchsorted(of_point, np.arange(len(oriented) + 1))
    return np.array(
        [geod.polygon_area_perimeter(*points[i:j].T)[0] / 1e6 for i, j in pairwise(ends)]
    )
