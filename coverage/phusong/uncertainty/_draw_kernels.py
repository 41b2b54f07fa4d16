"""Compiled loops over draws: plain arrays in, filled arrays out, no checks."""

import numpy as np

from .._compiled import compiled
from .._types import Floats, Labels
from ._place_kernels import probability_at

BITS = 12
"""Of a random number that pick a normal one from its table."""
FARTHEST = 5.0
"""Standard deviations beyond which an uncorrelated error is not looked for."""


@compiled
def mixed(one: np.uint64, other: np.uint64) -> np.uint64:
    """Return a random number that belongs to two others (the finaliser of splitmix64)."""
    value = one * np.uint64(0x9E3779B97F4A7C15) + other * np.uint64(0xD1B54A32D192ED03)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def served_by(
    level: Floats,
    error: float,
    kind: Labels,
    values: Floats,
    slopes: Floats,
    none_db: Floats,
    sure_db: Floats,
) -> tuple[float, float]:
    """Return which share of places the best mast serves, and which none of them does."""
    best, missed = 0.0, 1.0
    for k in range(level.size):
        value, c = level[k] + error, kind[k]
        if value > sure_db[c]:
            return 1.0, 0.0
        if value > none_db[c]:
            served = probability_at(values, slopes, c, value)
            best = max(best, served)
            missed *= 1.0 - served
    return best, missed


@compiled
def add_served(
    first: Labels,
    slot: Labels,
    weight: Floats,
    pixel: Labels,
    cell: Labels,
    margin: Floats,
    mast: Labels,
    kind: Labels,
    values: Floats,
    slopes: Floats,
    none_db: Floats,
    sure_db: Floats,
    enough: float,
    common: Floats,
    of_mast: Floats,
    field: Floats,
    residents: Floats,
    normals: Floats,
    uncorrelated_sd: float,
    seed: np.uint64,
    start: int,
    whole: Floats,
    by_pixel: Floats,
    by_probability: Floats,
) -> None:
    """Fill what each unit has in each draw: in all, in pixels served, times their probability.

    Entries of unit u are `first[u]` to `first[u + 1]`: the pixel's `slot`, and the weight there.
    By slot: `pixel` and `cell` number it on the grid and the lattice, and its servers stand in
    rising order of rank with margin, mast (negative for none) and kind. Draws are the last
    axis of `common`, `of_mast`, `field`, `residents` and of what is filled; the first of them is
    the `start`-th of all.
    """
    ranks, draws = margin.shape[1], common.size
    slack = FARTHEST * uncorrelated_sd
    level = np.empty((ranks, draws))
    for unit in range(first.size - 1):
        for entry in range(first[unit], first[unit + 1]):
            s = slot[entry]
            at, people = cell[s], weight[entry]
            known = 0
            while known < ranks and mast[s, known] >= 0:
                known += 1
            sure, hope = False, False
            for k in range(known):
                own, m, c = margin[s, k], mast[s, k], kind[s, k]
                least, most = np.inf, -np.inf
                for draw in range(draws):
                    value = own + (common[draw] + field[at, draw]) + of_mast[m, draw]
                    level[k, draw] = value
                    least, most = min(least, value), max(most, value)
                sure = sure or least - slack > sure_db[c]
                hope = hope or most + slack > none_db[c]
                if sure:
                    break
            for draw in range(draws):
                whole[unit, draw] += people * residents[at, draw]
            if sure:
                for draw in range(draws):
                    by_pixel[unit, draw] += people * residents[at, draw]
                    by_probability[unit, draw] += people * residents[at, draw]
            elif hope:
                for draw in range(draws):
                    here = people * residents[at, draw]
                    number = mixed(np.uint64(pixel[s]) ^ seed, np.uint64(start + draw))
                    error = uncorrelated_sd * normals[number >> np.uint64(64 - BITS)]
                    best, missed = served_by(
                        level[:known, draw], error, kind[s], values, slopes, none_db, sure_db
                    )
                    if best >= enough:
                        by_pixel[unit, draw] += here
                    by_probability[unit, draw] += here * (1.0 - missed)
