"""Compiled loops over draws: plain arrays in, filled arrays out, no checks."""

import numpy as np

from .._compiled import compiled
from .._types import Floats, Labels
from ._place_kernels import REACH_DB, STEP_DB

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
def add_whole(
    first: Labels,
    slot: Labels,
    weight: Floats,
    cell: Labels,
    residents: Floats,
    whole: Floats,
) -> None:
    """Fill what each unit has in all in each draw; arguments as of `add_served`."""
    total = np.empty(whole.shape[1])
    for unit in range(first.size - 1):
        total[:] = 0.0
        for entry in range(first[unit], first[unit + 1]):
            who = cell[slot[entry]] if residents.shape[0] > 1 else 0
            for draw in range(total.size):
                total[draw] += weight[entry] * residents[who, draw]
        whole[unit] = total


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
    by_pixel: Floats,
    by_probability: Floats,
) -> None:
    """Fill what each unit has in each draw in pixels served, and times their probability.

    Entries of unit u are `first[u]` to `first[u + 1]`: the pixel's `slot`, and the weight there.
    By slot: `pixel` and `cell` number it on the grid and the lattice, and its servers stand in
    rising order of rank with margin, mast (negative for none) and kind. Draws are the last
    axis of `common`, `of_mast`, `field`, `residents` and of what is filled; the first of them is
    the `start`-th of all. `least` and `most` bound `common` and `field` at each cell. Of
    `residents` there is one row where their number has no error.

    What is looked up in tables stands in loops of its own, so that the others are compiled to
    work on several draws at a time.
    """
    ranks, draws, last = margin.shape[1], common.size, values.shape[1] - 1
    slack = FARTHEST * uncorrelated_sd + ROUNDING_DB
    rank, row = np.empty(ranks, np.int64), np.empty(draws, np.int64)
    error, value, place, served = (
        np.empty(draws), np.empty(draws), np.empty(draws), np.empty(draws)
    )  # fmt: skip
    best, missed, in_pixels, likely = (
        np.empty(draws), np.empty(draws), np.empty(draws), np.empty(draws)
    )  # fmt: skip
    for unit in range(first.size - 1):
        in_pixels[:] = 0.0
        likely[:] = 0.0
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
            if sure:
                for draw in range(draws):
                    here = people * residents[who, draw]
                    in_pixels[draw] += here
                    likely[draw] += here
                continue
            if hopeful == 0:
                continue
            own_seed = np.uint64(pixel[s]) ^ seed
            for draw in range(draws):
                row[draw] = mixed(own_seed, np.uint64(start + draw)) >> np.uint64(64 - BITS)
            for draw in range(draws):
                error[draw] = uncorrelated_sd * normals[row[draw]]
            best[:] = 0.0
            missed[:] = 1.0
            for j in range(hopeful):
                own, m, c = margin[s, rank[j]], mast[s, rank[j]], kind[s, rank[j]]
                none, all_served = none_db[c], sure_db[c]
                for draw in range(draws):
                    value[draw] = (
                        own + (common[draw] + field[at, draw]) + of_mast[m, draw] + error[draw]
                    )
                for draw in range(draws):
                    on_curve = (value[draw] + REACH_DB) / STEP_DB
                    on_curve = on_curve if on_curve > 0.0 else 0.0
                    place[draw] = on_curve if on_curve < last else last
                for draw in range(draws):
                    i = int(place[draw])
                    served[draw] = values[c, i] + (place[draw] - i) * slopes[c, i]
                for draw in range(draws):
                    here = served[draw] if value[draw] > none else 0.0
                    here = 1.0 if value[draw] > all_served else here
                    best[draw] = here if here > best[draw] else best[draw]
                    missed[draw] *= 1.0 - here
            for draw in range(draws):
                here = people * residents[who, draw]
                in_pixels[draw] += here if best[draw] >= enough else 0.0
                likely[draw] += here * (1.0 - missed[draw])
        by_pixel[unit] = in_pixels
        by_probability[unit] = likely
