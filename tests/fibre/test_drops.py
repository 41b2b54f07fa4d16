"""Drops along a road, over a hill, and straight where nothing else is known."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.errors import CrsMismatchError
from phusong.fibre import attach, build_network, drop_ways
from phusong.grid import Grid


def lines(column, **shapes):
    return gpd.GeoDataFrame(
        {column: list(shapes)}, geometry=[LineString(p) for p in shapes.values()], crs="EPSG:9209"
    )


def places(**at):
    return gpd.GeoDataFrame(
        geometry=[p and Point(p) for p in at.values()], index=list(at), crs="EPSG:9209"
    )


FIBRE = build_network(lines("id", main=[(0, 0), (3000, 0)]), snap_tolerance_m=5)
# A road that leaves the fibre at x = 1000 and turns west.
ROAD = lines("road_id", R=[(1000, 0), (1000, 400), (0, 400)])
GRID = Grid.covering((-500, -500, 3500, 1500), resolution_m=50, crs="EPSG:9209")


def hill(height):
    return GRID.wrap(height(*np.meshgrid(GRID.x_m, GRID.y_m)).astype(np.float32), "elevation")


def test_a_drop_follows_the_road_though_the_fibre_is_nearer_straight():
    ways = drop_ways(places(A=(500, 410)), FIBRE, drop_length_m=1000, roads=ROAD)
    # 10 m to the road, 500 m west to east, 400 m down to the fibre.
    assert ways.loc["A", "drop_m"] == pytest.approx(910)
    assert ways.geometry["A"].equals_exact(Point(1000, 0), 1e-6)


def test_a_way_along_the_road_longer_than_the_drop_is_none_and_the_straight_line_stands():
    ways = drop_ways(places(A=(500, 410)), FIBRE, drop_length_m=900, roads=ROAD)
    assert ways.loc["A", "drop_m"] == pytest.approx(410)
    assert ways.geometry["A"].equals_exact(Point(500, 0), 1e-6)


def test_a_place_nearer_to_the_fibre_than_to_any_road_is_reached_straight():
    ways = drop_ways(places(A=(500, 150)), FIBRE, drop_length_m=1000, roads=ROAD)
    assert ways.loc["A", "drop_m"] == pytest.approx(150)


def test_a_road_beside_the_fibre_all_along_costs_no_detour():
    along = lines("road_id", R=[(0, 2), (3000, 2)])
    ways = drop_ways(places(A=(1234, 42)), FIBRE, drop_length_m=1000, roads=along)
    assert ways.loc["A", "drop_m"] == pytest.approx(40)


def test_over_flat_ground_a_way_is_as_long_as_on_the_map():
    flat = hill(lambda x, y: 0 * x)
    ways = drop_ways(places(A=(525, 425)), FIBRE, drop_length_m=1000, elevation=flat)
    # The fibre lies on the upper edge of pixels whose centres are at -25: nine steps of 50 m.
    assert ways.loc["A", "drop_m"] == pytest.approx(450)


def test_a_way_over_the_ground_is_measured_on_the_slope():
    slope = hill(lambda x, y: y)  # 45 degrees
    ways = drop_ways(places(A=(525, 425)), FIBRE, drop_length_m=1000, elevation=slope)
    assert ways.loc["A", "drop_m"] == pytest.approx(9 * 50 * np.sqrt(2))


def test_a_way_over_the_ground_is_never_shorter_than_the_straight_line():
    fibre = build_network(lines("id", main=[(0, 2), (3000, 2)]), snap_tolerance_m=5)
    flat = hill(lambda x, y: 0 * x)
    ways = drop_ways(places(A=(549, 449)), fibre, drop_length_m=1000, elevation=flat)
    # From the centre of its pixel at y = 425 to that of the fibre at y = 25 it is 400 m.
    assert ways.loc["A", "drop_m"] == 447


def test_a_way_of_exactly_the_drop_length_is_a_way():
    straight, by_road = places(A=(500, 910)), places(A=(500, 410))
    assert drop_ways(straight, FIBRE, drop_length_m=910)["drop_m"].to_list() == [910]
    assert drop_ways(straight, FIBRE, drop_length_m=909.9)["drop_m"].isna().all()
    found = drop_ways(by_road, FIBRE, drop_length_m=910, roads=ROAD)
    assert found["drop_m"].to_list() == [910]


PRICES = pd.DataFrame(
    {"deployment": "aboveGround", "slope_from_deg": [0, 30], "price_vnd_per_km": [1e6, 50e6]}
)


def test_prices_by_slope_lead_the_way_around_a_steep_bank():
    # A bank between the place and the fibre, with a gap east of x = 800.
    bank = hill(lambda x, y: np.where((y > 150) & (y < 250) & (x < 800), 300, 0))
    where = places(A=(525, 425))
    short = drop_ways(where, FIBRE, drop_length_m=2000, elevation=bank).loc["A", "drop_m"]
    around = drop_ways(
        where, FIBRE, drop_length_m=2000, elevation=bank, prices=PRICES, deployment="aboveGround"
    )
    assert around.geometry["A"].x >= 800
    assert short <= around.loc["A", "drop_m"] < 800


def test_places_too_far_or_nowhere_have_no_way():
    ways = drop_ways(places(far=(0, 5000), nowhere=None), FIBRE, drop_length_m=1000, roads=ROAD)
    assert ways["drop_m"].isna().to_dict() == {"far": True, "nowhere": True}
    assert ways.geometry.isna().to_dict() == {"far": True, "nowhere": True}


def test_a_tap_lies_where_the_way_meets_the_fibre():
    where = places(A=(500, 410), far=(0, 5000))
    ways = drop_ways(where, FIBRE, drop_length_m=1000, roads=ROAD)
    network, drops = attach(FIBRE, where, drop_length_m=1000, ways=ways)
    assert network.edges["length_m"].to_list() == [1000, 2000]
    assert drops.loc["A", ["distance_m", "drop_m"]].to_list() == [410, pytest.approx(910)]
    assert network.nodes.geometry[drops.loc["A", "node"]] == Point(1000, 0)
    assert drops.loc["far", "node"] == -1
    assert drops.loc["far", "distance_m"] == 5000


def test_roads_in_another_system_are_refused():
    with pytest.raises(CrsMismatchError, match="roads"):
        drop_ways(places(A=(0, 0)), FIBRE, drop_length_m=9, roads=ROAD.to_crs("EPSG:3405"))
