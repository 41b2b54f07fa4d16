"""Read a register that is published as related tables in one archive, such as that of ACMA.

The archive is not unpacked: tables are gone through row by row, and only the rows and columns that
the register's preset asks for are kept, so that memory depends on these and not on the files.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from ..errors import InputError
from .arrange import presets
from .source import (
    Raw,
    Source,
    Told,
    as_columns,
    check_room,
    check_size,
    in_short,
    told_of_rows,
)

LARGEST_TABLE_BYTES = 4_000_000_000
"""Largest table of a register, unpacked."""
_ENCRYPTED = 0x1
_AT_A_TIME = 5000


def is_register(source: Source) -> bool:
    """Tell whether a file is an archive of tables that the source's preset knows how to join."""
    return source.suffix == ".zip" and source.preset is not None and (
        "tables" in presets()[source.preset]
    )  # fmt: skip


def read_register(source: Source) -> Raw:
    """Join the tables of a register's archive.

    Parameters
    ----------
    source : Source
        With a preset that has ``tables``: `file` has the rows; each of `joined` adds columns `by`
        one of those before it. Of any, only rows are kept whose column begins with one of the
        words in `keep`, or of which one of the columns in `keep_any` does.

    Returns
    -------
    Raw
        Rows are numbered as in `file`; how many of it were left out is in `left_out`.

    Raises
    ------
    InputError
        If the archive is damaged, protected or lacks a table or column.
    """
    rules = presets()[source.preset or ""]["tables"]
    try:
        with zipfile.ZipFile(source.path) as archive:
            return _joined(source, archive, rules)
    except InputError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, RuntimeError, ValueError,
            NotImplementedError, EOFError, csv.Error) as broken:  # fmt: skip
        raise source.refuse("unreadable", kind="ZIP", detail=in_short(broken)) from None


def _joined(source: Source, archive: zipfile.ZipFile, rules: Mapping[str, Any]) -> Raw:
    # Of the tables that limit which rows are kept only their sound rows are looked for.
    first = [one for one in rules["joined"] if "keep_any" in one or "keep" in one]
    known = {one["file"]: _by_key(source, archive, one) for one in first}
    headings: tuple[str, ...] = tuple(rules["columns"])
    records: list[list[str]] = []
    numbers: list[int] = []
    columns = len(headings) + sum(len(one["columns"]) for one in rules["joined"])
    count = 0
    for count, row in enumerate(_rows(source, archive, rules, headings), start=1):
        if row is None or any(
            row[headings.index(one["by"])] not in known[one["file"]] for one in first
        ):
            continue
        records.append(row)
        numbers.append(count + 1)
        if len(records) % _AT_A_TIME == 0:
            check_room(source, len(records), columns)
    for one in rules["joined"]:
        at = headings.index(one["by"])
        wanted = {record[at] for record in records}
        its = known.get(one["file"]) or _by_key(source, archive, one, wanted)
        nothing = [""] * len(one["columns"])
        records = [[*record, *its.get(record[at], nothing)] for record in records]
        headings = (*headings, *one["columns"])
    for name, divisor in rules.get("divided_by", {}).items():
        at = headings.index(name)
        for record in records:
            record[at] = _divided(record[at], divisor)
    left_out = Told(
        "register_joined",
        {"file": rules["file"], "count": len(records), "left_out": count - len(records)},
    )
    return Raw(
        headings=headings,
        columns=as_columns(records, len(headings)),
        rows=np.array(numbers, dtype=np.int64),
        heading_rows=1,
        left_out=count - len(records),
        decimal_mark=".",
        told=(left_out, *told_of_rows(len(records), columns)),
    )


def _by_key(
    source: Source,
    archive: zipfile.ZipFile,
    rule: Mapping[str, Any],
    wanted: set[str] | None = None,
) -> dict[str, list[str]]:
    """Return the columns of a table by its key; of the keys wanted alone."""
    names = (rule["by"], *rule["columns"])
    return {
        row[0]: row[1:]
        for row in _rows(source, archive, rule, names)
        if row is not None and (wanted is None or row[0] in wanted)
    }


def _rows(
    source: Source, archive: zipfile.ZipFile, rule: Mapping[str, Any], names: Sequence[str]
) -> Iterator[list[str] | None]:
    """Yield the named columns of each row of a table; None of one that is not kept."""
    member = next(
        (
            one
            for one in archive.infolist()
            if PurePosixPath(one.filename).name.casefold() == rule["file"]
        ),
        None,
    )
    if member is None:
        raise source.refuse("register_lacks", name=rule["file"])
    if member.flag_bits & _ENCRYPTED:
        raise source.refuse("protected_archive")
    check_size(source, member.file_size, largest=LARGEST_TABLE_BYTES)
    known: dict[str, str] = {}
    same = known.setdefault  # most texts are met again and again
    with archive.open(member) as content:
        lines = csv.reader(
            io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline="")
        )
        position = {name: at for at, name in enumerate(next(lines, []))}
        keep, keep_any = rule.get("keep", {}), rule.get("keep_any", {})
        for name in (*names, *keep, *keep_any):
            if name not in position:
                raise source.refuse("register_lacks", name=f"{rule['file']}: {name}")
        at = [position[name] for name in names]
        all_of = [(position[name], tuple(words)) for name, words in keep.items()]
        any_of = [(position[name], tuple(words)) for name, words in keep_any.items()]
        width = len(position)
        for row in lines:
            if not row:
                continue
            row += [""] * (width - len(row))
            kept = all(row[i].startswith(words) for i, words in all_of) and (
                not any_of or any(row[i].startswith(words) for i, words in any_of)
            )
            yield [same(row[i], row[i]) for i in at] if kept else None


def _divided(cell: str, divisor: float) -> str:
    try:
        return f"{round(float(cell) / divisor, 6):.12g}"
    except ValueError:
        return cell
