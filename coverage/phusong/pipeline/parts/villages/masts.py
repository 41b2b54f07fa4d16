"""The cells of a service on their masts: which is nearest, and what of them a table says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ....radio import Plan, ServiceRule
from ....radio.masts import Place
from ....radio.sectors import Sector


@dataclass(frozen=True)
class Masts:
    """The cells of a plan that a service admits.

    Parameters
    ----------
    cells : GeoDataFrame
        The cells on air.
    placed : mapping of int to (Place, Sector)
        By row of `cells`.
    """

    cells: gpd.GeoDataFrame
    placed: dict[int, tuple[Place, Sector]]

    @classmethod
    def of(cls, plan: Plan, rule: ServiceRule) -> "Masts":
        """Return those of a plan."""
        found = {
            sector.row: (place, sector)
            for site in plan.sites
            for place, sector in site.placed
            if rule.admits(sector)
        }
        return cls(plan.cells, dict(sorted(found.items())))

    @property
    def sectors(self) -> list[Sector]:
        """All of them, by row."""
        return [sector for _, sector in self.placed.values()]

    def rows_of(self, operators: Sequence[str]) -> NDArray[np.int64]:
        """Return the rows of the cells of some operators."""
        mine = [row for row, (_, one) in self.placed.items() if one.operator in operators]
        return np.array(mine, dtype=np.int64)

    def nearest(
        self, rows: NDArray[np.int64], x_m: NDArray[Any], y_m: NDArray[Any]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return of each point the nearest of some cells, and the distance in metres.

        Of the cells of one mast it is the one with the largest EIRP, of equal ones the first.
        Without any cell the row is -1 and the distance infinite.
        """
        if not rows.size:
            return np.full(len(x_m), -1, dtype=np.int64), np.full(len(x_m), np.inf)
        sectors = [self.placed[row][1] for row in rows.tolist()]
        table = pd.DataFrame(
            {
                "row": rows,
                "x": [one.x_m for one in sectors],
                "y": [one.y_m for one in sectors],
                "eirp": [one.eirp_dbm for one in sectors],
            }
        )
        table = table.sort_values(["eirp", "row"], ascending=[False, True])
        table = table.drop_duplicates(["x", "y"])
        away, at = KDTree(table[["x", "y"]].to_numpy()).query(np.column_stack([x_m, y_m]))
        return table["row"].to_numpy()[at], np.asarray(away, dtype=np.float64)

    def reaching(self, row: int, distance_m: float) -> tuple[Place, Sector]:
        """Return a cell on its mast, heard as far as a distance at least."""
        place, sector = self.placed[row]
        if place.radius_m < distance_m:
            place = replace(place, radius_m=distance_m)
        return place, sector

    def site_names(self, rows: NDArray[np.int64]) -> list[str | None]:
        """Return what the sites of cells are called: by id where they have no name."""
        ids = self.cells["site_id"]
        named = self.cells["site_name"].fillna(ids) if "site_name" in self.cells else ids
        names = named.to_numpy()
        return [None if row < 0 else str(names[row]) for row in rows]
