"""Straight-line distance to the nearest span that carries traffic.

Knows points and lines; network paths are `reach`'s, policy the study's.
"""

import datetime
from collections.abc import Collection

import geopandas as gpd
import pandas as pd

from ..errors import CrsMismatchError
from .network import carrying


def distance_to_fibre(
    points: gpd.GeoDataFrame,
    spans: gpd.GeoDataFrame,
    *,
    statuses: Collection[str],
    drop_length_m: float,
    as_of: datetime.date | None = None,
) -> pd.DataFrame:
    """Find the nearest span that carries traffic, for each point.

    A span near a place does not say that the place is served: see `connected`.

    Parameters
    ----------
    points : GeoDataFrame of points
        Commune centres, offices or masts, in a projected CRS in metres, with
        an index without repetition.
    spans : GeoDataFrame of lines
        ``id`` and ``status`` as `tables.SPANS`, in the same CRS.
    statuses : collection of str
        Span statuses that carry traffic, such as ``{"operational"}``.
    drop_length_m : float
        Longest drop from a span to a point, itself included, metres.
    as_of : date, optional
        Spans ready for service only later carry none, as `carrying` says.

    Returns
    -------
    DataFrame, indexed like `points`
        ``distance_to_fibre_m``, on the map plane; ``nearest_span``, its id;
        ``fibre_within_drop``. Of spans equally near the smallest id is named.
        Without any span that carries traffic the distance is NaN, the id NA
        and the flag False. A point without coordinates has NaN, NA and NA.

    Raises
    ------
    CrsMismatchError
        If the two tables are not in one CRS.

    Examples
    --------
    >>> from shapely import LineString, Point
    >>> points = gpd.GeoDataFrame(geometry=[Point(0, 30), Point(0, 900)], crs="EPSG:9209")
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["s1"], "status": ["operational"]},
    ...     geometry=[LineString([(-100, 0), (100, 0)])], crs="EPSG:9209",
    ... )
    >>> near = distance_to_fibre(points, spans, statuses={"operational"}, drop_length_m=500)
    >>> near.distance_to_fibre_m.to_list(), near.fibre_within_drop.to_list()
    ([30.0, 900.0], [True, False])
    """
    if points.crs != spans.crs:
        raise CrsMismatchError("spans", str(spans.crs), str(points.crs))
    lit = carrying(spans, statuses=statuses, as_of=as_of)[["id", spans.geometry.name]]
    placed = points[~(points.geometry.is_empty | points.geometry.isna())]
    nearest = (
        placed[[points.geometry.name]]
        .sjoin_nearest(lit, distance_col="distance_to_fibre_m")
        .sort_values("id")
    )
    nearest = nearest[~nearest.index.duplicated()].reindex(points.index)
    within = (nearest["distance_to_fibre_m"] <= drop_length_m).astype("boolean")
    return pd.DataFrame(
        {
            "distance_to_fibre_m": nearest["distance_to_fibre_m"].astype(float),
            "nearest_span": nearest["id"].astype("str"),
            "fibre_within_drop": within.where(points.index.isin(placed.index)),
        }
    )
