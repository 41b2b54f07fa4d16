"""What gaps a plan closes, by a hand-made row of pixels."""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from phusong.grid import Grid
from phusong.pipeline.questions.site_account import Waiting, gaps_of


def test_a_gap_is_closed_narrowed_or_left_by_the_people_in_its_pixels():
    grid = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_100.0, 6, 1)
    squares = [box(500_000 + 200 * n, 2_500_000, 500_200 + 200 * n, 2_500_100) for n in range(3)]
    gaps = gpd.GeoDataFrame(
        {"gap_id": ["a", "b", "c"], "communes": "Tha"}, geometry=squares, crs=grid.crs
    )
    waiting = Waiting(
        people=np.array([10.0, 20.0, 30.0, 40.0, 50.0, 5.0]),
        commune=np.zeros(6, int),
        pixel=np.arange(6),
        served_year=np.array([2027.0, 2028.0, 2027.0, np.nan, np.nan, np.nan]),
    )
    found = gaps_of(gaps, waiting, grid).set_index("gap_id")
    assert found["outcome"].to_list() == ["closed", "narrowed", "left"]
    assert found["people"].to_list() == [30.0, 30.0, 0.0]
    assert found["people_left"].to_list() == [0.0, 40.0, 55.0]
    assert found["year"].to_list()[:2] == [2028, 2027]
    assert pd.isna(found["year"]["c"])
