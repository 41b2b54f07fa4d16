"""Maps: a theme (TOML) and finished tables in; out come a self-contained page or a printed sheet.

Knows themes, folium and the page's own scripts, and matplotlib for paper; computes no figure.
`Paper` and `Orientation` are the types of what `render_paper` takes.
"""

from .explore import ExploreMap
from .layers import Imprint, MapData, PageLink, ServiceInfo
from .page import build_map, render_html
from .paper import check_paper_file, render_paper, write_paper
from .paper_content import UnknownServiceError
from .paper_sheet import Orientation, Paper
from .payload import NothingToDrawError, page_link
from .read import open_theme, theme_names
from .theme import Theme

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
    "write_paper",
]
