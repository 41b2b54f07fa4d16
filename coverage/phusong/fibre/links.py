"""New links: the one that removes most risk, and the cheapest second paths.

Knows the tree of two-edge-connected parts that `resilience` found. Reaching
places that are not connected at all is `extension`'s.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .._types import Flags, Floats, Labels
from ..errors import NetworkError
from ..tables import FIBRE_LINKS
from ._kernels import add_up, climb, count_changes
from .cuts import Sides
from .network import RouteNetwork
from .prices import cost_vnd
from .resilience import Resilience
from .steiner import gap_share
from .trench import beside

# The caller adds what is not known here.
_CALLERS = {"from_name", "to_name", "maintenance_vnd_per_year", "build_year"}
_COLUMNS = [*(n for n in FIBRE_LINKS.columns if n not in _CALLERS), "geometry"]
CostColumn = Literal["length_m", "cost_vnd"]
Reason = Literal["no_link", "trench"]

# Beyond these the exact search may not end; the bound of the relaxation then shows the gap.
_EXACT_LINKS = 20_000
# Where two links remove nearly the same risk (more than this share), only the better is listed.
_SAME = 0.9
_SEARCH_NODES = 2_000


def candidate_links(
    network: RouteNetwork,
    found: Resilience,
    *,
    longest_m: float,
    neighbours: int,
    prices: pd.DataFrame | None = None,
    deployment: str | None = None,
    elevation: xr.DataArray | None = None,
) -> gpd.GeoDataFrame:
    """Propose straight links between nodes that some cut, of a section or trench, parts.

    Parameters
    ----------
    network, found
        A network and its `resilience`.
    longest_m : float
        Longest link, metres in a straight line.
    neighbours : int
        How many of the nearest nodes each node is tried with.
    prices, deployment, elevation : optional
        As for `extend`. Without prices ``cost_vnd`` is NaN and plans go by
        length.

    Returns
    -------
    GeoDataFrame of lines
        ``from_node`` and ``to_node`` (positions in ``network.nodes``),
        ``length_m``, ``cost_vnd``. Links along roads, with costs by terrain,
        can be put in its place with the same columns.

    Raises
    ------
    NetworkError
        If the price table cannot be used.

    Examples
    --------
    Three spans in the shape of a U: a second cable beside each, or one across its
    mouth; the diagonals are longer than 1 km.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import attach, build_network, resilience
    >>> corners = [(0, 500), (0, 0), (1000, 0), (1000, 500)]
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a", "b", "c"]}, crs="EPSG:9209",
    ...     geometry=[LineString(corners[i : i + 2]) for i in range(3)],
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(0, 500), Point(1000, 500)], index=["hub", "village"], crs="EPSG:9209"
    ... )
    >>> network, drops = attach(build_network(spans, snap_tolerance_m=1), places, drop_length_m=9)
    >>> people = pd.DataFrame({"population": [0, 90]}, index=places.index)
    >>> found = resilience(network, drops, hubs=["hub"], weights=people, rank_by="population")
    >>> candidates = candidate_links(network, found, longest_m=1000, neighbours=3)
    >>> candidates["length_m"].sort_values().to_list()
    [500.0, 500.0, 1000.0, 1000.0]
    """
    usable = np.flatnonzero(found.connected)
    xy = network.nodes.geometry.get_coordinates().to_numpy()[usable]
    count = min(neighbours + 1, len(usable))
    distance, near = cKDTree(xy).query(
        xy, k=[*range(1, count + 1)], distance_upper_bound=longest_m * (1 + 1e-12)
    )
    here = np.repeat(np.arange(len(usable)), count)
    there, length = np.ravel(near), np.ravel(distance)
    kept = np.isfinite(length) & (length > 0)
    pairs = np.sort(np.c_[usable[here[kept]], usable[there[kept]]], axis=1)
    pairs = np.unique(pairs, axis=0)
    fate = found.fate[pairs]
    pairs = pairs[fate[:, 0] != fate[:, 1]]
    ends = network.nodes.geometry.get_coordinates().to_numpy()[pairs]
    lines = shapely.linestrings(ends)
    candidates = gpd.GeoDataFrame(
        {"from_node": pairs[:, 0], "to_node": pairs[:, 1], "length_m": shapely.length(lines)},
        geometry=lines,
        crs=network.nodes.crs,
    )
    cost = np.full(len(candidates), np.nan)
    if prices is not None:
        cost = cost_vnd(candidates, prices, deployment=deployment, elevation=elevation)
    return candidates.assign(cost_vnd=cost)[
        ["from_node", "to_node", "length_m", "cost_vnd", "geometry"]
    ]


def avoid_trenches(
    network: RouteNetwork,
    candidates: gpd.GeoDataFrame,
    *,
    distance_m: float,
    shortest_m: float,
) -> gpd.GeoDataFrame:
    """Find out beside which cables each candidate would lie: it is no second way for their cuts.

    Parameters
    ----------
    network : RouteNetwork
    candidates : GeoDataFrame of lines
        As `candidate_links`.
    distance_m, shortest_m : float
        As for `shared_trenches`. A cable and a link with another between them
        would fall together too, so twice the distance is kept.

    Returns
    -------
    GeoDataFrame of lines
        The candidates with ``beside``: a tuple of positions in ``network.edges``.

    Examples
    --------
    A second cable 3 m beside the first, and one by another way.

    >>> from shapely import LineString
    >>> from phusong.fibre import build_network
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a"]}, geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:9209"
    ... )
    >>> links = gpd.GeoDataFrame(crs="EPSG:9209", geometry=[
    ...     LineString([(0, 0), (0, 3), (900, 3), (900, 0)]),
    ...     LineString([(0, 0), (450, 400), (900, 0)]),
    ... ])
    >>> network = build_network(spans, snap_tolerance_m=1)
    >>> avoid_trenches(network, links, distance_m=5, shortest_m=100)["beside"].to_list()
    [(0,), ()]
    """
    row, edge = beside(candidates, network, distance_m=distance_m, shortest_m=shortest_m)
    found: list[list[int]] = [[] for _ in range(len(candidates))]
    for link, position in zip(row.tolist(), edge.tolist(), strict=True):
        found[link].append(position)
    return candidates.assign(beside=pd.Series([*map(tuple, found)], candidates.index, dtype=object))


def rank_links(
    network: RouteNetwork,
    found: Resilience,
    candidates: gpd.GeoDataFrame,
    *,
    count: int | None = None,
) -> gpd.GeoDataFrame:
    """Rank single new links by the risk that each alone removes.

    Parameters
    ----------
    network, found
        A network and its `resilience`.
    candidates : GeoDataFrame of lines
        As `candidate_links`.
    count : int, optional
        List at most so many that differ: a tenth or more of what a link
        removes is left by each better one listed. Without it all are listed.

    Returns
    -------
    GeoDataFrame of lines
        Fields of `tables.FIBRE_LINKS`, best first, ties by length; links that
        remove nothing are left out. Every bridge that the link closes a ring
        over stops being one, but for those beside which it lies; risk of shared
        trenches is not counted.

    Examples
    --------
    The U of `candidate_links`, whose village of 90 people hangs on 2 km of cable:
    the link across its mouth removes the whole risk, one beside the longest span half.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import attach, build_network, resilience
    >>> corners = [(0, 500), (0, 0), (1000, 0), (1000, 500)]
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a", "b", "c"]}, crs="EPSG:9209",
    ...     geometry=[LineString(corners[i : i + 2]) for i in range(3)],
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(0, 500), Point(1000, 500)], index=["hub", "village"], crs="EPSG:9209"
    ... )
    >>> network, drops = attach(build_network(spans, snap_tolerance_m=1), places, drop_length_m=9)
    >>> people = pd.DataFrame({"population": [0, 90]}, index=places.index)
    >>> found = resilience(network, drops, hubs=["hub"], weights=people, rank_by="population")
    >>> candidates = candidate_links(network, found, longest_m=1000, neighbours=3)
    >>> ranked = rank_links(network, found, candidates)
    >>> ranked[["from_id", "to_id", "removed_risk"]].values.tolist()[:2]
    [['a:start', 'c:end', 180.0], ['a:end', 'b:end', 90.0]]
    """
    demands = _Demands(found, candidates)
    (rows, parts), risk = demands.spared, _PartTree(found).risk(found)
    table = _described(network, candidates).assign(
        removed_risk=demands.removed_risk(found),
        stage=pd.array([pd.NA] * len(candidates), "Int64"),
    )
    table = table[table["removed_risk"] > 0].sort_values(
        ["removed_risk", "length_m", "from_id", "to_id"], ascending=[False, True, True, True]
    )
    if count is not None:
        table = table.loc[_different(table.index.to_numpy(), rows, parts, risk, count)]
    table["rank"] = np.arange(1, len(table) + 1)
    return table[_COLUMNS].reset_index(drop=True)


def _different(best: Labels, rows: Labels, parts: Labels, risk: Floats, count: int) -> list[int]:
    """Choose links in order, leaving out those that do nearly the same as a better one."""
    first = np.searchsorted(rows, best)
    last = np.searchsorted(rows, best, side="right")
    chosen: list[int] = []
    done: list[NDArray[np.bool_]] = []
    for link, start, end in zip(best.tolist(), first, last, strict=True):
        its = parts[start:end]
        removed = risk[its].sum()
        if all(risk[its[taken[its]]].sum() <= _SAME * removed for taken in done):
            chosen.append(link)
            taken = np.zeros(len(risk), bool)
            taken[its] = True
            done.append(taken)
        if len(chosen) == count:
            break
    return chosen


def build_links(network: RouteNetwork, links: gpd.GeoDataFrame) -> RouteNetwork:
    """Return the network as it will be with new links, to cut it again.

    Parameters
    ----------
    network : RouteNetwork
    links : GeoDataFrame of lines
        ``from_id`` and ``to_id`` as in a `LinkPlan`.

    Returns
    -------
    RouteNetwork
        With a section more for each link, its ``span_id`` made of its ends; nodes
        and the sections there were keep their positions.

    Examples
    --------
    >>> from shapely import LineString
    >>> from phusong.fibre import build_network
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a"]}, geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:9209"
    ... )
    >>> link = gpd.GeoDataFrame(
    ...     {"from_id": ["a:start"], "to_id": ["a:end"]}, crs="EPSG:9209",
    ...     geometry=[LineString([(0, 0), (450, 600), (900, 0)])],
    ... )
    >>> build_links(build_network(spans, snap_tolerance_m=1), link).edges["length_m"].to_list()
    [900.0, 1500.0]
    """
    position = pd.Series(np.arange(len(network.nodes)), index=network.nodes["id"])
    ends = {side: position[links[f"{side}_id"]].to_numpy() for side in ("from", "to")}
    added = gpd.GeoDataFrame(
        {
            "span_id": (links["from_id"] + "–" + links["to_id"]).array,
            "section": 1,
            "from_node": ends["from"],
            "to_node": ends["to"],
            "length_m": shapely.length(links.geometry.to_numpy()),
        },
        geometry=links.geometry.to_numpy(),
        crs=links.crs,
    )
    edges = pd.concat([network.edges, added], ignore_index=True) if len(added) else network.edges
    return replace(network, edges=edges)


@dataclass(frozen=True, kw_only=True)
class LinkPlan:
    """A set of new links, and how far from the cheapest it may be.

    Parameters
    ----------
    links : GeoDataFrame of lines
        Fields of `tables.FIBRE_LINKS`, by stage.
    cost, lower_bound : tuple of float
        For each stage: what its links cost, and what no set can undercut.
    still_single : tuple of mapping
        For each stage: the places that no set of candidates can help, and why:
        ``no_link`` closes a ring over some cut on their way, or ``trench``: all
        that do would lie beside the cable that they are to stand in for.
    """

    links: gpd.GeoDataFrame
    cost: tuple[float, ...]
    lower_bound: tuple[float, ...]
    still_single: tuple[Mapping[object, Reason], ...]

    @property
    def gap(self) -> float:
        """Largest share of a stage's cost that a better set might save; 0 if all are cheapest."""
        return max(map(gap_share, self.cost, self.lower_bound), default=0.0)


def double_homing(
    network: RouteNetwork,
    drops: pd.DataFrame,
    found: Resilience,
    candidates: gpd.GeoDataFrame,
    *,
    stages: Sequence[Collection[object]],
    by: CostColumn,
    time_limit_s: float | None = None,
) -> LinkPlan:
    """Choose the cheapest links after which no single cut takes places from their hubs.

    Parameters
    ----------
    network, drops, found
        A network, its drops and its `resilience`.
    candidates : GeoDataFrame of lines
        As `candidate_links`; with ``beside`` from `avoid_trenches` a link is no
        second way for a cable beside which it lies.
    stages : sequence of collections
        Index labels of `drops`: first the district centres, then the commune
        centres, say. A stage takes the links of earlier ones as built.
    by : {"length_m", "cost_vnd"}
        What is to be least.
    time_limit_s : float, optional
        When the search of a stage stops with the best set found so far. A
        limit that bites makes the plan depend on the machine.

    Returns
    -------
    LinkPlan
        Places that are not connected at all are left to the extension. For a
        place that cannot be helped nothing is built.

    Raises
    ------
    NetworkError
        If costs are asked for and a candidate has none, or none above zero.

    Notes
    -----
    Contracting the two-edge-connected parts leaves a tree of bridges; a link
    between two parts makes every bridge on the tree path between them
    redundant. By Menger's theorem a place has two edge-disjoint paths to the
    hubs as soon as every bridge between them is covered, so the cheapest set
    is a weighted tree augmentation: minimise Σ cost·x so that each needed
    bridge is covered. It is solved to optimality by branch and bound (HiGHS);
    beyond 20,000 useful links a greedy cover stands beside the bound of the
    linear relaxation. For a trench every side that it parts from the hubs and
    that holds a place needs a link out of it that does not lie in the trench; where
    links chosen join such sides only to each other, the sides together need one,
    and the set is sought again.

    Examples
    --------
    The same: the cheapest second way is the link across the mouth.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import attach, build_network, resilience
    >>> corners = [(0, 500), (0, 0), (1000, 0), (1000, 500)]
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a", "b", "c"]}, crs="EPSG:9209",
    ...     geometry=[LineString(corners[i : i + 2]) for i in range(3)],
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(0, 500), Point(1000, 500)], index=["hub", "village"], crs="EPSG:9209"
    ... )
    >>> network, drops = attach(build_network(spans, snap_tolerance_m=1), places, drop_length_m=9)
    >>> people = pd.DataFrame({"population": [0, 90]}, index=places.index)
    >>> found = resilience(network, drops, hubs=["hub"], weights=people, rank_by="population")
    >>> candidates = candidate_links(network, found, longest_m=1000, neighbours=3)
    >>> plan = double_homing(network, drops, found, candidates, stages=[["village"]], by="length_m")
    >>> plan.links[["from_id", "to_id"]].values.tolist(), plan.cost, plan.gap
    ([['a:start', 'c:end']], (1000.0,), 0.0)
    """
    price = candidates[by].to_numpy(float)
    if np.isnan(price).any():
        raise NetworkError("fibre.no_prices")
    if not (price > 0).all():
        raise NetworkError("fibre.bad_price", price=price.min(), name=by)
    demands = _Demands(found, candidates)
    stage_of = np.zeros(len(candidates), np.int64)
    costs, bounds, helpless = [], [], []
    for stage, labels in enumerate(stages, start=1):
        wanted = drops.loc[drops.index.isin(list(labels)), "node"]
        wanted = wanted[wanted >= 0]
        wanted = wanted[found.connected[wanted.to_numpy()]]
        built = np.flatnonzero(stage_of > 0)
        links, bound, alone = demands.cheapest(wanted, price, built, time_limit_s)
        helpless.append(alone)
        stage_of[links] = stage
        costs.append(float(price[links].sum()))
        bounds.append(bound)
    table = _described(network, candidates).assign(
        removed_risk=demands.removed_risk(found), stage=stage_of, rank=_none(len(candidates))
    )
    table = table[table["stage"] > 0].sort_values(["stage", "from_id", "to_id"])
    return LinkPlan(
        links=table[_COLUMNS].reset_index(drop=True),
        cost=tuple(costs),
        lower_bound=tuple(bounds),
        still_single=tuple(helpless),
    )


@dataclass(frozen=True)
class _Parting:
    """A trench that parts places from the hubs, and how the candidates stand to it."""

    fallen: Sides
    ends: Labels
    survives: Flags

    def out_of(self, sides: frozenset[int]) -> Labels:
        """Return the candidates that survive and lead out of some sides taken as one."""
        inside = np.isin(self.ends, list(sides))
        out: Labels = np.flatnonzero(self.survives & (inside[:, 0] != inside[:, 1]))
        return out

    def crossing(self, sides: frozenset[int]) -> bool:
        """Whether any candidate leads out of some sides, whatever it lies beside."""
        inside = np.isin(self.ends, list(sides))
        return bool((inside[:, 0] != inside[:, 1]).any())

    def stuck(self, links: Labels, places: Labels) -> set[frozenset[int]]:
        """Return the groups of sides with places that some links do not join to the hubs."""
        count = int(self.fallen.side.max()) + 1
        used = self.ends[links[self.survives[links]]]
        joins = coo_array((np.ones(len(used)), (used[:, 0], used[:, 1])), shape=(count, count))
        group = connected_components(joins, directed=False)[1]
        dark = {int(group[side]) for side in places if group[side] != group[0]}
        return {frozenset(np.flatnonzero(group == each).tolist()) for each in dark}


class _Demands:
    """What links must do so that no cut takes certain places from the hubs."""

    def __init__(self, found: Resilience, candidates: gpd.GeoDataFrame) -> None:
        self._found, self._tree = found, _PartTree(found)
        lies = [*candidates["beside"]] if "beside" in candidates else [()] * len(candidates)
        beside_row = np.repeat(np.arange(len(lies)), [len(edges) for edges in lies])
        beside_edge = np.array([edge for edges in lies for edge in edges], np.int64)
        pairs = set(zip(beside_row.tolist(), beside_edge.tolist(), strict=True))
        rows, parts = self._tree.covered(candidates)
        self._tried = np.zeros(self._tree.size, bool)
        self._tried[parts] = True
        bridges = self._tree.bridge[parts]
        kept = [pair not in pairs for pair in zip(rows.tolist(), bridges.tolist(), strict=True)]
        self._rows, self._parts = rows[kept], parts[kept]
        self._count = len(candidates)
        ends = candidates[["from_node", "to_node"]].to_numpy(np.int64)
        usable = found.connected[ends].all(axis=1)
        place = found.cuts.place[found.node[ends]]
        self._partings = []
        for trench, fallen in found.trenches:
            survives = usable.copy()
            survives[beside_row[np.isin(beside_edge, trench)]] = False
            self._partings.append(_Parting(fallen, fallen.of(place), survives))

    @property
    def spared(self) -> tuple[Labels, Labels]:
        """Pairs of a candidate and a part whose upward bridge it makes redundant."""
        return self._rows, self._parts

    def removed_risk(self, found: Resilience) -> Floats:
        """Return the risk of the bridges that each candidate makes redundant."""
        risk = self._tree.risk(found)[self._parts]
        removed: Floats = np.bincount(self._rows, risk, minlength=self._count).astype(float)
        return removed

    def of_each(self, wanted: pd.Series) -> Callable[[Flags], list[tuple[int, Labels]]]:
        """Return what `second_way_lacks` does, for the candidates as links."""
        found, tree = self._found, self._tree
        node = found.node[wanted.to_numpy(np.int64)]
        place = found.cuts.place[node]
        needed = [np.flatnonzero(tree.above(part[None])) for part in found.cuts.part[node]]
        order = np.argsort(self._parts, kind="stable")
        first = np.searchsorted(self._parts[order], np.arange(tree.size + 1))
        over = [self._rows[order[first[p] : first[p + 1]]] for p in range(tree.size)]
        sides = [parting.fallen.of(place) for parting in self._partings]

        def lacks(built: Flags) -> list[tuple[int, Labels]]:
            covered = np.zeros(tree.size, bool)
            covered[self._parts[built[self._rows]]] = True
            told = [(at, over[p]) for at, its in enumerate(needed) for p in its[~covered[its]]]
            links = np.flatnonzero(built)
            for parting, side in zip(self._partings, sides, strict=True):
                for group in sorted(parting.stuck(links, side), key=sorted):
                    out = parting.out_of(group)
                    told += [(int(at), out) for at in np.flatnonzero(np.isin(side, list(group)))]
            return told

        return lacks

    def cheapest(
        self, wanted: pd.Series, price: Floats, built: Labels, time_limit_s: float | None
    ) -> tuple[Labels, float, dict[object, Reason]]:
        """Choose links for the places at some nodes; return them, a bound and who stays single."""
        found, tree = self._found, self._tree
        node = found.node[wanted.to_numpy(np.int64)]
        part, place = found.cuts.part[node], found.cuts.place[node]
        sides = [parting.fallen.of(place) for parting in self._partings]
        alone: dict[object, Reason] = {}
        helped = np.ones(len(node), bool)

        def give_up(these: Flags, reason: Reason) -> None:
            alone.update(dict.fromkeys(wanted.index[these & helped], reason))
            helped[these] = False

        covered, reachable = np.zeros((2, tree.size), bool)
        covered[self._parts[np.isin(self._rows, built)]] = True
        reachable[self._parts] = True
        needed = tree.above(part) & ~covered & ~reachable
        give_up(tree.below_any(needed & ~self._tried)[part], "no_link")
        give_up(tree.below_any(needed)[part], "trench")
        groups: set[tuple[int, frozenset[int]]] = set()
        while True:
            asked: list[Labels] = []
            hopeless = False
            for number, group in sorted(groups, key=lambda each: (each[0], sorted(each[1]))):
                parting = self._partings[number]
                inside = np.isin(sides[number], list(group))
                out = parting.out_of(group)
                if not len(out) and (inside & helped).any():
                    give_up(inside, "trench" if parting.crossing(group) else "no_link")
                    hopeless = True
                elif (inside & helped).any() and not np.isin(out, built).any():
                    asked.append(out)
            if hopeless:
                continue
            bridges = tree.above(part[helped]) & ~covered
            rows = np.concatenate([self._rows, *asked])
            numbers = np.repeat(np.arange(len(asked)), [len(out) for out in asked])
            parts = np.concatenate([self._parts, tree.size + numbers])
            order = np.argsort(rows, kind="stable")
            links, bound = _cheapest_cover(
                rows[order],
                parts[order].astype(np.int64),
                price,
                np.concatenate([bridges, np.ones(len(asked), bool)]),
                time_limit_s,
            )
            standing = np.concatenate([built, links])
            fresh = {
                (number, group)
                for number, parting in enumerate(self._partings)
                for group in parting.stuck(standing, sides[number][helped])
            } - groups
            if not fresh:
                return links, bound, alone
            groups |= fresh


def second_way_lacks(
    network: RouteNetwork, found: Resilience, links: gpd.GeoDataFrame, wanted: pd.Series
) -> Callable[[Flags], list[tuple[int, Labels]]]:
    """Return how to tell what places still lack for a second way while some links are built.

    Parameters
    ----------
    network, found
        A network and its `resilience`.
    links : GeoDataFrame of lines
        ``from_id`` and ``to_id`` as in a `LinkPlan`; with ``beside`` from
        `avoid_trenches` a link is no second way for a cable beside which it lies.
    wanted : Series of int
        Node of each place, as the ``node`` of its drop; on the network and connected.

    Returns
    -------
    callable
        Flags of the links built → pairs of a place's position in `wanted` and
        the positions of links of which it needs at least one more; none of them
        where no link would do. A place of which nothing is told has two ways.

    Examples
    --------
    The links of `double_homing` are all that is needed:

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import attach, build_network, resilience
    >>> corners = [(0, 500), (0, 0), (1000, 0), (1000, 500)]
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a", "b", "c"]}, crs="EPSG:9209",
    ...     geometry=[LineString(corners[i : i + 2]) for i in range(3)],
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(0, 500), Point(1000, 500)], index=["hub", "village"], crs="EPSG:9209"
    ... )
    >>> network, drops = attach(build_network(spans, snap_tolerance_m=1), places, drop_length_m=9)
    >>> people = pd.DataFrame({"population": [0, 90]}, index=places.index)
    >>> found = resilience(network, drops, hubs=["hub"], weights=people, rank_by="population")
    >>> link = gpd.GeoDataFrame(
    ...     {"from_id": ["a:start"], "to_id": ["c:end"]}, crs="EPSG:9209",
    ...     geometry=[LineString([(0, 500), (1000, 500)])],
    ... )
    >>> lacks = second_way_lacks(network, found, link, drops.loc[["village"], "node"])
    >>> [(place, links.tolist()) for place, links in lacks(np.array([False]))]
    [(0, [0]), (0, [0]), (0, [0])]
    >>> lacks(np.array([True]))
    []
    """
    position = pd.Series(np.arange(len(network.nodes)), index=network.nodes["id"])
    ends = {f"{side}_node": position[links[f"{side}_id"]].to_numpy() for side in ("from", "to")}
    return _Demands(found, links.assign(**ends)).of_each(wanted)


class _PartTree:
    """The tree of two-edge-connected parts under the hubs; its edges are the bridges."""

    def __init__(self, found: Resilience) -> None:
        cuts = found.cuts
        self.size = len(cuts.top)
        self._part = cuts.part[found.node]
        self._connected = found.connected
        above = cuts.parent[cuts.top]
        # Parts are numbered from the root down, so numbers serve as the order.
        self._order = np.arange(self.size)
        self._parent = np.where(above >= 0, cuts.part[above], -1)
        self.bridge = cuts.parent_edge[cuts.top]
        self._depth = np.zeros(self.size, np.int64)
        count_changes(self._order, self._parent, self._order, self._depth)

    def covered(self, candidates: pd.DataFrame) -> tuple[Labels, Labels]:
        """List pairs of a candidate and a part whose upward bridge it makes redundant."""
        ends = candidates[["from_node", "to_node"]].to_numpy(np.int64)
        # A link to a part without connection closes no ring, so its path is left empty.
        start, end = (self._part[ends] * self._connected[ends].all(axis=1)[:, None]).T
        first = np.zeros(len(candidates) + 1, np.int64)
        climb(start, end, self._parent, self._depth, first, np.zeros(0, np.int64))
        first = np.cumsum(first)
        path = np.empty(first[-1], np.int64)
        if len(path):
            climb(start, end, self._parent, self._depth, first, path)
        return np.repeat(np.arange(len(candidates)), np.diff(first)), path

    def risk(self, found: Resilience) -> Floats:
        """Return the risk of the bridge above each part."""
        return np.where(self.bridge >= 0, found.bridge_risk[self.bridge], 0.0)

    def above(self, parts: Labels) -> Flags:
        """Mark the parts on the way from some parts to the root, whose bridges they need."""
        wanted = np.zeros((self.size, 1))
        wanted[parts] = 1
        add_up(self._order, self._parent, wanted)
        marked: Flags = (wanted[:, 0] > 0) & (self._parent >= 0)
        return marked

    def below_any(self, marked: Flags) -> Flags:
        """Mark the parts at or below marked ones."""
        result = marked.copy()
        for part in range(self.size):
            if self._parent[part] >= 0:
                result[part] |= result[self._parent[part]]
        return result


def _cheapest_cover(
    rows: Labels, parts: Labels, price: Floats, needed: Flags, time_limit_s: float | None
) -> tuple[Labels, float]:
    """Choose candidates that cover every needed part; return them and a lower bound."""
    use = needed[parts]
    rows, parts = rows[use], parts[use]
    if not len(rows):
        return np.zeros(0, np.int64), 0.0
    links, column = _without_twins(rows, parts, price)
    row = np.unique(parts[column >= 0], return_inverse=True)[1]
    matrix = csr_array(
        (np.ones(len(row)), (row, column[column >= 0])), shape=(row.max() + 1, len(links))
    )
    cost = price[links]
    greedy = _greedy_cover(matrix, cost)
    if len(links) <= _EXACT_LINKS:
        solved = milp(
            cost,
            integrality=np.ones(len(links), np.int8),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, lb=1),
            options={
                "node_limit": _SEARCH_NODES,
                "mip_rel_gap": 0,
                "time_limit": np.inf if time_limit_s is None else time_limit_s,
            },
        )
        best = greedy
        if solved.x is not None and cost[solved.x > 0.5].sum() < cost[greedy].sum():
            best = np.flatnonzero(solved.x > 0.5)
        total = float(cost[best].sum())
        return links[best], total if solved.status == 0 else min(
            total, solved.mip_dual_bound or 0.0
        )
    rows_below: Any = -matrix  # sparse, of which linprog's type hints know nothing
    relaxed = linprog(cost, A_ub=rows_below, b_ub=-np.ones(matrix.shape[0]), bounds=(0, 1))
    return links[greedy], min(float(cost[greedy].sum()), float(relaxed.fun or 0.0))


def _without_twins(rows: Labels, parts: Labels, price: Floats) -> tuple[Labels, Labels]:
    """Keep the cheapest of candidates that cover the same; number the kept ones from 0.

    Returns the kept candidates and, for each entry of `rows`, its new number or -1.
    """
    draw = np.random.default_rng(98).integers(1, 2**62, parts.max() + 1)
    candidates, inverse = np.unique(rows, return_inverse=True)
    mark = np.zeros(len(candidates), np.int64)
    np.add.at(mark, inverse, draw[parts])  # wraps around, which is as good a mark
    order = np.lexsort((candidates, price[candidates], mark))
    first = np.ones(len(order), bool)
    first[1:] = mark[order[1:]] != mark[order[:-1]]
    kept = np.sort(order[first])
    number = np.full(len(candidates), -1)
    number[kept] = np.arange(len(kept))
    return candidates[kept], number[inverse]


def _greedy_cover(matrix: csr_array, cost: Floats) -> Labels:
    """Cover every row: cheapest per newly covered row first, then drop what became needless."""
    by_column = matrix.tocsc()
    open_rows = np.ones(matrix.shape[0], bool)
    gain = np.diff(by_column.indptr).astype(float)
    chosen: list[int] = []
    while open_rows.any():
        value = np.where(gain > 0, cost / np.maximum(gain, 1), np.inf)
        pick = int(value.argmin())
        chosen.append(pick)
        fresh = by_column.indices[by_column.indptr[pick] : by_column.indptr[pick + 1]]
        fresh = fresh[open_rows[fresh]]
        open_rows[fresh] = False
        gain -= matrix[fresh].sum(axis=0)
    times = matrix[:, chosen].sum(axis=1)
    kept = []
    for pick in sorted(chosen, key=lambda column: (-cost[column], column)):
        its = by_column.indices[by_column.indptr[pick] : by_column.indptr[pick + 1]]
        if (times[its] > 1).all():
            times[its] -= 1
        else:
            kept.append(pick)
    return np.sort(np.array(kept, np.int64))


def _described(network: RouteNetwork, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = network.nodes["id"].to_numpy(object)
    return candidates.assign(
        from_id=names[candidates["from_node"].to_numpy()],
        to_id=names[candidates["to_node"].to_numpy()],
    )


def _none(size: int) -> pd.api.extensions.ExtensionArray:
    """Return a column of whole numbers without any."""
    return pd.array([pd.NA] * size, "Int64")
