"""Okumura–Hata: an empirical loss over gently rolling ground, blind to ridges.

Kept beside the terrain models for comparison: behind a ridge it promises
service that nobody has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..i18n import Bilingual
from .propagation import Link, Profile, Radials, Term, require_range, whole_term

NEAREST_M, FARTHEST_M = 1000.0, 20_000.0


@dataclass(frozen=True)
class OkumuraHata:
    """Median loss after Hata (1980), IEEE Trans. Veh. Technol. 29(3), as in ITU-R P.529.

    Holds for 150–1500 MHz, base antennas 30–200 m, receivers 1–10 m and paths
    of 1–20 km. Along rays there is no value (NaN) beyond 20 km. Nearer than
    1 km the loss falls from its value there as in free space, 20 dB a decade,
    and nowhere below free space: slower than Hata's own curve.

    Parameters
    ----------
    environment : {"urban", "suburban", "open"}
        Urban with the receiver height gain of a medium or small city.
    """

    name: ClassVar[str] = "okumura_hata"
    title: ClassVar[Bilingual] = Bilingual(
        "Okumura–Hata (không xét địa hình)", "Okumura–Hata (without terrain)"
    )
    environment: Literal["urban", "suburban", "open"] = "open"

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """The environment."""
        return {"environment": self.environment}

    def check(self, link: Link) -> None:
        """Refuse links outside the ranges above."""
        require_range(self.name, "frequency_mhz", link.frequency_mhz, 150, 1500, "MHz")
        require_range(self.name, "antenna_height_m", link.transmitter_height_m, 30, 200, "m")
        require_range(self.name, "receiver_height_m", link.receiver_height_m, 1, 10, "m")
        require_range(self.name, "time_percent", link.time_percent, 50, 50, "%")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss at the end of the profile; the ground between plays no part.

        Raises
        ------
        ModelRangeError
            If the link is outside the ranges, or the path longer than 20 km.

        Examples
        --------
        Urban at 1 km: 69.55 + 26.16 · 2.954 - 13.82 · 1.477 - 0.016.

        >>> link = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)
        >>> path = Profile(distance_m=np.array([0.0, 1000.0]), height_m=np.zeros(2),
        ...                clutter_m=np.zeros(2))
        >>> round(OkumuraHata("urban").loss_db(path, link), 1)
        126.4
        """
        self.check(link)
        length_m = float(profile.distance_m[-1])
        require_range(self.name, "distance_m", length_m, 0, FARTHEST_M, "m")
        return float(self._loss_db(length_m, link))

    def terms(self, profile: Profile, link: Link) -> tuple[Term, ...]:
        """Return the loss as one part: an empirical model tells none apart."""
        return (whole_term(self, self.loss_db(profile, link)),)

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every point of every ray; NaN beyond 20 km."""
        self.check(link)
        distance_m = np.arange(radials.height_m.shape[1]) * radials.step_m
        distance_m[(distance_m == 0) | (distance_m > FARTHEST_M)] = np.nan
        return np.where(np.isnan(radials.height_m), np.nan, self._loss_db(distance_m, link))

    def _loss_db(self, distance_m: Any, link: Link) -> Any:
        f, hb, hm = link.frequency_mhz, link.transmitter_height_m, link.receiver_height_m
        log_f = np.log10(f)
        mobile = (1.1 * log_f - 0.7) * hm - (1.56 * log_f - 0.8)
        slope = 44.9 - 6.55 * np.log10(hb)
        at_1_km = 69.55 + 26.16 * log_f - 13.82 * np.log10(hb) - mobile
        if self.environment == "suburban":
            at_1_km -= 2 * np.log10(f / 28) ** 2 + 5.4
        elif self.environment == "open":
            at_1_km -= 4.78 * log_f**2 - 18.33 * log_f + 40.94
        log_d = np.log10(distance_m / 1000)
        loss = at_1_km + np.where(distance_m < NEAREST_M, 20.0, slope) * log_d
        return np.maximum(loss, 32.45 + 20 * log_f + 20 * log_d)
