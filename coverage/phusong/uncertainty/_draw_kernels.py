"""Compiled loops over draws: plain arrays in, filled arrays out, no checks."""

import numpy as np

from .._compiled import compiled
from .._types import Floats, Labels
from ._place_kernels import probability_at

BITS = 12
"""Of a random number that pick a normal one from its table."""
FARTHEST = 5.0
"""Standard deviations beyond which an uncorrelated error is not looked for."""
ROUNDING_DB = 1e-9
"""By which a sum of bounds may miss the bound of the sums."""


@compiled
def mixed(one: np.uint64, other: np.uint64) -> np.uint64:
    """Return a random number that belongs to two others (the finaliser of splitmix64)."""
    value = one * np.uint64(0x9E3779B97F4A7C15) + other * np.uint64(0xD1B54A32D192ED03)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def extremes(common: Floats, field: Floats, least: Floats, most: Floats) -> None:
    """Fill the least and the most over all draws of an error at each cell."""
    for at in range(field.shape[0]):
        low, high = np.inf, -np.inf
        for draw in range(common.size):
            value = common[draw] + field[at, draw]
            low, high = min(low, value), max(high, value)
        least[at], most[at] = low, high


@compiled
def add_served(  # noqa: C901 - to call a function for each entry takes as long again
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
    least: Floats,
    most: Floats,
    least_of_mast: Floats,
    most_of_mast: Floats,
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
    the `start`-th of all. `least` and `most` bound `common` and `field` at each cell. Of
    `residents` there is one row where their number has no error.
    """
    ranks, draws = margin.shape[1], common.size
    slack = FARTHEST * uncorrelated_sd + ROUNDING_DB
    rank, level = np.empty(ranks, np.int64), np.empty((ranks, draws))
    for unit in range(first.size - 1):
        for entry in range(first[unit], first[unit + 1]):
            s = slot[entry]
            at, people = cell[s], weight[entry]
            who = at if residents.shape[0] > 1 else 0
            low, high = least[at] - slack, most[at] + slack
            hopeful, sure = 0, False
            for k in range(ranks):
                m, c = mast[s, k], kind[s, k]
                if m < 0:
                    break
                if margin[s, k] + low + least_of_mast[m] > sure_db[c]:
                    sure = True
                    break
                if margin[s, k] + high + most_of_mast[m] > none_db[c]:
                    rank[hopeful] = k
                    hopeful += 1
            for draw in range(draws):
                whole[unit, draw] += people * residents[who, draw]
            if sure:
                for draw in range(draws):
                    by_pixel[unit, draw] += people * residents[who, draw]
                    by_probability[unit, draw] += people * residents[who, draw]
            elif hopeful > 0:
                for j in range(hopeful):
                    own, m = margin[s, rank[j]], mast[s, rank[j]]
                    for draw in range(draws):
                        level[j, draw] = own + (common[draw] + field[at, draw]) + of_mast[m, draw]
                for draw in range(draws):
                    here = people * residents[who, draw]
                    number = mixed(np.uint64(pixel[s]) ^ seed, np.uint64(start + draw))
                    error = uncorrelated_sd * normals[number >> np.uint64(64 - BITS)]
                    best, missed = 0.0, 1.0
                    for j in range(hopeful):
                        value, c = level[j, draw] + error, kind[s, rank[j]]
                        if value > sure_db[c]:
                            best, missed = 1.0, 0.0
                            break
                        if value > none_db[c]:
                            served = probability_at(values, slopes, c, value)
                            best = max(best, served)
                            missed *= 1.0 - served
                    if best >= enough:
                        by_pixel[unit, draw] += here
                    by_probability[unit, draw] += here * (1.0 - missed)
