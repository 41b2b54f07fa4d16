"""A raster that cannot be used is refused with its name, before anything is believed of it."""

import re
import struct
import warnings
from contextlib import suppress
from threading import Event

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin

from phusong.compute import in_turn
from phusong.errors import InputError
from phusong.grid import Grid
from phusong.terrain import rasters, read_elevation, read_population
from phusong.terrain.rasters import open_raster, read_numbers


def lying_tiff(path, *, side=32_000, bits=16, sample_format=2):
    """Write a TIFF header that claims side × side pixels, 2 GB, and holds none."""
    tags = [
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, bits), (259, 3, 1, 1),
        (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, side),
        (279, 4, 1, min(side * side * bits // 8, 2**32 - 1)),
        (339, 3, 1, sample_format), (33550, 12, 3, 0), (33922, 12, 6, 0), (34735, 3, 16, 0),
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


def refuse(path, message):
    with pytest.raises(InputError, match=message) as caught, open_raster(path, "dem/x") as source:
        read_numbers(source, next(source.block_windows(1))[1])
    assert caught.value.problems[0].file.startswith("dem/x")
    assert str(path.parent) not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"II*\0 hello", "cannot be opened as a raster"),
        (b"a,b\n1,2\n", "cannot be opened as a raster"),
        (b'<VRTDataset rasterXSize="1" rasterYSize="1"/>', "cannot be opened as a raster"),
    ],
)
def test_file_that_is_no_tiff_is_refused(tmp_path, content, message):
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    refuse(path, message)


@pytest.mark.parametrize("side", [32_000, 60_000, 2_000_000_000])
def test_claim_of_gigabytes_in_a_small_file_is_refused_before_it_is_believed(tmp_path, side):
    path = tmp_path / "a.tif"
    lying_tiff(path, side=side)
    refuse(path, f"claims {side} × {side} pixels but holds only 0.0 MB|cannot be opened")


def test_file_of_more_pixels_than_any_province_is_refused(write, ramp, monkeypatch):
    monkeypatch.setattr(rasters, "LARGEST_RASTER_PX", 29)
    refuse(write("a.tif", ramp), "6 × 5 pixels, more than any")


def test_file_packed_in_one_huge_block_is_refused(write, monkeypatch):
    monkeypatch.setattr(rasters, "LARGEST_BLOCK_BYTES", 9_999)
    path = write("a.tif", np.zeros((50, 50), dtype=np.float32), compress="deflate", blockysize=50)
    refuse(path, "packed in blocks larger than")


def test_constant_ground_packed_very_tightly_is_read(write):
    flat = np.full((3000, 3000), 7, dtype=np.int16)
    path = write("a.tif", flat, compress="zstd", tiled=True, blockxsize=1024, blockysize=1024)
    assert flat.nbytes > 1_400 * path.stat().st_size
    with open_raster(path, "a.tif") as source:
        assert source.read(1).max() == 7


def test_truncated_file_is_refused_when_its_missing_part_is_read(write):
    noise = np.random.default_rng(1).random((500, 600)).astype(np.float32)
    path = write("a.tif", noise, side=1.0)
    path.write_bytes(path.read_bytes()[:300_000])
    with (
        pytest.raises(InputError) as caught,
        open_raster(path, "a.tif") as source,
    ):
        source.read(1)
    (problem,) = caught.value.problems
    words = re.escape("a.tif: The file is damaged or truncated (a.tif, band 1: ")
    assert re.fullmatch(rf"{words}[^/]*\)\. Copy it again from its source\.", problem.render("en"))


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (np.zeros((5, 6)), {"crs": None}, "carries no coordinate system"),
        (np.zeros((2, 5, 6)), {}, "has 2 bands"),
        (np.zeros((5, 6), dtype=np.complex64), {}, "pixels are of type complex64"),
    ],
)
def test_raster_without_what_is_needed_is_refused(write, values, options, message):
    refuse(write("a.tif", values, **options), message)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_raster_that_does_not_say_where_it_lies_is_refused(write, ramp):
    refuse(write("a.tif", ramp, transform=Affine.identity()), "does not say where its pixels lie")


def test_files_opened_on_two_threads_leave_the_filters_of_warnings_as_they_were(
    write, ramp, monkeypatch
):
    path, opened, both = write("dem.tif", ramp), rasterio.open, Event()
    at_work = []

    def slowly(*one, **more):
        at_work.append(path)
        if len(at_work) > 1:
            both.set()
        both.wait(0.1)  # for the other thread
        found = opened(*one, **more)
        at_work.pop()
        return found

    def read(_):
        with open_raster(path, "dem") as source:
            return source.shape

    before = list(warnings.filters)
    monkeypatch.setattr(rasterio, "open", slowly)
    assert in_turn(read, range(2), threads=2) == [ramp.shape, ramp.shape]
    assert not both.is_set()
    assert warnings.filters == before


def test_system_with_no_known_way_to_the_grid_is_refused(write, ramp, grid):
    path = write("a.tif", ramp, crs='LOCAL_CS["site grid",UNIT["metre",1]]')
    with pytest.raises(InputError, match=r"site grid.*No way is known"):
        read_elevation([path], grid, required_area=None, largest_void_px=0, shown=["a.tif"])


def test_other_suffix_and_missing_file_are_refused(tmp_path):
    (tmp_path / "a.xyz").write_text("1 2 3")
    refuse(tmp_path / "a.xyz", r"suffix \.xyz are not read")
    refuse(tmp_path / "b.tif", "no such file")


def test_srtm_tile_of_the_wrong_length_is_refused_and_told_to_keep_its_name(tmp_path):
    (tmp_path / "N22E105.hgt").write_bytes(bytes(1000))
    refuse(tmp_path / "N22E105.hgt", "must keep its name")
    (tmp_path / "hagiang.hgt").write_bytes(bytes(2 * 1201 * 1201))
    refuse(tmp_path / "hagiang.hgt", "must keep its name")


def test_sidecar_file_changes_nothing(write, ramp):
    path = write("a.tif", ramp)
    path.with_name("a.tif.aux.xml").write_text(
        "<PAMDataset><GeoTransform>0,1,0,0,0,-1</GeoTransform>"
        '<PAMRasterBand band="1"><Scale>9</Scale></PAMRasterBand></PAMDataset>'
    )
    with open_raster(path, "a.tif") as source:
        assert (source.scales[0], source.transform.c) == (1.0, 500_000.0)


@pytest.fixture(scope="module")
def sound_files(tmp_path_factory):
    """Return the bytes of three small TIFFs, packed in different ways."""
    files = []
    for number, (kind, packing) in enumerate(
        [("float32", {}), ("int16", {"compress": "deflate", "nodata": -9}),
         ("float32", {"compress": "lzw", "tiled": True, "blockxsize": 16, "blockysize": 16})]
    ):  # fmt: skip
        path = tmp_path_factory.mktemp("sound") / f"{number}.tif"
        with rasterio.open(
            path, "w", driver="GTiff", height=20, width=24, count=1, dtype=kind, crs="EPSG:4326",
            transform=from_origin(105.49, 22.61, 1e-3, 1e-3), **packing,
        ) as new:  # fmt: skip
            new.write(np.arange(480, dtype=kind).reshape(20, 24), 1)
        files.append(path.read_bytes())
    return files


@given(
    which=st.integers(0, 2),
    damage=st.lists(
        st.tuples(
            st.integers(0, 600),
            st.sampled_from(
                [b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\xff" * 4, b"\1", b"\x10", b"\xff"]
            ),
        ),
        max_size=5,
    ),
    length=st.one_of(st.none(), st.integers(1, 900)),
)
def test_any_damage_to_a_header_is_read_or_refused_and_never_breaks(
    sound_files, tmp_path_factory, which, damage, length
):
    content = bytearray(sound_files[which])
    for place, value in damage:
        content[place : place + len(value)] = value
    path = tmp_path_factory.mktemp("damaged") / "a.tif"
    path.write_bytes(content[:length])
    grid = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_500.0, 6, 5)
    for read in (
        lambda: read_elevation([path], grid, required_area=None, largest_void_px=3, shown=["a"]),
        lambda: read_population(path, grid, shown="a"),
    ):
        with suppress(InputError):
            read()
