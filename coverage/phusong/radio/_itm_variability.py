"""How the Irregular Terrain Model's loss varies over time, locations and situations.

Knows the climates' empirical curves, as `_itm_terrain` cites them.
"""

import math

import numpy as np

from .._compiled import compiled
from .._types import Floats
from ._itm_terrain import Geometry, roughness

EXTREME_DEVIATE = 3.1
WAVE = 47.7
"""Frequency in MHz over the wave number in 1/m."""

# one row for each coefficient, one column for each of the seven climates
_MEDIAN = np.array(
    [
        [-9.67, -0.62, 1.26, -9.21, -0.62, -0.39, 3.15],
        [12.7, 9.19, 15.5, 9.05, 9.19, 2.86, 857.9],
        [144.9e3, 228.9e3, 262.6e3, 84.1e3, 228.9e3, 141.7e3, 2222.0e3],
        [190.3e3, 205.2e3, 185.2e3, 101.1e3, 205.2e3, 315.9e3, 164.8e3],
        [133.8e3, 143.6e3, 99.8e3, 98.6e3, 143.6e3, 167.4e3, 116.3e3],
    ]
)
_WEAKER = np.array(
    [
        [2.13, 2.66, 6.11, 1.98, 2.68, 6.86, 8.51],
        [159.5, 7.67, 6.65, 13.11, 7.16, 10.38, 169.8],
        [762.2e3, 100.4e3, 138.2e3, 139.1e3, 93.7e3, 187.8e3, 609.8e3],
        [123.6e3, 172.5e3, 242.2e3, 132.7e3, 186.8e3, 169.6e3, 119.9e3],
        [94.5e3, 136.4e3, 178.6e3, 193.5e3, 133.5e3, 108.9e3, 106.6e3],
    ]
)
_STRONGER = np.array(
    [
        [2.11, 6.87, 10.08, 3.68, 4.75, 8.58, 8.43],
        [102.3, 15.53, 9.60, 159.3, 8.12, 13.97, 8.19],
        [636.9e3, 138.7e3, 165.3e3, 464.4e3, 93.2e3, 216.0e3, 136.2e3],
        [134.8e3, 143.7e3, 225.7e3, 93.1e3, 135.9e3, 152.0e3, 188.5e3],
        [95.6e3, 98.6e3, 129.7e3, 94.2e3, 113.4e3, 122.7e3, 122.9e3],
    ]
)
_WEAKER_BY_FREQUENCY = np.array(
    [[1.0, 1.0, 1.0, 1.0, 0.92, 1.0, 1.0], [0, 0, 0, 0, 0.25, 0, 0], [0, 0, 0, 0, 1.77, 0, 0]]
)
_STRONGER_BY_FREQUENCY = np.array(
    [
        [1.0, 0.93, 1.0, 0.93, 0.93, 1.0, 1.0],
        [0, 0.31, 0, 0.19, 0.31, 0, 0],
        [0, 2.00, 0, 1.79, 2.00, 0, 0],
    ]
)
_DUCTING = np.array([1.224, 0.801, 1.380, 1.000, 1.224, 1.518, 1.518])
_DUCTING_FROM = np.array([1.282, 2.161, 1.282, 20.0, 1.282, 1.282, 1.282])


@compiled
def _curve(table: Floats, climate: int, d: float) -> float:
    """Return one empirical curve of a climate at the effective distance."""
    c1, c2, x1, x2, x3 = table[:, climate]
    near = (d / x1) ** 2
    return float((c1 + c2 / (1.0 + ((d - x2) / x3) ** 2)) * near / (1.0 + near))


@compiled
def _by_frequency(table: Floats, climate: int, q: float) -> float:
    """Return how the spread of a climate goes with frequency."""
    c1, c2, c3 = table[:, climate]
    return float(c1 + c2 / ((c3 * q) ** 2 + 1.0))


@compiled
def deviate(share: float) -> float:
    """Return the normal deviate exceeded with that probability, as approximated."""
    x = 0.5 - share
    t = math.sqrt(-2.0 * math.log(max(0.5 - abs(x), 1e-6)))
    v = t - ((0.010328 * t + 0.802853) * t + 2.515516) / (
        ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    )
    return -v if x < 0.0 else v


@compiled
def with_variability(
    a_ref: float,
    d: float,
    f: float,
    g: Geometry,
    climate: int,
    mode: int,
    time: float,
    location: float,
    situation: float,
) -> tuple[float, bool]:
    """Return the attenuation not exceeded for these shares, and whether one is extreme.

    `mode` is 0 single message, 1 accidental, 2 mobile, 3 broadcast; 10 more for
    no variability over locations, 20 more for none over situations.
    """
    over_situations, over_locations = mode < 20, mode % 20 < 10
    mode %= 10
    z_t, z_l, z_s = deviate(time), deviate(location), deviate(situation)
    if mode == 0:
        z_t = z_l = z_s
    elif mode == 1:
        z_l = z_s
    elif mode == 2:
        z_l = z_t
    extreme = max(abs(z_t), abs(z_l), abs(z_s)) > EXTREME_DEVIATE

    wave = f / WAVE
    d_far = math.sqrt(18e6 * g.he_t) + math.sqrt(18e6 * g.he_r) + (575.7e12 / wave) ** (1.0 / 3.0)
    d_e = 130e3 * d / d_far if d < d_far else 130e3 + d - d_far

    sigma_s = 5.0 + 3.0 * math.exp(-d_e / 100e3) if over_situations else 0.0
    q = math.log(0.133 * wave)
    weaker = _curve(_WEAKER, climate, d_e) * _by_frequency(_WEAKER_BY_FREQUENCY, climate, q)
    stronger = _curve(_STRONGER, climate, d_e) * _by_frequency(_STRONGER_BY_FREQUENCY, climate, q)
    ducted = stronger * _DUCTING[climate]
    if z_t < 0.0:
        sigma_t = weaker
    elif z_t <= _DUCTING_FROM[climate]:
        sigma_t = stronger
    else:
        sigma_t = ducted + (stronger - ducted) * _DUCTING_FROM[climate] / z_t
    sigma_l = 0.0
    if over_locations:
        rough = roughness(d, g.delta_h) * wave
        sigma_l = 10.0 * rough / (rough + 13.0)

    y_t, y_l = sigma_t * z_t, sigma_l * z_l
    y_s2 = sigma_s**2 + y_t**2 / (7.8 + z_s**2) + y_l**2 / (24.0 + z_s**2)
    if mode == 0:
        shift, spread = 0.0, math.sqrt(sigma_t**2 + sigma_l**2 + y_s2)
    elif mode == 1:
        shift, spread = y_t, math.sqrt(sigma_l**2 + y_s2)
    elif mode == 2:
        shift, spread = math.sqrt(sigma_t**2 + sigma_l**2) * z_t, math.sqrt(y_s2)
    else:
        shift, spread = y_t + y_l, math.sqrt(y_s2)
    a = a_ref - _curve(_MEDIAN, climate, d_e) - shift - spread * z_s
    if a < 0.0:
        a *= (29.0 - a) / (29.0 - 10.0 * a)
    return a, extreme
