"""Fibre routes: how far they are, how they hang together, and what one cut takes away."""

from .distance import distance_to_fibre
from .network import Network, build_network, carrying
from .ofds import ofds_document, read_ofds
from .reach import attach, reach

__all__ = [
    "Network",
    "attach",
    "build_network",
    "carrying",
    "distance_to_fibre",
    "ofds_document",
    "reach",
    "read_ofds",
]
