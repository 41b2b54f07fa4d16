"""Coverings against every choice tried by hand; what is left out before costs nothing."""

import csv
import runpy
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from phusong.errors import InfeasibleSitingError, SitingError
from phusong.siting import cover_cheapest, cover_most, merge_demand, undominated

ROOT = Path(__file__).resolve().parents[2]


def sets(*rows):
    return csr_array(np.array(rows, bool))


@st.composite
def provinces(draw):
    """Up to 6 candidates and 9 demands; a few figures only, so that there are many ties."""
    candidates, demands = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    covers = np.array(
        draw(st.lists(st.booleans(), min_size=candidates * demands, max_size=candidates * demands))
    ).reshape(candidates, demands)
    people = draw(
        st.lists(st.sampled_from([0.0, 1.0, 2.5, 30.0]), min_size=demands, max_size=demands)
    )
    cost = draw(
        st.lists(st.sampled_from([1.0, 2.0, 3.3]), min_size=candidates, max_size=candidates)
    )
    return covers, np.array(people), np.array(cost)


def every_choice(covers, people, cost):
    """Yield the people and the cost of every choice."""
    for picked in product([False, True], repeat=len(cost)):
        chosen = np.array(picked)
        yield people[covers[chosen].any(axis=0)].sum(), cost[chosen].sum()


@given(provinces(), st.sampled_from([0.0, 1.0, 3.3, 5.3, 6.0, 9.0]))
@settings(max_examples=150, deadline=None)
def test_no_choice_within_the_budget_covers_more(province, budget):
    covers, people, cost = province
    found = cover_most(csr_array(covers), people, cost, budget=budget, largest_gap=0)
    best = max(some for some, spent in every_choice(*province) if spent <= budget * (1 + 1e-12))
    assert found.people == pytest.approx(best, rel=1e-9)
    assert found.optimal
    assert found.cost == pytest.approx(cost[found.chosen].sum())
    assert found.cost <= budget * (1 + 1e-12)
    assert (found.covered == covers[found.chosen].any(axis=0)).all()


@given(provinces(), st.sampled_from([0.3, 0.75, 1.0]))
@settings(max_examples=150, deadline=None)
def test_no_choice_that_covers_enough_is_cheaper(province, share):
    covers, people, cost = province
    needed = share * people[covers.any(axis=0)].sum()
    found = cover_cheapest(csr_array(covers), people, cost, needed=needed, largest_gap=0)
    best = min(spent for some, spent in every_choice(*province) if some >= needed * (1 - 1e-12))
    assert found.cost == pytest.approx(best, rel=1e-9)
    assert found.optimal
    assert found.people >= needed * (1 - 1e-12)


@given(provinces())
@settings(max_examples=150, deadline=None)
def test_whoever_is_left_out_has_another_that_covers_as_much_for_no_more(province):
    covers, _, cost = province
    needed = undominated(csr_array(covers), cost)
    for out in np.flatnonzero(~needed):
        instead = needed & (cost <= cost[out]) & ~(covers[out] & ~covers).any(axis=1)
        assert instead.any() or not covers[out].any()


@given(provinces())
@settings(max_examples=150, deadline=None)
def test_merged_demand_holds_the_same_people_for_every_choice(province):
    covers, people, cost = province
    merged = merge_demand(csr_array(covers), people)
    small = merged.covers.toarray().astype(bool)
    for picked in product([False, True], repeat=len(cost)):
        chosen = np.array(picked)
        assert merged.people[small[chosen].any(axis=0)].sum() == pytest.approx(
            people[covers[chosen].any(axis=0)].sum()
        )
    columns = {column.tobytes() for column in small.T}
    assert len(columns) == len(merged.people), "no two groups are alike"


def test_of_equals_the_first_stays():
    assert undominated(sets([1, 1], [1, 1], [1, 0]), np.array([2.0, 2.0, 2.0])).tolist() == [
        True, False, False,
    ]  # fmt: skip


def test_what_covers_more_for_more_money_stays_beside_the_cheaper():
    assert undominated(sets([1, 1], [1, 0]), np.array([2.0, 1.0])).all()


def test_many_candidates_are_compared_across_the_blocks():
    rng = np.random.default_rng(98)
    covers, cost = rng.random((1200, 12)) < 0.3, rng.integers(1, 4, 1200).astype(float)
    needed = undominated(csr_array(covers), cost)
    plain = [
        covers[one].any()
        and not any(
            cost[other] <= cost[one]
            and not (covers[one] & ~covers[other]).any()
            and ((covers[one] != covers[other]).any() or cost[other] < cost[one] or other < one)
            for other in np.flatnonzero(~(covers[one] & ~covers).any(axis=1))
        )
        for one in range(1200)
    ]
    assert needed.tolist() == plain


def test_a_budget_is_not_exceeded_by_what_the_solver_takes_for_nothing():
    covers, cost = sets([1, 0], [0, 1]), np.array([5e8, 5e8])
    found = cover_most(covers, np.array([3.0, 2.0]), cost, budget=1e9 - 1, largest_gap=0)
    assert found.chosen.tolist() == [0]
    assert found.cost == 5e8
    enough = cover_most(covers, np.array([3.0, 2.0]), cost, budget=1e9, largest_gap=0)
    assert enough.chosen.tolist() == [0, 1]


def test_a_target_is_not_missed_by_what_the_solver_takes_for_nothing():
    covers, people = sets([1, 0], [0, 1]), np.array([999_999.0, 0.5])
    found = cover_cheapest(covers, people, np.array([1.0, 9.0]), needed=999_999.2, largest_gap=0)
    assert found.chosen.tolist() == [0, 1]


def test_what_covers_nobody_else_is_not_bought():
    covers = sets([1, 1, 0], [1, 0, 0], [0, 0, 1])
    found = cover_most(covers, np.array([5.0, 5.0, 0.0]), np.ones(3), budget=3, largest_gap=0)
    assert found.chosen.tolist() == [0]
    assert found.covered.tolist() == [True, True, False]


def test_without_candidates_or_people_nothing_is_chosen():
    nobody = cover_most(csr_array((0, 3)), np.ones(3), np.ones(0), budget=5, largest_gap=0)
    assert (nobody.chosen.tolist(), nobody.people, nobody.gap) == ([], 0.0, 0.0)
    free = cover_cheapest(csr_array((2, 0)), np.ones(0), np.ones(2), needed=0, largest_gap=0)
    assert (free.chosen.tolist(), free.cost, free.gap) == ([], 0.0, 0.0)


def test_too_few_within_reach_are_told_with_how_many_there_are():
    with pytest.raises(InfeasibleSitingError, match=r"60 people .* reach only 50"):
        cover_cheapest(
            sets([1, 0], [1, 0]), np.array([50.0, 10.0]), np.ones(2), needed=60, largest_gap=0
        )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"people": np.array([1.0, np.nan])}, "People .* element 1"),
        ({"people": np.array([-1.0, 1.0])}, "People .* element 0"),
        ({"cost": np.array([1.0, 0.0])}, "Costs .* element 1"),
        ({"cost": np.array([1.0, 1.0, 1.0])}, r"shape \(2, 2\), expected \(3, 2\)"),
        ({"budget": -1.0}, "limit .* −1"),
        ({"budget": np.inf}, "limit .* inf|limit .* ∞"),
    ],
)
def test_figures_that_cannot_be_used_are_refused(change, told):
    given = {"people": np.ones(2), "cost": np.ones(2), "budget": 1.0} | change
    with pytest.raises(SitingError, match=told):
        cover_most(
            sets([1, 0], [0, 1]), given.pop("people"), given.pop("cost"), largest_gap=0, **given
        )


@pytest.mark.parametrize(("name", "radius", "p"), [("SJC324", 800.0, 3), ("SJC402", 800.0, 5)])
def test_published_optima_are_proved(published, name, radius, p):
    optima = published("reference/mclp/optima.csv")
    benchmark = runpy.run_path(str(ROOT / "benchmarks/siting.py"))
    with optima.open(encoding="ascii") as lines:
        told = {
            (row["instance"], float(row["radius"]), int(row["p"])): float(row["milp"])
            for row in csv.DictReader(lines)
        }
    instance = benchmark["read_instance"](optima.with_name(f"{name}.txt"))
    covers = benchmark["within"](instance, radius)
    found = cover_most(covers, instance.people, np.ones(covers.shape[0]), budget=p, largest_gap=0)
    assert found.optimal
    assert found.people == pytest.approx(told[name, radius, p], abs=0.5)
