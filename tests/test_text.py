"""What a text may hold, and how a foreign one is shown."""

import pytest

from phusong._text import LONGEST_TEXT, text_fault, tidy, visible
from phusong.errors import NetworkError, Problem
from phusong.i18n import LANGUAGES, text


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("Xín Mần", None),
        ("", None),
        ("tab\tand\r\nline ends", None),
        ("🐃", None),
        ("a\x00b", "unprintable"),
        ("\x08", "unprintable"),
        ("\x0b", "unprintable"),
        ("\x0c", "unprintable"),
        ("\x1b[31m", "unprintable"),
        ("\x7f", "unprintable"),
        ("\x9f", "unprintable"),
        ("\xa0", None),
        ("\ud800", "unprintable"),
        ("\ufdd0", "unprintable"),
        ("\uffff", "unprintable"),
        ("x" * LONGEST_TEXT, None),
        ("x" * (LONGEST_TEXT + 1), "too_long"),
        ("\x00" * (LONGEST_TEXT + 1), "unprintable"),
    ],
)
def test_a_text_is_taken_or_told_why_not(given, fault):
    assert text_fault(given) == fault


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Xín Mần", "Xín Mần"),
        ("a\tb", r"a\tb"),
        ("a\nb", r"a\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202egnốht", r"\u202egnốht"),
        ("\u2028", r"\u2028"),
        ("\u2066", r"\u2066"),
        ("\ud800", r"\ud800"),
        ("'\\", "'\\"),
    ],
)
def test_control_characters_and_marks_of_direction_are_seen_not_obeyed(given, shown):
    assert visible(given) == shown


def test_line_ends_stay_where_lines_are_meant():
    assert visible("a\nb\r\x1b", lines=True) == "a\nb\\r\\x1b"


def test_names_that_look_the_same_are_the_same():
    assert tidy("\ufeff Xi\u0301n\u00a0M\u200bần\u00ad\n") == "Xín Mần"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_value_of_a_message_is_obeyed_or_forges_a_line(lang):
    bad = "x\x1b[2J\n\u202e"
    place = Problem(
        message="inputs.missing_column", file=bad, sheet=bad, column=bad, key=bad, value=bad,
        values={"meaning": bad, "field": bad, "found": bad, "nearest": bad},
    )  # fmt: skip
    assert place.render(lang).isprintable()
    assert NetworkError("common.key", key=bad).render(lang).isprintable()
    assert text("common.key", lang, key="{vi}").split()[-1] == "{vi}"
