"""Tables for people with Excel: one workbook of all results, and rejected rows as CSV.

Text from input files is never run as a formula by the program that opens it.
"""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.writer.excel import ExcelWriter

from ..i18n import text
from ..tables import INDICATORS, Field, Table
from .plain import is_share, plain_rows, plain_text

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make Excel or LibreOffice read a text as a formula."""

PERCENT = "0.0%"
_HEADING = Font(bold=True, color="FFFFFF")
_HEADING_FILL = PatternFill("solid", fgColor="0B5394")
_NAME = Font(color="52606D", size=9)
_NAME_FILL = PatternFill("solid", fgColor="E8EDF2")
_TOP = Alignment(wrap_text=True, vertical="top")
_WIDEST, _NARROWEST = 60, 11
_ROWS_MEASURED = 200
_NO_MOMENT = datetime.datetime(1980, 1, 1)  # the first day that zip knows


def write_workbook(tables: Mapping[str, tuple[pd.DataFrame, Table]], path: Path) -> None:
    """Write every result table as a sheet, and a sheet that defines the columns.

    Row 1 of a sheet is the Vietnamese meaning with its unit, row 2 the column
    name as in every other export; both stay in sight. The indicator board
    comes first, the definitions last. The same tables give the same bytes.

    Parameters
    ----------
    tables : mapping
        Name → finished table and its definition, repeating fields written out.
    path : Path
        File to write.

    Raises
    ------
    ValueError
        If a frame breaks its table's definition.
    """
    book = Workbook(write_only=True)
    for name in sorted(tables, key=lambda name: name != INDICATORS.name):
        frame, table = tables[name]
        _, rows = plain_rows(frame, table, by_key=table.geometry is not None)
        _write_table(book, text(f"export.sheet_{name}", "vi"), table, rows)
    _write_definitions(book, {name: table for name, (_, table) in tables.items()})
    _save(book, path)


def write_rejected(rejected: Mapping[str, pd.DataFrame], folder: Path) -> tuple[Path, ...]:
    """Write the rows set aside as ``rejected/<table>.csv``, by `write_csv`.

    Parameters
    ----------
    rejected : mapping
        Table name → rows with their reasons; empty ones are left out.
    folder : Path
        The output folder.

    Returns
    -------
    tuple of Path
        The files written; none, and no folder, if nothing was rejected.
    """
    written = []
    for name, rows in sorted(rejected.items()):
        if rows.empty:
            continue
        path = folder / "rejected" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        write_csv(rows, path)
        written.append(path)
    return tuple(written)


def write_csv(rows: pd.DataFrame, path: Path) -> None:
    """Write rows as CSV for Excel, in UTF-8 with BOM.

    A cell that a spreadsheet would read as a formula gets a leading apostrophe.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_inert(heading) for heading in rows.columns)
        lines.writerows(map(_inert, row) for row in rows.itertuples(index=False, name=None))


def _inert(value: object) -> str:
    """Return a CSV cell that no spreadsheet runs; plain numbers stay numbers."""
    if pd.isna(value):
        return ""
    cell = plain_text(value)
    if not cell.startswith(FORMULA_SIGNS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def _write_table(
    book: Workbook, title: str, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    sheet = book.create_sheet(title)
    last = f"{get_column_letter(len(table.fields))}{len(rows) + 2}"
    sheet.freeze_panes = f"{get_column_letter(1 + len(table.key))}3"
    sheet.auto_filter.ref = f"A2:{last}"
    for letter, field in _lettered(table.fields):
        longest = max(
            [len(field.name), *(len(str(row[field.name])) for row in rows[:_ROWS_MEASURED])]
        )
        sheet.column_dimensions[letter].width = min(max(longest + 3, _NARROWEST), _WIDEST)
    sheet.append([_heading(sheet, field.meaning("vi")) for field in table.fields])
    sheet.append([_name(sheet, field.name) for field in table.fields])
    for row in rows:
        # The board mixes shares and counts in one column; its own unit tells them apart.
        share_row = table.name == INDICATORS.name and row["unit"] == "share"
        sheet.append(
            [
                _cell(sheet, row[field.name], PERCENT if share_row else _format(field))
                for field in table.fields
            ]
        )


def _write_definitions(book: Workbook, tables: Mapping[str, Table]) -> None:
    sheet = book.create_sheet(text("export.sheet_definitions", "vi"))
    for letter, width in zip("ABCDEFG", (14, 34, 60, 60, 10, 12, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    columns = ("sheet", "column", "meaning_vi", "meaning_en", "unit", "kind", "choices")
    sheet.append([_heading(sheet, text(f"export.column_{name}", "vi")) for name in columns])
    for name, table in tables.items():
        tab = text(f"export.sheet_{name}", "vi")
        sheet.append([_name(sheet, value) for value in (tab, table.name, table.vi, table.en)])
        for field in table.fields:
            kind = text(f"export.kind_{'share' if is_share(field) else field.kind}", "vi")
            values = (tab, field.name, field.vi, field.en, field.unit, kind)
            sheet.append(
                [_cell(sheet, value, "General") for value in (*values, ", ".join(field.choices))]
            )


def _lettered(fields: Sequence[Field]) -> Iterator[tuple[str, Field]]:
    for position, field in enumerate(fields, start=1):
        yield get_column_letter(position), field


def _format(field: Field) -> str:
    """Return the number format of a column in Excel's own notation, which it localises."""
    if is_share(field):
        return PERCENT
    if field.kind == "number":
        return "#,##0.00"
    if field.kind == "date":
        return "dd/mm/yyyy"
    # A whole number with a highest value is a calendar year: no thousands separator.
    return "#,##0" if field.kind == "integer" and field.maximum is None else "General"


def _cell(sheet: WriteOnlyWorksheet, value: Any, number_format: str) -> Cell | None:
    if value is None:
        return None
    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = number_format
        return cell
    shown = ILLEGAL_CHARACTERS_RE.sub("�", value)
    cell = WriteOnlyCell(sheet, shown)
    if shown.startswith(FORMULA_SIGNS) or shown in ERROR_CODES:
        cell.data_type = "s"
        cell.quotePrefix = True
    return cell


def _heading(sheet: WriteOnlyWorksheet, words: str) -> Cell:
    cell = WriteOnlyCell(sheet, words)
    cell.font, cell.fill, cell.alignment = _HEADING, _HEADING_FILL, _TOP
    return cell


def _name(sheet: WriteOnlyWorksheet, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    cell.font, cell.fill, cell.alignment = _NAME, _NAME_FILL, _TOP
    return cell


def _save(book: Workbook, path: Path) -> None:
    """Save without the moment of saving, which openpyxl and zip would record."""
    book.properties.creator = "phusong"
    book.properties.created = book.properties.modified = _NO_MOMENT
    dated = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(dated, "w")).save()
    with (
        zipfile.ZipFile(dated) as parts,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in parts.namelist():
            archive.writestr(
                zipfile.ZipInfo(name), parts.read(name), compress_type=zipfile.ZIP_DEFLATED
            )
