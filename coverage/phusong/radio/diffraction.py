"""Free space and delta-Bullington diffraction over the real profile, median conditions.

The part of ITU-R P.1812 that makes the shadow of a ridge, without ducting and
troposcatter; each receiver by the plain formula over its own profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._compiled import compiled
from .._types import Floats, Labels
from ._p1812_path import INLAND, PathTerms, evaluate
from .propagation import Link, Profile, Radials, require_range


@dataclass(frozen=True)
class Diffraction:
    """Lbfs + Ld50 of ITU-R P.1812 (docs/methods/p1812.md, sections 4 to 7).

    Holds for 30 MHz to 6 GHz and antennas 1 to 3000 m above ground. Over two
    points there is nothing between the antennas and the loss is free space.
    """

    name: str = "diffraction"

    @property
    def parameters(self) -> Mapping[str, float | str]:
        """None besides the link."""
        return {}

    def check(self, link: Link) -> None:
        """Refuse links outside the ranges above."""
        require_range(self.name, "frequency_mhz", link.frequency_mhz, 30, 6000, "MHz")
        for end in ("transmitter_height_m", "receiver_height_m"):
            require_range(self.name, end, getattr(link, end), 1, 3000, "m")

    def loss_db(self, profile: Profile, link: Link) -> float:
        """Return the loss of one path."""
        zone = profile.zone
        if zone is None:
            zone = np.full(profile.distance_m.size, INLAND, dtype=np.int8)
        return float(
            _median(
                profile.distance_m / 1000, profile.height_m, profile.clutter_m, zone,
                *_numbers(link),
            )
        )  # fmt: skip

    def loss_along_radials_db(self, radials: Radials, link: Link) -> NDArray[np.float64]:
        """Return the loss at every point of every ray."""
        clutter = radials.clutter_m
        if clutter is None:
            clutter = np.zeros_like(radials.height_m)
        loss = np.full(radials.height_m.shape, np.nan)
        distance_km = np.arange(loss.shape[1]) * (radials.step_m / 1000)
        zone = np.full(loss.shape[1], INLAND, dtype=np.int8)
        _along(distance_km, radials.height_m, clutter, zone, loss, *_numbers(link))
        return loss


def _numbers(link: Link) -> tuple[float, bool, float, float, float, float]:
    return (
        link.frequency_mhz / 1000,
        link.polarization == "vertical",
        link.transmitter_height_m,
        link.receiver_height_m,
        link.latitude_deg,
        link.delta_n_per_km,
    )


@compiled
def _median(
    d: Floats, h: Floats, clutter: Floats, zone: Labels,
    f: float, vertical: bool, htg: float, hrg: float, latitude: float, delta_n: float,
) -> float:  # fmt: skip
    """Return free space plus median diffraction of one path."""
    nan = np.nan
    terms: PathTerms = evaluate(
        d, h, clutter, zone, f, 50.0, vertical, htg, hrg, latitude, delta_n, 325.0, nan, nan
    )
    return terms.lbfs_db if d.size == 2 else terms.lbd50_db


@compiled
def _along(
    d: Floats, h: Floats, clutter: Floats, zone: Labels, loss: Floats,
    f: float, vertical: bool, htg: float, hrg: float, latitude: float, delta_n: float,
) -> None:  # fmt: skip
    """Fill `loss` for every receiver of every ray up to its first unknown height."""
    for ray in range(h.shape[0]):
        for n in range(1, h.shape[1]):
            if np.isnan(h[ray, n]) or np.isnan(h[ray, 0]):
                break
            loss[ray, n] = _median(
                d[: n + 1], h[ray, : n + 1], clutter[ray, : n + 1], zone[: n + 1],
                f, vertical, htg, hrg, latitude, delta_n,
            )  # fmt: skip
