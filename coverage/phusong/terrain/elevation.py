"""Bring elevation onto the grid: warp, find voids, fill the small ones, refuse the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.fill import fillnodata
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform
from scipy import ndimage

from ..errors import InputError, Problem, TerrainError
from ..grid import Grid
from .rasters import open_raster

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Heights outside are no heights: the Dead Sea shore lies at -430 m, Everest at 8,849 m."""
TILE_PX = 1024
VOID = -32768.0


@dataclass(frozen=True)
class Elevation:
    """Ground heights on the grid.

    Parameters
    ----------
    height_m : DataArray of float32, shape (y, x)
        Metres above sea level, bare ground as the source has it; NaN where
        no source reaches, which is never inside the required area.
    filled_px, largest_filled_px : int
        Void pixels filled from their rims, in all and in the largest void.
    sources : tuple of str
        Files used.
    """

    height_m: xr.DataArray
    filled_px: int
    largest_filled_px: int
    sources: tuple[str, ...]


def read_elevation(
    paths: Sequence[Path],
    grid: Grid,
    *,
    required_area: Any,
    largest_void_px: int,
    shown: Sequence[str],
) -> Elevation:
    """Warp elevation rasters onto the grid.

    Bilinear, or the average where the source is more than twice as fine as the
    grid. Where files overlap the first one counts.

    Parameters
    ----------
    paths : sequence of path
        GeoTIFF, ``.hgt`` or VRT; one band of metres above sea level.
    grid : Grid
        Where the heights are wanted.
    required_area : shapely geometry
        In the grid's CRS; must be covered without large voids.
    largest_void_px : int
        Connected voids up to this size are filled from their rims.
    shown : sequence of str
        Names of the files for messages.

    Raises
    ------
    InputError
        If a file cannot be used.
    TerrainError
        If the sources do not cover the required area, or have larger voids in it.
    """
    height = np.full(grid.shape, np.nan, dtype=np.float32)
    reached = np.zeros(grid.shape, dtype=bool)
    for path, name in zip(paths, shown, strict=True):
        with open_raster(path, name) as source:
            _lay(source, grid, name, height, reached)
    required = rasterize(
        [required_area], out_shape=grid.shape, transform=grid.transform, all_touched=True
    ).astype(bool)
    missing = required & ~reached
    if missing.any():
        raise _not_covered(grid, missing, required)
    filled_px, largest_px = _fill(grid, height, reached, required, largest_void_px)
    return Elevation(
        grid.wrap(height, "terrain", units="m", long_name="Ground height above sea level"),
        filled_px,
        largest_px,
        tuple(shown),
    )


def _lay(
    source: Any, grid: Grid, name: str, height: NDArray[np.float32], reached: NDArray[np.bool_]
) -> None:
    """Warp one source into what the sources before it left open."""
    void = _void_value(source, name)
    transform, *_ = calculate_default_transform(
        source.crs, grid.crs, source.width, source.height, *source.bounds
    )
    much_finer = transform.a < 0.5 * grid.resolution_m
    with WarpedVRT(
        source,
        crs=grid.crs,
        transform=grid.transform,
        width=grid.width,
        height=grid.height,
        resampling=Resampling.average if much_finer else Resampling.bilinear,
        src_nodata=void,
        nodata=VOID,
        dtype="float32",
        add_alpha=False,
        # Exact positions: GDAL's default approximates the projection to an eighth of a pixel.
        tolerance=0.001,
    ) as warped:
        for window in grid.windows(TILE_PX):
            rows, columns = window.toslices()
            tile = warped.read(1, window=window)
            heights = np.where((tile > LOWEST_M) & (tile < HIGHEST_M), tile, np.nan)
            block = height[rows, columns]
            block[...] = np.where(np.isnan(block), heights, block)
    west, south, east, north = _extent(source, grid)
    inside = (grid.x_m >= west) & (grid.x_m <= east)
    reached |= inside[np.newaxis, :] & ((grid.y_m >= south) & (grid.y_m <= north))[:, np.newaxis]
    reached |= ~np.isnan(height)


def _extent(source: Any, grid: Grid) -> tuple[float, float, float, float]:
    """Return the box, in the grid's CRS, that the source surely fills to its edges."""
    transformer = Transformer.from_crs(source.crs, grid.crs, always_xy=True)
    left, bottom, right, top = source.bounds
    share = np.linspace(0, 1, 21)
    along_x, along_y = left + share * (right - left), bottom + share * (top - bottom)
    west, _ = transformer.transform(np.full(21, left), along_y)
    east, _ = transformer.transform(np.full(21, right), along_y)
    _, south = transformer.transform(along_x, np.full(21, bottom))
    _, north = transformer.transform(along_x, np.full(21, top))
    return max(west), max(south), min(east), min(north)


def _void_value(source: Any, name: str) -> float | None:
    """Return the value that marks voids; an undeclared one must be the only odd height."""
    if source.nodata is not None:
        return float(source.nodata)
    odd: set[float] = set()
    for _, window in source.block_windows(1):
        block = source.read(1, window=window)
        wrong = ~((block > LOWEST_M) & (block < HIGHEST_M))
        if wrong.any():
            odd.update(np.unique(block[wrong]).astype(float).tolist()[:3])
        if len({value for value in odd if value == value}) > 1:
            raise InputError(
                [
                    Problem(
                        message="terrain.odd_heights",
                        file=name,
                        values={"found": ", ".join(f"{value:g}" for value in sorted(odd)[:3])},
                    )
                ]
            )
    return odd.pop() if odd else None


def _fill(
    grid: Grid,
    height: NDArray[np.float32],
    reached: NDArray[np.bool_],
    required: NDArray[np.bool_],
    largest_void_px: int,
) -> tuple[int, int]:
    """Fill small voids in place; refuse larger ones in the required area."""
    voids, count = ndimage.label(np.isnan(height) & reached, structure=np.ones((3, 3)))
    if count == 0:
        return 0, 0
    sizes = np.bincount(voids.ravel())
    sizes[0] = 0
    large = (sizes > largest_void_px)[voids]
    if (large & required).any():
        row, column = np.argwhere(large & required)[0]
        raise TerrainError(
            "terrain.large_void",
            pixels=int((large & required).sum()),
            limit=largest_void_px,
            **_place(grid, row, column),
        )
    small = (voids > 0) & ~large
    known = ~np.isnan(height)
    # The search must cross the largest void that may be filled.
    filled = fillnodata(
        np.where(known, height, 0.0).astype(np.float32),
        mask=known,
        max_search_distance=float(largest_void_px + 1),
    )
    height[small] = filled[small]
    sizes[sizes > largest_void_px] = 0
    return int(small.sum()), int(sizes.max())


def _place(grid: Grid, row: int, column: int) -> dict[str, str]:
    """Return longitude and latitude of a pixel as text for a message."""
    lon, lat = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(
        grid.x_m[column], grid.y_m[row]
    )
    return {"lon": f"{lon:.4f}", "lat": f"{lat:.4f}"}


def _not_covered(
    grid: Grid, missing: NDArray[np.bool_], required: NDArray[np.bool_]
) -> TerrainError:
    row, column = np.argwhere(missing)[0]
    return TerrainError(
        "terrain.not_covered",
        percent=f"{100 * missing.sum() / required.sum():.1f}",
        **_place(grid, row, column),
    )
