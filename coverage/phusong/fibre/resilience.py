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
from .cuts import Cuts, find_cuts
from .network import RouteNetwork
from .trench import Trench

WEIGHTS = ("offices", "masts", "population")
"""What a cut may darken; a column of `weights` that is absent counts zero."""

# A trench of more cables than this is cut for real without asking the marks first.
_LARGEST_MARKED = 10


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
    """

    sections: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    places: pd.DataFrame
    root: int = field(repr=False)
    node: Labels = field(repr=False)
    cuts: Cuts = field(repr=False)
    bridge_risk: Floats = field(repr=False)

    @property
    def connected(self) -> Flags:
        """Whether each node reaches a hub while nothing fails."""
        reached: Flags = self.cuts.tree == self.cuts.tree[self.root]
        return reached[self.node]


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
    for trench in trenches:
        if not _disconnects(cuts.mark[list(trench)]):
            continue
        dark = alive & ~_reached(start, end, size, root, trench)
        lost = own[dark].sum(axis=0)
        for edge in trench:
            if lost[rank] > worst[edge, rank] or not worst[edge].any():
                worst[edge] = lost
        hung_on.add(trench, dark)

    failing = np.zeros((size, len(WEIGHTS)))
    hanging = np.flatnonzero(cuts.hangs & alive)
    np.add.at(failing, cuts.parent[hanging], below[hanging])
    failing += np.where(alive[:, None], own, 0)
    failing[root] = np.nan
    return Resilience(
        sections=_sections(network, cuts, worst, trenches, rank),
        nodes=_nodes(network, cuts, one, failing, root),
        places=hung_on.places(drops.index, alive),
        root=root,
        node=one,
        cuts=cuts,
        bridge_risk=bridge_risk,
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


def _disconnects(marks: Labels) -> bool:
    """Tell whether some of the edges may disconnect together; False is certain."""
    if len(marks) > _LARGEST_MARKED:
        return True
    sums = np.zeros(1, np.int64)
    for mark in marks:
        sums = np.concatenate([sums, sums ^ mark])
    return bool((sums[1:] == 0).any())


def _reached(start: Labels, end: Labels, size: int, root: int, cut: Trench) -> Flags:
    """Tell which nodes still reach the root when some edges are cut."""
    kept = np.ones(len(start), bool)
    kept[list(cut)] = False
    links = coo_array((kept[kept], (start[kept], end[kept])), shape=(size, size))
    label = connected_components(links, directed=False)[1]
    reached: Flags = label == label[root]
    return reached


class _Exposure:
    """Which cuts isolate a place: the bridges on its way, and trenches."""

    def __init__(self, network: RouteNetwork, cuts: Cuts, root: int, at: Labels) -> None:
        self._span = network.edges["span_id"].to_numpy(object)
        self._length = network.edges["length_m"].to_numpy()
        self._cuts, self._root, self._at = cuts, root, at
        self._trenches: list[list[Trench]] = [[] for _ in at]

    def add(self, trench: Trench, dark: Flags) -> None:
        for place in np.flatnonzero(dark[self._at] & (self._at >= 0)):
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


def _nodes(
    network: RouteNetwork, cuts: Cuts, one: Labels, failing: Floats, root: int
) -> gpd.GeoDataFrame:
    table = network.nodes[["id", "geometry"]].assign(
        articulation=pd.array(cuts.articulation, "boolean"),
        two_edge_part=cuts.part[one],
        **{f"dark_{name}": failing[:, i] for i, name in enumerate(WEIGHTS)},
    )
    hub = one == root
    table.loc[hub, "articulation"] = pd.NA
    table.loc[hub, [f"dark_{name}" for name in WEIGHTS]] = np.nan
    return table[[*(name for name in FIBRE_NODES.columns if name in table), "geometry"]]
