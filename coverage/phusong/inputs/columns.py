"""Find which column of a file holds which field of a table, and read its cells as values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..errors import Problem
from ..i18n import LANGUAGES, Bilingual, text, words
from ..tables import CELLS, Field, Table
from .arrange import SHOWN_HEADINGS
from .communes import CODE
from .days import read_days
from .headings import SHAPEFILE_NAME_LENGTH, Headings, match, matches, with_alike
from .source import Fault, Raw, Source, Told, as_cells
from .values import DTYPES, convert, is_legacy


def find_columns(
    source: Source, raw: Raw, table: Table
) -> tuple[list[Problem], list[Problem], Headings]:
    """Return the faults of the headings, hints about likely slips, and the fields' columns."""
    found = match(
        raw.headings,
        table.fields,
        longest=SHAPEFILE_NAME_LENGTH if raw.names_cut else None,
    )
    if not raw.names_cut:  # names cut to ten letters look too much alike
        found = with_alike(found, raw.headings, table.fields)
    problems = [
        Problem(
            message="inputs.repeated_column",
            file=source.shown,
            sheet=raw.sheet,
            column=name,
            values={"headings": ", ".join(headings)},
        )
        for name, headings in found.repeated.items()
    ]
    shown = ", ".join(raw.headings[:SHOWN_HEADINGS])
    if table.one_of and not set(table.one_of) & set(found.position):
        problems.append(
            Problem(
                message="inputs.missing_one_column",
                file=source.shown,
                sheet=raw.sheet,
                values={"fields": ", ".join(table.one_of), "found": shown or "–"},
            )
        )
    hints: list[Problem] = []
    if raw.above:
        hints.append(
            Problem(
                message="inputs.rows_above",
                file=source.shown,
                sheet=raw.sheet,
                values={"count": raw.above, "headings": shown},
            )
        )
    hints += [_of_file(told, source, raw) for told in raw.told]
    hints += [
        Problem(
            message="inputs.taken_alike",
            file=source.shown,
            sheet=raw.sheet,
            column=heading,
            values={"field": name, "score": score},
        )
        for name, (heading, score) in found.alike.items()
    ]
    missing = [one for one in table.fields if one.required and one.name not in found.position]
    if missing:
        problems.append(_missing_columns(source, raw, missing, found.nearest))
    for field in table.fields:
        nearest = found.nearest.get(field.name)
        if nearest is not None and field not in missing:
            hints.append(
                Problem(
                    message="inputs.unused_column",
                    file=source.shown,
                    sheet=raw.sheet,
                    column=nearest,
                    values={"field": field.name},
                )
            )
    if problems:
        problems += [
            Problem(
                message="inputs.legacy_letters", file=source.shown, sheet=raw.sheet, value=heading
            )
            for heading in raw.headings
            if is_legacy(heading)
        ]
    return problems, hints, found


def _missing_columns(
    source: Source, raw: Raw, missing: Sequence[Field], nearest: Mapping[str, str]
) -> Problem:
    """Tell the required columns that a file lacks, with its headings once."""
    shown = ", ".join(raw.headings[:SHOWN_HEADINGS]) or "–"
    if len(missing) == 1:
        (field,) = missing
        return Problem(
            message="inputs.missing_column",
            file=source.shown,
            sheet=raw.sheet,
            column=field.name,
            values={
                "meaning": field.title,
                "field": field.name,
                "found": shown,
                "nearest": nearest.get(field.name) or words("common.nothing_alike"),
            },
        )
    lines = {
        lang: "; ".join(
            f"{field.name} ({field.title[lang]})"
            + (text("inputs.most_alike", lang, nearest=alike) if alike else "")
            for field in missing
            for alike in (nearest.get(field.name),)
        )
        for lang in LANGUAGES
    }
    return source.problem(
        "missing_columns", count=len(missing), fields=Bilingual(**lines), found=shown
    )


def with_ids(raw: Raw, table: Table) -> Raw:
    """Take the features' own identifiers for the table's key if the columns have none.

    Failing them, number the rows where the table allows it.
    """
    # Sites are told apart by more than a key of their own.
    key = table[(table.key or CELLS.key)[0]]
    if match(raw.headings, (key,)).position:
        return raw
    ids, told = raw.ids, Told("feature_ids", {"field": key.name})
    if ids is None and table.numbered:
        ids, told = as_cells(map(str, raw.rows.tolist()), len(raw.rows)), Told("rows_numbered")
    if ids is None:
        return raw
    return replace(
        raw,
        headings=(*raw.headings, key.name),
        columns=(*raw.columns, ids),
        told=(*raw.told, told),
    )


def names_columns(raw: Raw, table: Table) -> bool:
    """Tell whether the first row under the headings looks like a second row of them."""
    return len(raw.rows) > 0 and matches([column[0] for column in raw.columns], table) > 0


def _of_file(told: Told, source: Source, raw: Raw) -> Problem:
    return Problem(
        message=f"inputs.{told.message}",
        file=source.shown,
        sheet=raw.sheet,
        column=told.column,
        values=told.values,
    )


def columns_of(
    raw: Raw,
    source: Source,
    table: Table,
    position: Mapping[str, int],
    nameless: Sequence[Fault],
) -> tuple[dict[str, pd.Series], list[Fault], list[tuple[Problem, Fault]]]:
    """Return the table's columns and the faults of their cells, rows without a commune included.

    Last come days that were not written as whole dates: what to tell, and in which rows.
    """
    columns: dict[str, pd.Series] = {}
    faults = list(nameless)
    taken: list[tuple[Problem, Fault]] = []
    for field in table.fields:
        if field.name in position:
            at = position[field.name]
            cells, heading = raw.columns[at], raw.headings[at]
        else:  # its absence is a fault of the file
            columns[field.name] = pd.Series(
                None, index=range(len(raw.rows)), dtype=DTYPES[field.kind]
            )
            continue
        if field.kind == "date":
            cells, told = read_days(cells, from_1904=raw.from_1904)
            taken += [
                (_of_file(replace(one, column=heading), source, raw), replace(rows, column=heading))
                for one, rows in told
            ]
        columns[field.name], found = convert(
            cells, field, heading=heading, decimal_mark=raw.decimal_mark
        )
        if field.name == CODE:  # where its name is unknown, the code is not missing besides
            known = ~np.logical_or.reduce([fault.rows for fault in nameless])
            found = [replace(fault, rows=fault.rows & known) for fault in found]
        faults += found
    return columns, faults, taken
