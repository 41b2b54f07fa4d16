"""From figures to pixels: residents of villages and communes on the ground of the commune."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from .._on_disk import full_on_disk
from .._types import Flags, Floats
from ..grid import Grid
from .zones import Zones


def spread(
    communes: gpd.GeoDataFrame,
    zones: Zones,
    evenly: Floats,
    villages: gpd.GeoDataFrame | None,
    *,
    village_radius_m: float,
) -> tuple[Any, pd.Series]:
    """Spread residents over the pixels of their own commune, by its ground in each.

    Parameters
    ----------
    communes : GeoDataFrame
        With ``commune_code`` and polygons in the grid's CRS.
    zones : Zones
        Of the communes.
    evenly : ndarray of float, shape (communes,)
        Residents to spread over the whole of each commune; NaN where nobody knows.
    villages : GeoDataFrame, optional
        With ``village_id``, ``commune_code`` and ``population``, each of one of the
        communes, to spread around their points.
    village_radius_m : float
        The pixels of a village are its own and those whose centres lie so near.

    Returns
    -------
    people : sparse array of float64, shape (communes, pixels)
        Residents of each commune in each pixel; each row sums to the commune's figures.
    strayed : Series of float, indexed by ``village_id``
        Residents of villages that have no pixel with ground of their commune: they
        are spread over the whole of it.
    """
    ground = zones.weights
    people = full_on_disk((ground.nnz,), 0.0, np.dtype(np.float64))
    evenly = evenly.copy()
    strayed: dict[str, float] = {}
    if villages is not None:
        row, column, inside = zones.grid.index(villages.geometry.x, villages.geometry.y)
        own = np.where(inside, row * zones.grid.width + column, -1)
        commune = pd.Index(communes["commune_code"]).get_indexer(villages["commune_code"])
        for i, (name, count) in enumerate(
            zip(villages["village_id"], villages["population"].astype("float64"), strict=True)
        ):
            mine = slice(*ground.indptr[commune[i] : commune[i] + 2])
            place = villages.geometry.iloc[i]
            at, home = _home(ground.indices[mine], zones.grid, place.x, place.y, village_radius_m)
            home |= ground.indices[mine][at] == own[i]
            share = ground.data[mine][at].astype(np.float64) * home
            if share.any():
                people[mine][at] += count * (share / share.sum())
            else:
                evenly[commune[i]] += count
                strayed[name] = count
    for i, each in enumerate(evenly / zones.pixels()):
        mine = slice(*ground.indptr[i : i + 2])
        people[mine] += each * ground.data[mine]
    return (
        sparse.csr_array((people, ground.indices, ground.indptr), shape=ground.shape),
        pd.Series(strayed, dtype="float64").rename_axis("village_id"),
    )


def _home(pixels: Any, grid: Grid, x_m: float, y_m: float, radius_m: float) -> tuple[slice, Flags]:
    """Return which part of sorted pixels is worth a look, and which of it are near a place.

    The part is of the rows that the radius reaches, and the place's own.
    """
    row = (grid.north_m - y_m) / grid.resolution_m - 0.5
    column = (x_m - grid.west_m) / grid.resolution_m - 0.5
    reach = radius_m / grid.resolution_m
    rows = np.array([np.floor(row - reach), np.ceil(row + reach) + 1])
    first, last = np.searchsorted(pixels, rows * grid.width)
    at = slice(int(first), int(last))
    down, along = np.divmod(pixels[at], grid.width)
    return at, np.hypot(down - row, along - column) <= reach
