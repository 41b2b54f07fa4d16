"""Drops and ways to the hubs on a network whose lengths can be added in the head."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.errors import CrsMismatchError, NetworkError
from phusong.fibre import attach, build_network, reach
from phusong.tables import FIBRE_REACH

_SPARE = ["spare_fibres", "spare_fibres_reported", "spare_fibres_of"]


def spans(**lines):
    return gpd.GeoDataFrame(
        {"id": list(lines)}, geometry=[LineString(p) for p in lines.values()], crs="EPSG:9209"
    )


def places(**at):
    return gpd.GeoDataFrame(
        geometry=[p and Point(p) for p in at.values()], index=list(at), crs="EPSG:9209"
    )


# Province P – trunk – district D – branch – commune C; E stands alone.
TRUNK = {"trunk": [(0, 0), (1000, 0)], "branch": [(1000, 0), (1000, 500)]}
WHERE = {"P": (0, 0), "D": (1000, 10), "C": (1010, 490), "E": (9000, 9000)}


def way(tolerance=5, drop=100, where=WHERE, lines=TRUNK):
    network, drops = attach(
        build_network(spans(**lines), snap_tolerance_m=tolerance), places(**where),
        drop_length_m=drop,
    )  # fmt: skip
    level = pd.Series({"P": "province", "D": "district", "C": "commune", "E": "commune"})
    return drops, reach(network, drops, level=level, district_code=pd.Series("024", drops.index))


@pytest.mark.kernels
def test_length_hops_and_path_follow_the_spans_without_the_drop():
    _, table = way()
    assert list(table.columns) == list(FIBRE_REACH.columns)
    commune = table.loc["C"]
    assert commune["nearest_span"] == "branch"
    assert commune["distance_to_fibre_m"] == 10
    assert (commune["district_hub_m"], commune["province_hub_m"]) == (480, 1490)
    assert (commune["district_hub_hops"], commune["province_hub_hops"]) == (1, 2)
    assert commune["province_hub_path"] == "branch, trunk"
    assert table.loc["P", ["province_hub_m", "province_hub_hops"]].to_list() == [0, 0]


def test_a_place_beyond_the_drop_length_is_on_no_network():
    drops, table = way()
    assert drops.loc["E", "node"] == -1
    assert np.isnan(table.loc["E", "province_hub_m"])
    assert table["province_hub_hops"].isna().to_list() == [False, False, False, True]
    assert table.loc["E", "province_hub_path"] == ""


@pytest.mark.parametrize(("drop", "connected"), [(10, True), (9.999, False)])
def test_a_place_exactly_at_the_drop_length_is_on_the_network(drop, connected):
    drops, table = way(drop=drop)
    assert bool(drops.loc["C", "node"] >= 0) is connected
    assert bool(table.loc["C", "district_hub_m"] == 480) is connected


def test_a_hub_off_the_network_hides_no_other_of_its_level():
    network, drops = attach(
        build_network(spans(**TRUNK), snap_tolerance_m=5), places(Q=(9000, 0), **WHERE),
        drop_length_m=100,
    )  # fmt: skip
    level = pd.Series({"P": "province", "Q": "province", "D": "district", "E": "district"})
    table = reach(network, drops, level=level, district_code=pd.Series("024", drops.index))
    assert table.loc["C", ["province_hub_m", "district_hub_m"]].to_list() == [1490, 480]


def test_taps_split_a_section_and_keep_its_length():
    network = build_network(spans(trunk=[(0, 0), (1000, 0)]), snap_tolerance_m=5)
    tapped, drops = attach(
        network, places(a=(700, 1), b=(300, 1), c=(300, -2), d=(998, 0)), drop_length_m=50
    )
    assert tapped.edges["length_m"].to_list() == [300, 400, 300]
    assert tapped.edges["section"].to_list() == [1, 2, 3]
    assert drops.loc["b", "node"] == drops.loc["c", "node"]
    assert tapped.nodes["id"].iloc[drops.loc["d", "node"]] == "trunk:end"
    assert tapped.nodes.geometry.iloc[drops.loc["a", "node"]] == Point(700, 0)
    assert tapped.nodes["id"].is_unique


def test_a_place_without_coordinates_stays_unattached():
    _, drops = attach(
        build_network(spans(t=[(0, 0), (9, 0)]), snap_tolerance_m=1),
        places(x=None), drop_length_m=9,
    )  # fmt: skip
    assert drops["node"].to_list() == [-1]
    assert np.isnan(drops.loc["x", "distance_m"])


def test_without_a_provincial_hub_there_is_no_way_to_measure():
    network, drops = attach(
        build_network(spans(**TRUNK), snap_tolerance_m=5), places(C=(1000, 400)), drop_length_m=9
    )
    with pytest.raises(NetworkError, match="no hub to measure to"):
        reach(network, drops, level=pd.Series({"C": "commune"}),
              district_code=pd.Series({"C": "024"}))  # fmt: skip


def test_places_in_another_crs_are_refused():
    network = build_network(spans(**TRUNK), snap_tolerance_m=5)
    with pytest.raises(CrsMismatchError, match="places is in EPSG:4326"):
        attach(network, places(C=(0, 0)).set_crs(4326, allow_override=True), drop_length_m=9)


def test_lengths_equal_networkx_on_random_networks():
    rng = np.random.default_rng(2)
    for _ in range(30):
        size = int(rng.integers(2, 15))
        spots = rng.permutation(400)[:size]
        xy = np.c_[spots % 20, spots // 20] * 100.0
        pairs = rng.integers(0, size, (int(rng.integers(1, 30)), 2))
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        lines = {f"s{i:02d}": [xy[a], xy[b]] for i, (a, b) in enumerate(pairs)}
        nodes = gpd.GeoDataFrame(
            {"id": [f"n{i:02d}" for i in range(size)]}, geometry=[Point(p) for p in xy],
            crs="EPSG:9209",
        )  # fmt: skip
        table = spans(**lines).assign(
            start=[f"n{a:02d}" for a, _ in pairs], end=[f"n{b:02d}" for _, b in pairs]
        )
        network = build_network(table, nodes, snap_tolerance_m=1)
        oracle = nx.MultiGraph()
        oracle.add_nodes_from(range(len(network.nodes)))
        for a, b, length in network.edges[["from_node", "to_node", "length_m"]].itertuples(
            index=False
        ):
            oracle.add_edge(a, b, weight=length)
        drops = pd.DataFrame(
            {"node": np.arange(size), "nearest_span": "", "distance_m": 0.0, "drop_m": 0.0}
        )
        level = pd.Series(["province"] + ["commune"] * (size - 1))
        spare = pd.Series(rng.choice([0, 3, 5, 8, None], len(lines)), list(lines)).astype("Int64")
        table = reach(
            network,
            drops,
            level=level,
            district_code=pd.Series("024", drops.index),
            spare_fibres=spare,
        )
        for way, *found in table[["province_hub_path", *_SPARE]].itertuples(index=False):
            told = [spare[name] for name in set(way.split(", ")) - {""}]
            known = [some for some in told if pd.notna(some)]
            sure = told and (0 in known or len(known) == len(told))
            least = min(known) if sure else None
            of = [len(known), len(told)]
            assert [None if pd.isna(one) else one for one in found] in (
                [[least, *of]] if told else [[None, 0, 0], [None] * 3]
            )
        expected = nx.single_source_dijkstra_path_length(oracle, 0)
        for node in range(size):
            if node in expected:
                assert table["province_hub_m"][node] == pytest.approx(expected[node])
            else:
                assert np.isnan(table["province_hub_m"][node])
