"""What every workbook shares: named styles, cells that run no formula, pages, saving.

A reader of Excel finds the styles by name in its list of cell styles and may change one for all
cells that have it. Knows no table.
"""

import datetime
import textwrap
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, Cell
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from .._version import program
from ..i18n import Bilingual, text
from .plain import FORMULA_SIGNS, plain_text

LONGEST_CELL = 32_767
"""Letters that Excel keeps in a cell."""
LONGEST_HEADER = 240
"""Letters that Excel keeps above a printed page, with room for its own codes."""
PERCENT, WHOLE, DECIMAL, DATE, GENERAL = "0.0%", "#,##0", "#,##0.00", "dd/mm/yyyy", "General"
DEGREES, METRES, TEXT = "0.00000", "#,##0.0", "@"
"""Number formats in Excel's own notation, which it localises."""
LINE_PT = 15.0
"""Height of a row of one line."""
_HIGHEST_PT = 409.0  # of a row; LibreOffice fits no row by itself
_PRINTED_SCALE, _SIDE_MARGIN_IN = 65, 0.4
_NO_MOMENT = datetime.datetime(1980, 1, 1)  # the first day that zip knows

_FACE = "Calibri"  # without a name LibreOffice takes a face with serifs
_WHITE, _BLUE, _GREY = "FFFFFF", "0B5394", "7F8C99"
_ROWS_AT_A_TIME = 2048  # memory follows them, not the sheet
_MOST_KNOWN = 20_000  # texts of a column's cells that are kept while it is written
_CELL_BYTES = 200
_END_OF_ROWS = b"</sheetData>"
_LEVEL = 5  # zlib's own 6 takes 1.7 times as long for 1 % less
_OFF_THE_NUMBER = 1  # to its left
_RETURN = {"\r": "&#13;"}  # else a parser makes a line feed of it

StyleName = Literal[
    "heading", "optional", "name", "notice", "text", "wrapped", "value", "whole", "decimal",
    "share", "date", "degrees", "metres", "typed_text", "set_aside", "mended", "doubt",
]  # fmt: skip


def _style(
    *,
    number_format: str = GENERAL,
    colour: str | None = None,
    fill: str | None = None,
    size: int = 11,
    bold: bool = False,
    words: bool = False,
    lines: bool = False,
) -> Mapping[str, Any]:
    return {
        "number_format": number_format,
        "font": Font(name=_FACE, size=size, bold=bold, color=colour),
        "fill": PatternFill() if fill is None else PatternFill("solid", fgColor=fill),
        "alignment": Alignment(
            horizontal="left" if words or lines else None,  # without it no program indents
            vertical="top",
            indent=_OFF_THE_NUMBER if words or lines else 0,
            wrap_text=lines or None,
        ),
    }


MARK_COLOURS = {"set_aside": "F8B9A3", "mended": "FFE08A", "doubt": "FCE4D6"}
"""Of the kinds of marks that a check puts into a workbook."""
STYLES: Mapping[StyleName, Mapping[str, Any]] = {
    "heading": _style(fill=_BLUE, colour=_WHITE, bold=True, lines=True),
    "optional": _style(fill=_GREY, colour=_WHITE, bold=True, lines=True),
    "name": _style(fill="E8EDF2", colour="52606D", size=9, lines=True),
    "notice": _style(colour="A63603", bold=True),
    "text": _style(words=True),
    "wrapped": _style(lines=True),
    "value": _style(),
    "whole": _style(number_format=WHOLE),
    "decimal": _style(number_format=DECIMAL),
    "share": _style(number_format=PERCENT),
    "date": _style(number_format=DATE),
    "degrees": _style(number_format=DEGREES),
    "metres": _style(number_format=METRES),
    "typed_text": _style(number_format=TEXT),
    "set_aside": _style(fill=MARK_COLOURS["set_aside"], lines=True),
    "mended": _style(fill=MARK_COLOURS["mended"], lines=True),
    "doubt": _style(fill=MARK_COLOURS["doubt"], lines=True),
}
"""Every look of a cell in a workbook of phusong, by the key of its name in the words."""
STYLE_OF_FORMAT: Mapping[str, StyleName] = {
    GENERAL: "value", WHOLE: "whole", DECIMAL: "decimal", PERCENT: "share", DATE: "date",
    DEGREES: "degrees", METRES: "metres",
}  # fmt: skip


def style_as(cell: Cell, name: StyleName) -> None:
    """Give a cell a named style.

    A workbook of the user's that has a style of that name keeps its own.
    """
    title = _title(name)
    book = cell.parent.parent
    if title not in book.named_styles:
        book.add_named_style(NamedStyle(name=title, **STYLES[name]))
    cell.style = title


def style_column(column: ColumnDimension, like: Cell) -> None:
    """Give the cells that a column will have the style of one of them."""
    column._style = copy(like._style)  # a column has no other way to a named style


@cache
def _title(name: StyleName) -> str:
    """Return what a style is called in the list of cell styles."""
    return text(f"export.style_{name}", "vi")


def set_value(cell: Cell, value: Any) -> None:
    """Set a cell; a text stays a text whatever it begins with, and one too long says so."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value, quoted = _text(value)
    if quoted:
        cell.data_type = "s"
        cell.quotePrefix = True


def _text(value: str) -> tuple[str, bool]:
    """Return what a cell shows of a text, and whether it must be told that it is one."""
    shown = plain_text(value)
    if len(shown) > LONGEST_CELL:
        shown = shown[: LONGEST_CELL - 1] + "…"  # openpyxl would cut it without a word
    return shown, shown.startswith(FORMULA_SIGNS) or shown in ERROR_CODES


def styled_cell(sheet: WriteOnlyWorksheet, value: Any, name: StyleName) -> Cell:
    """Return a cell of a sheet that is written row by row."""
    cell = WriteOnlyCell(sheet)
    style_as(cell, name)
    set_value(cell, value)
    return cell


def value_cell(
    sheet: WriteOnlyWorksheet, value: Any, number_format: str, *, wrapped: bool = False
) -> Cell | None:
    """Return a cell in the style of its number format, of a text in that of texts."""
    if value is None:
        return None
    return styled_cell(sheet, value, _look(value, number_format, wrapped=wrapped))


def _look(value: Any, number_format: str, *, wrapped: bool) -> StyleName:
    if isinstance(value, str):
        return "wrapped" if wrapped else "text"
    return STYLE_OF_FORMAT[number_format]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    values : sequence
        Of each row; None leaves its cell empty.
    number_format : str
        Of numbers and days.
    shown : callable, optional
        Returns what a cell shows of a value; without it all are numbers, shown as they are.
    wrapped : int
        In how many rows, from the first, a text is wrapped.
    """

    values: Sequence[Any]
    number_format: str
    shown: Callable[[Any], Any] | None = None
    wrapped: int = 0


_Cells = Callable[[slice, list[str]], tuple[str, list[Iterable[Any]]]]


class Rows:
    """The last rows of a sheet, for `save_workbook`: cells as of `value_cell`, far sooner.

    openpyxl makes, styles and asks an object for every cell, which takes minutes for a
    country's tables. Here columns become text, which goes straight into the file. Numbers
    have the 15 digits that Excel keeps.

    Parameters
    ----------
    sheet : WriteOnlyWorksheet
        Nothing is appended to it any more.
    first : int
        Number of the first row; `sheet.row_dimensions` has the heights.
    columns : sequence of Column
        All of one length.
    """

    def __init__(self, sheet: WriteOnlyWorksheet, first: int, columns: Sequence[Column]) -> None:
        self.sheet, self._first, self._columns = sheet, first, columns
        self._count = len(columns[0].values)
        # The workbook lists its styles before the rows are written, and may list some in vain.
        self._styles: dict[tuple[StyleName, bool], int] = {}
        for column in columns:
            texts: tuple[StyleName, ...] = () if column.shown is None else ("text", "wrapped")
            for name in (STYLE_OF_FORMAT[column.number_format], *texts):
                for quoted in (False, True) if name in texts else (False,):
                    cell = styled_cell(sheet, "=" if quoted else None, name)
                    self._styles[name, quoted] = cell.style_id

    @property
    def most_bytes(self) -> int:
        """More bytes than the rows usually take."""
        return self._count * len(self._columns) * _CELL_BYTES

    def __iter__(self) -> Iterator[str]:
        """Yield rows as they stand in the sheet's part, some at a time."""
        cells = [self._cells(get_column_letter(n), one) for n, one in enumerate(self._columns, 1)]
        edges = {*range(0, self._count, _ROWS_AT_A_TIME), self._count}
        edges |= {one.wrapped for one in self._columns if one.wrapped < self._count}
        for start, end in pairwise(sorted(edges)):
            numbers = range(self._first + start, self._first + end)
            names = list(map(str, numbers))
            pattern, told = ["%s"], list[Iterable[Any]]([map(self._opened, numbers)])
            for column in cells:
                piece, values = column(slice(start, end), names)
                pattern.append(piece)
                told += values
            yield "".join(map(f"{''.join(pattern)}</row>".__mod__, zip(*told, strict=True)))

    def _opened(self, number: int) -> str:
        if number not in self.sheet.row_dimensions:
            return f'<row r="{number}">'
        height = "".join(f' {name}="{it}"' for name, it in self.sheet.row_dimensions[number])
        return f'<row r="{number}"{height}>'

    def _cells(self, letter: str, column: Column) -> _Cells:
        """Return what gives a column's cells in some rows: a pattern and what goes into it."""
        at = f'<c r="{letter}'
        style = self._styles[STYLE_OF_FORMAT[column.number_format], False]
        number = f'" s="{style}" t="n"><v>%.15g</v></c>'
        wrapped, plain = (_Known(partial(self._rest, column, wrapped=it)) for it in (True, False))

        def cells(rows: slice, numbers: list[str]) -> tuple[str, list[Iterable[Any]]]:
            values = column.values[rows]
            known: dict[Any, str] = wrapped if rows.start < column.wrapped else plain
            if column.shown is None:
                distinct = set(values)  # what repeats is told once
                if None not in distinct and 2 * len(distinct) > len(values):
                    return f"{at}%s{number}", [numbers, values]
                known = {one: number % one for one in distinct if one is not None}
            elif len(known) > _MOST_KNOWN:
                known.clear()
            if None not in values:
                return f"{at}%s%s", [numbers, map(known.__getitem__, values)]
            some = zip(numbers, values, strict=True)
            return "%s", [["" if one is None else f"{at}{n}{known[one]}" for n, one in some]]

        return cells

    def _rest(self, column: Column, value: Any, *, wrapped: bool) -> str:
        """Return what follows the place of a cell."""
        assert column.shown is not None
        shown, quoted = column.shown(value), False
        name = _look(shown, column.number_format, wrapped=wrapped)
        if isinstance(shown, str):
            shown, quoted = _text(shown)
            kept = ' xml:space="preserve"' if shown != shown.strip() != "" else ""
            letters = f"<is><t{kept}>{escape(shown, _RETURN)}</t></is>" if shown else ""
            return f'" s="{self._styles[name, quoted]}" t="inlineStr">{letters}</c>'
        if isinstance(shown, datetime.date):
            shown = to_excel(shown, self.sheet.parent.epoch)
        return f'" s="{self._styles[name, False]}" t="n"><v>{shown:.15g}</v></c>'


class _Known(dict[Any, str]):
    """What a function makes of values, each asked for once."""

    def __init__(self, made: Callable[[Any], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, value: Any) -> str:
        found = self[value] = self._made(value)
        return found


def fit_row(
    sheet: WriteOnlyWorksheet | Worksheet, row: int, texts: Sequence[Any], widths: Sequence[float]
) -> None:
    """Make a row, before it is written, as high as its longest text needs."""
    lines = max(
        (
            len(textwrap.wrap(one, max(int(width) - 2, 1)))
            for one, width in zip(texts, widths, strict=True)
            if isinstance(one, str) and len(one) > width - 2
        ),
        default=1,
    )
    if lines > 1:
        sheet.row_dimensions[row].height = min(lines * LINE_PT, _HIGHEST_PT)


def set_up_page(sheet: WriteOnlyWorksheet | Worksheet, heading: int | None) -> None:
    """Let a sheet print on A4 landscape, its heading, if any, name and number on each page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.scale = _PRINTED_SCALE
    sheet.page_margins.left = sheet.page_margins.right = _SIDE_MARGIN_IN
    if heading is not None:
        sheet.print_title_rows = f"{heading}:{heading}"
    sheet.oddFooter.left.text = "&A"
    sheet.oddFooter.right.text = "&P / &N"


def write_notice(sheet: WriteOnlyWorksheet, notice: Bilingual | None) -> None:
    """Write a notice as the first row, and above every page on paper."""
    if notice is None:
        return
    sheet.append([styled_cell(sheet, notice.vi, "notice")])
    # "&" begins a code of Excel's headers, which hold 255 letters.
    sheet.oddHeader.center.text = textwrap.shorten(
        plain_text(notice.vi).replace("&", "&&"), LONGEST_HEADER, placeholder=" …"
    )


def save_workbook(book: Workbook, path: Path, rows: Iterable[Rows] = ()) -> None:
    """Save without the moment of saving, which openpyxl and zip would record.

    `rows` follow those that their sheets have.
    """
    book.properties.creator = program()
    book.properties.created = book.properties.modified = _NO_MOMENT
    with TemporaryFile(prefix="phusong-") as dated:
        ExcelWriter(book, zipfile.ZipFile(dated, "w")).save()
        rows_of = {one.sheet.path.removeprefix("/"): one for one in rows}
        with (
            zipfile.ZipFile(dated) as parts,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
        ):
            for part in parts.infolist():
                last, content = rows_of.get(part.filename), parts.read(part)
                large = last is not None and last.most_bytes > zipfile.ZIP64_LIMIT
                head, end, foot = content.rpartition(_END_OF_ROWS)
                with archive.open(part.filename, "w", force_zip64=large) as target:  # undated
                    target.write(head)
                    for some in last or ():
                        target.write(some.encode())
                    target.write(end + foot)
