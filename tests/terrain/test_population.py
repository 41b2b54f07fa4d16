"""People arrive on the grid, and as many as left."""

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.transform import Affine, from_origin

from phusong.errors import InputError
from phusong.grid import Grid
from phusong.terrain import population, read_population
from phusong.terrain._kernels import deposit


@pytest.fixture
def people(grid):
    return lambda path: read_population(path, grid, shown=path.name)


def test_raster_on_the_grid_passes_unchanged(write, people, ramp):
    found = people(write("p.tif", ramp))
    np.testing.assert_array_equal(found.people.to_numpy(), ramp)
    assert found.people.dtype == np.float64
    assert found.outside == 0.0
    assert isinstance(found.people.to_numpy().base, np.memmap), "not in memory"


def test_people_of_a_coarse_pixel_are_shared_out(write, people):
    found = people(write("p.tif", np.array([[16.0]]), side=200.0, north=2_500_400.0))
    expected = np.zeros((5, 6))
    expected[1:3, 0:2] = 4
    np.testing.assert_array_equal(found.people, expected)


def test_people_of_a_pixel_of_a_kilometre_fill_it_evenly(write, people):
    found = people(write("p.tif", np.array([[100.0]]), side=1000.0, north=2_501_000.0))
    np.testing.assert_allclose(found.people, 1.0, rtol=1e-12)
    assert found.outside == pytest.approx(70)


def test_fine_pixels_are_gathered(write, people):
    found = people(write("p.tif", np.ones((50, 60)), side=10.0))
    np.testing.assert_array_equal(found.people, np.full((5, 6), 100.0))


def test_people_outside_the_grid_are_reported(write, people):
    found = people(write("p.tif", np.full((5, 6), 2.0), west=499_850.0))
    np.testing.assert_array_equal(found.people[:, :4], np.full((5, 4), 2.0))
    np.testing.assert_array_equal(found.people[:, 4], np.full(5, 1.0))
    assert found.outside == 5 * (2 + 1)


def test_country_far_away_is_all_outside(write, people):
    found = people(
        write("p.tif", np.ones((4, 4)), crs="EPSG:4326", west=12.0, north=48.0, side=0.1)
    )
    assert (found.people.sum(), found.outside) == (0, 16)


@pytest.mark.parametrize("read_px", [7, 40, 4_000_000])
def test_strips_do_not_show(write, people, monkeypatch, read_px):
    values = np.random.default_rng(2).random((9, 11))
    path = write("p.tif", values, crs="EPSG:4326", west=105.4995, north=22.6045, side=7e-4)
    whole = people(path)
    monkeypatch.setattr(population, "READ_PX", read_px)
    found = people(path)
    np.testing.assert_allclose(found.people, whole.people, rtol=1e-12)
    assert found.outside == pytest.approx(whole.outside, rel=1e-12)


places = st.tuples(
    st.sampled_from(["EPSG:9209", "EPSG:4326", "EPSG:32648"]),
    st.floats(-300, 300), st.floats(-300, 300), st.floats(15, 400), st.floats(0, 90),
)  # fmt: skip


@given(st.integers(0, 2**32 - 1), places)
def test_people_are_neither_gained_nor_lost(tmp_path_factory, seed, place):
    crs, east, north, side, turn = place
    grid = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_500.0, 6, 5)
    x, y = Transformer.from_crs(grid.crs, crs, always_xy=True).transform(
        500_300 + east, 2_500_250 + north
    )
    unit = 1e-5 if crs == "EPSG:4326" else 1.0
    path = tmp_path_factory.mktemp("people") / "p.tif"
    values = np.random.default_rng(seed).random((9, 11)).astype(np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", height=9, width=11, count=1, dtype="float32", crs=crs,
        transform=Affine.translation(x, y) @ Affine.rotation(turn)
        @ Affine.scale(side * unit, -side * unit),
    ) as new:  # fmt: skip
        new.write(values, 1)
    found = read_population(path, grid, shown="p.tif")
    assert found.people.sum().item() + found.outside == pytest.approx(
        values.sum(dtype=float), rel=1e-12
    )


@pytest.mark.kernels
def test_pixels_across_a_border_are_shared_by_area(write, people, grid):
    # A pixel of 130 m turned by 20°, alone in the grid: shares against exact overlaps.
    turned = Affine.translation(500_210, 2_500_290) @ Affine.rotation(20) @ Affine.scale(130, -130)
    found = people(write("p.tif", np.array([[1.0]]), transform=turned)).people.to_numpy()
    pixel = shapely.Polygon([turned @ corner for corner in ((0, 0), (1, 0), (1, 1), (0, 1))])
    x, y = np.meshgrid(grid.x_m, grid.y_m)
    cells = shapely.box(x - 50, y - 50, x + 50, y + 50)
    expected = shapely.area(shapely.intersection(cells, pixel)) / pixel.area
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.kernels
def test_compiled_and_plain_kernels_agree_to_the_last_bit():
    rng = np.random.default_rng(98)
    column, row = np.meshgrid(np.arange(-1, 8) * 0.9, np.arange(-1, 7) * 0.9)
    corners = column + rng.random(row.shape) / 3, row + rng.random(row.shape) / 3
    people, fast, plain = rng.random((7, 8)), np.zeros((5, 6)), np.zeros((5, 6))
    assert deposit(people, *corners, fast) == deposit.py_func(people, *corners, plain)
    np.testing.assert_array_equal(fast, plain)


@pytest.mark.kernels
@pytest.mark.parametrize("void", [-99.0, np.nan])
def test_declared_voids_and_nan_are_nobody(write, people, void):
    assert people(write("p.tif", np.array([[1.0, void]]), nodata=void)).people.sum() == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-99.0, r"p\.tif, value '-99': The population raster has negative values"),
        (-np.inf, "value '-inf': The population raster has negative values"),
        (np.inf, "value 'inf': .* a pixel with more than 10,000,000 people"),
        (3.4e38, "a pixel must hold people, not a density"),
    ],
)
def test_impossible_people_are_refused(write, people, value, message):
    with pytest.raises(InputError, match=message):
        people(write("p.tif", np.array([[1.0, value]])))


def test_parts_of_a_vrt_that_overlap_count_once(write, people, tmp_path):
    write("p.tif", np.ones((5, 6)))
    source = (
        '<SimpleSource><SourceFilename relativeToVRT="1">p.tif</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource>"
    )
    path = tmp_path / "p.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="6" rasterYSize="5"><SRS>EPSG:9209</SRS>'
        "<GeoTransform>500000,100,0,2500500,0,-100</GeoTransform>"
        f'<VRTRasterBand dataType="Float64" band="1">{source * 2}</VRTRasterBand></VRTDataset>'
    )
    assert people(path).people.sum() == 30


def test_pixels_lie_by_the_official_datum_shift(tmp_path):
    # One person at the test vector of Hà Giang city, 104.9911 E 22.8344 N.
    grid = Grid("EPSG:9209", 10.0, 447_500.0, 2_526_200.0, 20, 20)
    path = tmp_path / "p.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=1, width=1, count=1, dtype="float64", crs="EPSG:4326",
        transform=from_origin(104.9911 - 1e-6, 22.8344 + 1e-6, 2e-6, 2e-6),
    ) as new:  # fmt: skip
        new.write(np.ones((1, 1)), 1)
    found = read_population(path, grid, shown="p.tif").people
    place = found.where(found > 0, drop=True)
    assert place.x.item() == pytest.approx(447_572.06, abs=5)
    assert place.y.item() == pytest.approx(2_526_143.76, abs=5)
