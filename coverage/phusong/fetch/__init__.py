"""Studies from public sources: fetched, cut out for a province, carried to an office offline."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .bundle import Bundle, pack, unpack
from .download import Limits
from .records import RECORDS, Download, Layer, Records, read_records
from .sources import LAYERS, Source, Tiles, choose, read_sources

if TYPE_CHECKING:
    from .province import Choices, Fetched, fetch_province

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


def __getattr__(name: str) -> Any:
    if name not in ("Choices", "Fetched", "fetch_province"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".province", __name__), name)  # loads every geodata library


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
