"""Give rows that name their commune its code.

Knows headings and the study's communes; `admin` knows which spellings mean which.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from ..admin import Named
from ..errors import Problem
from ..tables import COMMUNES, Table
from .headings import match
from .source import Cells, Fault, Raw, Source, as_cells
from .zones import NAME_HEADINGS, Witness, columns_called

CODE = "commune_code"
DISTRICT_HEADINGS = frozenset(
    {"district", "huyen", "ten_huyen", "quan_huyen", "huyen_thi", "huyen_thanh_pho",
     "huyen_thi_xa_thanh_pho", "thuoc_huyen", "district_name"}
)  # fmt: skip
"""Headings under which files name districts, as `normal` has them."""


def with_codes(
    raw: Raw, source: Source, table: Table, witness: Witness | None
) -> tuple[Raw, list[Problem], list[Fault]]:
    """Find the codes of communes that rows name where a code should stand, or in its place.

    Parameters
    ----------
    raw : Raw
    source : Source
    table : Table
        What the file is read as; nothing is done unless its rows have a commune.
    witness : Witness, optional
        The study's communes.

    Returns
    -------
    Raw
        With codes instead of names in the column of codes, or with such a column.
    list of Problem
        How many rows were understood by name, and how.
    list of Fault
        Rows whose name may mean several communes, or none.
    """
    if witness is None or table.name == COMMUNES.name or CODE not in table.columns:
        return raw, [], []
    own = match(raw.headings, (table[CODE],)).position.get(CODE)
    called = columns_called(raw, NAME_HEADINGS)
    if own is None and not called:
        return raw, [], []
    given = (
        raw.columns[own] if own is not None else as_cells((None for _ in raw.rows), len(raw.rows))
    )
    names = [_name(code, [raw.columns[at][row] for at in called]) for row, code in enumerate(given)]
    if not any(names):
        return raw, [], []
    heading = raw.headings[called[0] if own is None else own]
    found = [
        None if name is None else witness.names.find(name, district)
        for name, district in zip(names, _districts(raw), strict=True)
    ]
    cells = as_cells(
        (code if one is None else one.code for code, one in zip(given, found, strict=True)),
        len(given),
    )
    if own is None:
        raw = replace(raw, headings=(*raw.headings, CODE), columns=(*raw.columns, cells))
    else:
        columns = (*raw.columns[:own], cells, *raw.columns[own + 1 :])
        raw = replace(raw, columns=columns)
    return raw, _told(source, raw, heading, names, found), _faults(names, found, heading)


def _name(code: Any, others: list[Any]) -> str | None:
    """Return the name that a row gives instead of a code, if it does."""
    if code is not None and str(code).strip():
        is_name = isinstance(code, str) and any(letter.isalpha() for letter in code)
        return code if is_name else None
    return next((cell for cell in others if isinstance(cell, str) and cell.strip()), None)


def _districts(raw: Raw) -> list[str | None]:
    called = columns_called(raw, DISTRICT_HEADINGS)
    if not called:
        return [None] * len(raw.rows)
    return [cell if isinstance(cell, str) else None for cell in raw.columns[called[0]]]


def _told(
    source: Source, raw: Raw, heading: str, names: list[str | None], found: list[Named | None]
) -> list[Problem]:
    """Tell how many rows were understood by their commune's name, and which was least alike."""
    taken = [
        (one, name)
        for one, name in zip(found, names, strict=True)
        if one is not None and one.code is not None
    ]
    if not taken:
        return []
    how = Counter(one.how for one, _ in taken)
    values: dict[str, Any] = {"count": len(taken), "exact": how["exact"]}
    message = "communes_by_name"
    if how["exact"] < len(taken):
        others = [pair for pair in taken if pair[0].how != "exact"]
        least, given = min(others, key=lambda pair: pair[0].score)
        message = "communes_by_spelling"
        values |= {
            "spelling": how["spelling"],
            "edition": how["edition"],
            "letters": how["letters"] + how["alike"],
            "given": given,
            "name": least.name,
            "code": least.code,
            "score": least.score,
        }
    return [
        Problem(
            message=f"inputs.{message}",
            file=source.shown,
            sheet=raw.sheet,
            column=heading,
            values=values,
        )
    ]


def _faults(names: list[str | None], found: list[Named | None], heading: str) -> list[Fault]:
    """Return the rows whose commune is not known, with what may be meant."""
    unsure = np.array([one is not None and one.code is None for one in found], dtype=bool)
    offered: Cells = as_cells(
        ("" if one is None else "; ".join(one.candidates) for one in found), len(found)
    )
    given = as_cells((name or "" for name in names), len(names))
    several = unsure & (offered != "")
    return [
        Fault(rows, message, values={"name": given, "candidates": offered, "heading": heading})
        for rows, message in (
            (several, "commune_unsure"), (unsure & ~several, "commune_unknown"),
        )
        if rows.any()
    ]  # fmt: skip
