"""Where to build: the places that serve most people for the money, with proof."""

from ._solver import BRANCHES
from .candidates import Candidates, Search, find_candidates, too_near
from .chains import Chain, Link, cheapest_chains
from .cover import (
    Gap,
    cover_sets,
    served_by_sites,
    unserved,
)
from .covering import Covering, Merged, cover_cheapest, cover_most, merge_demand, undominated
from .curve import CurvePoint, money_curve
from .hops import HopRadio, judge_hops
from .programme import NextStep, SitePlan, next_step, plan_sites, served_by
from .works import BudgetYear, Demand, Need, Target, Wait, Works

__all__ = [
    "BRANCHES",
    "BudgetYear",
    "Candidates",
    "Chain",
    "Covering",
    "CurvePoint",
    "Demand",
    "Gap",
    "HopRadio",
    "Link",
    "Merged",
    "Need",
    "NextStep",
    "Search",
    "SitePlan",
    "Target",
    "Wait",
    "Works",
    "cheapest_chains",
    "cover_cheapest",
    "cover_most",
    "cover_sets",
    "find_candidates",
    "judge_hops",
    "merge_demand",
    "money_curve",
    "next_step",
    "plan_sites",
    "served_by",
    "served_by_sites",
    "too_near",
    "undominated",
    "unserved",
]
