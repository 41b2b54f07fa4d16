"""P.1812 at every point of a ray, each receiver at a cost that hardly grows with distance.

The profiles of one ray are prefixes of one another, so what the path kernel
(`_p1812_path`) finds by walking over points is kept here as running sums,
running maxima and upper convex hulls. Heights are *flattened*: lowered by the
parabola 500 d^2/a of an effective earth, which turns sight lines over a round
earth into straight lines. docs/methods/p1812.md says, term by term, what is
kept and why the result is the same number. Slopes are in metres a step.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._compiled import compiled
from .._types import Flags, Floats
from ._p1812_hull import farthest, highest_over, insert, tangent
from ._p1812_steps import Sweep
from ._p1812_terms import (
    LOWEST_EFFECTIVE_NU,
    anomalous_time_db,
    bent_angle_mrad,
    combined_db,
    log_beta,
    notional_db,
    slope_weight,
    spherical,
)

TEN = math.log(10.0)
LOG_HALF = math.log10(50.0)
FULLY_TRANSHORIZON_MRAD = 2.7
"""From here on Fj is 0 in double precision."""
NEGLIGIBLE_GAP_DB = 40.0
"""Troposcatter this far above the rest lowers the loss by less than 3e-8 dB."""
HIDDEN_EDGE = LOWEST_EFFECTIVE_NU**2


@compiled
def _closest(
    z: Floats,
    n: int,
    top: float,
    chord: float,
    ahead: float,
    behind: float,
    first: int,
    last: int,
    least: float,
) -> tuple[float, int]:
    """Return the least clearance^2/(i (n - i)) under a clear sight line, and its point.

    nu^2 is that value times `nu_scale`. The sight line starts at height `top` with
    slope `chord`; no point i rises above the lines that leave its ends steeper by
    `ahead` (through point `first`) and `behind` (through `last`), both negative, so
    clearance^2/(i (n - i)) is at least ahead^2 i/(n - i) and behind^2 (n - i)/i:
    only points where both are below the least value so far are looked at.
    """
    where = last
    for i in (last, first):
        clear = top + chord * i - z[i]
        if clear * clear < least * (i * (n - i)):
            least, where = clear * clear / (i * (n - i)), i
    ahead, behind = ahead * ahead, behind * behind
    i = min(int(n * least / (ahead + least)), n - 1) if least < math.inf else n - 1
    end = max(int(n * behind / (behind + least)), 1)
    while i >= end:
        clear = top + chord * i - z[i]
        if clear * clear < least * (i * (n - i)):
            least, where = clear * clear / (i * (n - i)), i
            end = max(int(n * behind / (behind + least)), 1)
        i -= 1
    return least, where


@compiled
def _profile_loss(
    z: Floats,
    n: int,
    top: float,
    chord: float,
    ahead: float,
    behind: float,
    first: int,
    last: int,
    row: Any,
) -> float:
    """Return Lbulla (6) from the two steepest slopes, taken relative to the sight line.

    Beyond sight nu^2 is their product; in sight nu is nowhere above minus its root.
    """
    square = row.nu_scale * ahead * behind
    if ahead >= 0.0:
        return _edge_loss(math.sqrt(max(square, 0.0)), row.excess)
    if square >= HIDDEN_EDGE:
        return 0.0
    hidden = HIDDEN_EDGE / row.nu_scale
    least, _ = _closest(z, n, top, chord, ahead, behind, first, last, hidden)
    return _edge_loss(-math.sqrt(row.nu_scale * least), row.excess) if least < hidden else 0.0


@compiled
def _edge_loss(nu: float, excess: float) -> float:
    """Return Lbull with the length's part precomputed."""
    x = nu - 0.1
    ln = math.log(math.sqrt(x * x + 1.0) + x)
    lu = 6.9 + 20.0 / TEN * ln
    return lu + (1.0 - math.exp(-lu / 6.0)) * excess


@compiled
def _smooth_excess(n: int, ht: float, hr: float, a: float, sweep: Sweep, row: Any) -> float:
    """Return max(Ldsph - Lbulls, 0): the spherical earth beyond its own Bullington loss.

    Over y = 0 each extreme is that of a function with one extreme, so the best
    profile point is next to the continuous one.
    """
    f, f_root = sweep.frequency_ghz, sweep.f_root
    sphere, closest_km = spherical(row.distance_km, ht, hr, a, f, f_root, 0.0, sweep.k_land, 0.0)
    if sphere <= 0.0:
        return 0.0
    k = 500.0 / a * sweep.step_km**2
    if math.isnan(closest_km):
        chord = (hr - ht) / n
        ahead = k * n - _gentlest(k, ht, n) - chord
        if ahead >= 0.0:
            behind = k * n - _gentlest(k, hr, n) + chord
            nu = math.sqrt(max(row.nu_scale * ahead * behind, 0.0))
            return max(sphere - _edge_loss(nu, row.excess), 0.0)
        # only the points of the profile clear the sight line
        closest_km = row.distance_km * math.sqrt(ht) / (math.sqrt(ht) + math.sqrt(hr))
    nu = -math.sqrt(row.nu_scale * _closest_to_smooth(k, ht, hr, n, closest_km / sweep.step_km))
    return max(sphere - _edge_loss(nu, row.excess), 0.0) if nu > LOWEST_EFFECTIVE_NU else sphere


@compiled
def _gentlest(k: float, h: float, n: int) -> float:
    """Return the least k j + h/j of the steps j = 1 … n - 1."""
    j = min(max(int(math.sqrt(h / k)), 1), n - 1)
    other = min(j + 1, n - 1)
    return min(k * j + h / j, k * other + h / other)


@compiled
def _closest_to_smooth(k: float, ht: float, hr: float, n: int, where: float) -> float:
    """Return the least clearance^2/(i (n - i)) over a smooth earth in sight.

    As a function it has one minimum, near `where` in steps; so the best profile
    point is reached from there by walking downhill.
    """
    i = min(max(int(where), 1), n - 1)
    least = _smooth_clearance(k, ht, hr, n, i)
    for turn in (1, -1):
        while 1 <= i + turn <= n - 1:
            value = _smooth_clearance(k, ht, hr, n, i + turn)
            if value >= least:
                break
            least, i = value, i + turn
    return least


@compiled
def _smooth_clearance(k: float, ht: float, hr: float, n: int, i: int) -> float:
    """Return clearance^2/(i (n - i)) over y = 0."""
    across = i * (n - i)
    clear = (ht * (n - i) + hr * i) / n - k * across
    return clear * clear / across


@compiled
def _elevation(angle: float) -> float:
    """Return the elevation in mrad of a slope in metres a metre."""
    return 1000.0 * math.atan(angle)


@compiled
def _ducting_db(
    sweep: Sweep, d: float, theta_t: float, theta_r: float, dlt: float, dlr: float
) -> float:
    """Return Lba but for Ap (9) over land."""
    sky_t, sky_r = max(theta_t - 0.1 * dlt, 0.0), max(theta_r - 0.1 * dlr, 0.0)
    shield_t = 1.0 + 0.361 * sky_t * sweep.f_sqrt * math.sqrt(dlt)
    shield_r = 1.0 + 0.361 * sky_r * sweep.f_sqrt * math.sqrt(dlr)
    bent = bent_angle_mrad(d, sweep.radius_50_km, theta_t, theta_r, dlt, dlr)
    return (
        sweep.ducting_db
        + 20.0 / TEN * math.log((dlt + dlr) * shield_t * shield_r)
        + sweep.f_root * (0.264 * (sky_t + sky_r) + 5e-5 * sweep.radius_50_km * bent)
    )


@compiled
def _lowest_in_sight_db(sweep: Sweep, d: float, angle_t: float, angle_r: float) -> float:
    """Return what `_ducting_db` in line of sight is not below, wherever the horizon point.

    A positive angle counts in the bent angle up to 0.1 dl and in the shielding
    beyond, where a mrad weighs less: 0.264 against 5e-5 ae.
    """
    bent = 1000.0 * d / sweep.radius_50_km + min(angle_t, 0.0) + min(angle_r, 0.0)
    shields = 0.264 * (max(angle_t, 0.0) + max(angle_r, 0.0))
    return (
        sweep.ducting_db
        + 20.0 / TEN * math.log(d)
        + sweep.f_root * (shields + 5e-5 * sweep.radius_50_km * bent)
    )


@compiled
def _flatten(h: Floats, clutter: Floats, cluttered: bool, k: float, z: Floats) -> None:
    """Fill the heights with clutter, lowered by k parabolas of one step."""
    for i in range(h.size):
        x = float(i)
        z[i] = h[i] - k * x * x
        if cluttered:
            z[i] += clutter[i]


@compiled
def loss_along_rays(
    height: Floats,
    clutter: Floats,
    wanted: Flags,
    sweep: Sweep,
    steps: NDArray[Any],
    diffraction_only: bool,
    loss: Floats,
) -> None:
    """Fill the loss at every wanted point of every ray, or Lbd alone.

    `clutter` of no rays means none, `wanted` of no rays that all points are.
    """
    rays, points = height.shape
    cluttered, choosy = clutter.shape[0] > 0, wanted.shape[0] > 0
    median = sweep.time_percent == 50.0
    s, ae = sweep.step_km, sweep.radius_50_km
    k_50, k_b = 500.0 / ae * s * s, 500.0 / sweep.radius_b_km * s * s
    per_metre = 1.0 / (1000.0 * s)  # from metres a step to metres a metre

    bare, flat = np.empty((points, 3)), np.empty((points, 3))
    hull_50, hull_b = np.empty((points, 3)), np.empty((points, 3))
    z, y_50, y_b = np.empty(points), np.empty(points), np.empty(points)

    for ray in range(rays):
        h, out = height[ray], loss[ray]
        own_clutter = clutter[ray] if cluttered else h
        known = 0
        while known < points and not math.isnan(h[known] + own_clutter[known]):
            known += 1
        out[0] = math.nan
        out[max(known, 1) :] = math.nan
        hts = h[0] + sweep.transmitter_m
        _flatten(h[:known], own_clutter, False, k_50, z)
        if cluttered:
            _flatten(h[:known], own_clutter, True, k_50, y_50)
        if not median:
            _flatten(h[:known], own_clutter, cluttered, k_b, y_b)

        n_bare = n_flat = n_50 = n_b = 0
        on_flat = 1
        st_bare = st_50 = st_b = st_flat = -math.inf
        i_bare = i_50 = i_b = 0
        theta_max = 0.0
        v1 = v2 = 0.0
        for n in range(1, known):
            row = steps[n]
            d, inverse = row.distance_km, row.inverse
            v1 += h[n] + h[n - 1]
            v2 += h[n] * (3 * n - 1) + h[n - 1] * (3 * n - 2)

            # the point before the receiver is interior from now on
            if n > 1:
                i, x = n - 1, float(n - 1)
                n_bare = insert(bare, n_bare, x, z[i])
                slope = (z[i] - hts) / x
                if slope > st_bare:
                    st_bare, i_bare = slope, i
                    theta_max = _elevation(slope * per_metre)
                st_flat = max(st_flat, (h[i] - hts) / x)
                if cluttered:
                    n_50 = insert(hull_50, n_50, x, y_50[i])
                    slope = (y_50[i] - hts) / x
                    if slope > st_50:
                        st_50, i_50 = slope, i
                if not median:
                    n_b = insert(hull_b, n_b, x, y_b[i])
                    slope = (y_b[i] - hts) / x
                    if slope > st_b:
                        st_b, i_b = slope, i
            if choosy and not wanted[ray, n]:
                out[n] = math.nan
                continue

            # 4 free space, all there is over two points
            hrs = h[n] + sweep.receiver_m
            straight = (hrs - hts) * inverse
            lbfs = row.free_space_db + 10.0 / TEN * math.log1p((straight * per_metre) ** 2)
            if n == 1:
                out[n] = lbfs + sweep.enhancement * row.reach
                continue

            # 3 both horizons on bare terrain
            zr = hrs - row.bulge_50
            chord = (zr - hts) * inverse
            vertex = tangent(bare, n_bare, float(n), zr)
            i_r = int(bare[vertex, 0])
            sr = (bare[vertex, 1] - zr) / (n - i_r)
            transhorizon = st_bare > chord
            sky_t, sky_r = chord * per_metre, -chord * per_metre - d / ae
            exact_angles = transhorizon
            if transhorizon:
                theta_t = theta_max
                theta_r = _elevation(sr * per_metre - d / ae)
                theta = 1000.0 * d / ae + theta_t + theta_r
                dlt, dlr = i_bare * s, (n - i_r) * s
                near = row.reach if median else 1.0 - math.exp(-(dlt + dlr) / 10.0)
            else:
                # angles follow where they matter; this theta is not above the true one
                theta_t = theta_r = dlt = dlr = 0.0
                theta = -1000.0 / 3.0 * abs(straight * per_metre) ** 3
                near = row.reach
            lb0p = lbfs + sweep.enhancement * near

            # 7 diffraction; below b0 per cent of the time the median radius takes no part
            with_median = row.fi < 1.0
            ld50 = ldb = 0.0
            if with_median and cluttered:
                v = tangent(hull_50, n_50, float(n), zr)
                i_v = int(hull_50[v, 0])
                behind = (hull_50[v, 1] - zr) / (n - i_v) + chord
                ld50 = _profile_loss(y_50, n, hts, chord, st_50 - chord, behind, i_50, i_v, row)
            elif with_median:
                ld50 = _profile_loss(
                    z, n, hts, chord, st_bare - chord, sr + chord, i_bare, i_r, row
                )
            if not median:
                zb = hrs - row.bulge_b
                chord_b = (zb - hts) * inverse
                v = tangent(hull_b, n_b, float(n), zb)
                i_v = int(hull_b[v, 0])
                behind = (hull_b[v, 1] - zb) / (n - i_v) + chord_b
                ldb = _profile_loss(y_b, n, hts, chord_b, st_b - chord_b, behind, i_b, i_v, row)

            # 7.3 smooth earth; obstacles (3.2) only raise the antennas above it
            hst = (2.0 * v1 * n - v2) * inverse * inverse
            hsr = (v2 - v1 * n) * inverse * inverse
            ht, hr = hts - min(hst, h[0]), hrs - min(hsr, h[n])
            clear = max(row.clear_50, row.clear_b)
            if ht * hr <= clear and st_flat > straight:
                while on_flat < n:
                    n_flat = insert(flat, n_flat, float(on_flat), h[on_flat])
                    on_flat += 1
                v = farthest(flat, n_flat, straight)
                hobs = flat[v, 1] - hts - straight * flat[v, 0]
                v = tangent(flat, n_flat, float(n), hrs)
                aot = st_flat - straight
                aor = (flat[v, 1] - hrs) / (n - flat[v, 0]) + straight
                ht = hts - min(hst - hobs * aot / (aot + aor), h[0])
                hr = hrs - min(hsr - hobs * aor / (aot + aor), h[n])
            if with_median and ht * hr <= row.clear_50:
                ld50 += _smooth_excess(n, ht, hr, ae, sweep, row)
            if not median and ht * hr <= row.clear_b:
                ldb += _smooth_excess(n, ht, hr, sweep.radius_b_km, sweep, row)
            if median:
                ldp = ld50
            elif with_median:
                ldp = ld50 + row.fi * (ldb - ld50)
            else:
                ldp = ldb
            lbd = lb0p + ldp
            if diffraction_only:
                out[n] = lbd
                continue

            # 9 ducting, unless its lower bound already exceeds diffraction
            in_between = with_median and not median  # b0 < p < 50: Lminb0p is not Lbd
            if not transhorizon and (ldp > 0.0 or in_between):
                theta_t, theta_r = _elevation(sky_t), _elevation(sky_r)
                theta = 1000.0 * d / ae + theta_t + theta_r
                exact_angles = True
            lbda = lbd
            if ldp > 0.0 and (
                transhorizon
                or _lowest_in_sight_db(sweep, d, theta_t, theta_r) + row.lowest_ap_db <= lbd
            ):
                i_t = i_bare
                if not transhorizon:
                    _, i_t = _closest(
                        z, n, hts, chord, st_bare - chord, sr + chord, i_bare, i_r, math.inf
                    )
                    dlt = i_t * s
                    dlr = d - dlt
                lba = _ducting_db(sweep, d, theta_t, theta_r, dlt, dlr)
                if lba + row.lowest_ap_db <= lbd:
                    hst, hsr = min(hst, h[0]), min(hsr, h[n])
                    slope = (hsr - hst) * inverse
                    hm = h[i_t] - slope * i_t
                    if transhorizon:
                        hm = max(hm, highest_over(bare, vertex, k_50, i_t, slope))
                    log_b = log_beta(
                        row.log_b0,
                        d,
                        dlt + dlr,
                        row.alpha,
                        row.bulge_50,
                        hts - hst,
                        hrs - hsr,
                        hm - hst,
                    )
                    lba += anomalous_time_db(sweep.log_p, log_b, d, row.bend)
                    lminbap = notional_db(lba, lb0p)
                    if lminbap <= lbd:
                        lbda = lminbap + (lbd - lminbap) * row.fk

            # 10 line of sight
            lbam = lbda
            if (lbda != lbd or in_between) and theta < FULLY_TRANSHORIZON_MRAD:
                lminb0p = lbd
                if in_between:
                    lb0b = lbfs + 2.6 * (row.log_b0 - LOG_HALF) * near
                    lminb0p = lbfs + ld50 + (lb0b + ldp - lbfs - ld50) * row.fi
                lbam += (lminb0p - lbda) * slope_weight(theta)

            # 8, 10 troposcatter
            lbc = lbam
            if row.scatter_db + 0.573 * theta < lbam + NEGLIGIBLE_GAP_DB:
                if not exact_angles:
                    theta = 1000.0 * d / ae + _elevation(sky_t) + _elevation(sky_r)
                lbc = combined_db(row.scatter_db + 0.573 * theta, lbam)
            out[n] = max(lb0p, lbc)
