"""The cheapest way to connect what is not connected: along roads, from the fibre that is lit.

Knows lines, places and prices; the trees themselves are `steiner`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from .._types import Labels
from ..errors import CrsMismatchError
from ..tables import FIBRE_EXTENSION
from .network import SAME_PLACE_M, RouteNetwork, components
from .prices import cost_vnd
from .reach import attach
from .roads import road_network
from .steiner import gap_share, steiner_tree

# A place on its road, and cables that cross, are this far apart: only with a length can an edge
# be part of a tree.
_LEAST_M = 0.01


# The caller adds what is not known here.
_CALLERS = {"maintenance_vnd_per_year", "build_year"}
_COLUMNS = [name for name in FIBRE_EXTENSION.columns if name not in _CALLERS]


@dataclass(frozen=True, kw_only=True)
class Extension:
    """New routes, what they cost, and how far from the cheapest they may be.

    Parameters
    ----------
    routes : GeoDataFrame of lines
        Fields of `tables.FIBRE_EXTENSION`, but for maintenance and year.
    hangs_on : tuple of tuple of int
        Of each place the rows of `routes` on its way to lit fibre, from the place
        on; empty for one that is unreachable, or joined at no length.
    cost, lower_bound : float
        In dong where prices were given, else in km; no set of routes along
        the given roads can undercut the bound.
    in_vnd : bool
        Which of the two.
    unreachable : tuple
        Labels of the places that no road joins to lit fibre.
    road_parts : int
        Parts of the roads that do not hang together, gaps bridged.
    gaps : GeoDataFrame of lines
        Gaps between parts of the roads that were bridged, with ``length_m``.
    """

    routes: gpd.GeoDataFrame
    hangs_on: tuple[tuple[int, ...], ...]
    cost: float
    lower_bound: float
    in_vnd: bool
    unreachable: tuple[Any, ...]
    road_parts: int
    gaps: gpd.GeoDataFrame

    @property
    def gap(self) -> float:
        """Share of the cost that a better plan might save; 0 if it is the cheapest."""
        return gap_share(self.cost, self.lower_bound)


def extend(  # noqa: PLR0913 - what a trench depends on, each with a name
    places: gpd.GeoDataFrame,
    spans: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    *,
    snap_tolerance_m: float,
    longest_drop_m: float,
    prices: pd.DataFrame | None = None,
    deployment: str | None = None,
    elevation: xr.DataArray | None = None,
    dark: gpd.GeoDataFrame | None = None,
    gap_m: float = 0.0,
) -> Extension:
    """Connect places to lit fibre along roads, at least cost; dark cable is free to use.

    Parameters
    ----------
    places : GeoDataFrame of points
        What is not connected, in a projected CRS in metres; index labels
        name them in the result. With ``part`` a place hangs already on the dark
        cable of that number; -1 where it hangs on none.
    spans : GeoDataFrame of lines
        ``id`` of the fibre that carries traffic; a new cable may start from
        it wherever a road crosses it or passes within the tolerance.
    roads : GeoDataFrame of lines
        ``road_id`` as `tables.ROADS`: where new cable may run. Roads that
        cross are taken to meet.
    snap_tolerance_m : float
        Ends of roads, and roads and fibre, at most this far apart meet, metres.
    longest_drop_m : float
        Longest straight drop from a place to a road, metres.
    prices : DataFrame, optional
        As `tables.FIBRE_PRICES`. Without it the least length is sought and
        the answer is in km.
    deployment : {"aboveGround", "belowGround"}, optional
        Which of the prices; needed with them.
    elevation : DataArray, optional
        On a `Grid` in the same CRS: prices then go by the slope along the
        road; otherwise every road counts as flat.
    dark : GeoDataFrame of lines, optional
        Cable in service that does not lead to the lit fibre, with ``part``: the
        number of the connected part. It may be joined to other cable straight,
        where that is at most `longest_drop_m` away, or along roads.
    gap_m : float
        Parts of the roads that come so near each other are joined straight,
        metres.

    Returns
    -------
    Extension
        Joints between parts of the cable come first, the shortest first. A place
        without coordinates, or farther than `longest_drop_m` from every road or
        cable that leads to lit fibre, is listed as unreachable.

    Raises
    ------
    CrsMismatchError
        If the tables are not in one CRS.
    NetworkError
        If the price table cannot be used.

    Examples
    --------
    A road leaves the fibre and passes 50 m from a commune: 2 km of road and the drop.

    >>> from shapely import LineString, Point
    >>> def lines(name, *shape):
    ...     return gpd.GeoDataFrame({name: ["a"]}, geometry=[LineString(shape)], crs="EPSG:9209")
    >>> commune = gpd.GeoDataFrame(geometry=[Point(50, 2000)], crs="EPSG:9209")
    >>> plan = extend(
    ...     commune, lines("id", (-900, 0), (900, 0)), lines("road_id", (0, -100), (0, 3000)),
    ...     snap_tolerance_m=5, longest_drop_m=100,
    ... )
    >>> round(plan.cost, 3), plan.gap, plan.unreachable
    (2.05, 0.0, ())
    """
    cables = _Cables(spans, dark, crs=places.crs)
    for name, table in (("spans", spans), ("roads", roads), ("dark", cables.lines)):
        if table.crs != places.crs:
            raise CrsMismatchError(name, str(table.crs), str(places.crs))
    network, gaps = bridged(roads, cables.lines, snap_tolerance_m, gap_m)
    # Nodes of cable that no road touches are parts without a road.
    parts = network.nodes["component"].iloc[network.ends[0]].nunique()
    network, drops = attach(network, places, drop_length_m=longest_drop_m)
    ways = pd.concat(
        [road_ways(network, drops, places, gaps), cables.joints(longest_drop_m)], ignore_index=True
    )
    if prices is None:
        ways["cost"] = ways["length_m"] / 1000
    else:
        ways["cost"] = cost_vnd(ways, prices, deployment=deployment, elevation=elevation)
    count = len(network.nodes)
    one = cables.taken_as_one(network, places, snap_tolerance_m)
    return _connect(ways, one, count, places, in_vnd=prices is not None, parts=parts, gaps=gaps)


class _Cables:
    """The cable there is: part 0 is lit, the others are dark."""

    def __init__(
        self, lit: gpd.GeoDataFrame, dark: gpd.GeoDataFrame | None, *, crs: object
    ) -> None:
        shapes, part = [lit.geometry], [np.zeros(len(lit), np.int64)]
        numbers: Labels = np.zeros(0, np.int64)
        if dark is not None and len(dark):
            numbers, which = np.unique(dark["part"].to_numpy(np.int64), return_inverse=True)
            shapes.append(dark.geometry)
            part.append(which + 1)
        self.lines = gpd.GeoDataFrame(geometry=pd.concat(shapes, ignore_index=True))
        if self.lines.crs is None:
            self.lines = self.lines.set_crs(crs)
        self._part, self._numbers = np.concatenate(part), numbers

    def joints(self, longest_m: float) -> gpd.GeoDataFrame:
        """Return the shortest straight joint of each two parts near each other, as ways.

        Parts are numbered -1 (lit), -2, -3 … as ends: they are no nodes of the roads.
        """
        shapes = self.lines.geometry.to_numpy()
        dark = np.flatnonzero(self._part > 0)
        at, other = self.lines.sindex.query(shapes[dark], predicate="dwithin", distance=longest_m)
        one = dark[at]
        apart = self._part[one] > self._part[other]
        one, other = one[apart], other[apart]
        near = pd.DataFrame(
            {
                "one": one,
                "other": other,
                "from_node": -1 - self._part[one],
                "to_node": -1 - self._part[other],
                "length_m": shapely.distance(shapes[one], shapes[other]),
            }
        )
        near = near.sort_values(["length_m", "one", "other"])
        near = near.drop_duplicates(["from_node", "to_node"], ignore_index=True)
        straight = shapely.shortest_line(shapes[near["one"]], shapes[near["other"]])
        return gpd.GeoDataFrame(
            near[["from_node", "to_node"]].assign(
                kind="joint", road_id=None, length_m=near["length_m"].clip(lower=_LEAST_M)
            ),
            geometry=straight,
            crs=self.lines.crs,
        )

    def taken_as_one(
        self, network: RouteNetwork, places: gpd.GeoDataFrame, tolerance_m: float
    ) -> Labels:
        """Return a number for each node of the roads, place and part; on one part they share it.

        A node near two parts belongs to the lit one, or to that of the lower number:
        cables near each other are joined by joints only.
        """
        count = len(network.nodes)
        first_part = count + len(places)
        one = np.arange(first_part + len(self._numbers) + 1)
        edge, node = network.nodes.sindex.query(
            self.lines.geometry.to_numpy(), predicate="dwithin", distance=tolerance_m
        )
        order = np.lexsort((node, -self._part[edge]))
        one[node[order]] = first_part + self._part[edge[order]]
        if "part" in places:
            part = places["part"].to_numpy(np.int64)
            at = np.searchsorted(self._numbers, part)
            on = (part >= 0) & np.isin(part, self._numbers)
            one[count + np.flatnonzero(on)] = first_part + 1 + at[on]
        return one


def bridged(
    roads: gpd.GeoDataFrame, cables: gpd.GeoDataFrame, tolerance_m: float, gap_m: float
) -> tuple[RouteNetwork, gpd.GeoDataFrame]:
    """Join the roads into a network, and parts of it that come near each other."""
    network = road_network(roads, cables, snap_tolerance_m=tolerance_m)
    if gap_m <= 0:
        return network, gpd.GeoDataFrame(
            {"road_id": [], "length_m": []}, geometry=[], crs=roads.crs
        )
    part = network.nodes["component"].to_numpy(np.int64)
    edges = network.edges.geometry.to_numpy()
    points = network.nodes.geometry.to_numpy()
    node, edge = network.edges.sindex.query(points, predicate="dwithin", distance=gap_m)
    other = part[network.ends[0][edge]]
    apart = part[node] != other
    near = pd.DataFrame({"node": node, "edge": edge, "to": other, "from": part[node]})[apart]
    near["length_m"] = shapely.distance(points[near["node"]], edges[near["edge"]])
    pair = np.sort(near[["from", "to"]].to_numpy(), axis=1)
    near["low"], near["high"] = pair[:, 0], pair[:, 1]
    near = near.sort_values(["length_m", "node", "edge"]).drop_duplicates(["low", "high"])
    taken, number = set(roads["road_id"].astype(str)), 0
    names: list[str] = []
    while len(names) < len(near):
        number += 1
        if (name := f"gap {number}") not in taken:
            names.append(name)
    gaps = gpd.GeoDataFrame(
        {"road_id": names, "length_m": near["length_m"].to_numpy()},
        geometry=shapely.shortest_line(points[near["node"]], edges[near["edge"]]),
        crs=roads.crs,
    )
    if not len(gaps):
        return network, gaps
    bridged = pd.concat([roads[["road_id", roads.geometry.name]], gaps.drop(columns="length_m")])
    return road_network(bridged, cables, snap_tolerance_m=tolerance_m), gaps


def road_ways(
    network: RouteNetwork, drops: pd.DataFrame, places: gpd.GeoDataFrame, gaps: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return road sections, then drops, as edges; places are numbered after the nodes."""
    taps = drops["node"].to_numpy(np.int64)
    dropped = np.flatnonzero(taps >= 0)
    roads = network.edges[["span_id", "from_node", "to_node", "length_m", "geometry"]]
    ends = np.stack(
        [
            shapely.get_coordinates(places.geometry.to_numpy()[dropped]),
            network.nodes.geometry.get_coordinates().to_numpy()[taps[dropped]],
        ],
        axis=1,
    )
    straight = gpd.GeoDataFrame(
        {
            "span_id": None,
            "from_node": len(network.nodes) + dropped,
            "to_node": taps[dropped],
            "length_m": shapely.length(shapely.linestrings(ends)),
        },
        geometry=shapely.linestrings(ends),
        crs=places.crs,
    )
    ways = pd.concat([roads, straight], ignore_index=True).rename(columns={"span_id": "road_id"})
    over_gap = ways["road_id"].isin(gaps["road_id"])
    kind = np.select([ways["road_id"].isna(), over_gap], ["drop", "gap"], "road")
    return ways.assign(
        kind=kind,
        road_id=ways["road_id"].mask(over_gap),
        length_m=ways["length_m"].clip(lower=_LEAST_M),
    )


def _connect(
    ways: gpd.GeoDataFrame,
    one: Labels,
    first_place: int,
    places: gpd.GeoDataFrame,
    *,
    in_vnd: bool,
    parts: int,
    gaps: gpd.GeoDataFrame,
) -> Extension:
    """Join all places that can be joined to the lit cable, each part of the cable taken as one."""
    first_part = first_place + len(places)
    ends = ways[["from_node", "to_node"]].to_numpy(np.int64)
    start, end = one[np.where(ends < 0, first_part - 1 - ends, ends)].T
    root = first_part
    label = components(len(one), start, end)
    nodes = one[first_place + np.arange(len(places))]
    within = label[nodes] == label[root]
    terminals = np.unique(np.append(nodes[within], root))
    tree = steiner_tree(start, end, ways["cost"].to_numpy(), len(one), terminals)
    routes = ways.iloc[tree.edges]
    # A place that stands on its road needs no drop.
    routes = routes[(routes["kind"] != "drop") | (routes.geometry.length > SAME_PLACE_M)]
    cost = float(routes["cost"].sum())
    joint = routes["kind"] == "joint"
    routes = pd.concat([routes[joint].sort_values("length_m"), routes[~joint]])
    row = {edge: at for at, edge in enumerate(routes.index)}
    chains = _chains(start[tree.edges], end[tree.edges], tree.edges, root, nodes)
    hangs_on = tuple(tuple(row[edge] for edge in chain if edge in row) for chain in chains)
    routes = routes.assign(
        cost_vnd=routes["cost"] if in_vnd else np.nan,
        route_id=np.arange(1, len(routes) + 1),
    )
    return Extension(
        routes=routes[[*_COLUMNS, "geometry"]].reset_index(drop=True),
        hangs_on=hangs_on,
        cost=cost,
        lower_bound=min(tree.lower_bound, cost),
        in_vnd=in_vnd,
        unreachable=tuple(places.index[~within]),
        road_parts=parts,
        gaps=gaps,
    )


def _chains(
    start: Labels, end: Labels, edges: Labels, root: int, nodes: Labels
) -> Iterator[tuple[int, ...]]:
    """Yield the edges of a tree from each node to its root; none from a node beyond the tree."""
    beside: dict[int, list[tuple[int, int]]] = {}
    for one, other, edge in zip(start.tolist(), end.tolist(), edges.tolist(), strict=True):
        beside.setdefault(one, []).append((other, edge))
        beside.setdefault(other, []).append((one, edge))
    towards: dict[int, tuple[int, int]] = {root: (root, -1)}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for other, edge in beside.get(node, []):
            if other not in towards:
                towards[other] = (node, edge)
                waiting.append(other)
    for node in nodes.tolist():
        chain = []
        while node in towards and node != root:
            node, edge = towards[node]
            chain.append(edge)
        yield tuple(chain)
