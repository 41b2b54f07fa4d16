"""What tests of radio share."""

import numpy as np
import pytest

from phusong.radio import Correction
from phusong.radio.correction import Corrections, PlaceErrors


def corrected(mast_m, frequency_mhz, land, clutter_db) -> Correction:
    """Return a correction that differs by mast, carrier and land, within what was measured."""
    tall = 0.0 if land is None else land.height_m
    return Correction(
        offset_db=3.0 + mast_m[0] % 7.0 - frequency_mhz / 1000.0 + 0.1 * clutter_db,
        slope_db=2.0 - 0.05 * tall,
        weight=-0.4 + 0.01 * tall,
        added_weight=0.6,
        distances_m=(300.0, 2000.0),
        terrain_db=(0.0, 25.0),
    )


@pytest.fixture
def corrections():
    """Return what calibration may add to losses."""
    error_db = np.random.default_rng(0).normal(0, 4, (30, 30)).astype(np.float32)
    places = PlaceErrors(west_m=500_500.0, south_m=2_501_000.0, cell_m=225.0, error_db=error_db)
    return Corrections(of=corrected, digest="tests", places=places)
