"""Finished tables as plain Python values, checked against `tables` and sorted by key.

Every writer of this room starts here, so that all formats carry the same
values. Knows pandas' many ways of saying "nothing"; knows no file format.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._text import REPLACEMENT, UNFIT
from ..i18n import catalogue
from ..tables import CODE_LISTS, Field, Kind, Table

DECIMALS = 6
"""Digits after the point of every exported number: 0.1 m in degrees, 1 ppm in shares."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make Excel or LibreOffice read a text as a formula."""

PEOPLE = "người"
"""Unit of what is computed in fractions and told in whole numbers."""


def plain_rows(
    frame: pd.DataFrame, table: Table, *, by_key: bool = True
) -> tuple[NDArray[np.int64], list[dict[str, Any]]]:
    """Return a finished table as plain rows.

    Parameters
    ----------
    frame : DataFrame, n rows
        A finished table. Optional columns may be absent and are then empty.
    table : Table
        Its definition, repeating fields written out.
    by_key : bool
        Sort by the table's key; otherwise keep the rows' order.

    Returns
    -------
    positions : array of int, shape (n,)
        Where each returned row stood in `frame`.
    rows : list of dict, length n
        One mapping a row with the table's columns in order: str in NFC, int,
        float rounded to `DECIMALS`, bool, date, or None.

    Raises
    ------
    ValueError
        If the frame breaks the table's definition: a fault of the program,
        since input files were checked at the door.

    Examples
    --------
    >>> from phusong.tables import ROADS
    >>> roads = pd.DataFrame({"road_id": ["QL34", "QL2"], "name": [None, "Quốc lộ 2"]})
    >>> plain_rows(roads, ROADS)[1]
    [{'road_id': 'QL2', 'name': 'Quốc lộ 2'}, {'road_id': 'QL34', 'name': None}]
    """
    foreign = set(frame.columns) - set(table.columns) - {_geometry_name(frame)}
    if foreign:
        raise ValueError(f"{table.name}: columns that the table does not define: {sorted(foreign)}")
    columns = {
        field.name: _plain(frame[field.name], field, table.name)
        if field.name in frame
        else _absent(field, table.name, len(frame))
        for field in table.fields
    }
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    keys = [tuple(row[name] for name in table.key) for row in rows]
    if len(set(keys)) != len(keys):
        raise ValueError(f"{table.name}: the key {table.key} repeats")
    order = sorted(range(len(rows)), key=keys.__getitem__) if by_key else range(len(rows))
    return np.array(order, dtype=np.int64), [rows[position] for position in order]


def plain_text(value: object) -> str:
    r"""Return a text in NFC that UTF-8, XML and databases can carry.

    Examples
    --------
    >>> plain_text("Ha\u0300") == "Hà", plain_text("\ud800"), plain_text("a\0b")
    (True, '\ufffd', 'a\ufffdb')
    """
    return unicodedata.normalize("NFC", UNFIT.sub(REPLACEMENT, str(value)))


def is_share(field: Field) -> bool:
    """Tell whether the field is a share from 0 to 1, printed as a percentage."""
    return field.kind == "number" and (field.minimum, field.maximum) == (0, 1)


def in_words(value: str, field: Field) -> str:
    """Return a text of a table as a person reads it: Vietnamese words for its codes."""
    if field.choices:
        return word_of(f"maps.value_{value}", value)
    if field.name in CODE_LISTS or field.name.startswith("reasons_"):  # of one service
        codes = (code for code in re.split(r",\s*", value) if code)
        return ", ".join(
            word_of(f"maps.value_{code}", word_of(f"egov.contradiction_{code}", code))
            for code in codes
        )
    return value


def word_of(key: str, code: str) -> str:
    """Return the Vietnamese word for a code; a code without one, such as 4G, is its own word."""
    return catalogue()[key]["vi"] if key in catalogue() else code


def _geometry_name(frame: pd.DataFrame) -> str | None:
    return getattr(frame, "_geometry_column_name", None)


def _absent(field: Field, table: str, length: int) -> list[None]:
    if field.required:
        raise ValueError(f"{table}: the required column {field.name} is absent")
    return [None] * length


def _plain(values: pd.Series, field: Field, table: str) -> list[Any]:
    missing = values.isna().to_numpy(dtype=bool)
    if field.required and missing.any():
        raise ValueError(f"{table}: the required column {field.name} has empty values")
    convert = _CONVERT[field.kind]
    try:
        return [
            None if gone else convert(value)
            for value, gone in zip(values.tolist(), missing, strict=True)
        ]
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{table}: column {field.name} is no {field.kind}: {fault}") from fault


def _integer(value: Any) -> int:
    whole = int(value)
    if whole != value:
        raise ValueError(f"{value!r} has a fraction")
    return whole


def _number(value: Any) -> float:
    rounded = round(float(value), DECIMALS)
    if not math.isfinite(rounded):
        raise ValueError(f"{value!r} is infinite")
    return rounded + 0.0  # no negative zero


def _boolean(value: Any) -> bool:
    if value not in (True, False):
        raise ValueError(f"{value!r} is neither true nor false")
    return bool(value)


_CONVERT: Mapping[Kind, Callable[[Any], Any]] = {
    "text": plain_text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": lambda value: pd.Timestamp(value).date(),
}
