"""P.1812 over one profile, point by point: the plain formula, every term kept.

Knows one path of at least two points. The radial kernel (`_p1812_radial`) must
give the same numbers; which ranges hold, and who calls, is `p1812`'s.
"""

import math
from typing import NamedTuple

import numpy as np

from .._compiled import compiled
from .._types import Floats, Labels
from ._p1812_terms import (
    admittance,
    anomalous_time_db,
    bent_angle_mrad,
    bullington_db,
    coastal_db,
    combined_db,
    coupling_db,
    distance_weight,
    ducting_time,
    elevation_mrad,
    enhancement_db,
    free_space_db,
    inland_factor,
    log_beta,
    median_radius,
    notional_db,
    path_bend,
    path_exponent,
    rare_radius,
    site_shielding_db,
    slope_weight,
    spherical,
    time_weight,
    troposcatter_db,
    wavelength_m,
)

SEA, INLAND = 1, 4


class PathTerms(NamedTuple):
    """Every term of one path; symbols of the Recommendation in lower case.

    ``_50`` is with the median effective earth radius, ``_b`` with that of b0
    per cent of the time. NaN where a term takes no part: ``_b`` at 50 % of the
    time, all but free space over two points.
    """

    transhorizon: bool
    """Whether bare terrain hides the receiver; False is line of sight."""
    omega: float
    """Share of the path over sea."""
    dtm_km: float
    """Longest run over land."""
    dlm_km: float
    """Longest run over inland."""
    dct_km: float
    """From the transmitter to the coast."""
    dcr_km: float
    """From the receiver to the coast."""
    b0_percent: float
    """Share of time with strong ducting."""
    ae_km: float
    """Median effective earth radius."""
    hts_m: float
    """Transmitter above sea level."""
    hrs_m: float
    """Receiver above sea level."""
    hst_raw_m: float
    """Smooth earth at the transmitter, least squares."""
    hsr_raw_m: float
    """Smooth earth at the receiver, least squares."""
    hst_m: float
    """Smooth earth at the transmitter, not above ground."""
    hsr_m: float
    """Smooth earth at the receiver, not above ground."""
    hstd_m: float
    """Smooth earth at the transmitter, for diffraction."""
    hsrd_m: float
    """Smooth earth at the receiver, for diffraction."""
    hte_m: float
    """Effective height of the transmitter, for ducting."""
    hre_m: float
    """Effective height of the receiver, for ducting."""
    hm_m: float
    """Terrain roughness between the horizons."""
    dlt_km: float
    """Transmitter to its horizon."""
    dlr_km: float
    """Receiver to its horizon."""
    theta_t_mrad: float
    """Horizon elevation at the transmitter."""
    theta_r_mrad: float
    """Horizon elevation at the receiver."""
    theta_mrad: float
    """Angular distance of the path."""
    lbfs_db: float
    """Free space."""
    lb0p_db: float
    """Free space with enhancement not exceeded for p per cent."""
    lb0b_db: float
    """Free space with enhancement not exceeded for b0 per cent."""
    lbulla_50_db: float
    """Bullington, real profile."""
    lbulls_50_db: float
    """Bullington, smooth profile."""
    ldsph_50_db: float
    """Spherical earth."""
    ld50_db: float
    """Diffraction not exceeded for half of the time."""
    lbulla_b_db: float
    """Bullington, real profile."""
    lbulls_b_db: float
    """Bullington, smooth profile."""
    ldsph_b_db: float
    """Spherical earth."""
    ldb_db: float
    """Diffraction not exceeded for b0 per cent of the time."""
    ldp_db: float
    """Diffraction not exceeded for p per cent of the time."""
    lbd50_db: float
    """Free space and diffraction, half of the time."""
    lbd_db: float
    """Free space and diffraction, p per cent of the time."""
    fi: float
    """Weight of p between b0 and half of the time."""
    fj: float
    """Weight of line of sight against transhorizon."""
    fk: float
    """Weight of short against long paths."""
    lba_db: float
    """Ducting and layer reflection."""
    lminb0p_db: float
    """Notional minimum of line of sight and over-sea diffraction."""
    lminbap_db: float
    """Notional minimum of line of sight and ducting."""
    lbda_db: float
    """Diffraction and ducting."""
    lbam_db: float
    """The same, line of sight considered."""
    lbs_db: float
    """Troposcatter."""
    lbc_db: float
    """All mechanisms together, before location variability."""
    lb_db: float
    """Basic transmission loss at half of the locations."""


@compiled
def _sea_share(d: Floats, zone: Labels) -> float:
    """Return omega, each point standing for half the way to its neighbours."""
    n = d.size - 1
    sea, all_sea = 0.0, True
    for i in range(n + 1):
        if zone[i] == SEA:
            sea += 0.5 * (d[min(i + 1, n)] - d[max(i - 1, 0)])
        else:
            all_sea = False
    return 1.0 if all_sea else sea / d[n]


@compiled
def _longest_run(d: Floats, zone: Labels, lowest: int) -> float:
    """Return the longest run of points of zone `lowest` or above, by sections."""
    n = d.size - 1
    longest, run = 0.0, 0.0
    for i in range(n + 1):
        run = run + 0.5 * (d[min(i + 1, n)] - d[max(i - 1, 0)]) if zone[i] >= lowest else 0.0
        longest = max(longest, run)
    return longest


@compiled
def _coast_distances(d: Floats, zone: Labels) -> tuple[float, float]:
    """Return dct and dcr by sections; the whole path where there is no sea."""
    n = d.size - 1
    first, last = 0, n
    while first <= n and zone[first] != SEA:
        first += 1
    if first > n:
        return d[n], d[n]
    while zone[last] != SEA:
        last -= 1
    dct = 0.5 * (d[first - 1] + d[first]) if first > 0 else 0.0
    dcr = d[n] - 0.5 * (d[last] + d[last + 1]) if last < n else 0.0
    return dct, dcr


@compiled
def _bullington_nu(d: Floats, y: Floats, a: float, b: float, radius: float, wave: float) -> float:
    """Return the nu of section 6 for heights `y` between ends `a` and `b`.

    Beyond line of sight the Bullington point lies at x = D (Sr + Slos)/(St + Sr)
    and nu simplifies to sqrt(0.002 D/lambda (St - Slos)(Sr + Slos)): the same
    value, also where the terrain only grazes the sight line and x = D.
    """
    n = d.size - 1
    length = d[n]
    slos = (b - a) / length
    st = sr = -math.inf
    for i in range(1, n):
        top = y[i] + 500.0 / radius * d[i] * (length - d[i])
        st = max(st, (top - a) / d[i])
        sr = max(sr, (top - b) / (length - d[i]))
    if st >= slos:
        return math.sqrt(0.002 * length / wave * max((st - slos) * (sr + slos), 0.0))
    return _highest_nu(d, y, a, b, radius, wave)[0]


@compiled
def _highest_nu(
    d: Floats, y: Floats, a: float, b: float, radius: float, wave: float
) -> tuple[float, int]:
    """Return the largest nu of single edges and its first point (3, 6)."""
    n = d.size - 1
    length = d[n]
    highest, where = -math.inf, 0
    for i in range(1, n):
        rest = length - d[i]
        h = y[i] + 500.0 / radius * d[i] * rest - (a * rest + b * d[i]) / length
        nu = h * math.sqrt(0.002 * length / (wave * d[i] * rest))
        if nu > highest:
            highest, where = nu, i
    return highest, where


@compiled
def _smooth_earth(d: Floats, h: Floats) -> tuple[float, float]:
    """Return hst and hsr, the ends of the least-squares line (3.1)."""
    n = d.size - 1
    v1 = v2 = 0.0
    for i in range(1, n + 1):
        step = d[i] - d[i - 1]
        v1 += step * (h[i] + h[i - 1])
        v2 += step * (h[i] * (2.0 * d[i] + d[i - 1]) + h[i - 1] * (d[i] + 2.0 * d[i - 1]))
    length = d[n]
    return (2.0 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2


@compiled
def _smooth_earth_for_diffraction(
    d: Floats, h: Floats, hts: float, hrs: float, hst: float, hsr: float
) -> tuple[float, float]:
    """Return hstd and hsrd (3.2)."""
    n = d.size - 1
    length = d[n]
    hobs = aot = aor = -math.inf
    for i in range(1, n):
        rest = length - d[i]
        over = h[i] - (hts * rest + hrs * d[i]) / length
        hobs, aot, aor = max(hobs, over), max(aot, over / d[i]), max(aor, over / rest)
    if hobs > 0.0:
        hst -= hobs * aot / (aot + aor)
        hsr -= hobs * aor / (aot + aor)
    return min(hst, h[0]), min(hsr, h[n])


@compiled
def _horizons(
    d: Floats, h: Floats, hts: float, hrs: float, ae: float, wave: float
) -> tuple[bool, float, float, int, int]:
    """Return transhorizon, theta_t, theta_r and the horizon points (3)."""
    n = d.size - 1
    theta_t, i_t = -math.inf, 0
    for i in range(1, n):
        angle = elevation_mrad(hts, h[i], d[i], ae)
        if angle > theta_t:
            theta_t, i_t = angle, i
    theta_td = elevation_mrad(hts, hrs, d[n], ae)
    if theta_t <= theta_td:
        point = _highest_nu(d, h, hts, hrs, ae, wave)[1]
        return False, theta_td, elevation_mrad(hrs, hts, d[n], ae), point, point
    theta_r, i_r = -math.inf, n
    for i in range(1, n):
        angle = elevation_mrad(hrs, h[i], d[n] - d[i], ae)
        if angle >= theta_r:
            theta_r, i_r = angle, i
    return True, theta_t, theta_r, i_t, i_r


@compiled
def is_profile(d: Floats, h: Floats, clutter: Floats) -> bool:
    """Tell whether distances rise from 0, and heights and clutter are numbers, clutter from 0."""
    sound = d[0] == 0.0
    for i in range(d.size):
        sound &= math.isfinite(h[i]) and math.isfinite(clutter[i]) and clutter[i] >= 0.0
        sound &= i == 0 or d[i] > d[i - 1]
    return bool(sound)


@compiled
def evaluate(
    d: Floats,
    h: Floats,
    clutter: Floats,
    zone: Labels,
    f: float,
    p: float,
    vertical: bool,
    htg: float,
    hrg: float,
    latitude: float,
    delta_n: float,
    n0: float,
    dct: float,
    dcr: float,
) -> PathTerms:
    """Return every term of one path; NaN coast distances are taken from the zones."""
    n = d.size - 1
    length, wave = d[n], wavelength_m(f)
    hts, hrs = h[0] + htg, h[n] + hrg

    # 2 radio-meteorology
    omega = _sea_share(d, zone)
    dtm, dlm = _longest_run(d, zone, SEA + 1), _longest_run(d, zone, INLAND)
    own_dct, own_dcr = _coast_distances(d, zone)
    dct = own_dct if math.isnan(dct) else dct
    dcr = own_dcr if math.isnan(dcr) else dcr
    b0 = ducting_time(latitude, dtm, dlm)
    ae = median_radius(delta_n)

    # 4 free space; two points know no obstacle, and nothing else is added
    lbfs = free_space_db(f, math.hypot(length, (hts - hrs) / 1000.0))
    nan = math.nan
    if n == 1:
        lb0p = lbfs + enhancement_db(p, length, 0.0)
        # fmt: off
        return PathTerms(
            False, omega, dtm, dlm, dct, dcr, b0, ae, hts, hrs,
            nan, nan, nan, nan, nan, nan, nan, nan, nan,
            nan, nan, nan, nan, nan,
            lbfs, lb0p, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan,
            nan, nan, nan, nan, nan, nan, nan, nan, nan, lb0p, lb0p,
        )
        # fmt: on

    # 3 profile analysis
    transhorizon, theta_t, theta_r, i_t, i_r = _horizons(d, h, hts, hrs, ae, wave)
    dlt, dlr = d[i_t], length - d[i_r]
    theta = 1000.0 * length / ae + theta_t + theta_r
    hst_raw, hsr_raw = _smooth_earth(d, h)
    hstd, hsrd = _smooth_earth_for_diffraction(d, h, hts, hrs, hst_raw, hsr_raw)
    hst, hsr = min(hst_raw, h[0]), min(hsr_raw, h[n])
    hte, hre = hts - hst, hrs - hsr
    hm = -math.inf
    for i in range(i_t, i_r + 1):
        hm = max(hm, h[i] - hst - (hsr - hst) / length * d[i])

    # 4 short-term enhancement
    lb0p = lbfs + enhancement_db(p, dlt, dlr)
    lb0b = lbfs + enhancement_db(b0, dlt, dlr)

    # 7 diffraction
    g, flat = h + clutter, np.zeros(n + 1)
    ht, hr, f_root = hts - hstd, hrs - hsrd, f ** (1.0 / 3.0)
    k_land, k_sea = admittance(f, vertical, False), admittance(f, vertical, True)
    lbulla_50 = bullington_db(_bullington_nu(d, g, hts, hrs, ae, wave), length)
    lbulls_50 = bullington_db(_bullington_nu(d, flat, ht, hr, ae, wave), length)
    ldsph_50, _ = spherical(length, ht, hr, ae, f, f_root, omega, k_land, k_sea)
    ldp = ld50 = lbulla_50 + max(ldsph_50 - lbulls_50, 0.0)
    lbulla_b = lbulls_b = ldsph_b = ldb = nan
    fi = time_weight(p, b0)
    if p < 50.0:
        ab = rare_radius()
        lbulla_b = bullington_db(_bullington_nu(d, g, hts, hrs, ab, wave), length)
        lbulls_b = bullington_db(_bullington_nu(d, flat, ht, hr, ab, wave), length)
        ldsph_b, _ = spherical(length, ht, hr, ab, f, f_root, omega, k_land, k_sea)
        ldb = lbulla_b + max(ldsph_b - lbulls_b, 0.0)
        ldp = ld50 + fi * (ldb - ld50)
    lbd50, lbd = lbfs + ld50, lb0p + ldp

    # 8 troposcatter
    lbs = troposcatter_db(f, length, theta, n0, p)

    # 9 ducting and layer reflection
    af = 102.45 + 20.0 * math.log10(f) + 20.0 * math.log10(dlt + dlr) + coupling_db(f)
    af += site_shielding_db(f, theta_t, dlt) + site_shielding_db(f, theta_r, dlr)
    af += coastal_db(omega, dct, dlt, hts) + coastal_db(omega, dcr, dlr, hrs)
    bent = bent_angle_mrad(length, ae, theta_t, theta_r, dlt, dlr)
    alpha = path_exponent(length, inland_factor(dlm))
    bulge = 500.0 / ae * length * length
    log_b = log_beta(math.log10(b0), length, dlt + dlr, alpha, bulge, hte, hre, hm)
    ap = anomalous_time_db(math.log10(p), log_b, length, path_bend(length))
    lba = af + 5e-5 * ae * f_root * bent + ap

    # 10 combination
    fj, fk = slope_weight(theta), distance_weight(length)
    if p < b0:
        lminb0p = lb0p + (1.0 - omega) * ldp
    else:
        lminb0p = lbd50 + (lb0b + (1.0 - omega) * ldp - lbd50) * fi
    lminbap = notional_db(lba, lb0p)
    lbda = lbd if lminbap > lbd else lminbap + (lbd - lminbap) * fk
    lbam = lbda + (lminb0p - lbda) * fj
    lbc = combined_db(lbs, lbam)
    # fmt: off
    return PathTerms(
        transhorizon, omega, dtm, dlm, dct, dcr, b0, ae, hts, hrs,
        hst_raw, hsr_raw, hst, hsr, hstd, hsrd, hte, hre, hm,
        dlt, dlr, theta_t, theta_r, theta,
        lbfs, lb0p, lb0b, lbulla_50, lbulls_50, ldsph_50, ld50,
        lbulla_b, lbulls_b, ldsph_b, ldb, ldp, lbd50, lbd,
        fi, fj, fk, lba, lminb0p, lminbap, lbda, lbam, lbs, lbc, max(lb0p, lbc),
    )
    # fmt: on


@compiled
def loss_and_least(
    d: Floats,
    h: Floats,
    clutter: Floats,
    zone: Labels,
    f: float,
    p: float,
    vertical: bool,
    htg: float,
    hrg: float,
    latitude: float,
    delta_n: float,
    n0: float,
    dct: float,
    dcr: float,
) -> tuple[float, float]:
    """Return Lb0p and Lbc of `evaluate`, for many paths: to hand over all terms takes longer."""
    terms = evaluate(d, h, clutter, zone, f, p, vertical, htg, hrg, latitude, delta_n, n0, dct, dcr)
    return terms.lb0p_db, terms.lbc_db
