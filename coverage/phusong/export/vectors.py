"""Layers as GeoParquet, FlatGeobuf and PMTiles, one file a layer.

Knows Arrow and GDAL's drivers; the values and coordinates come from `layers`.
GDAL writes in memory, so that a full disk is the system's plain error. Rows are handed over by
nanoarrow; pyarrow, fifty times as large, writes Parquet alone and is imported when it is needed:
the extra `parquet` brings it.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import nanoarrow as na
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from ..errors import ExportError
from ..tables import Field, Kind
from .layers import Layer

CRS = "EPSG:4326"
GEOMETRY = "geometry"
PMTILES_ZOOMS = (5, 12)
"""A province fills a screen at 8; at 12 a coordinate of a tile is 2.4 m, finer than any raster."""

_KINDS: dict[Kind, na.Type] = {
    "text": na.Type.STRING,
    "integer": na.Type.INT64,
    "number": na.Type.DOUBLE,
    "boolean": na.Type.BOOL,
    "date": na.Type.DATE32,
}
_FIRST_DAY = date(1970, 1, 1).toordinal()
"""Days of Arrow are counted from it."""
LINE, POLYGON = shapely.GeometryType.LINESTRING, shapely.GeometryType.POLYGON
MULTI = {"Point": "Point", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}


def write_geoparquet(layer: Layer, path: Path) -> None:
    """Write a layer as GeoParquet 1.1 in OGC:CRS84; without geometry it is plain Parquet.

    Parameters
    ----------
    layer : Layer
    path : Path
        File to write.

    Raises
    ------
    ExportError
        If pyarrow is not installed.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import ROADS
    >>> line = shapely.LineString([(104.98, 22.82), (105.0, 22.9)])
    >>> roads = gpd.GeoDataFrame({"road_id": ["QL2"]}, geometry=[line], crs="OGC:CRS84")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "roads.parquet"
    ...     write_geoparquet(plain_layer(roads, ROADS), path)
    ...     gpd.read_parquet(path).road_id.to_list()
    ['QL2']
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ExportError("export.no_pyarrow") from None
    table = pa.table(arrow_rows(layer, layer.shapes))
    if layer.shapes is not None:
        kinds = {shape.geom_type for shape in layer.shapes[layer.located]}
        column: dict[str, Any] = {
            "encoding": "WKB",
            "geometry_types": sorted(kinds),
            "orientation": "counterclockwise",
            "edges": "planar",
        }
        if layer.located.any():
            column["bbox"] = [float(edge) for edge in shapely.total_bounds(layer.shapes)]
        geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
        table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    if layer.notice is not None:
        said = {"description": layer.description}
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), **said})
    made = io.BytesIO()
    pq.write_table(table, made)
    path.write_bytes(made.getbuffer())


def write_flatgeobuf(layer: Layer, path: Path) -> None:
    """Write the placed rows of a layer as FlatGeobuf with its index.

    Rows without a place are left out: readers by Arrow, GDAL's own among them,
    crash on an absent shape in this format.

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
    >>> line = shapely.LineString([(104.98, 22.82), (105.0, 22.9)])
    >>> roads = gpd.GeoDataFrame({"road_id": ["QL2"]}, geometry=[line], crs="OGC:CRS84")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "roads.fgb"
    ...     write_flatgeobuf(plain_layer(roads, ROADS), path)
    ...     gpd.read_file(path).road_id.to_list()
    ['QL2']
    """
    indexed = "YES" if layer.located.any() else "NO"  # there is no index of nothing
    made = io.BytesIO()
    write_features(
        layer,
        made,
        driver="FlatGeobuf",
        placed_only=True,
        SPATIAL_INDEX=indexed,
        DESCRIPTION=layer.description,
    )
    path.write_bytes(made.getbuffer())


def write_pmtiles(layer: Layer, path: Path) -> None:
    """Write the placed rows of a layer as vector tiles for web maps.

    Parameters
    ----------
    layer : Layer
        With geometry; at least one row has a place.
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
    >>> from shapely import Point
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import VILLAGES
    >>> villages = gpd.GeoDataFrame(
    ...     {"village_id": ["v1"], "name": ["Bản Ngò"], "commune_code": ["01108"]},
    ...     geometry=[Point(447_000, 2_526_000)], crs="EPSG:9209",
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "villages.pmtiles"
    ...     write_pmtiles(plain_layer(villages, VILLAGES), path)
    ...     path.read_bytes()[:7]
    b'PMTiles'
    """
    low, high = PMTILES_ZOOMS
    made = io.BytesIO()
    write_features(
        layer,
        made,
        driver="PMTiles",
        placed_only=True,
        NAME=layer.name,
        DESCRIPTION=layer.description,
        MINZOOM=low,
        MAXZOOM=high,
    )
    path.write_bytes(made.getbuffer())


def write_features(
    layer: Layer,
    target: io.BytesIO | Path,
    *,
    driver: str,
    crs: str = CRS,
    placed_only: bool = False,
    append: bool = False,
    **options: Any,
) -> None:
    """Write a layer by one of GDAL's drivers; parts of one kind make one geometry type.

    `crs` is that of its shapes: see `in_crs`.

    Raises
    ------
    OSError
        If GDAL cannot write.
    """
    described: dict[str, Any] = {"geometry_type": None}
    parts = None
    if layer.shapes is not None:
        assert layer.table.geometry is not None
        described = {
            "geometry_name": GEOMETRY,
            "geometry_type": MULTI[layer.table.geometry],
            "crs": crs,
        }
        parts = as_parts(layer.shapes)
    if placed_only:
        rows = [row for row, placed in zip(layer.rows, layer.located, strict=True) if placed]
        layer = replace(layer, rows=rows)
        parts = None if parts is None else parts[~shapely.is_missing(parts)]
    rows = arrow_rows(layer, parts, {"ARROW:extension:name": "geoarrow.wkb"})
    try:
        pyogrio.write_arrow(
            rows, target, layer=layer.name, driver=driver, append=append, **described, **options
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise OSError(str(fault)) from fault


def in_crs(layer: Layer, crs: str) -> Layer:
    """Return a layer with its shapes in another CRS, for `write_features` alone."""
    if layer.shapes is None:
        return layer
    return replace(layer, shapes=gpd.GeoSeries(layer.shapes, crs=CRS).to_crs(crs).to_numpy())


def arrow_rows(
    layer: Layer, shapes: NDArray[np.object_] | None, about_shapes: Mapping[str, str] | None = None
) -> na.ArrayStream:
    """Return the rows and their shapes for whatever reads Arrow (its PyCapsule interface).

    Each column carries its meaning for GDAL's readers.

    Parameters
    ----------
    layer : Layer
    shapes : array of geometry, shape (n,), optional
        Become the column `GEOMETRY` as WKB; without them there is none.
    about_shapes : mapping, optional
        What that column carries.

    Returns
    -------
    nanoarrow.ArrayStream
        Can be read once.
    """
    fields = [_arrow_field(field) for field in layer.table.fields]
    columns = [_arrow_column(layer.column(field.name), field.kind) for field in layer.table.fields]
    if shapes is not None:
        fields.append(na.Schema(na.Type.BINARY, name=GEOMETRY, metadata=about_shapes))
        columns.append(na.c_array(shapely.to_wkb(shapes).tolist(), na.binary()))
    schema = na.Schema(na.Type.STRUCT, fields=fields)
    rows = na.c_array_from_buffers(schema, len(layer.rows), [None], children=columns)
    return na.ArrayStream(rows)


def as_parts(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return lines and polygons as collections of one kind, as strict readers want; points stay."""
    gathered = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    for kind, gather in ((LINE, shapely.multilinestrings), (POLYGON, shapely.multipolygons)):
        rows = np.flatnonzero(kinds == kind)
        gathered[rows] = gather(shapes[rows], indices=np.arange(len(rows)))
    return gathered


def _arrow_field(field: Field) -> na.Schema:
    metadata = {
        "GDAL:OGR:alternative_name": field.meaning("vi"),
        "GDAL:OGR:comment": field.meaning("en"),
    }
    return na.Schema(
        _KINDS[field.kind], name=field.name, nullable=not field.required, metadata=metadata
    )


def _arrow_column(values: Sequence[Any], kind: Kind) -> Any:
    if kind == "date":
        values = [None if day is None else day.toordinal() - _FIRST_DAY for day in values]
    return na.c_array(values, na.Schema(_KINDS[kind]))
