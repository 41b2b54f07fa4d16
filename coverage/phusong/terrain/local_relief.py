"""How much the ground around places rises and falls. Knows rasters and places, not masts."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ..grid import Grid
from .elevation import read_elevation

RELIEF_RADIUS_M = 7000.0
MOUNTAIN_RELIEF_M = 300.0
"""Ground is mountain where heights within `RELIEF_RADIUS_M` differ by more: the criterion of local
elevation range of the world's mountain classes (Kapos et al. 2000, UNEP-WCMC)."""
_RESOLUTION_M = 250.0
_LARGEST_SIDE_PX = 4000


def local_relief_m(
    places: gpd.GeoSeries, paths: Sequence[Path], *, shown: Sequence[str]
) -> NDArray[np.float64]:
    """Return the difference between the highest and the lowest ground around places.

    Parameters
    ----------
    places : GeoSeries of points, length n
        In a projected CRS in metres.
    paths : sequence of path
        Elevation, as `read_elevation` takes it.
    shown : sequence of str
        Names of the files for messages.

    Returns
    -------
    ndarray of float64, shape (n,)
        Metres, within `RELIEF_RADIUS_M`, of means over 250 m; NaN where no ground is known.

    Raises
    ------
    InputError
        If a file cannot be used.

    Examples
    --------
    A plain with one hill of 500 m, seen from the hill and from 10 km away.

    >>> import tempfile
    >>> grid = Grid("EPSG:9209", 250.0, 450_000.0, 2_530_000.0, width=80, height=40)
    >>> height = np.full((40, 80), 100.0)
    >>> height[20, 8:12] = 600.0
    >>> places = gpd.GeoSeries.from_xy([452_500, 462_500], [2_525_000] * 2, crs="EPSG:9209")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ground.tif"
    ...     grid.wrap(height, "terrain", nodata=np.nan).rio.to_raster(path)
    ...     local_relief_m(places, [path], shown=["ground.tif"]).tolist()
    [500.0, 0.0]
    """
    west, south, east, north = places.total_bounds
    reach = RELIEF_RADIUS_M
    side_m = max(east - west, north - south) + 2 * reach
    resolution_m = max(_RESOLUTION_M, side_m / _LARGEST_SIDE_PX)
    grid = Grid.covering(
        (west - reach, south - reach, east + reach, north + reach),
        resolution_m=resolution_m,
        crs=str(places.crs),
    )
    height = read_elevation(
        paths, grid, required_area=None, largest_void_px=0, shown=shown
    ).height_m.to_numpy()
    steps = int(reach // resolution_m)
    across, down = np.meshgrid(np.arange(-steps, steps + 1), np.arange(-steps, steps + 1))
    circle = np.hypot(across, down) * resolution_m <= reach
    found = {}
    for x, y in {(point.x, point.y) for point in places}:
        column = int(np.abs(grid.x_m - x).argmin())
        row = int(np.abs(grid.y_m - y).argmin())
        top, left = max(row - steps, 0), max(column - steps, 0)
        block = height[top : row + steps + 1, left : column + steps + 1]
        inner = circle[
            top - row + steps : top - row + steps + block.shape[0],
            left - column + steps : left - column + steps + block.shape[1],
        ]
        known = block[inner & np.isfinite(block)]
        found[(x, y)] = float(known.max()) - float(known.min()) if known.size else np.nan
    return np.array([found[(point.x, point.y)] for point in places])
