"""What fibre should be built: single links, second ways for every centre, first ways for the rest.

Knows settings, tables and the network as found; the plans are the engine's.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....fibre import (
    Extension,
    LinkPlan,
    Resilience,
    RouteNetwork,
    avoid_trenches,
    build_links,
    candidate_links,
    double_homing,
    extend,
    maintenance_vnd,
    rank_links,
    terrain_ways,
)
from ....study.fibre import Links
from ....tables import FIBRE_EXTENSION, FIBRE_LINKS, FIBRE_WAITING
from ...records import Note
from ..territory import Territory
from .drill import cut_drill
from .inputs import FibreInputs
from .phasing import phase

# Where no roads are known, new cable is led over a lattice about so wide.
_LATTICE_M = 500.0
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Construction:
    """What should be built; tables in the study's CRS, absent where None.

    Parameters
    ----------
    planned : DataFrame, indexed like the places
        ``homing_planned`` and ``single_reason``: the drill of the network with the
        planned links built, and why a place stays on one way.
    gaps : GeoDataFrame of points
        Gaps of the roads that were bridged, rows as `tables.FIBRE_FINDINGS`, not numbered.
    years, waiting : DataFrame
        Fields of `tables.FIBRE_YEARS` and `tables.FIBRE_WAITING`.
    """

    links: gpd.GeoDataFrame | None = None
    extension: gpd.GeoDataFrame | None = None
    planned: pd.DataFrame | None = None
    gaps: gpd.GeoDataFrame | None = None
    years: pd.DataFrame | None = None
    waiting: pd.DataFrame | None = None
    notes: tuple[Note, ...] = ()


def construct(
    inputs: FibreInputs,
    territory: Territory,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    ways: pd.DataFrame,
    found: Resilience | None,
) -> Construction:
    """Plan new links and the extension of a network.

    Parameters
    ----------
    inputs : FibreInputs
        Settings, roads, nodes, prices and terrain.
    territory : Territory
        Offices, communes and masts, for names.
    network, drops
        As `attach` returned them for `places`.
    places : GeoDataFrame of points
        By kind and id, with ``level``.
    ways : DataFrame, indexed like `places`
        From `reach`.
    found : Resilience, optional
        Without it no link is planned.
    """
    notes = [Note("fibre.note_no_prices", {})] if inputs.prices is None else []
    links = planned = None
    if found is not None and inputs.settings.links is not None:
        links, planned, of_links = _links(
            inputs, inputs.settings.links, territory, network, drops, places, found
        )
        notes += of_links
    extension, first_ways, gaps, of_extension = _extension(inputs, network, drops, places, ways)
    built = Construction(
        links=links,
        extension=extension,
        planned=planned,
        gaps=gaps,
        notes=(*notes, *of_extension),
    )
    if inputs.settings.rollout is None or found is None:
        return built
    phased = phase(inputs, network, drops, places, found, links, extension, first_ways)
    called = {kind: known.to_dict() for kind, known in _called(territory)}
    keys = zip(phased.waiting["place_kind"], phased.waiting["place_id"], strict=True)
    names = pd.Series([called.get(kind, {}).get(key) for kind, key in keys], dtype="str")
    waiting = phased.waiting.assign(name=names)
    return replace(
        built,
        links=phased.links,
        extension=phased.extension,
        years=phased.years,
        waiting=waiting[list(FIBRE_WAITING.columns)],
        notes=(*built.notes, *phased.notes),
    )


def _links(
    inputs: FibreInputs,
    wanted: Links,
    territory: Territory,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    found: Resilience,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[Note]]:
    """Rank single links, and choose the set that gives each centre a second way."""
    settings, prices = inputs.settings, inputs.prices
    candidates = candidate_links(
        network,
        found,
        longest_m=wanted.longest_m,
        neighbours=wanted.neighbours,
        prices=prices,
        deployment=settings.deployment,
        elevation=inputs.ground,
    )
    if (trench := settings.trench) is not None:
        candidates = avoid_trenches(
            network, candidates, distance_m=trench.distance_m, shortest_m=trench.shortest_m
        )
    ranked = rank_links(network, found, candidates, count=wanted.count)
    plan = double_homing(
        network,
        drops,
        found,
        candidates,
        stages=[
            places.index[places["level"] == "district"],
            places.index[places.index.get_level_values("kind") == "centre"],
        ],
        by="length_m" if prices is None else "cost_vnd",
        time_limit_s=settings.solver_time_limit_s,
    )
    pair = ["from_id", "to_id"]
    chosen = plan.links.drop(columns="rank").merge(ranked[[*pair, "rank"]], on=pair, how="left")
    beside = ranked.merge(plan.links[pair], on=pair, how="left", indicator="planned")
    beside = beside[beside["planned"] == "left_only"].drop(columns="planned")
    both = (
        pd.concat([each for each in (chosen, beside) if len(each)])
        if len(chosen) or len(beside)
        else chosen
    )
    names = _names(inputs, territory, network, drops)
    both = both.assign(
        maintenance_vnd_per_year=_maintenance(inputs, both),
        rank=both["rank"].astype("Int64"),
        stage=both["stage"].astype("Int64"),
        build_year=_never(both),
        from_name=both["from_id"].map(names),
        to_name=both["to_id"].map(names),
    )
    both = both.sort_values(["stage", "rank", *pair], ignore_index=True)
    links = gpd.GeoDataFrame(both[[*FIBRE_LINKS.columns, "geometry"]], crs=network.nodes.crs)
    planned = _proved(inputs, build_links(network, plan.links), drops, places, plan)
    return links, planned, _about_plan(plan, links, planned)


def _column(chains: Sequence[tuple[int, ...]]) -> NDArray[np.object_]:
    """Return tuples as the column of a table."""
    return pd.Series(list(chains), dtype=object).to_numpy()


def _never(lines: gpd.GeoDataFrame) -> "pd.arrays.IntegerArray":
    """Return no year of construction: the study names no budgets, or none of them reaches."""
    return pd.array([pd.NA] * len(lines), "Int64")


def _maintenance(inputs: FibreInputs, lines: gpd.GeoDataFrame) -> pd.Series:
    """Return what new cable costs each year; NaN where the prices do not say."""
    if inputs.prices is None:
        return pd.Series(np.nan, lines.index)
    laid = pd.Series(inputs.settings.deployment, lines.index, dtype="str")
    return maintenance_vnd(lines, inputs.prices, deployment=laid, elevation=inputs.ground)


def _proved(
    inputs: FibreInputs,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    plan: LinkPlan,
) -> pd.DataFrame:
    """Cut the network with the planned links built, and say why centres stay on one way."""
    hubs = places.index[places["level"] == "province"]
    homing = cut_drill(inputs.settings, network, drops, places, hubs).places["homing"]
    reasons = {label: why for stage in plan.still_single for label, why in stage.items()}
    asked = (places["level"] == "district") | (places.index.get_level_values("kind") == "centre")
    why = pd.Series(
        [
            reasons.get(label, "new_trench") if stays else None
            for label, stays in zip(places.index, (homing == "single") & asked, strict=True)
        ],
        places.index,
        dtype="str",
    )
    return pd.DataFrame({"homing_planned": homing, "single_reason": why})


def _about_plan(plan: LinkPlan, links: gpd.GeoDataFrame, planned: pd.DataFrame) -> list[Note]:
    chosen = links[links["stage"].notna()]
    notes = []
    if plan.gap > 0:
        notes.append(Note("fibre.note_plan_gap", {"percent": _percent(plan.gap)}))
    if len(chosen):
        notes.append(
            Note(
                "fibre.note_plan",
                {"count": len(chosen), "km": round(chosen["length_m"].sum() / 1000)},
            )
        )
    why = planned["single_reason"].value_counts()
    notes += [
        Note(f"fibre.note_single_{reason}", {"count": int(why[reason])})
        for reason in ("no_link", "trench", "new_trench")
        if reason in why
    ]
    return notes


def _percent(share: float) -> int:
    """Return a share as whole percent, rounded up: a bound must hold."""
    return math.ceil(100 * share)


def _names(
    inputs: FibreInputs, territory: Territory, network: RouteNetwork, drops: pd.DataFrame
) -> dict[str, str]:
    """Name nodes as given, or after the first place that drops there."""
    names: dict[str, str] = {}
    for kind, known in _called(territory):
        of_kind = drops[(drops.index.get_level_values("kind") == kind) & (drops["node"] >= 0)]
        ids = network.nodes["id"].to_numpy(object)[of_kind["node"]]
        for node, label in zip(ids[::-1], of_kind.index.get_level_values("id")[::-1], strict=True):
            if label in known.index:
                names[node] = known[label]
    if inputs.nodes is not None:
        names |= inputs.nodes.set_index("id")["name"].dropna().to_dict()
    return names


def _called(territory: Territory) -> Iterator[tuple[str, pd.Series]]:
    """Yield each kind of place with the names of its places by id."""
    units, on_air = territory.units, territory.on_air
    for kind, table, key, name in (
        ("mast", None if on_air is None else on_air.cells, "site_id", "site_name"),
        ("centre", None if units is None else units.communes, "commune_code", "name"),
        ("office", territory.offices, "office_id", "name"),
    ):
        if table is not None:
            yield kind, table.drop_duplicates(key).set_index(key)[name].dropna()


def _extension(
    inputs: FibreInputs,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    ways: pd.DataFrame,
) -> tuple[gpd.GeoDataFrame | None, pd.DataFrame, gpd.GeoDataFrame | None, list[Note]]:
    """Connect what reaches no provincial hub; return too what counts there and what it hangs on."""
    settings, ground = inputs.settings, inputs.ground
    if settings.snap_tolerance_m is None:
        raise ValueError("an extension is planned for a study with a network")
    kind = places.index.get_level_values("kind")
    off = places[kind.isin(["centre", "office"]) & ways["province_hub_m"].isna()]
    # A centre is where its office is; as one they cost one drop.
    spot = off.geometry.to_wkb()
    counts = off[["offices", "masts", "population"]].groupby(spot).transform("sum")
    off = off.assign(counts=counts[settings.rank_by or "offices"])[~spot.duplicated()]
    first_ways = pd.DataFrame(off[["counts"]]).assign(hangs_on=_column([()] * len(off)))
    if not len(off):
        nothing = gpd.GeoDataFrame(
            columns=[*FIBRE_EXTENSION.columns, "geometry"], geometry="geometry", crs=inputs.crs
        )
        return nothing, first_ways, None, []
    roads, over_terrain = inputs.roads, False
    longest = settings.drop_length_m
    if roads is None and ground is not None:
        spacing = max(round(_LATTICE_M / inputs.resolution_m), 1)
        roads, over_terrain = terrain_ways(ground, spacing_px=spacing), True
        longest = max(longest, spacing * inputs.resolution_m)
    if roads is None:
        return None, first_ways, None, [Note("fibre.note_no_ways", {"count": len(off)})]
    hub = drops.loc[places["level"] == "province", "node"]
    component = network.nodes["component"].to_numpy(np.int64)
    part = component[network.ends[0]]
    of_hubs = np.unique(component[hub[hub >= 0]])
    cable = network.edges[["span_id", "geometry"]].rename(columns={"span_id": "id"})
    node = drops.loc[off.index, "node"].to_numpy(np.int64)
    plan = extend(
        off.assign(part=np.where(node >= 0, component[node], -1)),
        cable[np.isin(part, of_hubs)],
        roads,
        snap_tolerance_m=settings.snap_tolerance_m,
        longest_drop_m=longest,
        prices=inputs.prices,
        deployment=settings.deployment,
        elevation=ground,
        dark=cable.assign(part=part)[~np.isin(part, of_hubs)],
        gap_m=0.0 if over_terrain else settings.road_gap_m or 0.0,
    )
    routes = plan.routes
    routes = routes.assign(maintenance_vnd_per_year=_maintenance(inputs, routes))
    if over_terrain:
        routes = routes.assign(kind=routes["kind"].replace("road", "terrain"), road_id=None)
    routes = routes.assign(build_year=_never(routes))[[*FIBRE_EXTENSION.columns, "geometry"]]
    gaps = gpd.GeoDataFrame(
        {"finding": "road_gap", "distance_m": plan.gaps["length_m"].to_numpy()},
        geometry=plan.gaps.geometry.interpolate(0.5, normalized=True).to_numpy(),
        crs=inputs.crs,
    )
    notes = _about_extension(plan, off.index)
    if not over_terrain:
        notes += _about_roads(plan, settings.road_gap_m)
    return routes, first_ways.assign(hangs_on=_column(plan.hangs_on)), gaps, notes


def _about_extension(plan: Extension, off: pd.MultiIndex) -> list[Note]:
    kilometres = round(plan.routes["length_m"].sum() / 1000, 1)
    joined = len(off) - len(plan.unreachable)
    notes = [Note("fibre.note_extension", {"count": joined, "km": kilometres})]
    joints = plan.routes.loc[plan.routes["kind"] == "joint", "length_m"]
    if len(joints):
        notes.append(Note("fibre.note_joints", {"count": len(joints), "shortest_m": joints.min()}))
    if plan.gap > 0:
        notes.append(Note("fibre.note_extension_gap", {"percent": _percent(plan.gap)}))
    if plan.unreachable:
        first = ", ".join(off.get_level_values("id")[off.isin(plan.unreachable)][:_NAMED])
        notes.append(
            Note("fibre.note_unreachable", {"count": len(plan.unreachable), "first": first})
        )
    return notes


def _about_roads(plan: Extension, gap_m: float | None) -> list[Note]:
    """Tell what gaps of the roads were bridged, and that parts of them lie apart."""
    notes = []
    if len(plan.gaps):
        widest = plan.gaps["length_m"].max()
        values = {"count": len(plan.gaps), "gap_m": gap_m, "widest_m": widest}
        notes.append(Note("fibre.note_road_gaps", values))
    if plan.road_parts > 1:
        notes.append(Note("fibre.note_road_parts", {"count": plan.road_parts}))
    return notes
