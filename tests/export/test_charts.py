"""Charts of workbooks draw the figures beside them, lowest first, against the target."""

import zipfile
from dataclasses import replace

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from phusong.export import plain_layer, write_workbook
from phusong.export.charts import MOST_UNITS, charts_of
from phusong.i18n import Bilingual
from phusong.tables import (
    COMPARED_COMMUNES,
    COMPARED_DISTRICTS,
    FIBRE_YEARS,
    ROAD_SEGMENTS,
    ROLLOUT_YEARS,
    SITE_CURVE,
)

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
    assert charts_of([layers["villages"]]) == ()


def test_of_more_communes_than_a_chart_can_show_the_lowest_are_drawn_and_it_says_so(charted):
    communes, board = charted
    many = [{**communes.rows[0], "covered_population_share_mobile": n / 200} for n in range(100)]
    (drawn,) = charts_of([replace(communes, rows=many), board])
    assert [row[1] for row in drawn.rows] == [n / 200 for n in range(MOST_UNITS)]
    assert drawn.title.endswith(f"{MOST_UNITS} trong 100 đơn vị, thấp nhất trước")


def test_what_two_results_differ_by_is_drawn(tmp_path):
    services, error = {"service": ["mobile"]}, Bilingual("giả định", "assumed")
    districts = COMPARED_DISTRICTS.expand(services, {"before": error, "after": error})
    communes = COMPARED_COMMUNES.expand(services, {"before": error, "after": error})
    square = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 0, 3, 1)]
    units = gpd.GeoDataFrame(
        {"district_code": ["024", "025", "026"], "district": ["A", "B", "C"],
         "covered_population_share_before_mobile": [0.5, 0.6, None],
         "covered_population_share_after_mobile": [0.7, 0.6, 0.2]},
        geometry=square, crs="EPSG:4326")  # fmt: skip
    people = gpd.GeoDataFrame(
        {"commune_code": ["00001", "00002", "00003"], "name": ["X", "Y", "Z"], "type": "xã",
         "covered_population_gained_mobile": [10.0, -200.0, 0.2]},
        geometry=square, crs="EPSG:4326")  # fmt: skip
    layers = [plain_layer(units, districts), plain_layer(people, communes)]
    shares, gained = charts_of(layers)
    assert shares.kind == "pair"
    assert shares.rows == (("A", 0.5, 0.7), ("B", 0.6, 0.6)), "C is not known before"
    assert gained.rows == (("Y", -200), ("X", 10)), "most changed first, nobody left out"
    write_workbook(layers, tmp_path / "a.xlsx")
    pair, bars = openpyxl.load_workbook(tmp_path / "a.xlsx")[SHEET]._charts
    assert len(pair.series) == 2
    assert (pair.y_axis.scaling.min, bars.y_axis.scaling.min) == (0, None)


def test_roads_to_measure_are_drawn_in_the_order_to_drive():
    table = ROAD_SEGMENTS.expand({"service": ["mobile"]}, {"run": Bilingual("giả định", "assumed")})
    line = shapely.LineString([(0, 0), (1, 1)])
    roads = gpd.GeoDataFrame(
        {"segment_id": ["a", "b", "c"], "road": ["QL2", "=1+1", "ĐT"], "length_km": 5.0,
         "drive_order_mobile": [2, 1, None], "settled_so_far_mobile": [1.5, 1.0, None]},
        geometry=[line] * 3, crs="EPSG:4326")  # fmt: skip
    (drawn,) = charts_of([plain_layer(roads, table)])
    assert drawn.rows == (("1. =1+1", 1.0), ("2. QL2", 1.5))


def test_between_the_points_of_a_curve_the_line_is_straight(layers, tmp_path):
    curve = pd.DataFrame({"point": [1, 2], "cost_vnd": [0.0, 1e9], "people": [0.0, 10.0]})
    write_workbook([plain_layer(curve, SITE_CURVE)], tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b'smooth val="0"' in archive.read("xl/charts/chart1.xml")


def test_no_chart_is_parted_by_the_end_of_a_page(layers, tmp_path):
    years = pd.DataFrame({"year": range(2001, 2031), "spent_vnd": 1e9})
    curve = pd.DataFrame({"point": [1, 2], "cost_vnd": [0.0, 1e9], "people": [0.0, 10.0]})
    tables = [plain_layer(years, ROLLOUT_YEARS), plain_layer(years, FIBRE_YEARS)]
    write_workbook([*tables, plain_layer(curve, SITE_CURVE)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")[SHEET]
    starts = [chart.anchor._from.row for chart in sheet._charts]
    ends = [one.id for one in sheet.row_breaks.brk]
    assert ends == starts[1:2], "two of thirty years fill more than a page, the third fits"
