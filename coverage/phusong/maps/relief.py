"""The base map: hillshade on its way to Web Mercator, tinted, as one picture in the page."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.transform import Affine, array_bounds
from rasterio.warp import calculate_default_transform

from .theme import Relief

WEB_MERCATOR = "EPSG:3857"
LEVEL_SHADE = 200


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image and where it lies.

    Parameters
    ----------
    url : str
        The PNG as a data URI.
    bounds : ((south, west), (north, east))
        Outer edges in degrees, WGS 84; rows are evenly spaced in Web Mercator.
    """

    url: str
    bounds: tuple[tuple[float, float], tuple[float, float]]


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
    shape, transform = _frame(hillshade, relief.largest_px)
    shade = _warp(hillshade, shape, transform)
    # Level ground has sin 45° of full light, 180; near that the map is hardly darkened.
    step = np.round(np.minimum(shade / LEVEL_SHADE, 1) ** 0.8 * (relief.shades - 1))
    tint = np.zeros_like(shade)
    if terrain is not None and len(relief.tints) > 1:
        elevation = _warp(terrain, shape, transform)
        low, high = np.nanquantile(elevation, [0.02, 0.98])
        height = (elevation - low) / max(high - low, 1.0)
        tint = np.clip(np.floor(height * len(relief.tints)), 0, len(relief.tints) - 1)
    index = 1 + tint * relief.shades + step
    pixels = np.where(np.isfinite(index), index, 0).astype(np.uint8)
    west, south, east, north = array_bounds(*shape, transform)
    to_degrees = Transformer.from_crs(WEB_MERCATOR, "EPSG:4326", always_xy=True)
    (left, right), (bottom, top) = to_degrees.transform([west, east], [south, north])
    return Picture(
        url=_png(pixels, transform, _palette(relief)),
        bounds=((round(bottom, 6), round(left, 6)), (round(top, 6), round(right, 6))),
    )


def _frame(raster: xr.DataArray, largest_px: int) -> tuple[tuple[int, int], Affine]:
    """Return shape and transform in Web Mercator, about the raster's own pixel or coarser."""
    height, width = raster.shape
    place = (raster.rio.crs, WEB_MERCATOR, width, height, *raster.rio.bounds())
    transform, columns, rows = calculate_default_transform(*place)
    if max(columns, rows) > largest_px:
        coarser = transform.a * max(columns, rows) / largest_px
        transform, columns, rows = calculate_default_transform(*place, resolution=coarser)
    return (rows, columns), transform


def _warp(raster: xr.DataArray, shape: tuple[int, int], transform: Affine) -> NDArray[Any]:
    plain = raster.astype("float32").rio.write_nodata(np.nan)
    if (declared := raster.rio.nodata) is not None and declared == declared:
        plain = plain.where(raster != declared)
    coarser = transform.a > 1.5 * abs(raster.rio.resolution()[0])
    warped = plain.rio.reproject(
        WEB_MERCATOR,
        shape=shape,
        transform=transform,
        resampling=Resampling.average if coarser else Resampling.bilinear,
        nodata=np.nan,
    )
    return np.asarray(warped.to_numpy())


def _palette(relief: Relief) -> dict[int, tuple[int, int, int, int]]:
    """Return RGBA by pixel value; 0 is clear, then all shades of one tint after another."""
    colours = {0: (255, 255, 255, 0)}
    light = relief.darkest + (1 - relief.darkest) * np.linspace(0, 1, relief.shades)
    for position, tint in enumerate(relief.tints):
        channels = np.array([int(tint[start : start + 2], 16) for start in (1, 3, 5)])
        for step in range(relief.shades):
            red, green, blue = (round(c) for c in channels * light[step])
            colours[1 + position * relief.shades + step] = (red, green, blue, 255)
    return colours


def _png(
    pixels: NDArray[np.uint8], transform: Affine, palette: dict[int, tuple[int, int, int, int]]
) -> str:
    height, width = pixels.shape
    profile = {"driver": "PNG", "width": width, "height": height, "count": 1, "dtype": "uint8"}
    with MemoryFile() as memory:
        with memory.open(**profile, zlevel=9, transform=transform) as picture:
            picture.write(pixels, 1)
            picture.write_colormap(1, palette)
        code = base64.b64encode(memory.read()).decode("ascii")
    return f"data:image/png;base64,{code}"
