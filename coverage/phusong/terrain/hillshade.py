"""Shade the relief for the base map of printed and interactive maps."""

import numpy as np
import xarray as xr
from scipy import ndimage

from .._on_disk import full_on_disk
from .._types import Floats
from ..grid import grid_of

_ROWS = 256
"""Rows shaded at a time."""
_AROUND = 3
"""Rows read on either side: a slope wants one, and unknown ground beside it a known one near it."""


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
    heights = height_m.to_numpy()
    shade = full_on_disk(grid.shape, 0, np.dtype(np.uint8))
    lamp = np.radians(azimuth_deg), np.radians(altitude_deg)
    for first in range(0, len(shade), _ROWS):
        # By blocks: what is computed here takes many times the memory of the heights.
        before = max(first - _AROUND, 0)
        block = heights[before : first + _ROWS + _AROUND]
        known = ~np.isnan(block)
        if not known.any():
            continue
        if not known.all():
            # Unknown ground continues its nearest known neighbour, so that no cliff is drawn there.
            nearest = ndimage.distance_transform_edt(
                ~known, return_distances=False, return_indices=True
            )
            block = block[tuple(nearest)]
        light = _light(block.astype(np.float64), grid.resolution_m, *lamp)
        shown = np.where(known, np.clip(np.rint(1 + 254 * light), 1, 255), 0)
        rows = shade[first : first + _ROWS]
        rows[:] = shown[first - before :][: len(rows)]
    return grid.wrap(shade, "hillshade", nodata=0)


def _light(heights_m: Floats, resolution_m: float, azimuth: float, altitude: float) -> Floats:
    """Return the share of the lamp's light that each pixel receives, negative in full shade."""
    # Sobel sums eight pixel differences over two pixels: Horn's slope times eight pixels.
    east = ndimage.sobel(heights_m, axis=1, mode="nearest") / (8 * resolution_m)
    north = -ndimage.sobel(heights_m, axis=0, mode="nearest") / (8 * resolution_m)
    slope = np.cos(altitude) * (np.sin(azimuth) * east + np.cos(azimuth) * north)
    light: Floats = (np.sin(altitude) - slope) / np.sqrt(1 + east**2 + north**2)
    return light
