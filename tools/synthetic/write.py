"""Write tables and rasters so that the same content gives the same bytes.

Knows files and `tables`, not what a study is about. Rows are sorted by the
table's key, coordinates are longitude and latitude in WGS 84 with fixed
decimals, and nothing carries a time stamp.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray

from phusong.tables import Table

DECIMALS = 6
"""Of degrees: 0.1 m."""


def in_order(frame: gpd.GeoDataFrame, table: Table) -> gpd.GeoDataFrame:
    """Return the table's columns that are there, in its order, rows by key, geometry rounded."""
    columns = [name for name in table.columns if name in frame]
    frame = frame[[*columns, "geometry"]].sort_values(list(table.key), ignore_index=True)
    frame["geometry"] = shapely.transform(
        frame.geometry.to_crs("OGC:CRS84").array, lambda xy: xy.round(DECIMALS)
    )
    return frame.set_crs("OGC:CRS84", allow_override=True)


def write_csv(path: Path, frame: gpd.GeoDataFrame, table: Table) -> None:
    """Write a table of points as CSV: the table's columns, then ``lon`` and ``lat``."""
    frame = in_order(frame, table)
    plain = pd.DataFrame(frame.drop(columns="geometry")).map(_as_text)
    plain["lon"] = [f"{x:.{DECIMALS}f}" for x in frame.geometry.x]
    plain["lat"] = [f"{y:.{DECIMALS}f}" for y in frame.geometry.y]
    plain.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_geojson(path: Path, frame: gpd.GeoDataFrame, table: Table) -> None:
    """Write a table as a GeoJSON FeatureCollection (RFC 7946), one feature a line."""
    frame = in_order(frame, table)
    shapes = shapely.orient_polygons(frame.geometry.array)
    records = frame.drop(columns="geometry").to_dict("records")
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {name: _as_json(value) for name, value in record.items()},
                "geometry": json.loads(shapely.to_geojson(shape)),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for record, shape in zip(records, shapes, strict=True)
    ]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def write_flatgeobuf(path: Path, frame: gpd.GeoDataFrame, table: Table) -> None:
    """Write a table as FlatGeobuf."""
    in_order(frame, table).to_file(path, driver="FlatGeobuf", engine="pyogrio")


def write_xlsx(path: Path, frame: gpd.GeoDataFrame, table: Table) -> None:
    """Write a table of points as a workbook of one sheet named after the table."""
    frame = in_order(frame, table)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(table.name)
    sheet.append([*frame.columns.drop("geometry"), "lon", "lat"])
    for record in frame.itertuples(index=False):
        *cells, point = record
        sheet.append([*map(_as_json, cells), point.x, point.y])
    draft = io.BytesIO()
    book.save(draft)
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb">[0-9T:.-]+Z<", b">2018-01-01T00:00:00Z<", content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def write_raster(
    path: Path,
    values: NDArray[Any],
    transform: Affine,
    *,
    crs: str = "EPSG:4326",
    nodata: float | None = None,
) -> None:
    """Write one band as a tiled, deflated GeoTIFF."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        dtype=values.dtype,
        height=values.shape[0],
        width=values.shape[1],
        crs=crs,
        transform=transform,
        nodata=nodata,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
        zlevel=9,
        predictor={"i": 2, "f": 3}.get(values.dtype.kind, 1),  # codes have no slope
    ) as file:
        file.write(values, 1)


def _as_json(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _as_text(value: Any) -> str:
    value = _as_json(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)
