"""Texts in two languages: numbers, dates, one and many."""

import ast
import datetime
import re
import string

import numpy as np
import pandas as pd
import pytest

from phusong.i18n import Bilingual, catalogue, fill, number, text, words

COUNTED = sorted(key for key, both in catalogue().items() if re.search(r"\{count\b", both["en"]))
ALIKE_FOR_ONE = {"maps.page_more", "report.more_notes", "radio.model_no_number"}


def test_a_bilingual_text_is_read_by_language():
    both = Bilingual("Xã", "Commune")
    assert (both["vi"], both["en"]) == (both.vi, both.en) == ("Xã", "Commune")
    with pytest.raises(KeyError):
        both["fr"]
    with pytest.raises(KeyError):  # iterating would otherwise never end
        list(both)


def test_words_are_the_text_of_both_languages():
    assert words("common.row", row=7) == Bilingual("dòng 7", "row 7")


@pytest.mark.parametrize("one", [1, np.int64(1), 1.0])
def test_one_is_told_in_the_singular(one):
    assert text("errors.input", "en", count=one).startswith("1")
    assert text("errors.input", "en", count=one).endswith("problem in the input:")
    assert text("errors.input", "en", count=0) == "0 problems in the input:"
    assert text("errors.input", "en", count=1200) == "1,200 problems in the input:"
    assert text("errors.input", "vi", count=1200) == "Có 1.200 lỗi trong dữ liệu đầu vào:"


@pytest.mark.parametrize("key", COUNTED)
def test_every_text_that_counts_has_a_form_for_one(key):
    chosen = [
        spec.split("|")
        for _, name, spec, _ in string.Formatter().parse(catalogue()[key]["en"])
        if name == "count" and "|" in spec
    ]
    assert bool(chosen) != (key in ALIKE_FOR_ONE)
    assert all(len(forms) == 2 and forms[0] != forms[1] for forms in chosen)


def test_vietnamese_has_one_form():
    chosen = [key for key, both in catalogue().items() if re.search(r"\{\w+:\w*\|", both["vi"])]
    assert chosen == []


def in_code(checkout):
    """Yield the texts that stand in code, in both languages."""
    for path in sorted((checkout / "coverage" / "phusong").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Bilingual":
                told = [one.value for one in node.args if isinstance(one, ast.Constant)]
                if len(told) == 2:
                    yield told


def test_a_figure_is_written_with_as_many_decimals_and_marks_in_both_languages(checkout):
    def formats(template):
        parts = string.Formatter().parse(template)
        return {(name, spec) for _, name, spec, _ in parts if spec and not {*"|%"} & {*spec}}

    told = [*in_code(checkout), *([one["vi"], one["en"]] for one in catalogue().values())]
    assert len(told) > 1500
    assert [pair for pair in told if formats(pair[0]) != formats(pair[1])] == []


@pytest.mark.parametrize(
    ("template", "value", "vi", "en"),
    [
        ("{x}", 2017, "2017", "2017"),  # a year, a row, a code
        ("{x:,}", 20170, "20.170", "20,170"),
        ("{x:,.1f}", 1234.56, "1.234,6", "1,234.6"),
        ("{x:g}", np.float32(0.5), "0,5", "0.5"),
        ("{x}", 2.5, "2,5", "2.5"),
        ("{x:g}", -98.5, "−98,5", "−98.5"),  # a minus, which is no hyphen
        ("{x}", "1.5", "1.5", "1.5"),  # a text stays as its file has it
        ("{x}", True, "True", "True"),
        ("{x}", datetime.date(2017, 12, 31), "31/12/2017", "2017-12-31"),
        ("{x}", pd.Timestamp("2017-12-31 08:30"), "31/12/2017", "2017-12-31"),
    ],
)
def test_placeholders_are_written_as_the_language_does(template, value, vi, en):
    assert (fill(template, "vi", {"x": value}), fill(template, "en", {"x": value})) == (vi, en)


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(-98.5, "−98,5", "−98.5"), (-0.04, "0,0", "0.0"), (1234.56, "1.234,6", "1,234.6")],
)
def test_a_number_below_zero_has_a_minus_and_zero_has_none(value, vi, en):
    assert (number(value, "vi", decimals=1), number(value, "en", decimals=1)) == (vi, en)


@pytest.mark.parametrize("room", ["pipeline", "fibre", "egov"])
def test_what_is_told_of_a_result_says_a_setting_in_words_and_quotes_its_name(room):
    told = {key: both for key, both in catalogue().items() if key.startswith(f"{room}.")}
    bare = {
        key for key, both in told.items() for words in both.values()
        if re.search(r"\[+[a-z]", re.sub("“[^”]*”", "", words))
    }  # fmt: skip
    assert told
    assert bare == set()


def test_values_are_data_and_never_filled_themselves():
    assert fill("{x}", "en", {"x": "{y:a|b}"}) == "{y:a|b}"
