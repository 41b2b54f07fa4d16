"""Bring the heights of trees and houses onto the grid."""

from pathlib import Path

import numpy as np
import xarray as xr
from rasterio.enums import Resampling

from ..grid import Grid
from .faults import refusal
from .warp import open_source

TALLEST_CLUTTER_M = 1000.0
"""No forest or house is taller; such values are voids that were not declared."""


def read_clutter_height(path: Path, grid: Grid, *, shown: str) -> xr.DataArray:
    """Warp a raster of heights above ground onto the grid.

    The tallest where more than four pixels of the source make one of the grid,
    because the obstacle that counts for a radio path is the highest; else the
    nearest, so that a forest keeps its edge.

    Parameters
    ----------
    path : path
        GeoTIFF or VRT; one band of metres above ground, any CRS.
    grid : Grid
        Where the heights are wanted.
    shown : str
        Name of the file for messages.

    Returns
    -------
    DataArray of float32, shape (y, x)
        Metres above ground; 0 where the source has no value or does not reach.

    Raises
    ------
    InputError
        If the file cannot be used, or has heights below 0 or beyond
        `TALLEST_CLUTTER_M`.

    Examples
    --------
    >>> import tempfile
    >>> grid = Grid("EPSG:9209", 90.0, 0.0, 90.0, width=2, height=1)
    >>> forest = grid.wrap(np.array([[15.0, np.nan]]), "clutter", nodata=np.nan)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "clutter.tif"
    ...     forest.rio.to_raster(path)
    ...     read_clutter_height(path, grid, shown="clutter.tif").values.tolist()
    [[15.0, 0.0]]
    """  # noqa: DOC501  `refusal` makes an InputError
    height = np.zeros(grid.shape, dtype=np.float32)
    with open_source(path, grid, shown) as source:
        for place, values in source.pieces(
            coarse=Resampling.nearest, fine=Resampling.max, lowest=-np.inf, highest=np.inf
        ):
            known = values[~np.isnan(values)]
            wrong = known[(known < 0) | (known > TALLEST_CLUTTER_M)]
            if wrong.size:
                limit = TALLEST_CLUTTER_M
                raise refusal("odd_clutter", shown, value=f"{wrong[0]:g}", limit=limit)
            height[place] = np.nan_to_num(values)
    return grid.wrap(height, "clutter", units="m", long_name="Height of clutter above ground")
