"""Building entry loss after ITU-R P.2109: what indoor reception costs beside the path.

Knows buildings of two kinds as populations; no path, no service.
"""

import math
from statistics import NormalDist
from typing import Literal, NamedTuple

from .propagation import require_range

NAME = "p2109"

Building = Literal["traditional", "thermally_efficient"]


class _Coefficients(NamedTuple):
    r: float
    s: float
    t: float
    u: float
    v: float
    w: float
    x: float
    y: float
    z: float


_COEFFICIENTS: dict[Building, _Coefficients] = {
    "traditional": _Coefficients(12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    "thermally_efficient": _Coefficients(28.19, -3.0, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
}


def building_entry_loss_db(
    *,
    frequency_mhz: float,
    probability: float,
    building: Building,
    elevation_deg: float = 0.0,
) -> float:
    """Return the building entry loss not exceeded with a probability, dB.

    Parameters
    ----------
    frequency_mhz : float
        80 to 100 000.
    probability : float
        Over buildings of the kind and places in them, between 0 and 1
        (0.001 to 0.999): half is the median building.
    building : {"traditional", "thermally_efficient"}
        The second has metallised glass or foil-backed panels.
    elevation_deg : float
        Of the path at the facade, -90 to 90; either sign costs the same.

    Raises
    ------
    ModelRangeError
        If a value lies outside its range.

    Notes
    -----
    ITU-R P.2109-1 (2019). The loss refers to an antenna outdoors
    close to the building, at the same height.

    Examples
    --------
    At 1 GHz log10 f is 0, and the median is
    10 log10(10^1.264 + 10^0.91 + 10^-0.3):

    >>> round(building_entry_loss_db(
    ...     frequency_mhz=1000.0, probability=0.5, building="traditional"), 2)
    14.31
    """
    require_range(NAME, "frequency_mhz", frequency_mhz, 80.0, 100_000.0, "MHz")
    require_range(NAME, "probability", probability, 0.001, 0.999, "")
    require_range(NAME, "elevation_deg", elevation_deg, -90.0, 90.0, "°")
    c = _COEFFICIENTS[building]
    log_f = math.log10(frequency_mhz / 1000)
    normal = NormalDist().inv_cdf(probability)
    median = c.r + c.s * log_f + c.t * log_f**2 + 0.212 * abs(elevation_deg)
    usual = median + normal * (c.u + c.v * log_f)
    light = c.w + c.x * log_f + normal * (c.y + c.z * log_f)
    return 10 * math.log10(10 ** (0.1 * usual) + 10 ** (0.1 * light) + 10**-0.3)
