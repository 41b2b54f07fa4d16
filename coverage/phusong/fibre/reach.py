"""How places hang on the network: their drop, and the way to their hubs.

Knows the graph and points on the map; what a cut would do is `resilience`'s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from .._types import Floats, Labels
from ..errors import CrsMismatchError, NetworkError
from ..tables import FIBRE_REACH, SPARE_FIBRES
from ._kernels import count_changes
from .network import (
    SAME_PLACE_M,
    RouteNetwork,
    adjacency,
    cut_edges,
    lightest,
    number_sections,
)


def attach(
    network: RouteNetwork,
    places: gpd.GeoDataFrame,
    *,
    drop_length_m: float,
    ways: gpd.GeoDataFrame | None = None,
) -> tuple[RouteNetwork, pd.DataFrame]:
    """Tap the network where places drop onto it.

    Parameters
    ----------
    network : RouteNetwork
    places : GeoDataFrame of points
        Offices, commune centres or masts, in the CRS of the network; an index
        without repetition.
    drop_length_m : float
        Longest drop from a span to a place, itself included, metres.
    ways : GeoDataFrame of points, optional
        Where each drop leaves the network and its length, from `drop_ways`;
        without it drops are straight.

    Returns
    -------
    RouteNetwork
        With sections split at the taps, so that a ring cut on one side of a
        tap still serves it from the other.
    DataFrame, indexed like `places`
        ``nearest_span``, the one that the drop leaves if there is a way;
        ``distance_m``, straight to the nearest span; ``drop_m``, NaN
        where no way is known; and ``node``: position in the new network, -1
        beyond the drop length or without coordinates.

    Raises
    ------
    CrsMismatchError
        If the places are not in the network's CRS.

    Examples
    --------
    A commune 30 m off the middle of a span, and one that is too far away.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import build_network
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["trunk"]}, geometry=[LineString([(0, 0), (1000, 0)])], crs="EPSG:9209"
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(600, 30), Point(600, 999)], index=["near", "far"], crs="EPSG:9209"
    ... )
    >>> network, drops = attach(
    ...     build_network(spans, snap_tolerance_m=5), places, drop_length_m=100
    ... )
    >>> network.edges["length_m"].to_list()
    [600.0, 400.0]
    >>> drops[["distance_m", "node"]].values.tolist()
    [[30.0, 2.0], [999.0, -1.0]]
    """
    if places.crs != network.nodes.crs:
        raise CrsMismatchError("places", str(places.crs), str(network.nodes.crs))
    nodes, edges = network.nodes, network.edges
    drops = pd.DataFrame(
        {
            "nearest_span": pd.Series(None, index=places.index, dtype="str"),
            "distance_m": np.nan,
            "drop_m": np.nan,
            "node": -1,
        },
        index=places.index,
    )
    shapes = places.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(edges) or not len(placed):
        return network, drops
    place = placed
    edge, distance = _nearest(edges, shapes[place])
    drops.iloc[place, 1] = distance
    length = distance
    if ways is not None:
        length = ways["drop_m"].reindex(places.index).to_numpy()[place]
        led = ~np.isnan(length)
        shapes = shapes.copy()
        shapes[place[led]] = ways.geometry.reindex(places.index).to_numpy()[place[led]]
        edge[led], _ = _nearest(edges, shapes[place[led]])
    drops.iloc[place, 0] = edges["span_id"].to_numpy(object)[edge]
    drops.iloc[place, 2] = length
    within = length <= drop_length_m  # NaN is false: no way
    place, edge = place[within], edge[within]
    lines = edges.geometry.to_numpy()[edge]
    position = shapely.line_locate_point(lines, shapes[place])
    section = edges["length_m"].to_numpy()[edge]
    ends = edges[["from_node", "to_node"]].to_numpy()[edge]
    margin = max(network.snap_tolerance_m, SAME_PLACE_M)
    node = np.where(position <= section / 2, ends[:, 0], ends[:, 1])
    inner = np.minimum(position, section - position) > margin
    taps = pd.DataFrame(
        {"place": place[inner], "part": edge[inner], "position_m": position[inner]}
    ).sort_values(["part", "position_m", "place"], ignore_index=True)
    step = taps.groupby("part")["position_m"].diff()
    fresh = ~(step <= SAME_PLACE_M)
    taps["node"] = len(nodes) + np.cumsum(fresh) - 1
    drops.iloc[place[~inner], 3] = node[~inner]
    drops.iloc[taps["place"], 3] = taps["node"].to_numpy()
    cuts = taps[fresh]
    host = edges.iloc[cuts["part"]]
    tapped = gpd.GeoDataFrame(
        {
            "id": [
                f"{span}:{section}@{metres:.3f}"
                for span, section, metres in zip(
                    host["span_id"], host["section"], cuts["position_m"], strict=True
                )
            ],
            "component": nodes["component"].to_numpy()[host["from_node"]],
        },
        geometry=shapely.line_interpolate_point(
            host.geometry.to_numpy(), cuts["position_m"].to_numpy()
        ),
        crs=nodes.crs,
    )
    return replace(
        network,
        nodes=pd.concat([nodes, tapped], ignore_index=True) if len(tapped) else nodes,
        edges=number_sections(cut_edges(edges, cuts)),
    ), drops


def connected(network: RouteNetwork, drops: pd.DataFrame, *, hubs: Collection[object]) -> pd.Series:
    """Tell which places are joined to a hub along the network.

    Parameters
    ----------
    network, drops
        As `attach` returned them.
    hubs : collection
        Index labels of `drops`; any of them will do.

    Returns
    -------
    Series of bool, indexed like `drops`
        False for a place beyond the drop length, and for all where no hub is
        on the network.

    Examples
    --------
    The second span begins 500 m beyond the end of the first.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import build_network
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a", "b"]}, crs="EPSG:9209",
    ...     geometry=[LineString([(0, 0), (900, 0)]), LineString([(1400, 0), (2000, 0)])],
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(0, 0), Point(900, 0), Point(2000, 0)],
    ...     index=["hub", "near", "cut off"], crs="EPSG:9209",
    ... )
    >>> network, drops = attach(build_network(spans, snap_tolerance_m=5), places, drop_length_m=50)
    >>> connected(network, drops, hubs=["hub"]).to_dict()
    {'hub': True, 'near': True, 'cut off': False}
    """
    node = drops["node"].to_numpy(np.int64)
    part = np.full(len(drops), -1)
    component = network.nodes["component"].to_numpy(np.int64)
    part[node >= 0] = component[node[node >= 0]]
    of_hubs = part[drops.index.isin(list(hubs)) & (part >= 0)]
    return pd.Series((part >= 0) & np.isin(part, of_hubs), index=drops.index)


def _nearest(edges: gpd.GeoDataFrame, points: NDArray[np.object_]) -> tuple[Labels, Floats]:
    """Return the nearest edge of each point, the first of several, and its distance."""
    (row, edge), distance = edges.sindex.nearest(points, return_distance=True)
    near = pd.DataFrame({"row": row, "edge": edge, "distance": distance})
    near = near.sort_values(["row", "edge"]).drop_duplicates("row")
    return near["edge"].to_numpy(np.int64, copy=True), near["distance"].to_numpy(copy=True)


def reach(
    network: RouteNetwork,
    drops: pd.DataFrame,
    *,
    level: pd.Series,
    district_code: pd.Series,
    spare_fibres: pd.Series | None = None,
) -> pd.DataFrame:
    """Measure the way along the network from each place to its hubs.

    Parameters
    ----------
    network : RouteNetwork
        As `attach` returned it.
    drops : DataFrame
        As `attach` returned it.
    level : Series, indexed like `drops`
        ``"province"`` and ``"district"`` mark the hubs; anything else is a
        place to be served.
    district_code : Series, indexed like `drops`
        Which district hub is a place's own.
    spare_fibres : Series of Int64, indexed by ``span_id``, optional
        Fibres of each span that are not in use; NA where it is not reported.

    Returns
    -------
    DataFrame, indexed like `drops`
        Fields of `tables.FIBRE_REACH`. Lengths are those of the spans as
        drawn, without the drop; hops count the spans used; paths name them
        from the place to the hub. NaN, NA and an empty path where no hub is
        connected; of several provincial hubs the nearest counts. The least spare
        fibres of the way are those of its fullest span, NA while a span has not
        reported, unless another has none to spare.

    Raises
    ------
    NetworkError
        If no place is a provincial hub.

    Examples
    --------
    A commune hangs on the district's hub, and that on the province's.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import build_network
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["trunk", "branch"]}, crs="EPSG:9209",
    ...     geometry=[LineString([(0, 0), (1000, 0)]), LineString([(1000, 0), (1000, 500)])],
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(0, 0), Point(1000, 0), Point(1000, 500)], crs="EPSG:9209"
    ... )
    >>> network, drops = attach(
    ...     build_network(spans, snap_tolerance_m=5), places, drop_length_m=50
    ... )
    >>> level = pd.Series(["province", "district", "commune"])
    >>> found = reach(network, drops, level=level, district_code=pd.Series(["024"] * 3))
    >>> found[["district_hub_m", "province_hub_m", "province_hub_path"]].values.tolist()[2]
    [500.0, 1500.0, 'branch, trunk']
    """
    node = drops["node"].to_numpy(np.int64)
    hub = {
        name: (level.reindex(drops.index) == name).to_numpy(bool)
        for name in ("province", "district")
    }
    if not hub["province"].any():
        raise NetworkError("fibre.no_hub")
    district = district_code.reindex(drops.index).to_numpy(object)
    graph = _Paths(network)
    result = drops[["nearest_span", "distance_m", "drop_m"]].rename(
        columns={"distance_m": "distance_to_fibre_m"}
    )
    everyone = np.arange(len(drops))
    spare = np.full((len(drops), len(SPARE_FIBRES)), pd.NA, object)
    groups = {
        "province": [(everyone, node[hub["province"]])],
        "district": [
            (np.flatnonzero(district == code), node[hub["district"] & (district == code)])
            for code in sorted({one for one in district[hub["district"]] if pd.notna(one)})
        ],
    }
    for name, pieces in groups.items():
        length = np.full(len(drops), np.nan)
        hops = np.full(len(drops), -1)
        path = np.full(len(drops), "", object)
        for rows, hubs in pieces:
            rows = rows[node[rows] >= 0]
            if not len(rows) or not (hubs >= 0).any():
                continue
            tree = graph.towards(hubs[hubs >= 0])
            length[rows], hops[rows] = tree.length_m[node[rows]], tree.hops[node[rows]]
            ways = [tree.spans_from(start) for start in node[rows]]
            path[rows] = [", ".join(way) for way in ways]
            if name == "province":
                spare[rows] = _least_spare(ways, spare_fibres)
        connected = np.isfinite(length)
        result[f"{name}_hub_m"] = np.where(connected, length, np.nan)
        result[f"{name}_hub_hops"] = pd.array(hops, "Int64")
        result.loc[~connected, f"{name}_hub_hops"] = pd.NA
        result[f"{name}_hub_path"] = path.astype(str)
    spare[result["province_hub_m"].isna().to_numpy()] = pd.NA
    for field, column in zip(SPARE_FIBRES, spare.T, strict=True):
        result[field.name] = pd.array(column, "Int64")
    return result[list(FIBRE_REACH.columns)]


def _least_spare(
    ways: Sequence[Sequence[str]], spare: pd.Series | None
) -> list[tuple[object, int, int]]:
    """Return the least spare fibres of each way, and of how many spans it is known."""
    told = spare.dropna() if spare is not None else pd.Series(dtype="Int64")
    known = dict(zip(told.index, told.astype(int), strict=True))
    rows: list[tuple[object, int, int]] = []
    for way in ways:
        names = set(way)
        some = [known[name] for name in names if name in known]
        sure = some and (len(some) == len(names) or min(some) == 0)
        rows.append((min(some) if sure else pd.NA, len(some), len(names)))
    return rows


@dataclass(frozen=True)
class _Tree:
    """Shortest paths towards hubs: per node the length, spans used, and the next step."""

    length_m: Floats
    hops: Labels
    following: Labels
    span: Labels
    names: Sequence[str]

    def spans_from(self, node: int) -> list[str]:
        numbers: list[int] = []
        while (following := self.following.item(node)) >= 0:  # none from a hub, nor without a way
            number = self.span.item(node)
            if not numbers or numbers[-1] != number:
                numbers.append(number)
            node = following
        return [self.names[number] for number in numbers]


class _Paths:
    """The network as a matrix, with the span that each shortest step uses."""

    def __init__(self, network: RouteNetwork) -> None:
        start, end = network.ends
        self._size = len(network.nodes)
        self._span, names = pd.factorize(network.edges["span_id"])
        self._names = names.tolist()  # each is looked up many times, which an index is slow at
        metres = network.edges["length_m"].to_numpy()
        kept = lightest(start, end, metres, self._size)
        key = self._keys(start[kept], end[kept])
        order = np.argsort(key)
        self._key, self._edge = key[order], kept[order]
        self._matrix = adjacency(network)

    def _keys(self, one: Labels, other: Labels) -> Labels:
        return np.minimum(one, other) * self._size + np.maximum(one, other)

    def towards(self, hubs: Labels) -> _Tree:
        length, following, _ = dijkstra(
            self._matrix,
            directed=False,
            indices=np.unique(hubs),
            min_only=True,
            return_predecessors=True,
        )
        following = np.where(following < 0, -1, following).astype(np.int64)
        span = np.full(self._size, -1)
        moving = np.flatnonzero(following >= 0)
        key = self._keys(moving, following[moving])
        span[moving] = self._span[self._edge[np.searchsorted(self._key, key)]]
        hops = np.zeros(self._size, np.int64)
        count_changes(np.argsort(length, kind="stable"), following, span, hops)
        return _Tree(length, hops, following, span, self._names)
