"""ITU-R P.1812-8, the model of record: point-to-area loss over real terrain, 30 MHz to 6 GHz.

Knows the ranges, the profile's form and who computes what: one path goes to
`_p1812_path`, rays out from a mast to `_p1812_radial`; both give the same
number. docs/methods/p1812.md describes the method section by section.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelRangeError
from ..i18n import Bilingual
from ._p1812_path import INLAND, SEA, PathTerms, evaluate, is_profile, loss_and_least
from ._p1812_radial import SIGHT, SMOOTH, look_along_rays, loss_along_rays
from ._p1812_steps import STEP, Sweep, prepare
from ._p1812_terms import quantile
from .propagation import Link, Profile, Radials, Term, free_space_term, require_range

__all__ = ["P1812", "PathTerms", "basic_transmission_loss", "location_sd_db", "path_terms"]

NAME = "p1812"
EDITION = "ITU-R P.1812-8 (2025-09)"
FARTHEST_KM = 3000.0
COASTAL = 3
TERM_LABELS: Mapping[str, Bilingual] = {
    "enhancement": Bilingual("Tăng cường ngắn hạn", "Short-term enhancement"),
    "diffraction": Bilingual("Nhiễu xạ qua địa hình", "Diffraction over terrain"),
    "ducting": Bilingual("Truyền ống dẫn, phản xạ tầng", "Ducting, layer reflection"),
    "troposcatter": Bilingual("Tán xạ tầng đối lưu", "Troposcatter"),
}
NEGLIGIBLE_DB = 1e-6
"""A part of the loss nearer to 0 than this is not named."""
RANGES = (
    ("frequency_mhz", 30.0, 6000.0, "MHz"),
    ("transmitter_height_m", 1.0, 3000.0, "m"),
    ("receiver_height_m", 1.0, 3000.0, "m"),
    ("time_percent", 1.0, 50.0, "%"),
    ("latitude_deg", -90.0, 90.0, "°"),
    # at 157 N-units/km the effective earth is flat; maps of the world stay below 120
    ("delta_n_per_km", 0.0, 150.0, "N/km"),
    ("n0", 200.0, 500.0, "N"),
)


@dataclass(frozen=True)
class P1812:
    """Basic transmission loss of Recommendation ITU-R P.1812-8 at half of the locations.

    Holds for 30 MHz to 6 GHz, 1 to 50 % of the time, antennas 1 to 3000 m above
    ground, paths up to 3000 km. The Recommendation asks for five profile points
    and about 250 m; nearer to the mast the same formulas run on the points there
    are, and over two points the loss is that of free space with its short-term
    enhancement. Rays are over land; paths over sea go through `loss_db` with the
    zones of the profile.

    Examples
    --------
    A ridge of 200 m halfway along 10 km:

    >>> import numpy as np
    >>> height = np.zeros(101); height[50] = 200.0
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    >>> rays = Radials(step_m=100.0, height_m=height[None, :])
    >>> P1812().loss_along_radials_db(rays, link)[0, [40, 50, 100]].round(1).tolist()
    [110.9, 105.5, 153.7]
    """

    name: ClassVar[str] = NAME
    title: ClassVar[Bilingual] = Bilingual("ITU-R P.1812", "ITU-R P.1812")
    includes_clutter: ClassVar[bool] = False

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """The edition."""
        return {"edition": EDITION}

    def check(self, link: Link) -> None:
        """Refuse links outside the ranges above.

        Raises
        ------
        ModelRangeError
            Naming the quantity, its value and its range.
        """
        for quantity, least, most, unit in RANGES:
            require_range(NAME, quantity, getattr(link, quantity), least, most, unit)

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss of one path, dB; see `basic_transmission_loss`."""
        return basic_transmission_loss(profile, link)

    def terms(self, profile: Profile, link: Link) -> tuple[Term, ...]:
        """Return free space and what else takes part in the loss of one path.

        Ducting and troposcatter take away again what diffraction added.

        Examples
        --------
        >>> import numpy as np
        >>> ridge = Profile(distance_m=np.arange(101) * 100.0, clutter_m=np.zeros(101),
        ...                 height_m=np.where(np.arange(101) == 50, 200.0, 0.0))
        >>> link = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
        >>> [(term.name, round(term.db, 1)) for term in P1812().terms(ridge, link)]
        [('free_space', 111.5), ('diffraction', 42.2)]
        """
        found = path_terms(profile, link)
        parts = {"enhancement": found.lb0p_db - found.lbfs_db}
        if profile.distance_m.size > 2:  # over two points there is nothing else
            parts["diffraction"] = found.ldp_db
            parts["ducting"] = found.lbam_db - found.lbd_db
            parts["troposcatter"] = found.lb_db - found.lbam_db
        return (
            free_space_term(found.lbfs_db),
            *(
                Term(name, db, TERM_LABELS[name])
                for name, db in parts.items()
                if abs(db) >= NEGLIGIBLE_DB
            ),
        )

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every wanted point of every ray, dB.

        Parameters
        ----------
        radials : Radials
            A ray ends where its terrain or its clutter is NaN.
        link : Link
            `latitude_deg` holds for the whole sweep.

        Returns
        -------
        ndarray of float64, shape (rays, points)
            Equal to `loss_db` over the points up to each receiver to within
            1e-6 dB (docs/methods/p1812.md says how). NaN at point 0, where not
            wanted, and from the end of a ray on.

        Raises
        ------
        ModelRangeError
            If the link, the step or the length lies outside the ranges.
        """
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
        return along_radials(radials, links, name=NAME)


class _Prepared(NamedTuple):
    """What all rays of some carriers share.

    `clear_m2` is the product of smooth-earth heights, by step, above which the spherical
    earth takes no part for any of them.
    """

    carriers: tuple[tuple[Sweep, np.recarray], ...]
    clear_m2: NDArray[np.float64]


@lru_cache(maxsize=32)
def _prepared(points: int, step_m: float, links: tuple[Link, ...]) -> _Prepared:
    carriers, clear_m2 = [], np.zeros(points)
    for link in links:
        steps = np.zeros(points, STEP).view(np.recarray)
        carriers.append((prepare(points, step_m / 1000, *_numbers(link), steps), steps))
        for clear in (steps.clear_50, steps.clear_b):
            np.maximum(clear_m2, clear, out=clear_m2)
    return _Prepared(tuple(carriers), clear_m2)


def along_radials(
    radials: Radials, links: Sequence[Link], *, name: str, diffraction_only: bool = False
) -> list[NDArray[np.float64]]:
    """Return the losses at every wanted point of every ray for links that were checked.

    The links are alike but for the frequency. `name` is the model's that asks;
    `diffraction_only` leaves out ducting and troposcatter, for half of the time.

    Raises
    ------
    ModelRangeError
        If the step or the length lies outside the ranges, or the arrays do not
        have one shape.
    """
    height = np.ascontiguousarray(radials.height_m, dtype=np.float64)
    points = height.shape[1]
    farthest_km = (points - 1) * radials.step_m / 1000
    require_range(name, "step_m", radials.step_m, 1.0, FARTHEST_KM * 1000, "m")
    require_range(name, "distance_km", farthest_km, 0.0, FARTHEST_KM, "km")
    clutter, wanted = np.empty((0, points)), np.empty((0, points), dtype=np.bool_)
    if radials.clutter_m is not None:
        clutter = np.ascontiguousarray(radials.clutter_m, dtype=np.float64)
    if radials.wanted is not None:
        wanted = np.ascontiguousarray(radials.wanted, dtype=np.bool_)
    for given in (clutter, wanted):
        if given.shape not in (height.shape, (0, points)):
            raise ModelRangeError("radio.profile_points", model=name)
    carriers, clear_m2 = _prepared(points, radials.step_m, tuple(links))
    sweep, steps = carriers[0]
    most = height.size if radials.wanted is None else int(np.count_nonzero(wanted))
    starts, asked = np.empty(len(height) + 1, np.int64), np.empty(most, np.int64)
    bare, cluttered, rare = (
        np.empty(n, SIGHT).view(np.recarray)
        for n in (most, most if len(clutter) else 0, 0 if sweep.median else most)
    )
    smooth = np.empty(most, SMOOTH).view(np.recarray)
    looked = starts, asked, bare, cluttered, rare, smooth
    look_along_rays(height, clutter, wanted, sweep, steps, clear_m2, *looked)
    losses = [np.empty_like(height) for _ in carriers]
    for (sweep, steps), loss in zip(carriers, losses, strict=True):
        loss_along_rays(height, clutter, sweep, steps, *looked, diffraction_only, loss)
    return losses


def basic_transmission_loss(
    profile: Profile,
    link: Link,
    *,
    location_percent: float = 50.0,
    sd_db: float = 0.0,
    coast_distances_km: tuple[float, float] | None = None,
) -> float:
    """Return the basic transmission loss Lb of one path by ITU-R P.1812-8.

    Parameters
    ----------
    profile : Profile
        At least two points. Clutter on the first and the last point takes no part.
    link : Link
        The two ends; `latitude_deg` is that of the middle of the path.
    location_percent : float
        Share of locations around the receiver for which the loss is not
        exceeded, 1 to 99.
    sd_db : float
        Standard deviation over those locations, from `location_sd_db`.
    coast_distances_km : (float, float), optional
        Over land from the transmitter and from the receiver to the coast; from
        the zones of the profile if absent.

    Returns
    -------
    float
        dB, not below free space with short-term enhancement. Over two points
        it is that.

    Raises
    ------
    ModelRangeError
        If the link lies outside the ranges of `P1812` or the profile is no profile.

    Examples
    --------
    Flat ground in sight is free space: 92.4 + 20 log10 0.9 + 20 log10 3.

    >>> import numpy as np
    >>> distance_m = np.linspace(0.0, 3000.0, 31)
    >>> flat = Profile(
    ...     distance_m=distance_m, height_m=np.full(31, 100.0), clutter_m=np.zeros(31)
    ... )
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=20.0, receiver_height_m=20.0)
    >>> round(basic_transmission_loss(flat, link), 3)
    101.027
    """
    require_range(NAME, "location_percent", location_percent, 1.0, 99.0, "%")
    require_range(NAME, "sd_db", sd_db, 0.0, 50.0, "dB")
    least_db, loss_db = loss_and_least(*_given(profile, link, coast_distances_km))
    return float(max(least_db, loss_db - quantile(location_percent / 100.0) * sd_db))


def path_terms(
    profile: Profile, link: Link, *, coast_distances_km: tuple[float, float] | None = None
) -> PathTerms:
    """Return every intermediate of `basic_transmission_loss`, for engineers who check.

    Parameters
    ----------
    profile, link, coast_distances_km
        As for `basic_transmission_loss`.

    Returns
    -------
    PathTerms

    Raises
    ------
    ModelRangeError
        As `basic_transmission_loss`.

    Examples
    --------
    >>> import numpy as np
    >>> ridge = Profile(
    ...     distance_m=np.linspace(0.0, 10_000.0, 101),
    ...     height_m=np.where(np.arange(101) == 50, 200.0, 0.0),
    ...     clutter_m=np.zeros(101),
    ... )
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    >>> terms = path_terms(ridge, link)
    >>> terms.transhorizon, terms.dlt_km, round(terms.ld50_db, 1), round(terms.lb_db, 1)
    (True, 5.0, 42.2, 153.7)
    """
    return evaluate(*_given(profile, link, coast_distances_km))


def _given(
    profile: Profile, link: Link, coast_distances_km: tuple[float, float] | None
) -> tuple[Any, ...]:
    """Return a path as the kernels take it, once it is known to be one."""
    _checked(link)
    distance_km = np.ascontiguousarray(profile.distance_m, dtype=np.float64) / 1000
    height = np.ascontiguousarray(profile.height_m, dtype=np.float64)
    clutter = np.ascontiguousarray(profile.clutter_m, dtype=np.float64)
    zone = np.full(distance_km.size, INLAND, dtype=np.int8)
    if profile.zone is not None:
        zone = np.ascontiguousarray(profile.zone, dtype=np.int8)
    if not (1 < distance_km.size == height.size == clutter.size == zone.size):
        raise ModelRangeError("radio.profile_points", model=NAME)
    if not is_profile(distance_km, height, clutter):
        raise ModelRangeError("radio.profile_values", model=NAME)
    if profile.zone is not None and not np.isin(zone, (SEA, COASTAL, INLAND)).all():
        raise ModelRangeError("radio.profile_zones", model=NAME)
    require_range(NAME, "distance_km", distance_km[-1], 0.0, FARTHEST_KM, "km")
    coast = (math.nan, math.nan) if coast_distances_km is None else coast_distances_km
    return (
        *(distance_km, height, clutter, zone),
        *_numbers(link),
        *(float(coast[0]), float(coast[1])),
    )


@lru_cache(maxsize=1024)
def _checked(link: Link) -> None:
    """Check a link once, whatever the number of its paths."""
    P1812().check(link)


def location_sd_db(
    *,
    frequency_mhz: float,
    area_side_m: float,
    receiver_height_m: float,
    receiver_clutter_m: float,
    at_sea: bool = False,
) -> float:
    """Return the standard deviation of the loss over locations outdoors, dB.

    Parameters
    ----------
    frequency_mhz : float
        30 to 6000.
    area_side_m : float
        Side of the square whose locations are meant, such as the pixel.
    receiver_height_m : float
        Antenna above ground.
    receiver_clutter_m : float
        Representative clutter height at the receiver.
    at_sea : bool
        No variability there.

    Notes
    -----
    ITU-R P.1812-8, location variability: (0.52 + 0.024 f) w^0.28 with f in GHz,
    less for a receiver above the clutter around it and none 10 m above. It is
    the spread of the mean over a square: fading within some wavelengths is not
    in it.

    Examples
    --------
    0.544 * 100 ** 0.28 below the clutter, half of it 5 m above:

    >>> sd = [
    ...     location_sd_db(frequency_mhz=1000.0, area_side_m=100.0,
    ...                    receiver_height_m=height, receiver_clutter_m=10.0)
    ...     for height in (1.5, 15.0, 20.0)
    ... ]
    >>> [round(value, 3) for value in sd]
    [1.975, 0.988, 0.0]
    """
    require_range(NAME, "frequency_mhz", frequency_mhz, 30.0, 6000.0, "MHz")
    if at_sea:
        return 0.0
    above = min(max(receiver_height_m - receiver_clutter_m, 0.0), 10.0)
    return float((1.0 - above / 10.0) * (0.52 + 0.024 * frequency_mhz / 1000) * area_side_m**0.28)


def _numbers(link: Link) -> tuple[float, float, bool, float, float, float, float, float]:
    """Return the link as the kernels take it, one type for each value."""
    return (
        link.frequency_mhz / 1000,
        float(link.time_percent),
        link.polarization == "vertical",
        float(link.transmitter_height_m),
        float(link.receiver_height_m),
        float(link.latitude_deg),
        float(link.delta_n_per_km),
        float(link.n0),
    )
