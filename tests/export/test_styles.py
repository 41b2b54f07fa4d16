import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from phusong.export import Condition, Rule, Style, Symbol, signal_classes
from phusong.export.qml import RasterClass, palette_qml, raster_qml, vector_qml
from phusong.export.styles import plain_style
from phusong.i18n import Bilingual
from phusong.tables import GAPS

ROW = {"share": 0.98, "name": "Mèo Vạc", "lan": None}


def rule(*conditions, colour="#000000"):
    return Rule(
        title=Bilingual(colour, colour), symbol=Symbol(colour=colour), conditions=conditions
    )


def renderer(style, geometry="Polygon"):
    return ET.fromstring(vector_qml(style, geometry)).find("renderer-v2")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(field="share", at_least=0.98), True),
        (Condition(field="share", below=0.98), False),
        (Condition(field="share", at_least=0.5, below=0.99), True),
        (Condition(field="name", values=("Mèo Vạc", "Xín Mần")), True),
        (Condition(field="name", values=("Xín Mần",)), False),
        (Condition(field="lan", values=(True,)), False),
        (Condition(field="lan"), False),
        (Condition(field="share"), True),
    ],
)
def test_a_condition_holds_or_not(condition, holds):
    assert condition.holds(ROW) is holds


def test_rows_go_to_their_rule_to_the_others_or_to_the_rest():
    about = Condition(field="name", values=("Mèo Vạc",))
    style = Style(
        title=Bilingual("", ""), where=(about,), other=rule(colour="#111111"),
        rest=rule(colour="#222222"),
        rules=(rule(Condition(field="share", at_least=0.98)),),
    )  # fmt: skip
    colours = [
        style.rule_of(ROW | change).symbol.colour for change in ({}, {"share": 0.5}, {"name": "x"})
    ]
    assert colours == ["#000000", "#111111", "#222222"]
    rules = renderer(style).find("rules")
    assert [one.get("filter") for one in rules] == ["\"name\" IN ('Mèo Vạc')", "ELSE"]
    assert [one.get("filter") for one in rules[0]] == ['"share" >= 0.98', "ELSE"]


def test_words_of_a_legend_are_no_expression_of_qgis():
    bad = "[% env('HOME') %] [%1%]"
    style = Style(
        title=Bilingual(bad, bad), where=(Condition(field="a", values=(1,)),),
        rules=(Rule(title=Bilingual(bad, bad), symbol=Symbol()),),
    )  # fmt: skip
    written = [
        vector_qml(style, "Polygon"),
        palette_qml([(1, "#000000", bad)]),
        raster_qml([RasterClass(below=end, colour="#000000", label=bad) for end in (0, 1, 2)]),
    ]
    for qml in written:
        labels = [node.get("label") for node in ET.fromstring(qml).iter() if node.get("label")]
        assert set(labels) == {"[ % env('HOME') %] [ %1%]"}


def test_values_and_names_are_quoted_as_qgis_wants():
    conditions = (
        Condition(field='a"b', values=("it's", "back\\slash")),
        Condition(field="flag", values=(True, False, 3)),
    )
    (written,) = renderer(Style(title=Bilingual("", ""), rules=(rule(*conditions),))).find("rules")
    assert written.get("filter") == (
        "\"a\"\"b\" IN ('it''s', 'back\\\\slash') AND \"flag\" IN (true, false, 3)"
    )


def test_every_rule_finds_its_symbol():
    style = Style(title=Bilingual("", ""), rules=(rule(), rule(colour="#123456")), other=rule())
    drawn = renderer(style)
    assert [one.get("symbol") for one in drawn.find("rules")] == ["0", "1", "2"]
    assert [one.get("name") for one in drawn.find("symbols")] == ["0", "1", "2"]
    colours = drawn.findall("symbols/symbol/layer/Option/Option[@name='color']")
    assert colours[1].get("value") == "18,52,86,255"


@pytest.mark.parametrize(
    ("geometry", "kind", "expected"),
    [
        ("Polygon", "fill", {"color": "138,143,152,102", "outline_width": "1"}),
        ("LineString", "line", {"line_width": "1", "use_custom_dash": "1", "customdash": "8;4"}),
        ("Point", "marker", {"name": "triangle", "size": "8", "size_unit": "Pixel"}),
    ],
)
def test_a_symbol_has_what_its_geometry_needs(geometry, kind, expected):
    symbol = Symbol(fill_opacity=0.4, dash="8 4", shape="triangle")
    (drawn,) = renderer(
        Style(title=Bilingual("", ""), rules=(Rule(title=Bilingual("", ""), symbol=symbol),)),
        geometry,
    ).find("symbols")
    options = {one.get("name"): one.get("value") for one in drawn.findall("layer/Option/Option")}
    assert drawn.get("type") == kind
    assert expected.items() <= options.items()


def test_the_same_style_is_the_same_text():
    assert vector_qml(plain_style(GAPS), "Polygon") == vector_qml(plain_style(GAPS), "Polygon")


def test_labels_are_switched_on_where_a_style_names_a_field():
    style = Style(title=Bilingual("", ""), rules=(rule(),), label="name")
    root = ET.fromstring(vector_qml(style, "Polygon"))
    assert root.get("labelsEnabled") == "1"
    assert root.find("labeling/settings/text-style").get("fieldName") == "name"


def test_a_limit_of_a_raster_belongs_to_the_class_above():
    """QGIS counts an item's value in, so each is the last number under its limit."""
    items = ET.fromstring(raster_qml(signal_classes("margin_db"))).findall(".//item")
    values = [float(item.get("value")) for item in items]
    assert values[0] < -10 < values[1] < 0 < values[2] < 10
    assert np.nextafter(np.float32(values[2]), np.float32(99)) == 10
    assert values[3] == math.inf


def test_a_palette_names_every_class():
    root = ET.fromstring(palette_qml([(1, "#d9701b", "Không đạt"), (2, "#3f8ec4", "Đạt")]))
    entries = root.findall(".//paletteEntry")
    assert [(one.get("value"), one.get("label")) for one in entries] == [
        ("1", "Không đạt"), ("2", "Đạt"),
    ]  # fmt: skip
