"""E-government readiness: what each office lacks, and in which order to mend it."""

from ._programme import Year
from .access import access_after_merger
from .checklist import CHECKLISTS, PREREQUISITES, Checklist, Prerequisite, prerequisites
from .levels import RULES, Rule, RuleTable, readiness_levels, rule_table
from .readiness import readiness, readiness_by_district, readiness_total
from .rollout import (
    RolloutPlan,
    Work,
    compare_scenarios,
    missing_works,
    plan_rollout,
    weigh,
)

__all__ = [
    "CHECKLISTS",
    "PREREQUISITES",
    "RULES",
    "Checklist",
    "Prerequisite",
    "RolloutPlan",
    "Rule",
    "RuleTable",
    "Work",
    "Year",
    "access_after_merger",
    "compare_scenarios",
    "missing_works",
    "plan_rollout",
    "prerequisites",
    "readiness",
    "readiness_by_district",
    "readiness_levels",
    "readiness_total",
    "rule_table",
    "weigh",
]
