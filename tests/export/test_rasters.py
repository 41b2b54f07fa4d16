import numpy as np
import pytest
import rasterio
from rio_cogeo import cog_validate

from phusong.export import write_cog
from phusong.grid import Grid

GRID = Grid("EPSG:9209", 90, 400_050, 2_600_010, 700, 600)


def level():
    values = np.random.default_rng(1).normal(-90, 10, GRID.shape).astype("float32")
    values[:100] = np.nan
    return GRID.wrap(values, "level")


def write(raster, path, *, nodata=float("nan"), overviews="AVERAGE"):
    write_cog(
        raster, path, nodata=nodata, description="Mức thu / Level", unit="dBm", overviews=overviews
    )


def test_the_raster_is_a_cog_and_nothing_lies_beside_it(tmp_path):
    write(level(), tmp_path / "level.tif")
    assert cog_validate(tmp_path / "level.tif", strict=True) == (True, [], [])
    assert [path.name for path in tmp_path.iterdir()] == ["level.tif"]


def test_values_place_and_words_come_back(tmp_path):
    raster = level()
    write(raster, tmp_path / "level.tif")
    with rasterio.open(tmp_path / "level.tif") as file:
        np.testing.assert_array_equal(file.read(1), raster.to_numpy())
        assert file.crs.to_epsg() == 9209
        assert file.transform == GRID.transform
        assert np.isnan(file.nodata)
        assert (file.descriptions, file.units) == (("Mức thu / Level",), ("dBm",))
        assert file.overviews(1) == [2]


def test_two_writes_are_the_same_bytes(tmp_path):
    for name in ("a.tif", "b.tif"):
        write(level(), tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_overviews_of_identifiers_invent_no_identifier(tmp_path):
    values = np.tile(np.array([[1, 5], [9, 5]], dtype="int32"), (300, 350))
    write(GRID.wrap(values, "server"), tmp_path / "a.tif", nodata=-1, overviews="NEAREST")
    with rasterio.open(tmp_path / "a.tif", overview_level=0) as file:
        assert set(np.unique(file.read(1))) <= {1, 5, 9}


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="absent"):
        write(level(), tmp_path / "absent" / "level.tif")
