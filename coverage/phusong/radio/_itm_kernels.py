"""The Irregular Terrain Model's attenuation; compiled, no checks.

Knows line of sight, diffraction and troposcatter between the antennas that
`_itm_terrain` describes, and how rays are filled. Units and source as there.
"""

import math

from .._compiled import compiled
from .._types import Flags, Floats
from ._itm_terrain import Geometry, Ground, ground, mean_elevation, over_terrain, roughness
from ._itm_variability import WAVE, with_variability

LEAST_N_S, GREATEST_N_S = 150.0, 400.0

# warnings: bits of the answer
TX_HEIGHT, RX_HEIGHT, FREQUENCY, FAR, VERY_FAR, NEAR, VERY_NEAR = (1 << i for i in range(7))
TX_ANGLE, RX_ANGLE, TX_CLOSE, RX_CLOSE, TX_DISTANT, RX_DISTANT = (1 << i for i in range(7, 13))
EXTREME_VARIABILITY, LOW_REFRACTIVITY = 1 << 13, 1 << 14

LINE_OF_SIGHT, DIFFRACTION, TROPOSCATTER = 0, 1, 2


@compiled
def _height_spread(delta_h: float) -> float:
    """Return sigma_h, the standard deviation of heights."""
    return float(0.78 * delta_h * math.exp(-0.5 * delta_h**0.25))


@compiled
def _knife_edge(v2: float) -> float:
    """Return the loss of a knife edge from the square of its parameter."""
    if v2 < 5.76:
        return 6.02 + 9.11 * math.sqrt(v2) - 1.27 * v2
    return 12.953 + 10.0 * math.log10(v2)


@compiled
def _height_gain(x: float, k: float) -> float:
    """Return F(x, K) over a smooth earth."""
    if x < 200.0:
        w = -math.log(k)
        if k < 1e-5 or x * w**3 > 5495.0:
            return 17.372 * math.log(x) - 117.0 if x > 1.0 else -117.0
        return 2.5e-5 * x * x / k - 8.686 * w - 15.0
    far = 0.05751 * x - 4.343 * math.log(x)
    if x < 2000.0:
        w = 0.0134 * x * math.exp(-0.005 * x)
        far = (1.0 - w) * far + w * (17.372 * math.log(x) - 117.0)
    return far


@compiled
def _rounded_earth(d: float, f: float, g: Geometry, medium: Ground, theta: float) -> float:
    """Return the diffraction loss over a smooth earth of three radii."""
    beyond = d - g.d_t - g.d_r
    f_root = f ** (1.0 / 3.0)
    size = abs(medium.impedance)
    x_sum, gains = 0.0, 0.0
    for part in range(3):
        if part == 0:
            radius, length = g.d_t * g.d_t / (2.0 * g.he_t), g.d_t
        elif part == 1:
            radius, length = g.d_r * g.d_r / (2.0 * g.he_r), g.d_r
        else:
            radius = beyond / theta
            length = radius * theta
        c = (4.0 / 3.0 * 6370e3 / radius) ** (1.0 / 3.0)
        k = 0.017778 * c / f_root / size
        x = (1.607 - k) * c * c * f_root * length / 1000.0
        x_sum += x
        if part < 2:
            gains += _height_gain(x, k)
    return 0.05751 * x_sum - 10.0 * math.log10(x_sum) - gains - 20.0


@compiled
def _diffraction(
    d: float,
    f: float,
    hg_t: float,
    hg_r: float,
    g: Geometry,
    medium: Ground,
    theta_sum: float,
    d_smooth: float,
    profile: bool,
) -> float:
    """Return the diffraction attenuation, knife edges and round earth weighed by roughness."""
    theta = theta_sum + d * medium.curvature
    beyond = d - g.d_t - g.d_r
    v = 0.0795775 * (f / WAVE) * theta * theta * beyond
    edges = _knife_edge(v * g.d_t / (beyond + g.d_t)) + _knife_edge(v * g.d_r / (beyond + g.d_r))
    round_earth = _rounded_earth(d, f, g, medium, theta)
    spread = _height_spread(roughness(d_smooth, g.delta_h))
    clutter = min(15.0, 5.0 * math.log10(1.0 + 1e-5 * hg_t * hg_r * f * spread))
    product = hg_t * hg_r
    raised = g.he_t * g.he_r - product
    if profile:
        product += 10.0
    ratio = math.sqrt(1.0 + raised / product)
    ratio += (theta_sum / medium.curvature + g.d_t + g.d_r) / d
    rough = ratio * min(roughness(d, g.delta_h) * f / WAVE, 6283.2)
    weight = 25.1 / (25.1 + math.sqrt(rough))
    return weight * round_earth + (1.0 - weight) * edges + clutter


@compiled
def _two_rays(
    d: float, f: float, g: Geometry, medium: Ground, slope: float, base: float, d_smooth: float
) -> float:
    """Return the line-of-sight attenuation, two rays and diffraction weighed by roughness."""
    wave = f / WAVE
    spread = _height_spread(roughness(d, g.delta_h))
    heights = g.he_t + g.he_r
    sine = heights / math.sqrt(d * d + heights * heights)
    reflected = (sine - medium.impedance) / (sine + medium.impedance)
    reflected = reflected * math.exp(-min(10.0, wave * spread * sine))
    power = reflected.real**2 + reflected.imag**2
    if power < 0.25 or power < sine:
        reflected = reflected * math.sqrt(sine / power)
    phase = 2.0 * wave * g.he_t * g.he_r / d
    if phase > 0.5 * math.pi:
        phase = math.pi - (0.5 * math.pi) ** 2 / phase
    field = complex(math.cos(phase), -math.sin(phase)) + reflected
    rays = -10.0 * math.log10(field.real**2 + field.imag**2)
    weight = 1.0 / (1.0 + f * g.delta_h / max(10e3, d_smooth))
    return weight * rays + (1.0 - weight) * (slope * d + base)


@compiled
def _h0_curve(j: int, r: float) -> float:
    """Return one curve of the frequency gain."""
    a = (25.0, 80.0, 177.0, 395.0, 705.0)
    b = (24.0, 45.0, 68.0, 80.0, 105.0)
    x = 1.0 / (r * r)
    return 10.0 * math.log10(1.0 + (a[j] * x + b[j]) * x)


@compiled
def _h0(r: float, eta: float) -> float:
    """Return the frequency gain between the curves."""
    eta = min(max(eta, 1.0), 5.0)
    i = int(eta)
    part = eta - i
    gain = _h0_curve(i - 1, r)
    return (1.0 - part) * gain + part * _h0_curve(i, r) if part > 0.0 else gain


@compiled
def _attenuation_function(td: float) -> float:
    """Return F(theta d)."""
    if td <= 10e3:
        return 133.4 + 0.332e-3 * td - 10.0 * math.log10(td)
    if td <= 70e3:
        return 104.6 + 0.212e-3 * td - 2.5 * math.log10(td)
    return 71.8 + 0.157e-3 * td + 5.0 * math.log10(td)


@compiled
def _scatter(
    d: float, f: float, g: Geometry, medium: Ground, theta_sum: float, known: float
) -> tuple[float, float]:
    """Return the troposcatter attenuation and its frequency gain, `known` from farther out."""
    if known > 15.0:
        h0 = known
    else:
        uneven = g.d_t - g.d_r
        ratio = g.he_r / g.he_t
        if uneven < 0.0:
            uneven, ratio = -uneven, 1.0 / ratio
        theta = g.theta_t + g.theta_r + d * medium.curvature
        r_t, r_r = 2.0 * f / WAVE * theta * g.he_t, 2.0 * f / WAVE * theta * g.he_r
        if r_t < 0.2 and r_r < 0.2:
            return 1001.0, known
        s = (d - uneven) / (d + uneven)
        q = min(max(0.1, ratio / s), 10.0)
        s = max(0.1, s)
        height = (d - uneven) * (d + uneven) * theta * 0.25 / d
        eta = (0.031 - 2.32e-3 * medium.n_s + 5.67e-6 * medium.n_s**2) * math.exp(
            -(min(1.7, height / 8e3) ** 6)
        )
        eta = (eta + 1.0) * height / 1.7556e3
        h0 = 0.5 * (_h0(r_t, eta) + _h0(r_r, eta))
        h0 += min(h0, 6.0 * (0.6 - math.log10(max(eta, 1.0))) * math.log10(s) * math.log10(q))
        h0 = max(h0, 0.0)
        if eta < 1.0:
            root = math.sqrt(2.0)
            near = ((1.0 + root / r_t) * (1.0 + root / r_r)) ** 2
            near *= (r_t + r_r) / (r_t + r_r + 2.0 * root)
            h0 = eta * h0 + (1.0 - eta) * 10.0 * math.log10(near)
        if h0 > 15.0 and known >= 0.0:
            h0 = known
    theta = theta_sum + d * medium.curvature
    loss = _attenuation_function(theta * d) + 10.0 * math.log10(f * theta**4)
    return loss - 0.1 * (medium.n_s - 301.0) * math.exp(-theta * d / 40e3) + h0, h0


@compiled
def _warnings(d: float, g: Geometry, n_s: float, smooth_t: float, smooth_r: float) -> int:
    """Return what strains the model, by distance and both smooth-earth horizons."""
    warnings = 0
    if abs(g.theta_t) > 0.2:
        warnings |= TX_ANGLE
    if abs(g.theta_r) > 0.2:
        warnings |= RX_ANGLE
    if g.d_t < 0.1 * smooth_t:
        warnings |= TX_CLOSE
    if g.d_r < 0.1 * smooth_r:
        warnings |= RX_CLOSE
    if g.d_t > 3.0 * smooth_t:
        warnings |= TX_DISTANT
    if g.d_r > 3.0 * smooth_r:
        warnings |= RX_DISTANT
    if n_s < 250.0:
        warnings |= LOW_REFRACTIVITY
    if d < abs(g.he_t - g.he_r) / 0.2:
        warnings |= NEAR
    if d < 1e3:
        warnings |= VERY_NEAR
    if d > 1000e3:
        warnings |= FAR
    if d > 2000e3:
        warnings |= VERY_FAR
    return warnings


@compiled
def _line_of_sight(
    d: float, f: float, g: Geometry, medium: Ground, slope: float, base: float, d_smooth: float
) -> float:
    """Return the attenuation nearer than the smooth-earth horizons.

    A curve a + linear d + logarithmic ln d through two points of two rays and the
    diffraction at the horizons; a line where that curve would fall.
    """
    a_smooth, d_horizons = d_smooth * slope + base, g.d_t + g.d_r
    d0 = 0.04 * f * g.he_t * g.he_r
    if base >= 0.0:
        d0 = min(d0, 0.5 * d_horizons)
        d1 = d0 + 0.25 * (d_horizons - d0)
    else:
        d1 = max(-base / slope, 0.25 * d_horizons)
    a1 = _two_rays(d1, f, g, medium, slope, base, d_smooth)
    linear, logarithmic, curved = 0.0, 0.0, False
    if d0 < d1:
        a0 = _two_rays(d0, f, g, medium, slope, base, d_smooth)
        q = math.log(d_smooth / d0)
        logarithmic = max(
            0.0,
            ((d_smooth - d0) * (a1 - a0) - (d1 - d0) * (a_smooth - a0))
            / ((d_smooth - d0) * math.log(d1 / d0) - (d1 - d0) * q),
        )
        curved = base > 0.0 or logarithmic > 0.0
        if curved:
            linear = (a_smooth - a0 - logarithmic * q) / (d_smooth - d0)
            if linear < 0.0:
                linear, logarithmic = 0.0, max(a_smooth - a0, 0.0) / q
                if logarithmic == 0.0:
                    linear = slope
    if not curved:
        linear, logarithmic = max(a_smooth - a1, 0.0) / (d_smooth - d1), 0.0
        if linear == 0.0:
            linear = slope
    at_smooth = linear * d_smooth + logarithmic * math.log(d_smooth)
    return max(a_smooth - at_smooth + linear * d + logarithmic * math.log(d), 0.0)


@compiled
def reference_attenuation(
    d: float, f: float, hg_t: float, hg_r: float, g: Geometry, medium: Ground, profile: bool
) -> tuple[float, int, int]:
    """Return the attenuation relative to free space, the mode and the warnings."""
    curvature = medium.curvature
    smooth_t, smooth_r = math.sqrt(2.0 * g.he_t / curvature), math.sqrt(2.0 * g.he_r / curvature)
    warnings = _warnings(d, g, medium.n_s, smooth_t, smooth_r)
    d_smooth, d_horizons = smooth_t + smooth_r, g.d_t + g.d_r
    theta_sum = max(g.theta_t + g.theta_r, -d_horizons * curvature)
    unit = (1.0 / (curvature * curvature * f)) ** (1.0 / 3.0)
    d3 = max(d_smooth, d_horizons + 5.0 * unit)
    d4 = d3 + 10.0 * unit
    a3 = _diffraction(d3, f, hg_t, hg_r, g, medium, theta_sum, d_smooth, profile)
    a4 = _diffraction(d4, f, hg_t, hg_r, g, medium, theta_sum, d_smooth, profile)
    slope = (a4 - a3) / (d4 - d3)
    base = a3 - slope * d3

    if d < d_smooth:
        a = _line_of_sight(d, f, g, medium, slope, base, d_smooth)
        return a, LINE_OF_SIGHT, warnings

    d5, d6 = d_horizons + 200e3, d_horizons + 400e3
    a6, h0 = _scatter(d6, f, g, medium, theta_sum, -1.0)
    a5, h0 = _scatter(d5, f, g, medium, theta_sum, h0)
    if a5 < 1000.0:
        far_slope = (a6 - a5) / 200e3
        d_scatter = max(
            max(d_smooth, d_horizons + 1.088 * unit * math.log(f)),
            (a5 - base - far_slope * d5) / (slope - far_slope),
        )
        far_base = (slope - far_slope) * d_scatter + base
    else:
        far_slope, far_base, d_scatter = slope, base, 10e6
    if d > d_scatter:
        return max(far_slope * d + far_base, 0.0), TROPOSCATTER, warnings
    return max(slope * d + base, 0.0), DIFFRACTION, warnings


@compiled
def free_space_db(d: float, f: float) -> float:
    """Return the free-space loss."""
    return 32.45 + 20.0 * math.log10(f) + 20.0 * math.log10(d / 1000.0)


@compiled
def loss_along_rays(
    height: Floats,
    wanted: Flags,
    step: float,
    f: float,
    n0: float,
    horizontal: bool,
    eps: float,
    sigma: float,
    hg_t: float,
    hg_r: float,
    climate: int,
    mode: int,
    time: float,
    location: float,
    situation: float,
    loss: Floats,
) -> None:
    """Fill the loss at every wanted point of every ray, each over its whole profile."""
    rays, points = height.shape
    for ray in range(rays):
        loss[ray, :] = math.nan
        if math.isnan(height[ray, 0]):
            continue
        for n in range(1, points):
            if math.isnan(height[ray, n]):
                break
            if not wanted[ray, n]:
                continue
            h, d = height[ray, : n + 1], n * step
            medium = ground(f, mean_elevation(h), n0, horizontal, eps, sigma)
            if not LEAST_N_S <= medium.n_s <= GREATEST_N_S:
                continue
            g = over_terrain(h, step, hg_t, hg_r, medium.curvature)
            a_ref = reference_attenuation(d, f, hg_t, hg_r, g, medium, True)[0]
            a = with_variability(a_ref, d, f, g, climate, mode, time, location, situation)[0]
            loss[ray, n] = free_space_db(d, f) + a
