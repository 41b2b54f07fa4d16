"""What a failure takes: against counting once more without the mast or the operator."""

import numpy as np
import pytest

from phusong.service.strength import mast_losses, operator_reach, served_on_battery

MASTS, PIXELS, RANKS = 6, 400, 3


@pytest.mark.parametrize("seed", range(3))
def test_people_of_one_mast_are_those_missed_once_it_is_gone(seed):
    random = np.random.default_rng(seed)
    margins = np.round(random.normal(-1.0, 5.0, (PIXELS, MASTS))).astype(np.float32)
    margins[random.random(margins.shape) < 0.5] = -np.inf  # not heard
    people = random.integers(0, 9, PIXELS) * 1.0
    order = np.argsort(-margins, axis=1, kind="stable")[:, :RANKS]
    ranked = np.take_along_axis(margins, order, axis=1)
    best = np.where(np.isinf(ranked[:, 0]), -1, order[:, 0])
    found = mast_losses(ranked, best, people, masts=MASTS)
    before = people[margins.max(axis=1) >= 0].sum()
    for mast in range(MASTS):
        without = np.delete(margins, mast, axis=1).max(axis=1) >= 0
        assert found.only[mast] == before - people[without].sum()
    assert found.best.sum() == before
    assert (found.only <= found.best).all()


@pytest.mark.parametrize("seed", range(3))
def test_operators_lose_and_gain_what_counting_again_tells(seed):
    random = np.random.default_rng(seed)
    margins = np.round(random.normal(-1.0, 5.0, (PIXELS, 4))).astype(np.float32)
    people = random.integers(0, 9, PIXELS) * 1.0
    found = operator_reach(margins, people)
    serves = margins >= 0
    assert found.anyone == people[serves.any(axis=1)].sum()
    for one in range(4):
        assert found.own[one] == people[serves[:, one]].sum()
        others = np.delete(serves, one, axis=1).any(axis=1)
        assert found.only[one] == found.anyone - people[others].sum()
        for host in range(4):
            both = serves[:, one] | serves[:, host]
            assert found.gain[one, host] == people[both].sum() - found.own[one]


@pytest.mark.parametrize("seed", range(2))
def test_batteries_keep_whom_a_count_pixel_by_pixel_tells(seed):
    random = np.random.default_rng(seed)
    margins = random.normal(-1.0, 5.0, (PIXELS, RANKS)).astype(np.float32)
    battery = random.integers(0, 9, margins.shape) * 1.0
    people = random.integers(0, 9, PIXELS) * 1.0
    hours = np.array([0.0, 4.0, 8.0, 9.0])
    found = served_on_battery(margins, battery, people, hours)
    for each, count in zip(hours, found, strict=True):
        left = [
            who
            for who, margin, runs in zip(people, margins, battery, strict=True)
            if any(one >= 0 and run >= each for one, run in zip(margin, runs, strict=True))
        ]
        assert count == sum(left)
    assert found[0] > found[1] > found[2] > found[3] == 0


def test_nobody_on_air_leaves_nothing_to_lose():
    found = operator_reach(np.empty((3, 0), np.float32), np.ones(3))
    assert found.anyone == 0
    assert found.own.size == found.gain.size == 0
