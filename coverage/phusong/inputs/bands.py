"""Rows of a sheet that are no rows of its table: totals, signatures and names of districts.

Knows how Vietnamese offices lay out a list; only a row that could not be used anyhow, with at
most half of what the table requires, is ever passed over.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._text import tidy
from .._types import Flags
from ..i18n import fold
from ..tables import DISTRICT, LAT, LON, X_M, Y_M, Table
from .headings import match
from .source import Cells, Raw, Told, as_cells, in_a_list

_NUMBER = re.compile(r"[\s\d.,%()+-]*")
_ORDINAL = re.compile(r"\(?(?:[ivxlc]+|[a-z]|\d+)\)?\s*[.):/-]?")
_NUMBERED = re.compile(r"^\(?(?:[ivxlc]+|[a-z]|\d+)\)?\s*[.):/-]\s*", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:tong|cong|tong cong|tong so|cong tong|luy ke|(?:sub|grand )?\s*-?total|sum)"
    r"[\s:.()\d,]*"
    r"|(?:tong cong|tong so|cong luy ke|(?:sub|grand )?total)[ :(].*"
    r"|(?:cong|tong) (?:theo|toan|tinh|huyen|thi xa|thanh pho|quan|xa|phuong|thi tran|nha mang|"
    r"trang|muc|phan|i+v?|[a-z0-9])\b.*"
)
_SIGNATURE = re.compile(
    r"(?:nguoi|can bo|don vi) (?:lap|tong hop|bao cao|kiem tra|thuc hien)\b.*|ky ten\b.*"
    r"|\(?ky,? .*|(?:tl|tm|kt|tuq)\. ?.*|thu truong\b.*|(?:pho )?giam doc\b.*|chu tich\b.*"
    r"|ke toan( truong)?\b.*|noi nhan\b.*|.*\bngay [\d. …]+thang [\d. …]+nam [\d. …]+"
    r"|(?:prepared|approved|signed) by\b.*"
)
_NOTE = re.compile(r"(?:\(?\*+\)? ?)?(?:ghi chu|luu y|chu thich|nguon|notes?|source)\s*[:;.-].*|"
                   r"(?:ghi chu|luu y|chu thich)")  # fmt: skip
_BAND = re.compile(r"(?:huyện|thị xã|thành phố|quận|tx\.?|tp\.?|h\.)\s+(\S.*)", re.IGNORECASE)
_COUNT_BEHIND = re.compile(r"\s*(?:[:(].*)?$")


def without_bands(
    raw: Raw, table: Table, districts: frozenset[str] = frozenset()
) -> tuple[Raw, tuple[int, ...]]:
    """Pass over totals, signatures and notes; let a band with a district fill that column.

    Parameters
    ----------
    raw : Raw
        A sheet; what carries shapes is no list that people lay out, and is returned as it is.
    table : Table
    districts : frozenset of str
        Names of districts, folded; a row of nothing but one of them is a band too.

    Returns
    -------
    Raw
        Without those rows; what was passed over, with its rows, is in `told`.
    tuple of int
        The rows passed over, as the person sees them.
    """
    whole, raw = raw, _without_constants(raw)
    needed = [at for at in _needed(raw, table) if _filled(raw.columns[at]).any()]
    if raw.shapes is not None or len(needed) < 2 or not len(raw.rows):
        return whole, ()
    filled = np.array([_filled(raw.columns[at]) for at in needed])
    sparse = np.flatnonzero((filled.sum(axis=0) - 1) * 2 < len(needed)).tolist()
    texts = {i: _texts(raw, i) for i in sparse}
    totals = [i for i in sparse if _is(_TOTAL, texts[i]) and _poor(raw, needed, i)]
    notes = [i for i in sparse if _is(_NOTE, texts[i]) and len(texts[i]) == 1]
    signed = _signatures(raw, needed, texts)
    bands = {
        i: name
        for i in sparse
        if len(texts[i]) == 1
        and (name := _district(next(iter(texts[i].values())), districts)) is not None
        and _poor(raw, needed, i)
    }
    ends = sorted({*notes, *signed} - {*totals, *bands})
    raw = _with_district(whole, bands)
    told = [
        Told(
            message,
            {
                "count": len(at),
                "rows": in_a_list(raw.rows[at].tolist()),
                "example": _first(texts[at[0]]),
            },
        )
        for message, at in (
            ("totals_passed", totals),
            ("signatures_passed", ends),
            ("districts_filled", list(bands)),
        )
        if at
    ]
    if not told:
        return raw, ()
    passed = np.zeros(len(raw.rows), dtype=bool)
    passed[[*totals, *ends, *bands]] = True
    return replace(_kept(raw, ~passed), told=(*raw.told, *told)), tuple(raw.rows[passed].tolist())


def _without_constants(raw: Raw) -> Raw:
    """Empty the columns that are the same in all rows, as study.toml may say of an operator.

    They are as full in a total as in any other row.
    """
    if len(raw.rows) < 2:
        return raw
    none = as_cells((None for _ in raw.rows), len(raw.rows))
    return replace(
        raw,
        columns=tuple(
            none if column[0] == column[-1] and bool((column == column[0]).all()) else column
            for column in raw.columns
        ),
    )


def _needed(raw: Raw, table: Table) -> list[int]:
    """Return the columns that a row cannot do without."""
    needed = {*table.one_of, *(field.name for field in table.fields if field.required)}
    required = [table[name] for name in table.columns if name in needed]
    found = [*match(raw.headings, required).position.values()]
    if table.geometry == "Point":
        for pair in ((LON, LAT), (X_M, Y_M)):
            position = match(raw.headings, pair).position
            if len(position) == 2:
                found += position.values()
                break
    return found


def _filled(column: Cells) -> Flags:
    return np.asarray(~(pd.isna(column) | (column == "")), dtype=bool)


def _texts(raw: Raw, row: int) -> dict[int, str]:
    """Return the words of a row by column: no numbers, and no ordinal in front of other words."""
    texts = {
        at: cell.strip()
        for at, column in enumerate(raw.columns)
        if isinstance(cell := column[row], str) and not _NUMBER.fullmatch(cell)
    }
    first = next(iter(texts), None)
    if first is not None and len(texts) > 1 and _ORDINAL.fullmatch(fold(texts[first])):
        del texts[first]
    return texts


def _first(texts: dict[int, str]) -> str:
    return next(iter(texts.values()), "")


def _is(pattern: re.Pattern[str], texts: dict[int, str]) -> bool:
    """Tell whether a row begins with such words."""
    label = _NUMBERED.sub("", _first(texts)[:200], count=1)
    return pattern.fullmatch(" ".join(fold(label).split()).rstrip(" :;.")) is not None


def _poor(raw: Raw, needed: list[int], row: int) -> bool:
    """Tell whether a row has words in one place, and numbers under few required headings."""
    texts = _texts(raw, row)
    others = [at for at in needed if at not in texts and not _is_empty(raw.columns[at][row])]
    return len(texts) == 1 and len(others) * 2 < len(needed)


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _signatures(raw: Raw, needed: list[int], texts: dict[int, dict[int, str]]) -> list[int]:
    """Return rows of signatures; with the first of them all that follow, unless data follow."""
    signed = [
        i
        for i in texts
        if _is(_SIGNATURE, texts[i])
        and sum(not _is_empty(raw.columns[at][i]) for at in needed) * 2 < max(len(needed), 5)
    ]
    if signed and all(i in texts for i in range(signed[0], len(raw.rows))):
        return list(range(signed[0], len(raw.rows)))
    return signed


def _district(words: str, districts: frozenset[str] = frozenset()) -> str | None:
    """Return the district that a band names, without what it is called and counts behind.

    Examples
    --------
    >>> _district("II. Huyện Mèo Vạc (18 xã):"), _district("Trạm Mèo Vạc")
    ('Mèo Vạc', None)
    """
    label = _NUMBERED.sub("", tidy(words[:200]), count=1).strip()
    band = _BAND.fullmatch(label)
    name = _COUNT_BEHIND.sub("", label if band is None else band[1], count=1).strip()
    if band is None and fold(name) not in districts:
        return None
    return name.title() if name.isupper() else name or None


def _with_district(raw: Raw, bands: dict[int, str]) -> Raw:
    """Write the district of the band above into rows that name none."""
    if not bands:
        return raw
    at = match(raw.headings, (DISTRICT,)).position.get(DISTRICT.name)
    under: list[str | None] = []
    for i in range(len(raw.rows)):
        under.append(bands.get(i, under[-1] if under else None))
    if at is None:
        column = as_cells(under, len(under))
        return replace(raw, headings=(*raw.headings, DISTRICT.name), columns=(*raw.columns, column))
    old = raw.columns[at]
    column = as_cells(
        (above if _is_empty(cell) else cell for cell, above in zip(old, under, strict=True)),
        len(under),
    )
    columns = (*raw.columns[:at], column, *raw.columns[at + 1 :])
    return replace(raw, columns=columns)


def _kept(raw: Raw, rows: Flags) -> Raw:
    """Return some rows of a file that has no shapes."""
    at: Callable[[NDArray[Any]], NDArray[Any]] = lambda values: values[rows]  # noqa: E731
    ragged = raw.ragged
    if ragged is not None:
        values = {
            name: at(value) if isinstance(value, np.ndarray) else value
            for name, value in ragged.values.items()
        }
        ragged = replace(ragged, rows=at(ragged.rows), values=values)
    return replace(
        raw,
        columns=tuple(map(at, raw.columns)),
        rows=at(raw.rows),
        ragged=ragged,
        ids=None if raw.ids is None else at(raw.ids),
    )
