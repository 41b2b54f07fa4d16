import csv
import itertools
import json
import os
import shutil
import sys
import zipfile
from datetime import date, datetime
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from phusong.errors import ExportError, InputError, OutputError
from phusong.export import FORMATS, convert, open_finished, output_file
from phusong.export.finished import DICTIONARY
from phusong.export.geojson import read_layer
from phusong.export.schema import VERSION
from phusong.export.shapefile import short_names
from phusong.i18n import catalogue
from phusong.tables import INDICATORS, RESULT_TABLES

from .conftest import CRS, write_finished


def export(folder, to, kind=None, *, layers=(), semicolon=False, replace=False):
    return convert(
        open_finished(folder), to, kind=kind, layers=layers, styles=lambda read: {},
        semicolon=semicolon, replace=replace,
    )  # fmt: skip


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_finished_folder_is_read_as_it_was_written(finished, layers):
    opened = open_finished(finished)
    assert list(opened.tables) == list(layers)
    assert list(opened.rasters) == ["served_mobile"]
    for name, layer in layers.items():
        back = opened.layer(name)
        assert back.rows == layer.rows
        assert back.ids == layer.ids
        assert back.table.columns == layer.table.columns
        assert [f.meaning("en") for f in back.table.fields] == [
            f.meaning("en") for f in layer.table.fields
        ]


def by_ogr(folder, layer, suffix, crs="EPSG:4326", names=None):
    """Return rows and shapes of a layer as GDAL reads them, in the order of the keys."""
    path = folder / f"{layer.name}.{suffix}"
    path = path if path.exists() else folder / f"out.{suffix}"
    meta, found = pyogrio.raw.read_arrow(path, layer=layer.name)
    names = names or {name: name for name in layer.table.columns}
    rows = [{ours: row.get(theirs) for ours, theirs in names.items()} for row in found.to_pylist()]
    if layer.shapes is None:
        return rows, None
    cells = found.column(meta["geometry_name"] or "wkb_geometry").to_pylist()
    shapes = gpd.GeoSeries.from_wkb(cells, crs=crs).to_crs("EPSG:4326")
    order = sorted(range(len(rows)), key=lambda at: [rows[at][key] for key in layer.table.key])
    return [rows[at] for at in order], [shapes[at] for at in order]


def by_json(folder, layer):
    path = folder / f"{layer.name}.geojson"
    back = read_layer(path.read_bytes(), layer.table)
    return back.rows, back.shapes


def by_arrow(folder, layer):
    found = pq.read_table(folder / f"{layer.name}.parquet")
    rows = found.select(list(layer.table.columns)).to_pylist()
    if layer.shapes is None:
        return rows, None
    return rows, shapely.from_wkb(found.column("geometry").to_pylist())


def by_csv(folder, layer):
    with (folder / f"{layer.name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    places = [(row.pop("longitude", ""), row.pop("latitude", "")) for row in rows]
    shapes = [shapely.Point(map(float, place)) if all(place) else None for place in places]
    for row in rows:
        row.pop("easting_m", None), row.pop("northing_m", None)
        for field in layer.table.fields:
            told = row[field.name].removeprefix("'")
            row[field.name] = typed(field, told) if told else None
    return rows, None if layer.shapes is None else shapes


def typed(field, told):
    """Return what is told of a value, in the type of its column."""
    kinds = {"text": str, "date": date.fromisoformat, "boolean": lambda yes: yes.lower() == "true",
             "integer": int, "number": float}  # fmt: skip
    return kinds[field.kind](told)


def by_openpyxl(folder, layer):
    (path,) = folder.glob("*.xlsx")
    sheet = openpyxl.load_workbook(path)[RESULT_TABLES.get(layer.name, layer.table).sheet]
    heads = [cell.value for cell in sheet[2]]
    rows = [dict(zip(heads, row, strict=True))
            for row in sheet.iter_rows(min_row=3, values_only=True)]  # fmt: skip
    shapes = [
        None if row.get("longitude") is None else shapely.Point(row["longitude"], row["latitude"])
        for row in rows
    ]
    rows = [
        {name: value.date() if isinstance(value, datetime) else value
         for name, value in row.items() if name in layer.table.columns}
        for row in rows
    ]  # fmt: skip
    return rows, None if layer.shapes is None else shapes


def by_xml(folder, layer):
    (path,) = folder.glob("*.km?")
    if path.suffix == ".kmz":
        with zipfile.ZipFile(path) as archive:
            document = ET.fromstring(archive.read("doc.kml"))
    else:
        document = ET.parse(path).getroot()
    kml = "{http://www.opengis.net/kml/2.2}"
    (home,) = [one for one in document.iter(f"{kml}Folder")
               if one.findtext(f"{kml}name") == layer.table.title.vi]  # fmt: skip
    rows, shapes = [], []
    for mark in home.findall(f"{kml}Placemark"):
        told = {one.get("name"): one.findtext(f"{kml}value") for one in mark.iter(f"{kml}Data")}
        rows.append({
            field.name: typed(field, told[field.name]) if field.name in told else None
            for field in layer.table.fields
        })  # fmt: skip
        points = [
            [tuple(map(float, one.split(",")[:2])) for one in each.text.split()]
            for each in mark.iter(f"{kml}coordinates")
        ]
        shapes.append(shapely.MultiPoint([one for each in points for one in each])
                      if points else None)  # fmt: skip
    return rows, shapes


READERS = {
    "geojson": by_json,
    "gpkg": lambda folder, layer: by_ogr(folder, layer, "gpkg"),
    "gpkg-metres": lambda folder, layer: by_ogr(folder, layer, "gpkg", CRS),
    "shp": lambda folder, layer: by_ogr(folder, layer, "shp", CRS, short_names(layer.table)),
    "parquet": by_arrow,
    "fgb": lambda folder, layer: by_ogr(folder, layer, "fgb"),
    "pmtiles": lambda folder, layer: by_ogr(folder, layer, "pmtiles", "EPSG:3857"),
    "csv": by_csv,
    "xlsx": by_openpyxl,
    "kml": by_xml,
    "kmz": by_xml,
}
"""Who reads what a format holds; databases and OFDS have tests of their own, rasters are copied."""


def held(kind, field, value):
    """Return what a format holds of a value: what docs/outputs.md says it loses, and no more."""
    if kind == "shp" and isinstance(value, str):
        return value.encode()[:254].decode(errors="ignore")
    if kind in {"kml", "kmz"} and isinstance(value, str):
        return value.replace("\x0b", "\ufffd")
    if kind == "csv" and isinstance(value, str):
        return value.removeprefix("'")  # what begins like a formula has one in the file
    if kind == "pmtiles" and isinstance(value, date):
        return value.strftime("%Y/%m/%d")
    if kind == "xlsx":
        if isinstance(value, bool):
            return "có" if value else "không"
        if field.unit == "người" and value is not None:
            return round(value)
        if isinstance(value, str) and field.choices:
            return catalogue().get(f"maps.value_{value}", {"vi": value})["vi"]
    return value


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - {"tif"}))
def test_every_format_gives_back_the_tables(finished, layers, tmp_path, kind):
    assert set(READERS) == set(FORMATS) - {"tif"}
    export(finished, tmp_path / "to", kind)
    for layer in layers.values():
        absent = (FORMATS[kind].shapes_only and layer.shapes is None) or (
            FORMATS[kind].places_only and not layer.located.any()
        )
        if not absent:
            rows, shapes = READERS[kind](tmp_path / "to", layer)
            kept = np.ones(len(layer.rows), dtype=bool)
            if kind in {"fgb", "pmtiles"} and layer.shapes is not None:
                kept = layer.located
            if kind == "pmtiles":  # a shape stands in every tile that it reaches
                at = {row[layer.table.key[0]]: place for place, row in enumerate(rows)}
                rows, shapes = [rows[n] for n in at.values()], ()
            same_rows(kind, layer, list(itertools.compress(layer.rows, kept)), rows)
            if shapes is not None and kind != "pmtiles":  # its steps: see the test of the writer
                same_shapes(kind, layer.shapes[kept], shapes)


def same_rows(kind, layer, rows, found):
    assert len(found) == len(rows)
    for row, again in zip(rows, found, strict=True):
        for field in layer.table.fields:
            if kind == "xlsx" and layer.name == INDICATORS.name and field.name in BOARD_WORDS:
                continue  # codes of the board have words of their own
            back = again[field.name]
            if isinstance(back, datetime):  # FlatGeobuf knows moments, not days
                back = back.date()
            assert back == held(kind, field, row[field.name]), (layer.name, field.name)


def same_shapes(kind, shapes, found):
    for shape, back in zip(shapes, found, strict=True):
        if shape is None:
            assert back is None
        elif kind in {"csv", "xlsx"}:
            assert back.distance(shapely.point_on_surface(shape)) < 1e-6
        elif kind in {"kml", "kmz"}:  # every corner, in its order
            ours = shapely.MultiPoint(shapely.get_coordinates(shape))
            assert len(back.geoms) == len(ours.geoms)
            assert shapely.hausdorff_distance(ours, back) < 1e-6
        else:
            assert shapely.hausdorff_distance(shape, back) < 1e-6
            assert shapely.area(shape) == pytest.approx(shapely.area(back), rel=1e-6)


BOARD_WORDS = ("unit", "denominator", "origin", "status")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gpkg", ["manifest.json", "out.gpkg"]),
        ("xlsx", ["manifest.json", "out.xlsx"]),
        ("kmz", ["manifest.json", "out.kmz"]),
        ("parquet", [
            "communes.parquet", "dictionary.json", "gaps.parquet", "indicators.parquet",
            "manifest.json", "spans.parquet", "villages.parquet",
        ]),
        ("pmtiles", [
            "communes.pmtiles", "dictionary.json", "manifest.json", "spans.pmtiles",
            "villages.pmtiles",
        ]),
        ("tif", ["manifest.json", "served_mobile.qml", "served_mobile.tif"]),
    ],
)  # fmt: skip
def test_a_folder_gets_every_layer_that_the_format_holds(finished, tmp_path, kind, expected):
    written = export(finished, tmp_path / "to", kind)
    assert [path.name for path in written] == expected == names(tmp_path / "to")


@pytest.mark.parametrize("kind", ["gpkg", "xlsx", "kml", "kmz"])
def test_one_file_holds_all_layers_and_its_suffix_tells_the_format(finished, tmp_path, kind):
    assert export(finished, tmp_path / f"a.{kind}") == (tmp_path / f"a.{kind}",)
    assert names(tmp_path) == [f"a.{kind}", "out"]


@pytest.mark.parametrize("kind", ["geojson", "parquet", "fgb", "pmtiles", "csv"])
def test_one_layer_goes_to_one_file(finished, tmp_path, kind):
    export(finished, tmp_path / f"a.{kind}", layers=["communes"])
    assert (tmp_path / f"a.{kind}").stat().st_size > 0


def test_geojson_is_copied_with_its_schema(finished, tmp_path):
    export(finished, tmp_path / "to", "geojson", layers=["communes"])
    assert names(tmp_path / "to") == [
        "communes.geojson", "communes.schema.json", "dictionary.json", "manifest.json",
    ]  # fmt: skip
    copied, kept = tmp_path / "to/communes.geojson", finished / "geojson/communes.geojson"
    assert copied.read_bytes() == kept.read_bytes()


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_two_exports_are_the_same_bytes(finished, tmp_path, kind):
    for name in ("a", "b"):
        export(finished, tmp_path / name, kind)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_the_manifest_of_an_export_tells_what_it_was_made_from(finished, tmp_path):
    export(finished, tmp_path / "to", "csv", layers=["communes"])
    told = json.loads((tmp_path / "to" / "manifest.json").read_bytes())
    assert told["parameters"]["format"] == "csv"
    assert told["parameters"]["study"]["edition"] == "2017"
    assert [entry["path"] for entry in told["inputs"]] == ["geojson/communes.geojson"]
    original = json.loads((finished / "manifest.json").read_bytes())["outputs"]
    assert told["inputs"][0] in original


def test_an_older_export_is_replaced_and_a_folder_of_someone_else_is_not(finished, tmp_path):
    export(finished, tmp_path / "to", "csv")
    export(finished, tmp_path / "to", "parquet", layers=["communes"])
    assert names(tmp_path / "to") == ["communes.parquet", "dictionary.json", "manifest.json"]
    (tmp_path / "to" / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match=r"someone added: thesis\.docx"):
        export(finished, tmp_path / "to", "csv")


def test_a_file_is_replaced_only_when_told(finished, tmp_path):
    (tmp_path / "a.gpkg").write_text("someone's")
    with pytest.raises(OutputError, match=r"a\.gpkg exists and is not overwritten"):
        export(finished, tmp_path / "a.gpkg")
    assert (tmp_path / "a.gpkg").read_text() == "someone's"
    export(finished, tmp_path / "a.gpkg", replace=True)
    assert "communes" in pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0]


def test_a_folder_named_like_a_file_is_refused(finished, tmp_path):
    (tmp_path / "a.gpkg").mkdir()
    with pytest.raises(OutputError, match="is a folder, not a file"):
        export(finished, tmp_path / "a.gpkg", replace=True)


@pytest.mark.parametrize(
    ("to", "kind", "chosen", "message"),
    [
        ("a.dxf", None, (), r"no format “dxf”.*geojson, gpkg, gpkg-metres, shp, parquet"),
        ("to", None, (), r"no format “–”"),
        ("to", "shapefile", (), r"no format “shapefile”"),
        ("a.csv", "gpkg", ["communes"], r"suffix \.csv does not agree with --format gpkg"),
        ("a.csv", None, (), r"A \.csv file holds one layer.*communes, villages"),
        ("a.gpkg", None, ["towns"], r"no such layer for the format gpkg: towns.*communes"),
        ("a.kml", None, ["indicators"], r"no such layer for the format kml: indicators"),
        ("a.tif", None, ["communes"], r"no such layer.*can be exported: served_mobile"),
        ("a.pmtiles", None, ["gaps"], "Nothing has a place in: gaps"),
        ("out/gis/a.gpkg", None, (), "lies in the output folder"),
        ("out", "csv", (), "lies in the output folder"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(finished, tmp_path, to, kind, chosen, message):
    before = names(tmp_path), names(finished)
    with pytest.raises(ExportError) as told:
        export(finished, tmp_path / to, kind, layers=chosen)
    told.match(f"(?s){message}")
    assert (names(tmp_path), names(finished)) == before


def test_parquet_without_pyarrow_names_the_extra_and_leaves_no_folder(
    finished, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    before = names(tmp_path)
    with pytest.raises(ExportError, match=r"(?s)phusong\[parquet\].*needs one package"):
        export(finished, tmp_path / "to", "parquet")
    assert names(tmp_path) == before


def test_a_study_without_rasters_has_none_to_export(layers, tmp_path):
    write_finished(tmp_path / "out", layers)
    for file in (tmp_path / "out" / "rasters").iterdir():
        file.unlink()
    manifest = tmp_path / "out" / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["outputs"] = [one for one in told["outputs"] if not one["path"].startswith("rasters")]
    manifest.write_text(json.dumps(told))
    with pytest.raises(ExportError, match="no such layer for the format tif: –"):
        export(tmp_path / "out", tmp_path / "to", "tif")


def told_by(folder):
    with pytest.raises(InputError) as told:
        open_finished(folder)
    return [(problem.message, problem.file) for problem in told.value.problems]


def test_a_folder_that_no_run_wrote_is_refused(finished, tmp_path):
    (tmp_path / "empty").mkdir()
    export(finished, tmp_path / "to", "csv")
    for folder in (tmp_path / "absent", tmp_path / "empty", tmp_path / "to"):
        assert told_by(folder) == [("export.not_a_result", f"{folder.name}/manifest.json")]
    (finished / "manifest.json").write_text('{"written_by": "else", "outputs": []}')
    assert told_by(finished) == [("export.not_a_result", f"{finished.name}/manifest.json")]


def test_every_altered_or_missing_file_is_named(finished):
    (finished / "geojson" / "communes.geojson").write_text("{}")
    (finished / "rasters" / "served_mobile.tif").unlink()
    assert told_by(finished) == [
        ("export.altered", "geojson/communes.geojson"),
        ("export.altered", "rasters/served_mobile.tif"),
    ]


def rewrite_dictionary(folder, change):
    """Alter the dictionary and the manifest that would give it away."""
    import hashlib

    path = folder / DICTIONARY
    told = json.loads(path.read_bytes())
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for entry in manifest["outputs"]:
        if entry["path"] == DICTIONARY:
            entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_another_version_of_the_schemas_is_refused(finished):
    rewrite_dictionary(finished, lambda told: told.update(version=VERSION - 1))
    with pytest.raises(InputError, match=f"this version needs {VERSION}"):
        open_finished(finished)


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"; DROP TABLE x; --', ""])
def test_a_table_with_a_name_that_is_none_is_refused(finished, name):
    rewrite_dictionary(finished, lambda told: told["tables"][0].update(name=name))
    assert told_by(finished) == [("export.altered", DICTIONARY)]


def test_rows_that_do_not_fit_the_dictionary_are_refused(finished):
    rewrite_dictionary(
        finished, lambda told: told["tables"][0]["columns"][-1].update(name="another")
    )
    with pytest.raises(InputError, match=r"geojson/communes\.geojson"):
        open_finished(finished).layer("communes")


@pytest.mark.parametrize("to", ["to", "a.gpkg"])
@pytest.mark.parametrize(
    ("number", "message"), [(28, "not enough room on the disk"), (30, "not permitted")]
)
def test_a_disk_that_refuses_leaves_nothing(finished, tmp_path, monkeypatch, to, number, message):
    def refuse(*args, **kwargs):
        args[1].write_text("half")
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("phusong.export.formats.write_geopackage", refuse)
    with pytest.raises(OutputError, match=message):
        export(finished, tmp_path / to, "gpkg")
    assert names(tmp_path) == ["out"]


def test_an_older_file_stays_when_its_replacement_fails(tmp_path):
    def fail():
        with output_file(tmp_path / "a.gpkg", replace=True) as path:
            path.write_text("half")
            path.with_name("a.gpkg-journal").write_text("half")
            raise ValueError("bug")

    (tmp_path / "a.gpkg").write_text("old")
    with pytest.raises(ValueError, match="bug"):
        fail()
    assert names(tmp_path) == ["a.gpkg"]
    assert (tmp_path / "a.gpkg").read_text() == "old"


def test_two_exports_cannot_write_one_file_at_once(tmp_path):
    with output_file(tmp_path / "a.gpkg", replace=False) as path:
        path.write_text("x")
        with (
            pytest.raises(OutputError, match="Another run is writing"),
            output_file(tmp_path / "a.gpkg", replace=False),
        ):
            pass
    assert names(tmp_path) == ["a.gpkg"]


def test_what_a_killed_export_left_is_cleared_by_the_next(tmp_path):
    (tmp_path / ".a.gpkg.phusong-new").mkdir()
    (tmp_path / ".a.gpkg.phusong-new" / "a.gpkg").write_text("half")
    with output_file(tmp_path / "a.gpkg", replace=False) as path:
        path.write_text("whole")
    assert names(tmp_path) == ["a.gpkg"]
    assert (tmp_path / "a.gpkg").read_text() == "whole"


def test_a_copied_folder_exports_the_same(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "usb" / "out")
    export(finished, tmp_path / "a.gpkg")
    export(tmp_path / "usb" / "out", tmp_path / "b.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
