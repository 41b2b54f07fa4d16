"""Dirty lists as offices send them, each with what must become of it; made here, read in a moment.

What a number, a date or a coordinate may look like by itself is in `test_values` and
`test_coordinates`; here a whole file is read, and every row must end as the right value or be
set aside for the right reason.
"""

import io
import json

import openpyxl
import pytest
import shapely

from phusong.errors import InputError
from phusong.inputs import Source, read_table
from phusong.tables import PLACES, VILLAGES

HEAD = "village_id,name,commune_code,households,lon,lat"
GOOD = "v1,Nà Cáy,00691,41,104.98,22.82"
FIRST = ("v1", "Nà Cáy", 41, 104.98, 22.82)
PLACED = "EPSG:9209"

# Kind of dirt, the file's text, and its only row as it must be read; or why it is set aside.
READ = {
    "clean": f"{HEAD}\n{GOOD}",
    "semicolons": f"{HEAD}\n{GOOD}".replace(",", ";"),
    "tabs": f"{HEAD}\n{GOOD}".replace(",", "\t"),
    "semicolons and decimal commas": f"{HEAD}\n{GOOD}".replace(",", ";").replace(".", ","),
    "line ends of old Macs": f"{HEAD}\r{GOOD}\r",
    "line ends of Windows": f"{HEAD}\r\n{GOOD}\r\n",
    "upright strokes": f"{HEAD}\n{GOOD}".replace(",", "|"),
    "name of the delimiter in front": f"sep=;\n{HEAD}\n{GOOD}".replace(",", ";"),
    "line ends of three kinds": f"\r\n{HEAD}\r{GOOD}\n",
    "apostrophes that keep figures as text": f"{HEAD}\nv1,Nà Cáy,'00691,'41,'104.98,'22.82",
    "byte order mark": f"\ufeff{HEAD}\n{GOOD}",
    "UTF-16": f"{HEAD}\n{GOOD}".encode("utf-16"),
    "UTF-16 without a mark": f"{HEAD}\n{GOOD}".encode("utf-16-le"),
    "Windows-1258": f"{HEAD}\n{GOOD}".replace("Nà Cáy", "Nà Ca\u0301y").encode("cp1258"),
    "letters apart from their marks": f"{HEAD}\n{GOOD}".replace("Nà Cáy", "Na\u0300 Ca\u0301y"),
    "TCVN3": f"{HEAD}\n{GOOD}".replace("Nà Cáy", "Nµ C¸y"),
    "VNI": f"{HEAD}\n{GOOD}".replace("Nà Cáy", "Naø Caùy"),
    "UTF-8 read as Western": f"{HEAD}\n{GOOD}".replace("Nà Cáy", "NÃ\xa0 CÃ¡y"),
    "spaces around": f"{HEAD}\n{GOOD}".replace(",", " , "),
    "spaces that do not break": f"{HEAD}\n{GOOD}".replace("v1", "\u00a0v1\u00a0"),
    "signs of no width": f"{HEAD}\n{GOOD}".replace("v1", "v1\u200b"),
    "quotes around all": f"{HEAD}\n" + '"' + GOOD.replace(",", '","') + '"',
    "title above": f"DANH SÁCH THÔN,,,,,\n{HEAD}\n{GOOD}",
    "letterhead and title above": f"UBND TỈNH,,,,,\n,,,,,\nDANH SÁCH,,,,,\n{HEAD}\n{GOOD}",
    "numbers of columns": f"{HEAD}\n1,2,3,4,5,6\n{GOOD}",
    "numbers of columns in brackets": f"{HEAD}\n(1),(2),(3),(4),(5),(6)\n{GOOD}",
    "empty rows between": f"{HEAD}\n,,,,,\n\n{GOOD}\n,,,,,",
    "total below": f"{HEAD}\n{GOOD}\nTổng cộng,,,41,,",
    "signature below": f"{HEAD}\n{GOOD}\n,,,,Người lập biểu,",
    "Vietnamese headings": GOOD.join(["Mã thôn,Tên thôn,Mã xã,Số hộ,Kinh độ,Vĩ độ\n", ""]),
    "headings in capitals": f"{HEAD.upper()}\n{GOOD}",
    "headings with spaces": f"{HEAD.replace('_', ' ')}\n{GOOD}",
    "headings with units": f"{HEAD}\n{GOOD}".replace("lon,lat", "lon (°),lat (độ)"),
    "columns in another order": "lat,lon,households,commune_code,name,village_id\n"
    "22.82,104.98,41,00691,Nà Cáy,v1",
    "columns besides": f"TT,{HEAD},Ghi chú\n1,{GOOD},=1+1",
    "thousands in a small number": f"{HEAD}\n{GOOD}".replace(",41,", ",41.0,"),
    "minutes and seconds": f"{HEAD}\n{GOOD}".replace("104.98,22.82", "104°58′48″,22°49′12″"),
    "letter o for degrees": f"{HEAD}\n{GOOD}".replace("104.98,22.82", "104o58'48\",22o49'12\""),
    "UTF-8 read as Western twice": f"{HEAD}\n{GOOD}".replace(
        "Nà Cáy", "Nà Cáy".encode().decode("latin1").encode().decode("latin1")
    ),
    "total with a count below": f"{HEAD}\n{GOOD}\nTổng cộng: 12 thôn,,,,,",
    "minutes with a decimal": f"{HEAD}\n{GOOD}".replace("104.98,22.82", "104 58.8,22 49.2"),
    "hemispheres": f"{HEAD}\n{GOOD}".replace("104.98,22.82", "E104.98,22.82N"),
    "hemispheres in Vietnamese": f"{HEAD}\n{GOOD}".replace("104.98,22.82", "104.98Đ,22.82B"),
    "degrees with a decimal comma": f"{HEAD}\n{GOOD}".replace("104.98,22.82", '"104,98","22,82"'),
    "exchanged coordinates": f"{HEAD}\n{GOOD}".replace("104.98,22.82", "22.82,104.98"),
    "lost decimal points": f"{HEAD}\n{GOOD}".replace("104.98,22.82", "1049800,228200"),
    "number with its unit": f"{HEAD}\n{GOOD}".replace(",41,", ",41 hộ,"),
    "number tied to its unit": f"{HEAD}\n{GOOD}".replace(",41,", ",41hộ,"),
    "end of file of DOS": f"{HEAD}\n{GOOD}\r\n\x1a",
    "end of file of DOS behind the row": f"{HEAD}\n{GOOD}\x1a",
    "bare X and Y": f"{HEAD}\n{GOOD}".replace("lon,lat", "X,Y"),
    "bare X and Y, north first": f"{HEAD}\n{GOOD}".replace("lon,lat", "Y,X"),
}  # fmt: skip

SET_ASIDE = {
    "empty key": (",Nà Cáy,00691,41,104.98,22.82", "missing"),
    "repeated key": (GOOD, "repeated_key"),
    "repeated key but for spaces": (" v1 ,Nà Cáy,00691,41,104.98,22.82", "repeated_key"),
    "lost zeros": ("v2,Nà Cáy,691,41,104.98,22.82", "lost_zeros"),
    "code of six digits": ("v2,Nà Cáy,006911,41,104.98,22.82", "not_digits"),
    "words for a number": ("v2,Nà Cáy,00691,bốn mươi,104.98,22.82", "not_number"),
    "number with another unit": ("v2,Nà Cáy,00691,41 km,104.98,22.82", "not_number"),
    "two numbers with their unit": ("v2,Nà Cáy,00691,41 hộ 5 hộ,104.98,22.82", "not_number"),
    "unit alone": ("v2,Nà Cáy,00691,hộ,104.98,22.82", "not_number"),
    "half a household": ('v2,Nà Cáy,00691,"41,5",104.98,22.82', "not_integer"),
    "fewer than none": ("v2,Nà Cáy,00691,-1,104.98,22.82", "too_small"),
    "vast number": ("v2,Nà Cáy,00691,1e308,104.98,22.82", "not_integer"),
    "number beyond all": ("v2,Nà Cáy,00691,1e999,104.98,22.82", "not_finite"),
    "not a number": ("v2,Nà Cáy,00691,NaN,104.98,22.82", "not_finite"),
    "broken formula": ("v2,Nà Cáy,00691,#REF!,104.98,22.82", "formula_error"),
    "control letters": ("v2,Nà\x07 Cáy,00691,41,104.98,22.82", "unprintable"),
    "endless text": (f"v2,{'á' * 10_001},00691,41,104.98,22.82", "too_long"),
    "no place": ("v2,Nà Cáy,00691,41,,", "missing"),
    "half a place": ("v2,Nà Cáy,00691,41,104.98,", "missing"),
    "another country": ("v2,Nà Cáy,00691,41,2.35,48.85", "outside"),
    "degrees beyond all metres": ("v2,Nà Cáy,00691,41,1e308,22.82", "outside"),
    "null island": ("v2,Nà Cáy,00691,41,0,0", "outside"),
    "sixty minutes": ("v2,Nà Cáy,00691,41,104°60′00″,22.82", "not_decimal_degrees"),
    "metres for degrees": ("v2,Nà Cáy,00691,41,450000.5,2520000.5", "metric"),
    "a cell too many": (f"{GOOD},x".replace("v1", "v2"), "ragged"),
    "a cell too few": ("v2,Nà Cáy,00691", "ragged"),
    "headings again": (HEAD, None),
    "a note": ("xem công văn số 12,,,,,", None),
}  # fmt: skip


@pytest.mark.parametrize("value", ["1e308", "1e16", "-1e308"])
def test_people_beyond_all_reason_are_told(tmp_path, value):
    path = tmp_path / "thon.csv"
    path.write_text(f"{HEAD},population\n{GOOD},240\n{GOOD.replace('v1', 'v2')},{value}\n", "utf-8")
    checked, reading = read(path)
    reason = "inputs.too_small" if value[0] == "-" else "inputs.too_big"
    assert [(one.message, one.column) for one in reading.set_aside[1]] == [(reason, "population")]
    assert (reading.counts["set_aside"], checked.table["population"].to_list()) == (1, [240])


def read(path, table=VILLAGES, **options):
    heard = []
    checked = read_table(
        Source(path=path, shown=path.name), table, crs=PLACED, set_aside_faulty=True,
        on_read=heard.append, **options,
    )  # fmt: skip
    (reading,) = heard
    counts = reading.counts
    assert counts["used"] + counts["set_aside"] + counts["passed_over"] == counts["rows"]
    return checked, reading


def first_row(checked):
    row = checked.table.to_crs("EPSG:4326").iloc[0]
    place = (pytest.approx(row.geometry.x, abs=1e-6), pytest.approx(row.geometry.y, abs=1e-6))
    return (row["village_id"], row["name"], row["households"], *place)


@pytest.mark.parametrize("dirt", READ)
def test_dirt_with_one_right_reading_is_read_right(tmp_path, dirt):
    content = READ[dirt]
    path = tmp_path / "thon.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    checked, _ = read(path)
    assert first_row(checked) == FIRST
    assert len(checked.table) == 1
    assert checked.table["commune_code"].to_list() == ["00691"]


@pytest.mark.parametrize("dirt", SET_ASIDE)
def test_a_row_that_has_none_is_set_aside_for_its_reason_and_the_rest_used(tmp_path, dirt):
    row, reason = SET_ASIDE[dirt]
    path = tmp_path / "thon.csv"
    path.write_text(f"{HEAD}\n{GOOD}\n{row}\n", encoding="utf-8")
    checked, reading = read(path)
    assert first_row(checked) == FIRST
    assert checked.rows == (2,)
    if reason is not None:
        assert {one.message for one in reading.set_aside[1]} == {f"inputs.{reason}"}
        assert reading.counts["set_aside"] == 1


def workbook(change):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEAD.split(","))
    sheet.append(["v1", "Nà Cáy", "00691", 41, 104.98, 22.82])
    change(book, sheet)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cover(book, sheet):
    cover = book.create_sheet("Bìa", 0)
    cover["A1"] = "BÁO CÁO"


def _hidden(book, sheet):
    old = book.create_sheet("Cũ", 0)
    old.append(HEAD.split(","))
    old.append(["v9", "Cũ", "00691", 1, 105.0, 22.9])
    old.sheet_state = "hidden"


def _far_cell(book, sheet):
    sheet["C1048576"].number_format = "0.00"


def _letterhead(book, sheet):
    sheet.insert_rows(1, 3)
    sheet["A1"] = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    sheet.merge_cells("A1:F1")


WORKBOOKS = {
    "a cover sheet": _cover,
    "a hidden older sheet": _hidden,
    "a format far away": _far_cell,
    "a merged letterhead": _letterhead,
    "rows from the second column": lambda book, sheet: sheet.insert_cols(1),
    "a number kept as text": lambda book, sheet: sheet.__setitem__("D2", "41"),
    "coordinates kept as text": lambda book, sheet: sheet.__setitem__("E2", "104,98"),
    "a text of spaces": lambda book, sheet: sheet.append(["  ", " ", "", None, " ", ""]),
    "filters and frozen panes": lambda book, sheet: setattr(sheet, "freeze_panes", "A2"),
    "an empty column": lambda book, sheet: sheet.insert_cols(3),
}


@pytest.mark.parametrize("dirt", WORKBOOKS)
def test_a_workbook_as_offices_lay_it_out_is_read_right(tmp_path, dirt):
    path = tmp_path / "thon.xlsx"
    path.write_bytes(workbook(WORKBOOKS[dirt]))
    checked, _ = read(path)
    assert first_row(checked) == FIRST
    assert len(checked.table) == 1


FEATURES = {
    "a point of three dimensions": ("Point", [104.98, 22.82, 812.0], None),
    "several points of one": ("MultiPoint", [[104.98, 22.82]], None),
    "two points": ("MultiPoint", [[104.98, 22.82], [105, 23]], "wrong_geometry"),
    "a line": ("LineString", [[104.98, 22.82], [105, 23]], "wrong_geometry"),
    "an empty point": ("Point", [], "empty_geometry"),
    "exchanged coordinates": ("Point", [22.82, 104.98], "exchanged"),
    "another continent": ("Point", [-118.2, 34.0], "outside"),
}


@pytest.mark.parametrize("dirt", FEATURES)
def test_a_feature_is_read_or_set_aside_for_its_reason(tmp_path, dirt):
    kind, coordinates, reason = FEATURES[dirt]
    names = {"place_id": "p", "name": "Tha", "kind": "city"}
    features = [
        {"type": "Feature", "properties": names | {"place_id": key}, "geometry": geometry}
        for key, geometry in (
            ("p1", {"type": "Point", "coordinates": [104.9, 22.9]}),
            ("p2", {"type": kind, "coordinates": coordinates}),
        )
    ]
    path = tmp_path / "noi.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    checked, reading = read(path, PLACES)
    if reason is None:
        at = checked.table.to_crs("EPSG:4326").geometry.iloc[1]
        assert shapely.distance(at, shapely.Point(104.98, 22.82)) < 1e-6
    else:
        assert [one.message for one in reading.set_aside[1]] == [f"inputs.{reason}"]


WHOLE = {
    "an empty file": (b"", "empty_file"),
    "headings alone": (HEAD.encode(), "no_rows"),
    "a page of a browser": (b"<!DOCTYPE html><html><body>404</body></html>", "missing_columns"),
    "no coordinates": (b"village_id,name,commune_code\nv1,Tha,00691", "no_coordinates"),
    "two columns of one name": (f"{HEAD},name\n{GOOD},x".encode(), "repeated_column"),
    "every row faulty": (f"{HEAD}\n{GOOD.replace('00691', 'x')}".encode(), "no_row_left"),
    "a quote left open": (f'{HEAD}\nv1,"Nà Cáy,00691,41,104.98,22.82'.encode(), "broken_csv"),
    "letters of no encoding": (f"{HEAD}\nv1,".encode() + b"\xff\xfe\x81,0,4,104,22", "not_utf8"),
}  # fmt: skip


@pytest.mark.parametrize("dirt", WHOLE)
def test_a_file_that_cannot_be_used_is_refused_for_its_reason(tmp_path, dirt):
    content, reason = WHOLE[dirt]
    path = tmp_path / "thon.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read(path)
    assert f"inputs.{reason}" in {one.message for one in refused.value.problems}


def test_two_columns_that_claim_to_be_one_coordinate_are_asked_about(tmp_path):
    """Where both say the same, nothing is to be asked."""
    path = tmp_path / "a.csv"
    path.write_text(f"{HEAD},lon\n{GOOD},104.98", encoding="utf-8")
    assert len(read(path)[0].table) == 1
    path.write_text(f"{HEAD},lon\n{GOOD},105.98", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read(path)
    assert [one.message for one in refused.value.problems] == ["inputs.repeated_column"]
