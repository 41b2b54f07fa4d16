"""New links against every subset tried by hand, on networks small enough for it."""

from functools import partial
from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.errors import NetworkError
from phusong.fibre import (
    attach,
    avoid_trenches,
    build_links,
    build_network,
    candidate_links,
    double_homing,
    plan_phases,
    rank_links,
    resilience,
    second_way_lacks,
    shared_trenches,
)
from phusong.fibre.links import _cheapest_cover, _greedy_cover
from phusong.grid import Grid
from phusong.tables import FIBRE_LINKS


def network_of(lines, tolerance_m=1):
    return build_network(
        gpd.GeoDataFrame(
            {"id": list(lines)}, geometry=[LineString(p) for p in lines.values()], crs="EPSG:9209"
        ),
        snap_tolerance_m=tolerance_m,
    )


def places(where):
    return gpd.GeoDataFrame(
        geometry=[Point(p) for p in where.values()], index=list(where), crs="EPSG:9209"
    )


def solved(lines, where, hubs=("H",)):
    network, drops = attach(network_of(lines), places(where), drop_length_m=10)
    weights = pd.DataFrame({"population": 100.0}, index=drops.index)
    found = resilience(network, drops, hubs=hubs, weights=weights, rank_by="population")
    return network, drops, found


# A comb: trunk H - J - K with teeth down to A at J and B at K.
COMB = {
    "trunk1": [(0, 0), (1000, 0)],
    "trunk2": [(1000, 0), (2000, 0)],
    "tooth1": [(1000, 0), (1000, -500)],
    "tooth2": [(2000, 0), (2000, -500)],
}
TEETH = {"H": (0, 0), "A": (1000, -500), "B": (2000, -500)}


def link(network, a, b):
    """A candidate between two node ids."""
    number = {name: i for i, name in enumerate(network.nodes["id"])}
    at = network.nodes.geometry
    line = LineString([at[number[a]], at[number[b]]])
    return {"from_node": number[a], "to_node": number[b], "length_m": line.length,
            "cost_vnd": np.nan, "geometry": line}  # fmt: skip


def table(*rows):
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs="EPSG:9209")


@pytest.mark.kernels
def test_the_link_between_two_teeth_saves_what_lies_between_them():
    network, _, found = solved(COMB, TEETH)
    candidates = candidate_links(network, found, longest_m=1100, neighbours=6)
    best = rank_links(network, found, candidates).iloc[0]
    assert {best["from_id"], best["to_id"]} == {"tooth1:end", "tooth2:end"}
    # Tooth 1 (100 people × 0.5 km), trunk 2 (100 × 1) and tooth 2 (100 × 0.5).
    assert best["removed_risk"] == pytest.approx(200)
    assert best["length_m"] == 1000


def test_stages_build_on_each_other():
    network, drops, found = solved(COMB, TEETH)
    candidates = table(
        link(network, "trunk1:start", "tooth1:end"), link(network, "tooth1:end", "tooth2:end")
    )
    plan = double_homing(network, drops, found, candidates, stages=[["A"], ["B"]], by="length_m")
    callers = {"from_name", "to_name", "maintenance_vnd_per_year", "build_year"}
    assert {*plan.links.columns} == {*FIBRE_LINKS.columns, "geometry"} - callers
    assert plan.links["stage"].to_list() == [1, 2]
    assert plan.cost == pytest.approx((np.hypot(1000, 500), 1000))
    assert plan.gap == 0
    assert plan.still_single == ({}, {})


def test_a_built_link_is_numbered_after_the_sections():
    spans = gpd.GeoDataFrame(
        {"id": ["a"]}, geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:9209"
    )
    link = gpd.GeoDataFrame(
        {"from_id": ["a:start"], "to_id": ["a:end"]},
        geometry=[LineString([(0, 0), (450, 600), (900, 0)])], crs="EPSG:9209",
    )  # fmt: skip
    edges = build_links(build_network(spans, snap_tolerance_m=1), link).edges
    assert edges["length_m"].to_dict() == {0: 900.0, 1: 1500.0}


def test_a_place_that_no_link_can_help_is_named():
    network, drops, found = solved(COMB, TEETH)
    candidates = table(link(network, "trunk1:start", "tooth1:end"))
    plan = double_homing(network, drops, found, candidates, stages=[["A", "B"]], by="length_m")
    assert plan.still_single == ({"B": "no_link"},)
    assert len(plan.links) == 1


def test_nothing_is_built_for_a_place_that_stays_single():
    # Both teeth hang on the same trunk, over whose first kilometre no link leads.
    network, drops, found = solved(COMB, TEETH)
    candidates = table(link(network, "tooth1:end", "tooth2:end"))
    plan = double_homing(network, drops, found, candidates, stages=[["A", "B"]], by="length_m")
    assert plan.still_single == ({"A": "no_link", "B": "no_link"},)
    assert (len(plan.links), plan.cost) == (0, (0.0,))


def test_a_ring_needs_no_link():
    ring = {"a": [(0, 0), (1000, 0)], "b": [(1000, 0), (1000, 900)], "c": [(1000, 900), (0, 0)]}
    network, drops, found = solved(ring, {"H": (0, 0), "A": (1000, 0)})
    candidates = candidate_links(network, found, longest_m=9e9, neighbours=9)
    assert len(candidates) == 0
    plan = double_homing(network, drops, found, candidates, stages=[["A"]], by="length_m")
    assert (plan.cost, plan.gap) == ((0.0,), 0.0)


def test_a_link_to_a_dark_island_removes_nothing():
    network, _, found = solved(COMB | {"island": [(9000, 0), (9900, 0)]}, TEETH)
    candidates = table(link(network, "tooth1:end", "island:start"))
    assert len(rank_links(network, found, candidates)) == 0


def price(vnd):
    return pd.DataFrame(
        {"deployment": ["aboveGround"], "slope_from_deg": [0.0], "price_vnd_per_km": [vnd]}
    )


def test_money_needs_prices_above_zero():
    network, drops, found = solved(COMB, TEETH)
    candidates = candidate_links(network, found, longest_m=1100, neighbours=6)
    with pytest.raises(NetworkError, match="Not every link has a price"):
        double_homing(network, drops, found, candidates, stages=[["A"]], by="cost_vnd")
    with pytest.raises(NetworkError, match="must be above 0, got 0"):
        candidate_links(
            network, found, longest_m=9, neighbours=6, prices=price(0), deployment="aboveGround"
        )
    candidates["cost_vnd"] = 0.0
    with pytest.raises(NetworkError, match="must be above 0, got 0"):
        double_homing(network, drops, found, candidates, stages=[["A"]], by="cost_vnd")


def test_price_times_length_is_the_cost():
    network, _, found = solved(COMB, TEETH)
    candidates = candidate_links(
        network, found, longest_m=1100, neighbours=6, prices=price(80e6),
        deployment="aboveGround",
    )  # fmt: skip
    assert candidates["cost_vnd"].to_numpy() == pytest.approx(
        candidates["length_m"].to_numpy() / 1000 * 80e6
    )


def test_steep_ground_makes_a_link_dearer():
    network, _, found = solved(COMB, TEETH)
    grid = Grid.covering((-3000, -3000, 6000, 6000), resolution_m=100, crs="EPSG:9209")
    steep = grid.wrap(np.broadcast_to(grid.x_m, grid.shape).copy(), "elevation")  # 45 degrees
    both = pd.concat([price(50e6), price(90e6).assign(slope_from_deg=30.0)])
    links = candidate_links(
        network, found, longest_m=1100, neighbours=6, prices=both, deployment="aboveGround",
        elevation=steep,
    )  # fmt: skip
    assert links["cost_vnd"].to_numpy() == pytest.approx(links["length_m"].to_numpy() * 90e3)


def test_a_plan_with_all_the_time_it_needs_is_the_same():
    network, drops, found = solved(COMB, TEETH)
    candidates = candidate_links(network, found, longest_m=1100, neighbours=6)
    free, limited = (
        double_homing(
            network, drops, found, candidates, stages=[["A"]], by="length_m", time_limit_s=limit
        )
        for limit in (None, 60)
    )
    assert free.cost == limited.cost
    assert free.links.equals(limited.links)


def random_case(seed):
    """A connected tree with a few rings, places on all nodes, and ten candidate links."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(4, 11))
    spots = rng.permutation(64)[:size]
    xy = np.c_[spots % 8, spots // 8] * 500.0 + rng.uniform(-40, 40, (size, 2))
    pairs = [(int(rng.integers(0, i)), i) for i in range(1, size)]
    nodes = gpd.GeoDataFrame(
        {"id": [f"n{i:02d}" for i in range(size)]}, geometry=[Point(p) for p in xy],
        crs="EPSG:9209",
    )  # fmt: skip
    spans = gpd.GeoDataFrame(
        {"id": [f"s{i:02d}" for i in range(len(pairs))],
         "start": [f"n{a:02d}" for a, _ in pairs], "end": [f"n{b:02d}" for _, b in pairs]},
        geometry=[LineString([xy[a], xy[b]]) for a, b in pairs], crs="EPSG:9209",
    )  # fmt: skip
    network = build_network(spans, nodes, snap_tolerance_m=0.001)
    drops = pd.DataFrame({"node": np.arange(size)})
    weights = pd.DataFrame({"population": rng.integers(1, 90, size).astype(float)})
    found = resilience(network, drops, hubs=[0], weights=weights, rank_by="population")
    rows = []
    for _ in range(9):
        a, b = rng.choice(size, 2, replace=False)
        rows.append(
            {"from_node": a, "to_node": b, "length_m": float(rng.integers(1, 40)),
             "cost_vnd": np.nan, "geometry": LineString([xy[a], xy[b]])}
        )  # fmt: skip
    return rng, network, drops, found, table(*rows)


def survivors(network, links, events):
    """Nodes joined to node 0 whichever event happens: sections and links cut for real."""
    edges = [*zip(*(side.tolist() for side in network.ends), strict=True)]
    lit = set(range(len(network.nodes)))
    for sections, doomed in events:
        graph = nx.MultiGraph([edge for at, edge in enumerate(edges) if at not in sections])
        graph.add_nodes_from(lit | {0})
        graph.add_edges_from(ends for row, ends in links.items() if row not in doomed)
        lit &= nx.node_connected_component(graph, 0)
    return lit


def test_where_nothing_is_needed_nothing_is_chosen_and_nothing_is_the_least():
    one = np.zeros(1, np.int64)
    chosen, least = _cheapest_cover(one, one, np.ones(1), np.zeros(1, bool), None)
    assert (chosen.tolist(), least) == ([], 0.0)


@pytest.mark.parametrize("seed", range(25))
def test_the_cheapest_set_equals_the_best_of_all_subsets(seed):
    rng, network, drops, found, candidates = random_case(seed)
    sections = len(network.edges)
    if seed % 2:  # every other case with trenches, and links that lie in them
        trenches = tuple(
            tuple(sorted(rng.choice(sections, 2, replace=False).tolist())) for _ in range(3)
        )
        people = pd.DataFrame({"population": 1.0}, index=drops.index)
        found = resilience(
            network, drops, hubs=[0], weights=people, rank_by="population", trenches=trenches
        )
        beside = [tuple(np.flatnonzero(rng.random(sections) < 0.15)) for _ in range(9)]
        candidates["beside"] = pd.Series(beside, dtype=object)
    else:
        trenches, beside = (), [()] * 9
    events = [
        (cut, {row for row, its in enumerate(beside) if set(its) & set(cut)})
        for cut in [(edge,) for edge in range(sections)] + [*trenches]
    ]
    wanted = [int(n) for n in rng.choice(np.arange(1, len(drops)), 2, replace=False)]
    plan = double_homing(network, drops, found, candidates, stages=[wanted], by="length_m")
    ends = dict(enumerate(candidates[["from_node", "to_node"]].to_numpy().tolist()))
    price = candidates["length_m"].to_numpy()
    helped = set(wanted) & survivors(network, ends, events)
    best = min(
        price[list(some)].sum()
        for count in range(len(ends) + 1)
        for some in combinations(ends, count)
        if price[list(some)].sum() <= plan.cost[0]
        and helped <= survivors(network, {i: ends[i] for i in some}, events)
    )
    assert plan.cost[0] == pytest.approx(best)
    assert set(plan.still_single[0]) == set(wanted) - helped
    assert plan.gap == pytest.approx(0)


@pytest.mark.parametrize("seed", range(16))
def test_what_lacks_a_second_way_is_what_some_cut_takes_and_phases_are_the_best(seed):
    rng, network, drops, found, candidates = random_case(seed)
    sections = len(network.edges)
    trenches = tuple(
        tuple(sorted(rng.choice(sections, 2, replace=False).tolist())) for _ in range(2)
    )
    people = pd.DataFrame({"population": 1.0}, index=drops.index)
    found = resilience(
        network, drops, hubs=[0], weights=people, rank_by="population", trenches=trenches
    )
    links = candidates.iloc[:4]
    beside = [tuple(np.flatnonzero(rng.random(sections) < 0.15)) for _ in range(4)]
    names = network.nodes["id"]
    links = links.assign(
        beside=pd.Series(beside, dtype=object),
        **{f"{end}_id": names[links[f"{end}_node"]].to_numpy() for end in ("from", "to")},
    )
    events = [
        (cut, {row for row, its in enumerate(beside) if set(its) & set(cut)})
        for cut in [(edge,) for edge in range(sections)] + [*trenches]
    ]
    ends = dict(enumerate(links[["from_node", "to_node"]].to_numpy().tolist()))
    two_ways = {
        some: survivors(network, {i: ends[i] for i in some}, events)
        for count in range(5)
        for some in map(frozenset, combinations(ends, count))
    }
    lacks = second_way_lacks(network, found, links, drops["node"])
    for some, homed in two_ways.items():
        told = {place for place, _ in lacks(np.isin(range(4), [*some]))}
        assert set(drops.index) - told == homed
    # Of those that all links together help: two years, each link in the first, second, or never.
    helped = sorted(two_ways[frozenset(ends)] - two_ways[frozenset()])
    worth = pd.Series(rng.integers(1, 9, len(helped)).astype(float), helped)
    cost = links["length_m"].reset_index(drop=True)
    budget = pd.Series(rng.integers(5, 60, 2).astype(float), [2026, 2027])
    plan = plan_phases(
        cost,
        worth,
        budget,
        lacks=second_way_lacks(network, found, links, drops["node"].loc[helped]),
        after=[],
        carry_over=False,
        largest_gap=0,
    )
    best = max(
        worth[[n for n in helped if n in two_ways[early]]].sum()
        + worth[[n for n in helped if n in two_ways[early | late]]].sum()
        for early in two_ways
        for late in two_ways
        if not early & late
        and cost[[*early]].sum() <= budget[2026]
        and cost[[*late]].sum() <= budget[2027]
    )
    assert plan.value == pytest.approx(best)


def test_a_link_in_the_trench_of_the_cable_is_no_second_way():
    network, drops, found = solved({"a": [(0, 0), (3000, 0)]}, {"H": (0, 0), "A": (3000, 0)})

    def plan(*middle):
        line = LineString([(0, 0), *middle, (3000, 0)])
        row = link(network, "a:start", "a:end") | {"geometry": line, "length_m": line.length}
        links = avoid_trenches(network, table(row), distance_m=10, shortest_m=200)
        return double_homing(network, drops, found, links, stages=[["A"]], by="length_m")

    assert plan((1500, 9)).still_single == ({"A": "trench"},)
    assert plan((1500, 9)).cost == (0,)
    assert plan((1500, 900)).still_single == ({},)


@pytest.mark.parametrize("seed", range(6))
def test_a_plan_of_straight_links_is_proved_by_cutting_the_network_with_it(seed):
    # A trunk that winds, with short cables beside it: links between neighbours lie in its trench.
    rng = np.random.default_rng(seed)
    x = np.arange(0, 9001, 1500.0)
    y = rng.uniform(-300, 300, len(x)).cumsum()
    stops = [*zip(x.tolist(), y.tolist(), strict=True)]
    lines = {f"s{i}": stops[i : i + 2] for i in range(len(stops) - 1)}
    lines |= {f"t{i}": [(a + 40, b + 4) for a, b in stops[i : i + 2]] for i in (1, 3)}
    lines |= {f"u{i}": [stops[i], (stops[i][0], stops[i][1] + 2500)] for i in (2, 4)}
    where = dict(zip("HABCDEF", stops, strict=True))
    network, drops = attach(network_of(lines, 60), places(where), drop_length_m=5)
    rule = {"distance_m": 10, "shortest_m": 200}
    people = pd.DataFrame({"population": 1.0}, index=drops.index)
    cut = partial(resilience, hubs=["H"], weights=people, rank_by="population")
    found = cut(network, drops, trenches=shared_trenches(network, **rule))
    links = candidate_links(network, found, longest_m=9000, neighbours=9)
    links = avoid_trenches(network, links, **rule)
    plan = double_homing(network, drops, found, links, stages=["ABCDEF"], by="length_m")
    after = build_links(network, plan.links)
    proved = cut(after, drops, trenches=shared_trenches(after, **rule)).places["homing"]
    single = set(proved.index[proved == "single"])
    assert single == set(plan.still_single[0])
    assert len(plan.links)
    assert len(single) < (found.places["homing"] == "single").sum()


@pytest.mark.parametrize("seed", range(25))
def test_removed_risk_equals_the_drill_with_the_link_built(seed):
    _, network, _, found, candidates = random_case(seed)
    total = found.bridge_risk.sum()
    ranked = rank_links(network, found, candidates)
    names = network.nodes["id"].to_list()
    for row in ranked.itertuples():
        start, end = (np.append(side, names.index(name)) for side, name in
                      zip(network.ends, (row.from_id, row.to_id), strict=True))  # fmt: skip
        graph = nx.MultiGraph(list(zip(start.tolist(), end.tolist(), strict=True)))
        still = {frozenset(edge[:2]) for edge in nx.bridges(graph)}
        left = sum(
            risk
            for risk, a, b in zip(found.bridge_risk, *network.ends, strict=True)
            if frozenset((int(a), int(b))) in still
        )
        assert row.removed_risk == pytest.approx(total - left)


def test_the_greedy_cover_covers_and_keeps_nothing_needless():
    from scipy.sparse import csr_array

    rng = np.random.default_rng(3)
    for _ in range(50):
        dense = rng.random((12, 20)) < 0.2
        dense[np.arange(12), rng.integers(0, 20, 12)] = True
        cost = rng.integers(1, 9, 20).astype(float)
        chosen = _greedy_cover(csr_array(dense.astype(float)), cost)
        times = dense[:, chosen].sum(axis=1)
        assert (times == 0).sum() == 0
        needless = [drop for drop in chosen if (times - dense[:, drop]).min() > 0]
        assert needless == []


@pytest.mark.parametrize(
    ("cost", "chosen"),
    [([3.0, 2.0, 2.0], [0]), ([5.0, 2.0, 2.0], [1, 2]), ([1.9, 1.0, 9.0], [0])],
)
def test_the_greedy_cover_takes_what_costs_least_for_each_it_covers(cost, chosen):
    from scipy.sparse import csr_array

    # The first link covers both bridges, the others one each.
    covers = csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]))
    assert sorted(_greedy_cover(covers, np.array(cost)).tolist()) == chosen


def test_a_short_list_leaves_out_what_does_nearly_the_same_as_a_better_link():
    # Three spurs; links from either end of the last 10 m of one are twins.
    lines = {
        "a": [(0, 0), (1000, 0)], "tail": [(1000, 0), (1010, 0)],
        "b": [(0, 0), (0, 1000)], "c": [(0, 0), (-1000, 0)],
    }  # fmt: skip
    network, _, found = solved(
        lines, {"H": (0, 0), "A": (1010, 0), "B": (0, 1000), "C": (-1000, 0)}
    )
    links = table(
        link(network, "tail:end", "b:end"),
        link(network, "a:end", "b:end"),
        link(network, "b:end", "c:end"),
    )
    assert len(rank_links(network, found, links)) == 3
    ranked = rank_links(network, found, links, count=3)
    assert ranked[["from_id", "to_id"]].values.tolist() == [
        ["tail:end", "b:end"], ["b:end", "c:end"],
    ]  # fmt: skip
    assert ranked["rank"].to_list() == [1, 2]
    assert len(rank_links(network, found, links, count=1)) == 1


@pytest.mark.parametrize(("metres", "listed"), [(1000, 2), (990, 1)])
def test_a_link_that_leaves_exactly_a_tenth_to_itself_is_listed(metres, listed):
    lines = {"a": [(0, 0), (9000, 0)], "b": [(0, 0), (0, 5000)], "c": [(0, 0), (0, -metres)]}
    network, _, found = solved(
        lines, {"H": (0, 0), "A": (9000, 0), "B": (0, 5000), "C": (0, -metres)}
    )
    links = table(link(network, "a:end", "b:end"), link(network, "a:end", "c:end"))
    # The first removes 900 + 500, the second 900 that the first removes too, and 100 or 99.
    ranked = rank_links(network, found, links, count=5)
    assert ranked["removed_risk"].to_list() == pytest.approx([1400, 900 + metres / 10][:listed])
