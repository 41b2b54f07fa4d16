"""Compiled loops over one path: its edges, and its terrain lowered out of the way. No checks.

Distances in metres; `top_m` and `end_m` are the antennas above sea level, `twice_radius_m` that of
the median effective earth.
"""

import math

from .._compiled import compiled
from .._types import Floats


@compiled
def bulge_m(d: Floats, i: int, twice_radius_m: float) -> float:
    """Return how high the earth rises over the chord at a point."""
    return float(d[i] * (d[d.size - 1] - d[i]) / twice_radius_m)


@compiled
def sight_m(d: Floats, i: int, top_m: float, end_m: float) -> float:
    """Return the height of the line between the antennas at a point."""
    return float(top_m + (end_m - top_m) * d[i] / d[d.size - 1])


@compiled
def edges(
    d: Floats, h: Floats, clutter: Floats, top_m: float, end_m: float, twice_radius_m: float,
    wave_m: float, nu: Floats,
) -> None:  # fmt: skip
    """Fill nu of every point between the ends."""
    length = d[d.size - 1]
    for i in range(1, d.size - 1):
        above = h[i] + clutter[i] + bulge_m(d, i, twice_radius_m) - sight_m(d, i, top_m, end_m)
        nu[i - 1] = above * math.sqrt(2 * length / (wave_m * d[i] * (length - d[i])))


@compiled
def lower(
    d: Floats, h: Floats, clutter: Floats, top_m: float, end_m: float, twice_radius_m: float,
    wave_m: float, share: float, lowered: Floats,
) -> None:  # fmt: skip
    """Fill heights that leave a share of the radius of the first Fresnel zone free."""
    n = d.size - 1
    for i in range(1, n):
        most = sight_m(d, i, top_m, end_m) - bulge_m(d, i, twice_radius_m) - clutter[i]
        zone_m = math.sqrt(wave_m * d[i] * (d[n] - d[i]) / d[n])
        lowered[i] = min(h[i], most - share * zone_m)
    lowered[0], lowered[n] = h[0], h[n]


@compiled
def passing_m(d: Floats, h: Floats, clutter: Floats, end_m: float, twice_radius_m: float) -> float:
    """Return the height above sea level from which the end is seen over every point."""
    n, highest = d.size - 1, -math.inf
    for i in range(1, n):
        top = h[i] + clutter[i] + bulge_m(d, i, twice_radius_m)
        highest = max(highest, top + (top - end_m) * d[i] / (d[n] - d[i]))
    return highest
