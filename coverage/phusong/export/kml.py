"""Layers as KML or KMZ for phones in the field: a folder a layer, a table under each name.

Knows KML 2.2 and escapes everything that comes from files; colours come from
`styles`. Nothing in the file points to the internet.
"""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape as escape_xml
from xml.sax.saxutils import quoteattr

import shapely
from shapely.geometry.base import BaseGeometry

from ..i18n import date_text, number, percent, text
from ..tables import Field, Table
from .layers import Layer
from .plain import PEOPLE, in_words, is_share, plain_text
from .styles import Rule, Style, Symbol, plain_style

_NAMES = ("name", "site_name", "district", "province")


def write_kml(
    layers: Iterable[Layer], path: Path, *, title: str, styles: Mapping[str, Sequence[Style]]
) -> None:
    """Write layers as KML, or as KMZ if the path ends so.

    Parameters
    ----------
    layers : iterable of Layer
        With geometry.
    path : Path
        File to write.
    title : str
        Name of the document.
    styles : mapping
        Table name → its styles; the first is used.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import PLACES
    >>> places = gpd.GeoDataFrame(
    ...     {"place_id": ["p1"], "name": ["Hà Giang"], "kind": ["city"]},
    ...     geometry=[Point(104.98, 22.82)], crs="OGC:CRS84",
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "places.kml"
    ...     write_kml([plain_layer(places, PLACES)], path, title="Địa danh", styles={})
    ...     "<coordinates>104.980000,22.820000</coordinates>" in path.read_text(encoding="utf-8")
    True
    """
    folders, looks, notices = [], [], []
    for layer in layers:
        style = (styles.get(layer.name) or (plain_style(layer.table),))[0]
        # What a style leaves out is still data, which a phone must show.
        plain = plain_style(layer.table).rules[0]
        rules = list(dict.fromkeys([*_rules(style), plain]))
        looks += [
            _look(f"{layer.name}-{at}", rule.symbol, layer.table.geometry == "LineString")
            for at, rule in enumerate(rules)
        ]
        assert layer.shapes is not None, "KML is written of layers with geometry"
        marks = [
            _placemark(
                row, layer.table, shape, f"{layer.name}-{rules.index(style.rule_of(row) or plain)}"
            )
            for row, shape in zip(layer.rows, layer.shapes, strict=True)
        ]
        notices += [] if layer.notice is None else [f"{layer.notice.vi}\n{layer.notice.en}"]
        folders += [f"<Folder>{_tag('name', layer.table.title.vi)}", *marks, "</Folder>"]
    said = "".join(_tag("description", notice) for notice in dict.fromkeys(notices))
    document = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{_tag("name", title)}{said}',
            *looks,
            *folders,
            "</Document></kml>\n",
        ]
    ).encode()
    if path.suffix.lower() != ".kmz":
        path.write_bytes(document)
        return
    with zipfile.ZipFile(path, "w") as archive:
        # No time of writing in the archive: the same map gives the same bytes.
        archive.writestr(zipfile.ZipInfo("doc.kml"), document, zipfile.ZIP_DEFLATED)


def _rules(style: Style) -> list[Rule]:
    return [rule for rule in (*style.rules, style.other, style.rest) if rule is not None]


def _placemark(row: Mapping[str, Any], table: Table, shape: BaseGeometry | None, look: str) -> str:
    filled = [field for field in table.fields if row[field.name] is not None]
    lines = "".join(
        f"<tr><td>{escape(field.meaning('vi'))}</td>"
        f"<td>{escape(_shown(row[field.name], field))}</td></tr>"
        for field in filled
    )
    data = "".join(
        f"<Data name={quoteattr(field.name)}>{_tag('value', _machine(row[field.name]))}</Data>"
        for field in filled
    )
    return (
        f"<Placemark>{_tag('name', _name(row, table))}"
        f"{_tag('description', f'<table>{lines}</table>')}<styleUrl>#{look}</styleUrl>"
        f"<ExtendedData>{data}</ExtendedData>"
        f"{'' if shape is None else _geometry(shape)}</Placemark>"
    )


def _name(row: Mapping[str, Any], table: Table) -> str:
    """Return what the row is called, or its key where it has no name."""
    named = [row[name] for name in _NAMES if row.get(name)]
    return named[0] if named else ":".join(str(row[name]) for name in table.key)


def _shown(value: Any, field: Field) -> str:
    if field.kind == "boolean":
        return text("common.yes" if value else "common.no", "vi")
    if is_share(field):
        return percent(value, "vi")
    if field.kind == "number":
        whole = field.unit == PEOPLE or value == round(value)
        return number(value, "vi", decimals=0 if whole else 2)
    if field.kind == "date":
        return date_text(value, "vi")
    return in_words(value, field) if isinstance(value, str) else str(value)


def _machine(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tag(name: str, content: str) -> str:
    return f"<{name}>{escape_xml(plain_text(content))}</{name}>"


def _look(name: str, symbol: Symbol, is_line: bool) -> str:
    colour = _abgr(symbol.colour, 1.0)
    outline = colour if is_line else _abgr(symbol.outline, 1.0)
    filled = _abgr(symbol.colour, symbol.fill_opacity)
    return (
        f'<Style id="{name}"><IconStyle><color>{colour}</color><scale>0.8</scale></IconStyle>'
        f"<LabelStyle><scale>0.8</scale></LabelStyle>"
        f"<LineStyle><color>{outline}</color><width>{symbol.width_px:g}</width></LineStyle>"
        f"<PolyStyle><color>{filled}</color></PolyStyle></Style>"
    )


def _abgr(colour: str, opacity: float) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{round(255 * opacity):02x}{blue:02x}{green:02x}{red:02x}"


def _geometry(shape: BaseGeometry) -> str:
    if isinstance(shape, shapely.MultiPolygon | shapely.MultiLineString | shapely.MultiPoint):
        return f"<MultiGeometry>{''.join(map(_geometry, shape.geoms))}</MultiGeometry>"
    if isinstance(shape, shapely.Polygon):
        holes = "".join(
            f"<innerBoundaryIs>{_ring(hole)}</innerBoundaryIs>" for hole in shape.interiors
        )
        outer = f"<outerBoundaryIs>{_ring(shape.exterior)}</outerBoundaryIs>"
        return f"<Polygon>{outer}{holes}</Polygon>"
    return f"<{shape.geom_type}>{_coordinates(shape)}</{shape.geom_type}>"


def _ring(ring: BaseGeometry) -> str:
    return f"<LinearRing>{_coordinates(ring)}</LinearRing>"


def _coordinates(shape: BaseGeometry) -> str:
    pairs = " ".join(f"{x:.6f},{y:.6f}" for x, y in shapely.get_coordinates(shape).tolist())
    return f"<coordinates>{pairs}</coordinates>"
