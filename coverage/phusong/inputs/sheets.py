"""Read CSV files and XLSX workbooks into raw cells.

Knows delimiters, encodings, sheets, zip archives and titles above a table; not
what a column means: `Matches` tells how many columns of the table a row names.
"""

import codecs
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
from openpyxl import load_workbook

from ..errors import InputError
from .letters import as_western, may_be_vietnamese
from .source import (
    LARGEST_COLUMNS,
    LARGEST_ROWS,
    DecimalMark,
    Fault,
    Formula,
    Raw,
    Source,
    as_columns,
    check_counts,
    check_size,
    in_short,
)

DELIMITERS = (",", ";", "\t")
# Programs that write ";" between cells do so because "," is their decimal mark.
_DECIMAL_MARKS: dict[str, DecimalMark] = {",": ".", ";": ","}
_HEADING_WITHIN = 20  # rows; an official letterhead and a title take fewer
_HEADINGS_AT_LEAST = 2  # columns that a row must name before it is taken for the headings
_LOOKED_AT = LARGEST_COLUMNS + 1  # cells of a row; one of a hundred million commas takes minutes

_CELL_ENDS = re.compile("[,;\t\r\n]")

Matches = Callable[[Sequence[Any]], int]


def read_csv(source: Source, matches: Matches) -> Raw:
    """Read delimited text: delimiter comma, semicolon or tab.

    Parameters
    ----------
    source : Source
        The file.
    matches : callable
        How many columns of the table the cells of a row name.

    Raises
    ------
    InputError
        If its letters are of no known encoding, it is too large, or its quotes do not match.
    """
    check_size(source, source.path.stat().st_size)
    content = _decode(source)
    delimiter = _delimiter(content, matches)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    try:
        records += islice(reader, LARGEST_ROWS + 2)
    except csv.Error as broken:
        raise source.refuse("broken_csv", line=reader.line_num, detail=str(broken)) from None
    filled = [i for i, record in enumerate(records) if not _blank(record)]
    if not filled:
        raise source.refuse("empty_file")
    above = _above_headings((records[i] for i in filled), matches)
    start = filled[above]
    headings = records[start]
    numbered = [
        (number, record)
        for number, record in enumerate(records[start + 1 :], start=start + 2)
        if not _blank(record)
    ]
    width = len(headings)
    check_counts(source, len(numbered), width)
    found = np.array([_length(record, width) for _, record in numbered], dtype=np.int64)
    ragged = found != width
    padded = [
        record if len(record) == width else (record + [""] * width)[:width]
        for _, record in numbered
    ]
    return Raw(
        headings=tuple(headings),
        columns=as_columns(padded, width),
        rows=np.array([number for number, _ in numbered], dtype=np.int64),
        above=above,
        decimal_mark=_DECIMAL_MARKS.get(delimiter),
        ragged=Fault(ragged, "ragged", values={"found": found, "expected": width}),
    )


def _decode(source: Source) -> str:
    """Return the text of a file in UTF-8 or UTF-16; else as a Western program reads it.

    Old Vietnamese encodings have no mark; `letters` finds them by their words.
    """
    content = source.path.read_bytes()
    wide = _wide(content)
    try:
        decoded = content.decode(wide or "utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        decoded = as_western(content)
        if wide or not may_be_vietnamese(_CELL_ENDS.split(decoded)):
            raise source.refuse("not_utf8", line=line) from None
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


def _delimiter(content: str, matches: Matches) -> str:
    """Return the delimiter that gives most known headings, failing them most cells at the top."""

    def fitness(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
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


def _length(record: Sequence[str], width: int) -> int:
    """Count the cells of a record; empty ones beyond the heading do not count."""
    length = len(record)
    while length > width and not record[length - 1].strip():
        length -= 1
    return length


def _blank(record: Sequence[Any]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in record)


def read_xlsx(source: Source, matches: Matches) -> Raw:
    """Read one sheet of a workbook: the stored results of formulas, never the formulas.

    Parameters
    ----------
    source : Source
        The file, and the sheet if it is not the first.
    matches : callable
        How many columns of the table the cells of a row name.

    Raises
    ------
    InputError
        If the file is no workbook, unpacks to too much, or lacks the sheet.
    """
    try:
        with zipfile.ZipFile(source.path) as archive:
            check_size(source, sum(member.file_size for member in archive.infolist()))
            has_formulas = any(
                b"<f" in archive.read(name)
                for name in archive.namelist()
                if name.startswith("xl/worksheets/")
            )
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations it skips; cells are not concerned.
            warnings.simplefilter("ignore", UserWarning)
            title, records = _records(source, formulas=False)
            if has_formulas:
                _mark_uncalculated(records, _records(source, formulas=True)[1])
    except InputError:
        raise
    except Exception as broken:  # openpyxl raises anything on a damaged workbook
        raise source.refuse("unreadable", kind="XLSX", detail=in_short(broken)) from None
    numbers = [number for number, record in records.items() if not _blank(record)]
    if not numbers:
        raise source.refuse("empty_file")
    above = _above_headings((records[number] for number in numbers), matches)
    headings = records[numbers[above]]
    width = len(headings)
    numbers = numbers[above + 1 :]
    check_counts(source, len(numbers), width)
    body = [(records[number] + [None] * width)[:width] for number in numbers]
    return Raw(
        headings=tuple("" if heading is None else str(heading) for heading in headings),
        columns=as_columns(body, width),
        rows=np.array(numbers, dtype=np.int64),
        above=above,
        sheet=title,
    )


def _records(source: Source, *, formulas: bool) -> tuple[str, dict[int, list[Any]]]:
    """Return the sheet's title and its cells by row number, formulas or their results."""
    book = load_workbook(source.path, read_only=True, data_only=not formulas, keep_links=False)
    try:
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        title = source.sheet if source.sheet is not None else next(iter(sheets), "")
        if title not in sheets:
            raise source.refuse("unknown_sheet", sheet=title, found=", ".join(sheets))
        sheets[title].reset_dimensions()  # the size a file claims may be anything
        records: dict[int, list[Any]] = {}
        for number, row in enumerate(sheets[title].iter_rows(), start=1):
            check_counts(source, number - 1, 0)
            if row:
                records[number] = [_value(cell) for cell in row[: LARGEST_COLUMNS + 1]]
        return title, records
    finally:
        book.close()


def _value(cell: Any) -> Any:
    """Return a cell's value; a formula as `Formula`, its empty text as empty text."""
    if cell.data_type == "f":
        return Formula(getattr(cell.value, "text", cell.value))
    return "" if cell.value is None and cell.data_type == "str" else cell.value


def _mark_uncalculated(results: dict[int, list[Any]], formulas: dict[int, list[Any]]) -> None:
    """Put the formula where the workbook holds no result of it."""
    for number, row in formulas.items():
        for position, cell in enumerate(row):
            if isinstance(cell, Formula) and results[number][position] is None:
                results[number][position] = cell
