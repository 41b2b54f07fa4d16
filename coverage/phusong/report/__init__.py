"""Pages around finished tables and maps: the landing page, the indicator board.

Formats; computes no figure and imports no engine.
"""

from .bilingual import Both, both, words
from .board import BoardRow, board_rows
from .landing import Landing, ServiceText, render_landing, write_landing
from .listing import Listed, list_files
from .notebook import result_html

__all__ = [
    "BoardRow",
    "Both",
    "Landing",
    "Listed",
    "ServiceText",
    "board_rows",
    "both",
    "list_files",
    "render_landing",
    "result_html",
    "words",
    "write_landing",
]
