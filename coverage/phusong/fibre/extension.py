"""The cheapest way to connect what is not connected: along roads, from the fibre that is lit.

Knows lines, places and prices; the trees themselves are `steiner`'s.
"""

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


@dataclass(frozen=True, kw_only=True)
class Extension:
    """New routes, what they cost, and how far from the cheapest they may be.

    Parameters
    ----------
    routes : GeoDataFrame of lines
        Fields of `tables.FIBRE_EXTENSION`.
    cost, lower_bound : float
        In dong where prices were given, else in km; no set of routes along
        the given roads can undercut the bound.
    in_vnd : bool
        Which of the two.
    unreachable : tuple
        Labels of the places that no road joins to lit fibre.
    """

    routes: gpd.GeoDataFrame
    cost: float
    lower_bound: float
    in_vnd: bool
    unreachable: tuple[Any, ...]

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
) -> Extension:
    """Connect places to lit fibre along roads, at least cost.

    Parameters
    ----------
    places : GeoDataFrame of points
        What is not connected, in a projected CRS in metres; index labels
        name them in the result.
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

    Returns
    -------
    Extension
        A place without coordinates, or farther than `longest_drop_m` from every
        road that leads to fibre, is listed as unreachable.

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
    for name, table in (("spans", spans), ("roads", roads)):
        if table.crs != places.crs:
            raise CrsMismatchError(name, str(table.crs), str(places.crs))
    network = road_network(roads, spans, snap_tolerance_m=snap_tolerance_m)
    network, drops = attach(network, places, drop_length_m=longest_drop_m)
    ways = _ways(network, drops, places)
    if prices is None:
        ways["cost"] = ways["length_m"] / 1000
    else:
        ways["cost"] = cost_vnd(ways, prices, deployment=deployment, elevation=elevation)
    size = len(network.nodes) + len(places)
    lit, _ = spans.sindex.query(
        network.nodes.geometry.array, predicate="dwithin", distance=snap_tolerance_m
    )
    return _connect(ways, size, np.unique(lit), len(network.nodes), places, prices is not None)


def _ways(network: RouteNetwork, drops: pd.DataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
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
    # A place on its road gets an edge of 1 cm: only with a length can it be a leaf of the tree.
    return ways.assign(length_m=ways["length_m"].clip(lower=0.01))


def _connect(
    ways: gpd.GeoDataFrame,
    size: int,
    lit: Labels,
    first_place: int,
    places: gpd.GeoDataFrame,
    in_vnd: bool,
) -> Extension:
    """Join all places that can be joined to the lit nodes taken as one."""
    root = size
    one = np.arange(size + 1)
    one[lit] = root
    start = one[ways["from_node"].to_numpy(np.int64)]
    end = one[ways["to_node"].to_numpy(np.int64)]
    label = components(size + 1, start, end)
    nodes = first_place + np.arange(len(places))
    within = label[nodes] == label[root]
    tree = steiner_tree(
        start, end, ways["cost"].to_numpy(), size + 1, np.append(nodes[within], root)
    )
    routes = ways.iloc[tree.edges]
    # A place that stands on its road needs no drop.
    routes = routes[routes["road_id"].notna() | (routes.geometry.length > SAME_PLACE_M)]
    cost = float(routes["cost"].sum())
    routes = routes.assign(
        kind=np.where(routes["road_id"].isna(), "drop", "road"),
        cost_vnd=routes["cost"] if in_vnd else np.nan,
        route_id=np.arange(1, len(routes) + 1),
    )
    return Extension(
        routes=routes[[*FIBRE_EXTENSION.columns, "geometry"]].reset_index(drop=True),
        cost=cost,
        lower_bound=min(tree.lower_bound, cost),
        in_vnd=in_vnd,
        unreachable=tuple(places.index[~within]),
    )
