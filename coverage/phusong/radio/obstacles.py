"""What stands in the way: the terrain point that dominates the shadow of a receiver.

Between an antenna and a receiver behind terrain it is the profile point of the
largest nu, the diffraction parameter of a single knife edge: the principal edge
of the cascaded knife-edge method in ITU-R P.526, over the median effective earth
and with the clutter, as P.1812 diffracts over them. The frequency scales every nu
alike and a model takes no part, so one answer serves all carriers of an antenna.
"""

import math

import numpy as np
from numpy.typing import NDArray

from .._compiled import compiled
from .._types import Flags, Floats, Labels
from ._obstacle_kernels import edges
from ._p1812_hull import insert, tangent
from ._p1812_terms import median_radius
from .propagation import Link, Profile, Radials

IN_SIGHT = 0
"""Of `steps_back`: no terrain stands above the sight line, or no answer was asked for."""


def dominant_obstacle(profile: Profile, link: Link) -> int | None:
    """Return the profile point that dominates the shadow, or None in line of sight.

    Parameters
    ----------
    profile : Profile
        At least two points; clutter on the first and the last takes no part.
    link : Link
        Antenna heights and the refractivity lapse count.

    Returns
    -------
    int or None
        Position in the profile; of equals the one nearest the transmitter.

    Examples
    --------
    Two ridges of 100 m between antennas 10 m high: an edge near an end of the
    path obstructs more than one of the same height in the middle.

    >>> ridges = Profile(distance_m=np.arange(11) * 1000.0, clutter_m=np.zeros(11),
    ...                  height_m=np.isin(np.arange(11), (5, 8)) * 100.0)
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=10.0, receiver_height_m=10.0)
    >>> dominant_obstacle(ridges, link)
    8
    """
    if profile.distance_m.size < 3:
        return None
    nu = edge_parameters(profile, link)
    highest = int(np.argmax(nu))
    return highest + 1 if nu[highest] > 0 else None


def edge_parameters(profile: Profile, link: Link) -> NDArray[np.float64]:
    """Return nu of every point between the ends, as if it were the only edge.

    ITU-R P.526, single knife edge: h sqrt(2 D / (lambda d1 d2)) with h over the
    sight line of a median effective earth. Positive where the point hides the
    receiver.

    Examples
    --------
    99 m and 1.4 m of earth over the middle of 10 km, at a wavelength of 0.333 m:
    100.4 sqrt(2 × 10,000 / (0.333 × 5,000²)) = 4.9.

    >>> edge = Profile(distance_m=np.array([0.0, 5e3, 1e4]), clutter_m=np.zeros(3),
    ...                height_m=np.array([0.0, 100.0, 0.0]))
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=1.0, receiver_height_m=1.0)
    >>> edge_parameters(edge, link).round(1).tolist()
    [4.9]
    """
    nu = np.empty(max(profile.distance_m.size - 2, 0))
    wave_m = 299.8 / link.frequency_mhz
    edges(*ground_of(profile), *ends_m(profile, link), twice_radius_m(link), wave_m, nu)
    return nu


def ground_of(profile: Profile) -> tuple[Floats, Floats, Floats]:
    """Return distances, heights and clutter of a path as the kernels take them, m."""
    given = profile.distance_m, profile.height_m, profile.clutter_m
    distance_m, height_m, clutter_m = (np.ascontiguousarray(one, dtype=float) for one in given)
    return distance_m, height_m, clutter_m


def ends_m(profile: Profile, link: Link) -> tuple[float, float]:
    """Return how high both antennas stand above sea level."""
    return (
        float(profile.height_m[0] + link.transmitter_height_m),
        float(profile.height_m[-1] + link.receiver_height_m),
    )


def twice_radius_m(link: Link) -> float:
    """Return two radii of the median effective earth."""
    return 2000 * median_radius(link.delta_n_per_km)


def earth_bulge_m(profile: Profile, link: Link) -> NDArray[np.float64]:
    """Return how high the median effective earth rises over the chord between the ends."""
    d = profile.distance_m
    bulge: NDArray[np.float64] = d * (d[-1] - d) / twice_radius_m(link)
    return bulge


def sight_line_m(profile: Profile, link: Link) -> NDArray[np.float64]:
    """Return the height of the straight line between the antennas."""
    top, end = ends_m(profile, link)
    line: NDArray[np.float64] = top + (end - top) * profile.distance_m / profile.distance_m[-1]
    return line


def obstacles_along_radials(radials: Radials, link: Link) -> NDArray[np.uint16]:
    """Return `dominant_obstacle` of every wanted receiver of every ray.

    Returns
    -------
    ndarray of uint16, shape (rays, points)
        Steps from the receiver back to its obstacle; `IN_SIGHT` without one,
        at point 0, where not wanted, and from the end of a ray on.

    Notes
    -----
    Squared, nu along an edge of the upper hull of the flattened terrain is a
    convex function over a concave one, so it is largest at a vertex; before the
    transmitter's horizon and behind the receiver's it only falls.

    Examples
    --------
    >>> rays = Radials(step_m=1000.0, height_m=np.array([[0.0, 0.0, 99.0, 0.0, 0.0]]))
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=10.0, receiver_height_m=10.0)
    >>> obstacles_along_radials(rays, link).tolist()
    [[0, 0, 0, 1, 2]]
    """
    height = np.ascontiguousarray(radials.height_m, dtype=np.float64)
    points = height.shape[1]
    clutter, wanted = np.empty((0, points)), np.empty((0, points), dtype=np.bool_)
    if radials.clutter_m is not None:
        clutter = np.ascontiguousarray(radials.clutter_m, dtype=np.float64)
    if radials.wanted is not None:
        wanted = np.ascontiguousarray(radials.wanted, dtype=np.bool_)
    back = np.zeros(height.shape, dtype=np.uint16)
    _along_rays(
        height,
        clutter,
        wanted,
        radials.step_m**2 / (2000 * median_radius(link.delta_n_per_km)),
        float(link.transmitter_height_m),
        float(link.receiver_height_m),
        back,
    )
    return back


@compiled
def _along_rays(
    height: Floats, clutter: Floats, wanted: Flags, k: float, htg: float, hrg: float, back: Labels
) -> None:
    """Fill `back`; heights are flattened by k parabolas of one step, slopes in metres a step.

    `clutter` of no rays means none, `wanted` of no rays that all points are.
    """
    rays, points = height.shape
    cluttered, choosy = clutter.shape[0] > 0, wanted.shape[0] > 0
    hull = np.empty((points, 3))
    for ray in range(rays):
        h = height[ray]
        top, size, ahead, horizon = h[0] + htg, 0, -math.inf, 0
        for n in range(1, points):
            if math.isnan(h[n]) or (cluttered and math.isnan(clutter[ray, n])):
                break
            x = float(n - 1)
            if n > 1:
                z = h[n - 1] - k * x * x
                if cluttered:
                    z += clutter[ray, n - 1]
                size = insert(hull, size, x, z)
                slope = (z - top) / x
                if slope > ahead:
                    ahead, horizon = slope, n - 1
            if n == 1 or (choosy and not wanted[ray, n]):
                continue
            end = h[n] + hrg - k * n * n
            chord = (end - top) / n
            if not ahead > chord:
                continue
            vertex = tangent(hull, size, float(n), end)
            rise, most = (ahead - chord) ** 2, 0.0
            while vertex >= 0 and hull[vertex, 0] >= horizon:
                x = hull[vertex, 0]
                if rise * x < most * (n - x):
                    break  # from here on no point under the horizon's line can be the largest
                over = hull[vertex, 1] - top - chord * x
                if over * over >= most * (x * (n - x)):
                    most, back[ray, n] = over * over / (x * (n - x)), n - int(x)
                vertex -= 1
