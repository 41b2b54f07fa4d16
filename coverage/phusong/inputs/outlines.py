"""Whether communes lie beside each other as they must: overlaps, gaps, and outlines given twice.

Knows outlines in metres and their codes; no file. Nothing is changed unless it is asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import Problem
from ..grid import WGS84, operation

LEAST_M2 = 1.0
"""Smaller overlaps and gaps are rounding: a square of one metre."""
SAME_SHARE = 0.95
"""Two outlines that share so much of both their areas are the same one twice."""
_TOLD_EACH = 20


@dataclass(frozen=True)
class _Spot:
    """One overlap, gap or change: how large, whose, and a point in it."""

    area_m2: float
    codes: tuple[str, ...]
    place: NDArray[np.float64]


def check_outlines(communes: gpd.GeoDataFrame) -> tuple[Problem, ...]:
    """Find where communes overlap, leave gaps between them, or have the same outline twice.

    Parameters
    ----------
    communes : GeoDataFrame
        Valid polygons with ``commune_code``, in a CRS in metres, each code once.

    Returns
    -------
    tuple of Problem
        The largest 20 of each kind with place and area in m², and how many more there are
        with their area together. A hole among the communes that is a lake or another
        province's land is told as a gap as well.

    Examples
    --------
    >>> from shapely import box
    >>> shapes = [box(4e5, 25e5, 401e3, 2501e3), box(400990, 25e5, 402e3, 2501e3)]
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00001", "00004"]}, geometry=shapes, crs="EPSG:9209"
    ... )
    >>> [(one.message, round(one.values["area_m2"])) for one in check_outlines(communes)]
    [('inputs.outlines_overlap', 10000)]
    """
    shapes = np.asarray(communes.geometry.array)
    if len(shapes) < 2 or shapely.coverage_is_valid(shapes, gap_width=0.0):
        whole = shapely.coverage_union_all(shapes)  # a tenth of the time where borders are shared
        return (*_told(communes, "outlines_gap", list(_gaps(whole))),)
    overlaps, twice = _overlaps(communes, shapes)
    return (
        *_told(communes, "outlines_twice", twice),
        *_told(communes, "outlines_overlap", overlaps),
        *_told(communes, "outlines_gap", list(_gaps(shapely.union_all(shapes)))),
    )


def clean_outlines(
    communes: gpd.GeoDataFrame, *, gap_width_m: float
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Make communes a coverage: no overlaps, no gaps narrower than a width.

    Where communes overlap, and in a gap, the land goes to the commune with which it shares
    the longest border (GEOS's coverage cleaner).

    Parameters
    ----------
    communes : GeoDataFrame
        Valid polygons with ``commune_code``, in a CRS in metres.
    gap_width_m : float
        Widest gap that is closed, metres; 0 closes none.

    Returns
    -------
    GeoDataFrame
        The same rows in the same order.
    tuple of Problem
        Each commune that lost or gained land, with how much in m² and where.

    Examples
    --------
    >>> from shapely import box
    >>> shapes = [box(4e5, 25e5, 401e3, 2501e3), box(400990, 25e5, 402e3, 2501e3)]
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00001", "00004"]}, geometry=shapes, crs="EPSG:9209"
    ... )
    >>> cleaned, told = clean_outlines(communes, gap_width_m=20)
    >>> round(cleaned.area.sum()), [round(one.values["area_m2"]) for one in told]
    (2000000, [10000])
    """
    before = np.asarray(communes.geometry.array)
    after = np.asarray(shapely.coverage_clean(before, gap_width=gap_width_m))
    kept = shapely.area(after) > 0  # a commune that lies wholly in others keeps its outline
    after = np.where(kept, after, before)
    moved = shapely.symmetric_difference(before, after)
    codes = communes["commune_code"].tolist()
    changed = [
        _Spot(float(shapely.area(moved[i])), (codes[i],), _point(moved[i]))
        for i in np.flatnonzero(shapely.area(moved) >= LEAST_M2).tolist()
    ]
    cleaned = communes.set_geometry(gpd.GeoSeries(after, index=communes.index, crs=communes.crs))
    cleaned.attrs = dict(communes.attrs)
    return cleaned, tuple(_told(communes, "outlines_cleaned", changed))


def _overlaps(communes: gpd.GeoDataFrame, shapes: Any) -> tuple[list[_Spot], list[_Spot]]:
    """Return where communes overlap, and the pairs that are one outline under two codes."""
    codes, areas = communes["commune_code"].tolist(), shapely.area(shapes)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    shared = shapely.intersection(shapes[first], shapes[second])
    sizes = shapely.area(shared)
    overlaps: list[_Spot] = []
    twice: list[_Spot] = []
    for k in np.flatnonzero(sizes >= LEAST_M2).tolist():
        i, j = int(first[k]), int(second[k])
        spot = _Spot(float(sizes[k]), (codes[i], codes[j]), _point(shared[k]))
        same = sizes[k] >= SAME_SHARE * max(areas[i], areas[j])
        (twice if same else overlaps).append(spot)
    return overlaps, twice


def _gaps(whole: Any) -> Iterator[_Spot]:
    """Yield the holes in the union of all communes."""
    for part in shapely.get_parts(whole):
        for ring in shapely.get_rings(part)[1:]:
            hole = shapely.Polygon(ring)
            if hole.area >= LEAST_M2:
                yield _Spot(hole.area, (), _point(hole))


def _point(shape: Any) -> NDArray[np.float64]:
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(largest))[0])


def _told(communes: gpd.GeoDataFrame, message: str, spots: Sequence[_Spot]) -> Iterator[Problem]:
    """Yield the largest spots one by one, and the rest as a sum."""
    to_degrees = operation(str(communes.crs), WGS84)
    file = str(communes.attrs.get("file", "communes"))
    spots = sorted(spots, key=lambda spot: (-spot.area_m2, spot.codes))
    for spot in spots[:_TOLD_EACH]:
        x, y = spot.place
        lon, lat = (x, y) if to_degrees is None else to_degrees.transform(x, y)
        values = {
            "area_m2": spot.area_m2,
            "codes": ", ".join(spot.codes),
            "lon": f"{lon:.6f}",
            "lat": f"{lat:.6f}",
        }
        yield Problem(message=f"inputs.{message}", file=file, values=values)
    rest = spots[_TOLD_EACH:]
    if rest:
        values = {"count": len(rest), "area_m2": sum(spot.area_m2 for spot in rest)}
        yield Problem(message=f"inputs.{message}_more", file=file, values=values)
