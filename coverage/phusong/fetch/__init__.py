"""Studies from public sources: fetched, cut out for a province, carried to an office offline."""

from .bundle import Bundle, pack, unpack
from .download import Limits
from .province import Choices, Fetched, fetch_province
from .records import RECORDS, Download, Layer, Records, read_records
from .sources import LAYERS, Source, Tiles, choose, read_sources

__all__ = [
    "LAYERS",
    "RECORDS",
    "Bundle",
    "Choices",
    "Download",
    "Fetched",
    "Layer",
    "Limits",
    "Records",
    "Source",
    "Tiles",
    "choose",
    "fetch_province",
    "pack",
    "read_records",
    "read_sources",
    "unpack",
]
