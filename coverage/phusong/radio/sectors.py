"""The cells table as the sweep wants it: one transmitter a row, complete and with its pattern."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputError, PatternError, Problem
from .antennas import (
    BUILT_IN,
    HORIZONTAL_BEAMWIDTH_DEG,
    VERTICAL_BEAMWIDTH_DEG,
    Antenna,
    ParabolicAntenna,
    PatternAntenna,
)
from .links import SHARE_OF_CARRIER, reference_eirp_dbm
from .patterns import Pattern, Patterns

EIRP_TOLERANCE_DB = 0.5
"""A stated EIRP and one worked out from powers may differ by rounding."""
NO_PATTERNS = Patterns()
_OF_KIND = (
    "operator", "technology", "frequency_mhz", "antenna_height_m", "rs_eirp_dbm", "power_dbm",
    "feeder_loss_db", "antenna_gain_dbi", "resource_blocks", "pilot_power_share", "azimuth_deg",
    "beamwidth_deg", "vertical_beamwidth_deg", "tilt_deg", "antenna", "electrical_tilt_deg",
)  # fmt: skip
"""All that a sector follows from, but for its place."""


@dataclass(frozen=True, kw_only=True, slots=True)
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
    surveyed_m : float, optional
        Elevation of the ground under the mast, if the table has it.
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
    surveyed_m: float | None = None

    @property
    def complete(self) -> bool:
        """Whether every number that a level needs is there."""
        return (
            math.isfinite(self.x_m)
            and math.isfinite(self.y_m)
            and math.isfinite(self.height_m)
            and math.isfinite(self.frequency_mhz)
            and math.isfinite(self.eirp_dbm)
        )


def read_sectors(cells: gpd.GeoDataFrame, patterns: Patterns = NO_PATTERNS) -> list[Sector]:
    """Return the cells of a table, in its order.

    Parameters
    ----------
    cells : GeoDataFrame
        As `tables.CELLS`. Optional columns may be absent or empty: without
        azimuth a cell is omnidirectional; without beamwidths it has the 70° and 10° of
        3GPP TR 36.814, but ``omni``, or neither azimuth nor pattern, means alike at every
        elevation unless a vertical beamwidth is given; without tilt it looks at the
        horizon. The EIRP is
        `rs_eirp_dbm`, else follows from `power_dbm`, `feeder_loss_db` and
        `antenna_gain_dbi` (the pattern's if empty); a cell with neither is
        returned and not complete.
    patterns : Patterns, optional
        Pattern files that cells may name beside the built-in patterns. Such an
        antenna leans by `tilt_deg`; `electrical_tilt_deg` chooses among files
        or lowers the beam of one without tilt.

    Raises
    ------
    InputError
        With every cell whose pattern or power cannot be used.
    """
    # Large lists repeat a few kinds of cells at many places; each kind is worked out once.
    of_kind = pd.DataFrame(cells[[name for name in _OF_KIND if name in cells]])
    kinds = of_kind.groupby([*of_kind], dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(kinds, return_index=True)
    known = [
        _sector(row, cell, patterns)
        for row, cell in zip(first.tolist(), _rows(cells.iloc[first]), strict=True)
    ]
    sound = np.array([isinstance(one, Sector) for one in known], dtype=bool)[kinds]
    if not sound.all():
        faulty = np.flatnonzero(~sound)
        told = zip(faulty.tolist(), _rows(cells.iloc[faulty]), strict=True)
        raise InputError(
            fault
            for row, cell in told
            if not isinstance(found := _sector(row, cell, patterns), Sector)
            for fault in found
        )
    surveyed_m: list[float | None] = [None] * len(cells)
    if "ground_elevation_m" in cells:
        surveyed = cells["ground_elevation_m"].astype(object)
        surveyed_m = surveyed.where(surveyed.notna(), None).tolist()
    return [
        Sector(
            row=row,
            operator=one.operator,
            technology=one.technology,
            x_m=x,
            y_m=y,
            height_m=one.height_m,
            frequency_mhz=one.frequency_mhz,
            eirp_dbm=one.eirp_dbm,
            antenna=one.antenna,
            surveyed_m=ground,
        )
        for row, (kind, x, y, ground) in enumerate(
            zip(
                kinds.tolist(),
                cells.geometry.x.tolist(),
                cells.geometry.y.tolist(),
                surveyed_m,
                strict=True,
            )
        )
        if isinstance(one := known[kind], Sector)
    ]


def check_cells(
    cells: gpd.GeoDataFrame, patterns: Patterns, *, rows: Sequence[int]
) -> dict[int, list[Problem]]:
    """Return what keeps cells from being sectors.

    Parameters
    ----------
    cells, patterns
        As for `read_sectors`.
    rows : sequence of int
        Row of each cell in its file, for the messages.

    Returns
    -------
    dict of int to list of Problem
        By position in `cells`; sound ones are absent.

    Examples
    --------
    A cell that names an antenna of which there is no file.

    >>> cells = gpd.GeoDataFrame(
    ...     {"cell_id": ["S1-4G-1"], "operator": ["Viettel"], "technology": ["4G"],
    ...      "frequency_mhz": [900.0], "antenna_height_m": [30.0], "rs_eirp_dbm": [35.0],
    ...      "antenna": ["742 215"]},
    ...     geometry=gpd.points_from_xy([0.0], [0.0]), crs="EPSG:9209",
    ... )
    >>> found = check_cells(cells, NO_PATTERNS, rows=[2])
    >>> [(problem.message, problem.row) for problem in found[0]]
    [('radio.unknown_antenna', 2)]
    """
    faults = {}
    # Nothing can be wrong with a built-in pattern and an EIRP; most lists have no more.
    asked = np.zeros(len(cells), dtype=bool)
    if "antenna" in cells:
        names = cells["antenna"].fillna(BUILT_IN[0]).astype("str").str.casefold()
        asked |= ~names.isin(BUILT_IN).to_numpy()
    if "power_dbm" in cells:
        asked |= cells["power_dbm"].notna().to_numpy()
    for at, cell in zip(np.flatnonzero(asked).tolist(), _rows(cells[asked]), strict=True):
        found = _sector(at, {**cell, "row": int(rows[at])}, patterns)
        if not isinstance(found, Sector):
            faults[at] = found
    return faults


def _rows(cells: gpd.GeoDataFrame) -> Iterator[dict[Any, Any]]:
    """Yield each cell with what it is known of it; nothing is None."""
    columns = [
        (name, column.to_numpy(dtype=object), column.notna().to_numpy())
        for name, column in cells.drop(columns=cells.geometry.name).items()
    ]
    file = str(cells.attrs.get("file", "cells"))
    for i, (x, y) in enumerate(zip(cells.geometry.x, cells.geometry.y, strict=True)):
        known = {name: values[i] for name, values, there in columns if there[i]}
        yield {**known, "x_m": float(x), "y_m": float(y), "file": file}


def _sector(row: int, cell: Mapping[Any, Any], patterns: Patterns) -> Sector | list[Problem]:
    try:
        pattern = _pattern(cell, patterns)
    except PatternError as fault:
        return [_problem(cell, fault.message, **fault.values)]
    problems: list[Problem] = []
    if pattern is not None and pattern.directional and "azimuth_deg" not in cell:
        problems.append(_problem(cell, "radio.antenna_azimuth", antenna=pattern.name))
    eirp = _eirp_dbm(cell, pattern, problems)
    if problems:
        return problems
    return Sector(
        row=row,
        operator=cell["operator"],
        technology=cell["technology"],
        x_m=cell["x_m"],
        y_m=cell["y_m"],
        height_m=_number(cell, "antenna_height_m"),
        frequency_mhz=_number(cell, "frequency_mhz"),
        eirp_dbm=eirp,
        antenna=_antenna(cell, pattern),
        surveyed_m=cell.get("ground_elevation_m"),
    )


def _pattern(cell: Mapping[Any, Any], patterns: Patterns) -> Pattern | None:
    """Return the pattern file of a cell; None for the built-in patterns."""
    name = cell.get("antenna", BUILT_IN[0])
    if name.casefold() in BUILT_IN:
        return None
    return patterns.find(
        name,
        frequency_mhz=_number(cell, "frequency_mhz"),
        electrical_tilt_deg=cell.get("electrical_tilt_deg"),
    )


def _antenna(cell: Mapping[Any, Any], pattern: Pattern | None) -> Antenna:
    azimuth, tilt = _number(cell, "azimuth_deg"), float(cell.get("tilt_deg", 0.0))
    name = cell.get("antenna", "omni" if math.isnan(azimuth) else BUILT_IN[0]).casefold()
    omni = math.isnan(azimuth) or name == "omni"
    if pattern is not None:
        return PatternAntenna(pattern=pattern, azimuth_deg=0.0 if omni else azimuth, tilt_deg=tilt)
    return ParabolicAntenna(
        azimuth_deg=None if omni else azimuth,
        tilt_deg=tilt + float(cell.get("electrical_tilt_deg", 0.0)),
        horizontal_beamwidth_deg=float(cell.get("beamwidth_deg", HORIZONTAL_BEAMWIDTH_DEG)),
        vertical_beamwidth_deg=cell.get(
            "vertical_beamwidth_deg", None if name == "omni" else VERTICAL_BEAMWIDTH_DEG
        ),
    )


def _eirp_dbm(cell: Mapping[Any, Any], pattern: Pattern | None, problems: list[Problem]) -> float:
    """Return the EIRP, NaN if nothing tells it; note what is missing or contradicts."""
    stated, power = _number(cell, "rs_eirp_dbm"), _number(cell, "power_dbm")
    if math.isnan(power):
        return stated
    gain = cell.get("antenna_gain_dbi", None if pattern is None else pattern.gain_dbi)
    share = SHARE_OF_CARRIER.get(cell["technology"])
    missing = ["antenna_gain_dbi"] if gain is None else []
    missing += [share] if share is not None and not cell.get(share) else []
    if missing:
        if math.isnan(stated):
            problems.append(
                _problem(
                    cell,
                    "radio.power_incomplete",
                    technology=cell["technology"],
                    missing=", ".join(missing),
                )
            )
        return stated
    eirp = reference_eirp_dbm(
        cell["technology"],
        power_dbm=power,
        feeder_loss_db=float(cell.get("feeder_loss_db", 0.0)),
        antenna_gain_dbi=float(gain),
        resource_blocks=cell.get("resource_blocks"),
        pilot_power_share=cell.get("pilot_power_share"),
    )
    if math.isnan(stated):
        return eirp
    if abs(stated - eirp) > EIRP_TOLERANCE_DB:
        problems.append(
            _problem(
                cell,
                "radio.power_contradicts",
                stated=stated,
                found=eirp,
                tolerance=EIRP_TOLERANCE_DB,
            )
        )
    return stated


def _problem(cell: Mapping[Any, Any], message: str, **values: Any) -> Problem:
    return Problem(
        message=message,
        file=cell["file"],
        row=cell.get("row"),
        column="cell_id",
        value=cell["cell_id"],
        values=values,
    )


def _number(cell: Mapping[Any, Any], name: str) -> float:
    return float(cell.get(name, math.nan))
