"""What all receivers of a P.1812 sweep share: computed once, not once a receiver.

Knows the link, the step and land; no terrain. A row of the table belongs to
the n-th receiver of every ray.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compiled import compiled
from ._p1812_terms import (
    admittance,
    coupling_db,
    distance_weight,
    ducting_time,
    inland_factor,
    median_radius,
    path_bend,
    path_exponent,
    rare_radius,
    time_exponent,
    time_weight,
    troposcatter_db,
    wavelength_m,
)


class Sweep(NamedTuple):
    """What all receivers of a sweep share."""

    step_km: float
    frequency_ghz: float
    time_percent: float
    transmitter_m: float
    receiver_m: float
    radius_50_km: float
    radius_b_km: float
    k_land: float
    f_root: float
    f_sqrt: float
    enhancement: float  # E(p) of a path without end
    ducting_db: float  # what Lba has on every path
    log_p: float
    median: bool  # p is 50 %: the earth of beta0 per cent takes no part
    per_metre: float  # from slopes in metres a step to metres a metre
    bulge_50: float  # bulge of the median earth at the first step, metres
    bulge_b: float


STEP = np.dtype(
    [
        (name, np.float64)
        for name in (
            "distance_km",
            "inverse",  # 1 / number of steps
            "bulge_50",  # 500 D^2 / ae, metres
            "bulge_b",
            "nu_scale",  # nu^2 over a product of two slopes in metres a step
            "excess",  # 10 + 0.02 D of the Bullington loss
            "clear_50",  # product of smooth-earth heights above which Ldsph is 0
            "clear_b",
            "free_space_db",  # Lbfs between antennas of equal height
            "scatter_db",  # Lbs but for theta
            "reach",  # 1 - exp(-D/10)
            "log_b0",
            "fi",
            "in_between",  # 1 where beta0 < p < 50 %, so that Lminb0p is not Lbd; else 0
            "fk",
            "alpha",
            "bend",
            "lowest_ap_db",
        )
    ]
)
"""What the n-th receiver of every ray has in common, one row a step."""


@compiled
def _lowest_anomalous_db(log_p: float, log_b0: float, d: float, bend: float) -> float:
    """Return what Ap is not below whatever the terrain, which only lowers beta below b0.

    With x = log10(p/beta), Ap = c x - 12 + 12 10^(x Gamma). x Gamma has one maximum
    over x, so up to `far` its least value is at an end; beyond, Ap is above c far.
    """
    near, far, c = log_p - log_b0, 40.0, 1.2 + 3.7e-3 * d
    least = min(near * time_exponent(log_b0, bend), far * time_exponent(log_p - far, bend))
    return min(c * near - 12.0 + 12.0 * float(10.0**least), c * far)


@compiled
def prepare(
    points: int,
    step_km: float,
    f: float,
    p: float,
    vertical: bool,
    htg: float,
    hrg: float,
    latitude: float,
    delta_n: float,
    n0: float,
    steps: NDArray[Any],
) -> Sweep:
    """Fill the table of steps for land and return what the sweep shares."""
    ae, ab, wave = median_radius(delta_n), rare_radius(), wavelength_m(f)
    for n in range(1, points):
        d, row = n * step_km, steps[n]
        tau, b0 = inland_factor(d), ducting_time(latitude, d, d)
        row.distance_km = d
        row.inverse = 1.0 / n
        row.bulge_50 = 500.0 / ae * d * d
        row.bulge_b = 500.0 / ab * d * d
        row.nu_scale = 0.002 * d / (wave * step_km * step_km)
        row.excess = 10.0 + 0.02 * d
        # 2 sqrt(ht hr) > R + bulge/2 keeps the line between the antennas farther above
        # the smooth earth than hreq everywhere, R sqrt(x (1 - x)) being hreq
        free_zone = 17.456 * math.sqrt(wave * d)
        row.clear_50 = 0.25 * (free_zone + 0.5 * row.bulge_50) ** 2
        row.clear_b = 0.25 * (free_zone + 0.5 * row.bulge_b) ** 2
        row.free_space_db = 92.4 + 20.0 * math.log10(f) + 20.0 * math.log10(d)
        row.scatter_db = troposcatter_db(f, d, 0.0, n0, p)
        row.reach = -math.expm1(-d / 10.0)
        row.log_b0 = math.log10(b0)
        row.fi = time_weight(p, b0)
        row.in_between = 1.0 if row.fi < 1.0 and p != 50.0 else 0.0
        row.fk = distance_weight(d)
        row.alpha = path_exponent(d, tau)
        row.bend = path_bend(d)
        row.lowest_ap_db = _lowest_anomalous_db(math.log10(p), row.log_b0, d, row.bend)
    return Sweep(
        step_km,
        f,
        p,
        htg,
        hrg,
        ae,
        ab,
        admittance(f, vertical, False),
        f ** (1.0 / 3.0),
        math.sqrt(f),
        2.6 * math.log10(p / 50.0),
        102.45 + 20.0 * math.log10(f) + coupling_db(f),
        math.log10(p),
        p == 50.0,
        1.0 / (1000.0 * step_km),
        500.0 / ae * step_km * step_km,
        500.0 / ab * step_km * step_km,
    )
