"""P.1812 at every point of a ray, each receiver at a cost that hardly grows with distance.

The profiles of one ray are prefixes of one another, so what the path kernel
(`_p1812_path`) finds by walking over points is kept here as running sums,
running maxima and upper convex hulls. Heights are *flattened*: lowered by the
parabola 500 d^2/a of an effective earth, which turns sight lines over a round
earth into straight lines. docs/methods/p1812.md says, term by term, what is
kept and why the result is the same number. Slopes are in metres a step.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compiled import compiled
from .._types import Flags, Floats, Labels
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
SIGHT = np.dtype(
    [
        ("chord", np.float64),  # slope of the sight line, metres a step
        ("slope", np.float64),  # steepest from the transmitter to a point between
        ("slope_r", np.float64),  # steepest from the receiver
        ("ahead", np.float64),  # how much steeper than the sight line these are
        ("behind", np.float64),
        ("first", np.int64),  # the points that the steepest slopes lead to
        ("last", np.int64),
        ("vertex", np.int64),  # the last one's place on the hull
    ]
)
"""How the two ends of a path see the points between, over one flattened earth."""
SMOOTH = np.dtype(
    [
        ("hst", np.float64),  # ends of the smooth earth, not above ground, metres
        ("hsr", np.float64),
        ("ht", np.float64),  # antennas over it where obstacles lower it
        ("hr", np.float64),
        ("lowered", np.float64),  # whether they do, and any carrier may ask: 1 or 0
    ]
)
"""The smooth earth of a path (3.1, 3.2)."""


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


class Ends(NamedTuple):
    """Both horizons of a path over bare terrain (3.1)."""

    transhorizon: bool
    theta_t: float  # elevations, mrad
    theta_r: float
    theta: float
    dlt: float  # km
    dlr: float
    near: float  # 1 - exp(-(dlt + dlr)/10)
    exact: bool  # whether the angles are known; if not, theta is not above the true one


@compiled
def _horizons(n: int, straight: float, theta_max: float, at: Any, sweep: Sweep, row: Any) -> Ends:
    """Return both horizons; in sight the angles follow where they matter (`_in_sight`)."""
    if at.slope <= at.chord:
        lowest = -1000.0 / 3.0 * abs(straight * sweep.per_metre) ** 3
        return Ends(False, 0.0, 0.0, lowest, 0.0, 0.0, row.reach, False)
    d, ae = row.distance_km, sweep.radius_50_km
    theta_r = _elevation(at.slope_r * sweep.per_metre - d / ae)
    theta = 1000.0 * d / ae + theta_max + theta_r
    dlt, dlr = at.first * sweep.step_km, (n - at.last) * sweep.step_km
    near = row.reach if sweep.median else 1.0 - math.exp(-(dlt + dlr) / 10.0)
    return Ends(True, theta_max, theta_r, theta, dlt, dlr, near, True)


@compiled
def _in_sight(chord: float, ends: Ends, sweep: Sweep, d: float) -> Ends:
    """Return the ends of a path in sight with the angles of its sight line."""
    theta_t = _elevation(chord * sweep.per_metre)
    theta_r = _elevation(-chord * sweep.per_metre - d / sweep.radius_50_km)
    theta = 1000.0 * d / sweep.radius_50_km + theta_t + theta_r
    return Ends(False, theta_t, theta_r, theta, ends.dlt, ends.dlr, ends.near, True)


@compiled
def _ducting_db(sweep: Sweep, ends: Ends, d: float, dlt: float, dlr: float) -> float:
    """Return Lba but for Ap (9) over land."""
    sky_t, sky_r = max(ends.theta_t - 0.1 * dlt, 0.0), max(ends.theta_r - 0.1 * dlr, 0.0)
    shield_t = 1.0 + 0.361 * sky_t * sweep.f_sqrt * math.sqrt(dlt)
    shield_r = 1.0 + 0.361 * sky_r * sweep.f_sqrt * math.sqrt(dlr)
    bent = bent_angle_mrad(d, sweep.radius_50_km, ends.theta_t, ends.theta_r, dlt, dlr)
    return (
        sweep.ducting_db
        + 20.0 / TEN * math.log((dlt + dlr) * shield_t * shield_r)
        + sweep.f_root * (0.264 * (sky_t + sky_r) + 5e-5 * sweep.radius_50_km * bent)
    )


@compiled
def _lowest_in_sight_db(sweep: Sweep, ends: Ends, row: Any) -> float:
    """Return what the loss by ducting in line of sight is not below, wherever the horizon point.

    A positive angle counts in the bent angle up to 0.1 dl and in the shielding
    beyond, where a mrad weighs less: 0.264 against 5e-5 ae.
    """
    d, theta_t, theta_r = row.distance_km, ends.theta_t, ends.theta_r
    bent = 1000.0 * d / sweep.radius_50_km + min(theta_t, 0.0) + min(theta_r, 0.0)
    shields = 0.264 * (max(theta_t, 0.0) + max(theta_r, 0.0))
    lba = (
        sweep.ducting_db
        + 20.0 / TEN * math.log(d)
        + sweep.f_root * (shields + 5e-5 * sweep.radius_50_km * bent)
    )
    return float(lba + row.lowest_ap_db)


@compiled
def _combined_loss(
    chord: float,
    ends: Ends,
    lbfs: float,
    ldp: float,
    ld50: float,
    lbda: float,
    sweep: Sweep,
    row: Any,
) -> float:
    """Return Lb (10) from diffraction, ducting and troposcatter (8)."""
    lb0p = lbfs + sweep.enhancement * ends.near
    lbd, lbam = lb0p + ldp, lbda
    if (lbda != lbd or row.in_between > 0.0) and ends.theta < FULLY_TRANSHORIZON_MRAD:
        lminb0p = lbd
        if row.in_between > 0.0:
            lb0b = lbfs + 2.6 * (row.log_b0 - LOG_HALF) * ends.near
            lminb0p = lbfs + ld50 + (lb0b + ldp - lbfs - ld50) * row.fi
        lbam += (lminb0p - lbda) * slope_weight(ends.theta)
    lbc = lbam
    if row.scatter_db + 0.573 * ends.theta < lbam + NEGLIGIBLE_GAP_DB:
        if not ends.exact:
            ends = _in_sight(chord, ends, sweep, row.distance_km)
        lbc = combined_db(row.scatter_db + 0.573 * ends.theta, lbam)
    return max(lb0p, lbc)


@compiled
def _with_ducting(
    lba: float,
    rough_m: float,
    horizons_km: float,
    ht: float,
    hr: float,
    lb0p: float,
    lbd: float,
    sweep: Sweep,
    row: Any,
) -> float:
    """Return Lbda (9, 10) from Lba but for Ap; it is Lbd where that is lower."""
    log_b = log_beta(
        row.log_b0,
        row.distance_km,
        horizons_km,
        row.alpha,
        row.bulge_50,
        ht,
        hr,
        rough_m,
    )
    lba += anomalous_time_db(sweep.log_p, log_b, row.distance_km, row.bend)
    lminbap = notional_db(lba, lb0p)
    return lbd if lminbap > lbd else lminbap + (lbd - lminbap) * row.fk


# The steps of one ray. Each goes along all its wanted receivers. Were a function called for every
# receiver, numba would count the users of every array passed to it each time, which takes about as
# long as the formulas themselves.


@compiled
def _points_known(h: Floats, clutter: Floats) -> int:
    """Return how many points the ray has before its terrain or clutter is unknown."""
    known = 0
    while known < h.size and not math.isnan(h[known]):
        if clutter.size > 0 and math.isnan(clutter[known]):
            break
        known += 1
    return known


@compiled
def _flatten(h: Floats, clutter: Floats, cluttered: bool, k: float, z: Floats) -> None:
    """Fill the heights with clutter, lowered by k parabolas of one step."""
    for i in range(h.size):
        x = float(i)
        z[i] = h[i] - k * x * x
        if cluttered:
            z[i] += clutter[i]


@compiled
def _look(
    h: Floats,
    z: Floats,
    bulge: Floats,
    inverse: Floats,
    asked: Labels,
    sweep: Sweep,
    hull: Floats,
    sights: NDArray[Any],
) -> None:
    """Fill how both ends of every path see the points between (3.1), over flattened heights z."""
    top = h[0] + sweep.transmitter_m
    size, slope, first, taken = 0, -math.inf, 0, 1
    for k in range(asked.size):
        n = asked[k]
        if n == 1:
            continue
        while taken < n:
            size = insert(hull, size, float(taken), z[taken])
            above = (z[taken] - top) * inverse[taken]
            if above > slope:
                slope, first = above, taken
            taken += 1
        at = sights[k]
        end = h[n] + sweep.receiver_m - bulge[n]
        chord = (end - top) * inverse[n]
        vertex = tangent(hull, size, float(n), end)
        last = int(hull[vertex, 0])
        slope_r = (hull[vertex, 1] - end) / (n - last)
        at.chord, at.slope, at.slope_r = chord, slope, slope_r
        at.ahead, at.behind = slope - chord, slope_r + chord
        at.first, at.last, at.vertex = first, last, vertex


@compiled
def _smooth_earth(
    h: Floats,
    inverses: Floats,
    asked: Labels,
    sweep: Sweep,
    clear: Floats,
    hull: Floats,
    smooth: NDArray[Any],
) -> None:
    """Fill the smooth earth of every path (3.1), which obstacles (3.2) only lower.

    Where it is farther below the antennas than `clear` allows it takes no part, lowered or
    not. The hull that finds obstacles is that of bare terrain over a flat earth.
    """
    top = h[0] + sweep.transmitter_m
    slope, summed, taken, size = -math.inf, 1, 1, 0
    v1 = v2 = 0.0
    for k in range(asked.size):
        n = asked[k]
        while summed <= n:
            v1 += h[summed] + h[summed - 1]
            v2 += h[summed] * (3 * summed - 1) + h[summed - 1] * (3 * summed - 2)
            if summed > 1:
                slope = max(slope, (h[summed - 1] - top) * inverses[summed - 1])
            summed += 1
        if n == 1:
            continue
        at, inverse = smooth[k], inverses[n]
        end = h[n] + sweep.receiver_m
        straight = (end - top) * inverse
        hst = (2.0 * v1 * n - v2) * inverse * inverse
        hsr = (v2 - v1 * n) * inverse * inverse
        at.hst, at.hsr = min(hst, h[0]), min(hsr, h[n])
        at.lowered = 0.0
        if (top - at.hst) * (end - at.hsr) <= clear[n] and slope > straight:
            while taken < n:
                size = insert(hull, size, float(taken), h[taken])
                taken += 1
            v = farthest(hull, size, straight)
            hobs = hull[v, 1] - top - straight * hull[v, 0]
            v = tangent(hull, size, float(n), end)
            aot = slope - straight
            aor = (hull[v, 1] - end) / (n - hull[v, 0]) + straight
            at.ht = top - min(hst - hobs * aot / (aot + aor), h[0])
            at.hr = end - min(hsr - hobs * aor / (aot + aor), h[n])
            at.lowered = 1.0


@compiled
def look_along_rays(
    height: Floats,
    clutter: Floats,
    wanted: Flags,
    sweep: Sweep,
    steps: NDArray[Any],
    clear: Floats,
    starts: Labels,
    asked: Labels,
    bare: NDArray[Any],
    cluttered: NDArray[Any],
    rare: NDArray[Any],
    smooth: NDArray[Any],
) -> None:
    """Fill which points of each ray are asked for, and all that no frequency changes.

    `clutter` of no rays means none, `wanted` of no rays that all points are. Those of ray r
    stand at ``starts[r]`` … ``starts[r + 1] - 1``. `bare` and `cluttered` are the sights over
    the median earth, `rare` those over the earth of beta0 per cent; of `cluttered` there is
    none without clutter, of `rare` none for half of the time. `clear` is the largest of all
    carriers.
    """
    rays, points = height.shape
    z, hull = np.empty(points), np.empty((points, 3))
    bulge_50, bulge_b = steps["bulge_50"].copy(), steps["bulge_b"].copy()
    inverse, no_clutter = steps["inverse"].copy(), np.empty(0)
    hidden, choosy = clutter.shape[0] > 0, wanted.shape[0] > 0
    stop = 0
    for ray in range(rays):
        h, start = height[ray], stop
        over = clutter[ray] if hidden else no_clutter
        starts[ray] = start
        for n in range(1, _points_known(h, over)):
            if not choosy or wanted[ray, n]:
                asked[stop] = n
                stop += 1
        if stop == start:
            continue
        own, known = asked[start:stop], asked[stop - 1] + 1
        _flatten(h[:known], over, False, sweep.bulge_50, z)
        _look(h, z, bulge_50, inverse, own, sweep, hull, bare[start:stop])
        if hidden:
            _flatten(h[:known], over, True, sweep.bulge_50, z)
            _look(h, z, bulge_50, inverse, own, sweep, hull, cluttered[start:stop])
        if not sweep.median:
            _flatten(h[:known], over, hidden, sweep.bulge_b, z)
            _look(h, z, bulge_b, inverse, own, sweep, hull, rare[start:stop])
        _smooth_earth(h, inverse, own, sweep, clear, hull, smooth[start:stop])
    starts[rays] = stop


@compiled
def _bullington(
    z: Floats,
    top: float,
    sights: NDArray[Any],
    asked: Labels,
    rare: bool,
    steps: NDArray[Any],
    loss: Floats,
) -> None:
    """Fill Lbulla of the profiles (6); below beta0 per cent the median earth takes no part.

    Beyond sight nu^2 is the product of the two steepest slopes, taken relative to the
    sight line; in sight nu is nowhere above minus its root.
    """
    for k in range(asked.size):
        n = asked[k]
        if n == 1:
            continue
        row, at, loss[k] = steps[n], sights[k], 0.0
        if not rare and row.fi >= 1.0:
            continue
        square = row.nu_scale * at.ahead * at.behind
        if at.ahead >= 0.0:
            loss[k] = _edge_loss(math.sqrt(max(square, 0.0)), row.excess)
        elif square < HIDDEN_EDGE:
            hidden = HIDDEN_EDGE / row.nu_scale
            least, _ = _closest(z, n, top, at.chord, at.ahead, at.behind, at.first, at.last, hidden)
            if least < hidden:
                loss[k] = _edge_loss(-math.sqrt(row.nu_scale * least), row.excess)


@compiled
def _diffraction(
    h: Floats,
    asked: Labels,
    sweep: Sweep,
    steps: NDArray[Any],
    smooth: NDArray[Any],
    ld50: Floats,
    ldp: Floats,
) -> None:
    """Turn Lbulla over both earths, in `ld50` and `ldp`, into Ld50 and Ldp (7)."""
    top = h[0] + sweep.transmitter_m
    for k in range(asked.size):
        n = asked[k]
        if n == 1:
            continue
        row, at = steps[n], smooth[k]
        ht, hr = top - at.hst, h[n] + sweep.receiver_m - at.hsr
        if ht * hr <= max(row.clear_50, row.clear_b) and at.lowered > 0.0:
            ht, hr = at.ht, at.hr
        if row.fi < 1.0 and ht * hr <= row.clear_50:
            ld50[k] += _smooth_excess(n, ht, hr, sweep.radius_50_km, sweep, row)
        if sweep.median:
            ldp[k] = ld50[k]
            continue
        if ht * hr <= row.clear_b:
            ldp[k] += _smooth_excess(n, ht, hr, sweep.radius_b_km, sweep, row)
        if row.fi < 1.0:
            ldp[k] = ld50[k] + row.fi * (ldp[k] - ld50[k])


@compiled
def _basic_transmission(
    h: Floats,
    z: Floats,
    asked: Labels,
    sweep: Sweep,
    steps: NDArray[Any],
    hull: Floats,
    sights: NDArray[Any],
    smooth: NDArray[Any],
    ld50: Floats,
    ldp: Floats,
    diffraction_only: bool,
    loss: Floats,
) -> None:
    """Fill Lb (4, 8, 9, 10), or Lbd alone; z and the sights are those over bare terrain.

    Ducting is left out where a bound of it from below already exceeds diffraction.
    """
    top = h[0] + sweep.transmitter_m
    first, theta_max = 0, 0.0
    taken, size = 1, 0
    for k in range(asked.size):
        n = asked[k]
        row, at, d = steps[n], sights[k], steps[n].distance_km
        end = h[n] + sweep.receiver_m
        straight = (end - top) * row.inverse
        lbfs = row.free_space_db + 10.0 / TEN * math.log1p((straight * sweep.per_metre) ** 2)
        if n == 1:  # free space is all there is over two points
            loss[n] = lbfs + sweep.enhancement * row.reach
            continue
        if at.first != first:
            first, theta_max = at.first, _elevation(at.slope * sweep.per_metre)
        ends = _horizons(n, straight, theta_max, at, sweep, row)
        lb0p = lbfs + sweep.enhancement * ends.near
        lbd = lb0p + ldp[k]
        if diffraction_only:
            loss[n] = lbd
            continue
        if not ends.transhorizon and (ldp[k] > 0.0 or row.in_between > 0.0):
            ends = _in_sight(at.chord, ends, sweep, d)
        lbda = lbd
        if ldp[k] > 0.0 and (ends.transhorizon or _lowest_in_sight_db(sweep, ends, row) <= lbd):
            i_t, dlt, dlr = at.first, ends.dlt, ends.dlr
            if not ends.transhorizon:
                _, i_t = _closest(
                    z, n, top, at.chord, at.ahead, at.behind, at.first, at.last, math.inf
                )
                dlt = i_t * sweep.step_km
                dlr = d - dlt
            lba = _ducting_db(sweep, ends, d, dlt, dlr)
            if lba + row.lowest_ap_db <= lbd:
                hst, hsr = smooth[k].hst, smooth[k].hsr
                slope = (hsr - hst) * row.inverse
                hm = h[i_t] - slope * i_t
                if ends.transhorizon:
                    while taken < n:  # the hull as `_look` had it at this receiver
                        size = insert(hull, size, float(taken), z[taken])
                        taken += 1
                    hm = max(hm, highest_over(hull, at.vertex, sweep.bulge_50, i_t, slope))
                ht, hr = top - hst, end - hsr
                lbda = _with_ducting(lba, hm - hst, dlt + dlr, ht, hr, lb0p, lbd, sweep, row)
        loss[n] = _combined_loss(at.chord, ends, lbfs, ldp[k], ld50[k], lbda, sweep, row)


@compiled
def loss_along_rays(
    height: Floats,
    clutter: Floats,
    sweep: Sweep,
    steps: NDArray[Any],
    starts: Labels,
    asked: Labels,
    bare: NDArray[Any],
    cluttered: NDArray[Any],
    rare: NDArray[Any],
    smooth: NDArray[Any],
    diffraction_only: bool,
    loss: Floats,
) -> None:
    """Fill the loss of one carrier at every point asked for, or Lbd alone.

    What comes before `diffraction_only` is as `look_along_rays` had and filled it.
    """
    rays, points = height.shape
    z, obstacles, hull = np.empty(points), np.empty(points), np.empty((points, 3))
    ld50, ldp, no_clutter = np.empty(points), np.empty(points), np.empty(0)
    hidden = clutter.shape[0] > 0
    for ray in range(rays):
        h, out = height[ray], loss[ray]
        over = clutter[ray] if hidden else no_clutter
        top = h[0] + sweep.transmitter_m
        out[:] = math.nan
        start, stop = starts[ray], starts[ray + 1]
        if stop == start:
            continue
        own, known = asked[start:stop], asked[stop - 1] + 1
        sights = bare[start:stop]
        _flatten(h[:known], over, False, sweep.bulge_50, z)
        if hidden:
            _flatten(h[:known], over, True, sweep.bulge_50, obstacles)
            _bullington(obstacles, top, cluttered[start:stop], own, False, steps, ld50)
        else:
            _bullington(z, top, sights, own, False, steps, ld50)
        if not sweep.median:
            _flatten(h[:known], over, hidden, sweep.bulge_b, obstacles)
            _bullington(obstacles, top, rare[start:stop], own, True, steps, ldp)
        _diffraction(h, own, sweep, steps, smooth[start:stop], ld50, ldp)
        _basic_transmission(
            h,
            z,
            own,
            sweep,
            steps,
            hull,
            sights,
            smooth[start:stop],
            ld50,
            ldp,
            diffraction_only,
            out,
        )
