"""Maps: a theme (TOML) and finished tables in; out come a self-contained page or a printed sheet.

Knows themes, folium and the page's own scripts, and matplotlib for paper; computes no figure.
`Paper` and `Orientation` are the types of what `render_paper` takes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .layers import Imprint, MapData, PageLink, ServiceInfo
from .payload import NothingToDrawError, page_link
from .read import open_theme, theme_names
from .theme import Theme

if TYPE_CHECKING:
    from .explore import ExploreMap
    from .page import build_map, render_html, write_html
    from .paper import check_paper_file, render_paper, write_paper
    from .paper_content import UnknownServiceError
    from .paper_sheet import Orientation, Paper

_HOME = {
    "ExploreMap": "explore",
    "Orientation": "paper_sheet",
    "Paper": "paper_sheet",
    "UnknownServiceError": "paper_content",
    "build_map": "page",
    "check_paper_file": "paper",
    "render_html": "page",
    "render_paper": "paper",
    "write_html": "page",
    "write_paper": "paper",
}
"""Names whose modules load a drawing library, imported when first asked for."""

__all__ = [
    "ExploreMap",
    "Imprint",
    "MapData",
    "NothingToDrawError",
    "Orientation",
    "PageLink",
    "Paper",
    "ServiceInfo",
    "Theme",
    "UnknownServiceError",
    "build_map",
    "check_paper_file",
    "open_theme",
    "page_link",
    "render_html",
    "render_paper",
    "theme_names",
    "write_html",
    "write_paper",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
    return found
