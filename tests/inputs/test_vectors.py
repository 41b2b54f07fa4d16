"""Vector formats: what they must be, and what may not pass for them."""

import io
import json
import re
import shutil
import sqlite3
import struct
import sys
import unicodedata
import warnings
import zipfile
from contextlib import closing

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely import LineString, Point

from phusong.errors import InputError
from phusong.inputs import Source, read_table, source, vectors
from phusong.tables import PLACES, RIVERS, SPANS

COORDINATES = [(104.9911, 22.8344), (104.7872, 22.8072), (105.3235, 23.3912)]


@pytest.fixture
def places():
    return gpd.GeoDataFrame(
        {
            "place_id": ["p1", "p2", "p3"],
            "name": ["Hà Giang", "Tây Côn Lĩnh", "Lũng Cú"],
            "kind": ["city", "peak", "village"],
            "elevation_m": [102.0, 2419.0, np.nan],
        },
        geometry=[Point(c) for c in COORDINATES],
        crs="EPSG:4326",
    )


def write(frame, path, **options):
    if path.suffix == ".parquet":
        frame.to_parquet(path)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names cut by the Shapefile, CRS not given
        frame.to_file(path, **options)


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def river(coordinates, river_id="r1", **properties):
    line = {"type": "LineString", "coordinates": coordinates}
    return feature(line, river_id=river_id, **properties)


@pytest.mark.parametrize("suffix", ["geojson", "json", "gpkg", "shp", "fgb", "parquet"])
def test_every_format_gives_the_same_table(read, tmp_path, places, places_csv, suffix):
    write(places, tmp_path / f"p.{suffix}", **({"driver": "GeoJSON"} if suffix == "json" else {}))
    found = read(f"p.{suffix}", PLACES).table
    expected = read("p.csv", PLACES, places_csv).table
    geopandas.testing.assert_geodataframe_equal(found[:2], expected)
    assert found.iloc[2]["name"] == "Lũng Cú"
    assert np.isnan(found.iloc[2]["elevation_m"])


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "fgb", "parquet"])
def test_file_cut_anywhere_is_refused_or_whole(problems, tmp_path, places, suffix):
    whole, cut = tmp_path / f"p.{suffix}", tmp_path / "cut" / f"p.{suffix}"
    write(places, whole)
    cut.parent.mkdir()
    for sibling in tmp_path.glob("p.*"):
        shutil.copy(sibling, cut.parent)
    content = whole.read_bytes()
    named = Source(path=cut, shown=cut.name)
    expected = read_table(
        Source(path=whole, shown=whole.name), PLACES, crs="EPSG:9209", set_aside_faulty=False
    ).table
    refused = 0
    for part in range(1, 40):
        cut.write_bytes(content[: len(content) * part // 40])
        try:
            found = read_table(named, PLACES, crs="EPSG:9209", set_aside_faulty=False).table
        except InputError:
            refused += 1
            continue
        pd.testing.assert_frame_equal(found, expected)
    assert refused > 20


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gpkg", b"<OGRVRTDataSource><OGRVRTLayer name='x'></OGRVRTLayer></OGRVRTDataSource>"),
        ("a.shp", b"<OGRVRTDataSource/>"),
        ("a.fgb", b'{"type": "FeatureCollection", "features": []}'),
        ("a.gpkg", b"SQLite format 3\0" + bytes(200)),
    ],
)
def test_content_of_another_format_is_refused_unopened(problems, name, content):
    assert [p.message for p in problems(name, PLACES, content)] == ["inputs.wrong_format"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<OGRVRTDataSource/>", "unreadable"),
        ('{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"}',
         "not_collection"),
        ('{"type": "Topology", "objects": {}, "arcs": []}', "not_collection"),
        ("[1, 2]", "not_collection"),
        ('{"type": "FeatureCollection", "features": {}}', "not_collection"),
        ('{"type": "FeatureCollection", "features": [', "unreadable"),
        ("[" * 100_000 + "]" * 100_000, "unreadable"),
        ('{"a":' * 100_000, "unreadable"),
        ("9" * 10_000, "unreadable"),
        (collection(), "no_rows"),
        ("Sông Lô".encode("utf-16"), "not_utf8"),
        (b"", "empty_file"),
    ],
)  # fmt: skip
def test_what_is_no_collection_of_features_is_refused(problems, content, message):
    assert [p.message for p in problems("a.geojson", RIVERS, content)] == [f"inputs.{message}"]


def test_geometry_that_makes_no_shape_is_told_by_feature(problems):
    point = {"type": "Point", "coordinates": [105, 23]}
    content = collection(
        river([[104.9, 22.8], [105, 23]]),
        river([[104.9, 22.8], ["x", "y"]], "r2"),
        feature(None, river_id="r3"),
        river([], "r4"),
        feature(point, river_id="r5"),
        feature({"type": "Circle"}, river_id="r6"),
        "no feature",
        feature({"type": "LineString"}, river_id="r8"),
        feature({"type": "GeometryCollection", "geometries": [point]}, river_id="r9"),
    )
    found = [
        (p.row, p.message.removeprefix("inputs.")) for p in problems("a.geojson", RIVERS, content)
    ]
    assert found == [
        (2, "broken_geometry"), (3, "no_geometry"), (4, "empty_geometry"), (5, "wrong_geometry"),
        (6, "broken_geometry"), (7, "missing"), (7, "broken_geometry"), (8, "broken_geometry"),
        (9, "wrong_geometry"),
    ]  # fmt: skip


def test_feature_without_shape_has_its_other_faults_told_too(problems):
    nameless = river([["x", "y"]], river_id=None)
    told = problems("a.geojson", RIVERS, collection(river([["x", "y"]]), nameless))
    found = [problem.message for problem in told]
    assert found == ["inputs.broken_geometry", "inputs.missing", "inputs.broken_geometry"]


def test_features_with_ever_new_properties_are_refused(problems):
    content = collection(*(feature(None, **{f"k{i}": i}) for i in range(1100)))
    assert problems("a.geojson", RIVERS, content)[0].message == "inputs.too_many_columns"


def test_open_fibre_data_objects_are_read_as_their_text(read):
    span = river(
        [[104.9, 22.8], [105, 23]], id="s1", status="operational", end="n2",
        start={"id": "n1", "name": "Hà Giang"}, deployment=["aboveGround"],
    )  # fmt: skip
    content = collection(span)
    row = read("spans.geojson", SPANS, content).table.iloc[0]
    assert (row["start"], row["end"], row["deployment"]) == ("n1", "n2", "aboveGround")


def test_crs_member_of_old_geojson_is_heeded(read, problems):
    line = [[447572.06, 2526143.76], [448000, 2527000]]
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9209"}}
    table = read("a.geojson", RIVERS, collection(river(line), crs=named)).table
    assert table.geometry[0].coords[0] == (447572.06, 2526143.76)
    (problem,) = problems("a.geojson", RIVERS, collection(river(line), crs={"type": "link"}))
    assert problem.message == "inputs.unknown_crs"


def test_layer_is_the_one_named_or_the_only_one_or_the_tables_own(read, problems, tmp_path, places):
    path = tmp_path / "a.gpkg"
    write(places, path, layer="x")
    assert len(read("a.gpkg", PLACES).table) == 3
    write(places[:1], path, layer="y")
    (problem,) = problems("a.gpkg", PLACES)
    assert problem.message == "inputs.which_layer"
    assert problem.render("en").count("x, y") == 1
    assert len(read("a.gpkg", PLACES, layer="y").table) == 1
    (problem,) = problems("a.gpkg", PLACES, layer="z")
    assert problem.message == "inputs.unknown_layer"
    assert problem.render("en").count("x, y") == 1
    write(places[:2], path, layer="places")
    assert len(read("a.gpkg", PLACES).table) == 2


def test_kml_of_several_folders_asks_which(read, problems):
    def folder(name, lon):
        point = f"<Point><coordinates>{lon},22.83</coordinates></Point>"
        values = {"place_id": name, "name": name, "kind": "city"}.items()
        data = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in values)
        return (
            f"<Folder><name>{name}</name><Placemark><ExtendedData>{data}</ExtendedData>{point}"
            "</Placemark></Folder>"
        )

    head = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    kml = f"{head}{folder('A', 104.9)}{folder('B', 105)}</Document></kml>"
    (problem,) = problems("a.kml", PLACES, kml)
    assert problem.message == "inputs.which_layer"
    assert "A, B" in problem.render("vi")
    assert read("a.kml", PLACES, layer="B").table["place_id"].to_list() == ["B"]


@pytest.mark.parametrize("suffix", [".tab", ".mif"])
def test_mapinfo_tables_are_read(read, problems, tmp_path, places, suffix):
    write(places, tmp_path / f"a{suffix}", driver="MapInfo File", ENCODING="UTF-8")
    assert read(f"a{suffix}", PLACES).table["name"].to_list() == places["name"].to_list()
    if suffix == ".mif":
        whole = (tmp_path / "a.mif").read_bytes()
        (tmp_path / "a.mif").write_bytes(whole[: whole.rindex(b"Point")])  # as a broken copy ends
        assert [one.message for one in problems("a.mif", PLACES)] == ["inputs.truncated"]
    (tmp_path / f"a{'.map' if suffix == '.tab' else '.mid'}").unlink()
    (problem,) = problems(f"a{suffix}", PLACES)
    assert problem.message == "inputs.missing_siblings"


def test_zero_of_a_mapinfo_table_is_told_as_perhaps_empty(read, tmp_path, places):
    write(places.assign(elevation_m=[0.0, 1.0, 2.0]), tmp_path / "a.tab", driver="MapInfo File",
          ENCODING="UTF-8")  # fmt: skip
    assert [one.message for one in read("a.tab", PLACES).problems] == ["inputs.zero_may_be_empty"]


def test_vietnamese_mapinfo_texts_keep_every_letter(read, tmp_path, places):
    write(places, tmp_path / "a.mif", driver="MapInfo File", ENCODING="UTF-8")
    mif = (tmp_path / "a.mif").read_bytes().replace(b'"UTF-8"', b'"WindowsVietnamese"')
    (tmp_path / "a.mif").write_bytes(mif)
    mid = (tmp_path / "a.mid").read_text(encoding="utf-8")
    # Windows-1258 has the marks of tones apart: "ạ" is "a" and a dot below.
    tones = {"à": "à", "ũ": "u\u0303", "ĩ": "i\u0303", "ú": "ú"}
    mid = "".join(tones.get(letter, letter) for letter in mid)
    (tmp_path / "a.mid").write_bytes(mid.encode("cp1258"))
    assert read("a.mif", PLACES).table["name"].to_list() == places["name"].to_list()


@pytest.mark.parametrize(
    "described",
    [
        b'!table\nDefinition Table\n File "../secret.tif"\n Type "RASTER"\n',
        b"!table\nDefinition Table\n Type LINKED\n Fields 0\n",
        b'!table\nOpen Table "../b" Hide\nCreate View a As Select * from b\n',
        b'!table\nDefinition Table\n Type NATIVE\nbegin_metadata\n"\\IsSeamless" = "TRUE"\n',
    ],
)
def test_mapinfo_table_that_leads_elsewhere_is_refused(problems, tmp_path, described):
    for suffix in (".dat", ".map", ".id"):
        (tmp_path / f"a{suffix}").write_bytes(b"")
    (problem,) = problems("a.tab", PLACES, described)
    assert problem.message == "inputs.not_native_tab"


def test_geojson_of_one_feature_a_line_is_read(read, problems):
    lines = [json.dumps(json.loads(collection(river([[105, 22], [105, 23]], name)))["features"][0])
             for name in ("r1", "r2")]  # fmt: skip
    content = f"\x1e{lines[0]}\r\n\n{lines[1]}"
    assert read("a.geojsonl", RIVERS, content).table["river_id"].to_list() == ["r1", "r2"]
    for broken, message in (("[1]", "not_feature"), ("{", "unreadable"), ('"\xff"', "not_feature")):
        (problem,) = problems("a.ndjson", RIVERS, f"{lines[0]}\n{broken}\n")
        assert problem.message == f"inputs.{message}"


@pytest.mark.parametrize("suffix", [".dbf", ".prj"])
def test_link_beside_a_shapefile_that_leads_elsewhere_is_refused(
    problems, tmp_path, places, suffix
):
    inside = tmp_path / "in"
    inside.mkdir()
    write(places, inside / "a.shp", encoding="UTF-8")
    shutil.move(inside / f"a{suffix}", tmp_path / f"secret{suffix}")
    try:
        (inside / f"a{suffix}").symlink_to(tmp_path / f"secret{suffix}")
    except OSError:
        pytest.skip("links may not be made here")
    (problem,) = problems("in/a.shp", PLACES)
    assert (problem.message, problem.values["name"]) == ("inputs.leads_elsewhere", f"a{suffix}")


@pytest.mark.parametrize("missing", [".dbf", ".shx"])
def test_shapefile_without_its_siblings_is_refused(problems, tmp_path, places, missing):
    write(places, tmp_path / "a.shp")
    (tmp_path / f"a{missing}").unlink()
    (problem,) = problems("a.shp", PLACES)
    assert problem.message == "inputs.missing_siblings"
    assert missing in problem.render("vi")


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb", "parquet"])
def test_file_without_crs_is_refused_unless_the_study_names_one(
    read, problems, tmp_path, places, suffix
):
    bare = places.set_crs(None, allow_override=True)
    write(bare, tmp_path / f"a.{suffix}")
    (problem,) = problems(f"a.{suffix}", PLACES)
    assert problem.message == "inputs.no_crs"
    table = read(f"a.{suffix}", PLACES, source_crs="EPSG:4326").table
    assert table.geometry[0].x == pytest.approx(447572.06, abs=0.01)


def test_too_many_rows_of_one_document_are_refused(problems, tmp_path, places, monkeypatch):
    monkeypatch.setattr(source, "LARGEST_ROWS", 2)
    write(places, tmp_path / "a.geojson")
    assert problems("a.geojson", PLACES)[0].message == "inputs.too_many_rows"


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb", "parquet"])
def test_layers_may_have_as_many_rows_as_memory_holds_which_is_told(
    read, problems, tmp_path, places, monkeypatch, suffix
):
    monkeypatch.setattr(source, "LARGEST_ROWS", 2)
    write(places, tmp_path / f"a.{suffix}")
    told = read(f"a.{suffix}", PLACES).problems
    assert [one.values["rows"] for one in told if one.message == "inputs.many_rows"] == [3]
    monkeypatch.setattr(source, "available_bytes", lambda: 3 * (4 * 150 + 200) - 1)
    (problem,) = problems(f"a.{suffix}", PLACES)
    assert (problem.message, problem.values["rows"]) == ("inputs.no_room", 3)


def test_rows_beyond_the_count_that_a_geopackage_keeps_are_found(
    read, problems, tmp_path, places, monkeypatch
):
    write(places, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = 1")
        database.commit()
    monkeypatch.setattr(vectors, "LARGEST_ROWS", 1)
    assert len(read("a.gpkg", PLACES).table) == 3
    monkeypatch.setattr(source, "available_bytes", lambda: 2 * (4 * 150 + 200))
    (problem,) = problems("a.gpkg", PLACES)
    assert (problem.message, problem.values["fits"]) == ("inputs.no_room", 2)


def test_parquet_without_geometry_or_too_large_once_unpacked_is_refused(
    problems, tmp_path, places, monkeypatch
):
    pq.write_table(pa.table({"place_id": ["p1"]}), tmp_path / "a.parquet")
    assert problems("a.parquet", PLACES)[0].message == "inputs.unreadable"
    write(places, tmp_path / "b.parquet")
    monkeypatch.setattr(source, "available_bytes", lambda: 100)
    assert problems("b.parquet", PLACES)[0].message == "inputs.no_room"


def test_parquet_without_pyarrow_names_the_extra(problems, tmp_path, places, monkeypatch):
    write(places, tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (problem,) = problems("a.parquet", PLACES)
    assert problem.message == "inputs.no_pyarrow"
    assert "phusong[parquet]" in problem.render("vi")
    assert "phusong[parquet]" in problem.render("en")


def test_text_in_a_parquet_file_that_is_no_utf8_is_refused(problems, tmp_path, places):
    write(places, tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes().replace(b"Giang", b"\xff" * 5)
    assert [p.message for p in problems("a.parquet", PLACES, content)] == ["inputs.unreadable"]


def test_infinite_attribute_is_told(problems, tmp_path, places):
    places["elevation_m"] = [np.inf, 1.0, 2.0]
    write(places, tmp_path / "a.parquet")
    assert [p.message for p in problems("a.parquet", PLACES)] == ["inputs.not_finite"]


def test_third_dimension_is_dropped(read, tmp_path, places):
    places.geometry = [Point(*c, 7) for c in COORDINATES]
    write(places, tmp_path / "a.gpkg")
    kept = read("a.gpkg", PLACES, crs="EPSG:4326").table.geometry
    assert kept.to_list() == [Point(c) for c in COORDINATES]


def test_line_in_a_collection_of_one_is_a_line(read):
    parts = [[[104.9, 22.8], [105, 23]]]
    content = collection(feature({"type": "MultiLineString", "coordinates": parts}, river_id="r1"))
    (line,) = read("a.geojson", RIVERS, content, crs="EPSG:4326").table.geometry
    assert line == LineString(parts[0])


def test_a_geopackage_is_read_by_its_table_and_not_by_the_count_beside_it(read, tmp_path, places):
    write(places, tmp_path / "p.gpkg")
    for stale in (1, 7):
        with sqlite3.connect(tmp_path / "p.gpkg") as base:
            base.execute("UPDATE gpkg_ogr_contents SET feature_count = ?", (stale,))
        base.close()
        assert len(read("p.gpkg", PLACES).table) == 3


LETTERS = "Quốc lộ 2, đường Nguyễn Trãi"


def shapefile(path, names, codec, spelling):
    """Write points whose names are bytes of an encoding, and a .cpg that tells it."""
    frame = gpd.GeoDataFrame(
        {"place_id": [f"p{i}" for i in range(len(names))], "name": ["x" * 60] * len(names),
         "kind": ["peak"] * len(names)},
        geometry=[Point(COORDINATES[0])] * len(names), crs="EPSG:4326",
    )  # fmt: skip
    frame.to_file(path)
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    for name in names:
        content = content.replace(b"x" * 60, codec(name).ljust(60), 1)
    table.write_bytes(content)
    path.with_suffix(".cpg").write_text(spelling)


def windows_1258(text):
    """Encode as Vietnamese Windows does: the letter, then its tone."""
    parts = unicodedata.normalize("NFD", text)
    return b"".join(
        unicodedata.normalize("NFC", letter).encode("cp1258")
        for letter in re.findall(".[\u0302\u0306\u031b]?|[\u0300-\u036f]", _tones_last(parts))
    )


def _tones_last(text):
    """Put circumflex, breve and horn before the tone, as the code page has letters."""
    return re.sub("([\u0300\u0301\u0303\u0309\u0323])([\u0302\u0306\u031b])", r"\2\1", text)


@pytest.mark.parametrize("spelling", ["1258", "ANSI 1258", "windows-1258", "CP1258\r\n"])
def test_no_letter_is_lost_of_a_shapefile_in_windows_1258(read, tmp_path, spelling):
    shapefile(tmp_path / "a.shp", [LETTERS, "Đường tỉnh 176"], windows_1258, spelling)
    table = read("a.shp", PLACES).table
    assert table["name"].to_list() == [LETTERS, "Đường tỉnh 176"]


@pytest.mark.parametrize("spelling", ["65001", "UTF-8", "utf8"])
def test_utf8_goes_by_its_windows_number_too(read, tmp_path, spelling):
    shapefile(tmp_path / "a.shp", [LETTERS], lambda text: text.encode(), spelling)
    assert read("a.shp", PLACES).table["name"].to_list() == [LETTERS]


@pytest.mark.parametrize("codec", [str.encode, windows_1258])
def test_a_shapefile_whose_encoding_nobody_names_goes_by_its_words(read, tmp_path, codec):
    shapefile(tmp_path / "a.shp", [LETTERS], codec, "")
    (tmp_path / "a.cpg").unlink()
    assert read("a.shp", PLACES).table["name"].to_list() == [LETTERS]


def test_a_shapefile_whose_encoding_nobody_names_and_no_word_tells_is_refused(problems, tmp_path):
    shapefile(tmp_path / "a.shp", ["Ålesund"], lambda text: text.encode("cp1252"), "")
    (tmp_path / "a.cpg").unlink()
    assert [one.message for one in problems("a.shp", PLACES)] == ["inputs.no_cpg"]


def test_headings_of_a_shapefile_that_need_no_cutting_go_by_their_meaning(read, tmp_path, places):
    write(places.rename(columns={"place_id": "MA_DIADANH", "name": "TEN"}), tmp_path / "a.shp")
    found = read("a.shp", PLACES, headings={"MA_DIADANH": "place_id"}).table
    assert found["name"].to_list() == places["name"].to_list()


@pytest.mark.parametrize(
    ("spelling", "message"), [("VISCII", "unknown_cpg"), ("65001", "wrong_cpg")]
)
def test_an_encoding_that_is_unknown_or_does_not_fit_is_told(problems, tmp_path, spelling, message):
    shapefile(tmp_path / "a.shp", [LETTERS], windows_1258, spelling)
    (problem,) = problems("a.shp", PLACES)
    assert problem.message == f"inputs.{message}"
    assert "UTF-8" in problem.render("vi")


def test_records_marked_as_deleted_are_neither_read_nor_missed(read, tmp_path, places):
    write(places, tmp_path / "p.shp")
    table = tmp_path / "p.dbf"
    content = bytearray(table.read_bytes())
    start, length = struct.unpack("<HH", content[8:12])
    content[start + length] = ord("*")
    table.write_bytes(content)
    assert read("p.shp", PLACES).table["place_id"].to_list() == ["p1", "p3"]


def test_features_without_the_key_go_by_their_own_id(read, problems):
    point = {"type": "Point", "coordinates": COORDINATES[0]}
    features = [feature(point, name="A", kind="peak") | {"id": f"p{i}"} for i in range(2)]
    checked = read("a.geojson", PLACES, collection(*features))
    assert checked.table["place_id"].to_list() == ["p0", "p1"]
    (told,) = checked.problems
    assert (told.message, told.values) == ("inputs.feature_ids", {"field": "place_id"})
    for ids in (["p0", "p0"], ["p0", None], ["p0", True]):
        features = [one | {"id": its} for one, its in zip(features, ids, strict=True)]
        found = problems("a.geojson", PLACES, collection(*features))
        assert [problem.message for problem in found] == ["inputs.missing_column"]
    named = [one | {"id": "other"} for one in features]
    for i, one in enumerate(named):
        one["properties"]["place_id"] = f"q{i}"
    assert read("a.geojson", PLACES, collection(*named)).table["place_id"][0] == "q0"


def test_open_fibre_geojson_with_organisations_as_objects_is_read(read):
    vnpt = {"id": "VN-1", "name": "VNPT", "country": "VN"}
    span = feature(
        {"type": "LineString", "coordinates": COORDINATES[:2]},
        id="1", name="A-B", status="operational", start={"id": "1", "name": "A"}, end="2",
        supplier={"id": "VN-2"}, networkProviders=[vnpt, {"id": "VN-3"}],
        deployment=["aboveGround", "belowGround"], network={"id": "n"}, featureType="span",
    )  # fmt: skip
    row = read("a.geojson", SPANS, collection(span)).table.iloc[0]
    assert row[["start", "end", "supplier", "networkProviders"]].to_list() == [
        "1", "2", "VN-2", "VNPT, VN-3",
    ]  # fmt: skip
    assert pd.isna(row["deployment"])


ROUTE = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">
<Document><Placemark><name>Tuyến 1</name><ExtendedData><Data name="id"><value>S1</value></Data>
<Data name="status"><value>đang khai thác</value></Data></ExtendedData><LineString><coordinates>
104.97,22.82,0 105.0,22.85,0</coordinates></LineString></Placemark></Document></kml>"""


def zipped(content, name="doc.kml"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


TYPED = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Schema name="s" id="s">
<SimpleField name="status" type="string"/></Schema><Placemark id="S1"><name>Tuyến 1</name>
<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="status">đang khai thác</SimpleData>
</SchemaData></ExtendedData><LineString><coordinates>104.97,22.82,0 105.0,22.85,0</coordinates>
</LineString></Placemark></Document></kml>"""


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.kml", ROUTE), ("a.kmz", zipped(ROUTE)), ("a.kmz", zipped(TYPED, "tuyen/Tuyến.kml"))],
)
def test_routes_of_google_earth_are_read(read, name, content):
    row = read(name, SPANS, content).table.iloc[0]
    assert row[["id", "name", "status"]].to_list() == ["S1", "Tuyến 1", "operational"]
    assert row.geometry.length == pytest.approx(4520, abs=20)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.kml", '<?xml version="1.0"?><OGRVRTDataSource></OGRVRTDataSource>'),
        ("a.kml", '<!DOCTYPE kml [<!ENTITY a "b">]><kml></kml>'),
        ("a.kml", '<?xml version="1.0"?><!-- <kml> --><gml></gml>'),
        ("a.kmz", zipped("<gpx></gpx>")),
    ],
)  # fmt: skip
def test_what_only_calls_itself_kml_is_refused_unopened(problems, name, content):
    assert [p.message for p in problems(name, SPANS, content)] == ["inputs.wrong_format"]


def test_archive_of_a_kmz_is_limited_and_may_be_broken(problems, monkeypatch):
    assert problems("a.kmz", SPANS, zipped(ROUTE, "a.gpx"))[0].message == "inputs.which_layer"
    assert problems("a.kmz", SPANS, b"PK\x03\x04 not really")[0].message == "inputs.unreadable"
    monkeypatch.setattr(source, "LARGEST_BYTES", 10_000)
    content = zipped(ROUTE + " " * 20_000)
    assert problems("a.kmz", SPANS, content)[0].message == "inputs.too_large"
