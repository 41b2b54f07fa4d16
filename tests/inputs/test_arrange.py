"""Columns as the study says: other headings, constants, registers."""

import pytest

from phusong.inputs.arrange import presets
from phusong.tables import CELLS, MEASUREMENTS, PLACES

REGISTER = """radio,mcc,net,area,cell,unit,lon,lat,range,samples,created
GSM,452,1,10068,5293,0,104.99,22.81,1000,2,1459692342
LTE,452,4,30022,5293,0,105.01,22.82,1000,1,1459692342
"""
RADIO = {"frequency_mhz": 1800, "antenna_height_m": 35, "rs_eirp_dbm": 32.0}
LIST = "STT;Mã PX;Loại;Ghi chú;Kinh độ;Vĩ độ\n1;p1;peak;Tây Côn Lĩnh;104,7872;22,8072\n"


def test_headings_and_constants_of_the_study_make_a_register_cells(read):
    headings = {
        "radio": "technology", "mcc": "cell_id", "net": ("cell_id", "operator"),
        "area": "cell_id", "cell": ("cell_id", "station_id", "site_id"),
    }  # fmt: skip
    constants = {"status": "active", **RADIO}
    table = read("a.csv", CELLS, REGISTER, headings=headings, constants=constants).table
    assert table["cell_id"].to_list() == ["452-1-10068-5293", "452-4-30022-5293"]
    assert table["technology"].to_list() == ["2G", "4G"]
    assert table["operator"].to_list() == ["1", "4"]
    assert table["rs_eirp_dbm"].to_list() == [32, 32]


def test_the_preset_of_a_register_needs_only_what_the_register_lacks(read, problems):
    table = read("a.csv", CELLS, REGISTER, preset="opencellid", constants=RADIO).table
    assert table["operator"].to_list() == ["MobiFone", "Viettel"]
    assert table["status"].to_list() == ["active", "active"]
    found = problems("a.csv", CELLS, preset="opencellid")
    assert {p.message for p in found} == {"inputs.missing_one_column", "inputs.missing_columns"}


@pytest.mark.parametrize("name", presets())
def test_presets_name_fields_that_exist(name):
    preset = presets()[name]
    fields = {field.name for field in CELLS.fields} | {"lon", "lat", "x_m", "y_m"}
    for its in preset["headings"].values():
        assert {its} if isinstance(its, str) else set(its) <= fields
    assert set(preset["constants"]) | set(preset.get("values", {})) <= fields


def test_a_heading_and_a_constant_of_the_study_go_before_the_files_own(read):
    content = "Tên,place_id,Ghi chú,Loại,lon,lat\nA,p1,B,peak,104.99,22.81\n"
    named = {"headings": {"Ghi chú": "name"}, "constants": {"kind": "pass"}}
    table = read("a.csv", PLACES, content, **named).table
    assert table[["name", "kind"]].to_numpy().tolist() == [["B", "pass"]]
    assert read("a.csv", PLACES).table[["name", "kind"]].to_numpy().tolist() == [["A", "peak"]]


def test_headings_of_the_study_are_found_below_a_letterhead(read):
    headings = {"Mã PX": "place_id", "Ghi chú": "name", "Loại": "kind"}
    checked = read("a.csv", PLACES, "UBND TỈNH;;;;;\n" + LIST, headings=headings)
    assert checked.table["name"].to_list() == ["Tây Côn Lĩnh"]
    assert checked.problems[0].values["count"] == 1


def test_what_the_file_or_the_table_has_not_is_told_at_once(problems):
    found = problems(
        "a.csv", PLACES, LIST, headings={"Mã": "place_id", "Loại": "knd"}, constants={"nme": "x"}
    )
    told = [(p.message.removeprefix("inputs."), p.values) for p in found]
    assert [message for message, _ in told] == ["unknown_field", "unknown_field", "unknown_heading"]
    assert [values["nearest"] for _, values in told[:2]] == ["name", "kind"]
    assert "STT, Mã PX" in found[2].render("vi")


def test_a_heading_that_two_columns_have_is_not_guessed(problems):
    content = LIST.replace("STT", "Loại")
    (problem,) = problems("a.csv", PLACES, content, headings={"Loại": "kind"})
    assert problem.message == "inputs.heading_twice"


def test_a_constant_is_checked_as_a_cell_is(problems):
    found = problems(
        "a.csv", PLACES, LIST, headings={"Mã PX": "place_id", "Ghi chú": "name"},
        constants={"kind": "hill"},
    )  # fmt: skip
    assert [(p.message, p.row, p.column) for p in found] == [("inputs.not_a_choice", 2, "kind")]


def test_samples_of_a_drive_test_are_read_and_numbered(read):
    content = (
        "Timestamp,Longitude,Latitude,Operatorname,CellID,NetworkTech,Level,SNR\n"
        "2023.05.12_10.11.12,104.99,22.81,Viettel,4711,LTE,-97,12\n"
        "2023.05.12_10.11.13,104.99,22.82,Viettel,4711,4G,-121,3\n"
    )
    checked = read("log.csv", MEASUREMENTS, content)
    table = checked.table
    assert table["measurement_id"].to_list() == ["2", "3"]
    assert table["level_dbm"].to_list() == [-97, -121]
    assert table["technology"].to_list() == ["4G", "4G"]
    assert f"{table['measured_on'][0]:%d/%m/%Y}" == "12/05/2023"
    assert [told.message for told in checked.problems] == ["inputs.rows_numbered"]


def test_samples_with_ids_keep_them_and_levels_above_zero_are_no_levels(read, problems):
    content = "measurement_id,operator,technology,level_dbm,lon,lat\nM1,a,4G,{},104.99,22.81\n"
    assert read("m.csv", MEASUREMENTS, content.format(-97)).table["measurement_id"][0] == "M1"
    assert problems("m.csv", MEASUREMENTS, content.format(97))[0].message == "inputs.too_big"
