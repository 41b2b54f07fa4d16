"""Workbooks to fill in: input tables that the readers take back as they are.

One sheet a table, named like it, with its columns in row 1, those of the place
among them if its rows are points; a sheet of instructions in Vietnamese and
English, one that defines the columns; choices to pick from and limits that the
spreadsheet itself checks.
"""

import errno
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ..errors import OutputError
from ..i18n import LANGUAGES, text
from ..tables import LAT, LON, X_M, Y_M, Field, Table
from .folder import output_file
from .workbook import (
    StyleName,
    fit_row,
    save_workbook,
    set_up_page,
    set_value,
    style_as,
    style_column,
)

LAST_ROW = 1_048_576
"""Excel's last row: each is checked as it is filled in, however long the table becomes."""
_WIDTH, _NARROWEST, _WIDEST, _INSTRUCTIONS_WIDE = 24, 12, 60, 140
_FILTER_WIDE = 5
"""Letters that the button of the filter takes beside a heading."""
_LONGEST_PROMPT = 255  # Excel's own limit
_LISTS = "_lists"
_PLACE = tuple(replace(each, required=False) for each in (LON, LAT, X_M, Y_M))


@dataclass(frozen=True, kw_only=True)
class TemplateSheet:
    """One table to fill in.

    Parameters
    ----------
    table : Table
        Of points, or without geometry.
    rows : DataFrame
        What is there already; columns of the table, any of them absent.
    choices : mapping
        Column → texts to pick from, besides those that the table itself names.
    """

    table: Table
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Columns in order: those of the place follow the required ones."""
        if self.table.geometry is None:
            return self.table.fields
        required = [each for each in self.table.fields if each.required]
        others = [each for each in self.table.fields if not each.required]
        return (*required, *_PLACE, *others)

    def choices_of(self, each: Field) -> Sequence[str]:
        """Return the texts to pick from in a column.

        Parameters
        ----------
        each : Field
            One of `fields`.

        Returns
        -------
        sequence of str
            Vietnamese where there is a word; empty where anything may be typed.
        """
        if each.kind == "boolean":
            return (text("common.yes", "vi"), text("common.no", "vi"))
        words = zip_longest(each.choices, each.choices_vi)
        return self.choices.get(each.name, [vi[0] if vi else code for code, vi in words])


def write_template(sheets: Sequence[TemplateSheet], path: Path) -> None:
    """Write a workbook to fill in; the same bytes each time.

    Parameters
    ----------
    sheets : sequence of TemplateSheet
        In the order of the workbook; instructions and definitions follow them.
    path : Path
        File to write, which must not be there yet: it might have been filled in.

    Raises
    ------
    OutputError
        If the file is there, cannot be written, or would lie in a folder that
        phusong wrote.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import load_workbook
    >>> from phusong.export import TemplateSheet
    >>> from phusong.tables import CELLS
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cells.xlsx"
    ...     write_template([TemplateSheet(table=CELLS)], path)
    ...     load_workbook(path).sheetnames
    ['cells', 'Hướng dẫn', 'Định nghĩa', '_lists']
    """
    if path.exists():
        raise OutputError("export.template_exists", file=path.name)
    if not path.absolute().parent.is_dir():
        detail = os.strerror(errno.ENOENT)
        raise OutputError("export.write_failed", folder=path.name, detail=detail)
    book = Workbook()
    book.remove(book.active)
    lists: list[Sequence[str]] = []
    for sheet in sheets:
        _fill(book.create_sheet(sheet.table.name), sheet, lists)
    _instruct(book.create_sheet(text("export.template_instructions", "vi")), sheets, path.name)
    _define(book.create_sheet(text("export.sheet_definitions", "vi")), sheets)
    hidden = book.create_sheet(_LISTS)
    hidden.sheet_state = "hidden"
    for column, choices in enumerate(lists, start=1):
        for row, choice in enumerate(choices, start=1):
            _write(hidden, row, column, choice)
    with output_file(path, replace=False) as fresh:
        save_workbook(book, fresh)


def _fill(page: Worksheet, sheet: TemplateSheet, lists: list[Sequence[str]]) -> None:
    """Write headings, known rows and the checks of one table."""
    page.freeze_panes = "B2"
    set_up_page(page, heading=1)
    page.print_title_cols = "A:A"  # no print area: what will be filled in is printed too
    last = get_column_letter(len(sheet.fields))
    page.auto_filter.ref = f"A1:{last}{1 + max(1, len(sheet.rows))}"
    for column, each in enumerate(sheet.fields, start=1):
        letter = get_column_letter(column)
        first = page.cell(2, column)
        style_as(first, _style(each))
        style_column(page.column_dimensions[letter], first)
        _write(page, 1, column, each.name, "heading" if each.required else "optional")
        known: Sequence[Any] = list(sheet.rows.get(each.name, []))
        choices = sheet.choices_of(each)
        longest = max((len(str(value)) for value in (*known, *choices)), default=0)
        # Names are typed into an empty column of texts; narrow others keep a row on one page.
        least = _WIDTH if each.kind == "text" and not longest else _NARROWEST
        width = max(least, len(each.name) + _FILTER_WIDE, longest + 3)
        page.column_dimensions[letter].width = min(width, _WIDEST)
        for row, value in enumerate(known, start=2):
            if pd.notna(value):
                _write(page, row, column, value, _style(each))
        rule = _rule(each, choices, len(lists))
        if choices:
            lists.append(choices)
        rule.prompt = _prompt(each)
        rule.promptTitle = each.name[:32]
        rule.showInputMessage = rule.showErrorMessage = True
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
        page.add_data_validation(rule)


def _rule(each: Field, choices: Sequence[str], column: int) -> DataValidation:
    """Return what the spreadsheet checks of a column; free text is only explained."""
    if choices:
        letter = get_column_letter(column + 1)
        cells = f"{quote_sheetname(_LISTS)}!${letter}$1:${letter}${len(choices)}"
        return DataValidation(type="list", formula1=cells, allow_blank=not each.required)
    digits = re.fullmatch(r"\\d\{(\d+)\}", each.pattern)
    if digits:
        return DataValidation(type="textLength", operator="equal", formula1=digits[1])
    kind = {"integer": "whole", "number": "decimal"}.get(each.kind)
    if kind is None or (each.minimum is None and each.maximum is None):
        return DataValidation()
    least, most = (None if end is None else f"{end:g}" for end in (each.minimum, each.maximum))
    operator = "between" if least and most else "greaterThanOrEqual" if least else "lessThanOrEqual"
    return DataValidation(
        type=kind,
        operator=operator,
        formula1=least or most,
        formula2=most if least and most else None,
        allow_blank=not each.required,
    )


def _style(each: Field) -> StyleName:
    """Return the style of a column to fill in: what is typed is what is seen."""
    if each.kind == "text":
        return "typed_text"  # or a code loses its leading zeros
    if each.unit.startswith("đồng"):
        return "whole"
    return "date" if each.kind == "date" else "value"


def _prompt(each: Field) -> str:
    words = " / ".join((each.meaning("vi"), each.meaning("en")))
    return words if len(words) <= _LONGEST_PROMPT else each.meaning("vi")[:_LONGEST_PROMPT]


def _instruct(page: Worksheet, sheets: Sequence[TemplateSheet], file: str) -> None:
    """Say how the workbook is filled in and named in study.toml."""
    page.column_dimensions["A"].width = _INSTRUCTIONS_WIDE
    set_up_page(page, heading=None)
    with_places = any(sheet.table.geometry is not None for sheet in sheets)
    places = ("template_places",) if with_places else ()
    keys = ("template_required", *places, "template_how")
    lines = [text(f"export.{key}", lang) for key in keys for lang in LANGUAGES]
    names = [sheet.table.name for sheet in sheets]
    lines += [f'{name} = {{ path = "{file}", sheet = "{name}" }}' for name in names]
    for row, line in enumerate(lines, start=1):
        _write(page, row, 1, line, "wrapped")
        fit_row(page, row, [line], [_INSTRUCTIONS_WIDE])
    page.print_area = f"A1:A{len(lines)}"


def _define(page: Worksheet, sheets: Sequence[TemplateSheet]) -> None:
    """Say what each column means."""
    widths = (18, 24, 10, 40, 40, 8, 32)
    heads = ("sheet", "column", "required", "meaning_vi", "meaning_en", "unit", "choices")
    for column, (head, width) in enumerate(zip(heads, widths, strict=True), start=1):
        page.column_dimensions[get_column_letter(column)].width = width
        _write(page, 1, column, text(f"export.column_{head}", "vi"), "heading")
    page.freeze_panes = "A2"
    set_up_page(page, heading=1)
    row = 1
    for sheet in sheets:
        for each in sheet.fields:
            row += 1
            choices = ", ".join(sheet.choices_of(each))
            needed = text("common.yes", "vi") if each.required else ""
            values = (
                sheet.table.name,
                each.name,
                needed,
                each.title.vi,
                each.title.en,
                each.unit,
                choices,
            )
            for column, value in enumerate(values, start=1):
                _write(page, row, column, value, "wrapped")
            fit_row(page, row, values, widths)
    page.auto_filter.ref = page.print_area = f"A1:{get_column_letter(len(heads))}{row}"


def _write(
    page: Worksheet, row: int, column: int, value: object, style: StyleName = "text"
) -> None:
    """Write one cell; a text is never run as a formula."""
    cell: Cell = page.cell(row, column)
    style_as(cell, style)
    set_value(cell, value)
