"""Rollouts against every plan tried by hand; limits and orders that no plan may break."""

from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from phusong.egov import (
    RolloutPlan,
    Work,
    Year,
    compare_scenarios,
    missing_works,
    plan_rollout,
    prerequisites,
    readiness,
    weigh,
)
from phusong.errors import InfeasibleRolloutError, RolloutError
from phusong.i18n import catalogue
from phusong.tables import ROLLOUT, ROLLOUT_SCENARIOS, ROLLOUT_WORKS

AFTER = {"lan": ["fibre"], "software": ["lan"]}
EASY = {"after": AFTER, "district_bonus": 0.0, "carry_over": False, "largest_gap": 0.0}


def units(**rows):
    """Units as name=(district, is centre, value)."""
    return pd.DataFrame(
        rows.values(), index=list(rows), columns=["district_code", "centre", "value"]
    )


def works(*rows):
    return pd.DataFrame(rows, columns=["office_id", "work", "cost_vnd", "crew_days"])


def years(*budgets, crew=1000.0, first=2018):
    return [
        Year(year=first + i, budget_vnd=float(b), crew_days=crew) for i, b in enumerate(budgets)
    ]


def test_fibre_comes_before_lan_before_software_even_when_it_is_dearest():
    plan = plan_rollout(
        units(a=("024", False, 1.0)),
        works(("a", "fibre", 80, 0), ("a", "lan", 30, 0), ("a", "software", 10, 0)),
        years(80, 40), **EASY,
    )  # fmt: skip
    assert plan.works.set_index("work")["year"].to_dict() == {
        "fibre": 2018, "lan": 2019, "software": 2019,
    }  # fmt: skip
    assert plan.offices.loc["a", "service_year"] == 2019
    assert list(plan.works.columns) == list(ROLLOUT_WORKS.columns[:-2])
    told = [name for name in ROLLOUT.columns[4:-2] if name != "without_work"]
    assert list(plan.offices.columns) == told


def test_the_order_holds_across_a_work_that_is_not_missing():
    plan = plan_rollout(
        units(a=("024", False, 1.0)),
        works(("a", "fibre", 80, 0), ("a", "software", 10, 0)),
        years(10, 80, 10), **EASY,
    )  # fmt: skip
    when = plan.works.set_index("work")["year"]
    assert when["fibre"] <= when["software"]


def test_a_commune_is_in_service_only_when_its_district_centre_is():
    plan = plan_rollout(
        units(centre=("024", True, 0.1), a=("024", False, 5.0)),
        works(("centre", "lan", 60, 0), ("a", "lan", 50, 0)),
        years(60, 60), **EASY,
    )  # fmt: skip
    assert plan.offices["service_year"].to_dict() == {"a": 2019, "centre": 2018}


def test_without_money_for_the_centre_its_communes_wait_and_say_so():
    plan = plan_rollout(
        units(centre=("024", True, 0.1), a=("024", False, 5.0)),
        works(("centre", "lan", 60, 0), ("a", "lan", 50, 0)),
        years(55), **EASY,
    )  # fmt: skip
    assert plan.offices["reason"].to_dict() == {"a": "centre_not_in_service", "centre": "budget"}
    assert len(plan.works) == 0


def test_the_bonus_completes_a_district_before_starting_two():
    table = units(
        a=("1", False, 1.0), b=("1", False, 1.0), c=("2", False, 1.1), d=("2", False, 0.8)
    )
    jobs = works(*((name, "lan", 10, 0) for name in "abcd"))
    scattered = plan_rollout(table, jobs, years(20), **EASY)
    together = plan_rollout(table, jobs, years(20), **(EASY | {"district_bonus": 0.5}))
    served = together.offices["service_year"].notna()
    assert scattered.offices.loc["c", "service_year"] == 2018
    assert served[served].index.to_list() == ["a", "b"]
    assert together.value == pytest.approx(3.0)


def test_money_left_over_may_be_carried_only_if_the_law_allows():
    table, jobs = units(a=("1", False, 1.0)), works(("a", "lan", 15, 0))
    assert plan_rollout(table, jobs, years(10, 10), **EASY).value == 0
    carried = plan_rollout(table, jobs, years(10, 10), **(EASY | {"carry_over": True}))
    assert carried.offices.loc["a", "service_year"] == 2019
    assert carried.left["budget_vnd"].to_list() == [10, 5]


def test_crews_limit_the_pace():
    plan = plan_rollout(
        units(a=("1", False, 1.0), b=("1", False, 2.0)),
        works(("a", "lan", 1, 8), ("b", "lan", 1, 8)),
        years(100, crew=10.0), **EASY,
    )  # fmt: skip
    assert plan.offices["reason"].to_dict() == {"a": "crew", "b": "in_plan"}
    assert plan.offices.loc["a", "short_days"] == 6


def test_an_infinite_limit_limits_nothing():
    plan = plan_rollout(
        units(a=("1", False, 1.0)), works(("a", "lan", 10, 20)), years(np.inf, crew=np.inf), **EASY
    )
    assert plan.offices["reason"].to_list() == ["in_plan"]


def test_what_is_required_is_in_service_by_its_year_though_worth_less():
    table, jobs = (
        units(a=("1", False, 1.0), b=("1", False, 5.0)),
        works(("a", "lan", 10, 0), ("b", "lan", 10, 0)),
    )
    plan = plan_rollout(table, jobs, years(10, 10), required={"a": 2018}, **EASY)
    assert plan.offices["service_year"].to_dict() == {"a": 2018, "b": 2019}


def test_why_not_names_cost_shortage_and_turn():
    plan = plan_rollout(
        units(a=("1", False, 9.0), b=("1", False, 2.0), c=("1", False, 1.0)),
        works(("a", "lan", 100, 0), ("b", "lan", 80, 0), ("c", "lan", 90, 0)),
        years(130, 60), **EASY,
    )  # fmt: skip
    b, c = plan.offices.loc["b"], plan.offices.loc["c"]
    # 30 are left of 2018, 60 of 2019; b lacks 20 there.
    assert (b["reason"], b["cost_vnd"], b["short_vnd"], b["short_days"]) == ("budget", 80, 20, 0)
    # Two more years of 60 each pay for neither, and nothing may be carried over.
    assert (b["would_enter"], c["would_enter"]) == (pd.NA, pd.NA)
    assert plan.offices.loc["a", "would_enter"] == 2018
    assert f"egov.reason_{b['reason']}" in catalogue()


def test_every_reason_has_words_and_no_words_are_of_a_reason_that_is_gone():
    words = {key.removeprefix("egov.reason_") for key in catalogue() if "egov.reason_" in key}
    assert words == set(ROLLOUT["reason"].choices)


def test_its_turn_comes_in_a_later_year_like_the_last():
    table = units(a=("1", False, 2.0), b=("1", False, 1.0))
    jobs = works(("a", "lan", 60, 0), ("b", "lan", 80, 0))
    held = plan_rollout(table, jobs, years(60), **EASY)
    assert held.offices["would_enter"].fillna(0).to_dict() == {"a": 2018, "b": 0}
    carried = plan_rollout(table, jobs, years(80), **EASY | {"carry_over": True})
    assert carried.offices["would_enter"].to_dict() == {"a": 2018, "b": 2019}


def test_a_unit_that_lacks_no_work_is_named_so_and_enters_in_no_year():
    plan = plan_rollout(units(a=("1", False, 1.0)), works(), years(0, 0), **EASY)
    told = plan.offices.loc["a", ["service_year", "cost_vnd", "reason", "would_enter"]]
    assert told.to_list() == [pd.NA, 0, "no_works", pd.NA]
    assert compare_scenarios({"base": plan})["offices_in_service"].to_list() == [0]
    assert plan.value == 2


def test_a_budget_of_nothing_brings_nobody_into_service():
    table = units(a=("1", False, 1.0), b=("1", False, 1.0), centre=("1", True, 1.0))
    plan = plan_rollout(table, works(("centre", "lan", 5, 1)), years(0, 0), **EASY)
    assert plan.offices["service_year"].isna().all()
    assert plan.offices["reason"].to_dict() == {
        "a": "centre_not_in_service", "b": "centre_not_in_service", "centre": "budget",
    }  # fmt: skip
    assert plan.offices["short_vnd"].to_list() == [5, 5, 5]


def test_crews_are_no_reason_where_crew_days_are_left_when_the_money_has_come():
    # Money left by 2018 is spent in 2019, and the crews of 2018 are used up: in 2019 there is
    # crew time for b but 30 too little money, whatever the money left at the end of 2018.
    plan = plan_rollout(
        units(a=("1", False, 3.0), c=("1", False, 3.0), b=("1", False, 1.0)),
        works(("a", "lan", 20, 10), ("c", "lan", 80, 10), ("b", "lan", 30, 10)),
        years(100, 0, 0, crew=10.0),
        **EASY | {"carry_over": True},
    )  # fmt: skip
    assert plan.left["budget_vnd"].iloc[0] > 0
    assert plan.left["crew_days"].to_list() == [0, 0, 10]
    assert plan.offices.loc["b", ["reason", "short_vnd", "short_days"]].to_list() == [
        "budget", 30, 0,
    ]  # fmt: skip


def test_what_is_short_is_named_one_either_or_both():
    def why(money, crew):
        plan = plan_rollout(
            units(a=("1", False, 1.0)), works(("a", "lan", 10, 10)),
            [Year(year=2018 + at, budget_vnd=float(some), crew_days=float(days))
             for at, (some, days) in enumerate(zip(money, crew, strict=True))], **EASY,
        )  # fmt: skip
        return tuple(plan.offices.loc["a", ["reason", "short_vnd", "short_days"]])

    assert why([7], [10]) == ("budget", 3, 0)
    assert why([10], [8]) == ("crew", 0, 2)
    assert why([7], [8]) == ("budget_and_crew", 3, 2)
    assert why([10, 6], [9, 10]) == ("budget_or_crew", 4, 1)


def test_what_fits_in_what_a_plan_leaves_is_taken_in_though_the_gap_would_allow_less():
    table = units(**{f"u{at}": ("1", False, 1.0) for at in range(6)})
    jobs = works(*((name, "lan", 10, 1) for name in table.index))
    plan = plan_rollout(table, jobs, years(60), **EASY | {"largest_gap": 0.9})
    assert plan.offices["service_year"].to_list() == [2018] * 6


def test_what_brings_no_value_is_not_paid_for_and_says_so():
    table = units(a=("1", False, 1.0), b=("2", False, 0.0))
    jobs = works(("a", "lan", 10, 0), ("b", "lan", 10, 0))
    plan = plan_rollout(table, jobs, years(100), **EASY)
    told = plan.offices.loc["b", ["service_year", "reason", "short_vnd"]]
    assert told.to_list() == [pd.NA, "no_value", 0]
    assert len(plan.works) == 1


def test_an_office_without_district_waits_for_no_centre():
    plan = plan_rollout(
        units(a=(None, False, 1.0), centre=("1", True, 1.0)),
        works(("a", "lan", 10, 0), ("centre", "lan", 100, 0)),
        years(10), **EASY,
    )  # fmt: skip
    assert plan.offices.loc["a", "service_year"] == 2018
    assert pd.isna(plan.offices.loc["centre", "service_year"])


def test_an_infeasible_budget_says_the_least_more_that_suffices():
    with pytest.raises(RolloutError, match=r"suffices is 100 dong; by year .* 2018: 50; 2019: 50"):
        plan_rollout(
            units(a=("1", False, 1.0), b=("1", False, 1.0)),
            works(("a", "lan", 150, 0), ("b", "lan", 150, 0)),
            years(100, 100), required={"a": 2019, "b": 2019}, **EASY,
        )  # fmt: skip


def test_what_is_required_in_the_first_year_asks_for_its_money_and_not_for_every_years():
    with pytest.raises(RolloutError, match=r"suffices is 814 dong; by year \(VND\) 2018: 814\."):
        plan_rollout(
            units(a=("1", False, 1.0), b=("1", False, 9.0)),
            works(("a", "lan", 814, 0), ("b", "lan", 500, 0)), years(0, 814, 814),
            required={"a": 2018}, **EASY,
        )  # fmt: skip


def test_the_least_more_that_suffices_keeps_the_order_of_works():
    # LAN for 3 in the first year and fibre for 5 in the second would need no more.
    with pytest.raises(RolloutError, match=r"suffices is 2 dong; by year \(VND\) 2018: 2\."):
        plan_rollout(
            units(a=("1", False, 1.0)), works(("a", "fibre", 5, 0), ("a", "lan", 3, 0)),
            years(3, 5), required={"a": 2019}, **EASY,
        )  # fmt: skip


def test_infeasible_crews_say_the_least_more_that_suffice():
    with pytest.raises(RolloutError, match=r"suffices is 10 crew days; by year 2018: 10\."):
        plan_rollout(
            units(a=("1", False, 1.0)), works(("a", "lan", 1, 20)), years(9, crew=10.0),
            required={"a": 2018}, **EASY,
        )  # fmt: skip


def test_a_limit_of_nothing_is_raised_like_any_other():
    with pytest.raises(RolloutError, match=r"suffices is 20 crew days; by year 2018: 20\."):
        plan_rollout(
            units(a=("1", False, 1.0)), works(("a", "lan", 10, 20)), years(np.inf, crew=0.0),
            required={"a": 2018}, **EASY,
        )  # fmt: skip


@pytest.mark.parametrize("carry", [False, True])
def test_each_year_says_what_it_must_have_more(carry):
    def plan(*allowed):
        horizon = [
            Year(year=year, budget_vnd=budget, crew_days=crew)
            for year, (budget, crew) in zip((2018, 2019), allowed, strict=True)
        ]
        return plan_rollout(
            units(a=("1", False, 1.0), b=("1", False, 1.0)),
            works(("a", "lan", 70, 5), ("b", "lan", 50, 5)), horizon,
            required={"a": 2018, "b": 2019}, **EASY | {"carry_over": carry},
        )  # fmt: skip

    for allowed, more in (
        (((40.0, 5.0), (0.0, 0.0)), "added: VND 2018: 30; 2019: 50; crew days 2019: 5."),
        (((70.0, 5.0), (0.0, 0.0)), "added: VND 2019: 50; crew days 2019: 5."),
        (((0.0, 0.0), (200.0, 20.0)), "added: VND 2018: 70; crew days 2018: 5."),
        (((70.0, 0.0), (50.0, 0.0)), "suffices is 10 crew days; by year 2018: 5; 2019: 5."),
    ):
        with pytest.raises(RolloutError) as told:
            plan(*allowed)
        assert told.value.render("en").endswith(more)
    assert plan((70.0, 5.0), (50.0, 5.0)).value == 3


def test_money_is_asked_for_rounded_up():
    with pytest.raises(RolloutError, match=r"suffices is 6 dong; by year \(VND\) 2018: 6\."):
        plan_rollout(
            units(a=("1", False, 1.0)), works(("a", "lan", 35.4, 0)), years(30, 20),
            required={"a": 2018}, **EASY,
        )  # fmt: skip


def test_what_has_no_value_is_in_service_too_once_its_works_are_done():
    table = units(a=("1", False, 0.0), b=("1", False, 0.0), c=("1", True, 1.0))
    plan = plan_rollout(
        table, works(("b", "lan", 10, 0), ("c", "lan", 10, 0)), years(0, 10), **EASY
    )
    assert plan.offices["service_year"].fillna(0).to_dict() == {"a": 2019, "b": 0, "c": 2019}
    assert plan.offices.loc["b", "reason"] == "budget"
    # Nobody gains by it, and no year is promised to it.
    assert plan.offices["would_enter"].fillna(0).to_dict() == {"a": 2019, "b": 0, "c": 2019}


def test_a_small_work_does_not_slip_through_a_limit_of_nothing():
    table = units(a=("1", False, 1.0), b=("1", False, 1.0))
    jobs = works(("a", "lan", 1, 0), ("b", "lan", 10**9, 0))
    plan = plan_rollout(table, jobs, years(0, 2 * 10**9), **EASY)
    assert plan.offices["service_year"].to_dict() == {"a": 2019, "b": 2019}
    assert plan_rollout(table, jobs, years(0, 0), **EASY).value == 0


def test_a_plan_that_had_to_spend_less_than_it_may_does_not_claim_to_be_the_best():
    table = units(a=("1", False, 1.0), b=("1", False, 2.0))
    jobs = works(("a", "lan", 1, 0), ("b", "lan", 10**9, 0))
    plan = plan_rollout(table, jobs, years(10**9), **EASY)  # one dong short of both
    assert plan.upper_bound >= 2


def test_no_office_makes_an_empty_plan():
    plan = plan_rollout(units(a=("1", False, 1.0)).iloc[:0], works(), years(10, 10), **EASY)
    assert (len(plan.offices), plan.value, plan.gap) == (0, 0, 0)
    assert plan.left["budget_vnd"].to_list() == [10, 10]


def test_a_turn_after_the_last_calendar_is_none():
    plan = plan_rollout(units(a=("1", False, 1.0)), works(("a", "lan", 10**9, 0)), years(1), **EASY)
    unserved = plan.offices.loc["a"]
    assert (unserved["reason"], unserved["short_vnd"]) == ("budget", 10**9 - 1)
    assert unserved["would_enter"] is pd.NA


def test_a_limit_missed_by_one_dong_is_missed():
    plan = plan_rollout(
        units(a=("1", False, 1.0)), works(("a", "lan", 3_000_000_001, 0)), years(3_000_000_000),
        **EASY,
    )  # fmt: skip
    assert plan.value == 0
    assert plan.offices.loc["a", "short_vnd"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"works": works(("x", "lan", 1, 1))}, "1 office is not in the list, for example x"),
        ({"works": works(("a", "lan", 0, 1))}, "cost_vnd of a / lan cannot be used: 0"),
        ({"works": works(("a", "lan", np.nan, 1))}, "cost_vnd of a / lan cannot be used: nan"),
        ({"works": works(("a", "lan", 1, -1))}, "crew_days of a / lan cannot be used: -1"),
        ({"works": works(("a", "lan", 1, 1), ("a", "lan", 1, 1))}, "is repeated"),
        ({"units": units(a=("1", False, np.nan))}, "value of a cannot be used: nan"),
        ({"years": []}, "at least one year"),
        ({"years": years(1, 1)[::-1]}, "in rising order"),
        ({"years": years(-1)}, "of 2018 must be numbers, zero or more"),
        ({"after": {"a": ["b"], "b": ["a"]}}, "in a circle: a, b"),
    ],
)
def test_figures_no_plan_can_be_made_of_are_refused(change, message):
    arguments = {
        "units": units(a=("1", False, 1.0)), "works": works(("a", "lan", 1, 1)), "years": years(5),
    } | EASY | change  # fmt: skip
    with pytest.raises(RolloutError, match=message):
        plan_rollout(**arguments)


@pytest.mark.parametrize(
    ("value", "upper_bound", "gap"), [(2.0, 3.0, 0.5), (4.0, 4.0, 0.0), (0.0, 3.0, 0.0)]
)
def test_the_gap_is_a_share_of_the_plan_s_own_value(value, upper_bound, gap):
    none = pd.DataFrame()
    plan = RolloutPlan(offices=none, works=none, value=value, upper_bound=upper_bound, left=none)
    assert plan.gap == gap


def test_scenarios_stand_side_by_side():
    table, jobs = (
        units(a=("1", False, 1.0), b=("1", False, 1.0)),
        works(("a", "lan", 10, 0), ("b", "lan", 10, 0)),
    )
    compared = compare_scenarios(
        {
            name: plan_rollout(table, jobs, years(b), **EASY)
            for name, b in (("low", 10), ("high", 20))
        }
    )
    assert set(compared.columns) < set(ROLLOUT_SCENARIOS.columns)
    assert compared["offices_in_service"].to_list() == [1, 2]
    assert compared["spent_vnd"].to_list() == [10, 20]


def test_works_are_what_is_missing_and_the_unknown_only_on_request():
    import geopandas as gpd

    wanted = prerequisites({"has_fibre": None, "has_lan": None})
    offices = gpd.GeoDataFrame(
        {"office_id": ["a", "b"], "level": "commune", "has_fibre": [True, None],
         "has_lan": [False, True]}, geometry=[Point(0, 0)] * 2,
    )  # fmt: skip
    jobs = [
        Work(name="fibre", prerequisite="has_fibre", cost_vnd=80.0, crew_days=5.0),
        Work(name="lan", prerequisite="has_lan", after=("fibre",), cost_vnd=30.0, crew_days=1.0),
    ]
    judged = readiness(offices, wanted)
    known = missing_works(judged, wanted, jobs, unknown_is_missing=False)
    assert known.to_numpy().tolist() == [["a", "lan", 30.0, 1.0]]
    every = missing_works(judged, wanted, jobs, unknown_is_missing=True)
    assert every[["office_id", "work"]].to_numpy().tolist() == [["b", "fibre"], ["a", "lan"]]


def test_weights_are_shares_and_must_not_be_negative():
    table = pd.DataFrame({"files": [3, None], "people": [1, 1]}, index=["a", "b"])
    assert weigh(table, {"files": 1, "people": 1}).to_list() == [1.5, 0.5]
    # What nobody has tells none from another.
    assert weigh(table.assign(posts=[0, None]), {"posts": 2, "people": 1}).to_list() == [0.5, 0.5]
    assert weigh(table, {"people": 0}).to_list() == [0, 0]
    with pytest.raises(RolloutError, match="figures of people"):
        weigh(table, {"people": -1})
    for bad in (-1.0, np.inf):
        with pytest.raises(RolloutError, match="figures of posts"):
            weigh(table.assign(posts=[bad, 5.0]), {"posts": 1})


NAMES = ("fibre", "lan", "software")


@st.composite
def problems(draw):
    count = draw(st.integers(1, 3))
    table = units(
        **{
            f"u{i}": (draw(st.sampled_from(["1", "2"])), draw(st.booleans()),
                      float(draw(st.integers(0, 5))))
            for i in range(count)
        }
    )  # fmt: skip
    jobs = [
        (name, work, float(draw(st.integers(1, 9))), float(draw(st.integers(0, 5))))
        for name in table.index
        for work in NAMES
        if draw(st.booleans())
    ][:5]
    horizon = years(*draw(st.lists(st.integers(0, 20), min_size=1, max_size=2)), crew=9.0)
    return table, works(*jobs), horizon, draw(st.booleans()), draw(st.sampled_from([0.0, 0.5]))


def brute(table, jobs, horizon, carry, bonus):
    """Try every year, or never, for every work; return the best value."""
    count = len(horizon)
    budget = np.array([y.budget_vnd for y in horizon])
    best = -1.0
    rows = list(jobs.itertuples(index=False))
    before = {"fibre": (), "lan": ("fibre",), "software": ("fibre", "lan")}
    for when in product(range(count + 1), repeat=len(rows)):
        at = {(r.office_id, r.work): w for r, w in zip(rows, when, strict=True)}
        if any(at.get((u, e), 0) > w for (u, work), w in at.items() for e in before[work]):
            continue
        spent = np.array([sum(r.cost_vnd for r, w in zip(rows, when, strict=True) if w == t)
                          for t in range(count)])  # fmt: skip
        crew = [sum(r.crew_days for r, w in zip(rows, when, strict=True) if w == t)
                for t in range(count)]  # fmt: skip
        over = (spent.cumsum() > budget.cumsum()) if carry else spent > budget
        if over.any() or max(crew) > 9:
            continue
        done = {u: max([w for (v, _), w in at.items() if v == u], default=0) for u in table.index}
        seat = {d: u for u, (d, c, _) in reversed(list(table.T.items())) if c}
        value = 0.0
        served = {
            u: max(done[u], done[seat[row.district_code]] if row.district_code in seat else 0)
            for u, row in table.iterrows()
        }
        for u, row in table.iterrows():
            value += row["value"] * (count - served[u])
        for _, members in table.groupby("district_code"):
            value += (
                bonus * members["value"].sum() * (count - max(served[u] for u in members.index))
            )
        best = max(best, value)
    return best


def ways(rows, money, days, carry):
    """Place works in every way; return the more money and the more crew days that each takes."""
    before = {"fibre": (), "lan": ("fibre",), "software": ("fibre", "lan")}
    jobs = list(rows.itertuples(index=False))
    count, found = len(money), []
    for when in product(range(count), repeat=len(jobs)):
        at = {(job.office_id, job.work): year for job, year in zip(jobs, when, strict=True)}
        if any(at.get((unit, e), 0) > year for (unit, work), year in at.items()
               for e in before[work]):  # fmt: skip
            continue
        spent, used = np.zeros(count), np.zeros(count)
        for job, year in zip(jobs, when, strict=True):
            spent[year] += job.cost_vnd
            used[year] += job.crew_days
        over = np.maximum((spent.cumsum() if carry else spent) - money, 0)
        found.append((over.max() if carry else over.sum(), np.maximum(used - days, 0).sum()))
    return found


def short(found):
    """Return what is short by all the ways there are, and the least of it."""
    money = min((vnd for vnd, days in found if days == 0), default=None)
    crew = min((days for vnd, days in found if vnd == 0), default=None)
    if money == 0:
        return "no_value", 0, 0
    if money is None and crew is None:
        return "budget_and_crew", *min(found)
    why = "crew" if money is None else "budget" if crew is None else "budget_or_crew"
    return why, money or 0, crew or 0


@given(problems())
@settings(max_examples=60)
def test_the_best_plan_and_its_reasons_are_those_of_all_plans_tried(problem):
    table, jobs, horizon, carry, bonus = problem
    plan = plan_rollout(
        table, jobs, horizon, after=AFTER, district_bonus=bonus, carry_over=carry, largest_gap=0
    )
    assert plan.value == pytest.approx(brute(*problem), abs=1e-6)
    assert plan.gap == pytest.approx(0, abs=1e-6)
    told = plan.offices[["reason", "short_vnd", "short_days"]]
    ready = plan.offices["service_year"].notna() | (told["reason"] == "no_works")
    lacking = set(jobs["office_id"])
    for name, row in table.iterrows():
        seats = table.index[(table["district_code"] == row["district_code"]) & table["centre"]]
        centre = seats[0] if len(seats) else name
        if name not in lacking and centre not in lacking:
            assert told.loc[name, "reason"] == "no_works"
        elif ready[name]:
            assert told.loc[name, "reason"] == "in_plan"
        else:
            wanted = [name] if ready[centre] else {name, centre}
            rows = jobs[jobs["office_id"].isin(wanted)]
            left = plan.left["budget_vnd"].to_numpy(), plan.left["crew_days"].to_numpy()
            why, *more = short(ways(rows, *left, carry))
            if why == "no_value":
                assert row["value"] == 0
            if centre != name and not ready[centre]:
                more[1] = 0 if why == "budget_or_crew" else more[1]
                why = "centre_not_in_service"
            assert told.loc[name].to_list() == [why, *more]


@given(problems())
@settings(max_examples=60)
def test_the_least_that_lets_what_is_required_in_is_the_least_of_all_ways(problem):
    table, jobs, horizon, carry, _ = problem
    budgets = np.array([year.budget_vnd for year in horizon])
    money = budgets.cumsum() if carry else budgets
    why, vnd, days = short(ways(jobs, money, np.full(len(horizon), 9.0), carry))
    plan = partial(
        plan_rollout, table, jobs, horizon, after=AFTER, district_bonus=0, carry_over=carry,
        largest_gap=0, required=dict.fromkeys(table.index, horizon[-1].year), explained=False,
    )  # fmt: skip
    if why == "no_value":  # nothing more is needed
        plan()
        return
    key = {"budget_or_crew": "budget", "budget_and_crew": "both"}.get(why, why)
    with pytest.raises(InfeasibleRolloutError) as told:
        plan()
    assert told.value.message == f"egov.{key}_too_small"
    if key != "both":
        assert told.value.values["total"] == (vnd if key == "budget" else days)


@given(
    st.integers(0, 10_000), st.booleans(), st.sampled_from([0.0, 0.3]), st.sampled_from([0, 0.05])
)
@settings(max_examples=30)
def test_no_plan_breaks_a_limit_an_order_or_a_centre(seed, carry, bonus, gap):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 16))
    table = pd.DataFrame(
        {"district_code": rng.choice(["1", "2", "3"], count),
         "centre": rng.random(count) < 0.15, "value": rng.random(count)},
        index=[f"u{i:02d}" for i in range(count)],
    )  # fmt: skip
    jobs = works(
        *(
            (name, work, float(rng.integers(1, 10**9)), float(rng.integers(0, 20)))
            for name in table.index
            for work in NAMES
            if rng.random() < 0.6
        )
    )
    horizon = years(*rng.integers(0, 3 * 10**9, 3).tolist(), crew=60.0)
    plan = plan_rollout(
        table,
        jobs,
        horizon,
        after=AFTER,
        district_bonus=bonus,
        carry_over=carry,
        largest_gap=gap,
        explained=False,
    )
    spent = (
        plan.works.groupby("year")[["cost_vnd", "crew_days"]]
        .sum()
        .reindex([y.year for y in horizon], fill_value=0.0)
    )
    allowed = pd.Series([y.budget_vnd for y in horizon], spent.index)
    money = spent["cost_vnd"]
    assert ((money.cumsum() <= allowed.cumsum()) if carry else money <= allowed).all()
    assert (spent["crew_days"] <= 60).all()
    assert (plan.left["budget_vnd"] >= 0).all()
    when = plan.works.set_index(["office_id", "work"])["year"].to_dict()
    for name, work, *_ in jobs.itertuples(index=False):
        year = when.get((name, work))
        served = plan.offices.loc[name, "service_year"]
        if pd.notna(served):
            assert year <= served
        if year is not None:
            lacking = {w for n, w, *_ in jobs.itertuples(index=False) if n == name}
            for earlier in NAMES[: NAMES.index(work)]:
                assert earlier not in lacking or when[name, earlier] <= year
    for _, members in table.groupby("district_code"):
        seats = members.index[members["centre"]]
        if len(seats) and seats[0] in set(jobs["office_id"]):
            of_centre = plan.offices.loc[seats[0], "service_year"]
            for served in plan.offices.loc[members.index, "service_year"].dropna():
                assert served >= of_centre
    assert plan.value <= plan.upper_bound
    assert plan.gap <= gap + 1e-6
