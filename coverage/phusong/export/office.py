"""Tables for people with Excel: one workbook of all results, CSV, and rejected rows.

Text from input files is never run as a formula by the program that opens it.
"""

import csv
import datetime
import io
import re
import textwrap
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from .._version import program
from ..i18n import Bilingual, text
from ..tables import INDICATORS, RESULT_TABLES, Field, Table
from .charts import CHARTS_A_PAGE, CHARTS_END, PRINTED_SCALE, ROWS_APART, charts_of, draw_chart
from .layers import Layer
from .plain import DECIMALS, PEOPLE, in_words, is_share, plain_text, word_of

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make Excel or LibreOffice read a text as a formula."""

LONGEST_SHEET_NAME = 31
LONGEST_CELL = 32_767
"""Letters that Excel keeps in a cell."""

LONGEST_HEADER = 240
"""Letters that Excel keeps above a printed page, with room for its own codes."""

PLACE_COLUMNS = ("longitude", "latitude", "easting_m", "northing_m")
PERCENT = "0.0%"
WHOLE = "#,##0"
_WHOLE_UNITS = (PEOPLE, "đồng")
_WHOLE_COUNTS = ("dark_offices", "dark_masts")
"""Summed with residents, as fractions could be, but things that are counted."""
_FORMAT_OF_UNIT = {"share": PERCENT, "count": WHOLE}
_IN_ITS_UNIT = ("published", "computed", "computed_most", "target")
"""Columns of the board in the unit of their indicator."""
_FACE = "Calibri"  # without a name LibreOffice takes a face with serifs
_HEADING = Font(name=_FACE, size=11, bold=True, color="FFFFFF")
_HEADING_FILL = PatternFill("solid", fgColor="0B5394")
_NOTICE = Font(name=_FACE, size=11, bold=True, color="A63603")
_NAME = Font(name=_FACE, color="52606D", size=9)
_NAME_FILL = PatternFill("solid", fgColor="E8EDF2")
WRAPPED = Alignment(wrap_text=True, vertical="top", indent=1)  # off the number to its left
_TOP_LINE, _TEXT_LINE = Alignment(vertical="top"), Alignment(vertical="top", indent=1)
_WIDEST, _NARROWEST, _PLACE_WIDTH = 60, 11, 16
_WIDEST_NAME = 15  # longer ones go on below; what a column holds decides how wide it is
_LINE_PT, _HIGHEST_PT = 15.0, 409.0  # of a row; LibreOffice fits no row by itself
_PRINTED_SCALE, _SIDE_MARGIN_IN, _PRINTED_WIDTH = 65, 0.4, 172
"""Size of print in percent, at which a sheet of A4 holds so many letters beside each other.

So many in LibreOffice, whose columns are wider where the face of the workbook is not installed.
"""
_PRINTED_ROWS = 60
"""Rows that a person reads one by one."""
_MOST_PRINTED = 450
"""Rows of a sheet that are printed, some ten pages; how many there are is told below each."""
_FIGURES = ("population", "share_median", "covered_population_share", "covered_villages_share",
            "confident_verdict", "target_verdict")  # fmt: skip
_TOLD_BETTER = {"covered_population_share": "share_median", "target_verdict": "confident_verdict"}
"""What is not for paper where the other column is filled: one answer a service."""
_UNITS = ("communes", *_FIGURES, "offices", "offices_with_lan", "offices_ready",
          "one_stop_local", "one_stop_interlinked")  # fmt: skip
_DARK = ("dark_offices", "dark_masts", "dark_population")
ON_PAPER = {
    "indicators": ("vi", "denominator", "published", "computed", "target", "status",
                   "computed_most", "reported", "reported_of", "source"),
    "communes": ("name", "district", *_FIGURES, "fibre_connected", "homing", "has_lan",
                 "one_stop", "readiness_level", "service_year"),
    "districts": ("district", *_UNITS),
    "province": ("province", *_UNITS),
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
_PLACE_FORMAT = dict(zip(PLACE_COLUMNS, ("0.00000", "0.00000", "#,##0.0", "#,##0.0"), strict=True))
_ROWS_MEASURED = 200
_NO_MOMENT = datetime.datetime(1980, 1, 1)  # the first day that zip knows


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
    for layer in ordered:
        _write_table(book, layer, crs)
    notice = next((layer.notice for layer in ordered if layer.notice is not None), None)
    _write_charts(book, ordered, notice)
    _write_definitions(book, ordered, notice)
    save_workbook(book, path)


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

    Raises
    ------
    OSError
        If the files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({"row": [3], "cell_id": ["a"], "reason_en": ["no power"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (path,) = write_rejected({"cells": rows, "villages": rows[:0]}, Path(folder))
    ...     path.name, path.read_text("utf-8-sig").splitlines()
    ('cells.csv', ['row,cell_id,reason_en', '3,a,no power'])
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

    Parameters
    ----------
    rows : DataFrame
        Without its index.
    path : Path
        File to write.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     write_csv(pd.DataFrame({"name": ["Xín Mần", "=1+1"]}), path)
    ...     path.read_text(encoding="utf-8-sig").split()[1:]
    ['Xín', 'Mần', "'=1+1"]
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_inert(heading) for heading in rows.columns)
        lines.writerows(map(_inert, row) for row in rows.itertuples(index=False, name=None))


def write_layer_csv(layer: Layer, path: Path, *, crs: str, semicolon: bool) -> None:
    """Write a table as CSV for Excel, in UTF-8 with BOM, with the place of each row.

    Behind the table's columns stand ``longitude`` and ``latitude`` (WGS 84) and
    ``easting_m`` and ``northing_m`` of a point of the shape: the point itself,
    or one on the line or inside the polygon. A cell that a spreadsheet would
    read as a formula gets a leading apostrophe.

    Parameters
    ----------
    layer : Layer
        The table.
    path : Path
        File to write.
    crs : str
        The study's CRS, of eastings and northings.
    semicolon : bool
        Semicolons between cells and commas in decimals, as Excel expects where
        Windows is set to Vietnamese; otherwise commas and points.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import PLACES
    >>> places = gpd.GeoDataFrame(
    ...     {"place_id": ["p1"], "name": ["Hà Giang"], "kind": ["city"]},
    ...     geometry=[Point(104.98, 22.82)], crs="OGC:CRS84",
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "places.csv"
    ...     write_layer_csv(plain_layer(places, PLACES), path, crs="EPSG:9209", semicolon=True)
    ...     path.read_text(encoding="utf-8-sig").splitlines()[1].split(";")[4:6]
    ['104,98', '22,82']
    """
    mark = "," if semicolon else "."
    places = None if layer.shapes is None else _places(layer, crs)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, delimiter=";" if semicolon else ",")
        lines.writerow([*layer.table.columns, *(() if places is None else PLACE_COLUMNS)])
        for number, row in enumerate(layer.rows):
            cells = [*row.values(), *(() if places is None else places[number])]
            lines.writerow([_spreadsheet_cell(cell, mark) for cell in cells])


def _places(layer: Layer, crs: str | None) -> list[tuple[float | None, ...]]:
    """Return longitude, latitude, easting and northing of a point of each row's shape."""
    assert layer.shapes is not None
    degrees = gpd.GeoSeries(shapely.point_on_surface(layer.shapes), crs="EPSG:4326")
    metres = degrees if crs is None else degrees.to_crs(crs)
    return [
        (round(here.x, DECIMALS), round(here.y, DECIMALS), round(there.x, 2), round(there.y, 2))
        if here is not None
        else (None,) * len(PLACE_COLUMNS)
        for here, there in zip(degrees, metres, strict=True)
    ]


def _spreadsheet_cell(value: Any, mark: str) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".").replace(".", mark)
    return _inert(value)


def _inert(value: Any) -> str:
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


def _write_table(book: Workbook, layer: Layer, crs: str | None) -> None:
    table, printed = _printed_first(layer)
    order = _worst_first(layer.rows)
    rows = [layer.rows[number] for number in order]
    sheet = book.create_sheet(_sheet_name(table))
    places = None
    if layer.shapes is not None:
        of_layer = _places(layer, crs)
        places = [of_layer[number] for number in order]
    place_columns = () if places is None else PLACE_COLUMNS[: 4 if crs else 2]
    names = 2 if layer.notice is None else 3  # the row of the columns' names
    last = f"{get_column_letter(len(table.fields) + len(place_columns))}{len(rows) + names}"
    sheet.freeze_panes = f"{get_column_letter(1 + len(table.key))}{names + 1}"
    sheet.auto_filter.ref = f"A{names}:{last}"
    shown = [[_shown(table, field, row[field.name]) for field in table.fields] for row in rows]
    widths = [
        _width(field.name, [row[place] for row in shown[:_ROWS_MEASURED]])
        for place, field in enumerate(table.fields)
    ]
    every_width = [*widths, *[_PLACE_WIDTH] * len(place_columns)]
    for place, width in enumerate(every_width, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _set_up_paper(sheet, table, widths[:printed], heading=names - 1, last_row=len(rows) + names)
    _write_notice(sheet, layer.notice)
    headings = [field.meaning("vi") for field in table.fields]
    headings += [text(f"export.place_{name}", "vi", crs=crs) for name in place_columns]
    # A longer sheet keeps a row a line, to be leafed through, as does the board: what its
    # indicators mean is read among the definitions.
    wrapped = len(rows) <= _PRINTED_ROWS and table.name != INDICATORS.name
    column_names = (*table.columns, *place_columns)
    fit_row(sheet, names - 1, headings, every_width)
    sheet.append([_heading(sheet, heading) for heading in headings])
    fit_row(sheet, names, column_names, every_width)
    sheet.append([_name(sheet, name) for name in column_names])
    for number, (row, cells) in enumerate(zip(rows, shown, strict=True)):
        if wrapped:
            fit_row(sheet, names + 1 + number, cells, widths)
        # The board mixes shares and counts in one column; its own unit tells them apart.
        unit = row["unit"] if table.name == INDICATORS.name else None
        here = () if places is None else places[number][: len(place_columns)]
        sheet.append(
            [
                *(
                    _cell(
                        sheet,
                        value,
                        (field.name in _IN_ITS_UNIT and _FORMAT_OF_UNIT.get(unit or ""))
                        or number_format(field),
                        wrapped=wrapped,
                    )
                    for field, value in zip(table.fields, cells, strict=True)
                ),
                *(
                    _cell(sheet, value, _PLACE_FORMAT[name])
                    for name, value in zip(place_columns, here, strict=True)
                ),
            ]
        )


def _worst_first(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the positions of rows by rank, if they have one; others stay as they are."""
    ranks = [row.get("rank") for row in rows]
    return sorted(range(len(rows)), key=lambda n: (ranks[n] is None, ranks[n] or 0))


def _width(name: str, values: Sequence[Any]) -> int:
    shown = (len(f"{value:,.2f}" if isinstance(value, float) else str(value)) for value in values)
    longest = max([min(len(name), _WIDEST_NAME), *shown])
    return min(max(longest + 3, _NARROWEST), _WIDEST)


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
        sheet.row_dimensions[row].height = min(lines * _LINE_PT, _HIGHEST_PT)


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
    fields = RESULT_TABLES.get(table.name, table).fields
    chosen = ON_PAPER.get(table.name)

    def filled(column: str) -> bool:
        return any(row.get(column) is not None for row in layer.rows)

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


def _write_notice(sheet: WriteOnlyWorksheet, notice: Bilingual | None) -> None:
    """Write a notice as the first row, and above every page on paper."""
    if notice is None:
        return
    cell = WriteOnlyCell(sheet, plain_text(notice.vi))
    cell.font = _NOTICE
    sheet.append([cell])
    # "&" begins a code of Excel's headers, which hold 255 letters.
    sheet.oddHeader.center.text = textwrap.shorten(
        plain_text(notice.vi).replace("&", "&&"), LONGEST_HEADER, placeholder=" …"
    )


def _write_charts(book: Workbook, layers: Sequence[Layer], notice: Bilingual | None) -> None:
    """Write the charts that the tables give, each beside its figures; no sheet if there is none."""
    charts = charts_of(layers)
    if not charts:
        return
    sheet = book.create_sheet(text("export.sheet_charts", "vi"))
    widths = (30, 20, 12)
    for letter, width in zip("ABC", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    _write_notice(sheet, notice)
    row = 1 if notice is None else 2
    set_up_page(sheet, None)  # each chart has headings of its own
    sheet.page_setup.scale = PRINTED_SCALE
    for number, data in enumerate(charts):
        if number and number % CHARTS_A_PAGE == 0:
            sheet.row_breaks.append(Break(id=row - 1))
        sheet.add_chart(draw_chart(data, sheet, row), f"E{row}")
        fit_row(sheet, row, data.headings, widths[: len(data.headings)])
        sheet.append([_heading(sheet, heading) for heading in data.headings])
        for values in data.rows:
            first = data.number_format if data.kind == "scatter" else "General"
            formats = (first, data.cell_format, data.cell_format)
            sheet.append([_cell(sheet, *one) for one in zip(values, formats, strict=False)])
        apart = max(ROWS_APART - len(data.rows) - 1, 1)
        for _ in range(apart):
            sheet.append([])
        row += 1 + len(data.rows) + apart
    top = 1 if notice is None else 2  # the notice is printed above each page
    sheet.print_area = f"A{top}:{CHARTS_END}{row - 1}"


def _write_definitions(book: Workbook, layers: Iterable[Layer], notice: Bilingual | None) -> None:
    """Say what each column means, and of the board what each indicator does."""
    sheet = book.create_sheet(text("export.sheet_definitions", "vi"))
    widths = (14, 30, 40, 40, 8, 10, 30)
    for letter, width in zip("ABCDEFG", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    heading = 1 if notice is None else 2
    sheet.freeze_panes = f"A{heading + 1}"
    set_up_page(sheet, heading)
    _write_notice(sheet, notice)
    row = heading
    columns = ("sheet", "column", "meaning_vi", "meaning_en", "unit", "kind", "choices")
    sheet.append([_heading(sheet, text(f"export.column_{name}", "vi")) for name in columns])
    for layer in layers:
        table = layer.table
        tab, row = _sheet_name(table), row + 1
        sheet.append(
            [_name(sheet, value) for value in (tab, table.name, table.title.vi, table.title.en)]
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
            sheet.append([_cell(sheet, value, "General", wrapped=True) for value in values])


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
        return WHOLE if whole else "#,##0.00"
    if field.kind == "date":
        return "dd/mm/yyyy"
    # A whole number with a highest value is a calendar year: no thousands separator.
    return WHOLE if field.kind == "integer" and field.maximum is None else "General"


def _cell(
    sheet: WriteOnlyWorksheet, value: Any, number_format: str, *, wrapped: bool = False
) -> Cell | None:
    if value is None:
        return None
    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format, cell.alignment = number_format, _TOP_LINE
        return cell
    shown = plain_text(value)
    if len(shown) > LONGEST_CELL:
        shown = shown[: LONGEST_CELL - 1] + "…"  # openpyxl would cut it without a word
    cell = WriteOnlyCell(sheet, shown)
    cell.alignment = WRAPPED if wrapped else _TEXT_LINE
    if shown.startswith(FORMULA_SIGNS) or shown in ERROR_CODES:
        cell.data_type = "s"
        cell.quotePrefix = True
    return cell


def _heading(sheet: WriteOnlyWorksheet, words: str) -> Cell:
    cell = WriteOnlyCell(sheet, words)
    style_heading(cell)
    return cell


def style_heading(cell: Cell) -> None:
    """Make a cell look like a heading."""
    cell.font, cell.fill, cell.alignment = _HEADING, _HEADING_FILL, WRAPPED


def _name(sheet: WriteOnlyWorksheet, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    style_name(cell)
    return cell


def style_name(cell: Cell) -> None:
    """Make a cell look like the name of a column."""
    cell.font, cell.fill, cell.alignment = _NAME, _NAME_FILL, WRAPPED


def save_workbook(book: Workbook, path: Path) -> None:
    """Save without the moment of saving, which openpyxl and zip would record."""
    book.properties.creator = program()
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
