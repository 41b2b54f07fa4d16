"""Finished tables and rasters → files that other systems read, in one folder.

Knows formats; computes no figure and imports no engine. Every writer gives the
same bytes for the same table. `FORMATS` holds what `convert` can write, by name,
which is also the suffix of the files.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .folder import (
    check_output_file,
    check_output_folder,
    output_file,
    output_folder,
    recover_output,
    refuse_within_output,
)
from .libraries import versions
from .manifest import (
    MANIFEST,
    Differences,
    Manifest,
    differences,
    input_digests,
    read_manifest,
    rewrite_manifest,
    write_manifest,
)

if TYPE_CHECKING:
    from .annotated import MARKS, Mark, MarkedSheet, Swatch, annotate_workbook, make_workbook
    from .catalogue import write_catalogue
    from .database import State, Written, write_database
    from .delimited import read_guarded, write_csv, write_layer_csv, write_rejected
    from .finished import Finished, open_finished, table_file, understood
    from .formats import FORMATS, convert
    from .geojson import write_geojson
    from .geopackage import write_geopackage
    from .kml import write_kml
    from .layers import Layer, plain_layer
    from .office import write_workbook
    from .rasters import (
        mark_cog,
        signal_classes,
        write_class_cog,
        write_cog,
        write_raster_style,
        write_server_style,
    )
    from .rows import write_rows
    from .schema import data_dictionary, json_schema, write_dictionary, write_schema
    from .shapefile import write_shapefile
    from .styles import Condition, Rule, Style, Symbol
    from .template import TemplateSheet, write_template
    from .vectors import write_flatgeobuf, write_geoparquet, write_pmtiles

_HOME = {
    "Condition": "styles",
    "FORMATS": "formats",
    "Finished": "finished",
    "Layer": "layers",
    "MARKS": "annotated",
    "Mark": "annotated",
    "MarkedSheet": "annotated",
    "Rule": "styles",
    "State": "database",
    "Style": "styles",
    "Swatch": "annotated",
    "Symbol": "styles",
    "TemplateSheet": "template",
    "Written": "database",
    "annotate_workbook": "annotated",
    "convert": "formats",
    "data_dictionary": "schema",
    "json_schema": "schema",
    "make_workbook": "annotated",
    "mark_cog": "rasters",
    "open_finished": "finished",
    "plain_layer": "layers",
    "read_guarded": "delimited",
    "signal_classes": "rasters",
    "table_file": "finished",
    "understood": "finished",
    "write_catalogue": "catalogue",
    "write_class_cog": "rasters",
    "write_cog": "rasters",
    "write_csv": "delimited",
    "write_database": "database",
    "write_dictionary": "schema",
    "write_flatgeobuf": "vectors",
    "write_geojson": "geojson",
    "write_geopackage": "geopackage",
    "write_geoparquet": "vectors",
    "write_kml": "kml",
    "write_layer_csv": "delimited",
    "write_pmtiles": "vectors",
    "write_raster_style": "rasters",
    "write_rejected": "delimited",
    "write_rows": "rows",
    "write_schema": "schema",
    "write_server_style": "rasters",
    "write_shapefile": "shapefile",
    "write_template": "template",
    "write_workbook": "office",
}
"""Names whose modules load what writes a format, imported when first asked for."""

__all__ = [
    "FORMATS",
    "MANIFEST",
    "MARKS",
    "Condition",
    "Differences",
    "Finished",
    "Layer",
    "Manifest",
    "Mark",
    "MarkedSheet",
    "Rule",
    "State",
    "Style",
    "Swatch",
    "Symbol",
    "TemplateSheet",
    "Written",
    "annotate_workbook",
    "check_output_file",
    "check_output_folder",
    "convert",
    "data_dictionary",
    "differences",
    "input_digests",
    "json_schema",
    "make_workbook",
    "mark_cog",
    "open_finished",
    "output_file",
    "output_folder",
    "plain_layer",
    "read_guarded",
    "read_manifest",
    "recover_output",
    "refuse_within_output",
    "rewrite_manifest",
    "signal_classes",
    "table_file",
    "understood",
    "versions",
    "write_catalogue",
    "write_class_cog",
    "write_cog",
    "write_csv",
    "write_database",
    "write_dictionary",
    "write_flatgeobuf",
    "write_geojson",
    "write_geopackage",
    "write_geoparquet",
    "write_kml",
    "write_layer_csv",
    "write_manifest",
    "write_pmtiles",
    "write_raster_style",
    "write_rejected",
    "write_rows",
    "write_schema",
    "write_server_style",
    "write_shapefile",
    "write_template",
    "write_workbook",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
    return found
