"""Least distances of masts: kept by every candidate, told of places of one's own."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from shapely import Point, box

from phusong.errors import SitingError
from phusong.grid import Grid
from phusong.pipeline import MastSpacing
from phusong.pipeline.questions.site_places import apart, candidates_of, named
from phusong.pipeline.questions.site_spacing import told_too_near
from phusong.siting import Search, unserved

CRS = "EPSG:9209"
COMMUNES = gpd.GeoDataFrame(
    {"type": ["phường", "xã"]},
    geometry=[box(0, 0, 3017, 6000), box(3017, 0, 6000, 6000)], crs=CRS,
)  # fmt: skip
SEARCH = Search(
    reach_m=3000, peak_m=200, antenna_m=40, receiver_m=1.5, gap_m=600, per_gap=300,
    least_people=1, spacing_m=400, choices=4,
)  # fmt: skip
TOWNS = MastSpacing(least_m=400, by_type={"phường": 150})


def places(rng, count):
    return gpd.GeoSeries([Point(*at) for at in rng.random((count, 2)) * 6000], crs=CRS)


@pytest.mark.parametrize("spacing", [TOWNS, MastSpacing(least_m=0), MastSpacing(least_m=700)])
@pytest.mark.parametrize("seed", [17, 18])
def test_candidates_keep_their_distance_from_all_masts_and_pairs_too_near_are_known(seed, spacing):
    rng = np.random.default_rng(seed)
    grid, fine = Grid(CRS, 100.0, 0.0, 6000.0, 60, 60), Grid(CRS, 25.0, 0.0, 6000.0, 240, 240)
    tops = rng.random(fine.shape) * 200
    ground = SimpleNamespace(
        height_m=grid.wrap(tops.reshape(60, 4, 60, 4).mean((1, 3)), "terrain"),
        native_m=fine.wrap(tops, "terrain"),
    )
    masts = gpd.GeoDataFrame(
        {"site_id": [f"M{at}" for at in range(12)], "antenna_height_m": 30.0},
        geometry=places(rng, 12),
    )
    own = gpd.GeoDataFrame(geometry=places(rng, 15))
    gap = unserved(grid, np.full(grid.shape, np.nan), rng.random(grid.shape) * 20)
    found = candidates_of(
        ground, COMMUNES, gap, shared=masts.iloc[:5], own=own, excluded=None,
        search=SEARCH, standing=masts, spacing=spacing, beyond_m=0.0,
    )  # fmt: skip
    sites = named(found, masts, masts, SEARCH.antenna_m)
    new = sites[sites["kind"] != "existing"]
    assert {"own", "high_ground"} <= set(new["kind"])
    least_m = spacing.at(new.geometry, COMMUNES)
    at, names = new[["x_m", "y_m"]].to_numpy(float), new["site_id"].to_list()
    assert (cdist(at, np.c_[masts.geometry.x, masts.geometry.y]) >= least_m[:, None]).all()
    near = cdist(at, at) < np.maximum(least_m[:, None], least_m)
    expected = {(names[one], names[other]) for one, other in np.argwhere(np.triu(near, 1))}
    assert set(apart(sites, COMMUNES, spacing)) == expected
    assert (found.left_out["too_near"] > 0) == (spacing.least_m > 0)


def test_own_places_too_near_are_named_with_what_they_are_near_and_how_far():
    points = gpd.GeoSeries([Point(500, 500), Point(4000, 500), Point(4000, 800)], crs=CRS)
    masts = gpd.GeoDataFrame({"site_id": ["M"]}, geometry=[Point(500, 620)], crs=CRS)
    least_m = TOWNS.at(points, COMMUNES)
    assert least_m.tolist() == [150, 400, 400]
    mast, pair = told_too_near(pd.Series(["A", "B", "C"]), points, masts, least_m)
    assert "A – M (120 < 150 m)" in mast.render("en")
    assert "B – C (300 m)" in pair.render("vi")
    assert told_too_near(pd.Series(["A"]), points[:1], masts.iloc[:0], least_m[:1]) == []


@pytest.mark.parametrize("metres", [-1.0, float("nan"), 1e5])
def test_a_distance_that_no_two_places_of_the_province_have_is_refused(metres):
    for spacing in (MastSpacing(least_m=metres), MastSpacing(least_m=1, by_type={"xã": metres})):
        with pytest.raises(SitingError, match="diagonal of the province"):
            spacing.require_possible(COMMUNES)
