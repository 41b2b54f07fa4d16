"""Patterns: 3 dB at half a beamwidth, capped behind and above, the short way round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.radio import ParabolicAntenna


def down_db(antenna, azimuth, depression):
    directions = np.float32([[azimuth]]), np.float32([[depression]])
    return float(antenna.attenuation_db(*directions)[0, 0])


def test_sector_follows_the_3gpp_table():
    sector = ParabolicAntenna(azimuth_deg=0.0, tilt_deg=3.0, horizontal_beamwidth_deg=65.0)
    assert down_db(sector, 0, 3) == 0
    assert down_db(sector, 32.5, 3) == pytest.approx(3)
    assert down_db(sector, 327.5, 3) == pytest.approx(3)
    assert down_db(sector, 65, 3) == pytest.approx(12)
    assert down_db(sector, 0, 8) == pytest.approx(3)  # 10° vertical beam
    assert down_db(sector, 180, 3) == 25
    assert down_db(sector, 0, 60) == 20
    assert down_db(sector, 32.5, -2) == pytest.approx(6)
    assert down_db(sector, 180, 60) == 25  # combined cap


def test_antenna_without_azimuth_is_omnidirectional_but_still_tilted():
    omni = ParabolicAntenna(azimuth_deg=None, tilt_deg=3.0)
    assert [down_db(omni, azimuth, 3) for azimuth in (0, 90, 359)] == [0, 0, 0]
    assert down_db(omni, 90, 60) == 20


def test_antenna_without_a_vertical_beamwidth_radiates_alike_at_every_elevation():
    whip = ParabolicAntenna(azimuth_deg=None, tilt_deg=3.0, vertical_beamwidth_deg=None)
    assert [down_db(whip, 90, depression) for depression in (-60, 0, 3, 89)] == [0, 0, 0, 0]
    narrow = ParabolicAntenna(azimuth_deg=None, vertical_beamwidth_deg=6.0)
    assert down_db(narrow, 90, 3) == pytest.approx(3)


@given(st.floats(0, 360), st.floats(0, 360), st.floats(-90, 90))
def test_pattern_turns_with_the_antenna(pointing, off, depression):
    turned = ParabolicAntenna(azimuth_deg=pointing)
    north = ParabolicAntenna(azimuth_deg=0.0)
    direction = (pointing + off) % 360
    # Single precision: 4e-5° of azimuth, times 0.6 dB a degree at the steepest.
    assert down_db(turned, direction, depression) == pytest.approx(
        down_db(north, off, depression), abs=1e-3
    )
    assert down_db(north, off, depression) == pytest.approx(
        down_db(north, 360 - off, depression), abs=1e-3
    )
