"""How sure a share is: the errors of predictions, and what measured places prove."""

from .acceptance import (
    confidence_missed,
    confidence_reached,
    least_served,
    residents_to_settle,
    settled,
)
from .bands import Bands, bands, confident_verdict, shares, target_probability
from .draws import Contenders, Counted, Drawn, draw
from .error_model import MEAN_ERRORS_DB, ClutterSetting, ErrorModel
from .places import Curves, curves, served_probability
from .survey import (
    SurveyShare,
    allot,
    draw_places,
    survey_share,
    survey_shares_by_stratum,
    whole_residents,
)

__all__ = [
    "MEAN_ERRORS_DB",
    "Bands",
    "ClutterSetting",
    "Contenders",
    "Counted",
    "Curves",
    "Drawn",
    "ErrorModel",
    "SurveyShare",
    "allot",
    "bands",
    "confidence_missed",
    "confidence_reached",
    "confident_verdict",
    "curves",
    "draw",
    "draw_places",
    "least_served",
    "residents_to_settle",
    "served_probability",
    "settled",
    "shares",
    "survey_share",
    "survey_shares_by_stratum",
    "target_probability",
    "whole_residents",
]
