"""One table from several files and sheets: each row keeps its place, keys are distinct in all."""

import io

import pytest
from openpyxl import Workbook

from phusong.errors import InputError
from phusong.inputs import Source, read_table, sources_of, together
from phusong.tables import MEASUREMENTS, VILLAGES

HEADINGS = ["village_id", "name", "commune_code", "lon", "lat"]


def village(number, name="Tha"):
    return [f"v{number}", name, "00691", 104.98, 22.82]


def book(**sheets):
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title.removeprefix("hidden_"))
        sheet.sheet_state = "hidden" if title.startswith("hidden_") else "visible"
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


DISTRICTS = {
    "Mèo Vạc": [["Danh sách thôn bản"], HEADINGS, village(3), village(1)],
    "Đồng Văn": [HEADINGS, village(2)],
    "Tổng hợp": [["Huyện", "Số thôn"], ["Mèo Vạc", 2]],
    "hidden_cũ": [HEADINGS, village(9)],
}


def parts(tmp_path, content, sheet, table=VILLAGES):
    path = tmp_path / "thôn.xlsx"
    path.write_bytes(content)
    given = Source(path=path, shown="thôn.xlsx", sheet=sheet)
    return [
        read_table(source, table, crs="EPSG:9209", set_aside_faulty=True)
        for source in sources_of(given, table)
    ]


def test_all_sheets_with_the_headings_of_the_table_are_one_table(tmp_path):
    checked = together(parts(tmp_path, book(**DISTRICTS), "*"), VILLAGES, set_aside_faulty=False)
    assert checked.table["village_id"].to_list() == ["v1", "v2", "v3"]
    assert [checked.where(i) for i in range(3)] == [
        ("thôn.xlsx", "Mèo Vạc", 4), ("thôn.xlsx", "Đồng Văn", 2), ("thôn.xlsx", "Mèo Vạc", 3),
    ]  # fmt: skip


def test_hidden_sheet_is_told_and_not_read(tmp_path):
    (checked,) = parts(tmp_path, book(**DISTRICTS), None)
    told = {one.message: one.render("en") for one in checked.problems}
    assert (
        "1 hidden sheet that looks like the table is passed over: cũ."
        in told["inputs.hidden_sheets"]
    )
    (checked,) = parts(tmp_path, book(hidden_cũ=DISTRICTS["hidden_cũ"], Bìa=[["x"]]), None)
    assert [one.message for one in checked.problems] == ["inputs.hidden_sheet_read"]


def test_key_in_two_sheets_is_told_with_both_places(tmp_path):
    content = book(A=[HEADINGS, village(1), village(2)], B=[HEADINGS, village(1, "Khác")])
    read = parts(tmp_path, content, "*")
    with pytest.raises(InputError) as refusal:
        together(read, VILLAGES, set_aside_faulty=False)
    (problem,) = refusal.value.problems
    assert problem.render("en").startswith(
        "thôn.xlsx, sheet B, row 2, column village_id: The key v1 is already in row 2 of "
        "thôn.xlsx, A."
    )
    checked = together(read, VILLAGES, set_aside_faulty=True)
    assert checked.table["name"].to_list() == ["Tha", "Tha"]
    assert checked.rejected[["sheet", "row", "name"]].to_numpy().tolist() == [["B", 2, "Khác"]]


def test_rows_set_aside_of_all_parts_are_listed_with_their_sheet(tmp_path):
    bad = ["v7", "Xa", "69", 104.98, 22.82]
    content = book(A=[HEADINGS, village(1), bad], B=[HEADINGS, village(2), bad[:4]])
    rejected = together(parts(tmp_path, content, "*"), VILLAGES, set_aside_faulty=True).rejected
    assert rejected[["file", "sheet", "row"]].to_numpy().tolist() == [
        ["thôn.xlsx", "A", 3], ["thôn.xlsx", "B", 3],
    ]  # fmt: skip


def test_rows_that_go_by_their_number_stay_apart_in_several_files(tmp_path):
    headings = ["lon", "lat", "operator", "technology", "level_dbm"]
    rows = [headings, [104.98, 22.82, "Viettel", "4G", -90]]
    read = parts(tmp_path, book(A=rows, B=rows), "*", MEASUREMENTS)
    checked = together(read, MEASUREMENTS, set_aside_faulty=False)
    assert checked.table["measurement_id"].to_list() == ["2", "2-2"]
