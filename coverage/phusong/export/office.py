"""Result tables as one workbook: a sheet a table, charts, and what the columns mean."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from ..i18n import Bilingual, text
from ..tables import COMPARISON_TABLES, INDICATORS, RESULT_TABLES, Field, Table
from .charts import write_charts
from .layers import PLACE_COLUMNS, Layer
from .plain import PEOPLE, in_words, is_share, plain_text, word_of
from .workbook import (
    DATE,
    DECIMAL,
    DEGREES,
    GENERAL,
    METRES,
    PERCENT,
    WHOLE,
    Column,
    Rows,
    fit_row,
    save_workbook,
    set_up_page,
    styled_cell,
    value_cell,
    write_notice,
)

LONGEST_SHEET_NAME = 31
_WHOLE_UNITS = (PEOPLE, "đồng")
_WHOLE_COUNTS = ("dark_offices", "dark_masts")
"""Summed with residents, as fractions could be, but things that are counted."""
_FORMAT_OF_UNIT = {"share": PERCENT, "count": WHOLE}
_IN_ITS_UNIT = ("published", "computed", "computed_most", "target")
"""Columns of the board in the unit of their indicator."""
_WIDEST, _NARROWEST, _PLACE_WIDTH = 60, 11, 16
_WIDEST_NAME = 15  # longer ones go on below; what a column holds decides how wide it is
_PRINTED_WIDTH = 172
"""Letters that a printed sheet of A4 holds beside each other.

So many in LibreOffice, whose columns are wider where the face of the workbook is not installed.
"""
_MOST_PRINTED = 450
"""Rows of a sheet that are printed, some ten pages; how many there are is told below each."""
_FIGURES = ("population", "share_median", "covered_population_share", "covered_villages_share",
            "confident_verdict", "target_verdict")  # fmt: skip
_TOLD_BETTER = {
    f"{worse}{when}": f"{better}{when}"
    for worse, better in (("covered_population_share", "share_median"),
                          ("target_verdict", "confident_verdict"))
    for when in ("", "_before", "_after")
}  # fmt: skip
"""What is not for paper where the other column is filled: one answer a service."""
_UNITS = ("communes", *_FIGURES, "offices", "offices_with_lan", "offices_ready",
          "one_stop_local", "one_stop_interlinked")  # fmt: skip
_COMPARED = (
    *(f"{figure}_{when}" for figure in ("covered_population_share", "share_median")
      for when in ("before", "after")),
    "covered_population_gained", "villages_gained", "villages_lost",
)  # fmt: skip
_DARK = ("dark_offices", "dark_masts", "dark_population")
ON_PAPER = {
    "indicators": ("vi", "denominator", "published", "computed", "target", "status",
                   "computed_most", "reported", "reported_of", "source"),
    "communes": ("name", "district", *_FIGURES, "fibre_connected", "homing", "has_lan",
                 "one_stop", "readiness_level", "service_year"),
    "districts": ("district", *_UNITS),
    "province": ("province", *_UNITS),
    "compared_province": ("province", *_COMPARED),
    "compared_districts": ("district", *_COMPARED),
    "compared_communes": ("name", "district", *_COMPARED, "reasons"),
    "villages": ("name", "commune_code", "households", "population", "covered"),
    "village_list": ("number", "district", "commune", "name", "households", "population",
                     "signal_state", "unserved_population", "support", "reason"),
    "sites": ("rank", "site_name", "operators", "stations", "commune_code", "best_population",
              "only_population"),
    "stations": ("site_name", "operator", "technology", "cells", "antenna_height_m",
                 "commune_code", "distance_to_fibre_m", "homing"),
    "gaps": ("service", "rank", "population", "villages", "area_km2", "communes"),
    "offices": ("name", "fibre_connected", "homing", "has_lan", "one_stop",
                "missing_prerequisites"),
    "spans": ("name", "status", "fibreCount", "fibreLength", "bridge", *_DARK, "rank"),
    "fibre_nodes": ("name", "type", "hub", *_DARK),
    "readiness": ("name", "level", "readiness_level", "possible_level", "next_missing",
                  "next_cost_vnd", "cost_basis"),
    "rollout": ("name", "level", "works", "cost_vnd", "service_year", "reason", "would_enter",
                "cost_basis"),
    "planned_sites": ("rank", "site_kind", "year", "commune", "antenna_height_m", "people",
                      "villages", "backhaul", "power", "total_vnd"),
}  # fmt: skip
"""By result table the columns that a committee reads; of the others all that are not English."""
_NAMES_OF_ROWS = ("name", "district", "province", "vi")
_PLACE_FORMAT = dict(zip(PLACE_COLUMNS, (DEGREES, DEGREES, METRES, METRES), strict=True))
_ROWS_MEASURED = 200


def write_workbook(layers: Iterable[Layer], path: Path, *, crs: str | None = None) -> None:
    """Write every result table as a sheet, and a sheet that defines the columns.

    Row 1 of a sheet is the Vietnamese meaning with its unit, row 2 the column
    name as in every other export; both stay in sight. The indicator board
    comes first, charts and definitions last. Where the tables carry a notice, it
    stands above row 1 and on every printed page. Codes are Vietnamese words,
    people and money whole numbers; rows with a place have its coordinates in the last
    columns. Behind what identifies a row stand the columns that a committee reads, which
    print on A4; the others follow and stay on the screen. Heading and names of rows
    stand on each page. The same tables give the same bytes.

    Parameters
    ----------
    layers : iterable of Layer
        The tables; of their shapes a point is written.
    path : Path
        File to write.
    crs : str, optional
        The study's, of eastings and northings; without it degrees alone are written.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from openpyxl import load_workbook
    >>> from shapely import Point
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import GAPS
    >>> none = gpd.GeoDataFrame(columns=GAPS.columns, geometry=[], crs="EPSG:9209")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tables.xlsx"
    ...     write_workbook([plain_layer(none, GAPS)], path)
    ...     len(load_workbook(path).sheetnames)
    2
    """
    ordered = sorted(layers, key=lambda layer: layer.name != INDICATORS.name)
    book = Workbook(write_only=True)
    rows = [one for layer in ordered if (one := _write_table(book, layer, crs)) is not None]
    notice = next((layer.notice for layer in ordered if layer.notice is not None), None)
    write_charts(book, ordered, notice)
    _write_definitions(book, ordered, notice)
    save_workbook(book, path, rows)


def _write_table(book: Workbook, layer: Layer, crs: str | None) -> Rows | None:
    """Write a table's sheet; return its rows if they are not yet in it."""
    table, printed = _printed_first(layer)
    order = _worst_first(layer)
    sheet = book.create_sheet(_sheet_name(table))
    place_columns = () if layer.shapes is None else PLACE_COLUMNS[: 4 if crs else 2]
    names = 2 if layer.notice is None else 3  # the row of the columns' names
    last = f"{get_column_letter(len(table.fields) + len(place_columns))}{len(order) + names}"
    sheet.freeze_panes = f"{get_column_letter(1 + len(table.key))}{names + 1}"
    sheet.auto_filter.ref = f"A{names}:{last}"
    # What is printed is shown whole, for paper cannot be made wider; the rest keeps a row a line,
    # to be leafed through. What the board's indicators mean is read among the definitions.
    columns = [
        _column(table, field, _in_order(layer.column(field.name), order), whole=place < printed)
        for place, field in enumerate(table.fields)
    ]
    shown = [[_shown(table, field, value) for value in column.values[:_MOST_PRINTED]]
             for field, column in zip(table.fields, columns, strict=True)]  # fmt: skip
    widths = [
        _width(field.name, values[:_ROWS_MEASURED])
        for field, values in zip(table.fields, shown, strict=True)
    ]
    every_width = [*widths, *[_PLACE_WIDTH] * len(place_columns)]
    for place, width in enumerate(every_width, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _set_up_paper(sheet, table, widths[:printed], heading=names - 1, last_row=len(order) + names)
    write_notice(sheet, layer.notice)
    headings = [field.meaning("vi") for field in table.fields]
    headings += [text(f"export.place_{name}", "vi", crs=crs) for name in place_columns]
    column_names = (*table.columns, *place_columns)
    fit_row(sheet, names - 1, headings, every_width)
    sheet.append([styled_cell(sheet, heading, "heading") for heading in headings])
    fit_row(sheet, names, column_names, every_width)
    sheet.append([styled_cell(sheet, name, "name") for name in column_names])
    first = names + 1
    for number, cells in enumerate(zip(*shown[:printed], strict=True), start=first):
        fit_row(sheet, number, cells, widths[:printed])
    if table.name == INDICATORS.name:
        _append_board(sheet, table, layer, printed, shown)
        return None
    if place_columns:
        columns += [
            Column(values=_in_order(values, order), number_format=_PLACE_FORMAT[name])
            for name, values in zip(place_columns, layer.place_columns(crs), strict=False)
        ]
    return Rows(sheet, first, columns)


def _column(table: Table, field: Field, values: Sequence[Any], *, whole: bool) -> Column:
    """Return a table's column as a sheet has it."""
    if field.kind in {"number", "integer"}:
        if field.unit == PEOPLE:
            values = [None if one is None else round(one) for one in values]
        return Column(values=values, number_format=number_format(field))
    return Column(
        values=values,
        number_format=number_format(field),
        shown=partial(_shown, table, field),
        wrapped=_MOST_PRINTED if whole else 0,
    )


def _append_board(
    sheet: WriteOnlyWorksheet,
    table: Table,
    layer: Layer,
    printed: int,
    shown: Sequence[Sequence[Any]],
) -> None:
    """Write the rows of the board, which mixes shares and counts in one column.

    Its own unit tells them apart.
    """
    for unit, cells in zip(layer.column("unit"), zip(*shown, strict=True), strict=True):
        of_unit = _FORMAT_OF_UNIT.get(unit or "")
        formats = [
            (field.name in _IN_ITS_UNIT and of_unit) or number_format(field)
            for field in table.fields
        ]
        sheet.append(
            [
                value_cell(sheet, value, one, wrapped=place < printed)
                for place, (value, one) in enumerate(zip(cells, formats, strict=True))
            ]
        )


def _worst_first(layer: Layer) -> Sequence[int]:
    """Return the positions of rows by rank, if they have one; others stay as they are: a range."""
    order = range(len(layer.rows))
    if "rank" not in layer.table.columns:
        return order
    ranks = layer.column("rank")
    return sorted(order, key=lambda n: (ranks[n] is None, ranks[n] or 0))


def _in_order(values: Sequence[Any], order: Sequence[int]) -> Sequence[Any]:
    """Return values in an order; the same sequence, not a copy, where they stay as they are."""
    return values if isinstance(order, range) else [values[place] for place in order]


def _width(name: str, values: Sequence[Any]) -> int:
    shown = (len(f"{value:,.2f}" if isinstance(value, float) else str(value)) for value in values)
    longest = max([min(len(name), _WIDEST_NAME), *shown])
    return min(max(longest + 3, _NARROWEST), _WIDEST)


def _set_up_paper(
    sheet: WriteOnlyWorksheet,
    table: Table,
    widths: Sequence[float],
    *,
    heading: int,
    last_row: int,
) -> None:
    """Let a sheet print as a person reads it: across a page, heading and names on each.

    Printed columns that stay legible beside each other make a page. The pages that
    follow repeat what names a row. The row of the columns' names stays on the screen.
    """
    first, last = _naming(table)
    strips = _strips(widths, named=range(first, last))
    count = last_row - heading - 1
    top, end_row = (heading + 2, last_row) if count else (heading, heading)
    set_up_page(sheet, heading)
    if count > _MOST_PRINTED:
        end_row = heading + 1 + _MOST_PRINTED
        sheet.oddFooter.center.text = text(
            "export.print_first_rows", "vi", shown=_MOST_PRINTED, rows=count
        )
    sheet.print_title_cols = f"{get_column_letter(first + 1)}:{get_column_letter(last)}"
    sheet.print_area = ",".join(
        f"{get_column_letter(start + 1)}{top}:{get_column_letter(end)}{end_row}"
        for start, end in strips  # heading and notice are printed above each page
    )


def _naming(table: Table) -> tuple[int, int]:
    """Return from which to before which column a row is named: by key and, if near, name."""
    if table.name == INDICATORS.name:  # its key is a code; the words stand beside it
        return 1, 2
    near = table.columns[: len(table.key) + 2]
    return 0, next(
        (near.index(name) + 1 for name in _NAMES_OF_ROWS if name in near), len(table.key)
    )


def _printed_first(layer: Layer) -> tuple[Table, int]:
    """Return the table with its key and what is printed in front, and how many columns these are.

    A page holds columns that stand beside each other.
    """
    table = layer.table
    fields = {**RESULT_TABLES, **COMPARISON_TABLES}.get(table.name, table).fields
    chosen = ON_PAPER.get(table.name)

    def filled(column: str) -> bool:
        return column in table.columns and any(one is not None for one in layer.column(column))

    def rank(field: Field) -> int:
        if field.name in table.key:
            return -1
        if chosen is None:
            return int(field.name == "en" or field.name.endswith("_en")) * len(table.fields)
        fitting = [
            each.name for each in fields
            if field.name == each.name or (each.per and field.name.startswith(f"{each.name}_"))
        ]  # fmt: skip
        name = max(fitting, key=len, default="")
        better = _TOLD_BETTER.get(name)
        if better is not None and filled(field.name.replace(name, better, 1)):
            return len(table.fields)
        if name in _TOLD_BETTER.values() and not filled(field.name):
            return len(table.fields)
        return chosen.index(name) if name in chosen else len(table.fields)

    ordered = tuple(sorted(table.fields, key=rank))
    return replace(table, fields=ordered), sum(rank(each) < len(ordered) for each in ordered)


def _strips(widths: Sequence[float], *, named: range) -> list[tuple[int, int]]:
    """Return the columns of each page, from which to before which.

    The first page begins with what names a row, for the others room is left for it.
    """
    taken = float(sum(widths[place] for place in named))
    strips, start, used = [], named.start, 0.0
    for place in range(named.start, len(widths)):
        room = _PRINTED_WIDTH - (taken if start > named.start else 0)
        if place > start and used + widths[place] > room:
            strips.append((start, place))
            start, used = place, 0.0
        used += widths[place]
    return [*strips, (start, len(widths))]


def _shown(table: Table, field: Field, value: Any) -> Any:
    """Return a value as a committee reads it: words for codes, whole people."""
    if value is None:
        return None
    if isinstance(value, bool):
        return text("common.yes" if value else "common.no", "vi")
    if field.unit == PEOPLE and isinstance(value, float):
        return round(value)
    if not isinstance(value, str):
        return value
    if table.name == INDICATORS.name:
        return _board_word(field.name, value)
    return in_words(value, field)


def _board_word(column: str, code: str) -> str:
    """Return the word for a code of the indicator board; other texts as they are."""
    match column:
        case "unit":
            return word_of(f"export.unit_{code}", code)
        case "denominator":
            return word_of(f"report.denominator_{code}", code)
        case "origin":
            return word_of(f"report.origin_{code}", code)
        case "status":
            return word_of(f"report.verdict_{code}", code)
        case _:
            return code


def _write_definitions(book: Workbook, layers: Iterable[Layer], notice: Bilingual | None) -> None:
    """Say what each column means, and of the board what each indicator does."""
    sheet = book.create_sheet(text("export.sheet_definitions", "vi"))
    widths = (14, 30, 40, 40, 8, 10, 30)
    for letter, width in zip("ABCDEFG", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    heading = 1 if notice is None else 2
    sheet.freeze_panes = f"A{heading + 1}"
    set_up_page(sheet, heading)
    write_notice(sheet, notice)
    row = heading
    columns = ("sheet", "column", "meaning_vi", "meaning_en", "unit", "kind", "choices")
    sheet.append(
        [styled_cell(sheet, text(f"export.column_{name}", "vi"), "heading") for name in columns]
    )
    for layer in layers:
        table = layer.table
        tab, row = _sheet_name(table), row + 1
        sheet.append(
            [
                styled_cell(sheet, value, "name")
                for value in (tab, table.name, table.title.vi, table.title.en)
            ]
        )
        lines = [
            (
                *(tab, field.name, field.title.vi, field.title.en, field.unit),
                text(f"export.kind_{'share' if is_share(field) else field.kind}", "vi"),
                ", ".join(_shown(table, field, one) for one in field.choices),
            )
            for field in table.fields
        ]
        if table.name == INDICATORS.name:
            told = [{name: plain_text(row[name] or "") for name in row} for row in layer.rows]
            lines += [
                (
                    *(tab, one["indicator"], f"{one['vi']}: {one['definition_vi']}"),
                    *(f"{one['en']}: {one['definition_en']}", "", "", ""),
                )
                for one in told
            ]
        for values in lines:
            row += 1
            fit_row(sheet, row, values, widths)
            sheet.append([value_cell(sheet, value, GENERAL, wrapped=True) for value in values])
    sheet.auto_filter.ref = f"A{heading}:G{row}"
    sheet.print_area = f"A{min(heading + 1, row)}:G{row}"  # heading and notice are printed above


def _sheet_name(table: Table) -> str:
    """Return the name of a table's sheet; a table read back does not carry its own."""
    known = RESULT_TABLES.get(table.name, table)
    # Excel's own rules: 31 letters, and none of these marks.
    return known.sheet or re.sub(r"[][:*?/\\]", " ", table.title.vi)[:LONGEST_SHEET_NAME]


def number_format(field: Field) -> str:
    """Return the number format of a column in Excel's own notation, which it localises."""
    if is_share(field):
        return PERCENT
    if field.kind == "number":
        whole = field.unit in _WHOLE_UNITS or field.name in _WHOLE_COUNTS
        return WHOLE if whole else DECIMAL
    if field.kind == "date":
        return DATE
    # A whole number with a highest value is a calendar year: no thousands separator.
    return WHOLE if field.kind == "integer" and field.maximum is None else GENERAL
