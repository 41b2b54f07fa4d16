"""Pages around finished tables and maps: the landing page, the indicator board.

Formats; computes no figure and imports no engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .board import BoardRow, board_rows
from .checked import CheckPage, check_html, draw_rows, files_shown, render_check
from .landing import (
    Landing,
    ServiceText,
    page_environment,
    page_style,
    render_landing,
    tells_failure,
    with_failure,
    write_landing,
)
from .listing import Listed, list_files
from .network import (
    cable_years_shown,
    construction_shown,
    cuts_shown,
    homing_shown,
    links_shown,
    network_shown,
    operators_shown,
)
from .notebook import in_words, result_html
from .plan import (
    ShownTable,
    levels_shown,
    missing_shown,
    next_shown,
    one_stop_shown,
    scenarios_shown,
    years_shown,
)

if TYPE_CHECKING:
    from .curve import Curve, CurvePoint
    from .page import Headline, PageTable, ReportPage, render_page
    from .residuals import draw_residuals
    from .section import BudgetLine, Outcome, Section, draw_section, section_png

_HOME = {
    "Headline": "page",
    "PageTable": "page",
    "ReportPage": "page",
    "render_page": "page",
    "BudgetLine": "section",
    "Curve": "curve",
    "CurvePoint": "curve",
    "Outcome": "section",
    "Section": "section",
    "draw_residuals": "residuals",
    "draw_section": "section",
    "section_png": "section",
}
"""Names whose modules load a drawing library, imported when first asked for."""

__all__ = [
    "BoardRow",
    "BudgetLine",
    "CheckPage",
    "Curve",
    "CurvePoint",
    "Headline",
    "Landing",
    "Listed",
    "Outcome",
    "PageTable",
    "ReportPage",
    "Section",
    "ServiceText",
    "ShownTable",
    "board_rows",
    "cable_years_shown",
    "check_html",
    "construction_shown",
    "cuts_shown",
    "draw_residuals",
    "draw_rows",
    "draw_section",
    "files_shown",
    "homing_shown",
    "in_words",
    "levels_shown",
    "links_shown",
    "list_files",
    "missing_shown",
    "network_shown",
    "next_shown",
    "one_stop_shown",
    "operators_shown",
    "page_environment",
    "page_style",
    "render_check",
    "render_landing",
    "render_page",
    "result_html",
    "scenarios_shown",
    "section_png",
    "tells_failure",
    "with_failure",
    "write_landing",
    "years_shown",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
    return found
