"""Cover sets from the radio engine: who is served is who the verdict would say."""

from functools import partial
from itertools import permutations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from phusong.compute import on_threads
from phusong.grid import Grid
from phusong.radio import (
    Diffraction,
    Refractivity,
    ServiceRule,
    Settings,
    plan_prediction,
    predict,
    served,
)
from phusong.siting import cover_sets, served_by_sites, unserved

CRS = "EPSG:9209"
WIDE = Grid(CRS, 90.0, 500_000.0, 2_509_000.0, 100, 100)
NEAR = WIDE.part(slice(12, 90), slice(8, 95))
RULE = ServiceRule("4g", ("4G",), (), {"4G": -100.0}, 10.0)
OPTIONS = {
    "settings": Settings(model=Diffraction(), radius_m=4000.0, receiver_height_m=1.5),
    "refractivity": Refractivity(),
}


def cells(*rows):
    usual = {
        "operator": "Viettel", "technology": "4G", "frequency_mhz": 900.0,
        "antenna_height_m": 30.0, "rs_eirp_dbm": 35.0, "azimuth_deg": 0.0, "beamwidth_deg": 65.0,
        "tilt_deg": 0.0,
    }  # fmt: skip
    table = gpd.GeoDataFrame.from_records([{**usual, **row} for row in rows])
    table["cell_id"] = [f"c{i}" for i in range(len(rows))]
    table["site_id"] = table["station_id"]
    return table.set_geometry(gpd.points_from_xy(table["x"], table["y"], crs=CRS))


@pytest.fixture(scope="module")
def world():
    """Return hills, people, cells on air, candidates of two places and four works."""
    rng = np.random.default_rng(98)
    height = (gaussian_filter(rng.normal(0, 1, WIDE.shape), 6) * 900 + 500).astype(np.float32)
    ground = WIDE.wrap(height, "terrain")
    people = (rng.random(NEAR.shape) < 0.3) * rng.integers(1, 40, NEAR.shape) * 1.0
    here = {"x": 503_000.0, "y": 2_503_000.0}
    there = {"x": 506_000.0, "y": 2_506_500.0}
    on_air = cells({"station_id": "old", "x": 504_500.0, "y": 2_504_500.0})
    candidates = cells(
        {"station_id": "low", **here}, {"station_id": "low", **here, "azimuth_deg": 180.0},
        {"station_id": "high", **here, "antenna_height_m": 50.0},
        {"station_id": "west", **there, "azimuth_deg": 270.0},
        {"station_id": "weak", **there, "azimuth_deg": 270.0, "rs_eirp_dbm": 20.0},
    )  # fmt: skip
    return ground, people, on_air, candidates


def signal(ground, table):
    margin = predict(table, ground, [RULE], **OPTIONS).services["4g"].margin_db
    row, column = WIDE.offset(NEAR)
    return margin.to_numpy()[row : row + NEAR.height, column : column + NEAR.width]


@pytest.fixture(scope="module")
def found(world):
    ground, people, on_air, candidates = world
    gap = unserved(NEAR, signal(ground, on_air), people)
    plan = plan_prediction(candidates, ground, [RULE], **OPTIONS)
    work = partial(served_by_sites, service=RULE, conditions=plan.conditions, gap=gap)
    return gap, plan, work


WORKS = ["low", "high", "west", "weak"]


def sets(found, candidates, gap):
    of_cell = candidates["station_id"].map(WORKS.index).to_numpy()
    return cover_sets(found, work_of_cell=of_cell, works=len(WORKS), demand=len(gap.people))


def test_whoever_any_choice_of_works_serves_the_prediction_of_all_cells_serves(world, found):
    ground, people, on_air, candidates = world
    gap, plan, work = found
    covers = sets([work(plan.sites)], candidates, gap)
    before = people[served(signal(ground, on_air))].sum()
    for chosen in ([0], [1], [0, 2], [1, 2, 3], [0, 1, 2, 3]):
        names = [WORKS[one] for one in chosen]
        together = pd.concat([on_air, candidates[candidates["station_id"].isin(names)]])
        after = people[served(signal(ground, together.reset_index(drop=True)))].sum()
        covered = np.asarray(covers[chosen].sum(axis=0)).ravel() > 0
        assert gap.people[covered].sum() > 0
        assert before + gap.people[covered].sum() == pytest.approx(after, abs=1e-6)


def test_sites_may_be_split_and_merged_in_any_order(world, found):
    _, _, _, candidates = world
    gap, plan, work = found
    whole = sets([work(plan.sites)], candidates, gap).toarray()
    for order in permutations([work([site]) for site in plan.sites]):
        assert (sets(order, candidates, gap).toarray() == whole).all()
    threads = on_threads(work, plan.sites, threads=2)
    assert (sets(threads, candidates, gap).toarray() == whole).all()
    assert whole[0].sum() > 0
    assert (whole[3] <= whole[2]).all(), "less power serves nobody more"


def test_demand_is_who_lives_where_the_margin_is_below_nought(found, world):
    ground, people, on_air, _ = world
    gap, _, _ = found
    margin = signal(ground, on_air)
    assert gap.people.sum() == pytest.approx(people.sum() - people[served(margin)].sum())
    assert (gap.position >= 0).sum() == len(gap.people)
    assert not ((gap.position >= 0) & (margin >= 0)).any()


def test_cells_of_another_technology_serve_nobody(world, found):
    ground, _, _, candidates = world
    gap, _, _ = found
    older = candidates.assign(technology="2G")
    both = ServiceRule("all", ("2G", "4G"), (), {"2G": -98.0, "4G": -100.0}, 10.0)
    plan = plan_prediction(older, ground, [both], **OPTIONS)
    part = served_by_sites(plan.sites, service=RULE, conditions=plan.conditions, gap=gap)
    assert part == []
    assert sets([part], candidates, gap).nnz == 0
