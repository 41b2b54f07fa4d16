"""How a cable gets from the network to a place: along roads, else over the terrain.

Knows the fibre, roads and the ground; tapping the network is `reach`'s.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from .._types import Floats, Labels
from ..errors import CrsMismatchError
from ..grid import Grid, grid_of
from .network import RouteNetwork, adjacency
from .prices import check_prices, price_per_km
from .reach import attach
from .roads import road_network
from .slope import neighbours

# Nearer than this a way from pixel to pixel is no better than the straight line.
_TOO_NEAR_PX = 1.5


def drop_ways(
    places: gpd.GeoDataFrame,
    network: RouteNetwork,
    *,
    drop_length_m: float,
    roads: gpd.GeoDataFrame | None = None,
    elevation: xr.DataArray | None = None,
    prices: pd.DataFrame | None = None,
    deployment: str | None = None,
) -> gpd.GeoDataFrame:
    """Lead a drop from the network to each place.

    Parameters
    ----------
    places : GeoDataFrame of points
        With an index without repetition.
    network : RouteNetwork
        The fibre, in the same CRS.
    drop_length_m : float
        Ways longer than this are not sought, metres.
    roads : GeoDataFrame of lines, optional
        ``road_id`` as `tables.ROADS`, in the same CRS.
    elevation : DataArray, optional
        Metres, on a `Grid` in the same CRS.
    prices, deployment : optional
        As for `extend`: over the terrain the cheapest way is taken instead of
        the shortest on the ground.

    Returns
    -------
    GeoDataFrame of points, indexed like `places`
        Where the drop leaves the fibre, and ``drop_m``, its length. For
        `attach`; no point and NaN where the fibre is farther than
        `drop_length_m`, and NaN where every way to it is.

    Raises
    ------
    CrsMismatchError
        If the tables are not in one CRS.
    NetworkError
        If the price table cannot be used.

    Notes
    -----
    A place nearer to a road than to the fibre is reached along it, straight
    from the place to the road, if that leads to the fibre within
    `drop_length_m`. Else the way goes over the ground, from pixel to pixel and
    measured on the slope; where no elevation is known, or the fibre is nearer
    than a pixel and a half, it is the straight line.

    Examples
    --------
    The fibre is 300 m away, but 500 m by the road.

    >>> from shapely import LineString, Point
    >>> from .network import build_network
    >>> def lines(name, shape):
    ...     return gpd.GeoDataFrame({name: ["a"]}, geometry=[LineString(shape)], crs="EPSG:9209")
    >>> fibre = build_network(lines("id", [(0, 0), (900, 0)]), snap_tolerance_m=1)
    >>> road = lines("road_id", [(0, 300), (200, 300), (200, 0)])
    >>> place = gpd.GeoDataFrame(geometry=[Point(0, 300)], crs="EPSG:9209")
    >>> drop_ways(place, fibre, drop_length_m=1000)["drop_m"].to_list()
    [300.0]
    >>> drop_ways(place, fibre, drop_length_m=1000, roads=road)["drop_m"].to_list()
    [500.0]
    """
    for name, layer in (("network", network.edges), ("roads", roads)):
        if layer is not None and layer.crs != places.crs:
            raise CrsMismatchError(name, str(layer.crs), str(places.crs))
    shapes = places.geometry.to_numpy()
    lines = network.edges.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    tap = np.full(len(places), None, object)
    length = np.full(len(places), np.nan)
    left: Labels = np.zeros(0, np.int64)
    if len(lines) and len(placed):
        (row, edge), metres = network.edges.sindex.nearest(
            shapes[placed],
            return_all=False,
            max_distance=max(drop_length_m, 1e-9),
            return_distance=True,
        )
        here = placed[row]
        length[here] = metres
        tap[here] = shapely.get_point(shapely.shortest_line(lines[edge], shapes[here]), 0)
        left = here
    if len(left):
        if roads is not None and len(roads):
            left = _along_roads(shapes, left, roads, network, drop_length_m, tap, length)
        if elevation is not None:
            priced = None if prices is None else (check_prices(prices), deployment)
            _over_terrain(shapes, left, network, elevation, drop_length_m, tap, length, priced)
    length[length > drop_length_m] = np.nan
    return gpd.GeoDataFrame({"drop_m": length}, geometry=tap, index=places.index, crs=places.crs)


def _along_roads(
    shapes: NDArray[np.object_],
    rows: Labels,
    roads: gpd.GeoDataFrame,
    network: RouteNetwork,
    longest_m: float,
    tap: NDArray[np.object_],
    length: Floats,
) -> Labels:
    """Lead drops along the roads; return the places for which none leads to the fibre."""
    fibre = network.edges
    around = shapely.box(*shapely.total_bounds(shapes[rows])).buffer(longest_m)
    ways = road_network(
        roads[roads.intersects(around)], fibre, snap_tolerance_m=network.snap_tolerance_m
    )
    some = gpd.GeoDataFrame(geometry=shapes[rows], crs=fibre.crs)
    ways, access = attach(ways, some, drop_length_m=longest_m)
    node, to_road = access["node"].to_numpy(np.int64), access["distance_m"].to_numpy()
    by_road = (node >= 0) & (to_road < length[rows])
    lit, _ = fibre.sindex.query(
        ways.nodes.geometry.array, predicate="dwithin", distance=network.snap_tolerance_m
    )
    if not len(lit) or not by_road.any():
        return rows
    along, _, source = dijkstra(
        adjacency(ways),
        directed=False,
        indices=np.unique(lit),
        min_only=True,
        limit=longest_m,
        return_predecessors=True,
    )
    metres = np.where(by_road, to_road + along[node], np.inf)
    found = metres <= longest_m
    led = rows[found]
    length[led] = metres[found]
    tap[led] = _nearest_on(network, ways.nodes.geometry.to_numpy()[source[node[found]]])
    return rows[~found]


def _over_terrain(  # noqa: PLR0913 - one step of drop_ways, on its arrays
    shapes: NDArray[np.object_],
    rows: Labels,
    network: RouteNetwork,
    elevation: xr.DataArray,
    longest_m: float,
    tap: NDArray[np.object_],
    length: Floats,
    prices: tuple[pd.DataFrame, str | None] | None,
) -> None:
    """Lead each drop that is longer than a pixel or so over the ground around its place."""
    grid = grid_of(elevation)
    height = elevation.to_numpy()
    margin = int(np.ceil(longest_m / grid.resolution_m)) + 1
    for row in rows[length[rows] > _TOO_NEAR_PX * grid.resolution_m]:
        line, column, inside = (
            some[0] for some in grid.index(*shapely.get_coordinates(shapes[row]).T)
        )
        if not inside:
            continue
        top, left = max(line - margin, 0), max(column - margin, 0)
        ground = height[top : line + margin + 1, left : column + margin + 1].astype(float)
        local = replace(
            grid,
            west_m=grid.west_m + left * grid.resolution_m,
            north_m=grid.north_m - top * grid.resolution_m,
            height=ground.shape[0],
            width=ground.shape[1],
        )
        start = (line - top) * local.width + column - left
        way = _cheapest_way(ground.ravel(), local, start, _pixels_of(network, local), prices)
        if way is None:
            continue
        length[row] = max(length[row], way[0])
        spot = shapely.points(local.x_m[way[1] % local.width], local.y_m[way[1] // local.width])
        tap[row] = _nearest_on(network, np.array([spot]))[0]


def _pixels_of(network: RouteNetwork, grid: Grid) -> Labels:
    """Return the pixels that the network touches, as flat positions."""
    edges = network.edges.geometry
    near = edges.to_numpy()[edges.sindex.query(shapely.box(*grid.bounds))]
    spots = shapely.get_coordinates(shapely.segmentize(near, grid.resolution_m / 2))
    row, column, inside = grid.index(*spots.T)
    touched: Labels = np.unique(row[inside] * grid.width + column[inside])
    return touched


def _cheapest_way(
    height: Floats,
    grid: Grid,
    start: int,
    ends: Labels,
    prices: tuple[pd.DataFrame, str | None] | None,
) -> tuple[float, int] | None:
    """Return the length on the slope of the cheapest way to one of some pixels, and which one."""
    pairs = neighbours(grid.shape)
    pairs = pairs[np.isfinite(height[pairs]).all(axis=1)]
    one, other = pairs.T
    flat = grid.resolution_m * np.hypot(
        one // grid.width - other // grid.width, one % grid.width - other % grid.width
    )
    climb = np.abs(height[one] - height[other])
    metres = np.hypot(flat, climb)
    cost = metres
    if prices is not None:
        slope = np.degrees(np.arctan2(climb, flat))
        cost = metres * price_per_km(prices[0], slope, deployment=prices[1])
    shape = height.size, height.size
    steps = coo_array((cost, (one, other)), shape=shape).tocsr()
    lengths = coo_array((metres, (one, other)), shape=shape).tocsr()
    (far,), (before,) = dijkstra(steps, directed=False, indices=[start], return_predecessors=True)
    if not len(ends) or not np.isfinite(far[ends]).any():
        return None
    end = int(ends[far[ends].argmin()])
    total, at = 0.0, end
    while at != start:
        onward = int(before[at])
        total += float(lengths[min(at, onward), max(at, onward)])
        at = onward
    return total, end


def _nearest_on(network: RouteNetwork, spots: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the nearest point of the network to each point."""
    edges = network.edges
    row, edge = edges.sindex.nearest(spots, return_all=False)
    lines = edges.geometry.to_numpy()[edge]
    points: NDArray[np.object_] = shapely.get_point(shapely.shortest_line(lines, spots[row]), 0)
    return points
