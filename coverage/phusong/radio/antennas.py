"""Antenna patterns: how far below its beam axis an antenna radiates in a direction.

Knows angles and decibels; which way an antenna points and where it stands is
the cell's. Pattern files would be one more class beside `ParabolicAntenna`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ._kernels import parabolic

HORIZONTAL_BEAMWIDTH_DEG = 70.0
VERTICAL_BEAMWIDTH_DEG = 10.0
SIDE_LOBE_DB = 25.0
VERTICAL_SIDE_LOBE_DB = 20.0
PATTERNS = ("3gpp", "omni")
"""Names that the cells table may use; empty means 3gpp, omni where it has no azimuth."""


class Antenna(Protocol):
    """What the fold asks of an antenna."""

    def attenuation_db(
        self, azimuth_deg: NDArray[np.float32], depression_deg: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the attenuation against the beam axis, dB, one for each direction.

        Azimuths count from north, 0 to 360; depressions below the horizontal.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class ParabolicAntenna:
    """The sector antenna of 3GPP TR 36.814, table A.2.1.1-2 (TR 38.901, table 7.3-1).

    ``min(A_h + A_v, 25 dB)`` with ``A = 12 (angle off axis / 3 dB beamwidth)²``,
    A_h capped at 25 dB and A_v at 20 dB.

    Parameters
    ----------
    azimuth_deg : float, optional
        From north, 0 to 360; an antenna without one is omnidirectional.
    tilt_deg : float
        Of the beam below the horizontal.
    horizontal_beamwidth_deg, vertical_beamwidth_deg : float
        3 dB beamwidths; the table's if not given.

    Examples
    --------
    Half a beamwidth off the axis is 3 dB down, whichever way; the back is 25 dB down.

    >>> sector = ParabolicAntenna(azimuth_deg=350.0, tilt_deg=4.0, horizontal_beamwidth_deg=60.0)
    >>> azimuth = np.float32([[20.0, 350.0, 170.0]])
    >>> depression = np.float32([[4.0, 9.0, 4.0]])
    >>> sector.attenuation_db(azimuth, depression).tolist()
    [[3.0, 3.0, 25.0]]
    """

    azimuth_deg: float | None
    tilt_deg: float = 0.0
    horizontal_beamwidth_deg: float = HORIZONTAL_BEAMWIDTH_DEG
    vertical_beamwidth_deg: float = VERTICAL_BEAMWIDTH_DEG

    def attenuation_db(
        self, azimuth_deg: NDArray[np.float32], depression_deg: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the attenuation against the beam axis, dB, one for each direction."""
        attenuation = np.empty_like(azimuth_deg)
        single = np.float32
        parabolic(
            azimuth_deg,
            depression_deg,
            single(0.0 if self.azimuth_deg is None else self.azimuth_deg),
            single(0.0 if self.azimuth_deg is None else 1 / self.horizontal_beamwidth_deg),
            single(SIDE_LOBE_DB),
            single(self.tilt_deg),
            single(1 / self.vertical_beamwidth_deg),
            single(VERTICAL_SIDE_LOBE_DB),
            attenuation,
        )
        return attenuation
