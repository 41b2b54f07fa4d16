"""What is left near measured places, taken only where blocks left out are better for it."""

import numpy as np
import pytest

from phusong.uncertainty import Residuals, calibrate
from phusong.uncertainty.lattice import WIDEST_M


def surveyed(along_db, alone_db):
    """Return 256 places 150 m apart, in blocks of 600 m: a field over 450 m, and noise."""
    random = np.random.default_rng(3)
    x, y = (150.0 * each.ravel() for each in np.meshgrid(np.arange(16), np.arange(16)))
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    root = np.linalg.cholesky(along_db**2 * np.exp(-apart / 450) + 1e-6 * np.eye(len(x)))
    error = 5.0 + root @ random.normal(size=len(x)) + alone_db * random.normal(size=len(x))
    block = (x // 600 * 10 + y // 600).astype(int)
    return calibrate(
        error, error, distance_m=1000.0 + y, terrain_db=np.zeros(len(x)), block=block, at_m=(x, y)
    )


def test_residuals_are_taken_where_places_tell_of_those_near_them_and_nowhere_else():
    found = surveyed(7.0, 1.0)
    assert found.residuals is not None
    assert np.sqrt((found.kriged_db**2).mean()) < 0.9 * np.sqrt((found.out_of_block_db**2).mean())
    assert surveyed(0.0, 7.0).residuals is None


def test_two_places_are_weighed_by_hand():
    # 450 m apart, asked at the first: K = [[55.25, 18.03], [18.03, 55.25]], k = [49, 18.03];
    # K^-1 [6, -6] = [0.1612, -0.1612].
    two = Residuals(
        x_m=np.array([0.0, 450.0]), y_m=np.zeros(2), error_db=np.array([6.0, -6.0]), field_sd_db=7.0
    )
    assert two.at([0.0], [0.0]) == pytest.approx([0.1612 * (49 - 18.026)], abs=1e-3)


def test_the_lattice_has_the_middle_of_each_cell():
    one = Residuals(
        x_m=np.array([50_000.0]), y_m=np.array([70_000.0]), error_db=np.array([8.0]),
        field_sd_db=7.0,
    )  # fmt: skip
    west_m, south_m, error_db = one.lattice
    row, column = np.unravel_index(error_db.argmax(), error_db.shape)
    at = west_m + WIDEST_M * (column + 0.5), south_m + WIDEST_M * (row + 0.5)
    assert np.abs(np.subtract(at, (50_000.0, 70_000.0))).max() <= WIDEST_M / 2
    assert error_db[row, column] == pytest.approx(one.at([at[0]], [at[1]])[0], abs=1e-5)
