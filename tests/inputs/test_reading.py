"""No row of a file is lost: used, set aside or passed over, whatever stands in it."""

import csv
import io
import json
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from phusong.errors import InputError
from phusong.inputs import Source, read_table
from phusong.tables import PLACES, VILLAGES

HEADINGS = ("village_id", "name", "commune_code", "households", "lon", "lat")
GOOD = st.tuples(
    st.integers(1, 4).map(lambda number: f"v{number}"), st.sampled_from(["Nà Cáy", "B¶n Nµ C¸y"]),
    st.just("00691"), st.integers(0, 90).map(str), st.just("104.98"), st.just("22.82"),
)  # fmt: skip
ODD = st.sampled_from(
    [
        ("v9", "Nà Cáy", "00691", "5", "22.82", "104.98"),
        ("v8", "Nà Cáy", "00691", "5", "1049812", "228212"),
        ("v7", "Nà Cáy", "691", "năm", "5", "x"),
        ("", "", "", "", "", ""),
        HEADINGS,
        ("Tổng cộng", "", "", "412", "", ""),
        ("", "Người lập biểu", "", "", "", ""),
        ("Huyện Đồng Văn", "", "", "", "", ""),
        ("=1+1", "\x07", "<b>", "1e308", "NaN", "-"),
    ]
)
TOP = st.sampled_from([(), (("SỞ THÔNG TIN", "", "", "", "", ""), ("DANH SÁCH", *[""] * 5))])
NUMBERS = st.sampled_from([(), (tuple("123456"),)])


def readings_of(path, table=VILLAGES):
    heard = []
    with suppress(InputError):
        read_table(
            Source(path=path, shown=path.name), table, crs="EPSG:9209",
            set_aside_faulty=True, on_read=heard.append,
        )  # fmt: skip
    return heard


def filled(rows):
    return sum(any(cell.strip() for cell in row) for row in rows)


@settings(max_examples=40, deadline=None)
@given(TOP, NUMBERS, st.lists(GOOD | ODD, max_size=8), st.sampled_from([".csv", ".xlsx"]))
def test_every_filled_row_of_a_sheet_is_used_set_aside_or_passed_over(top, numbers, rows, suffix):
    rows = [*top, HEADINGS, *numbers, *rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"villages{suffix}"
        if suffix == ".csv":
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            path.write_text(text.getvalue(), encoding="utf-8")
        else:
            book = Workbook()
            for row in rows:
                book.active.append([cell.replace("\x07", "?") or None for cell in row])
            book.save(path)
        (reading,) = readings_of(path)
    counts = reading.counts
    assert counts["rows"] == filled(rows)
    assert counts["used"] + counts["set_aside"] + counts["passed_over"] == counts["rows"]
    assert counts["mended"] <= counts["used"]


FEATURE = st.sampled_from(
    [
        ({"place_id": "p1", "name": "Tha", "kind": "city"}, [104.98, 22.82]),
        ({"place_id": "p2", "name": "Tha", "kind": "city"}, [22.82, 104.98]),
        ({"place_id": "p3", "name": "Tha", "kind": "sea"}, [104.98, 22.82]),
        ({}, None),
        ({"place_id": None, "name": ["x"], "kind": {}}, []),
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(FEATURE, min_size=1, max_size=6))
def test_every_feature_is_used_or_set_aside(features):
    content = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties,
             "geometry": None if at is None else {"type": "Point", "coordinates": at}}
            for properties, at in features
        ],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "places.geojson"
        path.write_text(json.dumps(content), encoding="utf-8")
        (reading,) = readings_of(path, PLACES)
    assert reading.counts["rows"] == len(features)
    assert reading.counts["used"] + reading.counts["set_aside"] == len(features)


def test_each_column_tells_how_it_was_taken(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(
        "TT,Mã,name,Loại,Độ cao  (mét),lon,lat\n1,p1,Tha,city,12,104.98,22.82\n", encoding="utf-8"
    )
    heard = []
    read_table(
        Source(
            path=path, shown="p.csv", headings={"Mã": "place_id", "Loại": "kind"},
        ),
        PLACES, crs="EPSG:9209", set_aside_faulty=False, on_read=heard.append,
    )  # fmt: skip
    (reading,) = heard
    taken = [(one.heading, one.field and one.field.name, one.how) for one in reading.columns]
    assert taken == [
        ("TT", None, "unused"),
        ("Mã", "place_id", "study"),
        ("name", "name", "name"),
        ("Loại", "kind", "study"),
        ("Độ cao  (mét)", "elevation_m", "name"),
        ("lon", "lon", "name"),
        ("lat", "lat", "name"),
    ]
    assert reading.places("kind") == [3]
    assert reading.places("lon, lat") == [5, 6]


def test_what_was_mended_is_told_cell_by_cell(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(
        "place_id,name,kind,lon,lat\np1,Hµ Giang,city,22.83,104.99\np2,B¾c Quang,sea,104.9,22.8\n",
        encoding="utf-8",
    )
    (reading,) = readings_of(path, PLACES)
    told = [(row, one.column, one.values["read"]) for row, one in reading.mends()]
    # The second row is set aside: what was mended in it is of no use.
    assert told == [(0, "name", "Hà Giang"), (0, "lon, lat", "(104.990000, 22.830000)")]
    assert reading.fates.tolist() == ["mended", "set_aside"]
