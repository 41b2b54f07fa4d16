"""The fibre part of a run: a network, its reach, the cut drill, and what should be built.

Knows how a study's settings and tables become the engine's arguments; what is
not set or not given switches off what needs it, with a note.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from ....errors import NetworkError, Problem
from ....export import TemplateSheet, write_template
from ....fibre import (
    Network,
    Resilience,
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
from ....fibre.prices import check_prices, price_per_km
from ....grid import Grid
from ....study import Study
from ....tables import (
    COMMUNES_RESULT,
    FIBRE_NODES,
    FIBRE_PRICES,
    OFFICES_RESULT,
    SPANS_RESULT,
    STATIONS_RESULT,
    Table,
)
from ....terrain import read_elevation
from ...progress import Progress
from ...result import Note
from ..coverage.settings import on_air
from ..coverage.signal import commune_centres
from .construction import Construction, construct

Tables = Mapping[str, gpd.GeoDataFrame]
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


def write_price_template(path: Path) -> Path:
    """Write a workbook of fibre prices to fill in, without a price.

    Parameters
    ----------
    path : path
        File to write, which must not be there yet.

    Raises
    ------
    OutputError
        If the file is there, or cannot be written.
    """
    write_template((TemplateSheet(table=FIBRE_PRICES, rows=pd.DataFrame()),), path)
    return path


def fibre_problems(study: Study, tables: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Find what keeps the study's hubs and prices from being used."""
    if study.fibre is None:
        return []
    problems = []
    if "nodes" in tables:
        known = set(tables["nodes"]["id"])
        hubs = study.fibre.hubs
        named = [("province", name) for name in hubs.province]
        named += [(f"district.{code}", name) for code, name in sorted(hubs.district.items())]
        problems += [
            Problem(
                message="fibre.unknown_hub",
                file="study.toml",
                key=f"fibre.hubs.{key}",
                value=name,
            )
            for key, name in named
            if name not in known
        ]
    if "communes" in tables:
        districts = sorted(set(tables["communes"]["district_code"].dropna()))
        problems += [
            Problem(
                message="fibre.unknown_district",
                file="study.toml",
                key=f"fibre.hubs.district.{code}",
                value=code,
                values={"known": ", ".join(districts)},
            )
            for code in sorted(study.fibre.hubs.district)
            if code not in districts
        ]
    if "fibre_prices" in tables:
        prices = tables["fibre_prices"]
        try:
            price_per_km(check_prices(prices), np.zeros(1), deployment=study.fibre.deployment)
        except NetworkError as fault:
            shown = prices.attrs.get("file", "fibre_prices")
            problems.append(Problem(message=fault.message, file=shown, values=fault.values))
    return problems


def connect(study: Study, tables: Tables, *, on_progress: Progress) -> Fibre | None:
    """Judge the fibre of a study; None without spans.

    Parameters
    ----------
    study : Study
    tables : mapping of str to GeoDataFrame
        As loaded.
    on_progress : callable
        See `Progress`.
    """
    settings = study.fibre
    if settings is None or "spans" not in tables:
        return None
    spans = tables["spans"]
    distances = _distances(study, tables)
    if settings.snap_tolerance_m is None:
        return Fibre(spans=spans, centres=distances, notes=(Note("fibre.note_no_network", {}),))
    on_progress("fibre.step_network", 0, 4)
    notes: list[Note] = []
    lit = carrying(spans, statuses=settings.statuses, as_of=study.as_of)
    bare = build_network(
        lit, _lit_nodes(study, tables, lit), snap_tolerance_m=settings.snap_tolerance_m
    )
    notes += _about_network(bare, len(spans) - len(lit))
    ground = _ground(study, tables)
    places = _places(study, tables, notes)
    prices = tables.get("fibre_prices")
    on_progress("fibre.step_network", 1, 4)
    ways = drop_ways(
        places,
        bare,
        drop_length_m=settings.drop_length_m,
        roads=tables.get("roads"),
        elevation=ground,
        prices=prices,
        deployment=settings.deployment,
    )
    network, drops = attach(bare, places, drop_length_m=settings.drop_length_m, ways=ways)
    notes += _about_drops(drops)
    on_progress("fibre.step_network", 2, 4)
    hubs = places.index[places["level"] == "province"]
    if not (drops.loc[hubs, "node"] >= 0).any():
        notes.append(Note("fibre.no_hub_connected", {}))
        return Fibre(
            spans=spans,
            centres=distances,
            offices=_of_kind(drops, places, lit, settings.drop_length_m, OFFICE, OFFICES_RESULT),
            findings=bare.findings,
            notes=tuple(notes),
        )
    ways_to_hubs = reach(
        network, drops, level=places["level"], district_code=places["district_code"]
    )
    found = _drill(study, network, drops, places, hubs, notes)
    on_progress("fibre.step_network", 3, 4)
    steep = None
    if found is not None and settings.landslide_slope_deg is not None:
        if ground is None:
            notes.append(Note("fibre.note_no_ground", {}))
        else:
            steep = steep_stretches(
                found.sections, ground, slope_from_deg=settings.landslide_slope_deg
            )
    built = construct(study, tables, network, drops, places, ways_to_hubs, found, ground)
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
        nodes=None if found is None else _nodes(found, len(bare.nodes), tables.get("nodes")),
        steep=steep,
        construction=built,
        notes=(*notes, *built.notes),
    )


def with_fibre(communes: gpd.GeoDataFrame, found: Fibre | None) -> gpd.GeoDataFrame:
    """Add to each commune how its centre hangs on the fibre."""
    if found is None or found.centres is None:
        return communes
    return communes.join(found.centres, on="commune_code")


def offices_with_fibre(
    offices: gpd.GeoDataFrame | None, found: Fibre | None
) -> gpd.GeoDataFrame | None:
    """Add to each office how it hangs on the fibre."""
    if offices is None or found is None or found.offices is None:
        return offices
    return offices.join(found.offices, on="office_id")


def stations_with_fibre(
    stations: gpd.GeoDataFrame | None, found: Fibre | None
) -> gpd.GeoDataFrame | None:
    """Add to each station how its mast hangs on the fibre."""
    if stations is None or found is None or found.masts is None:
        return stations
    return stations.join(found.masts, on="site_id")


def _lit_nodes(study: Study, tables: Tables, lit: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Return the nodes in service, and those that spans in service name all the same."""
    if "nodes" not in tables or study.fibre is None:
        return None
    nodes = tables["nodes"]
    in_service = nodes["status"].isna() | nodes["status"].isin(study.fibre.statuses)
    return nodes[in_service | nodes["id"].isin([*lit["start"].dropna(), *lit["end"].dropna()])]


def _distances(study: Study, tables: Tables) -> pd.DataFrame | None:
    """Return how far each commune's centre is from fibre, straight; by ``commune_code``."""
    if "communes" not in tables or study.fibre is None:
        return None
    centres, _ = commune_centres(tables["communes"], tables.get("offices"))
    near = distance_to_fibre(
        gpd.GeoDataFrame(geometry=centres, crs=study.crs),
        tables["spans"],
        statuses=study.fibre.statuses,
        drop_length_m=study.fibre.drop_length_m,
    )
    near.index = pd.Index(tables["communes"]["commune_code"])
    return near[["distance_to_fibre_m", "fibre_within_drop"]]


def _ground(study: Study, tables: Tables) -> xr.DataArray | None:
    """Return the elevation around the communes and the fibre; None where none is given."""
    sources = study.inputs.terrain
    if not sources:
        return None
    extents = [tables[name].total_bounds for name in ("communes", "spans") if name in tables]
    corners = np.array(extents)
    grid = Grid.covering(
        (*corners[:, :2].min(axis=0), *corners[:, 2:].max(axis=0)),
        resolution_m=study.resolution_m,
        crs=study.crs,
    )
    return read_elevation(
        [study.path(source) for source in sources],
        grid,
        required_area=None,
        largest_void_px=study.largest_void_px,
        shown=[source.path for source in sources],
    ).height_m


def _places(study: Study, tables: Tables, notes: list[Note]) -> gpd.GeoDataFrame:
    """Return all that hangs on the network, by kind and id, with what it weighs."""
    parts = []
    communes, offices = tables.get("communes"), tables.get("offices")
    district = (
        pd.Series(dtype="str")
        if communes is None
        else communes.set_index("commune_code")["district_code"]
    )
    if communes is not None:
        centres, _ = commune_centres(communes, offices)
        people = _people(communes, tables.get("villages"), notes)
        parts.append(
            _some(CENTRE, communes["commune_code"], centres, study.crs).assign(
                district_code=communes["district_code"].to_numpy(), population=people.to_numpy()
            )
        )
    if offices is not None:
        parts.append(
            _some(OFFICE, offices["office_id"], offices.geometry, study.crs).assign(
                district_code=offices["commune_code"].map(district).to_numpy(),
                level=offices["level"].where(offices["level"] != "commune").to_numpy(),
                offices=1.0,
            )
        )
    if "cells" in tables:
        sites = on_air(tables["cells"], study).drop_duplicates("site_id")
        masts = _some(MAST, sites["site_id"], sites.geometry, study.crs).assign(masts=1.0)
        if communes is not None:
            inside = sites.sjoin(communes[["commune_code", "geometry"]], how="inner")
            code = inside["commune_code"].groupby(level=0).min().reindex(sites.index)
            masts["district_code"] = code.map(district).to_numpy()
        parts.append(masts)
    return _with_named_hubs(pd.concat(parts) if parts else None, study, tables)


def _some(kind: str, names: pd.Series, shapes: gpd.GeoSeries, crs: str) -> gpd.GeoDataFrame:
    index = pd.MultiIndex.from_arrays([np.full(len(names), kind), names], names=["kind", "id"])
    empty = {"level": None, "district_code": None, "offices": 0.0, "masts": 0.0, "population": 0.0}
    return gpd.GeoDataFrame(empty, index=index, geometry=shapes.to_numpy(), crs=crs)


def _with_named_hubs(
    places: gpd.GeoDataFrame | None, study: Study, tables: Tables
) -> gpd.GeoDataFrame:
    """Let the nodes that the study names stand for the hubs instead of offices."""
    if study.fibre is None:
        raise ValueError("places are gathered for a study with fibre settings")
    hubs = study.fibre.hubs
    named: list[tuple[str, str, str | None]] = [(name, "province", None) for name in hubs.province]
    named += [(name, "district", code) for code, name in sorted(hubs.district.items())]
    if places is not None and hubs.province:
        places["level"] = places["level"].mask(places["level"] == "province")
    if places is not None and hubs.district:
        own = (places["level"] == "district") & places["district_code"].isin(hubs.district)
        places["level"] = places["level"].mask(own)
    if named and "nodes" in tables:
        at = tables["nodes"].set_index("id").geometry
        names = pd.Series([f"{name}|{code or ''}" for name, _, code in named])
        shapes = gpd.GeoSeries([at[name] for name, _, _ in named], crs=study.crs)
        added = _some(NODE, names, shapes, study.crs).assign(
            level=[level for _, level, _ in named], district_code=[code for *_, code in named]
        )
        places = added if places is None else pd.concat([places, added])
    if places is None:
        places = _some(OFFICE, pd.Series(dtype="str"), gpd.GeoSeries([], crs=study.crs), study.crs)
    return places


def _people(
    communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None, notes: list[Note]
) -> pd.Series:
    """Return the residents of each commune: its own figure, else those of its villages."""
    people = communes["population"].astype(float)
    if villages is not None:
        # A commune of which no village tells its residents stays unknown.
        counted = villages.groupby("commune_code")["population"].sum(min_count=1)
        people = people.fillna(communes["commune_code"].map(counted))
    if unknown := int(people.isna().sum()):
        notes.append(Note("fibre.note_people_unknown", {"count": unknown}))
    return people.fillna(0.0)


def _about_network(network: Network, unlit: int) -> list[Note]:
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
    study: Study,
    network: Network,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    hubs: pd.Index,
    notes: list[Note],
) -> Resilience | None:
    """Cut everything once; None where the study does not say what counts."""
    settings = study.fibre
    if settings is None or settings.rank_by is None:
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


def _operators(
    places: gpd.GeoSeries, spans: gpd.GeoDataFrame, drop_length_m: float
) -> list[str | None]:
    """Name the operators with fibre within a straight drop of each place."""
    told = spans["networkProviders"].fillna(spans["supplier"])
    row, span = spans.sindex.query(places.to_numpy(), predicate="dwithin", distance=drop_length_m)
    names: list[set[str]] = [set() for _ in range(len(places))]
    for at, text in zip(row.tolist(), told.iloc[span], strict=True):
        if not pd.isna(text):
            names[at] |= {name for name in text.split(", ") if name}
    return [", ".join(sorted(each)) or None for each in names]
