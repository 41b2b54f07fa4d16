"""Every cell of every workbook has a named style, which a reader may change in one place."""

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
    write_template,
    write_workbook,
)
from phusong.export.workbook import STYLES, _title
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


@pytest.mark.parametrize("write", [write_results, write_form, write_marked])
def test_headings_and_values_have_named_styles_and_no_text_is_a_formula(write, layers, tmp_path):
    write(tmp_path / "a.xlsx", layers)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert len(OURS & set(book.named_styles)) > 2
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
