"""Cables that share a trench or a row of poles: one landslide cuts them all.

Knows sections as lines on the map plane. Cables that merely cross or meet at
a junction share nothing worth the name.
"""

from collections import defaultdict

import geopandas as gpd
import numpy as np
import shapely

from .network import Network

Trench = tuple[int, ...]


def shared_trenches(
    network: Network, *, distance_m: float, shortest_m: float
) -> tuple[Trench, ...]:
    """Find the sets of sections that run side by side.

    Parameters
    ----------
    network : Network
    distance_m : float
        Sections at most this far apart lie in one trench, metres.
    shortest_m : float
        Shorter stretches side by side do not count, metres; at least a few
        times `distance_m`, or every junction would be one.

    Returns
    -------
    tuple of tuple of int
        Positions in ``network.edges``, ascending; each set is cut by one
        event somewhere along its sections. Sorted, without repetition.

    Examples
    --------
    >>> from shapely import LineString
    >>> from .network import build_network
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["a", "b"]}, crs="EPSG:9209",
    ...     geometry=[LineString([(0, 0), (900, 0)]), LineString([(100, 4), (500, 4), (500, 90)])],
    ... )
    >>> network = build_network(spans, snap_tolerance_m=1)
    >>> shared_trenches(network, distance_m=5, shortest_m=100)
    ((0, 1),)
    """
    lines = network.edges.geometry.to_numpy()
    one, other = network.edges.sindex.query(lines, predicate="dwithin", distance=distance_m)
    far = (one == other) | ~_long_enough(lines[one], lines[other], distance_m, shortest_m)
    one, other = one[~far], other[~far]
    beside = shapely.intersection(lines[one], shapely.buffer(lines[other], distance_m))
    pieces, pair = shapely.get_parts(beside, return_index=True)
    kept = (shapely.get_type_id(pieces) == 1) & (shapely.length(pieces) >= shortest_m)
    pieces, pair = pieces[kept], pair[kept]
    host = lines[one[pair]]
    stretches: dict[int, list[tuple[float, float, int]]] = defaultdict(list)
    for edge, partner, begin, finish in zip(
        one[pair].tolist(),
        other[pair].tolist(),
        shapely.line_locate_point(host, shapely.get_point(pieces, 0)).tolist(),
        shapely.line_locate_point(host, shapely.get_point(pieces, -1)).tolist(),
        strict=True,
    ):
        stretches[edge].append((begin, finish, partner))
    found = {
        tuple(sorted({edge, *partners}))
        for edge, along in stretches.items()
        for partners in _together(along)
    }
    return tuple(sorted(found))


def _long_enough(
    one: gpd.array.GeometryArray,
    other: gpd.array.GeometryArray,
    distance_m: float,
    shortest_m: float,
) -> np.ndarray:
    """Rule out cheaply the pairs whose boxes do not overlap enough to run side by side."""
    a, b = shapely.bounds(one), shapely.bounds(other)
    wide = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]) + 2 * distance_m
    # A winding line may be far longer than its box; only short boxes that hold short lines go.
    box = np.hypot(wide[:, 0], wide[:, 1])
    straight = np.hypot(a[:, 2] - a[:, 0], a[:, 3] - a[:, 1])
    winding = np.maximum(shapely.length(one) / np.maximum(straight, distance_m), 1)
    enough: np.ndarray = box * winding >= shortest_m
    return enough


def _together(along: list[tuple[float, float, int]]) -> set[frozenset[int]]:
    """Return the largest sets of partners that lie beside one line at the same place."""
    events = sorted(
        [(begin, 1, partner) for begin, _, partner in along]
        + [(finish, 0, partner) for _, finish, partner in along]
    )
    beside: list[int] = []
    found: set[frozenset[int]] = set()
    growing = False
    for _, begins, partner in events:
        if begins:
            beside.append(partner)
        else:
            if growing:
                found.add(frozenset(beside))
            beside.remove(partner)
        growing = bool(begins)
    return found
