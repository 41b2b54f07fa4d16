"""What each site, year, commune and gap has of a plan of sites: people, villages, money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from heapq import heapify, heappop, heappush

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.features import rasterize
from scipy.sparse import csr_array

from ..._types import Flags, Floats, Labels
from ...grid import Grid
from ...siting import Need
from ...tables import GAPS, PLANNED_SITES, SITE_COMMUNE_YEARS, SITE_GAPS
from .site_power import SUPPLIES

ANTENNAS: Mapping[str, str] = {
    "mast": "new_mast",
    "share": "shared_mast",
    "band": "new_band",
    "sectors": "new_sectors",
    "raise": "higher_mast",
}
"""Works that serve people, and what they are called in a list of sites."""
WAYS = ("fibre", "hop", "relay")
"""Works that connect a site."""
NOBODY = 0.5
"""People fewer than these are none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Waiting:
    """People who are not served yet by a service: those of one commune in one pixel a row.

    Parameters
    ----------
    people : ndarray, shape (demand,)
    service : ndarray of int, shape (demand,)
        Position among the services.
    commune : ndarray of int, shape (demand,)
        Position among the communes.
    pixel : ndarray of int, shape (demand,)
        Position on the grid, row by row.
    served_year : ndarray, shape (demand,)
        By the plan; NaN if never.
    """

    people: Floats
    service: Labels
    commune: Labels
    pixel: Labels
    served_year: Floats

    def of(self, service: int) -> "Waiting":
        """Return those of one service."""
        its = self.service == service
        return Waiting(**{field.name: getattr(self, field.name)[its] for field in fields(self)})


def credited(
    works: gpd.GeoDataFrame, covers: csr_array, waiting: Waiting, needs: Sequence[Need]
) -> tuple[Labels, Labels]:
    """Order the works that serve people; find the first that serves each demand.

    Parameters
    ----------
    works : GeoDataFrame
        As `tables.SITE_WORKS`.
    covers : csr_array of bool, shape (works, demand)
    waiting : Waiting
    needs : sequence of Need
        What stands on a mast of the plan comes after that mast.

    Returns
    -------
    ndarray of int
        Positions of these works, by year and within a year most people first.
    ndarray of int, shape (demand,)
        Position in that order; -1 for who is never served.
    """
    antennas = np.flatnonzero(works["kind"].isin(list(ANTENNAS)))
    at = {str(works["work_id"].iloc[one]): one for one in antennas.tolist()}
    hosts: dict[int, set[int]] = {}
    for need in needs:
        if need.work in at:
            hosts.setdefault(at[need.work], set()).update(
                at[name] for name in need.any_of if name in at
            )
    return _credited(works["year"].to_numpy(int), antennas, covers, waiting, hosts)


def sites_of(
    works: gpd.GeoDataFrame,
    ordered: tuple[Labels, Labels],
    waiting: Waiting,
    grid: Grid,
    *,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Return the sites of a plan in their order.

    Parameters
    ----------
    works : GeoDataFrame
        As `tables.SITE_WORKS`.
    ordered : (ndarray, ndarray)
        From `credited`.
    waiting : Waiting
    grid : Grid
    communes : GeoDataFrame
        ``commune_code`` and ``name``.
    villages : GeoDataFrame, optional

    Returns
    -------
    GeoDataFrame
        As `tables.PLANNED_SITES`. A person counts for the first site that serves him.
    """
    order, first = ordered
    taken = first >= 0
    people = np.bincount(first[taken], waiting.people[taken], minlength=len(order))
    chosen = works.iloc[order].reset_index(drop=True)
    names = _village_names(villages, grid, waiting.pixel, first, len(order))
    table = pd.DataFrame(
        {
            "work_id": chosen["work_id"],
            "rank": np.arange(1, len(order) + 1),
            "site_id": chosen["site_id"],
            "site_kind": chosen["kind"].map(ANTENNAS),
            "operator": chosen["operator"],
            "technology": chosen["technology"],
            "year": chosen["year"].astype(int),
            **commune_at(chosen, communes),
            "antenna_height_m": chosen["antenna_height_m"].astype(float),
            "people": people,
            "villages": [len(each) for each in names] if villages is not None else pd.NA,
            "village_names": [", ".join(each) or pd.NA for each in names],
            "antenna_vnd": chosen["cost_vnd"].astype(float),
        }
    )
    table = table.join(_backhaul(works), on="site_id").join(_power(works), on="site_id")
    # What belongs to a place is paid once: with the first work there.
    again = table["site_id"].duplicated()
    for name in ("backhaul", "backhaul_m", "backhaul_vnd", "power", "power_vnd"):
        table[name] = table[name].mask(again)
    extra = table[["backhaul_vnd", "power_vnd"]].fillna(0.0).sum(axis=1)
    table["total_vnd"] = table["antenna_vnd"] + extra
    table["vnd_per_person"] = table["total_vnd"] / np.where(people >= NOBODY, people, np.nan)
    placed = gpd.GeoDataFrame(table, geometry=chosen.geometry.to_numpy(), crs=works.crs)
    return placed[[*PLANNED_SITES.columns, "geometry"]]


def _credited(
    year: Labels,
    antennas: Labels,
    covers: csr_array,
    waiting: Waiting,
    hosts: Mapping[int, set[int]],
) -> tuple[Labels, Labels]:
    """Order works by year, then by the people whom those before do not serve; who serves whom."""
    first: Labels = np.full(len(waiting.people), -1)
    ever = np.isfinite(waiting.served_year)
    order: list[int] = []
    served = {at: covers[[at]].indices for at in antennas.tolist()}

    def gain(at: int) -> tuple[float, int]:
        return -float(waiting.people[_open(served[at], first, ever)].sum()), at

    for now in sorted(set(year[antennas].tolist())):
        these = {at for at in antennas.tolist() if year[at] == now}
        waits = {at for at in these if hosts.get(at, set()) & these}
        free = [gain(at) for at in these - waits]
        heapify(free)
        # What is left to gain only falls: the first that still gains what it did is the best.
        while free:
            before = heappop(free)
            best = before[1]
            if (left := gain(best)) != before:
                heappush(free, left)
                continue
            first[_open(served[best], first, ever)] = len(order)
            order.append(best)
            these.remove(best)
            ready = {at for at in waits if not hosts[at] & these}
            waits -= ready
            for at in ready:
                heappush(free, gain(at))
    return np.array(order, dtype=int), first


def _open(served: Labels, first: Labels, ever: Flags) -> Labels:
    """Return the demand that is served some time, and not yet by another."""
    return served[(first[served] < 0) & ever[served]]


def _village_names(
    villages: gpd.GeoDataFrame | None, grid: Grid, pixel: Labels, first: Labels, sites: int
) -> list[list[str]]:
    """Return the villages whose place each site is the first to serve."""
    names: list[list[str]] = [[] for _ in range(sites)]
    if villages is None:
        return names
    row, column, inside = grid.index(villages.geometry.x, villages.geometry.y)
    taken = first >= 0
    served = pd.DataFrame({"place": pixel[taken], "site": first[taken]}).drop_duplicates()
    places = np.where(inside, row * grid.width + column, -1)
    known = pd.DataFrame({"name": villages["name"].to_numpy(object), "place": places})
    for site, name in known.merge(served, on="place")[["site", "name"]].to_numpy().tolist():
        names[site].append(str(name))
    return [sorted(each) for each in names]


def commune_at(places: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Return code and name of the commune in which each place lies."""
    known = communes[["commune_code", "name", "geometry"]].rename(columns={"name": "commune"})
    found = places[["geometry"]].sjoin(known, how="left", predicate="intersects")
    found = found[~found.index.duplicated()]  # on a border: the first
    return {name: found[name] for name in ("commune_code", "commune")}


def _backhaul(works: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return kind, length and price of the backhaul of each site."""
    ways = _paid_by_users(works[works["kind"].isin(WAYS)])
    by_site = ways.groupby("site_id")
    kinds = by_site["kind"].agg(lambda kind: "_and_".join(sorted(set(kind))))
    return pd.DataFrame(
        {
            "backhaul": kinds.astype(object),
            "backhaul_m": by_site["length_m"].sum().astype(float),
            "backhaul_vnd": by_site["cost_vnd"].sum().astype(float),
        }
    )


def _power(works: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return kind and price of the power of each site."""
    supplies = works[works["kind"].isin(SUPPLIES)].drop_duplicates("site_id").set_index("site_id")
    return pd.DataFrame(
        {"power": supplies["kind"].astype(object), "power_vnd": supplies["cost_vnd"].astype(float)}
    )


def _paid_by_users(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put each relay to the first site whose hops lead over it."""
    hops = ways[ways["kind"] == "hop"].sort_values("year", kind="stable")
    user: dict[str, str] = {}
    for site, via in zip(hops["site_id"], hops["via"], strict=True):
        for relay in str(via).split(" > "):
            user.setdefault(relay, site)
    relay = ways["kind"] == "relay"
    site = ways["site_id"].where(~relay, ways["site_id"].map(user))
    return ways.assign(site_id=site, kind=ways["kind"].replace("relay", "hop"))


def commune_years_of(
    works: gpd.GeoDataFrame, waiting: Waiting, communes: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return what is built in each commune in each year, as `tables.SITE_COMMUNE_YEARS`.

    What lies outside the communes is in no row.
    """
    placed = works.assign(**commune_at(works, communes))
    kinds = {
        "new_masts": placed["kind"] == "mast",
        "shared_masts": placed["kind"].isin(list(ANTENNAS)) & (placed["kind"] != "mast"),
        "backhauls": placed["kind"].isin(["fibre", "hop"]),
    }
    keys = ["year", "commune_code"]
    built = placed.assign(**kinds).groupby(keys)[[*kinds, "cost_vnd"]].sum()
    served = np.isfinite(waiting.served_year)
    gained = pd.DataFrame(
        {
            "year": waiting.served_year[served].astype(int),
            "commune_code": communes["commune_code"].to_numpy(object)[waiting.commune[served]],
            "people": waiting.people[served],
        }
    )
    people = gained.groupby(keys)["people"].sum()
    table = built.join(people, how="outer").fillna(0.0).reset_index()
    names = communes.set_index("commune_code")["name"]
    table["name"] = table["commune_code"].map(names)
    whole = dict.fromkeys(("year", *kinds), int)
    ordered = table.astype(whole).sort_values(keys, ignore_index=True)
    return pd.DataFrame(ordered[list(SITE_COMMUNE_YEARS.columns)])


def communes_of(
    communes: gpd.GeoDataFrame,
    services: Sequence[str],
    waiting: Waiting,
    residents: Floats,
    centres: tuple[Flags, Flags],
) -> gpd.GeoDataFrame:
    """Return what each service has in each commune, as `tables.SITE_COMMUNES`.

    Parameters
    ----------
    communes : GeoDataFrame
    services : sequence of str
    waiting : Waiting
    residents : ndarray, shape (communes,)
    centres : (ndarray of bool, ndarray of bool), shape (services, communes) each
        Whether the centres are served now, and once the plan is done.

    Returns
    -------
    GeoDataFrame
    """
    inhabited = np.where(residents > 0, residents, np.nan)
    parts = []
    for number, name in enumerate(services):
        its = waiting.of(number)
        served = np.isfinite(its.served_year)
        gained = np.bincount(its.commune[served], its.people[served], minlength=len(communes))
        lost = np.bincount(its.commune, its.people, minlength=len(communes))
        parts.append(
            pd.DataFrame(
                {
                    "service": name,
                    "commune_code": communes["commune_code"].to_numpy(object),
                    "name": communes["name"].to_numpy(object),
                    "population": residents,
                    "share_before": (residents - lost) / inhabited,
                    "people": gained,
                    "share_after": np.minimum((residents - lost + gained) / inhabited, 1),
                    "centre_before": centres[0][number],
                    "centre_after": centres[1][number],
                }
            )
        )
    shapes = np.tile(communes.geometry.to_numpy(), len(services))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry=shapes, crs=communes.crs)


def gaps_of(
    gaps: gpd.GeoDataFrame, services: Sequence[str], waiting: Waiting, grid: Grid
) -> gpd.GeoDataFrame:
    """Return which gaps of services a plan closes, as `tables.SITE_GAPS`.

    Parameters
    ----------
    gaps : GeoDataFrame
        As `tables.GAPS`.
    services : sequence of str
    waiting : Waiting
    grid : Grid

    Returns
    -------
    GeoDataFrame
    """
    parts = [
        _gaps_of(gaps[gaps["service"] == name], waiting.of(number), grid)
        for number, name in enumerate(services)
    ]
    filled = [part for part in parts if len(part)] or parts[:1]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=gaps.crs)


def _gaps_of(gaps: gpd.GeoDataFrame, waiting: Waiting, grid: Grid) -> gpd.GeoDataFrame:
    number = np.full((grid.height, grid.width), -1, dtype=np.int32)
    if len(gaps):
        shapes = zip(gaps.geometry, range(len(gaps)), strict=True)
        number = rasterize(
            shapes, out_shape=number.shape, transform=grid.transform, fill=-1, dtype="int32"
        )
    of_gap = number.ravel()[waiting.pixel]
    inside = of_gap >= 0
    served = inside & np.isfinite(waiting.served_year)
    people = np.bincount(of_gap[served], waiting.people[served], minlength=len(gaps))
    before = np.bincount(of_gap[inside], waiting.people[inside], minlength=len(gaps))
    left = np.maximum(before - people, 0.0)
    last = pd.Series(waiting.served_year[served]).groupby(of_gap[served]).max()
    outcome = np.where(left < NOBODY, "closed", np.where(people >= NOBODY, "narrowed", "left"))
    table = pd.DataFrame(
        {
            "gap_id": gaps[GAPS.key[0]].to_numpy(object),
            "service": gaps["service"].to_numpy(object),
            "outcome": outcome,
            "year": last.reindex(range(len(gaps))).astype("Int64").to_numpy(),
            "population": before,
            "people": people,
            "people_left": left,
            "communes": gaps["communes"].to_numpy(object) if "communes" in gaps else None,
        }
    )
    frame = gpd.GeoDataFrame(table, geometry=gaps.geometry.to_numpy(), crs=gaps.crs)
    return frame[[*SITE_GAPS.columns, "geometry"]]
