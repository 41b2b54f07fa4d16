"""Elevation and people arrive on the grid whole, or the file that fails is named."""

import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin

from phusong.errors import InputError, TerrainError
from phusong.grid import Grid
from phusong.terrain import hillshade, read_elevation, read_population, spread_population

CRS = "EPSG:9209"
GRID = Grid(CRS, 100.0, 500_000.0, 2_500_500.0, 6, 5)
AREA = shapely.box(500_050, 2_500_050, 500_550, 2_500_450)


def write(path, values, *, crs=CRS, west=500_000.0, north=2_500_500.0, side=100.0, **options):
    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[np.newaxis]
    with rasterio.open(
        path, "w", driver="GTiff", height=bands.shape[1], width=bands.shape[2],
        count=bands.shape[0], dtype=values.dtype, crs=crs,
        transform=from_origin(west, north, side, side), **options,
    ) as new:  # fmt: skip
        new.write(bands)
    return path


def elevation(*paths, grid=GRID, area=AREA, largest_void_px=4):
    return read_elevation(
        list(paths), grid, required_area=area, largest_void_px=largest_void_px,
        shown=[path.name for path in paths],
    )  # fmt: skip


RAMP = np.add.outer(np.arange(5.0), 10 * np.arange(6.0)).astype(np.float32)


def test_raster_on_the_grid_passes_unchanged(tmp_path):
    found = elevation(write(tmp_path / "a.tif", RAMP))
    np.testing.assert_array_equal(found.height_m.to_numpy(), RAMP)
    assert (found.filled_px, found.sources) == (0, ("a.tif",))


def test_plane_in_degrees_is_a_plane_on_the_grid(tmp_path):
    # Height is longitude in units of 1e-5 degrees, so bilinear interpolation is exact.
    side = 0.002
    columns = np.tile(np.arange(15.0) + 0.5, (15, 1)) * side / 1e-5
    path = write(
        tmp_path / "a.tif", columns.astype(np.float32), crs="EPSG:4326", west=105.49, north=22.61,
        side=side,
    )  # fmt: skip
    heights = elevation(path).height_m.to_numpy()
    x = np.tile(GRID.x_m, (5, 1))
    from pyproj import Transformer

    lon, _ = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(
        x, np.tile(GRID.y_m[:, np.newaxis], (1, 6))
    )
    # GDAL's warper works to a thousandth of a pixel of 200 m.
    np.testing.assert_allclose(heights, (lon - 105.49) / 1e-5, atol=0.3)


def test_finer_source_is_averaged(tmp_path):
    fine = np.kron(RAMP, np.ones((4, 4), dtype=np.float32))
    fine[::2] += 5
    fine[1::2] -= 5
    found = elevation(write(tmp_path / "a.tif", fine.astype(np.float32), side=25.0))
    np.testing.assert_allclose(found.height_m.to_numpy(), RAMP, atol=1e-3)


def test_first_file_counts_where_tiles_overlap(tmp_path):
    west = write(tmp_path / "w.tif", RAMP[:, :4])
    east = write(tmp_path / "e.tif", RAMP[:, 2:] + 100, west=500_200.0)
    found = elevation(west, east).height_m.to_numpy()
    np.testing.assert_array_equal(found[:, :4], RAMP[:, :4])
    np.testing.assert_array_equal(found[:, 4:], RAMP[:, 4:] + 100)


def test_uncovered_communes_are_told_with_a_place(tmp_path):
    path = write(tmp_path / "a.tif", RAMP[:, :4])
    with pytest.raises(TerrainError, match=r"uncovered, for example at longitude 105\.50"):
        elevation(path)


def test_margin_beyond_the_terrain_stays_unknown(tmp_path):
    path = write(tmp_path / "a.tif", RAMP[:, :4])
    found = elevation(path, area=shapely.box(500_050, 2_500_050, 500_350, 2_500_450))
    assert np.isnan(found.height_m.to_numpy()[:, 4:]).all()


@pytest.mark.parametrize("void", [-32768.0, np.nan])
def test_small_void_is_filled_from_its_rim_and_reported(tmp_path, void):
    values = RAMP.copy()
    values[2, 2:4] = void
    found = elevation(write(tmp_path / "a.tif", values, nodata=void))
    assert (found.filled_px, found.largest_filled_px) == (2, 2)
    assert RAMP.min() <= found.height_m.to_numpy()[2, 2] <= RAMP.max()
    assert not np.isnan(found.height_m.to_numpy()).any()


def test_undeclared_void_is_recognised_by_its_impossible_height(tmp_path):
    values = RAMP.copy()
    values[2, 2] = -9999
    assert elevation(write(tmp_path / "a.tif", values)).filled_px == 1


def test_several_impossible_heights_are_refused(tmp_path):
    values = RAMP.copy()
    values[2, 2], values[3, 3] = -9999, 12_000
    with pytest.raises(InputError, match="impossible heights"):
        elevation(write(tmp_path / "a.tif", values))


def test_large_void_in_the_communes_is_refused(tmp_path):
    values = RAMP.copy()
    values[1:4, 1:4] = -32768
    with pytest.raises(TerrainError, match="voids of 9 pixels"):
        elevation(write(tmp_path / "a.tif", values, nodata=-32768))


def test_srtm_tile_is_read(tmp_path):
    path = tmp_path / "N22E105.hgt"
    path.write_bytes(np.full((1201, 1201), 321, dtype=">i2").tobytes())
    assert (elevation(path).height_m == 321).all()


def test_real_srtm_tile_has_its_published_heights(shared_folder):
    grid = Grid("EPSG:32611", 90.0, 361_000.0, 4_051_000.0, 300, 300)
    area = shapely.box(362_000, 4_030_000, 386_000, 4_050_000)
    path = shared_folder / "real" / "N36W119.hgt"
    found = elevation(path, grid=grid, area=area).height_m
    assert found.min() > 100
    assert found.max() < 4404


def test_vrt_of_its_own_folder_is_read_and_one_that_leaves_it_refused(tmp_path):
    write(tmp_path / "a.tif", RAMP)
    vrt = tmp_path / "all.vrt"
    body = (
        '<VRTDataset rasterXSize="6" rasterYSize="5"><SRS>EPSG:9209</SRS>'
        "<GeoTransform>500000,100,0,2500500,0,-100</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">{}</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    vrt.write_text(body.format("a.tif"))
    np.testing.assert_array_equal(elevation(vrt).height_m.to_numpy(), RAMP)
    for name in ("../a.tif", "/etc/passwd", "/vsicurl/http://example.org/a.tif"):
        vrt.write_text(body.format(name))
        with pytest.raises(InputError, match=r"no \.tif or \.hgt file of its own folder"):
            elevation(vrt)


def lying_tiff(path: Path) -> Path:
    """Write a TIFF header that claims 32,000 × 32,000 int16 pixels and holds none."""
    tags = [
        (256, 4, 1, 32_000), (257, 4, 1, 32_000), (258, 3, 1, 16), (259, 3, 1, 1),
        (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 32_000),
        (279, 4, 1, 2_048_000_000),
        (33550, 12, 3, 0), (33922, 12, 6, 0), (34735, 3, 16, 0),
    ]  # fmt: skip
    start = 8 + 2 + 12 * len(tags) + 4
    scale = struct.pack("<3d", 100.0, 100.0, 0.0)
    tie = struct.pack("<6d", 0, 0, 0, 500_000.0, 2_500_500.0, 0)
    keys = struct.pack("<16H", 1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 9209)
    offsets = {33550: start, 33922: start + 24, 34735: start + 72}
    body = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags))
    for tag, kind, count, value in tags:
        body += struct.pack("<HHII", tag, kind, count, offsets.get(tag, value))
    path.write_bytes(body + struct.pack("<I", 0) + scale + tie + keys)
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b""), "The file is empty"),
        (lambda path: path.write_bytes(b"II*\0 hello"), "cannot be opened"),
        (lambda path: path.write_text("a,b\n"), "cannot be opened"),
        (lying_tiff, "claims 32000 × 32000 pixels but holds only"),
        (lambda path: write(path, RAMP, crs=None), "carries no coordinate system"),
        (lambda path: write(path, np.stack([RAMP, RAMP])), "has 2 bands"),
    ],
)
def test_unusable_raster_is_refused_with_its_name(tmp_path, make, message):
    path = tmp_path / "a.tif"
    make(path)
    with pytest.raises(InputError, match=message) as caught:
        elevation(path)
    assert caught.value.problems[0].file == "a.tif"
    assert str(tmp_path) not in str(caught.value)


def test_truncated_raster_is_refused(tmp_path):
    rng = np.random.default_rng(1)
    path = write(tmp_path / "a.tif", rng.random((500, 600)).astype(np.float32), side=1.0)
    path.write_bytes(path.read_bytes()[:300_000])
    with pytest.raises(InputError, match=r"damaged or truncated|cannot be opened"):
        elevation(path)


def test_other_suffix_is_refused(tmp_path):
    path = tmp_path / "a.xyz"
    path.write_text("1 2 3")
    with pytest.raises(InputError, match=r"suffix \.xyz"):
        elevation(path)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([(CRS, 500_030.0, 2_500_470.0, 37.0), ("EPSG:4326", 105.5001, 22.6, 8e-4)]),
)
def test_people_are_neither_gained_nor_lost(tmp_path_factory, seed, place):
    crs, west, north, side = place
    path = tmp_path_factory.mktemp("p") / "p.tif"
    people = np.random.default_rng(seed).random((9, 11)).astype(np.float32)
    write(path, people, crs=crs, west=west, north=north, side=side)
    found = read_population(path, GRID, shown="p.tif")
    assert found.people.sum().item() + found.outside == pytest.approx(
        people.sum(dtype=float), rel=1e-12
    )


def test_people_of_a_coarse_pixel_are_shared_out(tmp_path):
    path = write(tmp_path / "p.tif", np.array([[16.0]]), side=200.0, north=2_500_400.0)
    people = read_population(path, GRID, shown="p.tif").people.to_numpy()
    assert people[1:3, 0:2].tolist() == [[4, 4], [4, 4]]
    assert people.sum() == 16


def test_negative_people_are_refused_but_declared_voids_are_nobody(tmp_path):
    values = np.array([[1.0, -99.0]])
    path = write(tmp_path / "p.tif", values, nodata=-99.0)
    assert read_population(path, GRID, shown="p").people.sum() == 1
    with pytest.raises(InputError, match="negative or infinite"):
        read_population(write(tmp_path / "q.tif", values), GRID, shown="q.tif")


COMMUNES = gpd.GeoDataFrame(
    {"commune_code": ["00001", "00002"], "population": [30.0, 8.0]},
    geometry=[
        shapely.box(500_000, 2_500_000, 500_300, 2_500_500),
        shapely.box(500_300, 2_500_000, 500_600, 2_500_500),
    ],
    crs=CRS,
)


def test_without_raster_or_villages_communes_are_filled_evenly():
    found = spread_population(GRID, COMMUNES, None, village_radius_m=150.0)
    assert found.origin == "communes"
    assert found.people.to_numpy()[0].tolist() == pytest.approx([2.0] * 3 + [8 / 15] * 3)


def test_villages_keep_their_people_inside_their_commune():
    villages = gpd.GeoDataFrame(
        {"commune_code": ["00001"], "population": [9.0]},
        geometry=[shapely.Point(500_250, 2_500_250)],
        crs=CRS,
    )
    found = spread_population(GRID, COMMUNES, villages, village_radius_m=110.0)
    people = found.people.to_numpy()
    assert found.origin == "villages"
    assert people.sum() == pytest.approx(9)
    assert np.argwhere(people > 0).tolist() == [[1, 2], [2, 1], [2, 2], [3, 2]]


def test_nobody_known_anywhere_is_refused():
    with pytest.raises(InputError, match="no population raster"):
        spread_population(GRID, COMMUNES.assign(population=np.nan), None, village_radius_m=150.0)


def test_slopes_that_face_the_lamp_are_bright():
    grid = Grid(CRS, 100.0, 0.0, 300.0, 5, 3)
    roof = grid.wrap(np.tile([0.0, 50, 100, 50, 0], (3, 1)), "terrain")
    shade = hillshade(roof, azimuth_deg=270.0, altitude_deg=45.0).to_numpy()
    assert shade[1, 1] > shade[1, 2] > shade[1, 3] > 0


def test_unknown_ground_is_not_shaded():
    grid = Grid(CRS, 100.0, 0.0, 300.0, 3, 3)
    flat = np.zeros((3, 3))
    flat[0, 0] = np.nan
    assert hillshade(grid.wrap(flat, "terrain"))[0, 0] == 0
