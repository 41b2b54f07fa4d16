"""Layers as GeoJSON (RFC 7946), the same bytes each time, and back without loss.

Knows JSON; the values and coordinates come from `layers`, the schemas beside
the files from `schema`.
"""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ..i18n import Bilingual
from ..tables import Table
from .json_rows import json_members, json_value, row_blocks, write_lines
from .layers import Layer
from .plain import DECIMALS


def write_geojson(layer: Layer, path: Path) -> None:
    """Write a layer as a GeoJSON FeatureCollection.

    One feature a line, sorted by key; the feature's `id` is the key, its parts
    joined by a colon; the properties are exactly the table's columns. Borders
    that two polygons share stay shared. A notice is the collection's member
    ``notice``, in both languages.

    Parameters
    ----------
    layer : Layer
        With geometry.
    path : Path
        File to write.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import ROADS
    >>> line = shapely.LineString([(447572.06, 2526143.76), (481765.87, 2587719.78)])
    >>> roads = gpd.GeoDataFrame({"road_id": ["QL2"]}, geometry=[line], crs="EPSG:9209")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "roads.geojson"
    ...     write_geojson(plain_layer(roads, ROADS), path)
    ...     json.loads(path.read_text())["features"][0]["geometry"]["coordinates"]
    [[104.9911, 22.8344], [105.323524, 23.391185]]
    """
    shapes = layer.shapes
    assert shapes is not None
    written = (
        "null" if shape is None else shape
        for rows in row_blocks(len(shapes))
        for shape in shapely.to_geojson(shapes[rows])
    )
    lines = (
        f'{{"type":"Feature","id":{json_value(identifier)},"geometry":{shape},'
        f'"properties":{{{members}}}}}'
        for identifier, shape, members in zip(
            layer.ids, written, json_members(layer, comma=",", colon=":"), strict=True
        )
    )
    bbox = ""
    if layer.located.any():  # a collection of nothing has no bounding box
        edges = shapely.total_bounds(layer.shapes)
        bbox = f'"bbox":{json_value([round(float(edge), DECIMALS) for edge in edges])},'
    said = "" if layer.notice is None else f'"notice":{json_value(asdict(layer.notice))},'
    start = f'{{"type":"FeatureCollection",{said}{bbox}"features":[\n'
    write_lines(path, start, lines, ",\n", "\n]}\n")


def read_layer(content: bytes, table: Table) -> Layer:
    """Return the layer that `write_geojson` or `write_rows` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the content is not what this version writes for the table.
    """
    document = json.loads(content)
    notice = Bilingual(**document["notice"]) if "notice" in document else None
    if table.geometry is None:
        rows = [_row(row, table) for row in document["rows"]]
        return Layer(table=table, rows=rows, shapes=None, notice=notice)
    features = document["features"]
    shapes = shapely.from_geojson(
        [None if one["geometry"] is None else json.dumps(one["geometry"]) for one in features]
    )
    rows = [_row(feature["properties"], table) for feature in features]
    return Layer(table=table, rows=rows, shapes=np.asarray(shapes, dtype=object), notice=notice)


def _row(values: dict[str, Any], table: Table) -> dict[str, Any]:
    """Return a row with dates as dates and whole numbers of number fields as floats."""
    row = {}
    for field in table.fields:
        value = values[field.name]
        if value is not None and field.kind == "date":
            value = date.fromisoformat(value)
        elif value is not None and field.kind == "number":
            value = float(value)
        row[field.name] = value
    return row
