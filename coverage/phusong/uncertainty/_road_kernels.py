"""Compiled loop over road segments and undecided units: no checks."""

import math

from .._compiled import compiled
from .._types import Floats

LEAST_VARIANCE = 1e-12
"""Of an error that is known already, dB²: rounding leaves so much."""


@compiled
def gains(
    shared: Floats,
    variance: Floats,
    by_chance: Floats,
    known: Floats,
    now: Floats,
    limit: Floats,
    needed: float,
    most: float,
    gain: Floats,
) -> None:
    """Fill by segment how many verdicts more than now it would settle.

    `shared`, of shape (segments, units), and `variance`, of a segment, tell what it explains beyond
    `by_chance` of the unit; `known` is explained already, `most` at most. `limit`, `needed` and
    `now` are those of `chance_of_a_verdict`. Most segments tell nothing of most units.
    """
    for segment in range(shared.shape[0]):
        total = 0.0
        for unit in range(shared.shape[1]):
            share = shared[segment, unit] ** 2 / max(variance[segment], LEAST_VARIANCE)
            more = share - by_chance[unit]
            if more > 0.0:
                explained = min(known[unit] + more, most)
                left = needed * math.sqrt(1.0 - explained)
                over = math.sqrt(2.0 * explained)
                chance = math.erfc((left - limit[unit]) / over)
                chance += math.erfc((left + limit[unit]) / over)
                total += 0.5 * chance - now[unit]
        gain[segment] = total
