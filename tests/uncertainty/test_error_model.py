"""Default errors: wider over coarse terrain, and wide enough for places that were measured."""

import runpy

import pytest

from phusong.uncertainty import ErrorModel


@pytest.mark.parametrize("pixel_m", [10.0, 30.0, 100.0])
def test_terrain_of_three_seconds_and_finer_has_the_same_errors(pixel_m):
    assert ErrorModel.over_terrain(pixel_m) == ErrorModel()


def test_errors_grow_with_the_pixel_up_to_fifteen_seconds():
    sizes = [ErrorModel.over_terrain(pixel_m) for pixel_m in (100, 101, 275, 450, 2000)]
    assert [one.field_sd_db for one in sizes] == pytest.approx([7, 7 + 4 / 350, 9, 11, 11])
    assert [one.field_length_m for one in sizes[2:]] == [725, 1000, 1000]


def test_a_gain_over_the_median_by_time_is_in_doubt_by_a_third_of_it():
    # Its square over 7.8 + 1, beside 6 dB: 36 + 144 / 8.8.
    assert ErrorModel().over_time(12.0).province_sd_db == pytest.approx(52.364**0.5, abs=1e-3)
    assert ErrorModel().over_time(0.0) == ErrorModel()


def test_default_interval_of_ninety_percent_holds_eight_in_ten_of_each_measured_set(
    published, checkout
):
    folder = published("reference/measured/README.md").parent
    benchmark = runpy.run_path(str(checkout / "benchmarks/measured.py"))
    judged = []
    for name, paths, _ in benchmark["sets_of"](folder, 30.0):
        held, _ = benchmark["held_by_default"](paths)
        assert held >= 0.8, name
        judged.append(name)
    assert len(judged) >= 4
