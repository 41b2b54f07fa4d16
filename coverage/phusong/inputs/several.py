"""One table from several files or sheets: rows together, each still known by its place.

Reads nothing itself; `reader` has checked each part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from ..errors import InputError, Problem
from ..i18n import LANGUAGES, text
from ..tables import Table
from .reader import Checked


def without(checked: Checked, faults: Mapping[int, Sequence[Problem]]) -> Checked:
    """Set aside further rows of a table, for faults that its reader does not know.

    Parameters
    ----------
    checked : Checked
    faults : mapping of int to sequence of Problem
        By position in the table.

    Returns
    -------
    Checked

    Examples
    --------
    >>> table = pd.DataFrame({"road_id": ["a", "b"]})
    >>> table.attrs["file"] = "roads.csv"
    >>> checked = Checked(table, (), (2, 3), pd.DataFrame())
    >>> fault = Problem(message="inputs.no_geometry", file="roads.csv", row=2)
    >>> without(checked, {0: [fault]}).table["road_id"].to_list()
    ['b']
    """
    at = list(faults)
    if not at:
        return checked
    lost = pd.DataFrame(checked.table.drop(columns="geometry", errors="ignore").iloc[at])
    listed: dict[str, Any] = {
        "file": [checked.where(i)[0] for i in at],
        "row": [checked.rows[i] for i in at],
    }
    for lang in LANGUAGES:
        listed[f"reason_{lang}"] = [
            " ".join(text(problem.message, lang, **problem.values) for problem in faults[i])
            for i in at
        ]
    lost = pd.concat([pd.DataFrame(listed), lost.astype("str").reset_index(drop=True)], axis=1)
    if any(sheet for _, sheet in checked.places):
        lost.insert(1, "sheet", [checked.where(i)[1] or "" for i in at])
    good = [i for i in range(len(checked.table)) if i not in faults]
    return replace(
        checked,
        table=checked.table.iloc[good].reset_index(drop=True),
        problems=(*checked.problems, *(one for problems in faults.values() for one in problems)),
        rows=tuple(checked.rows[i] for i in good),
        rejected=_listed([checked.rejected, lost]),
        places=tuple(checked.places[i] for i in good) if checked.places else (),
    )


def together(parts: Sequence[Checked], table: Table, *, set_aside_faulty: bool) -> Checked:
    """Return the rows of several files or sheets as one table.

    Parameters
    ----------
    parts : sequence of Checked
        In the order of the study; at least one.
    table : Table
        What they hold.
    set_aside_faulty : bool
        Set aside rows whose key stands in an earlier part.

    Returns
    -------
    Checked
        Sorted by key; its `places` tell where each row stands.

    Raises
    ------
    InputError
        If a key stands in several parts, unless `set_aside_faulty`.

    Examples
    --------
    >>> from phusong.tables import ROADS
    >>> def part(file, *ids):
    ...     table = pd.DataFrame({"road_id": list(ids)})
    ...     table.attrs["file"] = file
    ...     return Checked(table, (), tuple(range(2, 2 + len(ids))), pd.DataFrame())
    >>> both = together([part("a.csv", "r2"), part("b.csv", "r1", "r3")], ROADS,
    ...                 set_aside_faulty=False)
    >>> both.table["road_id"].to_list(), both.where(0)
    (['r1', 'r2', 'r3'], ('b.csv', None, 2))
    """
    if len(parts) == 1:
        return parts[0]
    parts = [_numbered_apart(part, table, number) for number, part in enumerate(parts, start=1)]
    whole = pd.concat([part.table for part in parts], ignore_index=True)
    places = [part.where(i) for part in parts for i in range(len(part.table))]
    order = whole.sort_values(list(table.key), kind="stable").index
    files = dict.fromkeys(file for file, _, _ in places)
    zones = {part.table.attrs.get("zone") for part in parts}
    rejected = [_with_sheet(part) for part in parts]
    joined = whole.loc[order].reset_index(drop=True)
    joined.attrs = {"file": ", ".join(files)}
    if len(zones) == 1 and None not in zones:
        joined.attrs["zone"] = zones.pop()
    checked = Checked(
        joined,
        tuple(problem for part in parts for problem in part.problems),
        tuple(places[i][2] for i in order),
        _listed(rejected),
        tuple(row for part in parts for row in part.passed),
        tuple(places[i][:2] for i in order),
    )
    faults = _repeated(checked, table)
    if faults and not set_aside_faulty:
        raise InputError([problem for problems in faults.values() for problem in problems])
    return without(checked, faults)


def _numbered_apart(part: Checked, table: Table, number: int) -> Checked:
    """Tell apart rows of several files that go by their number alone."""
    if number == 1 or all(one.message != "inputs.rows_numbered" for one in part.problems):
        return part
    rows = part.table.copy()
    rows[table.key[0]] = f"{number}-" + rows[table.key[0]]
    return replace(part, table=rows)


def _listed(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows set aside of several files; empty where a file has no such column."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0]
    whole = pd.concat(filled, ignore_index=True)
    return whole.astype(object).where(whole.notna(), "")


def _with_sheet(part: Checked) -> pd.DataFrame:
    sheet = part.table.attrs.get("sheet")
    if sheet is None:
        return part.rejected
    rejected = part.rejected.copy()
    rejected.insert(1, "sheet", sheet)
    return rejected


def _repeated(checked: Checked, table: Table) -> dict[int, list[Problem]]:
    """Find the rows whose key an earlier file or sheet has, by position."""
    keys = checked.table[list(table.key)]
    by_key = [keys[name] for name in keys]
    first = pd.Series(range(len(keys)), dtype="int64").groupby(by_key).transform("min")
    faults: dict[int, list[Problem]] = {}
    for i in keys.index[keys.duplicated()].tolist():
        other_file, other_sheet, other_row = checked.where(first[i])
        file, sheet, row = checked.where(i)
        key = ", ".join(map(str, keys.loc[i]))
        place = {"key": key, "first": other_row, "file": _place(other_file, other_sheet)}
        faults[i] = [
            Problem(
                message="inputs.repeated_key_elsewhere", file=file, sheet=sheet, row=row,
                column=", ".join(table.key), values=place,
            )
        ]  # fmt: skip
    return faults


def _place(file: str, sheet: str | None) -> str:
    return file if sheet is None else f"{file}, {sheet}"
