"""Lists of sites become cells: each row whole, with ids that stay, and what is assumed marked."""

from collections import Counter

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phusong.errors import InputError
from phusong.inputs import AssumedValues, SiteLists, Source, read_assumed_values, read_cells
from phusong.tables import CELLS

HEAD = "Mã trạm,Nhà mạng,Công nghệ,Băng tần,Kinh độ,Vĩ độ,Độ cao anten,Góc phương vị"
ROWS = (
    "HG001,Viettel,2G/4G,900/1800,104.98,22.82,36,0/120/240",
    "HG002,Viettel,3G,2100,105.01,22.84,,30;150",
)


@pytest.fixture
def listed(tmp_path):
    """Return a function that reads lines of CSV as cells."""

    def read(*lines, head=HEAD, set_aside=False, values=None, terrain_of=None, **source):
        path = tmp_path / "tram.csv"
        path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
        return read_cells(
            Source(path=path, shown="tram.csv", **source),
            SiteLists(values or read_assumed_values(), terrain_of),
            crs="EPSG:9209",
            set_aside_faulty=set_aside,
        )

    return read


def reasons(refusal):
    return [(one.row, one.message.removeprefix("inputs.")) for one in refusal.value.problems]


def test_a_site_becomes_a_cell_for_each_carrier_and_sector(listed):
    found = listed(*ROWS)
    cells = found.table.set_index("cell_id")

    assert list(found.table.columns) == [*CELLS.columns, "geometry"]
    assert list(cells.index) == [
        "Viettel-HG001-2G-900-1", "Viettel-HG001-2G-900-2", "Viettel-HG001-2G-900-3",
        "Viettel-HG001-4G-1800-1", "Viettel-HG001-4G-1800-2", "Viettel-HG001-4G-1800-3",
        "Viettel-HG002-3G-2100-1", "Viettel-HG002-3G-2100-2",
    ]  # fmt: skip
    assert found.rows == (2, 2, 2, 2, 2, 2, 3, 3)
    one = cells.loc["Viettel-HG001-4G-1800-2"]
    assert (one["site_id"], one["station_id"]) == ("Viettel-HG001", "Viettel-HG001-4G")
    assert (one["azimuth_deg"], one["frequency_mhz"], one["technology"]) == (120, 1800, "4G")
    assert (one["rs_eirp_dbm"], one["tilt_deg"], one["status"]) == (32, 4, "active")


def test_what_is_assumed_is_marked_and_what_is_listed_is_not(listed):
    found = listed(*ROWS)
    assumed = found.table.set_index("cell_id")["assumed"]

    always = "beamwidth_deg, vertical_beamwidth_deg, tilt_deg, status"
    assert assumed["Viettel-HG001-4G-1800-2"] == f"rs_eirp_dbm, {always}"
    assert assumed["Viettel-HG002-3G-2100-1"] == f"antenna_height_m, rs_eirp_dbm, {always}"
    told = {one.message: one.values for one in found.problems}
    assert told["inputs.site_list"] == {"rows": 2, "cells": 8}
    assert told["inputs.values_assumed"]["fields"].startswith("antenna_height_m 2, rs_eirp_dbm 8")
    paired = told["inputs.carriers_paired"]
    assert (paired["count"], paired["pairs"]) == (1, "2G 900, 4G 1800")


def test_the_terrain_chooses_among_the_values(listed):
    found = listed(*ROWS, terrain_of=lambda places: ["mountain"] * len(places))

    heights = found.table.set_index("cell_id")["antenna_height_m"]
    assert heights["Viettel-HG001-4G-1800-1"] == 36  # listed
    assert heights["Viettel-HG002-3G-2100-1"] == 30
    assert (found.table["tilt_deg"] == 2).all()


def test_values_of_the_study_take_the_place_of_ours(listed):
    table = read_assumed_values().table.copy()
    table.loc[table["technology"] == "4G", "rs_eirp_dbm"] = 30.0

    found = listed(*ROWS, values=AssumedValues(table))

    cells = found.table[found.table["technology"] == "4G"]
    assert cells["rs_eirp_dbm"].to_list() == [30, 30, 30]


def test_ids_do_not_depend_on_the_order_of_rows_or_azimuths(listed):
    one = listed(*ROWS).table
    other = listed(
        "HG002,Viettel,3G,2100,105.01,22.84,,150/30",
        "HG001,Viettel,4G+2G,1800/900,104.98,22.82,36,240-0-120",
    ).table

    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def test_a_row_a_sector_makes_the_same_cells_as_a_row_a_site(listed):
    one = listed("HG1,Viettel,4G,1800,104.98,22.82,36,0/120/240").table
    other = listed(
        "HG1,Viettel,LTE,B3,104.98,22.82,36,240",
        "HG1,Viettel,L1800,,104.98,22.82,36,0",
        "HG1,Viettel,4G,1800,104.98,22.82,36,120",
    ).table

    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def test_sites_without_codes_go_by_name_or_by_place(listed):
    head = "Tên trạm,Nhà mạng,Công nghệ,Kinh độ,Vĩ độ"
    found = listed(
        "Chợ cũ,Viettel,4G,104.98,22.82",
        ",VinaPhone,4G,104.9911,22.8344",
        "UBND xã,Viettel,4G,105.1,22.9",
        "UBND xã,Viettel,4G,105.2,22.9",
        head=head,
    )

    assert sorted(found.table["site_id"].unique()) == [
        "N22.8344E104.9911",
        "Viettel-Chợ cũ",
        "Viettel-UBND xã-N22.9000E105.1000",
        "Viettel-UBND xã-N22.9000E105.2000",
    ]
    assert found.table["cell_id"].is_unique
    assert any(one.message == "inputs.names_apart" for one in found.problems)
    assert set(found.table["azimuth_deg"]) == {0, 120, 240}
    assert found.table["assumed"].str.contains("azimuth_deg").all()


def test_operators_on_one_mast_keep_apart(listed):
    head = "Nhà mạng,Công nghệ,Kinh độ,Vĩ độ"
    found = listed("Viettel,4G,104.98,22.82", "VinaPhone,4G,104.98,22.82", head=head)

    assert len(found.table["site_id"].unique()) == 1
    assert found.table["station_id"].nunique() == 2
    assert len(found.table) == 6


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("HG009,Viettel,BTS,900,104.98,22.82,36,0", "not_carriers"),
        ("HG009,Viettel,2G/4G,3700,104.98,22.82,36,0", "not_carriers"),
        ("HG009,Viettel,4G,9000,104.98,22.82,36,0", "carrier_range"),
        ("HG009,Viettel,4G,1800,104.98,22.82,36,0/400", "not_azimuths"),
        ("HG009,Viettel,4G,1800,104.98,22.82,36,\"120,5\"", "not_azimuths"),
        ("HG009,,4G,1800,104.98,22.82,36,0", "missing"),
        ("HG009,Viettel,4G,1800,104.98,22.82,900,0", "too_big"),
        ("HG009,Viettel,,,104.98,22.82,36,0", "missing_one_of"),
        ("HG009,Viettel,4G,1800,104.98,222.82,36,0", "not_degrees"),
        ("HG001,Viettel,4G,1800,104.98,22.82,36,120", "repeated_sector"),
        ("HG001,Viettel,4G,1800,104.98,22.82,36,", "repeated_sector"),
    ],
)  # fmt: skip
def test_a_row_that_makes_no_cells_is_set_aside_whole_with_its_reason(listed, line, reason):
    with pytest.raises(InputError) as refusal:
        listed(*ROWS, line)
    assert (4, reason) in [(row, "not_degrees" if "degrees" in name or "outside" in name else name)
                           for row, name in reasons(refusal)]  # fmt: skip

    found = listed(*ROWS, line, set_aside=True)

    assert list(found.rejected["row"]) == [4]
    assert len(found.table) == 8
    assert found.rejected["Mã trạm"].to_list() == [line.split(",")[0]]


def test_tilts_go_with_their_azimuths(listed):
    head = HEAD + ",Góc ngẩng"
    found = listed(ROWS[0] + ",2/4/6", head=head).table
    assert found["tilt_deg"].to_list() == [2, 4, 6, 2, 4, 6]
    assert not found["assumed"].str.contains("tilt").any()

    with pytest.raises(InputError) as refusal:
        listed(ROWS[0] + ",2/4", head=head)
    assert reasons(refusal) == [(2, "tilts_not_sectors")]


def test_the_number_of_sectors_spreads_them(listed):
    head = "Mã trạm,Nhà mạng,Công nghệ,Kinh độ,Vĩ độ,Số sector"
    found = listed("A,Viettel,4G,104.98,22.82,2", "B,Viettel,4G,105.1,22.9,1", head=head).table

    assert found["azimuth_deg"].fillna(-1).to_list() == [0, 180, -1]
    assert found["beamwidth_deg"].isna().to_list() == [False, False, True]


def test_cells_with_ids_of_their_own_keep_them(listed):
    head = (
        "Mã vị trí,Mã trạm,Mã cell,Nhà mạng,Công nghệ,Tần số,Kinh độ,Vĩ độ,Phương vị,Độ cao anten"
    )
    found = listed(
        "S1,T1,c2,Viettel,4G,1800,104.98,22.82,120,36",
        "S1,T1,c1,Viettel,4G,1800,104.98,22.82,0,36",
        head=head,
    ).table

    columns = ["site_id", "station_id", "cell_id", "azimuth_deg"]
    assert found[columns].values.tolist() == [["S1", "T1", "c1", 0], ["S1", "T1", "c2", 120]]
    assert found["assumed"].str.startswith("rs_eirp_dbm").all()


def test_a_power_with_its_gain_is_not_assumed_over(listed):
    found = listed(
        ROWS[0] + ",43,17", ROWS[1] + ",,", head=HEAD + ",power_dbm,antenna_gain_dbi"
    ).table

    first = found[found["site_id"] == "Viettel-HG001"]
    assert (len(first), first["rs_eirp_dbm"].count()) == (6, 0)
    rest = "beamwidth_deg, vertical_beamwidth_deg, tilt_deg, status"
    assert set(first["assumed"]) == {rest, f"resource_blocks, {rest}"}  # of 2G and 4G


def test_a_technology_without_assumed_values_is_told(listed):
    table = read_assumed_values().table
    with pytest.raises(InputError) as refusal:
        listed(ROWS[1], values=AssumedValues(table[table["technology"] != "3G"]))
    assert reasons(refusal) == [(2, "nothing_assumed")]


def test_a_heading_that_is_nearly_one_of_the_cells_is_asked_about(listed):
    head = (
        "site_id,station_id,cell_id,operator,technology,freqency_mh,antenna_height_m,status,lon,lat"
    )
    with pytest.raises(InputError) as refusal:
        listed("S1,T1,c1,Viettel,4G,1800,36,104.98,22.82", head=head)

    assert "missing_column" in {name.removesuffix("s") for _, name in reasons(refusal)}


def test_a_complete_list_is_read_as_any_table(listed):
    head = "site_id,station_id,cell_id,operator,technology,frequency_mhz,antenna_height_m,rs_eirp_dbm,status,lon,lat"  # noqa: E501
    complete = "S1,T1,c1,Viettel,4G,1800,36,32,active,104.98,22.82"
    found = listed(complete, head=head)

    assert found.problems == ()
    assert found.table["assumed"].isna().all()
    assert found.table["tilt_deg"].isna().all()
    with pytest.raises(InputError) as refusal:
        listed(complete, "S2,T2,c2,Viettel,4G,1800,,32,active,104.98,22.82", head=head)
    assert reasons(refusal) == [(3, "missing")]


def test_one_row_of_several_makes_the_file_a_list_and_leaves_the_others(listed):
    head = "site_id,station_id,cell_id,operator,technology,frequency_mhz,antenna_height_m,rs_eirp_dbm,status,lon,lat,azimuth_deg"  # noqa: E501
    found = listed(
        "S1,T1,c1,Viettel,4G,1800,36,32,active,104.98,22.82,90",
        "S2,T2,c2,Viettel,2G/4G,900/1800,36,32,active,105.1,22.82,0/180",
        head=head,
    ).table

    assert found["cell_id"].to_list() == [
        "Viettel-S2-2G-900-1", "Viettel-S2-2G-900-2", "Viettel-S2-4G-1800-1",
        "Viettel-S2-4G-1800-2", "c1",
    ]  # fmt: skip
    assert found["rs_eirp_dbm"].to_list() == [32] * 5


SOME = st.sampled_from
LINES = st.lists(
    st.tuples(
        SOME(["A", "B", "C", ""]),
        SOME(["Viettel", "VinaPhone", ""]),
        SOME(["2G", "2G/4G", "L1800", "LTE+NR", "?", ""]),
        SOME(["900", "900/1800", "B3", "x", ""]),
        SOME(["104.98", "105.1", "5"]),
        SOME(["", "0/120/240", "0", "omni", "400", "0;0"]),
        SOME(["", "36", "-5"]),
    ),
    min_size=1,
    max_size=8,
)


@given(LINES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_ends_in_cells_or_is_set_aside_with_a_reason(listed, lines):
    texts = [f"{a},{b},{c},{d},{x},22.82,{h},{z}" for a, b, c, d, x, z, h in lines]
    try:
        found = listed(*texts, set_aside=True)
    except InputError as refusal:
        told = {one.row for one in refusal.problems if one.row is not None}
        blank = {n for n, one in enumerate(texts, 2) if not one.strip(",")}
        assert told | blank == set(range(2, len(texts) + 2))
        return
    used, aside = Counter(found.rows), Counter(found.rejected["row"])

    assert set(aside.values()) <= {1}
    assert sorted([*used, *aside]) == list(range(2, len(texts) + 2))
    assert found.table["cell_id"].is_unique
    assert all(found.rejected["reason_en"])
    for name in ("antenna_height_m", "rs_eirp_dbm", "frequency_mhz", "status"):
        assert found.table[name].notna().all()
