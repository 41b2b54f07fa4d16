"""A graph from the lines that offices draw: snapped, split at junctions, every change reported.

Knows spans and nodes on the map plane. What follows from the graph is found
by `reach` and `resilience`; which cables share a trench by `trench`.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.ops import substring

from .._types import Floats, Labels
from ..errors import CrsMismatchError
from ..tables import FIBRE_FINDINGS

SAME_PLACE_M = 1e-3
"""Places nearer than this are one; a snap shorter than this is not worth a report."""


@dataclass(frozen=True, kw_only=True)
class RouteNetwork:
    """Routes as a graph: spans of fibre, or roads.

    Parameters
    ----------
    nodes : GeoDataFrame of points, index 0 … n-1
        ``id``: the given node's, or ``<span>:start``/``<span>:end`` of the
        smallest span that ends there; ``component``: number of the connected
        part, 0 the one with most nodes.
    edges : GeoDataFrame of lines, index 0 … m-1
        Sections of routes between junctions: ``span_id`` (of roads the
        ``road_id``), ``section`` (from 1 along the route), ``from_node`` and
        ``to_node`` (positions in `nodes`), ``length_m`` as drawn.
    findings : GeoDataFrame of points
        As `tables.FIBRE_FINDINGS`: what was snapped, split, left out or found
        disconnected, and where.
    snap_tolerance_m : float
        With which it was built.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    findings: gpd.GeoDataFrame
    snap_tolerance_m: float

    @property
    def ends(self) -> tuple[Labels, Labels]:
        """Node positions of the two ends of each edge."""
        return (
            self.edges["from_node"].to_numpy(np.int64),
            self.edges["to_node"].to_numpy(np.int64),
        )


def carrying(
    spans: gpd.GeoDataFrame, *, statuses: Collection[str], as_of: datetime.date | None = None
) -> gpd.GeoDataFrame:
    """Return the spans that carry traffic: by status and, if asked, by date.

    Parameters
    ----------
    spans : GeoDataFrame of lines
        ``status`` and, where known, ``readyForServiceDate`` as `tables.SPANS`.
    statuses : collection of str
        Span statuses that carry traffic, such as ``{"operational"}``.
    as_of : date, optional
        A span ready for service later than this day, that day excluded, carries
        none; one without a date is taken at its status.

    Returns
    -------
    GeoDataFrame of lines
        Those rows of `spans`.

    Examples
    --------
    >>> from shapely import LineString
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a", "b"], "status": ["operational", "planned"]},
    ...     geometry=[LineString([(0, 0), (900, 0)])] * 2, crs="EPSG:9209",
    ... )
    >>> carrying(spans, statuses={"operational"}).id.to_list()
    ['a']
    """
    lit = spans["status"].isin(list(statuses))
    if as_of is not None and "readyForServiceDate" in spans:
        begun = spans["readyForServiceDate"]
        lit &= begun.isna() | (begun <= pd.Timestamp(as_of))
    return spans[lit]


def build_network(
    spans: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame | None = None,
    *,
    snap_tolerance_m: float,
) -> RouteNetwork:
    """Join spans into a graph.

    Parameters
    ----------
    spans : GeoDataFrame of lines
        ``id`` and, where known, ``start``, ``end`` and ``supplier`` as
        `tables.SPANS`, in a projected CRS in metres. All of them are used:
        choose with `carrying` first.
    nodes : GeoDataFrame of points, optional
        ``id`` as `tables.NODES`, in the same CRS.
    snap_tolerance_m : float
        Ends and nodes at most this far apart are one, metres.

    Returns
    -------
    RouteNetwork

    Raises
    ------
    CrsMismatchError
        If nodes and spans are not in one CRS.

    Notes
    -----
    Nodes nearer than the tolerance are merged. An end that names a known node
    belongs to it however far it is drawn; another end snaps to the nearest
    node, or to the other loose ends around it. Then a span is split where a
    node lies within the tolerance of its middle. Lines that merely cross are
    not joined: cables pass over each other. Geometry is kept as drawn.

    Examples
    --------
    A branch that stops 3 m short of the middle of a trunk.

    >>> from shapely import LineString
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["branch", "trunk"]},
    ...     geometry=[LineString([(50, 3), (50, 80)]), LineString([(0, 0), (100, 0)])],
    ...     crs="EPSG:9209",
    ... )
    >>> network = build_network(spans, snap_tolerance_m=5)
    >>> network.edges[["span_id", "from_node", "to_node", "length_m"]].values.tolist()
    [['branch', 0, 1, 77.0], ['trunk', 2, 0, 50.0], ['trunk', 0, 3, 50.0]]
    >>> network.findings[["finding", "span_id", "node_id", "distance_m"]].values.tolist()
    [['joined_mid_span', 'trunk', 'branch:start', 3.0]]
    """
    if nodes is not None and nodes.crs != spans.crs:
        raise CrsMismatchError("nodes", str(nodes.crs), str(spans.crs))
    findings = _Findings(spans.crs)
    parts = _clean(spans, findings)
    given, alias = _merge_nodes(nodes, spans.crs, snap_tolerance_m, findings)
    parts, places = _place_ends(parts, given, alias, snap_tolerance_m, findings)
    edges = _split(parts, places, snap_tolerance_m, findings)
    places = places.assign(component=components(len(places), edges["from_node"], edges["to_node"]))
    beyond = places[places["component"] > 0].drop_duplicates("component")
    findings.add("disconnected_part", beyond.geometry.array, node_id=beyond["id"].array)
    return RouteNetwork(
        nodes=places,
        edges=number_sections(edges.rename(columns={"id": "span_id"})),
        findings=findings.table(),
        snap_tolerance_m=snap_tolerance_m,
    )


class _Findings:
    """Collects what was changed or is doubtful, as columns."""

    def __init__(self, crs: Any) -> None:
        self._crs = crs
        self._rows: list[gpd.GeoDataFrame] = []

    def add(
        self,
        finding: str,
        places: Any,
        *,
        span_id: Any = None,
        node_id: Any = None,
        distance_m: Any = np.nan,
    ) -> None:
        rows = gpd.GeoDataFrame(
            {"finding": finding}, index=range(len(places)), geometry=places, crs=self._crs
        )
        self._rows.append(rows.assign(span_id=span_id, node_id=node_id, distance_m=distance_m))

    def table(self) -> gpd.GeoDataFrame:
        columns = [*FIBRE_FINDINGS.columns, "geometry"]
        rows = [row for row in self._rows if len(row)]
        if not rows:
            return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=self._crs)
        table = pd.concat(rows, ignore_index=True)
        text = dict.fromkeys(("finding", "span_id", "node_id"), "str")
        table = table.astype({**text, "distance_m": float}).sort_values(
            ["finding", "span_id", "node_id", "distance_m"], ignore_index=True
        )
        table["finding_id"] = np.arange(1, len(table) + 1)
        return gpd.GeoDataFrame(table[columns], geometry="geometry", crs=self._crs)


def _plain(table: gpd.GeoDataFrame, *columns: str) -> gpd.GeoDataFrame:
    """Return some columns, absent ones empty, with the geometry under its usual name."""
    return gpd.GeoDataFrame(
        table.reindex(columns=list(columns)), geometry=table.geometry.array, crs=table.crs
    )


def _clean(spans: gpd.GeoDataFrame, findings: _Findings) -> gpd.GeoDataFrame:
    """Order by id, take multi-part lines apart, leave out empty and repeated lines."""
    kept = _plain(spans, "id", "start", "end", "supplier")
    kept = kept.sort_values("id", kind="stable", ignore_index=True)
    empty = kept.geometry.isna() | kept.geometry.is_empty | (kept.geometry.length == 0)
    findings.add(
        "zero_length",
        shapely.get_point(shapely.get_geometry(kept.geometry[empty].array, 0), 0),
        span_id=kept["id"][empty].array,
    )
    kept = kept[~empty]
    shape = pd.Series(shapely.to_wkb(shapely.normalize(kept.geometry.array)), index=kept.index)
    repeated = pd.DataFrame({"shape": shape, "supplier": kept["supplier"]}).duplicated()
    findings.add(
        "duplicate",
        kept.geometry[repeated].interpolate(0.5, normalized=True).array,
        span_id=kept["id"][repeated].array,
    )
    parts = kept[~repeated].explode(ignore_index=True)
    # Only the outer ends of a multi-part line are the span's own.
    parts.loc[parts["id"].duplicated(), "start"] = None
    parts.loc[parts["id"].duplicated(keep="last"), "end"] = None
    return parts[parts.geometry.length > 0].reset_index(drop=True)


def _merge_nodes(
    nodes: gpd.GeoDataFrame | None, crs: Any, tolerance_m: float, findings: _Findings
) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return distinct places and, for each node id, the position of its place."""
    if nodes is None or not len(nodes):
        return gpd.GeoDataFrame({"id": pd.Series(dtype="str")}, geometry=[], crs=crs), {}
    placed = nodes[~(nodes.geometry.isna() | nodes.geometry.is_empty)]
    placed = _plain(placed, "id").sort_values("id", kind="stable", ignore_index=True)
    label = _clusters(placed.geometry.get_coordinates().to_numpy(), tolerance_m)
    first = pd.Series(label).drop_duplicates().index
    representative = first[label]
    merged = representative != np.arange(len(placed))
    findings.add(
        "nodes_merged",
        placed.geometry[merged].array,
        node_id=placed["id"][merged].array,
        distance_m=placed.geometry[merged]
        .distance(placed.geometry[representative[merged]], align=False)
        .to_numpy(),
    )
    return placed.loc[first].reset_index(drop=True), dict(
        zip(placed["id"], label.tolist(), strict=True)
    )


def _clusters(places: Floats, tolerance_m: float) -> Labels:
    """Label groups linked by steps of at most the tolerance, in order of their first members."""
    pairs = cKDTree(places).query_pairs(tolerance_m, output_type="ndarray")
    links = coo_array(
        (np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(places),) * 2
    )
    label: Labels = pd.factorize(connected_components(links, directed=False)[1])[0]
    return label


def _place_ends(
    parts: gpd.GeoDataFrame,
    given: gpd.GeoDataFrame,
    alias: dict[str, int],
    tolerance_m: float,
    findings: _Findings,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give each end of each part a node; loose ends make nodes of their own."""
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(parts.geometry.array, at)) for at in (0, -1)]
    )
    span = np.tile(parts["id"].to_numpy(object), 2)
    named = pd.concat([parts["start"], parts["end"]]).map(alias).fillna(-1).to_numpy(np.int64)
    node = named.copy()
    loose = node < 0
    if len(given) and loose.any():
        tree = cKDTree(given.geometry.get_coordinates().to_numpy())
        distance, nearest = tree.query(ends[loose], distance_upper_bound=tolerance_m * (1 + 1e-12))
        node[loose] = np.where(np.isfinite(distance), nearest, -1)
    own = np.flatnonzero(node < 0)
    places = given
    if len(own):
        label = _clusters(ends[own], tolerance_m)
        members = pd.DataFrame(
            {"span": span[own], "part": own % len(parts), "end": own // len(parts), "label": label}
        )
        first = members.sort_values(["span", "part", "end"]).drop_duplicates("label")
        first = first.sort_values(["span", "part", "end"])
        number = np.empty(len(first), np.int64)
        number[first["label"]] = np.arange(len(first)) + len(given)
        node[own] = number[label]
        suffix = first["end"].map({0: ":start", 1: ":end"})
        fresh = gpd.GeoDataFrame(
            {"id": (first["span"] + suffix).array},
            geometry=shapely.points(ends[own[first.index]]),
            crs=parts.crs,
        )
        # A multi-part span may own several; number the later ones.
        again = fresh.groupby("id").cumcount()
        fresh["id"] = fresh["id"].where(again == 0, fresh["id"] + (again + 1).astype(str))
        places = pd.concat([given, fresh], ignore_index=True)
    shapes = places.geometry.array[node]
    moved = shapely.distance(shapely.points(ends), shapes)
    for finding, chosen in (
        ("node_far_from_end", (named >= 0) & (moved > tolerance_m)),
        ("snapped", (moved > SAME_PLACE_M) & ((named < 0) | (moved <= tolerance_m))),
    ):
        findings.add(
            finding,
            shapely.points(ends[chosen]),
            span_id=span[chosen],
            node_id=places["id"].to_numpy(object)[node[chosen]],
            distance_m=moved[chosen],
        )
    parts = parts.assign(from_node=node[: len(parts)], to_node=node[len(parts) :])
    length = parts.geometry.length
    point_like = (parts["from_node"] == parts["to_node"]) & (length <= tolerance_m)
    findings.add(
        "zero_length",
        parts.geometry[point_like].interpolate(0.5, normalized=True).array,
        span_id=parts["id"][point_like].array,
        distance_m=length[point_like].array,
    )
    return parts[~point_like].reset_index(drop=True), places


def _split(
    parts: gpd.GeoDataFrame, places: gpd.GeoDataFrame, tolerance_m: float, findings: _Findings
) -> gpd.GeoDataFrame:
    """Split each part where a node that is not its end lies within the tolerance."""
    lines = parts.geometry.array
    point, part = parts.sindex.query(
        places.geometry.array, predicate="dwithin", distance=tolerance_m
    )
    ends = parts[["from_node", "to_node"]].to_numpy()
    foreign = (ends[part, 0] != point) & (ends[part, 1] != point)
    point, part = point[foreign], part[foreign]
    position = shapely.line_locate_point(lines[part], places.geometry.array[point])
    inside = (position > tolerance_m) & (position < shapely.length(lines[part]) - tolerance_m)
    cuts = pd.DataFrame(
        {"part": part[inside], "position_m": position[inside], "node": point[inside]}
    )
    cuts["distance_m"] = shapely.distance(lines[cuts["part"]], places.geometry.array[cuts["node"]])
    cuts = cuts.sort_values(["part", "position_m", "distance_m", "node"], ignore_index=True)
    together = cuts.groupby("part")["position_m"].diff() < SAME_PLACE_M
    for finding, rows in (("joined_mid_span", cuts[~together]), ("not_joined", cuts[together])):
        findings.add(
            finding,
            places.geometry.array[rows["node"]],
            span_id=parts["id"].to_numpy(object)[rows["part"]],
            node_id=places["id"].to_numpy(object)[rows["node"]],
            distance_m=rows["distance_m"].array,
        )
    return cut_edges(parts, cuts[~together])


def cut_edges(edges: gpd.GeoDataFrame, cuts: pd.DataFrame) -> gpd.GeoDataFrame:
    """Cut lines at positions along them.

    Parameters
    ----------
    edges : GeoDataFrame of lines, index 0 … m-1
        ``from_node`` and ``to_node``; other columns are repeated.
    cuts : DataFrame
        ``part`` (row of `edges`), ``position_m`` along it, strictly inside
        and ascending for each line, and the ``node`` that lies there.
    """
    count = np.bincount(cuts["part"].to_numpy(np.int64), minlength=len(edges))
    rows = np.repeat(np.arange(len(edges)), count + 1)
    pieces = edges.iloc[rows].reset_index(drop=True)
    last = np.cumsum(count + 1) - 1
    inner = np.ones(len(pieces), bool)
    inner[last] = False
    start = pieces["from_node"].to_numpy(np.int64, copy=True)
    end = pieces["to_node"].to_numpy(np.int64, copy=True)
    end[inner] = cuts["node"]
    start[1:][inner[:-1]] = cuts["node"]
    shapes = pieces.geometry.to_numpy(copy=True)
    reach = shapely.length(shapes)
    reach[inner] = cuts["position_m"]
    begin = np.zeros(len(pieces))
    begin[1:][inner[:-1]] = cuts["position_m"]
    for row in np.flatnonzero(count[rows] > 0):
        shapes[row] = substring(shapes[row], begin[row], reach[row])
    return pieces.assign(from_node=start, to_node=end).set_geometry(
        gpd.GeoSeries(shapes, crs=edges.crs)
    )


def number_sections(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Count off the sections along each span and measure them; columns as `RouteNetwork.edges`."""
    numbered = edges.assign(
        section=edges.groupby("span_id").cumcount() + 1, length_m=edges.geometry.length
    )
    return numbered[["span_id", "section", "from_node", "to_node", "length_m", "geometry"]]


def components(size: int, start: Labels, end: Labels) -> Labels:
    """Label the connected parts by falling number of nodes, then by first node."""
    links = coo_array((np.ones(len(start), bool), (start, end)), shape=(size, size))
    label = pd.factorize(connected_components(links, directed=False)[1])[0]
    order = np.argsort(-np.bincount(label), kind="stable") if size else np.zeros(0, np.int64)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    numbered: NDArray[np.int64] = rank[label]
    return numbered


def lightest(start: Labels, end: Labels, weight: Floats, size: int) -> Labels:
    """Return the edges left when loops go and of parallel edges the lightest stays."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    key = low.astype(np.int64) * size + high
    order = np.lexsort((np.arange(len(key)), weight, key))
    kept = order[np.unique(key[order], return_index=True)[1]]
    proper: Labels = np.sort(kept[low[kept] != high[kept]])
    return proper


def adjacency(network: RouteNetwork) -> csr_array:
    """Return section lengths between nodes as a sparse matrix.

    Parameters
    ----------
    network : RouteNetwork

    Returns
    -------
    csr_array of float64, shape (n, n)
        Metres, each pair of nodes once; the shortest of parallel sections, and
        no loops.

    Examples
    --------
    >>> from shapely import LineString
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a"]}, geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:9209"
    ... )
    >>> adjacency(build_network(spans, snap_tolerance_m=5)).toarray().tolist()
    [[0.0, 900.0], [0.0, 0.0]]
    """
    start, end = network.ends
    metres = network.edges["length_m"].to_numpy()
    size = len(network.nodes)
    kept = lightest(start, end, metres, size)
    return coo_array((metres[kept], (start[kept], end[kept])), shape=(size, size)).tocsr()
