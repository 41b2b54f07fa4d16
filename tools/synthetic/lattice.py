"""Rasters in longitude and latitude. `grid.Grid` is for metres; terrain files are not."""

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from phusong._types import Floats


@dataclass(frozen=True)
class Lattice:
    """A north-up raster in WGS 84 degrees.

    Parameters
    ----------
    west, north : float
        Outer corner of the first pixel, degrees.
    step : float
        Side of a pixel, degrees.
    width, height : int
        Columns and rows.
    """

    west: float
    north: float
    step: float
    width: int
    height: int

    @classmethod
    def around(
        cls, bounds: tuple[float, float, float, float], *, step: float, margin: float
    ) -> "Lattice":
        """Return the lattice over `bounds` and `margin` degrees more, edges on whole steps.

        Examples
        --------
        >>> Lattice.around((104.9, 22.8, 105.1, 22.9), step=0.1, margin=0.1).shape
        (3, 4)
        """
        left = round((bounds[0] - margin) / step)
        bottom = round((bounds[1] - margin) / step)
        right = round((bounds[2] + margin) / step)
        top = round((bounds[3] + margin) / step)
        return cls(left * step, top * step, step, right - left, top - bottom)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def transform(self) -> Affine:
        """Affine transform from (column, row) to degrees."""
        return Affine(self.step, 0.0, self.west, 0.0, -self.step, self.north)

    @property
    def lon(self) -> Floats:
        """Longitudes of the pixel centres, shape (width,)."""
        return self.west + (np.arange(self.width) + 0.5) * self.step

    @property
    def lat(self) -> Floats:
        """Latitudes of the pixel centres from north to south, shape (height,)."""
        return self.north - (np.arange(self.height) + 0.5) * self.step

    def index(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of the pixels that hold the points; the edge for those outside."""
        row = np.floor((self.north - np.asarray(lat)) / self.step).astype(np.int64)
        column = np.floor((np.asarray(lon) - self.west) / self.step).astype(np.int64)
        return row.clip(0, self.height - 1), column.clip(0, self.width - 1)

    def sample(self, values: Floats, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Return `values` at points, bilinear between pixel centres, the edge for those outside."""
        row = (self.north - np.asarray(lat)) / self.step - 0.5
        column = (np.asarray(lon) - self.west) / self.step - 0.5
        found: Floats = ndimage.map_coordinates(values, (row, column), order=1, mode="nearest")
        return found
