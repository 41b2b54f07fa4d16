"""Villages that are white or patchy: hand numbers, and clusters against a search."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from phusong.grid import Grid
from phusong.service.villages import NO_PIXEL, Homes, village_states

GRID = Grid("EPSG:9209", 100.0, 0.0, 2000.0, 24, 20)


def states(homes, served, centres, **rule):
    given = {"join_distance_m": 150.0, "cluster_population": 10.0, "white": "centre", **rule}
    return village_states(homes, np.array(served), np.array(centres), **given)


def row_of(people, village=None):
    """Return the residents of villages in a row of pixels."""
    count = len(people)
    return Homes(
        Grid("EPSG:9209", 100.0, 0.0, 100.0, count, 1),
        np.zeros(count, np.int64) if village is None else np.array(village),
        np.arange(count),
        np.array(people, dtype=float),
        0.0,
    )


@pytest.mark.parametrize(
    ("served", "centre", "white", "state"),
    [
        ([True, True, True], True, "centre", "served"),
        ([True, False, True], True, "centre", "served"),  # 4 people are no cluster
        ([True, False, False], True, "centre", "patchy"),  # 4 + 8 people are
        ([True, False, False], False, "centre", "white"),
        ([True, True, True], False, "centre", "white"),
        ([True, True, True], False, "everywhere", "patchy"),
        ([False, False, False], False, "everywhere", "white"),
    ],
)
def test_state_follows_the_centre_and_the_clusters(served, centre, white, state):
    found = states(row_of([30, 4, 8]), served, [centre], white=white).iloc[0]
    assert found["signal_state"] == state
    assert found["residents"] == 42
    dark = np.array([30, 4, 8])[~np.array(served)]
    assert found["unserved_population"] == dark.sum()


def test_people_too_far_apart_are_no_cluster():
    apart = states(row_of([6, 50, 6]), [False, True, False], [True])
    assert apart["signal_state"].to_list() == ["served"]
    assert apart["dark_pixel"].to_list() == [NO_PIXEL]
    joined = states(row_of([6, 50, 6]), [False, True, False], [True], join_distance_m=200.0)
    assert joined[["signal_state", "dark_clusters", "dark_pixel"]].iloc[0].to_list() == [
        "patchy",
        1,
        0,
    ]


def test_dark_place_that_two_villages_share_counts_in_each_with_its_own_people():
    homes = row_of([12, 11, 2, 40], village=[0, 0, 1, 1])
    found = states(homes, [True, False, False, True], [True, True])
    assert found["signal_state"].to_list() == ["patchy", "served"]
    assert found["unserved_population"].to_list() == [11, 2]


def test_village_without_residents_is_judged_by_its_centre():
    found = states(row_of([5]), [True], [True, False])
    assert found["signal_state"].to_list() == ["served", "white"]
    assert found["residents"].to_list() == [5, 0]


@pytest.mark.parametrize("seed", range(4))
def test_clusters_are_those_of_a_search(seed):
    random = np.random.default_rng(seed)
    pixel = np.flatnonzero(random.random(GRID.shape) < 0.3)
    homes = Homes(
        GRID, random.integers(0, 3, pixel.size), pixel, random.integers(1, 9, pixel.size) * 1.0, 0.0
    )
    served = random.random(pixel.size) < 0.5
    found = states(homes, served, [True] * 3, join_distance_m=210.0, cluster_population=12.0)
    at = np.column_stack(np.divmod(pixel[~served], GRID.width))
    group = np.arange(len(at))
    near = cdist(at, at) <= 2.1
    for _ in range(len(at)):  # the lowest number spreads to all that hang together
        group = np.array([group[row].min() for row in near])
    for village in range(3):
        mine = homes.village[~served] == village
        people = {
            one: homes.people[~served][mine & (group == one)].sum() for one in set(group[mine])
        }
        big = {one: count for one, count in people.items() if count >= 12.0}
        row = found.iloc[village]
        assert row["dark_clusters"] == len(big)
        if not big:
            assert row["dark_pixel"] == NO_PIXEL
            continue
        largest = min(one for one in big if big[one] == max(big.values()))
        there = mine & (group == largest)
        most = homes.people[~served][there].max()
        fullest = pixel[~served][there][homes.people[~served][there] == most]
        assert row["dark_pixel"] == fullest.min()
