"""Trees against every choice of middle nodes on small graphs; gaps that hold on larger ones."""

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest

from phusong.fibre import steiner
from phusong.fibre.steiner import steiner_tree

pytestmark = pytest.mark.kernels


def random_graph(seed, nodes=(4, 9), extra=8):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(*nodes))
    pairs = [(int(rng.integers(0, i)), i) for i in range(1, size)]
    pairs += [tuple(p) for p in rng.integers(0, size, (extra, 2)).tolist()]
    start, end = np.array(pairs).T
    cost = rng.integers(1, 30, len(pairs)).astype(float)
    terminals = rng.choice(size, int(rng.integers(2, min(size, 6))), replace=False)
    return start, end, cost, size, terminals


def brute(start, end, cost, size, terminals):
    """Cheapest spanning tree of the terminals with any set of other nodes."""
    graph = nx.Graph()
    for a, b, c in zip(start.tolist(), end.tolist(), cost.tolist(), strict=True):
        if a != b and c < graph.get_edge_data(a, b, {"weight": np.inf})["weight"]:
            graph.add_edge(a, b, weight=c)
    fixed = set(terminals.tolist())
    best = np.inf
    for count in range(size):
        for some in combinations(sorted(set(range(size)) - fixed), count):
            part = graph.subgraph(fixed | set(some))
            if len(part) and nx.is_connected(part):
                tree = nx.minimum_spanning_tree(part)
                best = min(best, tree.size(weight="weight"))
    return best


def joins(start, end, edges, terminals):
    graph = nx.Graph()
    graph.add_nodes_from(terminals.tolist())
    graph.add_edges_from(zip(start[edges].tolist(), end[edges].tolist(), strict=True))
    return nx.is_connected(graph) and nx.is_tree(graph)


@pytest.mark.parametrize("seed", range(60))
def test_small_trees_equal_brute_force(seed):
    start, end, cost, size, terminals = random_graph(seed)
    tree = steiner_tree(start, end, cost, size, terminals)
    assert joins(start, end, tree.edges, terminals)
    assert tree.cost == cost[tree.edges].sum() == brute(start, end, cost, size, terminals)
    assert tree.gap == 0


@pytest.mark.parametrize("seed", range(60))
def test_the_quick_tree_is_within_twice_the_cheapest_and_its_bound_below(seed, monkeypatch):
    monkeypatch.setattr(steiner, "_EXACT_WORK", 0)
    start, end, cost, size, terminals = random_graph(seed)
    tree = steiner_tree(start, end, cost, size, terminals)
    best = brute(start, end, cost, size, terminals)
    assert joins(start, end, tree.edges, terminals)
    assert tree.lower_bound <= best + 1e-9
    assert best - 1e-9 <= tree.cost <= 2 * best


@pytest.mark.parametrize("seed", range(40))
def test_between_two_terminals_the_quick_tree_is_the_shortest_way_and_its_bound_proves_it(
    seed, monkeypatch
):
    monkeypatch.setattr(steiner, "_EXACT_WORK", 0)
    start, end, cost, size, _ = random_graph(seed, nodes=(6, 30), extra=25)
    graph = nx.MultiGraph()
    graph.add_weighted_edges_from(zip(start.tolist(), end.tolist(), cost.tolist(), strict=True))
    tree = steiner_tree(start, end, cost, size, np.array([0, size - 1]))
    shortest = nx.dijkstra_path_length(graph, 0, size - 1)
    assert (tree.cost, tree.lower_bound) == pytest.approx((shortest, shortest))


@pytest.mark.parametrize("seed", range(40))
def test_on_a_tree_the_quick_tree_is_what_joins_the_terminals_and_its_bound_proves_it(
    seed, monkeypatch
):
    monkeypatch.setattr(steiner, "_EXACT_WORK", 0)
    start, end, cost, size, _ = random_graph(seed, nodes=(8, 30), extra=0)
    terminals = np.random.default_rng(seed).choice(size, 5, replace=False)
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(start.tolist(), end.tolist(), cost.tolist(), strict=True))
    needed = {
        frozenset(edge)
        for terminal in terminals[1:].tolist()
        for edge in pairwise(nx.shortest_path(graph, int(terminals[0]), terminal))
    }
    tree = steiner_tree(start, end, cost, size, terminals)
    found = {frozenset((int(start[e]), int(end[e]))) for e in tree.edges}
    assert found == needed
    assert tree.lower_bound == pytest.approx(tree.cost)


def test_the_quick_tree_meets_the_exact_one_on_a_middling_graph(monkeypatch):
    start, end, cost, size, _ = random_graph(5, nodes=(300, 301), extra=400)
    terminals = np.arange(0, 300, 40)
    exact = steiner_tree(start, end, cost, size, terminals)
    monkeypatch.setattr(steiner, "_EXACT_WORK", 0)
    quick = steiner_tree(start, end, cost, size, terminals)
    assert quick.lower_bound <= exact.cost <= quick.cost
    assert quick.gap < 0.2


def test_the_edges_that_the_bound_uses_up_lead_to_a_cheaper_tree(monkeypatch):
    monkeypatch.setattr(steiner, "_EXACT_WORK", 0)
    start, end, cost, size, _ = random_graph(2, nodes=(300, 301), extra=400)
    problem = start, end, cost, size, np.arange(0, 300, 20)
    tree = steiner_tree(*problem)
    monkeypatch.setattr(steiner, "_joined", lambda *_: False)
    plain = steiner_tree(*problem)
    assert (tree.cost, plain.cost) == (275, 296)
    assert tree.lower_bound == plain.lower_bound > 0.9 * 275


def test_one_terminal_needs_no_edge():
    none = steiner_tree(np.array([0]), np.array([1]), np.array([3.0]), 2, np.array([1]))
    assert (none.edges.tolist(), none.cost, none.gap) == ([], 0, 0)
