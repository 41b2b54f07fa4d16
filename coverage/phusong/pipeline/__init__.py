"""Where the rooms meet: one run of a study, its result, and the folder it writes."""

from .progress import Progress
from .result import Note, Result, ServiceRasters
from .run import check, run

__all__ = ["Note", "Progress", "Result", "ServiceRasters", "check", "run"]
