"""Candidates: high ground and settlements that gaps see, and what became of all other places."""

import numpy as np
import pytest

from phusong.errors import SitingError
from phusong.grid import Grid
from phusong.siting import Search, find_candidates, too_near
from phusong.siting._kernels import mark_seen

GRID = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_000.0, 60, 40)
NOWHERE = np.empty((0, 2))
SEARCH = {
    "reach_m": 2500.0, "peak_m": 500.0, "antenna_m": 40.0, "receiver_m": 1.5, "gap_m": 600.0,
    "per_gap": 3, "least_people": 10.0, "spacing_m": 400.0,
}  # fmt: skip


def at(row, column):
    return [GRID.x_m[column], GRID.y_m[row]]


def find(height, people, *, existing=NOWHERE, own=NOWHERE, excluded=None, inside=None, **search):
    return find_candidates(
        GRID, height, people,
        existing=np.array(existing, float), own=np.array(own, float),
        excluded=np.zeros(GRID.shape, bool) if excluded is None else excluded,
        search=Search(**(SEARCH | search)), inside=inside,
    )  # fmt: skip


@pytest.fixture
def valley():
    """Return a wall with two tops between villages, and who lives there."""
    height, people = np.full(GRID.shape, 100.0), np.zeros(GRID.shape)
    height[:, 30] = 300
    height[10, 30], height[30, 30] = 400, 380
    people[10, 20], people[10, 40], people[30, 20] = 50, 60, 20
    return height, people


def test_the_top_of_a_wall_sees_both_sides_and_is_chosen(valley):
    found = find(*valley)
    first = found.table.iloc[0]
    assert [first.x_m, first.y_m] == at(10, 30)
    assert first.people_seen == 130
    assert found.table["kind"].eq("high_ground").all()


def test_who_is_behind_the_wall_is_not_seen(valley):
    height, people = valley
    plain = find(height, people, own=[at(10, 25)]).table
    own = plain[plain["kind"] == "own"].iloc[0]
    assert own.people_seen == 70, "those in the west alone"


def test_every_place_is_chosen_or_told(valley):
    height, people = valley
    rng = np.random.default_rng(98)
    height = height + rng.normal(0, 5, height.shape)
    excluded = np.zeros(GRID.shape, bool)
    excluded[:, :10] = True
    found = find(height, people, existing=[at(30, 30)], excluded=excluded)
    everything = find(height, people)
    new, every = ((each.table["kind"] != "existing").sum() for each in (found, everything))
    assert found.left_out["excluded"] > 0
    assert found.left_out["too_near"] > 0
    assert new > 0
    assert sum(found.left_out.values()) + new == sum(everything.left_out.values()) + every
    assert every >= new


def test_a_mast_that_is_there_is_shared_before_one_is_built_beside_it(valley):
    found = find(*valley, existing=[at(10, 30)])
    existing = found.table.iloc[0]
    assert (existing.kind, existing.people_seen) == ("existing", 130)
    assert [[row.x_m, row.y_m] for row in found.table.itertuples()].count(at(10, 30)) == 1


def test_places_of_the_list_stay_whatever_they_see_but_not_where_none_may_be(valley):
    height, people = valley
    excluded = np.zeros(GRID.shape, bool)
    excluded[0, 59] = True
    found = find(height, people, own=[at(39, 0), at(0, 59), [0.0, 0.0]], excluded=excluded)
    assert (found.table["kind"] == "own").sum() == 1
    assert (found.left_out["outside_terrain"], found.left_out["excluded"]) == (1, 1)


def test_unknown_ground_is_no_place_for_a_mast(valley):
    height, people = valley
    height = height.copy()
    height[10, 30] = np.nan
    found = find(height, people, own=[at(10, 30)])
    assert found.left_out["outside_terrain"] == 1
    assert np.isfinite(found.table["ground_m"]).all()


def test_candidates_on_high_ground_keep_their_distance():
    rng = np.random.default_rng(3)
    height = rng.normal(200, 40, GRID.shape)
    people = (rng.random(GRID.shape) < 0.05) * 30.0
    found = find(height, people, peak_m=200, per_gap=8)
    assert len(found.table) > 3
    assert not too_near(found.table["x_m"], found.table["y_m"], spacing_m=400)


def test_no_gap_has_more_candidates_than_asked_for_and_the_largest_comes_first():
    rng = np.random.default_rng(4)
    height = rng.normal(200, 40, GRID.shape)
    people = np.zeros(GRID.shape)
    people[5:9, 5:9], people[30:34, 50:54] = 10, 40
    found = find(height, people, per_gap=2, least_people=1)
    assert found.gaps == 2
    assert found.table.groupby("gap").size().max() <= 2
    assert found.table["gap"].iloc[0] == 0
    assert found.table["y_m"].iloc[0] < GRID.y_m[15], "the south has more people"


def test_where_everybody_is_served_there_is_nothing_to_find():
    found = find(np.full(GRID.shape, 5.0), np.zeros(GRID.shape), existing=[at(3, 3)])
    assert found.table.empty
    assert (found.gaps, found.left_out["sees_nobody"]) == (0, 2)


@pytest.mark.parametrize("name", ["reach_m", "peak_m", "antenna_m", "gap_m", "per_gap"])
def test_a_search_without_extent_is_refused(name):
    with pytest.raises(SitingError, match=name):
        find(np.zeros(GRID.shape), np.zeros(GRID.shape), **{name: 0})


def test_of_two_spacings_the_larger_counts():
    x_m = np.array([0.0, 300.0, 550.0])
    assert too_near(x_m, np.zeros(3), spacing_m=np.array([100.0, 400.0, 100.0])) == [(0, 1), (1, 2)]


def test_spacing_is_broken_only_by_what_is_nearer():
    x_m, y_m = np.array([0.0, 400.0, 399.0]), np.zeros(3)
    assert too_near(x_m, y_m, spacing_m=400) == [(0, 2), (1, 2)]
    assert too_near(x_m[:1], y_m[:1], spacing_m=400) == []


@pytest.mark.kernels
def test_the_compiled_line_of_sight_is_the_plain_one():
    rng = np.random.default_rng(98)
    height = rng.normal(200, 60, (30, 40))
    rows, columns = rng.integers(0, 30, 200), rng.integers(0, 40, 200)
    fast, plain = np.zeros(200, bool), np.zeros(200, bool)
    given = (height, 15, 20, 40.0, rows, columns, 1.5, 90.0, 8.5e6)
    mark_seen(*given, fast)
    getattr(mark_seen, "py_func", mark_seen)(*given, plain)
    assert (fast == plain).all()
    assert 10 < fast.sum() < 190


@pytest.mark.kernels
def test_the_earth_hides_what_lies_beyond_its_curve():
    flat = np.zeros((1, 501))
    seen = np.zeros(2, bool)
    # From 20 m over a smooth earth of 8.5e6 m the horizon lies sqrt(2·8.5e6·20) = 18.4 km away.
    mark_seen(flat, 0, 0, 20.0, np.array([0, 0]), np.array([170, 250]), 0.0, 100.0, 8.5e6, seen)
    assert seen.tolist() == [True, False]


@pytest.mark.kernels
@pytest.mark.parametrize(
    ("down", "rows", "touching_m"), [(0, (0, 0, 0), 0.0), (2, (1, 1, 2), -1e-9)]
)
def test_a_line_of_sight_may_touch_the_pixel_nearest_to_each_sample_but_not_pass_below(
    down, rows, touching_m
):
    # From 10 m to a phone at 2 m, four pixels across: between, the line is 8, 6 and 4 m high.
    # Across rows the sums are not exact.
    def sees(row, column, ground_m, turned):
        height = np.zeros((3, 5))
        height[row, column] = ground_m
        ends, seen = (np.array([down]), np.array([4])), np.zeros(1, bool)
        if turned:
            height, ends = np.ascontiguousarray(height.T), ends[::-1]
        mark_seen(height, 0, 0, 10.0, *ends, 2.0, 128.0, np.inf, seen)
        return bool(seen[0])

    for row, column, line_m in zip(rows, (1, 2, 3), (8.0, 6.0, 4.0), strict=True):
        for turned in (False, True):
            assert sees(row, column, line_m + touching_m, turned)
            assert not sees(row, column, line_m + 1e-9, turned)


def test_people_in_a_plain_are_their_own_candidate():
    people = np.zeros(GRID.shape)
    people[20, 30], people[20, 32], people[21, 31] = 40, 40, 60
    found = find(np.zeros(GRID.shape), people).table
    assert found["kind"].to_list() == ["settlement"]
    assert found["people_seen"].to_list() == [140]


def test_people_are_seen_from_as_many_places_as_wanted(valley):
    height, people = valley
    counts = [len(find(height, people, choices=n).table) for n in (1, 3)]
    assert counts[0] < counts[1]


def test_new_places_are_looked_for_inside_alone(valley):
    height, people = valley
    inside = np.zeros(GRID.shape, bool)
    inside[:, 30:] = True
    found = find(height, people, inside=inside).table
    assert len(found)
    assert (found["x_m"] > GRID.west_m + 30 * GRID.resolution_m).all()
