"""How far people go to their service centre, and whom a merger moves too far away.

Knows villages, centres and roads; which centre serves whom is the caller's.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra

from .._types import Flags, Floats
from ..errors import CrsMismatchError, RolloutError
from ..fibre import RouteNetwork, adjacency, attach
from ..tables import ACCESS


def access_after_merger(  # noqa: PLR0913 - what a journey depends on, each with a name
    villages: gpd.GeoDataFrame,
    old_centres: gpd.GeoDataFrame,
    new_centres: gpd.GeoDataFrame,
    roads: RouteNetwork,
    *,
    old: pd.Series,
    new: pd.Series,
    longest_walk_m: float,
    road_kmh: float,
    walk_kmh: float,
    longest_travel_min: float,
) -> pd.DataFrame:
    """Compare the way to the service centre before and after a merger.

    Parameters
    ----------
    villages : GeoDataFrame of points
        ``village_id`` as `tables.VILLAGES`, in a projected CRS in metres.
    old_centres, new_centres : GeoDataFrame of points
        ``office_id`` as `tables.OFFICES`, in the same CRS.
    roads : RouteNetwork
        Roads through `phusong.fibre.build_network`.
    old, new : Series, indexed like `villages`
        ``office_id`` of the centre that serves each village; NA: none.
    longest_walk_m : float
        Farthest straight walk from a village or a centre to a road, metres.
    road_kmh, walk_kmh : float
        Speeds on the road and on the walk to it.
    longest_travel_min : float
        Travel time allowed, itself included, minutes.

    Returns
    -------
    DataFrame, rows and index as `villages`
        ``village_id`` and the ways of `tables.ACCESS`. Since files are received regardless of
        boundaries within the province (NĐ 118/2025), the nearest new centre
        by travel time is given too. NaN where there is no way by road;
        ``moved_beyond`` is then NA unless the old way was too long already.

    Raises
    ------
    CrsMismatchError
        If the tables are not in one CRS.
    RolloutError
        If a speed is not above zero, or a centre is not in its table.

    Examples
    --------
    The old centre is 5 minutes away at 60 km/h, the new one 14.

    >>> from shapely import LineString, Point
    >>> from phusong.fibre import build_network
    >>> def points(column, x_m):
    ...     return gpd.GeoDataFrame({column: ["a"]}, geometry=[Point(x_m, 0)], crs="EPSG:9209")
    >>> road = gpd.GeoDataFrame(
    ...     {"id": ["QL2"]}, geometry=[LineString([(0, 0), (20_000, 0)])], crs="EPSG:9209"
    ... )
    >>> served_by = pd.Series(["a"])
    >>> access_after_merger(
    ...     points("village_id", 0), points("office_id", 5_000), points("office_id", 14_000),
    ...     build_network(road, snap_tolerance_m=5), old=served_by, new=served_by,
    ...     longest_walk_m=500, road_kmh=60, walk_kmh=4, longest_travel_min=10,
    ... )[["old_distance_m", "new_distance_m", "moved_beyond"]].values.tolist()
    [[5000.0, 14000.0, True]]
    """
    if not (road_kmh > 0 and walk_kmh > 0):
        raise RolloutError("egov.bad_speed")
    for name, table in (("old_centres", old_centres), ("new_centres", new_centres)):
        if table.crs != villages.crs:
            raise CrsMismatchError(name, str(table.crs), str(villages.crs))
    points = [table.geometry for table in (villages, old_centres, new_centres)]
    places = gpd.GeoDataFrame(geometry=pd.concat(points, ignore_index=True))
    network, drops = attach(roads, places, drop_length_m=longest_walk_m)
    node = drops["node"].to_numpy(np.int64)
    walk = drops["distance_m"].to_numpy()
    home, home_walk = node[: len(villages)], walk[: len(villages)]
    matrix = adjacency(network)
    ways = {name: _Way(len(villages)) for name in ("old", "new", "nearest")}
    begin = len(villages)
    for when, centres, serving in (("old", old_centres, old), ("new", new_centres, new)):
        serving = serving.reindex(villages.index)
        number = pd.Index(centres["office_id"]).get_indexer(serving)
        strangers = serving[(number < 0) & serving.notna().to_numpy()]
        if len(strangers):
            raise RolloutError(
                "egov.unknown_office", name=strangers.iloc[0], count=strangers.nunique()
            )
        for centre in range(len(centres)):
            there = begin + centre
            mine = number == centre
            if node[there] < 0 or (when == "old" and not mine.any()):
                continue
            away = dijkstra(matrix, directed=False, indices=node[there])
            road = np.where(home >= 0, away[home], np.inf)
            walked = home_walk + walk[there]
            minutes = 60 / 1000 * (road / road_kmh + walked / walk_kmh)
            ways[when].offer(mine, road + walked, minutes)
            if when == "new":
                ways["nearest"].offer(np.ones(len(mine), bool), road + walked, minutes)
        begin += len(centres)
    result: dict[str, object] = {"village_id": villages["village_id"].to_numpy()}
    for when, way in ways.items():
        reached = np.isfinite(way.minutes)
        result[f"{when}_distance_m"] = np.where(reached, way.metres, np.nan)
        result[f"{when}_travel_min"] = np.where(reached, way.minutes, np.nan)
    table = pd.DataFrame(result, index=villages.index)
    before, after = table["old_travel_min"], table["new_travel_min"]
    beyond = ((before <= longest_travel_min) & (after > longest_travel_min)).astype("boolean")
    known = (before.notna() & after.notna()) | (before > longest_travel_min)
    table["moved_beyond"] = beyond.where(known)
    return table[[name for name in ACCESS.columns if name in table]]


class _Way:
    """The quickest way offered to each village so far."""

    def __init__(self, size: int) -> None:
        self.metres, self.minutes = np.full((2, size), np.inf)

    def offer(self, rows: Flags, metres: Floats, minutes: Floats) -> None:
        better = rows & (minutes < self.minutes)
        self.metres[better], self.minutes[better] = metres[better], minutes[better]
