"""The one interface of propagation models: profiles in, basic transmission loss out.

A model answers twice with the same number: for one path, the plain formula an
engineer can check; and for many radials at once, the fast form the coverage
sweep uses. It states the ranges where it holds and refuses outside them. It
knows nothing of cells, antennas, powers or services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelRangeError
from ..i18n import Bilingual

Polarization = Literal["horizontal", "vertical"]


@dataclass(frozen=True)
class Refractivity:
    """How the lower atmosphere bends radio waves.

    Parameters
    ----------
    delta_n_per_km : float
        Median lapse of refractivity in the lowest kilometre, N-units/km, positive.
    n0 : float
        Median refractivity at sea level, N-units.
    """

    delta_n_per_km: float = 45.0
    n0: float = 325.0


@dataclass(frozen=True, kw_only=True)
class Link:
    """Everything but the terrain that the loss of a path depends on.

    Parameters
    ----------
    frequency_mhz : float
        Carrier frequency.
    transmitter_height_m, receiver_height_m : float
        Antennas above ground.
    time_percent : float
        Share of the average year for which the loss is not exceeded.
    polarization : {"vertical", "horizontal"}
        Of the wave.
    latitude_deg : float
        Of the path, north positive; one value serves a sweep of some tens of km.
    delta_n_per_km, n0 : float
        See `Refractivity`.
    """

    frequency_mhz: float
    transmitter_height_m: float
    receiver_height_m: float
    time_percent: float = 50.0
    polarization: Polarization = "vertical"
    latitude_deg: float = 22.75
    delta_n_per_km: float = Refractivity.delta_n_per_km
    n0: float = Refractivity.n0


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The terrain between two antennas, transmitter first.

    Parameters
    ----------
    distance_m : ndarray of float64, shape (n,)
        From the transmitter, first 0, strictly rising.
    height_m : ndarray of float64, shape (n,)
        Bare ground above sea level.
    clutter_m : ndarray of float64, shape (n,)
        Representative clutter above ground; zeros where none.
    zone : ndarray of int8, shape (n,), optional
        1 sea, 3 coastal land, 4 inland, as in P.1812; all inland if absent.
    """

    distance_m: NDArray[np.float64]
    height_m: NDArray[np.float64]
    clutter_m: NDArray[np.float64]
    zone: NDArray[np.int8] | None = None


@dataclass(frozen=True, kw_only=True)
class Radials:
    """Terrain along rays out from one mast, equally spaced, land only.

    Parameters
    ----------
    step_m : float
        Distance between points; point j lies at ``j * step_m``.
    height_m : ndarray of float64, shape (rays, points)
        Bare ground above sea level; NaN from the first point without terrain on, and beyond the
        last one wanted.
    clutter_m : ndarray of float64, shape (rays, points), optional
        Representative clutter above ground; none if absent.
    wanted : ndarray of bool, shape (rays, points), optional
        Points whose loss is asked for, all if absent; near the mast many rays
        crowd one pixel. A model may leave the others NaN, and need not.
    """

    step_m: float
    height_m: NDArray[np.float64]
    clutter_m: NDArray[np.float64] | None = None
    wanted: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Term:
    """One part of a path's loss.

    Parameters
    ----------
    name : str
        Identifier.
    db : float
        What it adds to the loss; negative where it takes away.
    label : Bilingual
        What a person reads.
    """

    name: str
    db: float
    label: Bilingual


@runtime_checkable
class PropagationModel(Protocol):
    """What every model offers; its instances are frozen dataclasses.

    **The model checks ranges, the caller need not**: `loss_db`, `terms` and
    `loss_along_radials_db` each refuse a link that `check` refuses. `check` alone
    is for callers who want every fault listed before anything is computed.
    """

    name: ClassVar[str]
    """Identifier in study.toml."""
    title: ClassVar[Bilingual]
    """What a person reads."""
    includes_clutter: ClassVar[bool]
    """Whether houses and trees around the receiver are in the loss already."""

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """Everything besides link and terrain that changes a result."""
        ...

    def check(self, link: Link) -> None:
        """Refuse a link outside the model's ranges.

        Parameters
        ----------
        link : Link

        Raises
        ------
        ModelRangeError
            Naming the quantity, its value and its range.
        """
        ...

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the basic transmission loss of one path by the plain formula.

        Parameters
        ----------
        profile : Profile
        link : Link

        Returns
        -------
        float
            dB.

        Raises
        ------
        ModelRangeError
            If the link or the path lies outside the model's ranges.
        """
        ...

    def terms(self, profile: Profile, link: Link) -> tuple[Term, ...]:
        """Return the parts of a path's loss that the model tells apart.

        Parameters
        ----------
        profile : Profile
        link : Link

        Returns
        -------
        tuple of Term
            Their sum is `loss_db`.

        Raises
        ------
        ModelRangeError
            As `loss_db`.
        """
        ...

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every wanted point of every ray.

        Parameters
        ----------
        radials : Radials
        link : Link
            One for all rays.

        Returns
        -------
        array of float64, shape (rays, points)
            dB; point j of a ray is a receiver above the last point of the profile
            0..j. NaN at point 0, where terrain is NaN, and nearer than the first or farther
            than the last point that the model holds for.

        Raises
        ------
        ModelRangeError
            If the link or the rays lie outside the model's ranges.
        """
        ...


@runtime_checkable
class WithoutTerrain(Protocol):
    """What phusong's models that are blind to terrain offer besides: the loss at any distance.

    Their receivers stand at their own distance from the mast. With other models a receiver
    has the loss of the nearest point of a ray, carried on to its own distance by free space.
    """

    @property
    def farthest_m(self) -> float:
        """The longest path that the model holds for."""
        ...

    def loss_at_db(
        self, distance_m: NDArray[Any], rise_m: NDArray[np.float64], link: Link
    ) -> NDArray[np.float64]:
        """Return the loss at any distances.

        Parameters
        ----------
        distance_m : ndarray
            Above 0, along the ground.
        rise_m : ndarray of float64
            How much higher than under the mast the ground is; NaN where it is unknown.
            Its shape goes with that of `distance_m`.
        link : Link

        Returns
        -------
        ndarray of float64
            dB; NaN where the ground is unknown, and beyond the model's range.

        Raises
        ------
        ModelRangeError
            If the link lies outside the model's ranges.
        """
        ...


@runtime_checkable
class SeveralCarriers(Protocol):
    """What phusong's models offer besides whose work along a ray is partly that of any carrier."""

    def losses_along_radials_db(
        self, radials: Radials, links: Sequence[Link]
    ) -> list[NDArray[np.float64]]:
        """Return what `loss_along_radials_db` does for each of several links.

        Parameters
        ----------
        radials : Radials
        links : sequence of Link
            At least one; alike but for the frequency.

        Returns
        -------
        list of array of float64, shape (rays, points)

        Raises
        ------
        ModelRangeError
            If a link or the rays lie outside the model's ranges.
        """
        ...


FREE_SPACE = "free_space"
"""Name of that part of a loss."""


def free_space_term(db: float) -> Term:
    """Return the loss of free space as a part of a loss."""
    return Term(FREE_SPACE, db, Bilingual("Không gian tự do", "Free space"))


def terrain_term(db: float) -> Term:
    """Return what all terrain together adds to free space."""
    return Term("terrain", db, Bilingual("Suy hao thêm do địa hình", "Added by the terrain"))


def whole_term(title: Bilingual, db: float) -> Term:
    """Return the loss of an empirical model, which tells no parts apart, by the model's title."""
    label = Bilingual(f"Suy hao theo {title.vi}", f"Loss by {title.en}")
    return Term("model", db, label)


def require_range(
    model: str, quantity: str, value: float, minimum: float, maximum: float, unit: str
) -> None:
    """Refuse a value outside a model's validity range.

    Raises
    ------
    ModelRangeError
        Naming model, quantity, value and range.
    """
    if not minimum <= value <= maximum:
        raise ModelRangeError(
            "radio.out_of_range",
            model=model,
            quantity=quantity,
            value=value,
            minimum=minimum,
            maximum=maximum,
            unit=unit,
        )
