"""Input tables: what offices really send, checked into tables the engines can trust."""

from .documents import read_document
from .places import degrees_of
from .reader import Checked, check_rows, read_table, sources_of
from .references import check_references
from .several import together, without
from .source import Source
from .zones import NATIONAL_ZONES, PROVINCIAL_ZONES, Witness

__all__ = [
    "NATIONAL_ZONES",
    "PROVINCIAL_ZONES",
    "Checked",
    "Source",
    "Witness",
    "check_references",
    "check_rows",
    "degrees_of",
    "read_document",
    "read_table",
    "sources_of",
    "together",
    "without",
]
