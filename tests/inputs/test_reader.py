"""A file as a table: every fault told at once, faulty rows set aside, the rest used."""

import datetime
import json
import tempfile
import warnings
from pathlib import Path

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from phusong.errors import SHOWN_ALIKE, SHOWN_PROBLEMS, InputError, Problem
from phusong.inputs import Source, read_table
from phusong.inputs.formats import READERS
from phusong.inputs.values import is_legacy
from phusong.inputs.workbooks import OTHER_WORKBOOKS
from phusong.tables import CELLS, COMMUNES, OFFICES, PLACES, VILLAGES

CELL_COLUMNS = (
    "site_id,station_id,cell_id,operator,technology,frequency_mhz,antenna_height_m,"
    "rs_eirp_dbm,azimuth_deg,status,on_air_from,lon,lat"
)
GOOD_CELL = "s1,s1-4g,c{},Viettel,4G,1800,36,32,120,active,2015-03-01,104.9911,22.8344"


def cells(*rows):
    return "\n".join([CELL_COLUMNS, *rows])


def good_cell(number, **changes):
    cell = dict(zip(CELL_COLUMNS.split(","), GOOD_CELL.format(number).split(","), strict=True))
    return ",".join({**cell, **changes}.values())


TEN_FAULTS = cells(
    good_cell(1),
    good_cell(2, frequency_mhz="fast", antenna_height_m="0", technology="6G"),
    good_cell(3, operator="", azimuth_deg="361", on_air_from="2015-02-30"),
    good_cell(1),
    good_cell(5, lat="inf"),
    good_cell(6, lon="22.8344", lat="14.9911"),
    good_cell(7),
    good_cell(8, status=""),
)


def test_ten_faults_of_a_file_are_told_at_once_in_the_order_of_its_rows(problems):
    found = [
        (p.row, p.column, p.message.removeprefix("inputs."))
        for p in problems("cells.csv", CELLS, TEN_FAULTS)
    ]
    assert found == [
        (3, "technology", "not_a_choice"),
        (3, "frequency_mhz", "not_number"),
        (3, "antenna_height_m", "too_small"),
        (4, "operator", "missing"),
        (4, "azimuth_deg", "too_big"),
        (4, "on_air_from", "not_date"),
        (5, "cell_id", "repeated_key"),
        (6, "lat", "not_finite"),
        (7, "lon, lat", "outside"),
        (9, "status", "missing"),
    ]


def test_faulty_rows_are_set_aside_with_reasons_and_the_rest_is_used(read):
    checked = read("cells.csv", CELLS, TEN_FAULTS, set_aside_faulty=True)
    assert checked.table["cell_id"].to_list() == ["c1", "c7"]
    assert len(checked.problems) == 10
    rejected = checked.rejected
    assert rejected.columns.to_list() == [
        "file", "row", "reason_vi", "reason_en", *CELL_COLUMNS.split(","),
    ]  # fmt: skip
    assert rejected["row"].to_list() == [3, 4, 5, 6, 7, 9]
    assert rejected["file"].unique().tolist() == ["cells.csv"]
    assert rejected["frequency_mhz"].to_list() == ["fast", *["1800"] * 5]
    assert "[technology] Expected one of: 2G, 3G, 4G, 5G." in rejected["reason_en"][0]
    assert "[frequency_mhz] Phải là số" in rejected["reason_vi"][0]
    assert "c1 is already in row 2" in rejected["reason_en"][2]


def test_sound_file_has_nothing_to_tell(read):
    checked = read("cells.csv", CELLS, cells(good_cell(1)))
    assert checked.problems == ()
    assert checked.rejected.empty


def test_columns_are_the_tables_whatever_the_file_has(read):
    content = "Ghi chú,cell_id," + cells(good_cell(2), good_cell(1)).replace("cell_id", "x", 1)
    rows = content.split("\n")
    content = "\n".join([rows[0], *(f"note,{i}," + row for i, row in enumerate(rows[1:]))])
    table = read("cells.csv", CELLS, content).table
    assert table.columns.to_list() == [*CELLS.columns, "geometry"]
    assert table["tilt_deg"].isna().all()
    assert table["tilt_deg"].dtype == "float64"
    assert table.crs == "EPSG:9209"


def test_rows_are_sorted_by_key_whatever_their_order(read):
    forwards = read("a.csv", CELLS, cells(*(good_cell(i) for i in range(9)))).table
    backwards = read("b.csv", CELLS, cells(*(good_cell(i) for i in reversed(range(9))))).table
    geopandas.testing.assert_geodataframe_equal(forwards, backwards)
    assert forwards["cell_id"].is_monotonic_increasing


def test_same_code_from_another_date_is_another_commune(read, problems):
    ring = [[105, 22], [105.1, 22], [105.1, 22.1], [105, 22]]

    def commune(valid_from):
        properties = {
            "commune_code": "01117", "valid_from": valid_from, "name": "A", "type": "xã",
            "district_code": "033", "district": "B",
        }  # fmt: skip
        geometry = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "geometry": geometry, "properties": properties}

    def collection(*features):
        return json.dumps({"type": "FeatureCollection", "features": features})

    both = collection(commune("2020-01-01"), commune("2004-01-01"))
    assert len(read("a.geojson", COMMUNES, both).table) == 2
    (problem,) = problems(
        "a.geojson", COMMUNES, collection(commune("2004-01-01"), commune("01/01/2004"))
    )
    assert (problem.row, problem.column) == (2, "commune_code, valid_from")
    assert "01117, 2004-01-01" in problem.render("en")


def test_missing_columns_are_all_told_with_what_is_there_and_the_likely_slip(problems):
    content = cells(good_cell(1, lat="95")).replace("operator", "operater").replace("status", "st")
    found = problems("cells.csv", CELLS, content)
    assert [(p.message, p.column) for p in found] == [
        ("inputs.missing_columns", None),
        ("inputs.outside", "lon, lat"),
    ]
    assert "operator (Operator), most alike operater; status (Status)" in found[0].render("en")
    assert "site_id, station_id, cell_id" in found[0].render("vi")


def test_missing_column_is_refused_even_if_faulty_rows_may_be_set_aside(problems):
    content = cells(good_cell(1)).replace("status", "st")
    (problem,) = problems("cells.csv", CELLS, content, set_aside_faulty=True)
    assert problem.message == "inputs.missing_column"


def test_two_columns_for_one_field_are_refused(problems):
    content = "Nhà mạng,nha_mang\na,b\n"
    found = problems("cells.csv", CELLS, content)
    repeated = [p for p in found if p.message == "inputs.repeated_column"]
    assert [(p.column, p.values) for p in repeated] == [
        ("operator", {"headings": "Nhà mạng, nha_mang"})
    ]


def test_a_heading_a_slip_away_is_taken_and_told_with_its_score(read):
    checked = read("c.csv", CELLS, cells(good_cell(1)).replace("azimuth_deg", "azimut_deg"))
    assert checked.table["azimuth_deg"].to_list() == [120]
    (told,) = checked.problems
    assert (told.message, told.values["field"]) == ("inputs.taken_alike", "azimuth_deg")
    assert "95 % alike" in told.render("en")


@pytest.mark.parametrize("heading", ["azimut_dg", "azimuth_deg_2", "azimuth"])
def test_a_heading_further_away_or_with_another_number_is_not_taken(read, heading):
    content = cells(good_cell(1)).replace("azimuth_deg", heading)
    table = read("c.csv", CELLS, content).table
    assert table["azimuth_deg"].isna().all() == (heading != "azimuth")


def test_of_two_headings_alike_the_exact_one_is_read(read):
    content = cells(good_cell(1) + ",7").replace("lon,lat", "lon,lat,azimuth_dege", 1)
    assert read("c.csv", CELLS, content).table["azimuth_deg"].to_list() == [120]


def test_file_without_a_sound_row_is_refused_even_if_faulty_rows_may_be_set_aside(problems):
    content = cells(good_cell(1, lat="nan"), good_cell(2, lat="NaN"))
    messages = [p.message for p in problems("c.csv", CELLS, content, set_aside_faulty=True)]
    assert messages == ["inputs.no_row_left", "inputs.not_finite", "inputs.not_finite"]


def test_lines_and_polygons_need_a_format_with_shapes(problems):
    content = (
        "commune_code,valid_from,name,type,district_code,district\n00001,2004-01-01,A,xã,024,B"
    )
    assert [p.message for p in problems("a.csv", COMMUNES, content)] == ["inputs.needs_shapes"]


def test_unknown_format_lists_the_known_ones(problems):
    (problem,) = problems("cells.dgn", CELLS, "x")
    assert problem.message == "inputs.unknown_format"
    assert all(suffix in problem.render("vi") for suffix in READERS)


@pytest.mark.parametrize("suffix", READERS)
def test_absent_or_empty_file_is_refused(problems, suffix):
    assert [p.message for p in problems(f"a{suffix}", CELLS)] == ["inputs.no_file"]
    assert [p.message for p in problems(f"a{suffix}", CELLS, b"")] == ["inputs.empty_file"]


def test_folder_in_place_of_a_file_is_refused(problems, tmp_path):
    (tmp_path / "a.csv").mkdir()
    assert [p.message for p in problems("a.csv", CELLS)] == ["inputs.no_file"]


def test_messages_never_show_where_the_study_lies(problems, tmp_path):
    for name, content in (
        ("a.csv", "x"), ("a.xlsx", "x"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(52) + b"GPKG" * 50),
        ("a.fgb", b"fgb\x03fgb\x00 rest"), ("a.parquet", "PAR1"), ("a.geojson", "{"),
    ):  # fmt: skip
        told = problems(name, CELLS, content)
        assert {problem.file for problem in told} == {name}
        assert [problem for problem in told if str(tmp_path) in str(problem)] == []


def test_hostile_text_in_a_message_stays_short_and_on_one_line(problems):
    content = cells(good_cell(1, frequency_mhz="\x1b[2J" + "x" * 1000))
    (problem,) = problems("c.csv", CELLS, content)
    assert all("\x1b" not in line and len(line) < 400 for line in str(problem).split("\n"))
    assert len(str(problem).split("\n")) == 2


def test_thousands_of_faults_are_told_in_a_readable_message(problems):
    found = problems("c.csv", CELLS, cells(*(good_cell(i, lat="x") for i in range(3000))))
    assert len(found) == 3000 > SHOWN_PROBLEMS
    kinds = [Problem(message="inputs.empty_file", file=f"{i}.csv") for i in range(60)]
    lines = InputError(kinds).render("en").split("\n")
    assert len(lines) == SHOWN_PROBLEMS + 2
    assert lines[-1] == "… and 10 more problems"


def test_slip_all_down_a_column_hides_no_other_fault(problems):
    rows = [good_cell(i, lat="x") for i in range(3000)]
    found = problems("c.csv", CELLS, cells(*rows, good_cell("last", status="broken")))
    lines = InputError(found).render("vi").split("\n")
    assert len(lines) == 1 + SHOWN_ALIKE + 1
    assert lines[-2].endswith("(2.995 dòng khác cùng lỗi này)")
    assert "dòng 3002" in lines[-1]


def test_row_of_little_but_a_name_is_one_fault(problems):
    name = "Trạm mới" + "," * CELL_COLUMNS.count(",")
    (problem,) = problems("c.csv", CELLS, cells(good_cell(1), name))
    assert (problem.row, problem.message) == (3, "inputs.missing_many")
    assert "station_id, cell_id, operator" in problem.render("vi")


@pytest.mark.parametrize(
    ("empty", "told"),
    [
        (("operator", "status"), [("operator", "missing"), ("status", "missing")]),
        (("operator", "technology", "status"), [(None, "missing_many")]),
    ],
)
def test_three_empty_cells_of_a_row_are_one_fault_and_two_are_two(problems, empty, told):
    row = good_cell(1, **dict.fromkeys(empty, ""))
    found = problems("c.csv", CELLS, cells(row))
    assert [(p.column, p.message.removeprefix("inputs.")) for p in found] == told


@pytest.mark.parametrize("name", ["c.csv", "c.xlsx", "c.gpkg"])
def test_file_that_may_not_be_read_is_told_as_such(problems, tmp_path, monkeypatch, name):
    def locked(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / name).write_text(cells(good_cell(1)), encoding="utf-8")
    monkeypatch.setattr(Path, "open", locked)
    (problem,) = problems(name, CELLS)
    assert problem.message == "inputs.not_permitted"


def test_own_headings_that_clash_with_ours_keep_their_cells(read):
    content = cells(good_cell(1), good_cell(2, lat="x")).split("\n")
    content = "\n".join(f"{'row' if i == 0 else i},{line}" for i, line in enumerate(content))
    rejected = read("c.csv", CELLS, content, set_aside_faulty=True).rejected
    assert (rejected["row"][0], rejected["row_"][0]) == (3, "2")


_LETTERS = st.characters(
    codec="utf-8",
    exclude_categories=["Cc", "Cf", "Cs", "Cn", "Zl", "Zp"],
    exclude_characters="\u00a0\u2007\u202f",
)
NAMES = st.text(_LETTERS, max_size=12).map("a{}".format).filter(lambda name: not is_legacy(name))
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))
OFFICE = st.fixed_dictionaries(
    {
        "name": NAMES,
        "level": st.sampled_from(["province", "district", "commune"]),
        "commune_code": st.from_regex(r"[0-9]{5}", fullmatch=True),
        "has_lan": st.sampled_from([True, False, None]),
        "lan_year": st.none() | st.integers(1990, 2100),
        "computers": st.none() | st.integers(0, 10**6),
        "one_stop": st.sampled_from(["none", "local", "interlinked", None]),
        "lon": st.floats(104.4, 105.5),
        "lat": st.floats(22.3, 23.3),
    }
)
VILLAGE = st.fixed_dictionaries(
    {
        "name": NAMES,
        "commune_code": st.from_regex(r"[0-9]{5}", fullmatch=True),
        "households": st.none() | st.integers(0, 10**6),
        "population": st.none() | st.integers(0, 10**12).map(lambda number: number / 1000),
        "lon": st.floats(104.4, 105.5),
        "lat": st.floats(22.3, 23.3),
    }
)


def write(records, key, path):
    frame = pd.DataFrame(records)
    for name, kind in (("lan_year", "Int64"), ("computers", "Int64"), ("households", "Int64"),
                       ("has_lan", "boolean")):  # fmt: skip
        if name in frame:
            frame[name] = frame[name].astype(kind)
    frame[key] = [f"k{i:03d}" for i in range(len(frame))]
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        shapes = gpd.points_from_xy(frame.pop("lon"), frame.pop("lat"))
        located = gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names cut by the Shapefile
            if path.suffix == ".parquet":
                located.to_parquet(path)
            elif path.suffix in {".json", ".geojson"}:
                located.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=15)
            elif path.suffix in {".geojsonl", ".geojsons", ".ndjson"}:
                located.to_file(path, driver="GeoJSONSeq", COORDINATE_PRECISION=15)
            elif path.suffix == ".gdb":
                located.to_file(path, driver="OpenFileGDB")
            else:
                located.to_file(path)


# MapInfo has no empty numbers; KML and archives have tests of their own; texts are read as CSV is.
_OWN_TESTS = {*OTHER_WORKBOOKS, ".txt", ".tsv", ".kml", ".kmz", ".tab", ".mif", ".zip"}
WRITTEN = [suffix for suffix in READERS if suffix not in _OWN_TESTS]


@pytest.mark.parametrize("suffix", WRITTEN)
@pytest.mark.parametrize(("record", "table"), [(OFFICE, OFFICES), (VILLAGE, VILLAGES)])
@settings(max_examples=3, phases=[Phase.generate])  # shrinking would write files for minutes
@given(data=st.data())
def test_table_comes_back_from_every_format_as_it_went(suffix, record, table, data):
    records = data.draw(st.lists(record, min_size=1, max_size=5))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        write(records, table.key[0], path)
        found = read_table(
            Source(path=path, shown=path.name), table, crs="EPSG:4756", set_aside_faulty=False
        ).table
    assert found[table.key[0]].to_list() == [f"k{i:03d}" for i in range(len(records))]
    for name in set(records[0]) - {"lon", "lat"}:
        got = [None if pd.isna(value) else value for value in found[name]]
        sent = [entry[name] for entry in records]
        if name == "name":
            sent = [pd.Series([text]).str.normalize("NFC").str.strip()[0] for text in sent]
        assert got == sent, name
    back = found.to_crs("EPSG:4326").geometry
    sent = np.array([[entry["lon"], entry["lat"]] for entry in records])
    assert np.abs(np.column_stack([back.x, back.y]) - sent).max() < 2e-8


def test_real_communes_of_ha_giang_are_accepted_though_they_overlap(published, tmp_path):
    communes = gpd.read_file(published("real/ha_giang_communes.geojson"))
    communes["valid_from"] = "2004-01-01"
    communes.to_file(tmp_path / "communes.geojson")
    checked = read_table(
        Source(path=tmp_path / "communes.geojson", shown="communes.geojson"),
        COMMUNES,
        crs="EPSG:9209",
        set_aside_faulty=False,
    )
    assert len(checked.table) == 195
    assert checked.table.area.sum() / 1e6 == pytest.approx(7950.84, rel=2e-3)


def test_places_hold_markup_as_text(read, places_csv):
    content = places_csv.replace("Hà Giang", "<img src=x onerror=alert(1)>")
    assert read("p.csv", PLACES, content).table["name"][0] == "<img src=x onerror=alert(1)>"
