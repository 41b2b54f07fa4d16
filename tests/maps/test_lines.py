"""Lines of TOML keys: found for whatever the standard parser accepts."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from phusong.maps.lines import line_of

TEXT = """\
base = "overview"
# comment = "no key"
[relief]
tints = [
    "#ffffff",
]

[[layers]]
id = "a"
[layers.categories]
items = [
    { value = "2G" },
    { value = "4G" },
]
[[layers]]
id = "b"
[cards.stations]
rows = ["name"]
"""


def test_every_key_is_found_on_its_line():
    assert line_of(TEXT, ("base",)) == 1
    assert line_of(TEXT, ("relief", "tints", 0)) == 4
    assert line_of(TEXT, ("layers", 0, "id")) == 9
    assert line_of(TEXT, ("layers", 0, "categories", "items", 1, "value")) == 13
    assert line_of(TEXT, ("layers", 1, "id")) == 16
    assert line_of(TEXT, ("cards", "stations", "rows", 0)) == 18


def test_a_key_that_is_missing_is_told_where_it_belongs():
    assert line_of(TEXT, ("layers", 1, "title")) == 15
    assert line_of(TEXT, ("relief", "shades")) == 3
    assert line_of(TEXT, ("title",)) is None


@given(st.lists(st.sampled_from(["[a]", "[[b]]", "[b.c]", "k = 1", "{ }", '"x" = 2', ""])))
def test_any_accepted_text_gives_lines_within_it(lines):
    text = "\n".join(lines)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    for place in (("a", "k"), ("b", 0, "c", "k"), ("b", 1), ("x",)):
        line = line_of(text, place)
        assert line is None or 1 <= line <= len(lines)
