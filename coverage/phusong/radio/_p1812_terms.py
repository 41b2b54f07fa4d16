"""P.1812 formulas on single numbers: no profile, no loop over points.

Knows each formula once, for the path kernel and the radial kernel alike.
Symbols follow the Recommendation in lower case (``dlt`` is d_lt); distances and
radii are in km, heights in m, angles in mrad, frequencies in GHz, losses in dB,
shares of time in per cent. Section numbers are those of docs/methods/p1812.md.
"""

import math

from .._compiled import compiled

EARTH_RADIUS_KM = 6371.0
ROUGHNESS_FREE_M = 10.0
LOWEST_EFFECTIVE_NU = -0.78
LOWEST_HEIGHT_GAIN = 10.0**0.1
_TEN = math.log(10.0)


@compiled
def median_radius(delta_n: float) -> float:
    """Return the effective earth radius for half of the time (2)."""
    return EARTH_RADIUS_KM * 157.0 / (157.0 - delta_n)


@compiled
def rare_radius() -> float:
    """Return the effective earth radius for b0 per cent of the time (2)."""
    return 3.0 * EARTH_RADIUS_KM


@compiled
def wavelength_m(f: float) -> float:
    """Return the wavelength with the constant of the Recommendation."""
    return 0.2998 / f


@compiled
def inland_factor(dlm: float) -> float:
    """Return tau from the longest inland run (2)."""
    return -math.expm1(-4.12e-4 * dlm**2.41)


@compiled
def ducting_time(latitude: float, dtm: float, dlm: float) -> float:
    """Return b0, the share of time with strong ducting (2)."""
    phi, tau = abs(latitude), inland_factor(dlm)
    mu1 = (10.0 ** (-dtm / (16.0 - 6.6 * tau)) + 10.0 ** (-5.0 * (0.496 + 0.354 * tau))) ** 0.2
    mu1 = min(mu1, 1.0)
    if phi <= 70.0:
        return float(10.0 ** (1.67 - 0.015 * phi) * mu1 * mu1 ** (0.0176 * phi - 0.935))
    return float(4.17 * mu1 * mu1**0.3)


@compiled
def elevation_mrad(ya: float, yb: float, x: float, a: float) -> float:
    """Return the angle at height `ya` towards height `yb`, `x` away, radius `a` (3)."""
    return 1000.0 * math.atan((yb - ya) / (1000.0 * x) - x / (2.0 * a))


@compiled
def free_space_db(f: float, dfs: float) -> float:
    """Return Lbfs over the slant distance `dfs` (4)."""
    return 92.4 + 20.0 * math.log10(f) + 20.0 * math.log10(dfs)


@compiled
def enhancement_db(q: float, dlt: float, dlr: float) -> float:
    """Return E(q), multipath and focusing not exceeded for `q` per cent (4)."""
    return -2.6 * math.expm1(-(dlt + dlr) / 10.0) * math.log10(q / 50.0)


@compiled
def knife_edge_db(nu: float) -> float:
    """Return J(nu) (5)."""
    if nu <= LOWEST_EFFECTIVE_NU:
        return 0.0
    x = nu - 0.1
    return 6.9 + 20.0 / _TEN * math.log(math.sqrt(x * x + 1.0) + x)


@compiled
def bullington_db(nu: float, d: float) -> float:
    """Return Lbull of the one edge that stands for the profile (6)."""
    lu = knife_edge_db(nu)
    return lu - math.expm1(-lu / 6.0) * (10.0 + 0.02 * d)


@compiled
def _depth_gain_db(x: float) -> float:
    """Return F(X) (7.4)."""
    ln = math.log(x)
    if x >= 1.6:
        return 11.0 + 10.0 / _TEN * ln - 17.6 * x
    return -20.0 / _TEN * ln - 5.6488 * math.exp(1.425 * ln)


@compiled
def _height_gains_db(bt: float, br: float, lowest: float) -> float:
    """Return both G from their B = beta Y (7.4); `lowest` is 10^(G/20) at the least G."""
    gains, near = 0.0, 1.0
    for b in (bt, br):
        if b > 2.0:
            gain = 17.6 * math.sqrt(b - 1.1) - 5.0 / _TEN * math.log(b - 1.1) - 8.0
            gains += max(gain, 20.0 / _TEN * math.log(lowest))
        else:
            near *= max(b + 0.1 * b * b * b, lowest)
    return gains + 20.0 / _TEN * math.log(near)


@compiled
def admittance(f: float, vertical: bool, sea: bool) -> float:
    """Return K (7.4) but for its factor adft^(-1/3)."""
    eps, sigma = (80.0, 5.0) if sea else (22.0, 0.003)
    s = 18.0 * sigma / f
    k = 0.036 * f ** (-1.0 / 3.0) * ((eps - 1.0) ** 2 + s * s) ** -0.25
    if vertical:
        k *= math.sqrt(eps * eps + s * s)
    return float(k)


@compiled
def _first_term_db(k: float, a: float, d: float, ht: float, hr: float, f_root: float) -> float:
    """Return Lf (7.4); `k` from `admittance`, `a` is adft, `f_root` is f^(1/3)."""
    root = math.exp(-math.log(a) / 3.0)
    own_k = k * root
    k2 = own_k * own_k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * f_root * root * root * d
    y = 0.9575 * beta * f_root * f_root * root
    lowest = LOWEST_HEIGHT_GAIN * own_k  # G is not below 2 + 20 log K
    return -_depth_gain_db(x) - _height_gains_db(beta * y * ht, beta * y * hr, lowest)


@compiled
def spherical(
    d: float,
    ht: float,
    hr: float,
    a: float,
    f: float,
    f_root: float,
    omega: float,
    k_land: float,
    k_sea: float,
) -> tuple[float, float]:
    """Return Ldsph over a smooth earth of radius `a` (7.3) and the closest point.

    `f_root` is f^(1/3). The closest point is d1, where nu of the smooth earth is the
    largest: its cubic says that both ends see it as far below their horizontal. It
    is NaN beyond sight.
    """
    adft, clear, d1 = a, 0.0, math.nan
    root_sum = math.sqrt(ht) + math.sqrt(hr)
    sight = d < math.sqrt(0.002 * a) * root_sum
    if sight:
        c = (ht - hr) / (ht + hr)
        m = 250.0 * d * d / (a * (ht + hr))
        turn = math.acos(min(max(1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3), -1.0), 1.0))
        b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(math.pi / 3.0 + turn / 3.0)
        d1 = 0.5 * d * (1.0 + b)
        d2 = d - d1
        hse = ((ht - 500.0 * d1 * d1 / a) * d2 + (hr - 500.0 * d2 * d2 / a) * d1) / d
        hreq = 17.456 * math.sqrt(d1 * d2 * wavelength_m(f) / d)
        if hse > hreq:
            return 0.0, d1
        adft, clear = 500.0 * (d / root_sum) ** 2, hse / hreq
    lf = 0.0
    if omega < 1.0:
        lf += (1.0 - omega) * _first_term_db(k_land, adft, d, ht, hr, f_root)
    if omega > 0.0:
        lf += omega * _first_term_db(k_sea, adft, d, ht, hr, f_root)
    return ((1.0 - clear) * max(lf, 0.0) if sight else lf), d1


@compiled
def quantile(x: float) -> float:
    """Return I(x), the inverse complementary normal distribution as approximated (11)."""
    x = min(max(x, 1e-6), 0.999999)
    t = math.sqrt(-2.0 * math.log(min(x, 1.0 - x)))
    c = ((0.010328 * t + 0.802853) * t + 2.515516698) / (
        ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    )
    return t - c if x <= 0.5 else c - t


@compiled
def time_weight(p: float, b0: float) -> float:
    """Return Fi, the place of `p` between b0 and half of the time (7.2)."""
    return quantile(p / 100.0) / quantile(b0 / 100.0) if p > b0 else 1.0


@compiled
def troposcatter_db(f: float, d: float, theta: float, n0: float, p: float) -> float:
    """Return Lbs, in the form of the sixth and eighth editions (8)."""
    lf = 25.0 * math.log10(f) - 2.5 * math.log10(f / 2.0) ** 2
    rare = 10.125 * math.log10(50.0 / p) ** 0.7
    return float(190.1 + lf + 20.0 * math.log10(d) + 0.573 * theta - 0.15 * n0 - rare)


@compiled
def coupling_db(f: float) -> float:
    """Return Alf, the additional coupling loss at low frequencies (9)."""
    return 45.375 - 137.0 * f + 92.5 * f * f if f < 0.5 else 0.0


@compiled
def site_shielding_db(f: float, theta: float, dl: float) -> float:
    """Return Ast or Asr of one terminal (9)."""
    t = theta - 0.1 * dl
    if t <= 0.0:
        return 0.0
    return float(
        20.0 * math.log10(1.0 + 0.361 * t * math.sqrt(f * dl)) + 0.264 * t * f ** (1.0 / 3.0)
    )


@compiled
def coastal_db(omega: float, dc: float, dl: float, h: float) -> float:
    """Return Act or Acr of one terminal, `dc` from the coast (9)."""
    if omega < 0.75 or dc > dl or dc > 5.0:
        return 0.0
    return -3.0 * math.exp(-0.25 * dc * dc) * (1.0 + math.tanh(0.07 * (50.0 - h)))


@compiled
def path_exponent(d: float, tau: float) -> float:
    """Return alpha (9)."""
    return float(max(-0.6 - 3.5e-9 * d**3.1 * tau, -3.4))


@compiled
def path_bend(d: float) -> float:
    """Return the factor of the distance in the exponent of Gamma (9)."""
    return float(1e-6 * d**1.13)


@compiled
def time_exponent(g: float, bend: float) -> float:
    """Return Gamma (9) from g = log10 beta and `path_bend`."""
    return 1.076 * math.exp(-1.012 * math.log(2.0058 - g) - (9.51 - 4.8 * g + 0.198 * g * g) * bend)


@compiled
def log_beta(
    log_b0: float,
    d: float,
    dl: float,
    alpha: float,
    bulge: float,
    hte: float,
    hre: float,
    hm: float,
) -> float:
    """Return log10 beta (9); `dl` is dlt + dlr, `bulge` is 500 D^2/ae."""
    mu2_base = bulge / (math.sqrt(hte) + math.sqrt(hre)) ** 2
    g = log_b0 + min(alpha / _TEN * math.log(mu2_base), 0.0)
    if hm > ROUGHNESS_FREE_M:
        g -= 4.6e-5 / _TEN * (hm - ROUGHNESS_FREE_M) * (43.0 + 6.0 * min(d - dl, 40.0))
    return g


@compiled
def anomalous_time_db(log_p: float, g: float, d: float, bend: float) -> float:
    """Return Ap (9) from log10 p and g = log10 beta."""
    x = log_p - g
    return (1.2 + 3.7e-3 * d) * x - 12.0 + 12.0 * math.exp(_TEN * x * time_exponent(g, bend))


@compiled
def bent_angle_mrad(
    d: float, ae: float, theta_t: float, theta_r: float, dlt: float, dlr: float
) -> float:
    """Return theta', the angular distance with limited horizon angles (9)."""
    return 1000.0 * d / ae + min(theta_t, 0.1 * dlt) + min(theta_r, 0.1 * dlr)


@compiled
def notional_db(lba: float, lb0p: float) -> float:
    """Return Lminbap, the smooth minimum loss of ducting and line of sight (10)."""
    return max(lba, lb0p) + 2.5 * math.log1p(math.exp(-abs(lba - lb0p) / 2.5))


@compiled
def slope_weight(theta: float) -> float:
    """Return Fj, from line of sight (1) to transhorizon (0) (10)."""
    return 0.5 - 0.5 * math.tanh(2.4 * (theta - 0.3) / 0.3)


@compiled
def distance_weight(d: float) -> float:
    """Return Fk, from short (1) to long (0) paths (10)."""
    return 0.5 - 0.5 * math.tanh(1.5 * (d - 20.0) / 20.0)


@compiled
def combined_db(lbs: float, lbam: float) -> float:
    """Return Lbc, troposcatter beside everything else (10)."""
    gap = abs(lbs - lbam)
    return min(lbs, lbam) - 5.0 / _TEN * math.log1p(math.exp(-0.2 * _TEN * gap))
