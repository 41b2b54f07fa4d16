"""Pages around finished tables and maps: the landing page, the indicator board.

Formats; computes no figure and imports no engine.
"""

from .bilingual import Both, both, words
from .board import BoardRow, board_rows
from .landing import Landing, ServiceText, render_landing, write_landing
from .listing import Listed, list_files
from .notebook import result_html
from .plan import (
    ShownTable,
    levels_shown,
    missing_shown,
    next_shown,
    one_stop_shown,
    scenarios_shown,
    years_shown,
)

__all__ = [
    "BoardRow",
    "Both",
    "Landing",
    "Listed",
    "ServiceText",
    "ShownTable",
    "board_rows",
    "both",
    "levels_shown",
    "list_files",
    "missing_shown",
    "next_shown",
    "one_stop_shown",
    "render_landing",
    "result_html",
    "scenarios_shown",
    "words",
    "write_landing",
    "years_shown",
]
