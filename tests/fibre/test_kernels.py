"""The loops over trees against walking each tree by hand, whatever node is the root."""

from itertools import pairwise

import numpy as np
import pytest

from phusong.fibre._kernels import (
    add_up,
    climb,
    count_changes,
    fill_section,
    hand_down,
    mix_up,
    worst_of_hops,
)

pytestmark = pytest.mark.kernels


def forest(seed, size=14):
    """Return parents of a random forest with shuffled numbers, and an order roots first."""
    rng = np.random.default_rng(seed)
    name = rng.permutation(size)
    parent = np.full(size, -1)
    for place in range(1, size):
        if rng.random() < 0.85:
            parent[name[place]] = name[rng.integers(0, place)]
    return rng, parent, name


def above(node, parent):
    """Return a node and all above it, upwards."""
    found = [node]
    while parent[found[-1]] >= 0:
        found.append(int(parent[found[-1]]))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_totals_of_a_subtree_are_those_of_its_nodes(seed):
    rng, parent, order = forest(seed)
    own = rng.integers(0, 9, (len(order), 3)).astype(float)
    totals = own.copy()
    add_up(order, parent, totals)
    for node in range(len(order)):
        below = [one for one in range(len(order)) if node in above(one, parent)]
        assert totals[node].tolist() == own[below].sum(axis=0).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_marks_of_a_subtree_are_mixed_by_exclusive_or(seed):
    rng, parent, order = forest(seed)
    own = rng.integers(0, 2**62, len(order))
    marks = own.copy()
    mix_up(order, parent, marks)
    for node in range(len(order)):
        below = [one for one in range(len(order)) if node in above(one, parent)]
        assert marks[node] == np.bitwise_xor.reduce(own[below])


@pytest.mark.parametrize("seed", range(20))
def test_numbers_are_handed_down_from_each_fresh_node(seed):
    rng, parent, order = forest(seed)
    fresh = (parent < 0) | (rng.random(len(order)) < 0.3)
    number = np.full(len(order), -7)
    hand_down(order, parent, fresh, number)
    wanted = {int(node): i for i, node in enumerate(order[fresh[order]])}
    for node in range(len(order)):
        first = next(one for one in above(node, parent) if fresh[one])
        assert number[node] == wanted[first]


@pytest.mark.parametrize("seed", range(20))
def test_hops_count_the_spans_on_the_way_to_the_root(seed):
    rng, parent, order = forest(seed)
    span = np.where(parent >= 0, rng.integers(0, 3, len(order)), -1)
    hops = np.zeros(len(order), np.int64)
    count_changes(order, parent, span, hops)
    for node in range(len(order)):
        used = [span[one] for one in above(node, parent) if parent[one] >= 0]
        changes = sum(a != b for a, b in pairwise([*used, -1]))
        assert hops[node] == changes


@pytest.mark.parametrize("seed", range(20))
def test_a_climb_lists_the_nodes_below_the_edges_between_two(seed):
    rng, parent, _ = forest(seed)
    depth = np.array([len(above(node, parent)) - 1 for node in range(len(parent))])
    root = np.array([above(node, parent)[-1] for node in range(len(parent))])
    pairs = rng.integers(0, len(parent), (30, 2))
    start, end = pairs[root[pairs[:, 0]] == root[pairs[:, 1]]].T
    first, none = np.zeros(len(start) + 1, np.int64), np.zeros(0, np.int64)
    climb(start, end, parent, depth, first, none)
    first = np.cumsum(first)
    path = np.full(first[-1], -1)
    climb(start, end, parent, depth, first, path)
    for i, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        between = set(above(a, parent)) ^ set(above(b, parent))
        assert sorted(path[first[i] : first[i + 1]].tolist()) == sorted(between)


def test_the_worst_place_of_a_hop_is_that_of_its_section():
    rng = np.random.default_rng(98)
    height, clutter = rng.normal(500, 60, (20, 30)), rng.choice([0.0, 9.0, np.nan], (20, 30))
    height[3:6, 3:6] = np.nan
    place, share = np.array([0.0, 2000.0, 100.0]), 0.6
    ends = rng.uniform(-200, [3000, 2200, 3000, 2200], (60, 4))
    ends[0, 2:] = ends[0, :2]  # two masts at one spot
    length_m = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    samples = rng.integers(3, 40, 60)
    antennas_m, ghz = rng.uniform(10, 60, (60, 2)), rng.choice([7.0, 18.0], 60)
    factor, worst = rng.uniform(0.5, 1.4, 60), np.full((60, 2), np.nan)
    worst_of_hops(
        ends, length_m, samples, antennas_m, ghz, factor, share, place, height, clutter, worst
    )
    assert 10 < np.isnan(worst[:, 0]).sum() < 50, "some lead over unknown ground"
    for hop in range(60):
        section = np.empty((7, samples[hop]))
        fill_section(
            ends[hop], length_m[hop], antennas_m[hop], ghz[hop], factor[hop], place, height,
            clutter, section,
        )  # fmt: skip
        free = section[6] - share * section[5]
        at = int(np.argmin(free))
        wanted = [free[at], section[0, at]] if np.isfinite(free).all() else [np.nan] * 2
        np.testing.assert_array_equal(worst[hop], wanted)
