"""How sure a share is: what measured places prove."""

from .acceptance import (
    confidence_missed,
    confidence_reached,
    least_served,
    residents_to_settle,
    settled,
)
from .field import (
    FieldShare,
    allot,
    draw_places,
    field_share,
    field_shares_by_stratum,
    whole_residents,
)

__all__ = [
    "FieldShare",
    "allot",
    "confidence_missed",
    "confidence_reached",
    "draw_places",
    "field_share",
    "field_shares_by_stratum",
    "least_served",
    "residents_to_settle",
    "settled",
    "whole_residents",
]
