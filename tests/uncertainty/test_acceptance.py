"""What so many served of so many drawn prove: published pairs, and every sample counted."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from phusong.uncertainty import (
    confidence_missed,
    confidence_reached,
    least_served,
    residents_to_settle,
    settled,
)


def test_published_acceptance_tests():
    """Tait: 191 of 200 places prove 90 % with 99.5 % confidence, 831 of 900 with 99 %."""
    assert least_served(200, 0.9, confidence=0.995) == 191
    assert least_served(900, 0.9, confidence=0.99) == 831
    assert confidence_reached(190, 200, 0.9) < 0.995 <= confidence_reached(191, 200, 0.9)
    assert confidence_reached(830, 900, 0.9) < 0.99 <= confidence_reached(831, 900, 0.9)


def test_few_drawn_without_a_failure_prove_what_arithmetic_says():
    # 0.9^28 = 0.0523, 0.9^29 = 0.0471: with 95 % confidence it takes 29 served of 29.
    assert least_served(28, 0.9, confidence=0.95) is None
    assert least_served(29, 0.9, confidence=0.95) == 29
    assert confidence_reached(29, 29, 0.9) == pytest.approx(1 - 0.9**29)
    assert confidence_missed(0, 2, 0.9) == pytest.approx(1 - 0.1**2)


def served_in_every_sample(residents, served, drawn):
    """Count the served in every sample that can be drawn."""
    return [sum(who < served for who in sample) for sample in combinations(range(residents), drawn)]


@pytest.mark.parametrize("drawn", [1, 4, 9, 10])
def test_a_wrong_answer_is_no_more_frequent_than_its_doubt_in_all_samples(drawn):
    residents, target, confidence = 10, 0.8, 0.9
    for served in range(residents + 1):
        answers = [
            settled(found, drawn, target, confidence=confidence, residents=residents)
            for found in served_in_every_sample(residents, served, drawn)
        ]
        wrong = "missed" if served >= 8 else "met"
        assert answers.count(wrong) / len(answers) <= 1 - confidence + 1e-12


def test_all_residents_settle_it():
    assert settled(98, 100, 0.98, confidence=0.999, residents=100) == "met"
    assert settled(97, 100, 0.98, confidence=0.999, residents=100) == "missed"


def test_a_share_that_rounding_would_lift_is_counted_in_residents():
    """0.07 times 100 is 7.000000000000001 to a computer, and 7 of 100 are 7 %."""
    assert settled(7, 100, 0.07, confidence=0.95, residents=100) == "met"


@given(
    residents=st.integers(1, 60),
    target=st.sampled_from([0.5, 0.9, 0.98, 1.0]),
    confidence=st.sampled_from([0.8, 0.95]),
    data=st.data(),
)
def test_the_least_served_is_the_first_that_is_proof(residents, target, confidence, data):
    drawn = data.draw(st.integers(1, residents))
    of = data.draw(st.sampled_from([residents, None]))
    proofs = [
        served
        for served in range(drawn + 1)
        if confidence_reached(served, drawn, target, residents=of) >= confidence
    ]
    assert least_served(drawn, target, confidence=confidence, residents=of) == (
        proofs[0] if proofs else None
    )


@given(
    residents=st.integers(1, 40),
    target=st.sampled_from([0.5, 0.9, 0.98]),
    expected=st.sampled_from([0.0, 0.3, 0.8, 0.95, 1.0]),
)
def test_the_residents_to_settle_are_the_first_with_the_power(residents, target, expected):
    served = round(expected * residents)
    answer = "met" if served >= target * residents - 1e-9 else "missed"

    def power(drawn):
        return sum(
            hypergeom.pmf(found, residents, served, drawn)
            for found in range(drawn + 1)
            if settled(found, drawn, target, confidence=0.95, residents=residents) == answer
        )

    needed = residents_to_settle(expected, target, residents=residents)
    assert needed == next(n for n in range(1, residents + 1) if power(n) >= 0.8 - 1e-9)


def test_nobody_settles_nothing():
    assert residents_to_settle(1.0, 0.98, residents=0) is None


@pytest.mark.parametrize(("served", "drawn", "residents"), [(3, 2, None), (-1, 2, None), (2, 9, 8)])
def test_counts_that_cannot_be_are_refused(served, drawn, residents):
    with pytest.raises(ValueError, match=r"served|drawn"):
        confidence_reached(served, drawn, 0.9, residents=residents)
