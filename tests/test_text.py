"""What a text may hold, and how a foreign one is shown."""

import pytest

from phusong._text import LONGEST_TEXT, text_fault, visible


@pytest.mark.parametrize(
    ("text", "fault"),
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
def test_a_text_is_taken_or_told_why_not(text, fault):
    assert text_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "shown"),
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
def test_control_characters_and_marks_of_direction_are_seen_not_obeyed(text, shown):
    assert visible(text) == shown


def test_line_ends_stay_where_lines_are_meant():
    assert visible("a\nb\r\x1b", lines=True) == "a\nb\\r\\x1b"
