"""Where people live without service: gap polygons, largest population first."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from pyproj import CRS, Proj

from .._on_disk import full_on_disk
from .._types import Flags, Labels
from ..grid import Grid, blocks, blocks_of_rows, grid_of
from ..radio import served
from ._kernels import count_corners, join, trace
from .evidence import blocks_of_units
from .residents import Residents


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
    residents: Residents,
    *,
    service: str,
    smallest_population: float,
    join_distance_m: float,
    villages: gpd.GeoDataFrame | None,
) -> Gaps:
    """Find the inhabited places of the communes that a service does not cover.

    A gap is a group of pixels that are inhabited, not covered, and hang
    together over steps of at most `join_distance_m`; its outline is theirs, cut
    to the communes. Empty land between them does not belong to it.

    Parameters
    ----------
    margin_db : DataArray, shape (y, x)
        Margin of the service, on the grid of the residents; see `radio.served`.
    residents : Residents
        Who lives in which commune, from `count_residents`.
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
        Ids are the service and the rank; equals stand from north-west to
        south-east. Residents are those of the communes; see `UnitsOnGrid.people`.
        Areas are on the ellipsoid.

    Raises
    ------
    GridMismatchError
        If the margin lies on another grid than the residents.

    Examples
    --------
    Four pixels in a row, of which the last is covered; nobody lives in the second.

    >>> from phusong.service import count_residents
    >>> from phusong.terrain import Population
    >>> grid = Grid("EPSG:9209", 100.0, 5e5, 25e5, 4, 1)
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688"], "name": ["Quang Trung"], "district_code": ["024"],
    ...      "district": ["Hà Giang"]},
    ...     geometry=[shapely.box(*grid.bounds)],
    ...     crs=grid.crs,
    ... )
    >>> people = grid.wrap(np.array([[20.0, 0.0, 30.0, 50.0]]), "population")
    >>> found = gaps(
    ...     grid.wrap(np.array([[-3.0, -3.0, np.nan, 2.0]]), "margin_db"),
    ...     count_residents(
    ...         communes, grid, population=Population(people, outside=0.0), villages=None,
    ...         village_radius_m=250.0,
    ...     ),
    ...     service="4g",
    ...     smallest_population=25.0,
    ...     join_distance_m=150.0,
    ...     villages=None,
    ... )
    >>> found.table[["gap_id", "population", "communes"]]
        gap_id  population     communes
    0  4g-0001        30.0  Quang Trung
    >>> found.unlisted, found.unlisted_population
    (1, 20.0)
    """
    grid = grid_of(residents.raster)
    grid.require(margin_db, "margin_db")
    communes = residents.communes.table
    outline = residents.province.table.geometry.iloc[0]
    people = residents.province.people
    if not people.has_sorted_indices:
        people = people.sorted_indices()
    empty = full_on_disk(grid.shape, False, np.dtype(bool))
    for some in blocks(people.nnz):
        empty.ravel()[people.indices[some]] = people.data[some] > 0
    for rows in blocks_of_rows(grid.height):
        empty[rows] &= ~served(margin_db.to_numpy()[rows])
    group, count = joined(empty, join_distance_m / grid.resolution_m)
    uncovered = np.zeros(count + 1)
    for some in blocks(people.nnz):
        of_people = group.ravel()[people.indices[some]]
        inside = of_people > 0
        np.add.at(uncovered, of_people[inside], people.data[some][inside])
    numbers = np.arange(1, count + 1)
    listed = numbers[uncovered[1:] >= smallest_population]
    # Most residents first; equals keep the order of their numbers, north-west first.
    listed = listed[np.argsort(-uncovered[listed], kind="stable")]
    touched = _by_commune(group, residents.communes.people)
    villages_inside = _villages_inside(grid, group, count, villages)[listed]
    shapes_listed = _outlines(group, listed, grid, outline, communes.crs)
    table = gpd.GeoDataFrame(
        {
            "gap_id": [f"{service}-{rank:04d}" for rank in range(1, len(listed) + 1)],
            "service": service,
            "rank": np.arange(1, len(listed) + 1),
            "population": uncovered[listed],
            "area_km2": _area_km2(shapes_listed),
            "villages": villages_inside,
            **{
                name: [", ".join(known[touched.get(number, [])]) for number in listed]
                for name, known in (
                    ("commune_codes", communes["commune_code"].to_numpy()),
                    ("communes", communes["name"].to_numpy()),
                )
            },
        },
        geometry=shapes_listed,
    )
    unlisted = np.setdiff1d(numbers, listed)
    return Gaps(table, len(unlisted), float(uncovered[unlisted].sum()))


def joined(empty: Flags, distance_px: float) -> tuple[Labels, int]:
    """Give each group of pixels a number from 1 on, north-west first; return also how many."""
    reach = max(distance_px, 1.5)  # neighbours that touch, corners included, are 1.41 apart
    side = np.arange(-int(reach), int(reach) + 1)
    down, right = (offset.ravel() for offset in np.meshgrid(side, side, indexing="ij"))
    wanted = (np.hypot(down, right) <= reach) & ((down > 0) | ((down == 0) & (right > 0)))
    group, root = (
        full_on_disk(shape, 0, np.dtype(np.int32)) for shape in (empty.shape, (empty.size,))
    )
    count: int = join(empty, down[wanted], right[wanted], root, group)
    return group, count


def _by_commune(group: Labels, people: Any) -> dict[int, Labels]:
    """Return the rows of the communes that each gap touches, most residents first."""
    tables = []
    for communes in blocks_of_units(people.indptr):  # all at once take more memory
        first = people.indptr[communes.start : communes.stop + 1]
        mine = slice(first[0], first[-1])
        gap, count = group.ravel()[people.indices[mine]], people.data[mine]
        inside = (gap > 0) & (count > 0)
        table = pd.DataFrame(
            {
                "gap": gap[inside],
                "people": count[inside],
                "commune": np.repeat(np.asarray(communes), np.diff(first))[inside],
            }
        )
        tables.append(table.groupby(["gap", "commune"], as_index=False)[["people"]].sum())
    table = pd.concat(tables, ignore_index=True)
    table = table.sort_values(["gap", "people", "commune"], ascending=[True, False, True])
    gaps, first = np.unique(table["gap"], return_index=True)
    rows = np.split(table["commune"].to_numpy(), first[1:])
    return dict(zip(gaps.tolist(), rows, strict=False))  # no gap at all splits into one empty part


def _villages_inside(
    grid: Grid, group: Labels, count: int, villages: gpd.GeoDataFrame | None
) -> pd.arrays.IntegerArray:
    """Return how many villages lie in each group; unknown without villages."""
    if villages is None:
        return pd.array([pd.NA] * (count + 1), dtype="Int64")
    row, column, inside = grid.index(villages.geometry.x, villages.geometry.y)
    return pd.array(np.bincount(group[row, column][inside], minlength=count + 1), dtype="Int64")


def _outlines(
    group: Labels, listed: Labels, grid: Grid, outline: shapely.Geometry, crs: object
) -> gpd.GeoSeries:
    """Return the outlines of the listed groups, cut to the province; `group` is spent."""
    position = np.full(int(group.max()) + 1, -1, dtype=np.int32)
    position[listed] = np.arange(len(listed))
    for rows in blocks_of_rows(grid.height):
        group[rows] = position[group[rows]]
    parts, number = parts_of(group, grid)
    order = np.argsort(number, kind="stable")
    whole = shapely.multipolygons(parts[order], indices=number[order])
    alone = np.bincount(number, minlength=len(listed)) == 1
    whole[alone] = shapely.get_geometry(whole[alone], 0)
    shapely.prepare(outline)
    for place in np.flatnonzero(~shapely.covers(outline, whole)):
        whole[place] = _cut(whole[place], outline)
    return gpd.GeoSeries(whole, crs=crs)


def parts_of(group: Labels, grid: Grid) -> tuple[NDArray[np.object_], Labels]:
    """Return the polygons of pixels that hang together over their sides, and the group of each.

    Pixels that meet at a corner only become two parts, so every outline is valid.
    """
    part, root = (
        full_on_disk(shape, 0, np.dtype(np.int32)) for shape in (group.shape, (group.size,))
    )
    flags, seen = (full_on_disk(group.shape, False, np.dtype(bool)) for _ in range(2))
    np.greater_equal(group, 0, out=flags)
    count = join(flags, np.array([0, 1]), np.array([1, 0]), root, part)
    row, column, ring = np.empty((3, count_corners(part)), dtype=np.int32)
    trace(part, seen, row, column, ring)
    x_m, y_m = grid.west_m + grid.resolution_m * column, grid.north_m - grid.resolution_m * row
    rings = shapely.linearrings(x_m, y_m, indices=ring)
    # Each ring begins behind the upper left corner of a pixel, and so ends with that.
    last = np.searchsorted(ring, np.arange(len(rings)), side="right") - 1
    at = row[last], column[last]
    of_ring = part[at]
    order = np.argsort(of_ring, kind="stable")
    number = np.empty(count, dtype=np.int64)
    number[of_ring - 1] = group[at]
    return shapely.polygons(rings[order], indices=of_ring[order] - 1), number


def _area_km2(outlines: gpd.GeoSeries) -> NDArray[np.float64]:
    """Return areas on the ellipsoid: those of the map plane by its scale in the middle of each.

    A gap is small beside the Earth: to some millionths the same as along geodesics, which for
    so many corners takes longer than all else of the gaps.
    """
    if outlines.empty:
        return np.zeros(0)
    middles = outlines.centroid.to_crs(CRS(outlines.crs).geodetic_crs)
    scale = Proj(outlines.crs).get_factors(middles.x.to_numpy(), middles.y.to_numpy())
    return np.asarray(outlines.area.to_numpy() / scale.areal_scale / 1e6)


def _cut(shape: shapely.Geometry, outline: shapely.Geometry) -> shapely.Geometry:
    """Cut to the province, without the lines and points where borders only touch."""
    parts = shapely.get_parts(shape.intersection(outline))
    polygons = parts[shapely.get_dimensions(parts) == 2]
    if len(polygons) == 0:  # thinner than the arithmetic
        return shape
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(list(polygons))
