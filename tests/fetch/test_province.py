import json

import geopandas as gpd
import numpy as np
import pytest
import rasterio

import phusong
from phusong.errors import FetchError, InputError
from phusong.fetch import fetch_province

from .conftest import DAY, OUTLINE, PLACES, QUICK, outlines, raster, table

KEY = {"CELLS_KEY": "sesame"}


def fetched(folder, sources, name="Cao Bằng", environment=KEY, **options):
    return fetch_province(
        folder, name, as_of=DAY, sources=sources, limits=QUICK, environment=environment, **options
    )


def test_an_empty_folder_becomes_a_study_that_passes(tmp_path, sources):
    found = fetched(tmp_path / "s", sources, "cao bang")
    assert not found.failed
    assert sorted(found.layers) == [
        "cells", "communes", "land_cover", "map", "population", "terrain",
    ]  # fmt: skip
    study = phusong.open_study(tmp_path / "s")
    assert study.province, study.edition == ("Cao Bằng", "2025")
    report = phusong.check(study)
    assert report.fault is None
    communes = gpd.read_file(tmp_path / "s" / "communes.geojson")
    assert len(communes) == 3
    assert communes["commune_code"].str.len().eq(5).all()
    roads = gpd.read_file(tmp_path / "s" / "roads.fgb")
    assert roads["name"].tolist() == ["QL3"]
