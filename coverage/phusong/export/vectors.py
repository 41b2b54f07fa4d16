"""Layers as GeoParquet, FlatGeobuf and PMTiles, one file a layer.

Knows Arrow and GDAL's drivers; the values and coordinates come from `layers`.
GDAL writes in memory, so that a full disk is the system's plain error.
"""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from numpy.typing import NDArray

from ..tables import Field, Kind
from .layers import Layer

CRS = "EPSG:4326"
GEOMETRY = "geometry"
PMTILES_ZOOMS = (5, 12)
"""A province fills a screen at 8; at 12 a coordinate of a tile is 2.4 m, finer than any raster."""

_KINDS: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
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
    table = arrow_table(layer)
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
        table = table.append_column(
            GEOMETRY, pa.array(list(shapely.to_wkb(layer.shapes)), pa.binary())
        ).replace_schema_metadata({"geo": json.dumps(geo)})
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
    table = arrow_table(layer)
    described: dict[str, Any] = {"geometry_type": None}
    if layer.shapes is not None:
        assert layer.table.geometry is not None
        described = {
            "geometry_name": GEOMETRY,
            "geometry_type": MULTI[layer.table.geometry],
            "crs": crs,
        }
        column = pa.field(GEOMETRY, pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
        wkb = shapely.to_wkb(as_parts(layer.shapes))
        table = table.append_column(column, pa.array(list(wkb), pa.binary()))
    if placed_only:
        table = table.filter(pa.array(layer.located))
    try:
        pyogrio.write_arrow(
            table, target, layer=layer.name, driver=driver, append=append, **described, **options
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise OSError(str(fault)) from fault


def in_crs(layer: Layer, crs: str) -> Layer:
    """Return a layer with its shapes in another CRS, for `write_features` alone."""
    if layer.shapes is None:
        return layer
    return replace(layer, shapes=gpd.GeoSeries(layer.shapes, crs=CRS).to_crs(crs).to_numpy())


def arrow_table(layer: Layer) -> pa.Table:
    """Return the rows as an Arrow table; each column carries its meaning for GDAL's readers."""
    fields = [_arrow_field(field) for field in layer.table.fields]
    columns = [pa.array([row[field.name] for row in layer.rows], field.type) for field in fields]
    return pa.table(columns, schema=pa.schema(fields))


def as_parts(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return lines and polygons as collections of one kind, as strict readers want; points stay."""
    gather = {
        "LineString": lambda shape: shapely.multilinestrings([shape]),
        "Polygon": lambda shape: shapely.multipolygons([shape]),
    }
    gathered = [
        gather[shape.geom_type](shape) if shape is not None and shape.geom_type in gather else shape
        for shape in shapes
    ]
    return np.array([*gathered, None], dtype=object)[:-1]


def _arrow_field(field: Field) -> pa.Field:
    metadata = {
        "GDAL:OGR:alternative_name": field.meaning("vi"),
        "GDAL:OGR:comment": field.meaning("en"),
    }
    return pa.field(field.name, _KINDS[field.kind], not field.required, metadata)
