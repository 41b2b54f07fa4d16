"""What may be built at candidates of a study: masts, cells on masts that are there, backhaul."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..._types import Labels
from ...fibre import hops_in_sight
from ...inputs import check_rows
from ...siting import Need
from ...study import Study
from ...tables import CELLS
from ..parts.coverage.count import Coverage
from ..records import Note
from .mast import SECTORS_DEG, lent_by

HOP_GHZ, HOP_KM, HOPS_TRIED = 7.0, 30.0, 3
"""Carrier of hops, their greatest length, and how many of the nearest masts each is tried to."""
EARTH_FACTOR, FRESNEL_SHARE = 4 / 3, 0.6
SHOWN = "site"


@dataclass(frozen=True, kw_only=True)
class SitePrices:
    """What works cost; there are no prices but the user's.

    Parameters
    ----------
    mast_vnd : mapping of float to float
        Antenna height in metres → price of a new mast with its cells and power.
    share_vnd : float
        Price of cells on a mast that is there.
    fibre_vnd_per_km : float, optional
        Price of a fibre drop, by the straight line to the nearest cable in operation.
    hop_vnd : float, optional
        Price of a microwave hop to a mast that is there. Without both prices backhaul is not
        asked for.
    """

    mast_vnd: Mapping[float, float]
    share_vnd: float
    fibre_vnd_per_km: float | None = None
    hop_vnd: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteWorks:
    """What may be built.

    Parameters
    ----------
    table : GeoDataFrame, indexed by ``work_id``
        ``site_id``, ``kind``, ``cost_vnd``, ``antenna_height_m``, ``length_m``, ``one_of``.
    cells : GeoDataFrame
        As `tables.CELLS`: ``station_id`` is the work.
    needs : list of Need
    left_out : int
        Masts that no backhaul of those priced reaches.
    notes : tuple of Note
        After which cells the new ones are.
    """

    table: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    needs: list[Need]
    left_out: int
    notes: tuple[Note, ...]


def shareable(cells: gpd.GeoDataFrame, operator: str, technology: str) -> gpd.GeoDataFrame:
    """Return the masts on air, and whether the operator may still put the technology on each."""
    its = (cells["operator"] == operator) & (cells["technology"] == technology)
    masts = pd.DataFrame(
        {
            "site_id": cells["site_id"],
            "antenna_height_m": cells["antenna_height_m"],
            "taken": its,
            "x": cells.geometry.x,
            "y": cells.geometry.y,
        }
    )
    masts = masts.groupby("site_id", sort=True).agg(
        antenna_height_m=("antenna_height_m", "max"),
        taken=("taken", "any"),
        x=("x", "first"),
        y=("y", "first"),
    )
    masts = masts.drop_duplicates(["x", "y"])  # two names of one mast are one place
    points = gpd.points_from_xy(masts.pop("x"), masts.pop("y"))
    return gpd.GeoDataFrame(masts.reset_index(), geometry=points, crs=cells.crs)


def works_at(
    study: Study,
    coverage: Coverage,
    candidates: gpd.GeoDataFrame,
    spans: gpd.GeoDataFrame | None,
    *,
    operator: str,
    technology: str,
    prices: SitePrices,
) -> SiteWorks:
    """Return what may be built at candidates, with ``site_id``, ``kind`` and ``antenna_height_m``.

    Raises
    ------
    InputError
        If a cell's value is none that a file of cells may have, or nothing tells it.
    """
    new = candidates["kind"] != "existing"
    masts = shareable(coverage.cells, operator, technology)
    rows: list[dict[str, object]] = [
        {
            "work_id": f"{site.site_id}-{operator}-{technology}-shared",
            "site_id": site.site_id,
            "kind": "share",
            "cost_vnd": prices.share_vnd,
            "antenna_height_m": site.antenna_height_m,
            "geometry": site.geometry,
        }
        for site in candidates[~new].itertuples()
    ]
    backhaul = _backhaul(coverage, candidates[new], masts, spans, prices)
    priced = prices.fibre_vnd_per_km is not None or prices.hop_vnd is not None
    needs, left_out = [], 0
    for site in candidates[new].itertuples():
        for height_m, price_vnd in sorted(prices.mast_vnd.items()):
            ways = [way for way in backhaul.get(site.site_id, []) if way["of"] in (None, height_m)]
            if priced and not ways:
                left_out += 1
                continue
            work = f"{site.site_id}-{operator}-{technology}-{height_m:g}m"
            rows.append(
                {
                    "work_id": work,
                    "site_id": site.site_id,
                    "kind": "mast",
                    "cost_vnd": price_vnd,
                    "antenna_height_m": height_m,
                    "one_of": site.site_id,
                    "geometry": site.geometry,
                }
            )
            rows += ways
            if priced:
                needs.append(Need(work=work, any_of=tuple(str(way["work_id"]) for way in ways)))
    columns = [
        "work_id", "site_id", "kind", "cost_vnd", "antenna_height_m", "length_m", "one_of",
        "geometry",
    ]  # fmt: skip
    table = pd.DataFrame(rows).reindex(columns=columns).drop_duplicates("work_id")
    works = gpd.GeoDataFrame(table.set_index("work_id"), crs=candidates.crs)
    cells, notes = _cells(study, coverage.cells, works, operator, technology)
    return SiteWorks(table=works, cells=cells, needs=needs, left_out=left_out, notes=notes)


def _backhaul(
    coverage: Coverage,
    sites: gpd.GeoDataFrame,
    masts: gpd.GeoDataFrame,
    spans: gpd.GeoDataFrame | None,
    prices: SitePrices,
) -> dict[str, list[dict[str, object]]]:
    """Return the backhaul works that each new site may have; ``of`` is the height they fit."""
    ways: dict[str, list[dict[str, object]]] = {name: [] for name in sites["site_id"]}
    pixel_m = coverage.ground.near.resolution_m
    if prices.fibre_vnd_per_km is not None and spans is not None:
        built = spans[spans["status"] == "operational"] if "status" in spans else spans
        tree = shapely.STRtree(built.geometry.to_numpy())
        near = tree.query_nearest(
            sites.geometry.to_numpy(), return_distance=True, all_matches=False
        )
        for at, far_m in zip(near[0][0].tolist(), near[1].tolist(), strict=True):
            site, length_m = sites.iloc[at], max(far_m, pixel_m)
            ways[site["site_id"]].append(
                {
                    "work_id": f"{site['site_id']}-fibre",
                    "site_id": site["site_id"],
                    "kind": "fibre",
                    "cost_vnd": prices.fibre_vnd_per_km * length_m / 1000,
                    "length_m": length_m,
                    "geometry": site.geometry,
                    "of": None,
                }
            )
    if prices.hop_vnd is not None and len(sites) and len(masts):
        hops = _hops(sites, masts, sorted(prices.mast_vnd))
        sight = hops_in_sight(
            hops,
            coverage.ground.height_m,
            earth_factor=EARTH_FACTOR,
            fresnel_share=FRESNEL_SHARE,
        )["in_sight"]
        free = hops[sight.fillna(value=False).to_numpy(bool)]
        nearest = free.sort_values("length_m").drop_duplicates(["site_id", "from_height_m"])
        for hop in nearest.sort_index().itertuples():
            ways[hop.site_id].append(
                {
                    "work_id": f"{hop.site_id}-hop-{hop.from_height_m:g}m",
                    "site_id": hop.site_id,
                    "kind": "hop",
                    "cost_vnd": prices.hop_vnd,
                    "antenna_height_m": hop.from_height_m,
                    "length_m": hop.length_m,
                    "geometry": shapely.Point(hop.geometry.coords[0]),
                    "of": hop.from_height_m,
                }
            )
    return ways


def _hops(
    sites: gpd.GeoDataFrame, masts: gpd.GeoDataFrame, heights_m: Sequence[float]
) -> gpd.GeoDataFrame:
    """Return hops from each new site to the nearest masts, from each height."""
    here, there = (shapely.get_coordinates(each.geometry) for each in (sites, masts))
    away = np.hypot(*(here[:, None, :] - there[None, :, :]).T).T
    order: Labels = np.argsort(away, axis=1, kind="stable")[:, :HOPS_TRIED]
    rows = [
        {
            "site_id": sites["site_id"].iloc[at],
            "from_height_m": float(height_m),
            "to_height_m": float(masts["antenna_height_m"].iloc[mast]),
            "frequency_ghz": HOP_GHZ,
            "length_m": float(away[at, mast]),
            "geometry": shapely.LineString([here[at], there[mast]]),
        }
        for at in range(len(here))
        for mast in order[at].tolist()
        if 0 < away[at, mast] <= 1000 * HOP_KM
        for height_m in heights_m
    ]
    columns = [
        "site_id", "from_height_m", "to_height_m", "frequency_ghz", "length_m", "geometry",
    ]  # fmt: skip
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), crs=sites.crs)


def _cells(
    study: Study,
    known: gpd.GeoDataFrame,
    works: gpd.GeoDataFrame,
    operator: str,
    technology: str,
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Return three sectors a work that has antennas, after the cells that are there."""
    lent, notes = lent_by(known, operator, technology, {"antenna_height_m": 0.0})
    with_antennas = works[works["kind"].isin(["mast", "share"])]
    if with_antennas.empty:
        return known.iloc[:0], tuple(notes)
    rows = pd.DataFrame(
        {
            **lent,
            "site_id": with_antennas["site_id"].repeat(len(SECTORS_DEG)).to_numpy(),
            "station_id": with_antennas.index.repeat(len(SECTORS_DEG)),
            "antenna_height_m": with_antennas["antenna_height_m"]
            .astype(float)
            .repeat(len(SECTORS_DEG))
            .to_numpy(),
            "operator": operator,
            "technology": technology,
            "azimuth_deg": [*SECTORS_DEG] * len(with_antennas),
            "status": "active",
        }
    )
    number = rows.groupby("station_id").cumcount() + 1
    rows["cell_id"] = rows["station_id"] + "-" + number.astype(str)
    frame = gpd.GeoDataFrame(
        rows, geometry=with_antennas.geometry.repeat(len(SECTORS_DEG)).to_numpy(), crs=known.crs
    )
    anywhere = study.country == "any"
    checked = check_rows(frame, CELLS, shown=SHOWN, crs=study.crs, anywhere=anywhere)
    table = checked.table.iloc[np.argsort(checked.rows)].reset_index(drop=True)
    assert isinstance(table, gpd.GeoDataFrame), "cells have places"
    return table, tuple(notes)
