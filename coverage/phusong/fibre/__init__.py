"""Fibre routes: how far they are, how they hang together, and what one cut takes away."""

from .distance import distance_to_fibre

__all__ = ["distance_to_fibre"]
