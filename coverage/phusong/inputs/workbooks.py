"""Read one sheet of a workbook into rows of cells, whatever kind of workbook it is.

Knows zip archives, OLE containers, sheets, styles and merged cells; no heading and no table.
"""

import datetime
import json
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.xml.functions import fromstring

from ..errors import InputError
from .source import (
    LARGEST_COLUMNS,
    LARGEST_ROWS,
    Formula,
    Source,
    as_cells,
    check_counts,
    check_size,
    in_short,
)

OTHER_WORKBOOKS = frozenset({".xls", ".xlsb", ".ods"})
"""Kinds of workbook that are read in a process of their own."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED = "EncryptedPackage".encode("utf-16-le")  # a stream's name, MS-OFFCRYPTO 1.3.2
_LONGEST_READ_S = 120
_LARGEST_MEMORY_BYTES = 4_000_000_000

# "Strict Open XML Spreadsheet" (ISO/IEC 29500-1) differs from the usual kind in its namespaces.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main",
     b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/",
     b"http://schemas.openxmlformats.org/drawingml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/",
     b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)  # fmt: skip

_LAST_ROW = 1_048_576  # of a sheet in Excel
_FROM_1904 = re.compile(rb"""\sdate1904\s*=\s*["'](?:1|true|on)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")

# What calamine does not tell as openpyxl does: errors, days written out, empty results, sections
# taken as they stand, "_x000D_" for a letter, and formulas without a result.
_OPENPYXL_ALONE = (
    b't="e"', b"t='e'", b't="d"', b"t='d'", b"<v></v>", b"<v/>", b"<v />", b"<!",
)  # fmt: skip
_ESCAPED = re.compile(rb"_x[0-9A-Fa-f]{4}_")
_NO_RESULT = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*</c")
_UNUSUAL_HEAD = re.compile(
    rb"""\0|purl\.oclc\.org|<\w+:(?:worksheet|sst|workbook)\b|encoding\s*=\s*["'](?!(?i:utf-8)["'])"""
)
_HEAD_BYTES = 1_000
_NO_TEXT = re.compile(rb"^PK\x03\x04|[\0-\x08\x0e-\x1f]")
_BLOCK_BYTES = 1 << 18  # that a processor keeps near it while each sign is looked for
_LONGEST_SIGN = 16
_PARTS = (".xml", ".rels")

Rows = dict[int, list[Any]]


@dataclass(frozen=True)
class Sheet:
    """Cells of one sheet.

    Parameters
    ----------
    title : str
    rows : dict of list
        Cells by row number, from 1.
    filled_down : int
        Cells that lay merged under a cell and now hold its value.
    hidden : bool
        Whether the workbook hides the sheet.
    errors_as_empty : bool
        Whether cells whose formula gives an error came as empty ones.
    from_1904 : bool
        Whether bare numbers that stand for days count them from 1904, not from 1900.
    """

    title: str
    rows: Rows
    filled_down: int = 0
    hidden: bool = False
    errors_as_empty: bool = False
    from_1904: bool = False


def read_sheets(source: Source) -> list[Sheet]:
    """Read the sheet that the source names, or all of them, in the workbook's order.

    Raises
    ------
    InputError
        If the file is no workbook, is protected by a password, unpacks to too much or
        lacks the sheet.
    """
    with source.path.open("rb") as file:
        head = file.read(len(_OLE))
    if head == _OLE:
        check_size(source, source.path.stat().st_size)
        if _PROTECTED in source.path.read_bytes():
            raise source.refuse("protected_workbook")
        return _other_sheets(source)
    if (other := _other_content(source)) is not None:
        raise source.refuse(other)
    renamed = source.suffix == ".xls" and head.startswith(b"PK\x03\x04")
    if source.suffix in OTHER_WORKBOOKS and not renamed:
        return _other_sheets(source)
    return _xlsx_sheets(source)


def _other_content(source: Source) -> str | None:
    """Return what to tell of a text that has a workbook's suffix; None if it is no text."""
    with source.path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        return "markup_as_workbook"
    return None if not head or _NO_TEXT.search(head) else "text_as_workbook"


def _chosen(source: Source, titles: Iterable[str]) -> list[str]:
    """Return the titles of the sheets to read."""
    titles = list(titles)
    if source.sheet is None:
        return titles
    if source.sheet not in titles:
        raise source.refuse("unknown_sheet", sheet=source.sheet, found=", ".join(titles))
    return [source.sheet]


def _xlsx_sheets(source: Source) -> list[Sheet]:
    """Read a workbook of Office Open XML: the stored results of formulas, never the formulas.

    With calamine, which takes a tenth of the time, unless only openpyxl tells its cells; it reads
    while we still look whether it may.

    Raises
    ------
    InputError
        If it is no workbook, or unpacks to too much.
    """
    try:
        _check_unpacked(source)
        with _calamine(source, exact=True) as reader:
            alone, from_1904 = _looked_through(source)
            told = {} if alone else _told_by(reader)
        if "sheets" in told:
            sheets = _told_sheets(source, told, errors_as_empty=False)
        else:
            sheets = _by_openpyxl(source, _parts(source))
        if from_1904:
            sheets = [replace(sheet, from_1904=True) for sheet in sheets]
        return sheets
    except InputError:
        raise
    except Exception as broken:  # openpyxl raises anything on a damaged workbook
        raise source.refuse("unreadable", kind="XLSX", detail=in_short(broken)) from None


def _check_unpacked(source: Source) -> None:
    """Refuse an archive that says it unpacks to too much."""
    with zipfile.ZipFile(source.path) as archive:
        check_size(source, sum(member.file_size for member in archive.infolist()))


def _parts(source: Source) -> dict[str, bytes]:
    """Return the files in a workbook that tell its cells: no pictures, macros, printer settings."""
    with zipfile.ZipFile(source.path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(_PARTS)}


def _looked_through(source: Source) -> tuple[bool, bool]:
    """Tell whether openpyxl alone tells the cells of a workbook, and whether days are of 1904."""
    with zipfile.ZipFile(source.path) as archive:
        names = [name for name in archive.namelist() if name.endswith(_PARTS)]
        from_1904 = "xl/workbook.xml" in names and _FROM_1904.search(
            archive.read("xl/workbook.xml")
        )
        return any(_openpyxl_alone(archive, name) for name in names), bool(from_1904)


def _openpyxl_alone(archive: zipfile.ZipFile, name: str) -> bool:
    """Tell whether a file of a workbook holds what calamine tells otherwise than openpyxl.

    Block by block: a sheet unpacks to a hundred megabytes and more.
    """
    before, formulas = b"", False
    with archive.open(name) as part:
        while block := part.read(_BLOCK_BYTES):
            seen = before + block
            if not before and _UNUSUAL_HEAD.search(seen, 0, _HEAD_BYTES):
                return True
            if any(sign in seen for sign in _OPENPYXL_ALONE) or _ESCAPED.search(seen):
                return True
            formulas = formulas or b"<f" in seen
            before = seen[-_LONGEST_SIGN:]
    return formulas and _NO_RESULT.search(archive.read(name)) is not None


def _by_openpyxl(source: Source, parts: Mapping[str, bytes]) -> list[Sheet]:
    plain = _plain(parts)
    has_formulas = any(
        _FORMULA.search(part) for name, part in parts.items() if name.startswith("xl/worksheets/")
    )
    with warnings.catch_warnings():
        # openpyxl warns of validations and extensions it skips; cells are not concerned.
        warnings.simplefilter("ignore", UserWarning)
        sheets = _open(source, plain, formulas=False)
        if has_formulas:
            for sheet, other in zip(sheets, _open(source, plain, formulas=True), strict=True):
                _mark_uncalculated(sheet.rows, other.rows)
    return sheets


def _plain(parts: Mapping[str, bytes]) -> bytes:
    """Return a workbook of the usual kind whose styles tell only which numbers are dates."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            for strict, usual in _STRICT:
                part = part.replace(strict, usual)
            archive.writestr(name, _number_formats(part) if name == "xl/styles.xml" else part)
    return file.getvalue()


def _number_formats(styles: bytes) -> bytes:
    """Reduce a style sheet to the number format of each cell style."""
    tree = fromstring(styles)

    def found(path: str) -> list[Any]:
        return list(tree.iterfind("/".join(f"{{*}}{name}" for name in path.split("/"))))

    formats = "".join(
        f"<numFmt numFmtId={quoteattr(one.get('numFmtId', '0'))} "
        f"formatCode={quoteattr(one.get('formatCode', 'General'))}/>"
        for one in found("numFmts/numFmt")
    )
    styled = "".join(
        f"<xf numFmtId={quoteattr(one.get('numFmtId', '0'))}/>" for one in found("cellXfs/xf")
    )
    return (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + (f"<numFmts>{formats}</numFmts>" if formats else "")
        + "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills>"
        "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
        f"<cellXfs>{styled or '<xf/>'}</cellXfs></styleSheet>"
    ).encode()


def _open(source: Source, content: bytes, *, formulas: bool) -> list[Sheet]:
    """Return sheets with their cells, formulas or their results; merged cells filled down."""
    book = load_workbook(BytesIO(content), read_only=True, data_only=not formulas, keep_links=False)
    try:
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        if not sheets:
            raise source.refuse("no_worksheet")
        read = []
        for title in _chosen(source, sheets):
            sheet = sheets[title]
            sheet.reset_dimensions()  # the size a file claims may be anything
            rows: Rows = {}
            for number, row in enumerate(sheet.iter_rows(), start=1):
                if number > _LAST_ROW:
                    raise source.refuse("too_many_rows", limit=LARGEST_ROWS)
                cells = [_value(cell) for cell in row[: LARGEST_COLUMNS + 1]]
                if any(cell is not None for cell in cells):  # a format alone is no row
                    check_counts(source, len(rows), 0)
                    rows[number] = cells
            with sheet._get_source() as file:
                filled = _fill_down(rows, _merged(file.read()))
            read.append(Sheet(title, rows, filled, hidden=sheet.sheet_state != "visible"))
        return read
    finally:
        book.close()


def _value(cell: Any) -> Any:
    """Return a cell's value; a formula as `Formula`, its empty text as empty text."""
    if cell.data_type == "f":
        return Formula(getattr(cell.value, "text", cell.value))
    return "" if cell.value is None and cell.data_type == "str" else cell.value


def _mark_uncalculated(results: Rows, formulas: Rows) -> None:
    """Put the formula where the workbook holds no result of it."""
    for number, row in formulas.items():
        results.setdefault(number, [None] * len(row))
        for position, cell in enumerate(row):
            if isinstance(cell, Formula) and results[number][position] is None:
                results[number][position] = cell


Merged = tuple[int, int, int]
"""Column from 0, first and last row from 1."""


def _merged(xml: bytes) -> list[Merged]:
    """Return the ranges of more than one row that a sheet merges."""
    found = re.findall(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z0-9:$]+)[\"']", xml)
    ranges = (range_boundaries(each.decode()) for each in found)
    return [
        (left - 1, top, bottom)
        for left, top, _, bottom in ranges
        if left and top and bottom and bottom > top
    ]


def _fill_down(rows: Rows, merged: Iterable[Merged]) -> int:
    """Give each cell merged under another the value that it shows; return how many."""
    filled = 0
    for column, top, bottom in merged:
        above = rows.get(top, [])
        value = above[column] if column < len(above) else None
        if value is None or isinstance(value, Formula):
            continue
        for number in range(top + 1, bottom + 1):
            row = rows.get(number)
            if row is None or all(cell is None for cell in row):
                continue  # a row of which nothing else is filled in is none
            row += [None] * (column + 1 - len(row))
            if row[column] is None:
                row[column] = value
                filled += 1
    return filled


def _other_sheets(source: Source) -> list[Sheet]:
    """Read an old, binary or OpenDocument workbook with calamine."""
    check_size(source, source.path.stat().st_size)
    if zipfile.is_zipfile(source.path):
        _check_unpacked(source)
    with _calamine(source, exact=False) as reader:
        told = _told_by(reader)
    if told.get("protected"):
        raise source.refuse("protected_workbook")
    if told.get("too_many_rows"):
        raise source.refuse("too_many_rows", limit=LARGEST_ROWS)
    if "broken" in told:
        kind = source.suffix.removeprefix(".").upper()
        raise source.refuse("unreadable", kind=kind, detail=str(told["broken"])[:200])
    return _told_sheets(source, told, errors_as_empty=True)


@contextmanager
def _calamine(source: Source, *, exact: bool) -> Iterator[subprocess.Popen[bytes]]:
    """Start `_calamine` on a workbook, and end it.

    In a process of its own: calamine lays a sheet out whole, so that two cells far apart
    can ask for more memory than there is.
    """
    script = Path(__file__).with_name("_calamine.py")
    asked = [source.path, source.sheet or "", _LARGEST_MEMORY_BYTES, LARGEST_ROWS]
    with subprocess.Popen(  # noqa: S603  our own module; the path is its argument
        [sys.executable, "-I", str(script), *map(str, asked), "exact" if exact else ""],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as reader:
        try:
            yield reader
        finally:
            reader.kill()


def _told_by(reader: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Return what `_calamine` tells of a workbook: its sheets, or why they cannot be told."""
    try:
        written, _ = reader.communicate(timeout=_LONGEST_READ_S)
    except subprocess.TimeoutExpired:
        return {"broken": f"> {_LONGEST_READ_S} s"}
    if reader.returncode:
        return {"broken": f"calamine: {reader.returncode}"}
    head, _, tail = written.partition(b"\n")
    del written
    told: dict[str, Any] = json.loads(head, object_hook=_with_moments)
    numbers = np.frombuffer(tail, dtype=np.int32)
    for sheet in told.get("sheets", ()):
        values = as_cells(sheet["values"], len(sheet["values"]))
        *parts, numbers = np.split(numbers, np.cumsum(sheet["lengths"]))
        rows, lengths, at = parts
        cells = values[at].tolist()
        ends = np.cumsum(lengths).tolist()
        sheet["rows"] = {
            number: cells[end - length : end]
            for number, length, end in zip(rows.tolist(), lengths.tolist(), ends, strict=True)
        }
    return told


def _told_sheets(source: Source, told: Mapping[str, Any], *, errors_as_empty: bool) -> list[Sheet]:
    if not told["titles"]:
        raise source.refuse("no_worksheet")
    _chosen(source, told["titles"])
    sheets = []
    for sheet in told["sheets"]:
        rows: Rows = {
            number: cells[: LARGEST_COLUMNS + 1] for number, cells in sheet["rows"].items()
        }
        merged = [(left, top + 1, bottom + 1) for left, top, bottom in sheet["merged"]]
        filled = _fill_down(rows, merged)
        sheets.append(Sheet(sheet["title"], rows, filled, sheet["hidden"], errors_as_empty))
    return sheets


def _with_moments(told: dict[str, Any]) -> Any:
    """Return what `_calamine` wrote between braces: a day or a moment, else as it is."""
    if told.keys() != {"moment"}:
        return told
    written = told["moment"]
    moment = datetime.datetime.fromisoformat(written)
    return moment.date() if len(written) == len("2017-12-31") else moment


def blank(record: Sequence[Any]) -> bool:
    """Tell whether no cell of a row is filled."""
    for cell in record:  # most end at the first cell: a generator would take longer
        if cell is not None and not (isinstance(cell, str) and not cell.strip()):
            return False
    return True
