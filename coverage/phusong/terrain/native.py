"""Elevation at its own resolution: on the pixels of its file, for profiles.

The grid of a study decides what is a void and what is filled; here its answer is
taken over, so that both know the same ground.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from rasterio.enums import Resampling
from rasterio.warp import reproject
from rasterio.windows import Window
from scipy import ndimage

from .._on_disk import full_on_disk
from ..grid import Grid, blocks_of_rows, grid_of, operation
from .elevation import EIGHT, HIGHEST_M, LOWEST_M, single_zeros
from .faults import refusal
from .rasters import read_numbers
from .warp import TILE_PX, Source, open_source, rim_of

SHORTEST_PIXEL_M = 10.0
"""Finer elevation is averaged to this: no profile has a shorter step."""
SAME_PX = 0.01
"""Pixels of two files are the same if nowhere on the raster they lie farther apart."""
MARGIN_PX = 8
"""Pixels of the grid around those under a tile, more than interpolation and bent edges reach."""


@dataclass(frozen=True)
class Lattice:
    """Pixels in any CRS, as of a file."""

    crs: str
    transform: Affine
    width: int
    height: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    def windows(self, side_px: int) -> Iterator[Window]:
        """Yield tiles of at most `side_px` a side."""
        for row in range(0, self.height, side_px):
            for column in range(0, self.width, side_px):
                width = min(side_px, self.width - column)
                yield Window(column, row, width, min(side_px, self.height - row))


def read_native(
    paths: Sequence[Path], height_m: xr.DataArray, *, shown: Sequence[str]
) -> xr.DataArray:
    """Read the elevation under a grid on the pixels of the finest of its files.

    Files on these very pixels are copied; others are laid on them, bilinear, or
    averaged where more than four of theirs make one. Where files overlap the first
    counts, its voids are taken from the next. Pixels under `SHORTEST_PIXEL_M` are
    gathered to as many as reach it.

    Parameters
    ----------
    paths : sequence of path
        As for `read_elevation`, at least one of which touches the grid.
    height_m : DataArray, shape (y, x)
        What `read_elevation` made of the same files: pixels that no file has a height
        for take it from there, voids that were filled included.
    shown : sequence of str
        Names of the files for messages.

    Returns
    -------
    DataArray of float32, shape (rows, columns)
        Metres above sea level with the CRS and the transform of the pixels; NaN where
        the grid knows no ground either.

    Raises
    ------
    InputError
        If a file cannot be used.

    Examples
    --------
    A file of 30 m under a grid of 90 m.

    >>> import tempfile
    >>> from phusong.grid import Grid
    >>> fine = Grid("EPSG:9209", 30.0, 450_000.0, 2_530_000.0, width=9, height=9)
    >>> grid = Grid("EPSG:9209", 90.0, 450_000.0, 2_530_000.0, width=3, height=3)
    >>> ground = grid.wrap(np.full((3, 3), 700.0, np.float32), "terrain")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ground.tif"
    ...     fine.wrap(np.full((9, 9), 700.0), "terrain").rio.to_raster(path)
    ...     found = read_native([path], ground, shown=["ground.tif"])
    >>> found.rio.resolution(), float(found.min()), float(found.max())
    ((30.0, -30.0), 700.0, 700.0)
    """
    lattice = _lattice(paths, grid_of(height_m), shown)
    values = full_on_disk(lattice.shape, np.nan, np.dtype(np.float32))
    for path, name in zip(paths, shown, strict=True):
        with open_source(path, lattice, name) as source:
            for (rows, columns), found in _pieces(source, lattice):
                block = values[rows, columns]
                block[...] = np.where(np.isnan(block), found, block)
    _fill_from_grid(values, lattice, height_m)
    _widen(values)
    raster = xr.DataArray(values, dims=("y", "x"), name="terrain", attrs={"units": "m"})
    # In place, for else the values would be copied.
    raster.rio.write_crs(lattice.crs, inplace=True)
    raster.rio.write_transform(lattice.transform, inplace=True)
    return raster


def pixel_side_m(raster: xr.DataArray) -> float:
    """Return how long a pixel is on the ground.

    Parameters
    ----------
    raster : DataArray, shape (rows, columns)
        With a CRS and a transform, as from `read_native`.

    Returns
    -------
    float
        The longer side of the pixel in the middle, metres on the ellipsoid.

    Examples
    --------
    >>> heights = xr.DataArray(np.zeros((2, 2)), dims=("y", "x")).rio.write_crs("EPSG:4326")
    >>> quarter = heights.rio.write_transform(Affine(1 / 240, 0, 105, 0, -1 / 240, 23))
    >>> round(pixel_side_m(quarter))
    461
    """
    rows, columns = raster.shape
    corner = columns // 2, rows // 2
    corners = [corner, (corner[0] + 1, corner[1]), (corner[0], corner[1] + 1)]
    x, y = zip(*(raster.rio.transform() @ each for each in corners), strict=True)
    lon, lat = Transformer.from_crs(raster.rio.crs, "EPSG:4326", always_xy=True).transform(x, y)
    ground = Geod(ellps="WGS84")
    return float(max(ground.inv(lon[0], lat[0], lon[end], lat[end])[2] for end in (1, 2)))


def native_px(paths: Sequence[Path], grid: Grid, *, shown: Sequence[str]) -> int:
    """Return how many pixels `read_native` would make, from what the files say of themselves.

    Parameters
    ----------
    paths, shown
        As for `read_native`.
    grid : Grid
        That of the heights.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    lattice = _lattice(paths, grid, shown)
    return lattice.width * lattice.height


def _lattice(paths: Sequence[Path], grid: Grid, shown: Sequence[str]) -> Lattice:
    """Return the pixels of the finest file, as far as the grid and the files reach."""
    density, frames = -1.0, []
    for path, name in zip(paths, shown, strict=True):
        with open_source(path, grid, name) as source:
            frames.append(source.corners(*rim_of(_whole(source))))
            if source.density() > density:
                density = source.density()
                pixel_m = grid.resolution_m / math.sqrt(density) if density else math.inf
                together = max(math.floor(SHORTEST_PIXEL_M / pixel_m), 1)
                transform = source.dataset.transform @ Affine.scale(together)
                crs = source.dataset.crs.to_string()
    to_pixels = operation(grid.crs, crs)
    if to_pixels is None:
        raise refusal("no_operation", shown[0], value=crs, crs=grid.crs)

    def reached(x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):
            place = np.stack(~transform @ to_pixels.transform(x_m, y_m))
        known = place[:, np.isfinite(place).all(axis=0)]
        return np.stack([known.min(axis=1), known.max(axis=1)])

    wanted = reached(*(grid.transform @ rim_of(Window(0, 0, grid.width, grid.height))))
    held = np.stack([reached(*frame) for frame in frames])
    low = np.floor(np.maximum(wanted[0], held[:, 0].min(axis=0))).astype(int) - 2
    high = np.ceil(np.minimum(wanted[1], held[:, 1].max(axis=0))).astype(int) + 2
    size = np.maximum(high - low, 1)
    return Lattice(
        crs, transform @ Affine.translation(int(low[0]), int(low[1])), int(size[0]), int(size[1])
    )


def _whole(source: Source) -> Window:
    return Window(0, 0, source.dataset.width, source.dataset.height)


def _pieces(
    source: Source, lattice: Lattice
) -> Iterator[tuple[tuple[slice, slice], NDArray[np.float32]]]:
    """Yield what a file has for the pixels: copied where they are its own, else laid on them."""
    own = ~source.dataset.transform @ lattice.transform
    far = max(lattice.width, lattice.height)
    left, top = round(own.c), round(own.f)
    askew_px = max(abs(own.a - 1), abs(own.b), abs(own.d), abs(own.e - 1)) * far
    shift_px = max(abs(own.c - left), abs(own.f - top))
    same_system = CRS.from_user_input(source.dataset.crs) == CRS.from_user_input(lattice.crs)
    if not same_system or askew_px + shift_px > SAME_PX:
        yield from source.pieces(
            coarse=Resampling.bilinear,
            fine=Resampling.average,
            lowest=LOWEST_M,
            highest=HIGHEST_M,
            voids=single_zeros,
        )
        return
    for tile in lattice.windows(TILE_PX):
        first_column, first_row = max(tile.col_off + left, 0), max(tile.row_off + top, 0)
        width = min(tile.col_off + tile.width + left, source.dataset.width) - first_column
        height = min(tile.row_off + tile.height + top, source.dataset.height) - first_row
        if width > 0 and height > 0:
            window = Window(first_column, first_row, width, height)
            values = read_numbers(source.dataset, window)
            values[~((values >= LOWEST_M) & (values <= HIGHEST_M))] = np.nan
            values[single_zeros(values)] = np.nan
            place = Window(first_column - left, first_row - top, width, height)
            yield place.toslices(), values.astype(np.float32)


def _fill_from_grid(values: NDArray[np.float32], lattice: Lattice, height_m: xr.DataArray) -> None:
    """Give pixels without a height that of the grid, where it knows one."""
    grid, heights = grid_of(height_m), height_m.to_numpy()
    to_grid = operation(lattice.crs, grid.crs)
    assert to_grid is not None, "the files were laid on the grid by its inverse"
    for tile in lattice.windows(TILE_PX):
        block = values[tile.toslices()]
        missing = np.isnan(block)
        if missing.any():
            rim = ~grid.transform @ to_grid.transform(*(lattice.transform @ rim_of(tile)))
            under = _under(grid, rim)
            if under is None:
                continue
            found = np.full(block.shape, np.nan, dtype=np.float32)
            reproject(
                heights[under],
                found,
                src_transform=grid.part(*under).transform,
                src_crs=grid.crs,
                src_nodata=np.nan,
                dst_transform=lattice.transform @ Affine.translation(tile.col_off, tile.row_off),
                dst_crs=lattice.crs,
                dst_nodata=np.nan,
                resampling=Resampling.bilinear,
                coordinate_operation=_for_gdal(grid.crs, lattice.crs),
                xscale=1,
                yscale=1,
            )
            block[missing] = found[missing]


def _under(grid: Grid, rim: Any) -> tuple[slice, slice] | None:
    """Return the part of a grid within a rim, wide enough for interpolation; None if none is."""
    place = np.stack(rim)
    place = place[:, np.isfinite(place).all(axis=0)]
    if not place.size:
        return None
    low = np.floor(place.min(axis=1)).astype(int) - MARGIN_PX
    high = np.ceil(place.max(axis=1)).astype(int) + MARGIN_PX
    columns, rows = (
        slice(max(first, 0), min(stop, size))
        for first, stop, size in zip(low.tolist(), high.tolist(), grid.shape[::-1], strict=True)
    )
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


def _widen(values: NDArray[np.float32]) -> None:
    """Give pixels beside known ones the mean of these, so that the last half pixel is known too."""
    found = [_beside(values, rows) for rows in blocks_of_rows(len(values))]
    row, column = (np.concatenate(each) for each in zip(*found, strict=True))
    if row.size:
        around = np.array([(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)])
        near = tuple(
            np.clip(at[:, None] + step, 0, size - 1)
            for at, step, size in zip((row, column), around.T, values.shape, strict=True)
        )
        values[row, column] = np.nanmean(values[near], axis=1)


def _beside(
    values: NDArray[np.float32], rows: slice
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pixels of some rows that lie beside known ones and are not known themselves."""
    first = max(rows.start - 1, 0)
    known = ~np.isnan(values[first : rows.stop + 1])
    beside = ndimage.binary_dilation(known, EIGHT) & ~known
    row, column = np.nonzero(beside[rows.start - first :][: rows.stop - rows.start])
    return row + rows.start, column


def _for_gdal(one: str, other: str) -> str:
    found = operation(one, other, always_xy=False)
    assert found is not None, "the files were laid on the grid by its inverse"
    return found.definition
