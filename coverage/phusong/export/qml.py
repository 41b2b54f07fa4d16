"""Styles as QGIS reads them (QML): in a GeoPackage, or beside a raster under its name.

Written for QGIS 3.22 and later. Knows QGIS's XML and expressions, no file.
"""

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..tables import GeometryKind
from .styles import Condition, Rule, Style, Symbol

_VERSION = "3.22.0"
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_NAMESPACE = uuid.UUID("5d7c2d3e-9a53-4f6e-8f0c-6f0a1b8f2c11")
_PIXELS = "Pixel"


@dataclass(frozen=True, kw_only=True)
class RasterClass:
    """Values of a raster drawn in one colour.

    Parameters
    ----------
    below : float
        Upper limit, itself not included; infinite for the last class.
    colour : str
        ``#rrggbb``.
    label : str
        Words of the legend.
    """

    below: float
    colour: str
    label: str


def vector_qml(style: Style, geometry: GeometryKind) -> str:
    """Return a style as QML: rules with filters, in the legend's Vietnamese words.

    Rules keep the limits exactly as the maps draw them; QGIS's own graduated
    classes would count a value on a limit twice.
    """
    root = ET.Element(
        "qgis",
        version=_VERSION,
        styleCategories="Symbology|Labeling",
        labelsEnabled="1" if style.label else "0",
    )
    renderer = ET.SubElement(
        root,
        "renderer-v2",
        type="RuleRenderer",
        symbollevels="0",
        forceraster="0",
        enableorderby="0",
        referencescale="-1",
    )
    rules = ET.SubElement(renderer, "rules", key=_key(style.title.vi, "root"))
    symbols = ET.SubElement(renderer, "symbols")

    def add(parent: ET.Element, rule: Rule, written: str) -> None:
        number = str(len(symbols))
        place = {
            "key": _key(style.title.vi, number),
            "symbol": number,
            "label": _label(rule.title.vi),
        }
        ET.SubElement(parent, "rule", place | ({"filter": written} if written else {}))
        symbols.append(_symbol(rule.symbol, geometry, number))

    about = rules
    if style.where:
        place = {"key": _key(style.title.vi, "where"), "label": _label(style.title.vi)}
        about = ET.SubElement(rules, "rule", place | {"filter": _expression(style.where)})
    for rule in style.rules:
        add(about, rule, _expression(rule.conditions))
    if style.other:
        add(about, style.other, "ELSE")
    if style.rest:
        add(rules, style.rest, "ELSE")
    if style.label:
        root.append(_labelling(style.label, geometry))
    return _text(root)


def raster_qml(classes: Sequence[RasterClass]) -> str:
    """Return discrete colours of a raster's first band as QML."""
    root = ET.Element("qgis", version=_VERSION, styleCategories="Symbology")
    pipe = ET.SubElement(root, "pipe")
    renderer = ET.SubElement(
        pipe,
        "rasterrenderer",
        type="singlebandpseudocolor",
        band="1",
        opacity="1",
        alphaBand="-1",
        classificationMin=_limit(classes[0].below),
        classificationMax=_limit(classes[-2].below),
    )
    shader = ET.SubElement(renderer, "rastershader")
    ramp = ET.SubElement(
        shader, "colorrampshader", colorRampType="DISCRETE", classificationMode="1", clip="0"
    )
    for one in classes:
        ET.SubElement(
            ramp,
            "item",
            value=_limit(one.below),
            color=one.colour,
            alpha="255",
            label=_label(one.label),
        )
    return _text(root)


def palette_qml(classes: Iterable[tuple[int, str, str]]) -> str:
    """Return the colours of a raster of class numbers as QML: (value, colour, label) each."""
    root = ET.Element("qgis", version=_VERSION, styleCategories="Symbology")
    pipe = ET.SubElement(root, "pipe")
    renderer = ET.SubElement(
        pipe, "rasterrenderer", type="paletted", band="1", opacity="1", alphaBand="-1"
    )
    palette = ET.SubElement(renderer, "colorPalette")
    for value, colour, label in classes:
        ET.SubElement(
            palette,
            "paletteEntry",
            value=str(value),
            color=colour,
            alpha="255",
            label=_label(label),
        )
    return _text(root)


def _label(words: str) -> str:
    """Return words of a legend, in which QGIS evaluates what stands between [% and %]."""
    return words.replace("[%", "[ %")


def _text(root: ET.Element) -> str:
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def _limit(below: float) -> str:
    """Return the last single-precision number under a limit: QGIS counts an item's value in."""
    return f"{np.nextafter(np.float32(below), np.float32('-inf')):.9g}" if below < np.inf else "inf"


def _key(*parts: str) -> str:
    """Return an identifier that is the same each time."""
    return f"{{{uuid.uuid5(_NAMESPACE, '/'.join(parts))}}}"


def _expression(conditions: Iterable[Condition]) -> str:
    return " AND ".join(_condition(condition) for condition in conditions)


def _condition(condition: Condition) -> str:
    name = '"' + condition.field.replace('"', '""') + '"'
    if condition.values:
        return f"{name} IN ({', '.join(_literal(value) for value in condition.values)})"
    limits = []
    if condition.at_least is not None:
        limits.append(f"{name} >= {condition.at_least!r}")
    if condition.below is not None:
        limits.append(f"{name} < {condition.below!r}")
    return " AND ".join(limits) or f"{name} IS NOT NULL"


def _literal(value: bool | str | int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _symbol(symbol: Symbol, geometry: GeometryKind, number: str) -> ET.Element:
    kinds = {"Point": "marker", "LineString": "line", "Polygon": "fill"}
    drawn = ET.Element(
        "symbol", type=kinds[geometry], name=number, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    classes = {"Point": "SimpleMarker", "LineString": "SimpleLine", "Polygon": "SimpleFill"}
    layer = ET.SubElement(
        drawn, "layer", {"class": classes[geometry], "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in _options(symbol, geometry).items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
    return drawn


def _options(symbol: Symbol, geometry: GeometryKind) -> dict[str, str]:
    width = f"{symbol.width_px:g}"
    if geometry == "LineString":
        return {
            "line_color": _rgba(symbol.colour, 1.0),
            "line_width": width,
            "line_width_unit": _PIXELS,
            "line_style": "solid",
            "capstyle": "round",
            "joinstyle": "round",
            "use_custom_dash": "1" if symbol.dash else "0",
            "customdash": symbol.dash.replace(" ", ";") or "5;2",
            "customdash_unit": _PIXELS,
        }
    outline = {
        "color": _rgba(symbol.colour, symbol.fill_opacity),
        "outline_color": _rgba(symbol.outline, 1.0),
        "outline_style": "solid" if symbol.width_px else "no",
        "outline_width": width,
        "outline_width_unit": _PIXELS,
    }
    if geometry == "Polygon":
        return {**outline, "style": "solid", "joinstyle": "round"}
    return {
        **outline,
        "name": symbol.shape,
        "size": f"{2 * symbol.radius_px:g}",
        "size_unit": _PIXELS,
        "scale_method": "diameter",
    }


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _labelling(field: str, geometry: GeometryKind) -> ET.Element:
    """Return labels with a white halo: inside polygons, along lines, around points."""
    placements = {"Polygon": "4", "LineString": "2", "Point": "0"}
    labelling = ET.Element("labeling", type="simple")
    settings = ET.SubElement(labelling, "settings", calloutType="simple")
    words = ET.SubElement(
        settings,
        "text-style",
        fieldName=field,
        isExpression="0",
        fontSize="8",
        fontSizeUnit="Point",
        textColor="51,51,51,255",
        textOpacity="1",
    )
    ET.SubElement(
        words,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
        bufferOpacity="1",
    )
    ET.SubElement(settings, "placement", placement=placements[geometry], dist="1", priority="5")
    ET.SubElement(settings, "rendering", drawLabels="1", obstacle="1", displayAll="0")
    return labelling
