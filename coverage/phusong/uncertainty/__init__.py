"""How sure a share is: what measured places prove."""

from .acceptance import (
    confidence_missed,
    confidence_reached,
    least_served,
    residents_to_settle,
    settled,
)
from .survey import (
    SurveyShare,
    allot,
    draw_places,
    survey_share,
    survey_shares_by_stratum,
    whole_residents,
)

__all__ = [
    "SurveyShare",
    "allot",
    "confidence_missed",
    "confidence_reached",
    "draw_places",
    "least_served",
    "residents_to_settle",
    "settled",
    "survey_share",
    "survey_shares_by_stratum",
    "whole_residents",
]
