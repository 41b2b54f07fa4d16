"""Totals, signatures and bands of a list: passed over and told, never a row of the table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.inputs.bands import without_bands
from phusong.inputs.source import Raw, as_columns
from phusong.tables import PLACES, VILLAGES

HEADINGS = ("TT", "Mã thôn", "Tên thôn", "Mã xã", "Số hộ", "Kinh độ", "Lat")
ROW = ("1", "v1", "Tha", "00691", "40", "104.98", "22.82")


def sheet(*rows, headings=HEADINGS):
    padded = [(tuple(row) + ("",) * len(headings))[: len(headings)] for row in rows]
    return Raw(
        headings=headings,
        columns=as_columns(padded, len(headings)),
        rows=np.arange(2, len(rows) + 2),
    )


def passed(*rows):
    raw, at = without_bands(sheet(*rows), VILLAGES)
    return [told.message for told in raw.told], list(at)


@pytest.mark.parametrize(
    "row",
    [
        ("", "Tổng cộng", "", "", "80"),
        ("", "TỔNG SỐ:", "", "", "1.280"),
        ("Cộng", "", "", "", "80"),
        ("II", "Cộng huyện Mèo Vạc", "", "", "80"),
        ("", "", "Tổng cộng toàn tỉnh (2 thôn)", "", "80"),
        ("", "Total", "", "", "80"),
    ],
)
def test_totals_are_passed_over_wherever_they_stand(row):
    assert passed(ROW, row, ("2", *ROW[1:])) == (["totals_passed"], [3])


@pytest.mark.parametrize(
    "name",
    ["Tổng Cọt", "Cộng Hòa", "Ghi Chú", "Ngày Mới", "Huyện Mèo Vạc", "Tổng cộng", "Người lập biểu"],
)
def test_a_row_with_its_figures_is_kept_whatever_it_is_called(name):
    row = ("2", "v2", name, *ROW[3:])
    assert passed(ROW, row) == ([], [])


def test_commune_whose_name_begins_like_a_total_is_no_total():
    assert passed(ROW, ("", "", "Tổng Cọt"), ("", "", "Cộng Hòa")) == ([], [])


def test_signatures_take_the_names_under_them_along():
    rows = (
        ROW,
        ("", "Ghi chú: số liệu đến 31/12/2017"),
        ("", "", "", "Hà Giang, ngày 05 tháng 01 năm 2018"),
        ("", "Người lập biểu", "", "", "Thủ trưởng đơn vị"),
        ("", "(Ký, ghi rõ họ tên)"),
        ("", "Nguyễn Văn A", "", "", "Trần Thị B"),
    )
    assert passed(*rows) == (["signatures_passed"], [3, 4, 5, 6, 7])


def test_rows_below_a_signature_are_kept_where_data_follow():
    messages, at = passed(ROW, ("", "Người lập biểu"), ("", "Lao Xa"), ROW)
    assert (messages, at) == (["signatures_passed"], [3])


def test_band_names_the_district_of_the_rows_below_it():
    raw, at = without_bands(
        sheet(
            ("I", "Huyện Mèo Vạc (2 thôn)", "", "", "80"), ROW, ROW,
            ("II.", "THÀNH PHỐ HÀ GIANG"), ROW,
        ),
        VILLAGES,
    )  # fmt: skip
    assert at == (2, 5)
    assert raw.headings[-1] == "district"
    assert raw.columns[-1].tolist() == ["Mèo Vạc", "Mèo Vạc", "Hà Giang"]
    (told,) = raw.told
    assert (told.message, told.values["rows"]) == ("districts_filled", "2, 5")


def test_row_of_nothing_but_a_district_that_the_communes_have_is_a_band():
    rows = [("I", "", "MÈO VẠC"), ROW, ("II", "", "Sủng Là")]
    raw, at = without_bands(sheet(*rows), VILLAGES, frozenset({"meo vac"}))
    assert (at, raw.rows.tolist()) == ((2,), [3, 4])
    assert raw.columns[raw.headings.index("district")].tolist() == ["Mèo Vạc", "Mèo Vạc"]
    assert without_bands(sheet(*rows), VILLAGES)[1] == ()


def test_band_does_not_overrule_a_district_that_a_row_names():
    headings = (*HEADINGS, "Huyện")
    raw, _ = without_bands(
        sheet(("", "Huyện Mèo Vạc"), (*ROW, "Đồng Văn"), (*ROW, ""), headings=headings), VILLAGES
    )
    assert raw.headings == headings
    assert raw.columns[-1].tolist() == ["Đồng Văn", "Mèo Vạc"]


def test_reader_tells_what_it_passed_over_with_its_place(read):
    csv = "village_id,name,commune_code,households,lon,lat\n"
    csv += "Huyện Mèo Vạc,,,,,\nv1,Tha,00691,40,104.98,22.82\nTổng cộng\n"
    checked = read("villages.csv", VILLAGES, csv)
    assert checked.table["village_id"].to_list() == ["v1"]
    assert checked.rows == (3,)
    assert checked.passed == (2, 4)
    assert "row 4; such as “Tổng cộng”" in checked.problems[0].render("en")


_cells = st.sampled_from(
    ["", "", "Tổng cộng", "Cộng", "Huyện A", "Ký tên", "12", "x", "I", "\n", "104.9", "Ghi chú: a"]
)


@given(st.lists(st.tuples(*[_cells] * 7), max_size=12))
@settings(max_examples=150, deadline=None)
def test_every_row_is_either_kept_or_passed_over_and_told(rows):
    raw, at = without_bands(sheet(*rows), VILLAGES)
    assert sorted([*raw.rows.tolist(), *at]) == list(range(2, len(rows) + 2))
    assert sum(told.values["count"] for told in raw.told) == len(at)
    needed = [1, 2, 3, 5, 6]
    for row in at:
        filled = [rows[row - 2][i] for i in needed if rows[row - 2][i]]
        assert len(filled) < len(needed)


def test_what_is_the_same_in_all_rows_hides_no_total_and_no_band(read):
    content = (
        "Mã;Tên;Kinh độ;Vĩ độ;Cao độ\n;Huyện Mèo Vạc;;;\np1;Tha;104,98;22,82;5\n"
        "p2;Tha;104,99;22,82;5\n;Tổng cộng;;;10\n"
    )
    checked = read(
        "a.csv", PLACES, content, headings={"Mã": "place_id"}, constants={"kind": "peak"}
    )
    assert checked.rows == (3, 4)
    assert checked.passed == (2, 5)
