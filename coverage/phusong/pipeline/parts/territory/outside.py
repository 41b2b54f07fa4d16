"""Notes on masts, villages and offices outside every commune; on the zone and edition at fault."""

from collections.abc import Iterator, Mapping
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from ...._types import Flags
from ....admin import IN_FORCE, list_of, recognise, units
from ....errors import EditionError
from ....grid import operation
from ....i18n import fold
from ....inputs import NATIONAL_ZONES, PROVINCIAL_ZONES
from ...records import Note

NAMED_BY = {"cells": "site_id", "villages": "village_id", "offices": "office_id"}
"""Tables whose rows lie in communes, and what their places are told by."""


def places_outside(
    tables: Mapping[str, gpd.GeoDataFrame | None],
    communes: gpd.GeoDataFrame,
    *,
    crs: str,
    tolerance_m: float,
) -> Iterator[Note]:
    """Tell which places lie outside every commune, and in which zone they would not.

    Parameters
    ----------
    tables : mapping of str to GeoDataFrame
        In the study's CRS. A table whose file does not carry its zone has it as ``attrs["zone"]``.
    communes : GeoDataFrame
    crs : str
        The study's.
    tolerance_m : float
        Places this near to a commune are in it: outlines are drawn coarsely.
    """
    for name, label in NAMED_BY.items():
        table = tables.get(name)
        if table is None or table.empty:
            continue
        places = table.drop_duplicates("geometry")
        points = np.asarray(places.geometry)
        outside = ~_inside(points, communes, tolerance_m)
        if not outside.any():
            continue
        away_m = _distance_m(points[outside], communes)
        farthest = places[outside].iloc[int(away_m.argmax())]
        yield Note(
            f"pipeline.{name}_outside",
            {
                "count": int(outside.sum()),
                "all": len(places),
                "name": farthest[label],
                "far_km": float(away_m.max()) / 1000,
            },
        )
        yield from _zone_at_fault(name, table, points, outside, communes, crs, tolerance_m)


def other_zone(crs: str, province: str, zone: str | None) -> Iterator[Note]:
    """Tell that a study is in the zone of other provinces than its own.

    Parameters
    ----------
    crs : str
        The study's.
    province : str
    zone : str, optional
        That of the province, if it is known.
    """
    if zone is not None and crs in PROVINCIAL_ZONES and crs != zone:
        yield Note("pipeline.other_zone", {"crs": crs, "province": province, "zone": zone})


def other_edition(communes: gpd.GeoDataFrame, edition: str) -> Iterator[Note]:
    """Tell that the communes are of another list than the study's edition.

    Parameters
    ----------
    communes : GeoDataFrame
        With ``commune_code`` and ``name``.
    edition : str
        The study's.
    """
    names = dict(zip(communes["commune_code"], communes["name"], strict=True))
    fits = recognise(names)
    try:
        said = list_of(edition)
    except EditionError:  # of an older one nothing is known
        return
    if fits is None or fits == said:
        return
    count, there = (
        sum(code in known and fold(known[code].name) == fold(name) for code, name in names.items())
        for known in (units(fits), units(said))
    )
    if there < count:
        values = {"count": count, "all": len(names), "fits": fits, "edition": edition}
        yield Note("pipeline.other_edition", {**values, "there": there, "since": IN_FORCE[fits]})


def _zone_at_fault(
    name: str,
    table: gpd.GeoDataFrame,
    points: NDArray[np.object_],
    outside: Flags,
    communes: gpd.GeoDataFrame,
    crs: str,
    tolerance_m: float,
) -> Iterator[Note]:
    """Tell the zones that put most places into communes, where a file does not carry its own."""
    misread = table
    if "zone" not in table.attrs:
        name, misread = "communes", communes
    taken = misread.attrs.get("zone")
    if taken is None:
        return
    inside: dict[str, int] = {}
    for zone in (*PROVINCIAL_ZONES, *NATIONAL_ZONES):
        # The same figures, in another zone. Communes read anew are the same as places that
        # move the other way under them.
        before, after = (taken, zone) if misread is table else (zone, taken)
        x, y = shapely.get_x(points), shapely.get_y(points)
        for source, target in ((crs, before), (after, crs)):
            way = _operation(source, target)
            x, y = (x, y) if way is None else way.transform(x, y)
        inside[zone] = int(_inside(shapely.points(x, y), communes, tolerance_m).sum())
    most = max(inside.values())
    if most - int((~outside).sum()) > outside.sum() / 2:
        zones = [zone for zone in inside if inside[zone] == most]
        values = {
            "table": name,
            "file": misread.attrs.get("file", name),
            "crs": taken,
            "zone": zones[0],
            "zones": ", ".join(f"{zone} ({CRS.from_user_input(zone).name})" for zone in zones),
            "inside": most,
            "all": len(points),
        }
        message = "zone_would_fit" if misread is table else "communes_zone_would_fit"
        yield Note(f"pipeline.{message}", values)


@cache
def _operation(source: str, target: str) -> Transformer | None:
    """Return the transformation between two zones; None if they are the same, or none is known."""
    return None if source == target else operation(source, target)


def _inside(points: NDArray[np.object_], communes: gpd.GeoDataFrame, tolerance_m: float) -> Flags:
    inside = np.zeros(len(points), dtype=bool)
    finite = np.isfinite(shapely.get_x(points)) & np.isfinite(shapely.get_y(points))
    at = np.flatnonzero(finite)
    hit = communes.sindex.query(points[at], predicate="dwithin", distance=tolerance_m)[0]
    inside[at[np.unique(hit)]] = True
    return inside


def _distance_m(points: NDArray[np.object_], communes: gpd.GeoDataFrame) -> NDArray[np.float64]:
    (_, _), distance = communes.sindex.nearest(points, return_all=False, return_distance=True)
    return np.asarray(distance)
