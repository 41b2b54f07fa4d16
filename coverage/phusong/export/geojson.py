"""Finished tables as GeoJSON (RFC 7946), the same bytes each time.

Knows geometry and JSON; the values come from `plain`, the schemas beside the
files from `schema`.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ..tables import Table
from .plain import DECIMALS, plain_rows

_STEP_DEG = 10.0**-DECIMALS


def write_geojson(frame: gpd.GeoDataFrame, table: Table, path: Path) -> tuple[str, ...]:
    """Write a table as a GeoJSON FeatureCollection.

    Longitude and latitude in WGS 84 with six decimals (about 0.1 m), exterior
    rings counter-clockwise, one feature a line, sorted by key. The feature's
    `id` is the key, its parts joined by a colon. Borders that two polygons
    share stay shared.

    Parameters
    ----------
    frame : GeoDataFrame
        A finished table in any CRS that PROJ knows; VN-2000 is shifted to
        WGS 84 by the official parameters (QĐ 05/2007/QĐ-BTNMT, EPSG:6960).
    table : Table
        Its definition, repeating fields written out; the properties are
        exactly its columns.
    path : Path
        File to write.

    Returns
    -------
    tuple of str
        Ids of the features that are smaller than the last decimal; they are
        written without geometry.

    Raises
    ------
    ValueError
        If the frame breaks the table's definition or has no CRS.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.tables import ROADS
    >>> line = shapely.LineString([(447572.06, 2526143.76), (481765.87, 2587719.78)])
    >>> roads = gpd.GeoDataFrame({"road_id": ["QL2"]}, geometry=[line], crs="EPSG:9209")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "roads.geojson"
    ...     vanished = write_geojson(roads, ROADS, path)
    ...     json.loads(path.read_text())["features"][0]["geometry"]["coordinates"]
    [[104.9911, 22.8344], [105.323524, 23.391185]]
    """
    positions, rows = plain_rows(frame, table)
    ids = [":".join(str(row[name]) for name in table.key) for row in rows]
    placed = frame.geometry.iloc[positions]
    geometry = to_degrees(placed)
    located = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    shapes = np.where(located, shapely.to_geojson(geometry), "null")
    lines = [
        f'{{"type":"Feature","id":{_json(identifier)},"geometry":{shape},"properties":{_json(row)}}}'
        for identifier, shape, row in zip(ids, shapes, rows, strict=True)
    ]
    bbox = ""
    if located.any():  # a collection of nothing has no bounding box
        edges = shapely.total_bounds(geometry[located])
        bbox = f'"bbox":{_json([round(float(edge), DECIMALS) for edge in edges])},'
    features = ",\n".join(lines)
    text = f'{{"type":"FeatureCollection",{bbox}"features":[\n{features}\n]}}\n'
    path.write_bytes(text.encode("utf-8"))
    drawn = ~(placed.isna() | placed.is_empty).to_numpy(dtype=bool)
    return tuple(name for name, lost in zip(ids, drawn & ~located, strict=True) if lost)


def to_degrees(geometry: gpd.GeoSeries) -> NDArray[np.object_]:
    """Return geometry in WGS 84 as RFC 7946 wants it, rounded without breaking it.

    Each vertex is rounded by itself, so that neighbours round a shared border
    alike; only a shape that this breaks is rounded again as a whole. What is
    smaller than the last decimal becomes empty.
    """
    exact = shapely.force_2d(geometry.to_crs("EPSG:4326").to_numpy())
    if not np.isfinite(shapely.get_coordinates(exact)).all():
        raise ValueError("coordinates lie outside the range of their CRS")
    rounded = shapely.set_precision(exact, _STEP_DEG, mode="pointwise")
    broken = ~(shapely.is_missing(rounded) | shapely.is_valid(rounded))
    rounded[~broken] = shapely.remove_repeated_points(rounded[~broken])
    rounded[broken] = shapely.set_precision(
        shapely.make_valid(exact[broken], method="structure", keep_collapsed=False), _STEP_DEG
    )
    return np.asarray(shapely.orient_polygons(rounded), dtype=object)


def _json(value: Any) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=date.isoformat
    )
