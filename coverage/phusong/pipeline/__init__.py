"""Where the rooms meet: one run of a study, its result, and the folder it writes."""

from .board import Board, read_board
from .egov import parts_for_egov
from .export import export_results
from .progress import Progress
from .result import Note, Result, ServiceRasters
from .rollout import with_budgets, write_egov_template
from .run import check, run
from .what_if import what_if

__all__ = [
    "Board",
    "Note",
    "Progress",
    "Result",
    "ServiceRasters",
    "check",
    "export_results",
    "parts_for_egov",
    "read_board",
    "run",
    "what_if",
    "with_budgets",
    "write_egov_template",
]
