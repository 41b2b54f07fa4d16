"""The base map: hillshade tinted by elevation, as one picture in the page."""

import numpy as np
import xarray as xr
from rasterio.enums import Resampling

from .pictures import CLEAR, Palette, Picture, frame, picture, rgba, warp
from .theme import Relief

LEVEL_SHADE = 200


def draw_relief(relief: Relief, hillshade: xr.DataArray, terrain: xr.DataArray | None) -> Picture:
    """Warp the hillshade to Web Mercator and tint it by elevation.

    Parameters
    ----------
    relief : Relief
    hillshade : DataArray of uint8, shape (y, x)
        0 full shadow to 255 full light, with CRS and transform.
    terrain : DataArray, shape (y, x), optional
        Elevation in metres on the same grid; None draws the lowest tint only.
    """
    shape, transform = frame(hillshade, relief.largest_px)
    shade = warp(hillshade, shape, transform, fine=Resampling.bilinear)
    # Level ground has sin 45° of full light, 180; near that the map is hardly darkened.
    step = np.round(np.minimum(shade / LEVEL_SHADE, 1) ** 0.8 * (relief.shades - 1))
    tint = np.zeros_like(shade)
    if terrain is not None and len(relief.tints) > 1:
        elevation = warp(terrain, shape, transform, fine=Resampling.bilinear)
        low, high = np.nanquantile(elevation, [0.02, 0.98])
        height = (elevation - low) / max(high - low, 1.0)
        tint = np.clip(np.floor(height * len(relief.tints)), 0, len(relief.tints) - 1)
    index = 1 + tint * relief.shades + step
    pixels = np.where(np.isfinite(index), index, 0).astype(np.uint8)
    return picture(pixels, transform, _palette(relief))


def _palette(relief: Relief) -> Palette:
    """Return RGBA by pixel value; 0 is clear, then all shades of one tint after another."""
    colours = {0: CLEAR}
    light = relief.darkest + (1 - relief.darkest) * np.linspace(0, 1, relief.shades)
    for position, tint in enumerate(relief.tints):
        for step in range(relief.shades):
            red, green, blue = (round(c) for c in np.array(rgba(tint)[:3]) * light[step])
            colours[1 + position * relief.shades + step] = (red, green, blue, 255)
    return colours
