"""Free-space propagation, ITU-R P.525: the loss if nothing stood between the antennas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..i18n import Bilingual
from .propagation import Link, Profile, Radials, Term, free_space_term, require_range

SPEED_OF_LIGHT_M_S = 299_792_458.0


@dataclass(frozen=True)
class FreeSpace:
    """Basic transmission loss of free space between the antennas; ignores terrain between.

    Source: ITU-R P.525-4, equation (4), over the slant distance. Holds at any
    frequency in the far field; 30 MHz to 100 GHz are accepted.
    """

    name: ClassVar[str] = "free_space"
    title: ClassVar[Bilingual] = Bilingual(
        "không gian tự do (không xét địa hình)", "free space (without terrain)"
    )
    includes_clutter: ClassVar[bool] = False

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """None besides the link."""
        return {}

    def check(self, link: Link) -> None:
        """Refuse frequencies outside 30 MHz to 100 GHz."""
        require_range(self.name, "frequency_mhz", link.frequency_mhz, 30, 100_000, "MHz")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss over the slant distance between the antennas.

        Raises
        ------
        ModelRangeError
            If the frequency is outside the range.

        Examples
        --------
        >>> link = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=30)
        >>> plain = Profile(distance_m=np.array([0.0, 1000.0]), height_m=np.zeros(2),
        ...                 clutter_m=np.zeros(2))
        >>> round(FreeSpace().loss_db(plain, link), 2)
        91.53
        """
        self.check(link)
        ends = profile.height_m[[0, -1]]
        return float(_loss_db(profile.distance_m[-1], ends[0], ends[1], link))

    def terms(self, profile: Profile, link: Link) -> tuple[Term, ...]:
        """Return the loss as its only part."""
        return (free_space_term(self.loss_db(profile, link)),)

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every point of every ray."""
        self.check(link)
        distance_m = np.arange(radials.height_m.shape[1]) * radials.step_m
        distance_m[0] = np.nan
        height_m = radials.height_m
        return np.asarray(_loss_db(distance_m, height_m[:, :1], height_m, link))


def level_free_space_db(
    frequency_mhz: float, distance_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return 20 log10(4 pi d / lambda), the loss over distances between antennas."""
    wave_m = SPEED_OF_LIGHT_M_S / (frequency_mhz * 1e6)
    loss: NDArray[np.float64] = 20 * np.log10(4 * np.pi * distance_m / wave_m)
    return loss


def _loss_db(distance_m: Any, ground_m: Any, receiver_ground_m: Any, link: Link) -> Any:
    """Return the loss over the slant distance."""
    drop_m = ground_m + link.transmitter_height_m - receiver_ground_m - link.receiver_height_m
    return level_free_space_db(link.frequency_mhz, np.hypot(distance_m, drop_m))
