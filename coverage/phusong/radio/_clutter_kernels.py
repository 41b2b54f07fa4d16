"""The compiled loop of clutter at the ends: plain arrays in, filled arrays out, no checks."""

import math

from .._compiled import compiled
from .._types import Floats, Labels

SMALL_RAD = 0.3
"""Below this the series of the slant is exact to 1e-5 dB."""


@compiled
def slant_db(depression_deg: float) -> float:
    """Return by how much free space over a slanted path exceeds that over its ground distance."""
    angle = depression_deg * math.pi / 180.0
    if abs(angle) > SMALL_RAD:
        return -20.0 * math.log10(math.cos(angle))
    square = angle * angle
    return 20.0 / math.log(10.0) * square * (0.5 + square * (1.0 / 12.0 + square / 45.0))


@compiled
def add_combined(
    loss: Floats,
    distance_m: Labels,
    depression_deg: Floats,
    land: Labels,
    free_space_db: Floats,
    terrestrial_db: Floats,
    share: Floats,
    out: Floats,
) -> None:
    """Fill the loss with what clutter adds by the rule ``combined``.

    `free_space_db` and `terrestrial_db` are those at every metre from the mast, `share` the
    share of clutter of both ends together for every class of land at the receiver.
    """
    for row in range(loss.shape[0]):
        for column in range(loss.shape[1]):
            bare = float(loss[row, column])
            if math.isnan(bare):
                out[row, column] = math.nan
                continue
            at = distance_m[row, column]
            clutter = share[land[row, column]] * terrestrial_db[at]
            terrain = bare - free_space_db[at] - slant_db(depression_deg[row, column])
            if terrain <= 0.0:
                out[row, column] = bare + clutter
            else:
                both = math.sqrt(terrain * terrain + clutter * clutter)
                out[row, column] = bare + (both - terrain)
