"""Read GeoJSON, GeoPackage, Shapefile, KML and other layers into raw cells and shapes.

GeoJSON is read without GDAL, which would guess types and take JSON of other
meanings; the other formats are opened only if their first bytes are their own,
so that a file cannot pass for one and lead GDAL elsewhere.
"""

import re
import struct
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError
from shapely.geometry import shape

from .._text import tidy
from .._types import Flags
from ..errors import InputError
from ..grid import WGS84
from .archives import LAYERED
from .codepages import codec_of
from .documents import read_json, read_json_lines
from .letters import as_western, may_be_vietnamese
from .source import (
    LARGEST_ROWS,
    Cells,
    Raw,
    Source,
    Told,
    as_cells,
    check_counts,
    check_room,
    check_size,
    fitting_rows,
    in_a_list,
    in_short,
    told_of_rows,
)

# Driver, where the signature starts, and the signatures (GeoPackage 1.x §1.1.1, ESRI 1998,
# flatgeobuf.org). A GeoPackage of version 1.0 or 1.1 signs with its version.
_SIGNATURES = {
    ".gpkg": ("GPKG", 68, (b"GPKG", b"GP10", b"GP11")),
    ".shp": ("ESRI Shapefile", 0, (b"\x00\x00\x27\x0a",)),
    ".fgb": ("FlatGeobuf", 0, (b"fgb\x03fgb",)),
    ".kml": ("LIBKML", 0, (b"",)),
    ".tab": ("MapInfo File", 0, (b"!table", b"!TABLE", b"!Table")),
    ".mif": ("MapInfo File", 0, (b"Version", b"VERSION", b"version")),
}
_GDB_TABLE = "a00000001.gdbtable"  # the first table of every FileGDB
# What a layer cannot be without, beside the file that is named.
_SIBLINGS = {
    ".shp": (".dbf", ".shx"),
    ".tab": (".dat", ".map", ".id"),
    ".mif": (".mid",),
}
# A .tab may also stand for a picture, a database or a list of other tables, wherever they lie.
_NATIVE_TAB = re.compile(rb"definition\s+table\s+type\s+native\b", re.IGNORECASE)
_OTHER_TAB = re.compile(rb"open\s+table|create\s+view|isseamless\W+true", re.IGNORECASE)
_MAPINFO_CHARSET = re.compile(rb"charset\s+\"?([\w-]+)", re.IGNORECASE)
# Charsets of MapInfo that GDAL does not know and hands on as bytes.
_UNNAMED = ""
_MAPINFO_CODECS = {"windowsvietnamese": "cp1258", "neutral": _UNNAMED}
# A document whose first element is kml and which defines no entities; GDAL would open others,
# such as its own lists of further files, by what they hold.
_KML = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)?\s*(<!--.*?-->\s*)*<(\w+:)?kml[\s>]", re.DOTALL
)
# What the reader of KML puts beside the data of a placemark (OGC 07-147r2).
_KML_SETTINGS = (
    "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility",
    "drawOrder", "icon", "snippet",
)  # fmt: skip


_BYTES = "ISO-8859-1"
"""A letter for each byte, so that nothing is lost on the way through GDAL."""
_ORGANISATIONS = ("networkProviders", "supplier", "physicalInfrastructureProvider")


def read_geojson(source: Source) -> Raw:
    """Read a GeoJSON FeatureCollection (RFC 7946; the ``crs`` member of 2008 is heeded).

    Raises
    ------
    InputError
        If the file is not such a collection, is too large or too deeply nested.
    """
    return _of_features(source, read_json(source, kind="GeoJSON"))


def read_geojson_lines(source: Source) -> Raw:
    """Read GeoJSON of one feature a line (RFC 8142; record separators may lack).

    Raises
    ------
    InputError
        If a line is no feature, or the file is too large.
    """
    features = read_json_lines(source, kind="GeoJSON")
    for line, feature in features:
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise source.refuse("not_feature", line=line)
    collection = {"type": "FeatureCollection", "features": [feature for _, feature in features]}
    return _of_features(source, collection)


def _of_features(source: Source, content: Any) -> Raw:
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        raise source.refuse("not_collection")
    if not features:  # nor any heading: that columns are missing would mislead
        raise source.refuse("no_rows")
    features = [feature if isinstance(feature, dict) else {} for feature in features]
    records = [
        feature["properties"] if isinstance(feature.get("properties"), dict) else {}
        for feature in features
    ]
    headings: dict[str, None] = {}
    for record in records:
        headings.update(dict.fromkeys(record))
        check_counts(source, len(records), len(headings))
    shapes, broken = _shapes(features)
    opened = [i for i, feature in enumerate(features, start=1) if _is_open(feature)]
    told = [Told("rings_closed", {"count": len(opened), "rows": in_a_list(opened)})]
    return Raw(
        headings=tuple(headings),
        columns=tuple(
            as_cells((_plain(record.get(heading), heading) for record in records), len(records))
            for heading in headings
        ),
        rows=np.arange(1, len(records) + 1),
        shapes=shapes,
        crs=_stated_crs(source, content.get("crs")),
        default_crs=WGS84,
        broken=broken,
        ids=_ids(features),
        told=tuple(told if opened else ()),
    )


def _is_open(feature: Any) -> bool:
    """Tell whether a ring of a polygon does not end where it begins (RFC 7946 §3.1.6)."""
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        return False
    try:
        polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
        return any(ring[0] != ring[-1] for rings in polygons for ring in rings)
    except (LookupError, TypeError):
        return False  # it makes no shape either


def _ids(features: list[Any]) -> Cells | None:
    """Return the features' own identifiers (RFC 7946 §3.2) if every one has another."""
    ids = [feature.get("id") for feature in features]
    plain = all(isinstance(each, str | int) and not isinstance(each, bool) for each in ids)
    return as_cells(ids, len(ids)) if plain and len(set(map(str, ids))) == len(ids) else None


def _shapes(features: list[Any]) -> tuple[Cells, Flags]:
    """Build the shapes; flag the features whose geometry makes none."""
    shapes = np.full(len(features), None, dtype=object)
    broken = np.zeros(len(features), dtype=bool)
    with np.errstate(invalid="ignore"):  # NaN is found when the shapes are checked
        for i, feature in enumerate(features):
            try:
                if feature["geometry"] is not None:
                    shapes[i] = shape(feature["geometry"])
            except (
                LookupError, TypeError, ValueError, AttributeError, ShapelyError,
                OverflowError, RecursionError,
            ):  # fmt: skip
                broken[i] = True
    return shapes, broken


def _plain(value: Any, heading: str) -> Any:
    """Reduce what Open Fibre Data puts as an object or a list to its text.

    Organisations go by name, nodes by id; a span of several kinds of deployment has none,
    as the table allows one (see `fibre.read_ofds`).
    """
    if isinstance(value, dict):
        named = heading in _ORGANISATIONS and value.get("name")
        return named or value.get("id", value)
    if isinstance(value, list):
        parts = [_plain(part, heading) for part in value]
        if all(isinstance(part, str) for part in parts):
            return None if heading == "deployment" and len(parts) > 1 else ", ".join(parts)
    return value


def _stated_crs(source: Source, member: Any) -> CRS | None:
    """Return the CRS that a GeoJSON file of 2008 names."""
    if member is None:
        return None
    try:
        return CRS.from_user_input(member["properties"]["name"])
    except (LookupError, TypeError, CRSError):
        raise source.refuse("unknown_crs", crs=str(member)[:100]) from None


def read_layer(source: Source, *, preferred: str) -> Raw:
    """Read a layer of a GeoPackage, KML file or FileGDB, a Shapefile, FlatGeobuf or MapInfo file.

    Parameters
    ----------
    source : Source
        The file; `source.layer` names the layer.
    preferred : str
        The layer taken if a GeoPackage holds several and none is named.

    Raises
    ------
    InputError
        If the file is not what its suffix says, is damaged or incomplete, is
        too large, or lacks the layer.
    """
    driver = _driver(source)
    _check_siblings(source, driver)
    codec = _codec(source)
    if driver == "LIBKML":
        _check_kml(source)
    try:
        with warnings.catch_warnings():
            # GDAL warns of what is checked row by row here, such as a shape it cannot build.
            warnings.simplefilter("ignore")
            layer = _layer(source, preferred)
            info = pyogrio.read_info(source.path, layer=layer)
            columns = len(info["fields"])
            check_room(source, max(info["features"], 0), columns)
            if info["driver"] != driver:
                raise source.refuse("wrong_format", kind=driver)
            options: dict[str, Any] = {}
            if source.suffix == ".gpkg":
                # The count that a GeoPackage keeps may be stale; with a condition GDAL counts.
                options["where"] = "1 = 1"
            if codec is not None:
                options["encoding"] = _BYTES
            read = partial(
                pyogrio.read_dataframe,
                source.path,
                layer=layer,
                datetime_as_string=True,
                on_invalid="ignore",
                **options,
            )
            # The file's own count may be wrong. Room is made for as many rows as may be read, so
            # it is asked for all that memory holds only where there are more than told.
            told_rows = max(info["features"], LARGEST_ROWS)
            frame = read(max_features=min(told_rows, fitting_rows(columns)) + 1)
            if len(frame) > told_rows:
                frame = read(max_features=fitting_rows(columns) + 1)
            check_room(source, len(frame), columns)
            if not isinstance(frame, gpd.GeoDataFrame):
                raise source.refuse("no_geometry_column")
            if source.suffix == ".shp":
                expected = info["features"] - _deleted(source)
                if len(frame) < expected:
                    raise source.refuse("truncated", found=len(frame), expected=expected)
            elif source.suffix not in {".gpkg", ".gdb"}:
                expected = max(info["features"], _rows_beside(source))
                if len(frame) < expected:
                    raise source.refuse("truncated", found=len(frame), expected=expected)
            if driver == "LIBKML":
                frame = frame.drop(columns=list(_KML_SETTINGS), errors="ignore")
                frame = frame.dropna(axis="columns", how="all")
            raw = from_frame(frame if codec is None else _decoded(source, frame, codec))
            told = [Told("zero_may_be_empty")] if _has_zero(driver, raw) else []
            told += told_of_rows(len(frame), columns)
            return replace(raw, names_cut=source.suffix == ".shp", told=(*raw.told, *told))
    except InputError:
        raise
    except Exception as broken:  # GDAL, GEOS, numpy or the text decoder, by kind of damage
        raise source.refuse("unreadable", kind=driver, detail=in_short(broken)) from None


def _has_zero(driver: str, raw: Raw) -> bool:
    """Tell whether a MapInfo file, which has no empty numbers and flags, holds one that may be."""
    return driver == "MapInfo File" and any(
        isinstance(cell, int | float) and not cell for column in raw.columns for cell in column
    )


def _driver(source: Source) -> str:
    """Return GDAL's name of the format, if the file's first bytes are its own."""
    if source.suffix == ".gdb":
        if not (source.path / _GDB_TABLE).is_file():
            raise source.refuse("wrong_format", kind="FileGDB")
        return "OpenFileGDB"
    driver, start, signatures = _SIGNATURES[source.suffix]
    with source.path.open("rb") as file:
        head = file.read(start + 8)[start:]
    if not head.startswith(signatures):
        raise source.refuse("wrong_format", kind=driver)
    if source.suffix == ".tab":
        check_size(source, source.path.stat().st_size)
        described = source.path.read_bytes()
        if not _NATIVE_TAB.search(described) or _OTHER_TAB.search(described):
            raise source.refuse("not_native_tab")
    return driver


def _check_kml(source: Source) -> None:
    """Refuse what only calls itself KML."""
    check_size(source, source.path.stat().st_size)
    content = source.path.read_bytes()
    if not _KML.match(content) or b"<!DOCTYPE" in content:
        raise source.refuse("wrong_format", kind="KML")


def _decoded(source: Source, frame: gpd.GeoDataFrame, codec: str) -> gpd.GeoDataFrame:
    """Decode the texts and headings of a Shapefile, whose bytes GDAL has passed through.

    GDAL's own conversion from Windows-1258 loses the last letter of each. Where nothing names the
    encoding it is UTF-8 if all are that; else a Western program's, in which `letters` finds the old
    Vietnamese ones.
    """
    named = _likely_codec(source, frame) if codec == _UNNAMED else codec

    def decode(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        content = text.encode(_BYTES)
        return as_western(content) if named is None else content.decode(named)

    try:
        headings = {name: decode(name) for name in frame.columns if name != frame.geometry.name}
        for name, column in frame.items():
            if name in headings and not pd.api.types.is_numeric_dtype(column):
                frame[name] = column.astype(object).map(decode)
    except UnicodeDecodeError:
        raise source.refuse("wrong_cpg", codec=codec, stem=source.path.stem) from None
    return frame.rename(columns=headings)


def _likely_codec(source: Source, frame: gpd.GeoDataFrame) -> str | None:
    """Return UTF-8 if all texts are that; None if they are Vietnamese of an old encoding."""
    cells = frame.drop(columns=frame.geometry.name)
    texts = [
        text.encode(_BYTES)
        for text in (*cells.columns, *cells.to_numpy(dtype=object).ravel())
        if isinstance(text, str) and not text.isascii()
    ]
    try:
        for text in texts:
            text.decode("utf-8")
    except UnicodeDecodeError:
        if source.suffix == ".shp" and not may_be_vietnamese(map(as_western, texts)):
            raise source.refuse("no_cpg", stem=source.path.stem) from None
        return None
    return "utf-8"


def _layer(source: Source, preferred: str) -> str:
    """Return the layer named, the only one, or the one called `preferred`."""
    found = [str(name) for name, kind in pyogrio.list_layers(source.path) if kind is not None]
    if source.suffix not in LAYERED and found:
        return found[0]
    if source.layer is not None:
        if source.layer not in found:
            raise source.refuse("unknown_layer", layer=source.layer, found=", ".join(found) or "–")
        return source.layer
    if len(found) == 1:
        return found[0]
    if preferred not in found:
        raise source.refuse("which_layer", found=", ".join(found) or "–")
    return preferred


def _sibling(source: Source, suffix: str) -> Path | None:
    """Return the file beside a Shapefile that belongs to it, whatever the case of its name."""
    wanted = source.path.stem.lower() + suffix
    return next(
        (each for each in source.path.parent.iterdir() if each.name.lower() == wanted), None
    )


def _check_siblings(source: Source, kind: str) -> None:
    """Refuse a layer without the files that belong to it, or with links that lead elsewhere."""
    missing = [one for one in _SIBLINGS.get(source.suffix, ()) if _sibling(source, one) is None]
    if missing:
        raise source.refuse("missing_siblings", kind=kind, missing=", ".join(missing))
    stem, folder = source.path.stem.lower(), source.path.parent
    for each in folder.iterdir():
        beside = each.name.lower().startswith(stem) and each.is_symlink()
        if beside and not each.resolve().is_relative_to(folder.resolve()) and each != source.path:
            raise source.refuse("leads_elsewhere", name=each.name)


def _codec(source: Source) -> str | None:
    """Find the encoding of the texts of a Shapefile or MapInfo file; refuse an unknown one.

    Returns
    -------
    str or None
        Codec of the texts; None if they are plain ASCII or UTF-8, as GDAL reads them; empty if
        nothing names it.
    """
    if source.suffix in {".tab", ".mif"}:
        with source.path.open("rb") as file:
            charset = _MAPINFO_CHARSET.search(file.read(1000))
        return _MAPINFO_CODECS.get(charset[1].decode().lower()) if charset else None
    if source.suffix != ".shp":
        return None
    table, page = _sibling(source, ".dbf"), _sibling(source, ".cpg")
    if table is None or table.read_bytes()[32:].isascii():
        return None
    if page is None:
        return _UNNAMED
    spelling = page.read_bytes()[:100].decode("ascii", "replace").strip("\ufffd \r\n\t\0")
    codec = codec_of(spelling)
    if codec is None:
        raise source.refuse("unknown_cpg", stem=source.path.stem, name=spelling)
    return codec


def _rows_beside(source: Source) -> int:
    """Count the rows of a MIF file's table, which GDAL reads only as far as there are shapes."""
    table = _sibling(source, ".mid") if source.suffix == ".mif" else None
    return 0 if table is None else sum(bool(line.strip()) for line in table.open("rb"))


def _deleted(source: Source) -> int:
    """Count the records that a Shapefile's table marks as deleted (dBASE III: a star)."""
    table = _sibling(source, ".dbf")
    content = b"" if table is None else table.read_bytes()
    if len(content) < 32:
        return 0
    count, start, length = struct.unpack("<IHH", content[4:12])
    return content[start :: max(length, 1)][:count].count(b"*")


def read_parquet(source: Source) -> Raw:
    """Read a GeoParquet file; the extra `parquet` brings pyarrow, which can.

    Raises
    ------
    InputError
        If pyarrow is not installed, or the file is damaged, larger than memory once unpacked, or
        holds no geometry.
    """
    try:
        import pyarrow.parquet as pq
    except ImportError:
        raise source.refuse("no_pyarrow") from None
    try:
        about = pq.read_metadata(source.path)
        groups = range(about.num_row_groups)
        unpacked = sum(about.row_group(group).total_byte_size for group in groups)
        check_room(source, about.num_rows, about.num_columns, content_bytes=unpacked)
        raw = from_frame(gpd.read_parquet(source.path))
        return replace(raw, told=(*raw.told, *told_of_rows(about.num_rows, about.num_columns)))
    except InputError:
        raise
    except Exception as broken:  # Arrow, GEOS, PROJ or JSON, by kind of damage
        raise source.refuse("unreadable", kind="GeoParquet", detail=in_short(broken)) from None


def from_frame(frame: gpd.GeoDataFrame) -> Raw:
    """Return the rows of a frame as they would come from a file."""
    cells = frame.drop(columns=frame.geometry.name)
    return Raw(
        headings=tuple(tidy(str(heading)) for heading in cells.columns),
        columns=tuple(
            column.astype(object).where(column.notna(), None).to_numpy()
            for _, column in cells.items()  # noqa: PERF102  a DataFrame is no dict
        ),
        rows=np.arange(1, len(frame) + 1),
        shapes=np.asarray(frame.geometry.array),
        crs=None if frame.crs is None or _is_undefined(frame.crs) else frame.crs,
    )


def _is_undefined(crs: CRS) -> bool:
    """Tell whether a GeoPackage says that it does not know its CRS (§1.1.2, srs_id -1 and 0)."""
    name = crs.name.casefold()
    # A projection given by its parameters alone has no name either, but is known.
    return name.startswith("undefined") or (name.startswith("unknown") and not crs.is_projected)
