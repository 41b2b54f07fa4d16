"""A VRT is a program: only plain mosaics of rasters of their own folder are run."""

import numpy as np
import pytest

from phusong.errors import InputError
from phusong.terrain import read_elevation

BAND = '<VRTRasterBand dataType="Float32" band="1"{attributes}>{inside}</VRTRasterBand>'
SOURCE = (
    "<SimpleSource><SourceFilename{attributes}>{name}</SourceFilename>"
    "<SourceBand>1</SourceBand></SimpleSource>"
)


def mosaic(path, inside, *, attributes="", before="", dataset=""):
    path.write_text(
        f'{before}<VRTDataset rasterXSize="6" rasterYSize="5"{dataset}><SRS>EPSG:9209</SRS>'
        "<GeoTransform>500000,100,0,2500500,0,-100</GeoTransform>"
        + BAND.format(attributes=attributes, inside=inside)
        + "</VRTDataset>"
    )
    return path


def relative(name):
    return SOURCE.format(attributes=' relativeToVRT="1"', name=name)


@pytest.fixture
def heights(grid):
    def _heights(path):
        return read_elevation(
            [path], grid, required_area=None, largest_void_px=0, shown=["all.vrt"]
        ).height_m.to_numpy()

    return _heights


def test_mosaic_of_its_own_folder_is_read(write, heights, ramp, tmp_path):
    write("a.tif", ramp)
    np.testing.assert_array_equal(heights(mosaic(tmp_path / "all.vrt", relative("a.tif"))), ramp)
    absolute = SOURCE.format(attributes="", name=tmp_path / "a.tif")
    np.testing.assert_array_equal(heights(mosaic(tmp_path / "b.vrt", absolute)), ramp)


@pytest.mark.parametrize(
    "name",
    [
        "../a.tif", "/etc/passwd", "/vsicurl/http://example.org/a.tif", "absent.tif",
        "inner.vrt", "disguised.tif", "N22E105.hgt", "link.tif", "", " a.tif",
    ],
)  # fmt: skip
def test_part_that_is_no_raster_of_the_folder_is_refused(write, heights, ramp, tmp_path, name):
    outside = write("a.tif", ramp)
    folder = tmp_path / "dem"
    folder.mkdir()
    inner = mosaic(folder / "inner.vrt", relative("../a.tif")).read_bytes()
    (folder / "disguised.tif").write_bytes(inner)
    (folder / "N22E105.hgt").write_bytes(b"\n " + inner.ljust(2 * 1201 * 1201 - 2))
    (folder / "link.tif").symlink_to(outside)
    with pytest.raises(InputError, match=r"no \.tif or \.hgt file of its own folder"):
        heights(mosaic(folder / "all.vrt", relative(name)))


def test_name_relative_to_the_running_program_is_refused(
    write, heights, ramp, tmp_path, monkeypatch
):
    write("a.tif", ramp)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"no \.tif or \.hgt file of its own folder"):
        heights(mosaic(tmp_path / "all.vrt", SOURCE.format(attributes="", name="a.tif")))


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"attributes": ' subClass="VRTDerivedRasterBand"'}, "VRTDerivedRasterBand"),
        ({"attributes": ' SUBCLASS="VRTRawRasterBand"'}, "VRTRawRasterBand"),
        ({"dataset": ' subClass="VRTWarpedDataset"'}, "VRTWarpedDataset"),
        ({"inside": "<PixelFunctionCode>x</PixelFunctionCode>"}, "PixelFunctionCode"),
        ({"inside": "<Overview><SourceFilename>/x.tif</SourceFilename></Overview>"}, "Overview"),
        ({"inside": "<sourcefilename>/x.tif</sourcefilename>"}, "sourcefilename"),
        ({"inside": relative("a<!-- -->.tif")}, "<!"),
        ({"inside": relative("a<?x ?>.tif")}, "<!"),
        ({"before": '<!DOCTYPE a [<!ENTITY b "c">]>'}, "<!"),
    ],
)
def test_anything_but_a_plain_mosaic_is_refused(write, heights, ramp, tmp_path, changes, element):
    write("a.tif", ramp)
    parts = {"inside": relative("a.tif"), **changes}
    with pytest.raises(InputError, match=rf"The VRT has .*{element}.*; only plain mosaics"):
        heights(mosaic(tmp_path / "all.vrt", **parts))


def test_vrt_that_is_no_xml_is_refused(heights, tmp_path):
    (tmp_path / "all.vrt").write_text("<VRTDataset")
    with pytest.raises(InputError, match=r"all\.vrt: It cannot be opened as a raster"):
        heights(tmp_path / "all.vrt")


def test_damaged_part_is_named(write, heights, ramp, tmp_path):
    write("a.tif", ramp).write_bytes(b"II*\0 hello")
    with pytest.raises(InputError, match=r"all\.vrt: a\.tif: It cannot be opened"):
        heights(mosaic(tmp_path / "all.vrt", relative("a.tif")))
