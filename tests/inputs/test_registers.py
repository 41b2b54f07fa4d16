"""A register of related tables in one archive: joined row by row, mobile transmitters alone."""

import io
import zipfile

import pytest

from phusong.errors import InputError
from phusong.inputs import (
    FATES,
    SiteLists,
    Source,
    read_assumed_values,
    read_cells,
    registers,
    source,
)

DEVICE = (
    "SDD_ID,LICENCE_NO,DEVICE_REGISTRATION_IDENTIFIER,FREQUENCY,DEVICE_TYPE,SITE_ID,AZIMUTH,HEIGHT,"
    "STATION_NAME"
)
LICENCE = "LICENCE_NO,CLIENT_NO,SV_ID,LICENCE_TYPE_NAME,LICENCE_CATEGORY_NAME,STATUS_TEXT"
TABLES = {
    "device_details.csv": [
        DEVICE,
        "1,L1,,763000000,T,S1,0,35,",
        "2,L1,,763000000,T,S1,120,35,",
        "3,L1,,708000000,R,S1,0,35,",  # a receiver
        "4,L2,,7500000000,T,S1,90,20,",  # a fixed link
        "5,L3,,2120000000,T,S2,,30,\"North, hill\"",
        "",
        "6,L9,,2120000000,T,S2,,30,",  # of a licence that is not there
    ],
    "licence.csv": [
        LICENCE, "L1,7,1,Spectrum,700 MHz Band,Granted", "L2,7,2,Fixed,Point to Point,Granted",
        "L3,8,3,Apparatus,PMTS Class B,Granted",
    ],
    "client.csv": ["CLIENT_NO,LICENCEE,TRADING_NAME", "7,Alpha Pty Ltd,", "8,Beta Pty Ltd,"],
    "site.csv": [
        "SITE_ID,LATITUDE,LONGITUDE,NAME,STATE", "S1,-35.30,149.10,Hill,ACT",
        "S2,-35.25,149.15,\"Tower, 2\",ACT", "S3,-10,130,Elsewhere,NT",
    ],
}  # fmt: skip


def packed(path, tables, *, prefix=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in tables.items():
            archive.writestr(prefix + name, "\n".join(lines) + "\n")
    return path


def read(path, heard=None, **constants):
    return read_cells(
        Source(path=path, shown=path.name, preset="acma", anywhere=True, constants=constants),
        SiteLists(read_assumed_values()), crs="EPSG:28355", set_aside_faulty=False,
        on_read=None if heard is None else heard.append,
    )  # fmt: skip


def test_mobile_transmitters_are_joined_with_licence_operator_and_site(tmp_path):
    heard = []
    found = read(packed(tmp_path / "spectra_rrl.zip", TABLES), heard, technology="4G")
    table = found.table.set_index("cell_id")
    assert table.index.to_list() == ["1", "2", "5"]
    assert table["frequency_mhz"].to_list() == [763, 763, 2120]
    assert table["operator"].to_list() == ["Alpha Pty Ltd", "Alpha Pty Ltd", "Beta Pty Ltd"]
    assert table["antenna_height_m"].to_list() == [35, 35, 30]
    place = found.table.to_crs("EPSG:4326").geometry[2]
    assert (place.x, place.y) == pytest.approx((149.15, -35.25), abs=1e-6)
    counts = heard[0].counts
    assert counts["rows"] == 7  # with the headings
    assert counts["rows"] == counts["used"] + counts["set_aside"] + counts["passed_over"]
    (told,) = [one for one in found.problems if one.message == "inputs.register_joined"]
    assert (told.values["count"], told.values["left_out"]) == (3, 3)
    assert set(heard[0].fates.tolist()) <= set(FATES)


def test_tables_of_any_size_are_taken_row_by_row(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "LARGEST_BYTES", 100)  # the real one has 383 MB
    path = packed(tmp_path / "spectra_rrl.zip", TABLES, prefix="spectra/")
    assert len(read(path, technology="4G").table) == 3
    opened = []
    whole = zipfile.ZipExtFile.read

    def watched(self, n=-1):
        opened.append(n)
        return whole(self, n)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", watched)
    read(path, technology="4G")
    assert all(0 < n < 1 << 20 for n in opened)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"site.csv": None}, "register_lacks"),
        ({"client.csv": ["CLIENT_NO,NAME", "7,A"]}, "register_lacks"),
        ({"licence.csv": []}, "register_lacks"),
    ],
)
def test_an_archive_without_what_the_register_publishes_is_refused(tmp_path, change, message):
    tables = {name: lines for name, lines in (TABLES | change).items() if lines is not None}
    with pytest.raises(InputError) as refused:
        read(packed(tmp_path / "spectra_rrl.zip", tables))
    assert refused.value.problems[0].message == f"inputs.{message}"


def test_a_table_too_large_or_a_damaged_archive_is_refused(tmp_path, monkeypatch):
    path = packed(tmp_path / "spectra_rrl.zip", TABLES)
    monkeypatch.setattr(registers, "LARGEST_TABLE_BYTES", 50)
    with pytest.raises(InputError) as refused:
        read(path)
    assert refused.value.problems[0].message == "inputs.too_large"
    content = bytearray(path.read_bytes())
    content[40:60] = bytes(20)
    path.write_bytes(content)
    monkeypatch.undo()
    with pytest.raises(InputError) as refused:
        read(path)
    assert refused.value.problems[0].message == "inputs.unreadable"
    path.write_bytes(io.BytesIO(b"PK\x03\x04 cut").getvalue())
    with pytest.raises(InputError) as refused:
        read(path)
    assert refused.value.problems[0].message == "inputs.unreadable"
