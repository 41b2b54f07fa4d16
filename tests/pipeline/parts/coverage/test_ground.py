"""The ground of a study: what its heights tell of their unit."""

import geopandas as gpd
import pytest
import rasterio

from phusong import open_study
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
