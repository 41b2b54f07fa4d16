"""Which share of each pixel belongs to each unit, once, as a sparse matrix.

Every zonal sum afterwards is one product, whatever the number of services.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import CRS, Geod
from scipy import sparse

from ..grid import Grid


@dataclass(frozen=True)
class Zones:
    """Units laid over a grid.

    Parameters
    ----------
    grid : Grid
        The pixels.
    weights : sparse array of float64, shape (units, pixels)
        Share of each pixel inside each unit, exact for polygons.
    area_km2 : ndarray of float64, shape (units,)
        Area of each unit on the ellipsoid.
    """

    grid: Grid
    weights: Any
    area_km2: NDArray[np.float64]

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, grid: Grid) -> "Zones":
        """Lay polygons, in the grid's CRS, over the grid.

        Raises
        ------
        ValueError
            If the CRS is another.
        """
        if CRS(units.crs) != CRS(grid.crs):
            raise ValueError(f"units are in {units.crs}, the grid in {grid.crs}")
        west, south, east, north = grid.bounds
        raster = NumPyRasterSource(
            np.zeros(grid.shape, dtype=np.uint8), west, south, east, north,
            srs_wkt=CRS(grid.crs).to_wkt(),
        )  # fmt: skip
        shapes = gpd.GeoDataFrame(geometry=units.geometry.reset_index(drop=True), crs=units.crs)
        found = exact_extract(raster, shapes, ["cell_id", "coverage"], output="pandas")
        counts = [len(pixels) for pixels in found["cell_id"]]
        weights = sparse.csr_array(
            (
                np.concatenate(found["coverage"].to_list()).astype(np.float64),
                np.concatenate(found["cell_id"].to_list()).astype(np.int64),
                np.concatenate([[0], np.cumsum(counts)]),
            ),
            shape=(len(units), grid.height * grid.width),
        )
        geod = Geod(ellps="WGS84")
        area = [abs(geod.geometry_area_perimeter(shape)[0]) / 1e6 for shape in
                units.geometry.to_crs("EPSG:4326")]  # fmt: skip
        return cls(grid, weights, np.array(area))

    def sum(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the sum of a raster, shape (y, x), over each unit; NaN counts as nothing."""
        flat = np.nan_to_num(values.ravel().astype(np.float64))
        return np.asarray(self.weights @ flat)

    def pixels(self) -> NDArray[np.float64]:
        """Return the number of pixels, parts included, of each unit."""
        return np.asarray(self.weights.sum(axis=1)).ravel()
