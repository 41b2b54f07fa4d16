"""Read CSV files and the sheets of workbooks into raw cells.

Knows delimiters, encodings and titles above a table; not what a column means:
`Matches` tells how many columns of the table a row names.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from .headings import normal
from .letters import as_western, may_be_vietnamese
from .source import (
    LARGEST_COLUMNS,
    DecimalMark,
    Fault,
    Raw,
    Source,
    Told,
    as_columns,
    check_counts,
    check_room,
    told_of_rows,
)
from .split_places import UNITS_OF_ANGLES
from .workbooks import Sheet, blank, read_sheets

DELIMITERS = (",", ";", "\t", "|")
# Programs that write ";" between cells do so because "," is their decimal mark.
_DECIMAL_MARKS: dict[str, DecimalMark] = {",": ".", ";": ","}
_HEADING_WITHIN = 20  # rows; an official letterhead and a title take fewer
_UNITS_AT_LEAST = 4  # degrees and minutes of a longitude and a latitude, in cells of their own
_HEADINGS_AT_LEAST = 2  # columns that a row must name before it is taken for the headings
_LOOKED_AT = LARGEST_COLUMNS + 1  # cells of a row; one of a hundred million commas takes minutes

_HEAD_LETTERS = 2_000_000  # in which the first rows of any sane file end
_LIKE_THE_BEST = 0.5
"""Share of the columns of the sheet that is read that another must name to be told."""
_END_OF_FILE = "\x1a"  # which programs of DOS still write

_WORKBOOK_HEADS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # zipped, and those before 2007
_CELL_ENDS = re.compile("[,;|\t\r\n]")
_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_HELD_PER_BYTE = 3
"""Bytes held of each byte of a file: itself, and as text with Vietnamese letters."""

Matches = Callable[[Sequence[Any]], int]


def read_csv(source: Source, matches: Matches) -> Raw:
    """Read delimited text: delimiter comma, semicolon, tab or upright stroke.

    Parameters
    ----------
    source : Source
        The file.
    matches : callable
        How many columns of the table the cells of a row name.

    Raises
    ------
    InputError
        If its letters are of no known encoding, memory does not hold it, or its quotes do not
        match.
    """
    held = _HELD_PER_BYTE * source.path.stat().st_size
    check_room(source, 0, 0, content_bytes=held)
    content = _decode(source)
    delimiter = _delimiter(content, matches)
    lines = max(content.count("\n"), content.count("\r"), 1)
    check_room(source, lines, content.count(delimiter) // lines + 1, content_bytes=held)
    reader = csv.reader(_lines(content), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    met: dict[str, str] = {}
    same = met.setdefault  # most texts of a long list are met again and again
    try:
        records += ([same(cell, cell) for cell in record] for record in reader)
    except csv.Error as broken:
        raise source.refuse("broken_csv", line=reader.line_num, detail=str(broken)) from None
    del met, same
    filled = [i for i, record in enumerate(records) if not blank(record)]
    if not filled:
        raise source.refuse("empty_file")
    above = _above_headings((records[i] for i in filled), matches)
    headings, taken, told = _headings([records[i] for i in filled[above : above + 3]], matches)
    numbered = [(i + 1, records[i]) for i in filled[above + taken :]]
    width = len(headings)
    check_room(source, len(numbered), width)  # other rows may be shorter than the headings
    told += told_of_rows(len(numbered), width)
    found = np.array(
        [
            width if len(record) == width else _length(record, width)  # asked of every row
            for _, record in numbered
        ],
        dtype=np.int64,
    )
    ragged = found != width
    padded = [
        record if len(record) == width else (record + [""] * width)[:width]
        for _, record in numbered
    ]
    return Raw(
        headings=headings,
        columns=as_columns(padded, width),
        rows=np.array([number for number, _ in numbered], dtype=np.int64),
        above=above,
        heading_rows=taken,
        decimal_mark=_DECIMAL_MARKS.get(delimiter),
        told=tuple(told),
        ragged=Fault(ragged, "ragged", values={"found": found, "expected": width}),
    )


def _decode(source: Source) -> str:
    """Return the text of a file in UTF-8 or UTF-16; else as a Western program reads it.

    Old Vietnamese encodings have no mark; `letters` finds them by their words.
    """
    content = source.path.read_bytes()
    if content.startswith(_WORKBOOK_HEADS):
        raise source.refuse("workbook_as_text")
    wide = _wide(content)
    try:
        decoded = content.decode(wide or "utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        decoded = as_western(content)
        if wide or not may_be_vietnamese(_CELL_ENDS.split(decoded)):
            raise source.refuse("not_utf8", line=line) from None
    decoded = decoded.removesuffix(_END_OF_FILE)
    if "\0" in decoded:
        line = decoded.count("\n", 0, decoded.index("\0")) + 1
        raise source.refuse("not_utf8", line=line)
    return decoded


def _wide(content: bytes) -> str | None:
    """Return the codec of a text of two bytes a letter: by its mark, else by its plain letters."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    high, low = content[:_LOOKED_AT:2], content[1:_LOOKED_AT:2]
    if low.count(0) > len(low) / 2 and not high.count(0):
        return "utf-16-le"
    return "utf-16-be" if high.count(0) > len(high) / 2 and not low.count(0) else None


def _lines(content: str) -> Iterator[str]:
    """Yield the lines with their ends, as a file does that leaves them as they are."""
    return (line[0] for line in _LINE.finditer(content))


def _delimiter(content: str, matches: Matches) -> str:
    """Return the delimiter that gives most known headings, failing them most cells at the top."""
    head = content[:_HEAD_LETTERS]

    def fitness(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(_lines(head), delimiter=delimiter)
        try:
            top = [row[:_LOOKED_AT] for row in islice(filter(None, reader), _HEADING_WITHIN)]
        except csv.Error:
            return 0, 0
        return max(map(matches, top), default=0), max(map(len, top), default=0)

    return max(DELIMITERS, key=fitness)


def _above_headings(filled: Iterable[Sequence[Any]], matches: Matches) -> int:
    """Count the filled rows above the headings, such as a title; none if no row has headings."""
    for position, record in enumerate(islice(filled, _HEADING_WITHIN)):
        if matches(record[:_LOOKED_AT]) >= _HEADINGS_AT_LEAST:
            return position
    return 0


def _headings(
    rows: Sequence[Sequence[Any]], matches: Matches
) -> tuple[tuple[str, ...], int, list[Told]]:
    """Return the headings, how many rows they take, and what to tell of it.

    A second row of headings, under cells merged across, belongs to the first where more
    columns are known by both; so does a row that only numbers the columns.
    """
    headings = tuple(map(_text, rows[0]))
    taken, told = 1, []
    if len(rows) > 1 and all(cell is None or isinstance(cell, str) for cell in rows[1]):
        both = _joined(headings, tuple(map(_text, rows[1])), matches)
        units = sum(normal(_text(cell)) in UNITS_OF_ANGLES for cell in rows[1])
        if units >= _UNITS_AT_LEAST or matches(both) > max(
            matches(headings), _HEADINGS_AT_LEAST - 1
        ):
            headings, taken = both, 2
            told.append(Told("headings_joined", {"headings": ", ".join(filter(None, both))}))
    if len(rows) > taken and _numbers_columns(rows[taken]):
        taken += 1
        told.append(Told("column_numbers"))
    return headings, taken, told


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _joined(top: Sequence[str], below: Sequence[str], matches: Matches) -> tuple[str, ...]:
    """Join two rows of headings: the lower cell if it is known alone, else both."""
    width = max(len(top), len(below))
    joined, over = [], ""
    for i in range(width):
        upper = top[i] if i < len(top) else ""
        lower = below[i].strip() if i < len(below) else ""
        over = upper.strip() or (over if lower else "")
        whole = over if lower == over else f"{over} {lower}".strip()  # merged over both rows
        joined.append(lower if lower and matches([lower]) and not matches([whole]) else whole)
    return tuple(joined)


def _numbers_columns(row: Sequence[Any]) -> bool:
    """Tell whether a row only numbers the columns: 1, 2, 3 or (1), (2), (3)."""
    cells = [_text(cell).strip().strip("()[]").removesuffix(".0") for cell in row]
    filled = [cell for cell in cells if cell]
    return len(filled) >= 3 and filled == [str(i) for i in range(1, len(filled) + 1)]


def _length(record: Sequence[str], width: int) -> int:
    """Count the cells of a record; empty ones beyond the heading do not count."""
    length = len(record)
    while length > width and not record[length - 1].strip():
        length -= 1
    return length


def read_workbook(source: Source, matches: Matches) -> Raw:
    """Read one sheet of a workbook.

    Parameters
    ----------
    source : Source
        The file, and the sheet if `matches` would not find it.
    matches : callable
        How many columns of the table the cells of a row name.

    Raises
    ------
    InputError
        If the file is no workbook, unpacks to too much, or lacks the sheet.
    """
    sheets = read_sheets(source)
    sheet, others, hidden = _sheet_of(sheets, matches)
    numbers = [number for number, record in sheet.rows.items() if not blank(record)]
    if not numbers:
        raise source.refuse("empty_file")
    above = _above_headings((sheet.rows[number] for number in numbers), matches)
    first = [sheet.rows[number] for number in numbers[above : above + 3]]
    headings, taken, told = _headings(first, matches)
    width = len(headings)
    numbers = numbers[above + taken :]
    check_counts(source, len(numbers), width)
    body = [
        row if len(row) == width else (row + [None] * width)[:width]
        for row in map(sheet.rows.__getitem__, numbers)
    ]
    if sheet.filled_down:
        told.append(Told("filled_down", {"count": sheet.filled_down}))
    if others:
        told.append(Told("other_sheets", {"sheet": sheet.title, "others": ", ".join(others)}))
    if sheet.hidden:
        told.append(Told("hidden_sheet_read", {"sheet": sheet.title}))
    elif hidden:
        told.append(Told("hidden_sheets", {"count": len(hidden), "sheets": ", ".join(hidden)}))
    if sheet.errors_as_empty:
        told.append(Told("errors_as_empty"))
    return Raw(
        headings=headings,
        columns=as_columns(body, width),
        rows=np.array(numbers, dtype=np.int64),
        above=above,
        heading_rows=taken,
        sheet=sheet.title,
        told=tuple(told),
        from_1904=sheet.from_1904,
    )


def sheets_alike(source: Source, matches: Matches) -> tuple[str, ...]:
    """Return the sheets with the headings of the one that names most columns of the table.

    Parameters
    ----------
    source : Source
        A workbook; no sheet named.
    matches : callable
        How many columns of the table the cells of a row name.

    Raises
    ------
    InputError
        As `read_workbook` does.
    """
    sheets = read_sheets(source)
    best, _, _ = _sheet_of(sheets, matches)
    wanted = _heading_row(best, matches)
    return tuple(
        sheet.title
        for sheet in sheets
        if sheet is best or (not sheet.hidden and _heading_row(sheet, matches) == wanted)
    )


def sheets_named(source: Source, matches: Matches) -> tuple[str, ...]:
    """Return the sheets that are shown and name columns.

    Parameters
    ----------
    source : Source
        A workbook; no sheet named.
    matches : callable
        How many columns the cells of a row name.

    Raises
    ------
    InputError
        As `read_workbook` does.
    """
    return tuple(
        sheet.title
        for sheet in read_sheets(source)
        if not sheet.hidden
        and max(map(matches, islice(sheet.rows.values(), _HEADING_WITHIN)), default=0)
        >= _HEADINGS_AT_LEAST
    )


def _heading_row(sheet: Sheet, matches: Matches) -> list[str]:
    filled = [record for record in sheet.rows.values() if not blank(record)]
    if not filled:
        return []
    record = filled[_above_headings(filled, matches)]
    return [normal(cell) for cell in map(_text, record) if cell.strip()]


def _sheet_of(sheets: Sequence[Sheet], matches: Matches) -> tuple[Sheet, list[str], list[str]]:
    """Return the sheet that names most columns of the table, shown ones like it, and hidden ones.

    Sheets that are shown go before hidden ones, earlier ones before later.
    """
    named = [
        max(map(matches, islice(sheet.rows.values(), _HEADING_WITHIN)), default=0)
        for sheet in sheets
    ]
    best = max(
        range(len(sheets)),
        key=lambda i: (named[i] >= _HEADINGS_AT_LEAST, not sheets[i].hidden, named[i], -i),
    )
    others = [
        sheet.title
        for i, sheet in enumerate(sheets)
        if i != best
        and not sheet.hidden
        and named[i] >= max(_HEADINGS_AT_LEAST, named[best] * _LIKE_THE_BEST)
    ]
    hidden = [
        sheet.title
        for i, sheet in enumerate(sheets)
        if i != best and sheet.hidden and named[i] >= _HEADINGS_AT_LEAST
    ]
    return sheets[best], others, hidden
