"""How numbers, dates, yes and no, and texts may be written."""

import datetime
import unicodedata
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.i18n import Bilingual, fold
from phusong.inputs.source import Formula
from phusong.inputs.values import convert
from phusong.tables import CELLS, INPUT_TABLES, Field


def field(kind, **rules):
    return Field(name="f", kind=kind, title=Bilingual("", ""), **rules)


def values_of(cells, kind, *, decimal_mark=None, **rules):
    values, faults = convert(
        np.fromiter(cells, dtype=object), field(kind, **rules), heading="f",
        decimal_mark=decimal_mark,
    )  # fmt: skip
    assert not faults, faults
    return values


def faults_of(cells, kind, *, decimal_mark=None, **rules):
    """Return the message of each cell, None where it is sound."""
    cells = np.fromiter(cells, dtype=object)
    values, faults = convert(cells, field(kind, **rules), heading="f", decimal_mark=decimal_mark)
    told = [None] * len(cells)
    for fault in faults:
        for i in np.flatnonzero(fault.rows):
            assert told[i] is None, "one fault a cell"
            assert pd.isna(values.iloc[i])
            told[i] = fault.message
    return told


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12), ("-7", -7), ("+7", 7), (" 7.5 ", 7.5), ("7,5", 7.5), (".5", 0.5),
        ("7.927,55", 7927.55), ("7,927.55", 7927.55), ("1.234.567", 1234567), ("1 204", 1204),
        ("1\u00a0204 567,5", 1204567.5),
        ("1,234,567", 1234567), ("0.514", 0.514), ("0,514", 0.514), ("1.5140", 1.514),
        ("12345.678", 12345.678), ("1e3", 1000), ("1.5e-3", 0.0015), ("-1.514,0", -1514),
        (3, 3), (2.5, 2.5), (Decimal("1.514"), 1.514),
    ],
)  # fmt: skip
def test_number_that_can_be_only_one_is_read_in_any_file(written, number):
    assert values_of([written], "number").to_list() == [number]


def test_thousand_or_decimals_is_a_fault_where_nothing_decides():
    assert faults_of(["1.514", "1,514", "200"], "number") == ["ambiguous_number"] * 2 + [None]


def test_layout_of_the_file_decides_its_own_decimal_mark_only():
    assert values_of(["1.514"], "number", decimal_mark=".").to_list() == [1.514]
    assert values_of(["1,514"], "number", decimal_mark=",").to_list() == [1.514]
    assert faults_of(["1,514"], "number", decimal_mark=".") == ["ambiguous_number"]
    assert faults_of(["1.514"], "number", decimal_mark=",") == ["ambiguous_number"]


def test_other_numbers_of_the_column_decide():
    assert values_of(["1.514", "104.9911"], "number").to_list() == [1.514, 104.9911]
    assert values_of(["1.514", "7.927,55"], "number").to_list() == [1514, 7927.55]
    assert values_of(["1,514", "7,927.55"], "number").to_list() == [1514, 7927.55]


def test_contradicting_evidence_leaves_the_number_ambiguous():
    assert faults_of(["1.514", "7,5"], "number", decimal_mark=".") == ["ambiguous_number", None]
    assert faults_of(["1.514", "7,5", "7.5"], "number") == ["ambiguous_number", None, None]


@pytest.mark.parametrize(
    "written", ["abc", "12 m", "1.2.3", "1,2,3", "1.23.456", "٣", "0x10", "1_000", "--1", "1 51"]
)
def test_what_is_no_number_is_told(written):
    assert faults_of([written], "number") == ["not_number"]


@pytest.mark.parametrize(
    "written", ["nan", "NaN", "inf", "-Infinity", "1e999", float("inf"), float("nan"), 10**400]
)
def test_nan_and_infinity_are_refused(written):
    assert faults_of([written], "number") == ["not_finite"]


@pytest.mark.parametrize("cell", [True, datetime.date(2017, 1, 1), [1], {"a": 1}])
def test_other_types_are_no_numbers(cell):
    assert faults_of([cell], "number") == ["not_number"]


def test_whole_numbers_are_whole_and_exact():
    assert values_of(["3", "3.0", 3.0, None], "integer").to_list() == [3, 3, 3, pd.NA]
    assert values_of(["3"], "integer").dtype == "Int64"
    assert faults_of(["3.5", "9007199254740993"], "integer") == ["not_integer"] * 2


def test_every_whole_number_that_a_float_can_tell_from_its_neighbours_is_read():
    largest = 2**53 - 1
    assert values_of([str(largest), -largest, "107"], "integer").to_list() == [
        largest, -largest, 107,
    ]  # fmt: skip
    assert faults_of([str(largest + 1), -largest - 1], "integer") == ["not_integer"] * 2


def test_what_is_no_number_among_repeated_ones_is_no_empty_cell():
    assert faults_of([1.5] * 6 + [float("nan"), None], "number")[-2:] == ["not_finite", None]


@given(st.lists(st.floats(-1e15, 1e15), min_size=1))
def test_number_written_by_python_comes_back_exactly(numbers):
    assert values_of(map(repr, numbers), "number", decimal_mark=".").to_list() == numbers


@pytest.mark.parametrize(
    ("cell", "fault"), [("1e308", "too_big"), (-1e16, "too_small"), ("1e15", None), ("0", None)]
)
def test_numbers_beyond_all_reason_are_told_though_a_field_has_no_limits(cell, fault):
    assert faults_of([cell], "number") == [fault]


@given(st.integers(-(10**9), 10**9), st.integers(1, 4), st.sampled_from([",.", ".,"]))
def test_grouped_number_with_decimals_comes_back_in_either_style(units, decimals, marks):
    if abs(units) < 1000:
        units = 1000 * (abs(units) + 1)
    english = f"{units / 10**decimals + 0.0:,.{decimals}f}"
    if "," not in english:
        english = f"{units:,}.{'0' * decimals}"
    written = english.translate(str.maketrans(",.", marks))
    assert values_of([written], "number").to_list() == [float(english.replace(",", ""))]


def test_limits_are_included():
    rules = {"minimum": 30, "maximum": 6000}
    assert values_of(["30", "6000"], "number", **rules).to_list() == [30, 6000]
    assert faults_of(["29.99", "6000.5"], "number", **rules) == ["too_small", "too_big"]
    assert faults_of(["-1", None], "integer", minimum=0) == ["too_small", None]
    assert faults_of(["1", None], "integer", maximum=0) == ["too_big", None]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("có", True), ("CÓ", True), ("x", True), ("X", True), ("yes", True), ("1", True),
        (1, True), (1.0, True), (True, True), ("TRUE", True),
        ("co\N{COMBINING ACUTE ACCENT}", True),
        ("không", False), ("no", False), ("0", False), (0, False), (False, False), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_yes_and_no_in_both_languages(written, meant):
    values = values_of([written], "boolean")
    assert values.dtype == "boolean"
    assert values.to_list() == [pd.NA if meant is None else meant]


@pytest.mark.parametrize("written", ["maybe", "2", 2, 0.5, "cỗ", "đúng"])
def test_what_is_neither_yes_nor_no_is_told(written):
    assert faults_of([written], "boolean") == ["not_boolean"]


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)))
def test_dates_come_back_from_every_way_of_writing(day):
    written = [
        day.isoformat(), f"{day.day}/{day.month}/{day.year}", f"{day:%d/%m/%Y}",
        f"{day:%Y/%m/%d}", f"{day.isoformat()}T23:59:59.000+07:00", day,
        datetime.datetime(day.year, day.month, day.day, 23, 59),
    ]  # fmt: skip
    values = values_of(written, "date")
    assert values.dtype == "datetime64[us]"
    assert set(values) == {pd.Timestamp(day)}


@pytest.mark.parametrize(
    "written", ["31/02/2017", "2017-13-01", "12/31/2017", "2017", "1/1/17", "0217-01-01",
                "01/01/2101", 43100, datetime.time(1), True, "2017-01-01 soon"],
)  # fmt: skip
def test_what_is_no_date_is_told(written):
    assert faults_of([written], "date") == ["not_date"]


def test_text_is_trimmed_composed_and_empty_text_is_missing():
    values = values_of([unicodedata.normalize("NFD", " Đồng Văn "), "  ", None, 101, 2.0], "text")
    assert values.dtype == "str"
    assert values.fillna("missing").to_list() == ["Đồng Văn", "missing", "missing", "101", "2"]


@pytest.mark.parametrize(
    "written",
    ["31-12-2017", "31.12.2017", "2017.12.31", "2017/12/31", "31 / 12 / 2017", "31/12/2017 08:30",
     "ngày 31 tháng 12 năm 2017", "31 tháng 12 năm 2017"],
)  # fmt: skip
def test_dates_as_people_type_them(written):
    assert values_of([written], "date")[0] == datetime.datetime(2017, 12, 31)


@pytest.mark.parametrize(
    "moment",
    ["2017-12-31T17:00:00Z", "2017-12-31 17:00:00.000 UTC",
     "2017-12-31 17:00:00+00", "2017/12/31 17:00:00+00:00",
     "2018-01-01T00:00:00+07:00", "2018-01-01 00:00:00.000+0700", "2017-12-31T09:00-08:00",
     datetime.datetime(2017, 12, 31, 17, tzinfo=datetime.UTC)],
)  # fmt: skip
def test_a_moment_with_a_time_zone_is_the_day_in_vietnam(moment):
    assert values_of([moment], "date")[0] == datetime.datetime(2018, 1, 1)


@pytest.mark.parametrize(
    "moment", ["2017-12-31T17:00:00+99:00", "2017-13-31T17:00:00Z", "31/12/17", "2017-12-31T17 Z"]
)
def test_what_is_no_moment_is_no_date(moment):
    assert faults_of([moment], "date") == ["not_date"]


def test_technologies_go_by_their_names_too():
    names = ["GSM", "umts", "WCDMA", "LTE", "lte-a", "NR", "5G NR", "4g"]
    found, faults = convert(
        np.array(names, dtype=object), CELLS["technology"], heading="x", decimal_mark=None
    )
    assert found.to_list() == ["2G", "3G", "3G", "4G", "4G", "5G", "5G", "4G"]
    assert not faults


def test_date_or_truth_value_in_a_text_column_is_excels_doing():
    assert faults_of([datetime.datetime(2017, 5, 12), True, ["a"]], "text") == ["not_text"] * 3


@pytest.mark.parametrize("cell", ["a\0b", "\x1b[31m", "\ud800", "a\uffff"])
@pytest.mark.parametrize("kind", ["text", "number", "date", "boolean"])
def test_characters_that_no_workbook_can_hold_are_told(cell, kind):
    assert faults_of([cell], kind) == ["unprintable"]


def test_markup_in_a_name_is_text_like_any_other():
    assert values_of(["<script>alert(1)</script>"], "text").to_list() == [
        "<script>alert(1)</script>"
    ]


def test_code_without_its_zeros_is_told_from_a_wrong_code():
    found = faults_of(["715", 715, "00715", 24715, "0071a", "123456"], "text", pattern=r"\d{5}")
    assert found == ["lost_zeros", "lost_zeros", None, None, "not_digits", "not_digits"]


def test_other_patterns_must_match_whole():
    assert faults_of(["ab1", "ab", "xab1"], "text", pattern="ab[0-9]") == [
        None,
        "pattern",
        "pattern",
    ]


def test_choice_is_recognised_whatever_case_and_diacritics_and_kept_as_listed():
    choices = ("xã", "phường", "thị trấn")
    values = values_of(["XÃ", "Thi tran", "phường"], "text", choices=choices)
    assert values.to_list() == ["xã", "thị trấn", "phường"]
    assert faults_of(["quận"], "text", choices=choices) == ["not_a_choice"]


@pytest.mark.parametrize("table", INPUT_TABLES.values(), ids=lambda table: table.name)
def test_choices_of_a_field_stay_apart_without_diacritics(table):
    for chosen in table.fields:
        assert len({fold(choice) for choice in chosen.choices}) == len(chosen.choices)


def test_formula_without_result_and_formula_error_are_told():
    assert faults_of([Formula("=A1"), "#REF!", "#N/A"], "text") == [
        "uncalculated", "formula_error", "formula_error",
    ]  # fmt: skip


def test_missing_value_is_a_fault_only_where_required():
    assert faults_of([None, "", " "], "text", required=True) == ["missing"] * 3
    assert faults_of([None, "", " "], "text") == [None] * 3
    assert faults_of([None, None], "number", required=True) == ["missing"] * 2
    assert faults_of([None, None], "number") == [None] * 2


@pytest.mark.parametrize(
    ("kind", "filled"),
    [("text", "a"), ("integer", "3"), ("number", "0.5"), ("boolean", "x"), ("date", "2026-11-29")],
)
def test_column_without_rows_or_values_keeps_its_type(kind, filled):
    dtype = values_of([filled, None], kind).dtype
    assert values_of([], kind).dtype == dtype
    empty = values_of([None, None, None], kind)
    assert (empty.dtype, empty.isna().to_list()) == (dtype, [True] * 3)
    assert values_of([], "text", pattern=r"\d{5}", choices=("12345",)).dtype == "str"


@pytest.mark.parametrize(
    "written",
    ["Hµ Giang", "B¾c Mª", "Tr¹m V¨n Lang", "Haø Giang", "Ðồng Văn", "Hoaøng Su Phì", "Töông"],
)
def test_text_of_an_old_font_is_told_and_not_taken_for_a_name(written):
    assert faults_of([written], "text") == ["legacy_letters"]


@pytest.mark.parametrize(
    "written", ["Đồng Văn", "H'Mông", "Buôn Ñuôl", "Noël", "Trạm 25 m²", "VNPT®", "Quản Bạ"]
)
def test_names_in_vietnamese_or_another_language_stay(written):
    assert values_of([written], "text").to_list() == [written]


def test_spaces_and_marks_that_nobody_sees_do_not_matter():
    cells = ["\u00a0Viettel\u00a0", "Đồng\u00a0Văn", "\ufeffa\u200b", "\u00a0"]
    assert values_of(cells, "text").to_list()[:3] == ["Viettel", "Đồng Văn", "a"]
    assert values_of(["\u00a022,5\u202f"], "number").to_list() == [22.5]


def test_choice_may_be_told_in_vietnamese():
    rules = {"choices": ("active", "off"), "choices_vi": (("đang phát sóng", "hoạt động"),)}
    cells = ["Đang phát sóng", "HOAT DONG", "active", "off"]
    assert values_of(cells, "text", **rules).to_list() == ["active"] * 3 + ["off"]
    assert faults_of(["ngừng"], "text", **rules) == ["not_a_choice"]


@pytest.mark.parametrize("table", INPUT_TABLES.values(), ids=lambda table: table.name)
def test_no_word_stands_for_two_choices(table):
    for field in table.fields:
        if field.choices_vi:
            assert len(field.choices_vi) == len(field.choices)
            words = [
                fold(word) for group in (*field.choices_vi, *field.choices_other) for word in group
            ]
            assert len({*words, *map(fold, field.choices)}) == len(words) + len(field.choices)


@given(
    st.lists(
        st.sampled_from([None, "", " 7,5", "7.927,55", "1.514", "x", "²", "\x00"]), min_size=1
    ),
    st.sampled_from(["text", "number", "integer"]),
)
def test_a_text_that_stands_in_many_rows_is_read_as_in_one(cells, kind):
    asked = field(kind, required=True)

    def read(texts):
        values, faults = convert(
            np.array(texts, dtype=object), asked, heading="f", decimal_mark=None
        )
        told = [(fault.message, fault.rows.tolist()) for fault in faults]
        return values.astype(object).where(values.notna(), None).to_list(), told

    once, told = read(cells)
    values, of_all = read(cells * 3)
    assert values == once * 3
    assert of_all == [(message, rows * 3) for message, rows in told]
