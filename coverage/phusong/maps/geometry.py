"""Bring geometries to what a web page draws: few vertices, longitude and latitude.

Units that share their borders are simplified together: a border moves once, for
both neighbours. That needs a valid coverage (no overlaps, identical vertices
along shared edges). Boundaries traced one by one are none; they are first made
one for the picture: overlaps go to one neighbour and narrow cracks are closed.
The tables keep what the office drew.
"""

from functools import cache
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

DECIMALS = 5  # about 1 m
DEGREES = "EPSG:4326"


@cache
def transformer(source: Any, target: Any) -> Transformer:
    """Return how coordinates go from one CRS to another, x or longitude first.

    PROJ takes 20 ms to find out; a sheet asks dozens of times.
    """
    return Transformer.from_crs(source, target, always_xy=True)


def simplified(
    table: gpd.GeoDataFrame,
    *,
    tolerance_m: float,
    close_cracks_m: float | None = None,
    coverage: bool | None = None,
) -> gpd.GeoSeries:
    """Return the table's geometries in WGS 84, simplified so that neighbours still meet.

    Parameters
    ----------
    table : GeoDataFrame
        Polygons, lines or points in a CRS in metres. Gaps of different services
        overlap by nature; they are taken service by service.
    tolerance_m : float
        How far a line may move, metres; for polygons the side of the largest
        triangle dropped (Visvalingam-Whyatt).
    close_cracks_m : float, optional
        For units that tile an area: where they do not meet, cracks narrower
        than this are closed, metres. None leaves polygons that are no valid
        coverage apart and simplifies each alone.

    Examples
    --------
    Two squares share a border with a bump of 10 m; both lose the same vertex.

    >>> from shapely import Polygon
    >>> left = Polygon([(0, 0), (1000, 0), (1010, 500), (1000, 1000), (0, 1000)])
    >>> right = Polygon([(1000, 0), (2000, 0), (2000, 1000), (1000, 1000), (1010, 500)])
    >>> table = gpd.GeoDataFrame(geometry=[left, right], crs="EPSG:9209")
    >>> simplified(table, tolerance_m=100).count_coordinates().to_list()
    [5, 5]
    """
    shapes = np.array(table.geometry)
    services = table["service"].to_numpy() if "service" in table.columns else np.zeros(len(table))
    for rows in pd.Series(services).groupby(services).indices.values():
        shapes[rows] = _simplify(shapes[rows], tolerance_m, close_cracks_m, coverage)
    return gpd.GeoSeries(shapes, index=table.index, crs=table.crs).to_crs(DEGREES)


def _simplify(
    shapes: Any, tolerance_m: float, close_cracks_m: float | None, coverage: bool | None
) -> Any:
    if not (shapely.get_dimensions(shapes) == 2).all():
        return shapely.simplify(shapes, tolerance_m)
    if not (shapely.coverage_is_valid(shapes) if coverage is None else coverage):
        if close_cracks_m is None:
            return shapely.simplify(shapes, tolerance_m)
        shapes = np.array(shapely.coverage_clean(shapes, gap_width=close_cracks_m))
    return shapely.coverage_simplify(shapes, tolerance_m)


def encode(shapes: gpd.GeoSeries) -> list[Any]:
    """Return what the page draws, in few characters.

    A point is ``[latitude, longitude]`` in degrees. A polygon is a list of
    polygons of rings (without the closing point), a line a list of lines; each
    ring or line is one flat list of whole steps of 1e-5°: latitude and longitude
    of its first vertex, then from vertex to vertex. An empty or missing geometry
    is None.

    Examples
    --------
    >>> from shapely import LineString
    >>> encode(gpd.GeoSeries([LineString([(105, 22), (105.00001, 22.00003)])]))
    [[[2200000, 10500000, 3, 1]]]
    """
    if (shapes.geom_type == "Point").all() and not shapes.is_empty.any():
        points: list[Any] = np.round(shapely.get_coordinates(shapes)[:, ::-1], DECIMALS).tolist()
        return points
    values = shapes.to_numpy()
    dimensions = np.where(shapely.is_empty(values), -1, shapely.get_dimensions(values))
    encoded: list[Any] = [[] if dimension > 0 else None for dimension in dimensions]
    for row in np.flatnonzero(dimensions == 0).tolist():
        encoded[row] = [round(values[row].y, DECIMALS), round(values[row].x, DECIMALS)]
    for dimension in (1, 2):
        rows = np.flatnonzero(dimensions == dimension)
        parts, shape_of = shapely.get_parts(values[rows], return_index=True)
        if dimension == 1:
            told = _steps(parts)
        else:
            rings, part_of = shapely.get_rings(parts, return_index=True)
            told = [[] for _ in parts]
            for part, steps in zip(part_of.tolist(), _steps(rings), strict=True):
                told[part].append(steps[:-2])
        for row, part in zip(rows[shape_of].tolist(), told, strict=True):
            encoded[row].append(part)
    return encoded


def _steps(lines: NDArray[np.object_]) -> list[list[Any]]:
    """Return the steps along each line; all at once, for arrays take long for each by itself."""
    places, line_of = shapely.get_coordinates(lines, return_index=True)
    places = np.round(places[:, ::-1] * 10**DECIMALS).astype(np.int64)
    first = np.diff(line_of, prepend=-1) != 0
    steps = np.where(first[:, None], places, np.diff(places, axis=0, prepend=0))
    kept = first | (steps != 0).any(axis=1)
    ends = np.searchsorted(line_of[kept], np.arange(len(lines) + 1)) * 2
    flat = steps[kept].ravel().tolist()
    return [flat[start:end] for start, end in pairwise(ends.tolist())]


def united(shapes: NDArray[np.object_], *, coverage: bool | None = None) -> Any:
    """Return the union of polygons: in a tenth of the time where they share their borders.

    Whether they do (`coverage`) is found out if it is not told.
    """
    if coverage is None:
        coverage = len(shapes) > 1 and shapely.coverage_is_valid(shapes)
    return shapely.coverage_union_all(shapes) if coverage else shapely.union_all(shapes)


def anchors(table: gpd.GeoDataFrame) -> list[list[float] | None]:
    """Return where a polygon's label belongs: the centre of its widest part, [lat, lon]."""
    polygons = table.geometry.to_numpy()
    sides = np.sqrt(np.maximum(shapely.area(polygons), 1.0))
    circles = [
        None
        if polygon is None or polygon.is_empty
        else shapely.maximum_inscribed_circle(polygon, tolerance=side / 50)
        for polygon, side in zip(polygons, sides, strict=True)
    ]
    centres = gpd.GeoSeries(shapely.get_point(circles, 0), crs=table.crs).to_crs(DEGREES)
    return encode(centres)


def outlines(
    units: gpd.GeoDataFrame, members: gpd.GeoDataFrame, shapes: gpd.GeoSeries, *, key: str
) -> gpd.GeoSeries:
    """Return each unit as the union of its members as drawn, so that their lines coincide."""
    groups = shapes.groupby(members[key].to_numpy())
    union = {code: shapely.coverage_union_all(group.to_numpy()) for code, group in groups}
    return gpd.GeoSeries([union.get(code) for code in units[key]], index=units.index, crs=DEGREES)
