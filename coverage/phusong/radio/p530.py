"""How long fading and rain take a microwave hop out: Recommendation ITU-R P.530-17 (12/2017).

Knows one hop in numbers: length, frequency, heights, fade margin, climate. Whether the ground
leaves it free is `fibre.hops_in_sight`'s. Edition 18 replaced the multipath of section 2.3 by maps
of the ITU that cannot be passed on; its section 2.4.1, rain, is that of edition 17.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._types import Floats
from .free_space import level_free_space_db
from .p838 import rain_coefficients

SHORTEST_KM = 5.0
"""Multipath of nearer ends is taken as none (section 2.3.1)."""
_LARGEST_FACTOR = 2.5
_MOST_GEOCONVERSION_DB = 10.8


@dataclass(frozen=True, kw_only=True)
class HopClimate:
    """What the air and the land around a hop are like.

    Parameters
    ----------
    rain_rate_mm_h : float
        R0.01: exceeded for 0.01 % of an average year, over one minute (ITU-R P.837).
    gradient_n_per_km : float
        dN1: point refractivity gradient in the lowest 65 m not exceeded for 1 % of an average
        year (ITU-R P.453), below zero.
    roughness_m : float
        sa: standard deviation of terrain heights within 110 × 110 km.
    latitude_deg : float
    """

    rain_rate_mm_h: float
    gradient_n_per_km: float
    roughness_m: float
    latitude_deg: float

    @property
    def geoclimatic_factor(self) -> float:
        """K of equation (4)."""
        slope = -4.4 - 0.0027 * self.gradient_n_per_km
        return float(10**slope * (10 + self.roughness_m) ** -0.46)


def fade_margin_db(
    distance_km: ArrayLike,
    *,
    frequency_ghz: float,
    power_dbm: float,
    gain_dbi: float,
    losses_db: float,
    threshold_dbm: float,
) -> Floats:
    """Return how much a hop may fade: level over free space above the receiver's threshold.

    Parameters
    ----------
    distance_km : float or array
    frequency_ghz, power_dbm : float
    gain_dbi : float
        Of both antennas together.
    losses_db : float
        Of feeders and radomes, both ends together.
    threshold_dbm : float
        Weakest level at which the receiver works.

    Returns
    -------
    ndarray

    Notes
    -----
    Free space by ITU-R P.525; what gases take (ITU-R P.676, about 0.01 dB/km at 7 GHz) is left out.

    Examples
    --------
    >>> float(fade_margin_db(10, frequency_ghz=7.0, power_dbm=24, gain_dbi=73, losses_db=2,
    ...                      threshold_dbm=-72).round(2))
    37.65
    """
    space_db = level_free_space_db(1000 * frequency_ghz, 1000 * np.asarray(distance_km, float))
    margin = power_dbm + gain_dbi - losses_db - space_db - threshold_dbm
    return np.asarray(margin, dtype=float)


def dish_gain_dbi(diameter_m: float, frequency_ghz: float, *, efficiency: float = 0.55) -> float:
    """Return the gain of a parabolic antenna: efficiency · (π·D/λ)².

    Parameters
    ----------
    diameter_m, frequency_ghz : float
    efficiency : float
        0.55 is usual.

    Returns
    -------
    float

    Examples
    --------
    >>> round(dish_gain_dbi(1.2, 7.0), 1)
    36.3
    """
    turns = math.pi * diameter_m * frequency_ghz / 0.299792458
    return 10 * math.log10(efficiency * turns**2)


def multipath_outage_percent(
    margin_db: ArrayLike,
    *,
    distance_km: ArrayLike,
    frequency_ghz: float,
    heights_m: tuple[ArrayLike, ArrayLike],
    climate: HopClimate,
    average_year: bool,
) -> Floats:
    """Return for how much of the time multipath fading is deeper than a margin.

    Parameters
    ----------
    margin_db : float or array
        Zero or more.
    distance_km : float or array
    frequency_ghz : float
    heights_m : (float or array, float or array)
        Of the antennas above the sea.
    climate : HopClimate
    average_year : bool
        Of the average year, else of the average worst month.

    Returns
    -------
    ndarray
        Percent; 0 for hops of less than 5 km.

    Notes
    -----
    P.530-17, 2.3.1 (equations 4 to 7), 2.3.2 for shallow fades, 2.3.4 from worst month to year.

    Examples
    --------
    >>> climate = HopClimate(rain_rate_mm_h=100, gradient_n_per_km=-200, roughness_m=42,
    ...                      latitude_deg=22.8)
    >>> some = {"distance_km": 40, "frequency_ghz": 7.0, "heights_m": (900, 1200),
    ...         "climate": climate}
    >>> float(multipath_outage_percent(30, **some, average_year=False).round(5))
    0.00068
    >>> float(multipath_outage_percent(30, **some, average_year=True).round(5))
    0.00016
    """
    d = np.asarray(distance_km, float)
    first, last = (np.asarray(each, float) for each in heights_m)
    slope_mrad = np.abs(last - first) / d
    lower = np.minimum(first, last)
    occurrence = (
        climate.geoclimatic_factor
        * d**3.4
        * (1 + slope_mrad) ** -1.03
        * frequency_ghz**0.8
        * 10 ** (-0.00076 * lower)
    )
    less = np.ones(())
    if average_year:
        less = np.asarray(10 ** (-_geoconversion_db(d, slope_mrad, climate.latitude_deg) / 10))
    percent = _fading(occurrence, np.asarray(margin_db, float), less)
    return np.where(d < SHORTEST_KM, 0.0, percent)


def _geoconversion_db(d: Floats, slope_mrad: Floats, latitude_deg: float) -> Floats:
    """Return ΔG of 2.3.4, equation (24)."""
    latitude = abs(latitude_deg)
    turn = abs(math.cos(2 * math.radians(latitude))) ** 0.7
    north = 1.1 + (turn if latitude <= 45 else -turn)
    delta = 10.5 - 5.6 * math.log10(north) - 2.7 * np.log10(d) + 1.7 * np.log10(1 + slope_mrad)
    return np.asarray(np.minimum(delta, _MOST_GEOCONVERSION_DB), dtype=float)


def _fading(occurrence: Floats, margin_db: Floats, less: Floats) -> Floats:
    """Return 2.3.2, equations (10) to (18): deep fades as they are, shallow ones bent to them."""
    transition = 25 + 1.2 * np.log10(occurrence)
    deep = less * occurrence * 10 ** (-margin_db / 10)
    at = less * occurrence * 10 ** (-transition / 10)

    def bend(depth: Floats) -> Floats:
        return np.asarray((1 + 0.3 * 10 ** (-depth / 20)) * 10 ** (-0.016 * depth))

    def lift(depth: Floats) -> Floats:
        return np.asarray(4.3 * (10 ** (-depth / 20) + depth / 800))

    q_at = -20 * np.log10(-np.log1p(-at / 100)) / transition
    q_t = (q_at - 2) / bend(transition) - lift(transition)
    q = 2 + bend(margin_db) * (q_t + lift(margin_db))
    shallow = -100 * np.expm1(-(10 ** (-q * margin_db / 20)))
    return np.where(margin_db >= transition, deep, shallow)


def rain_attenuation_db(
    percent: ArrayLike,
    *,
    distance_km: ArrayLike,
    frequency_ghz: float,
    tilt_deg: float,
    rain_rate_mm_h: float,
) -> Floats:
    """Return what rain takes of a hop, exceeded for a share of the average year.

    Parameters
    ----------
    percent : float or array
        0.001 to 1 of the average year.
    distance_km : float or array
    frequency_ghz : float
    tilt_deg : float
        Of the polarisation: 0 horizontal, 90 vertical.
    rain_rate_mm_h : float
        R0.01.

    Returns
    -------
    ndarray
        dB.

    Notes
    -----
    P.530-17, 2.4.1 (equations 32 to 35), with P.838-3. In C0 the power of (35a) is read as that of
    f/10, as the software of Study Group 3's members has it.

    Examples
    --------
    15 km at 7 GHz in 95 mm/h, vertical.

    >>> rain_attenuation_db([1, 0.01], distance_km=15, frequency_ghz=7.0, tilt_deg=90,
    ...                     rain_rate_mm_h=95).round(2).tolist()
    [0.86, 7.66]
    """
    at_001, (c1, c2, c3) = _rain(distance_km, frequency_ghz, tilt_deg, rain_rate_mm_h)
    p = np.asarray(percent, float)
    return np.asarray(at_001 * c1 * p ** -(c2 + c3 * np.log10(p)), dtype=float)


def rain_outage_percent(
    margin_db: ArrayLike,
    *,
    distance_km: ArrayLike,
    frequency_ghz: float,
    tilt_deg: float,
    rain_rate_mm_h: float,
) -> Floats:
    """Return for how much of the average year rain takes more than a margin.

    Parameters
    ----------
    margin_db : float or array
    distance_km, frequency_ghz, tilt_deg, rain_rate_mm_h
        As for `rain_attenuation_db`.

    Returns
    -------
    ndarray
        Percent. The method knows 0.001 to 1: less is told as 0.001, more as NaN.

    Examples
    --------
    >>> rain_outage_percent([7.66, 30, 0.1], distance_km=15, frequency_ghz=7.0, tilt_deg=90,
    ...                     rain_rate_mm_h=95).round(3).tolist()
    [0.01, 0.001, nan]
    """
    at_001, (c1, c2, c3) = _rain(distance_km, frequency_ghz, tilt_deg, rain_rate_mm_h)
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.log10(np.asarray(margin_db, float) / (at_001 * c1))
        # c3·x² + c2·x + over = 0 for x = log p; attenuation falls with x up to 0 and beyond.
        root = np.sqrt(np.maximum(c2**2 - 4 * c3 * over, 0.0))
        percent = 10 ** ((root - c2) / (2 * c3))
    return np.where(percent <= 1, np.maximum(percent, 0.001), np.nan)


def _rain(
    distance_km: ArrayLike, frequency_ghz: float, tilt_deg: float, rain_rate_mm_h: float
) -> tuple[Floats, tuple[float, float, float]]:
    """Return A0.01 and C1 to C3."""
    d = np.asarray(distance_km, float)
    k, alpha = (float(each) for each in rain_coefficients(frequency_ghz, tilt_deg=tilt_deg))
    below = 0.477 * d**0.633 * rain_rate_mm_h ** (0.073 * alpha) * frequency_ghz**0.123 - 10.579 * (
        1 - np.exp(-0.024 * d)
    )
    factor = 1 / np.maximum(below, 1 / _LARGEST_FACTOR)
    c0 = 0.12
    if frequency_ghz >= 10:
        c0 += 0.4 * math.log10((frequency_ghz / 10) ** 0.8)
    rest = 1 - c0
    powers = 0.07**c0 * 0.12**rest, 0.855 * c0 + 0.546 * rest, 0.139 * c0 + 0.043 * rest
    return np.asarray(k * rain_rate_mm_h**alpha * d * factor, dtype=float), powers
