"""Finished tables as plain values, the same in every format."""

import datetime
import math
import unicodedata

import numpy as np
import pandas as pd
import pytest

from phusong.export.plain import is_share, plain_rows, plain_text
from phusong.i18n import Bilingual
from phusong.tables import Field, Table


def table(*fields, key=("code",)):
    columns = (Field(name="code", kind="text", required=True, title=Bilingual("", "")), *fields)
    return Table(name="things", key=key, fields=columns, geometry=None, title=Bilingual("", ""))


def field(kind, **rules):
    return Field(name="f", kind=kind, title=Bilingual("", ""), **rules)


def rows_of(values, kind, **rules):
    codes = [f"{i:03d}" for i in range(len(values))]
    _, rows = plain_rows(pd.DataFrame({"code": codes, "f": values}), table(field(kind, **rules)))
    return [row["f"] for row in rows]


def test_numbers_have_six_decimals_and_zero_has_no_sign():
    # -5e-7 lies so near the middle of two sixth decimals that it is rounded by itself
    found = rows_of([1.23456789, -1e-9, -0.0, -5e-7, 1e300, np.nan], "number")
    assert found == [1.234568, 0.0, 0.0, 0.0, 1e300, None]
    assert [math.copysign(1, number) for number in found[1:4]] == [1.0, 1.0, 1.0]


def test_columns_are_rounded_as_single_numbers_are():
    rng = np.random.default_rng(98)
    halves = [*(np.rint(rng.normal(0, size, 300) * 2 + 1) / 2e6 for size in (10, 1e6, 1e12))]
    given = [*np.concatenate([*halves, rng.normal(0, 10.0 ** np.arange(-8, 16))]), 2.0**51 / 1e6]
    assert [*map(repr, rows_of(given, "number"))] == [repr(round(float(v), 6) + 0.0) for v in given]


@pytest.mark.parametrize(
    ("kind", "values", "plain"),
    [
        ("integer", pd.array([3, None], "Int64"), [3, None]),
        ("integer", [3.0, np.nan], [3, None]),
        ("boolean", pd.array([True, False, None], "boolean"), [True, False, None]),
        ("boolean", [1, 0], [True, False]),
        ("date", pd.to_datetime(["2004-01-01", None]), [datetime.date(2004, 1, 1), None]),
        ("text", [unicodedata.normalize("NFD", "Hà"), None, "a\0b"], ["Hà", None, "a\ufffdb"]),
        ("number", np.array([0.98], "float32"), [0.98]),
    ],
)
def test_each_kind_becomes_its_plain_type(kind, values, plain):
    found = rows_of(values, kind)
    assert found == plain
    assert [type(value) for value in found] == [type(value) for value in plain]


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("integer", [1.5], "column f is no integer: 1.5 has a fraction"),
        ("number", [np.inf], "column f is no number: inf is infinite"),
        ("number", ["x"], "column f is no number"),
        ("boolean", [2], "column f is no boolean: 2 is neither true nor false"),
        ("date", ["soon"], "column f is no date"),
    ],
)
def test_a_value_of_another_kind_is_the_program_s_fault(kind, values, message):
    with pytest.raises(ValueError, match=f"things: {message}"):
        rows_of(values, kind)


def test_rows_are_sorted_by_key_unless_their_order_is_meant():
    frame = pd.DataFrame({"code": ["b", "c", "a"]})
    positions, rows = plain_rows(frame, table())
    assert positions.tolist() == [2, 0, 1]
    assert [row["code"] for row in rows] == ["a", "b", "c"]
    positions, rows = plain_rows(frame, table(), by_key=False)
    assert positions.tolist() == [0, 1, 2]
    assert [row["code"] for row in rows] == ["b", "c", "a"]


def test_an_absent_column_is_empty_and_a_foreign_one_refused():
    frame = pd.DataFrame({"code": ["a"]})
    assert plain_rows(frame, table(field("number")))[1] == [{"code": "a", "f": None}]
    with pytest.raises(ValueError, match="does not define: \\['g'\\]"):
        plain_rows(frame.assign(g=1), table())
    with pytest.raises(ValueError, match="required column f is absent"):
        plain_rows(frame, table(field("number", required=True)))
    with pytest.raises(ValueError, match="required column f has empty values"):
        rows_of([None, "x"], "text", required=True)


def test_a_key_that_repeats_is_refused():
    with pytest.raises(ValueError, match=r"the key .* repeats"):
        plain_rows(pd.DataFrame({"code": ["a", "a"]}), table())


def test_only_numbers_from_0_to_1_are_shares():
    fields = (
        field("number", minimum=0, maximum=1), field("number", minimum=0), field("number"),
        field("number", minimum=0, maximum=100), field("integer", minimum=0, maximum=1),
    )  # fmt: skip
    assert [is_share(each) for each in fields] == [True, False, False, False, False]


def test_text_that_no_file_can_hold_is_marked():
    assert plain_text("\ud800 Bản\0") == "\ufffd Bản\ufffd"
    assert plain_text(12) == "12"
