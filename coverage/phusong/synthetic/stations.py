"""Cells of a station: sectors, carriers and powers as operators build them."""

from collections.abc import Sequence
from typing import Any

RS_EIRP_DBM = {"2G": 58.0, "3G": 49.0, "4G": 34.0}
"""EIRP of BCCH, CPICH and one LTE reference-signal element (10 MHz), typical values."""


def cells_of(
    station_id: str,
    *,
    technology: str,
    azimuths_deg: Sequence[float],
    **same: Any,
) -> list[dict[str, Any]]:
    """Return one row of `tables.CELLS` for each sector of a station on one carrier.

    Parameters
    ----------
    station_id : str
        Cells are called ``<station_id>-1``, ``-2``, …
    technology : {"2G", "3G", "4G"}
        Sets the reference-signal EIRP.
    azimuths_deg : sequence of float
        One a sector.
    **same
        Columns equal for all cells of the station.
    """
    return [
        {
            "station_id": station_id,
            "cell_id": f"{station_id}-{number}",
            "technology": technology,
            "rs_eirp_dbm": RS_EIRP_DBM[technology],
            "azimuth_deg": azimuth % 360,
            "beamwidth_deg": 65.0,
            "antenna": "3gpp",
            "status": "active",
            **same,
        }
        for number, azimuth in enumerate(azimuths_deg, start=1)
    ]
