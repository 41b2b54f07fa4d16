"""What the Irregular Terrain Model takes from terrain and air; compiled, no checks.

Knows heights at equal steps, or an area's irregularity, and no loss. After
Hufford, "The ITS Irregular Terrain Model, version 1.2.2: the algorithm" (1995),
with the constants of NTIA's implementation 1.4. SI units but for the frequency
in MHz; angles are tangents taken for radians.
"""

import math
from typing import NamedTuple

import numpy as np

from .._compiled import compiled
from .._types import Floats

BARE_CURVATURE = 157e-9
"""Curvature of the earth, 1/m."""


class Ground(NamedTuple):
    """Surface and air between the antennas."""

    curvature: float
    """Of the effective earth, 1/m."""
    impedance: complex
    """Transfer impedance of the ground."""
    n_s: float
    """Surface refractivity, N-units."""


class Geometry(NamedTuple):
    """What the model takes from terrain, transmitter first."""

    theta_t: float
    theta_r: float
    """Horizon elevation angles, rad."""
    d_t: float
    d_r: float
    """Distances to the horizons, m."""
    he_t: float
    he_r: float
    """Effective antenna heights, m."""
    delta_h: float
    """Terrain irregularity, m."""


@compiled
def ground(
    f: float, elevation: float, n0: float, horizontal: bool, eps: float, sigma: float
) -> Ground:
    """Return surface and air at the mean elevation of the terrain."""
    n_s = n0 * math.exp(-elevation / 9460.0)
    curvature = BARE_CURVATURE * (1.0 - 0.04665 * math.exp(n_s / 179.3))
    permittivity = complex(eps, 18000.0 * sigma / f)
    impedance = np.sqrt(permittivity - 1.0)
    if not horizontal:
        impedance = impedance / permittivity
    return Ground(curvature, impedance, n_s)


@compiled
def mean_elevation(h: Floats) -> float:
    """Return the mean height of the middle eight tenths of the path."""
    n = h.size - 1
    tenth = int(0.1 * n)
    total = 0.0
    for i in range(tenth, n - tenth + 1):
        total += h[i]
    return total / (n - 2 * tenth + 1)


@compiled
def _fit(h: Floats, step: float, start: float, end: float) -> tuple[float, float]:
    """Return the ends of the least-squares line through the terrain from `start` to `end`."""
    n = h.size - 1
    first = int(max(start / step, 0.0))
    last = n - int(max(n - end / step, 0.0))
    if last <= first:
        first = max(first - 1, 0)
        last = n - max(n - (last + 1), 0)
    length = last - first
    middle = -0.5 * length
    end_place = last + middle
    total = 0.5 * (h[first] + h[last])
    moment = 0.5 * (h[first] - h[last]) * middle
    for _ in range(2, length + 1):
        first += 1
        middle += 1.0
        total += h[first]
        moment += h[first] * middle
    total /= length
    moment *= 12.0 / ((length * length + 2.0) * length)
    return total - moment * end_place, total + moment * (n - end_place)


@compiled
def _irregularity(h: Floats, step: float, start: float, end: float) -> float:
    """Return delta h: the interdecile range about the terrain's own line, at great distance."""
    n = h.size - 1
    x, x_end = start / step, end / step
    if x_end - x < 2.0:
        return 0.0
    tenth = min(max(4, int(0.1 * (x_end - x + 8.0))), 25)
    count = 10 * tenth - 5
    stride = (x_end - x) / (count - 1)
    samples = np.empty(count)
    i = int(x)
    x -= i + 1.0
    for j in range(count):
        while x > 0.0 and i + 1 < n:
            x -= 1.0
            i += 1
        samples[j] = h[i + 1] + (h[i + 1] - h[i]) * x
        x += stride
    left, right = _fit(samples, 1.0, 0.0, count - 1.0)
    slope = (right - left) / (count - 1)
    for j in range(count):
        samples[j] -= left + slope * j
    samples.sort()
    spread = samples[count - tenth] - samples[tenth - 1]
    return float(spread / (1.0 - 0.8 * math.exp(-(end - start) / 50e3)))


@compiled
def _horizon(he: float, curvature: float, delta_h: float) -> float:
    """Return the likely distance to the horizon over irregular terrain."""
    smooth = math.sqrt(2.0 * he / curvature)
    return smooth * math.exp(-0.07 * math.sqrt(delta_h / max(he, 5.0)))


@compiled
def _horizon_angle(he: float, d: float, curvature: float, delta_h: float) -> float:
    """Return the likely elevation angle of that horizon."""
    smooth = math.sqrt(2.0 * he / curvature)
    return (0.65 * delta_h * (smooth / d - 1.0) - 2.0 * he) / smooth


@compiled
def over_terrain(h: Floats, step: float, hg_t: float, hg_r: float, curvature: float) -> Geometry:
    """Return horizons, effective heights and irregularity of a profile."""
    n = h.size - 1
    d = n * step
    top_t, top_r = h[0] + hg_t, h[n] + hg_r
    theta_t = (top_r - top_t) / d - 0.5 * curvature * d
    theta_r = (top_t - top_r) / d - 0.5 * curvature * d
    d_t = d_r = d
    x, rest = 0.0, d
    for i in range(1, n):
        # added up, as the points that a fraction of these distances falls on depend on it
        x += step
        rest -= step
        angle = (h[i] - top_t) / x - 0.5 * curvature * x
        if angle > theta_t:
            theta_t, d_t = angle, x
        angle = (h[i] - top_r) / rest - 0.5 * curvature * rest
        if angle > theta_r:
            theta_r, d_r = angle, rest

    start, end = min(15.0 * hg_t, 0.1 * d_t), d - min(15.0 * hg_r, 0.1 * d_r)
    delta_h = _irregularity(h, step, start, end)
    if d_t + d_r > 1.5 * d:
        fit_t, fit_r = _fit(h, step, start, end)
        he_t, he_r = hg_t + max(h[0] - fit_t, 0.0), hg_r + max(h[n] - fit_r, 0.0)
        d_t, d_r = _horizon(he_t, curvature, delta_h), _horizon(he_r, curvature, delta_h)
        if d_t + d_r <= d:
            raised = (d / (d_t + d_r)) ** 2
            he_t, he_r = he_t * raised, he_r * raised
            d_t, d_r = _horizon(he_t, curvature, delta_h), _horizon(he_r, curvature, delta_h)
        theta_t = _horizon_angle(he_t, d_t, curvature, delta_h)
        theta_r = _horizon_angle(he_r, d_r, curvature, delta_h)
    else:
        fit_t = _fit(h, step, start, 0.9 * d_t)[0]
        fit_r = _fit(h, step, d - 0.9 * d_r, end)[1]
        he_t, he_r = hg_t + max(h[0] - fit_t, 0.0), hg_r + max(h[n] - fit_r, 0.0)
    return Geometry(theta_t, theta_r, d_t, d_r, he_t, he_r, delta_h)


@compiled
def _sited_height(hg: float, siting: int, delta_h: float) -> float:
    """Return the effective height of an antenna sited at random, carefully or very carefully."""
    if siting == 0:
        return hg
    gain = 4.0 if siting == 1 else 9.0
    if hg < 5.0:
        gain *= math.sin(0.1 * math.pi * hg)
    return hg + (1.0 + gain) * math.exp(-min(20.0, 2.0 * hg / max(1e-3, delta_h)))


@compiled
def over_area(
    delta_h: float, hg_t: float, hg_r: float, siting_t: int, siting_r: int, curvature: float
) -> Geometry:
    """Return what an area of that irregularity offers on average."""
    he_t, he_r = _sited_height(hg_t, siting_t, delta_h), _sited_height(hg_r, siting_r, delta_h)
    d_t, d_r = _horizon(he_t, curvature, delta_h), _horizon(he_r, curvature, delta_h)
    return Geometry(
        _horizon_angle(he_t, d_t, curvature, delta_h),
        _horizon_angle(he_r, d_r, curvature, delta_h),
        d_t,
        d_r,
        he_t,
        he_r,
        delta_h,
    )


@compiled
def roughness(d: float, delta_h: float) -> float:
    """Return the irregularity that a path of length `d` meets."""
    return delta_h * (1.0 - 0.8 * math.exp(-d / 50e3))
