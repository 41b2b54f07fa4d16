"""Where a graph falls apart: bridges, articulation points, two-edge-connected parts.

Knows nodes and edges by number only; what hangs on them is `resilience`'s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._types import Flags, Labels
from ._kernels import add_up, hand_down, low_links, mix_up

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

    @cached_property
    def place(self) -> Labels:
        """Position of each node in `order`; a subtree is a range of positions."""
        place = np.empty(len(self.order), np.int64)
        place[self.order] = np.arange(len(self.order))
        return place

    @cached_property
    def finish(self) -> Labels:
        """Position after the last one of each node's subtree."""
        size = np.ones((len(self.order), 1))
        add_up(self.order, self.parent, size)
        finish: Labels = self.place + size[:, 0].astype(np.int64)
        return finish

    @cached_property
    def below(self) -> Labels:
        """Lower node of each edge of the forest; -1 for other edges."""
        below = np.full(len(self.bridge), -1)
        child = np.flatnonzero(self.parent_edge >= 0)
        below[self.parent_edge[child]] = child
        return below


@dataclass(frozen=True)
class Sides:
    """How one tree of the forest falls apart when some edges are cut together.

    Parameters
    ----------
    begin : array of int, shape (k,)
        Positions in ``Cuts.order`` at which stretches of one side begin, ascending.
    side : array of int, shape (k,)
        Side of each stretch: 0 that of the root, -1 before and behind the tree.
    """

    begin: Labels
    side: Labels

    @property
    def apart(self) -> bool:
        """Whether anything is separated from the root."""
        return bool((self.side > 0).any())

    def of(self, place: Labels) -> Labels:
        """Return the side of nodes given by their positions in the order."""
        found: Labels = self.side[np.searchsorted(self.begin, place, side="right") - 1]
        return found


def sides(cuts: Cuts, start: Labels, end: Labels, root: int, cut: Collection[int]) -> Sides:
    """Find out what a few edges cut together separate, without a search of the graph.

    Parameters
    ----------
    cuts : Cuts
        As `find_cuts` returned them for `start` and `end`.
    start, end : array of int, shape (m,)
        Ends of the edges.
    root : int
        Root of the tree that is asked about.
    cut : collection of int
        Edges that fall together; k of them take about k² steps.

    Returns
    -------
    Sides

    Notes
    -----
    Cut forest edges leave pieces of the tree, each a subtree less its cut
    subtrees. The marks of all edges that leave a piece and are not cut add up,
    by exclusive or, to what the cut edges around it give; a union of pieces that
    no edge leaves adds up to 0. Such unions are the solutions of a linear system
    over two values, and pieces in the same ones are one side. The chance of a
    wrong answer is about 2⁻⁶⁴ for each pair of sides.

    Examples
    --------
    A square 0-1-2-3: two cuts take the nodes between them away, one takes none.

    >>> start, end = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0])
    >>> cuts = find_cuts(start, end, 4, [0])
    >>> sides(cuts, start, end, 0, [0, 2]).of(cuts.place).tolist()
    [0, 1, 1, 0]
    >>> sides(cuts, start, end, 0, [1]).apart
    False
    """
    first, last = int(cuts.place[root]), int(cuts.finish[root])
    within = [e for e in cut if first <= cuts.place[start[e]] < last and start[e] != end[e]]
    tops = sorted(
        (int(cuts.place[v]), int(cuts.finish[v]), e) for e in within if (v := cuts.below[e]) >= 0
    )
    reach = [(first, last), *((begin, finish) for begin, finish, _ in tops)]
    sums = [0] * len(reach)
    marks = {edge: int(cuts.mark[edge]) % 2**64 for edge in within}

    def piece(place: int) -> int:
        """Return the innermost piece around a position."""
        return max(i for i, (begin, finish) in enumerate(reach) if begin <= place < finish)

    for number, (begin, _, edge) in enumerate(tops, start=1):
        above = max(i for i in range(number) if reach[i][0] <= begin < reach[i][1])
        sums[number] ^= marks[edge]
        sums[above] ^= marks[edge]
    for edge in within:
        if cuts.below[edge] < 0:
            sums[piece(int(cuts.place[start[edge]]))] ^= marks[edge]
            sums[piece(int(cuts.place[end[edge]]))] ^= marks[edge]
    number_of: dict[tuple[int, ...], int] = {}
    side = [number_of.setdefault(key, len(number_of)) for key in _in_same_unions(sums)]
    borders = sorted({place for pair in reach for place in pair})
    labels = [side[piece(place)] if place < last else -1 for place in borders]
    return Sides(np.array([-1, *borders]), np.array([-1, *labels]))


def _in_same_unions(sums: Sequence[int]) -> list[tuple[int, ...]]:
    """Tell of each piece in which of the unions that add up to 0 it is."""
    basis: list[tuple[int, int]] = []  # a sum with its highest bit, and the pieces it is made of
    unions = []
    for i, left in enumerate(sums):
        made_of = 1 << i
        for value, pieces in basis:
            if left ^ value < left:
                left ^= value
                made_of ^= pieces
        if left:
            basis.append((left, made_of))
            basis.sort(reverse=True)
        else:
            unions.append(made_of)
    return [tuple(union >> i & 1 for union in unions) for i in range(len(sums))]


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
