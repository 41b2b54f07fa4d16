"""The small study that other rooms test with."""

import geopandas as gpd
import pytest
import rasterio
import shapely

from phusong import tables
from phusong.inputs import Source, check_references, read_table
from synthetic import write_small_study

FILES = {
    "communes": "communes.geojson",
    "cells": "cells.csv",
    "villages": "villages.csv",
    "offices": "offices.csv",
    "spans": "spans.geojson",
    "nodes": "nodes.geojson",
    "roads": "roads.geojson",
    "rivers": "rivers.geojson",
    "places": "places.geojson",
}


def read_all(folder):
    return {
        name: read_table(
            Source(path=folder / file, shown=file),
            tables.INPUT_TABLES[name],
            crs="EPSG:9209",
            set_aside_faulty=False,
        ).table
        for name, file in FILES.items()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    write_small_study(folder, communes=6, sites=8)
    return folder


def test_every_file_passes_the_readers_and_refers_to_what_exists(folder):
    found = read_all(folder)
    assert check_references(found) == ()
    assert len(found["communes"]) == 6
    assert found["communes"]["district_code"].nunique() == 2
    assert found["cells"]["site_id"].nunique() == 8


def test_communes_fill_their_rectangle_without_overlap(folder):
    degrees = gpd.read_file(folder / "communes.geojson").geometry.array
    whole = shapely.box(*shapely.total_bounds(degrees))
    assert shapely.area(degrees).sum() == pytest.approx(whole.area, rel=1e-12)
    assert shapely.union_all(degrees).equals(whole)
    assert shapely.coverage_is_valid(read_all(folder)["communes"].geometry.array)


def test_people_are_the_same_in_the_raster_the_villages_and_the_communes(folder):
    found = read_all(folder)
    with rasterio.open(folder / "population.tif") as file:
        people = file.read(1).sum(dtype=float)
    assert people == pytest.approx(found["villages"]["population"].sum(), rel=1e-6)
    assert found["communes"]["population"].sum() == found["villages"]["population"].sum()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(folder, tmp_path):
    write_small_study(tmp_path / "again", communes=6, sites=8)
    write_small_study(tmp_path / "other", seed=1, communes=6, sites=8)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    other = (tmp_path / "other" / "terrain.tif").read_bytes()
    assert other != (folder / "terrain.tif").read_bytes()


@pytest.mark.parametrize("communes", [2, 3, 12])
def test_any_number_of_communes(tmp_path, communes):
    write_small_study(tmp_path, communes=communes, sites=1)
    assert len(read_all(tmp_path)["communes"]) == communes
