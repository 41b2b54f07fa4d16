"""Residuals are drawn where they are known and compared, and only there."""

import numpy as np
import pandas as pd

from phusong.report import draw_residuals

PLACES = pd.DataFrame(
    {"distance_m": [500.0, 1000.0, 4000.0, 5000.0, np.nan],
     "residual_db": [4.0, -2.0, 9.0, 30.0, np.nan],
     "censored": pd.array([False, False, True, False, False], dtype="boolean"),
     "in_sight": pd.array([True, False, False, True, None], dtype="boolean"),
     "used": pd.array([True, True, True, False, True], dtype="boolean")}
)  # fmt: skip


def test_each_compared_place_is_a_point_and_a_censored_one_is_hollow():
    over, often = draw_residuals(PLACES, "vi").axes
    points = [tuple(at) for drawn in over.collections for at in drawn.get_offsets().tolist()]
    assert sorted(points) == [(0.5, 4.0), (1.0, -2.0), (4.0, 9.0)]
    hollow = [drawn for drawn in over.collections if not len(drawn.get_facecolors())]
    assert [tuple(at) for drawn in hollow for at in drawn.get_offsets().tolist()] == [(4.0, 9.0)]
    assert sum(bar.get_width() for bar in often.patches) == 2


def test_nothing_to_draw_is_an_empty_picture():
    over, _ = draw_residuals(PLACES[:0], "en").axes
    assert over.get_xlabel() == "distance to the strongest cell, km"
