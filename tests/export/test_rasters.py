import re

import numpy as np
import pytest
import rasterio
from rio_cogeo import cog_validate

from phusong.export import signal_classes, write_class_cog, write_cog, write_raster_style
from phusong.grid import Grid

from .conftest import margin

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


def test_statistics_are_inside_so_that_qgis_stretches_at_once(tmp_path):
    raster = level()
    write(raster, tmp_path / "level.tif")
    with rasterio.open(tmp_path / "level.tif") as file:
        told = file.tags(1)
    assert float(told["STATISTICS_MINIMUM"]) == pytest.approx(float(raster.min()))
    assert float(told["STATISTICS_MEAN"]) == pytest.approx(float(raster.mean()), abs=1e-3)


def write_served(path):
    classes = signal_classes("margin_db")
    write_class_cog(margin(), path, classes=classes, description="Served")


def test_classes_are_bytes_with_a_colour_table(tmp_path):
    write_served(tmp_path / "served.tif")
    assert cog_validate(tmp_path / "served.tif", strict=True) == (True, [], [])
    with rasterio.open(tmp_path / "served.tif") as file:
        # margins of -10.5, -10, -0.1, 0, 9.9, 10 and 50 dB: a limit belongs to the class above
        assert file.read(1)[100, :7].tolist() == [1, 2, 2, 3, 3, 4, 4]
        assert file.read(1)[0, 0] == file.nodata == 0
        colours = file.colormap(1)
        assert [colours[value] for value in (0, 3, 4)] == [
            (0, 0, 0, 0), (166, 203, 230, 255), (63, 142, 196, 255),
        ]  # fmt: skip
        assert file.overviews(1) == [2]
    with rasterio.open(tmp_path / "served.tif", overview_level=0) as file:
        assert set(np.unique(file.read(1))) <= {0, 1, 2, 3, 4}


def test_two_writes_of_classes_are_the_same_bytes(tmp_path):
    for name in ("a.tif", "b.tif"):
        write_served(tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    assert (tmp_path / "a.qml").read_bytes() == (tmp_path / "b.qml").read_bytes()


def test_colours_lie_beside_a_raster_under_its_name(tmp_path):
    write_raster_style(tmp_path / "level_dbm_4g.tif", signal_classes("level_dbm"))
    written = (tmp_path / "level_dbm_4g.qml").read_text("utf-8")
    assert re.findall(r'<item [^>]*label="([^"]*)"', written) == [
        "Dưới −115 dBm", "Từ −115 đến dưới −105 dBm", "Từ −105 đến dưới −95 dBm",
        "Từ −95 đến dưới −85 dBm", "Từ −85 dBm trở lên",
    ]  # fmt: skip
