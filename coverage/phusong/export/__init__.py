"""Finished tables and rasters → files that other systems read, in one folder.

Knows formats; computes no figure and imports no engine. Every writer gives the
same bytes for the same table.
"""

from .folder import check_output_folder, output_folder
from .geojson import write_geojson
from .manifest import write_manifest
from .office import write_csv, write_rejected, write_workbook
from .rasters import write_cog
from .rows import write_rows
from .schema import data_dictionary, json_schema, write_dictionary, write_schema

__all__ = [
    "check_output_folder",
    "data_dictionary",
    "json_schema",
    "output_folder",
    "write_cog",
    "write_csv",
    "write_dictionary",
    "write_geojson",
    "write_manifest",
    "write_rejected",
    "write_rows",
    "write_schema",
    "write_workbook",
]
