"""The cells table as the sweep wants it: one transmitter a row, complete and with its pattern."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from ..errors import InputError, Problem
from .antennas import HORIZONTAL_BEAMWIDTH_DEG, PATTERNS, Antenna, ParabolicAntenna


@dataclass(frozen=True, kw_only=True)
class Sector:
    """One cell.

    Parameters
    ----------
    row : int
        Position in the cells table.
    operator, technology : str
    x_m, y_m : float
        In the CRS of the table.
    height_m : float
        Of the antenna above ground.
    frequency_mhz, eirp_dbm : float
        Carrier; EIRP of the reference signal.
    antenna : Antenna
    """

    row: int
    operator: str
    technology: str
    x_m: float
    y_m: float
    height_m: float
    frequency_mhz: float
    eirp_dbm: float
    antenna: Antenna

    @property
    def complete(self) -> bool:
        """Whether every number that a level needs is there."""
        return all(
            math.isfinite(value)
            for value in (self.x_m, self.y_m, self.height_m, self.frequency_mhz, self.eirp_dbm)
        )


def read_sectors(cells: gpd.GeoDataFrame) -> list[Sector]:
    """Return the cells of a table, in its order.

    Parameters
    ----------
    cells : GeoDataFrame
        As `tables.CELLS`. Optional columns may be absent or empty: without
        azimuth a cell is omnidirectional; without beamwidth it has the 70° of
        3GPP TR 36.814; without tilt it looks at the horizon.

    Raises
    ------
    InputError
        If antenna patterns are not known; names every such cell.
    """
    places = zip(cells.geometry.x, cells.geometry.y, strict=True)
    columns = cells.drop(columns=cells.geometry.name)
    columns = columns.astype(object).where(columns.notna(), None).to_dict("records")
    file = str(cells.attrs.get("file", "cells"))
    problems, sectors = [], []
    for row, (place, values) in enumerate(zip(places, columns, strict=True)):
        pattern = values.get("antenna") or PATTERNS[0]
        if pattern not in PATTERNS:
            problems.append(
                Problem(
                    message="radio.unknown_antenna",
                    file=file,
                    column="antenna",
                    value=pattern,
                    values={"cell": values["cell_id"], "known": ", ".join(PATTERNS)},
                )
            )
            continue
        sectors.append(_sector(row, place, values, omni=pattern == "omni"))
    if problems:
        raise InputError(problems)
    return sectors


def _sector(
    row: int, place: tuple[float, float], values: Mapping[Any, Any], *, omni: bool
) -> Sector:
    azimuth, beamwidth = _number(values, "azimuth_deg"), _number(values, "beamwidth_deg")
    tilt = _number(values, "tilt_deg")
    return Sector(
        row=row,
        operator=values["operator"],
        technology=values["technology"],
        x_m=float(place[0]),
        y_m=float(place[1]),
        height_m=_number(values, "antenna_height_m"),
        frequency_mhz=_number(values, "frequency_mhz"),
        eirp_dbm=_number(values, "rs_eirp_dbm"),
        antenna=ParabolicAntenna(
            azimuth_deg=None if omni or math.isnan(azimuth) else azimuth,
            tilt_deg=0.0 if math.isnan(tilt) else tilt,
            horizontal_beamwidth_deg=HORIZONTAL_BEAMWIDTH_DEG
            if math.isnan(beamwidth)
            else beamwidth,
        ),
    )


def _number(values: Mapping[Any, Any], name: str) -> float:
    value = values.get(name)
    return math.nan if value is None else float(value)
