"""What other readers find in the files is what the layer holds."""

import itertools
import json
import os

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from phusong.export import (
    plain_layer,
    write_flatgeobuf,
    write_geojson,
    write_geopackage,
    write_geoparquet,
    write_pmtiles,
)
from phusong.export.geojson import read_layer
from phusong.export.vectors import PMTILES_ZOOMS, as_parts, write_features
from phusong.tables import ROADS

WRITERS = {
    "parquet": write_geoparquet,
    "fgb": write_flatgeobuf,
    "pmtiles": write_pmtiles,
    "geojson": write_geojson,
    "gpkg": lambda layer, path: write_geopackage([layer], path, styles={}),
}
PLACED = ("communes", "villages", "spans")


def ogr_rows(path, layer):
    """Return rows and shapes as GDAL reads them, in the order of the keys."""
    meta, table = pyogrio.raw.read_arrow(path, layer=layer.name)
    geometry = shapely.from_wkb(table.column(meta["geometry_name"] or "wkb_geometry").to_pylist())
    rows = table.select(list(layer.table.columns)).to_pylist()
    order = sorted(range(len(rows)), key=lambda at: tuple(rows[at][k] for k in layer.table.key))
    return [rows[at] for at in order], [geometry[at] for at in order]


@pytest.mark.parametrize("name", PLACED)
def test_geojson_is_read_back_without_any_loss(layers, name, tmp_path):
    layer = layers[name]
    write_geojson(layer, tmp_path / "a.geojson")
    back = read_layer((tmp_path / "a.geojson").read_bytes(), layer.table)
    assert back.rows == layer.rows
    assert [type(v) for row in back.rows for v in row.values()] == [
        type(v) for row in layer.rows for v in row.values()
    ]
    assert shapely.to_wkb(back.shapes).tolist() == shapely.to_wkb(layer.shapes).tolist()


@pytest.mark.parametrize("suffix", ["gpkg", "fgb"])
@pytest.mark.parametrize("name", PLACED)
def test_gdal_reads_rows_types_and_shapes(layers, name, suffix, tmp_path):
    layer = layers[name]
    path = tmp_path / f"a.{suffix}"
    WRITERS[suffix](layer, path)
    rows, shapes = ogr_rows(path, layer)
    for row in rows:  # FlatGeobuf knows moments, not days
        row.update({k: v.date() for k, v in row.items() if hasattr(v, "date")})
    kept = layer.located if suffix == "fgb" else [True] * len(layer.rows)
    assert rows == [dict(row) for row in itertools.compress(layer.rows, kept)]
    expected = as_parts(layer.shapes)[kept]
    assert all(
        ours is theirs is None or shapely.equals_exact(ours, theirs)
        for ours, theirs in zip(expected, shapes, strict=True)
    )
    assert pyogrio.read_info(path, layer=name)["crs"] == "EPSG:4326"


@pytest.mark.parametrize("name", [*PLACED, "indicators", "gaps"])
def test_arrow_reads_geoparquet_exactly(layers, name, tmp_path):
    layer = layers[name]
    write_geoparquet(layer, tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.select(list(layer.table.columns)).to_pylist() == [dict(row) for row in layer.rows]
    if layer.shapes is None:
        assert b"geo" not in (table.schema.metadata or {})
        return
    geo = json.loads(table.schema.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert (geo["version"], column["encoding"]) == ("1.1.0", "WKB")
    assert "crs" not in column  # the default is OGC:CRS84, longitude first
    back = shapely.from_wkb(table.column("geometry").to_pylist())
    assert shapely.to_wkb(back).tolist() == shapely.to_wkb(layer.shapes).tolist()
    assert set(column["geometry_types"]) == {
        shape.geom_type for shape in layer.shapes if shape is not None
    }


def test_geopandas_reads_geoparquet_with_its_crs(layers, tmp_path):
    write_geoparquet(layers["communes"], tmp_path / "a.parquet")
    back = gpd.read_parquet(tmp_path / "a.parquet")
    assert back.crs == "OGC:CRS84"
    assert back["commune_code"].to_list() == ["00688", "00694"]


@pytest.mark.parametrize("suffix", [*WRITERS])
def test_two_writes_are_the_same_bytes(layers, suffix, tmp_path):
    for name in ("one", "another"):
        WRITERS[suffix](layers["communes"], tmp_path / f"{name}.{suffix}")
    one, another = (tmp_path / f"{name}.{suffix}" for name in ("one", "another"))
    assert one.read_bytes() == another.read_bytes()


@pytest.mark.parametrize("suffix", ["fgb", "gpkg"])
def test_an_empty_table_is_a_file_without_rows(layers, suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    WRITERS[suffix](layers["gaps"], path)
    assert ogr_rows(path, layers["gaps"]) == ([], [])


def test_flatgeobuf_is_indexed_and_leaves_out_what_has_no_place(layers, tmp_path):
    write_flatgeobuf(layers["villages"], tmp_path / "a.fgb")
    info = pyogrio.read_info(tmp_path / "a.fgb")
    assert info["capabilities"]["fast_spatial_filter"]
    assert info["features"] == len(layers["villages"].rows) - 1


def test_pmtiles_carry_names_and_places_at_every_zoom(layers, tmp_path):
    layer = layers["villages"]
    write_pmtiles(layer, tmp_path / "a.pmtiles")
    info = pyogrio.read_info(tmp_path / "a.pmtiles")
    assert info["layer_name"] == "villages"
    metadata = info["dataset_metadata"] or {}
    assert (int(metadata["minzoom"]), int(metadata["maxzoom"])) == PMTILES_ZOOMS
    tiles = pyogrio.read_dataframe(tmp_path / "a.pmtiles").to_crs(4326)
    named = {row["village_id"]: row["name"] for row in layer.rows[:-1]}
    assert dict(zip(tiles["village_id"], tiles["name"], strict=True)) == named
    placed = dict(zip(tiles["village_id"], tiles.geometry, strict=True))
    for row, shape in zip(layer.rows[:-1], layer.shapes, strict=False):
        # a tile of zoom 12 is 9.8 km wide and has 4096 steps of 2.4 m
        assert placed[row["village_id"]].distance(shape) < 3 / 111_000


def test_gdals_refusal_is_an_os_error(layers, tmp_path):
    with pytest.raises(OSError, match="absent"):
        write_features(layers["spans"], tmp_path / "absent" / "a.fgb", driver="FlatGeobuf")


@pytest.mark.parametrize("write", [write_geoparquet, write_flatgeobuf, write_pmtiles])
def test_a_full_disk_is_the_systems_error(layers, tmp_path, monkeypatch, write):
    def refuse(path, data):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(type(tmp_path), "write_bytes", refuse)
    with pytest.raises(OSError, match="No space left"):
        write(layers["communes"], tmp_path / "a")


def test_columns_carry_their_meaning_in_both_languages(layers, tmp_path):
    path = tmp_path / "a.gpkg"
    write_features(layers["communes"], path, driver="GPKG")
    fields = pyogrio.raw.read_arrow(path, layer="communes")[1].schema
    population = fields.field("population").metadata
    assert population[b"GDAL:OGR:alternative_name"].decode() == "Dân số (mẫu số) (người)"
    assert population[b"GDAL:OGR:comment"].decode() == "Residents (denominator) (people)"


def test_parts_of_one_kind_stay_where_they_are():
    square = shapely.box(0, 0, 1, 1)
    gathered = as_parts(np.array([square, shapely.multipolygons([square]), None], dtype=object))
    assert [shape and shape.geom_type for shape in gathered] == ["MultiPolygon"] * 2 + [None]
    assert all(shapely.equals(shape, square) for shape in gathered[:2])


def test_a_layer_names_what_vanished(communes, tables):
    communes.loc[1, "geometry"] = shapely.box(447_000, 2_526_000, 447_000.001, 2_526_000.001)
    layer = plain_layer(communes, tables["communes"][1])
    assert layer.vanished == ("00688:2004-01-01",)
    assert layer.located.tolist() == [False, True]
    assert plain_layer(communes.iloc[:0][["geometry"]].assign(road_id="x"), ROADS).ids == ()
