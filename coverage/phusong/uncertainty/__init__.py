"""How sure a share is: the errors of predictions, and what measured places prove."""

from .acceptance import (
    confidence_missed,
    confidence_reached,
    least_served,
    residents_to_settle,
    settled,
)
from .bands import Bands, bands, confident_verdict, meets, shares, target_probability
from .calibrated import Calibration, calibrate
from .draws import Contenders, Counted, Drawn, MeasuredMasts, draw
from .error_model import FINE_TERRAIN_M, MEAN_ERRORS_DB, ClutterSetting, ErrorModel
from .kriging import Residuals
from .measured import (
    BANDS,
    DISTANCE_CLASSES,
    accuracy,
    band,
    bias_and_spread,
    distance_class,
    expected_errors,
    measured_at_least,
    measured_places,
    share_at_least,
)
from .places import Curves, curves, served_probability
from .roads import SegmentErrors, SegmentRanking, chance_of_a_verdict, rank_segments
from .survey import (
    SurveyShare,
    allot,
    draw_places,
    survey_share,
    survey_shares_by_stratum,
    whole_residents,
)

__all__ = [
    "BANDS",
    "DISTANCE_CLASSES",
    "FINE_TERRAIN_M",
    "MEAN_ERRORS_DB",
    "Bands",
    "Calibration",
    "ClutterSetting",
    "Contenders",
    "Counted",
    "Curves",
    "Drawn",
    "ErrorModel",
    "MeasuredMasts",
    "Residuals",
    "SegmentErrors",
    "SegmentRanking",
    "SurveyShare",
    "accuracy",
    "allot",
    "band",
    "bands",
    "bias_and_spread",
    "calibrate",
    "chance_of_a_verdict",
    "confidence_missed",
    "confidence_reached",
    "confident_verdict",
    "curves",
    "distance_class",
    "draw",
    "draw_places",
    "expected_errors",
    "least_served",
    "measured_at_least",
    "measured_places",
    "meets",
    "rank_segments",
    "residents_to_settle",
    "served_probability",
    "settled",
    "share_at_least",
    "shares",
    "survey_share",
    "survey_shares_by_stratum",
    "target_probability",
    "whole_residents",
]
