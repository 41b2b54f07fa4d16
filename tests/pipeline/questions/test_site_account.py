"""What gaps a plan closes, and in which order its works stand, by a hand-made row of pixels."""

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from shapely import box

from phusong.grid import Grid
from phusong.pipeline.questions.site_account import Waiting, credited, gaps_of
from phusong.siting import Need


def test_a_gap_is_closed_narrowed_or_left_by_the_people_in_its_pixels():
    grid = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_100.0, 6, 1)
    squares = [box(500_000 + 200 * n, 2_500_000, 500_200 + 200 * n, 2_500_100) for n in range(3)]
    gaps = gpd.GeoDataFrame(
        {"gap_id": ["a", "b", "c"], "service": "4g", "communes": "Tha"},
        geometry=squares, crs=grid.crs,
    )  # fmt: skip
    waiting = Waiting(
        people=np.array([10.0, 20.0, 30.0, 40.0, 50.0, 5.0]),
        service=np.zeros(6, int),
        commune=np.zeros(6, int),
        pixel=np.arange(6),
        served_year=np.array([2027.0, 2028.0, 2027.0, np.nan, np.nan, np.nan]),
    )
    found = gaps_of(gaps, ["4g"], waiting, grid).set_index("gap_id")
    assert found["outcome"].to_list() == ["closed", "narrowed", "left"]
    assert found["people"].to_list() == [30.0, 30.0, 0.0]
    assert found["people_left"].to_list() == [0.0, 40.0, 55.0]
    assert found["year"].to_list()[:2] == [2028, 2027]
    assert pd.isna(found["year"]["c"])


def test_a_band_comes_after_the_mast_that_it_stands_on():
    works = gpd.GeoDataFrame(
        {"work_id": ["band", "mast", "other"], "kind": ["band", "mast", "mast"], "year": 2027}
    )
    covers = csr_array(np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], bool))
    waiting = Waiting(
        people=np.array([10.0, 50.0, 30.0]),
        service=np.zeros(3, int),
        commune=np.zeros(3, int),
        pixel=np.arange(3),
        served_year=np.full(3, 2027.0),
    )
    needs = [Need(work="band", any_of=("mast",))]
    order, first = credited(works, covers, waiting, needs)
    assert works["work_id"].iloc[order].to_list() == ["other", "mast", "band"]
    assert first.tolist() == [1, 2, 0]
    order, _ = credited(works, covers, waiting, [])
    assert works["work_id"].iloc[order].to_list() == ["band", "other", "mast"]
