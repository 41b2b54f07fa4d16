"""What calibration adds to a loss, worked by hand."""

import pytest

from phusong.radio import Correction

pytestmark = pytest.mark.kernels

ONE = Correction(
    offset_db=5.0, slope_db=4.0, weight=-0.5, added_weight=0.25,
    distances_m=(100.0, 10_000.0), terrain_db=(2.0, 20.0),
)  # fmt: skip


def test_offset_slope_terrain_and_what_is_added_come_together():
    # 5 + 4 × 3 decades - 0.5 × 10 + 0.25 × 8
    assert ONE.loss_db(1000.0, 10.0, 8.0) == pytest.approx(14.0)


@pytest.mark.parametrize(
    ("distance_m", "terrain_db", "as_at"),
    [(1e5, 10.0, (1e4, 10.0)), (10.0, 10.0, (100.0, 10.0)), (1e3, 60.0, (1e3, 20.0)),
     (1e3, 0.0, (1e3, 2.0))],
)  # fmt: skip
def test_beyond_what_was_measured_it_is_that_at_the_end(distance_m, terrain_db, as_at):
    assert ONE.loss_db(distance_m, terrain_db, 8.0) == ONE.loss_db(*as_at, 8.0)
