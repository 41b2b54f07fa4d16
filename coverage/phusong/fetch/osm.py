"""Roads, rivers, places and administrative areas of an OpenStreetMap extract.

Read by GDAL's OSM driver layer by layer, without a copy of the extract in memory. Knows the tags of
OpenStreetMap and the tables that they become; no study.
"""

import re
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from ..errors import FetchError
from ..grid import WGS84

_HEAD = b"\x0a\x09OSMHeader"
_PLACES = ("city", "town", "village")
_ELEVATION = re.compile(r"-?\d{1,4}(?:\.\d{1,3})?")


def check_extract(path: Path, shown: str) -> None:
    """Refuse what is no extract: GDAL would open a file of any other format under its name.

    Parameters
    ----------
    path : path
        ``.osm.pbf``.
    shown : str
        Its name in messages.

    Raises
    ------
    FetchError
    """
    with path.open("rb") as file:
        head = file.read(64)
    # Length of the first block's header, then its type (wiki.openstreetmap.org/wiki/PBF_Format).
    if not head[4:].startswith(_HEAD):
        raise FetchError("fetch.no_extract", name=shown)


def roads_and_rivers(
    path: Path, reach: BaseGeometry, highways: Sequence[str], waterways: Sequence[str]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the tables ``roads`` and ``rivers`` of an extract, which is read once for both.

    Parameters
    ----------
    path : path
    reach : geometry
        WGS 84; what touches it is taken whole.
    highways, waterways : sequence of str
        Values of these keys that are taken.

    Returns
    -------
    tuple of GeoDataFrame
        ``road_id``, ``name`` (or its number), line; ``river_id``, ``name``, line.

    Raises
    ------
    FetchError
        If the extract cannot be read.
    """
    wanted = [
        f"{key} IN ({_listed(values)})"
        for key, values in (("highway", highways), ("waterway", waterways))
        if values
    ]
    if not wanted:
        raise FetchError("fetch.nothing_there", name=path.name)
    lines = _read(path, "lines", reach, " OR ".join(wanted))
    ids = "W" + lines["osm_id"]
    roads = lines.assign(road_id=ids, name=lines["name"].fillna(lines["ref"]))
    rivers = lines.assign(river_id=ids)
    return (
        _sorted(roads[roads["highway"].isin(highways)], "road_id", ["road_id", "name"]),
        _sorted(rivers[rivers["waterway"].isin(waterways)], "river_id", ["river_id", "name"]),
    )


def places(path: Path, reach: BaseGeometry) -> gpd.GeoDataFrame:
    """Return towns, villages, peaks and passes of an extract as the table ``places``.

    Parameters
    ----------
    path : path
    reach : geometry
        WGS 84.

    Returns
    -------
    GeoDataFrame
        ``place_id``, ``name``, ``kind``, ``elevation_m``, point.

    Raises
    ------
    FetchError
        If the extract cannot be read.
    """
    named = f"place IN ({_listed(_PLACES)}) OR \"natural\" = 'peak' OR mountain_pass = 'yes'"
    points = _read(path, "points", reach, f"name IS NOT NULL AND ({named})")
    kind = points["place"].where(points["place"].isin(_PLACES))
    kind = kind.fillna(points["natural"].where(points["natural"] == "peak")).fillna("pass")
    elevation_m = points["ele"].map(_elevation).astype(float)
    points = points.assign(place_id="N" + points["osm_id"], kind=kind, elevation_m=elevation_m)
    return _sorted(points, "place_id", ["place_id", "name", "kind", "elevation_m"])


def areas(path: Path, reach: BaseGeometry) -> gpd.GeoDataFrame:
    """Return the administrative areas of an extract that have a name.

    Parameters
    ----------
    path : path
    reach : geometry
        WGS 84; what touches it is taken.

    Returns
    -------
    GeoDataFrame
        ``name``, polygon. Which are communes, their names tell.

    Raises
    ------
    FetchError
        If the extract cannot be read.
    """
    wanted = "boundary = 'administrative' AND admin_level IN ('6', '7', '8') AND name IS NOT NULL"
    return _read(path, "multipolygons", reach, wanted)[["name", "geometry"]]


def _listed(values: Sequence[str]) -> str:
    """Write values as SQL; the table of sources lets through letters and low lines alone."""
    if not values or not all(re.fullmatch("[a-z_]+", one) for one in values):
        raise ValueError(values)
    return ", ".join(f"'{one}'" for one in values)


def _read(path: Path, layer: str, reach: BaseGeometry, wanted: str) -> gpd.GeoDataFrame:
    check_extract(path, path.name)
    try:
        # Not as Arrow: what goes wrong on the way would be left out in silence.
        with as_file(files(__package__).joinpath("osmconf.ini")) as tags:
            found = pyogrio.read_dataframe(
                path, layer=layer, where=wanted, bbox=reach.bounds, CONFIG_FILE=str(tags)
            )
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
    ) as broken:
        raise FetchError("fetch.no_extract", name=path.name) from broken
    found = found.set_crs(WGS84, allow_override=True)
    shapely.prepare(reach)
    return found[found.intersects(reach)]


def _sorted(table: gpd.GeoDataFrame, key: str, fields: list[str]) -> gpd.GeoDataFrame:
    kept = table[[*fields, "geometry"]].drop_duplicates(key).sort_values(key)
    return kept.reset_index(drop=True)


def _elevation(told: object) -> float | None:
    text = told.strip().removesuffix("m").strip() if isinstance(told, str) else ""
    return float(text) if _ELEVATION.fullmatch(text) else None
