"""A fibre network of a study: its reach, the cut drill, and what should be built.

What is not set or not given switches off what needs it, with a note.
"""

from dataclasses import dataclass, field
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd

from ....fibre import (
    Resilience,
    RouteNetwork,
    attach,
    build_network,
    by_span,
    carrying,
    distance_to_fibre,
    drop_ways,
    reach,
    resilience,
    shared_trenches,
    steep_stretches,
)
from ....service import commune_of
from ....study.fibre import Fibre as FibreSettings
from ....tables import (
    COMMUNES_RESULT,
    FIBRE_NODES,
    OFFICES_RESULT,
    SPANS_RESULT,
    STATIONS_RESULT,
    Table,
)
from ...progress import Progress
from ...records import Note
from ..territory import Territory, Units
from .construction import Construction, construct
from .inputs import FibreInputs

CENTRE, OFFICE, MAST, NODE = "centre", "office", "mast", "node"
"""Kinds of places; with an id of its own kind each makes a label of the drops."""


@dataclass(frozen=True, kw_only=True)
class Fibre:
    """What the fibre part of a run finds; tables in the study's CRS, absent where None.

    Parameters
    ----------
    centres, offices, masts : DataFrame
        What is added to communes (by row), offices (by ``office_id``) and
        stations (by ``site_id``).
    """

    spans: gpd.GeoDataFrame
    centres: pd.DataFrame | None = None
    offices: pd.DataFrame | None = None
    masts: pd.DataFrame | None = None
    findings: gpd.GeoDataFrame | None = None
    nodes: gpd.GeoDataFrame | None = None
    steep: gpd.GeoDataFrame | None = None
    construction: Construction = field(default_factory=Construction)
    notes: tuple[Note, ...] = ()


def connect(inputs: FibreInputs, territory: Territory, *, on_progress: Progress) -> Fibre:
    """Judge the fibre of a study.

    Parameters
    ----------
    inputs : FibreInputs
    territory : Territory
        Communes, offices and masts that hang on the network.
    on_progress : callable
        See `Progress`.
    """
    settings, spans = inputs.settings, inputs.spans
    distances = _distances(inputs, territory.units)
    if settings.snap_tolerance_m is None:
        return Fibre(spans=spans, centres=distances)
    on_progress("fibre.step_network", 0, 4)
    notes: list[Note] = []
    lit = carrying(spans, statuses=settings.statuses, as_of=inputs.as_of)
    bare = build_network(lit, _lit_nodes(inputs, lit), snap_tolerance_m=settings.snap_tolerance_m)
    notes += _about_network(bare, len(spans) - len(lit))
    ground = inputs.ground
    places = _places(inputs, territory, notes)
    on_progress("fibre.step_network", 1, 4)
    ways = drop_ways(
        places,
        bare,
        drop_length_m=settings.drop_length_m,
        roads=inputs.roads,
        elevation=ground,
        prices=inputs.prices,
        deployment=settings.deployment,
    )
    network, drops = attach(bare, places, drop_length_m=settings.drop_length_m, ways=ways)
    notes += _about_drops(drops)
    on_progress("fibre.step_network", 2, 4)
    hubs = places.index[places["level"] == "province"]
    if not (drops.loc[hubs, "node"] >= 0).any():
        if inputs.has_hub:
            notes.append(Note("fibre.no_hub_connected", {}))
        near = drops.rename(columns={"distance_m": "distance_to_fibre_m"})
        return Fibre(
            spans=spans,
            centres=distances,
            offices=_of_kind(near, places, lit, settings.drop_length_m, OFFICE, OFFICES_RESULT),
            findings=bare.findings,
            notes=tuple(notes),
        )
    ways_to_hubs = reach(
        network, drops, level=places["level"], district_code=places["district_code"]
    )
    found = _drill(settings, network, drops, places, hubs, notes)
    on_progress("fibre.step_network", 3, 4)
    steep = None
    if found is not None and settings.landslide_slope_deg is not None:
        if ground is None:
            notes.append(Note("fibre.note_no_ground", {}))
        else:
            steep = steep_stretches(
                found.sections, ground, slope_from_deg=settings.landslide_slope_deg
            )
    built = construct(inputs, territory, network, drops, places, ways_to_hubs, found)
    on_progress("fibre.step_network", 4, 4)
    if found is not None:
        ways_to_hubs = ways_to_hubs.join(found.places)
    of_kind = partial(_of_kind, ways_to_hubs, places, lit, settings.drop_length_m)
    return Fibre(
        spans=_with_criticality(spans, found),
        centres=None
        if distances is None
        else distances.join(of_kind(CENTRE, COMMUNES_RESULT).drop(columns="distance_to_fibre_m")),
        offices=of_kind(OFFICE, OFFICES_RESULT),
        masts=of_kind(MAST, STATIONS_RESULT),
        findings=bare.findings,
        nodes=None if found is None else _nodes(found, len(bare.nodes), inputs.nodes),
        steep=steep,
        construction=built,
        notes=(*notes, *built.notes),
    )


def _lit_nodes(inputs: FibreInputs, lit: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Return the nodes in service, and those that spans in service name all the same."""
    nodes = inputs.nodes
    if nodes is None:
        return None
    in_service = nodes["status"].isna() | nodes["status"].isin(inputs.settings.statuses)
    return nodes[in_service | nodes["id"].isin([*lit["start"].dropna(), *lit["end"].dropna()])]


def _distances(inputs: FibreInputs, units: Units | None) -> pd.DataFrame | None:
    """Return how far each commune's centre is from fibre, straight; by ``commune_code``."""
    if units is None:
        return None
    near = distance_to_fibre(
        gpd.GeoDataFrame(geometry=units.centres, crs=inputs.crs),
        inputs.spans,
        statuses=inputs.settings.statuses,
        drop_length_m=inputs.settings.drop_length_m,
    )
    near.index = pd.Index(units.communes["commune_code"])
    return near[["distance_to_fibre_m", "fibre_within_drop"]]


def _places(inputs: FibreInputs, territory: Territory, notes: list[Note]) -> gpd.GeoDataFrame:
    """Return all that hangs on the network, by kind and id, with what it weighs."""
    parts = []
    units, offices, on_air, crs = territory.units, territory.offices, territory.on_air, inputs.crs
    district = pd.Series(dtype="str")
    if units is not None:
        communes = units.communes
        district = communes.set_index("commune_code")["district_code"]
        people = communes["population"]
        if unknown := int(people.isna().sum()):
            notes.append(Note("fibre.note_people_unknown", {"count": unknown}))
        parts.append(
            _some(CENTRE, communes["commune_code"], units.centres, crs).assign(
                district_code=communes["district_code"].to_numpy(),
                population=people.fillna(0.0).to_numpy(),
            )
        )
    if offices is not None:
        parts.append(
            _some(OFFICE, offices["office_id"], offices.geometry, crs).assign(
                district_code=offices["commune_code"].map(district).to_numpy(),
                level=offices["level"].where(offices["level"] != "commune").to_numpy(),
                offices=1.0,
            )
        )
    if on_air is not None:
        sites = on_air.cells.drop_duplicates("site_id")
        masts = _some(MAST, sites["site_id"], sites.geometry, crs).assign(masts=1.0)
        if units is not None:
            code = commune_of(sites.geometry, units.communes)
            masts["district_code"] = code.map(district).to_numpy()
        parts.append(masts)
    return _with_named_hubs(pd.concat(parts) if parts else None, inputs)


def _some(kind: str, names: pd.Series, shapes: gpd.GeoSeries, crs: str) -> gpd.GeoDataFrame:
    index = pd.MultiIndex.from_arrays([np.full(len(names), kind), names], names=["kind", "id"])
    empty = {"level": None, "district_code": None, "offices": 0.0, "masts": 0.0, "population": 0.0}
    return gpd.GeoDataFrame(empty, index=index, geometry=shapes.to_numpy(), crs=crs)


def _with_named_hubs(places: gpd.GeoDataFrame | None, inputs: FibreInputs) -> gpd.GeoDataFrame:
    """Let the nodes that the study names stand for the hubs instead of offices."""
    hubs, crs = inputs.settings.hubs, inputs.crs
    named: list[tuple[str, str, str | None]] = [(name, "province", None) for name in hubs.province]
    named += [(name, "district", code) for code, name in sorted(hubs.district.items())]
    if places is not None and hubs.province:
        places["level"] = places["level"].mask(places["level"] == "province")
    if places is not None and hubs.district:
        own = (places["level"] == "district") & places["district_code"].isin(hubs.district)
        places["level"] = places["level"].mask(own)
    if named and inputs.nodes is not None:
        at = inputs.nodes.set_index("id").geometry
        names = pd.Series([f"{name}|{code or ''}" for name, _, code in named])
        shapes = gpd.GeoSeries([at[name] for name, _, _ in named], crs=crs)
        added = _some(NODE, names, shapes, crs).assign(
            level=[level for _, level, _ in named], district_code=[code for *_, code in named]
        )
        places = added if places is None else pd.concat([places, added])
    if places is None:
        places = _some(OFFICE, pd.Series(dtype="str"), gpd.GeoSeries([], crs=crs), crs)
    return places


def _about_network(network: RouteNetwork, unlit: int) -> list[Note]:
    notes = [Note("fibre.note_unlit", {"count": unlit})] if unlit else []
    findings = network.findings["finding"]
    apart = int((findings == "disconnected_part").sum())
    if changed := len(findings) - apart:
        notes.append(Note("fibre.note_findings", {"count": changed}))
    if apart:
        notes.append(Note("fibre.note_disconnected", {"count": apart}))
    return notes


def _about_drops(drops: pd.DataFrame) -> list[Note]:
    masts = drops.index.get_level_values("kind") == MAST
    far = int((masts & (drops["node"] < 0)).sum())
    if not far:
        return []
    return [Note("fibre.note_masts_without_fibre", {"count": far, "masts": int(masts.sum())})]


def _drill(
    settings: FibreSettings,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    hubs: pd.Index,
    notes: list[Note],
) -> Resilience | None:
    """Cut everything once; None where the study does not say what counts."""
    if settings.rank_by is None:
        notes.append(Note("fibre.note_no_drill", {}))
        return None
    if not places[settings.rank_by].any():
        notes.append(Note("fibre.note_nothing_counts", {"name": settings.rank_by}))
        return None
    trench = settings.trench
    trenches = (
        ()
        if trench is None
        else shared_trenches(network, distance_m=trench.distance_m, shortest_m=trench.shortest_m)
    )
    return resilience(
        network,
        drops,
        hubs=list(hubs),
        weights=places[["offices", "masts", "population"]],
        rank_by=settings.rank_by,
        trenches=trenches,
    )


def _with_criticality(spans: gpd.GeoDataFrame, found: Resilience | None) -> gpd.GeoDataFrame:
    """Add to each span that carries traffic what a cut of it takes away."""
    if found is None:
        return spans
    critical = by_span(found.sections)
    table = spans.join(critical, on="id")
    table["bridge"] = table["bridge"].astype("boolean")
    table["rank"] = table["rank"].astype("Int64")
    return table[[*SPANS_RESULT.columns, "geometry"]]


def _nodes(found: Resilience, drawn: int, given: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the nodes that were drawn, without the taps, under the names they were given."""
    table = found.nodes.iloc[:drawn].reindex(columns=[*FIBRE_NODES.columns, "geometry"])
    if given is not None:
        known = given.set_index("id")
        table = table.assign(**{name: table["id"].map(known[name]) for name in ("name", "type")})
    return table.astype({"name": "str", "type": "str"})


def _of_kind(
    ways: pd.DataFrame,
    places: gpd.GeoDataFrame,
    lit: gpd.GeoDataFrame,
    drop_length_m: float,
    kind: str,
    result: Table,
) -> pd.DataFrame:
    """Return what a result table gains, by the ids of its own kind of places."""
    chosen = ways[ways.index.get_level_values("kind") == kind]
    near = places.geometry.loc[chosen.index]
    chosen = chosen.assign(fibre_operators=_operators(near, lit, drop_length_m))
    columns = [name for name in result.columns if name in chosen]
    return pd.DataFrame(chosen.droplevel("kind"))[columns]


def _operators(places: gpd.GeoSeries, spans: gpd.GeoDataFrame, drop_length_m: float) -> pd.Series:
    """Name the operators with fibre within a straight drop of each place."""
    operators = spans["networkProviders"].fillna(spans["supplier"])
    row, span = spans.sindex.query(places.to_numpy(), predicate="dwithin", distance=drop_length_m)
    names: list[set[str]] = [set() for _ in range(len(places))]
    for at, text in zip(row.tolist(), operators.iloc[span], strict=True):
        if not pd.isna(text):
            names[at] |= {name for name in text.split(", ") if name}
    return pd.Series([", ".join(sorted(each)) or None for each in names], places.index)
