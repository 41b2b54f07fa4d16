"""Building entry loss after ITU-R P.2109: what indoor reception costs beside the path.

Knows buildings of two kinds as populations; no path, no service.
"""

import math
from functools import cache
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

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
    require_range(NAME, "probability", probability, 0.001, 0.999, "")
    require_range(NAME, "elevation_deg", elevation_deg, -90.0, 90.0, "°")
    normal = NormalDist().inv_cdf(probability)
    return float(_loss_db(frequency_mhz, building, normal, abs(elevation_deg)))


@cache
def indoor_margin_db(
    *, frequency_mhz: float, probability: float, building: Building, location_sd_db: float
) -> float:
    """Return what a median level outdoors must exceed a threshold by to hold indoors, dB.

    Parameters
    ----------
    frequency_mhz : float
        80 to 100 000.
    probability : float
        Over locations in the pixel, buildings and places in them, together;
        0.001 to 0.999.
    building : {"traditional", "thermally_efficient"}
    location_sd_db : float
        Standard deviation of the level outdoors over locations, 0 or more.

    Raises
    ------
    ModelRangeError
        If a value lies outside its range.

    Notes
    -----
    The quantile of the sum of a normal location variability and the entry loss
    of P.2109 for a horizontal path, the two independent, by numerical
    integration over the normal variable behind the entry loss. Adding the two
    quantiles would ask for the worst of both at once. ITU-R P.1812 adds variances
    instead, σ² = σ_L² + σ_be², which is the same where both are normal; P.2109's
    loss is not.

    Examples
    --------
    Without location variability it is the entry loss; with it more, but less
    than the two margins one after the other, 10.3 dB more:

    >>> alone, both = (
    ...     indoor_margin_db(frequency_mhz=900.0, probability=0.9, building="traditional",
    ...                      location_sd_db=sd)
    ...     for sd in (0.0, 8.0)
    ... )
    >>> round(alone, 1), round(both, 1)
    (25.1, 29.2)
    """
    require_range(NAME, "probability", probability, 0.001, 0.999, "")
    require_range(NAME, "location_sd_db", location_sd_db, 0.0, 50.0, "dB")
    wanted = float(ndtri(probability))
    if location_sd_db == 0:
        return float(_loss_db(frequency_mhz, building, wanted))
    normal = np.linspace(-8.0, 8.0, 3201)
    weight = np.exp(-(normal**2) / 2)
    weight /= weight.sum()
    entry = _loss_db(frequency_mhz, building, normal)
    reach = 8.0 * location_sd_db

    def excess(margin: float) -> float:
        return float(weight @ ndtr((margin - entry) / location_sd_db)) - probability

    return float(brentq(excess, entry[0] - reach, entry[-1] + reach, xtol=1e-9))


def _loss_db(
    frequency_mhz: float, building: Building, normal: ArrayLike, elevation_deg: float = 0.0
) -> NDArray[np.float64]:
    """Return the entry loss at quantiles given as those of the normal distribution."""
    require_range(NAME, "frequency_mhz", frequency_mhz, 80.0, 100_000.0, "MHz")
    c, z = _COEFFICIENTS[building], np.asarray(normal, dtype=np.float64)
    log_f = math.log10(frequency_mhz / 1000)
    median = c.r + c.s * log_f + c.t * log_f**2 + 0.212 * elevation_deg
    usual = median + z * (c.u + c.v * log_f)
    light = c.w + c.x * log_f + z * (c.y + c.z * log_f)
    loss: NDArray[np.float64] = 10 * np.log10(10 ** (0.1 * usual) + 10 ** (0.1 * light) + 10**-0.3)
    return loss
