"""Where the rooms meet: one run of a study, its result, and the folder it writes."""

from .board import Board, read_board
from .egov import parts_for_egov
from .export import export_results
from .fibre import write_price_template
from .forms import FORM, FORM_TABLES, write_form
from .profile import PathProfile, path_profile
from .progress import Progress
from .result import Note, Result, ServiceRasters
from .rollout import with_budgets, write_egov_template
from .run import PARTS, Part, check, run
from .themes import find_theme
from .what_if import what_if

__all__ = [
    "FORM",
    "FORM_TABLES",
    "PARTS",
    "Board",
    "Note",
    "Part",
    "PathProfile",
    "Progress",
    "Result",
    "ServiceRasters",
    "check",
    "export_results",
    "find_theme",
    "parts_for_egov",
    "path_profile",
    "read_board",
    "run",
    "what_if",
    "with_budgets",
    "write_egov_template",
    "write_form",
    "write_price_template",
]
