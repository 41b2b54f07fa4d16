"""The one raster grid of a study: CRS, transform, shape, windows; and the way into its CRS.

Every raster of a study lies on one `Grid`, north up, square pixels in metres,
its edges on whole multiples of the pixel, so that two studies of one province
share pixels. This module knows rasters as shapes, not what they mean.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import rasterio
import rioxarray  # noqa: F401  registers the .rio accessor
import xarray as xr
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup
from rasterio.dtypes import dtype_rev, typename_fwd
from rasterio.windows import Window

from .errors import GridMismatchError

__all__ = ["WGS84", "Grid", "blocks", "blocks_of_rows", "grid_of", "opened", "operation"]

ROWS_AT_A_TIME = 256
"""A few megabytes of a province at 30 m."""
ELEMENTS_AT_A_TIME = 500_000

WGS84 = "OGC:CRS84"
"""Longitude and latitude in degrees, in this order."""


@dataclass(frozen=True)
class Grid:
    """A north-up raster grid of square pixels in a metric CRS.

    Parameters
    ----------
    crs : str
        Projected CRS in metres, as an authority code such as ``"EPSG:9209"``.
    resolution_m : float
        Side of a pixel in metres.
    west_m, north_m : float
        Outer corner of the first pixel, in the CRS, metres.
    width, height : int
        Columns and rows.

    Raises
    ------
    ValueError
        If there is no pixel, its side is not positive, or the CRS is not in metres.
    pyproj.exceptions.CRSError
        If PROJ does not know the CRS.
    """

    crs: str
    resolution_m: float
    west_m: float
    north_m: float
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or not self.resolution_m > 0:
            raise ValueError("a grid needs at least one pixel of positive size")
        units = {axis.unit_name for axis in CRS.from_user_input(self.crs).axis_info[:2]}
        if units != {"metre"}:
            raise ValueError(f"{self.crs} is not in metres")

    @classmethod
    def covering(
        cls, bounds: tuple[float, float, float, float], *, resolution_m: float, crs: str
    ) -> "Grid":
        """Return the smallest grid over `bounds` whose edges are multiples of the pixel.

        Parameters
        ----------
        bounds : (west, south, east, north)
            In `crs`, metres.
        resolution_m : float
            Side of a pixel in metres.
        crs : str
            Authority code of a projected CRS in metres.

        Returns
        -------
        Grid
            At least one pixel wide and high.

        Raises
        ------
        ValueError
            If `crs` is not in metres.
        pyproj.exceptions.CRSError
            If PROJ does not know `crs`.

        Examples
        --------
        >>> Grid.covering((10, 10, 190, 90), resolution_m=100, crs="EPSG:9209").shape
        (1, 2)
        """
        west, south, east, north = bounds
        left, bottom = math.floor(west / resolution_m), math.floor(south / resolution_m)
        right, top = math.ceil(east / resolution_m), math.ceil(north / resolution_m)
        return cls(
            crs,
            resolution_m,
            left * resolution_m,
            top * resolution_m,
            max(right - left, 1),
            max(top - bottom, 1),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north edges in the CRS, metres."""
        return (
            self.west_m,
            self.north_m - self.height * self.resolution_m,
            self.west_m + self.width * self.resolution_m,
            self.north_m,
        )

    @property
    def transform(self) -> Affine:
        """Affine transform from (column, row) to the CRS, as rasterio uses it."""
        return Affine(self.resolution_m, 0.0, self.west_m, 0.0, -self.resolution_m, self.north_m)

    @property
    def pixel_area_km2(self) -> float:
        """Area of one pixel on the map plane, km²."""
        return self.resolution_m**2 / 1e6

    @cached_property
    def x_m(self) -> NDArray[np.float64]:
        """Eastings of the pixel centres, shape (width,), metres."""
        return self.west_m + (np.arange(self.width, dtype=np.float64) + 0.5) * self.resolution_m

    @cached_property
    def y_m(self) -> NDArray[np.float64]:
        """Northings of the pixel centres from north to south, shape (height,), metres."""
        return self.north_m - (np.arange(self.height, dtype=np.float64) + 0.5) * self.resolution_m

    def index(
        self, x_m: ArrayLike, y_m: ArrayLike
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Return row, column and whether inside, of the pixels that hold the points.

        Parameters
        ----------
        x_m, y_m : array_like of float, one shape
            Eastings and northings in the grid's CRS, metres.

        Returns
        -------
        row, column : array of int64
            From the north and from the west, 0 first; 0 for a point outside.
        inside : array of bool
            The grid's west and north edges are inside, its east and south edges are
            not; neither is NaN.

        Examples
        --------
        >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
        >>> row, column, inside = grid.index([0.0, 250.0, 300.0], [200.0, 50.0, 50.0])
        >>> row.tolist(), column.tolist(), inside.tolist()
        ([0, 1, 0], [0, 2, 0], [True, True, False])
        """
        column = np.floor((np.asarray(x_m, float) - self.west_m) / self.resolution_m)
        row = np.floor((self.north_m - np.asarray(y_m, float)) / self.resolution_m)
        inside = (column >= 0) & (column < self.width) & (row >= 0) & (row < self.height)
        return (
            np.where(inside, row, 0).astype(np.int64),
            np.where(inside, column, 0).astype(np.int64),
            inside,
        )

    def offset(self, other: "Grid") -> tuple[int, int]:
        """Return how many rows down and columns along another grid of the same pixels begins.

        Parameters
        ----------
        other : Grid

        Returns
        -------
        row, column : int
            Negative where it begins further north or west.

        Examples
        --------
        >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
        >>> grid.offset(Grid("EPSG:9209", 100.0, 200.0, 100.0, width=1, height=1))
        (1, 2)
        """
        return (
            round((self.north_m - other.north_m) / self.resolution_m),
            round((other.west_m - self.west_m) / self.resolution_m),
        )

    def part(self, rows: slice, columns: slice) -> "Grid":
        """Return the grid of some of the pixels.

        Its edges are the same numbers as those of `covering`, where this one's are.

        Parameters
        ----------
        rows, columns : slice
            From the north and from the west.

        Returns
        -------
        Grid

        Examples
        --------
        >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
        >>> grid.part(slice(1, 2), slice(0, 2)).bounds
        (0.0, 0.0, 200.0, 100.0)
        """

        def edge(first: float, pixels: int) -> float:
            whole = round(first / self.resolution_m)
            on_multiple = whole * self.resolution_m == first
            return (
                (whole + pixels) * self.resolution_m
                if on_multiple
                else first + pixels * self.resolution_m
            )

        return replace(
            self,
            west_m=edge(self.west_m, columns.start),
            north_m=edge(self.north_m, -rows.start),
            width=columns.stop - columns.start,
            height=rows.stop - rows.start,
        )

    def wrap(
        self, values: NDArray[Any], name: str, *, nodata: float | None = None, **attributes: Any
    ) -> xr.DataArray:
        """Return `values` as a DataArray that knows its place.

        Parameters
        ----------
        values : array, shape (height, width)
            The first row is the northernmost.
        name : str
            Name of the DataArray.
        nodata : float, optional
            Value that stands for no data.
        **attributes : object
            The DataArray's attributes, such as ``units``.

        Returns
        -------
        DataArray, shape (y, x)
            On `values` itself, with the coordinates of the pixel centres, CRS and
            transform.

        Raises
        ------
        GridMismatchError
            If the shape is not the grid's.

        Examples
        --------
        >>> import numpy as np
        >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
        >>> grid.wrap(np.zeros((2, 3)), "terrain", units="m").x.to_numpy().tolist()
        [50.0, 150.0, 250.0]
        """
        if values.shape != self.shape:
            raise GridMismatchError(name, f"{values.shape[0]} × {values.shape[1]}", self.describe())
        raster = xr.DataArray(
            values,
            dims=("y", "x"),
            coords={"y": self.y_m, "x": self.x_m, "spatial_ref": self._reference},
            name=name,
            attrs=attributes,
        )
        raster.encoding["grid_mapping"] = "spatial_ref"
        if nodata is not None:
            raster.rio.write_nodata(nodata, inplace=True)
        return raster

    @cached_property
    def _reference(self) -> xr.DataArray:
        """What rioxarray keeps CRS and transform in; writing them to a raster copies its values."""
        plain = xr.DataArray(np.zeros((1, 1)), dims=("y", "x"))
        placed = plain.rio.write_crs(self.crs).rio.write_transform(self.transform)
        reference: xr.DataArray = placed.coords["spatial_ref"]
        return reference

    def require(self, raster: xr.DataArray, name: str) -> None:
        """Refuse a raster that lies elsewhere.

        Parameters
        ----------
        raster : DataArray, shape (y, x)
            With a CRS and a transform, as `wrap` makes it.
        name : str
            What the raster is called in the message.

        Raises
        ------
        GridMismatchError
            If shape, position, pixel or CRS differ.
        ValueError
            If the raster's CRS is not in metres.

        Examples
        --------
        >>> import numpy as np
        >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
        >>> grid.require(grid.wrap(np.zeros((2, 3)), "terrain"), "terrain")
        >>> shifted = Grid("EPSG:9209", 100.0, 50.0, 200.0, width=3, height=2)
        >>> shifted.require(grid.wrap(np.zeros((2, 3)), "terrain"), "terrain")
        Traceback (most recent call last):
            ...
        phusong.errors.GridMismatchError: ...
        """
        if grid_of(raster) != self:
            raise GridMismatchError(name, grid_of(raster).describe(), self.describe())

    def describe(self) -> str:
        """Return the grid in one line, for messages.

        Returns
        -------
        str
            Rows × columns, pixel, north-west corner and CRS.

        Examples
        --------
        >>> Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2).describe()
        '2 × 3 px, 100 m, (0, 200), EPSG:9209'
        """
        return (
            f"{self.height} × {self.width} px, {self.resolution_m:g} m, "
            f"({self.west_m:.0f}, {self.north_m:.0f}), {self.crs}"
        )

    def window(self, bounds: tuple[float, float, float, float]) -> tuple[slice, slice]:
        """Return the rows and columns of the pixels that some bounds touch.

        Parameters
        ----------
        bounds : (float, float, float, float)
            West, south, east and north in the grid's CRS, metres.

        Returns
        -------
        rows, columns : slice
            From the north and from the west; what lies beyond the grid is cut off.

        Raises
        ------
        ValueError
            If they touch no pixel.

        Examples
        --------
        >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
        >>> grid.window((150.0, 20.0, 900.0, 80.0))
        (slice(1, 2, None), slice(1, 3, None))
        """
        west, south, east, north = bounds
        rows = slice(
            max(math.floor((self.north_m - north) / self.resolution_m), 0),
            min(math.ceil((self.north_m - south) / self.resolution_m), self.height),
        )
        columns = slice(
            max(math.floor((west - self.west_m) / self.resolution_m), 0),
            min(math.ceil((east - self.west_m) / self.resolution_m), self.width),
        )
        if rows.start >= rows.stop or columns.start >= columns.stop:
            raise ValueError(f"{bounds} lies outside {self.describe()}")
        return rows, columns

    def windows(self, side_px: int) -> Iterator[Window]:
        """Yield tiles of at most `side_px` a side, row by row, covering the grid once.

        Parameters
        ----------
        side_px : int
            Longest side of a tile, pixels.

        Yields
        ------
        rasterio.windows.Window
            Those at the east and south edges may be smaller.

        Examples
        --------
        >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
        >>> [(tile.col_off, tile.width, tile.height) for tile in grid.windows(2)]
        [(0, 2, 2), (2, 1, 2)]
        """
        for row in range(0, self.height, side_px):
            for column in range(0, self.width, side_px):
                yield Window(
                    column,
                    row,
                    min(side_px, self.width - column),
                    min(side_px, self.height - row),
                )


def blocks(size: int) -> Iterator[slice]:
    """Yield the elements of a long array, some at a time, as `blocks_of_rows` does rows.

    Parameters
    ----------
    size : int
        Elements of the array.

    Yields
    ------
    slice
        `ELEMENTS_AT_A_TIME` of them, the last fewer.

    Examples
    --------
    >>> [(some.start, some.stop) for some in blocks(600_000)]
    [(0, 500000), (500000, 600000)]
    """
    for first in range(0, size, ELEMENTS_AT_A_TIME):
        yield slice(first, min(first + ELEMENTS_AT_A_TIME, size))


def blocks_of_rows(height: int) -> Iterator[slice]:
    """Yield the rows of a raster, some at a time, so that no step needs memory for the whole.

    Parameters
    ----------
    height : int
        Rows of the raster.

    Yields
    ------
    slice
        `ROWS_AT_A_TIME` of them, the last fewer.

    Examples
    --------
    >>> [(rows.start, rows.stop) for rows in blocks_of_rows(300)]
    [(0, 256), (256, 300)]
    """
    for first in range(0, height, ROWS_AT_A_TIME):
        yield slice(first, min(first + ROWS_AT_A_TIME, height))


@contextmanager
def opened(values: NDArray[Any], transform: Affine) -> Iterator[Any]:
    """Open an array for GDAL as it lies: one in a file is never in memory whole.

    Parameters
    ----------
    values : ndarray, shape (y, x)
        Read and written where it is; it may be a part of a larger one.
    transform : Affine
        From columns and rows to the CRS.

    Yields
    ------
    rasterio.DatasetWriter
        Without CRS, to be set on it.

    Examples
    --------
    >>> import numpy as np
    >>> with opened(np.array([[1, 2]], np.int32), Affine(90, 0, 0, 0, -90, 0)) as band:
    ...     band.read(1).tolist()
    [[1, 2]]
    """
    source = ",".join(
        (
            f"MEM:::DATAPOINTER={values.ctypes.data}",
            f"PIXELS={values.shape[1]},LINES={values.shape[0]},BANDS=1",
            f"PIXELOFFSET={values.strides[1]},LINEOFFSET={values.strides[0]}",
            f"DATATYPE={typename_fwd[dtype_rev[values.dtype.name]]}",
            f"GEOTRANSFORM={'/'.join(map(repr, transform.to_gdal()))}",
        )
    )
    with rasterio.Env(GDAL_MEM_ENABLE_OPEN="YES"), rasterio.open(source, "r+") as band:
        yield band


def grid_of(raster: xr.DataArray) -> Grid:
    """Return the grid on which a raster made by `Grid.wrap` lies.

    Parameters
    ----------
    raster : DataArray, shape (y, x)
        With a CRS and a transform.

    Returns
    -------
    Grid
        Its CRS is written as the raster's is.

    Raises
    ------
    ValueError
        If the raster's CRS is not in metres.

    Examples
    --------
    >>> import numpy as np
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 200.0, width=3, height=2)
    >>> grid_of(grid.wrap(np.zeros((2, 3)), "terrain")) == grid
    True
    """
    transform = raster.rio.transform()
    height, width = raster.shape
    code = raster.rio.crs.to_string()
    return Grid(code, transform.a, transform.c, transform.f, width, height)


@cache
def operation(
    source: CRS | str, target: CRS | str, *, always_xy: bool = True
) -> Transformer | None:
    """Return the one transformation used between two systems, or None if none is known.

    PROJ by itself may choose another operation for each point, by area of use,
    and past the border none at all, which moves VN-2000 by 223 m. One operation
    serves all points here: the most accurate for the whole of the two areas; for
    VN-2000 EPSG:6960 (Decision 05/2007/QĐ-BTNMT), which needs no grid file.

    Parameters
    ----------
    source, target : CRS or str
        The two systems.
    always_xy : bool
        Take and give longitude or easting first, whatever the systems say.

    Returns
    -------
    pyproj.Transformer or None
        None also where a system is unknown.

    Examples
    --------
    >>> to_ha_giang = operation("OGC:CRS84", "EPSG:9209")
    >>> [round(metres, 2) for metres in to_ha_giang.transform(104.9911, 22.8344)]
    [447572.06, 2526143.76]
    """
    try:
        group = TransformerGroup(source, target, always_xy=always_xy, allow_ballpark=False)
    except (CRSError, ProjError):
        return None
    return group.transformers[0] if group.transformers else None
