"""Okumura–Hata and COST-231 Hata: empirical losses over gently rolling ground, blind to ridges.

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


class _Hata:
    """What the two curves have in common."""

    name: ClassVar[str]
    title: ClassVar[Bilingual]
    includes_clutter: ClassVar[bool] = True
    carriers_mhz: ClassVar[tuple[float, float]]

    @property
    def farthest_m(self) -> float:
        """The longest path that the model holds for."""
        return FARTHEST_M

    def check(self, link: Link) -> None:
        """Refuse links outside the ranges above.

        Raises
        ------
        ModelRangeError
            Naming the quantity, its value and its range.
        """
        require_range(self.name, "frequency_mhz", link.frequency_mhz, *self.carriers_mhz, "MHz")
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
        return (whole_term(self.title, self.loss_db(profile, link)),)

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every point of every ray; NaN beyond 20 km."""
        distance_m = np.arange(radials.height_m.shape[1]) * radials.step_m
        distance_m[0] = np.nan
        return self.loss_at_db(distance_m, radials.height_m, link)

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
        link : Link

        Returns
        -------
        ndarray of float64
            dB; NaN beyond `farthest_m`, and where the ground is unknown.
        """
        self.check(link)
        known = (distance_m <= FARTHEST_M) & ~np.isnan(rise_m)
        return np.where(known, self._loss_db(distance_m, link), np.nan)

    def _loss_db(self, distance_m: Any, link: Link) -> Any:
        log_f, log_d = np.log10(link.frequency_mhz), np.log10(distance_m / 1000)
        hm = link.receiver_height_m
        mobile = (1.1 * log_f - 0.7) * hm - (1.56 * log_f - 0.8)
        log_hb = np.log10(link.transmitter_height_m)
        at_1_km = self._at_1_km(log_f) - 13.82 * log_hb - mobile
        slope = np.where(distance_m < NEAREST_M, 20.0, 44.9 - 6.55 * log_hb)
        return np.maximum(at_1_km + slope * log_d, 32.45 + 20 * log_f + 20 * log_d)

    def _at_1_km(self, log_f: Any) -> Any:
        """Return what depends on carrier and environment alone."""
        raise NotImplementedError


@dataclass(frozen=True)
class OkumuraHata(_Hata):
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
    carriers_mhz: ClassVar[tuple[float, float]] = (150, 1500)
    environment: Literal["urban", "suburban", "open"] = "open"

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """The environment."""
        return {"environment": self.environment}

    def _at_1_km(self, log_f: Any) -> Any:
        urban = 69.55 + 26.16 * log_f
        if self.environment == "suburban":
            return urban - 2 * (log_f - np.log10(28)) ** 2 - 5.4
        if self.environment == "open":
            return urban - 4.78 * log_f**2 + 18.33 * log_f - 40.94
        return urban


@dataclass(frozen=True)
class Cost231Hata(_Hata):
    """Hata's curve carried on to 1500–2000 MHz: COST 231, final report (1999), 4.4.1.

    The other ranges are those of `OkumuraHata`. It is stated for towns and their
    suburbs; there is no form for open land.

    Parameters
    ----------
    environment : {"medium_city", "metropolitan"}
        Towns of medium size and suburbs with trees of medium density; centres of
        metropolises, 3 dB more.

    Examples
    --------
    At 1800 MHz and 1 km, 46.3 + 33.9 · 3.255 − 13.82 · 1.477 − 0.043:

    >>> link = Link(frequency_mhz=1800, transmitter_height_m=30, receiver_height_m=1.5)
    >>> path = Profile(distance_m=np.array([0.0, 1000.0]), height_m=np.zeros(2),
    ...                clutter_m=np.zeros(2))
    >>> round(Cost231Hata().loss_db(path, link), 1)
    136.2
    """

    name: ClassVar[str] = "cost231_hata"
    title: ClassVar[Bilingual] = Bilingual(
        "COST-231 Hata (không xét địa hình)", "COST-231 Hata (without terrain)"
    )
    carriers_mhz: ClassVar[tuple[float, float]] = (1500, 2000)
    environment: Literal["medium_city", "metropolitan"] = "medium_city"

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """The environment."""
        return {"environment": self.environment}

    def _at_1_km(self, log_f: Any) -> Any:
        return 46.3 + 33.9 * log_f + (3.0 if self.environment == "metropolitan" else 0.0)
