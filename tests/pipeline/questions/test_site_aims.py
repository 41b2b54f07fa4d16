"""Targets beyond reach ask for as much as can be had, against every choice tried by hand."""

from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from phusong.errors import InfeasibleSitingError
from phusong.pipeline.questions.site_aims import PROVINCE, Of, Reached, reached_told, within_reach
from phusong.siting import BudgetYear, Demand, Target, Works, plan_sites

OF = Of(service="mobile", scope=PROVINCE)


def province(seed):
    """Return a made-up province, and the most people whom works that do not exclude serve."""
    rng = np.random.default_rng(seed)
    covers = rng.random((4, 7)) < 0.35
    people = rng.integers(1, 90, 7) / 10
    group = rng.choice(["A", ""], 4)
    table = pd.DataFrame(
        {"cost_vnd": 1.0, "one_of": pd.Series(group).replace("", None).to_list()},
        index=list("abcd"),
    )
    most = max(
        people[covers[list(built)].any(axis=0)].sum()
        for built in map(np.array, product([False, True], repeat=4))
        if (built & (group == "A")).sum() <= 1
    )
    demand = Demand(people=people, weight=np.ones(7))
    return Works(table=table, covers=csr_array(covers)), demand, float(most)


def test_a_target_beyond_reach_asks_for_the_most_that_can_be_had():
    lowered = {"excluded": 0, "beyond": 0, "met": 0}
    for seed in range(40):
        works, demand, most = province(seed)
        plan = partial(_plan, works, demand, [BudgetYear(year=2027, budget_vnd=9.0)])
        everybody = demand.people.sum()
        asked = Target(target_id=OF.target_id, demand=np.arange(7), people=everybody, year=2027)
        found, met = within_reach(plan, {OF: asked})
        got = met[OF].people
        assert most - 1 < got <= most + 1e-9, f"province {seed}"
        assert found.targets["people"].iloc[0] >= got - 1e-9
        reached = demand.people[np.asarray(works.covers.sum(axis=0)).ravel() > 0].sum()
        kind = "met" if got == everybody else "beyond" if got == reached else "excluded"
        lowered[kind] += 1
        within = Target(target_id=OF.target_id, demand=np.arange(7), people=got / 2, year=2027)
        assert within_reach(plan, {OF: within})[1] == {OF: within}
    assert min(lowered["excluded"], lowered["beyond"]) > 5


def test_money_that_is_short_is_refused_all_the_same():
    works, demand, _ = province(0)
    asked = Target(target_id=OF.target_id, demand=np.arange(7), people=1e3, year=2027)
    with pytest.raises(InfeasibleSitingError) as caught:
        within_reach(
            partial(_plan, works, demand, [BudgetYear(year=2027, budget_vnd=0.5)]), {OF: asked}
        )
    assert "by_year" in caught.value.values


def _plan(works, demand, years, targets):
    return plan_sites(
        works, demand, years, targets=targets, aim="money", carry_over=False, largest_gap=0
    )


def test_the_share_within_reach_is_rounded_down_so_that_it_can_be_asked_for():
    target = Target(target_id=OF.target_id, demand=np.arange(2), people=30.0, year=2027)
    reached = Reached.by(OF, target, 20.0, np.array([30.0, 10.0]), 700.0)
    assert reached.share == pytest.approx(1 - 20 / 700)
    told = reached_told([reached], {"mobile": None}, "en")
    assert told == "Whole province: 20 / 30 (97.14 % of the residents)"
    nearly = Reached.by(OF, target, 20.0, np.array([30.0, 0.0]), 6500.0)
    assert "(99.84 %" in reached_told([nearly], {"mobile": None}, "en")
