"""Tell in which unit a list gives the power of transmitters, and bring watts into dBm.

Knows units behind headings and figures, and that an EIRP has loss and gain in it.
"""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..i18n import Bilingual
from ..tables import Field, Table
from .headings import match, normal
from .source import Raw, Told, as_cells
from .values import convert

_POWER = "power_dbm"
_UNITS = {"dbm": "dBm", "w": "W", "watt": "W", "watts": "W", "oat": "W"}
_WATTS = Field(name="power_w", kind="number", title=Bilingual("Công suất", "Power"), unit="W")
_UNKNOWN = " (không rõ đơn vị / unit unknown)"
"""Behind the heading of a column whose unit nothing tells, which then is no column of powers."""
_EIRP = re.compile("(?:(?:max|total|cong_suat(?:_phat|_buc_xa)?)_)?eirp(?:_(?:dbm|w|watts?|oat))?")
_IN_EIRP = ("feeder_loss_db", "antenna_gain_dbi")
_IS_IN_EIRP = " (đã gồm trong EIRP / part of the EIRP)"
_CARRIER_DBM, _LARGEST_DBM = 55.0, 80.0
"""EIRP of a whole carrier: the reference signals of 3G, 4G and 5G seldom exceed 50 dBm."""
_OF_CARRIERS_W = (5, 10, 20, 30, 40, 60, 80, 100, 120, 160, 200, 320)
_ROUNDING_DB = 0.3
"""Powers that radio units are sold with; written in dBm they are 37, 40, 43, 44.8, 46, …"""


def with_dbm(raw: Raw, table: Table) -> Raw:
    """Bring powers in watts into dBm; leave a column alone whose unit nothing tells.

    An EIRP is a power without loss and gain, if it is large enough to be that of a whole carrier.
    Where neither heading nor cell has a unit, it is the one in which all figures are powers that
    radio units are sold with, if only one is: 43 and 46 are dBm, 20 and 60 watts, 40 may be both.

    Parameters
    ----------
    raw : Raw
        With columns arranged as the study says.
    table : Table
        What the file is read as; nothing is done unless its rows have a power.

    Returns
    -------
    Raw
        What was understood is in `told`.

    Examples
    --------
    >>> from phusong.tables import CELLS
    >>> raw = Raw(headings=("Công suất (W)",), columns=(as_cells(["40", "43 dBm", 20.0], 3),),
    ...           rows=np.array([2, 3, 4]))
    >>> with_dbm(raw, CELLS).columns[0].tolist()
    [46.02, '43 dBm', 43.01]
    """
    if _POWER not in table.columns:
        return raw
    raw = _with_eirp(raw, table)
    at = match(raw.headings, (table[_POWER],)).position.get(_POWER)
    if at is None:
        return raw
    heading, cells = raw.headings[at], raw.columns[at]
    of_heading = _UNITS.get(normal(heading).rpartition("_")[2])
    filled = [cell is not None and bool(str(cell).strip()) for cell in cells]
    units = [
        (_unit(cell) or of_heading) if there else None
        for cell, there in zip(cells, filled, strict=True)
    ]
    if any(there and unit is None for there, unit in zip(filled, units, strict=True)):
        bare = as_cells(
            (cell if unit is None else None for cell, unit in zip(cells, units, strict=True)),
            len(cells),
        )
        likely = _likely_unit(
            convert(bare, _WATTS, heading=heading, decimal_mark=raw.decimal_mark)[0].dropna()
        )
        units = [
            unit or likely if there else None for there, unit in zip(filled, units, strict=True)
        ]
    if any(there and unit is None for there, unit in zip(filled, units, strict=True)):
        headings = (*raw.headings[:at], heading + _UNKNOWN, *raw.headings[at + 1 :])
        told = Told("power_unit_unknown", {"count": sum(filled)}, column=heading)
        return replace(raw, headings=headings, told=(*raw.told, told))
    if "W" not in units:
        if of_heading is None and not all(
            _unit(cell) for cell, is_ in zip(cells, filled, strict=True) if is_
        ):
            told = Told("powers_in_dbm", {"count": sum(filled)}, column=heading)
            raw = replace(raw, told=(*raw.told, told))
        return raw
    watts = as_cells(
        (cell if unit == "W" else None for cell, unit in zip(cells, units, strict=True)), len(cells)
    )
    powers, _ = convert(watts, _WATTS, heading=heading, decimal_mark=raw.decimal_mark)
    new = as_cells(
        (
            cell if unit != "W" else _dbm(cell, power)
            for cell, unit, power in zip(cells, units, powers, strict=True)
        ),
        len(cells),
    )
    first = units.index("W")
    values = {"count": units.count("W"), "watts": str(cells[first]), "dbm": new[first]}
    columns = (*raw.columns[:at], new, *raw.columns[at + 1 :])
    told = Told("powers_in_watts", values, column=heading)
    return replace(raw, columns=columns, told=(*raw.told, told))


def _with_eirp(raw: Raw, table: Table) -> Raw:
    """Take a column of EIRP for powers, with no loss and no gain beside them: both are in it.

    Not where the list tells the reference signal's, or power and gain themselves; nor where it
    may be the reference signal's.
    """
    found = [at for at, heading in enumerate(raw.headings) if _EIRP.fullmatch(normal(heading))]
    if len(found) != 1:  # rows checked by a part of the table may have no field of a gain
        return raw
    parts = match(raw.headings, [table[name] for name in (_POWER, *_IN_EIRP)]).position
    own = match(raw.headings, (table["rs_eirp_dbm"],)).position
    if own or {_POWER, "antenna_gain_dbi"} <= {*parts}:
        return raw
    at = found[0]
    heading, cells = raw.headings[at], raw.columns[at]
    in_watts = "W" in (_UNITS.get(normal(heading).rpartition("_")[2]), *map(_unit, cells))
    figures, _ = convert(cells, _WATTS, heading=heading, decimal_mark=raw.decimal_mark)
    known = figures[figures > 0].dropna()
    eirp_dbm = 30 + 10 * np.log10(known) if in_watts else known
    if known.empty or not _CARRIER_DBM <= eirp_dbm.median() <= _LARGEST_DBM:
        told = Told("eirp_unsure", {"limit": _CARRIER_DBM}, column=heading)
        return raw if known.empty else replace(raw, told=(*raw.told, told))
    headings = [
        each + _IS_IN_EIRP if i in parts.values() else each for i, each in enumerate(raw.headings)
    ]
    headings[at] = "công suất (W)" if in_watts else _POWER
    count = len(raw.rows)
    told = Told("eirp_taken", {"count": len(known)}, column=heading)
    return replace(
        raw,
        headings=(*headings, *_IN_EIRP),
        columns=(*raw.columns, *(as_cells([0.0] * count, count) for _ in _IN_EIRP)),
        told=(*raw.told, told),
    )


def _unit(cell: Any) -> str | None:
    """Return the unit behind a figure, if it has one."""
    return _UNITS.get(normal(cell).lstrip("0123456789_")) if isinstance(cell, str) else None


def _likely_unit(powers: pd.Series) -> str | None:
    """Return the one unit in which all figures are powers that radio units are sold with."""
    if powers.empty:
        return None
    sold_w = np.array(_OF_CARRIERS_W, dtype=float)
    sold_dbm = 30 + 10 * np.log10(sold_w)
    figures = powers.to_numpy(dtype=float)[:, None]
    watts = bool((figures == sold_w).any(axis=1).all())
    dbm = bool((np.abs(figures - sold_dbm) <= _ROUNDING_DB).any(axis=1).all())
    return None if watts == dbm else "W" if watts else "dBm"


def _dbm(cell: Any, power_w: float) -> Any:
    """Return watts as dBm; what is no power stays with its unit, so that it is told as such."""
    if power_w > 0 and math.isfinite(power_w):
        return round(30 + 10 * math.log10(power_w), 2)
    text = str(cell).strip()
    return text if text.casefold().endswith(("w", "watt", "watts", "oát")) else f"{text} W"
