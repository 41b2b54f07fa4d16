"""A pixel's class is that of the land where its people live."""

import numpy as np
import pytest

from phusong.errors import InputError
from phusong.grid import Grid
from phusong.terrain import read_land_cover

GRID = Grid("EPSG:9209", 90.0, 450_000.0, 2_520_000.0, width=2, height=2)
FINE = Grid("EPSG:9209", 30.0, 450_000.0, 2_520_000.0, width=6, height=6)
TREES, FIELDS, WATER, HOUSES = 1, 2, 3, 4
CODES = {10: TREES, 40: FIELDS, 80: WATER, 50: HOUSES}


@pytest.fixture
def classes(tmp_path):
    """Return how to read parts of 30 m on the grid, with residents where they are given."""

    def read(codes, people=None, people_grid=FINE, grid=GRID, lived_in=(HOUSES,), **known):
        land = tmp_path / "land.tif"
        FINE.wrap(np.asarray(codes, dtype="uint8"), "land", nodata=0).rio.to_raster(land)
        if people is not None:
            path = tmp_path / "people.tif"
            people_grid.wrap(np.asarray(people, dtype="float32"), "people").rio.to_raster(path)
            known["people"] = path
        given = {"classes": CODES, "lived_in": lived_in, "shown": "land.tif", **known}
        return read_land_cover(land, grid, **given).to_numpy()

    return read


def test_the_most_common_land_counts(classes):
    codes = np.full((6, 6), 10)
    codes[:3, 3:] = [[40, 40, 40], [40, 40, 10], [10, 10, 10]]
    assert classes(codes).tolist() == [[TREES, FIELDS], [TREES, TREES]]


def test_one_house_makes_a_pixel_lived_in(classes):
    codes = np.full((6, 6), 10)
    codes[4, 4] = 50
    assert classes(codes).tolist() == [[TREES, TREES], [TREES, HOUSES]]


def test_only_parts_with_people_count_where_residents_are_finer_than_the_grid(classes):
    codes = np.full((6, 6), 10)
    codes[0, 0] = 40
    codes[5, 5] = 50
    people = np.zeros((6, 6))
    people[0, 0] = 3.0  # on the one field
    people[3, 3] = 1.0  # among trees, not in the house that stands empty
    assert classes(codes, people).tolist() == [[FIELDS, TREES], [TREES, TREES]]


def test_residents_on_pixels_of_the_grid_do_not_tell_the_parts_apart(classes):
    codes = np.full((6, 6), 10)
    codes[0, 0] = 50
    assert classes(codes, np.ones((2, 2)), GRID).tolist() == [[HOUSES, TREES], [TREES, TREES]]


def test_no_value_counts_only_where_there_is_nothing_else(classes):
    codes = np.zeros((6, 6))
    codes[0, 0] = 80
    assert classes(codes).tolist() == [[WATER, 0], [0, 0]]


def test_land_beyond_the_raster_has_no_class(classes):
    wide = Grid("EPSG:9209", 90.0, 450_000.0, 2_520_000.0, width=3, height=2)
    assert classes(np.full((6, 6), 40), grid=wide).tolist() == [[FIELDS, FIELDS, 0]] * 2


def test_classes_do_not_depend_on_the_tiles_they_are_read_by(classes, monkeypatch):
    codes = np.random.default_rng(5).choice([10, 40, 50, 80], (6, 6), p=[0.5, 0.3, 0.02, 0.18])
    whole = classes(codes)
    monkeypatch.setattr("phusong.terrain.land_cover.TILE_PX", 3)
    np.testing.assert_array_equal(classes(codes), whole)


def test_unknown_codes_are_told_with_those_that_are_known(classes):
    codes = np.full((6, 6), 10)
    codes[0, :2] = [23, 12]
    with pytest.raises(InputError, match=r"land\.tif: .*does not: 12, 23\. Known: 10, 40, 50, 80"):
        classes(codes)


@pytest.mark.parametrize("away_m", [0.0, 500_000.0])
def test_a_raster_without_any_value_on_the_grid_is_refused(classes, away_m):
    codes = np.full((6, 6), 10 if away_m else 0)
    elsewhere = Grid(GRID.crs, 90.0, GRID.west_m + away_m, GRID.north_m, 2, 2)
    with pytest.raises(InputError, match=r"land\.tif: .*no value anywhere in the area"):
        classes(codes, grid=elsewhere)


@pytest.mark.kernels
def test_compiled_and_plain_loops_agree(classes, monkeypatch):
    from phusong.terrain import _kernels, land_cover

    codes = np.random.default_rng(6).choice([10, 40, 50, 80], (6, 6))
    people = np.random.default_rng(7).integers(0, 2, (6, 6))
    fast = classes(codes, people)
    monkeypatch.setattr(land_cover, "lived_in_class", _kernels.lived_in_class.py_func)
    np.testing.assert_array_equal(classes(codes, people), fast)
