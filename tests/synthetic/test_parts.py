"""Parts of the builder: shares, ways, water, names, files."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csgraph

from phusong import tables
from phusong.grid import Grid
from synthetic.boundaries import grow_communes
from synthetic.erosion import cut, drain, fill
from synthetic.facts import Facts
from synthetic.lattice import Lattice
from synthetic.names import village_names
from synthetic.noise import fractal
from synthetic.paths import lattice_graph, way_back
from synthetic.shares import apportion
from synthetic.stations import site_masts
from synthetic.write import write_csv, write_geojson, write_xlsx


@given(
    weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=30),
    low=st.integers(0, 5),
    spare=st.integers(0, 500),
)
def test_shares_add_up_and_keep_their_bounds(weights, low, spare):
    total = low * len(weights) + spare
    parts = apportion(total, weights, low=low)
    assert parts.sum() == total
    assert parts.min() >= low


@given(weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=30), fullness=st.floats(0, 1))
def test_shares_keep_their_ceiling(weights, fullness):
    low, high = 7, 19
    total = round(len(weights) * (low + fullness * (high - low)))
    parts = apportion(total, weights, low=low, high=high)
    assert parts.sum() == total
    assert low <= parts.min() <= parts.max() <= high


def test_impossible_shares_are_refused():
    with pytest.raises(ValueError, match="5 cannot be split into 2 parts of 3 to 9"):
        apportion(5, [1, 1], low=3, high=9)


def test_cheapest_way_goes_round_a_wall():
    cost = np.ones((3, 5))
    cost[:2, 2] = np.inf
    graph = lattice_graph(cost, dx=1.0, dy=1.0)
    far, before = csgraph.dijkstra(graph, directed=False, indices=0, return_predecessors=True)
    way = way_back(before, 4)
    assert way[0] == 4
    assert way[-1] == 0
    assert far[4] == pytest.approx(4 * np.sqrt(2))  # through the gap at (2, 2)


def test_knights_move_over_open_ground_is_straight():
    graph = lattice_graph(np.ones((2, 3)), dx=10.0, dy=10.0)
    assert csgraph.dijkstra(graph, directed=False, indices=0)[5] == pytest.approx(10 * np.sqrt(5))


def test_steep_edges_cost_more():
    height = np.array([[0.0, 10.0]])
    graph = lattice_graph(np.ones((1, 2)), dx=100.0, dy=100.0, height=height, climb=100.0)
    assert graph[0, 1] == pytest.approx(100 * (1 + 100 * 0.1**2))


def valley():
    height = np.array([[9.0, 8.0, 9.0], [6.0, 2.0, 6.0], [9.0, 5.0, 9.0]])
    outlet = np.zeros((3, 3), dtype=bool)
    outlet[2, 1] = True
    return height, outlet


def test_pits_fill_to_their_outlet_and_all_water_reaches_it():
    height, outlet = valley()
    order = fill(height, outlet, 0.5)
    assert order[0] == 7
    assert sorted(order) == list(range(9))
    assert height[1, 1] == 5.5  # was a pit at 2
    receiver, length, area = np.empty(9, dtype=np.int64), np.empty(9), np.empty(9)
    drain(height, outlet, order, receiver, length, area, 1.0, 1.0)
    assert area[7] == 9
    assert receiver[4] == 7


@pytest.mark.kernels
def test_water_cuts_down_to_the_balance_of_lift_and_slope():
    height = np.array([[0.0, 500.0]])
    outlet = np.array([[True, False]])
    order = fill(height, outlet, 0.01)
    receiver, length, area = np.empty(2, dtype=np.int64), np.empty(2), np.empty(2)
    for _ in range(500):
        drain(height, outlet, order, receiver, length, area, 100.0, 100.0)
        cut(height, order, receiver, length, area, np.full((1, 2), 0.3), 40.0, 0.45, 9.0)
    assert height[0, 1] / 100 == pytest.approx(0.3)


@pytest.mark.kernels
def test_compiled_and_plain_kernels_agree_to_the_last_bit():
    outlet = np.zeros((12, 15), dtype=bool)
    outlet[0] = True
    results = []
    for filled, drained, cutting in (
        (fill, drain, cut),
        (fill.py_func, drain.py_func, cut.py_func),
    ):
        height = np.random.default_rng(1).uniform(0, 100, outlet.shape)
        receiver = np.empty(outlet.size, dtype=np.int64)
        length, area = np.empty(outlet.size), np.empty(outlet.size)
        order = filled(height, outlet, 0.01)
        drained(height, outlet, order, receiver, length, area, 80.0, 90.0)
        lift = np.random.default_rng(2).uniform(0.1, 1, outlet.shape)
        cutting(height, order, receiver, length, area, lift, 40.0, 0.45, 0.6)
        results.append(height)
    np.testing.assert_array_equal(*results)


def test_noise_depends_on_the_seed_alone():
    one, same, other = (
        fractal((40, 50), np.random.default_rng(seed), longest_px=20) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.std() == pytest.approx(1, abs=1e-3)


def test_village_names_do_not_repeat_within_a_commune():
    names = village_names(300, "hills", np.random.default_rng(3))
    assert len(set(names)) == 300


@given(lon=st.floats(104.0, 105.0, exclude_max=True), lat=st.floats(22.001, 23.0))
def test_lattice_finds_the_pixel_whose_centre_is_nearest(lon, lat):
    lattice = Lattice(104.0, 23.0, 0.1, 10, 10)
    row, column = lattice.index(lon, lat)
    assert abs(lattice.lon[column] - lon) <= 0.05 + 1e-9
    assert abs(lattice.lat[row] - lat) <= 0.05 + 1e-9


def test_lattice_samples_between_pixel_centres():
    lattice = Lattice(104.0, 23.0, 0.1, 2, 1)
    assert lattice.sample(np.array([[10.0, 20.0]]), [104.1], [22.95]) == pytest.approx(15.0)


def four_communes():
    """Return facts of two districts of two communes each, 10 km a side."""
    west = np.array([105.0, 105.1, 105.0, 105.1])
    south = np.array([22.8, 22.8, 22.9, 22.9])
    communes = pd.DataFrame(
        {
            "commune_code": ["00001", "00004", "00007", "00010"],
            "name": ["A", "B", "C", "D"],
            "type": "xã",
            "district_code": ["024", "024", "026", "026"],
            "lon": west + 0.05, "lat": south + 0.05,
            "west": west - 0.02, "south": south - 0.02,
            "east": west + 0.12, "north": south + 0.12,
            "area_km2": np.nan,
        }
    )  # fmt: skip
    districts = pd.DataFrame({"district_code": ["024", "026"], "area_km2": [150.0, 210.0]})
    nothing = pd.DataFrame()
    return Facts(communes, districts, nothing, nothing, nothing, nothing, {"area_km2": 360.0})


def test_communes_grow_to_their_districts_areas_and_share_their_lines():
    grid = Grid.covering(
        (436_000, 2_510_000, 482_000, 2_556_000), resolution_m=250, crs="EPSG:9209"
    )
    communes = grow_communes(four_communes(), np.zeros(grid.shape), grid, seed=1)
    area = (communes.area / 1e6).groupby(communes["district_code"]).sum()
    assert area.to_dict() == pytest.approx({"024": 150.0, "026": 210.0}, rel=0.01)
    assert communes.geometry.is_valid_coverage()


def test_masts_stand_on_the_hill_by_the_village_and_apart():
    grid = Grid("EPSG:9209", 150.0, 0.0, 15_000.0, 100, 100)
    people, height = np.zeros(grid.shape), np.zeros(grid.shape)
    people[50, 50] = 900.0
    people[70, 70] = 400.0
    height[48, 50] = 200.0  # 300 m north of the first
    masts = site_masts(
        people, np.zeros(grid.shape), height, np.ones(grid.shape, dtype=bool),
        [(grid.x_m[50], grid.y_m[50])], grid, count=2,
    )  # fmt: skip
    assert masts[["x_m", "y_m"]].iloc[0].to_list() == [grid.x_m[50], grid.y_m[48]]
    assert np.hypot(masts["x_m"][1] - grid.x_m[70], masts["y_m"][1] - grid.y_m[70]) < 600


@pytest.mark.parametrize("write", [write_csv, write_geojson, write_xlsx])
def test_files_are_the_same_bytes_whatever_the_order_of_rows(write, tmp_path):
    nodes = gpd.GeoDataFrame(
        {"id": ["b", "a"], "name": ["Cốc Pài", None], "status": "operational"},
        geometry=gpd.points_from_xy([105.1234567, 105.2], [22.8, 22.9]),
        crs="OGC:CRS84",
    )
    write(tmp_path / "one", nodes, tables.NODES)
    write(tmp_path / "two", nodes.iloc[::-1], tables.NODES)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    if write is not write_xlsx:
        assert "105.123457" in (tmp_path / "one").read_text(encoding="utf-8")
