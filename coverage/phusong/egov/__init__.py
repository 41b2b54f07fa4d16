"""E-government readiness: what each office lacks, and in which order to mend it."""

from .checklist import CHECKLISTS, PREREQUISITES, Checklist, Prerequisite, prerequisites
from .readiness import readiness, readiness_by_district, readiness_total
from .rollout import (
    RolloutPlan,
    Work,
    Year,
    compare_scenarios,
    missing_works,
    plan_rollout,
    weigh,
)

__all__ = [
    "CHECKLISTS",
    "PREREQUISITES",
    "Checklist",
    "Prerequisite",
    "RolloutPlan",
    "Work",
    "Year",
    "compare_scenarios",
    "missing_works",
    "plan_rollout",
    "prerequisites",
    "readiness",
    "readiness_by_district",
    "readiness_total",
    "weigh",
]
