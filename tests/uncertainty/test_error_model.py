"""Default errors: wider over coarse terrain, and wide enough for places that were measured."""

import runpy

import pytest

from phusong.uncertainty import ErrorModel

CELLULAR_M = 50_000.0
"""Longer paths are no case of a run: the data bank of the ITU begins at 114 km."""


@pytest.mark.parametrize("pixel_m", [10.0, 30.0, 100.0])
def test_terrain_of_three_seconds_and_finer_has_the_same_errors(pixel_m):
    assert ErrorModel.over_terrain(pixel_m) == ErrorModel()


def test_errors_grow_with_the_pixel_up_to_fifteen_seconds():
    sizes = [ErrorModel.over_terrain(pixel_m) for pixel_m in (100, 101, 275, 450, 2000)]
    assert [one.field_sd_db for one in sizes] == pytest.approx([7, 7 + 4 / 350, 9, 11, 11])
    assert [one.field_length_m for one in sizes[2:]] == [725, 1000, 1000]


def test_default_interval_of_ninety_percent_holds_eight_in_ten_of_each_measured_set(
    published, checkout
):
    folder = published("reference/measured/README.md").parent
    benchmark = runpy.run_path(str(checkout / "benchmarks/measured.py"))
    judged = []
    for name, paths, _ in benchmark["sets_of"](folder, 30.0):
        if max(path.distance_m for path in paths) < CELLULAR_M:
            held, _ = benchmark["held_by_default"](paths)
            assert held >= 0.8, name
            judged.append(name)
    assert len(judged) >= 3
