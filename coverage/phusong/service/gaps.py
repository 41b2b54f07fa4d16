"""Where people live without service: gap polygons, largest population first."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from rasterio.features import shapes
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .._types import Flags, Floats, Labels
from ..grid import Grid, grid_of
from .zones import Zones


@dataclass(frozen=True)
class Gaps:
    """The gaps of one service.

    Parameters
    ----------
    table : GeoDataFrame
        As `tables.GAPS`, most residents first.
    unlisted : int
        Gaps with fewer residents than asked for.
    unlisted_population : float
        Their residents; together with the table's, all residents not covered.
    """

    table: gpd.GeoDataFrame
    unlisted: int
    unlisted_population: float


def gaps(
    margin_db: xr.DataArray,
    population: xr.DataArray,
    communes: gpd.GeoDataFrame,
    *,
    service: str,
    smallest_population: float,
    join_distance_m: float,
    villages: gpd.GeoDataFrame | None,
) -> Gaps:
    """Find the inhabited places of the communes that a service does not cover.

    Parameters
    ----------
    margin_db : DataArray, shape (y, x)
        Margin of the service; below 0 or NaN is not covered.
    population : DataArray, shape (y, x)
        Residents per pixel, on the same grid.
    communes : GeoDataFrame
        As `tables.COMMUNES`, in the CRS of the rasters.
    service : str
        Identifier, for the table.
    smallest_population : float
        Gaps with fewer residents are counted but not listed.
    join_distance_m : float
        Uncovered inhabited pixels whose centres lie at most so far apart make
        one gap; pixels that touch always do.
    villages : GeoDataFrame, optional
        To count those inside each gap.

    Returns
    -------
    Gaps
        A pixel cut by the outer border counts by its part inside.

    Raises
    ------
    GridMismatchError
        If the rasters lie on different grids.
    """
    grid = grid_of(population)
    grid.require(margin_db, "margin_db")
    zones = Zones.of(communes, grid)
    outline = gpd.GeoDataFrame(geometry=[communes.union_all()], crs=communes.crs)
    inside = Zones.of(outline, grid).weights.toarray().reshape(grid.shape)
    people = population.to_numpy() * inside
    empty = ~(margin_db.to_numpy() >= 0) & (people > 0)
    group = _join(empty, join_distance_m / grid.resolution_m)
    count = int(group.max())
    residents = np.bincount(group.ravel(), weights=people.ravel(), minlength=count + 1)
    pixels = np.bincount(group.ravel(), weights=inside.ravel(), minlength=count + 1)
    shared = _by_commune(zones, group, population.to_numpy(), count)
    numbers = np.arange(1, count + 1)
    listed = numbers[residents[1:] >= smallest_population]
    # Most residents first; equals keep the order of their labels, north-west first.
    listed = listed[np.argsort(-residents[listed], kind="stable")]
    held = _villages_inside(grid, group, villages)
    outline_of = _outlines(np.where(np.isin(group, listed), group, 0), grid)
    table = gpd.GeoDataFrame(
        {
            "gap_id": [f"{service}-{rank:04d}" for rank in range(1, len(listed) + 1)],
            "service": service,
            "rank": np.arange(1, len(listed) + 1),
            "population": residents[listed],
            "area_km2": pixels[listed] * grid.pixel_area_km2,
            "villages": pd.array(
                [pd.NA if held is None else int(held[number]) for number in listed], dtype="Int64"
            ),
            "commune_codes": [
                ", ".join(communes["commune_code"].iloc[shared[number]]) for number in listed
            ],
            "communes": [", ".join(communes["name"].iloc[shared[number]]) for number in listed],
        },
        geometry=[outline_of[number] for number in listed],
        crs=communes.crs,
    )
    unlisted = np.setdiff1d(numbers, listed)
    return Gaps(table, len(unlisted), float(residents[unlisted].sum()))


def _join(empty: Flags, distance_px: float) -> Labels:
    """Give each group of empty pixels a number from 1 on, north-west first; 0 elsewhere."""
    pixels = np.argwhere(empty)
    # Neighbours that touch, corners included, are 1.41 pixels apart.
    pairs = cKDTree(pixels).query_pairs(max(distance_px, 1.5), output_type="ndarray")
    links = sparse.coo_array(
        (np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])),
        shape=(len(pixels), len(pixels)),
    )
    _, number = connected_components(links, directed=False)
    group = np.zeros(empty.shape, dtype=np.int32)
    group[empty] = number + 1
    return group


def _by_commune(zones: Zones, group: Labels, people: Floats, count: int) -> dict[int, list[int]]:
    """Return the rows of the communes that each gap touches, most residents first."""
    weights = zones.weights.tocoo()
    number = group.ravel()[weights.col]
    share = weights.data * people.ravel()[weights.col]
    table = pd.DataFrame({"gap": number, "commune": weights.row, "people": share})
    table = table[(table["gap"] > 0) & (table["people"] > 0)]
    table = table.groupby(["gap", "commune"], as_index=False)["people"].sum()
    table = table.sort_values(["gap", "people", "commune"], ascending=[True, False, True])
    found = {int(gap): rows["commune"].to_list() for gap, rows in table.groupby("gap")}
    return {number: found.get(number, []) for number in range(1, count + 1)}


def _villages_inside(grid: Grid, group: Labels, villages: gpd.GeoDataFrame | None) -> Labels | None:
    if villages is None:
        return None
    row, column, inside = grid.index(villages.geometry.x, villages.geometry.y)
    return np.bincount(group[row, column][inside], minlength=int(group.max()) + 1)


def _outlines(group: Labels, grid: Grid) -> dict[int, shapely.Geometry]:
    """Return the outline of each numbered group of pixels."""
    parts: dict[int, list[shapely.Geometry]] = {}
    for outline, number in shapes(group, mask=group > 0, transform=grid.transform):
        parts.setdefault(int(number), []).append(shapely.geometry.shape(outline))
    return {number: shapely.union_all(pieces) for number, pieces in parts.items()}
