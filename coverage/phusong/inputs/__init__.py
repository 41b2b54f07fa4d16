"""Input tables: what offices really send, checked into tables the engines can trust."""

from .reader import Checked, read_table
from .references import check_references
from .source import Source

__all__ = ["Checked", "Source", "check_references", "read_table"]
