"""Compiled loops over graphs: plain arrays in, filled arrays out, no checks."""

import heapq
import math

import numpy as np

from .._compiled import compiled
from .._types import Flags, Floats, Labels


@compiled
def low_links(
    first: Labels,
    neighbour: Labels,
    edge: Labels,
    roots: Labels,
    order: Labels,
    entered: Labels,
    low: Labels,
    parent: Labels,
    parent_edge: Labels,
) -> int:
    """Search depth first (Tarjan 1972) from each root not yet seen; return nodes reached.

    `first`, `neighbour` and `edge` list each node's neighbours; `entered` comes
    filled with -1, `parent` and `parent_edge` too.
    """
    cursor = first[:-1].copy()
    stack = np.empty(len(entered), np.int64)
    clock = 0
    for root in roots:
        if entered[root] >= 0:
            continue
        height = 0
        stack[0] = root
        entered[root] = low[root] = clock
        order[clock] = root
        clock += 1
        while height >= 0:
            node = stack[height]
            if cursor[node] < first[node + 1]:
                at = cursor[node]
                cursor[node] += 1
                other = neighbour[at]
                if entered[other] < 0:
                    parent[other], parent_edge[other] = node, edge[at]
                    entered[other] = low[other] = clock
                    order[clock] = other
                    clock += 1
                    height += 1
                    stack[height] = other
                elif edge[at] != parent_edge[node]:
                    low[node] = min(low[node], entered[other])
            else:
                height -= 1
                if height >= 0:
                    low[stack[height]] = min(low[stack[height]], low[node])
    return clock


@compiled
def add_up(order: Labels, parent: Labels, totals: Floats) -> None:
    """Add each row's totals to its parent's, leaves first; rows become subtree sums."""
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        if parent[node] >= 0:
            for j in range(totals.shape[1]):
                totals[parent[node], j] += totals[node, j]


@compiled
def mix_up(order: Labels, parent: Labels, mark: Labels) -> None:
    """Exclusive-or each row's mark into its parent's, leaves first."""
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        if parent[node] >= 0:
            mark[parent[node]] ^= mark[node]


@compiled
def hand_down(order: Labels, parent: Labels, fresh: Flags, label: Labels) -> None:
    """Label the pieces that fresh nodes begin; the other nodes take their parent's label."""
    count = 0
    for node in order:
        if fresh[node]:
            label[node] = count
            count += 1
        else:
            label[node] = label[parent[node]]


@compiled
def count_changes(order: Labels, parent: Labels, span: Labels, hops: Labels) -> None:
    """Count the spans along the path from the root to each node, roots first."""
    for node in order:
        above = parent[node]
        if above >= 0:
            hops[node] = hops[above] + (span[node] != span[above])


@compiled
def climb(
    start: Labels, end: Labels, parent: Labels, depth: Labels, first: Labels, path: Labels
) -> None:
    """List, for each pair of tree nodes, the nodes below the tree edges between them.

    With an empty `path` only count them into ``first[1:]``; with the counts
    summed, fill `path`.
    """
    for i in range(len(start)):
        a, b = start[i], end[i]
        at = first[i]
        while a != b:
            if depth[a] < depth[b]:
                a, b = b, a
            if len(path):
                path[at] = a
            at += 1
            a = parent[a]
        if not len(path):
            first[i + 1] = at - first[i]


@compiled
def steiner_sets(
    first: Labels,
    neighbour: Labels,
    edge: Labels,
    cost: Floats,
    terminals: Labels,
    best: Floats,
    origin: Labels,
) -> None:
    """Fill ``best[set, node]``: the cheapest tree that joins the set's terminals to the node.

    Dreyfus and Wagner (1971) with Dijkstra between the merges. ``origin`` tells how:
    a subset merged (≥ 0), an edge walked (-2 - edge), or nothing (-1).
    """
    count = len(terminals)
    size = best.shape[1]
    for chosen in range(1, 1 << count):
        row, come = best[chosen], origin[chosen]
        if chosen & (chosen - 1) == 0:
            for bit in range(count):
                if chosen == 1 << bit:
                    row[terminals[bit]] = 0.0
        else:
            sub = (chosen - 1) & chosen
            while sub > chosen ^ sub:  # the other half of the pairs is the same
                for node in range(size):
                    together = best[sub, node] + best[chosen ^ sub, node]
                    if together < row[node]:
                        row[node], come[node] = together, sub
                sub = (sub - 1) & chosen
        heap = [(row[node], node) for node in range(size) if row[node] < np.inf]
        heapq.heapify(heap)
        while heap:
            so_far, node = heapq.heappop(heap)
            if so_far > row[node]:
                continue
            for at in range(first[node], first[node + 1]):
                onward = so_far + cost[edge[at]]
                other = neighbour[at]
                if onward < row[other]:
                    row[other], come[other] = onward, -2 - edge[at]
                    heapq.heappush(heap, (onward, other))


@compiled
def dual_ascent(
    first: Labels,
    neighbour: Labels,
    arc: Labels,
    left: Floats,
    root: int,
    terminals: Labels,
    budget: int,
) -> float:
    """Raise cuts between the root and each terminal (Wong 1984); return the bound they prove.

    Arcs are listed by their head: `neighbour` is the tail, `arc` indexes `left`,
    which comes with the costs and leaves with what the cuts have not used up.
    At most about `budget` arcs are looked at; the bound holds whenever it stops.
    """
    size = len(first) - 1
    inside = np.full(size, -1)
    stack = np.empty(size, np.int64)
    members = np.empty(size, np.int64)
    active = np.ones(len(terminals), np.bool_)
    bound = 0.0
    work = 0
    turn = 0
    remaining = len(terminals)
    while remaining and work < budget:
        for k in range(len(terminals)):
            if not active[k]:
                continue
            turn += 1
            stack[0], height, count, met = terminals[k], 1, 0, False
            inside[terminals[k]] = turn
            while height:
                height -= 1
                node = stack[height]
                members[count] = node
                count += 1
                met = met or node == root
                for at in range(first[node], first[node + 1]):
                    work += 1
                    if left[arc[at]] <= 0.0 and inside[neighbour[at]] != turn:
                        inside[neighbour[at]] = turn
                        stack[height] = neighbour[at]
                        height += 1
            step = np.inf
            if not met:
                for i in range(count):
                    for at in range(first[members[i]], first[members[i] + 1]):
                        if inside[neighbour[at]] != turn:
                            step = min(step, left[arc[at]])
            if met or step == np.inf:
                active[k] = False
                remaining -= 1
                continue
            bound += step
            for i in range(count):
                for at in range(first[members[i]], first[members[i] + 1]):
                    if inside[neighbour[at]] != turn:
                        left[arc[at]] -= step
    return bound


EARTH_KM = 6371.0


@compiled
def pixel_at(ends: Floats, part: float, place: Floats, height: Floats) -> int:
    """Return the pixel of a place along a line, row by row; -1 outside. `place` is the grid's."""
    x_m, y_m = ends[0], ends[1]
    if part >= 1.0:
        x_m, y_m = ends[2], ends[3]
    elif part > 0.0:
        x_m, y_m = (ends[2] - ends[0]) * part + ends[0], (ends[3] - ends[1]) * part + ends[1]
    column = math.floor((x_m - place[0]) / place[2])
    row = math.floor((place[1] - y_m) / place[2])
    if 0 <= row < height.shape[0] and 0 <= column < height.shape[1]:
        return int(row * height.shape[1] + column)
    return -1


@compiled
def fill_section(
    ends: Floats,
    length_m: float,
    antennas_m: Floats,
    frequency_ghz: float,
    earth_factor: float,
    place: Floats,
    height: Floats,
    clutter: Floats,
    columns: Floats,
) -> None:
    """Fill the columns of `hop_section`, samples at even steps from antenna to antenna.

    `ends` are easting and northing of both, `place` west, north and pixel size of the grid.
    """
    steps = columns.shape[1] - 1
    step = 1.0 / steps
    width = height.shape[1]
    first = pixel_at(ends, 0.0, place, height)
    last = pixel_at(ends, 1.0, place, height)
    start_m = end_m = math.nan
    if first >= 0:
        start_m = float(height[first // width, first % width]) + antennas_m[0]
    if last >= 0:
        end_m = float(height[last // width, last % width]) + antennas_m[1]
    for i in range(steps + 1):
        share = 1.0 if i == steps else i * step
        along_m = share * length_m
        part = along_m / length_m if length_m > 0.0 else 0.0
        pixel = pixel_at(ends, part, place, height)
        ground, standing = math.nan, 0.0
        if pixel >= 0:
            row, column = pixel // width, pixel % width
            ground = float(height[row, column])
            if clutter.size and pixel != first and pixel != last:
                standing = float(clutter[row, column])
                standing = 0.0 if math.isnan(standing) else standing
        near_km, far_km = along_m / 1000, (length_m - along_m) / 1000
        ray = start_m + (end_m - start_m) * share
        bulge_m = 1000 * near_km * far_km / (2 * earth_factor * EARTH_KM)
        columns[0, i], columns[1, i], columns[2, i] = along_m, ground, standing
        columns[3, i], columns[4, i] = bulge_m, ray
        columns[5, i] = 17.3 * math.sqrt(near_km * (1 - share) / frequency_ghz)
        columns[6, i] = ray - ground - standing - bulge_m


@compiled
def worst_of_hops(
    ends: Floats,
    length_m: Floats,
    samples: Labels,
    antennas_m: Floats,
    frequency_ghz: Floats,
    earth_factor: Floats,
    fresnel_share: float,
    place: Floats,
    height: Floats,
    clutter: Floats,
    worst: Floats,
) -> None:
    """Fill how free the worst place of each hop is, and where; nothing where ground is unknown."""
    for hop in range(len(length_m)):
        section = np.empty((7, samples[hop]))
        fill_section(
            ends[hop], length_m[hop], antennas_m[hop], frequency_ghz[hop], earth_factor[hop],
            place, height, clutter, section,
        )  # fmt: skip
        least, at = math.inf, -1
        for i in range(samples[hop]):
            free = section[6, i] - fresnel_share * section[5, i]
            if not math.isfinite(free):
                at = -1
                break
            if free < least:
                least, at = free, i
        if at >= 0:
            worst[hop, 0], worst[hop, 1] = least, section[0, at]
