"""Compiled loops over draws: plain arrays in, filled arrays out, no checks."""

import numpy as np

from .._compiled import compiled
from .._types import Floats, Labels
from ._place_kernels import REACH_DB, STEP_DB

BITS = 12
"""Of a random number that pick a normal one from its table."""
PICKS = 4
"""So many normal numbers are picked by the bits of one random number of 64."""
ROUNDING_DB = 1e-3
"""By which a sum of bounds may miss the bound of the sums, which have single precision."""


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
    none_db: Floats,
    sure_db: Floats,
    enough: np.float32,
    common: Floats,
    of_mast: Floats,
    field: Floats,
    least: Floats,
    most: Floats,
    least_of_mast: Floats,
    most_of_mast: Floats,
    residents: Floats,
    uncorrelated: Floats,
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
    the `start`-th of all, a multiple of `PICKS`. `least` and `most` bound `common` and `field` at
    each cell. Of `residents` there is one row where their number has no error. `uncorrelated` holds
    2**BITS errors of a pixel. `values` holds for each kind the probability in the middle between
    margins `STEP_DB` apart, exactly 0 and 1 beyond `none_db` and `sure_db`.

    What is looked up in tables stands in loops of its own, so that the others are compiled to
    work on several draws at a time, as many as single precision allows.
    """
    ranks, draws = margin.shape[1], common.size
    last = np.float32(values.shape[1] - 1)
    slack = np.abs(uncorrelated).max() + ROUNDING_DB
    zero, one = np.float32(0), np.float32(1)
    reach, by_step = np.float32(REACH_DB), np.float32(1 / STEP_DB)
    mask = np.uint64(uncorrelated.size - 1)
    rank, row = np.empty(ranks, np.int32), np.empty(draws + PICKS, np.int32)
    error, place = np.empty(draws, np.float32), np.empty(draws, np.int32)
    served, best, missed = np.empty((3, draws), np.float32)
    in_pixels, likely = np.empty((2, draws))
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
            for draw in range(0, draws, PICKS):
                bits = mixed(own_seed, np.uint64(start + draw))
                for pick in range(PICKS):
                    row[draw + pick] = (bits >> np.uint64(BITS * pick)) & mask
            for draw in range(draws):
                error[draw] = common[draw] + field[at, draw] + uncorrelated[row[draw]]
            best[:] = zero
            missed[:] = one
            for j in range(hopeful):
                own, m, c = margin[s, rank[j]], mast[s, rank[j]], kind[s, rank[j]]
                for draw in range(draws):
                    on_curve = (own + of_mast[m, draw] + error[draw] + reach) * by_step
                    on_curve = on_curve if on_curve > zero else zero
                    place[draw] = np.int32(on_curve if on_curve < last else last)
                for draw in range(draws):
                    served[draw] = values[c, place[draw]]
                for draw in range(draws):
                    best[draw] = served[draw] if served[draw] > best[draw] else best[draw]
                    missed[draw] *= one - served[draw]
            for draw in range(draws):
                here = people * residents[who, draw]
                in_pixels[draw] += here if best[draw] >= enough else 0.0
                likely[draw] += here * (1.0 - missed[draw])
        by_pixel[unit] = in_pixels
        by_probability[unit] = likely
