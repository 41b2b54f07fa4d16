"""A workbook given back with its doubtful cells marked: coloured, with the reason beside them.

The user's own workbook keeps its formatting as far as openpyxl can; other files become a
workbook made of their rows. What comes from files is text, never a formula. Knows cells and
marks; not why a cell is doubtful.
"""

import math
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from ..i18n import LANGUAGES, text
from .plain import plain_text
from .workbook import (
    LONGEST_CELL,
    MARK_COLOURS,
    fit_row,
    save_workbook,
    set_up_page,
    set_value,
    style_as,
)

MOST_ROWS = 20_000
"""Rows of a sheet that are given back whole; of a longer one only those that are marked."""
MOST_NOTES = 2_000
"""Cells of a sheet with a comment; Excel opens a sheet of more only slowly."""
_LARGEST_BYTES = 30_000_000
_MOST_SPANNED = 1_000_000
MarkKind = Literal["set_aside", "mended", "doubt"]
MARKS: tuple[MarkKind, ...] = get_args(MarkKind)
"""Kinds of marks: not used, read otherwise than it stands, used and doubtful."""
_WIDTHS = (36, 36, 14, 18, 14, 16, 18)
_SPANS = re.compile(
    rb"<(?:\w+:)?(?:mergeCell|hyperlink|f)\s[^>]*?ref\s*=\s*[\"']([A-Z0-9:$]+)[\"']"
)


@dataclass(frozen=True)
class Mark:
    """What is told of a cell.

    Parameters
    ----------
    row : int
        Its number in the file, from 1.
    column : int, optional
        From 0; the first filled cell of the row if absent.
    kind : {"set_aside", "mended", "doubt"}
        The row is not used; the cell was read otherwise than it stands; it is used and doubtful.
    words : tuple of str
        In Vietnamese and English.
    """

    row: int
    column: int | None
    kind: MarkKind
    words: tuple[str, str]


@dataclass(frozen=True)
class Swatch:
    """A cell of the summary that names a kind of mark, in its colour.

    Parameters
    ----------
    kind : {"set_aside", "mended", "doubt"}
    """

    kind: MarkKind


@dataclass(frozen=True, kw_only=True)
class MarkedSheet:
    """One sheet, or one file that becomes one.

    Parameters
    ----------
    title : str, optional
        The sheet's name in the user's workbook; None for another file.
    headings : tuple of str, length k
    cells : sequence of k columns
    rows : sequence of int, length n
        Numbers of the rows in the file.
    marks : sequence of Mark
    """

    title: str | None
    headings: tuple[str, ...]
    cells: Sequence[Sequence[Any]]
    rows: Sequence[int]
    marks: Sequence[Mark]


def annotate_workbook(
    source: Path, path: Path, sheets: Iterable[MarkedSheet], summary: Sequence[Sequence[Any]]
) -> bool:
    """Write the user's own workbook with marks and a summary; the original is only read.

    Parameters
    ----------
    source : Path
        An ``.xlsx``.
    path : Path
        File to write.
    sheets : iterable of MarkedSheet
        Of this workbook.
    summary : sequence of rows
        Cells of the summary sheet, which comes first; a row of one cell is a heading.

    Returns
    -------
    bool
        False, and nothing is written, if openpyxl cannot take the workbook up, or it is too
        large to be taken up whole.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mine, marked = Path(folder) / "mine.xlsx", Path(folder) / "marked.xlsx"
    ...     book = Workbook()
    ...     book.active.append(["lon"])
    ...     book.active.append([500])
    ...     book.save(mine)
    ...     mark = Mark(2, 0, "set_aside", ("Lớn quá.", "Too big."))
    ...     sheet = MarkedSheet(
    ...         title="Sheet", headings=("lon",), cells=[[500]], rows=[2], marks=[mark]
    ...     )
    ...     annotate_workbook(mine, marked, [sheet], [["Tóm tắt"]])
    ...     print(load_workbook(marked)["Sheet"]["A2"].comment.text)
    True
    KHÔNG DÙNG: Lớn quá.
    <BLANKLINE>
    NOT USED: Too big.
    """
    sheets = list(sheets)
    if not _can_be_taken_up(source):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of what openpyxl cannot keep
            book = load_workbook(source, rich_text=True)
            for one in sheets:
                _mark(book[one.title], one.marks, {number: number for number in one.rows}, 0)
            _write_summary(book, summary)
            save_workbook(book, path)
    except OSError:
        raise
    except Exception:  # openpyxl raises anything on styles and parts it does not know
        path.unlink(missing_ok=True)
        return False
    return True


def make_workbook(
    path: Path, sheets: Iterable[MarkedSheet], summary: Sequence[Sequence[Any]]
) -> None:
    """Write rows of a file as a workbook with marks and a summary.

    Parameters
    ----------
    path : Path
        File to write.
    sheets : iterable of MarkedSheet
        Of more than `MOST_ROWS` rows those that are marked are written, as many of them.
    summary : sequence of rows
        As for `annotate_workbook`.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> sheet = MarkedSheet(title=None, headings=("name",), cells=[["=1+1"]], rows=[2], marks=[])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "made.xlsx"
    ...     make_workbook(path, [sheet], [["Tóm tắt"]])
    ...     cell = load_workbook(path).worksheets[1]["B2"]
    ...     cell.value, cell.data_type
    ('=1+1', 's')
    """
    book = Workbook()
    book.remove(book.active)
    for one in sheets:
        name = one.title or text("export.sheet_rows", "vi")
        while name in book.sheetnames:
            name = f"{name[:27]}_{len(book.sheetnames)}"
        sheet = book.create_sheet(name)
        marked = {mark.row for mark in one.marks}
        chosen = [
            i for i, row in enumerate(one.rows) if len(one.rows) <= MOST_ROWS or row in marked
        ][:MOST_ROWS]
        for at, heading in enumerate((text("export.column_row", "vi"), *one.headings), start=1):
            style_as(sheet.cell(1, at), "heading")
            _put(sheet, 1, at, heading)
            sheet.column_dimensions[get_column_letter(at)].width = 9 if at == 1 else 18
        sheet.freeze_panes = "B2"
        set_up_page(sheet, 1)
        sheet.print_title_cols = "A:A"
        styles = _styles_of(book)
        for row, i in enumerate(chosen, start=2):
            for at, value in enumerate((one.rows[i], *(column[i] for column in one.cells)), 1):
                cell = sheet.cell(row, at)
                cell._style = copy(styles[isinstance(value, str)])
                _put(sheet, row, at, value)
        whole = f"A1:{get_column_letter(1 + len(one.headings))}{1 + len(chosen)}"
        sheet.auto_filter.ref = sheet.print_area = whole
        _mark(sheet, one.marks, {one.rows[i]: row for row, i in enumerate(chosen, start=2)}, 1)
    _write_summary(book, summary)
    save_workbook(book, path)


def _styles_of(book: Workbook) -> Mapping[bool, Any]:
    """Return the styles of texts and of other values; naming one for each cell takes longer."""
    model = book.create_sheet()
    style_as(model["A1"], "value")
    style_as(model["A2"], "text")
    styles = {False: model["A1"]._style, True: model["A2"]._style}
    book.remove(model)
    return styles


def _can_be_taken_up(source: Path) -> bool:
    """Tell whether a workbook is small enough, and merges no vast ranges cell by cell."""
    try:
        with zipfile.ZipFile(source) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST_BYTES:
                return False
            spanned = 0
            for name in archive.namelist():
                if name.endswith(".xml") and "sheet" in name:
                    for found in _SPANS.findall(archive.read(name)):
                        left, top, right, bottom = range_boundaries(found.decode())
                        spanned += (right - left + 1) * (bottom - top + 1)
    except (zipfile.BadZipFile, ValueError, TypeError):
        return False
    return spanned <= _MOST_SPANNED


def _mark(sheet: Worksheet, marks: Sequence[Mark], row_of: Mapping[int, int], shift: int) -> None:
    """Colour cells and say why; several marks of a cell are one comment."""
    of_cell: dict[tuple[int, int], list[Mark]] = {}
    for mark in marks:
        row = row_of.get(mark.row)
        if row is not None:
            column = _first_filled(sheet, row, shift) if mark.column is None else mark.column
            of_cell.setdefault((row, column + 1 + shift), []).append(mark)
    filled: dict[tuple[tuple[int, ...], str], Any] = {}
    for count, ((row, column), its) in enumerate(of_cell.items()):
        cell = sheet.cell(row, column)
        kind = min((mark.kind for mark in its), key=MARKS.index)
        of_style = tuple(cell._style or ()), kind
        if of_style not in filled:  # openpyxl compares a new style with all others
            cell.fill = PatternFill("solid", fgColor=MARK_COLOURS[kind])
            filled[of_style] = cell._style
        cell._style = copy(filled[of_style])
        if count >= MOST_NOTES:
            continue
        said = [
            "\n".join(f"{text(f'export.mark_{mark.kind}', lang)}: {mark.words[at]}" for mark in its)
            for at, lang in enumerate(LANGUAGES)
        ]
        _comment(sheet, cell, "\n\n".join(said))


def _first_filled(sheet: Worksheet, row: int, shift: int) -> int:
    for at in range(shift + 1, min(sheet.max_column, 200) + 1):
        if sheet.cell(row, at).value is not None:
            return at - 1 - shift
    return 0


def _comment(sheet: Worksheet, cell: Cell | MergedCell, words: str) -> None:
    """Put a comment on a cell, under the user's own; on the first of merged cells."""
    if isinstance(cell, MergedCell):
        merged = next(one for one in sheet.merged_cells.ranges if cell.coordinate in one)
        cell = sheet.cell(merged.min_row, merged.min_col)
    own = f"{cell.comment.text}\n\n" if cell.comment else ""
    whole = plain_text(own + words)[:LONGEST_CELL]
    lines = sum(1 + len(line) // 50 for line in whole.splitlines())
    cell.comment = Comment(whole, "phusong", height=min(24 + 17 * lines, 400), width=360)


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> Cell:
    """Write a cell; what is no number or yes and no is a text."""
    cell: Cell = sheet.cell(row, column)
    finite = isinstance(value, float) and math.isfinite(value)
    if value is not None and not isinstance(value, bool | int | str) and not finite:
        value = value.isoformat() if hasattr(value, "isoformat") else str(value)
    set_value(cell, value)
    return cell


def _write_summary(book: Workbook, rows: Sequence[Sequence[Any]]) -> None:
    """Write the summary as the first sheet."""
    name = text("export.sheet_check", "vi")
    while name in book.sheetnames:
        name += "_"
    sheet = book.create_sheet(name, 0)
    for at, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    set_up_page(sheet, 1)
    sheet.freeze_panes = "A2"  # tables follow each other: none but the title is above all of them
    sheet.print_area = f"A1:{get_column_letter(len(_WIDTHS))}{max(len(rows), 1)}"
    head = False
    for row, cells in enumerate(rows, start=1):
        for at, value in enumerate(cells, start=1):
            cell = sheet.cell(row, at)
            if isinstance(value, Swatch):
                style_as(cell, value.kind)
                names = (text(f"export.mark_{value.kind}", lang) for lang in LANGUAGES)
                _put(sheet, row, at, " / ".join(names))
                continue
            style_as(cell, "heading" if len(cells) == 1 else "name" if head else "wrapped")
            _put(sheet, row, at, value)
            if len(cells) == 1:
                sheet.merge_cells(
                    start_row=row, end_row=row, start_column=1, end_column=len(_WIDTHS)
                )
        if len(cells) > 1:
            fit_row(sheet, row, [*cells], _WIDTHS[: len(cells)])
        head = len(cells) == 1  # the row under a heading names the columns
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
