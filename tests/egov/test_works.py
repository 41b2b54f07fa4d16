"""What offices lack and what it costs, counted on the fingers; works that cannot be planned."""

import numpy as np
import pandas as pd
import pytest

from phusong.egov import Prerequisite, Work, missing_works, prerequisites, readiness
from phusong.egov.works import cost_of, in_a_circle, work_faults
from phusong.i18n import Bilingual

FLAG, RATIO = prerequisites({"has_lan": None, "computers_per_official": 0.9})
MAIL = Prerequisite(
    name="mail",
    field="mailboxes",
    rule="at_least",
    minimum=3,
    title=Bilingual("hộp thư", "mailboxes"),
)


@pytest.mark.parametrize(
    ("share", "officials", "computers", "short"),
    [
        (0.9, 10, 9, 0),
        (0.9, 10, 8, 1),
        (0.9, 11, 9, 1),  # 9.9 are ten
        (0.55, 100, 55, 0),  # in binary 0.55 × 100 is a trifle more than 55
        (0.55, 100, 54, 1),
        (1.1, 10, 11, 0),
        (0.9, 10, 20, 0),
        (0.9, 0, 0, 0),
    ],
)
def test_computers_short_are_whole_and_no_binary_digit_buys_one(share, officials, computers, short):
    (wanted,) = prerequisites({"computers_per_official": share})
    table = pd.DataFrame({"computers": [computers], "officials": [officials]})
    assert cost_of(table, wanted, 15e6).tolist() == [short * 15e6]


def test_a_count_costs_what_is_short_and_a_flag_its_price():
    table = pd.DataFrame({"mailboxes": [0, 2, 3, 9, None]}, dtype="Int64")
    np.testing.assert_array_equal(cost_of(table, MAIL, 5.0), [15, 5, 0, 0, np.nan])
    assert cost_of(table, FLAG, 300.0).tolist() == [300.0] * 5
    assert np.isnan(cost_of(table, FLAG, np.nan)).all()


def test_each_office_lists_what_it_lacks_with_its_own_cost(offices):
    wanted = [FLAG, RATIO]
    judged = readiness(
        offices(
            {"has_lan": False, "computers": 7, "officials": 10},
            {"has_lan": True, "computers": 9, "officials": 10},
            {"computers": 3},
        ),
        wanted,
    )
    works = [
        Work(name="lan", prerequisite="has_lan", cost_vnd=300.0, crew_days=5.0),
        Work(name="pc", prerequisite="computers_per_official", cost_vnd=15.0, crew_days=1.0),
    ]
    known = missing_works(judged, wanted, works, unknown_is_missing=False)
    assert known.to_numpy().tolist() == [["o1", "lan", 300.0, 5.0], ["o1", "pc", 30.0, 1.0]]
    every = missing_works(judged, wanted, works, unknown_is_missing=True)
    assert every["office_id"].to_list() == ["o1", "o3", "o1", "o3"]
    np.testing.assert_array_equal(every["cost_vnd"], [300, 300, 30, np.nan])


def faults(*works):
    return [
        str(fault) for fault in work_faults(works, [FLAG])
    ]  # fmt: skip


def work(name="lan", prerequisite="has_lan", after=(), cost_vnd=1.0):
    return Work(name=name, prerequisite=prerequisite, after=after, cost_vnd=cost_vnd, crew_days=0.0)


ABOVE_0 = "Costs must be above 0, other figures zero or more."


def test_sound_works_have_no_fault():
    assert faults(work(), work("more", after=("lan",))) == []


@pytest.mark.parametrize(
    ("works", "message"),
    [
        ([work(cost_vnd=0.0)], f"cost_vnd of lan cannot be used: 0. {ABOVE_0}"),
        ([work(cost_vnd=-1.0)], f"cost_vnd of lan cannot be used: -1. {ABOVE_0}"),
        ([work(cost_vnd=np.inf)], f"cost_vnd of lan cannot be used: inf. {ABOVE_0}"),
        ([work(cost_vnd=np.nan)], f"cost_vnd of lan cannot be used: nan. {ABOVE_0}"),
        (
            [work(prerequisite="wifi")],
            "There is a work for the prerequisite wifi, which is not in the rule table; "
            "its prerequisites: has_lan.",
        ),
        (
            [work(after=("roof",))],
            "The work lan waits for roof, but there is no such work; works: lan.",
        ),
        (
            [work("a", after=("b",)), work("b", after=("a",))],
            "The order of works goes round in a circle: a, b.",
        ),
    ],
)
def test_a_work_that_cannot_be_planned_is_told(works, message):
    (told,) = faults(*works)
    assert told.splitlines()[1] == message


def test_every_fault_is_told_at_once():
    assert len(faults(work(cost_vnd=0.0, prerequisite="wifi", after=("roof",)))) == 3


def test_works_in_a_circle_are_named_with_those_that_wait_for_it():
    assert in_a_circle({"a": ["b"], "b": ["a"], "c": ["b"], "d": []}) == ["a", "b", "c"]
    assert in_a_circle({"a": ["b"], "b": ["c"], "c": []}) == []
    assert in_a_circle({"a": ["a"]}) == ["a"]
