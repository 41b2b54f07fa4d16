"""The cut drill: what goes dark when a section, a trench or a node fails.

Knows the network, the places on it and their weights; new links are `links`'s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .._types import Flags, Floats, Labels
from ..errors import NetworkError
from ..tables import FIBRE_HOMING, FIBRE_NODES, SPAN_CRITICALITY
from ._kernels import add_up
from .cuts import Cuts, Sides, find_cuts, sides
from .network import RouteNetwork
from .trench import Trench

WEIGHTS = ("offices", "masts", "population")
"""What a cut may darken; a column of `weights` that is absent counts zero."""

# Any seed does; a fixed one keeps every run the same.
_SEED = 98
# Sums of residents are taken apart by subtraction; what differs by less is the same.
_DECIMALS = 6


@dataclass(frozen=True, kw_only=True)
class Resilience:
    """What single failures take away.

    Parameters
    ----------
    sections : GeoDataFrame of lines, rows as ``network.edges``
        Fields of `tables.SPAN_CRITICALITY`.
    nodes : GeoDataFrame of points, rows as ``network.nodes``
        Fields of `tables.FIBRE_NODES`, but for names and types.
    places : DataFrame, indexed like the drops
        Fields of `tables.FIBRE_HOMING`.
    root : int
        Node that stands for all hubs.
    node : array of int
        Node of each node, hubs made one.
    cuts : Cuts
        Search from the root.
    bridge_risk : array of float, rows as ``network.edges``
        What each bridge alone puts in the dark times its length in km; 0 elsewhere.
    trenches : tuple of (tuple of int, Sides)
        The trenches that take something from the hubs, and what lies on which side.
    """

    sections: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    places: pd.DataFrame
    root: int = field(repr=False)
    node: Labels = field(repr=False)
    cuts: Cuts = field(repr=False)
    bridge_risk: Floats = field(repr=False)
    trenches: tuple[tuple[Trench, Sides], ...] = field(repr=False, default=())

    @property
    def connected(self) -> Flags:
        """Whether each node reaches a hub while nothing fails."""
        reached: Flags = self.cuts.tree == self.cuts.tree[self.root]
        return reached[self.node]

    @property
    def fate(self) -> Labels:
        """Of each node a number that it shares with those that survive every cut together."""
        draw = np.random.default_rng(_SEED).integers
        shift = np.zeros(len(self.cuts.order) + 1, np.int64)
        for _, fallen in self.trenches:
            stretch = draw(2**62, size=int(fallen.side.max()) + 1)[fallen.side] * (fallen.side > 0)
            np.add.at(shift, fallen.begin[1:], np.diff(stretch))
        own = draw(2**62, size=len(self.cuts.top))[self.cuts.part]
        fate: Labels = (own + np.cumsum(shift)[self.cuts.place])[self.node]
        return fate


def resilience(
    network: RouteNetwork,
    drops: pd.DataFrame,
    *,
    hubs: Collection[object],
    weights: pd.DataFrame,
    rank_by: str,
    trenches: Sequence[Trench] = (),
) -> Resilience:
    """Cut every section and every node once, and see which places lose all hubs.

    Parameters
    ----------
    network, drops
        As `attach` returned them.
    hubs : collection
        Index labels of `drops`: the places that must be reached, any of them.
    weights : DataFrame, indexed like `drops`
        Some of ``offices``, ``masts`` and ``population``: what stands behind
        each place.
    rank_by : {"offices", "masts", "population"}
        By which the sections are ranked and their risk is measured.
    trenches : sequence of tuple of int
        Sections cut together, from `shared_trenches`.

    Returns
    -------
    Resilience
        A section's figures are those of the worst cut along it: of itself
        alone, or of all cables of a trench. Places without connection even
        now are dark in no drill.

    Raises
    ------
    NetworkError
        If no hub is on the network.

    Examples
    --------
    A trunk to a hub, and a village of 90 people at its far end.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import attach, build_network
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["trunk"]}, geometry=[LineString([(0, 0), (2000, 0)])], crs="EPSG:9209"
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(0, 0), Point(2000, 0)], index=["hub", "village"], crs="EPSG:9209"
    ... )
    >>> network, drops = attach(
    ...     build_network(spans, snap_tolerance_m=5), places, drop_length_m=50
    ... )
    >>> people = pd.DataFrame({"population": [0, 90]}, index=places.index)
    >>> found = resilience(network, drops, hubs=["hub"], weights=people, rank_by="population")
    >>> found.sections[["span_id", "bridge", "dark_population", "risk"]].values.tolist()
    [['trunk', True, 90.0, 180.0]]
    >>> found.places["homing"].to_dict()
    {'hub': 'hub', 'village': 'single'}
    """
    node = drops["node"].to_numpy(np.int64)
    at_hub = node[drops.index.isin(list(hubs)) & (node >= 0)]
    if not len(at_hub):
        raise NetworkError("fibre.no_hub_connected")
    size = len(network.nodes)
    root = int(at_hub.min())
    one = np.arange(size)
    one[at_hub] = root
    start, end = (one[side] for side in network.ends)
    cuts = find_cuts(start, end, size, [root])
    load = weights.reindex(index=drops.index, columns=list(WEIGHTS)).astype(float).fillna(0)
    loads = load.to_numpy()
    below = np.zeros((size, len(WEIGHTS)))
    np.add.at(below, one[node[node >= 0]], loads[node >= 0])
    own = below.copy()
    add_up(cuts.order, cuts.parent, below)
    alive = cuts.tree == cuts.tree[root]

    worst = np.zeros((len(start), len(WEIGHTS)))
    under = np.flatnonzero(alive & (cuts.parent_edge >= 0))
    under = under[cuts.bridge[cuts.parent_edge[under]]]
    worst[cuts.parent_edge[under]] = below[under]
    hung_on = _Exposure(network, cuts, root, np.where(node >= 0, one[node], -1))
    rank = WEIGHTS.index(rank_by)
    bridge_risk = worst[:, rank] * network.edges["length_m"].to_numpy() / 1000
    # What lies before each position of the search; a stretch of it is a difference.
    before = np.concatenate([np.zeros((1, len(WEIGHTS))), np.cumsum(own[cuts.order], axis=0)])
    parting = []
    for trench in trenches:
        fallen = sides(cuts, start, end, root, trench)
        if not fallen.apart:
            continue
        parting.append((trench, fallen))
        dark = np.flatnonzero(fallen.side > 0)
        stretches = before[fallen.begin[dark + 1]] - before[fallen.begin[dark]]
        lost = stretches.sum(axis=0).round(_DECIMALS)
        for edge in trench:
            if lost[rank] > worst[edge, rank] or not worst[edge].any():
                worst[edge] = lost
        hung_on.add(trench, fallen)

    failing = np.zeros((size, len(WEIGHTS)))
    hanging = np.flatnonzero(cuts.hangs & alive)
    np.add.at(failing, cuts.parent[hanging], below[hanging])
    failing += np.where(alive[:, None], own, 0)
    nodes = _nodes(network, cuts, one, failing)
    _fail_hubs(nodes, network, sorted(set(at_hub.tolist())), node, loads)
    return Resilience(
        sections=_sections(network, cuts, worst, trenches, rank),
        nodes=nodes,
        places=hung_on.places(drops.index, alive),
        root=root,
        node=one,
        cuts=cuts,
        bridge_risk=bridge_risk,
        trenches=tuple(parting),
    )


def by_span(sections: pd.DataFrame) -> pd.DataFrame:
    """Sum up the sections of each span.

    Parameters
    ----------
    sections : DataFrame
        ``Resilience.sections``.

    Returns
    -------
    DataFrame, indexed by ``span_id``
        Of `tables.SPANS_RESULT` what the drill adds to a span: what its worst
        cut takes away, ``bridge`` if any section is one, ``shared_with`` and
        ``risk`` of all its sections, and ``rank`` among the spans, 1 the worst.

    Examples
    --------
    >>> sections = pd.DataFrame({
    ...     "rank": [2, 1], "span_id": "s1", "section": [1, 2], "bridge": [False, True],
    ...     "shared_with": ["s2", ""], "risk": [1.0, 5.0],
    ...     "dark_offices": [1, 2], "dark_masts": 0, "dark_population": [30, 50],
    ... })
    >>> by_span(sections)[["dark_population", "bridge", "shared_with", "risk"]].values.tolist()
    [[50, True, 's2', 6.0]]
    """
    worst = sections.sort_values(["rank", "span_id", "section"]).drop_duplicates("span_id")
    table = pd.DataFrame(worst).set_index("span_id")[[f"dark_{name}" for name in WEIGHTS]]
    of_span = sections.groupby("span_id")
    beside = {
        span: {name for text in texts for name in text.split(", ") if name}
        for span, texts in of_span["shared_with"]
    }
    table["bridge"] = of_span["bridge"].any()
    table["shared_with"] = pd.Series(
        {span: ", ".join(sorted(names - {span})) for span, names in beside.items()}, dtype="str"
    )
    table["risk"] = of_span["risk"].sum()
    table["rank"] = np.arange(1, len(table) + 1)
    return table.sort_index()


def _fail_hubs(
    nodes: gpd.GeoDataFrame, network: RouteNetwork, hubs: list[int], node: Labels, loads: Floats
) -> None:
    """Let each hub fail by itself: dark is what then reaches none of the others."""
    start, end = network.ends
    columns = [f"dark_{name}" for name in WEIGHTS]
    place = node >= 0
    for hub in hubs:
        kept = (start != hub) & (end != hub)
        links = coo_array((kept[kept], (start[kept], end[kept])), shape=(len(nodes),) * 2)
        label = connected_components(links, directed=False)[1]
        served = np.isin(label, label[[other for other in hubs if other != hub]])
        before = np.isin(network.nodes["component"], network.nodes["component"].iloc[hubs])
        lost = before & ~served
        nodes.loc[hub, columns] = loads[place & lost[node]].sum(axis=0)
        nodes.loc[hub, ["hub", "articulation"]] = True, bool(lost.sum() > 1)


class _Exposure:
    """Which cuts isolate a place: the bridges on its way, and trenches."""

    def __init__(self, network: RouteNetwork, cuts: Cuts, root: int, at: Labels) -> None:
        self._span = network.edges["span_id"].to_numpy(object)
        self._length = network.edges["length_m"].to_numpy()
        self._cuts, self._root, self._at = cuts, root, at
        self._trenches: list[list[Trench]] = [[] for _ in at]
        position = np.where(at >= 0, cuts.place[at], -1)
        self._by_position = np.argsort(position, kind="stable")
        self._position = position[self._by_position]

    def add(self, trench: Trench, fallen: Sides) -> None:
        dark = np.flatnonzero(fallen.side > 0)
        first = np.searchsorted(self._position, fallen.begin[dark])
        last = np.searchsorted(self._position, fallen.begin[dark + 1])
        for begin, finish in zip(first, last, strict=True):
            for place in self._by_position[begin:finish]:
                self._trenches[place].append(trench)

    def places(self, index: pd.Index, alive: Flags) -> pd.DataFrame:
        homing, spans, metres = [], [], []
        for at, trenches in zip(self._at.tolist(), self._trenches, strict=True):
            if at < 0 or not alive[at]:
                homing.append("none")
                spans.append("")
                metres.append(np.nan)
                continue
            edges = self._bridges(at)
            names = dict.fromkeys(self._span[edges])
            for trench in trenches:
                if not set(edges) & set(trench):
                    names[" + ".join(dict.fromkeys(self._span[list(trench)]))] = None
            homing.append("hub" if at == self._root else "single" if names else "double")
            spans.append(", ".join(names))
            metres.append(float(self._length[edges].sum()))
        table = pd.DataFrame(
            {"homing": homing, "exposed_spans": spans, "exposed_m": metres}, index=index
        )
        return table[list(FIBRE_HOMING.columns)]

    def _bridges(self, node: int) -> list[int]:
        """List the bridges from a node to the root."""
        cuts, edges = self._cuts, []
        top = cuts.top[cuts.part[node]]
        while cuts.parent[top] >= 0:
            edges.append(int(cuts.parent_edge[top]))
            top = cuts.top[cuts.part[cuts.parent[top]]]
        return edges


def _sections(
    network: RouteNetwork, cuts: Cuts, worst: Floats, trenches: Sequence[Trench], rank: int
) -> gpd.GeoDataFrame:
    span = network.edges["span_id"].to_numpy(object)
    beside: dict[int, set[str]] = {}
    for trench in trenches:
        for edge in trench:
            beside.setdefault(edge, set()).update(span[other] for other in trench if other != edge)
    table = network.edges[["span_id", "section", "length_m", "geometry"]].assign(
        bridge=cuts.bridge,
        shared_with=[", ".join(sorted(beside.get(i, ()))) for i in range(len(span))],
        **{f"dark_{name}": worst[:, i] for i, name in enumerate(WEIGHTS)},
        risk=worst[:, rank] * network.edges["length_m"] / 1000,
    )
    order = np.lexsort(
        (table["section"], table["span_id"], -table["length_m"], *(-worst.T[::-1]), -worst[:, rank])
    )
    table["rank"] = 0
    table.iloc[order, table.columns.get_loc("rank")] = np.arange(1, len(table) + 1)
    return table[[*SPAN_CRITICALITY.columns, "geometry"]]


def _nodes(network: RouteNetwork, cuts: Cuts, one: Labels, failing: Floats) -> gpd.GeoDataFrame:
    table = network.nodes[["id", "geometry"]].assign(
        hub=pd.array([False] * len(network.nodes), "boolean"),
        articulation=pd.array(cuts.articulation, "boolean"),
        two_edge_part=cuts.part[one],
        **{f"dark_{name}": failing[:, i] for i, name in enumerate(WEIGHTS)},
    )
    return table[[*(name for name in FIBRE_NODES.columns if name in table), "geometry"]]
