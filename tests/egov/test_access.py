"""Ways to the service centre on roads whose lengths can be added in the head."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.egov import access_after_merger
from phusong.errors import CrsMismatchError, RolloutError
from phusong.fibre import build_network
from phusong.tables import ACCESS

# One road of 30 km; the old centre near the village, the new one at the far end.
ROADS = gpd.GeoDataFrame(
    {"id": ["road", "apart"]},
    geometry=[LineString([(0, 0), (30_000, 0)]), LineString([(0, 90_000), (9_000, 90_000)])],
    crs="EPSG:9209",
)


def points(column, **at):
    return gpd.GeoDataFrame(
        {column: list(at)}, geometry=[Point(p) for p in at.values()], crs="EPSG:9209"
    )


OLD = points("office_id", o=(6_000, 0))
NEW = points("office_id", n=(30_000, 0), m=(9_000, 600))
VILLAGES = points("village_id", v=(3_000, 600), w=(27_000, 0), x=(3_000, 90_000), y=(3_000, 50_000))


def access(**change):
    arguments = {
        "villages": VILLAGES, "old_centres": OLD, "new_centres": NEW,
        "roads": build_network(ROADS, snap_tolerance_m=5),
        "old": pd.Series("o", VILLAGES.index), "new": pd.Series("n", VILLAGES.index),
        "longest_walk_m": 1000, "road_kmh": 30, "walk_kmh": 4, "longest_travel_min": 60,
    } | change  # fmt: skip
    return access_after_merger(**arguments)


def test_road_and_walk_add_up_and_the_merger_is_told():
    found = access()
    assert list(found.columns) == ["village_id", *ACCESS.columns[4:]]
    v = found.iloc[0]
    # 3 km by road at 30 km/h and 600 m on foot at 4 km/h: 6 + 9 minutes.
    assert (v["old_distance_m"], v["old_travel_min"]) == (3_600, pytest.approx(15))
    assert (v["new_distance_m"], v["new_travel_min"]) == (27_600, pytest.approx(63))
    assert v["moved_beyond"]
    assert not found.iloc[1]["moved_beyond"]


def test_the_nearest_centre_is_the_quickest_with_its_own_walk():
    v = access().iloc[0]
    # To m: 6 km by road and twice 600 m on foot.
    assert (v["nearest_distance_m"], v["nearest_travel_min"]) == (7_200, pytest.approx(30))


def test_without_a_road_there_is_no_way_and_no_verdict():
    found = access()
    assert found["old_travel_min"].isna().to_list() == [False, False, True, True]
    assert found["moved_beyond"].isna().to_list() == [False, False, True, True]


def test_a_village_that_was_too_far_already_is_not_moved_beyond():
    found = access(longest_travel_min=10)
    assert found["moved_beyond"].to_list()[0] is False


def test_the_longest_travel_itself_is_allowed_before_and_after():
    before, after = access().iloc[0][["old_travel_min", "new_travel_min"]]
    assert access(longest_travel_min=before)["moved_beyond"].to_list()[0] is True
    assert access(longest_travel_min=after)["moved_beyond"].to_list()[0] is False
    shorter = np.nextafter(after, 0)
    assert access(longest_travel_min=shorter)["moved_beyond"].to_list()[0] is True


def test_a_village_just_near_enough_before_and_with_no_way_after_is_unknown():
    before = access().iloc[0]["old_travel_min"]
    lost = {"new_centres": points("office_id", n=(30_000, 300_000))}
    nearer = access(longest_travel_min=np.nextafter(before, 0), **lost)
    assert nearer["moved_beyond"].to_list()[0] is False
    assert pd.isna(access(longest_travel_min=before, **lost)["moved_beyond"].to_list()[0])


@pytest.mark.parametrize(("longest_walk_m", "reached"), [(600, True), (599.9, False)])
def test_the_longest_walk_itself_is_walked(longest_walk_m, reached):
    found = access(longest_walk_m=longest_walk_m)
    assert found["new_travel_min"].notna().to_list()[0] is reached


def test_a_village_of_no_centre_has_only_the_nearest():
    found = access(new=pd.Series([None, "n", "n", "n"], VILLAGES.index))
    assert pd.isna(found.iloc[0]["new_travel_min"])
    assert found.iloc[0]["nearest_travel_min"] == pytest.approx(30)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"road_kmh": 0}, RolloutError, "above 0 km/h"),
        ({"old": pd.Series("q", VILLAGES.index)}, RolloutError, "1 office is not in the list"),
        ({"new_centres": NEW.to_crs(4326)}, CrsMismatchError, "new_centres is in EPSG:4326"),
    ],
)
def test_what_cannot_be_used_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        access(**change)
