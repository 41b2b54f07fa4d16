"""What a raster is taken for by its values."""

import numpy as np
import pytest

from phusong.errors import InputError
from phusong.grid import Grid
from phusong.terrain import raster_kinds

RNG = np.random.default_rng(7)
SIDE = 60


def ground():
    bumps = RNG.normal(0, 40, (SIDE, SIDE)).cumsum(axis=0).cumsum(axis=1)
    return 500 + 300 * bumps / np.abs(bumps).max()


def people():
    lived = RNG.random((SIDE, SIDE)) < 0.2
    return np.where(lived, RNG.gamma(1.0, 20.0, (SIDE, SIDE)), 0.0)


def cover():
    return RNG.choice([10.0, 30.0, 40.0, 50.0], (SIDE, SIDE))


@pytest.fixture
def kinds(tmp_path):
    def write_and_look(values, name="a.tif"):
        grid = Grid("EPSG:9209", 90.0, 450_000.0, 2_530_000.0, width=SIDE, height=SIDE)
        path = tmp_path / name
        grid.wrap(values, "values", nodata=np.nan).rio.to_raster(path)
        return raster_kinds(path, shown=name)

    return write_and_look


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (ground(), ("terrain",)),
        (ground() - 400, ("terrain",)),  # a coast, partly below the sea
        (people(), ("population",)),
        (cover(), ("land_cover",)),
        (np.full((SIDE, SIDE), 7.0), ()),
        (-people(), ()),
        (np.full((SIDE, SIDE), np.nan), ()),
        (ground() * 100, ()),
    ],
)
def test_values_tell_what_a_raster_is(kinds, values, expected):
    assert kinds(values).uses == expected


def test_smooth_spots_of_people_are_in_doubt(kinds):
    values = np.clip(ground() - 550, 0, None) / 5

    assert set(kinds(values).uses) == {"terrain", "population"}


def test_a_file_that_is_no_raster_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    path.write_text("no raster", encoding="utf-8")

    with pytest.raises(InputError):
        raster_kinds(path, shown="a.tif")


def test_a_flat_coast_may_be_people_and_goes_by_its_name(kinds):
    east = np.arange(SIDE)[None, :] / 20 - 1
    coast = np.clip(east + RNG.normal(0, 0.5, (SIDE, SIDE)), 0, None).round()
    assert set(kinds(coast).uses) == {"terrain", "population"}
    for name, use in (("DEM_Ca_Mau.tif", "terrain"), ("Dân số 2019.tif", "population")):
        found = kinds(coast, name)
        assert (found.uses, found.by_name) == ((use,), True)
