"""What is assumed of a cell where a list of sites does not tell it.

The table and its sources: ``assumed.csv``. A study may bring its own. Knows technologies,
bands and kinds of terrain; no list.
"""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import pandas as pd

from ..tables import ASSUMED_VALUES
from .carriers import band_of

ANY_TERRAIN = "any"
ASSUMABLE = (
    "rs_eirp_dbm", "antenna_height_m", "beamwidth_deg", "vertical_beamwidth_deg", "tilt_deg",
)  # fmt: skip
"""Fields of the cells that the table has values for, besides the sectors and `POWER_PARTS`."""
POWER_PARTS = (
    "power_dbm", "feeder_loss_db", "antenna_gain_dbi", "resource_blocks", "pilot_power_share",
)  # fmt: skip
"""What the table's EIRP is made of; fills a cell of which a power or a gain is known."""


@dataclass(frozen=True, eq=False)
class AssumedValues:
    """The table of assumed values.

    Parameters
    ----------
    table : DataFrame
        Fields of `tables.ASSUMED_VALUES`, in any order.

    Examples
    --------
    >>> known = read_assumed_values()
    >>> known.value("rs_eirp_dbm", "4G", 1842.5), known.value("tilt_deg", "4G", 1800, "mountain")
    (32.0, 2.0)
    """

    table: pd.DataFrame
    _rows: dict[tuple[str, str], list[tuple[float, dict[Any, Any]]]] = field(
        init=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        for row in rows:
            kind = str(row["technology"]), str(row["terrain"])
            self._rows.setdefault(kind, []).append((float(row["band_mhz"]), row))

    @property
    def depends_on_terrain(self) -> bool:
        """Whether any value holds in one kind of terrain only."""
        return bool((self.table["terrain"] != ANY_TERRAIN).any())

    def preference(self, technology: str, band_mhz: float) -> float | None:
        """Return the place of a technology on a band among all such pairs.

        Parameters
        ----------
        technology : str
        band_mhz : float
            What the band is called.

        Returns
        -------
        float or None
            Smaller is preferred; None if the technology is not on the band.
        """
        for band, row in self._rows.get((technology, ANY_TERRAIN), ()):
            if band_of(band) == band_mhz and row["preference"] is not None:
                return float(row["preference"])
        return None

    def value(
        self, name: str, technology: str, frequency_mhz: float, terrain: str = ANY_TERRAIN
    ) -> float | None:
        """Return a value for a cell: that of its terrain, else of any; of the nearest band.

        Parameters
        ----------
        name : str
            One of `ASSUMABLE` or `POWER_PARTS`, or ``sectors``.
        technology : str
        frequency_mhz : float
        terrain : str
            As in the table.

        Returns
        -------
        float or None
            None if the table has none for the technology.
        """
        for kind in dict.fromkeys((terrain, ANY_TERRAIN)):
            known = [
                (abs(band - frequency_mhz), band, float(row[name]))
                for band, row in self._rows.get((technology, kind), ())
                if row[name] is not None
            ]
            if known:
                return min(known)[2]
        return None


@cache
def read_assumed_values() -> AssumedValues:
    """Return the table that comes with phusong.

    Returns
    -------
    AssumedValues

    Examples
    --------
    >>> read_assumed_values().preference("4G", 1800.0)
    2.0
    """
    with as_file(files(__package__).joinpath("assumed.csv")) as path:
        table = pd.read_csv(path, encoding="utf-8")
    return AssumedValues(table[list(ASSUMED_VALUES.columns)])
