"""Calibrate a study by its own measured samples: other losses, and less doubt of them."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...._settings import STUDY_FILE
from ....errors import InputError, PhusongError, Problem
from ....study import Study
from ....uncertainty import Calibration, calibrate, expected_errors
from ...load import Loaded
from ...records import Note
from .corrections import mast_name
from .inputs import CoverageInputs, take
from .samples import places_of, usable
from .settings import radio_of

LEAST_PLACES, LEAST_BLOCKS = 10, 3
"""Fewer say more of themselves than of the province."""
CONFIDENCE = 0.9


def calibrated(study: Study, loaded: Loaded) -> tuple[Loaded, Sequence[Note]]:
    """Calibrate a study by the measured samples that were loaded, if it asks for that.

    Parameters
    ----------
    study : Study
    loaded : Loaded

    Returns
    -------
    Loaded
        With the calibration; the same if the study has no ``[calibration]``, or faults that the
        checks tell of.
    sequence of Note

    Raises
    ------
    InputError
        If too few places above the instrument's floor can be compared.
    """
    if study.calibration is None:
        return loaded, ()
    inputs = take(study, loaded)
    if isinstance(inputs, Note):
        return loaded, ()
    try:
        places = _compared(study, loaded, inputs)
    except PhusongError:
        return loaded, ()  # told by the checks
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
    predicted_dbm = places["predicted_dbm"].to_numpy(float)
    residual_db = predicted_dbm - places["level_dbm"].to_numpy(float)
    error, unknown_db2 = expected_errors(residual_db, places["censored"])
    at = inputs.planned.cells.geometry.iloc[places["cell"]]
    added_db = places["open_level_dbm"].to_numpy(float) - predicted_dbm
    paths = {name: places[name] for name in ("distance_m", "terrain_db", "clutter_db")}
    groups: dict[str, ArrayLike] = {
        "mast": [mast_name(one.x, one.y, inputs.files.resolution_m) for one in at],
        "band": places["band"],
        "environment": places["environment"],
    }
    at_m = places["x_m"], places["y_m"]
    fitted = calibrate(
        error,
        error + added_db,
        **paths,
        block=blocks,
        unknown_db2=unknown_db2,
        groups=groups,
        at_m=at_m,
    )
    more_db = fitted.correction_db(**paths, added_db=added_db, groups=groups) - added_db
    notes = [_note(fitted, error, float(more_db.mean()))]
    if fitted.residuals is not None:
        values = {"rmse": math.sqrt(float(np.nanmean(fitted.kriged_db**2)))}
        notes.append(Note("pipeline.calibrated_near", values))
    return replace(loaded, calibration=fitted), notes


def _compared(study: Study, loaded: Loaded, inputs: CoverageInputs) -> pd.DataFrame:
    """Return the places beside the uncalibrated prediction."""
    samples = usable(loaded.tables["measurements"], inputs.near, study.measured, radio_of(study))
    places = places_of(samples, inputs.planned, study.measured)
    return places[places["used"] & places["predicted_dbm"].notna()]


def _blocks(places: pd.DataFrame, block_m: float) -> pd.Series:
    column, row = (np.floor(places[axis] / block_m).astype(int) for axis in ("x_m", "y_m"))
    named: pd.Series = column.astype(str) + "_" + row.astype(str)
    return named


def _note(fitted: Calibration, error: np.ndarray, more_db: float) -> Note:
    left = fitted.out_of_block_db
    values = {
        "places": fitted.places,
        "blocks": fitted.blocks,
        "moved": -more_db,
        "with_distance": -fitted.slope_db,
        "terrain": 100 * (1 + fitted.weight),
        "doubt": fitted.offset_sd_db,
        "rmse_before": math.sqrt(float((error[np.isfinite(left)] ** 2).mean())),
        "rmse": math.sqrt(float(np.nanmean(left**2))),
        "confidence": 100 * CONFIDENCE,
        "width": fitted.half_width_db(CONFIDENCE),
    }
    return Note("pipeline.calibrated", values)
