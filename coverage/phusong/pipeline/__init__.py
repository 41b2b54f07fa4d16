"""Where the rooms meet: one run of a study, its result, and the folder it writes."""

from .result import Note, Progress, Result, ServiceRasters
from .run import check, run

__all__ = ["Note", "Progress", "Result", "ServiceRasters", "check", "run"]
