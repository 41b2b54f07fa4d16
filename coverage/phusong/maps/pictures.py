"""Rasters on their way to the page: warped to Web Mercator, as a PNG."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
import xarray as xr
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.transform import Affine, array_bounds
from rasterio.warp import calculate_default_transform, reproject

from ..grid import opened
from .geometry import DEGREES, transformer

WEB_MERCATOR = "EPSG:3857"
CLEAR = (255, 255, 255, 0)
DATA_URL = "data:image/png;base64,"

Shape = tuple[int, int]
Palette = Mapping[int, tuple[int, int, int, int]]


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


def frame(raster: xr.DataArray, largest_px: int) -> tuple[Shape, Affine]:
    """Return shape and transform in Web Mercator, about the raster's own pixel or coarser."""
    height, width = raster.shape
    place = (raster.rio.crs, WEB_MERCATOR, width, height, *raster.rio.bounds())
    transform, columns, rows = calculate_default_transform(*place)
    if max(columns, rows) > largest_px:
        coarser = transform.a * max(columns, rows) / largest_px
        transform, columns, rows = calculate_default_transform(*place, resolution=coarser)
    return (rows, columns), transform


def warp(
    raster: xr.DataArray, shape: Shape, transform: Affine, *, fine: Resampling
) -> NDArray[np.float32]:
    """Return the raster on a frame as float32; NaN where it has no value."""
    values = raster.to_numpy()
    coarser = transform.a > 1.5 * abs(raster.rio.resolution()[0])
    warped = np.full(shape, np.nan, np.float32)
    # Without rioxarray, which would copy the raster several times. No value is NaN, but among
    # whole numbers the one that is declared.
    with opened(values, raster.rio.transform(recalc=True)) as band:
        band.crs = raster.rio.crs
        band.nodata = np.nan if values.dtype.kind == "f" else raster.rio.nodata
        reproject(
            rasterio.band(band, 1),
            warped,
            dst_transform=transform,
            dst_crs=WEB_MERCATOR,
            dst_nodata=np.nan,
            resampling=Resampling.average if coarser else fine,
        )
    return warped


def rgba(colour: str) -> tuple[int, int, int, int]:
    """Return the channels of ``#rrggbb``, opaque."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue, 255


def picture(pixels: NDArray[np.uint8], transform: Affine, palette: Palette) -> Picture:
    """Return palette indices on a Web Mercator frame as a placed PNG."""
    west, south, east, north = array_bounds(*pixels.shape, transform)
    to_degrees = transformer(WEB_MERCATOR, DEGREES)
    (left, right), (bottom, top) = to_degrees.transform([west, east], [south, north])
    return Picture(
        url=_png(pixels, transform, palette),
        bounds=((round(bottom, 6), round(left, 6)), (round(top, 6), round(right, 6))),
    )


def grey(pixels: NDArray[np.uint8], transform: Affine) -> str:
    """Return bytes as a PNG that keeps each as it is."""
    return _png(pixels, transform, None)


def _png(pixels: NDArray[np.uint8], transform: Affine, palette: Palette | None) -> str:
    height, width = pixels.shape
    profile: dict[str, Any] = {"driver": "PNG", "width": width, "height": height}
    with MemoryFile() as memory:
        # zlevel 9 takes three times as long for pictures 1 % smaller
        with memory.open(**profile, count=1, dtype="uint8", zlevel=6, transform=transform) as drawn:
            drawn.write(pixels, 1)
            if palette is not None:
                drawn.write_colormap(1, dict(palette))
        code = base64.b64encode(memory.read()).decode("ascii")
    return DATA_URL + code
