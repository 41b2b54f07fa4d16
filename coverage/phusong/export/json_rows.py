"""Rows as JSON text, column by column: what json's own encoder writes, in half the time."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from ..tables import Kind
from .layers import Layer

_AT_A_TIME = 1024
"""Lines that are written together: memory follows them, not the table."""
_NULL = "null"
_NO_JSON = frozenset({"nan", "inf", "-inf"})
_OWN: Mapping[Kind, type] = {
    "text": str, "number": float, "integer": int, "boolean": bool, "date": date,
}  # fmt: skip
"""What a value of each kind is."""
_NAMED: Mapping[Any, str] = {True: "true", False: "false", None: _NULL}


def json_members(layer: Layer, *, comma: str, colon: str) -> Iterator[str]:
    """Yield the members of each row, as they stand between the braces of its object.

    Parameters
    ----------
    layer : Layer
    comma, colon : str
        What stands between members, and between name and value.

    Yields
    ------
    str

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import ROADS
    >>> roads = gpd.GeoDataFrame({"road_id": ["QL2"]}, geometry=[None], crs="OGC:CRS84")
    >>> next(json_members(plain_layer(roads, ROADS), comma=", ", colon=": "))
    '"road_id": "QL2", "name": null'
    """
    fields = layer.table.fields
    columns = [layer.column(field.name) for field in fields]
    pattern = comma.join(
        f"{json_value(field.name)}{colon}".replace("%", "%%") + "%s" for field in fields
    )
    for rows in row_blocks(len(layer.rows)):
        told = (_values(one[rows], field.kind) for one, field in zip(columns, fields, strict=True))
        yield from map(pattern.__mod__, zip(*told, strict=True))


def row_blocks(count: int) -> Iterator[slice]:
    """Yield the rows that are told together, of so many.

    Examples
    --------
    >>> list(row_blocks(1500))
    [slice(0, 1024, None), slice(1024, 2048, None)]
    """
    return (slice(first, first + _AT_A_TIME) for first in range(0, count, _AT_A_TIME))


json_value = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=date.isoformat
).encode
"""Write one value as JSON without blanks, days as ISO text."""


def write_lines(path: Path, start: str, lines: Iterable[str], between: str, end: str) -> None:
    """Write lines with what stands between two of them, as UTF-8.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with path.open("wb") as file:
        file.write(start.encode())
        told, lines = "", iter(lines)
        while part := list(islice(lines, _AT_A_TIME)):
            file.write((told + between.join(part)).encode())
            told = between
        file.write(end.encode())


def _values(values: Sequence[Any], kind: Kind) -> list[str]:
    """Return a column's values as JSON."""
    if {*map(type, values)} <= {_OWN[kind], type(None)}:
        match kind:
            case "text":
                texts = {
                    one: _NULL if one is None else encode_basestring(one) for one in set(values)
                }
                return [texts[one] for one in values]
            case "number":
                numbers = {
                    one: _NULL if one is None else float.__repr__(one) for one in set(values)
                }
                if _NO_JSON.isdisjoint(numbers.values()):
                    return [numbers[one] for one in values]
            case "integer":
                return [_NULL if one is None else int.__repr__(one) for one in values]
            case "boolean":
                return [_NAMED[one] for one in values]
            case "date":
                days = {one: json_value(one) for one in set(values)}
                return [days[one] for one in values]
    # Of another kind, which a table that was read may hold, or no finite number.
    return [json_value(one) for one in values]
