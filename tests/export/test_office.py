import csv
import datetime
import re
import zipfile
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from shapely import box

from phusong.egov.checklist import PREREQUISITES
from phusong.export import plain_layer, write_layer_csv, write_workbook
from phusong.export.office import ON_PAPER, number_format
from phusong.i18n import Bilingual, catalogue
from phusong.tables import (
    CODE_LISTS,
    COMPARED_DISTRICTS,
    COMPARED_PROVINCE,
    COMPARISON_TABLES,
    GAPS,
    INDICATORS,
    OFFICES,
    RESULT_TABLES,
    ROLLOUT,
    ROLLOUT_YEARS,
    SITING_TABLES,
    SPANS,
    SPANS_RESULT,
)

from .conftest import CRS, HOSTILE, SOUTH, WEST


@pytest.fixture
def workbook(tables, indicators, tmp_path):
    layers = [plain_layer(*one) for one in (*tables.values(), (indicators, INDICATORS))]
    write_workbook(layers, tmp_path / "tables.xlsx")
    return openpyxl.load_workbook(tmp_path / "tables.xlsx")


def column(sheet, name):
    names = [cell.value for cell in sheet[2]]
    return [row[names.index(name)] for row in sheet.iter_rows(min_row=3)]


def test_the_board_is_first_and_the_definitions_last(workbook):
    assert workbook.sheetnames == [
        "Chỉ tiêu", "Xã", "Thôn", "Tuyến cáp quang", "Định nghĩa",
    ]  # fmt: skip


def test_a_sheet_has_vietnamese_headings_then_column_names_both_frozen(workbook, tables):
    sheet = workbook["Xã"]
    assert sheet["A1"].value == "Mã xã 5 chữ số theo danh mục hành chính"
    names = names_of(sheet)
    assert names[:3] == ["commune_code", "valid_from", "name"]
    assert sorted(names[:-2]) == sorted(tables["communes"][1].columns)
    assert names[-2:] == ["longitude", "latitude"]
    assert sheet.freeze_panes == "C3"  # commune_code and valid_from stay in sight
    assert sheet.auto_filter.ref.startswith("A2:")


def test_values_come_back_with_their_types(workbook):
    sheet = workbook["Xã"]
    assert [cell.value for cell in column(sheet, "commune_code")] == ["00688", "00694"]
    assert [cell.value for cell in column(sheet, "name")] == ["Ngọc Đường", HOSTILE]
    assert [cell.value for cell in column(sheet, "stations")] == [0, 3]
    assert [cell.value for cell in column(sheet, "has_lan")] == [None, "có"]
    assert column(sheet, "valid_from")[0].value == datetime.datetime(2004, 1, 1)


def test_pandas_reads_a_sheet_with_its_second_row_as_heading(workbook, communes, tmp_path):
    back = pd.read_excel(
        tmp_path / "tables.xlsx",
        sheet_name="Xã",
        header=1,
        dtype={"commune_code": str},
        engine="openpyxl",
    )
    wanted = communes.sort_values("commune_code")["population"]
    np.testing.assert_array_equal(back["population"], wanted.round())


def test_shares_are_percentages_and_counts_have_separators(workbook):
    communes = workbook["Xã"]
    assert column(communes, "covered_population_share_mobile")[1].number_format == "0.0%"
    assert column(communes, "stations")[0].number_format == "#,##0"
    board = workbook["Chỉ tiêu"]
    assert [cell.number_format for cell in column(board, "published")] == ["#,##0", "0.0%"]
    assert [cell.value for cell in column(board, "indicator")] == ["stations", "lan_share"]


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (ROLLOUT["service_year"], "General"),  # 2,018 is no year
        (ROLLOUT["would_enter"], "General"),
        (OFFICES["lan_year"], "General"),
        (OFFICES["computers"], "#,##0"),
        (ROLLOUT["cost_vnd"], "#,##0"),
        (SPANS_RESULT["dark_offices"], "#,##0"),
        (GAPS["area_km2"], "#,##0.00"),
        (SPANS["readyForServiceDate"], "dd/mm/yyyy"),
        (OFFICES["name"], "General"),
        (OFFICES["has_lan"], "General"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_years_have_no_separator_and_counts_have(field, shown):
    assert number_format(field) == shown


def test_a_year_is_written_without_a_separator(tmp_path):
    plan = pd.DataFrame({"year": [2018], "offices_in_service": [1234]})
    write_workbook([plain_layer(plan, ROLLOUT_YEARS)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    (year,), (served,) = (column(sheet, name) for name in ("year", "offices_in_service"))
    assert (year.value, year.number_format) == (2018, "General")
    assert (served.value, served.number_format) == (1234, "#,##0")


def test_a_name_that_looks_like_a_formula_is_text(workbook):
    cell = column(workbook["Thôn"], "name")[1]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_a_control_character_does_not_break_the_workbook(tables, tmp_path):
    villages, table = tables["villages"]
    villages["name"] = ["Bản\x00\x0bTùy", "#N/A"]
    write_workbook([plain_layer(villages, table)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Thôn"]
    assert [cell.value for cell in column(sheet, "name")] == ["#N/A", "Bản��Tùy"]
    assert column(sheet, "name")[0].data_type == "s"


def test_a_text_longer_than_a_cell_says_that_it_was_cut(tables, tmp_path):
    villages, table = tables["villages"]
    villages["name"] = ["x" * 32_767, "y" * 32_768]
    write_workbook([plain_layer(villages, table)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Thôn"]
    found = sorted(cell.value for cell in column(sheet, "name"))
    assert found == ["x" * 32_767, "y" * 32_766 + "…"]


def test_every_column_is_defined_in_both_languages(workbook, tables):
    rows = list(workbook["Định nghĩa"].iter_rows(min_row=2, values_only=True))
    columns = [name for _, table in tables.values() for name in table.columns]
    assert {name for _, name, *_ in rows} >= {*columns, *INDICATORS.columns}
    assert all(vi and en for _, _, vi, en, *_ in rows)


def test_two_writes_are_the_same_bytes_without_a_date(tables, tmp_path, monkeypatch):
    layers = [plain_layer(*one) for one in tables.values()]
    write_workbook(layers, tmp_path / "a.xlsx")
    with monkeypatch.context() as later:
        later.setattr("time.time", lambda: 2e9)
        later.setattr("time.localtime", lambda *_: datetime.datetime(2033, 5, 18).timetuple())
        write_workbook(layers, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = openpyxl.load_workbook(tmp_path / "a.xlsx").properties
    assert {properties.created, properties.modified} == {datetime.datetime(1980, 1, 1)}


def test_codes_are_vietnamese_words_and_people_are_whole(workbook, tmp_path):
    board = workbook["Chỉ tiêu"]
    assert {cell.value for cell in column(board, "unit")} <= {"tỷ lệ", "số lượng", "tỷ số"}
    for name in ("origin", "status"):
        assert not {cell.value for cell in column(board, name)} & set(INDICATORS[name].choices)
    spans = workbook["Tuyến cáp quang"]
    assert {cell.value for cell in column(spans, "status")} <= {
        catalogue()[f"maps.value_{code}"]["vi"] for code in SPANS["status"].choices
    }
    people = gpd.GeoDataFrame(
        {
            "gap_id": ["G1"], "service": ["mobile"], "rank": [1], "population": [120.6],
            "area_km2": [2.25],
        },
        geometry=[box(WEST, SOUTH, WEST + 1000, SOUTH + 1000)], crs=CRS,
    )  # fmt: skip
    write_workbook([plain_layer(people, GAPS)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert column(sheet, "population")[0].value == 121
    assert column(sheet, "population")[0].number_format == "#,##0"
    assert column(sheet, "area_km2")[0].value == 2.25


def test_every_choice_of_a_result_has_a_word(tables):
    codes = {
        (table.name, code)
        for table in RESULT_TABLES.values() if table.name != INDICATORS.name
        for field in table.fields for code in field.choices
    }  # fmt: skip
    bare = {code for _, code in codes if f"maps.value_{code}" not in catalogue()}
    assert bare == {"2G", "3G", "4G", "5G", "xã", "phường", "thị trấn", "đặc khu"}
    for field, start in (
        ("unit", "export.unit"),
        ("origin", "report.origin"),
        ("status", "report.verdict"),
    ):
        assert all(f"{start}_{code}" in catalogue() for code in INDICATORS[field].choices)


def test_a_sheet_with_places_tells_them_in_both_systems(layers, tmp_path):
    write_workbook(layers.values(), tmp_path / "a.xlsx", crs=CRS)
    write_layer_csv(layers["villages"], tmp_path / "a.csv", crs=CRS, semicolon=False)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Thôn"]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for name in ("longitude", "latitude", "easting_m", "northing_m"):
        told = [cell.value for cell in column(sheet, name)]
        wanted = [float(row[name]) if row[name] else None for row in rows]
        assert [one for one in told if one is not None] == pytest.approx(
            [one for one in wanted if one is not None]
        )
        assert [one is None for one in told] == [one is None for one in wanted]
    assert sheet.cell(1, sheet.max_column).value == f"X (bắc), {CRS} (m)"


def test_a_sheet_prints_across_one_page_with_its_heading_on_each(workbook):
    for sheet in workbook.worksheets[:-1]:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9  # A4
        assert int(sheet.page_setup.scale) == 65
        assert sheet.print_title_rows == "$1:$1"
        named = columns_of(sheet.print_title_cols)
        for area in sheet.print_area.split(","):
            first, last = re.findall(r"\$(\d+)", area)
            # Heading and names of columns stand above; the first is printed on each page.
            assert (int(first), int(last)) == (3, sheet.max_row)
            widths = [
                sheet.column_dimensions[get_column_letter(n)].width
                for n in {*named, *columns_of(area.split("!")[1])}
            ]
            assert sum(widths) <= 172  # what a page holds in LibreOffice without Calibri


def test_a_notice_prints_above_each_page_and_not_as_a_row(tables, tmp_path):
    notice = Bilingual("Dữ liệu mẫu " * 30, "Sample data")
    layers = [replace(plain_layer(*one), notice=notice) for one in tables.values()]
    write_workbook(layers, tmp_path / "a.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[:-1]:
        assert sheet["A1"].value == notice.vi
        above = sheet.oddHeader.center.text
        assert 230 <= len(above) <= 240  # Excel keeps 255 letters, its own codes among them
        assert above.endswith(" …")
        assert notice.vi.startswith(above[:-2])
        assert sheet.print_title_rows == "$2:$2"
        areas = sheet.print_area.replace("$", "").split(",")
        assert all(range_boundaries(area.split("!")[1])[1] == 4 for area in areas)


def test_headings_and_the_boards_definitions_are_read_whole_in_any_program(
    workbook, indicators, tmp_path
):
    """LibreOffice fits no row by itself, and takes a face of its own where none is named."""
    for sheet in workbook.worksheets:
        for cell in sheet[1]:
            assert cell.font.name == "Calibri"
            lines = (len(cell.value) - 1) // (sheet.column_dimensions[cell.column_letter].width)
            assert lines < 1 or sheet.row_dimensions[1].height > 15 * lines
    long = indicators.assign(definition_vi="mức thu từ −95 dBm " * 20)
    write_workbook([plain_layer(long, INDICATORS)], tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert not book.worksheets[0].row_dimensions[3].height  # figures stay close together
    definitions = book["Định nghĩa"]
    told = [row for row in definitions if row[1].value in set(long["indicator"])]
    assert len(told) == len(long)
    for row in told:
        assert row[2].value.endswith(": " + long["definition_vi"].iloc[0])
        width = definitions.column_dimensions["C"].width
        assert row[2].alignment.wrap_text
        assert definitions.row_dimensions[row[2].row].height >= 15 * len(row[2].value) / width


def columns_of(area):
    first, _, last, _ = range_boundaries(area.replace("$", ""))
    return range(first, last + 1)


def names_of(sheet):
    return [cell.value for cell in sheet[2]]


def printed(sheet, names=2):
    """Return the columns on each printed page, by name."""
    titles = columns_of(sheet.print_title_cols)
    return [
        [sheet.cell(names, n).value for n in sorted({*titles, *columns_of(area.split("!")[1])})]
        for area in sheet.print_area.split(",")
    ]


def test_the_board_prints_its_figures_beside_their_vietnamese_names(workbook):
    (first, *_) = printed(workbook["Chỉ tiêu"])
    assert first[:2] == ["vi", "denominator"]
    assert {"published", "computed", "target", "status"} <= set(first)
    every = {name for page in printed(workbook["Chỉ tiêu"]) for name in page}
    assert {"reported", "source"} <= every
    assert not every & {"indicator", "en", "definition_vi", "definition_en"}


def test_a_committee_reads_figures_of_communes_and_names_on_each_page(workbook):
    sheet = workbook["Xã"]
    pages = printed(sheet)
    assert all("name" in page for page in pages)
    every = {name for page in pages for name in page}
    figures = {
        name
        for name in names_of(sheet)
        if name.startswith(("covered_population_share_", "target_verdict_"))
    }
    assert figures
    assert {"population", *figures} <= every
    assert not every & {"nearest_span", "district_hub_hops", "longitude"}


def test_of_two_results_the_province_prints_what_changed_and_not_every_column(tmp_path):
    services, error = {"service": ["mobile", "4g"]}, Bilingual("giả định", "assumed")
    table = COMPARED_PROVINCE.expand(services, {"before": error, "after": error})
    row = gpd.GeoDataFrame(
        {"province_code": ["02"], "province": ["Hà Giang"],
         **{f"share_median_{when}_mobile": [0.9] for when in ("before", "after")},
         **{f"covered_population_share_{when}_{service}": [0.9]
            for when in ("before", "after") for service in ("mobile", "4g")}},
        geometry=[box(WEST, SOUTH, WEST + 1000, SOUTH + 1000)], crs=CRS,
    )  # fmt: skip
    write_workbook([plain_layer(row, table)], tmp_path / "a.xlsx")
    pages = printed(openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0])
    assert len(pages) <= 2
    assert {name for page in pages for name in page} == {
        "province_code", "province",
        *(f"share_median_{when}_mobile" for when in ("before", "after")),
        *(f"covered_population_share_{when}_4g" for when in ("before", "after")),
        *(f"{figure}_{service}" for service in ("mobile", "4g")
          for figure in ("covered_population_gained", "villages_gained", "villages_lost")),
    }  # fmt: skip


def test_reasons_of_a_change_are_words_and_its_stations_make_no_row_high(tmp_path):
    table = COMPARED_DISTRICTS.expand(
        {"service": ["4g"]},
        {when: Bilingual("giả định", "assumed") for when in ("before", "after")},
    )
    row = gpd.GeoDataFrame(
        {"district_code": ["024"], "district": ["Thử"], "reasons_4g": ["station_new, program"],
         "stations_new_4g": [", ".join(f"HG{n:04}-4G" for n in range(60))]},
        geometry=[box(WEST, SOUTH, WEST + 1000, SOUTH + 1000)], crs=CRS,
    )  # fmt: skip
    write_workbook([plain_layer(row, table)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert column(sheet, "reasons_4g")[0].value == "trạm mới, phiên bản phusong khác"
    assert sheet.row_dimensions[3].height is None


def test_what_stays_on_the_screen_stands_behind_what_is_printed(workbook, tables):
    for sheet in workbook.worksheets[:-1]:
        names = names_of(sheet)
        every = [name for page in printed(sheet) for name in page]
        assert set(names[: len(set(every))]) - {"indicator"} <= set(every)
    defined = [*(table for _, table in tables.values()), INDICATORS]
    names = {column for table in defined for column in table.columns}
    assert {name for sheet in workbook.worksheets[:-1] for name in names_of(sheet)} == {
        *names, "longitude", "latitude",
    }  # fmt: skip


def test_columns_for_paper_are_columns_of_their_tables():
    known = RESULT_TABLES | SITING_TABLES | COMPARISON_TABLES
    for name, columns in ON_PAPER.items():
        assert set(columns) <= set(known[name].columns)


def test_a_long_sheet_prints_across_one_page_its_worst_rows_and_says_how_many_there_are(tmp_path):
    gap = {"gap_id": "G", "service": "mobile", "rank": 1, "population": 1.0, "area_km2": 1.0}
    many = gpd.GeoDataFrame(
        [gap | {"gap_id": f"G{n}", "rank": 2000 - n} for n in range(2000)],
        geometry=[box(WEST, SOUTH, WEST + 1000, SOUTH + 1000)] * 2000, crs=CRS,
    )  # fmt: skip
    write_workbook([plain_layer(many, GAPS)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert len(printed(sheet)) == 1
    assert [cell.value for cell in column(sheet, "rank")] == list(range(1, 2001))
    assert column(sheet, "gap_id")[0].value == "G1999"
    assert sheet.print_area.endswith("$452")
    assert sheet.oddFooter.center.text == "Bản in: 450 dòng đầu trong 2.000 dòng của tệp"


def test_what_is_printed_of_a_long_sheet_is_shown_whole(tmp_path):
    reached = ", ".join(f"Xã Thứ {n}" for n in range(20))
    gap = {"service": "mobile", "population": 1.0, "area_km2": 1.0, "communes": reached}
    many = gpd.GeoDataFrame(
        [gap | {"gap_id": f"G{n}", "rank": n + 1} for n in range(451)],
        geometry=[box(WEST, SOUTH, WEST + 1000, SOUTH + 1000)] * 451, crs=CRS,
    )  # fmt: skip
    write_workbook([plain_layer(many, GAPS)], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    told = column(sheet, "communes")
    width = sheet.column_dimensions[told[0].column_letter].width
    for cell in (told[0], told[449]):
        assert cell.alignment.wrap_text
        assert sheet.row_dimensions[cell.row].height >= 15 * len(reached) / width
    assert not told[450].alignment.wrap_text, "on the screen alone: a row a line"
    assert sheet.row_dimensions[told[450].row].height is None


def test_a_sheet_without_rows_prints_its_heading(tmp_path):
    none = gpd.GeoDataFrame(columns=GAPS.columns, geometry=[], crs=CRS)
    write_workbook([plain_layer(none, GAPS)], tmp_path / "a.xlsx")
    area = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0].print_area
    assert re.findall(r"\$(\d+)", area) == ["1", "1"]


def test_figures_of_the_board_are_shown_in_their_unit(workbook):
    board = workbook["Chỉ tiêu"]
    for unit, figure in zip(column(board, "unit"), column(board, "computed"), strict=True):
        if figure.value is not None:
            wanted = {"tỷ lệ": "0.0%", "số lượng": "#,##0", "tỷ số": "#,##0.00"}
            assert figure.number_format == wanted[unit.value]


def test_what_was_reported_is_counted_whatever_the_unit_of_the_indicator(indicators, tmp_path):
    told = indicators.assign(unit="share", reported=195, reported_of=196)
    write_workbook([plain_layer(told, INDICATORS)], tmp_path / "a.xlsx")
    board = openpyxl.load_workbook(tmp_path / "a.xlsx")["Chỉ tiêu"]
    for name in ("reported", "reported_of"):
        assert {cell.number_format for cell in column(board, name)} == {"#,##0"}


def test_every_known_prerequisite_and_work_has_a_word():
    assert {name for name in PREREQUISITES if f"maps.value_{name}" not in catalogue()} == set()
    assert "work" in CODE_LISTS
