"""What stands in every file of an output folder."""

import json
import re
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from contextlib import closing

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
from openpyxl import load_workbook

import phusong
from phusong.errors import ExportError
from phusong.export import FORMATS
from phusong.i18n import LANGUAGES, words

HEADLINE = "Dữ liệu mẫu – ranh giới không có giá trị pháp lý"
ENGLISH = "Sample data – boundaries have no legal value"


def test_every_page_of_a_sample_says_so_in_both_languages(written):
    pages = sorted(written.rglob("*.html"))
    assert len(pages) > 5
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert HEADLINE in text, page.name
        assert ENGLISH in text, page.name


def test_every_table_of_a_sample_says_so_in_both_languages(written, result):
    for name, (_, table) in result.tables.items():
        folder = "geojson" if table.geometry else "report" if name == "indicators" else "tables"
        suffix = "geojson" if table.geometry else "json"
        document = json.loads((written / folder / f"{name}.{suffix}").read_bytes())
        notice = result.study.sample_notice
        told, judged = document["notice"], any(one.estimate_of for one in table.fields)
        more = words("pipeline.estimates_notice", errors=result.study.errors) if judged else None
        for lang in LANGUAGES:
            assert told[lang] == " ".join([notice[lang], *([more[lang]] if more else [])]), name


def test_every_sheet_of_a_samples_workbook_says_so_on_the_screen_and_on_paper(written):
    book = load_workbook(written / "report" / "tables.xlsx")
    assert len(book.worksheets) > 10
    for sheet in book.worksheets:
        assert sheet["A1"].value.startswith(HEADLINE), sheet.title
        assert sheet.oddHeader.center.text.startswith(HEADLINE), sheet.title


def test_rasters_and_records_of_a_sample_say_so(written):
    for path in (written / "rasters").glob("*.tif"):
        with rasterio.open(path) as file:
            assert HEADLINE in file.tags()["TIFFTAG_IMAGEDESCRIPTION"], path.name
    for name in ("manifest.json", "catalogue/item.json", "catalogue/collection.json"):
        assert HEADLINE in (written / name).read_text(encoding="utf-8"), name
    assert HEADLINE in (written / "report" / "network.ofds.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - {"tif", "csv", "xlsx", "geojson"}))
def test_a_sample_says_so_in_other_formats(written, tmp_path, kind):
    one = {} if FORMATS[kind].whole else {"layers": ["villages"]}
    of_one = f"villages.{FORMATS[kind].suffix or kind}"
    to = tmp_path / ("folder" if FORMATS[kind].companions else of_one)
    paths = phusong.export_results(written, to, format=kind, **one)
    path = next(path for path in paths if path.stem.startswith("villages"))
    if kind == "parquet":
        said = pq.read_schema(path).metadata[b"description"].decode()
    elif kind == "kmz":
        said = zipfile.ZipFile(path).read("doc.kml").decode()
    elif kind == "kml":
        said = path.read_text(encoding="utf-8")
    elif kind == "shp":
        said = path.with_name("villages_columns.csv").read_text(encoding="utf-8-sig")
    elif kind in ("gpkg", "gpkg-metres"):
        with closing(sqlite3.connect(path)) as base:
            (said,) = base.execute(
                "SELECT description FROM gpkg_contents WHERE table_name = 'villages'"
            ).fetchone()
    elif kind == "fgb":
        said = path.read_bytes()[:4000].decode("utf-8", "ignore")
    else:
        said = str(pyogrio.read_info(path)["layer_metadata"] or pyogrio.read_info(path))
    assert HEADLINE in said
    assert ENGLISH in said


def test_an_export_to_a_folder_carries_the_notice_in_its_manifest(written, result, tmp_path):
    phusong.export_results(written, tmp_path / "csv", format="csv")
    manifest = json.loads((tmp_path / "csv" / "manifest.json").read_bytes())
    notice = result.study.sample_notice
    assert manifest["parameters"]["study"]["notice"] == {"vi": notice.vi, "en": notice.en}


def test_a_samples_verdicts_are_examples(written):
    page = (written / "index.html").read_text(encoding="utf-8")
    said = re.findall(r'class="verdict[^"]*"><bdi lang="vi">([^<]+)', page)
    assert any(one.startswith("ví dụ: ") for one in said)
    assert not {"đạt", "không đạt", "chưa kết luận"} & set(said)
    assert not re.search("[✓✗]", page)


def test_rasters_and_the_geopackage_say_their_coordinate_system(written):
    for path in (written / "rasters").glob("*.tif"):
        with rasterio.open(path) as file:
            assert "(EPSG:9209)" in file.tags()["TIFFTAG_IMAGEDESCRIPTION"], path.name
            assert file.crs.to_epsg() == 9209
    with closing(sqlite3.connect(written / "gis" / "layers.gpkg")) as base:
        told = base.execute(
            "SELECT description FROM gpkg_contents WHERE data_type = 'features'"
        ).fetchall()
    assert told
    assert all("WGS 84 (EPSG:4326)" in text for (text,) in told)


def test_a_raster_of_levels_says_what_it_holds_of_each_technology(written):
    with rasterio.open(written / "rasters" / "level_dbm_mobile.tif") as file:
        english, described = file.descriptions[0], file.tags()["TIFFTAG_IMAGEDESCRIPTION"]
    assert english == (
        "Level of the best server, Mobile (any technology), outdoor: RxLev of 2G, RSCP of 3G,"
        " RSRP of 4G, SS-RSRP of 5G, so that technologies do not compare; the raster of best"
        " servers tells which; VN-2000 / TM-3 105-30 (EPSG:9209)"
    )
    item = json.loads((written / "catalogue" / "item.json").read_bytes())
    vietnamese = item["assets"]["rasters/level_dbm_mobile.tif"]["title"]
    assert vietnamese == (
        "Mức thu của cell phục vụ tốt nhất, Di động (bất kỳ công nghệ nào), ngoài trời: RxLev nếu"
        " là 2G, RSCP nếu là 3G, RSRP nếu là 4G, SS-RSRP nếu là 5G, nên không so các công nghệ với"
        " nhau; lớp cell phục vụ tốt nhất cho biết công nghệ; VN-2000 / TM-3 105-30 (EPSG:9209)"
    )
    assert described.startswith(f"{vietnamese} / {english}")


@pytest.mark.parametrize("kind", ["best_server", "second_server"])
def test_qgis_finds_a_colour_and_a_name_for_every_server(written, result, kind):
    entries = ET.parse(written / "rasters" / f"{kind}_mobile.qml").iter("paletteEntry")
    named = {int(entry.get("value")): entry.get("label") for entry in entries}
    servers = getattr(result.services["mobile"], kind).to_numpy()
    with rasterio.open(written / "rasters" / f"{kind}_mobile.tif") as file:
        np.testing.assert_array_equal(file.read(1), servers)
    assert set(named) == set(np.unique(servers[servers >= 0]))
    for position, label in named.items():
        assert label.startswith(result.cells["cell_id"].iloc[position])


def test_some_rows_of_a_table_are_written_in_degrees_with_the_notice(result, tmp_path):
    chosen = ~result.villages["covered_mobile"].astype(bool)
    path = result.write_geojson("villages", tmp_path / "none.geojson", rows=chosen)
    document = json.loads(path.read_bytes())
    assert len(document["features"]) == chosen.sum() > 0
    assert document["notice"]["vi"].startswith(HEADLINE)
    for feature in document["features"]:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert 104 < longitude < 106
        assert 22 < latitude < 24
    with pytest.raises(ExportError, match="geojson"):
        result.write_geojson("indicators", tmp_path / "no.geojson")


def test_what_is_told_of_a_village_adds_up_in_geojson_and_sheet(written, result):
    features = json.loads((written / "geojson" / "villages.geojson").read_bytes())["features"]
    sheet = load_workbook(written / "report" / "tables.xlsx")["Thôn"]
    headings = next(row for row in sheet.values if row[0] == "village_id")
    judged = 0
    for feature, row in zip(features, list(sheet.values)[-len(features) :], strict=True):
        told = feature["properties"]
        shown = dict(zip(headings, row, strict=True))
        for service in result.study.services:
            of = {
                name: told[f"{name}_{service.id}"]
                for name in (
                    "level_dbm",
                    "needed_dbm",
                    "threshold_dbm",
                    "allowance_db",
                    "margin_db",
                )
            }
            assert {name: shown[f"{name}_{service.id}"] for name in of} == of
            if of["level_dbm"] is None:
                assert not told[f"covered_{service.id}"]
                assert set(of.values()) == {None}
                continue
            judged += 1
            assert told[f"covered_{service.id}"] == (of["margin_db"] >= 0)
            technology = told[f"server_technology_{service.id}"]
            assert of["threshold_dbm"] == service.threshold_dbm[technology]
            assert of["needed_dbm"] == pytest.approx(of["threshold_dbm"] + of["allowance_db"])
            assert of["margin_db"] == pytest.approx(of["level_dbm"] - of["needed_dbm"], abs=2e-3)
    assert judged > 0
