"""Lay out a file's columns as the study says: headings by other names, and constants.

Knows headings, fields and the headings of public registers; no file format.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from ..errors import Problem
from ..i18n import words
from ..tables import LAT, LON, X_M, Y_M, Field, Table
from .headings import match, normal
from .source import Cells, Raw, Source, as_cells

SHOWN_HEADINGS = 30
_JOINT = "-"
_LEFT_ALONE = " (nguồn / source)"
"""Behind the heading of a column that stands again under its field's name."""


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """Return the headings, constants and values of public registers, by the register's name."""
    text = files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def headings_of(source: Source) -> dict[str, tuple[str, ...]]:
    """Return which fields each heading stands for: as the preset has it, then as the study says.

    Examples
    --------
    >>> from pathlib import Path
    >>> source = Source(path=Path("a.csv"), shown="a.csv", headings={"Mã PX": "commune_code"})
    >>> headings_of(source)
    {'Mã PX': ('commune_code',)}
    """
    known = presets()[source.preset]["headings"] if source.preset else {}
    named = {**known, **source.headings}
    return {
        heading: (fields,) if isinstance(fields, str) else tuple(fields)
        for heading, fields in named.items()
    }


def arrange(raw: Raw, source: Source, table: Table) -> tuple[Raw, list[Problem]]:
    """Name the columns after the fields that the study says they hold, and add its constants.

    A column named goes by its field's name from here on; one that would be taken for the same
    field by its own heading is left alone. Several headings of one field are joined by a dash.

    Parameters
    ----------
    raw : Raw
    source : Source
        With `headings`, `constants` and `preset`.
    table : Table

    Returns
    -------
    Raw
    list of Problem
        Headings that are not in the file, and fields that the table has not.
    """
    named = headings_of(source)
    preset = presets()[source.preset] if source.preset else {}
    constants = {**preset.get("constants", {}), **source.constants}
    pairs: Mapping[str, Sequence[str]] = preset.get("pairs", {})
    if not named and not constants:
        return raw, []
    fields = {field.name: field for field in _fields(table)}
    problems = [
        *_unknown_fields(source, [*constants, *(name for its in named.values() for name in its)],
                         fields),
        *_unknown_headings(source, raw, {**named, **pairs}, constants),
    ]  # fmt: skip
    if problems:
        return raw, problems
    raw = _without_nothing(raw, preset)
    of_field: dict[str, list[int]] = {}
    known = [normal(heading) for heading in raw.headings]
    for at, heading in enumerate(known):
        for name in next((its for given, its in named.items() if normal(given) == heading), ()):
            of_field.setdefault(name, []).append(at)
    values = preset.get("values", {})
    count = len(raw.rows)
    new: dict[str, Cells] = {}
    for name, places in of_field.items():
        if name not in constants:
            column = raw.columns[places[0]] if len(places) == 1 else _joined(raw, places)
            new[name] = _as_meant(column, values.get(name, {}))
    for heading, (first, second) in pairs.items():
        at = known.index(normal(heading))
        new |= dict(zip((first, second), _two_of(raw.columns[at]), strict=True))
    new |= {
        name: as_cells((value for _ in range(count)), count) for name, value in constants.items()
    }
    taken = {*match(raw.headings, [fields[name] for name in new]).position.values()}
    taken |= {at for its in of_field.values() for at in its}
    kept = tuple(
        heading + _LEFT_ALONE if at in taken else heading for at, heading in enumerate(raw.headings)
    )
    arranged = replace(raw, headings=(*kept, *new), columns=(*raw.columns, *new.values()))
    return arranged, []


def _without_nothing(raw: Raw, preset: Mapping[str, Any]) -> Raw:
    """Empty the cells that hold what a program writes for nothing, and what it did not measure."""
    nothing = dict.fromkeys(preset.get("nothing", ()))
    columns = [_as_meant(column, nothing) for column in raw.columns] if nothing else [*raw.columns]
    known = [normal(heading) for heading in raw.headings]
    for heading, rule in preset.get("empty_if", {}).items():
        if (told := normal(heading)) in known:
            cells = map(_as_text, columns[known.index(told)])
            off = np.array([cell == rule["is"] for cell in cells], dtype=bool)
            for name in rule["empty"]:
                at = known.index(normal(name))
                columns[at] = columns[at].copy()
                columns[at][off] = None
    return replace(raw, columns=tuple(columns))


def _fields(table: Table) -> tuple[Field, ...]:
    return (*table.fields, *((LON, LAT, X_M, Y_M) if table.geometry == "Point" else ()))


def _unknown_fields(
    source: Source, named: Iterable[str], fields: Mapping[str, Field]
) -> list[Problem]:
    """Tell which fields the study names that the table has not."""
    problems = []
    for name in dict.fromkeys(named):
        if name not in fields:
            alike = difflib.get_close_matches(name, fields, n=1)
            nearest = alike[0] if alike else words("common.nothing_alike")
            problems.append(source.problem("unknown_field", field=name, nearest=nearest))
    return problems


def _unknown_headings(
    source: Source, raw: Raw, named: Mapping[str, Iterable[str]], constants: Mapping[str, Any]
) -> list[Problem]:
    """Tell which headings are not in the file or are there twice; a constant needs none."""
    known = [normal(heading) for heading in raw.headings]
    found = ", ".join(raw.headings[:SHOWN_HEADINGS])
    return [
        source.problem(
            "unknown_heading" if normal(heading) not in known else "heading_twice",
            heading=heading,
            found=found,
        )
        for heading, its in named.items()
        if known.count(normal(heading)) != 1 and not set(its) <= set(constants)
    ]


def _joined(raw: Raw, at: Iterable[int]) -> Cells:
    """Join the cells of several columns; where one is empty there is nothing."""
    rows = zip(*(raw.columns[each] for each in at), strict=True)
    parts = ([_as_text(cell) for cell in row] for row in rows)
    return as_cells((_JOINT.join(row) if all(row) else None for row in parts), len(raw.rows))


def _two_of(column: Cells) -> tuple[Cells, Cells]:
    """Split cells that hold two figures with a comma between; what holds no two stays whole."""

    def part(cell: Any, at: int) -> Any:
        parts = cell.split(",") if isinstance(cell, str) else []
        return parts[at].strip() if len(parts) == 2 else cell

    first, second = (as_cells((part(cell, at) for cell in column), len(column)) for at in (0, 1))
    return first, second


def _as_meant(column: Cells, values: Mapping[str, str | None]) -> Cells:
    """Put what a register's values mean in their place."""
    if not values:
        return column

    return as_cells((values.get(_as_text(cell), cell) for cell in column), len(column))


def _as_text(cell: Any) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell) if whole else cell).strip()
