"""Where a graph falls apart: bridges, articulation points, two-edge-connected parts.

Knows nodes and edges by number only; what hangs on them is `resilience`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._types import Flags, Labels
from ._kernels import hand_down, low_links, mix_up

# Any seed does; a fixed one keeps the marks, and so every run, the same.
_SEED = 98


@dataclass(frozen=True)
class Cuts:
    """A depth-first forest and what it tells about single cuts.

    Parameters
    ----------
    order : array of int, shape (n,)
        Nodes as first entered; the trees of the given roots come first.
    parent, parent_edge : array of int, shape (n,)
        Of each node in the forest; -1 for roots.
    tree : array of int, shape (n,)
        Number of the node's tree, which is its connected part.
    bridge : array of bool, shape (m,)
        Edges whose cut disconnects.
    articulation : array of bool, shape (n,)
        Nodes whose loss disconnects others.
    hangs : array of bool, shape (n,)
        Whether the node's subtree hangs on its parent node alone.
    part : array of int, shape (n,)
        Number of the node's two-edge-connected part.
    top : array of int, shape (number of parts,)
        Node of each part nearest to the root: its parent edge is a bridge.
    mark : array of int64, shape (m,)
        Edges that disconnect only together have marks whose exclusive or is 0.
    """

    order: Labels
    parent: Labels
    parent_edge: Labels
    tree: Labels
    bridge: Flags
    articulation: Flags
    hangs: Flags
    part: Labels
    top: Labels
    mark: NDArray[np.int64]


def find_cuts(start: Labels, end: Labels, size: int, roots: Sequence[int] = ()) -> Cuts:
    """Search a multigraph for its single points of failure, in time O(n + m).

    Parameters
    ----------
    start, end : array of int, shape (m,)
        Ends of the edges; parallel edges and loops are allowed.
    size : int
        Number of nodes, n.
    roots : sequence of int
        Nodes from which the search begins, in order.

    Notes
    -----
    Tarjan, "A note on finding the bridges of a graph" (1974), on parallel
    edges told apart by their number. Marks are random members of the cycle
    space (Pritchard and Thurimella 2011): an edge outside the forest draws 64
    bits, a forest edge takes the exclusive or of those that close a cycle
    over it; a false zero has chance 2⁻⁶⁴ and is caught by whoever cuts for real.

    Examples
    --------
    A triangle 0-1-2 with a tail 2-3.

    >>> cuts = find_cuts(np.array([0, 1, 2, 2]), np.array([1, 2, 0, 3]), 4)
    >>> cuts.bridge.tolist(), cuts.articulation.tolist()
    ([False, False, False, True], [False, False, True, False])
    """
    edges = np.flatnonzero(start != end)
    origin = np.concatenate([start[edges], end[edges]])
    by_node = np.argsort(origin, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(origin, minlength=size))])
    neighbour = np.concatenate([end[edges], start[edges]])[by_node]
    every = np.concatenate([np.asarray(roots, np.int64), np.arange(size)])
    order, low = np.zeros((2, size), np.int64)
    entered, parent, parent_edge = np.full((3, size), -1)
    low_links(
        first,
        neighbour,
        np.concatenate([edges, edges])[by_node],
        every,
        order,
        entered,
        low,
        parent,
        parent_edge,
    )
    is_root = parent < 0
    child = np.flatnonzero(~is_root)
    above = parent[child]
    hangs = np.zeros(size, bool)
    hangs[child] = low[child] >= entered[above]
    held = np.bincount(above[hangs[child]], minlength=size)
    fresh = is_root | (low == entered)
    bridge = np.zeros(len(start), bool)
    bridge[parent_edge[fresh & ~is_root]] = True
    part, tree = np.empty((2, size), np.int64)
    hand_down(order, parent, fresh, part)
    hand_down(order, parent, is_root, tree)
    return Cuts(
        order=order,
        parent=parent,
        parent_edge=parent_edge,
        tree=tree,
        bridge=bridge,
        articulation=np.where(is_root, held > 1, held > 0),
        hangs=hangs,
        part=part,
        top=order[fresh[order]],
        mark=_marks(start, end, order, parent, parent_edge),
    )


def _marks(
    start: Labels, end: Labels, order: Labels, parent: Labels, parent_edge: Labels
) -> NDArray[np.int64]:
    in_forest = np.zeros(len(start), bool)
    in_forest[parent_edge[parent_edge >= 0]] = True
    limits = np.iinfo(np.int64)
    mark = np.random.default_rng(_SEED).integers(limits.min, limits.max, len(start))
    mark[in_forest] = 0
    at_node = np.zeros(len(order), np.int64)
    np.bitwise_xor.at(at_node, start, mark)
    np.bitwise_xor.at(at_node, end, mark)
    mix_up(order, parent, at_node)
    below = np.flatnonzero(parent_edge >= 0)
    mark[parent_edge[below]] = at_node[below]
    return mark
