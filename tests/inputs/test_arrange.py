"""Columns as the study says: other headings, constants, registers."""

from typing import get_args

import pandas as pd
import pytest

from phusong.inputs.arrange import presets
from phusong.study.model import Input
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
    named = {
        field
        for its in [*preset["headings"].values(), *preset.get("pairs", {}).values()]
        for field in ([its] if isinstance(its, str) else its)
    } | {*preset.get("constants", {}), *preset.get("values", {})}
    places = {"lon", "lat", "x_m", "y_m"}
    assert any(
        named <= {field.name for field in table.fields} | places for table in (CELLS, MEASUREMENTS)
    )
    assert set(preset.get("values", {})) <= named


def test_every_preset_may_be_named_in_a_study():
    allowed = get_args(get_args(Input.model_fields["preset"].annotation)[0])
    assert set(allowed) == set(presets())


# One row each as published: a weekly file of data.gouv.fr, a workbook of bip.uke.gov.pl, the
# licensing system of Anatel, the wiki of CellMapper, the 5G dataset of University College Cork.
PUBLISHED = {
    "anfr": (
        CELLS,
        "id;adm_lb_nom;sup_id;emr_lb_systeme;emr_dt;sta_nm_dpt;code_insee;generation;date_maj;"
        "sta_nm_anfr;nat_id;sup_nm_haut;tpo_id;adr_lb_lieu;com_cd_insee;coordonnees;coord;statut\n"
        "7;ORANGE;449714;LTE 800;2016-05-02;75;75101;4G;2026-08-06;752029876;23;25;33;1 rue;"
        "75101;48.856600, 2.352200;;Techniquement opérationnel\n",
        {"site_id": "449714", "station_id": "4G-752029876", "frequency_mhz": 800,
         "technology": "4G", "operator": "ORANGE", "status": "active"},
        (2.3522, 48.8566),
    ),
    "uke": (
        CELLS,
        "Nazwa Operatora;Nr Decyzji;Rodzaj decyzji;Data ważności;Dł geogr stacji;"
        "Szer geogr stacji;Miejscowość;Lokalizacja;IdStacji;TERYT\n"
        "P4 Sp. z o.o.;LTE1800/1/2;P;2029-01-01;\"21E00'36\"\"\";\"52N13'48\"\"\";Warszawa;dach;"
        "WAR1001;1465\n",
        {"site_id": "WAR1001", "cell_id": "LTE1800/1/2-WAR1001", "status": "active"},
        (21.01, 52.23),
    ),
    "anatel": (
        CELLS,
        "Status.state,NomeEntidade,NumEstacao,Tecnologia,FreqTxMHz,FreqRxMHz,Azimute,GanhoAntena,"
        "AnguloMeiaPotenciaAntena,AnguloElevacao,AlturaAntena,PotenciaTransmissorWatts,Latitude,"
        "Longitude,_id\nLIC-LIC-01,TIM S.A.,699123,WCDMA,2152.5,1962.5,120,17.5,65,-3,40,20,"
        "-23.5015,-47.4526,57dbab\n",
        {"cell_id": "57dbab", "station_id": "699123-WCDMA", "technology": "3G",
         "antenna_height_m": 40, "azimuth_deg": 120, "beamwidth_deg": 65},
        (-47.4526, -23.5015),
    ),
    "cellmapper": (
        MEASUREMENTS,
        "latitude,longitude,altitude,MCC,MNC,LAC,CID,signal,type,subtype,ARFCN,PSC\n"
        "22.81,104.99,900,452,4,30022,5160961,-97,LTE,LTE-A,1501,12\n",
        {"cell_id": "452-4-30022-5160961", "operator": "Viettel", "technology": "4G",
         "level_dbm": -97},
        (104.99, 22.81),
    ),
    "gnettrack": (
        MEASUREMENTS,
        "Timestamp,Longitude,Latitude,Speed,Operatorname,CellID,NetworkMode,RSRP,RSRQ,SNR,CQI,RSSI,"
        "DL_bitrate,UL_bitrate,State\n"
        "2019.12.16_13.40.04,-8.394207,51.885308,0,B,2,5G,-98,-16,3.0,11,-85,0,0,D\n",
        {"operator": "B", "technology": "5G", "level_dbm": -98},
        (-8.394207, 51.885308),
    ),
    "gnettrack_log": (
        MEASUREMENTS,
        "Timestamp\tLongitude\tLatitude\tSpeed\tOperatorname\tOperator\tCGI\tCellname\tNode\t"
        "CellID\tLAC\tNetworkTech\tNetworkMode\tLevel\tQual\tSNR\n"
        "2026.03.31_14.43.00\t104.98\t22.82\t21\tViettel\t45204\t-\t\t20160\t1\t30022\t4G\tLTE\t-97\t"
        "-11\t5\n",
        {"operator": "Viettel", "technology": "4G", "level_dbm": -97, "cell_id": "20160-1",
         "measured_on": pd.Timestamp("2026-03-31")},
        (104.98, 22.82),
    ),
    "netmonitor": (
        MEASUREMENTS,
        "report;sys_time;sim_state;net_op_name;net_op_code;roaming;net_type;call_state;data_state;"
        "data_act;data_rx;data_tx;gsm_neighbors;umts_neighbors;lte_neighbors;rssi_strongest;tech;mcc;"
        "mnc;lac_tac;node_id;cid;psc_pci;rssi;rsrq;rssnr;slev;gps;accuracy;lat;long;band;arfcn;"
        "bts_psc_pci;bts_band;bts_arfcn;site_name;site_lat;site_long;cell_name;azimuth;height;"
        "tilt_mech;tilt_el;\n"
        "0;20240714233000;READY;Viettel;45204;0;LTE;IDLE;CONNECTED;NONE;1;5;0;0;1;2147483647;LTE;452;"
        "04;30022;20160;1;40;-97;-8;150;4;1;2;22.82;104.98;1800;1501;null;null;null;null;;;null;null;"
        "null;null;null;\n",
        {"operator": "Viettel", "technology": "4G", "level_dbm": -97, "cell_id": "452-04-20160-1",
         "measured_on": pd.Timestamp("2024-07-14")},
        (104.98, 22.82),
    ),
}  # fmt: skip


def test_seconds_without_a_measurement_or_a_place_are_set_aside(read):
    table, content, _, _ = PUBLISHED["netmonitor"]
    _, row = content.splitlines()
    rows = [
        row,
        row.replace(";-97;", ";0;"),  # the phone told no level
        row.replace(";-97;", ";2147483647;"),
        row.replace(";4;1;2;", ";4;0;2;"),  # no fix: the place is that of the last
        row.replace(";20160;", ";2147483647;"),  # a cell without its node is no cell known
    ]
    whole = "\n".join([content.splitlines()[0], *rows])
    found = read("a.csv", table, whole, preset="netmonitor", set_aside_faulty=True)
    assert found.rows == (2, 6)
    assert found.table["cell_id"].isna().to_list() == [False, True]
    reasons = found.rejected.set_index("row")["reason_en"]
    assert reasons[3].startswith("[level_dbm] This required cell is empty")
    assert reasons[5].startswith("[lon] This required cell is empty")


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_row_as_a_register_publishes_it_is_read(read, name):
    table, content, expected, place = PUBLISHED[name]
    lacking = {"frequency_mhz", "antenna_height_m", "technology"} - set(expected)
    constants = {
        "frequency_mhz": 1800, "antenna_height_m": 30, "technology": "4G",
    }  # fmt: skip
    given = {key: constants[key] for key in lacking} | {"rs_eirp_dbm": 32.0}
    checked = read(
        "a.csv", table, content, preset=name, crs="EPSG:3857", anywhere=True,
        constants=given if table is CELLS else {},
    )  # fmt: skip
    row = checked.table.iloc[0]
    assert {key: row[key] for key in expected} == expected
    found = checked.table.to_crs("EPSG:4326").geometry[0]
    assert (found.x, found.y) == pytest.approx(place, abs=1e-6)


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
