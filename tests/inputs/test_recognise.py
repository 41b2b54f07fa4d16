"""Which table a file is taken for: by headings and shapes, and not if two come near."""

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from phusong.errors import InputError
from phusong.inputs import Source, recognise

PLACE = ["104.98", "22.82"]
SITES = ("Mã trạm,Nhà mạng,Công nghệ,Kinh độ,Vĩ độ", "HG1,Viettel,2G/4G,104.98,22.82")
ONE_CELL = ("Mã trạm,Nhà mạng,Công nghệ,Tọa độ", 'HG1,Viettel,2G/4G,"22.82, 104.98"')
OFFICES = ("Mã trụ sở,Tên,Cấp,Mã xã,Có LAN,Số máy tính,lon,lat",
           "T1,UBND xã Tha,xã,00691,có,12,104.98,22.82")  # fmt: skip
VILLAGES = ("Mã thôn,Tên thôn,Mã xã,Số hộ,Kinh độ,Vĩ độ", "v1,Tha,00691,40,104.98,22.82")
PRIORITIES = ("commune_code,priority,border", "00691,3,có")
MEASURED = ("timestamp,operator,radio,rsrp,lat,lon", "2025-01-02,Viettel,LTE,-98,22.8,104.9")


@pytest.fixture
def look(tmp_path):
    def write_and_look(content, name="a.csv"):
        path = tmp_path / name
        if isinstance(content, gpd.GeoDataFrame):
            content.to_file(path)
        else:
            path.write_text("\n".join(content) + "\n", encoding="utf-8")
        return recognise(Source(path=path, shown=name))

    return write_and_look


@pytest.mark.parametrize(
    ("lines", "table"),
    [(SITES, "cells"), (ONE_CELL, "cells"), (OFFICES, "offices"), (VILLAGES, "villages"),
     (PRIORITIES, "priorities"), (MEASURED, "measurements")],
)  # fmt: skip
def test_headings_tell_the_table(look, lines, table):
    (found,) = look(lines)

    assert found.sure.table == table
    assert found.rows == 1
    assert set(found.sure.headings) <= set(lines[0].split(","))


def test_a_letterhead_above_the_headings_is_passed_over(look):
    (found,) = look(("SỞ THÔNG TIN VÀ TRUYỀN THÔNG,,,,", "DANH SÁCH TRẠM,,,,", *SITES))

    assert found.sure.table == "cells"


def test_shapes_tell_communes_from_villages(look):
    frame = gpd.GeoDataFrame(
        {"MA_XA": ["00691"], "TEN_XA": ["Tha"]},
        geometry=[shapely.box(104.9, 22.8, 105, 22.9)], crs="EPSG:4326",
    )  # fmt: skip
    (found,) = look(frame, "xa.gpkg")

    assert (found.sure.table, found.geometry) == ("communes", "Polygon")
    assert found.communes == {"00691": "Tha"}
    assert found.crs == "EPSG:4326"


def test_what_lacks_a_required_column_is_not_sure_and_told(look):
    (found,) = look(("Nhà mạng,lon,lat", "Viettel,104.98,22.82"))

    assert found.sure is None
    cells = next(one for one in found.candidates if one.table == "cells")
    assert cells.lacking == ("technology", "frequency_mhz")


def test_a_file_that_speaks_of_another_table_is_no_list_of_sites(look):
    (found,) = look(("timestamp,operator,rat,rsrp,lat,lon", "2025-01-02,Viettel,LTE,-98,22,104"))

    assert found.sure is None  # samples, whose column of technologies has another name


def test_headings_of_two_tables_alike_are_in_doubt(look):
    (found,) = look(("office_id,village_id,name,level,commune_code,lon,lat",
                     "1,2,Tha,xã,00691,104.98,22.82"))  # fmt: skip

    whole = [one.table for one in found.candidates if not one.lacking]
    assert {"offices", "villages"} <= set(whole)
    assert found.sure is None


def test_each_sheet_of_a_workbook_is_looked_at(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Trạm"
    for sheet, lines in ((book.active, SITES), (book.create_sheet("Trụ sở"), OFFICES)):
        for line in lines:
            sheet.append(line.split(","))
    book.save(tmp_path / "a.xlsx")

    found = recognise(Source(path=tmp_path / "a.xlsx", shown="a.xlsx"))

    assert {one.source.sheet: one.sure.table for one in found} == {
        "Trạm": "cells", "Trụ sở": "offices",
    }  # fmt: skip


def test_a_file_of_nothing_known_has_no_candidate_that_would_do(look):
    (found,) = look(("a,b", "1,2"))

    assert found.sure is None
    with pytest.raises(InputError):
        look(("a",), "a.doc")


def test_types_of_communes_come_from_names_or_the_lists(tmp_path):
    from phusong.inputs import read_table
    from phusong.tables import COMMUNES

    path = tmp_path / "xa.gpkg"
    frame = gpd.GeoDataFrame(
        {"MA_XA": ["00688", "00691", "99999"], "TEN_XA": ["Quang Trung", "Trần Phú", "Xã Mới"],
         "valid_from": "2009-12-31"},
        geometry=[shapely.box(x, 22.8, x + 0.1, 22.9) for x in (104.8, 104.9, 105.0)],
        crs="EPSG:4326",
    )  # fmt: skip
    frame.iloc[:2].to_file(path)
    read = {"crs": "EPSG:9209", "set_aside_faulty": False}
    found = read_table(Source(path=path, shown="xa.gpkg"), COMMUNES, **read)
    assert found.table["type"].to_list() == ["phường", "phường"]
    assert any(one.message == "inputs.types_found" for one in found.problems)

    frame.iloc[2:].to_file(path)
    found = read_table(Source(path=path, shown="xa.gpkg"), COMMUNES, **read)
    assert found.table["type"].to_list() == ["xã"]

    frame.assign(TEN_XA="Mới").iloc[2:].to_file(path)
    with pytest.raises(InputError) as refusal:
        read_table(Source(path=path, shown="xa.gpkg"), COMMUNES, **read)
    assert {one.column for one in refusal.value.problems} == {"type"}
    assert pd.notna(frame["MA_XA"]).all()
