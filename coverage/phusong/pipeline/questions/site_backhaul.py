"""How candidates of a study may be connected: a cable along roads, or hops over other masts.

Gathers fibre, roads, masts and ground of a study; ways and chains themselves are found by `fibre`
and `siting`. What of it is built is decided with all other works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from ..._types import Flags, Floats, Labels
from ...errors import SitingError
from ...fibre import CableRules, cable_ways
from ...grid import WGS84
from ...radio import HopClimate
from ...siting import Chain, HopRadio, Link, Need, cheapest_chains, judge_hops
from ...study import Study
from ...tables import SITE_CABLES, SITE_HOPS, STATIONS_RESULT
from ..gathered import Gathered
from ..parts.coverage.inputs import Ground
from ..records import Note

RADIOS = (
    HopRadio(
        frequency_ghz=7.0, power_dbm=24.0, dish_m=1.2, threshold_dbm=-72.0, losses_db=4.0,
        tilt_deg=90.0,
    ),
    HopRadio(
        frequency_ghz=18.0, power_dbm=18.0, dish_m=0.6, threshold_dbm=-72.0, losses_db=4.0,
        tilt_deg=90.0,
    ),
)  # fmt: skip
"""Assumed radios, 128-QAM in 28 MHz; sources in docs/methods/siting.md."""
ROUGHNESS_M, ROUGHNESS_STEP_M = 55_000.0, 900.0
"""Half the side of the square of P.530's area roughness, and the step its heights are read at."""
OPERATIONAL = ("operational",)


@dataclass(frozen=True, kw_only=True)
class BackhaulRules:
    """What backhaul is possible; the figures are assumptions to be replaced by the user's.

    Parameters
    ----------
    radios : sequence of HopRadio
        To choose from for each hop.
    earth_factor, fresnel_share : float
        As for `phusong.siting.judge_hops`; those of the study's ``[fibre] microwave`` go before.
    longest_hop_m : float
    neighbours : int
        How many of the nearest masts, and of the nearest relays, each place is tried with.
    most_hops : int
        Of a chain.
    least_availability : float
        Share of the average year in which a chain must work.
    rain_rate_mm_h, gradient_n_per_km : float
        As for `phusong.radio.HopClimate`.
    roughness_m : float, optional
        As there; by the study's own terrain if absent.
    relay_height_m : float
        Of the antennas of a relay on high ground.
    longest_cable_m, longest_drop_m, straight_factor : float
        As for `phusong.fibre.CableRules`.
    """

    radios: Sequence[HopRadio] = RADIOS
    earth_factor: float = 4 / 3
    fresnel_share: float = 0.6
    longest_hop_m: float = 30_000.0
    neighbours: int = 6
    most_hops: int = 3
    least_availability: float = 0.9995
    rain_rate_mm_h: float = 100.0
    gradient_n_per_km: float = -210.0
    roughness_m: float | None = None
    relay_height_m: float = 20.0
    longest_cable_m: float = 30_000.0
    longest_drop_m: float = 2_000.0
    straight_factor: float = 1.3


BACKHAUL = BackhaulRules()
"""What is possible unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class BackhaulPrices:
    """What backhaul costs; see `SitePrices`.

    Parameters
    ----------
    fibre_vnd_per_km : float or "table", optional
    hop_vnd, relay_vnd : float, optional
    """

    fibre_vnd_per_km: float | Literal["table"] | None
    hop_vnd: float | None
    relay_vnd: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Backhaul:
    """What connects each candidate, and what does not and why.

    Parameters
    ----------
    ways : mapping of str to list of mapping
        By site the works that connect it, as `site_works` takes them: ``of`` is the height of the
        mast that they fit, None for any.
    relays : list of mapping
        Works that chains need.
    needs : list of Need
        Of chains: their relays.
    offers : DataFrame
        ``site_id``, ``antenna_height_m`` (NaN for cable), ``kind`` (fibre, hop), ``cost_vnd``,
        ``length_m``, ``hops``, ``availability``, ``along`` or ``via``, and ``lacks``: empty, or
        why there is none.
    hops : GeoDataFrame of lines
        As `tables.SITE_HOPS`.
    cables : GeoDataFrame of lines
        As `tables.SITE_CABLES`, without a year.
    notes : tuple of Note
    """

    ways: Mapping[str, list[dict[str, object]]]
    relays: list[dict[str, object]]
    needs: list[Need]
    offers: pd.DataFrame
    hops: gpd.GeoDataFrame
    cables: gpd.GeoDataFrame
    notes: tuple[Note, ...]


OFFERS = (
    "site_id", "antenna_height_m", "kind", "cost_vnd", "length_m", "hops", "availability", "along",
    "via", "lacks",
)  # fmt: skip


def backhaul_of(
    gathered: Gathered,
    ground: Ground,
    sites: gpd.GeoDataFrame,
    masts: gpd.GeoDataFrame,
    *,
    heights_m: Sequence[float],
    prices: BackhaulPrices,
    rules: BackhaulRules,
) -> Backhaul:
    """Find what may connect each new site.

    Parameters
    ----------
    gathered : Gathered
        Of a run: fibre, roads, prices of cable and stations of its study.
    ground : Ground
    sites : GeoDataFrame of points
        ``site_id`` of new masts.
    masts : GeoDataFrame of points
        ``site_id`` and ``antenna_height_m`` of masts that are there.
    heights_m : sequence of float
        That new masts may have.
    prices : BackhaulPrices
        Kinds without a price are not offered.
    rules : BackhaulRules

    Raises
    ------
    SitingError
        If cable is to cost what the study's table says, and there is none.
    NetworkError
        If that table cannot be used.
    """
    ways: dict[str, list[dict[str, object]]] = {name: [] for name in sites["site_id"]}
    offers: list[dict[str, object]] = []
    notes: list[Note] = []
    cables: list[dict[str, object]] = []
    if prices.fibre_vnd_per_km is not None and lit_spans(gathered).empty:
        notes.append(Note("pipeline.siting_no_spans", {}))
        offers += [
            {"site_id": name, "kind": "fibre", "lacks": "no_network"} for name in sites["site_id"]
        ]
    elif prices.fibre_vnd_per_km is not None:
        cables = _offer_cable(gathered, ground, sites, prices.fibre_vnd_per_km, rules, ways, offers)
        if "roads" not in gathered.loaded.tables:
            notes.append(Note("pipeline.siting_no_roads", {"factor": rules.straight_factor}))
    legs: list[dict[str, object]] = []
    relays: dict[str, dict[str, object]] = {}
    needs: list[Need] = []
    if prices.hop_vnd is not None and len(sites) and len(masts):
        on_fibre, told = connected_masts(gathered, masts)
        if not told:
            notes.append(Note("pipeline.siting_masts_connected", {"count": len(masts)}))
        looking = _Hops(gathered.study, ground, sites, masts, on_fibre, heights_m, prices, rules)
        for place, chain in looking.chains.items():
            _offer_chain(looking, place, chain, prices, ways, offers, legs, relays, needs)
        offers += looking.without()
        notes.append(looking.note)
    crs = sites.crs
    hops = gpd.GeoDataFrame(
        pd.DataFrame(legs).reindex(columns=[*SITE_HOPS.columns, "geometry"]), crs=crs
    )
    return Backhaul(
        ways=ways,
        relays=list(relays.values()),
        needs=needs,
        offers=pd.DataFrame(offers).reindex(columns=list(OFFERS)),
        hops=hops,
        cables=gpd.GeoDataFrame(
            pd.DataFrame(cables).reindex(columns=[*SITE_CABLES.columns, "geometry"]), crs=crs
        ),
        notes=tuple(notes),
    )


def connected_masts(gathered: Gathered, masts: gpd.GeoDataFrame) -> tuple[Flags, bool]:
    """Return which masts a chain may end at, and whether anything tells.

    Those that cable or hops in service join to a provincial hub; all of them where the run did
    not find out.
    """
    stations = gathered.tables.get(STATIONS_RESULT.name)
    if stations is not None:
        by_site = stations.drop_duplicates("site_id").set_index("site_id")
        if "backhaul" in by_site and by_site["backhaul"].notna().any():
            led = by_site["backhaul"].isin(["fibre", "microwave"])
        elif "province_hub_m" in by_site and by_site["province_hub_m"].notna().any():
            led = by_site["province_hub_m"].notna()
        else:
            return np.ones(len(masts), bool), False
        return masts["site_id"].map(led).fillna(value=False).to_numpy(bool), True
    return np.ones(len(masts), bool), False


def lit_spans(gathered: Gathered) -> gpd.GeoDataFrame:
    """Return the spans in operation, where cable to a new mast may begin."""
    spans = gathered.loaded.tables.get("spans")
    if spans is None:
        return gpd.GeoDataFrame(geometry=[], crs=gathered.study.crs)
    settings = gathered.study.fibre
    built = OPERATIONAL if settings is None else settings.statuses
    return spans[spans["status"].isin(built)] if "status" in spans else spans


def _offer_cable(
    gathered: Gathered,
    ground: Ground,
    sites: gpd.GeoDataFrame,
    vnd_per_km: float | Literal["table"],
    rules: BackhaulRules,
    ways: dict[str, list[dict[str, object]]],
    offers: list[dict[str, object]],
) -> list[dict[str, object]]:
    """Offer a cable to each place that it reaches, and return the cables as lines."""
    tables, settings = gathered.loaded.tables, gathered.study.fibre
    roads, lit = tables.get("roads"), lit_spans(gathered)
    by_table = vnd_per_km == "table"
    if by_table and ("fibre_prices" not in tables or settings is None or not settings.deployment):
        raise SitingError("pipeline.siting_no_table")
    places = gpd.GeoDataFrame(
        geometry=sites.geometry.to_numpy(), index=sites["site_id"], crs=sites.crs
    )
    found = cable_ways(
        places,
        lit.reset_index(drop=True),
        roads,
        rules=CableRules(
            snap_tolerance_m=(settings and settings.snap_tolerance_m) or ground.near.resolution_m,
            longest_m=rules.longest_cable_m,
            longest_drop_m=rules.longest_drop_m,
            straight_factor=rules.straight_factor,
            vnd_per_km=None if vnd_per_km == "table" else vnd_per_km,
            prices=tables["fibre_prices"] if by_table else None,
            deployment=settings.deployment if by_table and settings else None,
            elevation=ground.height_m if by_table else None,
            gap_m=(settings and settings.road_gap_m) or 0.0,
        ),
    )
    cables: list[dict[str, object]] = []
    for site, way in zip(sites.itertuples(), found.itertuples(), strict=True):
        offer: dict[str, object] = {"site_id": site.site_id, "kind": "fibre"}
        if np.isnan(way.length_m):
            offers.append(offer | {"lacks": "no_way"})
            continue
        # A work has a price, also where a mast stands on the cable.
        offer |= {"cost_vnd": max(float(way.cost_vnd), 1.0), "length_m": float(way.length_m)}
        offers.append(offer | {"along": way.along, "lacks": ""})
        offer |= {"work_id": f"{site.site_id}-fibre"}
        ways[site.site_id].append(offer | {"geometry": site.geometry, "of": None})
        cables.append(offer | {"along": way.along, "geometry": way.geometry})
    return cables


class _Hops:
    """Places of antennas, hops between them, and the chain of each new mast."""

    def __init__(  # noqa: PLR0913 - what chains depend on
        self,
        study: Study,
        ground: Ground,
        sites: gpd.GeoDataFrame,
        masts: gpd.GeoDataFrame,
        connected: Flags,
        heights_m: Sequence[float],
        prices: BackhaulPrices,
        rules: BackhaulRules,
    ) -> None:
        self.sites, self.rules = sites, rules
        self.places = _places(sites, masts, connected, heights_m, prices, rules)
        self.tried = _tried(self.places, rules)
        self.hops = _lines(self.places, self.tried, sites.crs)
        microwave = None if study.fibre is None else study.fibre.microwave
        self.judged = judge_hops(
            self.hops,
            ground.height_m,
            clutter_m=clutter_of(ground),
            radios=rules.radios,
            climate=climate_of(study, ground, sites, rules),
            earth_factor=rules.earth_factor if microwave is None else microwave.earth_factor,
            fresnel_share=rules.fresnel_share if microwave is None else microwave.fresnel_share,
        )
        self.records = self.places.to_dict("records")
        told = self.judged.drop(columns="lacks").to_dict("records")
        self.legs = [{str(name): value for name, value in leg.items()} for leg in told]
        free = np.flatnonzero(self.judged["lacks"].to_numpy(object) == "")
        availability = self.judged["availability"].to_numpy()
        price = prices.hop_vnd or 0.0
        self._hop_of = {frozenset(self.tried[hop].tolist()): hop for hop in free.tolist()}
        role = self.places["role"].to_numpy(object)
        relay = {
            place: 0.0 if role[place] == "mast" else prices.relay_vnd or 0.0
            for place in np.flatnonzero(np.isin(role, ["mast", "relay"])).tolist()
        }
        self.starts = np.flatnonzero(role == "new").tolist()
        self.chains = cheapest_chains(
            self.starts,
            np.flatnonzero(role == "connected").tolist(),
            [
                Link(one=one, other=other, price_vnd=price, availability=float(availability[hop]))
                for (one, other), hop in zip(self.tried[free].tolist(), free.tolist(), strict=True)
            ],
            relay_vnd=relay,
            most_hops=rules.most_hops,
            least_availability=rules.least_availability,
        )

    @property
    def note(self) -> Note:
        """How many hops were judged, and what became of them."""
        lacks = self.judged["lacks"]
        return Note(
            "pipeline.siting_hops",
            {
                "count": len(lacks),
                "free": int((lacks == "").sum()),
                "hidden": int((lacks == "hidden").sum()),
                "weak": int((lacks == "weak").sum()),
                "no_ground": int((lacks == "no_ground").sum()),
            },
        )

    def hop(self, one: int, other: int) -> int:
        """Return the position of the free hop between two places."""
        return self._hop_of[frozenset((one, other))]

    def without(self) -> list[dict[str, object]]:
        """Return an offer with a reason for each new mast that no chain connects."""
        rows: list[dict[str, object]] = []
        lacks = self.judged["lacks"].to_numpy(object)
        order = np.argsort(self.tried.ravel(), kind="stable")
        sides = self.tried.ravel()[order]
        for place in self.starts:
            if place in self.chains:
                continue
            its = lacks[order[slice(*np.searchsorted(sides, [place, place + 1]))] // 2]
            reason = "no_mast"
            if len(its):
                kinds = [
                    kind for kind in ("", "weak", "hidden", "no_ground") if (its == kind).any()
                ]
                reason = kinds[0] or "no_chain"
            row = self.records[place]
            rows.append(
                {
                    "site_id": row["site_id"],
                    "antenna_height_m": row["height_m"],
                    "kind": "hop",
                    "lacks": reason,
                }
            )
        return rows


def _offer_chain(  # noqa: PLR0913 - one kind of backhaul
    looking: _Hops,
    place: int,
    chain: Chain,
    prices: BackhaulPrices,
    ways: dict[str, list[dict[str, object]]],
    offers: list[dict[str, object]],
    legs: list[dict[str, object]],
    relays: dict[str, dict[str, object]],
    needs: list[Need],
) -> None:
    """Add a chain as a work, its hops, and the relays that it needs as works."""
    places = looking.records
    start = places[place]
    site, height_m = str(start["site_id"]), float(start["height_m"])
    work = f"{site}-hop-{height_m:g}m"
    hops = [
        looking.hop(one, other)
        for one, other in zip(chain.places[:-1], chain.places[1:], strict=True)
    ]
    offer: dict[str, object] = {
        "site_id": site,
        "kind": "hop",
        "cost_vnd": (prices.hop_vnd or 0.0) * len(hops),
        "antenna_height_m": height_m,
        "length_m": float(np.sum([looking.legs[hop]["length_m"] for hop in hops])),
        "hops": len(hops),
        "availability": chain.availability,
        "via": " > ".join(str(places[each]["site_id"]) for each in chain.places[1:]),
    }
    offers.append(offer | {"lacks": ""})
    ways[site].append(offer | {"work_id": work, "geometry": start["point"], "of": height_m})
    for number, (hop, one, other) in enumerate(
        zip(hops, chain.places[:-1], chain.places[1:], strict=True), start=1
    ):
        ends = [places[each] for each in (one, other)]
        legs.append(
            {
                "work_id": work,
                "hop": number,
                "from_site": ends[0]["site_id"],
                "to_site": ends[1]["site_id"],
                "from_height_m": ends[0]["height_m"],
                "to_height_m": ends[1]["height_m"],
                **looking.legs[hop],
                "geometry": shapely.LineString([end["point"] for end in ends]),
            }
        )
        if ends[1]["role"] == "relay":
            name = f"{ends[1]['site_id']}-relay"
            relays[name] = {
                "work_id": name,
                "site_id": ends[1]["site_id"],
                "kind": "relay",
                "cost_vnd": prices.relay_vnd,
                "antenna_height_m": ends[1]["height_m"],
                "geometry": ends[1]["point"],
            }
            needs.append(Need(work=work, any_of=(name,)))


def _places(
    sites: gpd.GeoDataFrame,
    masts: gpd.GeoDataFrame,
    connected: Flags,
    heights_m: Sequence[float],
    prices: BackhaulPrices,
    rules: BackhaulRules,
) -> pd.DataFrame:
    """Return where antennas of hops may be: new masts by height, relays, masts that are there."""
    new = [
        pd.DataFrame({"site_id": sites["site_id"], "point": sites.geometry, "role": "new",
                      "height_m": float(height_m)})
        for height_m in heights_m
    ]  # fmt: skip
    there = pd.DataFrame(
        {
            "site_id": masts["site_id"],
            "point": masts.geometry,
            "role": np.where(connected, "connected", "mast"),
            "height_m": masts["antenna_height_m"].astype(float),
        }
    )
    relays = []
    if prices.relay_vnd is not None:
        relays = [
            pd.DataFrame({"site_id": sites["site_id"], "point": sites.geometry, "role": "relay",
                          "height_m": rules.relay_height_m})
        ]  # fmt: skip
    table = pd.concat([*new, *relays, there], ignore_index=True)
    corners = shapely.get_coordinates(table["point"].to_numpy())
    return table.assign(x=corners[:, 0], y=corners[:, 1])


def _tried(places: pd.DataFrame, rules: BackhaulRules) -> Labels:
    """Return pairs of places: from each that looks for a way to the nearest that may be on it."""
    role = places["role"].to_numpy(object)
    where = places[["x", "y"]].to_numpy()
    pairs: set[tuple[int, int]] = set()
    looking = np.flatnonzero(role != "connected")
    for kinds in (["connected"], ["mast", "relay"]):
        there = np.flatnonzero(np.isin(role, kinds))
        if not len(there):
            continue
        for one in looking.tolist():
            away = np.hypot(*(where[there] - where[one]).T)
            near = np.argsort(away, kind="stable")
            fit = near[(away[near] > 0) & (away[near] <= rules.longest_hop_m)]
            for other in there[fit[: rules.neighbours]].tolist():
                pairs.add((min(one, other), max(one, other)))
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _lines(places: pd.DataFrame, tried: Labels, crs: object) -> gpd.GeoDataFrame:
    """Return the hops tried as lines, with the heights of their ends."""
    height, where = places["height_m"].to_numpy(), places[["x", "y"]].to_numpy()
    return gpd.GeoDataFrame(
        {"from_height_m": height[tried[:, 0]], "to_height_m": height[tried[:, 1]]},
        geometry=shapely.linestrings(where[tried]),
        crs=crs,
    )


def clutter_of(ground: Ground) -> xr.DataArray | None:
    """Return what stands on the ground, by heights that are given or by the land cover."""
    if ground.clutter_m is not None:
        return ground.clutter_m
    return None if ground.land_cover is None else ground.land_cover.height_m


def climate_of(
    study: Study, ground: Ground, sites: gpd.GeoDataFrame, rules: BackhaulRules
) -> HopClimate:
    """Return the climate of the study's hops."""
    middle = gpd.GeoSeries([shapely.box(*sites.total_bounds).centroid], crs=study.crs).to_crs(WGS84)
    roughness_m = rules.roughness_m
    if roughness_m is None:
        roughness_m = roughness_of(ground.height_m, study.resolution_m)
    return HopClimate(
        rain_rate_mm_h=rules.rain_rate_mm_h,
        gradient_n_per_km=rules.gradient_n_per_km,
        roughness_m=roughness_m,
        latitude_deg=float(middle.y.iloc[0]),
    )


def roughness_of(height_m: xr.DataArray, resolution_m: float) -> float:
    """Return the standard deviation of heights in the middle 110 × 110 km, as far as known."""
    rows, columns = height_m.shape
    half, step = int(ROUGHNESS_M // resolution_m), max(int(ROUGHNESS_STEP_M // resolution_m), 1)
    middle: Floats = height_m.to_numpy()[
        max(rows // 2 - half, 0) : rows // 2 + half : step,
        max(columns // 2 - half, 0) : columns // 2 + half : step,
    ]
    return float(np.nanstd(middle))
