"""JSON Schemas and the data dictionary of the exported tables, derived from `tables`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..i18n import words
from ..tables import RESULT_TABLES, Field, Table
from .json_text import write_json
from .plain import is_share

VERSION = 2
"""Raised when an exported name, type or unit changes after a release; see `write_contract`."""

EXAMPLES = {"service": ("mobile",), "prerequisite": ("has_lan",)}
"""What repeating columns are named after in the committed contract."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TYPES = {"text": "string", "date": "string"}
_POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_LINE = {"type": "array", "items": {"$ref": "#/$defs/position"}, "minItems": 2}
_RING = {"type": "array", "items": {"$ref": "#/$defs/position"}, "minItems": 4}
_RINGS = {"type": "array", "items": {"$ref": "#/$defs/ring"}, "minItems": 1}
_NOTICE = {
    "type": "object",
    "properties": {"vi": {"type": "string"}, "en": {"type": "string"}},
    "required": ["vi", "en"],
    "additionalProperties": False,
}
_SHAPES = {
    "Point": (("Point", "position"),),
    "LineString": (("LineString", "line"), ("MultiLineString", "lines")),
    "Polygon": (("Polygon", "rings"), ("MultiPolygon", "polygons")),
}


def json_schema(table: Table) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a table's file.

    A table with geometry is a GeoJSON FeatureCollection; one without is an
    object whose ``rows`` are the table's rows.

    Parameters
    ----------
    table : Table
        Repeating fields written out.

    Returns
    -------
    dict
        Ready for ``json.dumps``.

    Examples
    --------
    >>> from phusong.tables import ROADS
    >>> schema = json_schema(ROADS)
    >>> schema["$id"], schema["$defs"]["row"]["properties"]["name"]["type"]
    ('urn:phusong:schema:roads:2', ['string', 'null'])
    """
    row = {
        "type": "object",
        "properties": {field.name: _property(field) for field in table.fields},
        "required": list(table.columns),
        "additionalProperties": False,
    }
    body = _rows() if table.geometry is None else _collection(_SHAPES[table.geometry])
    definitions = body.pop("$defs", {})
    return {
        "$schema": DIALECT,
        "$id": f"urn:phusong:schema:{table.name}:{VERSION}",
        "title": table.title.vi,
        "description": table.title.en,
        **body,
        "$defs": {"row": row, **definitions},
    }


def data_dictionary(tables: Iterable[Table]) -> dict[str, Any]:
    """Return every column of the tables with its meaning, type and unit, for catalogues.

    Parameters
    ----------
    tables : iterable of Table
        Repeating fields written out.

    Returns
    -------
    dict
        ``version`` of the exports and ``tables``, ready for ``json.dumps``.

    Examples
    --------
    >>> from phusong.tables import ROADS
    >>> [column["name"] for column in data_dictionary([ROADS])["tables"][0]["columns"]]
    ['road_id', 'name']
    """
    return {
        "version": VERSION,
        "tables": [
            {
                "name": table.name,
                "vi": table.title.vi,
                "en": table.title.en,
                "geometry": table.geometry,
                "key": list(table.key),
                "columns": [_entry(field) for field in table.fields],
            }
            for table in tables
        ],
    }


def write_contract(folder: Path) -> None:
    """Write the schema of every result table and the dictionary, as `docs/schemas` keeps them.

    Columns that repeat are written for one service and one prerequisite, which
    stand for those of any study.
    """
    tables = [
        table.expand(EXAMPLES, {"run": words("common.errors_either")})
        for table in RESULT_TABLES.values()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for table in tables:
        write_schema(table, folder / f"{table.name}.schema.json")
    write_dictionary(tables, folder / "dictionary.json")


def write_schema(table: Table, path: Path) -> None:
    """Write the JSON Schema of a table's file.

    Parameters
    ----------
    table : Table
        Repeating fields written out.
    path : Path
        File to write.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import json, tempfile
    >>> from phusong.tables import GAPS
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "gaps.schema.json"
    ...     write_schema(GAPS, path)
    ...     json.loads(path.read_bytes())["title"]
    'Vùng lõm sóng: có người ở, không đạt ngưỡng'
    """
    write_json(json_schema(table), path)


def write_dictionary(tables: Iterable[Table], path: Path) -> None:
    """Write the data dictionary of the tables.

    Parameters
    ----------
    tables : iterable of Table
        Repeating fields written out.
    path : Path
        File to write.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import json, tempfile
    >>> from phusong.tables import GAPS
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "dictionary.json"
    ...     write_dictionary([GAPS], path)
    ...     (table,) = json.loads(path.read_bytes())["tables"]
    >>> table["name"], table["key"]
    ('gaps', ['gap_id'])
    """
    write_json(data_dictionary(tables), path)


def _property(field: Field) -> dict[str, Any]:
    kind = _TYPES.get(field.kind, field.kind)
    rule: dict[str, Any] = {
        "title": field.meaning("vi"),
        "description": field.meaning("en"),
        "type": kind if field.required else [kind, "null"],
    }
    if field.kind == "date":
        rule["format"] = "date"
    if field.choices:
        rule["enum"] = [*field.choices, *([] if field.required else [None])]
    if field.pattern:
        rule["pattern"] = f"^(?:{field.pattern})$"
    if field.minimum is not None:
        rule["minimum"] = field.minimum
    if field.maximum is not None:
        rule["maximum"] = field.maximum
    return rule


def _entry(field: Field) -> dict[str, Any]:
    entry = {
        "name": field.name,
        "vi": field.title.vi,
        "en": field.title.en,
        "kind": "share" if is_share(field) else field.kind,
        "unit_vi": field.unit_in("vi"),
        "unit_en": field.unit_in("en"),
        "may_be_empty": not field.required,
    }
    if field.choices:
        entry["choices"] = list(field.choices)
    return entry


def _rows() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "schema": {"type": "string"},
            "notice": _NOTICE,
            "rows": {"type": "array", "items": {"$ref": "#/$defs/row"}},
        },
        "required": ["schema", "rows"],
        "additionalProperties": False,
    }


def _collection(shapes: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    feature = {
        "type": "object",
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string", "minLength": 1},
            "geometry": {"$ref": "#/$defs/geometry"},
            "properties": {"$ref": "#/$defs/row"},
        },
        "required": ["type", "id", "geometry", "properties"],
        "additionalProperties": False,
    }
    geometry = {
        "oneOf": [
            {"type": "null"},
            *(
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": name},
                        "coordinates": {"$ref": f"#/$defs/{coordinates}"},
                    },
                    "required": ["type", "coordinates"],
                    "additionalProperties": False,
                }
                for name, coordinates in shapes
            ),
        ]
    }
    forms = {
        "position": _POSITION,
        "line": _LINE,
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "minItems": 1},
        "ring": _RING,
        "rings": _RINGS,
        "polygons": {"type": "array", "items": {"$ref": "#/$defs/rings"}, "minItems": 1},
    }
    return {
        "type": "object",
        "properties": {
            "type": {"const": "FeatureCollection"},
            "notice": _NOTICE,
            "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
            "features": {"type": "array", "items": {"$ref": "#/$defs/feature"}},
        },
        "required": ["type", "features"],
        "additionalProperties": False,
        "$defs": {"feature": feature, "geometry": geometry, **forms},
    }
