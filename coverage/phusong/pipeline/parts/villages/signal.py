"""The state of every village for one operator or all, and why it misses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import KDTree

from ...._on_disk import full_on_disk
from ...._types import Flags
from ....grid import Grid, blocks
from ....radio import Plan, ServiceRule, served
from ....radio.shortfall import Ask, Shortfall, shortfalls, strongest_cells
from ....service.villages import NO_PIXEL, Homes, village_states
from ....study.coverage import Gaps
from ....study.coverage import Villages as Definitions
from ..coverage.ranked import ByOperator
from .masts import Masts

NAMED_WITHIN_M = 1000.0
"""A point in the way bears the name of a place so near."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What the states of villages are found from.

    Parameters
    ----------
    villages : GeoDataFrame
        In the study's CRS.
    places : GeoDataFrame, optional
        Named places, in the same CRS.
    homes : Homes
        Of the villages.
    untold : ndarray of bool, shape (villages,)
        Whether nobody tells how many live in the village's commune.
    definitions : Definitions
    gaps : Gaps
    rule : ServiceRule
    plan : Plan
    by_operator : ByOperator
    pixel : ndarray of int64, shape (n,)
        Those of `by_operator`.
    to_degrees : Transformer
        From the study's CRS.
    """

    villages: gpd.GeoDataFrame
    places: gpd.GeoDataFrame | None
    homes: Homes
    untold: Flags
    definitions: Definitions
    gaps: Gaps
    rule: ServiceRule
    plan: Plan
    by_operator: ByOperator
    pixel: NDArray[np.int64]
    to_degrees: Transformer

    @cached_property
    def of_homes(self) -> NDArray[np.int64]:
        """Positions of the pixels of `homes` in `pixel`, on the disk."""
        slots = full_on_disk(self.homes.pixel.shape, 0.0, np.dtype(np.int64))
        for some in blocks(len(slots)):
            slots[some] = _slots(self, self.homes.pixel[some])
        return slots


def signal_of(asked: Asked, masts: Masts, operators: Sequence[int]) -> pd.DataFrame:
    """Return the columns `tables.villages.SIGNAL_FIELDS` of every village.

    Parameters
    ----------
    asked : Asked
    masts : Masts
        Of its plan and rule.
    operators : sequence of int
        Positions in ``by_operator.operators`` of those that may serve.
    """
    best = _Best.of(asked, operators)
    centre = _slots(asked, _pixels(asked.homes.grid, asked.villages.geometry))
    centre_served = served(best.margin_db[centre])
    at_home = full_on_disk(asked.of_homes.shape, False, np.dtype(bool))
    for some in blocks(len(at_home)):
        at_home[some] = served(best.margin_db[asked.of_homes[some]])
    found = village_states(
        asked.homes,
        at_home,
        centre_served,
        join_distance_m=asked.gaps.join_distance_m,
        cluster_population=asked.definitions.cluster_population,
        white=asked.definitions.white,
    )
    for name in ("residents", "unserved_population", "dark_clusters"):
        found[name] = found[name].mask(asked.untold)  # nobody known is not nobody
    found["centre_served"] = centre_served
    names = [asked.by_operator.operators[k] for k in operators]
    rows = masts.rows_of(names)
    where = asked.villages.geometry
    near, away_m = masts.nearest(rows, where.x.to_numpy(), where.y.to_numpy())
    found["nearest_site_name"] = pd.array(masts.site_names(near), dtype="str")
    found["nearest_distance_km"] = np.where(np.isfinite(away_m), away_m / 1000, np.nan)
    missing = np.flatnonzero(found["signal_state"] != "served")
    causes = _causes(asked, masts, rows, best, found.iloc[missing], missing)
    return found.drop(columns="dark_pixel").join(causes)


@dataclass(frozen=True)
class _Best:
    """The best of some operators at the pixels of `Asked`, with nobody at a last one."""

    margin_db: NDArray[np.float32]
    cell: NDArray[np.int32]

    @classmethod
    def of(cls, asked: Asked, operators: Sequence[int]) -> "_Best":
        size = len(asked.pixel) + 1
        margin = full_on_disk((size,), -np.inf, np.dtype(np.float32))
        cell = full_on_disk((size,), -1, np.dtype(np.int32))
        for some in blocks(len(asked.pixel)):
            now, server = margin[some], cell[some]
            for k in operators:
                other = asked.by_operator.margin_db[some, k]
                its = asked.by_operator.cell[some, k]
                better = (other > now) | ((other == now) & (its < server))
                better &= its >= 0
                now[better], server[better] = other[better], its[better]
        return cls(margin, cell)


def _pixels(grid: Grid, points: gpd.GeoSeries) -> NDArray[np.int64]:
    """Return the pixel of each point; `NO_PIXEL` beyond the grid."""
    row, column, inside = grid.index(points.x, points.y)
    return np.where(inside, row * grid.width + column, NO_PIXEL)


def _slots(asked: Asked, pixel: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of pixels in `Asked.pixel`; the one behind the last for none."""
    slot = np.searchsorted(asked.pixel, pixel)
    return np.where(pixel == NO_PIXEL, len(asked.pixel), slot)


def _causes(
    asked: Asked,
    masts: Masts,
    rows: NDArray[np.int64],
    best: _Best,
    found: pd.DataFrame,
    at: NDArray[np.int64],
) -> pd.DataFrame:
    """Return what is missing in some villages and why, by position of the village.

    The place looked at is the centre if that lacks the service, else where most live in the
    largest cluster of houses without it.
    """
    grid = asked.homes.grid
    centre = _pixels(grid, asked.villages.geometry.iloc[at])
    pixel = np.where(found["centre_served"], found["dark_pixel"], centre)
    row, column = np.divmod(pixel, grid.width)
    x_m, y_m = grid.x_m[column], grid.y_m[row]
    slot = _slots(asked, pixel)
    near, away_m = masts.nearest(rows, x_m, y_m)
    cell = np.where(best.cell[slot] >= 0, best.cell[slot], near)
    reachable = (pixel != NO_PIXEL) & (away_m <= asked.plan.conditions.settings.radius_m)
    offset = asked.plan.conditions.terrain.grid.offset(grid)
    asks, of = [], []
    for k in np.flatnonzero(reachable).tolist():
        place, sector = masts.placed[int(cell[k])]
        distance_m = float(np.hypot(x_m[k] - place.x_m, y_m[k] - place.y_m))
        place, sector = masts.reaching(int(cell[k]), distance_m + grid.resolution_m)
        on_terrain = int(row[k]) + offset[0], int(column[k]) + offset[1]
        asks.append(Ask(place=place, sector=sector, pixel=on_terrain))
        of.append(k)
    answers: list[Shortfall | None] = [None] * len(at)
    conditions = asked.plan.conditions
    strongest = strongest_cells(masts.sectors, asked.rule)
    for k, answer in zip(of, shortfalls(asks, asked.rule, strongest, conditions), strict=True):
        answers[k] = answer
    heard = np.isfinite(best.margin_db[slot])
    server = np.where(reachable, cell, -1)
    table = pd.DataFrame(
        [_row(answer) for answer in answers], columns=_COLUMNS, index=pd.Index(at)
    ).astype({name: "float64" for name in _COLUMNS if name != "cause"})
    table["cause"] = table["cause"].mask(~reachable & (pixel != NO_PIXEL), "none_near")
    table["missing_db"] = table["missing_db"].where(~heard, -best.margin_db[slot].astype("float64"))
    ids = asked.plan.cells["cell_id"].to_numpy()
    table["server_cell_id"] = [None if k < 0 else str(ids[k]) for k in server]
    table["server_site_name"] = masts.site_names(server)
    _name_obstacles(asked, table)
    for name in ("cause", "server_cell_id", "server_site_name", "obstacle_place"):
        table[name] = table[name].astype("str")
    return table.drop(columns=["ridge_x_m", "ridge_y_m"])


_COLUMNS = (
    "cause", "missing_db", "server_distance_km", "ridge_x_m", "ridge_y_m", "obstacle_ground_m",
    "obstacle_distance_km", "obstacle_above_sight_m", "terrain_loss_db", "clearing_height_m",
)  # fmt: skip


def _row(found: Shortfall | None) -> dict[str, Any]:
    if found is None:
        return {}
    row = {
        "cause": found.cause,
        "missing_db": -found.margin_db,
        "server_distance_km": found.distance_m / 1000,
    }
    ridge = found.ridge
    if ridge is None:
        return row
    return {
        **row,
        "ridge_x_m": ridge.x_m,
        "ridge_y_m": ridge.y_m,
        "obstacle_ground_m": ridge.ground_m,
        "obstacle_distance_km": ridge.to_receiver_m / 1000,
        "obstacle_above_sight_m": ridge.above_sight_m,
        "terrain_loss_db": found.clear_margin_db - found.margin_db,
        "clearing_height_m": found.clearing_height_m,
    }


def _name_obstacles(asked: Asked, table: pd.DataFrame) -> None:
    """Tell where the points in the way lie, and what place is near."""
    x_m, y_m = table["ridge_x_m"].to_numpy(), table["ridge_y_m"].to_numpy()
    known = np.isfinite(x_m)
    degrees = np.full((2, len(table)), np.nan)
    if known.any():
        degrees[:, known] = asked.to_degrees.transform(x_m[known], y_m[known])
    table["obstacle_longitude"], table["obstacle_latitude"] = degrees
    named: list[str | None] = [None] * len(table)
    if asked.places is not None and len(asked.places) and known.any():
        points, names = asked.places.geometry, asked.places["name"].to_numpy()
        at = np.column_stack([points.x, points.y])
        away_m, nearest = KDTree(at).query(np.column_stack([x_m[known], y_m[known]]))
        near = np.asarray(away_m) <= NAMED_WITHIN_M
        for k, one in zip(np.flatnonzero(known)[near], np.asarray(nearest)[near], strict=True):
            named[int(k)] = str(names[one])
    table["obstacle_place"] = named
