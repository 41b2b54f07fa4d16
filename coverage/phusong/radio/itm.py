"""ITM, the Irregular Terrain Model of Longley and Rice: an older second opinion over terrain.

Knows the ranges and the words of the model; the formulas are `_itm_kernels`'.
It has no clutter and no zones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import ClassVar, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelRangeError
from ..i18n import Bilingual
from . import _itm_kernels as kernels
from ._itm_terrain import Geometry, Ground, ground, mean_elevation, over_area, over_terrain
from ._itm_variability import with_variability
from .propagation import (
    Link,
    Profile,
    Radials,
    Term,
    free_space_term,
    require_range,
    terrain_term,
)

NAME = "itm"
UNEVEN_STEP = 1e-6
"""Greatest difference between steps of a profile, as a share."""

Climate = Literal[
    "equatorial",
    "continental_subtropical",
    "maritime_subtropical",
    "desert",
    "continental_temperate",
    "maritime_temperate_over_land",
    "maritime_temperate_over_sea",
]
Siting = Literal["random", "careful", "very_careful"]
Mode = Literal["line_of_sight", "diffraction", "troposcatter"]


class ItmWarning(IntFlag):
    """What strains the model's assumptions; the loss stands all the same."""

    TRANSMITTER_HEIGHT = kernels.TX_HEIGHT
    RECEIVER_HEIGHT = kernels.RX_HEIGHT
    FREQUENCY = kernels.FREQUENCY
    BEYOND_1000_KM = kernels.FAR
    BEYOND_2000_KM = kernels.VERY_FAR
    NEARER_THAN_HEIGHTS_ALLOW = kernels.NEAR
    NEARER_THAN_1_KM = kernels.VERY_NEAR
    TRANSMITTER_HORIZON_STEEP = kernels.TX_ANGLE
    RECEIVER_HORIZON_STEEP = kernels.RX_ANGLE
    TRANSMITTER_HORIZON_CLOSE = kernels.TX_CLOSE
    RECEIVER_HORIZON_CLOSE = kernels.RX_CLOSE
    TRANSMITTER_HORIZON_FAR = kernels.TX_DISTANT
    RECEIVER_HORIZON_FAR = kernels.RX_DISTANT
    EXTREME_VARIABILITY = kernels.EXTREME_VARIABILITY
    LOW_REFRACTIVITY = kernels.LOW_REFRACTIVITY


class ItmTerms(NamedTuple):
    """The loss and what led to it."""

    loss_db: float
    """Basic transmission loss."""
    free_space_db: float
    reference_db: float
    """Attenuation relative to free space, before variability."""
    mode: Mode
    """Regime of the distance; "line_of_sight" is nearer than the smooth-earth horizons."""
    geometry: Geometry
    n_s: float
    """Refractivity at the surface."""
    warnings: ItmWarning


@dataclass(frozen=True)
class Itm:
    """Longley–Rice loss, point to point, as NTIA's ITM 1.4 computes it.

    Holds for 20 MHz to 20 GHz, antennas 0.5 to 3000 m above ground, 1 to 2000 km;
    N0 from 250 to 400. Nearer than 1 km, and where horizons are steep or close as
    in mountains, the model answers outside what it was fitted to: `path_terms` names
    each such strain. Clutter takes no part. Profiles need equal steps.

    Parameters
    ----------
    climate : str
        Radio climate.
    ground_permittivity, ground_conductivity_s_m : float
        Relative, and S/m; the defaults are average ground.
    location_percent, situation_percent : float
        Shares of locations and of alike situations for which the loss is not
        exceeded (the share of the time is the link's), above 0, below 100.
    variability : int
        0 single message, 1 accidental, 2 mobile, 3 broadcast; 10 more leaves out
        variability over locations, 20 more that over situations.

    Examples
    --------
    >>> import numpy as np
    >>> height = np.zeros(101); height[50] = 200.0
    >>> ridge = Profile(
    ...     distance_m=np.linspace(0, 10_000, 101), height_m=height, clutter_m=np.zeros(101)
    ... )
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    >>> round(Itm().loss_db(ridge, link), 1)
    158.7
    """

    name: ClassVar[str] = NAME
    title: ClassVar[Bilingual] = Bilingual("ITM (Longley–Rice)", "ITM (Longley–Rice)")
    includes_clutter: ClassVar[bool] = False
    climate: Climate = "continental_subtropical"
    ground_permittivity: float = 15.0
    ground_conductivity_s_m: float = 0.005
    location_percent: float = 50.0
    situation_percent: float = 50.0
    variability: int = 3

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """Climate, ground and variability."""
        return {
            "climate": self.climate,
            "ground_permittivity": self.ground_permittivity,
            "ground_conductivity_s_m": self.ground_conductivity_s_m,
            "location_percent": self.location_percent,
            "situation_percent": self.situation_percent,
            "variability": float(self.variability),
        }

    def check(self, link: Link) -> None:
        """Refuse links and parameters outside the ranges above.

        Raises
        ------
        ModelRangeError
            Naming the quantity, its value and its range.
        """
        require_range(NAME, "frequency_mhz", link.frequency_mhz, 20, 20_000, "MHz")
        for end in ("transmitter_height_m", "receiver_height_m"):
            require_range(NAME, end, getattr(link, end), 0.5, 3000, "m")
        require_range(NAME, "n0", link.n0, 250, 400, "N")
        require_range(NAME, "time_percent", link.time_percent, 0.01, 99.99, "%")
        for share in ("location_percent", "situation_percent"):
            require_range(NAME, share, getattr(self, share), 0.01, 99.99, "%")
        require_range(NAME, "ground_permittivity", self.ground_permittivity, 1, 100, "")
        require_range(
            NAME, "ground_conductivity_s_m", self.ground_conductivity_s_m, 1e-6, 10, "S/m"
        )
        require_range(NAME, "variability", self.variability % 10, 0, 3, "")
        require_range(NAME, "variability", self.variability, 0, 33, "")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss of one path, dB."""
        return self.path_terms(profile, link).loss_db

    def terms(self, profile: Profile, link: Link) -> tuple[Term, ...]:
        """Return free space, and what the terrain adds to it."""
        found = self.path_terms(profile, link)
        return (
            free_space_term(found.free_space_db),
            terrain_term(found.loss_db - found.free_space_db),
        )

    def path_terms(self, profile: Profile, link: Link) -> ItmTerms:
        """Return the loss of one path with its geometry and warnings.

        Parameters
        ----------
        profile : Profile
            Of equal steps; its clutter takes no part.
        link : Link

        Returns
        -------
        ItmTerms

        Raises
        ------
        ModelRangeError
            If the link lies outside the ranges, the ground is too high for the
            model's air, or the profile is none of equal steps.
        """
        self.check(link)
        distance_m = np.ascontiguousarray(profile.distance_m, dtype=np.float64)
        height_m = np.ascontiguousarray(profile.height_m, dtype=np.float64)
        if not 1 < distance_m.size == height_m.size:
            raise ModelRangeError("radio.profile_points", model=NAME)
        steps = np.diff(distance_m)
        step_m = distance_m[-1] / steps.size
        if not (step_m > 0 and (np.abs(steps - step_m) <= UNEVEN_STEP * step_m).all()):
            raise ModelRangeError("radio.profile_steps", model=NAME)
        if not np.isfinite(height_m).all():
            raise ModelRangeError("radio.profile_values", model=NAME)
        medium = self._medium(link, mean_elevation(height_m))
        geometry = over_terrain(
            height_m,
            step_m,
            float(link.transmitter_height_m),
            float(link.receiver_height_m),
            medium.curvature,
        )
        return self._finish(float(distance_m[-1]), link, geometry, medium, True)

    def area_terms(
        self,
        link: Link,
        *,
        distance_m: float,
        irregularity_m: float,
        transmitter_siting: Siting,
        receiver_siting: Siting,
    ) -> ItmTerms:
        """Return the loss that an area offers on average, without a profile.

        Parameters
        ----------
        link : Link
        distance_m : float
            Length of the path.
        irregularity_m : float
            Terrain irregularity Δh: 0 water, 30 plains, 90 hills, 200 mountains,
            500 rugged mountains.
        transmitter_siting, receiver_siting : {"random", "careful", "very_careful"}
            How antennas are put where they see far.

        Returns
        -------
        ItmTerms

        Raises
        ------
        ModelRangeError
            If the link lies outside the ranges.
        """
        self.check(link)
        require_range(NAME, "distance_m", distance_m, 1, 2_000_000, "m")
        require_range(NAME, "irregularity_m", irregularity_m, 0, 3000, "m")
        medium = self._medium(link, 0.0)
        sitings = get_args(Siting)
        geometry = over_area(
            float(irregularity_m),
            float(link.transmitter_height_m),
            float(link.receiver_height_m),
            sitings.index(transmitter_siting),
            sitings.index(receiver_siting),
            medium.curvature,
        )
        return self._finish(float(distance_m), link, geometry, medium, False)

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every wanted point of every ray, each by its whole profile."""
        self.check(link)
        height_m = np.ascontiguousarray(radials.height_m, dtype=np.float64)
        wanted = np.ones(height_m.shape, bool) if radials.wanted is None else radials.wanted
        loss = np.empty_like(height_m)
        kernels.loss_along_rays(
            height_m,
            np.ascontiguousarray(wanted),
            float(radials.step_m),
            float(link.frequency_mhz),
            float(link.n0),
            link.polarization == "horizontal",
            float(self.ground_permittivity),
            float(self.ground_conductivity_s_m),
            float(link.transmitter_height_m),
            float(link.receiver_height_m),
            *self._shares(link),
            loss,
        )
        return loss

    def _medium(self, link: Link, elevation_m: float) -> Ground:
        medium = ground(
            float(link.frequency_mhz),
            float(elevation_m),
            float(link.n0),
            link.polarization == "horizontal",
            float(self.ground_permittivity),
            float(self.ground_conductivity_s_m),
        )
        least, greatest = kernels.LEAST_N_S, kernels.GREATEST_N_S
        require_range(NAME, "n0 × exp(−z / 9460 m)", medium.n_s, least, greatest, "N")
        return medium

    def _shares(self, link: Link) -> tuple[int, int, float, float, float]:
        return (
            get_args(Climate).index(self.climate),
            self.variability,
            link.time_percent / 100,
            self.location_percent / 100,
            self.situation_percent / 100,
        )

    def _finish(
        self,
        distance_m: float,
        link: Link,
        geometry: Geometry,
        medium: Ground,
        profile: bool,
    ) -> ItmTerms:
        f = float(link.frequency_mhz)
        hg_t, hg_r = float(link.transmitter_height_m), float(link.receiver_height_m)
        reference, mode, warnings = kernels.reference_attenuation(
            distance_m, f, hg_t, hg_r, geometry, medium, profile
        )
        attenuation, extreme = with_variability(
            reference, distance_m, f, geometry, *self._shares(link)
        )
        strains = ItmWarning(warnings)
        if extreme:
            strains |= ItmWarning.EXTREME_VARIABILITY
        if not 1 <= hg_t <= 1000:
            strains |= ItmWarning.TRANSMITTER_HEIGHT
        if not 1 <= hg_r <= 1000:
            strains |= ItmWarning.RECEIVER_HEIGHT
        if not 40 <= f <= 10_000:
            strains |= ItmWarning.FREQUENCY
        free_space = kernels.free_space_db(distance_m, f)
        return ItmTerms(
            free_space + attenuation,
            free_space,
            reference,
            get_args(Mode)[mode],
            geometry,
            medium.n_s,
            strains,
        )
