"""Single points of failure equal networkx on 500 random multigraphs."""

import networkx as nx
import numpy as np
import pytest

from phusong.fibre.cuts import find_cuts, sides

GRAPHS = 500


def random_graph(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 25))
    pairs = rng.integers(0, size, (int(rng.integers(0, 2 * size + 1)), 2))
    return size, pairs[:, 0], pairs[:, 1]


def oracle(size, start, end):
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(
        (a, b, number)
        for number, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True))
        if a != b
    )
    return graph


@pytest.mark.kernels
@pytest.mark.parametrize("block", range(5))
def test_bridges_articulation_points_and_parts_equal_networkx(block):
    for seed in range(block * GRAPHS // 5, (block + 1) * GRAPHS // 5):
        size, start, end = random_graph(seed)
        graph = oracle(size, start, end)
        cuts = find_cuts(start, end, size, [size // 2])
        bridges = {frozenset(edge[:2]) for edge in nx.bridges(graph)}
        found = {frozenset((int(start[e]), int(end[e]))) for e in np.flatnonzero(cuts.bridge)}
        assert found == bridges, seed
        assert cuts.bridge.sum() == len(bridges), seed
        points = set(nx.articulation_points(nx.Graph(graph)))
        assert set(np.flatnonzero(cuts.articulation).tolist()) == points, seed
        for label, expected in (
            (cuts.tree, nx.connected_components(graph)),
            (cuts.part, nx.k_edge_components(subdivided(graph), k=2)),
        ):
            sets = {frozenset(np.flatnonzero(label == k).tolist()) for k in set(label.tolist())}
            assert sets == {s for part in expected if (s := frozenset(only_nodes(part)))}, seed


def test_sides_of_edges_that_fall_together_equal_networkx():
    for seed in range(100):
        size, start, end = random_graph(seed)
        rng = np.random.default_rng(seed)
        cut = rng.choice(len(start), min(len(start), int(rng.integers(1, 7))), replace=False)
        root, graph = size // 2, oracle(size, start, end)
        reached = nx.node_connected_component(graph, root)
        graph.remove_edges_from(
            (a, b, number)
            for a, b, number in list(graph.edges(keys=True))
            if number in set(cut.tolist())
        )
        cuts = find_cuts(start, end, size, [root])
        side = sides(cuts, start, end, root, cut.tolist()).of(cuts.place)
        found = {frozenset(np.flatnonzero(side == k).tolist()) for k in set(side[side >= 0])}
        assert found == {
            frozenset(part) for part in nx.connected_components(graph) if part <= reached
        }, seed
        assert side[root] == 0


def subdivided(graph):
    """Put a node on every edge, since the oracle's components know no parallel edges."""
    plain = nx.Graph()
    plain.add_nodes_from(graph.nodes)
    for a, b, number in graph.edges(keys=True):
        plain.add_edge(a, ("on", number))
        plain.add_edge(("on", number), b)
    return plain


def only_nodes(part):
    return (node for node in part if not isinstance(node, tuple))


def test_marks_of_edges_that_disconnect_together_cancel():
    for seed in range(60):
        size, start, end = random_graph(seed)
        cuts = find_cuts(start, end, size)
        parts = nx.number_connected_components(oracle(size, start, end))
        kept = np.flatnonzero(start != end)
        for a in kept:
            for b in kept[kept > a]:
                both = np.ones(len(start), bool)
                both[[a, b]] = False
                left = oracle(size, start[both], end[both])
                disconnects = nx.number_connected_components(left) > parts
                marks = cuts.mark[[a, b]]
                assert disconnects == bool((marks == 0).any() or marks[0] == marks[1]), seed


def test_a_long_chain_needs_no_recursion():
    nodes = np.arange(200_000)
    cuts = find_cuts(nodes[:-1], nodes[1:], len(nodes))
    assert cuts.bridge.all()
    assert cuts.articulation.sum() == len(nodes) - 2


@pytest.mark.kernels
def test_no_node_and_no_edge():
    none = np.zeros(0, np.int64)
    assert find_cuts(none, none, 0).part.size == 0
    assert find_cuts(none, none, 3).part.tolist() == [0, 1, 2]
