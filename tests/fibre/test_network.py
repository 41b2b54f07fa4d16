"""Messy lines become a graph, and every change is reported."""

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from phusong.errors import CrsMismatchError
from phusong.fibre import build_network, carrying
from phusong.i18n import catalogue
from phusong.tables import FIBRE_FINDINGS


def spans(crs="EPSG:9209", **lines):
    """Spans by id; a value is coordinates, or coordinates with start and end."""
    rows = []
    for name, value in lines.items():
        shape, start, end = value if isinstance(value, tuple) else (value, None, None)
        rows.append((name, start, end, LineString(shape) if isinstance(shape, list) else shape))
    table = pd.DataFrame(rows, columns=["id", "start", "end", "geometry"])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)


def nodes(**places):
    return gpd.GeoDataFrame(
        {"id": list(places)}, geometry=[Point(p) for p in places.values()], crs="EPSG:9209"
    )


def links(network):
    """Edges as span, node id, node id, whole metres."""
    names = network.nodes["id"].to_numpy()
    start, end = network.ends
    return [
        (span, names[a], names[b], round(length))
        for span, a, b, length in zip(
            network.edges["span_id"], start, end, network.edges["length_m"], strict=True
        )
    ]


def found(network):
    return [
        tuple(None if pd.isna(v) else v for v in row)
        for row in network.findings[["finding", "span_id", "node_id", "distance_m"]].to_numpy(
            object
        )
    ]


def test_loose_ends_within_the_tolerance_meet_and_the_gap_is_reported():
    network = build_network(spans(a=[(0, 0), (100, 0)], b=[(104, 0), (200, 0)]), snap_tolerance_m=5)
    assert links(network) == [("a", "a:start", "a:end", 100), ("b", "a:end", "b:end", 96)]
    assert found(network) == [("snapped", "b", "a:end", 4.0)]


def test_beyond_the_tolerance_the_parts_stay_apart_and_are_reported():
    network = build_network(spans(a=[(0, 0), (100, 0)], b=[(106, 0), (200, 0)]), snap_tolerance_m=5)
    assert network.nodes["component"].to_list() == [0, 0, 1, 1]
    assert found(network) == [("disconnected_part", None, "b:start", None)]


def test_ends_and_nodes_exactly_the_tolerance_apart_are_one():
    network = build_network(spans(a=[(0, 0), (100, 0)], b=[(105, 0), (200, 0)]), snap_tolerance_m=5)
    assert links(network) == [("a", "a:start", "a:end", 100), ("b", "a:end", "b:end", 95)]
    network = build_network(
        spans(a=[(5, 0), (100, 0)]), nodes(P=(0, 0), Q=(40, 5), R=(-5, 0)), snap_tolerance_m=5
    )
    assert links(network) == [("a", "P", "Q", 35), ("a", "Q", "a:end", 60)]
    assert ("nodes_merged", None, "R", 5.0) in found(network)


@pytest.mark.parametrize("at", [3, 97])
def test_a_node_beside_the_end_of_a_span_cuts_no_stub_off_it(at):
    network = build_network(
        spans(a=[(0, 0), (100, 0)]), nodes(P=(0, 0), Q=(100, 0), M=(at, 4.9)), snap_tolerance_m=5
    )
    assert links(network) == [("a", "P", "Q", 100)]
    assert found(network) == [("disconnected_part", None, "M", None)]


def test_an_end_that_names_its_node_belongs_to_it_even_when_drawn_elsewhere():
    network = build_network(
        spans(a=([(0, 0), (100, 0)], "P", "Q")), nodes(P=(0, 0), Q=(150, 0)), snap_tolerance_m=5
    )
    assert links(network) == [("a", "P", "Q", 100)]
    assert found(network) == [("node_far_from_end", "a", "Q", 50.0)]
    network = build_network(
        spans(a=([(0, 0), (100, 0)], "P", "Q")), nodes(P=(-30, 0), Q=(103, 0)), snap_tolerance_m=5
    )
    assert found(network) == [("node_far_from_end", "a", "P", 30.0), ("snapped", "a", "Q", 3.0)]


def test_an_end_that_names_an_unknown_node_is_placed_by_its_drawing():
    network = build_network(
        spans(a=([(0, 0), (100, 0)], "P", "nowhere")), nodes(P=(0, 0)), snap_tolerance_m=5
    )
    assert links(network) == [("a", "P", "a:end", 100)]


def test_a_node_on_the_middle_of_a_span_splits_it():
    network = build_network(spans(a=[(0, 0), (100, 0)]), nodes(M=(40, 2)), snap_tolerance_m=5)
    assert links(network) == [("a", "a:start", "M", 40), ("a", "M", "a:end", 60)]
    assert network.edges["section"].to_list() == [1, 2]
    assert found(network) == [("joined_mid_span", "a", "M", 2.0)]


def test_lines_that_only_cross_are_not_joined():
    network = build_network(
        spans(a=[(0, 0), (100, 0)], b=[(50, -50), (50, 50)]), snap_tolerance_m=5
    )
    assert len(network.edges) == 2
    assert set(network.nodes["component"]) == {0, 1}


def test_parallel_cables_of_two_suppliers_are_two_edges_and_a_repeated_drawing_is_one():
    table = spans(a=[(0, 0), (100, 0)], b=[(100, 0), (0, 0)], c=[(0, 0), (100, 0)])
    table["supplier"] = ["VNPT", "VNPT", "Viettel"]
    network = build_network(table, snap_tolerance_m=5)
    assert network.edges["span_id"].to_list() == ["a", "c"]
    assert found(network) == [("duplicate", "b", None, None)]


def test_spans_without_length_are_left_out_and_reported():
    table = spans(a=[(0, 0), (100, 0)], b=[(0, 0), (0, 0)], c=[(0, 1), (2, 1)], d=LineString())
    network = build_network(table, snap_tolerance_m=5)
    assert network.edges["span_id"].to_list() == ["a"]
    zero = network.findings[network.findings["finding"] == "zero_length"].set_index("span_id")
    assert zero.index.to_list() == ["b", "c", "d"]
    assert zero.geometry["c"] == Point(1, 1)


def test_nodes_at_one_place_are_merged_under_the_smallest_id():
    network = build_network(
        spans(a=([(0, 0), (100, 0)], "B", "C")),
        nodes(B=(0, 0), A=(3, 0), C=(100, 0)),
        snap_tolerance_m=5,
    )
    assert links(network) == [("a", "A", "C", 100)]
    assert ("nodes_merged", None, "B", 3.0) in found(network)


def test_two_nodes_at_one_spot_of_a_line_join_it_once():
    network = build_network(
        spans(a=[(0, 0), (100, 0)]), nodes(M=(40, 3), N=(40, -4)), snap_tolerance_m=5
    )
    assert [row[0] for row in links(network)] == ["a", "a"]
    assert ("not_joined", "a", "N", 4.0) in found(network)


def test_a_ring_drawn_as_one_line_becomes_a_ring_through_its_nodes():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = build_network(spans(r=ring), nodes(P=(0, 0), Q=(100, 100)), snap_tolerance_m=5)
    assert links(network) == [("r", "P", "Q", 200), ("r", "Q", "P", 200)]


def test_parts_of_a_multi_line_are_sections_and_only_its_outer_ends_are_named():
    shape = MultiLineString([[(0, 0), (50, 0)], [(52, 0), (100, 0)]])
    network = build_network(
        spans(a=(shape, "P", "Q")), nodes(P=(0, 0), Q=(100, 0)), snap_tolerance_m=5
    )
    assert [(a, b) for _, a, b, _ in links(network)] == [("P", "a:end"), ("a:end", "Q")]


def test_multi_line_parts_that_do_not_meet_keep_distinct_node_names():
    shape = MultiLineString([[(0, 0), (50, 0)], [(90, 0), (100, 0)], [(190, 0), (200, 0)]])
    network = build_network(spans(a=shape), snap_tolerance_m=5)
    assert network.nodes["id"].to_list() == [
        "a:start", "a:end", "a:start2", "a:end2", "a:start3", "a:end3",
    ]  # fmt: skip


def test_order_of_rows_does_not_change_the_network():
    table = spans(a=[(0, 0), (100, 0)], b=[(104, 0), (200, 0)], c=[(50, 2), (50, 90)])
    one = build_network(table, snap_tolerance_m=5)
    other = build_network(table.iloc[::-1], snap_tolerance_m=5)
    assert one.edges.to_wkb().equals(other.edges.to_wkb())
    assert one.findings.to_wkb().equals(other.findings.to_wkb())


def test_no_span_makes_an_empty_network():
    network = build_network(spans(), snap_tolerance_m=5)
    assert (len(network.nodes), len(network.edges), len(network.findings)) == (0, 0, 0)


def test_nodes_in_another_crs_are_refused():
    with pytest.raises(CrsMismatchError, match="nodes is in EPSG:4326"):
        build_network(
            spans(a=[(0, 0), (1, 0)]), nodes(P=(0, 0)).set_crs(4326, allow_override=True),
            snap_tolerance_m=5,
        )  # fmt: skip


def test_every_finding_has_words_and_no_words_are_of_a_finding_that_is_gone():
    words = {key.removeprefix("fibre.finding_") for key in catalogue() if "fibre.finding_" in key}
    assert words == set(FIBRE_FINDINGS["finding"].choices)


def test_a_span_carries_traffic_from_its_date_on():
    table = spans(a=[(0, 0), (1, 0)], b=[(0, 0), (1, 0)], c=[(0, 0), (1, 0)])
    table["status"] = ["operational", "operational", "planned"]
    table["readyForServiceDate"] = pd.to_datetime(["2018-01-01", None, None])
    for day, lit in (("2017-12-31", ["b"]), ("2018-01-01", ["a", "b"])):
        found = carrying(table, statuses={"operational"}, as_of=pd.Timestamp(day).date())
        assert found["id"].to_list() == lit
    assert carrying(table, statuses={"operational"})["id"].to_list() == ["a", "b"]


coordinate = st.integers(0, 12).map(lambda v: 10.0 * v)
point = st.tuples(coordinate, coordinate)


@settings(max_examples=40)
@given(st.lists(st.lists(point, min_size=2, max_size=4), min_size=1, max_size=8))
def test_cable_is_neither_lost_nor_made_up(lines):
    table = spans(**{f"s{i}": line for i, line in enumerate(lines)})
    network = build_network(table, snap_tolerance_m=4)
    dropped = set(
        network.findings.loc[
            network.findings["finding"].isin(["zero_length", "duplicate"]), "span_id"
        ]
    )
    kept = table[~table["id"].isin(dropped)]
    assert network.edges["length_m"].sum() == pytest.approx(kept.geometry.length.sum())
    start, end = network.ends
    shapes = network.edges.geometry
    places = network.nodes.geometry
    first = shapes.interpolate(0).distance(places.iloc[start], align=False)
    last = shapes.interpolate(1, normalized=True).distance(places.iloc[end], align=False)
    assert not len(shapes) or max(first.max(), last.max()) <= 4
