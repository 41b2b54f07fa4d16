"""Where the rooms meet: one run of a study, its result, and the folder it writes."""

from .export import export_results
from .progress import Progress
from .result import Note, Result, ServiceRasters
from .run import check, run
from .what_if import what_if

__all__ = [
    "Note",
    "Progress",
    "Result",
    "ServiceRasters",
    "check",
    "export_results",
    "run",
    "what_if",
]
