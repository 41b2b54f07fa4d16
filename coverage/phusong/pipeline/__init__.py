"""Where the rooms meet: one run of a study, its result, and the folder it writes."""

from .outputs.formats import export_results
from .outputs.themes import find_theme
from .parts.egov.offices import parts_for_egov
from .parts.egov.rollout import with_budgets, write_egov_template
from .parts.fibre.network import write_price_template
from .progress import Progress
from .questions.board import Board, read_board
from .questions.profile import PathProfile, path_profile
from .questions.what_if import what_if
from .result import Note, Result, ServiceRasters
from .run import PARTS, Part, check, run
from .templates.form import FORM, FORM_TABLES, write_form

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
