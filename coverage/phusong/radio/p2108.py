"""Clutter loss after ITU-R P.2108: what houses and trees around an antenna take.

Knows one end of a path standing below the clutter around it; no terrain, no map.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from .propagation import require_range

NAME = "p2108"
STREET_WIDTH_M = 27.0
"""The Recommendation's own default (3.1)."""
FAR_KM = 2.0
"""From here on the terrestrial model (3.2) takes no more with distance."""

Equation = Literal["2a", "2b"]


def height_gain_loss_db(
    *,
    frequency_mhz: float,
    antenna_height_m: float,
    clutter_height_m: float,
    equation: Equation,
    street_width_m: float = STREET_WIDTH_M,
) -> float:
    """Return the additional loss to an antenna inside clutter, dB; 0 at the clutter's top or above.

    Parameters
    ----------
    frequency_mhz : float
        30 to 3000.
    antenna_height_m, clutter_height_m : float
        Above ground, more than 0.
    equation : {"2a", "2b"}
        2a: the wave is diffracted over the clutter's edge (towns, trees); 2b:
        over open land and water, where only the height counts.
    street_width_m : float
        Used by 2a, more than 0.

    Raises
    ------
    ModelRangeError
        If a value lies outside its range.

    Notes
    -----
    ITU-R P.2108-1 (2021), section 3.1, height gain terminal correction.

    Examples
    --------
    A phone at 1.5 m among trees of 15 m, and above them:

    >>> round(height_gain_loss_db(frequency_mhz=900.0, antenna_height_m=1.5,
    ...                           clutter_height_m=15.0, equation="2a"), 1)
    22.6
    >>> height_gain_loss_db(frequency_mhz=900.0, antenna_height_m=15.0,
    ...                     clutter_height_m=15.0, equation="2a")
    0.0
    """
    require_range(NAME, "frequency_mhz", frequency_mhz, 30.0, 3000.0, "MHz")
    for name, value in (
        ("antenna_height_m", antenna_height_m),
        ("clutter_height_m", clutter_height_m),
        ("street_width_m", street_width_m),
    ):
        require_range(NAME, name, value, math.ulp(0.0), math.inf, "m")
    if antenna_height_m >= clutter_height_m:
        return 0.0
    frequency_ghz = frequency_mhz / 1000
    if equation == "2b":
        slope = 21.8 + 6.2 * math.log10(frequency_ghz)
        return -slope * math.log10(antenna_height_m / clutter_height_m)
    below_m = clutter_height_m - antenna_height_m
    angle_deg = math.degrees(math.atan(below_m / street_width_m))
    nu = 0.342 * math.sqrt(frequency_ghz) * math.sqrt(below_m * angle_deg)
    edge_db = 6.9 + 20 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1)
    return edge_db - 6.03


def terrestrial_loss_db(
    *, frequency_mhz: float, distance_m: ArrayLike, probability: float = 0.5
) -> NDArray[np.float64]:
    """Return the clutter loss not exceeded at a share of places, for one end below the clutter, dB.

    Parameters
    ----------
    frequency_mhz : float
        500 to 67 000.
    distance_m : array_like
        Length of the path, at least 250 m; from 2 km on it takes no more.
    probability : float
        Over places, between 0 and 1; half is the median place.

    Returns
    -------
    ndarray of float64, shape of `distance_m`

    Raises
    ------
    ModelRangeError
        If a value lies outside its range.

    Notes
    -----
    ITU-R P.2108-1 (2021), section 3.2, statistical model for terrestrial paths
    in urban and suburban clutter.

    Examples
    --------
    >>> terrestrial_loss_db(frequency_mhz=900.0, distance_m=[250.0, 500.0, 9000.0]).round(1)
    array([18.3, 23.5, 24.5])
    """
    require_range(NAME, "frequency_mhz", frequency_mhz, 500.0, 67_000.0, "MHz")
    distance_km = np.asarray(distance_m, dtype=np.float64) / 1000
    require_range(NAME, "distance_m", 1000 * float(distance_km.min()), 250.0, math.inf, "m")
    require_range(NAME, "probability", probability, math.ulp(0.0), 1.0 - 2.0**-53, "")
    loss: NDArray[np.float64] = np.minimum(
        _terrestrial_db(frequency_mhz, distance_km, probability),
        _terrestrial_db(frequency_mhz, np.float64(FAR_KM), probability),
    )
    return loss


def _terrestrial_db(
    frequency_mhz: float, distance_km: NDArray[np.float64] | np.float64, probability: float
) -> NDArray[np.float64]:
    log_f = math.log10(frequency_mhz / 1000)
    far_db = -2 * math.log10(10 ** (-5 * log_f - 12.5) + 10**-16.5)
    near_db = 32.98 + 23.9 * np.log10(distance_km) + 3 * log_f
    far, near = 10 ** (-0.2 * far_db), 10 ** (-0.2 * near_db)
    spread_db = np.sqrt((4.0**2 * far + 6.0**2 * near) / (far + near))
    loss: NDArray[np.float64] = -5 * np.log10(far + near) + spread_db * ndtri(probability)
    return loss
