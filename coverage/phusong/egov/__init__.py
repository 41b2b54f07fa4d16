"""E-government readiness: what each office lacks, and in which order to mend it.

`RULES` holds the rule tables that phusong knows, by version; `PREREQUISITES`
the known prerequisites, by name, of which counts and ratios wait for a minimum;
`JUDGED_BY` the columns of the offices that a prerequisite may be judged by, and
whether each is a flag (``"true"``) or a number (``"at_least"``).
"""

from ._programme import Year
from .access import access_after_merger
from .checklist import JUDGED_BY, PREREQUISITES, Prerequisite, prerequisites
from .levels import (
    RULES,
    Rule,
    RuleTable,
    one_level,
    readiness_levels,
    rule_faults,
    rule_table,
)
from .plausibility import (
    PLAUSIBILITY,
    PLAUSIBLE_FIGURES,
    Plausibility,
    implausible,
    plausibility_faults,
    plausibility_frame,
    plausibility_rules,
)
from .readiness import readiness, readiness_by_district, readiness_total
from .rollout import RolloutPlan, compare_scenarios, plan_rollout, weigh
from .works import Work, missing_works, work_faults

__all__ = [
    "JUDGED_BY",
    "PLAUSIBILITY",
    "PLAUSIBLE_FIGURES",
    "PREREQUISITES",
    "RULES",
    "Plausibility",
    "Prerequisite",
    "RolloutPlan",
    "Rule",
    "RuleTable",
    "Work",
    "Year",
    "access_after_merger",
    "compare_scenarios",
    "implausible",
    "missing_works",
    "one_level",
    "plan_rollout",
    "plausibility_faults",
    "plausibility_frame",
    "plausibility_rules",
    "prerequisites",
    "readiness",
    "readiness_by_district",
    "readiness_levels",
    "readiness_total",
    "rule_faults",
    "rule_table",
    "weigh",
    "work_faults",
]
