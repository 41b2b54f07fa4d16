"""The desk: one local page for those who have never seen a terminal.

Create a study, drop files, see how each was read, compute, look at the maps. Nothing here
computes: every button is a call that the command line and Python have too, made in a process of
its own (`work`), so that a stopped or killed desk leaves the study and its former results whole.
What must be kept lies in the study's folder.

Needs the extra ``desk`` (Starlette and Uvicorn).
"""

from .places import Recent, StudyFolder
from .serve import serve
from .work import Work

__all__ = ["Recent", "StudyFolder", "Work", "serve"]
