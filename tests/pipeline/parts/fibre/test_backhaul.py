"""Masts that microwave leads to the fibre: told apart from cable, and what a failing mast takes."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import phusong
from phusong.errors import InputError, StudyError
from phusong.pipeline.parts.fibre.backhaul import _masts

HEAD = "hop_id,from_site,to_site,from_height_m,to_height_m,frequency_ghz,status,capacity_mbps\n"


def with_hops(folder, *rows):
    (folder / "hops.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("[inputs]\n", '[inputs]\nhops = "hops.csv"\n', 1)
    rule = "microwave = { earth_factor = 1.333, fresnel_share = 0.6 }\n"
    path.write_text(text.replace("[fibre]\n", f"[fibre]\n{rule}", 1), encoding="utf-8")


def fibre(folder):
    return phusong.run(phusong.open_study(folder), parts=("fibre",))


def messages(result):
    return {note.message: note.values for note in result.notes}


@pytest.fixture
def folder(whole):
    """Return a copy of the small study, masts included."""
    return whole


@pytest.fixture(scope="module")
def sites(found):
    """Return ids of masts: first with fibre, then without."""
    stations = found.stations.drop_duplicates("site_id").sort_values("site_id")
    cabled = stations["homing"] != "none"
    return stations.loc[cabled, "site_id"].to_list(), stations.loc[~cabled, "site_id"].to_list()


def test_hops_lead_masts_to_the_fibre_and_a_failing_mast_takes_those_behind_it(folder, sites):
    (start, *_), (near, far, *_) = sites
    with_hops(
        folder,
        f"v1,{start},{near},400,400,7,operational,200",
        f"v2,{near},{far},0,0,7,operational,",
        f"v3,{near},{far},400,400,7,planned,",
    )
    found = fibre(folder)
    masts = found.stations.drop_duplicates("site_id").set_index("site_id")
    assert masts.loc[[start, near, far], "backhaul"].to_list() == ["fibre", *["microwave"] * 2]
    assert masts.loc[[start, near, far], "hops_to_fibre"].to_list() == [0, 1, 2]
    assert masts.loc[[start, near, far], "masts_behind"].to_list() == [2, 1, 0]
    # Microwave is no cable: ways and homing along the fibre are what they were.
    assert masts.loc[[near, far], "homing"].to_list() == ["none", "none"]
    assert masts.loc[[near, far], "province_hub_m"].isna().all()
    hops = found.microwave_hops.set_index("hop_id")
    assert hops.loc["v2", "in_sight"] == (hops.loc["v2", "clearance_m"] >= 0)
    assert not hops.loc["v2", "in_sight"]  # from ground to ground
    # Antennas 400 m higher on the same way.
    assert hops.loc["v3", "clearance_m"] == pytest.approx(hops.loc["v2", "clearance_m"] + 400)
    assert (hops["length_m"] > 0).all()
    told = messages(found)
    assert told["fibre.note_backhaul"]["count"] == 2
    assert told["fibre.note_mast_fails"] == {"site": start, "count": 2}
    assert "v2" in told["fibre.note_hops_hidden"]["first"]


def test_without_hops_masts_have_no_column_of_backhaul(pristine):
    found = fibre(pristine)
    assert found.microwave_hops is None
    assert "backhaul" not in found.stations


def test_a_hop_to_a_mast_that_is_not_there_is_a_fault(folder, sites):
    with_hops(folder, f"v1,{sites[0][0]},NOWHERE,40,40,7,operational,")
    with pytest.raises(InputError, match=r"hops\.csv.*to_site.*NOWHERE"):
        phusong.check(phusong.open_study(folder))


def test_a_hop_from_a_mast_to_itself_is_a_fault(folder, sites):
    mast = sites[0][0]
    with_hops(folder, f"v1,{mast},{mast},40,40,7,operational,")
    with pytest.raises(InputError, match=rf"hops\.csv.*to_site.*{mast}.*v1"):
        phusong.check(phusong.open_study(folder))


def test_hops_without_cells_are_a_fault_not_silence(folder, without, sites):
    with_hops(folder, f"v1,{sites[0][0]},{sites[1][0]},40,40,7,operational,")
    without("cells")
    with pytest.raises(StudyError, match="The table hops joins masts of the table cells"):
        phusong.open_study(folder)


@pytest.mark.parametrize("seed", range(20))
def test_backhaul_is_that_of_networkx_with_every_mast_taken_away(seed):
    rng = np.random.default_rng(seed)
    names = [f"m{i}" for i in range(int(rng.integers(2, 9)))]
    pairs = [rng.choice(names, 2, replace=False) for _ in range(int(rng.integers(0, 10)))]
    cabled = pd.Series(rng.random(len(names)) < 0.3, names)
    hops = gpd.GeoDataFrame(pairs, columns=["from_site", "to_site"])
    found = _masts(hops, cabled)

    def distances(*, without=None):
        graph = nx.Graph([*map(tuple, pairs), *(("hub", name) for name in names if cabled[name])])
        graph.add_nodes_from([*names, "hub"])
        graph.remove_nodes_from([without] if without else [])
        return nx.single_source_shortest_path_length(graph, "hub")

    now = distances()
    for name in names:
        hops_to_fibre = found.loc[name, "hops_to_fibre"]
        assert (pd.isna(hops_to_fibre) and name not in now) or hops_to_fibre == now[name] - 1
        lost = set(now) - set(distances(without=name)) - {name}
        assert found.loc[name, "masts_behind"] == len(lost)
        kind = "fibre" if cabled[name] else "microwave" if name in now else "none"
        assert found.loc[name, "backhaul"] == kind
