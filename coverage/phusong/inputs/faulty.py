"""Rows that cannot be used: the problems of each, and the rows set aside as a table."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Problem
from ..i18n import LANGUAGES, text
from .source import Fault, Raw, Source

MANY_EMPTY = 3


def repeated_keys(keys: pd.DataFrame, raw: Raw, headings: str) -> Fault | None:
    """Refuse every row but the first of a key, and name the first."""
    if keys.empty:
        return None
    whole = keys.dropna()
    repeated = whole[whole.duplicated()]
    if repeated.empty:
        return None
    rows = pd.Series(raw.rows)
    first = rows[whole.index].groupby([whole[name] for name in whole]).transform("min")
    shown = repeated.apply(lambda key: ", ".join(map(_as_text, key)), axis=1)
    return Fault(
        rows.index.isin(repeated.index),
        "repeated_key",
        headings,
        {
            "key": shown.reindex(rows.index).to_numpy(dtype=object),
            "first": first.reindex(rows.index, fill_value=0).to_numpy(),
        },
    )


def problems_by_row(source: Source, raw: Raw, faults: Sequence[Fault]) -> dict[int, list[Problem]]:
    """Return the problems of each faulty row, rows in order, by position."""
    cells = dict(zip(reversed(raw.headings), reversed(raw.columns), strict=True))
    by_row: dict[int, list[Problem]] = {}
    for fault in faults:
        column = cells.get(fault.column or "")
        for i in np.flatnonzero(fault.rows).tolist():
            by_row.setdefault(i, []).append(
                Problem(
                    message=f"inputs.{fault.message}",
                    file=source.shown,
                    sheet=raw.sheet,
                    row=int(raw.rows[i]),
                    column=fault.column,
                    value=None if column is None or fault.message == "missing" else column[i],
                    values={
                        name: value[i] if isinstance(value, np.ndarray) else value
                        for name, value in fault.values.items()
                    },
                )
            )
    return {i: _in_one(by_row[i]) for i in sorted(by_row)}


def _in_one(problems: list[Problem]) -> list[Problem]:
    """Tell many empty cells of a row as one fault: it is a total or a note rather than a row."""
    empty = [problem for problem in problems if problem.message == "inputs.missing"]
    if len(empty) < MANY_EMPTY:
        return problems
    columns = ", ".join(problem.column for problem in empty if problem.column)
    summary = replace(
        empty[0], message="inputs.missing_many", column=None, values={"columns": columns}
    )
    return [summary, *(problem for problem in problems if problem.message != "inputs.missing")]


def rejected_rows(source: Source, raw: Raw, by_row: dict[int, list[Problem]]) -> pd.DataFrame:
    """List the rows set aside with their reasons and their cells as text."""
    at = list(by_row)
    rejected: dict[str, list[Any]] = {
        "file": [source.shown] * len(at),
        "row": [int(raw.rows[i]) for i in at],
    }
    for lang in LANGUAGES:
        rejected[f"reason_{lang}"] = [
            " ".join(
                (f"[{problem.column}] " if problem.column else "")
                + text(problem.message, lang, **problem.values)
                for problem in by_row[i]
            )
            for i in at
        ]
    for number, (heading, cells) in enumerate(zip(raw.headings, raw.columns, strict=True), start=1):
        name = heading or f"#{number}"
        while name in rejected:
            name += "_"
        rejected[name] = [_as_text(cells[i]) for i in at]
    return pd.DataFrame(rejected)


def _as_text(cell: Any) -> str:
    """Write a cell as text that can be stored anywhere; days without the hour."""
    if cell is None:
        return ""
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        cell = cell.date()
    return str(cell).encode("utf-8", "backslashreplace").decode("utf-8")
