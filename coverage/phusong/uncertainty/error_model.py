"""By how much predictions are wrong where nobody measured: the figures, each with its source.

The sources and the weakness of each figure stand in docs/methods/uncertainty.md.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

FINE_TERRAIN_M, COARSE_TERRAIN_M = 100.0, 450.0
"""Pixels of 3 arc seconds and less, and of 15 and more."""
COARSE_FIELD_DB, COARSE_FIELD_LENGTH_M = 11.0, 1000.0
"""Of the field over coarse terrain: one measured place with terrain of 15 arc seconds."""
TIME_VARIANCE = 7.8 + 1.0
"""The square of what a loss gains over its median by time, against the variance of that gain: the
Irregular Terrain Model's 7.8 + z² between situations, at one standard deviation."""

ClutterSetting = Literal["open", "in_model", "combined", "sum"]

MEAN_ERRORS_DB: Mapping[ClutterSetting, float] = {
    "open": 20.0,
    "in_model": 0.0,
    "combined": 0.0,
    "sum": 5.0,
}
"""Predicted minus measured level by what is taken for clutter at the phone, dB.

Three measured places: in the open +20.5, +25.3 and +22.5, four more between +9 and +29;
combined +0.6, -1.3 and +4.7, whose mean of +1.3 lies within its doubt of 1.8; in sum +2.3,
+7.5 and +6.5. Of a model that holds clutter, its own settings decide.
"""


@dataclass(frozen=True, kw_only=True)
class ErrorModel:
    """How far true levels and residents may be from those predicted, in one province.

    The defaults are for a province where nobody measured, with terrain of at most 3 arc seconds;
    `over_terrain` has those for other terrain. A true level is the predicted one
    less `mean_db` plus normal errors with the standard deviations below, each its own draw.

    Parameters
    ----------
    mean_db : float
        Predicted minus measured level that is left in the prediction.
    province_sd_db : float
        Of an error that all levels of the province share.
    station_sd_db : float
        Of an error that all levels of one mast share.
    field_sd_db, field_length_m : float
        Of an error that depends on the place, the same for all masts; its correlation
        falls as exp(-distance / length).
    uncorrelated_sd_db : float
        Of an error of each pixel by itself.
    population_sd : float
        Relative, of the residents in a cell of the lattice of the field; log-normal.
    """

    mean_db: float = 0.0
    province_sd_db: float = 6.0
    station_sd_db: float = 5.0
    field_sd_db: float = 7.0
    field_length_m: float = 450.0
    uncorrelated_sd_db: float = 2.5
    population_sd: float = 0.3

    @classmethod
    def over_terrain(cls, pixel_m: float) -> "ErrorModel":
        """Return the defaults for predictions over a terrain of such pixels.

        Parameters
        ----------
        pixel_m : float
            Side of a pixel. Up to 100 m the field is that of fine terrain, from 450 m on
            that of terrain of 15 arc seconds, and in between on the line between them.

        Returns
        -------
        ErrorModel

        Examples
        --------
        >>> ErrorModel.over_terrain(90).field_sd_db, ErrorModel.over_terrain(460).field_sd_db
        (7.0, 11.0)
        >>> ErrorModel.over_terrain(275).field_length_m
        725.0
        """
        coarse = (pixel_m - FINE_TERRAIN_M) / (COARSE_TERRAIN_M - FINE_TERRAIN_M)
        coarse = min(max(coarse, 0.0), 1.0)
        fine = cls()
        return cls(
            field_sd_db=fine.field_sd_db + coarse * (COARSE_FIELD_DB - fine.field_sd_db),
            field_length_m=fine.field_length_m
            + coarse * (COARSE_FIELD_LENGTH_M - fine.field_length_m),
        )

    def over_time(self, gain_db: float) -> "ErrorModel":
        """Return the errors of levels that are exceeded for less than half of the time.

        Parameters
        ----------
        gain_db : float
            By how much such a level is predicted above the median over time.

        Returns
        -------
        ErrorModel
            The climate that a gain is predicted from is one for the province, so is its error.

        Examples
        --------
        >>> round(ErrorModel().over_time(10.0).province_sd_db, 1)
        6.9
        """
        sd_db = math.hypot(self.province_sd_db, gain_db / math.sqrt(TIME_VARIANCE))
        return replace(self, province_sd_db=sd_db)
