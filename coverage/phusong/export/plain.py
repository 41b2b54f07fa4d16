"""Finished tables as plain Python values, checked against `tables` and sorted by key.

Every writer of this room starts here, so that all formats carry the same
values. Knows pandas' many ways of saying "nothing"; knows no file format.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, overload

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


class PlainRows(Sequence[Mapping[str, Any]]):
    """Rows that are kept by column: a mapping for each takes several times the memory.

    Parameters
    ----------
    columns : mapping
        Column → its values, all of one length; there is at least one.

    Examples
    --------
    >>> rows = PlainRows({"road_id": ["QL2", "QL34"], "name": ["Quốc lộ 2", None]})
    >>> len(rows), rows[1]
    (2, {'road_id': 'QL34', 'name': None})
    """

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            part = {name: values[place] for name, values in self.columns.items()}
            return list(PlainRows(part))
        return {name: values[place] for name, values in self.columns.items()}


def plain_rows(
    frame: pd.DataFrame, table: Table, *, by_key: bool = True
) -> tuple[NDArray[np.int64], PlainRows]:
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
    rows : PlainRows, length n
        The table's columns in order: str in NFC, int, float rounded to
        `DECIMALS`, bool, date, or None.

    Raises
    ------
    ValueError
        If the frame breaks the table's definition: a fault of the program,
        since input files were checked at the door.

    Examples
    --------
    >>> from phusong.tables import ROADS
    >>> roads = pd.DataFrame({"road_id": ["QL34", "QL2"], "name": [None, "Quốc lộ 2"]})
    >>> list(plain_rows(roads, ROADS)[1])
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
    keys = list(zip(*(columns[name] for name in table.key), strict=True))
    if len(set(keys)) != len(keys):
        raise ValueError(f"{table.name}: the key {table.key} repeats")
    order = list(range(len(keys)))
    if by_key:
        order.sort(key=keys.__getitem__)
        if order != list(range(len(keys))):
            ordered = itemgetter(*order)
            columns = {name: list(ordered(values)) for name, values in columns.items()}
    return np.array(order, dtype=np.int64), PlainRows(columns)


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
    try:
        if (found := _at_once(values, missing, field.kind)) is not None:
            return found
        convert = _CONVERT[field.kind]
        return [
            None if gone else convert(value)
            for value, gone in zip(values.tolist(), missing, strict=True)
        ]
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{table}: column {field.name} is no {field.kind}: {fault}") from fault


def _at_once(values: pd.Series, missing: NDArray[np.bool_], kind: Kind) -> list[Any] | None:
    """Return what the functions of `_CONVERT` make of values, for types that pandas knows."""
    if kind == "text" and isinstance(values.dtype, pd.StringDtype):
        places, texts = values.factorize()  # few differ, and what is alike is kept once
        plain = np.array([*map(plain_text, texts), None], dtype=object)
        return list(plain[places])  # -1 is what is missing
    is_kind = _TYPES.get(kind)
    if is_kind is not None and is_kind(values.dtype):
        return _column(values.to_numpy(object), missing)
    of_numpy = values.dtype.kind if isinstance(values.dtype, np.dtype) else ""
    if kind == "number" and of_numpy in {"f", "i", "u"}:
        return plain_numbers(values.to_numpy(float), missing, DECIMALS)
    if kind == "integer" and of_numpy == "f":
        known = values.to_numpy()[~missing]
        if (np.isfinite(known) & (np.abs(known) < 2.0**53) & (np.rint(known) == known)).all():
            return _column(np.where(missing, 0, values.to_numpy()).astype(np.int64), missing)
    return None


_TYPES: Mapping[Kind, Callable[[Any], bool]] = {
    "integer": pd.api.types.is_integer_dtype,
    "boolean": pd.api.types.is_bool_dtype,
}
"""Whose values are as they should be, of numpy and of pandas."""


def _column(values: NDArray[Any], missing: NDArray[np.bool_]) -> list[Any]:
    places, distinct = pd.factorize(values)  # what is alike is kept once: half of all figures
    plain = np.array([*distinct.tolist(), None], dtype=object)
    found = plain[places]  # -1 is what is not a number
    found[missing] = None
    return list(found)


def plain_numbers(
    values: NDArray[np.float64], missing: NDArray[np.bool_], decimals: int
) -> list[float | None]:
    """Round a column as Python rounds a number, to the last bit.

    Scaling errs by less than a unit in the last place; only where this could decide between two
    neighbours, or where all digits are before the point, is a number rounded by itself.

    Parameters
    ----------
    values : array, shape (n,)
    missing : array of bool, shape (n,)
        Become None, whatever their value.
    decimals : int

    Returns
    -------
    list of float or None, length n
        Zeros have no sign.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = values * 10.0**decimals
        whole = np.rint(scaled)
        sure = 0.5 - np.abs(scaled - whole) > np.spacing(np.abs(scaled))
        rounded = whole / 10.0**decimals + 0.0
    single = ~(sure | missing)
    rounded[single] = [_number(value, decimals) for value in values[single].tolist()]
    return _column(rounded, missing)


def _integer(value: Any) -> int:
    whole = int(value)
    if whole != value:
        raise ValueError(f"{value!r} has a fraction")
    return whole


def _number(value: Any, decimals: int = DECIMALS) -> float:
    rounded = round(float(value), decimals)
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
