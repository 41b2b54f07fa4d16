"""Cables that share a trench or a row of poles: one landslide cuts them all.

Knows sections as lines on the map plane. Cables that merely cross or meet at
a junction share nothing worth the name.
"""

from collections import defaultdict

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .._types import Flags, Labels
from .network import RouteNetwork

Trench = tuple[int, ...]

# Sections that meet at a junction are near each other for a few times the distance.
_JUNCTION = 6


def shared_trenches(
    network: RouteNetwork, *, distance_m: float, shortest_m: float
) -> tuple[Trench, ...]:
    """Find the sets of sections that run side by side.

    Parameters
    ----------
    network : RouteNetwork
    distance_m : float
        Sections at most this far apart lie in one trench, metres.
    shortest_m : float
        Spans side by side for less in all do not count, metres. Pieces shorter
        than six times `distance_m` never do: every junction would be a trench.

    Returns
    -------
    tuple of tuple of int
        Positions in ``network.edges``, ascending; each set is cut by one
        event somewhere along its sections. Sorted, without repetition.

    Examples
    --------
    >>> import geopandas as gpd
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
    span = pd.factorize(network.edges["span_id"])[0]
    # Taps and junctions cut a stretch into pieces, so the least length is that of all pieces
    # that two spans share; only what two sections share around their junction is no piece.
    pieces, one, other = _side_by_side(
        lines, span, network, within_m=distance_m, piece_m=_JUNCTION * distance_m,
        shortest_m=shortest_m,
    )  # fmt: skip
    host = lines[one]
    begin = shapely.line_locate_point(host, shapely.get_point(pieces, 0))
    finish = shapely.line_locate_point(host, shapely.get_point(pieces, -1))
    # On a line that meets itself a piece may seem to end before it begins: take all of it then.
    begin, finish = (
        np.where(finish > begin, begin, 0),
        np.where(finish > begin, finish, shapely.length(host)),
    )
    # Shorter at both ends, or partners that follow each other would overlap.
    margin = np.minimum(distance_m, (finish - begin) / 3)
    stretches: dict[int, list[tuple[float, float, int]]] = defaultdict(list)
    for edge, *stretch in zip(
        one.tolist(),
        (begin + margin).tolist(),
        (finish - margin).tolist(),
        other.tolist(),
        strict=True,
    ):
        stretches[edge].append(tuple(stretch))
    found = {
        tuple(sorted({edge, *partners}))
        for edge, beside_it in stretches.items()
        for partners in _together(beside_it)
    }
    return tuple(sorted(found))


def beside(
    lines: gpd.GeoDataFrame, network: RouteNetwork, *, distance_m: float, shortest_m: float
) -> tuple[Labels, Labels]:
    """Pair lines with the sections whose trench they share or may come to share.

    A third line between two would take them together, so twice the distance is kept.

    Parameters
    ----------
    lines : GeoDataFrame of lines
        Not of the network, in its CRS.
    network : RouteNetwork
    distance_m, shortest_m : float
        As for `shared_trenches`.

    Returns
    -------
    rows, edges : array of int
        Positions in `lines` and in ``network.edges``, each pair once.
    """
    _, row, edge = _side_by_side(
        lines.geometry.to_numpy(), -1 - np.arange(len(lines)), network, within_m=2 * distance_m,
        piece_m=_JUNCTION * distance_m, shortest_m=shortest_m,
    )  # fmt: skip
    pairs = np.unique(np.c_[row, edge], axis=0).astype(np.int64)
    return pairs[:, 0], pairs[:, 1]


def _side_by_side(
    lines: NDArray[np.object_],
    owner: Labels,
    network: RouteNetwork,
    *,
    within_m: float,
    piece_m: float,
    shortest_m: float,
) -> tuple[NDArray[np.object_], Labels, Labels]:
    """Return the pieces of lines that run beside sections, with line and section of each."""
    span = pd.factorize(network.edges["span_id"])[0]
    others = network.edges.geometry.to_numpy()
    one, other = network.edges.sindex.query(lines, predicate="dwithin", distance=within_m)
    itself = (owner[one] == span[other]) & (one == other)
    near = ~itself & _long_enough(lines[one], others[other], within_m, piece_m)
    one, other = one[near], other[near]
    along = shapely.intersection(lines[one], shapely.buffer(others[other], within_m))
    pieces, pair = shapely.get_parts(along, return_index=True)
    kept = (shapely.get_type_id(pieces) == 1) & (shapely.length(pieces) >= piece_m)
    pieces, one, other = pieces[kept], one[pair[kept]], other[pair[kept]]
    shared = pd.DataFrame({"a": owner[one], "b": span[other], "length": shapely.length(pieces)})
    of_both = shared.groupby(["a", "b"])["length"].transform("sum")
    total = np.where(shared["a"] == shared["b"], shared["length"], of_both)
    return pieces[total >= shortest_m], one[total >= shortest_m], other[total >= shortest_m]


def _long_enough(
    one: NDArray[np.object_], other: NDArray[np.object_], distance_m: float, shortest_m: float
) -> Flags:
    """Rule out cheaply the pairs whose boxes do not overlap enough to run side by side."""
    a, b = shapely.bounds(one), shapely.bounds(other)
    wide = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]) + 2 * distance_m
    # A winding line may be far longer than its box; only short boxes that hold short lines go.
    box = np.hypot(wide[:, 0], wide[:, 1])
    straight = np.hypot(a[:, 2] - a[:, 0], a[:, 3] - a[:, 1])
    winding = np.maximum(shapely.length(one) / np.maximum(straight, distance_m), 1)
    enough: Flags = box * winding >= shortest_m
    return enough


def _together(stretches: list[tuple[float, float, int]]) -> set[frozenset[int]]:
    """Return the largest sets of partners that lie beside one line at the same place."""
    events = sorted(
        [(begin, 1, partner) for begin, _, partner in stretches]
        + [(finish, 0, partner) for _, finish, partner in stretches]
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
