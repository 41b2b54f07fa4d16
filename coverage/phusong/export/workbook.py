"""What every workbook shares: named styles, cells that run no formula, pages, saving.

A reader of Excel finds the styles by name in its list of cell styles and may change one for all
cells that have it. Knows no table.
"""

import datetime
import shutil
import textwrap
import zipfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, Cell
from openpyxl.compat import safe_string
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import fromstring

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
_AT_A_TIME = 1 << 20  # bytes of a part that is copied
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


class Rows:
    """Append rows to a sheet as `value_cell` and `append` do: the same bytes in less time.

    openpyxl makes, styles and asks an object for every cell, which takes minutes for a
    country's tables. Here a row goes to its stream as one piece. It still writes the sheet and
    keeps its styles, and takes cells as before.

    Parameters
    ----------
    sheet : WriteOnlyWorksheet
        Without rows yet, its columns' widths and panes set: they stand before the rows.
    """

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        self._sheet = sheet
        self._styles: dict[tuple[StyleName, bool], str] = {}
        sheet._get_writer()  # openpyxl takes nothing but cells by its public ways
        sheet._rows = self._written()
        next(sheet._rows)

    def append(self, values: Iterable[tuple[Any, str, bool]]) -> None:
        """Write a row of values with the number format of each, and whether a text is wrapped.

        A None leaves its cell empty; others are texts, numbers and days.
        """
        self._sheet._rows.send(tuple(values))

    def _written(self) -> Generator[None, Sequence[Any], None]:
        """Write what is sent, until the sheet is closed: rows of values, or of cells."""
        sheet, number = self._sheet, 0
        stream = sheet._writer.xf.send(True)
        with stream.element("sheetData"), suppress(GeneratorExit):
            while True:
                row = yield
                number += 1
                if row and isinstance(row[0], tuple):
                    stream.write(self._row(number, row))
                else:
                    cells = sheet._values_to_row(row, number)
                    sheet._writer.write_row(stream, cells, number)
        sheet._writer.xf.send(None)

    def _row(self, number: int, values: Sequence[tuple[Any, str, bool]]) -> Any:
        # Parsed in one go: to make each element by itself takes twice as long.
        height = dict(self._sheet.row_dimensions.get(number, {})).items()
        bare = False
        parts = [f'<row r="{number}"', *(f' {name}="{value}"' for name, value in height), ">"]
        for place, (value, number_format, wrapped) in enumerate(values, start=1):
            if value is None:
                continue
            name = _look(value, number_format, wrapped=wrapped)
            at = f'<c r="{get_column_letter(place)}{number}" s='
            if isinstance(value, str):
                shown, quoted = _text(value)
                bare |= not shown
                kept = ' xml:space="preserve"' if shown != shown.strip() != "" else ""
                letters = f"<is><t{kept}>{escape(shown, _RETURN)}</t></is>" if shown else ""
                parts.append(f'{at}"{self._style(name, quoted)}" t="inlineStr">{letters}</c>')
                continue
            if isinstance(value, datetime.date):
                value = to_excel(value, self._sheet.parent.epoch)
            style, figure = self._style(name, False), safe_string(value)
            bare |= not figure
            parts.append(f'{at}"{style}" t="n"><v>{figure}</v></c>')
        parts.append("</row>")
        row = fromstring("".join(parts))
        if bare:  # openpyxl closes what is empty by a tag of its own
            for element in row.iter():
                if element.text is None and not len(element):
                    element.text = ""
        return row

    def _style(self, name: StyleName, quoted: bool) -> str:
        """Return the number of a style in the workbook."""
        known = self._styles.get((name, quoted))
        if known is None:
            cell = styled_cell(self._sheet, "=" if quoted else None, name)
            known = self._styles[name, quoted] = str(cell.style_id)
        return known


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


def save_workbook(book: Workbook, path: Path) -> None:
    """Save without the moment of saving, which openpyxl and zip would record."""
    book.properties.creator = program()
    book.properties.created = book.properties.modified = _NO_MOMENT
    with TemporaryFile(prefix="phusong-") as dated:  # of a country it is more than a gigabyte
        ExcelWriter(book, zipfile.ZipFile(dated, "w")).save()
        with (
            zipfile.ZipFile(dated) as parts,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for part in parts.infolist():
                undated = zipfile.ZipInfo(part.filename)
                undated.compress_type, undated.file_size = zipfile.ZIP_DEFLATED, part.file_size
                with parts.open(part) as source, archive.open(undated, "w") as target:
                    shutil.copyfileobj(source, target, _AT_A_TIME)
