"""Coordinates that a list has two in a cell, or one in three cells."""

import numpy as np
import pytest

from phusong.inputs.source import Raw, as_cells
from phusong.inputs.split_places import with_own_columns
from phusong.tables import PLACES, SPANS

LIST = "place_id,name,kind,{}\n"


def raw_of(**columns):
    count = len(next(iter(columns.values())))
    return Raw(
        headings=tuple(columns),
        columns=tuple(as_cells(cells, count) for cells in columns.values()),
        rows=np.arange(count),
    )


@pytest.mark.parametrize(
    "written",
    ["22.825, 104.98", "22,825; 104,98", "(104.98, 22.825)", "22,825 104,98", "22.825,104.98",
     "22°49'30\"N 104°58'48\"E", "N22.825 E104.98", "22 49 30 B, 104 58 48 Đ", "104.98 / 22.825"],
)  # fmt: skip
def test_both_coordinates_of_a_cell_are_read_in_either_order(read, written):
    rows = f'p1,A,peak,"{written.replace(chr(34), chr(34) * 2)}"'
    found = read("a.csv", PLACES, LIST.format("Tọa độ") + rows, crs="EPSG:4326")
    assert found.table.geometry[0].coords[0] == pytest.approx((104.98, 22.825), abs=1e-9)
    assert [one.message for one in found.problems] == ["inputs.places_taken_apart"]


def test_a_cell_without_two_figures_is_told_as_it_stands(read):
    rows = '1,A,peak,"22.8, 104.9"\n2,B,peak,chưa đo\n3,C,peak,22.8'
    found = read("a.csv", PLACES, LIST.format("Toạ độ GPS") + rows, set_aside_faulty=True)
    assert found.rejected["row"].to_list() == [3, 4]
    assert found.rejected["reason_en"].str.startswith("[Toạ độ GPS] Expected a number").to_list()[0]


def test_metres_of_a_cell_go_by_their_size():
    read = with_own_columns(raw_of(**{"Tọa độ": ["2525000; 450000"]}), PLACES, anywhere=False)
    assert dict(zip(read.headings[1:], (c[0] for c in read.columns[1:]), strict=True)) == {
        "x_m": "450000", "y_m": "2525000",
    }  # fmt: skip


def test_degrees_minutes_and_seconds_in_cells_of_their_own_are_joined(read, problems):
    parts = "Kinh độ,,,Vĩ độ,,\n,,,Độ,Phút,Giây,Độ,Phút,Giây\n"
    content = LIST.format(parts).replace("\n\n", "\n") + "p1,A,peak,104,58,48,22,49,30.0\n"
    found = read("a.csv", PLACES, content, crs="EPSG:4326")
    assert found.table.geometry[0].coords[0] == pytest.approx((104.98, 22.825), abs=1e-9)
    # Where nothing tells what stands beside the degrees, they are no places.
    rows = "".join(f"{i},A,peak,104,5{i},48,22,4{i},3\n" for i in range(4))
    content = LIST.format("Kinh độ,a,b,Vĩ độ,c,d") + rows
    assert [one.message for one in problems("b.csv", PLACES, content)] == ["inputs.whole_degrees"]


def test_lists_with_a_pair_and_lines_are_left_alone():
    raw = raw_of(**{"Tọa độ": ["22.8, 104.9"], "lon": [104.9], "lat": [22.8]})
    assert with_own_columns(raw, PLACES, anywhere=False).headings == raw.headings
    assert with_own_columns(raw_of(**{"Tọa độ": ["1, 2"]}), SPANS, anywhere=False).told == ()
