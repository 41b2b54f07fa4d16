"""Calibrate a study by its own measured samples: another mean error, and less doubt of it."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy  # `scipy.stats` is loaded once it is asked for: it takes a while

from ...._settings import STUDY_FILE
from ....errors import InputError, PhusongError, Problem
from ....study import Study
from ....uncertainty import Calibration, bias_and_spread, calibrate
from ...load import Loaded
from ...records import Note
from .inputs import CoverageInputs, take
from .probability import masts_of
from .samples import places_of, usable
from .settings import radio_of

LEAST_PLACES, LEAST_BLOCKS = 10, 3
"""Fewer say more of themselves than of the province."""
CONFIDENCE = 0.9


def calibrated(study: Study, loaded: Loaded) -> tuple[Study, Sequence[Note]]:
    """Return a study whose mean error is that of its measured samples, if it asks for that.

    Parameters
    ----------
    study : Study
    loaded : Loaded

    Returns
    -------
    Study
        The same if it has no ``[calibration]``, or faults that the checks tell of. Else
        `Radio.mean_error_db` is what was taken before and the offset of the samples, and
        `Uncertainty.province_sd_db`, unless stated, what is left of its doubt.
    sequence of Note

    Raises
    ------
    InputError
        If too few places above the instrument's floor can be compared.
    """
    if study.calibration is None:
        return study, ()
    inputs = take(study, loaded)
    if isinstance(inputs, Note):
        return study, ()
    try:
        places = _compared(study, loaded, inputs)
    except PhusongError:
        return study, ()  # told by the checks
    blocks = _blocks(places, study.calibration.block_m)
    # A place at the floor is a bound: such places alone say how far the prediction errs at least.
    levels = blocks[~places["censored"].to_numpy(bool)]
    found = {"places": len(levels), "blocks": int(levels.nunique())}
    if found["places"] < LEAST_PLACES or found["blocks"] < LEAST_BLOCKS:
        least = {"least_places": LEAST_PLACES, "least_blocks": LEAST_BLOCKS}
        problem = Problem(
            message="pipeline.calibration_few",
            file=STUDY_FILE,
            key="calibration",
            values=found | least,
        )
        raise InputError([problem])
    error = _errors(places)
    fitted = calibrate(
        error,
        error,
        distance_m=places["distance_m"],
        terrain_db=places["terrain_db"],
        block=blocks,
        groups={"mast": masts_of(inputs.planned.cells, inputs.near)[places["cell"]]},
        offset_alone=True,
    )
    return _with(study, inputs, fitted), [_note(inputs, fitted, error)]


def _compared(study: Study, loaded: Loaded, inputs: CoverageInputs) -> pd.DataFrame:
    """Return the places beside the uncalibrated prediction."""
    samples = usable(loaded.tables["measurements"], inputs.near, study.measured, radio_of(study))
    places = places_of(samples, inputs.planned, study.measured)
    return places[places["used"] & places["predicted_dbm"].notna()]


def _blocks(places: pd.DataFrame, block_m: float) -> pd.Series:
    column, row = (np.floor(places[axis] / block_m).astype(int) for axis in ("x_m", "y_m"))
    named: pd.Series = column.astype(str) + "_" + row.astype(str)
    return named


def _errors(places: pd.DataFrame) -> np.ndarray:
    """Return predicted minus measured levels; of censored places what is to be expected."""
    error = np.array(places["predicted_dbm"] - places["level_dbm"], float)
    censored = places["censored"].to_numpy(bool)
    mean, sd = bias_and_spread(error, censored)
    if censored.any() and sd > 0:
        beyond = (error[censored] - mean) / sd
        hazard = np.exp(scipy.stats.norm.logpdf(beyond) - scipy.stats.norm.logsf(beyond))
        error[censored] = mean + sd * hazard
    return error


def _with(study: Study, inputs: CoverageInputs, fitted: Calibration) -> Study:
    taken_db = inputs.settings.mean_error_db + fitted.offset_db
    radio = radio_of(study).model_copy(update={"mean_error_db": taken_db})
    doubt = study.uncertainty
    if doubt.province_sd_db is None:
        doubt = doubt.model_copy(update={"province_sd_db": fitted.offset_sd_db})
    return study.model_copy(update={"radio": radio, "uncertainty": doubt})


def _note(inputs: CoverageInputs, fitted: Calibration, error: np.ndarray) -> Note:
    left = fitted.out_of_block_db
    values = {
        "places": fitted.places,
        "blocks": fitted.blocks,
        "offset": fitted.offset_db,
        "before": inputs.settings.mean_error_db,
        "taken": inputs.settings.mean_error_db + fitted.offset_db,
        "doubt": fitted.offset_sd_db,
        "rmse_before": math.sqrt(float((error**2).mean())),
        "rmse": math.sqrt(float((left**2).mean())),
        "confidence": 100 * CONFIDENCE,
        "width": fitted.half_width_db(CONFIDENCE),
    }
    return Note("pipeline.calibrated", values)
