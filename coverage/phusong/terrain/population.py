"""Bring people onto the grid without gaining or losing any."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import xarray as xr
from pyproj import Transformer
from rasterio.features import rasterize

from ..errors import InputError, Problem
from ..grid import Grid
from .rasters import open_raster

PARTS = 4
"""Each source pixel is carried over as PARTS × PARTS points of equal weight."""


@dataclass(frozen=True)
class Population:
    """Residents on the grid.

    Parameters
    ----------
    people : DataArray of float64, shape (y, x)
        Residents per pixel.
    outside : float
        Residents of the source that live outside the grid or in no pixel.
    origin : {"raster", "villages", "communes"}
        What they were taken from.
    """

    people: xr.DataArray
    outside: float
    origin: Literal["raster", "villages", "communes"]


def read_population(path: Path, grid: Grid, *, shown: str) -> Population:
    """Resample a raster of residents per pixel onto the grid, preserving their number.

    Each inhabited source pixel is cut into `PARTS` × `PARTS` equal parts and
    each part falls into the grid pixel that holds its centre, so sums are
    exact and places are good to an eighth of a source pixel.

    Parameters
    ----------
    path : path
        One band of residents per pixel, any CRS.
    grid : Grid
        Where they are wanted.
    shown : str
        Name of the file for messages.

    Raises
    ------
    InputError
        If the file cannot be used or has negative or infinite values.
    """
    people = np.zeros(grid.shape[0] * grid.shape[1])
    outside = 0.0
    parts = (np.arange(PARTS) + 0.5) / PARTS
    down, across = (offsets.ravel() for offsets in np.meshgrid(parts, parts, indexing="ij"))
    with open_raster(path, shown) as source:
        transformer = Transformer.from_crs(source.crs, grid.crs, always_xy=True)
        for _, window in source.block_windows(1):
            block = source.read(1, window=window, masked=True).astype(float).filled(0.0)
            block[np.isnan(block)] = 0.0
            if (block < 0).any() or np.isinf(block).any():
                wrong = block[(block < 0) | np.isinf(block)][0]
                raise InputError(
                    [Problem(message="terrain.negative_people", file=shown, value=f"{wrong:g}")]
                )
            rows, columns = np.nonzero(block)
            if rows.size == 0:
                continue
            x, y = source.transform @ (
                (columns[:, np.newaxis] + window.col_off + across).ravel(),
                (rows[:, np.newaxis] + window.row_off + down).ravel(),
            )
            weight = np.repeat(block[rows, columns] / PARTS**2, PARTS**2)
            row, column, inside = grid.index(*transformer.transform(x, y))
            people += np.bincount(
                row[inside] * grid.width + column[inside], weight[inside], minlength=people.size
            )
            outside += float(weight[~inside].sum())
    return Population(_wrap(grid, people), outside, "raster")


def spread_population(
    grid: Grid,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame | None,
    *,
    village_radius_m: float,
) -> Population:
    """Place residents where no raster tells where they live.

    If every village has a population, it is spread evenly over the pixels of
    its commune within `village_radius_m` of the village. Otherwise each
    commune's population is spread evenly over its pixels.

    Parameters
    ----------
    grid : Grid
        Where they are wanted.
    communes, villages : GeoDataFrame
        As `tables.COMMUNES` and `tables.VILLAGES`, in the grid's CRS.
    village_radius_m : float
        Reach of a village's houses.

    Raises
    ------
    InputError
        If neither table gives populations.
    """
    label = rasterize(
        ((shape, i + 1) for i, shape in enumerate(communes.geometry)),
        out_shape=grid.shape,
        transform=grid.transform,
        dtype="int32",
    )
    if villages is not None and len(villages) and villages["population"].notna().all():
        return _from_villages(grid, label, communes, villages, village_radius_m)
    if not communes["population"].notna().any():
        raise InputError([Problem(message="terrain.no_people", file="communes")])
    pixels = np.bincount(label.ravel(), minlength=len(communes) + 1)
    total = np.concatenate([[0.0], communes["population"].fillna(0.0).to_numpy(float)])
    each = np.divide(total, pixels, out=np.zeros_like(total), where=pixels > 0)
    each[0] = 0.0
    lost = float(total[pixels == 0].sum())
    return Population(_wrap(grid, each[label].ravel()), lost, "communes")


def _from_villages(
    grid: Grid,
    label: Any,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    radius_m: float,
) -> Population:
    number = dict(zip(communes["commune_code"], range(1, len(communes) + 1), strict=True))
    reach = int(np.ceil(radius_m / grid.resolution_m))
    people = np.zeros(grid.shape)
    outside = 0.0
    rows, columns, inside = grid.index(villages.geometry.x, villages.geometry.y)
    for i, (code, count) in enumerate(
        zip(villages["commune_code"], villages["population"], strict=True)
    ):
        if not inside[i]:
            outside += float(count)
            continue
        top, left = max(rows[i] - reach, 0), max(columns[i] - reach, 0)
        window = np.s_[top : rows[i] + reach + 1, left : columns[i] + reach + 1]
        y, x = np.meshgrid(grid.y_m[window[0]], grid.x_m[window[1]], indexing="ij")
        point = villages.geometry.iloc[i]
        near = (x - point.x) ** 2 + (y - point.y) ** 2 <= radius_m**2
        home = near & (label[window] == number.get(code, -1))
        if not home.any():
            people[rows[i], columns[i]] += count
        else:
            people[window] += home * (float(count) / home.sum())
    return Population(_wrap(grid, people.ravel()), outside, "villages")


def _wrap(grid: Grid, people: Any) -> xr.DataArray:
    return grid.wrap(
        people.reshape(grid.shape), "population", units="people", long_name="Residents per pixel"
    )
