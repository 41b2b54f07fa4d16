"""Antenna patterns: how far below its beam axis an antenna radiates in a direction.

Knows angles and decibels; which way an antenna points and where it stands is
the cell's, and what a pattern file says is `patterns`'.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ._cut_kernels import project_cuts
from ._kernels import parabolic
from .patterns import Pattern

HORIZONTAL_BEAMWIDTH_DEG = 70.0
VERTICAL_BEAMWIDTH_DEG = 10.0
SIDE_LOBE_DB = 25.0
VERTICAL_SIDE_LOBE_DB = 20.0
BUILT_IN = ("3gpp", "omni")
"""Names that the cells table may use without files; empty means 3gpp, omni without azimuth."""


class Antenna(Protocol):
    """What the fold asks of an antenna."""

    def attenuation_db(
        self, azimuth_deg: NDArray[np.float32], depression_deg: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the attenuation against the beam axis, dB.

        Parameters
        ----------
        azimuth_deg : array of float32
            Directions from the antenna, from north, 0 to 360.
        depression_deg : array of float32, of the same shape
            Below the horizontal; negative above.

        Returns
        -------
        array of float32, of the same shape
            Zero or more, one for each direction.
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
    horizontal_beamwidth_deg : float
        3 dB beamwidth; the table's if not given.
    vertical_beamwidth_deg : float, optional
        3 dB beamwidth, the table's if not given; an antenna with None radiates alike at
        every elevation.

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
    vertical_beamwidth_deg: float | None = VERTICAL_BEAMWIDTH_DEG

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
            single(0.0 if self.vertical_beamwidth_deg is None else 1 / self.vertical_beamwidth_deg),
            single(VERTICAL_SIDE_LOBE_DB),
            attenuation,
        )
        return attenuation


@dataclass(frozen=True, kw_only=True)
class PatternAntenna:
    """An antenna as its pattern file has it, turned and tilted as a whole.

    Parameters
    ----------
    pattern : Pattern
        From a file, its electrical tilt in it.
    azimuth_deg : float
        From north, 0 to 360.
    tilt_deg : float
        Mechanical: the antenna leans forward, so that its front looks down, its
        sides stay and its back looks up.

    Notes
    -----
    Between the cuts the attenuation is that of horizontal projection
    interpolation, which the WinProp user guide (AMan, "HPI algorithm") advises
    for antennas with tilt::

        A = H(φ) + (1 - |φ|/180°) V(θ) + |φ|/180° (V(180° - θ) - H(180°))

    with H against its own peak. It gives back the vertical cut before and behind
    the antenna, and nowhere less than 0. The mechanical tilt turns the direction
    into the antenna's own axes first, as 3GPP TR 38.901, 7.1.3, does.

    Examples
    --------
    Cuts of 12 (angle / 65°)² and 12 (angle / 8°)² at most 30 and 20 dB: 32.5° off
    the axis is 3 dB down and 4° below it too, and both together are 6.

    >>> around, upright = np.linspace(0, 360, 3601), np.linspace(-90, 90, 1801)
    >>> side = np.minimum(12 * (np.minimum(around, 360 - around) / 65) ** 2, 30)
    >>> beam = np.minimum(12 * (upright / 8) ** 2, 20)
    >>> pattern = Pattern(name="A", file="a.msi", gain_dbi=17.0, frequency_mhz=None,
    ...                   electrical_tilt_deg=0.0, horizontal_db=np.float32(side),
    ...                   front_db=np.float32(beam), back_db=np.float32(beam + 30))
    >>> antenna = PatternAntenna(pattern=pattern, azimuth_deg=90.0)
    >>> azimuth, depression = np.float32([[122.5, 90.0, 122.5]]), np.float32([[0.0, 4.0, 4.0]])
    >>> antenna.attenuation_db(azimuth, depression).round(2).tolist()
    [[3.0, 3.0, 6.0]]
    """

    pattern: Pattern
    azimuth_deg: float
    tilt_deg: float = 0.0

    def attenuation_db(
        self, azimuth_deg: NDArray[np.float32], depression_deg: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the attenuation against the peak, dB, one for each direction."""
        attenuation = np.empty_like(azimuth_deg)
        project_cuts(
            azimuth_deg,
            depression_deg,
            np.float32(self.azimuth_deg),
            np.float32(self.tilt_deg),
            self.pattern.horizontal_db,
            self.pattern.front_db,
            self.pattern.back_db,
            attenuation,
        )
        return attenuation
