"""What may be built at candidates of a study: masts, cells on masts that are there, backhaul."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from ...inputs import check_rows
from ...siting import Need
from ...study import Study
from ...tables import CELLS
from ..gathered import Gathered
from ..parts.coverage.count import Coverage
from ..records import Note
from .mast import SECTORS_DEG, lent_by
from .site_backhaul import Backhaul, BackhaulPrices, BackhaulRules, backhaul_of
from .site_power import PowerPrices, electricity_of, power_of

SHOWN = "site"
Network = tuple[str, str]
"""Operator and technology of cells to be built."""


@dataclass(frozen=True, kw_only=True)
class MastKind:
    """A new mast as it may be built at any place.

    Parameters
    ----------
    antenna_height_m : float
    sectors : int
        At even angles, the first to the north; two or more.
    more_power_db : float
        Of its cells above (below, if negative) those of the operator that are there.
    """

    antenna_height_m: float
    sectors: int = len(SECTORS_DEG)
    more_power_db: float = 0.0

    @property
    def order(self) -> tuple[float, int, float]:
        """What kinds are listed by."""
        return self.antenna_height_m, self.sectors, self.more_power_db

    @property
    def suffix(self) -> str:
        """What its works are called by: the height, and what is unlike the usual."""
        name = f"{self.antenna_height_m:g}m"
        name += "" if self.sectors == len(SECTORS_DEG) else f"-{self.sectors}s"
        return name + (f"-{self.more_power_db:+g}dB" if self.more_power_db else "")


@dataclass(frozen=True, kw_only=True)
class SitePrices:
    """What works cost; there are no prices but the user's.

    Parameters
    ----------
    mast_vnd : mapping of float or MastKind to float
        Antenna height in metres, or height, sectors and power → price of a new mast with its
        cells, and with its power unless that has prices of its own.
    share_vnd : float
        Price of cells on a mast that is there.
    fibre_vnd_per_km : float or "table", optional
        Price of a fibre drop, or that it goes by the study's ``fibre_prices`` and the slope.
    hop_vnd : float, optional
        Price of a microwave hop, both ends together. Without both prices backhaul is not asked
        for.
    relay_vnd : float, optional
        Price of a relay on high ground, pole and power; without it hops are only relayed at
        masts that are there, for no more than the hops.
    grid_vnd_per_km : float, optional
        Price of a line from the nearest village with mains power.
    solar_vnd, generator_vnd : float, optional
        Price of panels with batteries, and of a generator, with what they cost to run. Without
        any of the three power is not asked for.
    village_grid_vnd_per_km : float, optional
        Price of a line to a village without mains power. With it the people of such a village
        count as served only once its line is built too.
    band_vnd : mapping of float to float, optional
        Carrier in MHz → price of cells on it beside the others: on masts where the operator has
        the technology on other carriers, and on new and shared ones of the plan.
    sectors_vnd : float, optional
        Price of three sectors more, between those that the operator has on a mast.
    raise_vnd : mapping of float to float, optional
        Metres → price of making a mast with cells of the operator so much higher, with new cells
        on top; those that are there stay as they are.
    """

    mast_vnd: Mapping[float | MastKind, float]
    share_vnd: float
    fibre_vnd_per_km: float | Literal["table"] | None = None
    hop_vnd: float | None = None
    relay_vnd: float | None = None
    grid_vnd_per_km: float | None = None
    solar_vnd: float | None = None
    generator_vnd: float | None = None
    village_grid_vnd_per_km: float | None = None
    band_vnd: Mapping[float, float] = field(default_factory=dict)
    sectors_vnd: float | None = None
    raise_vnd: Mapping[float, float] = field(default_factory=dict)

    @property
    def masts(self) -> list[tuple[MastKind, float]]:
        """Kinds of new masts in their order, each with its price."""
        kinds = [
            (kind if isinstance(kind, MastKind) else MastKind(antenna_height_m=kind), price)
            for kind, price in self.mast_vnd.items()
        ]
        return sorted(kinds, key=lambda pair: pair[0].order)

    @property
    def named(self) -> list[tuple[str, float]]:
        """Every price that is given, by its name."""
        tables = (
            *((f"mast_vnd {kind.suffix}", price) for kind, price in self.masts),
            *((f"band_vnd {mhz:g} MHz", price) for mhz, price in self.band_vnd.items()),
            *((f"raise_vnd {more:g} m", price) for more, price in self.raise_vnd.items()),
        )
        single = (
            "share_vnd", "fibre_vnd_per_km", "hop_vnd", "relay_vnd", "grid_vnd_per_km",
            "solar_vnd", "generator_vnd", "village_grid_vnd_per_km", "sectors_vnd",
        )  # fmt: skip
        given = ((name, getattr(self, name)) for name in single)
        return [
            *tables,
            *((name, price) for name, price in given if isinstance(price, int | float)),
        ]

    @property
    def for_own_masts(self) -> bool:
        """Whether anything may be built on masts that carry the operator's cells already."""
        return bool(self.band_vnd or self.raise_vnd or self.sectors_vnd is not None)


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteWorks:
    """What may be built.

    Parameters
    ----------
    table : GeoDataFrame, indexed by ``work_id``
        ``site_id``, ``kind``, ``operator``, ``technology``, ``cost_vnd``, ``antenna_height_m``,
        ``frequency_mhz``, ``sectors``, ``more_power_db``, ``length_m``, ``hops``,
        ``availability``, ``via``, ``one_of``.
    cells : GeoDataFrame
        As `tables.CELLS`: ``station_id`` is the work.
    needs : list of Need
    backhaul : Backhaul
        What was offered, and why not.
    left_out, without_power : int
        Masts that no backhaul of those priced reaches, or no power.
    notes : tuple of Note
        After which cells the new ones are, and what backhaul rests on.
    """

    table: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    needs: list[Need]
    backhaul: Backhaul
    left_out: int
    without_power: int
    notes: tuple[Note, ...]


def shareable(cells: gpd.GeoDataFrame, networks: Sequence[Network]) -> gpd.GeoDataFrame:
    """Return the masts on air, and whether every network has its cells on each already."""
    masts = pd.DataFrame(
        {
            "site_id": cells["site_id"],
            "antenna_height_m": cells["antenna_height_m"],
            "x": cells.geometry.x,
            "y": cells.geometry.y,
        }
    )
    masts = masts.groupby("site_id", sort=True).agg(
        antenna_height_m=("antenna_height_m", "max"), x=("x", "first"), y=("y", "first")
    )
    masts["taken"] = np.logical_and.reduce(
        [masts.index.isin(list(_with_cells(cells, network))) for network in networks]
    )
    masts = masts.drop_duplicates(["x", "y"])  # two names of one mast are one place
    points = gpd.points_from_xy(masts.pop("x"), masts.pop("y"))
    return gpd.GeoDataFrame(masts.reset_index(), geometry=points, crs=cells.crs)


def _with_cells(cells: gpd.GeoDataFrame, network: Network) -> set[str]:
    """Return the masts on which a network has cells."""
    operator, technology = network
    its = (cells["operator"] == operator) & (cells["technology"] == technology)
    return set(cells["site_id"][its])


def works_at(
    gathered: Gathered,
    coverage: Coverage,
    candidates: gpd.GeoDataFrame,
    *,
    networks: Sequence[Network],
    prices: SitePrices,
    rules: BackhaulRules,
) -> SiteWorks:
    """Return what may be built at candidates, with ``site_id``, ``kind`` and ``antenna_height_m``.

    A new mast is built by one of the networks; others may put their cells on it.

    Raises
    ------
    InputError
        If a cell's value is none that a file of cells may have, or nothing tells it.
    SitingError, NetworkError
        As `backhaul_of`.
    """
    new = candidates["kind"] != "existing"
    rows: list[dict[str, object]] = []
    for network in networks:
        rows += _on_masts(candidates[~new], coverage.cells, network, prices)
    backhaul = backhaul_of(
        gathered,
        coverage.ground,
        candidates[new],
        shareable(coverage.cells, networks),
        heights_m=sorted({kind.antenna_height_m for kind, _ in prices.masts}),
        prices=BackhaulPrices(
            fibre_vnd_per_km=prices.fibre_vnd_per_km,
            hop_vnd=prices.hop_vnd,
            relay_vnd=prices.relay_vnd,
        ),
        rules=rules,
    )
    asked = PowerPrices(
        grid_vnd_per_km=prices.grid_vnd_per_km,
        solar_vnd=prices.solar_vnd,
        generator_vnd=prices.generator_vnd,
    )
    power, told = power_of(candidates[new], gathered.loaded.tables.get("villages"), asked)
    priced = prices.fibre_vnd_per_km is not None or prices.hop_vnd is not None
    needs: list[Need] = []
    left_out, without_power = 0, 0
    for site in candidates[new].itertuples():
        for kind, price_vnd in prices.masts:
            height_m = kind.antenna_height_m
            ways = [way for way in backhaul.ways[site.site_id] if way["of"] in (None, height_m)]
            if priced and not ways:
                left_out += 1
                continue
            supplies = power[site.site_id]
            if asked.asked and not supplies:
                without_power += 1
                continue
            masts = [_mast(site, network, kind, price_vnd) for network in networks]
            rows += [*masts, *ways, *supplies]
            for mast in masts:
                for any_of in (ways, supplies):
                    if any_of:
                        names = tuple(str(each["work_id"]) for each in any_of)
                        needs.append(Need(work=str(mast["work_id"]), any_of=names))
    beside = _beside_others(rows, networks, prices)
    rows += [row for row, _ in beside]
    needs += [need for _, need in beside]
    columns = [
        "work_id", "site_id", "kind", "operator", "technology", "cost_vnd", "antenna_height_m",
        "frequency_mhz", "sectors", "more_power_db", "length_m", "hops", "availability", "via",
        "one_of", "azimuth_deg", "geometry",
    ]  # fmt: skip
    electricity, unknown = electricity_of(
        gathered.loaded.tables.get("villages"), prices.village_grid_vnd_per_km
    )
    bands = [
        band
        for network in networks
        for band in _bands_beside(rows, coverage.cells, network, prices)
    ]
    needs += [Need(work=str(band["work_id"]), any_of=(str(band.pop("on")),)) for band in bands]
    rows += [*bands, *backhaul.relays, *electricity]
    table = pd.DataFrame(rows).reindex(columns=columns).drop_duplicates("work_id")
    table["cost_vnd"] = table["cost_vnd"].astype(float).round()  # nobody pays parts of a dong
    works = gpd.GeoDataFrame(table.set_index("work_id"), crs=candidates.crs)
    needs += [need for need in backhaul.needs if need.work in works.index]
    cells, notes = _cells(gathered.study, coverage.cells, works, networks)
    return SiteWorks(
        table=works.drop(columns="azimuth_deg"),
        cells=cells,
        needs=needs,
        backhaul=backhaul,
        left_out=left_out,
        without_power=without_power,
        notes=(*notes, *backhaul.notes, *dict.fromkeys([*told, *unknown])),
    )


def _on_masts(
    masts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, network: Network, prices: SitePrices
) -> list[dict[str, object]]:
    """Return what a network may build on masts that are there: cells, or more beside its own."""
    taken = masts["site_id"].isin(list(_with_cells(cells, network)))
    operator, technology = network
    shared: list[dict[str, object]] = [
        {
            "work_id": f"{site.site_id}-{operator}-{technology}-shared",
            "site_id": site.site_id,
            "kind": "share",
            "operator": operator,
            "technology": technology,
            "cost_vnd": prices.share_vnd,
            "antenna_height_m": site.antenna_height_m,
            "geometry": site.geometry,
        }
        for site in masts[~taken].itertuples()
    ]
    return shared + _on_own_masts(masts[taken], cells, network, prices)


def _mast(site: Any, network: Network, kind: MastKind, price_vnd: float) -> dict[str, object]:
    """Return a new mast that a network builds."""
    operator, technology = network
    return {
        "work_id": f"{site.site_id}-{operator}-{technology}-{kind.suffix}",
        "site_id": site.site_id,
        "kind": "mast",
        "operator": operator,
        "technology": technology,
        "cost_vnd": price_vnd,
        "antenna_height_m": kind.antenna_height_m,
        "sectors": kind.sectors,
        "more_power_db": kind.more_power_db,
        "one_of": site.site_id,
        "geometry": site.geometry,
    }


def _beside_others(
    rows: Sequence[Mapping[str, object]], networks: Sequence[Network], prices: SitePrices
) -> list[tuple[dict[str, object], Need]]:
    """Return the cells of each network on the new masts of the others, by height."""
    masts: dict[tuple[object, object], list[Mapping[str, object]]] = {}
    for row in rows:
        if row["kind"] == "mast":
            masts.setdefault((row["site_id"], row["antenna_height_m"]), []).append(row)
    found = []
    for (site_id, height_m), its in masts.items():
        for operator, technology in networks:
            hosts = [
                str(row["work_id"])
                for row in its
                if (row["operator"], row["technology"]) != (operator, technology)
            ]
            if hosts:
                cells: dict[str, object] = {
                    "work_id": f"{site_id}-{operator}-{technology}-{height_m:g}m-shared",
                    "site_id": site_id,
                    "kind": "share",
                    "operator": operator,
                    "technology": technology,
                    "cost_vnd": prices.share_vnd,
                    "antenna_height_m": height_m,
                    "geometry": its[0]["geometry"],
                }
                found.append((cells, Need(work=str(cells["work_id"]), any_of=tuple(hosts))))
    return found


def _on_own_masts(
    masts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, network: Network, prices: SitePrices
) -> list[dict[str, object]]:
    """Return what may be built on masts that carry cells of the network."""
    operator, technology = network
    mine = cells[(cells["operator"] == operator) & (cells["technology"] == technology)]
    rows: list[dict[str, object]] = []
    for site in masts.itertuples():
        its = mine[mine["site_id"] == site.site_id]
        stem = f"{site.site_id}-{operator}-{technology}"
        place = {
            "site_id": site.site_id, "operator": operator, "technology": technology,
            "geometry": site.geometry,
        }  # fmt: skip
        here = {**place, "antenna_height_m": site.antenna_height_m}
        rows += [
            {**here, "work_id": f"{stem}-{carrier_mhz:g}MHz", "kind": "band",
             "cost_vnd": price_vnd, "frequency_mhz": carrier_mhz}
            for carrier_mhz, price_vnd in sorted(prices.band_vnd.items())
            if not (its["frequency_mhz"] == carrier_mhz).any()
        ]  # fmt: skip
        rows += [
            {**place, "work_id": f"{stem}-{more_m:g}m-higher", "kind": "raise",
             "cost_vnd": price_vnd, "antenna_height_m": site.antenna_height_m + more_m,
             "one_of": f"{site.site_id}-raise"}
            for more_m, price_vnd in sorted(prices.raise_vnd.items())
        ]  # fmt: skip
        azimuths = its["azimuth_deg"].dropna()
        if prices.sectors_vnd is not None and len(azimuths):
            between = (float(azimuths.iloc[0]) + 180 / len(SECTORS_DEG)) % 360
            rows.append(
                {**here, "work_id": f"{stem}-sectors", "kind": "sectors",
                 "cost_vnd": prices.sectors_vnd, "azimuth_deg": between}
            )  # fmt: skip
    return rows


def _bands_beside(
    rows: Sequence[Mapping[str, object]],
    cells: gpd.GeoDataFrame,
    network: Network,
    prices: SitePrices,
) -> list[dict[str, object]]:
    """Return further carriers of new and shared masts; ``on`` is the work that each needs."""
    operator, technology = network
    lent, _ = lent_by(cells, operator, technology, {"antenna_height_m": 0.0})
    kept = ("site_id", "operator", "technology", "antenna_height_m", "geometry")
    return [
        {
            "work_id": f"{row['work_id']}-{carrier_mhz:g}MHz",
            "on": row["work_id"],
            "kind": "band",
            "cost_vnd": price_vnd,
            "frequency_mhz": carrier_mhz,
            **{name: row[name] for name in kept},
            **{name: row[name] for name in ("sectors", "more_power_db") if name in row},
        }
        for row in rows
        if row["kind"] in ("mast", "share") and (row["operator"], row["technology"]) == network
        for carrier_mhz, price_vnd in sorted(prices.band_vnd.items())
        if carrier_mhz != lent.get("frequency_mhz")
    ]


def _cells(
    study: Study,
    known: gpd.GeoDataFrame,
    works: gpd.GeoDataFrame,
    networks: Sequence[Network],
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Return the sectors of works that have antennas, after the cells that are there."""
    frames, notes = [], list[Note]()
    for operator, technology in networks:
        lent, told = lent_by(known, operator, technology, {"antenna_height_m": 0.0})
        notes += [note for note in told if note not in notes]
        its = (works["operator"] == operator) & (works["technology"] == technology)
        frames.append(_sectors(works[its], lent, known.crs))
    frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=known.crs)
    if frame.empty:
        return known.iloc[:0], tuple(notes)
    anywhere = study.country == "any"
    checked = check_rows(frame, CELLS, shown=SHOWN, crs=study.crs, anywhere=anywhere)
    table = checked.table.iloc[np.argsort(checked.rows)].reset_index(drop=True)
    assert isinstance(table, gpd.GeoDataFrame), "cells have places"
    return table, tuple(notes)


def _sectors(
    with_antennas: gpd.GeoDataFrame, lent: Mapping[str, Any], crs: object
) -> gpd.GeoDataFrame:
    """Return the sectors of one network's works, with what cells that are there lend."""
    times = with_antennas["sectors"].astype(float).fillna(len(SECTORS_DEG)).to_numpy().astype(int)
    carrier = with_antennas["frequency_mhz"].astype(float).fillna(lent.get("frequency_mhz", np.nan))
    first = with_antennas["azimuth_deg"].astype(float).fillna(SECTORS_DEG[0]).to_numpy()
    more_db = with_antennas["more_power_db"].astype(float).fillna(0.0).to_numpy()
    number = np.concatenate([np.empty(0, int), *(np.arange(count) for count in times)])
    repeated = with_antennas.loc[with_antennas.index.repeat(times)]
    rows = pd.DataFrame(
        {
            **lent,
            "frequency_mhz": carrier.repeat(times).to_numpy(),
            "site_id": repeated["site_id"].to_numpy(),
            "station_id": repeated.index,
            "antenna_height_m": repeated["antenna_height_m"].astype(float).to_numpy(),
            "operator": repeated["operator"].to_numpy(),
            "technology": repeated["technology"].to_numpy(),
            "azimuth_deg": (first.repeat(times) + number * 360.0 / times.repeat(times)) % 360,
            "status": "active",
        }
    )
    if "rs_eirp_dbm" in rows:
        rows["rs_eirp_dbm"] += more_db.repeat(times)
    rows["cell_id"] = rows["station_id"] + "-" + (number + 1).astype(str)
    return gpd.GeoDataFrame(rows, geometry=repeated.geometry.to_numpy(), crs=crs)
