"""3GPP TR 38.901 rural macro: the loss that equipment vendors quote, blind to terrain.

Kept beside the terrain models for comparison.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..i18n import Bilingual
from .propagation import Link, Profile, Radials, Term, require_range, whole_term

NAME = "rma"
LIGHT_M_S = 3e8
NEAREST_M, FARTHEST_IN_SIGHT_M, FARTHEST_HIDDEN_M = 10.0, 10_000.0, 5_000.0


@dataclass(frozen=True)
class Rma:
    """Median rural macro loss after 3GPP TR 38.901, table 7.4.1-1.

    Holds for 500 MHz to 7 GHz, base antennas 10–150 m, receivers 1–10 m, from
    10 m to 10 km in sight and 5 km hidden. Beyond there is no value: a path is
    refused, a ray has NaN; nearer than 10 m the loss is that at 10 m. The ground
    takes no part, but for the difference in height of the antennas.

    Parameters
    ----------
    sight : {"los", "nlos"}
        Whether receivers see the base antenna; the model does not tell.
    building_height_m : float
        Average, 5 to 50.
    street_width_m : float
        Average, 5 to 50.

    Examples
    --------
    In sight at 1 GHz over 100 m free space is 72.44 dB; among buildings of 5 m
    0.478 · 2 − 0.701 + 0.140 = 0.40 dB more.

    >>> import numpy as np
    >>> path = Profile(
    ...     distance_m=np.array([0.0, 100.0]), height_m=np.zeros(2), clutter_m=np.zeros(2)
    ... )
    >>> link = Link(frequency_mhz=1000.0, transmitter_height_m=10.0, receiver_height_m=10.0)
    >>> round(Rma(sight="los").loss_db(path, link), 2)
    72.84
    """

    name: ClassVar[str] = NAME
    title: ClassVar[Bilingual] = Bilingual(
        "3GPP TR 38.901 RMa (vùng nông thôn, không xét địa hình)",
        "3GPP TR 38.901 RMa (rural macro, without terrain)",
    )
    includes_clutter: ClassVar[bool] = True
    sight: Literal["los", "nlos"] = "nlos"
    building_height_m: float = 5.0
    street_width_m: float = 20.0

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """Sight, buildings and streets."""
        return {
            "sight": self.sight,
            "building_height_m": self.building_height_m,
            "street_width_m": self.street_width_m,
        }

    def check(self, link: Link) -> None:
        """Refuse links and parameters outside the ranges above.

        Raises
        ------
        ModelRangeError
            Naming the quantity, its value and its range.
        """
        require_range(NAME, "frequency_mhz", link.frequency_mhz, 500, 7000, "MHz")
        require_range(NAME, "transmitter_height_m", link.transmitter_height_m, 10, 150, "m")
        require_range(NAME, "receiver_height_m", link.receiver_height_m, 1, 10, "m")
        require_range(NAME, "time_percent", link.time_percent, 50, 50, "%")
        require_range(NAME, "building_height_m", self.building_height_m, 5, 50, "m")
        require_range(NAME, "street_width_m", self.street_width_m, 5, 50, "m")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss at the end of the profile, dB.

        Raises
        ------
        ModelRangeError
            If the link or the length of the path lies outside the ranges above.
        """
        self.check(link)
        length_m = float(profile.distance_m[-1])
        require_range(NAME, "distance_m", length_m, 0, self.farthest_m, "m")
        rise_m = float(profile.height_m[-1] - profile.height_m[0])
        return float(self._loss(length_m, rise_m, link))

    def terms(self, profile: Profile, link: Link) -> tuple[Term, ...]:
        """Return the loss as one part: an empirical model tells none apart."""
        return (whole_term(self.title, self.loss_db(profile, link)),)

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every point of every ray, dB."""
        height_m = radials.height_m
        distance_m = np.arange(height_m.shape[1]) * radials.step_m
        loss = self.loss_at_db(distance_m, height_m - height_m[:, :1], link)
        loss[np.logical_or.accumulate(np.isnan(height_m), axis=1)] = np.nan
        loss[:, 0] = np.nan
        return loss

    def loss_at_db(
        self, distance_m: NDArray[Any], rise_m: NDArray[np.float64], link: Link
    ) -> NDArray[np.float64]:
        """Return the loss at any distances.

        Parameters
        ----------
        distance_m : ndarray
            Above 0, along the ground; nearer than 10 m counts as 10 m.
        rise_m : ndarray of float64
            How much higher than under the mast the ground is; NaN where it is unknown.
        link : Link

        Returns
        -------
        ndarray of float64
            dB; NaN beyond `farthest_m`, and where the ground is unknown.
        """
        self.check(link)
        return np.where(distance_m <= self.farthest_m, self._loss(distance_m, rise_m, link), np.nan)

    @property
    def farthest_m(self) -> float:
        """The longest path that the model holds for."""
        return FARTHEST_HIDDEN_M if self.sight == "nlos" else FARTHEST_IN_SIGHT_M

    def _loss(self, distance_m: Any, rise_m: Any, link: Link) -> Any:
        """Return the loss at ground distances and rises of the ground."""
        hb, hu = link.transmitter_height_m, link.receiver_height_m
        fc = link.frequency_mhz / 1000
        along = np.maximum(distance_m, NEAREST_M)
        length = np.hypot(along, hu + rise_m - hb)
        turn = 2 * math.pi * hb * hu * fc * 1e9 / LIGHT_M_S
        beyond = self._near(turn, fc) + 40 * np.log10(length / turn)
        loss = np.where(along <= turn, self._near(length, fc), beyond)
        if self.sight == "nlos":
            loss = np.maximum(loss, self._hidden(length, hb, hu, fc))
        return loss

    def _near(self, length: Any, fc: float) -> Any:
        """Return PL1, the loss in sight before the break point."""
        h = self.building_height_m
        return (
            20 * np.log10(40 * math.pi * length * fc / 3)
            + min(0.03 * h**1.72, 10) * np.log10(length)
            - min(0.044 * h**1.72, 14.77)
            + 0.002 * math.log10(h) * length
        )

    def _hidden(self, length: Any, hb: float, hu: float, fc: float) -> Any:
        """Return PL', the loss without sight."""
        h = self.building_height_m
        return (
            161.04
            - 7.1 * math.log10(self.street_width_m)
            + 7.5 * math.log10(h)
            - (24.37 - 3.7 * (h / hb) ** 2) * math.log10(hb)
            + (43.42 - 3.1 * math.log10(hb)) * (np.log10(length) - 3)
            + 20 * math.log10(fc)
            - (3.2 * math.log10(11.75 * hu) ** 2 - 4.97)
        )
