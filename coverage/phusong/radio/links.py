"""From transmitter power to the level a threshold is about, and what is taken from it.

Knows decibels and what RxLev, RSCP and RSRP measure; no antenna, no path.
"""

import math
from typing import Literal

from scipy.special import ndtri

from .p2109 import Building, indoor_margin_db

Technology = Literal["2G", "3G", "4G", "5G"]
SHARE_OF_CARRIER: dict[str, str] = {
    "3G": "pilot_power_share",
    "4G": "resource_blocks",
    "5G": "resource_blocks",
}
"""What tells the reference signal's part of a carrier's power; a 2G carrier is all of it."""


def allowance_db(
    *,
    location_probability: float,
    location_sd_db: float,
    body_loss_db: float,
    enclosure_loss_db: float,
) -> float:
    """Return what a median outdoor level must exceed the threshold by.

    Parameters
    ----------
    location_probability : float
        Share of locations at which the threshold is to be met, 0 to 1, ends excluded.
    location_sd_db : float
        Standard deviation of log-normal location variability.
    body_loss_db : float
        Taken from every level.
    enclosure_loss_db : float
        Of the vehicle or the building around the receiver; 0 outdoors.

    Returns
    -------
    float
        z(probability) times the deviation, plus the losses.

    Raises
    ------
    ValueError
        If the probability is not between 0 and 1.

    Examples
    --------
    >>> round(allowance_db(location_probability=0.9, location_sd_db=8, body_loss_db=0,
    ...                    enclosure_loss_db=0), 1)
    10.3
    """
    if not 0 < location_probability < 1:
        raise ValueError(f"location_probability {location_probability} is not between 0 and 1")
    return float(ndtri(location_probability)) * location_sd_db + body_loss_db + enclosure_loss_db


def indoor_allowance_db(
    frequency_mhz: float,
    *,
    location_probability: float,
    location_sd_db: float,
    body_loss_db: float,
    building: Building,
) -> float:
    """Return what a median outdoor level must exceed the threshold by for a receiver indoors.

    The building entry loss is that of ITU-R P.2109, which grows with frequency
    and is spread; see `phusong.radio.p2109.indoor_margin_db` for how its spread
    joins the location variability.

    Parameters
    ----------
    frequency_mhz : float
        80 to 100 000.
    location_probability : float
        Share of locations and buildings at which the threshold is to be met,
        0.001 to 0.999.
    location_sd_db : float
        Standard deviation of the level outdoors over locations, 0 or more.
    body_loss_db : float
        Taken from every level.
    building : {"traditional", "thermally_efficient"}
        The second has metallised glass or foil-backed panels.

    Returns
    -------
    float
        dB.

    Raises
    ------
    ModelRangeError
        If a value lies outside its range.

    Examples
    --------
    >>> round(indoor_allowance_db(900.0, location_probability=0.9, location_sd_db=8,
    ...                           body_loss_db=3, building="traditional"), 1)
    32.2
    """
    return body_loss_db + indoor_margin_db(
        frequency_mhz=frequency_mhz,
        probability=location_probability,
        building=building,
        location_sd_db=location_sd_db,
    )


def rs_power_dbm(carrier_power_dbm: float, resource_blocks: int) -> float:
    """Return the power of one resource element of a fully powered LTE or NR carrier.

    RSRP is defined over resource elements that carry cell-specific reference
    signals (3GPP TS 36.214, 5.1.1), SS-RSRP over those of the secondary
    synchronisation signal (3GPP TS 38.215, 5.1.1); a carrier has 12 subcarriers a
    resource block. Reference signals are taken as strong as the rest: one that
    is boosted, or a beam of its own gain, is given as EIRP instead.

    Parameters
    ----------
    carrier_power_dbm : float
        Of the whole carrier.
    resource_blocks : int
        Of the carrier: 50 for 10 MHz of LTE.

    Returns
    -------
    float
        dBm.

    Examples
    --------
    >>> round(rs_power_dbm(46.0, 50), 1), round(rs_power_dbm(46.0, 100), 1)
    (18.2, 15.2)
    """
    return carrier_power_dbm - 10 * math.log10(12 * resource_blocks)


def reference_eirp_dbm(
    technology: Technology,
    *,
    power_dbm: float,
    feeder_loss_db: float,
    antenna_gain_dbi: float,
    resource_blocks: int | None = None,
    pilot_power_share: float | None = None,
) -> float:
    """Return the EIRP of the signal that a threshold is about.

    Parameters
    ----------
    technology : {"2G", "3G", "4G", "5G"}
        2G: the BCCH carrier, transmitted at constant power, which RxLev measures
        (3GPP TS 45.008, 7.1 and 8.1.2). 3G: the primary CPICH, which RSCP
        measures (3GPP TS 25.215, 5.1.1). 4G, 5G: one resource element, see
        `rs_power_dbm`.
    power_dbm : float
        Of the whole carrier at one antenna connector, as 3GPP TS 36.104 and
        38.104, 6.2, have it: RSRP is that of one antenna port.
    feeder_loss_db : float
        Between the connector and the antenna.
    antenna_gain_dbi : float
        At the peak.
    resource_blocks : int, optional
        Of the carrier; needed for 4G and 5G.
    pilot_power_share : float, optional
        Of the carrier's power in the CPICH, above 0 to 1; needed for 3G.

    Returns
    -------
    float
        dBm.

    Raises
    ------
    ValueError
        If what the technology needs is not given.

    Examples
    --------
    40 W into a 10 MHz LTE carrier, 1 dB of jumper, 17 dBi; 20 W of UMTS, a tenth of
    it for the pilot:

    >>> round(reference_eirp_dbm("4G", power_dbm=46.0, feeder_loss_db=1.0,
    ...                          antenna_gain_dbi=17.0, resource_blocks=50), 1)
    34.2
    >>> round(reference_eirp_dbm("3G", power_dbm=43.0, feeder_loss_db=1.0,
    ...                          antenna_gain_dbi=17.0, pilot_power_share=0.1), 1)
    49.0
    """
    if technology == "2G":
        reference = power_dbm
    elif technology == "3G" and pilot_power_share is not None:
        reference = power_dbm + 10 * math.log10(pilot_power_share)
    elif technology in ("4G", "5G") and resource_blocks is not None:
        reference = rs_power_dbm(power_dbm, resource_blocks)
    else:
        raise ValueError(f"{technology} needs {SHARE_OF_CARRIER[technology]}")
    return reference - feeder_loss_db + antenna_gain_dbi
