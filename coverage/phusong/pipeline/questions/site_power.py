"""How new masts may be powered: a line from the grid, solar panels, a generator.

Knows prices and villages with mains power; what is built is decided with all other works.
"""

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..._types import Floats, Labels
from ...service.villages import Homes
from ...siting import Wait
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
        else:
            away_m = _line_m(sites, powered)
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


def electricity_of(
    villages: gpd.GeoDataFrame | None, vnd_per_km: float | None
) -> tuple[list[dict[str, object]], tuple[Note, ...]]:
    """Find what brings mains power to villages that are known to have none.

    Parameters
    ----------
    villages : GeoDataFrame of points, optional
        ``village_id`` and ``has_electricity``.
    vnd_per_km : float, optional
        Price of a line from the nearest village with mains power; without it nothing is offered.

    Returns
    -------
    list of mapping
        Works as `site_works` takes them, one a village.
    tuple of Note
        What is not known.
    """
    if vnd_per_km is None:
        return [], ()
    powered = _with_mains(villages)
    if powered is None or villages is None:
        return [], (Note("pipeline.siting_no_mains", {}),)
    dark = villages[~villages["has_electricity"].astype("boolean").fillna(value=True)]
    works: list[dict[str, object]] = [
        {
            "work_id": _work_of(str(village)),
            "site_id": village,
            "kind": "village_power",
            "cost_vnd": max(vnd_per_km * length_m / 1000, 1.0),
            "length_m": length_m,
            "geometry": point,
        }
        for village, point, length_m in zip(
            dark["village_id"], dark.geometry, _line_m(dark, powered).tolist(), strict=True
        )
    ]
    return works, ()


def waits_of(
    works: Collection[object],
    villages: gpd.GeoDataFrame | None,
    homes: Homes | None,
    *,
    codes: Labels,
    commune: Labels,
    pixel: Labels,
) -> list[Wait]:
    """Return who waits for the power of his village.

    Parameters
    ----------
    works : collection of str
        What may be built.
    villages : GeoDataFrame, optional
    homes : Homes, optional
        Of the villages.
    codes : ndarray of str, shape (communes,)
    commune, pixel : ndarray of int, shape (demand,)
        Position of the commune, and of the pixel, of each demand.
    """
    if villages is None or homes is None:
        return []
    of = villages["commune_code"].to_numpy(object)[homes.village]
    lived = pd.Series(homes.village, pd.MultiIndex.from_arrays([of, homes.pixel]))
    asked = pd.MultiIndex.from_arrays([codes[commune], pixel])
    village = lived.reindex(asked).to_numpy(float, na_value=np.nan)
    waits = []
    for at, name in enumerate(villages["village_id"]):
        work = _work_of(str(name))
        its = np.flatnonzero(village == at) if work in works else ()
        if len(its):
            waits.append(Wait(demand=np.asarray(its), any_of=(work,)))
    return waits


def _work_of(village_id: str) -> str:
    return f"{village_id}-power"


def _line_m(places: gpd.GeoDataFrame, powered: gpd.GeoDataFrame) -> Floats:
    """Return the length of a line to each place from the nearest village with mains power."""
    if not len(places):
        return np.zeros(0)
    tree = shapely.STRtree(powered.geometry.to_numpy())
    (place, _), away_m = tree.query_nearest(
        places.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    length_m = np.full(len(places), np.inf)
    length_m[place] = away_m * LINE_FACTOR
    return length_m


def _with_mains(villages: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the villages with mains power; None where nothing tells of any."""
    if villages is None or "has_electricity" not in villages:
        return None
    powered = villages[villages["has_electricity"].astype("boolean").fillna(value=False)]
    return powered if len(powered) else None
