"""From carrier power to the level a threshold is about, and what is taken from it."""

import math

from scipy.special import ndtri


def allowance_db(
    *,
    location_probability: float,
    location_sd_db: float,
    body_loss_db: float,
    building_loss_db: float,
) -> float:
    """Return what a median outdoor level must exceed the threshold by.

    Parameters
    ----------
    location_probability : float
        Share of locations at which the threshold is to be met, 0 to 1, ends excluded.
    location_sd_db : float
        Standard deviation of log-normal location variability.
    body_loss_db, building_loss_db : float
        Taken from every level; 0 outdoors for the building.

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
    ...                    building_loss_db=0), 1)
    10.3
    """
    if not 0 < location_probability < 1:
        raise ValueError(f"location_probability {location_probability} is not between 0 and 1")
    return float(ndtri(location_probability)) * location_sd_db + body_loss_db + building_loss_db


def rs_power_dbm(carrier_power_dbm: float, resource_blocks: int) -> float:
    """Return the power of one resource element of a fully powered LTE carrier.

    RSRP is defined over resource elements that carry cell-specific reference
    signals (3GPP TS 36.214, 5.1.1); a carrier has 12 subcarriers a resource block.

    Examples
    --------
    >>> round(rs_power_dbm(46.0, 50), 1), round(rs_power_dbm(46.0, 100), 1)
    (18.2, 15.2)
    """
    return carrier_power_dbm - 10 * math.log10(12 * resource_blocks)
