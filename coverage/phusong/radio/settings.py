"""How signal is predicted: what a planner chooses once for every mast."""

from dataclasses import dataclass

from .clutter import ClutterRule
from .correction import Corrections
from .propagation import Link, Polarization, PropagationModel


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How signal is predicted, alike for every mast and service.

    Parameters
    ----------
    model : PropagationModel
        From `phusong.radio.model`.
    radius_m : float
        Farthest receiver from a mast.
    receiver_height_m : float
        Of the receiver's antenna above ground.
    time_percent : float
        Share of the average year for which the loss is not exceeded.
    polarization : {"vertical", "horizontal"}
        Of the wave.
    profile_step_m : float, optional
        Between the points of a profile; half a pixel of the elevation if absent, see
        `Heights.default_step_m`.
    clutter_rule : {"combined", "sum", "none"}
        How clutter at the ends goes together with the model's loss, see
        `clutter_loss_db`; models that hold their clutter get nothing more.
    mean_error_db : float
        Predicted minus measured level, as known beforehand; taken from every level.
    corrections : Corrections, optional
        What calibration adds to every loss over bare ground, in place of clutter and the known
        mean error.
    """

    model: PropagationModel
    radius_m: float
    receiver_height_m: float
    time_percent: float = Link.time_percent
    polarization: Polarization = Link.polarization
    profile_step_m: float | None = None
    clutter_rule: ClutterRule = "combined"
    mean_error_db: float = 0.0
    corrections: Corrections | None = None
