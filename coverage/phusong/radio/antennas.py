"""Sector antennas: attenuation off the main beam by the 3GPP parabolic pattern."""

from .._compiled import compiled

SIDE_LOBE_DB = 25.0
"""Largest attenuation, horizontal and combined: 3GPP TR 36.814, table A.2.1.1-2."""
VERTICAL_SIDE_LOBE_DB = 20.0
"""Largest vertical attenuation, the same table."""
VERTICAL_BEAMWIDTH_DEG = 10.0
"""Vertical 3 dB beamwidth, the same table."""


@compiled
def attenuation_db(
    off_azimuth_deg: float, depression_deg: float, beamwidth_deg: float, tilt_deg: float
) -> float:
    """Return how far below the peak an antenna radiates in a direction.

    Parameters
    ----------
    off_azimuth_deg : float
        From the antenna's azimuth, -180 to 180.
    depression_deg : float
        Of the direction below the horizontal.
    beamwidth_deg : float
        Horizontal 3 dB beamwidth; 0 or less for an omnidirectional antenna.
    tilt_deg : float
        Of the main beam below the horizontal.

    Returns
    -------
    float
        dB, 0 on the beam axis; 3GPP TR 36.814, table A.2.1.1-2.

    Examples
    --------
    Half the beamwidth off the axis is 3 dB down, and so is half the vertical one.

    >>> attenuation_db(32.5, 4.0, 65.0, 4.0), attenuation_db(0.0, 9.0, 65.0, 4.0)
    (3.0, 3.0)
    """
    horizontal = 0.0
    if beamwidth_deg > 0.0:
        horizontal = min(12.0 * (off_azimuth_deg / beamwidth_deg) ** 2, SIDE_LOBE_DB)
    off_tilt = (depression_deg - tilt_deg) / VERTICAL_BEAMWIDTH_DEG
    vertical = min(12.0 * off_tilt * off_tilt, VERTICAL_SIDE_LOBE_DB)
    return min(horizontal + vertical, SIDE_LOBE_DB)


@compiled
def turn_deg(azimuth_deg: float, from_deg: float) -> float:
    """Return the turn from one azimuth to another, -180 to 180."""
    return (azimuth_deg - from_deg + 540.0) % 360.0 - 180.0
