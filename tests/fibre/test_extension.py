"""Extensions on a few roads whose cheapest routes can be seen."""

from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.errors import CrsMismatchError, NetworkError
from phusong.fibre import extend, terrain_ways
from phusong.fibre.prices import check_prices
from phusong.grid import Grid
from phusong.tables import FIBRE_EXTENSION


def lines(column, crs="EPSG:9209", **shapes):
    return gpd.GeoDataFrame(
        {column: list(shapes)}, geometry=[LineString(p) for p in shapes.values()], crs=crs
    )


def places(**at):
    return gpd.GeoDataFrame(
        geometry=[p and Point(p) for p in at.values()], index=list(at), crs="EPSG:9209"
    )


# Lit fibre runs along y = 0; a road leaves it at x = 1000 and forks at y = 2000.
LIT = lines("id", main=[(0, 0), (5000, 0)])
ROADS = lines(
    "road_id",
    stem=[(1000, -300), (1000, 2000)],
    left=[(1000, 2000), (0, 2000)],
    right=[(1000, 2000), (3000, 2000)],
    shortcut=[(3000, 2000), (3000, 0)],
)
PRICE = {"deployment": "aboveGround"}
PRICES = pd.DataFrame(
    {"deployment": "aboveGround", "slope_from_deg": [0, 25], "price_vnd_per_km": [50e6, 100e6]}
)


def plan(where, roads=ROADS, **options):
    return extend(places(**where), LIT, roads, snap_tolerance_m=5, longest_drop_m=100, **options)


def test_places_share_the_stem_and_drops_are_counted():
    found = plan({"L": (0, 2000), "R": (2000, 2050)})
    # Stem 2 km from the crossing, left 1 km, right 1 km, and a drop of 50 m.
    assert found.cost == pytest.approx(4.05, abs=1e-4)
    assert found.gap == 0
    callers = {"maintenance_vnd_per_year", "build_year"}
    kept = [name for name in FIBRE_EXTENSION.columns if name not in callers]
    assert list(found.routes.columns) == [*kept, "geometry"]
    # Each place hangs on its own branch, from the place on, and then on the stem.
    kinds = [found.routes.loc[list(chain), "road_id"].to_list() for chain in found.hangs_on]
    assert [[name for name in way if pd.notna(name)] for way in kinds] == [
        ["left", "stem"], ["right", "stem"],
    ]  # fmt: skip
    assert found.routes.groupby("kind")["length_m"].sum().to_dict() == pytest.approx(
        {"drop": 50, "road": 4000}
    )
    assert not found.in_vnd
    assert found.routes["cost_vnd"].isna().all()


def test_the_nearer_end_of_the_fibre_is_taken():
    found = plan({"R": (2900, 2000)})
    assert found.cost == pytest.approx(2.1, abs=1e-4)
    assert set(found.routes["road_id"].dropna()) == {"right", "shortcut"}


def test_a_place_half_a_metre_from_its_road_pays_half_a_metre():
    found = plan({"L": (0, 2000), "R": (2000, 2000.5), "S": (0, 2000.25)})
    assert found.cost == pytest.approx(4.00075, abs=1e-8)
    drops = found.routes[found.routes["kind"] == "drop"]
    assert sorted(drops["length_m"]) == pytest.approx([0.25, 0.5])


def test_a_place_without_road_is_named_and_the_others_are_planned():
    found = plan({"L": (0, 2000), "far": (9000, 9000)})
    assert found.unreachable == ("far",)
    assert found.cost == pytest.approx(3, abs=1e-4)


def test_a_place_without_coordinates_is_unreachable_and_moves_no_other():
    found = plan({"nowhere": None, "L": (0, 2000)})
    assert found.unreachable == ("nowhere",)
    assert found.cost == pytest.approx(3, abs=1e-4)


def test_a_road_that_does_not_reach_the_fibre_helps_nobody():
    alone = lines("road_id", alone=[(8000, 2000), (9000, 2000)])
    found = plan({"A": (8500, 2000)}, roads=alone)
    assert (found.unreachable, found.cost, len(found.routes)) == (("A",), 0, 0)


def test_roads_that_cross_meet():
    cross = lines("road_id", up=[(500, 0), (500, 3000)], along=[(0, 1000), (2000, 1000)])
    assert plan({"A": (1500, 1000)}, roads=cross).cost == pytest.approx(2, abs=1e-4)


def test_prices_make_money():
    found = plan({"L": (0, 2000)}, prices=PRICES, **PRICE)
    assert found.in_vnd
    assert found.cost == pytest.approx(3 * 50e6, rel=1e-4)
    assert found.routes["cost_vnd"].sum() == pytest.approx(found.cost)


def test_a_steep_short_cut_may_lose_against_a_flat_detour():
    grid = Grid.covering((-500, -500, 5500, 3500), resolution_m=50, crs="EPSG:9209")
    x = np.broadcast_to(grid.x_m, grid.shape)
    # A 45° slope east of x = 2500: the short cut at x = 3000 costs double.
    elevation = grid.wrap(np.where(x > 2500, x - 2500, 0.0), "elevation")
    where = {"R": (2200, 2000)}
    assert set(plan(where, prices=PRICES, **PRICE).routes["road_id"].dropna()) == {
        "right",
        "shortcut",
    }
    steep = plan(where, prices=PRICES, **PRICE, elevation=elevation)
    assert set(steep.routes["road_id"].dropna()) == {"right", "stem"}


def test_without_roads_the_way_goes_over_the_terrain():
    grid = Grid.covering((0, 0, 4000, 4000), resolution_m=100, crs="EPSG:9209")
    flat = grid.wrap(np.zeros(grid.shape), "elevation")
    ways = terrain_ways(flat, spacing_px=4)
    found = plan({"A": (2250, 2150)}, roads=ways, prices=PRICES, **PRICE, elevation=flat)
    # Straight down to the fibre at y = 0 there is no way: the lattice ends at y = 150.
    assert found.unreachable == ("A",)
    lit = lines("id", main=[(0, 150), (5000, 150)])
    found = extend(
        places(A=(2250, 2150)),
        lit,
        ways,
        snap_tolerance_m=5,
        longest_drop_m=100,
        prices=PRICES,
        elevation=flat,
        **PRICE,
    )
    assert found.cost == pytest.approx(2 * 50e6, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price_vnd_per_km": 0.0}, "must be above 0, got 0"),
        ({"price_vnd_per_km": np.nan}, "must be above 0, got nan"),
        ({"deployment": "overhead"}, "no price for the deployment overhead"),
        ({"slope_from_deg": 5}, "distinct slope classes, beginning at 0°"),
    ],
)
def test_a_price_table_with_holes_is_refused(change, message):
    with pytest.raises(NetworkError, match=message):
        check_prices(PRICES.assign(**change))


@pytest.mark.parametrize("deployment", ["belowGround", None])
def test_a_deployment_without_prices_is_refused(deployment):
    with pytest.raises(NetworkError, match=f"no price for the deployment {deployment}"):
        plan({"L": (0, 2000)}, prices=PRICES, deployment=deployment)


def test_roads_in_another_crs_are_refused():
    with pytest.raises(CrsMismatchError, match="roads is in EPSG:4326"):
        plan({"L": (0, 2000)}, roads=ROADS.set_crs(4326, allow_override=True))


def cable(part, *shape):
    return gpd.GeoDataFrame({"part": [part]}, geometry=[LineString(shape)], crs="EPSG:9209")


def on_part(**at):
    return places(**{name: spot for name, (spot, _) in at.items()}).assign(
        part=[part for _, part in at.values()]
    )


FAR_ROAD = lines("road_id", far=[(0, 90_000), (10, 90_000)])
SHORT = lines("id", lit=[(0, 0), (1000, 0)])
BEYOND = cable(4, (1090, 0), (9000, 0))


def repair(where, dark, roads=FAR_ROAD, **options):
    return extend(where, SHORT, roads, snap_tolerance_m=5, longest_drop_m=100, dark=dark, **options)


def test_a_break_is_joined_and_the_cable_beyond_it_is_free():
    found = repair(on_part(A=((9000, 0), 4), B=((5000, 40), 4)), BEYOND)
    (route,) = found.routes.itertuples()
    assert (route.route_id, route.kind, route.length_m) == (1, "joint", pytest.approx(90))
    assert (found.cost, found.unreachable) == (pytest.approx(0.09), ())


def test_a_wider_break_is_bridged_along_the_road():
    roads = lines("road_id", QL2=[(900, 2), (1600, 2)])
    found = repair(on_part(A=((9000, 0), 4)), cable(4, (1500, 0), (9000, 0)), roads)
    assert set(found.routes["kind"]) == {"road"}
    assert found.routes["length_m"].sum() == pytest.approx(500, abs=1)


def test_cables_that_cross_are_joined_at_a_point_and_told():
    found = repair(on_part(A=((500, 900), 2)), cable(2, (500, -900), (500, 900)))
    (route,) = found.routes.itertuples()
    assert route.kind == "joint"
    assert route.length_m == pytest.approx(0, abs=0.011)
    assert route.geometry.distance(Point(500, 0)) < 1e-6


def test_a_place_beside_its_road_uses_dark_cable_on_the_way():
    roads = lines("road_id", spur=[(9000, 0), (9000, 700)])
    found = repair(on_part(A=((9000, 700), -1)), BEYOND, roads)
    assert found.routes["kind"].to_list() == ["joint", "road"]
    assert found.cost == pytest.approx(0.79, abs=1e-3)


@pytest.mark.parametrize(("gap_m", "unreachable", "parts"), [(0, ("L",), 2), (40, (), 1)])
def test_a_gap_of_the_roads_is_bridged_within_the_tolerance_only(gap_m, unreachable, parts):
    roads = lines("road_id", stem=[(1000, -300), (1000, 2000)], beyond=[(970, 1500), (0, 1500)])
    found = plan({"L": (0, 1500)}, roads=roads, gap_m=gap_m)
    assert (found.unreachable, found.road_parts) == (unreachable, parts)
    if gap_m:
        assert found.routes.groupby("kind")["length_m"].sum().to_dict() == pytest.approx(
            {"road": 2470, "gap": 30}, abs=0.1
        )
        assert found.routes.loc[found.routes["kind"] == "gap", "road_id"].isna().all()
        assert found.gaps["length_m"].to_list() == pytest.approx([30])


@pytest.mark.parametrize("seed", range(8))
def test_joints_of_scattered_parts_are_their_cheapest_tree(seed):
    rng = np.random.default_rng(seed)
    spots = rng.uniform(0, 3000, (7, 2))
    dark = pd.concat(
        [cable(i, spot, spot + rng.uniform(50, 300, 2)) for i, spot in enumerate(spots)]
    )
    where = on_part(**{f"P{i}": (tuple(spot), i) for i, spot in enumerate(spots)})
    found = extend(
        where, SHORT, FAR_ROAD, snap_tolerance_m=1, longest_drop_m=9000, dark=dark
    )  # fmt: skip
    shapes = [SHORT.geometry.iloc[0], *dark.geometry]
    graph = nx.Graph()
    for (i, a), (j, b) in combinations(enumerate(shapes), 2):
        graph.add_edge(i, j, weight=max(a.distance(b), 0.01) / 1000)
    assert found.cost == pytest.approx(nx.minimum_spanning_tree(graph).size("weight"))
    assert found.gap == 0
    assert found.routes["length_m"].is_monotonic_increasing
    for place, chain in zip(where.geometry, found.hangs_on, strict=True):
        # With its own chain alone the place is joined to the lit cable.
        pieces = [place, *found.routes.geometry.iloc[list(chain)], *dark.geometry, shapes[0]]
        near = nx.Graph()
        near.add_nodes_from(range(len(pieces)))
        near.add_edges_from(
            (i, j) for (i, a), (j, b) in combinations(enumerate(pieces), 2) if a.distance(b) < 0.001
        )
        assert nx.has_path(near, 0, len(pieces) - 1)
