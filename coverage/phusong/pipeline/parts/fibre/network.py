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
    by_span,
    maintenance_vnd,
    reach,
    steep_stretches,
)
from ....study.fibre import Fibre as FibreSettings
from ....tables import (
    COMMUNES_RESULT,
    FIBRE_FINDINGS,
    FIBRE_NODES,
    OFFICES_RESULT,
    SPANS_RESULT,
    STATIONS_RESULT,
    Table,
)
from ...progress import Progress
from ...records import Note
from ..territory import Territory
from .backhaul import lead_by_microwave
from .connection import (
    Attached,
    about_connection,
    attach_places,
    judge_centres,
    judge_offices,
    near_centres,
    operators_of,
)
from .construction import Construction, construct
from .drill import cut_drill
from .inputs import FibreInputs
from .operators import about_operators, by_operator
from .places import CENTRE, MAST, OFFICE, hanging_places


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
    operators: pd.DataFrame | None = None
    hops: gpd.GeoDataFrame | None = None
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
    settings, spans, units = inputs.settings, inputs.spans, territory.units
    near = None if units is None else near_centres(inputs, units)
    if settings.snap_tolerance_m is None:
        centres = None if near is None else judge_centres(near, None, territory.offices)
        return Fibre(
            spans=spans, centres=centres, notes=tuple(about_connection(centres, None, units))
        )
    on_progress("fibre.step_network", 0, 4)
    notes: list[Note] = []
    places = hanging_places(inputs, territory, notes)
    on_progress("fibre.step_network", 1, 4)
    hung = attach_places(inputs, places, snap_tolerance_m=settings.snap_tolerance_m)
    lit, network, drops, hubs = hung.lit, hung.network, hung.drops, hung.hubs
    notes += _about_network(hung.bare, len(spans) - len(lit))
    notes += _about_drops(drops)
    centres, judged = _judged(hung, territory, near)
    notes += about_connection(centres, judged, units)
    on_progress("fibre.step_network", 2, 4)
    if not (drops.loc[hubs, "node"] >= 0).any():
        if inputs.has_hub:
            notes.append(Note("fibre.no_hub_connected", {}))
        straight = drops.rename(columns={"distance_m": "distance_to_fibre_m"})
        offices = _of_kind(straight, places, lit, settings.drop_length_m, OFFICE, OFFICES_RESULT)
        return Fibre(
            spans=spans,
            centres=centres,
            offices=offices if judged is None else offices.join(judged),
            findings=hung.bare.findings,
            notes=tuple(notes),
        )
    ways_to_hubs = reach(
        network,
        drops,
        level=places["level"],
        district_code=places["district_code"],
        spare_fibres=(lit["fibreCount"] - lit["fibres_used"]).set_axis(lit["id"]),
    )
    notes += _about_spare(ways_to_hubs)
    found = _drill(settings, network, drops, places, hubs, notes)
    on_progress("fibre.step_network", 3, 4)
    kept = _maintained(inputs, lit)
    notes += _about_maintenance(kept, lit)
    steep = None
    if found is not None and settings.landslide_slope_deg is not None:
        if inputs.ground is None:
            notes.append(Note("fibre.note_no_ground", {}))
        else:
            steep = steep_stretches(
                found.sections, inputs.ground, slope_from_deg=settings.landslide_slope_deg
            )
    operators = by_operator(inputs, territory)
    notes += about_operators(operators)
    built = construct(inputs, territory, network, drops, places, ways_to_hubs, found)
    on_progress("fibre.step_network", 4, 4)
    if found is not None:
        ways_to_hubs = ways_to_hubs.join(found.places)
    if built.planned is not None:
        ways_to_hubs = ways_to_hubs.join(built.planned)
    masts_joined = hung.connected[hung.connected.index.get_level_values("kind") == MAST]
    led = lead_by_microwave(inputs, territory, masts_joined.droplevel("kind"))
    of_kind = partial(_of_kind, ways_to_hubs, places, lit, settings.drop_length_m)
    masts = of_kind(MAST, STATIONS_RESULT)
    if led is not None:
        masts = masts.join(led.masts)
        notes += led.notes
    return Fibre(
        spans=_with_criticality(kept, found),
        centres=None
        if centres is None
        else centres.join(of_kind(CENTRE, COMMUNES_RESULT).drop(columns="distance_to_fibre_m")),
        offices=of_kind(OFFICE, OFFICES_RESULT)
        if judged is None
        else of_kind(OFFICE, OFFICES_RESULT).join(judged),
        masts=masts,
        hops=None if led is None else led.hops,
        findings=_with_gaps(hung.bare.findings, built.gaps),
        nodes=None if found is None else _nodes(found, len(hung.bare.nodes), inputs.nodes),
        steep=steep,
        operators=operators,
        construction=built,
        notes=(*notes, *built.notes),
    )


def _judged(
    hung: Attached, territory: Territory, near: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Put near, connected and reported side by side, for centres and for offices."""
    offices, kinds = territory.offices, hung.connected.index.get_level_values("kind")
    by_kind = {kind: hung.connected[kinds == kind].droplevel("kind") for kind in (CENTRE, OFFICE)}
    return (
        None if near is None else judge_centres(near, by_kind[CENTRE], offices),
        None if offices is None else judge_offices(by_kind[OFFICE], offices),
    )


def _with_gaps(findings: gpd.GeoDataFrame, gaps: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Add the gaps of the roads, numbered on, to what was found about the cable."""
    if gaps is None or not len(gaps):
        return findings
    number = len(findings) + np.arange(1, len(gaps) + 1)
    fresh = gaps.assign(finding_id=number, span_id=None, node_id=None)
    both = fresh if not len(findings) else pd.concat([findings, fresh], ignore_index=True)
    text = dict.fromkeys(("finding", "span_id", "node_id"), "str")
    return gpd.GeoDataFrame(both[[*FIBRE_FINDINGS.columns, "geometry"]].astype(text))


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


def _about_spare(ways: pd.DataFrame) -> list[Note]:
    """Tell of how many connected centres the spare fibres are known, and who has none."""
    centres = ways[ways.index.get_level_values("kind") == CENTRE]
    asked = centres[centres["spare_fibres_of"].fillna(0) > 0]
    known = asked["spare_fibres"].dropna()
    if not asked["spare_fibres_reported"].sum():
        return []
    values = {"known": len(known), "count": len(asked), "none": int((known == 0).sum())}
    return [Note("fibre.note_spare", values)]


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
    return cut_drill(settings, network, drops, places, hubs)


def _maintained(inputs: FibreInputs, lit: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the spans with what those that carry traffic cost a year, where prices tell."""
    if inputs.prices is None:
        return inputs.spans
    yearly = maintenance_vnd(
        lit.assign(length_m=lit.geometry.length),
        inputs.prices,
        deployment=lit["deployment"],
        elevation=inputs.ground,
    )
    return inputs.spans.assign(maintenance_vnd_per_year=yearly.reindex(inputs.spans.index))


def _about_maintenance(spans: gpd.GeoDataFrame, lit: gpd.GeoDataFrame) -> list[Note]:
    """Tell what the network costs a year, and of how many of its kilometres that is known."""
    if "maintenance_vnd_per_year" not in spans:
        return []
    yearly = spans["maintenance_vnd_per_year"].reindex(lit.index)
    km = lit.geometry.length / 1000
    if not yearly.notna().any():
        return []
    values = {
        "million": yearly.sum() / 1e6,
        "priced_km": km[yearly.notna()].sum(),
        "km": km.sum(),
    }
    return [Note("fibre.note_maintenance", values)]


def _with_criticality(spans: gpd.GeoDataFrame, found: Resilience | None) -> gpd.GeoDataFrame:
    """Add to each span that carries traffic what a cut of it takes away."""
    if found is None:
        return spans
    critical = by_span(found.sections)
    table = spans.join(critical, on="id").reindex(columns=[*SPANS_RESULT.columns, "geometry"])
    table["bridge"] = table["bridge"].astype("boolean")
    table["rank"] = table["rank"].astype("Int64")
    return table


def _nodes(found: Resilience, drawn: int, given: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the nodes that were drawn, and hubs of all taps, under the names they were given."""
    shown = (found.nodes.index < drawn) | found.nodes["hub"].to_numpy(bool)
    table = found.nodes[shown].reindex(columns=[*FIBRE_NODES.columns, "geometry"])
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
    row, span = spans.sindex.query(places.to_numpy(), predicate="dwithin", distance=drop_length_m)
    names: list[set[str]] = [set() for _ in range(len(places))]
    its = operators_of(spans)
    for at, number in zip(row.tolist(), span.tolist(), strict=True):
        names[at] |= its[number]
    return pd.Series([", ".join(sorted(each)) or None for each in names], places.index)
