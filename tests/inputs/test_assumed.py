"""The table of assumed values: complete, sourced, and its figures what its sources give."""

import math

import pytest

from phusong.inputs import AssumedValues, read_assumed_values
from phusong.inputs.assumed import ASSUMABLE
from phusong.tables import ASSUMED_VALUES, TECHNOLOGIES

known = read_assumed_values()


def test_every_row_tells_its_source_and_every_pair_is_there_once():
    table = known.table

    assert list(table.columns) == list(ASSUMED_VALUES.columns)
    assert table["source"].str.len().min() > 20
    assert not table.duplicated(list(ASSUMED_VALUES.key)).any()
    assert table["preference"].dropna().is_unique


@pytest.mark.parametrize(
    ("technology", "rs_eirp_dbm"), list(zip(TECHNOLOGIES, (58, 49, 32, 32), strict=True))
)
def test_no_technology_lacks_a_value(technology, rs_eirp_dbm):
    names = (*ASSUMABLE, "sectors")
    found = {name: known.value(name, technology, 1800.0) for name in names}
    assert found == {
        "rs_eirp_dbm": rs_eirp_dbm, "antenna_height_m": 36, "beamwidth_deg": 65,
        "vertical_beamwidth_deg": 8, "tilt_deg": 4, "sectors": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("technology", "band", "watts_dbm", "blocks", "gain_dbi"),
    [("4G", 1800, 46, 100, 17), ("4G", 900, 46, 50, 17), ("5G", 3700, 53, 273, 24),
     ("5G", 700, 46, 52, 17), ("5G", 2100, 46, 106, 17)],
)  # fmt: skip
def test_the_reference_signal_is_a_subcarriers_share(technology, band, watts_dbm, blocks, gain_dbi):
    expected = watts_dbm - 10 * math.log10(12 * blocks) + gain_dbi

    assert known.value("rs_eirp_dbm", technology, band) == pytest.approx(expected, abs=0.5)


def test_a_value_of_the_terrain_goes_before_that_of_any():
    assert known.value("antenna_height_m", "4G", 1800, "mountain") == 30
    assert known.value("antenna_height_m", "4G", 1800, "lowland") == 36
    assert known.value("rs_eirp_dbm", "4G", 1800, "mountain") == 32


def test_a_frequency_of_no_row_takes_the_nearest_band():
    assert known.value("rs_eirp_dbm", "4G", 2140) == known.value("rs_eirp_dbm", "4G", 2100)


def test_a_technology_without_rows_has_no_values():
    few = AssumedValues(known.table[known.table["technology"] == "4G"])

    assert few.value("tilt_deg", "2G", 900) is None
    assert few.preference("2G", 900) is None
    assert few.depends_on_terrain
    assert not AssumedValues(known.table[known.table["terrain"] == "any"]).depends_on_terrain
