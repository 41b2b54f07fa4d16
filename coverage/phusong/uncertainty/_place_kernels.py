"""Compiled loops: how likely a place in a pixel is served. No checks."""

from .._compiled import compiled
from .._types import Floats, Labels

REACH_DB, STEP_DB = 60.0, 0.05
"""A curve has a value for each margin from -REACH_DB to REACH_DB."""


@compiled
def probability_at(values: Floats, slopes: Floats, kind: int, margin_db: float) -> float:
    """Return the probability of a margin, on the line between two values of the kind's curve."""
    place = (margin_db + REACH_DB) / STEP_DB
    if not place > 0.0:  # NaN is no level
        return 0.0
    last = values.shape[1] - 1
    if place >= last:
        return float(values[kind, last])
    i = int(place)
    return float(values[kind, i] + (place - i) * slopes[kind, i])


@compiled
def either_serves(
    margin_db: Floats,
    server: Labels,
    second_margin_db: Floats,
    second_server: Labels,
    kind: Labels,
    mast: Labels,
    values: Floats,
    slopes: Floats,
    probability: Floats,
) -> None:
    """Fill the probability that the best or the second server serves a place in each pixel.

    Servers are rows of `kind` and `mast`, negative for none. What hides a place from one
    mast is taken as independent of what hides it from another, and the same for all cells of
    one mast.
    """
    for i in range(margin_db.shape[0]):
        for j in range(margin_db.shape[1]):
            cell, other = server[i, j], second_server[i, j]
            probability[i, j] = 0.0
            if cell < 0:
                continue
            best = probability_at(values, slopes, kind[cell], margin_db[i, j])
            if other >= 0:
                own = second_margin_db[i, j]
                second = probability_at(values, slopes, kind[other], own)
                if mast[other] == mast[cell]:
                    best = max(best, second)
                else:
                    best = 1.0 - (1.0 - best) * (1.0 - second)
            probability[i, j] = best
