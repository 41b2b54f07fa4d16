"""Lay a source raster on the grid, piece by piece, in bounded memory.

Knows where pixels lie, not what they mean; values arrive as NaN where there are none.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.warp import reproject
from rasterio.windows import Window

from .._on_disk import full_on_disk
from .._types import Flags
from ..grid import operation
from .faults import refusal
from .rasters import open_raster, read_numbers

TILE_PX = 1024
LARGEST_READ_PX = 8_000_000
"""Source pixels held at a time: 64 MB as float64."""


class Pixels(Protocol):
    """Where a raster is laid on: a `Grid`, or pixels in any other CRS."""

    @property
    def crs(self) -> str: ...  # noqa: D102  as of Grid
    @property
    def transform(self) -> Affine: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def shape(self) -> tuple[int, int]: ...  # noqa: D102
    def windows(self, side_px: int) -> Iterator[Window]: ...  # noqa: D102


@dataclass(frozen=True)
class Source:
    """A raster open for reading, and the way between it and the grid."""

    dataset: Any
    shown: str
    grid: Pixels
    to_grid: Transformer
    to_dataset: Transformer
    gdal_operation: str

    def pixels(self, x_m: Any, y_m: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fractional columns and rows of the source under points of the grid's CRS."""
        with np.errstate(invalid="ignore"):  # points that have no place in the source's CRS
            column, row = ~self.dataset.transform @ self.to_dataset.transform(x_m, y_m)
        return column, row

    def corners(self, column: Any, row: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return positions in the grid's CRS of fractional columns and rows of the source."""
        with np.errstate(invalid="ignore"):
            x_m, y_m = self.to_grid.transform(*(self.dataset.transform @ (column, row)))
        return x_m, y_m

    def density(self) -> float:
        """Return how many pixels of the source make one in the middle of the grid; 0 if none."""
        middle = self.grid.width // 2 + 0.5, self.grid.height // 2 + 0.5
        corner = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
        place: Any = middle[0] + corner[0], middle[1] + corner[1]
        column, row = self.pixels(*(self.grid.transform @ place))
        if not (np.isfinite(column) & np.isfinite(row)).all():
            return 0.0
        east = column[1] - column[0], row[1] - row[0]
        north = column[2] - column[0], row[2] - row[0]
        return float(abs(east[0] * north[1] - east[1] * north[0]))

    def window(self, part: Window) -> Window | None:
        """Return the window of the source under a part of the grid, or None if there is none.

        Wide enough for interpolation, which reaches two pixels of the coarser side.
        """
        column, row = self.pixels(*(self.grid.transform @ rim_of(part)))
        known = np.isfinite(column) & np.isfinite(row)
        if not known.any():
            return None
        left, right = column[known].min(), column[known].max()
        top, bottom = row[known].min(), row[known].max()
        margin = 2 + 2 * max((right - left) / part.width, (bottom - top) / part.height)
        first_column = max(math.floor(left - margin), 0)
        first_row = max(math.floor(top - margin), 0)
        width = min(math.ceil(right + margin), self.dataset.width) - first_column
        height = min(math.ceil(bottom + margin), self.dataset.height) - first_row
        if width <= 0 or height <= 0:
            return None
        return Window(first_column, first_row, width, height)

    def footprint(self) -> Flags:
        """Return which pixels of the grid have their centre inside the source's frame."""
        inside = full_on_disk(self.grid.shape, False, np.dtype(bool))
        window = self.window(Window(0, 0, self.grid.width, self.grid.height))
        if window is not None:
            outline = shapely.Polygon(np.column_stack(self.corners(*rim_of(window))))
            rasterize([outline], out=inside.view(np.uint8), transform=self.grid.transform)
        return inside

    def pieces(
        self,
        *,
        coarse: Resampling,
        fine: Resampling,
        lowest: float,
        highest: float,
        voids: Callable[[NDArray[np.float64]], Flags] | None = None,
        void_at: set[tuple[int, int]] | None = None,
    ) -> Iterator[tuple[tuple[slice, slice], NDArray[np.float32]]]:
        """Yield the pieces of the grid that the source touches, warped onto it.

        Parameters
        ----------
        coarse, fine : Resampling
            How to resample where a pixel of the grid spans up to four, or
            more, pixels of the source.
        lowest, highest : float
            Values outside are taken as missing before anything is resampled,
            so that they do not bleed into their neighbours.
        voids : callable, optional
            Finds what else is missing among the values of a window.
        void_at : set of (int, int), optional
            Filled with rows and columns, in the source, of what `voids` found.

        Yields
        ------
        (slice, slice), ndarray of float32
            Rows and columns on the grid, and their values; NaN where the
            source has none.
        """
        resampling = fine if self.density() > 4 else coarse
        for tile in self.grid.windows(TILE_PX):
            for part, window in self._readable(tile):
                values = read_numbers(self.dataset, window)
                values[~((values >= lowest) & (values <= highest))] = np.nan
                if voids is not None:
                    found = voids(values)
                    values[found] = np.nan
                    if void_at is not None:
                        rows, columns = np.nonzero(found)
                        rows, columns = rows + int(window.row_off), columns + int(window.col_off)
                        void_at |= set(zip(rows.tolist(), columns.tolist(), strict=True))
                out = np.full((part.height, part.width), np.nan, dtype=np.float32)
                reproject(
                    values.astype(np.float32),
                    out,
                    src_transform=self.dataset.window_transform(window),
                    src_crs=self.dataset.crs,
                    src_nodata=np.nan,
                    dst_transform=self.grid.transform
                    @ Affine.translation(part.col_off, part.row_off),
                    dst_crs=self.grid.crs,
                    dst_nodata=np.nan,
                    resampling=resampling,
                    coordinate_operation=self.gdal_operation,
                    tolerance=0.001,  # of a pixel; GDAL's default is an eighth
                    # Else GDAL guesses a scale piece by piece, and smooths and shifts by it.
                    xscale=1,
                    yscale=1,
                )
                yield part.toslices(), out

    def _readable(self, part: Window) -> Iterator[tuple[Window, Window]]:
        """Yield parts of a part whose windows of the source are small enough to be read."""
        window = self.window(part)
        if window is None:
            return
        if window.width * window.height <= LARGEST_READ_PX:
            yield part, window
            return
        if part.width * part.height == 1:
            raise refusal("too_fine", self.shown)
        for half in _halves(part):
            yield from self._readable(half)


@contextmanager
def open_source(path: Path, grid: Pixels, shown: str) -> Iterator[Source]:
    """Open a raster that is to be laid on a grid.

    Raises
    ------
    InputError
        If `open_raster` refuses it, or no way is known from its CRS to the
        grid's.
    """  # noqa: DOC501  `refusal` makes an InputError
    with open_raster(path, shown) as dataset:
        system = _system(dataset, shown)
        to_grid, to_dataset = operation(system, grid.crs), operation(grid.crs, system)
        # GDAL wants the operation with the axes as the systems define them.
        for_gdal = operation(system, grid.crs, always_xy=False)
        if to_grid is None or to_dataset is None or for_gdal is None:
            raise refusal("no_operation", shown, value=system.name, crs=grid.crs)
        yield Source(dataset, shown, grid, to_grid, to_dataset, for_gdal.definition)


def _system(dataset: Any, shown: str) -> CRS:
    try:
        return CRS.from_user_input(dataset.crs)
    except (CRSError, ValueError):  # rasterio's own CRSError is a ValueError
        raise refusal("no_crs", shown) from None


def _halves(part: Window) -> tuple[Window, Window]:
    """Cut a part across its longer side."""
    column, row, width, height = part.flatten()
    if width >= height:
        half = width // 2
        return Window(column, row, half, height), Window(column + half, row, width - half, height)
    half = height // 2
    return Window(column, row, width, half), Window(column, row + half, width, height - half)


def rim_of(part: Window) -> tuple[Any, Any]:
    """Return columns and rows along the rim of a window, close enough to follow bent edges."""
    along, none, full = np.linspace(0.0, 1.0, 33), np.zeros(33), np.ones(33)
    across = np.concatenate([along, full, along[::-1], none])
    down = np.concatenate([none, along, full, along[::-1]])
    return part.col_off + part.width * across, part.row_off + part.height * down
