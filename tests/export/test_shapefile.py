"""A Shapefile, read back by GDAL, holds what fits into one; what does not is told."""

import csv
from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest
import shapely

from phusong.errors import ExportError
from phusong.export import convert, open_finished, write_geopackage, write_shapefile
from phusong.export.shapefile import short_names

from .conftest import CRS


def told(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["column"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", ["communes", "villages", "spans"])
def test_rows_types_nulls_and_shapes_are_read_back(layers, name, tmp_path):
    layer, path = layers[name], tmp_path / f"{name}.shp"
    write_shapefile(layer, path, crs=CRS)
    found = pyogrio.read_dataframe(path)
    names = short_names(layer.table)
    assert list(found.columns) == [*names.values(), "geometry"]
    assert found.crs == CRS
    for row, again in zip(layer.rows, found.to_dict("records"), strict=True):
        for column, value in row.items():
            back = again[names[column]]
            if value is None:
                assert back is None or back != back, column
            elif isinstance(value, str):
                assert back == value.encode()[:254].decode(errors="ignore"), column
            elif hasattr(value, "isoformat"):
                assert str(back)[:10] == value.isoformat(), column
            else:
                assert back == pytest.approx(float(value), abs=1e-6), column
    back = gpd.GeoSeries(found.geometry, crs=CRS).to_crs("EPSG:4326")
    for shape, again in zip(layer.shapes, back, strict=True):
        if shape is None:
            assert again is None
        else:
            assert shapely.hausdorff_distance(shape, again) < 1e-6
            assert shapely.normalize(again).geom_type == shape.geom_type


def test_the_same_layer_gives_the_same_bytes_and_a_list_of_its_names(layers, tmp_path):
    layer = layers["villages"]
    rows = [{**row, "name": "Đ" * 200} for row in layer.rows]
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        path = tmp_path / str(number) / "villages.shp"
        write_shapefile(replace(layer, rows=rows), path, crs=CRS)
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == [
        "villages.cpg", "villages.dbf", "villages.prj", "villages.shp", "villages.shx",
        "villages_columns.csv",
    ]  # fmt: skip
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name
    listed = told(tmp_path / "1" / "villages_columns.csv")
    assert listed["name"]["texts_cut"] == str(len(rows))
    assert listed["has_electricity"]["shapefile"] == "has_electr"
    assert listed["households"]["vi"] == layer.table["households"].meaning("vi")
    assert set(pyogrio.read_dataframe(tmp_path / "1" / "villages.shp")["name"]) == {"Đ" * 127}


def test_names_of_ten_letters_are_all_different(layers):
    for layer in layers.values():
        names = short_names(layer.table)
        assert len({name.lower() for name in names.values()}) == len(layer.table.columns)
        assert max(map(len, names.values())) <= 10


def test_a_geopackage_in_the_studys_crs_has_the_same_rows(layers, tmp_path):
    layer = layers["communes"]
    write_geopackage([layer], tmp_path / "a.gpkg", styles={}, crs=CRS)
    found = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="communes")
    assert found.crs == CRS
    assert found["commune_code"].to_list() == [row["commune_code"] for row in layer.rows]
    back = found.geometry.to_crs("EPSG:4326")
    distance = [shapely.hausdorff_distance(*pair) for pair in zip(back, layer.shapes, strict=True)]
    assert max(distance) < 1e-7


def test_formats_with_a_suffix_of_their_own_or_companions(finished, tmp_path):
    def export(to, kind):
        return convert(
            open_finished(finished), to, kind=kind, layers=["spans"], styles=lambda read: {},
            semicolon=False, replace=False,
        )  # fmt: skip

    assert export(tmp_path / "a.gpkg", "gpkg-metres") == (tmp_path / "a.gpkg",)
    names = [path.name for path in export(tmp_path / "shp", "shp")]
    assert {"spans.shp", "spans.dbf", "spans_columns.csv", "manifest.json"} <= set(names)
    with pytest.raises(ExportError, match="several files"):
        export(tmp_path / "a.shp", "shp")
    with pytest.raises(ExportError, match="does not agree"):
        export(tmp_path / "a.kml", "gpkg-metres")


def test_more_columns_than_the_format_holds_are_refused(layers, tmp_path):
    layer = layers["gaps"]
    field = layer.table["area_km2"]
    more = tuple(replace(field, name=f"area_{n}_km2") for n in range(250))
    wide = replace(layer, table=replace(layer.table, fields=(*layer.table.fields, *more)), rows=[])
    with pytest.raises(ExportError, match="a Shapefile holds 255"):
        write_shapefile(wide, tmp_path / "gaps.shp", crs=CRS)
    assert list(tmp_path.iterdir()) == []
