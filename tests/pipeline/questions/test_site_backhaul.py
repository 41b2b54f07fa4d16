"""What may connect new masts of the small study, by its own fibre, roads and ground."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from phusong.errors import OutputError, SitingError
from phusong.pipeline.parts.coverage import COVERAGE
from phusong.pipeline.questions.hop import HopProfile
from phusong.pipeline.questions.site_backhaul import (
    BackhaulPrices,
    BackhaulRules,
    backhaul_of,
    connected_masts,
    roughness_of,
)
from phusong.pipeline.questions.site_works import shareable

HOPS_ALONE = BackhaulPrices(fibre_vnd_per_km=None, hop_vnd=2e8, relay_vnd=None)


@pytest.fixture(scope="module")
def ground(result):
    return result.gathered.found[COVERAGE].ground


@pytest.fixture(scope="module")
def masts(result):
    return shareable(result.gathered.found[COVERAGE].cells, [("Viettel", "4G")])


@pytest.fixture(scope="module")
def sites(result, ground):
    """Return twelve new sites over the province."""
    inside = result.communes.geometry.sample_points(3, rng=5).explode()
    points = gpd.GeoSeries(inside.to_list(), crs=result.communes.crs)[:12]
    return gpd.GeoDataFrame({"site_id": [f"NEW-{at}" for at in points.index]}, geometry=points)


def found(result, ground, masts, sites, prices, **rules):
    return backhaul_of(
        result.gathered, ground, sites, masts, heights_m=[30.0, 45.0], prices=prices,
        rules=BackhaulRules(**rules),
    )  # fmt: skip


def test_masts_with_fibre_are_where_chains_may_end(result, masts):
    led, told = connected_masts(result.gathered, masts)
    stations = result.stations.drop_duplicates("site_id").set_index("site_id")
    assert told
    expected = stations["province_hub_m"].notna().reindex(masts["site_id"])
    assert led.tolist() == expected.to_list()


def test_every_new_site_has_a_cable_a_chain_or_the_reason(result, ground, masts, sites):
    prices = BackhaulPrices(fibre_vnd_per_km=8e7, hop_vnd=2e8, relay_vnd=1e8)
    backhaul = found(result, ground, masts, sites, prices)
    offers = backhaul.offers
    assert len(offers) == len(sites) * 3  # a cable, and a chain for each of two heights
    fine = offers["lacks"] == ""
    assert offers.loc[fine, "cost_vnd"].gt(0).all()
    assert offers.loc[~fine, "cost_vnd"].isna().all()
    assert set(offers.loc[~fine, "lacks"]) <= {"no_way", "no_mast", "hidden", "weak", "no_chain"}
    cables = offers[(offers["kind"] == "fibre") & fine]
    assert set(cables["along"]) <= {"road", "straight"}
    assert len(cables) > 3
    straight = (
        sites.set_index("site_id")
        .geometry.loc[cables["site_id"]]
        .distance(result.inputs["spans"].union_all())
    )
    assert (cables["length_m"].to_numpy() >= straight.to_numpy() - 25).all()


def test_a_chain_is_its_hops_and_needs_its_relays(result, ground, masts, sites):
    prices = BackhaulPrices(fibre_vnd_per_km=None, hop_vnd=2e8, relay_vnd=1e8)
    backhaul = found(result, ground, masts, sites, prices, longest_hop_m=5000)
    chains = backhaul.offers[backhaul.offers["lacks"] == ""]
    assert (chains["hops"] > 1).any()
    assert chains["hops"].max() <= 3
    relays = {row["work_id"] for row in backhaul.relays}
    for chain in chains.itertuples():
        work = f"{chain.site_id}-hop-{chain.antenna_height_m:g}m"
        hops = backhaul.hops[backhaul.hops["work_id"] == work]
        assert len(hops) == chain.hops
        assert chain.cost_vnd == chain.hops * 2e8
        assert chain.via == " > ".join(hops["to_site"])
        assert chain.availability == pytest.approx(np.prod(hops["availability"]))
        assert (hops["clearance_m"] >= 0).all()
        assert (hops["length_m"] <= 5000).all()
        assert hops["length_m"].to_numpy() == pytest.approx(hops.geometry.length.to_numpy())
        needed = {name for need in backhaul.needs if need.work == work for name in need.any_of}
        over = set(hops["to_site"].iloc[:-1]) - set(masts["site_id"])
        assert needed == {f"{site}-relay" for site in over}
        assert needed <= relays


def test_availability_that_no_chain_has_is_told(result, ground, masts, sites):
    backhaul = found(result, ground, masts, sites, HOPS_ALONE, least_availability=1.0)
    assert set(backhaul.offers["lacks"]) <= {"no_chain", "hidden", "no_mast"}
    assert "no_chain" in set(backhaul.offers["lacks"])
    assert backhaul.hops.empty


def test_cable_without_a_network_is_told_with_what_to_do(result, ground, masts, sites):
    tables = {**result.gathered.loaded.tables}
    del tables["spans"]
    bare = replace(result.gathered, loaded=replace(result.gathered.loaded, tables=tables))
    prices = BackhaulPrices(fibre_vnd_per_km=8e7, hop_vnd=None, relay_vnd=None)
    found = backhaul_of(
        bare, ground, sites, masts, heights_m=[30.0], prices=prices, rules=BackhaulRules()
    )
    assert set(found.offers["lacks"]) == {"no_network"}
    assert not any(found.ways.values())
    assert "Add “spans” or “ofds” to “[inputs]”" in found.notes[0].render("en")


def test_cable_by_the_table_needs_the_table(result, ground, masts, sites):
    prices = BackhaulPrices(fibre_vnd_per_km="table", hop_vnd=None, relay_vnd=None)
    with pytest.raises(SitingError, match="fibre_prices"):
        found(result, ground, masts, sites, prices)


def test_cable_by_the_table_goes_by_the_slope(result, ground, masts, sites):
    flat, dear = (
        pd.DataFrame(
            {"deployment": "aboveGround", "slope_from_deg": [0.0, 10.0],
             "price_vnd_per_km": [8e7, steep], "maintenance_vnd_per_km_year": np.nan}
        )
        for steep in (8e7, 2e8)
    )  # fmt: skip
    gathered, plain = result.gathered, BackhaulPrices(
        fibre_vnd_per_km=8e7, hop_vnd=None, relay_vnd=None
    )  # fmt: skip
    costs = [backhaul_of(gathered, ground, sites, masts, heights_m=[30.0], prices=plain,
                         rules=BackhaulRules()).offers["cost_vnd"]]  # fmt: skip
    study = result.study.replace({"fibre.deployment": "aboveGround"})
    for table in (flat, dear):
        tables = {**gathered.loaded.tables, "fibre_prices": table}
        priced = replace(gathered, study=study, loaded=replace(gathered.loaded, tables=tables))
        prices = BackhaulPrices(fibre_vnd_per_km="table", hop_vnd=None, relay_vnd=None)
        costs.append(
            backhaul_of(priced, ground, sites, masts, heights_m=[30.0], prices=prices,
                        rules=BackhaulRules()).offers["cost_vnd"]
        )  # fmt: skip
    led = costs[0].notna()
    assert costs[1][led].to_numpy() == pytest.approx(costs[0][led].to_numpy())
    assert (costs[2][led] >= costs[1][led]).all()
    assert costs[2].sum() > 1.05 * costs[1].sum()


def test_roughness_is_of_the_heights_around_the_middle(ground):
    step = max(int(900 // ground.near.resolution_m), 1)
    whole = ground.height_m.to_numpy()[::step, ::step]
    assert roughness_of(ground.height_m, ground.near.resolution_m) == pytest.approx(
        float(pd.Series(whole.ravel()).std(ddof=0)), rel=0.1
    )


def test_a_hop_is_drawn_as_it_was_judged(result, ground, masts, sites, tmp_path):
    hops = found(result, ground, masts, sites, HOPS_ALONE).hops
    hop = hops.iloc[0]
    profile = HopProfile.of(result.study, ground, hop.drop("geometry").to_dict(), hop.geometry)
    points = profile.section
    free = points["clearance_m"] - 0.6 * points["fresnel_m"]
    assert free.min() == pytest.approx(hop["clearance_m"])
    assert points["distance_m"].iloc[free.argmin()] == pytest.approx(hop["worst_at_m"])
    assert points["distance_m"].iloc[-1] == pytest.approx(hop["length_m"])
    for lang in ("vi", "en"):
        assert str(hop["to_site"]) in str(profile.figure(lang).get_label())
    written = profile.write(tmp_path / "hop.png", lang="en")
    assert written.read_bytes()[1:4] == b"PNG"
    assert profile._repr_png_()[1:4] == b"PNG"
    with pytest.raises(OutputError):
        profile.write(tmp_path / "hop.docx")
    with pytest.raises(OutputError):
        profile.write(written)
