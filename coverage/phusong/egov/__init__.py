"""E-government readiness: what each office lacks, and in which order to mend it."""

from .checklist import CHECKLISTS, PREREQUISITES, Checklist, Prerequisite, prerequisites
from .readiness import readiness, readiness_by_district, readiness_total

__all__ = [
    "CHECKLISTS",
    "PREREQUISITES",
    "Checklist",
    "Prerequisite",
    "prerequisites",
    "readiness",
    "readiness_by_district",
    "readiness_total",
]
