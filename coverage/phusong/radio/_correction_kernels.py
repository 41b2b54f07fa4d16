"""The compiled loop of what calibration adds to a loss: plain arrays in, filled arrays out."""

import math

from .._compiled import compiled
from .._types import Floats, Labels
from ._clutter_kernels import slant_db


@compiled
def correction_db(
    decades: float, terrain_db: float, added_db: float, coefficients: Floats, limits: Floats
) -> float:
    """Return what calibration adds to the loss over bare ground of one path.

    `decades` is the logarithm of the distance; coefficients are offset, slope, weight of the
    terrain and share of what is added without calibration, limits the least and the largest
    decades and terrain that were measured: beyond them the correction stays as it is there.
    """
    decades = min(max(decades, limits[0]), limits[1])
    terrain_db = min(max(terrain_db, limits[2]), limits[3])
    found = coefficients[0] + coefficients[1] * decades + coefficients[2] * terrain_db
    return float(found + coefficients[3] * added_db)


@compiled
def add_correction(
    bare: Floats,
    uncalibrated: Floats,
    distance_m: Labels,
    depression_deg: Floats,
    land: Labels,
    free_space_db: Floats,
    decades: Floats,
    coefficients: Floats,
    limits: Floats,
    out: Floats,
) -> None:
    """Fill the calibrated loss.

    `free_space_db` and `decades` are those at every metre from the mast, `coefficients` has a row
    for every class of land at the receiver.
    """
    for row in range(bare.shape[0]):
        for column in range(bare.shape[1]):
            loss = float(bare[row, column])
            if math.isnan(loss):
                out[row, column] = math.nan
                continue
            at = distance_m[row, column]
            terrain = loss - free_space_db[at] - slant_db(depression_deg[row, column])
            out[row, column] = loss + correction_db(
                decades[at],
                max(terrain, 0.0),
                float(uncalibrated[row, column]) - loss,
                coefficients[land[row, column]],
                limits,
            )
