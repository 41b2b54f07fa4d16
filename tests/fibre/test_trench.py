"""Which cables one landslide cuts."""

import geopandas as gpd
import pytest
from shapely import LineString

from phusong.fibre import build_network, shared_trenches


def shared(*lines, distance_m=5, shortest_m=100):
    table = gpd.GeoDataFrame(
        {"id": [f"s{i}" for i in range(len(lines))]},
        geometry=[LineString(line) for line in lines],
        crs="EPSG:9209",
    )
    return shared_trenches(
        build_network(table, snap_tolerance_m=0.5), distance_m=distance_m, shortest_m=shortest_m
    )


def test_crossings_and_junctions_share_nothing():
    cross = shared([(0, 0), (900, 0)], [(400, -400), (400, 400)], [(0, 0), (0, 900)])
    assert cross == ()


def test_cables_side_by_side_share_a_trench_even_when_one_goes_on():
    assert shared([(0, 0), (900, 0)], [(300, 3), (2000, 3)]) == ((0, 1),)


def test_a_shorter_stretch_than_asked_for_does_not_count():
    assert shared([(0, 0), (900, 0)], [(820, 3), (2000, 3)]) == ()


@pytest.mark.parametrize(("shortest_m", "count"), [(900, 1), (900.001, 0)])
def test_a_stretch_of_exactly_the_least_length_counts(shortest_m, count):
    assert len(shared([(0, 0), (900, 0)], [(0, 3), (900, 3)], shortest_m=shortest_m)) == count


@pytest.mark.parametrize(("distance_m", "count"), [(3, 1), (2.999, 0)])
def test_cables_exactly_the_distance_apart_share_a_trench(distance_m, count):
    lines = [(0, 0), (900, 0)], [(0, 3), (900, 3)]
    assert len(shared(*lines, distance_m=distance_m)) == count


def test_three_cables_in_turn_are_two_trenches_not_one():
    along = [(0, 0), (1000, 0)]
    assert shared(along, [(0, 3), (400, 3)], [(600, 3), (1000, 3)]) == ((0, 1), (0, 2))


def test_three_cables_together_are_one_trench():
    assert shared([(0, 0), (900, 0)], [(0, 2), (900, 2)], [(0, -2), (900, -2)]) == ((0, 1, 2),)


def test_a_winding_pair_is_found_though_its_box_is_small():
    winding = [(x, 40 * (x // 20 % 2)) for x in range(0, 200, 20)]
    moved = [(x + 3, y) for x, y in winding]
    assert shared(winding, moved, shortest_m=350) == ((0, 1),)


def test_a_pair_wound_up_in_less_than_a_junction_is_found_where_maps_have_it():
    x, y = 447_572, 2_526_143
    winding = [(x + 5 * (i // 2 % 2), y + (i + 1) // 2) for i in range(14)]
    moved = [(x + 0.7, y) for x, y in winding]
    assert shared(winding, moved, shortest_m=30) == ((0, 1),)


def test_taps_do_not_hide_a_trench():
    along, beside = [(0, 0), (900, 0)], [(0, 3), (900, 3)]
    stubs = [[(x, 0), (x, -40)] for x in range(90, 900, 90)]
    whole = shared(along, beside, shortest_m=500)
    tapped = shared(along, beside, *stubs, shortest_m=500)
    assert whole == ((0, 1),)
    # Ten sections of the first cable, each beside the second.
    assert len(tapped) == 10


def test_a_ring_beside_a_ring_is_one_trench():
    ring = [(0, 0), (300, 0), (300, 300), (0, 300), (0, 0)]
    inner = [(2, 2), (298, 2), (298, 298), (2, 298), (2, 2)]
    assert shared(ring, inner) == ((0, 1),)
