"""The ground of a study: what its heights tell of their unit."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from phusong import check, open_study
from phusong.errors import TerrainError
from phusong.pipeline.parts.coverage.ground import GroundFiles, read_terrain


def test_heights_above_the_highest_peak_of_vietnam_are_in_another_unit(folder):
    with rasterio.open(folder / "terrain.tif") as file:
        height_m, about = file.read(1), file.profile
    with rasterio.open(folder / "terrain.tif", "w", **about) as file:
        file.write((height_m / 0.3048).astype(about["dtype"]), 1)
    study = open_study(folder)
    communes = gpd.read_file(folder / "communes.geojson").to_crs(study.crs)
    with pytest.raises(TerrainError, match=r"Elevation in the communes goes up to .* in feet"):
        read_terrain(GroundFiles.of(study), communes)


def test_heights_in_kilometres_and_single_zeros_are_told(folder):
    with rasterio.open(folder / "terrain.tif") as file:
        height_m, about = file.read(1), file.profile
    about["dtype"] = "float32"
    with rasterio.open(folder / "terrain.tif", "w", **about) as file:
        file.write((height_m / 1000).astype("float32"), 1)
    told = {remark.message: remark for remark in check(open_study(folder))}
    assert "in kilometres" in told["pipeline.heights_maybe_km"].render("en")
    high = np.unravel_index(height_m.argmax(), height_m.shape)
    height_m[high] = 0
    with rasterio.open(folder / "terrain.tif", "w", **about) as file:
        file.write(height_m.astype("float32"), 1)
    told = {remark.message: remark for remark in check(open_study(folder))}
    assert "1 single pixel of exactly 0 m" in told["pipeline.zeros_filled"].render("en")
    assert "pipeline.heights_maybe_km" not in told
