"""Shares estimated from drawn and measured places: right on average whatever the map says."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtr

from phusong.uncertainty import (
    allot,
    draw_places,
    survey_share,
    survey_shares_by_stratum,
    whole_residents,
)

COMMUNES = 12


def district(seed):
    """A district of 12 communes: residents and true margin of each place, dB."""
    chance = np.random.default_rng(seed)
    stratum = np.repeat([f"{code:05d}" for code in range(COMMUNES)], 80).astype(object)
    residents = whole_residents(chance.lognormal(1.5, 1.0, len(stratum)))
    margin_db = np.repeat(chance.normal(14, 5, COMMUNES), 80) + chance.normal(0, 10, len(stratum))
    return stratum, residents, margin_db, chance


def split(places):
    """What the estimators take of all places: those drawn, and the strata they came from."""
    sums = places.assign(map_sum=places["residents"] * places["map_share"]).groupby("stratum")
    sums = sums[["residents", "map_sum"]].sum()
    strata = pd.DataFrame(
        {
            "stratum": sums.index,
            "residents": sums["residents"].to_numpy(),
            "map_share": (sums["map_sum"] / sums["residents"]).to_numpy(),
        }
    )
    return places.loc[places["drawn"] > 0, ["stratum", "drawn", "map_share", "served"]], strata


def measured(seed, *, too_optimistic_db, drawn=200):
    """Draw and measure; the map's error is a bias and 7 dB of scatter."""
    stratum, residents, margin_db, chance = district(seed)
    people = pd.Series(residents).groupby(stratum).sum()
    times = draw_places(residents, stratum, allot(people, drawn), seed=seed)
    said = margin_db + too_optimistic_db + chance.normal(0, 7, len(stratum))
    served = (margin_db >= 0).astype(float)
    places = pd.DataFrame(
        {
            "stratum": stratum,
            "residents": residents,
            "map_share": ndtr(said / 8.0),
            "drawn": times,
            "served": np.where(times > 0, served, np.nan),
        }
    )
    return places, served


@pytest.mark.parametrize("too_optimistic_db", [0, 15])
def test_the_interval_holds_the_truth_however_wrong_the_map(too_optimistic_db):
    held, own, away, map_away, half = 0, [], [], [], []
    for seed in range(60):
        places, served = measured(seed, too_optimistic_db=too_optimistic_db)
        truth = np.average(served, weights=places["residents"])
        found = survey_share(*split(places), confidence=0.95)
        held += found.low <= truth <= found.high
        away.append(found.share - truth)
        map_away.append(found.map_share - truth)
        half.append((found.high - found.low) / 2)
        if seed < 15:
            communes = survey_shares_by_stratum(*split(places), confidence=0.9)
            people = places["residents"].groupby(places["stratum"]).sum()
            true = (places["residents"] * served).groupby(places["stratum"]).sum() / people
            own.append(
                (
                    (communes["low"] <= true.to_numpy()) & (true.to_numpy() <= communes["high"])
                ).mean()
            )
    # 60 draws of a 95 % interval: fewer than 52 would be seen in 1 of 130 tries.
    assert held >= 52
    assert abs(np.mean(away)) < 0.008
    assert abs(np.mean(map_away)) > 0.06  # the map itself misses by far
    assert np.mean(half) < 0.042  # 200 places without a map: 4.2 points
    assert 0.85 <= np.mean(own) <= 0.98


def test_every_sample_counted_gives_the_truth_on_average():
    """Six residents in two strata: the mean over all 9 samples is the true share to the last digit.

    With the map followed in full (it does not vary within the strata, so its weight is 1).
    """
    served = np.array([1.0, 0.0, 1.0, 1.0, 1.0, 0.0])
    map_share = np.array([0.9, 0.9, 0.9, 0.3, 0.3, 0.3])
    shares = []
    for first in combinations(range(3), 2):
        for second in combinations(range(3, 6), 2):
            drawn = np.isin(np.arange(6), [*first, *second]).astype(int)
            places = pd.DataFrame(
                {
                    "stratum": list("aaabbb"),
                    "residents": 1,
                    "map_share": map_share,
                    "drawn": drawn,
                    "served": np.where(drawn > 0, served, np.nan),
                }
            )
            found = survey_share(*split(places))
            assert found.map_weight == 1.0
            shares.append(found.share)
    assert np.mean(shares) == pytest.approx(4 / 6, abs=1e-12)


def two_strata(**columns):
    """200 residents, one a place; of each stratum ten drawn, of which one without service."""
    one = {
        "residents": 1,
        "map_share": 1.0,
        "drawn": [1] * 10 + [0] * 90,
        "served": [0.0] + [1.0] * 9 + [np.nan] * 90,
    }
    one = pd.DataFrame(one | columns)
    return pd.concat([one.assign(stratum="a"), one.assign(stratum="b")], ignore_index=True)


def test_the_estimate_by_hand():
    # Mean 0.9 in both halves. Squares about the mean 0.9 each; variance of the mean in a stratum
    # (1 - 10/100) * 0.9/9 / 10 = 0.009, of both together 0.25 * 0.009 * 2 = 0.0045; two unseen:
    # (1 - 20/200) * 2 / 20^2 = 0.0045. Root of 0.009 = 0.09487.
    found = survey_share(*split(two_strata()))
    assert found.share == pytest.approx(0.9)
    assert found.standard_error == pytest.approx(0.009**0.5)
    assert (found.drawn, found.residents, found.map_share) == (20, 200, 1.0)


def test_a_sample_without_a_failure_leaves_about_three_in_a_hundred():
    places = two_strata(served=[1.0] * 10 + [np.nan] * 90)
    five = pd.concat([places] * 5, ignore_index=True)
    five["stratum"] += (five.index // 200).astype(str)
    found = survey_share(*split(five), confidence=0.9)
    assert found.share == 1.0
    assert 0.97 < found.low < 0.98


def test_a_map_that_knows_nothing_is_not_followed():
    chance = np.random.default_rng(4)
    places = two_strata(map_share=chance.random(100))
    with_map, without = (
        survey_share(*split(places)),
        survey_share(*split(places.assign(map_share=0.0))),
    )
    assert with_map.map_weight < 0.35
    assert with_map.standard_error <= without.standard_error * 1.001


def test_all_residents_measured_leave_no_doubt():
    places = pd.DataFrame(
        {"stratum": "a", "residents": [3, 1], "map_share": 1.0, "drawn": [3, 1], "served": [1, 0]}
    )
    found = survey_share(*split(places))
    assert (found.low, found.share, found.high) == (0.75, 0.75, 0.75)


def test_a_commune_borrows_from_its_neighbours_as_far_as_they_are_alike():
    # Alike: 9 of 10 served in each, so nothing between them and all stand on the common figure.
    alike = survey_shares_by_stratum(*split(two_strata())).set_index("stratum")
    assert alike["own_weight"].tolist() == [0.0, 0.0]
    assert alike["share"].tolist() == pytest.approx([0.9, 0.9])
    # Unlike: in b nine of ten are dark; each stands nearly on its own.
    unlike = two_strata()
    dark = (unlike["stratum"] == "b") & (unlike["drawn"] > 0)
    unlike.loc[dark, "served"] = [1.0] + [0.0] * 9
    found = survey_shares_by_stratum(*split(unlike)).set_index("stratum")
    assert (found["own_weight"] > 0.9).all()
    assert found["share"].to_list() == pytest.approx([0.9, 0.1], abs=0.05)


def test_a_commune_without_places_stands_on_the_others_and_is_less_sure():
    places = pd.concat(
        [
            two_strata(),
            pd.DataFrame({"stratum": ["c"], "residents": [50], "map_share": [0.5], "drawn": [0]}),
        ],
        ignore_index=True,
    )
    dark = (places["stratum"] == "b") & (places["drawn"] > 0)
    places.loc[dark, "served"] = [1.0] * 4 + [0.0] * 6
    found = survey_shares_by_stratum(*split(places)).set_index("stratum")
    assert found.loc["c", "drawn"] == 0
    assert found.loc["c", "standard_error"] > found.loc["a", "standard_error"]


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"served": np.nan}, "without a measurement"),
        ({"drawn": [20] * 10 + [0] * 90}, "more drawn than live there"),
        ({"drawn": 0}, "nothing was drawn"),
        ({"drawn": [1] + [0] * 99}, "fewer than two drawn"),
    ],
)
def test_a_frame_that_cannot_be_is_refused(columns, fault):
    with pytest.raises(ValueError, match=fault):
        survey_share(*split(two_strata(**columns)))


@given(arrays(np.float64, st.integers(1, 50), elements=st.floats(0, 1e5)))
def test_residents_are_whole_and_none_is_lost(residents):
    whole = whole_residents(residents)
    assert (whole >= 0).all()
    assert abs(whole - residents).max() <= 1.0
    assert abs(whole.sum() - residents.sum()) <= 0.5 + 1e-6


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=12),
    st.integers(0, 800),
)
def test_allotted_residents_live_there_and_come_to_the_sum(living, drawn):
    residents = pd.Series(living, index=[f"{code:05d}" for code in range(len(living))])
    given_to = allot(residents, drawn)
    assert (given_to <= residents).all()
    assert (given_to >= residents.clip(upper=2)).all()
    assert given_to.sum() == max(min(drawn, sum(living)), residents.clip(upper=2).sum())


def test_allotment_by_hand():
    # 20 of 1,000: exact 14, 4, 2; and of 1,000 with 3 strata of 2 least: 18.0, 1.8, 0.2.
    assert allot(pd.Series({"a": 700, "b": 200, "c": 100}), 20).to_list() == [14, 4, 2]


def test_places_are_drawn_by_their_residents():
    residents = np.array([0, 10, 30, 60])
    stratum = np.array(["a"] * 4, dtype=object)
    mean = np.mean(
        [draw_places(residents, stratum, {"a": 10}, seed=seed) for seed in range(2000)], axis=0
    )
    # Expected 0, 1, 3, 6; the standard error of each is below 0.04.
    assert mean == pytest.approx([0, 1, 3, 6], abs=0.12)


def test_one_stratum_more_moves_no_place_of_another():
    residents = np.array([5, 9, 7, 8])
    stratum = np.array(["a", "a", "b", "b"], dtype=object)
    alone = draw_places(residents, stratum, {"a": 6}, seed=3)
    both = draw_places(residents, stratum, {"b": 4, "a": 6}, seed=3)
    assert (alone[:2] == both[:2]).all()
    assert (alone[2:] == 0).all()
    assert both[2:].sum() == 4


def test_more_than_live_there_cannot_be_drawn():
    with pytest.raises(ValueError, match="6 to be drawn of 5 residents of a"):
        draw_places(np.array([5]), np.array(["a"], dtype=object), {"a": 6}, seed=1)
