"""Roads meet each other where they cross, and the fibre where they pass it."""

import geopandas as gpd
import pytest
from shapely import LineString

from phusong.fibre.roads import road_network


def lines(column, **shapes):
    return gpd.GeoDataFrame(
        {column: list(shapes)}, geometry=[LineString(p) for p in shapes.values()], crs="EPSG:9209"
    )


def joined(roads, spans, tolerance=5):
    """Return the sections as road, length; and the number of connected parts."""
    network = road_network(
        lines("road_id", **roads), lines("id", **spans), snap_tolerance_m=tolerance
    )
    sections = network.edges[["span_id", "length_m"]].values.tolist()
    return sorted(sections), network.nodes["component"].max() + 1


FAR = {"s": [(9e5, 9e5), (9e5, 9.1e5)]}


def test_roads_that_cross_meet_and_cables_that_cross_do_not():
    cross = {"a": [(0, 0), (100, 0)], "b": [(40, -30), (40, 70)]}
    assert joined(cross, FAR) == ([["a", 40], ["a", 60], ["b", 30], ["b", 70]], 1)


def test_roads_that_cross_twice_meet_twice():
    arch = {"a": [(0, 0), (100, 0)], "b": [(20, -10), (20, 10), (80, 10), (80, -10)]}
    found, parts = joined(arch, FAR)
    assert found == [["a", 20], ["a", 20], ["a", 60], ["b", 10], ["b", 10], ["b", 80]]
    assert parts == 1


def test_a_road_meets_the_cable_that_crosses_it():
    found, _ = joined({"a": [(0, 0), (100, 0)]}, {"s": [(30, -50), (30, 50)]})
    assert found == [["a", 30], ["a", 70]]


@pytest.mark.parametrize(("away", "sections"), [(5, [40, 60]), (5.01, [100])])
def test_a_road_meets_a_cable_that_ends_beside_it_no_farther_than_the_tolerance(away, sections):
    found, _ = joined({"a": [(0, 0), (100, 0)]}, {"s": [(40, away), (40, 90)]})
    assert [length for _, length in found] == sections


def test_a_road_meets_a_cable_where_it_comes_nearest():
    found, _ = joined({"a": [(0, 0), (100, 0)]}, {"s": [(0, 90), (60, 4), (90, 90)]})
    assert [length for _, length in found] == pytest.approx([40, 60])


def test_a_road_along_a_cable_meets_it_at_both_ends_of_their_common_stretch():
    found, parts = joined({"a": [(0, 0), (100, 0)]}, {"s": [(20, 0), (70, 0)]})
    assert found == [["a", 20], ["a", 30], ["a", 50]]
    assert parts == 1


@pytest.mark.parametrize(("gap", "parts"), [(5, 1), (5.01, 2)])
def test_ends_of_roads_meet_no_farther_apart_than_the_tolerance(gap, parts):
    roads = {"a": [(0, 0), (100, 0)], "b": [(100 + gap, 0), (200, 0)]}
    assert joined(roads, FAR)[1] == parts
