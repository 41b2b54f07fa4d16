"""Workbooks of every kind: Strict, with odd styles, protected, old, with merged cells."""

import io
import re
import zipfile
from datetime import datetime

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from phusong.inputs import Source, workbooks
from phusong.tables import CELLS, PLACES

HEADINGS = ["place_id", "name", "kind", "Ngày", "lon", "lat"]
ROWS = [
    HEADINGS,
    ["p1", "Hà Giang", "city", 43100, 104.9911, 22.8344],
    ["p2", "Tây Côn Lĩnh", "peak", 43100, 104.7872, 22.8072],
]


def workbook(rows=ROWS, *, merged=(), number_format=None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    if number_format:
        book.active["D2"].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def edited(content, **parts):
    """Return the workbook with some parts edited, named by the end of their file's name."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode()
            edit = next((edit for end, edit in parts.items() if name.endswith(end + ".xml")), None)
            new.writestr(name, edit(data) if edit else data)
    return file.getvalue()


def names(checked):
    return checked.table["name"].to_list()


STRICT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
     "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
     "http://purl.oclc.org/ooxml/officeDocument/relationships"),
)  # fmt: skip


def test_strict_workbook_is_read(read):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode()
            for usual, strict in STRICT:
                data = data.replace(usual, strict)
            new.writestr(name, data)
    assert names(read("a.xlsx", PLACES, file.getvalue())) == ["Hà Giang", "Tây Côn Lĩnh"]


@pytest.mark.parametrize(
    "odd",
    [
        lambda xml: re.sub(r"<fills.*</fills>", "<fills><fill/></fills>", xml),
        lambda xml: re.sub(r"<font>.*?</font>", '<font><color rgb="#000000"/></font>', xml),
        lambda xml: re.sub(r"<cellStyles>.*</cellStyles>", "<cellStyles><odd/></cellStyles>", xml),
        lambda xml: re.sub(r"<cellXfs.*</cellXfs>", "", xml),
    ],
)
def test_odd_styles_do_not_concern_cells(read, odd):
    content = edited(workbook(), styles=odd)
    assert names(read("a.xlsx", PLACES, content)) == ["Hà Giang", "Tây Côn Lĩnh"]


def test_the_format_of_numbers_still_tells_which_are_dates(read):
    rows = [["cell_id", "on_air_from", *CELL[2:]], ["c1", 43100, *VALUES[2:]]]
    for code in ("dd/mm/yyyy", "[$-42A]d mmmm yyyy"):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.active["B2"].number_format = code
        file = io.BytesIO()
        book.save(file)
        found = read("a.xlsx", CELLS, file.getvalue()).table
        assert f"{found['on_air_from'][0]:%Y-%m-%d}" == "2017-12-31"


CELL = [
    "cell_id", "on_air_from", "site_id", "station_id", "operator", "technology", "frequency_mhz",
    "antenna_height_m", "rs_eirp_dbm", "azimuth_deg", "status", "lon", "lat",
]  # fmt: skip
VALUES = ["c1", None, "s1", "s1-4g", "Viettel", "4G", 1800, 36, 32, 0, "active", 104.99, 22.83]


def three_sectors():
    first = [*VALUES]
    others = [[f"c{n}", None, None, None, None, *VALUES[5:9], n * 100, "active", None, None]
              for n in (2, 3)]  # fmt: skip
    return [CELL, first, *others]


def test_a_value_merged_down_over_sectors_is_each_sectors(read):
    merged = [f"{column}2:{column}4" for column in "CDELM"]
    checked = read("a.xlsx", CELLS, workbook(three_sectors(), merged=merged))
    assert checked.table["cell_id"].to_list() == ["c1", "c2", "c3"]
    assert checked.table["site_id"].unique().tolist() == ["s1"]
    assert checked.table["azimuth_deg"].to_list() == [0, 200, 300]
    assert checked.table.geometry.nunique() == 1
    (told,) = checked.problems
    assert (told.message, told.values["count"]) == ("inputs.filled_down", 10)


def test_cells_left_empty_below_are_not_filled(problems):
    found = problems("a.xlsx", CELLS, workbook(three_sectors()))
    assert [problem.row for problem in found] == [3, 4]


def test_a_merge_that_reaches_below_the_table_makes_no_rows(read):
    checked = read("a.xlsx", CELLS, workbook(three_sectors()[:2], merged=["E2:E9"]))
    assert checked.rows == (2,)


def ole(*streams):
    """Return the first bytes of an OLE container that names streams."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + b"".join(
        name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams)
    )  # fmt: skip


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_protected_workbook_is_told_as_such_and_not_as_damaged(problems, suffix):
    content = ole("EncryptionInfo", "EncryptedPackage")
    (problem,) = problems(f"a{suffix}", PLACES, content)
    assert problem.message == "inputs.protected_workbook"
    assert "mật khẩu" in problem.render("vi")


def old_workbook():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Địa danh")
    for i, row in enumerate(ROWS):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("suffix", [".xls", ".xlsx"])
def test_old_workbook_is_read_whatever_its_suffix(read, suffix):
    checked = read(f"a{suffix}", PLACES, old_workbook())
    assert names(checked) == ["Hà Giang", "Tây Côn Lĩnh"]
    assert checked.rows == (2, 3)
    told = {problem.message for problem in checked.problems}
    assert told == {"inputs.errors_as_empty"}


def test_new_workbook_with_the_old_suffix_is_read(read):
    assert names(read("a.xls", PLACES, workbook())) == ["Hà Giang", "Tây Côn Lĩnh"]


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="Tờ 1">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def ods(rows=ROWS, *, repeated=1):
    def cell(value):
        if isinstance(value, str):
            return (f'<table:table-cell office:value-type="string"><text:p>{value}</text:p>'
                    "</table:table-cell>")  # fmt: skip
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    lines = "".join(
        f'<table:table-row table:number-rows-repeated="{repeated if i == len(rows) - 1 else 1}">'
        + "".join(map(cell, row))
        + "</table:table-row>"
        for i, row in enumerate(rows)
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", ODS.format(rows=lines))
    return file.getvalue()


def test_open_document_workbook_is_read_with_its_sheet_named(read, problems):
    assert names(read("a.ods", PLACES, ods(), sheet="Tờ 1")) == ["Hà Giang", "Tây Côn Lĩnh"]
    (problem,) = problems("a.ods", PLACES, sheet="Tờ 2")
    assert problem.message == "inputs.unknown_sheet"


def test_rows_that_a_workbook_repeats_without_end_are_refused(problems):
    (problem,) = problems("a.ods", PLACES, ods(repeated=2_000_000_000))
    assert problem.message == "inputs.too_many_rows"


@pytest.mark.parametrize("suffix", [".xls", ".xlsb", ".ods"])
def test_what_is_no_workbook_is_refused(problems, suffix):
    (problem,) = problems(f"a{suffix}", PLACES, b"\0\1\2\3" * 99)
    assert problem.message == "inputs.unreadable"


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".xlsb", ".ods"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("Mã;Tên\n1;Hà Giang\n", "text_as_workbook"),
        ("\n<html><table><tr><td>Mã</td></tr></table></html>", "markup_as_workbook"),
        ('<?xml version="1.0"?><Workbook/>', "markup_as_workbook"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_text_named_like_a_workbook_is_told_as_what_it_is(
    problems, suffix, content, told, encoding
):
    (problem,) = problems(f"a{suffix}", PLACES, content.encode(encoding))
    assert problem.message == f"inputs.{told}"


def cells_of_every_kind():
    book = Workbook()
    sheet = book.active
    sheet.append(["Bảng kê", None, None])
    sheet.append([1, 2.5, -3, 900.0, True, " Hà Giang ", "", 1e14, 0.1 + 0.2, "=1+1"])
    sheet["A4"], sheet["C4"] = datetime(2017, 12, 31), datetime(2017, 12, 31, 23, 59, 59, 500_000)
    sheet["B4"].number_format = "dd/mm/yyyy"  # a format alone
    sheet["A6"], sheet["A7"] = "gộp", "che"
    sheet["B7"], sheet["B8"] = 1, 2
    sheet["D6"] = CellRichText("Xã ", TextBlock(InlineFont(b=True), "Đồng Văn"))
    sheet.merge_cells("A6:A8")
    book.create_sheet("Ẩn")["B3"] = "ẩn"
    book["Ẩn"].sheet_state = "hidden"
    book.create_chartsheet("Biểu đồ").add_chart(BarChart())
    file = io.BytesIO()
    book.save(file)
    # As Excel stores a formula, with its result.
    return edited(
        file.getvalue(),
        sheet1=lambda xml: re.sub("<v ?/>|<v></v>", "<v>2</v>", xml),
    )


@pytest.mark.parametrize("alone", [True, False])
def test_days_of_a_workbook_that_counts_from_1904(tmp_path, monkeypatch, alone):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append([datetime(2017, 12, 31), 41639])
    path = tmp_path / "mac.xlsx"
    book.save(path)
    monkeypatch.setattr(workbooks, "_openpyxl_alone", lambda *_: alone)
    (sheet,) = workbooks.read_sheets(Source(path=path, shown="mac.xlsx"))
    assert sheet.rows[1] == [datetime(2017, 12, 31), 41639]
    assert sheet.from_1904


def test_calamine_and_openpyxl_read_the_same(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    path.write_bytes(cells_of_every_kind())
    source = Source(path=path, shown="a.xlsx")
    asked = []
    monkeypatch.setattr(workbooks, "_by_openpyxl", lambda *given: asked.append(given))
    fast = workbooks.read_sheets(source)
    assert not asked
    monkeypatch.undo()
    monkeypatch.setattr(workbooks, "_openpyxl_alone", lambda *_: True)
    slow = workbooks.read_sheets(source)
    for sheet in slow:  # which also tells formats without a cell at the end of a row
        for row in sheet.rows.values():
            while row[-1] is None:
                row.pop()
    assert fast == slow
    assert [sheet.title for sheet in fast] == ["Sheet", "Ẩn"]


@pytest.mark.parametrize(
    "xml",
    [
        '<c r="A1" t="e"><v>#REF!</v></c>',
        '<c r="A1"><f>1+1</f></c>',
        '<c r="A1"><f>1+1</f><v></v></c>',
        '<c r="A1"><v>452040012345678901</v></c>',
        '<c r="A1" t="d"><v>2017-12-31</v></c>',
        '<c r="A1" s="1"><v>0.3125</v></c>',
        '<c r="A1" t="str"><v><![CDATA[a<b]]></v></c>',
        '<c r="A1" t="str"><v>a_x000D_b</v></c>',
        '<c r="XFD1048576"><v>1</v></c><c r="A1"><v>1</v></c>',
    ],
)  # fmt: skip
def test_what_openpyxl_alone_tells_is_read_with_it(tmp_path, monkeypatch, xml):
    content = edited(
        workbook([["x"], [1]], number_format="hh:mm"),
        sheet1=lambda old: re.sub(r'<row r="1".*?</row>', f'<row r="1">{xml}</row>', old),
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    asked = []
    monkeypatch.setattr(workbooks, "_by_openpyxl", lambda source, *_: asked.append(source))
    source = Source(path=path, shown="a.xlsx")
    workbooks.read_sheets(source)
    assert asked == [source]
