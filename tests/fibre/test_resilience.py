"""Cut drills equal cutting for real; figures that can be read off a drawing."""

from functools import partial

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.errors import NetworkError
from phusong.fibre import attach, build_network, by_span, resilience
from phusong.tables import FIBRE_HOMING, FIBRE_NODES, SPAN_CRITICALITY


def network_of(**lines):
    return build_network(
        gpd.GeoDataFrame(
            {"id": list(lines)}, geometry=[LineString(p) for p in lines.values()], crs="EPSG:9209"
        ),
        snap_tolerance_m=1,
    )


def places(**at):
    return gpd.GeoDataFrame(
        geometry=[Point(p) for p in at.values()], index=list(at), crs="EPSG:9209"
    )


# A ring H - A - B with a spur from B to C; Z lies on an island of its own.
LINES = {
    "ha": [(0, 0), (1000, 0)],
    "ab": [(1000, 0), (1000, 1000)],
    "bh": [(1000, 1000), (0, 0)],
    "bc": [(1000, 1000), (3000, 1000)],
    "island": [(9000, 0), (9900, 0)],
}
WHERE = {
    "H": (0, 0), "A": (1000, 0), "B": (1000, 1000), "C": (3000, 1000), "half": (2000, 1000),
    "Z": (9000, 0), "far": (5000, 9000),
}  # fmt: skip


def drill(lines=LINES, where=WHERE, trenches=(), hubs=("H",), rank_by="population"):
    network, drops = attach(network_of(**lines), places(**where), drop_length_m=50)
    weights = pd.DataFrame(
        {"offices": 1, "population": [10.0 * (i + 1) for i in range(len(where))]},
        index=list(where),
    )
    return network, resilience(
        network, drops, hubs=hubs, weights=weights, rank_by=rank_by, trenches=trenches
    )


def test_a_spur_is_a_bridge_and_a_ring_is_not():
    _, found = drill()
    sections = found.sections.set_index(["span_id", "section"])
    assert list(found.sections.columns) == [*SPAN_CRITICALITY.columns, "geometry"]
    assert sections.loc[("bc", 1), ["dark_offices", "dark_population"]].to_list() == [2, 90]
    assert sections.loc[("bc", 2), ["dark_offices", "dark_population"]].to_list() == [1, 40]
    assert sections.loc[("bc", 1), ["rank", "risk"]].to_list() == [1, 90]
    assert not sections.loc[["ha", "ab", "bh"], "dark_offices"].any()


def test_a_span_is_as_bad_as_its_worst_section_and_as_risky_as_all():
    _, found = drill()
    spans = by_span(found.sections)
    assert spans.index.to_list() == ["ab", "bc", "bh", "ha", "island"]
    cut = found.sections[found.sections["span_id"] == "bc"]
    assert len(cut) == 2  # "half" taps it half way
    assert spans.loc["bc", ["dark_offices", "dark_population"]].to_list() == [
        cut["dark_offices"].max(), cut["dark_population"].max(),
    ]  # fmt: skip
    assert spans.loc["bc", "risk"] == pytest.approx(cut["risk"].sum())
    assert spans["bridge"].to_dict() == {
        "ab": False, "bc": True, "bh": False, "ha": False, "island": True,
    }  # fmt: skip
    assert spans.loc["bc", "rank"] == 1
    assert sorted(spans["rank"]) == [1, 2, 3, 4, 5]


def test_places_are_double_single_or_not_connected():
    _, found = drill()
    assert list(found.places.columns) == list(FIBRE_HOMING.columns)
    homing = found.places["homing"].to_dict()
    assert homing == {
        "H": "hub", "A": "double", "B": "double", "C": "single", "half": "single",
        "Z": "none", "far": "none",
    }  # fmt: skip
    assert found.places.loc["C", ["exposed_spans", "exposed_m"]].to_list() == ["bc", 2000]
    assert found.places.loc["A", ["exposed_spans", "exposed_m"]].to_list() == ["", 0]
    assert np.isnan(found.places.loc["Z", "exposed_m"])


def test_a_section_that_is_dark_already_takes_nothing_away():
    _, found = drill()
    island = found.sections.set_index("span_id").loc["island"]
    assert island["bridge"]
    assert island["dark_offices"] == 0


def test_a_failing_node_takes_itself_and_what_hangs_on_it():
    _, found = drill()
    assert {*found.nodes.columns} == {*FIBRE_NODES.columns, "geometry"} - {"name", "type"}
    failing = found.nodes.set_index(found.nodes["id"])["dark_offices"]
    assert failing["ab:end"] == 3  # B, half, C
    assert failing["ab:start"] == 1  # A


def test_a_failing_hub_takes_all_that_has_no_other():
    _, alone = drill()
    only = alone.nodes.loc[alone.root]
    assert only[["hub", "articulation", "dark_offices"]].to_list() == [True, True, 5]
    _, two = drill(hubs=("H", "Z"))
    failing = two.nodes[two.nodes["hub"]].set_index("id")["dark_offices"]
    # H and Z are not joined: each takes its own part.
    assert failing.to_dict() == {"bh:end": 5, "island:start": 1}
    _, spare = drill(hubs=("H", "C"))
    failing = spare.nodes[spare.nodes["hub"]].set_index("id")[["dark_offices", "articulation"]]
    assert failing.loc["bh:end"].to_list() == [1, False]
    assert failing.loc["bc:end"].to_list() == [1, False]


@pytest.mark.kernels
def test_two_hubs_serve_as_one():
    _, found = drill(hubs=("H", "C"))
    assert not found.sections["dark_offices"].any()
    assert found.places.loc["half", "homing"] == "double"


@pytest.mark.kernels
def test_cables_in_one_trench_fall_together():
    lines = {"one": [(0, 0), (1000, 0)], "two": [(0, 0), (500, 2), (1000, 0)]}
    where = {"H": (0, 0), "A": (1000, 0)}
    _, apart = drill(lines, where)
    assert apart.places.loc["A", "homing"] == "double"
    _, together = drill(lines, where, trenches=((0, 1),))
    assert together.sections["dark_offices"].to_list() == [1, 1]
    assert together.sections["shared_with"].to_list() == ["two", "one"]
    assert together.places.loc["A", ["homing", "exposed_spans"]].to_list() == [
        "single", "one + two",
    ]  # fmt: skip


def test_ranks_are_distinct_and_follow_what_goes_dark():
    _, found = drill()
    ranked = found.sections.sort_values("rank")
    assert ranked["rank"].to_list() == list(range(1, len(ranked) + 1))
    assert ranked["dark_population"].is_monotonic_decreasing


def test_without_a_hub_on_the_network_there_is_no_drill():
    with pytest.raises(NetworkError, match="No hub is on the network"):
        drill(hubs=("far",))


def dark_places(nodes, start, end, hubs, places, edges=(), node=None):
    """Cut for real: the places, numbered as their nodes, that reach no hub."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(
        (a, b) for e, (a, b) in enumerate(zip(start, end, strict=True)) if e not in edges
    )
    if node is not None:
        graph.remove_node(node)
    lit = set().union(*(nx.node_connected_component(graph, hub) for hub in hubs))
    return {n for n in range(places) if n not in lit}


def test_drills_equal_cutting_every_edge_trench_and_node_for_real():
    rng = np.random.default_rng(7)
    for _ in range(40):
        size = int(rng.integers(3, 14))
        spots = rng.permutation(100)[:size]
        xy = np.c_[spots % 10, spots // 10] * 100.0 + rng.uniform(-9, 9, (size, 2))
        pairs = rng.integers(0, size, (int(rng.integers(2, 22)), 2))
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        if not len(pairs):
            continue
        network = build_network(
            gpd.GeoDataFrame(
                {"id": [f"s{i:02d}" for i in range(len(pairs))],
                 "start": [f"n{a:02d}" for a in pairs[:, 0]],
                 "end": [f"n{b:02d}" for b in pairs[:, 1]]},
                geometry=[LineString(xy[p] + rng.uniform(-0.01, 0.01, (2, 2))) for p in pairs],
                crs="EPSG:9209",
            ),
            gpd.GeoDataFrame({"id": [f"n{i:02d}" for i in range(size)]},
                             geometry=[Point(p) for p in xy], crs="EPSG:9209"),
            snap_tolerance_m=0.1,
        )  # fmt: skip
        start, end = network.ends
        drops = pd.DataFrame({"node": np.arange(size)})
        weights = pd.DataFrame({"population": rng.integers(1, 50, size).astype(float)})
        trenches = tuple(
            tuple(sorted(rng.choice(len(start), k, replace=False).tolist()))
            for k in range(2, min(6, len(start)))
        )
        hubs = rng.choice(size, 2, replace=False).tolist()
        found = resilience(
            network, drops, hubs=hubs, weights=weights, rank_by="population", trenches=trenches
        )

        dark = partial(dark_places, len(network.nodes), start, end, hubs, size)
        now = dark()
        value = weights["population"].to_numpy()
        for edge in range(len(start)):
            cutting = [(edge,)] + [t for t in trenches if edge in t]
            worst = max(value[list(dark(c) - now)].sum() for c in cutting)
            assert found.sections["dark_population"][edge] == worst
        for node in range(size):
            others = [hub for hub in hubs if hub != node]
            if node not in now:
                left = dark_places(len(network.nodes), start, end, others, size, (), node)
                assert found.nodes["dark_population"][node] == value[list(left - now)].sum()
        isolated = set().union(*(dark(c) for c in [(e,) for e in range(len(start))] + [*trenches]))
        for node in sorted(set(range(size)) - set(hubs)):
            expected = "none" if node in now else "single" if node in isolated else "double"
            assert found.places["homing"][node] == expected
        # Without trenches: two ways are a flow of two, each edge carrying one (Menger).
        plain = resilience(network, drops, hubs=hubs, weights=weights, rank_by="population")
        flow = nx.Graph()
        flow.add_nodes_from(range(len(network.nodes)))
        for a, b in [*zip(start.tolist(), end.tolist(), strict=True)]:
            carried = flow.get_edge_data(a, b, {"capacity": 0})["capacity"]
            flow.add_edge(a, b, capacity=carried + 1)
        flow.add_edges_from(("hubs", hub) for hub in hubs)  # without a limit
        for node in sorted(set(range(size)) - set(hubs)):
            ways = nx.maximum_flow_value(flow, "hubs", node)
            assert plain.places["homing"][node] == ("none", "single", "double")[min(ways, 2)]
