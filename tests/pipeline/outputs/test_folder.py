"""What stands in every file of an output folder."""

import json
import re
import sqlite3
import zipfile
from contextlib import closing

import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
from openpyxl import load_workbook

import phusong
from phusong.export import FORMATS

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
        assert document["notice"]["vi"].startswith(HEADLINE), name
        assert document["notice"]["en"].startswith(ENGLISH), name


def test_every_sheet_of_a_samples_workbook_says_so_on_the_screen_and_on_paper(written):
    book = load_workbook(written / "report" / "tables.xlsx")
    assert len(book.worksheets) > 10
    for sheet in book.worksheets:
        assert sheet["A1"].value.startswith(HEADLINE), sheet.title
        assert sheet.oddHeader.center.text.startswith(HEADLINE), sheet.title


def test_rasters_and_records_of_a_sample_say_so(written):
    for path in (written / "rasters").glob("*.tif"):
        with rasterio.open(path) as file:
            assert file.tags()["TIFFTAG_IMAGEDESCRIPTION"].startswith(HEADLINE), path.name
    for name in ("manifest.json", "catalogue/item.json", "catalogue/collection.json"):
        assert HEADLINE in (written / name).read_text(encoding="utf-8"), name
    assert HEADLINE in (written / "report" / "network.ofds.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - {"tif", "csv", "xlsx", "geojson"}))
def test_a_sample_says_so_in_other_formats(written, tmp_path, kind):
    one = {} if FORMATS[kind].whole else {"layers": ["villages"]}
    (path,) = phusong.export_results(written, tmp_path / f"villages.{kind}", **one)
    if kind == "parquet":
        said = pq.read_schema(path).metadata[b"description"].decode()
    elif kind == "kmz":
        said = zipfile.ZipFile(path).read("doc.kml").decode()
    elif kind == "kml":
        said = path.read_text(encoding="utf-8")
    elif kind == "gpkg":
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


def test_an_export_to_a_folder_carries_the_notice_in_its_manifest(written, tmp_path):
    phusong.export_results(written, tmp_path / "csv", format="csv")
    manifest = json.loads((tmp_path / "csv" / "manifest.json").read_bytes())
    assert manifest["parameters"]["study"]["notice"]["vi"].startswith(HEADLINE)


def test_a_samples_verdicts_are_examples(written):
    page = (written / "index.html").read_text(encoding="utf-8")
    assert "ví dụ: chưa đạt" in page
    assert not re.search("[✓✗]", page)
