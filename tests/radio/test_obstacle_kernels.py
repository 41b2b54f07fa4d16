"""Loops over a path are the formulas on whole arrays, to the last bit."""

import numpy as np
import pytest

from phusong.radio._obstacle_kernels import bulge_m, edges, lower, passing_m, sight_m

TOP_M, END_M, TWICE_RADIUS_M, WAVE_M = 131.5, 87.25, 1.7e7, 0.333


@pytest.fixture
def path():
    rng = np.random.default_rng(98)
    distance_m = np.cumsum(rng.uniform(20, 90, 60)) - 20
    distance_m[0] = 0.0
    return distance_m, 60 * rng.random(60), 15 * rng.random(60)


def test_edges_lowered_terrain_and_the_height_that_passes_are_those_of_whole_arrays(path):
    d, h, clutter = path
    length = d[-1]
    bulge = d * (length - d) / TWICE_RADIUS_M
    sight = TOP_M + (END_M - TOP_M) * d / length
    nu, lowered = np.empty(58), np.empty(60)
    edges(d, h, clutter, TOP_M, END_M, TWICE_RADIUS_M, WAVE_M, nu)
    above = (h + clutter + bulge - sight)[1:-1]
    inner = d[1:-1]
    expected = above * np.sqrt(2 * length / (WAVE_M * inner * (length - inner)))
    np.testing.assert_array_equal(nu, expected)
    lower(d, h, clutter, TOP_M, END_M, TWICE_RADIUS_M, WAVE_M, 0.6, lowered)
    zone = np.sqrt(WAVE_M * d * (length - d) / length)
    expected = np.minimum(h, sight - bulge - clutter - 0.6 * zone)
    np.testing.assert_array_equal(lowered[1:-1], expected[1:-1])
    assert (lowered[0], lowered[-1]) == (h[0], h[-1])
    tops = (h + clutter + bulge)[1:-1]
    passing = (tops + (tops - END_M) * inner / (length - inner)).max()
    assert passing_m(d, h, clutter, END_M, TWICE_RADIUS_M) == passing
    assert (bulge_m(d, 7, TWICE_RADIUS_M), sight_m(d, 7, TOP_M, END_M)) == (bulge[7], sight[7])


def test_two_points_have_nothing_between_them(path):
    d, h, clutter = (one[:2] for one in path)
    lowered = np.empty(2)
    lower(d, h, clutter, TOP_M, END_M, TWICE_RADIUS_M, WAVE_M, 0.6, lowered)
    assert lowered.tolist() == h.tolist()
    assert passing_m(d, h, clutter, END_M, TWICE_RADIUS_M) == -np.inf
