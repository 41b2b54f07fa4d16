"""What was not reported is neither yes nor no, and a unit is counted once."""

import pandas as pd

from phusong.service import Reported, count_reported


def told(*rows, among=None):
    """Count rows of (unit, what it reported)."""
    return count_reported(
        pd.Series([holds for _, holds in rows], dtype="boolean"),
        pd.Series([unit for unit, _ in rows], dtype="str"),
        among=among,
    )


def test_the_range_runs_from_all_unreported_no_to_all_yes():
    found = told(("a", True), ("b", False), ("c", None))
    assert found == Reported(yes=1, reported=2, total=3)
    assert found.most == 2


def test_a_unit_without_a_row_stays_in_the_total():
    assert told(("a", True), among=["a", "b"]) == Reported(yes=1, reported=1, total=2)


def test_the_first_row_of_a_unit_speaks_and_it_is_counted_once():
    assert told(("a", False), ("a", True)) == Reported(yes=0, reported=1, total=1)
    assert told(("a", None), ("a", True)) == Reported(yes=0, reported=0, total=1)


def test_rows_of_no_unit_and_of_strangers_are_not_counted():
    rows = (("a", True), (None, True), ("x", True))
    assert told(*rows, among=["a"]) == Reported(yes=1, reported=1, total=1)
    assert told(*rows).total == 2


def test_nobody_at_all_is_nothing_of_nothing():
    assert told() == Reported(yes=0, reported=0, total=0)
