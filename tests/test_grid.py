"""Pixels, edges and windows of the one grid, counted by hand."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import GridMismatchError
from phusong.grid import Grid, grid_of, operation

CRS = "EPSG:9209"
GRID = Grid(CRS, 50.0, 500_000.0, 2_500_300.0, 4, 3)


@pytest.mark.parametrize(
    ("bounds", "west_north", "shape"),
    [
        ((0, 0, 200, 100), (0, 100), (1, 2)),  # edges on multiples stay
        ((0, 0, 200.01, 100), (0, 100), (1, 3)),
        ((0, 0, 200, 100.01), (0, 200), (2, 2)),
        ((-0.01, 0, 200, 100), (-100, 100), (1, 3)),
        ((0, -0.01, 200, 100), (0, 100), (2, 2)),
        ((-250, -150, -50, -50), (-300, 0), (2, 3)),
        ((100, 100, 100, 100), (100, 100), (1, 1)),  # a point on a corner
    ],
)
def test_a_grid_covers_its_bounds_with_whole_pixels_and_no_pixel_more(bounds, west_north, shape):
    grid = Grid.covering(bounds, resolution_m=100.0, crs=CRS)
    assert (grid.west_m, grid.north_m) == west_north
    assert grid.shape == shape


edge = st.integers(-(10**8), 10**8).map(lambda centimetres: centimetres / 100)
side = st.integers(1, 500_000).map(lambda centimetres: centimetres / 100)


@given(edge, edge, side, side, st.sampled_from([30.0, 90.0, 100.0]))
def test_the_smallest_grid_holds_the_bounds_to_within_a_pixel(west, south, wide, high, resolution):
    bounds = west, south, west + wide, south + high
    left, bottom, right, top = Grid.covering(bounds, resolution_m=resolution, crs=CRS).bounds
    for out, inner in ((west, left), (south, bottom), (right, west + wide), (top, south + high)):
        assert -1e-6 <= out - inner < resolution


def test_edges_centres_and_transform_agree():
    assert GRID.shape == (3, 4)
    assert GRID.bounds == (500_000, 2_500_150, 500_200, 2_500_300)
    assert GRID.x_m.tolist() == [500_025, 500_075, 500_125, 500_175]
    assert GRID.y_m.tolist() == [2_500_275, 2_500_225, 2_500_175]
    assert GRID.transform @ (0.5, 0.5) == (500_025, 2_500_275)
    assert GRID.transform @ (4, 3) == (500_200, 2_500_150)
    assert GRID.pixel_area_km2 == 0.0025


@pytest.mark.parametrize(
    ("x", "y", "found"),
    [
        (0, 0, (0, 0, True)),  # west and north edges belong to the grid
        (199.99, -149.99, (2, 3, True)),
        (200, -10, (0, 0, False)),  # east and south edges do not
        (10, -150, (0, 0, False)),
        (-0.01, -10, (0, 0, False)),
        (10, 0.01, (0, 0, False)),
        (50, -50, (1, 1, True)),  # a corner belongs to the pixel south-east of it
        (49.99, -50, (1, 0, True)),
        (np.nan, -10, (0, 0, False)),
    ],
)
def test_a_point_lies_in_one_pixel_or_outside(x, y, found):
    row, column, inside = GRID.index([500_000 + x], [2_500_300 + y])
    assert (row[0], column[0], inside[0]) == found


def test_every_centre_lies_in_its_own_pixel():
    row, column, inside = GRID.index(*np.meshgrid(GRID.x_m, GRID.y_m))
    assert inside.all()
    np.testing.assert_array_equal(row, [[0] * 4, [1] * 4, [2] * 4])
    np.testing.assert_array_equal(column, [[0, 1, 2, 3]] * 3)


@given(st.integers(1, 9))
def test_windows_cover_every_pixel_once(side):
    seen = np.zeros(GRID.shape, int)
    for window in GRID.windows(side):
        assert max(window.width, window.height) <= side
        seen[
            window.row_off : window.row_off + window.height,
            window.col_off : window.col_off + window.width,
        ] += 1
    assert (seen == 1).all()


def test_windows_come_row_by_row():
    found = [(w.row_off, w.col_off, w.height, w.width) for w in GRID.windows(3)]
    assert found == [(0, 0, 3, 3), (0, 3, 3, 1)]
    found = [(w.row_off, w.col_off, w.height, w.width) for w in GRID.windows(2)]
    assert found == [(0, 0, 2, 2), (0, 2, 2, 2), (2, 0, 1, 2), (2, 2, 1, 2)]


def test_a_wrapped_raster_knows_its_grid_name_and_nodata():
    raster = GRID.wrap(np.zeros(GRID.shape), "zero", nodata=-9999.0, units="m")
    assert grid_of(raster) == GRID
    assert (raster.name, raster.attrs["units"], raster.rio.nodata) == ("zero", "m", -9999.0)
    GRID.require(raster, "zero")
    with pytest.raises(GridMismatchError, match="zero lies on 4 × 3, expected 3 × 4 px, 50 m"):
        GRID.wrap(np.zeros((4, 3)), "zero")


@pytest.mark.parametrize(
    "other",
    [
        Grid("EPSG:3405", 50.0, 500_000.0, 2_500_300.0, 4, 3),
        Grid(CRS, 25.0, 500_000.0, 2_500_300.0, 4, 3),
        Grid(CRS, 50.0, 500_050.0, 2_500_300.0, 4, 3),
        Grid(CRS, 50.0, 500_000.0, 2_500_250.0, 4, 3),
        Grid(CRS, 50.0, 500_000.0, 2_500_300.0, 3, 3),
        Grid(CRS, 50.0, 500_000.0, 2_500_300.0, 4, 2),
    ],
    ids=lambda grid: grid.describe(),
)
def test_a_raster_that_lies_elsewhere_is_refused(other):
    raster = other.wrap(np.zeros(other.shape), "ground")
    with pytest.raises(GridMismatchError) as caught:
        GRID.require(raster, "ground")
    ours, theirs = GRID.describe(), other.describe()
    assert caught.value.render("en") == (
        f"ground lies on {theirs}, expected {ours}; bring it onto the grid first."
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((CRS, 50.0, 0.0, 0.0, 0, 3), "at least one pixel"),
        ((CRS, 50.0, 0.0, 0.0, 3, 0), "at least one pixel"),
        ((CRS, 0.0, 0.0, 0.0, 3, 3), "at least one pixel"),
        ((CRS, float("nan"), 0.0, 0.0, 3, 3), "at least one pixel"),
        (("EPSG:4326", 1.0, 0.0, 0.0, 3, 3), "EPSG:4326 is not in metres"),
        (("EPSG:2264", 1.0, 0.0, 0.0, 3, 3), "EPSG:2264 is not in metres"),  # US feet
    ],
)
def test_a_grid_without_pixels_or_metres_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Grid(*values)


def test_rows_run_from_north_to_south():
    raster = GRID.wrap(np.arange(12.0).reshape(GRID.shape), "number")
    assert isinstance(raster, xr.DataArray)
    assert raster.sel(x=500_025, y=2_500_275).item() == 0
    assert raster.sel(x=500_175, y=2_500_175).item() == 11


def test_latitude_comes_first_where_the_system_says_so_and_it_is_asked_for():
    lon_lat = operation("OGC:CRS84", CRS).transform(104.9911, 22.8344)
    lat_lon = operation("EPSG:4326", CRS, always_xy=False).transform(22.8344, 104.9911)
    assert lat_lon == pytest.approx(lon_lat, abs=1e-6)


def test_an_unknown_system_has_no_operation():
    assert operation("EPSG:0", CRS) is None


def test_wrapped_raster_is_the_array_itself():
    grid = Grid("EPSG:9209", 90.0, 450_000.0, 2_500_020.0, 4, 3)
    values = np.arange(12.0).reshape(3, 4)
    raster = grid.wrap(values, "terrain", nodata=-1.0)
    assert np.shares_memory(raster.to_numpy(), values)
    assert grid_of(raster) == grid
    assert raster.rio.nodata == -1.0


@pytest.mark.parametrize("resolution_m", [0.1, 12.3, 90.0])
def test_part_has_the_edges_that_covering_gives_it(resolution_m):
    grid = Grid.covering((450_000, 2_490_000, 451_900, 2_491_700), resolution_m=resolution_m,
                         crs="EPSG:9209")  # fmt: skip
    part = grid.part(slice(3, 9), slice(2, 11))
    assert part == Grid.covering(
        (grid.x_m[2], grid.y_m[8], grid.x_m[10], grid.y_m[3]),
        resolution_m=resolution_m,
        crs="EPSG:9209",
    )
    assert grid.offset(part) == (3, 2)
