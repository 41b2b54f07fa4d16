"""Sums of pixels by label, and parts rounded so that they add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from phusong.service import evidence
from phusong.service.evidence import (
    rounded_to_sum,
    rounded_to_sums,
    sums_by_label,
    sums_of_labels_there,
)


def test_people_are_summed_by_label_in_each_unit():
    people = sparse.csr_array(np.array([[1.5, 0.0, 2.0, 0.0], [0.0, 4.0, 1.0, 8.0]]))
    labels = np.array([[2, 0], [2, 1]])
    assert sums_by_label(people, labels, 3).tolist() == [[0.0, 0.0, 3.5], [4.0, 8.0, 1.0]]


def test_sums_of_the_labels_there_are_those_of_all_labels(monkeypatch):
    random = np.random.default_rng(6)
    ground, people = (
        sparse.random_array((7, 300), density=0.2, rng=random, format="csr") for _ in range(2)
    )
    labels = random.integers(0, 40, (10, 30))
    all_ground, all_people = (sums_by_label(one, labels, 40) for one in (ground, people))
    for at_a_time in (500_000, 60, 1):
        monkeypatch.setattr(evidence, "_PIXELS_AT_A_TIME", at_a_time)
        unit, there, of_ground, of_people = sums_of_labels_there(ground, people, labels)
        assert [unit.tolist(), there.tolist()] == [each.tolist() for each in all_ground.nonzero()]
        np.testing.assert_array_equal(of_ground, all_ground[unit, there])
        np.testing.assert_array_equal(of_people, all_people[unit, there])
    doubled = sums_by_label(people, labels, 40, times=np.full(labels.shape, 2.0))
    np.testing.assert_array_equal(doubled, 2 * all_people)


@given(st.lists(st.floats(0.0, 5000.0), min_size=1, max_size=12))
def test_rounded_parts_add_up_and_stay_within_a_step(values):
    parts = np.array(values)
    for step in (1.0, 1e-6):
        rounded = rounded_to_sum(parts, float(parts.sum()), step)
        assert round(rounded.sum() / step) == round(parts.sum() / step)
        assert (np.abs(rounded - parts) < 1.001 * step).all()


def test_wholes_rounded_together_are_those_rounded_alone():
    random = np.random.default_rng(98)
    first = np.array([0, 5, 5, 6, 13])
    parts, wholes = 9 * random.random(13), np.array([20.0, 0.0, np.nan, 1.0])
    wholes[3] = parts[6:].sum() - 1.7  # some go down
    found = rounded_to_sums(parts, wholes, 0.5, first=first)
    alone = [
        rounded_to_sum(parts[start:end], float(whole), 0.5)
        for start, end, whole in zip(first, first[1:], wholes, strict=False)
    ]
    assert found.tolist() == np.concatenate(alone).tolist()
    assert (found[5], found[6:].sum()) == (parts[5], 0.5 * round(2 * float(wholes[3])))


def test_a_part_that_floating_point_lifted_goes_back_down():
    parts = np.array([1.0, 2.0])
    assert rounded_to_sum(parts, 2.6, 1.0).tolist() == [1.0, 2.0]
    assert rounded_to_sum(parts, 2.4, 1.0).sum() == 2.0


def test_nothing_is_rounded_where_the_whole_is_unknown():
    parts = np.array([1.25, 2.5])
    assert rounded_to_sum(parts, float("nan"), 1.0).tolist() == [1.25, 2.5]
    assert rounded_to_sum(np.array([]), 0.0, 1.0).size == 0
    assert pytest.approx(0.34) == rounded_to_sum(np.full(3, 1 / 3), 1.0, 0.01)[0]
