"""Roads as a network that meets the fibre: where new cable may run."""

import geopandas as gpd
import numpy as np
import shapely

from .network import RouteNetwork, build_network


def road_network(
    roads: gpd.GeoDataFrame, spans: gpd.GeoDataFrame, *, snap_tolerance_m: float
) -> RouteNetwork:
    """Join roads into a graph with a node wherever they cross each other or meet the fibre.

    Parameters
    ----------
    roads : GeoDataFrame of lines
        ``road_id`` as `tables.ROADS`, in a projected CRS in metres. Roads
        that cross are taken to meet.
    spans : GeoDataFrame of lines
        In the same CRS.
    snap_tolerance_m : float
        Ends of roads, and roads and fibre, at most this far apart meet, metres.

    Returns
    -------
    RouteNetwork
        Its ``span_id`` is the ``road_id``.

    Raises
    ------
    CrsMismatchError
        If roads and spans are not in one CRS.

    Examples
    --------
    A road that crosses a cable in its middle.

    >>> from shapely import LineString
    >>> def line(**columns):
    ...     shape = columns.pop("along")
    ...     return gpd.GeoDataFrame(columns, geometry=[LineString(shape)], crs="EPSG:9209")
    >>> road = line(road_id=["QL2"], along=[(0, -500), (0, 500)])
    >>> network = road_network(road, line(id=["s"], along=[(-9, 0), (9, 0)]), snap_tolerance_m=5)
    >>> network.edges["length_m"].to_list()
    [500.0, 500.0]
    """
    lines = gpd.GeoDataFrame(
        {"id": roads["road_id"].astype("str").array}, geometry=roads.geometry.array, crs=roads.crs
    )
    return build_network(
        lines, _meeting_points(lines, spans, snap_tolerance_m), snap_tolerance_m=snap_tolerance_m
    )


def _meeting_points(
    lines: gpd.GeoDataFrame, spans: gpd.GeoDataFrame, tolerance_m: float
) -> gpd.GeoDataFrame:
    """Return the points where roads cross each other or meet the fibre."""
    shapes = lines.geometry.to_numpy()
    one, other = lines.sindex.query(shapes, predicate="crosses")
    once = one < other
    crossings = shapely.intersection(shapes[one[once]], shapes[other[once]])
    road, span = spans.sindex.query(shapes, predicate="dwithin", distance=tolerance_m)
    cable = spans.geometry.to_numpy()[span]
    meetings = [
        shapely.intersection(shapes[road], cable),
        # Where a cable begins or ends beside a road, and where it comes nearest.
        *(shapely.get_point(cable, at) for at in (0, -1)),
        shapely.get_point(shapely.shortest_line(shapes[road], cable), 0),
    ]
    # Where road and cable run together, the vertices are enough: fibre can be met all along.
    places = np.unique(
        np.concatenate([shapely.get_coordinates(some) for some in (crossings, *meetings)]), axis=0
    )
    return gpd.GeoDataFrame(
        {"id": [f"x{i:06d}" for i in range(len(places))]},
        geometry=shapely.points(places),
        crs=lines.crs,
    )
