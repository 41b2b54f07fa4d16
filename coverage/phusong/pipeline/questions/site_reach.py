"""Villages that no candidate of a plan reaches, and why: a ridge, too far, too weak."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..._types import Floats, Labels
from ...compute import in_turn
from ...i18n import Language, number, text
from ...radio import Plan, ServiceRule, received_at
from ...radio.shortfall import Ask, shortfalls, strongest_cells
from ...service.villages import Homes
from ...tables import SITE_UNREACHED
from ..parts.villages.masts import Masts
from .site_cover import Kept

NOBODY = -1
SHOWN_PLACES = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Reach:
    """Where people live who are not served, and what candidates there are.

    Parameters
    ----------
    plan : Plan
        Of the cells of the works.
    rule : ServiceRule
    villages : GeoDataFrame, optional
    homes : Homes, optional
        Of the villages.
    communes : GeoDataFrame
        ``commune_code`` and ``name``.
    people : ndarray, shape (demand,)
    commune, pixel : ndarray of int, shape (demand,)
    threads : int
    kept : Kept, optional
        Where it is kept which candidate is heard best.
    """

    plan: Plan
    rule: ServiceRule
    villages: gpd.GeoDataFrame | None
    homes: Homes | None
    communes: gpd.GeoDataFrame
    people: Floats
    commune: Labels
    pixel: Labels
    threads: int
    kept: Kept | None = None

    def village_of(self, demand: Labels) -> Floats:
        """Return the position of the village in which demand lives; NaN where none is listed."""
        if self.villages is None or self.homes is None:
            return np.full(len(demand), np.nan)
        of = self.villages["commune_code"].to_numpy(object)[self.homes.village]
        lived = pd.Series(self.homes.village, pd.MultiIndex.from_arrays([of, self.homes.pixel]))
        codes = self.communes["commune_code"].to_numpy(object)[self.commune[demand]]
        asked = pd.MultiIndex.from_arrays([codes, self.pixel[demand]])
        village: Floats = lived.reindex(asked).to_numpy(float, na_value=np.nan)
        return village

    def unreached(self, lost: Labels) -> gpd.GeoDataFrame:
        """Return the villages of some demand, those with most people of it first.

        Parameters
        ----------
        lost : ndarray of int
            Positions of demand that no work serves.

        Returns
        -------
        GeoDataFrame
            As `tables.SITE_UNREACHED`. The place looked at is where most of them live, from the
            candidate that is heard best there, else from the nearest: as villages are judged.
        """
        empty = pd.DataFrame(columns=list(SITE_UNREACHED.columns))
        if self.villages is None or self.homes is None or not len(lost):
            return gpd.GeoDataFrame(empty, geometry=[], crs=self.communes.crs)
        table = pd.DataFrame(
            {
                "village": self.village_of(lost),
                "people": self.people[lost],
                "pixel": self.pixel[lost],
            }
        ).dropna()
        table = table.sort_values(["people", "pixel"], ascending=[False, True])
        by_village = table.groupby("village", sort=True)
        worst = by_village.first()
        villages = self.villages.iloc[worst.index.to_numpy(int)]
        found = pd.DataFrame(
            {
                "service": self.rule.id,
                **{name: villages[name].to_numpy() for name in ("village_id", "name")},
                "commune_code": villages["commune_code"].to_numpy(object),
                "commune": villages["commune_code"]
                .map(self.communes.set_index("commune_code")["name"])
                .to_numpy(object),
                "people": by_village["people"].sum().to_numpy(),
                **_why(self, worst["pixel"].to_numpy(int)),
            }
        )
        frame = gpd.GeoDataFrame(found, geometry=villages.geometry.to_numpy(), crs=villages.crs)
        frame = frame.sort_values(["people", "village_id"], ascending=[False, True])
        return frame[[*SITE_UNREACHED.columns, "geometry"]].reset_index(drop=True)


def _why(reach: Reach, pixel: Labels) -> dict[str, Any]:
    """Return why the best candidate does not serve some pixels."""
    assert reach.homes is not None
    masts = Masts.of(reach.plan, reach.rule)
    grid, conditions = reach.homes.grid, reach.plan.conditions
    row, column = np.divmod(pixel, grid.width)
    x_m, y_m = grid.x_m[column], grid.y_m[row]
    near, away_m = masts.nearest(np.array([*masts.placed], dtype=np.int64), x_m, y_m)
    heard = partial(_heard_best, reach, masts, x_m, y_m)
    cell = heard() if reach.kept is None else reach.kept.at(pixel, heard)
    cell = np.where(cell == NOBODY, near, cell)
    asked = np.flatnonzero(away_m <= conditions.settings.radius_m)
    down, right = conditions.terrain.grid.offset(grid)
    asks = []
    for at in asked.tolist():
        place, _ = masts.placed[int(cell[at])]
        away_m[at] = np.hypot(x_m[at] - place.x_m, y_m[at] - place.y_m)
        place, sector = masts.reaching(int(cell[at]), float(away_m[at]) + grid.resolution_m)
        asks.append(
            Ask(place=place, sector=sector, pixel=(int(row[at]) + down, int(column[at]) + right))
        )
    strongest = strongest_cells(masts.sectors, reach.rule)
    cause: list[str | None] = ["none_near"] * len(pixel)
    columns = {
        name: np.full(len(pixel), np.nan)
        for name in ("missing_db", "obstacle_distance_km", "clearing_height_m")
    }
    for at, found in zip(
        asked.tolist(), shortfalls(asks, reach.rule, strongest, conditions), strict=True
    ):
        cause[at] = None if found is None else found.cause
        if found is None:
            continue
        columns["missing_db"][at] = -found.margin_db
        if found.ridge is not None:
            columns["obstacle_distance_km"][at] = found.ridge.to_receiver_m / 1000
            columns["clearing_height_m"][at] = found.clearing_height_m
    ids = reach.plan.cells["site_id"].to_numpy(object)
    return {
        "cause": cause,
        "candidate_id": [None if one < 0 else str(ids[one]) for one in cell.tolist()],
        "candidate_distance_km": np.where(np.isfinite(away_m), away_m / 1000, np.nan),
        **columns,
    }


def _heard_best(reach: Reach, masts: Masts, x_m: Floats, y_m: Floats) -> Labels:
    """Return the cell of a candidate with the largest margin at each place; -1 for none."""
    best, margin_db = np.full(len(x_m), NOBODY), np.full(len(x_m), -np.inf)
    for operator, technology in sorted({(one.operator, one.technology) for one in masts.sectors}):
        places = pd.DataFrame(
            {"x_m": x_m, "y_m": y_m, "operator": operator, "technology": technology}
        )
        heard = received_at(reach.plan, places, partial(in_turn, threads=reach.threads))
        cell = heard["cell"].to_numpy(int)
        needed = {row: reach.rule.needed_dbm(one) for row, (_, one) in masts.placed.items()}
        its_db = heard["level_dbm"].to_numpy(float) - [needed.get(row, 0.0) for row in cell]
        better = np.nan_to_num(its_db, nan=-np.inf) > margin_db
        best[better], margin_db[better] = cell[better], its_db[better]
    return best


def told(villages: gpd.GeoDataFrame, lang: Language) -> str:
    """Return the villages as a text, with people and cause, as many as are shown."""
    shown = [
        text(
            "site.unreached_village", lang, name=str(row["name"]), people=float(row["people"]),
            cause=text("site.none_near", lang) if row["cause"] == "none_near"
            else "–" if row["cause"] is None else text(f"maps.value_{row['cause']}", lang),
        )
        for row in villages.head(SHOWN_PLACES).to_dict("records")
    ]  # fmt: skip
    more = len(villages) - len(shown)
    if more:
        shown.append(text("site.unreached_more", lang, number=number(more, lang)))
    return "; ".join(shown) or "–"


def lost_of(covers: Any, people: Floats) -> Labels:
    """Return the positions of demand that no work serves."""
    reached = np.asarray(covers.sum(axis=0)).ravel() > 0
    return np.flatnonzero(~reached & (people > 0))
