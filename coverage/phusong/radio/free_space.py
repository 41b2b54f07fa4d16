"""Free-space propagation, ITU-R P.525: the bound no terrestrial path beats by much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .propagation import Link, Profile, Radials, require_range


@dataclass(frozen=True)
class FreeSpace:
    """Basic transmission loss of free space between the antennas; ignores terrain between.

    Source: ITU-R P.525-4, equation (4), with the slant distance.
    """

    name: str = "free_space"

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """None besides the link."""
        return {}

    def check(self, link: Link) -> None:
        """Refuse frequencies outside 30 MHz to 100 GHz."""
        require_range(self.name, "frequency_mhz", link.frequency_mhz, 30, 100_000, "MHz")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss over the slant distance between the antennas."""
        rise_m = (
            profile.height_m[-1]
            + link.receiver_height_m
            - profile.height_m[0]
            - link.transmitter_height_m
        )
        return float(free_space_db(np.hypot(profile.distance_m[-1], rise_m), link.frequency_mhz))

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every point of every ray."""
        distance_m = np.arange(radials.height_m.shape[1]) * radials.step_m
        rise_m = (
            radials.height_m
            + link.receiver_height_m
            - radials.height_m[:, :1]
            - link.transmitter_height_m
        )
        slant_m = np.hypot(distance_m, rise_m)
        slant_m[:, 0] = np.nan
        return np.asarray(free_space_db(slant_m, link.frequency_mhz))


def free_space_db(slant_m: Any, frequency_mhz: float) -> Any:
    """Return 20 log10(4 pi d / lambda), dB, for a slant distance in metres.

    Examples
    --------
    >>> round(float(free_space_db(1000.0, 900.0)), 2)
    91.53
    """
    return 20 * np.log10(4 * np.pi * slant_m * frequency_mhz * 1e6 / 299_792_458.0)
