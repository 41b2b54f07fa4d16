"""Faults say where, what and how, in both languages, and hide none of the others."""

import pickle

import pytest

from phusong import errors
from phusong.errors import (
    SHOWN_ALIKE,
    SHOWN_PROBLEMS,
    SHOWN_VALUE_LENGTH,
    CellRangeError,
    GridMismatchError,
    InputError,
    OutputError,
    PhusongError,
    Problem,
    quoted,
)


def problem(row, column="lat", **values):
    return Problem(message="inputs.missing", file="cells.csv", row=row, column=column, **values)


def lines(*problems, lang="en"):
    return InputError(problems).render(lang).split("\n")


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (SHOWN_VALUE_LENGTH - 2, "'" + "x" * (SHOWN_VALUE_LENGTH - 2) + "'"),
        (SHOWN_VALUE_LENGTH - 1, "'" + "x" * (SHOWN_VALUE_LENGTH - 2) + "…"),
        (10_000, "'" + "x" * (SHOWN_VALUE_LENGTH - 2) + "…"),
    ],
)
def test_a_foreign_value_is_shown_in_quotes_and_never_longer_than_a_line(length, shown):
    assert quoted("x" * length) == shown
    assert len(shown) == SHOWN_VALUE_LENGTH


def test_a_foreign_value_stays_on_its_line():
    assert quoted("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert quoted(None) == "'None'"


def test_the_place_is_told_from_the_file_inwards():
    found = Problem(
        message="inputs.missing", file="a.xlsx", sheet="Xã", row=7, column="lat", value=" "
    )
    assert found.where("en") == "a.xlsx, sheet Xã, row 7, column lat, value ' '"
    assert found.where("vi") == "a.xlsx, trang tính Xã, dòng 7, cột lat, giá trị ' '"
    assert Problem(message="inputs.missing", file="a\x1bb").where("en") == r"a\x1bb"
    toml = Problem(message="study.missing_key", file="study.toml", line=3, key="radio.model")
    assert toml.where("en") == "study.toml, line 3, key radio.model"


def test_every_language_says_the_same_place_and_its_own_words():
    vi, en = str(problem(7)).split("\n")
    assert vi == problem(7).render("vi")
    assert en == problem(7).render("en")
    assert en.startswith("cells.csv, row 7, column lat: ")


def test_a_problem_is_shown_in_a_notebook_as_text():
    shown = Problem(message="inputs.missing", file="<b>.csv")._repr_html_()
    assert shown.startswith("&lt;b&gt;.csv: ")
    assert shown.count("<br>") == 1


def test_of_many_alike_five_are_told_and_the_rest_counted():
    exactly = lines(*(problem(row) for row in range(SHOWN_ALIKE)))
    assert len(exactly) == 1 + SHOWN_ALIKE
    assert not exactly[-1].endswith(")")
    more = lines(*(problem(row) for row in range(SHOWN_ALIKE + 3)), problem(9, column="lon"))
    assert len(more) == 1 + SHOWN_ALIKE + 1
    assert more[1:SHOWN_ALIKE] == exactly[1:-1]
    assert more[SHOWN_ALIKE] == f"{exactly[-1]} (3 more rows with this fault)"
    assert more[-1].startswith("- cells.csv, row 9, column lon: ")


def test_of_many_that_differ_fifty_are_told_and_the_rest_counted():
    exactly = lines(*(problem(1, column=f"c{i}") for i in range(SHOWN_PROBLEMS)))
    assert len(exactly) == 1 + SHOWN_PROBLEMS
    more = lines(*(problem(1, column=f"c{i}") for i in range(SHOWN_PROBLEMS + 4)))
    assert more[:-1] == [more[0], *exactly[1:]]
    assert "4" in more[-1]
    assert str(SHOWN_PROBLEMS + 4) in more[0]


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name.endswith("Error")])
def test_every_fault_is_a_planned_one_and_the_built_in_it_refines(name):
    kind = getattr(errors, name)
    assert issubclass(kind, PhusongError)
    built_ins = {"OutputError": OSError, "FetchError": OSError, "ClusterError": RuntimeError}
    built_in = built_ins.get(name, ValueError)
    assert issubclass(kind, built_in) is (name != "PhusongError")


def test_a_grid_mismatch_names_both_grids():
    fault = GridMismatchError("clutter", "1 × 2", "3 × 4")
    assert fault.render("en") == (
        "clutter lies on 1 × 2, expected 3 × 4; bring it onto the grid first."
    )
    assert str(fault) == f"{fault.render('vi')}\n{fault.render('en')}"
    assert fault._render_traceback_() == [f"GridMismatchError: {fault}"]


@pytest.mark.parametrize(
    "fault",
    [
        GridMismatchError("clutter", "1 × 2", "3 × 4"),
        InputError([problem(7)]),
        OutputError("cache.absent", folder="a"),
        CellRangeError([problem(7), problem(8)]),
    ],
)
def test_a_fault_travels_between_processes(fault):
    there = pickle.loads(pickle.dumps(fault))
    assert type(there) is type(fault)
    assert str(there) == str(fault)


def test_a_problem_travels_between_processes():
    assert pickle.loads(pickle.dumps(problem(7))) == problem(7)
