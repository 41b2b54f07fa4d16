"""Bring a raster of residents onto the grid without gaining or losing any."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from rasterio.windows import Window

from .._on_disk import full_on_disk
from .._types import Floats
from ..grid import Grid
from ._kernels import deposit
from .faults import refusal
from .rasters import read_numbers
from .warp import Source, open_source

READ_PX = 4_000_000
MOST_PEOPLE_PER_PIXEL = 10_000_000.0
"""More live in no pixel of any raster in use; such values are voids that were not declared."""


@dataclass(frozen=True)
class Population:
    """The residents of a raster, on the grid.

    Parameters
    ----------
    people : DataArray of float64, shape (y, x)
        Residents per pixel.
    outside : float
        Residents of the source who live outside the grid.
    """

    people: xr.DataArray
    outside: float


def read_population(path: Path, grid: Grid, *, shown: str) -> Population:
    """Resample a raster of residents per pixel onto the grid, preserving their number.

    Each pixel of the source is shared out to the pixels of the grid that it
    overlaps, by area, its edges taken as straight lines on the grid. So nobody
    is lost or counted twice, whatever the two CRSs.

    Parameters
    ----------
    path : path
        GeoTIFF or VRT; one band of residents per pixel (not per km²), any
        CRS. Missing values and NaN are nobody.
    grid : Grid
        Where they are wanted.
    shown : str
        Name of the file for messages.

    Returns
    -------
    Population
        The sum over the grid plus `outside` is the sum of the source.

    Raises
    ------
    InputError
        If the file cannot be used, or has values below 0 or beyond
        `MOST_PEOPLE_PER_PIXEL`.

    Examples
    --------
    Ten people on a pixel, half of which lies on the grid.

    >>> import tempfile
    >>> source = Grid("EPSG:9209", 90.0, 0.0, 90.0, width=1, height=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "people.tif"
    ...     source.wrap(np.array([[10.0]]), "people").rio.to_raster(path)
    ...     found = read_population(
    ...         path, Grid("EPSG:9209", 45.0, 0.0, 90.0, width=1, height=2), shown="people.tif"
    ...     )
    >>> found.people.values.tolist(), found.outside
    ([[2.5], [2.5]], 5.0)
    """
    total = full_on_disk(grid.shape, 0.0, np.dtype(np.float64))
    outside = 0.0
    with open_source(path, grid, shown) as source:
        near = source.window(Window(0, 0, grid.width, grid.height))
        for window in _strips(source.dataset):
            people = _people(source.dataset, window, shown)
            if near is None or not _meet(window, near):
                outside += float(people.sum())
                continue
            x, y = _corners(source, window, people)
            outside += deposit(
                people,
                (x - grid.west_m) / grid.resolution_m,
                (grid.north_m - y) / grid.resolution_m,
                total,
            )
    return Population(on_grid(grid, total), outside)


def _corners(source: Source, window: Window, people: Floats) -> tuple[Floats, Floats]:
    """Return where the corners of inhabited pixels lie on the grid's plane; NaN for others."""
    inhabited = np.zeros((window.height + 1, window.width + 1), dtype=bool)
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            inhabited[rows, columns] |= people > 0
    row, column = np.nonzero(inhabited)
    x, y = np.full((2, *inhabited.shape), np.nan)
    x[row, column], y[row, column] = source.corners(column + window.col_off, row + window.row_off)
    return x, y


def on_grid(grid: Grid, people: Floats) -> xr.DataArray:
    """Return residents per pixel as a raster."""
    return grid.wrap(people, "population", units="people", long_name="Residents per pixel")


def _people(dataset: Any, window: Window, shown: str) -> Floats:
    """Read a window; nobody where there is no value."""
    people = read_numbers(dataset, window)
    people[np.isnan(people)] = 0.0
    if people.min() < 0:
        raise refusal("negative_people", shown, value=f"{people.min():g}")
    if people.max() > MOST_PEOPLE_PER_PIXEL:
        limit = MOST_PEOPLE_PER_PIXEL
        raise refusal("too_many_people", shown, value=f"{people.max():g}", limit=limit)
    return people


def _strips(dataset: Any) -> Iterator[Window]:
    """Yield windows over the whole source, small enough to be read at once."""
    width = min(dataset.width, READ_PX)
    height = max(READ_PX // width, 1)
    for row in range(0, dataset.height, height):
        for column in range(0, dataset.width, width):
            yield Window(
                column, row, min(width, dataset.width - column), min(height, dataset.height - row)
            )


def _meet(one: Window, other: Window) -> bool:
    return bool(
        one.col_off < other.col_off + other.width
        and other.col_off < one.col_off + one.width
        and one.row_off < other.row_off + other.height
        and other.row_off < one.row_off + one.height
    )
