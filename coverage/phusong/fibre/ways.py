"""The way of one cable from each place to the fibre: along roads, else straight.

Knows places that are asked one by one. Trees that several places share are `extension`'s.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from .._types import Flags, Floats, Labels
from ..errors import CrsMismatchError
from .extension import bridged, road_ways
from .network import lightest
from .prices import cost_vnd
from .reach import attach


@dataclass(frozen=True, kw_only=True)
class CableRules:
    """Where a new cable may run, and for how much.

    Parameters
    ----------
    snap_tolerance_m : float
        Ends of roads, and roads and fibre, at most this far apart meet.
    longest_m : float
        Longer cables are not offered.
    longest_drop_m : float
        Where roads are known, the longest straight piece: from a place to its road, or to the
        fibre.
    straight_factor : float
        How much longer a cable is than a straight line, and so dearer.
    vnd_per_km : float, optional
        Price of a kilometre everywhere; without it `prices` tells.
    prices, deployment, elevation : optional
        As for `extend`.
    gap_m : float
        As for `extend`.
    """

    snap_tolerance_m: float
    longest_m: float
    longest_drop_m: float
    straight_factor: float
    vnd_per_km: float | None = None
    prices: pd.DataFrame | None = None
    deployment: str | None = None
    elevation: xr.DataArray | None = None
    gap_m: float = 0.0

    def cost_vnd(self, ways: gpd.GeoDataFrame) -> Floats:
        """Price lines.

        Parameters
        ----------
        ways : GeoDataFrame of lines
            With ``length_m``.

        Returns
        -------
        ndarray
            Dong; kilometres where nothing tells a price.
        """
        if self.vnd_per_km is not None or self.prices is None:
            each = 1.0 if self.vnd_per_km is None else self.vnd_per_km
            return np.asarray(each * ways["length_m"].to_numpy() / 1000, dtype=float)
        return cost_vnd(ways, self.prices, deployment=self.deployment, elevation=self.elevation)


def cable_ways(
    places: gpd.GeoDataFrame,
    spans: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    *,
    rules: CableRules,
) -> gpd.GeoDataFrame:
    """Lead a cable of its own from each place to the fibre, the cheapest way.

    Parameters
    ----------
    places : GeoDataFrame of points
        In a projected CRS in metres, with an index without repetition.
    spans : GeoDataFrame of lines
        Fibre that may be joined anywhere, in the same CRS.
    roads : GeoDataFrame of lines, optional
        ``road_id`` as `tables.ROADS`. Without them cables run straight.
    rules : CableRules

    Returns
    -------
    GeoDataFrame of lines, indexed like `places`
        From the place to the fibre: ``along`` (road, straight), ``length_m`` of the cable,
        ``cost_vnd`` (kilometres where nothing tells a price). Places without a way have no line
        and NaN.

    Raises
    ------
    CrsMismatchError
        If the tables are not in one CRS.
    NetworkError
        If the price table cannot be used.

    Examples
    --------
    The fibre is 3 km away, but 5 km by the road; straight would be too long a drop.

    >>> def lines(name, *shape):
    ...     line = shapely.LineString(shape)
    ...     return gpd.GeoDataFrame({name: ["a"]}, geometry=[line], crs="EPSG:9209")
    >>> place = gpd.GeoDataFrame(geometry=[shapely.Point(0, 3100)], crs="EPSG:9209")
    >>> fibre = lines("id", (0, 0), (9000, 0))
    >>> road = lines("road_id", (0, 3000), (2000, 3000), (2000, 0))
    >>> rules = CableRules(snap_tolerance_m=5, longest_m=20_000, longest_drop_m=1000,
    ...                    straight_factor=1.3, vnd_per_km=1e8)
    >>> for some in (road, None):
    ...     way = cable_ways(place, fibre, some, rules=rules).iloc[0]
    ...     print(way["along"], round(way["length_m"]), round(way["cost_vnd"] / 1e6))
    road 5130 513
    straight 4030 403
    """
    for name, layer in (("spans", spans), ("roads", roads)):
        if layer is not None and layer.crs != places.crs:
            raise CrsMismatchError(name, str(layer.crs), str(places.crs))
    ways = _straight(places, spans, rules, roads is not None)
    if roads is not None and len(roads) and len(spans) and len(places):
        by_road = _along_roads(places, spans, roads, rules)
        better = ~(by_road["cost_vnd"] >= ways["cost_vnd"]) & by_road["cost_vnd"].notna()
        ways.loc[better] = by_road[better]
    return ways


def _straight(
    places: gpd.GeoDataFrame, spans: gpd.GeoDataFrame, rules: CableRules, roads_known: bool
) -> gpd.GeoDataFrame:
    """Lead cables straight to the nearest fibre, no farther than they may."""
    lines = np.full(len(places), None, object)
    if len(spans) and len(places):
        shapes = places.geometry.to_numpy()
        row, span = spans.sindex.nearest(shapes, return_all=False)
        lines[row] = shapely.shortest_line(shapes[row], spans.geometry.to_numpy()[span])
    away = shapely.length(lines)
    allowed = rules.longest_m / rules.straight_factor
    lines[~(away <= (min(allowed, rules.longest_drop_m) if roads_known else allowed))] = None
    led: Flags = ~shapely.is_missing(lines)
    length_m = np.where(led, shapely.length(lines) * rules.straight_factor, np.nan)
    table = _table(places, lines, length_m, np.full(len(places), np.nan), "straight")
    if led.any():
        table.loc[led, "cost_vnd"] = rules.cost_vnd(table[led])
    return table


def _table(
    places: gpd.GeoDataFrame, lines: Labels, length_m: Floats, cost_vnd: Floats, along: str
) -> gpd.GeoDataFrame:
    """Return the ways of places, of which those without a line have none."""
    led: Flags = ~shapely.is_missing(lines)
    return gpd.GeoDataFrame(
        {
            "along": pd.Series(along, places.index, dtype="str").where(led),
            "length_m": length_m,
            "cost_vnd": cost_vnd,
        },
        index=places.index,
        geometry=lines,
        crs=places.crs,
    )


def _along_roads(
    places: gpd.GeoDataFrame, spans: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, rules: CableRules
) -> gpd.GeoDataFrame:
    """Lead cables along roads, from the fibre wherever a road meets it."""
    network, gaps = bridged(roads, spans, rules.snap_tolerance_m, rules.gap_m)
    network, drops = attach(network, places, drop_length_m=rules.longest_drop_m)
    ways = road_ways(network, drops, places, gaps)
    beside = ways["kind"].isin(["drop", "gap"]).to_numpy()
    ways["length_m"] *= np.where(beside, rules.straight_factor, 1.0)
    cost = rules.cost_vnd(ways)
    count = len(network.nodes)
    size = count + len(places)
    start, end = (ways[f"{side}_node"].to_numpy(np.int64) for side in ("from", "to"))
    kept = lightest(start, end, cost, size)
    lit, _ = spans.sindex.query(
        network.nodes.geometry.array, predicate="dwithin", distance=rules.snap_tolerance_m
    )
    lines = np.full(len(places), None, object)
    length_m, cost_vnd = np.full((2, len(places)), np.nan)
    if not len(lit):
        return _table(places, lines, length_m, cost_vnd, "road")
    graph = coo_array((cost[kept], (start[kept], end[kept])), shape=(size, size)).tocsr()
    far, before, _ = dijkstra(
        graph, directed=False, indices=np.unique(lit), min_only=True, return_predecessors=True
    )
    edge_of = {
        (min(a, b), max(a, b)): edge
        for a, b, edge in zip(start[kept].tolist(), end[kept].tolist(), kept.tolist(), strict=True)
    }
    lengths, shapes = ways["length_m"].to_numpy(), ways.geometry.to_numpy()
    for place in np.flatnonzero(np.isfinite(far[count:])).tolist():
        node, edges = count + place, []
        while (onward := int(before[node])) >= 0:
            edges.append((edge_of[min(node, onward), max(node, onward)], node))
            node = onward
        metres = float(sum(lengths[edge] for edge, _ in edges))
        if metres <= rules.longest_m:
            length_m[place], cost_vnd[place] = metres, far[count + place]
            lines[place] = _joined([(shapes[edge], start[edge] == begin) for edge, begin in edges])
    return _table(places, lines, length_m, cost_vnd, "road")


def _joined(pieces: list[tuple[shapely.LineString, bool]]) -> shapely.LineString:
    """Return one line of pieces, each with whether it is drawn in the direction gone."""
    corners = [shapely.get_coordinates(line)[:: 1 if forward else -1] for line, forward in pieces]
    return shapely.LineString(np.concatenate(corners))
