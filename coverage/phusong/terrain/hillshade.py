"""Shade the relief for the base map of printed and interactive maps."""

import numpy as np
import xarray as xr
from scipy import ndimage

from ..grid import grid_of


def hillshade(
    height_m: xr.DataArray, *, azimuth_deg: float = 315.0, altitude_deg: float = 45.0
) -> xr.DataArray:
    """Return the illumination of the ground by a distant lamp.

    Parameters
    ----------
    height_m : DataArray, shape (y, x)
        Heights on a `Grid`; NaN where unknown.
    azimuth_deg, altitude_deg : float
        Direction of the lamp from north, clockwise, and above the horizon; the
        north-west is the cartographer's habit, without which relief inverts.

    Returns
    -------
    DataArray of uint8, shape (y, x)
        0 in full shade or unknown, 1 to 255 by illumination; slopes by Horn
        (1981), Proc. IEEE 69(1).

    Examples
    --------
    Flat ground lit from 30° above the horizon receives half of the light.

    >>> from phusong.grid import Grid
    >>> grid = Grid("EPSG:9209", 90.0, 0.0, 270.0, 3, 3)
    >>> flat = grid.wrap(np.zeros((3, 3)), "terrain")
    >>> int(hillshade(flat, altitude_deg=30.0)[1, 1])
    128
    """
    grid = grid_of(height_m)
    heights = height_m.to_numpy().astype(np.float64)
    known = ~np.isnan(heights)
    if not known.any():
        return grid.wrap(np.zeros(grid.shape, dtype=np.uint8), "hillshade", nodata=0)
    # Unknown ground continues its nearest known neighbour, so that no cliff is drawn there.
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    heights = heights[tuple(nearest)]
    # Sobel sums eight pixel differences over two pixels: Horn's slope times eight pixels.
    east = ndimage.sobel(heights, axis=1, mode="nearest") / (8 * grid.resolution_m)
    north = -ndimage.sobel(heights, axis=0, mode="nearest") / (8 * grid.resolution_m)
    azimuth, altitude = np.radians(azimuth_deg), np.radians(altitude_deg)
    light = (
        np.sin(altitude) - np.cos(altitude) * (np.sin(azimuth) * east + np.cos(azimuth) * north)
    ) / np.sqrt(1 + east**2 + north**2)
    shade = np.where(known, np.clip(np.rint(1 + 254 * light), 1, 255), 0)
    return grid.wrap(shade.astype(np.uint8), "hillshade", nodata=0)
