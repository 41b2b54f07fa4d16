"""Distances on lines whose lengths can be read off the coordinates."""

import datetime

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.errors import CrsMismatchError
from phusong.fibre import distance_to_fibre


def spans(*rows, crs="EPSG:9209"):
    return gpd.GeoDataFrame(
        {"id": [row[0] for row in rows], "status": [row[1] for row in rows]},
        geometry=[LineString(row[2]) for row in rows],
        crs=crs,
    )


def points(*places, index=None):
    return gpd.GeoDataFrame(
        geometry=[place and Point(place) for place in places], index=index, crs="EPSG:9209"
    )


ROAD = ("road", "operational", [(0, 0), (1000, 0)])


def test_drop_length_itself_still_counts():
    near = distance_to_fibre(
        points((0, 500), (0, 500.5)), spans(ROAD), statuses={"operational"}, drop_length_m=500
    )
    assert near["fibre_within_drop"].to_list() == [True, False]


def test_planned_span_serves_nobody_unless_the_study_says_so():
    plan = ("plan", "planned", [(0, 400), (1000, 400)])
    arguments = {"points": points((0, 500)), "spans": spans(ROAD, plan), "drop_length_m": 200}
    today = distance_to_fibre(**arguments, statuses={"operational"})
    later = distance_to_fibre(**arguments, statuses={"operational", "planned"})
    assert today["distance_to_fibre_m"].to_list() == [500]
    assert later["nearest_span"].to_list() == ["plan"]


def test_equal_distances_name_the_smallest_id_whatever_the_order():
    twins = [("b", "operational", [(0, 0), (9, 0)]), ("a", "operational", [(0, 20), (9, 20)])]
    for rows in (twins, twins[::-1]):
        near = distance_to_fibre(
            points((5, 10)), spans(*rows), statuses={"operational"}, drop_length_m=1
        )
        assert near["nearest_span"].to_list() == ["a"]


def test_without_a_lit_span_the_distance_is_unknown_and_the_answer_no():
    near = distance_to_fibre(
        points((0, 0)), spans(ROAD), statuses={"underConstruction"}, drop_length_m=500
    )
    assert near["distance_to_fibre_m"].isna().all()
    assert near["nearest_span"].isna().all()
    assert near["fibre_within_drop"].to_list() == [False]


def test_a_point_without_coordinates_is_unknown_and_keeps_its_row():
    near = distance_to_fibre(
        points(None, (0, 1), index=["x", "y"]),
        spans(ROAD), statuses={"operational"}, drop_length_m=5,
    )  # fmt: skip
    assert near.index.to_list() == ["x", "y"]
    assert near["fibre_within_drop"].isna().to_list() == [True, False]
    assert near.loc["y", "distance_to_fibre_m"] == 1


def test_two_crs_are_refused():
    with pytest.raises(CrsMismatchError, match="spans is in EPSG:4326, expected EPSG:9209"):
        distance_to_fibre(
            points((0, 0)), spans(ROAD, crs="EPSG:4326"), statuses=["operational"], drop_length_m=1
        )


@pytest.mark.parametrize(
    ("day", "within"), [(datetime.date(2017, 12, 31), False), (datetime.date(2019, 6, 30), True)]
)
def test_a_span_ready_only_later_is_not_near_yet(day, within):
    early = spans(ROAD).assign(readyForServiceDate=pd.Timestamp(2019, 6, 30))
    near = distance_to_fibre(
        points((0, 30)), early, statuses={"operational"}, drop_length_m=500, as_of=day
    )
    assert near["fibre_within_drop"].to_list() == [within]
