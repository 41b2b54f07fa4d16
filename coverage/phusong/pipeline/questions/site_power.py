"""How new masts may be powered: a line from the grid, solar panels, a generator.

Knows prices and villages with mains power; what is built is decided with all other works.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ..records import Note

LONGEST_LINE_M, LINE_FACTOR = 10_000.0, 1.3
"""Assumed: longest line from a village with mains power, how much longer than straight it is."""
SUPPLIES = ("grid", "solar", "generator")
"""Kinds of works that power a mast."""


@dataclass(frozen=True, kw_only=True)
class PowerPrices:
    """What power costs; see `SitePrices`.

    Parameters
    ----------
    grid_vnd_per_km, solar_vnd, generator_vnd : float, optional
    """

    grid_vnd_per_km: float | None
    solar_vnd: float | None
    generator_vnd: float | None

    @property
    def asked(self) -> bool:
        """Whether any has a price: power is then a work of its own."""
        return any(
            price is not None
            for price in (self.grid_vnd_per_km, self.solar_vnd, self.generator_vnd)
        )


def power_of(
    sites: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None, prices: PowerPrices
) -> tuple[dict[str, list[dict[str, object]]], tuple[Note, ...]]:
    """Find what may power each new site.

    Parameters
    ----------
    sites : GeoDataFrame of points
        ``site_id``.
    villages : GeoDataFrame of points, optional
        ``has_electricity``: where a line may begin.
    prices : PowerPrices
        Kinds without a price are not offered.

    Returns
    -------
    dict of str to list of mapping
        By site, works as `site_works` takes them.
    tuple of Note
        What is not known.
    """
    ways: dict[str, list[dict[str, object]]] = {name: [] for name in sites["site_id"]}
    notes: tuple[Note, ...] = ()
    away_m = np.full(len(sites), np.inf)
    if prices.grid_vnd_per_km is not None:
        powered = _with_mains(villages)
        if powered is None:
            notes = (Note("pipeline.siting_no_mains", {}),)
        elif len(sites):
            tree = shapely.STRtree(powered.geometry.to_numpy())
            (site, _), found = tree.query_nearest(
                sites.geometry.to_numpy(), return_distance=True, all_matches=False
            )
            away_m[site] = found * LINE_FACTOR
    for name, point, length_m in zip(
        sites["site_id"], sites.geometry, away_m.tolist(), strict=True
    ):
        costs: list[tuple[str, float | None]] = [
            ("solar", prices.solar_vnd),
            ("generator", prices.generator_vnd),
        ]
        if prices.grid_vnd_per_km is not None and length_m <= LONGEST_LINE_M:
            # A work has a price, also where a mast stands in the village.
            costs.insert(0, ("grid", max(prices.grid_vnd_per_km * length_m / 1000, 1.0)))
        ways[name] = [
            {
                "work_id": f"{name}-{kind}",
                "site_id": name,
                "kind": kind,
                "cost_vnd": cost,
                "length_m": length_m if kind == "grid" else np.nan,
                "geometry": point,
            }
            for kind, cost in costs
            if cost is not None
        ]
    return ways, notes


def _with_mains(villages: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the villages with mains power; None where nothing tells of any."""
    if villages is None or "has_electricity" not in villages:
        return None
    powered = villages[villages["has_electricity"].astype("boolean").fillna(value=False)]
    return powered if len(powered) else None
