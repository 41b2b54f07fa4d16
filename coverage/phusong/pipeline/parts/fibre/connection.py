"""Whether fibre serves a place: a span near it, a way to the hub, and what its office reports.

A line within reach on the map is not service: the board judges by the way to a hub.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ....fibre import (
    RouteNetwork,
    attach,
    build_network,
    carrying,
    connected,
    distance_to_fibre,
    drop_ways,
)
from ....service import commune_seats
from ...records import Note
from ..territory import Territory, Units
from .inputs import FibreInputs
from .places import OFFICE, hanging_places

_NAMED = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Attached:
    """The network of the study's date and the places on it.

    Parameters
    ----------
    lit : GeoDataFrame
        Spans that carry traffic on the date.
    bare, network : RouteNetwork
        As drawn, and with the taps of the places.
    drops : DataFrame
        As `attach` returned them, by kind and id.
    hubs : Index
        Labels of the provincial hubs.
    connected : Series of boolean, indexed like `drops`
        Whether the place is joined to a hub. Where no hub is known, NA unless
        the place is beyond the drop length.
    """

    lit: gpd.GeoDataFrame
    bare: RouteNetwork
    network: RouteNetwork
    drops: pd.DataFrame
    hubs: pd.Index
    connected: pd.Series


def operators_of(table: gpd.GeoDataFrame) -> list[frozenset[str]]:
    """Return who operates each span or node: its network providers, else its supplier."""
    names = table["networkProviders"]
    if "supplier" in table:
        names = names.fillna(table["supplier"])
    return [
        frozenset() if pd.isna(text) else frozenset(n for n in text.split(", ") if n)
        for text in names
    ]


def carrying_spans(inputs: FibreInputs) -> gpd.GeoDataFrame:
    """Return the spans that carry traffic on the study's date."""
    return carrying(inputs.spans, statuses=inputs.settings.statuses, as_of=inputs.as_of)


def attach_places(
    inputs: FibreInputs,
    places: gpd.GeoDataFrame,
    *,
    snap_tolerance_m: float,
    operators: frozenset[str] | None = None,
) -> Attached:
    """Build the network of the study's date, or of some operators, and hang places on it."""
    settings, lit = inputs.settings, carrying_spans(inputs)
    if operators is not None:
        lit = lit[[bool(operators & its) for its in operators_of(lit)]]
    nodes = _lit_nodes(inputs, lit)
    if nodes is not None and operators is not None:
        # A node of others is no place where one's own cables meet, unless one's own names it.
        own = [not its or bool(operators & its) for its in operators_of(nodes)]
        nodes = nodes[
            np.array(own) | nodes["id"].isin([*lit["start"].dropna(), *lit["end"].dropna()])
        ]
    bare = build_network(lit, nodes, snap_tolerance_m=snap_tolerance_m)
    ways = drop_ways(
        places,
        bare,
        drop_length_m=settings.drop_length_m,
        roads=inputs.roads,
        elevation=inputs.ground,
        prices=inputs.prices,
        deployment=settings.deployment,
    )
    network, drops = attach(bare, places, drop_length_m=settings.drop_length_m, ways=ways)
    hubs = places.index[places["level"] == "province"]
    joined = connected(network, drops, hubs=list(hubs)).astype("boolean")
    if not inputs.has_hub:
        joined = joined.mask(drops["node"] >= 0)
    return Attached(lit=lit, bare=bare, network=network, drops=drops, hubs=hubs, connected=joined)


def _lit_nodes(inputs: FibreInputs, lit: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Return the nodes in service, and those that spans in service name all the same."""
    nodes = inputs.nodes
    if nodes is None:
        return None
    in_service = nodes["status"].isna() | nodes["status"].isin(inputs.settings.statuses)
    return nodes[in_service | nodes["id"].isin([*lit["start"].dropna(), *lit["end"].dropna()])]


def offices_connected(
    inputs: FibreInputs, offices: gpd.GeoDataFrame, wanted: pd.Series
) -> pd.Series:
    """Tell of some offices whether fibre joins them to a provincial hub on the study's date.

    Parameters
    ----------
    inputs : FibreInputs
    offices : GeoDataFrame
        As `tables.OFFICES`.
    wanted : Series of bool, indexed like `offices`
        Of which it is asked.

    Returns
    -------
    Series of boolean, indexed by ``office_id``
        NA where it is not known: no network is built, or no hub is named. Without
        a span within drop length an office is not connected in any case.
    """
    asked = offices[wanted]
    tolerance_m = inputs.settings.snap_tolerance_m
    if tolerance_m is None:
        near = _near(inputs, asked.geometry)["fibre_within_drop"]
        return pd.Series(_only_no(near).to_numpy(), index=pd.Index(asked["office_id"]))
    some = offices[wanted | (offices["level"] == "province")]
    alone = Territory(units=None, villages=None, offices=some, on_air=None)
    places = hanging_places(inputs, alone, [])
    joined = attach_places(inputs, places, snap_tolerance_m=tolerance_m).connected
    return joined.xs(OFFICE, level="kind").reindex(asked["office_id"])


def near_centres(inputs: FibreInputs, units: Units) -> pd.DataFrame:
    """Return how far each commune's centre is from a carrying span; by ``commune_code``."""
    near = _near(inputs, units.centres)
    near.index = pd.Index(units.communes["commune_code"])
    return near[["distance_to_fibre_m", "fibre_within_drop"]]


def _near(inputs: FibreInputs, points: gpd.GeoSeries) -> pd.DataFrame:
    return distance_to_fibre(
        gpd.GeoDataFrame(geometry=points, crs=inputs.crs),
        inputs.spans,
        statuses=inputs.settings.statuses,
        drop_length_m=inputs.settings.drop_length_m,
        as_of=inputs.as_of,
    )


def _only_no(near: pd.Series) -> pd.Series:
    """Return whether places are connected as far as distance tells: far is no, near unknown."""
    return near.where(~near.astype("boolean").fillna(True))


def judge_centres(
    near: pd.DataFrame, joined: pd.Series | None, offices: gpd.GeoDataFrame | None
) -> pd.DataFrame:
    """Put the three answers about each commune's centre side by side.

    Parameters
    ----------
    near : DataFrame
        As `near_centres`.
    joined : Series of boolean, by ``commune_code``
        Whether the centre is connected to a hub; None without a network.
    offices : GeoDataFrame, optional
        Reports, as `tables.OFFICES`.

    Returns
    -------
    DataFrame
        Of `tables.COMMUNES_RESULT` the fields about near, connected and reported.
    """
    joined = _only_no(near["fibre_within_drop"]) if joined is None else joined.reindex(near.index)
    told = pd.Series(pd.NA, near.index, dtype="boolean")
    if offices is not None:
        said = commune_seats(offices).set_index("commune_code")["has_fibre"]
        told = said.reindex(near.index).astype("boolean")
    return near.assign(
        fibre_connected=joined.astype("boolean"),
        fibre_reported=told,
        fibre_contradictions=_contradictions(joined, told, near["fibre_within_drop"]),
    )


def judge_offices(joined: pd.Series, offices: gpd.GeoDataFrame) -> pd.DataFrame:
    """Put connection and report of each office side by side; by ``office_id``."""
    told = offices.set_index("office_id")["has_fibre"].reindex(joined.index)
    return pd.DataFrame(
        {"fibre_connected": joined, "fibre_contradictions": _contradictions(joined, told)}
    )


def _contradictions(joined: pd.Series, told: pd.Series, near: pd.Series | None = None) -> pd.Series:
    """Name what does not hold together, comma separated; what is unknown contradicts nothing."""
    joined, told = joined.astype("boolean"), told.astype("boolean")
    found = {
        "reported_not_connected": told & ~joined,
        "connected_reported_none": ~told & joined,
    }
    if near is not None:
        found["near_not_connected"] = near.astype("boolean") & ~joined
    names = pd.Series("", joined.index, dtype="str")
    for name, holds in found.items():
        mark = holds.fillna(False).astype(bool)
        names = names.mask(mark, names.where(names == "", names + ", ") + name)
    return names


def about_connection(
    centres: pd.DataFrame | None, offices: pd.DataFrame | None, units: Units | None
) -> Iterator[Note]:
    """Tell who is cut off, and where report and network contradict each other."""
    if centres is not None and units is not None:
        named = units.communes.set_index("commune_code")
        off = named[(~centres["fibre_connected"]).fillna(False).reindex(named.index)]
        if len(off):
            people = float(off["population"].sum())
            yield Note(
                "fibre.note_centres_cut_off", {"count": len(off), "people": people} | _first(off)
            )
        yield from _about_contradictions("centres", centres, named)
    if offices is not None:
        yield from _about_contradictions("offices", offices, None)


def _about_contradictions(
    what: str, table: pd.DataFrame, named: pd.DataFrame | None
) -> Iterator[Note]:
    for code in ("reported_not_connected", "connected_reported_none", "near_not_connected"):
        marked = table.index[table["fibre_contradictions"].str.contains(code, regex=False)]
        if len(marked):
            first = marked if named is None else named["name"].reindex(marked)
            yield Note(
                f"fibre.note_{what}_{code}",
                {"count": len(marked), "first": ", ".join(map(str, first[:_NAMED]))},
            )


def _first(table: pd.DataFrame) -> dict[str, str]:
    return {"first": ", ".join(table["name"].astype(str)[:_NAMED])}
