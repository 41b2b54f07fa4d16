"""Fibre routes: how far they are, how they hang together, and what one cut takes away."""

from .carried import Carried
from .distance import distance_to_fibre
from .drops import drop_ways
from .extension import Extension, extend
from .links import (
    LinkPlan,
    avoid_trenches,
    build_links,
    candidate_links,
    double_homing,
    rank_links,
    second_way_lacks,
)
from .microwave import hop_section, hops_in_sight, low_earth_factor
from .network import RouteNetwork, adjacency, build_network, carrying
from .ofds import CheckedOfds, carry_ofds, check_ofds, ofds_document, read_ofds
from .phases import PhasePlan, plan_phases
from .prices import maintenance_vnd
from .reach import attach, connected, reach
from .resilience import Resilience, by_span, resilience
from .roads import road_network
from .slope import steep_stretches, terrain_ways
from .trench import shared_trenches
from .ways import CableRules, cable_ways

__all__ = [
    "CableRules",
    "Carried",
    "CheckedOfds",
    "Extension",
    "LinkPlan",
    "PhasePlan",
    "Resilience",
    "RouteNetwork",
    "adjacency",
    "attach",
    "avoid_trenches",
    "build_links",
    "build_network",
    "by_span",
    "cable_ways",
    "candidate_links",
    "carry_ofds",
    "carrying",
    "check_ofds",
    "connected",
    "distance_to_fibre",
    "double_homing",
    "drop_ways",
    "extend",
    "hop_section",
    "hops_in_sight",
    "low_earth_factor",
    "maintenance_vnd",
    "ofds_document",
    "plan_phases",
    "rank_links",
    "reach",
    "read_ofds",
    "resilience",
    "road_network",
    "second_way_lacks",
    "shared_trenches",
    "steep_stretches",
    "terrain_ways",
]
