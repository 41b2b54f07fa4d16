"""Where a province lies: its outline, and how far around it a study looks."""

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from ..errors import FetchError
from ..grid import WGS84
from ..study import Province, provinces
from ..study.provinces import plain_name

_ALIKE = 0.8
"""How alike names of provinces are at least that mean the same: sources abbreviate some."""
_LARGEST_BYTES = 500_000_000


@dataclass(frozen=True)
class Area:
    """A province and its surroundings, in WGS 84.

    Parameters
    ----------
    outline : geometry
        Of the province.
    reach : geometry
        The outline and the study's radius around it.
    """

    outline: BaseGeometry
    reach: BaseGeometry

    @classmethod
    def around(cls, outline: BaseGeometry, radius_km: float) -> "Area":
        """Return an outline with its surroundings.

        Parameters
        ----------
        outline : geometry
            WGS 84.
        radius_km : float

        Returns
        -------
        Area

        Examples
        --------
        >>> area = Area.around(shapely.box(105.0, 22.0, 106.0, 23.0), 15.0)
        >>> [round(side, 2) for side in area.reach.bounds]
        [104.85, 21.86, 106.15, 23.14]
        """
        flat = gpd.GeoSeries([outline], crs=WGS84)
        middle = outline.centroid
        plane = f"+proj=aeqd +lat_0={middle.y} +lon_0={middle.x} +datum=WGS84"
        reach = flat.to_crs(plane).buffer(radius_km * 1000.0).to_crs(WGS84).iloc[0]
        return cls(outline, reach)


def read_features(path: Path, shown: str) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file.

    Read as JSON, not by GDAL, which would take a file of any other format for what it is.

    Parameters
    ----------
    path : path
    shown : str
        Its name in messages.

    Returns
    -------
    list of dict

    Raises
    ------
    FetchError
        If it is no GeoJSON file.
    """  # noqa: DOC501  what is raised inside becomes one
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ValueError("size")
        content = json.loads(path.read_bytes())
        features = content["features"]
        if content["type"] != "FeatureCollection" or not features:
            raise ValueError("type")
        return [
            {
                "properties": dict(one["properties"]),
                "geometry": shapely.geometry.shape(one["geometry"]),
            }
            for one in features
        ]
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        shapely.errors.ShapelyError,
    ):
        raise FetchError("fetch.no_geojson", name=shown) from None


def outline_of(path: Path, field: str, province: Province, shown: str) -> BaseGeometry:
    """Return the outline of a province, or of those that it was merged from, in one.

    Parameters
    ----------
    path : path
        GeoJSON file of the provinces.
    field : str
        Its field of names; matched without accents, and as sources abbreviate them.
    province : Province
    shown : str
        Name of the file in messages.

    Returns
    -------
    geometry
        WGS 84.

    Raises
    ------
    FetchError
        If it is no such file or lacks the province.
    """
    named: dict[str, list[BaseGeometry]] = {}
    for one in read_features(path, shown):
        name = one["properties"].get(field)
        if isinstance(name, str):
            named.setdefault(plain_name(name), []).append(one["geometry"])
    for wanted in _choices(province):
        found = [_alike(names, named) for names in wanted]
        if all(found):
            shapes = [shape for name in found for shape in named[name or ""]]
            return shapely.union_all(shapely.make_valid(shapes))
    raise FetchError("fetch.no_province", name=shown, province=province.name)


def _choices(province: Province) -> Iterable[list[list[str]]]:
    """Yield what a table of provinces may have: the province itself, or those it was made of.

    Each unit is a list of its names, for a province may have got another one.
    """
    if province.parts:
        yield [_names(one) for one in province.parts]
    yield [_names(province)]


def _names(province: Province) -> list[str]:
    if province.parts:
        return [province.name]
    before = (one.name for one in provinces() if one.code == province.code and one.until)
    return list(dict.fromkeys([province.name, *(before if province.since else ())]))


def _alike(names: list[str], known: Iterable[str]) -> str | None:
    known = list(known)
    for name in map(plain_name, names):
        if name in known:
            return name
    near = difflib.get_close_matches(plain_name(names[0]), known, n=2, cutoff=_ALIKE)
    return near[0] if len(near) == 1 else None
