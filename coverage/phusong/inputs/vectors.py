"""Read GeoJSON, GeoPackage, Shapefile, FlatGeobuf and GeoParquet into raw cells and shapes.

GeoJSON is read without GDAL, which would guess types and take JSON of other
meanings; the other formats are opened only if their first bytes are their own,
so that a file cannot pass for one and lead GDAL elsewhere.
"""

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError
from shapely.geometry import shape

from .._types import Flags
from ..errors import InputError
from ..grid import WGS84
from .documents import read_json
from .source import Cells, Raw, Source, as_cells, check_counts, check_size, in_short

# Driver, where the signature starts, and the signatures (GeoPackage 1.x §1.1.1, ESRI 1998,
# flatgeobuf.org). A GeoPackage of version 1.0 or 1.1 signs with its version.
_SIGNATURES = {
    ".gpkg": ("GPKG", 68, (b"GPKG", b"GP10", b"GP11")),
    ".shp": ("ESRI Shapefile", 0, (b"\x00\x00\x27\x0a",)),
    ".fgb": ("FlatGeobuf", 0, (b"fgb\x03fgb",)),
}


def read_geojson(source: Source) -> Raw:
    """Read a GeoJSON FeatureCollection (RFC 7946; the ``crs`` member of 2008 is heeded).

    Raises
    ------
    InputError
        If the file is not such a collection, is too large or too deeply nested.
    """
    content = read_json(source, kind="GeoJSON")
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        raise source.refuse("not_collection")
    if not features:  # nor any heading: that columns are missing would mislead
        raise source.refuse("no_rows")
    records = [
        feature["properties"]
        if isinstance(feature, dict) and isinstance(feature.get("properties"), dict)
        else {}
        for feature in features
    ]
    headings: dict[str, None] = {}
    for record in records:
        headings.update(dict.fromkeys(record))
        check_counts(source, len(records), len(headings))
    shapes, broken = _shapes(features)
    return Raw(
        headings=tuple(headings),
        columns=tuple(
            as_cells((_plain(record.get(heading)) for record in records), len(records))
            for heading in headings
        ),
        rows=np.arange(1, len(records) + 1),
        shapes=shapes,
        crs=_stated_crs(source, content.get("crs")),
        default_crs=WGS84,
        broken=broken,
    )


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


def _plain(value: Any) -> Any:
    """Reduce what Open Fibre Data puts as an object or a list of names to its text."""
    if isinstance(value, dict):
        return value.get("id", value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
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
    """Read a GeoPackage layer, a Shapefile or a FlatGeobuf file.

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
    driver, start, signatures = _SIGNATURES[source.suffix]
    with source.path.open("rb") as file:
        head = file.read(start + 8)[start:]
    if not head.startswith(signatures):
        raise source.refuse("wrong_format", kind=driver)
    if source.suffix == ".shp":
        _check_siblings(source)
    try:
        with warnings.catch_warnings():
            # GDAL warns of what is checked row by row here, such as a shape it cannot build.
            warnings.simplefilter("ignore")
            layer = _layer(source, preferred)
            info = pyogrio.read_info(source.path, layer=layer)
            check_counts(source, info["features"], len(info["fields"]))
            if info["driver"] != driver:
                raise source.refuse("wrong_format", kind=driver)
            frame = pyogrio.read_dataframe(
                source.path, layer=layer, datetime_as_string=True, on_invalid="ignore"
            )
            if not isinstance(frame, gpd.GeoDataFrame):
                raise source.refuse("no_geometry_column")
            if len(frame) < info["features"]:
                raise source.refuse("truncated", found=len(frame), expected=info["features"])
            return from_frame(frame)
    except InputError:
        raise
    except Exception as broken:  # GDAL, GEOS, numpy or the text decoder, by kind of damage
        raise source.refuse("unreadable", kind=driver, detail=in_short(broken)) from None


def _layer(source: Source, preferred: str) -> str:
    """Return the layer named, the only one, or the one called `preferred`."""
    found = [str(name) for name, kind in pyogrio.list_layers(source.path) if kind is not None]
    if source.suffix != ".gpkg" and found:
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


def _check_siblings(source: Source) -> None:
    """Refuse a Shapefile without its table or index, or with texts of unknown encoding."""
    siblings = {entry.name.lower(): entry for entry in source.path.parent.iterdir()}

    def sibling(suffix: str) -> Path | None:
        return siblings.get(source.path.stem.lower() + suffix)

    missing = [suffix for suffix in (".dbf", ".shx") if sibling(suffix) is None]
    if missing:
        raise source.refuse("missing_siblings", missing=", ".join(missing))
    table = sibling(".dbf")
    if table is not None and sibling(".cpg") is None and not table.read_bytes()[32:].isascii():
        raise source.refuse("no_cpg", stem=source.path.stem)


def read_parquet(source: Source) -> Raw:
    """Read a GeoParquet file.

    Raises
    ------
    InputError
        If the file is damaged, too large once unpacked, or holds no geometry.
    """
    try:
        about = pq.read_metadata(source.path)
        groups = range(about.num_row_groups)
        check_size(source, sum(about.row_group(group).total_byte_size for group in groups))
        check_counts(source, about.num_rows, about.num_columns)
        return from_frame(gpd.read_parquet(source.path))
    except InputError:
        raise
    except Exception as broken:  # Arrow, GEOS, PROJ or JSON, by kind of damage
        raise source.refuse("unreadable", kind="GeoParquet", detail=in_short(broken)) from None


def from_frame(frame: gpd.GeoDataFrame) -> Raw:
    """Return the rows of a frame as they would come from a file."""
    cells = frame.drop(columns=frame.geometry.name)
    return Raw(
        headings=tuple(str(heading) for heading in cells.columns),
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
    return crs.name.casefold().startswith(("undefined", "unknown"))
