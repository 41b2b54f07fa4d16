"""Stations where operators build them: towns, roads and villages, on high ground near by.

Masts are set greedily where most people and road are not yet near one; signal
is never computed, so coverage comes out as it comes. Operators share masts,
busy ones first. Counts by operator and technology are invented; only their sum
is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from phusong._types import Flags, Floats
from phusong.grid import Grid

RS_EIRP_DBM = {"2G": 58.0, "3G": 49.0, "4G": 34.0}
"""EIRP of BCCH, CPICH and one LTE reference-signal element (10 MHz), typical values."""


@dataclass(frozen=True)
class Operator:
    """An operator and how many stations of each technology it has."""

    name: str
    code: str
    stations: dict[str, int]


OPERATORS = (
    Operator("Viettel", "VTL", {"2G": 290, "3G": 300, "4G": 110}),
    Operator("VinaPhone", "VNP", {"2G": 190, "3G": 215, "4G": 95}),
    Operator("MobiFone", "MBF", {"2G": 85, "3G": 110, "4G": 55}),
    Operator("Vietnamobile", "VNM", {"2G": 20, "3G": 44, "4G": 0}),
)
CARRIER_MHZ = {"2G": 900.0, "3G": 2100.0, "4G": 1800.0}
FAR_CARRIER_MHZ = {"3G": 900.0}  # where few live far apart, on some sites
MASTS = 430
APART_M = 350.0  # between masts; nearer ones are shared
_ON_AIR = {"2G": (2004, 2014), "3G": (2010, 2017), "4G": (2017, 2018)}


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


def site_masts(
    people: Floats,
    road_m: Floats,
    height_m: Floats,
    land: Flags,
    seats: Any,
    grid: Grid,
    *,
    count: int = MASTS,
) -> pd.DataFrame:
    """Return masts in the order built: one for each seat, then where most is not near one.

    Parameters
    ----------
    people : array, shape of the grid
        Residents of each pixel.
    road_m : array
        Metres of named road in each pixel.
    height_m : array
        Heights.
    land : array of bool
        Where a mast may stand.
    seats : array, shape (n, 2)
        Eastings and northings of the commune seats.
    grid : Grid
        Pixels of about 150 m in the province's CRS.
    count : int
        Number of masts.

    Returns
    -------
    DataFrame
        ``x_m``, ``y_m``, ``demand`` (residents within reach, road included,
        that no earlier mast had), ``remote`` (only few of them).
    """
    demand = people + 0.03 * road_m
    wanting = demand.copy()
    free = land.copy()
    spread_px = 600 / grid.resolution_m
    crowd = ndimage.gaussian_filter(demand, spread_px) * (2 * np.pi * spread_px**2)
    steps_m = np.hypot(*np.mgrid[-24:25, -24:25]) * grid.resolution_m
    spots: list[tuple[int, int]] = []
    catches: list[float] = []
    rows, columns, _ = grid.index(*np.asarray(seats).T)
    waiting = list(zip(rows.tolist(), columns.tolist(), strict=True))
    while len(spots) < count:
        if waiting:
            row, column = waiting.pop(0)
        else:
            pull = ndimage.gaussian_filter(wanting, 1.5 * spread_px)
            row, column = (int(v) for v in np.unravel_index(pull.argmax(), pull.shape))
        # A mast in a crowd is soon full; in the country it serves whom it can.
        reach_m = np.clip(2600 - 0.5 * crowd[row, column], 700, 2600)
        window = np.s_[row - 24 : row + 25, column - 24 : column + 25]
        taken = np.exp(-((steps_m / reach_m) ** 4))
        catch = float((wanting[window] * taken).sum())
        wanting[window] *= 1 - 0.92 * taken
        spot = _high_ground(height_m, free, row, column, min(600, reach_m / 2) / grid.resolution_m)
        if spot is not None:
            spots.append(spot)
            catches.append(catch)
            near = np.s_[spot[0] - 24 : spot[0] + 25, spot[1] - 24 : spot[1] + 25]
            free[near] &= steps_m >= APART_M
    row, column = np.array(spots).T
    masts = pd.DataFrame({"x_m": grid.x_m[column], "y_m": grid.y_m[row], "demand": catches})
    masts["busy"] = crowd[row, column]
    masts["remote"] = False
    later = masts.index[len(seats) :]
    masts.loc[masts.loc[later, "demand"].nsmallest(round(0.1 * count)).index, "remote"] = True
    return masts


def _high_ground(
    height_m: Floats, free: Flags, row: int, column: int, reach_px: float
) -> tuple[int, int] | None:
    """Return the best free hill near a pixel, a pixel of walking worth 25 m; None if all full."""
    half = int(reach_px)
    away = np.hypot(*np.mgrid[-half : half + 1, -half : half + 1])
    window = np.s_[row - half : row + half + 1, column - half : column + half + 1]
    score = np.where((away <= reach_px) & free[window], height_m[window] - 25 * away, -np.inf)
    i, j = np.unravel_index(score.argmax(), score.shape)
    if np.isneginf(score[i, j]):
        return None
    return row + int(i) - half, column + int(j) - half


def equip(masts: pd.DataFrame, names: pd.Series, *, seed: int) -> pd.DataFrame:
    """Return the cells of all stations, columns of `tables.CELLS` and ``x_m``, ``y_m``.

    Parameters
    ----------
    masts : DataFrame
        As `site_masts` returns them.
    names : Series of str
        Name of each mast.
    seed : int
        Draws sharing, heights, bearings and dates.
    """
    rng = np.random.default_rng(seed)
    count = len(masts)
    pull = np.log(masts["demand"].to_numpy().clip(20) + masts["busy"].to_numpy().clip(20))
    height = np.rint(rng.uniform(30, 42, count) * 2) / 2
    height[masts["remote"]] = np.rint(rng.uniform(12, 20, int(masts["remote"].sum())))
    bearing = rng.integers(0, 12, count) * 10.0
    sectors = np.where(masts["remote"], rng.integers(1, 3, count), 3)
    alone = np.ones(count, dtype=bool)
    rows: list[dict[str, Any]] = []
    for operator in OPERATORS:
        want = pull + 0.35 * rng.standard_normal(count)
        if operator is OPERATORS[1]:
            want = want + 10.0 * alone  # it builds where the first did not
        most = max(operator.stations.values())
        order = np.argsort(-want, kind="stable")[:most]
        alone[order] = False
        chosen = {
            technology: _busiest(order, pull, number)
            for technology, number in operator.stations.items()
        }
        tilt = np.where(masts["busy"] > 1500, rng.integers(4, 7, count), rng.integers(2, 5, count))
        loss = rng.choice([0.5, 1.0, 1.5, 2.0], count)
        far = (masts["busy"].to_numpy() < 500) & (rng.random(count) < 0.4)
        for technology, sites in chosen.items():
            first_year, last_year = _ON_AIR[technology]
            for k in sites:
                day = (
                    rng.integers(first_year, last_year),
                    rng.integers(1, 13),
                    rng.integers(1, 29),
                )
                site = f"HG{k + 1:04d}"
                rows += cells_of(
                    f"{site}-{operator.code}-{technology}",
                    technology=technology,
                    azimuths_deg=[bearing[k] + 120.0 * s for s in range(sectors[k])],
                    site_id=site,
                    site_name=names.iloc[k],
                    operator=operator.name,
                    frequency_mhz=(FAR_CARRIER_MHZ if far[k] else {}).get(
                        technology, CARRIER_MHZ[technology]
                    ),
                    antenna_height_m=height[k],
                    rs_eirp_dbm=RS_EIRP_DBM[technology] + 1.0 - loss[k],
                    tilt_deg=float(tilt[k]),
                    on_air_from="{}-{:02d}-{:02d}".format(*day),
                    on_air_to=None,
                    x_m=masts["x_m"].iloc[k],
                    y_m=masts["y_m"].iloc[k],
                )
    return pd.DataFrame(rows)


def _busiest(order: NDArray[np.int64], pull: Floats, number: int) -> list[int]:
    """Return the `number` busiest of the sites in `order`, by position."""
    return sorted(order[np.argsort(-pull[order], kind="stable")[:number]].tolist())
