"""Input tables: what offices really send, checked into tables the engines can trust."""

from .documents import read_document
from .places import VIETNAM_DEGREES
from .reader import Checked, read_table
from .references import check_references
from .source import Source

__all__ = [
    "VIETNAM_DEGREES",
    "Checked",
    "Source",
    "check_references",
    "read_document",
    "read_table",
]
