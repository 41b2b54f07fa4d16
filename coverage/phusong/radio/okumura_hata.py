"""Okumura–Hata: an empirical loss over gently rolling ground, blind to ridges.

Kept beside the terrain models for comparison: behind a ridge it promises
service that nobody has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .propagation import Link, Profile, Radials, require_range

NEAREST_M, FARTHEST_M = 1000.0, 20_000.0


@dataclass(frozen=True)
class OkumuraHata:
    """Median loss after Hata (1980), IEEE Trans. Veh. Technol. 29(3), as in ITU-R P.529.

    Holds for 150–1500 MHz, base antennas 30–200 m, receivers 1–10 m, 1–20 km.
    Beyond 20 km there is no value (NaN). Nearer than 1 km the loss grows as in
    free space from its value at 1 km down, and never falls below free space.

    Parameters
    ----------
    environment : {"urban", "suburban", "open"}
        Urban is a medium or small city.
    """

    environment: Literal["urban", "suburban", "open"] = "open"
    name: str = "okumura_hata"

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """The environment."""
        return {"environment": self.environment}

    def check(self, link: Link) -> None:
        """Refuse links outside the ranges above."""
        require_range(self.name, "frequency_mhz", link.frequency_mhz, 150, 1500, "MHz")
        require_range(self.name, "antenna_height_m", link.transmitter_height_m, 30, 200, "m")
        require_range(self.name, "receiver_height_m", link.receiver_height_m, 1, 10, "m")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss at the end of the profile; the ground between plays no part."""
        return float(self._loss(profile.distance_m[-1], link))

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every point of every ray."""
        distance_m = np.arange(radials.height_m.shape[1]) * radials.step_m
        distance_m[0] = np.nan
        return np.where(np.isnan(radials.height_m), np.nan, self._loss(distance_m, link))

    def _loss(self, distance_m: Any, link: Link) -> Any:
        f, hb, hm = link.frequency_mhz, link.transmitter_height_m, link.receiver_height_m
        log_f = np.log10(f)
        mobile = (1.1 * log_f - 0.7) * hm - (1.56 * log_f - 0.8)
        slope = 44.9 - 6.55 * np.log10(hb)
        at_1_km = 69.55 + 26.16 * log_f - 13.82 * np.log10(hb) - mobile
        if self.environment == "suburban":
            at_1_km -= 2 * np.log10(f / 28) ** 2 + 5.4
        elif self.environment == "open":
            at_1_km -= 4.78 * log_f**2 - 18.33 * log_f + 40.94
        distance_km = distance_m / 1000
        loss = at_1_km + np.where(distance_m < NEAREST_M, 20.0, slope) * np.log10(distance_km)
        least = 32.45 + 20 * np.log10(f) + 20 * np.log10(distance_km)
        return np.where(distance_m <= FARTHEST_M, np.maximum(loss, least), np.nan)
