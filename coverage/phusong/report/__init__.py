"""Pages around finished tables and maps: the landing page, the indicator board.

Formats; computes no figure and imports no engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .board import BoardRow, board_rows
    from .checked import CheckPage, check_html, draw_rows, files_shown, render_check
    from .curve import Curve, CurvePoint
    from .failure import tells_failure, with_failure
    from .landing import (
        Landing,
        ServiceText,
        page_environment,
        page_style,
        render_landing,
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
    from .page import Headline, PageTable, ReportPage, render_page
    from .plan import (
        ShownTable,
        levels_shown,
        missing_shown,
        next_shown,
        one_stop_shown,
        scenarios_shown,
        years_shown,
    )
    from .residuals import draw_residuals
    from .section import BudgetLine, Outcome, Section, draw_section, section_png

_HOME = {
    "BoardRow": "board",
    "BudgetLine": "section",
    "CheckPage": "checked",
    "Curve": "curve",
    "CurvePoint": "curve",
    "Headline": "page",
    "Landing": "landing",
    "Listed": "listing",
    "Outcome": "section",
    "PageTable": "page",
    "ReportPage": "page",
    "Section": "section",
    "ServiceText": "landing",
    "ShownTable": "plan",
    "board_rows": "board",
    "cable_years_shown": "network",
    "check_html": "checked",
    "construction_shown": "network",
    "cuts_shown": "network",
    "draw_residuals": "residuals",
    "draw_rows": "checked",
    "draw_section": "section",
    "files_shown": "checked",
    "homing_shown": "network",
    "in_words": "notebook",
    "levels_shown": "plan",
    "links_shown": "network",
    "list_files": "listing",
    "missing_shown": "plan",
    "network_shown": "network",
    "next_shown": "plan",
    "one_stop_shown": "plan",
    "operators_shown": "network",
    "page_environment": "landing",
    "page_style": "landing",
    "render_check": "checked",
    "render_landing": "landing",
    "render_page": "page",
    "result_html": "notebook",
    "scenarios_shown": "plan",
    "section_png": "section",
    "tells_failure": "failure",
    "with_failure": "failure",
    "write_landing": "landing",
    "years_shown": "plan",
}
"""Modules of the names, imported when first asked for: most load pandas, some a drawing library."""

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


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
