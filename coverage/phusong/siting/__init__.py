"""Where to build: the places that cover most people for the money, with proof."""

from .covering import Covering, Merged, cover_cheapest, cover_most, merge_demand, undominated

__all__ = ["Covering", "Merged", "cover_cheapest", "cover_most", "merge_demand", "undominated"]
