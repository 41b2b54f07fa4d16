"""Rasters of a study as Cloud-Optimized GeoTIFF."""

from pathlib import Path
from typing import Literal

import xarray as xr
from rasterio.io import MemoryFile

from ..grid import grid_of


def write_cog(
    raster: xr.DataArray,
    path: Path,
    *,
    nodata: float,
    description: str,
    unit: str,
    overviews: Literal["AVERAGE", "NEAREST"],
) -> None:
    """Write one raster as a Cloud-Optimized GeoTIFF in the study's CRS.

    Tiles of 512 pixels, deflate with the predictor of the type, overviews
    inside, no time stamp: the same raster gives the same bytes.

    Parameters
    ----------
    raster : DataArray, shape (y, x)
        Made by `Grid.wrap`; written in its own dtype.
    path : Path
        File to write.
    nodata : float
        Value that stands for "nothing here"; NaN for floating point.
    description : str
        What the band holds, shown by QGIS as the band's name.
    unit : str
        Unit of the values as printed; empty where there is none.
    overviews : {"AVERAGE", "NEAREST"}
        How smaller copies are made: averages for levels and heights, nearest
        for classes and identifiers.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    grid = grid_of(raster)
    # Made in memory, so that a full disk is the system's plain error and not one of GDAL's.
    with MemoryFile() as memory:
        with memory.open(
            driver="COG",
            dtype=raster.dtype,
            count=1,
            width=grid.width,
            height=grid.height,
            crs=grid.crs,
            transform=grid.transform,
            nodata=nodata,
            compress="DEFLATE",
            level=9,
            predictor="YES",
            blocksize=512,
            overviews="AUTO",
            overview_resampling=overviews,
        ) as file:
            file.write(raster.to_numpy(), 1)
            file.set_band_description(1, description)
            file.units = (unit,)
        path.write_bytes(memory.getbuffer())
