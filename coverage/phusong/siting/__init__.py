"""Where to build: the places that serve most people for the money, with proof."""

from .covering import Covering, Merged, cover_cheapest, cover_most, merge_demand, undominated
from .programme import (
    BudgetYear,
    Demand,
    Need,
    NextStep,
    SitePlan,
    Target,
    Wait,
    Works,
    next_step,
    plan_sites,
)

__all__ = [
    "BudgetYear",
    "Covering",
    "Demand",
    "Merged",
    "Need",
    "NextStep",
    "SitePlan",
    "Target",
    "Wait",
    "Works",
    "cover_cheapest",
    "cover_most",
    "merge_demand",
    "next_step",
    "plan_sites",
    "undominated",
]
