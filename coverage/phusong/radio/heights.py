"""Elevation on pixels of its own, and the way to them from around a mast.

Rays are straight in the grid's CRS; elevation mostly comes in degrees. Around a
mast the source's pixel coordinates are a polynomial of the distances east and
north, so that along a ray they are a polynomial of the step. Knows positions and
heights, no mast and no loss.
"""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer

from ..grid import Grid, operation

LARGEST_MISS_PX = 0.002
"""How far the polynomial may miss PROJ's place, in pixels of the source, where it is compared."""
HIGHEST_DEGREE = 7
SIDE = 10
NODES, BETWEEN = (
    np.stack(np.meshgrid(x, x)).reshape(2, -1)
    for x in (np.cos(np.pi * (np.arange(SIDE) + 0.5) / SIDE), np.linspace(-1, 1, SIDE))
)
"""Places in units of the reach, to which the polynomial is fitted and where it is compared."""
LONGEST_DEFAULT_STEP_M, SHORTEST_STEP_M = 30.0, 10.0


@dataclass(frozen=True, kw_only=True)
class Heights:
    """Ground on pixels of its own.

    Parameters
    ----------
    height_m : ndarray of float32, shape (height, width), C order
        Above sea level; NaN where unknown.
    crs : str
        Any that PROJ knows.
    transform : Affine
        From columns and rows to the CRS, the corner of the first pixel at 0, 0.
    """

    height_m: NDArray[np.float32]
    crs: str
    transform: Affine

    @classmethod
    def of(cls, raster: xr.DataArray) -> "Heights":
        """Return the heights of a raster that knows its CRS and transform.

        Parameters
        ----------
        raster : DataArray, shape (y, x)

        Returns
        -------
        Heights
            On the values themselves where they are float32 already.
        """
        height_m = np.ascontiguousarray(raster.to_numpy(), dtype=np.float32)
        return cls(
            height_m=height_m, crs=raster.rio.crs.to_string(), transform=raster.rio.transform()
        )

    @classmethod
    def on_grid(cls, grid: Grid, height_m: NDArray[np.float32]) -> "Heights":
        """Return heights that lie on a grid.

        Parameters
        ----------
        grid : Grid
        height_m : ndarray of float32, shape (height, width)

        Returns
        -------
        Heights
        """
        return cls(
            height_m=np.ascontiguousarray(height_m, dtype=np.float32),
            crs=grid.crs,
            transform=grid.transform,
        )

    @cached_property
    def pixel_m(self) -> float:
        """Shorter side of the pixel in the middle, metres."""
        height, width = self.height_m.shape
        corner = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
        x, y = self.transform @ (width // 2 + corner[0], height // 2 + corner[1])
        system = CRS.from_user_input(self.crs)
        if system.is_projected:
            unit_m = system.axis_info[0].unit_conversion_factor
            return unit_m * min(math.hypot(x[k] - x[0], y[k] - y[0]) for k in (1, 2))
        _, _, sides = Geod(ellps="WGS84").inv(x[[0, 0]], y[[0, 0]], x[1:], y[1:])
        return float(min(sides))

    @property
    def default_step_m(self) -> float:
        """Step of profiles if the study names none: half a pixel, in whole metres from 10 to 30.

        Half a pixel follows every ridge that the elevation has.
        """
        half = float(math.floor(self.pixel_m / 2))
        return min(max(half, SHORTEST_STEP_M), LONGEST_DEFAULT_STEP_M)


@dataclass(frozen=True, kw_only=True)
class Way:
    """From distances around a place to pixels of the heights.

    A place `east` and `north` metres away lies at row ``top + row(u, v)`` and column
    ``left + column(u, v)`` with u = east / scale, v = north / scale, the centre of the
    first pixel at 0, 0.

    Parameters
    ----------
    top, left : int
        Pixel of the heights at or before the place.
    coefficients : ndarray of float64, shape (2, degree + 1, degree + 1)
        ``[0, i, j]`` is that of u^i v^j in the row, ``[1, i, j]`` in the column.
    scale_m : float
    """

    top: int
    left: int
    coefficients: NDArray[np.float64]
    scale_m: float

    def pixels(
        self, east_m: NDArray[np.float64], north_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fractional rows and columns.

        Parameters
        ----------
        east_m, north_m : ndarray of float64, one shape
            From the place, in the grid's CRS.

        Returns
        -------
        row, column : ndarray of float64, of that shape
        """
        u, v = east_m / self.scale_m, north_m / self.scale_m
        row, column = (np.polynomial.polynomial.polyval2d(u, v, c) for c in self.coefficients)
        return self.top + row, self.left + column


@dataclass(frozen=True, kw_only=True)
class Finder:
    """Finds the way from a grid's CRS to the pixels of heights.

    Parameters
    ----------
    crs : str
        Of the grid.
    heights : Heights
    """

    crs: str
    heights: Heights

    def __getstate__(self) -> dict[str, object]:
        """Send it without the transformation, which cannot be sent, and is soon found again."""
        return {"crs": self.crs, "heights": self.heights}

    @cached_property
    def _to_source(self) -> Transformer | None:
        """Return the transformation into the CRS of the heights, or None if it is the grid's."""
        if CRS.from_user_input(self.crs) == CRS.from_user_input(self.heights.crs):
            return None
        found = operation(self.crs, self.heights.crs)
        if found is None:
            raise ValueError(f"no transformation from {self.crs} to {self.heights.crs}")
        return found

    def pixels(
        self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fractional rows and columns of places in the grid's CRS, by PROJ.

        Parameters
        ----------
        x_m, y_m : ndarray of float64, one shape

        Returns
        -------
        row, column : ndarray of float64, of that shape
        """
        if self._to_source is not None:
            x_m, y_m = self._to_source.transform(x_m, y_m)
        column, row = ~self.heights.transform @ (x_m, y_m)
        return row - 0.5, column - 0.5

    def way(self, x_m: float, y_m: float, reach_m: float) -> Way:
        """Return the way to the pixels around a place.

        Parameters
        ----------
        x_m, y_m : float
            The place, in the grid's CRS.
        reach_m : float
            How far it holds.

        Returns
        -------
        Way
            Within `LARGEST_MISS_PX` of PROJ; the same to the last bit wherever the
            raster begins.

        Raises
        ------
        ValueError
            If no polynomial comes so near: the CRS has an edge there.
        """
        (row,), (column,) = self.pixels(np.array([x_m]), np.array([y_m]))
        top, left = math.floor(row), math.floor(column)
        fitted, compared = (
            np.stack(self.pixels(x_m + reach_m * u, y_m + reach_m * v)) - [[top], [left]]
            for u, v in (NODES, BETWEEN)
        )
        for degree in range(1, HIGHEST_DEGREE + 1):
            solve, terms = _least_squares(degree)
            coefficients = np.zeros((2, degree + 1, degree + 1))
            # Rounded, so that neither the last bits of a sum nor the raster's corner count.
            coefficients[:, *terms] = np.round(fitted @ solve.T, 8)
            way = Way(top=top, left=left, coefficients=coefficients, scale_m=reach_m)
            miss = np.stack(way.pixels(*(reach_m * BETWEEN))) - [[top], [left]] - compared
            if np.abs(miss).max() <= LARGEST_MISS_PX:
                return way
        raise ValueError(f"{self.heights.crs} is not smooth around ({x_m:.0f}, {y_m:.0f})")


@cache
def _least_squares(degree: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return what fits a polynomial to values at `NODES`, and the powers of its terms."""
    terms = np.array([(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]).T
    values = np.prod(NODES[:, :, None] ** terms[:, None, :], axis=0)
    return np.linalg.pinv(values), terms
