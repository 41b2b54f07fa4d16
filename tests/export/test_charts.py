"""Charts of workbooks draw the figures beside them, lowest first, against the target."""

import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from phusong.export import plain_layer, write_workbook
from phusong.export.charts import MOST_UNITS, charts_of
from phusong.tables import ROLLOUT_YEARS, SITE_CURVE

from .conftest import HOSTILE

SHEET = "Biểu đồ"


@pytest.fixture
def charted(layers):
    """Return the tables with two shares and a target of the province."""
    communes, board = layers["communes"], layers["indicators"]
    shares = [{**row, "covered_population_share_mobile": share}
              for row, share in zip(communes.rows, (0.98, 0.4), strict=True)]  # fmt: skip
    figure = {**board.rows[0], "indicator": "covered_population_share_mobile", "target": 0.95}
    return [replace(communes, rows=shares), replace(board, rows=[figure])]


def test_shares_stand_lowest_first_beside_the_target_and_are_drawn_from_the_cells(
    charted, tmp_path
):
    write_workbook(charted, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames[-2:] == [SHEET, "Định nghĩa"]
    sheet = book[SHEET]
    rows = [[cell.value for cell in row[:3]] for row in sheet.iter_rows(min_row=2, max_row=3)]
    assert [row[1:] for row in rows] == [[0.4, 0.95], [0.98, 0.95]]
    assert {row[0] for row in rows} >= {HOSTILE}
    assert sheet["B2"].number_format == "0.0%"
    (chart,) = sheet._charts
    assert chart.series[0].val.numRef.f == f"'{SHEET}'!$B$2:$B$3"
    assert chart.series[0].cat.numRef.f == f"'{SHEET}'!$A$2:$A$3"
    assert [one.val.numRef.f for one in chart._charts[1].series] == [f"'{SHEET}'!$C$2:$C$3"]


def test_years_and_money_are_drawn_and_what_is_not_there_is_not(layers):
    years = pd.DataFrame({"year": [2027, 2026], "spent_vnd": [2e9, 1e9]})
    curve = pd.DataFrame({"point": [1], "cost_vnd": [0.0], "people": [0.4]})
    drawn = charts_of([plain_layer(years, ROLLOUT_YEARS), plain_layer(curve, SITE_CURVE)])
    assert [(one.kind, one.rows) for one in drawn] == [
        ("bar", (("2026", 1e9), ("2027", 2e9))), ("scatter", ((0.0, 0),)),
    ]  # fmt: skip
    many = replace(layers["communes"], rows=layers["communes"].rows * MOST_UNITS)
    assert charts_of([many, layers["villages"]]) == ()


def test_between_the_points_of_a_curve_the_line_is_straight(layers, tmp_path):
    curve = pd.DataFrame({"point": [1, 2], "cost_vnd": [0.0, 1e9], "people": [0.0, 10.0]})
    write_workbook([plain_layer(curve, SITE_CURVE)], tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b'smooth val="0"' in archive.read("xl/charts/chart1.xml")
