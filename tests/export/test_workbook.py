"""Every cell of every workbook has a named style, which a reader may change in one place."""

import ast
import datetime

import openpyxl
import pandas as pd
import pytest

from phusong.export import (
    Mark,
    MarkedSheet,
    Swatch,
    TemplateSheet,
    annotate_workbook,
    make_workbook,
    workbook,
    write_template,
    write_workbook,
)
from phusong.export.workbook import (
    DATE,
    DECIMAL,
    GENERAL,
    PERCENT,
    STYLES,
    WHOLE,
    Column,
    Rows,
    _title,
    save_workbook,
    styled_cell,
    value_cell,
)
from phusong.tables import CELLS

OURS = {_title(name) for name in STYLES}


def write_results(path, layers):
    write_workbook(layers.values(), path, crs="EPSG:9209")


def write_form(path, _):
    sheet = TemplateSheet(table=CELLS, rows=pd.DataFrame({"cell_id": ["=1+1"], "power_dbm": [43]}))
    write_template([sheet], path)


def write_marked(path, _):
    marks = [Mark(2, 0, "doubt", ("Lạ.", "Odd."))]
    rows = MarkedSheet(title=None, headings=("@a",), cells=[["=1"]], rows=[2], marks=marks)
    make_workbook(path, [rows], [["=Tóm tắt"], ["-cột"], ["+1"], [Swatch("doubt"), "=chữ"]])


def assert_set_up(sheet):
    """Check what a person who scrolls, filters and prints a sheet finds."""
    kind = {"Biểu đồ": "charts", "Tóm tắt kiểm tra": "summary", "Hướng dẫn": "instructions"}.get(
        sheet.title, "table"
    )
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert bool(sheet.print_title_rows) == (kind in {"table", "summary"})
    assert bool(sheet.freeze_panes) == (kind in {"table", "summary"})
    assert bool(sheet.auto_filter.ref) == (kind == "table")
    to_fill_in = kind == "table" and sheet.data_validations.dataValidation
    assert bool(sheet.print_area) != bool(to_fill_in), "what will be filled in is printed too"


def write_annotated(path, _):
    own = path.with_name("own.xlsx")
    book = openpyxl.Workbook()
    book.save(own)
    rows = MarkedSheet(title="Sheet", headings=("a",), cells=[["x"]], rows=[2], marks=[])
    assert annotate_workbook(own, path, [rows], [["Tóm tắt"], ["=cột"]])
    book = openpyxl.load_workbook(path)
    book.remove(book["Sheet"])  # the user's own
    book.save(path)


WRITERS = {
    "write_workbook": write_results,
    "write_template": write_form,
    "make_workbook": write_marked,
    "annotate_workbook": write_annotated,
}


def test_every_workbook_of_the_product_is_written_by_one_of_these(checkout):
    """Results, editions, comparisons, plans and forms all call one of them."""
    found = set()
    for path in (checkout / "coverage").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name != "save_workbook":
                calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
                called = {one.id for one in calls if isinstance(one, ast.Name)}
                if {"save_workbook", "Workbook", "ExcelWriter"} & called:
                    found.add(node.name)
    assert found == set(WRITERS)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_headings_and_values_have_named_styles_and_no_text_is_a_formula(write, layers, tmp_path):
    write(tmp_path / "a.xlsx", layers)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert OURS & set(book.named_styles)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    assert cell.style in OURS, (sheet.title, cell.coordinate)
                if isinstance(cell.value, str):
                    assert cell.data_type == "s"
                    assert cell.quotePrefix == cell.value.startswith(("=", "+", "-", "@", "#N"))
        if sheet.sheet_state == "visible":
            assert_set_up(sheet)


def test_a_style_of_the_users_own_workbook_is_not_replaced(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "lon"
    book.active["A2"] = 500
    theirs = openpyxl.styles.NamedStyle(name=_title("heading"))
    theirs.font.color = "FF0000"
    book.active["A1"].style = theirs
    book.save(tmp_path / "mine.xlsx")
    sheet = MarkedSheet(title="Sheet", headings=("lon",), cells=[[500]], rows=[2], marks=[])
    assert annotate_workbook(tmp_path / "mine.xlsx", tmp_path / "b.xlsx", [sheet], [["Tóm tắt"]])
    marked = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert marked["Sheet"]["A1"].font.color.rgb == "00FF0000"
    assert marked.worksheets[0]["A1"].style == _title("heading")


def test_rows_as_text_are_the_cells_that_openpyxl_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "_ROWS_AT_A_TIME", 4)  # wrapped texts end within some rows
    monkeypatch.setattr(workbook, "_MOST_KNOWN", 1)
    day = datetime.date(2017, 12, 31)
    texts = ["=1+1", "a\nb", None, " Xã <&>", "", "#N/A", "Hàng\r"]
    numbers, days = [2, None, 0.1 + 0.2, 8.95, 5.0, -1e-6, 123456789.123456], [day, *[None] * 6]
    columns = [
        Column(values=texts, number_format=GENERAL, shown=str, wrapped=3),
        Column(values=numbers, number_format=DECIMAL),
        Column(values=days, number_format=DATE, shown=lambda one: one),
        Column(values=[0.5, 0.5, 2.0, 2.0, 1e-6, 3, 3], number_format=PERCENT),
        Column(values=[1, 2, 3, 4, 5.5, 6, 7], number_format=WHOLE),
        Column(values=list("aabbacc"), number_format=GENERAL, shown=str.upper, wrapped=3),
    ]
    opened = []
    for name in ("cells.xlsx", "text.xlsx"):
        book = openpyxl.Workbook(write_only=True)
        sheet, rows = book.create_sheet("Bảng"), []
        sheet.append([styled_cell(sheet, "Tên", "heading")])
        sheet.row_dimensions[3].height = 30
        if name == "text.xlsx":
            rows = [Rows(sheet, 2, columns)]
        else:
            for number, values in enumerate(zip(*(it.values for it in columns), strict=True)):
                sheet.append(
                    [
                        value_cell(
                            sheet,
                            one.upper() if column.shown is str.upper else one,
                            column.number_format,
                            wrapped=number < column.wrapped,
                        )
                        for one, column in zip(values, columns, strict=True)
                    ]
                )
        save_workbook(book, tmp_path / name, rows)
        (sheet,) = openpyxl.load_workbook(tmp_path / name).worksheets
        looks = ("coordinate", "value", "data_type", "style", "number_format", "quotePrefix")
        opened.append(
            (
                sheet.row_dimensions[3].height,
                [[getattr(cell, look) for look in looks] for row in sheet for cell in row],
            )
        )
    assert opened[0] == opened[1]
    assert opened[1][0] == 30
