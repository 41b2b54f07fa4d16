"""Powers in watts and dBm, and what is assumed beside them where a list tells no gain."""

import numpy as np
import pytest

from phusong.inputs import SiteLists, Source, read_assumed_values, read_cells
from phusong.inputs.assumed import POWER_PARTS
from phusong.inputs.powers import with_dbm
from phusong.inputs.source import Raw, as_cells
from phusong.radio import reference_eirp_dbm
from phusong.radio.sectors import read_sectors
from phusong.tables import CELLS

known = read_assumed_values()


def understood(heading, *cells):
    raw = Raw(
        headings=(heading,), columns=(as_cells(cells, len(cells)),), rows=np.arange(len(cells))
    )
    read = with_dbm(raw, CELLS)
    return read.columns[0].tolist(), [told.message for told in read.told], read.headings[0]


@pytest.mark.parametrize("heading", ["Công suất (W)", "Công suất phát [watt]", "TX POWER (W)"])
def test_watts_of_the_heading_become_dbm(heading):
    assert understood(heading, "40", 20, None)[:2] == ([46.02, 43.01, None], ["powers_in_watts"])


def test_the_unit_behind_a_figure_goes_before_that_of_the_heading():
    assert understood("Công suất phát (dBm)", "20 W", "43 dBm", 46)[0] == [43.01, "43 dBm", 46]


@pytest.mark.parametrize(
    ("cells", "read", "told"),
    [
        (["43", "47,8"], ["43", "47,8"], "powers_in_dbm"),
        (["20", "60"], [43.01, 47.78], "powers_in_watts"),
        (["40", "40"], ["40", "40"], "power_unit_unknown"),
        (["43", "20"], ["43", "20"], "power_unit_unknown"),
    ],
)
def test_figures_without_unit_are_what_equipment_is_sold_with_in_one_unit_alone(cells, read, told):
    found, messages, heading = understood("Tx power", *cells)
    assert (found, messages) == (read, [told])
    assert (heading == "Tx power") == (told != "power_unit_unknown")


def test_watts_that_are_none_stay_with_their_unit_to_be_told():
    assert understood("Công suất (W)", "0", "20", "vài W")[0] == ["0 W", 43.01, "vài W"]


@pytest.mark.parametrize(
    ("technology", "band"), [("2G", 900), ("3G", 2100), ("4G", 1800), ("5G", 3700)]
)
def test_the_assumed_eirp_is_that_of_its_parts(technology, band):
    def value(name):
        return known.value(name, technology, band)

    eirp_dbm = reference_eirp_dbm(
        technology,
        power_dbm=value("power_dbm"),
        feeder_loss_db=value("feeder_loss_db"),
        antenna_gain_dbi=value("antenna_gain_dbi"),
        resource_blocks=value("resource_blocks"),
        pilot_power_share=value("pilot_power_share"),
    )
    assert eirp_dbm == pytest.approx(value("rs_eirp_dbm"), abs=0.5)


@pytest.mark.parametrize(
    ("headings", "cells", "eirp_dbm", "assumed"),
    [
        ("Công suất (W)", "80", 35.2, {"feeder_loss_db", "antenna_gain_dbi", "resource_blocks"}),
        ("Công suất phát (dBm),Độ lợi (dBi)", "46,15", 30.2, {"resource_blocks"}),
        ("Độ lợi (dBi)", "15", 30.2, {"power_dbm", "resource_blocks"}),
        ("Ghi chú", "46", 32.0, {"rs_eirp_dbm"}),
    ],
)
def test_what_lacks_beside_a_power_or_gain_is_assumed_and_named(
    tmp_path, headings, cells, eirp_dbm, assumed
):
    path = tmp_path / "tram.csv"
    path.write_text(
        f"Mã trạm,Nhà mạng,Công nghệ,Băng tần,Kinh độ,Vĩ độ,{headings}\n"
        f"HG1,Viettel,4G,1800,104.98,22.82,{cells}\n",
        encoding="utf-8",
    )
    table = read_cells(
        Source(path=path, shown=path.name), SiteLists(known), crs="EPSG:9209",
        set_aside_faulty=False,
    ).table  # fmt: skip
    assert read_sectors(table)[0].eirp_dbm == pytest.approx(eirp_dbm, abs=0.1)
    assert {*table["assumed"][0].split(", ")} & {"rs_eirp_dbm", *POWER_PARTS} == assumed


def read_list(tmp_path, headings, row):
    path = tmp_path / "tram.csv"
    path.write_text(
        f"Mã trạm,Nhà mạng,Công nghệ,Băng tần,Kinh độ,Vĩ độ,{headings}\n"
        f"HG1,Viettel,4G,1800,104.98,22.82,{row}\n",
        encoding="utf-8",
    )
    return read_cells(
        Source(path=path, shown=path.name), SiteLists(known), crs="EPSG:9209",
        set_aside_faulty=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headings", "row"),
    [("EIRP (dBm)", "63"), ("Công suất EIRP (W)", "1995.26"), ("EIRP", "63"),
     ("EIRP (dBm),Độ lợi (dBi)", "63,17"), ("EIRP (dBm),Công suất (dBm)", "63,46")],
)  # fmt: skip
def test_an_eirp_of_a_whole_carrier_has_its_gain_and_loss_in_it(tmp_path, headings, row):
    read = read_list(tmp_path, headings + ",resource_blocks", row + ",100")
    assert [round(one.eirp_dbm, 2) for one in read_sectors(read.table)] == [32.21] * 3  # 63 - 30.79
    assert "inputs.eirp_taken" in {one.message for one in read.problems}
    assert not {"rs_eirp_dbm", "antenna_gain_dbi"} & set(read.table["assumed"][0].split(", "))


def test_an_eirp_beside_power_and_gain_or_of_what_is_not_told_is_not_used(tmp_path):
    read = read_list(tmp_path, "EIRP (dBm),Công suất (dBm),Độ lợi (dBi)", "70,46,17")
    assert set(read.table["power_dbm"]) == {46.0}
    read = read_list(tmp_path, "EIRP (dBm)", "34")  # a reference signal's, or a small cell's
    assert set(read.table["rs_eirp_dbm"]) == {32.0}
    assert ("inputs.eirp_unsure", "EIRP (dBm)") in [
        (one.message, one.column) for one in read.problems
    ]


def test_cells_with_a_power_and_no_gain_are_filled_like_a_list(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text(
        "site_id,station_id,cell_id,operator,technology,frequency_mhz,antenna_height_m,azimuth_deg,"
        "status,lon,lat,power_dbm\nS,S-2G,S-2G-1,Viettel,2G,900,30,90,active,104.98,22.82,43\n",
        encoding="utf-8",
    )
    table = read_cells(
        Source(path=path, shown=path.name), SiteLists(known), crs="EPSG:9209",
        set_aside_faulty=False,
    ).table  # fmt: skip
    assert table["cell_id"].to_list() == ["S-2G-1"]
    assert read_sectors(table)[0].eirp_dbm == 58.0
    assert {"antenna_gain_dbi", "feeder_loss_db"} <= set(table["assumed"][0].split(", "))
