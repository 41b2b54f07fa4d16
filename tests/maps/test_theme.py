"""Themes: a good one is read, a wrong one is refused with file, key and remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import InputError
from phusong.maps import open_theme, theme_names
from phusong.maps.theme import TABLES

NO_SUCH_KEY = "No such key in a map theme. Mend its name or delete the line (see docs/maps.md)."
NO_COLOUR = (
    'Does not match the form ^#[0-9a-f]{6}$; colours are written "#1b5e8c", '
    "identifiers in lower case."
)
GOOD = """
title = { vi = "Trạm", en = "Stations" }
simplify_m = 50
close_cracks_m = 0
[[layers]]
id = "stations"
table = "stations"
title = { vi = "Trạm", en = "Stations" }
colour = "#0072b2"
"""


def read(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return open_theme(file)


def refusal(tmp_path, text):
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)
    return [problem.render("en") for problem in refused.value.problems]


def test_the_shipped_themes_are_sound(checkout):
    shipped = sorted(path.stem for path in (checkout / "maps").glob("*.toml"))
    assert [name for name in theme_names() if open_theme(name).layers] == shipped


def test_a_department_adds_a_map_by_adding_a_file(tmp_path):
    theme = read(tmp_path, GOOD)
    assert theme.title.vi == "Trạm"
    assert theme.layers[0].shape == "circle"


def test_a_theme_cannot_be_changed_after_reading(tmp_path):
    with pytest.raises(ValueError, match="frozen"):
        read(tmp_path, GOOD).simplify_m = 1.0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('table = "station"', ", line 5, key layers.1: There is no table station. "
         f"Tables that can be drawn: {', '.join(TABLES)}."),
        ('table = "stations"\nfilters = ["operater"]', ", line 5, key layers.1: "
         "The table stations has no field operater. Most alike: operator."),
        ('table = "stations"\nclasses = { field = "site_name", no_data = "#cccccc",'
         ' plain = { breaks = [], colours = ["#ffffff"] } }', ", line 5, key layers.1: "
         "A layer needs exactly one of colour, classes, categories."),
        ('table = "stations"\ncolr = "#000000"', f", line 8, key layers.1.colr: {NO_SUCH_KEY}"),
        ('table = "stations"\ninstead_of = ["coverage"]',
         ": There is no layer coverage. Layers of this map: stations."),
        ('table = "stations"\nas_points = true', ", line 5, key layers.1: "
         "as_points is for tables of polygons; stations is none."),
        ('table = "roads"\nlabels = { field = "name", size_px = 12, colour = "#000000" }',
         ", line 5, key layers.1: The table roads holds lines: labels are for points and areas."),
        ('table = "stations"\notherwise = { field = "cells", title = { vi = "a", en = "b" } }',
         ", line 5, key layers.1: otherwise is for a layer with classes."),
        ('table = "stations"\nshape = "star"', ", line 8, key layers.1.shape, value 'star': Not an "
         "admissible value; expected one of: 'circle', 'square', 'diamond' or 'triangle'."),
    ],
)  # fmt: skip
def test_a_wrong_layer_is_refused_with_key_and_remedy(tmp_path, wrong, told):
    (line,) = refusal(tmp_path, GOOD.replace('table = "stations"', wrong))
    assert line == f"mine.toml{told}"


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        ('plain = { breaks = [0.5, 0.5], colours = ["#000000", "#111111", "#222222"] }',
         "line 12, key layers.1.classes.plain: Class breaks must rise, none repeated."),
        ('plain = { breaks = [0.5], colours = ["#000000"] }', "line 12, key "
         "layers.1.classes.plain: Expected 2 colours (one more than breaks), found 1."),
        ('plain = { breaks = [], colours = ["red"] }', "line 12, key "
         f"layers.1.classes.plain.colours.1, value 'red': {NO_COLOUR}"),
        ('plain = { breaks = [], colours = ["#000000"], sizes_px = [1, 2] }', "line 12, key "
         "layers.1.classes.plain: Expected 1 value of sizes_px (one a colour), found 2."),
        ('plain = { breaks = [0.5], colours = ["#000000", "#111111"],'
         ' titles = [{ vi = "a", en = "a" }] }', "line 12, key layers.1.classes.plain: "
         "Expected 2 values of titles (one a colour), found 1."),
        ('plain = { breaks = [], colours = ["#000000"] }\n'
         'below = { breaks = [], colours = ["#000000"] }', "line 9, key layers.1.classes: "
         "below and met go together: colours under the target, and from the target up."),
    ],
)  # fmt: skip
def test_wrong_classes_are_refused(tmp_path, classes, told):
    layer = GOOD.replace('table = "stations"', 'table = "communes"').replace(
        'colour = "#0072b2"',
        f'[layers.classes]\nfield = "covered_population_share"\nno_data = "#cccccc"\n{classes}',
    )
    (line,) = refusal(tmp_path, layer)
    assert line == f"mine.toml, {told}"


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ('"Trạm"', ", value 'Trạm': Not an admissible value "
         "(Input should be a valid dictionary or instance of _Words)."),
        ('{ vi = "Trạm" }', ".en: This required key is missing. Add it (see docs/maps.md)."),
        ('{ vi = "Trạm", en = " " }', ".en: Empty text; fill it in."),
        ('{ vi = "Trạm", en = 1 }',
         ".en, value '1': Not an admissible value (Input should be a valid string)."),
        ('{ vi = "Trạm", en = "a", fr = "b" }', f".fr: {NO_SUCH_KEY}"),
    ],
)  # fmt: skip
def test_words_are_given_in_both_languages(tmp_path, title, told):
    (line,) = refusal(tmp_path, GOOD.replace('{ vi = "Trạm", en = "Stations" }', title, 1))
    assert line == f"mine.toml, line 2, key title{told}"


def test_every_fault_is_told_at_once(tmp_path):
    lines = refusal(tmp_path, GOOD.replace("simplify_m = 50", 'simplify = "x"'))
    assert len(lines) == 2
    assert "simplify_m: This required key is missing" in " ".join(lines)
    assert "key simplify: No such key" in " ".join(lines)


def test_a_fault_deep_in_a_layer_names_its_line(tmp_path):
    lines = GOOD.replace('colour = "#0072b2"', "").strip().splitlines()
    lines += ["[layers.categories]", 'field = "technology"', 'other = "#555555"', "items = ["]
    lines += ['    { value = "2G", colour = "#111111", title = { vi = "2G", en = "2G" } },']
    lines += ['    { value = "4G", colour = "blue", title = { vi = "4G", en = "4G" } },', "]"]
    wrong = 1 + next(n for n, line in enumerate(lines) if "blue" in line)
    (told,) = refusal(tmp_path, "\n".join(lines))
    place = f"mine.toml, line {wrong}, key layers.1.categories.items.2.colour"
    assert told == f"{place}, value 'blue': {NO_COLOUR}"


def test_categories_are_listed_or_along_a_ramp_never_both(tmp_path):
    categories = 'categories = { field = "technology", other = "#555555" }'
    (line,) = refusal(tmp_path, GOOD.replace('colour = "#0072b2"', categories))
    assert line == (
        "mine.toml, line 9, key layers.1.categories: Exactly one of items (value by value) "
        "and ramp (colours along the values) is needed."
    )


def test_a_theme_takes_from_its_base_what_it_leaves_out(tmp_path):
    theme = read(
        tmp_path,
        """
base = "overview"
title = { vi = "Trạm", en = "Stations" }
[[layers]]
id = "roads"
[[layers]]
id = "stations"
shown = true
colour = "#0072b2"
""",
    )
    base = open_theme("overview")
    roads, stations = theme.layers
    assert roads == next(layer for layer in base.layers if layer.id == "roads")
    assert (stations.table, stations.shown, stations.colour) == ("stations", True, "#0072b2")
    assert stations.categories is None  # its own paint replaces the base's
    assert theme.relief == base.relief
    assert set(theme.cards) == {"stations"}  # of the tables drawn


def test_an_unknown_base_names_the_known_ones(tmp_path):
    (line,) = refusal(tmp_path, 'base = "nen"\n' + GOOD)
    assert line == (
        "mine.toml, key base, value 'nen': There is no such map theme to build on. "
        f"Shipped themes: {', '.join(theme_names())}."
    )


def test_a_syntax_fault_names_its_line(tmp_path):
    (line,) = refusal(tmp_path, 'title = "x"\n\nlayers = = 1')
    assert line == (
        "mine.toml: TOML syntax: Invalid value (at line 3, column 10). "
        "Check quotes, brackets and equals signs on that line."
    )


def test_an_unknown_name_lists_the_shipped_themes():
    with pytest.raises(InputError, match=r"Shipped themes: .*overview"):
        open_theme("overveiw")


def test_names_repeated_and_cards_of_unknown_fields_are_refused(tmp_path):
    twice = GOOD + GOOD[GOOD.index("[[layers]]") :]
    (line,) = refusal(tmp_path, twice)
    assert line == "mine.toml: Repeated layer ids: stations. Give each layer its own."
    card = GOOD + '[cards.stations]\ntitle = ["nam"]\n'
    (line,) = refusal(tmp_path, card)
    assert line == "mine.toml: The table stations has no field nam. Most alike: none."


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused_but_never_crashes(tmp_path_factory, text):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"any\.toml"):
        open_theme(file)


def test_the_guides_example_is_a_theme(checkout, tmp_path):
    guide = (checkout / "docs" / "maps.md").read_text(encoding="utf-8")
    example = next(block for block in guide.split("```toml\n")[1:] if "lan" in block).split("```")[
        0
    ]
    assert [layer.id for layer in read(tmp_path, example).layers] == ["lan", "districts"]
