"""Bring classes of land onto the grid: for each pixel that of the land where its people live."""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.windows import Window

from .._on_disk import full_on_disk
from ..grid import Grid
from ._kernels import lived_in_class
from .faults import refusal
from .warp import TILE_PX, Source, open_source

MOST_PARTS = 9
"""A pixel of the grid is looked at in at most so many parts a side."""
NO_CLASS = 0
"""Where the raster has no value or does not reach."""
SHOWN_CODES = 20


def read_land_cover(
    path: Path,
    grid: Grid,
    *,
    classes: Mapping[int, int],
    lived_in: Collection[int],
    shown: str,
    people: Path | None = None,
) -> xr.DataArray:
    """Return for each pixel of the grid the class of the land where its people live.

    A pixel is looked at in parts as fine as the raster, nine a side at most. Where
    the raster of residents is finer than the grid and has people in the pixel, only
    the parts with people count. If any part that counts is land that people live on,
    the pixel is of the most common such class; else of the most common of all. Of two
    equally common ones the first counts; no value counts where there is nothing else.

    Parameters
    ----------
    path : path
        GeoTIFF or VRT; one band of codes, any CRS.
    grid : Grid
        Where the classes are wanted.
    classes : mapping of int to int
        Class by code, 1 to 255.
    lived_in : collection of int
        Classes of land that people live on, such as built-up land.
    shown : str
        Name of the file for messages.
    people : path, optional
        Raster of residents.

    Returns
    -------
    DataArray of uint8, shape (y, x)
        Classes; `NO_CLASS` where the raster has no value or does not reach.

    Raises
    ------
    InputError
        If the file cannot be used, has codes that are not in `classes`, or no value
        anywhere on the grid.

    Examples
    --------
    Trees, and a pixel of trees with one house in it:

    >>> import tempfile
    >>> fine = Grid("EPSG:9209", 30.0, 0.0, 90.0, width=6, height=3)
    >>> codes = np.full(fine.shape, 10)
    >>> codes[1, 4] = 50
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "land.tif"
    ...     fine.wrap(codes.astype("uint8"), "land").rio.to_raster(path)
    ...     read_land_cover(
    ...         path, Grid("EPSG:9209", 90.0, 0.0, 90.0, width=2, height=1),
    ...         classes={10: 1, 50: 2}, lived_in=[2], shown="land.tif",
    ...     ).values.tolist()
    [[1, 2]]
    """  # noqa: DOC501  `refusal` makes an InputError
    found = full_on_disk(grid.shape, 0, np.dtype(np.uint8))
    live = np.zeros(max(classes.values(), default=0) + 1, dtype=np.bool_)
    live[list(lived_in)] = True
    unknown: set[float] = set()
    with open_source(path, grid, shown) as land:
        parts = min(max(round(math.sqrt(land.density())), 1), MOST_PARTS)
        for tile in grid.windows(TILE_PX // parts):
            fine = _part(grid, tile, parts)
            part = _classes(land, fine, classes, unknown)
            dwelt = _dwelt(people, fine, grid) if people is not None else np.ones((1, 1), bool)
            rows, columns = tile.toslices()
            out = np.zeros((tile.height, tile.width), dtype=np.uint8)
            lived_in_class(part, dwelt, parts, live, out)
            found[rows, columns] = out
    if unknown:
        codes = ", ".join(f"{code:g}" for code in sorted(unknown)[:SHOWN_CODES])
        known = ", ".join(map(str, sorted(classes)))
        raise refusal("unknown_land_cover", shown, codes=codes, known=known)
    if not found.any():
        raise refusal("nothing_there", shown)
    return grid.wrap(found, "land_cover", long_name="Class of the land where people live")


def _part(grid: Grid, tile: Window, parts: int) -> Grid:
    """Return the grid of a tile's parts."""
    return Grid(
        grid.crs,
        grid.resolution_m / parts,
        grid.west_m + tile.col_off * grid.resolution_m,
        grid.north_m - tile.row_off * grid.resolution_m,
        tile.width * parts,
        tile.height * parts,
    )


def _classes(
    land: Source, fine: Grid, classes: Mapping[int, int], unknown: set[float]
) -> NDArray[np.uint8]:
    """Return the class of every part; note codes that are none."""
    part = np.zeros(fine.shape, dtype=np.uint8)
    for place, values in replace(land, grid=fine).pieces(
        coarse=Resampling.nearest, fine=Resampling.nearest, lowest=-math.inf, highest=math.inf
    ):
        for code in np.unique(values[~np.isnan(values)]).tolist():
            if code in classes:
                part[place][values == code] = classes[int(code)]
            else:
                unknown.add(code)
    return part


def _dwelt(people: Path, fine: Grid, grid: Grid) -> NDArray[np.bool_]:
    """Tell which parts have people; one answer for all where the raster is too coarse to tell."""
    with open_source(people, grid, people.name) as residents:
        if residents.density() <= 1.5:
            return np.ones((1, 1), bool)
        dwelt = np.zeros(fine.shape, dtype=np.bool_)
        for place, values in replace(residents, grid=fine).pieces(
            coarse=Resampling.nearest, fine=Resampling.nearest, lowest=0.0, highest=math.inf
        ):
            dwelt[place] = values > 0
    return dwelt
