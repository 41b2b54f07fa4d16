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
    level = np.empty(ranks)
    slack = FARTHEST * uncorrelated_sd
    for unit in range(first.size - 1):
        for entry in range(first[unit], first[unit + 1]):
            s = slot[entry]
            at = cell[s]
            for draw in range(draws):
                people = weight[entry] * residents[at, draw]
                whole[unit, draw] += people
                shared = common[draw] + field[at, draw]
                sure, hope, known = False, False, 0
                for k in range(ranks):
                    if mast[s, k] < 0:
                        break
                    known += 1
                    level[k] = margin[s, k] + shared + of_mast[mast[s, k], draw]
                    sure = sure or level[k] - slack > sure_db[kind[s, k]]
                    hope = hope or level[k] + slack > none_db[kind[s, k]]
                if sure:
                    by_pixel[unit, draw] += people
                    by_probability[unit, draw] += people
                elif hope:
                    own = np.uint64(pixel[s]) ^ seed
                    number = mixed(own, np.uint64(start + draw)) >> np.uint64(64 - BITS)
                    error = uncorrelated_sd * normals[number]
                    best, missed = 0.0, 1.0
                    for k in range(known):
                        c = kind[s, k]
                        served = probability_at(values[c], slopes[c], level[k] + error)
                        best = max(best, served)
                        missed *= 1.0 - served
                    if best >= enough:
                        by_pixel[unit, draw] += people
                    by_probability[unit, draw] += people * (1.0 - missed)
