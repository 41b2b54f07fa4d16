"""Workbooks given back: marks on cells, the user's formatting kept, nothing run."""

import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from phusong.export import Mark, MarkedSheet, annotate_workbook, make_workbook
from phusong.export.annotated import MOST_ROWS

SAID = ("Sai.", "Wrong.")
SUMMARY = [["Tóm tắt"], ["=1+1", 2.5]]


def sheet(title, rows, marks):
    return MarkedSheet(
        title=title, headings=("a", "b"), cells=list(zip(*rows, strict=True)),
        rows=list(range(2, len(rows) + 2)), marks=marks,
    )  # fmt: skip


@pytest.fixture
def mine(tmp_path):
    book = Workbook()
    own = book.active
    own.title = "S"
    for row in (["a", "b"], [1, 2], [None, 4], [5, 6]):
        own.append(row)
    own.merge_cells("A2:A3")
    own["B2"].comment = Comment("của tôi", "tôi")
    own["B4"] = "=A4*2"
    path = tmp_path / "mine.xlsx"
    book.save(path)
    return path


def test_a_comment_stands_under_the_users_own_and_on_the_first_of_merged_cells(mine, tmp_path):
    marks = [
        Mark(2, 1, "mended", SAID),
        Mark(3, 0, "set_aside", SAID),
        Mark(4, None, "doubt", SAID),
    ]
    out = tmp_path / "out.xlsx"
    assert annotate_workbook(mine, out, [sheet("S", [(1, 2), (None, 4), (5, 6)], marks)], SUMMARY)
    marked = load_workbook(out)["S"]
    assert marked["B2"].comment.text.startswith("của tôi\n\nĐÃ SỬA: Sai.")
    assert "NOT USED: Wrong." in marked["A2"].comment.text
    assert "CẦN XEM: Sai." in marked["A4"].comment.text
    assert marked["B4"].value == "=A4*2"
    assert marked.merged_cells.ranges == load_workbook(mine)["S"].merged_cells.ranges


def test_several_marks_of_a_cell_are_one_comment_in_the_colour_of_the_gravest(mine, tmp_path):
    out = tmp_path / "out.xlsx"
    marks = [Mark(4, 0, "doubt", SAID), Mark(4, 0, "set_aside", ("Lạ.", "Odd."))]
    annotate_workbook(mine, out, [sheet("S", [(1, 2), (3, 4), (5, 6)], marks)], SUMMARY)
    cell = load_workbook(out)["S"]["A4"]
    assert cell.comment.text == (
        "CẦN XEM: Sai.\nKHÔNG DÙNG: Lạ.\n\nTO BE LOOKED AT: Wrong.\nNOT USED: Odd."
    )
    assert cell.fill.fgColor.rgb.endswith("F8B9A3")


@pytest.mark.parametrize("span", ["A1:XFD1048576", "B2:C900000"])
def test_vast_merged_ranges_are_not_taken_up(mine, tmp_path, span):
    huge, out = tmp_path / "huge.xlsx", tmp_path / "out.xlsx"
    with zipfile.ZipFile(mine) as given, zipfile.ZipFile(huge, "w") as made:
        for name in given.namelist():
            made.writestr(name, given.read(name).replace(b'ref="A2:A3"', f'ref="{span}"'.encode()))
    assert not annotate_workbook(huge, out, [sheet("S", [(1, 2)], [])], SUMMARY)
    assert not out.exists()


def test_a_workbook_that_cannot_be_read_is_not_taken_up(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 no more")
    assert not annotate_workbook(tmp_path / "x.xlsx", tmp_path / "out.xlsx", [], SUMMARY)


def test_of_a_long_list_the_marked_rows_alone_are_given_back(tmp_path):
    rows = [(i, "x") for i in range(MOST_ROWS + 5)]
    out = tmp_path / "out.xlsx"
    make_workbook(out, [sheet(None, rows, [Mark(MOST_ROWS, 1, "set_aside", SAID)])], SUMMARY)
    _, kept = load_workbook(out).worksheets
    assert [[cell.value for cell in row] for row in kept.iter_rows(min_row=2)] == [
        [MOST_ROWS, MOST_ROWS - 2, "x"]
    ]


def test_the_same_rows_give_the_same_bytes_and_a_summary_that_is_text(tmp_path):
    for name in ("one.xlsx", "two.xlsx"):
        make_workbook(tmp_path / name, [sheet(None, [("=1+1", float("inf"))], [])], SUMMARY)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    summary, rows = load_workbook(tmp_path / "one.xlsx").worksheets
    assert (summary["A2"].value, summary["A2"].data_type) == ("=1+1", "s")
    assert (rows["B2"].data_type, rows["C2"].value) == ("s", "inf")
