"""Counts go to the units of another edition and none is lost."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.admin import carry, check_crosswalk, share_out, shipped_crosswalk, units
from phusong.errors import EditionError

WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any)


def _exact(weights):
    return [Fraction(weight) for weight in weights]


@given(st.integers(0, 10**13), WEIGHTS)
def test_parts_sum_to_the_whole_and_lie_near_their_shares(whole, weights):
    parts = share_out(whole, _exact(weights))
    assert sum(parts) == whole
    assert min(parts) >= 0
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(whole * weight, sum(weights))) <= len(weights)
        assert weight or not part


@given(st.integers(0, 60), WEIGHTS)
def test_the_short_way_gives_what_the_method_says(whole, weights):
    parts = [0] * len(weights)
    for _ in range(whole):
        due = [Fraction(w, 2 * part + 1) for w, part in zip(weights, parts, strict=True)]
        parts[due.index(max(due))] += 1
    assert share_out(whole, _exact(weights)) == parts


@given(st.integers(0, 10**9), st.integers(0, 10**9), WEIGHTS)
def test_what_is_covered_never_exceeds_what_there_is(one, other, weights):
    covered, there = sorted((one, other))
    pairs = zip(share_out(covered, _exact(weights)), share_out(there, _exact(weights)), strict=True)
    assert all(part <= whole for part, whole in pairs)


def test_the_largest_remainder_would_take_a_village_away_from_a_larger_whole():
    # Hamilton gives the third 2 of 10 and 1 of 11 (the Alabama paradox).
    weights = _exact([6, 6, 2])
    assert share_out(10, weights)[2] <= share_out(11, weights)[2]


CODES = st.sampled_from("abcd")


@given(
    st.dictionaries(CODES, st.integers(0, 10**12), min_size=1),
    st.data(),
)
def test_counts_are_conserved_exactly(counts, data):
    rows = [
        (old, new, weight)
        for old in counts
        for weights in [data.draw(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any))]
        for new, weight in zip("xyz", (w / sum(weights) for w in weights), strict=True)
    ]
    crosswalk = pd.DataFrame(rows, columns=["from_code", "to_code", "weight"])
    assert sum(carry(counts, crosswalk).values()) == sum(counts.values())


def test_what_is_unknown_of_a_part_is_unknown_of_the_whole():
    crosswalk = pd.DataFrame(
        {"from_code": ["a", "b", "c"], "to_code": ["x", "x", "y"], "weight": 1.0}
    )
    assert carry({"a": 3, "b": None, "c": 5}, crosswalk) == {"x": None, "y": 5}


def test_faults_of_a_crosswalk_are_told_together():
    rows = pd.DataFrame(
        {
            "from_code": ["00688", "00688", "00691", "99999"],
            "to_code": ["00691", "00694", "12345", "00691"],
            "weight": [0.6, 0.3, 1.0, 7.0],
        }
    )
    faults = check_crosswalk(rows, ["00688", "00691", "00692"], ["00691", "00694"], file="c.csv")
    assert [fault.message.split(".")[1] for fault in faults] == [
        "no_successor", "weights_sum", "unknown_successor",
    ]  # fmt: skip
    assert "00692" in faults[0].render("vi")
    assert "0.9" in faults[1].render("en")
    assert "12345" in faults[2].render("en")


def test_the_shipped_one_is_sound_and_gives_a_divided_commune_to_its_main_successor():
    names = {code: unit.name for code, unit in units("2017").items()}
    crosswalk = shipped_crosswalk("2017", "2025", names)
    assert not check_crosswalk(crosswalk, names, units("2025"), file="shipped")
    divided = crosswalk[crosswalk["basis"] == "main_successor"]
    assert sorted(set(divided["from_code"])) == ["00688", "00967", "00988"]
    assert set(divided["weight"]) == {0.0, 1.0}
    assert crosswalk["source"].str.len().min() > 0


def test_codes_of_another_edition_are_refused_though_they_exist():
    with pytest.raises(EditionError, match=r"01117 Trung Thịnh \(Ngán Chiên\)"):
        shipped_crosswalk("2017", "2025", {"01117": "Trung Thịnh"})
    with pytest.raises(EditionError, match=r"99999"):
        shipped_crosswalk("2017", "2025", {"99999": "Tha"})
