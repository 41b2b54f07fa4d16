"""Specific attenuation of rain: Recommendation ITU-R P.838-3 (03/2005)."""

import numpy as np
from numpy.typing import ArrayLike

from .._types import Floats

_KH = (
    ((-5.33980, -0.10008, 1.13098), (-0.35351, 1.26970, 0.45400),
     (-0.23789, 0.86036, 0.15354), (-0.94158, 0.64552, 0.16817)),
    (-0.18961, 0.71147),
)  # fmt: skip
_KV = (
    ((-3.80595, 0.56934, 0.81061), (-3.44965, -0.22911, 0.51059),
     (-0.39902, 0.73042, 0.11899), (0.50167, 1.07319, 0.27195)),
    (-0.16398, 0.63297),
)  # fmt: skip
_AH = (
    ((-0.14318, 1.82442, -0.55187), (0.29591, 0.77564, 0.19822), (0.32177, 0.63773, 0.13164),
     (-5.37610, -0.96230, 1.47828), (16.1721, -3.29980, 3.43990)),
    (0.67849, -1.95537),
)  # fmt: skip
_AV = (
    ((-0.07771, 2.33840, -0.76284), (0.56727, 0.95545, 0.54039), (-0.20238, 1.14520, 0.26809),
     (-48.2991, 0.791669, 0.116226), (48.5833, 0.791459, 0.116479)),
    (-0.053739, 0.83433),
)  # fmt: skip
"""Tables 1 to 4: (a, b, c) of each j, then m and c."""


def rain_coefficients(
    frequency_ghz: ArrayLike, *, elevation_deg: ArrayLike = 0.0, tilt_deg: ArrayLike
) -> tuple[Floats, Floats]:
    """Return k and α of the power law γ = k·R^α.

    Parameters
    ----------
    frequency_ghz : float or array
        1 to 1000.
    elevation_deg : float or array
        Of the path; that of a terrestrial hop is next to 0.
    tilt_deg : float or array
        Of the polarisation: 0 horizontal, 90 vertical, 45 circular.

    Returns
    -------
    (ndarray, ndarray)
        k with R in mm/h and γ in dB/km, and α.

    Examples
    --------
    Table 5 has 0.04481 and 1.1233 at 15 GHz.

    >>> [float(each.round(5)) for each in rain_coefficients(15, tilt_deg=0)]
    [0.04481, 1.12328]
    """
    x = np.log10(np.asarray(frequency_ghz, float))
    k_h, k_v = 10 ** _sum(x, *_KH), 10 ** _sum(x, *_KV)
    a_h, a_v = _sum(x, *_AH), _sum(x, *_AV)
    turn = np.cos(np.radians(elevation_deg)) ** 2 * np.cos(2 * np.radians(tilt_deg))
    k = (k_h + k_v + (k_h - k_v) * turn) / 2
    alpha = (k_h * a_h + k_v * a_v + (k_h * a_h - k_v * a_v) * turn) / (2 * k)
    return np.asarray(k, dtype=float), np.asarray(alpha, dtype=float)


def _sum(
    x: Floats, terms: tuple[tuple[float, float, float], ...], last: tuple[float, float]
) -> Floats:
    """Return equations (2) and (3): bells of log f, and a line."""
    total = last[0] * x + last[1]
    for a, b, c in terms:
        total = total + a * np.exp(-(((x - b) / c) ** 2))
    return np.asarray(total, dtype=float)
