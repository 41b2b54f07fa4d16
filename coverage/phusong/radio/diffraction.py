"""Free space and delta-Bullington diffraction over the real profile, half of the time.

The part of ITU-R P.1812 that makes the shadow of a ridge, without ducting and
troposcatter. `loss_db` is written out here after docs/methods/p1812.md; the rays
go through the radial kernel of P.1812, so each checks the other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .._types import Floats, Labels
from ..i18n import Bilingual
from ._p1812_path import SEA
from ._p1812_terms import EARTH_RADIUS_KM
from .free_space import FreeSpace
from .p1812 import along_radials
from .propagation import (
    Link,
    Profile,
    Radials,
    Term,
    free_space_term,
    require_range,
    terrain_term,
)


@dataclass(frozen=True)
class Diffraction:
    """Lbfs + Ld50 of ITU-R P.1812-8, sections numbered as in docs/methods/p1812.md.

    Holds for 30 MHz to 6 GHz, antennas 1 to 3000 m above ground and half of the
    time. Between the two points of a shortest profile nothing is known, and the
    loss is that of free space.
    """

    name: ClassVar[str] = "diffraction"
    title: ClassVar[Bilingual] = Bilingual(
        "không gian tự do và nhiễu xạ địa hình (delta-Bullington)",
        "free space and terrain diffraction (delta-Bullington)",
    )
    includes_clutter: ClassVar[bool] = False

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """None besides the link."""
        return {}

    def check(self, link: Link) -> None:
        """Refuse links outside the ranges above."""
        require_range(self.name, "frequency_mhz", link.frequency_mhz, 30, 6000, "MHz")
        require_range(self.name, "antenna_height_m", link.transmitter_height_m, 1, 3000, "m")
        require_range(self.name, "receiver_height_m", link.receiver_height_m, 1, 3000, "m")
        require_range(self.name, "time_percent", link.time_percent, 50, 50, "%")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss of one path.

        Raises
        ------
        ModelRangeError
            If the link is outside the ranges.

        Examples
        --------
        An edge that just touches the line of sight costs 6.0 dB, and Bullington's
        correction 1 - exp(-6.0/6) of 10.2 dB makes it 12.5.

        >>> link = Link(frequency_mhz=900, transmitter_height_m=100, receiver_height_m=100,
        ...             delta_n_per_km=156.99)
        >>> def profile(ridge_m):
        ...     return Profile(distance_m=np.array([0.0, 5e3, 1e4]), clutter_m=np.zeros(3),
        ...                    height_m=np.array([0.0, ridge_m, 0.0]))
        >>> grazed, clear = (Diffraction().loss_db(profile(m), link) for m in (100.0, 0.0))
        >>> round(grazed - clear, 1)
        12.5
        """
        self.check(link)
        d, h = profile.distance_m / 1000, profile.height_m
        f, length = link.frequency_mhz / 1000, d[-1]
        hts, hrs = h[0] + link.transmitter_height_m, h[-1] + link.receiver_height_m
        free_db = 92.4 + 20 * np.log10(f * np.hypot(length, (hts - hrs) / 1000))  # 4
        if d.size == 2:
            return float(free_db)
        radius = EARTH_RADIUS_KM * 157 / (157 - link.delta_n_per_km)  # 2
        hstd, hsrd = _smooth_earth(d, h, hts, hrs)
        ht, hr = hts - hstd, hrs - hsrd
        obstacles = h + profile.clutter_m
        real = _bullington_db(d, obstacles, hts, hrs, radius, f)
        smooth = _bullington_db(d, np.zeros_like(h), ht, hr, radius, f)
        vertical = link.polarization == "vertical"
        sphere = _sphere_db(length, ht, hr, radius, f, vertical, _sea_share(d, profile.zone))
        return float(free_db + real + max(sphere - smooth, 0.0))  # 7.1

    def terms(self, profile: Profile, link: Link) -> tuple[Term, ...]:
        """Return free space, and what the terrain adds to it."""
        loss_db = self.loss_db(profile, link)
        free_db = FreeSpace().loss_db(profile, link)
        return free_space_term(free_db), terrain_term(loss_db - free_db)

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every wanted point of every ray."""
        return self.losses_along_radials_db(radials, [link])[0]

    def losses_along_radials_db(
        self, radials: Radials, links: Sequence[Link]
    ) -> list[NDArray[np.float64]]:
        """Return the losses of several carriers of an antenna, which share most of the work.

        Parameters
        ----------
        radials : Radials
        links : sequence of Link
            At least one; alike but for the frequency.

        Returns
        -------
        list of ndarray of float64, shape (rays, points)
            What `loss_along_radials_db` returns for each.

        Raises
        ------
        ModelRangeError
            As `loss_along_radials_db`.
        """
        for link in links:
            self.check(link)
        return along_radials(radials, links, name=self.name, diffraction_only=True)


def _smooth_earth(d: Floats, h: Floats, hts: float, hrs: float) -> tuple[float, float]:
    """Return hstd and hsrd, the smooth earth's ends for diffraction (3.1, 3.2)."""
    length, step = d[-1], np.diff(d)
    v1 = np.sum(step * (h[1:] + h[:-1]))
    v2 = np.sum(step * (h[1:] * (2 * d[1:] + d[:-1]) + h[:-1] * (d[1:] + 2 * d[:-1])))
    hst, hsr = (2 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2
    di, rest = d[1:-1], length - d[1:-1]
    over = h[1:-1] - (hts * rest + hrs * di) / length
    if over.max() > 0:
        aot, aor = np.max(over / di), np.max(over / rest)
        hst -= over.max() * aot / (aot + aor)
        hsr -= over.max() * aor / (aot + aor)
    return min(hst, h[0]), min(hsr, h[-1])


def _bullington_db(d: Floats, y: Floats, a: float, b: float, radius: float, f: float) -> float:
    """Return Lbull of obstacles `y` between antennas at `a` and `b` (5, 6)."""
    length, wave = d[-1], 0.2998 / f
    di, rest = d[1:-1], length - d[1:-1]
    top = y[1:-1] + 500 / radius * di * rest
    st, slos = np.max((top - a) / di), (b - a) / length
    if st < slos:
        over = top - (a * rest + b * di) / length
        nu = np.max(over * np.sqrt(0.002 * length / (wave * di * rest)))
    else:
        # The point x where the two slopes meet, put into nu: (Sr + Slos) x = (St - Slos) (D - x).
        sr = np.max((top - b) / rest)
        nu = np.sqrt(0.002 * length / wave * max((st - slos) * (sr + slos), 0.0))
    if nu <= -0.78:
        return 0.0
    edge = 6.9 + 20 * np.log10(np.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1)
    return float(edge + (1 - np.exp(-edge / 6)) * (10 + 0.02 * length))


def _sea_share(d: Floats, zone: Labels | None) -> float:
    """Return omega (2): a point stands for half the way to each neighbour."""
    if zone is None:
        return 0.0
    half = np.diff(d) / 2
    section = np.append(half, 0.0) + np.append(0.0, half)
    return float(np.sum(section[zone == SEA]) / d[-1])


def _sphere_db(
    length: float, ht: float, hr: float, radius: float, f: float, vertical: bool, omega: float
) -> float:
    """Return Ldsph over a smooth earth (7.3)."""

    def first_term_db(adft: float) -> float:
        land = _first_term_db(length, ht, hr, adft, f, vertical, 22.0, 0.003)
        if omega == 0:
            return land
        sea = _first_term_db(length, ht, hr, adft, f, vertical, 80.0, 5.0)
        return omega * sea + (1 - omega) * land

    if length >= np.sqrt(2 * radius) * (np.sqrt(0.001 * ht) + np.sqrt(0.001 * hr)):
        return first_term_db(radius)
    c, m = (ht - hr) / (ht + hr), 250 * length**2 / (radius * (ht + hr))
    turn = np.arccos(1.5 * c * np.sqrt(3 * m / (m + 1) ** 3))
    b = 2 * np.sqrt((m + 1) / (3 * m)) * np.cos(np.pi / 3 + turn / 3)
    d1 = length * (1 + b) / 2
    d2 = length - d1
    hse = ((ht - 500 * d1**2 / radius) * d2 + (hr - 500 * d2**2 / radius) * d1) / length
    hreq = 17.456 * np.sqrt(d1 * d2 * 0.2998 / f / length)
    if hse > hreq:
        return 0.0
    aem = 500 * (length / (np.sqrt(ht) + np.sqrt(hr))) ** 2
    return float((1 - hse / hreq) * max(first_term_db(aem), 0.0))


def _first_term_db(  # noqa: PLR0913 - the symbols of the formula
    length: float,
    ht: float,
    hr: float,
    adft: float,
    f: float,
    vertical: bool,
    eps: float,
    sigma: float,
) -> float:
    """Return Lf over one kind of ground (7.4)."""
    s = 18 * sigma / f
    k = 0.036 * (adft * f) ** (-1 / 3) * ((eps - 1) ** 2 + s**2) ** (-1 / 4)
    if vertical:
        k *= math.sqrt(eps**2 + s**2)
    beta = (1 + 1.6 * k**2 + 0.67 * k**4) / (1 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * (f / adft**2) ** (1 / 3) * length
    along = 11 + 10 * math.log10(x) - 17.6 * x
    if x < 1.6:
        along = -20 * math.log10(x) - 5.6488 * x**1.425

    def gain_db(height_m: float) -> float:
        b = beta * 0.9575 * beta * (f**2 / adft) ** (1 / 3) * height_m
        gain = 20 * math.log10(b + 0.1 * b**3)
        if b > 2:
            gain = 17.6 * math.sqrt(b - 1.1) - 5 * math.log10(b - 1.1) - 8
        return max(gain, 2 + 20 * math.log10(k))

    return float(-along - gain_db(ht) - gain_db(hr))
