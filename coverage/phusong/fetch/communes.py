"""Outlines of communes from areas with names: which is which, the lists of the editions tell."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from ..admin import IN_FORCE, Names, Unit, list_of, units
from ..grid import WGS84

_INSIDE = 0.5
"""Share of an area that lies in the province at least, for outlines of two sources differ."""


@dataclass(frozen=True)
class Matched:
    """Communes of a province with their outlines.

    Parameters
    ----------
    table : GeoDataFrame
        As the table ``communes``, sorted by code.
    missing : tuple of str
        Communes of the list without an outline: code, type and name.
    edition : str
        The list.
    """

    table: gpd.GeoDataFrame
    missing: tuple[str, ...]
    edition: str


def match_communes(
    areas: gpd.GeoDataFrame, outline: BaseGeometry, province_code: str, edition: str
) -> Matched:
    """Find the communes of a province among areas with names.

    Parameters
    ----------
    areas : GeoDataFrame
        ``name``, polygon; those that are no communes, or none of the province, are passed over.
    outline : geometry
        Of the province, WGS 84.
    province_code : str
        Two digits.
    edition : str
        Names the list of communes.

    Returns
    -------
    Matched
        Where several areas have a commune's name, the one that lies most in the province counts.

    Raises
    ------
    EditionError
        If there is no such list.

    Examples
    --------
    >>> there = gpd.GeoDataFrame(
    ...     {"name": ["Phường Trần Phú", "Huyện Trần Phú", "Xã Ngọc Đường"]},
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in (0, 1, 9)],
    ...     crs="EPSG:4326",
    ... )
    >>> found = match_communes(there, shapely.box(0, 0, 2, 1), "02", "2017")
    >>> found.table[["commune_code", "name", "type"]].values.tolist(), len(found.missing)
    ([['00691', 'Trần Phú', 'phường']], 194)
    """
    named = list_of(edition)
    wanted = {code: one for code, one in units(named).items() if one.province_code == province_code}
    names = Names(wanted.values())
    shapely.prepare(outline)
    best: dict[str, tuple[float, BaseGeometry]] = {}
    for name, shape in zip(areas["name"], shapely.make_valid(areas.geometry.values), strict=True):
        found = names.find(str(name))
        if found.code is None or found.how not in ("exact", "spelling", "letters"):
            continue
        polygon = _polygons(shape)
        inside = shapely.area(shapely.intersection(polygon, outline))
        if polygon.is_empty or inside < _INSIDE * polygon.area:
            continue
        if found.code not in best or inside > best[found.code][0]:
            best[found.code] = inside, polygon
    codes = sorted(best)
    table = _table(codes, wanted, named, [best[code][1] for code in codes])
    missing = tuple(
        f"{code} {one.type} {one.name}" for code, one in sorted(wanted.items()) if code not in best
    )
    return Matched(table, missing, named)


def _table(
    codes: list[str], wanted: Mapping[str, Unit], edition: str, shapes: list[BaseGeometry]
) -> gpd.GeoDataFrame:
    rows = [wanted[code] for code in codes]
    return gpd.GeoDataFrame(
        {
            "commune_code": codes,
            "valid_from": [IN_FORCE[edition].isoformat()] * len(codes),
            "name": [one.name for one in rows],
            "type": [one.type for one in rows],
            "district_code": [one.district_code for one in rows],
            "district": [one.district for one in rows],
        },
        geometry=shapes,
        crs=WGS84,
    )


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape that was made valid, without its lines and points."""
    parts = shapely.get_parts(shape)
    flat = [one for part in parts for one in shapely.get_parts(part)]
    return shapely.union_all([one for one in flat if one.geom_type == "Polygon"])
