"""Elevation arrives on the grid whole, or the person is told where it is missing."""

import tracemalloc

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.transform import Affine, from_origin

from phusong.errors import InputError, TerrainError
from phusong.grid import Grid
from phusong.terrain import read_elevation, read_native, warp

AREA = shapely.box(500_050, 2_500_050, 500_550, 2_500_450)


@pytest.fixture
def elevation(grid):
    def _elevation(*paths, grid=grid, area=AREA, largest_void_px=4):
        return read_elevation(
            list(paths), grid, required_area=area, largest_void_px=largest_void_px,
            shown=[path.name for path in paths],
        )  # fmt: skip

    return _elevation


def test_raster_on_the_grid_passes_unchanged(write, elevation, ramp):
    found = elevation(write("a.tif", ramp))
    np.testing.assert_array_equal(found.height_m.to_numpy(), ramp)
    assert found.height_m.dtype == np.float32
    assert (found.filled_px, found.largest_filled_px, found.sources) == (0, 0, ("a.tif",))
    assert isinstance(found.height_m.to_numpy().base, np.memmap), "not in memory"


def test_scale_and_offset_of_the_file_are_applied(write, elevation):
    decimetres = np.full((5, 6), 1234, dtype=np.int16)
    found = elevation(write("a.tif", decimetres, scale=(0.1, 100.0)))
    np.testing.assert_allclose(found.height_m.to_numpy(), 223.4, rtol=1e-6)


def plane_in_degrees(write, name="a.tif", *, west, north, side=0.002, count=15):
    """Write heights that are the longitude in units of 1e-5°, which bilinear keeps exactly."""
    columns = np.tile(np.arange(count) + 0.5, (count, 1)) * side / 1e-5
    return write(
        name, columns.astype(np.float32), crs="EPSG:4326", west=west, north=north, side=side
    )


def height_expected(grid, west):
    to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, _ = to_degrees.transform(*np.meshgrid(grid.x_m, grid.y_m))
    return (lon - west) / 1e-5


def test_plane_in_degrees_is_a_plane_on_the_grid(write, elevation, grid):
    found = elevation(plane_in_degrees(write, west=105.49, north=22.61))
    # The warper works to a thousandth of a source pixel, here 200 units of height.
    np.testing.assert_allclose(found.height_m, height_expected(grid, 105.49), atol=0.3)


def test_ground_across_the_border_is_not_shifted(write, elevation):
    # Past VN-2000's area of use a careless datum shift moves ground by 223 m, 200 units of height.
    north_of_the_border = Grid("EPSG:9209", 100.0, 481_000.0, 2_640_000.0, 6, 5)
    found = elevation(
        plane_in_degrees(write, west=105.3, north=23.88), grid=north_of_the_border, area=None
    )
    assert not found.height_m.isnull().any()
    np.testing.assert_allclose(
        found.height_m, height_expected(north_of_the_border, 105.3), atol=0.3
    )


def test_rotated_raster_is_read_where_it_lies(write, elevation, grid):
    # 7 × 7 pixels of 80 m turned by 30°; height is metres east of 500,000.
    turned = Affine.translation(499_980, 2_500_240) @ Affine.rotation(30) @ Affine.scale(80, -80)
    column, row = np.meshgrid(np.arange(7) + 0.5, np.arange(7) + 0.5)
    east, _ = turned @ (column, row)
    path = write("a.tif", (east - 500_000).astype(np.float32), transform=turned)
    found = elevation(path, area=None).height_m.to_numpy()
    x, y = np.meshgrid(grid.x_m, grid.y_m)
    column, row = ~turned @ (x, y)
    inside = (column > 0) & (column < 7) & (row > 0) & (row < 7)
    np.testing.assert_array_equal(~np.isnan(found), inside)
    # Half a pixel from the frame there is nothing to interpolate with.
    well_inside = (column > 1) & (column < 6) & (row > 1) & (row < 6)
    np.testing.assert_allclose(found[well_inside], (x - 500_000)[well_inside], atol=0.5)


def test_finer_source_is_averaged(write, elevation, ramp):
    fine = np.kron(ramp, np.ones((4, 4), dtype=np.float32))
    fine[::2] += 5
    fine[1::2] -= 5
    found = elevation(write("a.tif", fine, side=25.0))
    np.testing.assert_allclose(found.height_m.to_numpy(), ramp, atol=1e-3)


def test_first_file_counts_where_tiles_overlap_and_its_voids_are_taken_from_the_next(
    write, elevation, ramp
):
    west, east = ramp[:, :4].copy(), ramp[:, 2:] + 100
    west[2, 3] = np.nan
    found = elevation(write("w.tif", west), write("e.tif", east, west=500_200.0))
    heights = found.height_m.to_numpy()
    np.testing.assert_array_equal(heights[:, :3], ramp[:, :3])
    np.testing.assert_array_equal(heights[:, 4:], ramp[:, 4:] + 100)
    assert heights[2, 3] == ramp[2, 3] + 100
    assert found.filled_px == 0


@pytest.mark.parametrize("side", [100.0, 37.0])
def test_single_zeros_among_mountains_are_filled_and_told_with_their_places(write, elevation, side):
    count = round(2_000 / side)
    high = np.full((count, count), 700.0, dtype=np.float32)
    high[round(1_050 / side), round(1_050 / side)] = 0
    found = elevation(
        write("a.tif", high, north=2_502_000.0, side=side),
        grid=Grid("EPSG:9209", 100.0, 500_000.0, 2_502_000.0, 19, 19),
        area=shapely.box(500_000, 2_500_200, 501_800, 2_502_000),
    )
    np.testing.assert_allclose(found.height_m.to_numpy()[:18, :18], 700, atol=1e-3)
    assert found.zero_px == 1
    ((lon, lat),) = found.zero_at
    assert 105.508 < lon < 105.513
    assert 22.60 < lat < 22.63


@pytest.mark.parametrize(("tile", "read"), [(2, 10_000), (1024, 250), (3, 250)])
def test_pieces_do_not_show(write, elevation, monkeypatch, tile, read):
    path = plane_in_degrees(write, west=105.49, north=22.61, side=0.0005, count=60)
    whole = elevation(path).height_m.to_numpy()
    monkeypatch.setattr(warp, "TILE_PX", tile)
    monkeypatch.setattr(warp, "LARGEST_READ_PX", read)
    np.testing.assert_allclose(elevation(path).height_m.to_numpy(), whole, atol=0.1)


def test_pixels_far_too_small_for_the_grid_are_refused_before_they_are_read(
    write, elevation, ramp, monkeypatch
):
    monkeypatch.setattr(warp, "LARGEST_READ_PX", 29)
    path = write("a.tif", ramp, west=500_000.0, north=2_500_500.0, side=1e-3)
    with pytest.raises(InputError, match=r"a\.tif: Its pixels are too small"):
        elevation(path)


def test_uncovered_communes_are_told_with_share_and_place(write, elevation, ramp):
    # Columns 4 and 5 of 6 are missing: 500,400 m to 500,600 m east.
    with pytest.raises(
        TerrainError,
        match=r"missing for 33\.3 % .* between longitudes 105\.506 and 105\.508, "
        r"latitudes 22\.599 and 22\.604",
    ):
        elevation(
            write("a.tif", ramp[:, :4]), area=shapely.box(500_000, 2_500_000, 500_600, 2_500_500)
        )


def test_no_source_near_the_communes_is_told(write, elevation, ramp):
    with pytest.raises(TerrainError, match=r"missing for 100\.0 %"):
        elevation(write("a.tif", ramp, crs="EPSG:4326", west=12.0, north=48.0, side=0.001))


def test_margin_beyond_the_terrain_stays_unknown(write, elevation, ramp):
    found = elevation(
        write("a.tif", ramp[:, :4]), area=shapely.box(500_050, 2_500_050, 500_350, 2_500_450)
    )
    assert np.isnan(found.height_m.to_numpy()[:, 4:]).all()
    assert found.filled_px == 0


@pytest.mark.parametrize("void", [-32768.0, np.nan, np.inf, -9999.0, 12_000.0, 3.4e38])
@pytest.mark.parametrize("declared", [True, False])
def test_small_void_is_filled_from_its_rim_and_reported(write, elevation, ramp, void, declared):
    ramp[2, 2:4] = void
    found = elevation(write("a.tif", ramp, nodata=void if declared else None))
    assert (found.filled_px, found.largest_filled_px) == (2, 2)
    heights = found.height_m.to_numpy()
    assert 11 < heights[2, 2] < heights[2, 3] < 43
    ramp[2, 2:4] = heights[2, 2:4]
    np.testing.assert_array_equal(heights, ramp)


def test_void_does_not_bleed_into_interpolated_neighbours(write, elevation):
    flat = np.full((20, 20), 700.0, dtype=np.float32)
    flat[9, 9] = -32768
    found = elevation(write("a.tif", flat, west=499_990.0, north=2_500_530.0, side=37.0))
    np.testing.assert_allclose(found.height_m.to_numpy(), 700.0, atol=1e-3)


def test_voids_that_touch_at_a_corner_are_one(write, elevation, ramp):
    ramp[1, 1], ramp[2, 2], ramp[3, 3] = np.nan, np.nan, np.nan
    path = write("a.tif", ramp)
    assert elevation(path, largest_void_px=3).largest_filled_px == 3
    with pytest.raises(TerrainError, match="3 pixels without a value"):
        elevation(path, largest_void_px=2)


def test_large_void_in_the_communes_is_refused_with_its_place(write, elevation, ramp):
    ramp[1:4, 1:4] = -32768
    with pytest.raises(TerrainError, match=r"9 pixels .* between longitudes 105\.503 and 105\.506"):
        elevation(write("a.tif", ramp, nodata=-32768))


def test_voids_stored_as_zero_among_mountains_are_refused_and_the_sea_is_not(write, elevation):
    high = np.full((20, 20), 700.0, dtype=np.float32)
    high[6:14, 6:14] = 0
    given = {
        "grid": Grid("EPSG:9209", 100.0, 500_000.0, 2_502_000.0, 20, 20),
        "area": shapely.box(500_000, 2_500_000, 502_000, 2_502_000),
    }
    with pytest.raises(TerrainError, match=r"stored as 0 m among high ground .* 64 pixels"):
        elevation(write("a.tif", high, north=2_502_000.0), **given, largest_void_px=50)
    found = elevation(write("a.tif", high, north=2_502_000.0), **given, largest_void_px=64)
    assert (found.height_m.min(), found.zero_px, found.filled_px) == (700, 64, 64)
    high[9:11, 14:] = 3.0  # a shore
    found = elevation(write("b.tif", high, north=2_502_000.0), **given, largest_void_px=50)
    assert found.height_m.min() == 0


def test_large_void_outside_the_communes_stays_unknown(write, elevation, ramp):
    ramp[:, 3:] = -32768
    found = elevation(
        write("a.tif", ramp, nodata=-32768),
        area=shapely.box(500_000, 2_500_000, 500_300, 2_500_500),
    )
    assert np.isnan(found.height_m.to_numpy()[:, 3:]).all()
    assert found.filled_px == 0


def test_source_cut_along_the_border_is_closed_at_its_rim(write, elevation, ramp):
    # The area reaches 40 m into column 3, whose centres lie outside and hold no height.
    ramp[:, 3:] = -32768
    found = elevation(
        write("a.tif", ramp, nodata=-32768),
        area=shapely.box(500_000, 2_500_000, 500_340, 2_500_500),
        largest_void_px=0,
    )
    heights = found.height_m.to_numpy()
    np.testing.assert_allclose(heights[:, 3], heights[:, 2], atol=3)
    assert np.isnan(heights[:, 4:]).all()
    assert found.filled_px == 5


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=12),
    st.integers(0, 6),
)
def test_required_area_never_keeps_a_void(tmp_path_factory, holes, largest_void_px):
    grid = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_500.0, 6, 5)
    heights = np.full((5, 6), 50.0, dtype=np.float32)
    for hole in holes:
        heights[hole] = np.nan
    path = tmp_path_factory.mktemp("holes") / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=5, width=6, count=1, dtype="float32", crs=grid.crs,
        transform=from_origin(500_000, 2_500_500, 100, 100),
    ) as new:  # fmt: skip
        new.write(heights, 1)
    try:
        found = read_elevation(
            [path], grid, required_area=shapely.box(*grid.bounds),
            largest_void_px=largest_void_px, shown=["a.tif"],
        )  # fmt: skip
    except TerrainError:
        assert len(set(holes)) > largest_void_px
    else:
        assert (found.height_m == 50).all()
        assert found.filled_px == len(set(holes))
        assert found.largest_filled_px <= largest_void_px


def test_heights_in_feet_are_refused(write, elevation, ramp):
    with pytest.raises(InputError, match=r"a\.tif, value 'ft': Its heights are not in metres"):
        elevation(write("a.tif", ramp, unit="ft"))


def test_heights_in_metres_are_not(write, elevation, ramp):
    assert elevation(write("a.tif", ramp, unit="metre")).filled_px == 0


def test_srtm_tile_is_read(tmp_path, elevation):
    path = tmp_path / "N22E105.hgt"
    path.write_bytes(np.full((1201, 1201), 321, dtype=">i2").tobytes())
    assert (elevation(path).height_m == 321).all()


def test_real_srtm_tile_has_its_published_heights(published, elevation):
    # 140 m to 4,404 m; the summits of over 4,300 m stand in the window's north-east.
    grid = Grid("EPSG:32611", 90.0, 362_000.0, 4_090_000.0, 280, 620)
    found = elevation(published("real/N36W119.hgt"), grid=grid, area=None).height_m
    assert found.min() > 139
    assert 4_300 < found.max() <= 4_404


def test_memory_is_that_of_a_block_however_large_the_grid(write, elevation):
    peaks = []
    for rows in (1024, 4096):
        large = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_000.0 + 100 * rows, 256, rows)
        height = np.full(large.shape, 700, np.int16)
        height[500, 100], height[600, 100:103] = -32768, 0
        path = write(f"{rows}.tif", height, north=large.north_m, nodata=-32768)
        tracemalloc.start()
        found = elevation(path, grid=large, area=shapely.box(*large.bounds))
        read_native([path], found.height_m, shown=[path.name])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (found.filled_px, found.zero_px) == (4, 3)
    assert peaks[1] - peaks[0] < 0.5 * 3072 * 256, "half a byte a pixel more"
