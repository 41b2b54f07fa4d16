"""Interactive maps: a theme (TOML) and finished tables in, one self-contained page out.

Knows themes, folium and the page's own scripts; computes no figure.
"""

from .layers import Layers, ServiceInfo
from .page import build_map, render_html
from .paper import render_paper, write_paper
from .payload import NothingToDrawError
from .read import open_theme, theme_names
from .theme import Theme

__all__ = [
    "Layers",
    "NothingToDrawError",
    "ServiceInfo",
    "Theme",
    "build_map",
    "open_theme",
    "render_html",
    "render_paper",
    "theme_names",
    "write_paper",
]
