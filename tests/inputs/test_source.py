"""Faults of rows, told once; limits of files at the limit."""

from pathlib import Path

import numpy as np
import pytest

from phusong.errors import InputError
from phusong.inputs.source import (
    LARGEST_BYTES,
    LARGEST_COLUMNS,
    LARGEST_ROWS,
    Faults,
    Source,
    as_cells,
    as_columns,
    check_counts,
    check_size,
    in_short,
)

SOURCE = Source(path=Path("study/Cells.CSV"), shown="Cells.CSV", sheet="Trạm")


def told(check, *values):
    """Return the message of a refusal, None if there is none."""
    try:
        check(SOURCE, *values)
    except InputError as refusal:
        (problem,) = refusal.problems
        assert (problem.file, problem.sheet) == ("Cells.CSV", "Trạm")
        return problem.message, problem.values
    return None


def test_a_row_that_is_faulty_already_gets_no_second_fault():
    faults = Faults(4)
    faults.add(np.array([True, True, False, False]), "missing", "lat", expected="x")
    faults.add(np.array([False, True, True, False]), "outside")
    faults.add(np.array([True, True, True, False]), "moot")
    assert [(fault.message, fault.rows.tolist()) for fault in faults.found] == [
        ("missing", [True, True, False, False]),
        ("outside", [False, False, True, False]),
    ]
    assert faults.ok.tolist() == [False, False, False, True]
    assert (faults.found[0].column, faults.found[0].values) == ("lat", {"expected": "x"})


def test_files_may_be_as_large_as_the_limit_and_not_a_byte_more():
    assert told(check_size, LARGEST_BYTES) is None
    limit = {"megabytes": 200, "limit": 200}
    assert told(check_size, LARGEST_BYTES + 1) == ("inputs.too_large", limit)


def test_tables_may_have_as_many_rows_and_columns_as_the_limit_and_not_one_more():
    assert told(check_counts, LARGEST_ROWS, LARGEST_COLUMNS) is None
    assert told(check_counts, LARGEST_ROWS + 1, 1) == (
        "inputs.too_many_rows", {"limit": LARGEST_ROWS},
    )  # fmt: skip
    assert told(check_counts, 1, LARGEST_COLUMNS + 1) == (
        "inputs.too_many_columns", {"limit": LARGEST_COLUMNS},
    )  # fmt: skip


def test_cells_may_be_lists():
    assert as_cells([[1, 2], {"a": 1}], 2).tolist() == [[1, 2], {"a": 1}]


def test_records_become_columns():
    first, second = as_columns([["a", 1], ["b", None]], 2)
    assert (first.tolist(), second.tolist()) == (["a", "b"], [1, None])
    assert [column.shape for column in as_columns([], 3)] == [(0,)] * 3


def test_the_end_of_a_name_is_lower_case():
    assert SOURCE.suffix == ".csv"


@pytest.mark.parametrize(
    ("fault", "short"),
    [
        (ValueError("two\nlines  of it"), "ValueError: two lines of it"),
        (KeyError("x" * 500), f"KeyError: '{'x' * 189}"),
    ],
)
def test_a_library_s_fault_is_told_on_one_short_line(fault, short):
    assert in_short(fault) == short
    assert len(short) <= 200
