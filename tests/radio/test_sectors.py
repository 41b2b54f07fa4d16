"""Cells into transmitters: which antenna, how strong, and what is told where a row lacks it."""

import geopandas as gpd
import numpy as np
import pytest

from phusong.errors import InputError
from phusong.radio import ParabolicAntenna, Pattern, PatternAntenna, Patterns, check_cells
from phusong.radio.sectors import read_sectors

AROUND, UPRIGHT = np.linspace(0, 360, 3601), np.linspace(-90, 90, 1801)
BEAM = np.minimum(12 * (UPRIGHT / 8) ** 2, 20).astype(np.float32)
SIDE = np.minimum(12 * (np.minimum(AROUND, 360 - AROUND) / 65) ** 2, 30).astype(np.float32)


def pattern(name, horizontal, gain_dbi=17.0):
    return Pattern(
        name=name, file=f"antennas/{name}.msi", gain_dbi=gain_dbi, frequency_mhz=(870.0, 960.0),
        electrical_tilt_deg=0.0, horizontal_db=horizontal, front_db=BEAM, back_db=BEAM,
    )  # fmt: skip


PATTERNS = Patterns(
    [
        pattern("Sector", SIDE),
        pattern("Round", np.zeros(3601, np.float32)),
        pattern("Plain", SIDE, gain_dbi=None),
    ]
)


def cells(**columns):
    row = {
        "cell_id": "c1", "operator": "Viettel", "technology": "4G", "frequency_mhz": 900.0,
        "antenna_height_m": 30.0, "azimuth_deg": 90.0, **columns,
    }  # fmt: skip
    point = gpd.points_from_xy([500_000.0], [2_500_000.0])
    return gpd.GeoDataFrame({name: [value] for name, value in row.items()}, geometry=point)


def sector(**columns):
    (found,) = read_sectors(cells(**columns), PATTERNS)
    return found


def told(**columns):
    (found,) = check_cells(cells(**columns), PATTERNS, rows=[7]).values()
    for problem in found:
        assert (problem.row, problem.column, problem.value) == (7, "cell_id", "c1")
        assert problem.render("vi") != problem.render("en")
    return [problem.message.removeprefix("radio.") for problem in found]


POWER = {"power_dbm": 46.0, "feeder_loss_db": 1.0, "antenna_gain_dbi": 17.0, "resource_blocks": 50}


def test_stated_eirp_stands():
    assert sector(rs_eirp_dbm=35.0).eirp_dbm == 35.0


def test_eirp_follows_from_the_power_of_the_carrier():
    assert sector(**POWER).eirp_dbm == pytest.approx(46 - 27.78 - 1 + 17, abs=0.01)
    assert sector(**{**POWER, "technology": "2G"}).eirp_dbm == pytest.approx(62)
    umts = {**POWER, "technology": "3G", "pilot_power_share": 0.1}
    assert sector(**umts).eirp_dbm == pytest.approx(52)


def test_gain_comes_from_the_pattern_file_unless_the_row_says_it():
    power = {"technology": "2G", "power_dbm": 43.0, "antenna": "Sector"}
    assert sector(**power).eirp_dbm == pytest.approx(60)
    assert sector(**power, antenna_gain_dbi=15.0).eirp_dbm == pytest.approx(58)


@pytest.mark.parametrize(
    "columns",
    [
        {"power_dbm": 46.0, "resource_blocks": 50},
        {"power_dbm": 46.0, "resource_blocks": 50, "antenna": "Plain"},
        {"power_dbm": 46.0, "antenna_gain_dbi": 17.0},
        {**POWER, "technology": "3G"},
    ],
)
def test_power_that_gives_no_eirp_is_told(columns):
    assert told(**columns) == ["power_incomplete"]
    assert sector(**columns, rs_eirp_dbm=35.0).eirp_dbm == 35.0


def test_powers_that_contradict_the_eirp_are_told():
    assert told(**POWER, rs_eirp_dbm=37.2) == ["power_contradicts"]
    assert sector(**POWER, rs_eirp_dbm=34.6).eirp_dbm == 34.6  # rounding


@pytest.mark.parametrize(("off_db", "contradicts"), [(0.49, False), (0.51, True), (-0.51, True)])
def test_an_eirp_more_than_half_a_db_from_the_power_contradicts_it(off_db, contradicts):
    eirp = sector(**POWER).eirp_dbm
    found = check_cells(cells(**POWER, rs_eirp_dbm=eirp + off_db), PATTERNS, rows=[7])
    assert bool(found) is contradicts
    if contradicts:
        (problem,) = found.popitem()[1]
        expected = {"stated": eirp + off_db, "found": eirp, "tolerance": 0.5}
        assert problem.values == pytest.approx(expected)


def test_row_is_complete_with_a_power_and_a_frequency_whatever_its_antenna():
    rows = (
        sector(rs_eirp_dbm=35.0), sector(), sector(rs_eirp_dbm=np.nan, power_dbm=np.nan),
        sector(rs_eirp_dbm=35.0, frequency_mhz=np.nan, antenna="Sector"),
    )  # fmt: skip
    assert [row.complete for row in rows] == [True, False, False, False]


def test_pattern_file_leans_and_the_parabolic_beam_takes_both_tilts():
    tilts = {"rs_eirp_dbm": 35.0, "tilt_deg": 3.0, "electrical_tilt_deg": 2.0}
    leaning = sector(**tilts, antenna="SECTOR").antenna
    assert isinstance(leaning, PatternAntenna)
    assert (leaning.azimuth_deg, leaning.tilt_deg) == (90, 3)
    assert leaning.pattern.electrical_tilt_deg == 2
    for built_in in (None, "3gpp", "3GPP"):
        parabolic = sector(**tilts, antenna=built_in).antenna
        assert parabolic == ParabolicAntenna(azimuth_deg=90.0, tilt_deg=5.0)


def test_directional_pattern_needs_an_azimuth_and_a_round_one_does_not():
    assert told(rs_eirp_dbm=35.0, antenna="Sector", azimuth_deg=None) == ["antenna_azimuth"]
    assert isinstance(sector(antenna="Round", azimuth_deg=None).antenna, PatternAntenna)


def test_pattern_of_another_name_or_band_is_told():
    assert told(rs_eirp_dbm=35.0, antenna="Sektor") == ["unknown_antenna"]
    assert told(rs_eirp_dbm=35.0, antenna="Sector", frequency_mhz=1800.0) == ["antenna_band"]


def test_every_unusable_cell_is_refused_at_once():
    table = gpd.GeoDataFrame(
        {**{name: [value] * 2 for name, value in cells().drop(columns="geometry").iloc[0].items()},
         "cell_id": ["a", "b"], "antenna": ["X", "Y"]},
        geometry=gpd.points_from_xy([0.0, 1.0], [0.0, 1.0]),
    )  # fmt: skip
    with pytest.raises(InputError, match="no antenna pattern X") as caught:
        read_sectors(table, PATTERNS)
    assert [problem.value for problem in caught.value.problems] == ["a", "b"]


@pytest.mark.parametrize(
    ("columns", "vertical_deg"),
    [
        ({"antenna": "omni"}, None),
        ({"antenna": "OMNI", "azimuth_deg": None}, None),
        ({"antenna": None, "azimuth_deg": None}, None),
        ({"antenna": None}, 10.0),
        ({"antenna": "3gpp"}, 10.0),
        ({"antenna": "3gpp", "azimuth_deg": None}, 10.0),
        ({"antenna": "omni", "vertical_beamwidth_deg": 7.0}, 7.0),
        ({"vertical_beamwidth_deg": 6.5}, 6.5),
    ],
)
def test_omni_means_alike_at_every_elevation_unless_a_vertical_beamwidth_is_given(
    columns, vertical_deg
):
    antenna = sector(rs_eirp_dbm=35.0, **columns).antenna
    assert antenna.vertical_beamwidth_deg == vertical_deg


def test_surveyed_elevation_is_the_cells_own():
    assert sector(rs_eirp_dbm=35.0).surveyed_m is None
    assert sector(rs_eirp_dbm=35.0, ground_elevation_m=412.5).surveyed_m == 412.5
