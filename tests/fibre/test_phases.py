"""Cable year by year: never worse than brute force, and reasons that are true."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.errors import NetworkError
from phusong.fibre import plan_phases
from phusong.fibre.phases import PhasePlan, _Programme


def lacks_of(sets):
    """Return what is lacking where each gain needs one piece of each of its sets."""
    return lambda built: [
        (gain, its)
        for gain, needed in enumerate(sets)
        for its in needed
        if not built[list(its)].any()
    ]


def planned(cost, worth, budget, sets, after=(), *, carry_over=False):
    return plan_phases(
        pd.Series(cost, dtype=float),
        pd.Series(worth, dtype=float),
        pd.Series(budget, range(2026, 2026 + len(budget)), dtype=float),
        lacks=lacks_of(sets),
        after=after,
        carry_over=carry_over,
        largest_gap=0,
    )


def brute_force(cost, worth, budget, sets, after, carry_over, kept=None):
    """Return the best value of all choices of a year, or never, for each piece, and who can be in.

    With `kept` (a year of each piece, or never) these stay; then the sum that each gain is short.
    """
    years, lacks = len(budget), lacks_of(sets)
    best, least = 0.0, np.full(len(worth), np.inf)
    choices = [range(years + 1) if kept is None or kept[p] == years else [kept[p]]
               for p in range(len(cost))]  # fmt: skip
    for when in product(*choices):
        if any(when[late] < when[early] for late, early in after):
            continue
        spent = np.bincount(when, cost, minlength=years + 1)[:years]
        over = np.cumsum(spent - budget).max() if carry_over else (spent - budget).clip(0).sum()
        had = np.ones((len(worth), years), bool)
        for year in range(years):
            for gain, _ in lacks(np.array(when) <= year):
                had[gain, year] = False
        if over <= 1e-9:
            best = max(best, float((had * np.array(worth)[:, None]).sum()))
        least = np.where(had[:, -1], np.minimum(least, max(over, 0)), least)
    return best, least


@st.composite
def cases(draw):
    pieces = draw(st.integers(1, 5))
    years = draw(st.integers(1, 3))
    cost = draw(st.lists(st.integers(1, 9), min_size=pieces, max_size=pieces))
    gains = draw(st.integers(1, 4))
    worth = draw(st.lists(st.integers(1, 9), min_size=gains, max_size=gains))
    budget = draw(st.lists(st.integers(0, 12), min_size=years, max_size=years))
    some = st.frozensets(st.integers(0, pieces - 1), min_size=1, max_size=3)
    sets = draw(st.lists(st.lists(some, min_size=1, max_size=3), min_size=gains, max_size=gains))
    hangs = draw(st.lists(st.integers(-1, pieces - 1), min_size=pieces, max_size=pieces))
    after = [(late, early) for late, early in enumerate(hangs) if 0 <= early < late]
    return cost, worth, budget, sets, after, draw(st.booleans())


@settings(max_examples=150)
@given(cases())
def test_no_choice_of_years_gains_more_and_what_waits_is_short_of_what_is_said(case):
    cost, worth, budget, sets, after, carry_over = case
    plan = planned(cost, worth, budget, sets, after, carry_over=carry_over)
    best, _ = brute_force(cost, worth, budget, sets, after, carry_over)
    assert plan.value == pytest.approx(best)
    assert plan.gap == pytest.approx(0)
    built = plan.build_year.fillna(2026 + len(budget)).astype(int) - 2026
    for late, early in after:
        assert built[late] == len(budget) or built[early] <= built[late]
    if carry_over:
        assert (plan.left_vnd >= -1e-9).all()
    else:
        assert (plan.spent_vnd <= np.array(budget) + 1e-9).all()
    # Nothing is bought in vain: a piece that nothing hangs on is needed by some gain.
    had = plan.gains["gain_year"]
    _, least = brute_force(cost, worth, budget, sets, after, carry_over, kept=built.to_list())
    for gain, (year, reason, short) in enumerate(plan.gains.itertuples(index=False)):
        assert (reason == "budget") == pd.isna(year)
        assert short == pytest.approx(0 if had.notna()[gain] else least[gain])
        assert (short > 0) == pd.isna(year)


def test_a_branch_waits_for_its_trunk_and_the_most_people_go_first():
    # Trunk to A (60 people), from there to B (500); a second trunk to C (100).
    sets = [[{0}], [{0}, {1}], [{2}]]
    plan = planned([4, 3, 5], [60, 500, 100], [4, 4, 4], sets, [(1, 0)])
    assert plan.build_year.isna().to_list() == [False, False, True]
    assert plan.build_year.to_list()[:2] == [2026, 2027]
    # C's trunk costs more than any one year has, though 4 are left in the third.
    assert plan.gains["short_vnd"].to_list() == [0, 0, 1]
    assert plan.gains["reason"].to_list() == ["in_plan", "in_plan", "budget"]
    saved = planned([4, 3, 5], [60, 500, 100], [4, 4, 4], sets, [(1, 0)], carry_over=True)
    assert saved.build_year.to_list() == [2026, 2027, 2028]
    assert saved.left_vnd.to_list() == [0, 1, 0]


def test_any_of_two_links_will_do_and_the_dearer_is_not_bought():
    plan = planned([7, 5], [10], [20], [[{0, 1}]])
    assert plan.build_year.isna().to_list() == [True, False]
    assert plan.spent_vnd.to_list() == [5]


def test_what_nobody_gains_by_is_never_built():
    plan = planned([1, 1], [10], [9], [[{0}]])
    assert plan.build_year.isna().to_list() == [False, True]


def test_without_money_everything_waits_for_all_that_it_costs():
    plan = planned([4, 3], [10, 20], [0, 0], [[{0}], [{0}, {1}]], [(1, 0)])
    assert plan.build_year.isna().all()
    assert plan.gains["short_vnd"].to_list() == [4, 7]


@pytest.mark.parametrize("carry_over", [False, True])
def test_a_year_without_money_buys_not_even_what_costs_next_to_nothing(carry_over):
    # The first piece costs less than a ten-millionth of all, as where cables cross.
    sets = [[{0}], [{1}], [{2}], [{3}]]
    cost = [100, 3e8, 3e8, 4e8 - 100]
    plan = planned(cost, [10, 500, 4, 5], [0, 7e8, 3e8], sets, carry_over=carry_over)
    assert plan.build_year.to_list() == [2027, 2027, 2028, 2027]
    assert plan.value == 2 * (10 + 500 + 5) + 4
    assert plan.gap == pytest.approx(0)


def test_a_cheap_piece_that_fits_in_a_later_year_waits_for_no_money():
    programme = _Programme(
        np.array([100, 1e9 - 100]), np.array([1.0, 10]), np.array([0, 1e9]),
        lacks_of([[{0}], [{1}]]), [], False,
    )  # fmt: skip
    built, short = programme.filled(np.array([[False, False], [False, True]]))
    assert built[0].tolist() == [False, True]
    assert short.tolist() == [0, 0]


def test_what_a_gain_lacks_beyond_a_piece_just_taken_in_is_asked_anew():
    def lacks(built):  # the second gain tells the second piece only once the first is built
        if not built[0]:
            return [(0, [0]), (1, [0])]
        return [] if built[1] else [(1, [1])]

    programme = _Programme(
        np.array([5.0, 3]), np.array([10.0, 4]), np.array([5.0]), lacks, [], False
    )
    built, short = programme.filled(np.zeros((2, 1), bool))
    assert built.tolist() == [[True], [False]]
    assert short.tolist() == [0, 3]


@pytest.mark.parametrize(
    ("value", "upper_bound", "gap"), [(2.0, 3.0, 0.5), (4.0, 4.0, 0.0), (0.0, 3.0, 0.0)]
)
def test_the_gap_is_a_share_of_the_plan_s_own_value(value, upper_bound, gap):
    none, row = pd.DataFrame(), pd.Series(dtype=float)
    plan = PhasePlan(
        build_year=row,
        gains=none,
        spent_vnd=row,
        left_vnd=row,
        value=value,
        upper_bound=upper_bound,
    )
    assert plan.gap == gap


@pytest.mark.parametrize(
    ("cost", "worth", "budget"),
    [([0], [1], [1]), ([1], [0], [1]), ([1], [1], [-1]), ([1], [1], [])],
)
def test_figures_of_which_no_plan_can_be_made_are_refused(cost, worth, budget):
    with pytest.raises(NetworkError):
        planned(cost, worth, budget, [[{0}]])
