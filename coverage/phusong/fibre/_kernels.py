"""Compiled loops over graphs: plain arrays in, filled arrays out, no checks."""

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
