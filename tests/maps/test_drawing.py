"""How rows are drawn, small enough to check by eye."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from phusong.i18n import Bilingual
from phusong.maps import ServiceInfo
from phusong.maps.drawing import draw_rows
from phusong.maps.theme import ThemeLayer, layer_of

WORDS = {"vi": "v", "en": "e"}
SHARE = {
    "field": "covered_population_share",
    "no_data": "#c9c9c9",
    "below": {"breaks": [0.5, 0.8], "colours": ["#100000", "#200000", "#300000"]},
    "met": {"breaks": [1.0], "colours": ["#000010", "#000020"]},
    "plain": {"breaks": [0.5], "colours": ["#001000", "#002000"], "sizes_px": [1, 3]},
}
TECHNOLOGY = {
    "field": "technology",
    "other": "#555555",
    "items": [
        {"value": "2G", "colour": "#111111", "title": WORDS, "radius_px": 9, "dash": "2 2"},
        {"value": "4G", "colour": "#222222", "title": WORDS, "from_zoom": 11, "label_px": 15},
    ],
}


def layer(table="communes", **changes):
    given = {"id": "layer", "table": table, "title": {"vi": "Lớp", "en": "Layer"}, **changes}
    return ThemeLayer.model_validate(given)


def service(name="mobile", **changes):
    return ServiceInfo(id=name, title=Bilingual("", ""), definition=Bilingual("", ""), **changes)


def colours(drawing):
    return [None if at < 0 else drawing.looks[at].colour for at in drawing.index]


def limits(drawing):
    return [(look.at_least, look.below, look.met) for look in drawing.looks if not look.rest]


def shares(*values, **service_changes):
    table = pd.DataFrame({"covered_population_share_mobile": values})
    return draw_rows(layer(classes=SHARE), table, service(**service_changes))


def test_a_limit_belongs_to_the_class_above_it_and_what_is_missing_to_none():
    drawing = shares(0.49999, 0.5, 0.97999, 0.98, 1.0, np.nan, None, np.inf, target_share=0.98)
    assert colours(drawing) == [
        "#100000", "#200000", "#300000", "#000010", "#000020", "#c9c9c9", "#c9c9c9", "#c9c9c9",
    ]  # fmt: skip
    assert [look.met for look in drawing.looks] == [True, True, False, False, False, None]


def test_the_target_is_a_break_between_the_two_families_of_colours():
    assert limits(shares(target_share=0.98)) == [
        (1.0, None, True), (0.98, 1.0, True),
        (0.8, 0.98, False), (0.5, 0.8, False), (None, 0.5, False),
    ]  # fmt: skip


def test_breaks_beyond_an_unusual_target_fall_away():
    assert limits(shares(target_share=0.5)) == [
        (1.0, None, True), (0.5, 1.0, True), (None, 0.5, False),
    ]  # fmt: skip
    assert limits(shares(target_share=1.0))[:2] == [(1.0, None, True), (0.8, 1.0, False)]
    assert colours(shares(0.49, 0.5, target_share=0.5)) == ["#100000", "#000010"]


@pytest.mark.parametrize(
    "changes", [{"target_share": None}, {"target_share": 0.98, "target_denominator": "villages"}]
)
def test_no_class_is_met_or_missed_without_a_target_for_the_same_denominator(changes):
    drawing = shares(0.2, 0.5, **changes)
    assert limits(drawing) == [(0.5, None, None), (None, 0.5, None)]
    assert colours(drawing) == ["#001000", "#002000"]


def test_labels_are_written_as_each_language_does():
    told = [(look.words.vi, look.words.en) for look in shares(target_share=0.985).looks]
    assert told == [
        ("100 %", "100 %"),
        ("98,5 % đến dưới 100 %", "98.5 % to under 100 %"),
        ("80 % đến dưới 98,5 %", "80 % to under 98.5 %"),
        ("50 % đến dưới 80 %", "50 % to under 80 %"),
        ("dưới 50 %", "under 50 %"),
        ("Không có số liệu", "No data"),
    ]


def test_each_service_is_drawn_by_its_own_column_and_target():
    table = pd.DataFrame(
        {"covered_population_share_mobile": [0.9, 1.0], "covered_population_share_4g": [0.1, None]}
    )
    drawn = layer(classes=SHARE)
    mobile = draw_rows(drawn, table, service("mobile", target_share=0.8))
    other = draw_rows(drawn, table, service("4g"))
    assert (mobile.field, other.field) == (
        "covered_population_share_mobile", "covered_population_share_4g",
    )  # fmt: skip
    assert (colours(mobile), colours(other)) == (["#000010", "#000020"], ["#001000", "#c9c9c9"])
    assert colours(draw_rows(drawn, table, service("5g"))) == ["#c9c9c9", "#c9c9c9"]


@pytest.mark.parametrize(
    ("table", "as_points", "sized"),
    [("spans", False, "width_px"), ("stations", False, "radius_px"), ("gaps", True, "radius_px")],
)
def test_a_classs_size_is_a_lines_width_or_a_symbols_radius(table, as_points, sized):
    field = {"spans": "dark_population", "stations": "antenna_height_m", "gaps": "population"}[
        table
    ]
    classes = {"field": field, "no_data": "#c9c9c9", "plain": SHARE["plain"]}
    drawn = layer(table, classes=classes, as_points=as_points, width_px=7, radius_px=8)
    high, low, unknown = draw_rows(drawn, pd.DataFrame(), None).looks
    assert [getattr(look, sized) for look in (high, low)] == [3, 1]
    kept = {"width_px": 7, "radius_px": 8}
    assert {name: getattr(unknown, name) for name in kept} == kept
    del kept[sized]
    assert {name: getattr(high, name) for name in kept} == kept


def test_a_category_says_what_differs_and_other_values_share_one_look():
    table = pd.DataFrame({"technology": ["4G", "5G", None, "2G"]})
    drawing = draw_rows(layer("stations", categories=TECHNOLOGY, width_px=2), table, None)
    assert drawing.index.tolist() == [1, 2, 2, 0]
    first, second, other = drawing.looks
    assert (first.values, first.radius_px, first.dash, first.width_px) == (("2G",), 9, "2 2", 2)
    assert (second.radius_px, second.from_zoom, second.label_px) == (4, 11, 15)
    assert (other.colour, other.rest, other.values) == ("#555555", True, ())
    assert (other.words.vi, other.words.en) == ("Khác", "Other")
    named = layer("stations", categories={**TECHNOLOGY, "other_title": {"vi": "x", "en": "y"}})
    assert draw_rows(named, table, None).looks[-1].words.en == "y"


def test_a_value_listed_twice_looks_as_listed_first():
    items = [{"value": "2G", "colour": one, "title": WORDS} for one in ("#111111", "#222222")]
    drawn = layer("stations", categories={**TECHNOLOGY, "items": items})
    assert colours(draw_rows(drawn, pd.DataFrame({"technology": ["2G"]}), None)) == ["#111111"]


@pytest.mark.parametrize("kind", ["Int64", "float64", "object"])
def test_a_ramp_gives_the_values_there_are_rising_colours(kind):
    paint = {
        "field": "service_year", "ramp": ["#000000", "#ffffff"], "other": "#555555",
        "ramp_title": {"vi": "năm {value}", "en": "year {value}"},
    }  # fmt: skip
    years = pd.DataFrame({"service_year": pd.Series([2019, None, 2017, 2018, 2019], dtype=kind)})
    drawing = draw_rows(layer(categories=paint), years, None)
    assert drawing.index.tolist() == [2, 3, 0, 1, 2]
    assert [look.colour for look in drawing.looks] == ["#000000", "#808080", "#ffffff", "#555555"]
    assert drawing.looks[0].words.en == "year 2017"


def test_rows_that_a_layer_is_not_about_have_no_look():
    where = [{"field": "technology", "values": ["2G", "4G"]},
             {"field": "operator", "values": ["Viettel"]}]  # fmt: skip
    table = pd.DataFrame(
        {"technology": ["4G", "5G", "2G", None], "operator": ["Viettel", "Viettel", "x", "Viettel"]}
    )
    drawing = draw_rows(layer("stations", colour="#000000", where=where), table, None)
    assert drawing.index.tolist() == [0, -1, -1, -1]
    assert (drawing.looks[0].words.en, drawing.field) == ("Layer", "")
    assert drawing.where == (("technology", ("2G", "4G")), ("operator", ("Viettel",)))


def test_a_table_of_all_services_shows_the_rows_of_one():
    table = pd.DataFrame({"service": ["mobile", "4g"]})
    drawn = layer("gaps", colour="#000000")
    found = [draw_rows(drawn, table, one).index.tolist() for one in (service(), service("4g"))]
    assert found == [[0, -1], [-1, 0]]
    assert draw_rows(drawn, table, None).index.tolist() == [-1, -1]


def test_rows_without_a_shape_are_not_drawn():
    shapes = gpd.GeoSeries([Point(0, 0), None, Point()])
    table = pd.DataFrame({"technology": ["2G", "2G", "2G"]})
    drawing = draw_rows(layer("stations", colour="#000000"), table, None, shapes=shapes)
    assert drawing.index.tolist() == [0, -1, -1]


def test_a_layer_shows_what_is_known_of_every_service():
    layer = ThemeLayer.model_validate({
        "id": "coverage", "table": "communes", "title": {"vi": "Ước lượng", "en": "Estimate"},
        "classes": {"field": "share_median", "no_data": "#cccccc",
                    "plain": {"breaks": [0.5], "colours": ["#000000", "#ffffff"]}},
        "otherwise": {"field": "covered_population_share",
                      "title": {"vi": "Trên bản đồ", "en": "On the map"}},
    })  # fmt: skip
    on_map = {"covered_population_share_mobile": [0.9], "covered_population_share_4g": [0.2]}
    both_estimated = {"share_median_mobile": [0.95], "share_median_4g": [0.3]}
    one_estimated = both_estimated | {"share_median_4g": [np.nan]}
    for columns, shown in (
        (on_map, "On the map"),
        (on_map | one_estimated, "On the map"),
        (on_map | both_estimated, "Estimate"),
    ):
        assert layer_of(layer, pd.DataFrame(columns)).title.en == shown
    assert layer_of(layer, None).classes.field == "covered_population_share"
