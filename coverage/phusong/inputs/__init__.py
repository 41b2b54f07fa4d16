"""Input tables: what offices really send, checked into tables the engines can trust."""

from .assumed import AssumedValues, read_assumed_values
from .documents import read_document
from .formats import sources_of
from .operators import KNOWN_OPERATORS, OPERATOR_COLUMNS, Operators, spellings_told
from .outlines import check_outlines, clean_outlines
from .places import degrees_of
from .reader import Checked, check_rows, read_cells, read_table
from .reading import FATES, OnRead, ReadColumn, Reading
from .recognise import Recognised, recognise
from .references import check_references
from .several import together, without
from .site_lists import SiteLists
from .source import Source
from .zones import NATIONAL_ZONES, PROVINCIAL_ZONES, Witness

__all__ = [
    "FATES",
    "KNOWN_OPERATORS",
    "NATIONAL_ZONES",
    "OPERATOR_COLUMNS",
    "PROVINCIAL_ZONES",
    "AssumedValues",
    "Checked",
    "OnRead",
    "Operators",
    "ReadColumn",
    "Reading",
    "Recognised",
    "SiteLists",
    "Source",
    "Witness",
    "check_outlines",
    "check_references",
    "check_rows",
    "clean_outlines",
    "degrees_of",
    "read_assumed_values",
    "read_cells",
    "read_document",
    "read_table",
    "recognise",
    "sources_of",
    "spellings_told",
    "together",
    "without",
]
