"""The answer of a check: counts, page, workbooks given back, list of problems, exit code."""

import csv
import json
import pathlib
import sys

import openpyxl
import pandas as pd
import pytest
import rasterio
from affine import Affine
from openpyxl.styles import Font
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import InputError, OutputError
from phusong.export import read_manifest

cli = CliRunner()
ATTACK = "=cmd|' /C calc'!A0"


@pytest.fixture
def dirty(offices_alone):
    """Return a study of one workbook: a sound row, one to be mended, two that cannot be used."""
    offices = pd.read_csv(offices_alone / "offices.csv", dtype=str).head(4)
    offices.loc[1, ["lon", "lat"]] = offices.loc[1, ["lat", "lon"]].to_numpy()
    offices.loc[2, "level"] = "phường hội"
    offices.loc[3, "name"] = None
    offices.loc[0, "name"] = ATTACK
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Trụ sở"
    sheet.append(["DANH SÁCH TRỤ SỞ"])
    sheet["A1"].font = Font(bold=True, size=16, color="FF00AA00")
    sheet.append(list(offices.columns))
    for row in offices.itertuples(index=False):
        sheet.append([None if pd.isna(cell) else cell for cell in row])
    attacked = sheet.cell(3, list(offices.columns).index("name") + 1)
    attacked.value, attacked.data_type = ATTACK, "s"
    sheet.column_dimensions["A"].width = 41
    book.create_sheet("Ghi chú")["A1"] = "của tôi"
    book.save(offices_alone / "tru-so.xlsx")
    toml = offices_alone / "study.toml"
    text = toml.read_text("utf-8").replace('"offices.csv"', '"tru-so.xlsx"')
    toml.write_text(text.replace('faulty_rows = "refuse"', 'faulty_rows = "set_aside"'), "utf-8")
    assert 'faulty_rows = "set_aside"' in toml.read_text("utf-8")
    return offices_alone


@pytest.fixture
def report(dirty):
    return phusong.check(phusong.open_study(dirty))


def test_every_row_is_counted_and_told(report):
    (counts,) = report.files.to_dict("records")
    assert counts == {
        "file": "tru-so.xlsx", "sheet": "Trụ sở", "table": "offices",
        "rows": 6, "used": 2, "mended": 1, "set_aside": 2, "passed_over": 2,
    }  # fmt: skip
    assert report.rows["fate"].to_list() == ["used", "mended", "set_aside", "set_aside"]
    assert report.rows["row"].to_list() == [3, 4, 5, 6]
    assert report.rows.crs == "EPSG:9209"
    assert "Expected one of" in report.rows["reason_en"].iloc[2]
    assert "tru-so.xlsx · Trụ sở" in report._repr_html_()
    used = report.columns.set_index("heading").loc["level"]
    assert (used["field"], used["how"], used["score"]) == ("level", "name", 100)


def test_the_list_of_problems_says_what_was_expected_and_how_to_mend_it(report):
    wrong = report.problems[report.problems["kind"] == "set_aside"].set_index("row")
    assert wrong.loc[5, "column"] == "level"
    assert wrong.loc[5, "value"] == "phường hội"
    assert "tỉnh (province)" in wrong.loc[5, "expected_vi"]
    assert wrong.loc[6, ["what_en", "mend_en"]].to_list() == [
        "This required cell is empty.", "Fill it in.",
    ]  # fmt: skip


def test_the_users_own_workbook_comes_back_with_its_marks(report, dirty):
    before = (dirty / "tru-so.xlsx").read_bytes()
    page = report.write()
    assert page == dirty / "check" / "index.html"
    assert (dirty / "tru-so.xlsx").read_bytes() == before
    book = openpyxl.load_workbook(dirty / "check" / "workbooks" / "tru-so.xlsx")
    assert book.sheetnames == ["Tóm tắt kiểm tra", "Trụ sở", "Ghi chú"]
    sheet = book["Trụ sở"]
    assert sheet["A1"].font.size == 16
    assert sheet.column_dimensions["A"].width == 41
    place = {cell.value: cell.column for cell in sheet[2]}
    mended = sheet.cell(4, place["lon"])
    assert mended.comment.text.startswith("ĐÃ SỬA: Đọc là (10")
    assert "MENDED: Read as (10" in mended.comment.text
    wrong, empty = sheet.cell(5, place["level"]), sheet.cell(6, place["name"])
    assert "KHÔNG DÙNG: Phải là một trong" in wrong.comment.text
    assert "NOT USED: This required cell is empty. Fill it in." in empty.comment.text
    assert wrong.fill.fgColor.rgb == empty.fill.fgColor.rgb != mended.fill.fgColor.rgb
    assert sheet.cell(5, place["name"]).comment is None
    name = sheet.cell(3, place["name"])
    assert (name.value, name.data_type) == (ATTACK, "s")


def test_texts_of_files_are_inert_in_every_file_of_the_answer(dirty):
    columns = pd.read_excel(dirty / "tru-so.xlsx", header=1, dtype=str, engine="openpyxl")
    columns.loc[0, "level"] = "<script>alert(1)</script>"
    columns.to_csv(dirty / "offices.csv", index=False)
    toml = dirty / "study.toml"
    toml.write_text(toml.read_text("utf-8").replace('"tru-so.xlsx"', '"offices.csv"'), "utf-8")
    out = phusong.check(phusong.open_study(dirty)).write(dirty / "answer").parent
    page = (out / "index.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert page.count("<script>") == 1
    assert "&lt;script&gt;" in page
    for row in csv.reader((out / "problems.csv").read_text("utf-8-sig").splitlines()):
        assert not any(cell.startswith(("=", "+", "@")) for cell in row)
    book = openpyxl.load_workbook(out / "workbooks" / "offices.csv.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert ATTACK in {cell.value for cell in cells}


def test_the_answer_is_whole_or_not_at_all_and_never_over_the_users_files(report, dirty):
    (dirty / "check").mkdir()
    (dirty / "check" / "thesis.docx").touch()
    with pytest.raises(OutputError, match="phusong did not write"):
        report.write()
    assert [path.name for path in (dirty / "check").iterdir()] == ["thesis.docx"]
    page = report.write(dirty / "elsewhere")
    again = report.write(dirty / "elsewhere")
    assert page == again
    manifest = read_manifest(page.parent)
    assert {one.path for one in manifest.outputs} == {
        "index.html", "problems.csv", "workbooks/tru-so.xlsx",
    }  # fmt: skip
    assert not manifest.is_result


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_does_not_lead_the_answer_out_of_the_folder(report, dirty, tmp_path):
    (tmp_path / "outside").mkdir()
    pathlib.Path(dirty / "check").symlink_to(tmp_path / "outside")
    with pytest.raises(OutputError, match="out of the study's folder"):
        report.write()
    assert not list((tmp_path / "outside").iterdir())


def test_exit_codes_are_0_clean_1_told_2_unusable(dirty, offices_alone):
    toml = dirty / "study.toml"
    text = toml.read_text("utf-8")
    told = cli.invoke(app, ["check", str(dirty), "--lang", "en"])
    assert told.exit_code == 1, told.output
    assert "tru-so.xlsx" in told.stdout
    toml.write_text(text.replace('faulty_rows = "set_aside"', 'faulty_rows = "refuse"'), "utf-8")
    refused = cli.invoke(app, ["check", str(dirty), "--lang", "en"])
    assert refused.exit_code == 2
    assert "2 problems in the input" in refused.stderr
    assert (dirty / "check" / "workbooks" / "tru-so.xlsx").is_file()
    toml.write_text(text.replace('"tru-so.xlsx"', '"offices.csv"'), "utf-8")
    clean = cli.invoke(app, ["check", str(dirty), "--lang", "en"])
    assert clean.exit_code == 0, clean.output


def test_a_study_that_cannot_be_computed_is_still_told_row_by_row(dirty):
    toml = dirty / "study.toml"
    text = toml.read_text("utf-8")
    toml.write_text(text.replace('faulty_rows = "set_aside"', 'faulty_rows = "refuse"'), "utf-8")
    study = phusong.open_study(dirty)
    with pytest.raises(InputError):
        phusong.check(study)
    report = phusong.check(study, refuse=False)
    assert report.exit_code == 2
    assert isinstance(report.fault, InputError)
    assert report.files["set_aside"].to_list() == [2]
    assert set(report.problems["kind"]) >= {"set_aside", "mended"}


def test_a_file_that_cannot_be_read_has_its_line(dirty):
    (dirty / "tru-so.xlsx").write_bytes(b"PK\x03\x04 cut off")
    report = phusong.check(phusong.open_study(dirty), refuse=False)
    assert report.files[["file", "rows", "used"]].to_numpy().tolist() == [["tru-so.xlsx", 0, 0]]
    assert "bị cắt cụt" in report.write(dirty / "out").read_text("utf-8")


def test_units_of_another_day_are_passed_over(folder):
    path = folder / "communes.geojson"
    content = json.loads(path.read_text("utf-8"))
    content["features"][0]["properties"]["valid_from"] = "2099-01-01"
    path.write_text(json.dumps(content), "utf-8")
    report = phusong.check(phusong.open_study(folder), refuse=False)
    counts = report.files.set_index("table")
    assert counts.loc["communes", ["rows", "used", "passed_over"]].to_list() == [6, 5, 1]
    assert (counts["used"] + counts["set_aside"] + counts["passed_over"] == counts["rows"]).all()


@pytest.mark.parametrize("shift_degrees", [0.0, 0.05])
def test_people_of_the_raster_are_on_the_board_or_told_as_outside(folder, shift_degrees):
    path = folder / "population.tif"
    with rasterio.open(path) as source:
        people, about = source.read(1, masked=True).filled(0), source.profile
        about["transform"] = source.transform @ Affine.translation(
            shift_degrees / source.transform.a, 0
        )
    with rasterio.open(path, "w", **about) as written:
        written.write(people, 1)
    found = phusong.run(phusong.open_study(folder), parts=["territory"])
    told = [note for note in found.notes if note.message == "pipeline.people_outside"]
    outside = sum(note.values["count"] for note in told)
    assert bool(outside) == bool(shift_degrees)
    of_communes = found.communes["population"].sum()
    assert of_communes + outside == pytest.approx(people.sum(), abs=0.5)
    assert found.province["population"].item() == pytest.approx(of_communes, abs=0.5)


def test_what_a_list_of_sites_lacks_and_what_is_assumed_stands_on_the_summary(folder):
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    sites = cells.drop_duplicates("site_id")[["site_id", "operator", "technology", "lon", "lat"]]
    sites.to_excel(folder / "tram.xlsx", index=False)
    toml = folder / "study.toml"
    toml.write_text(toml.read_text("utf-8").replace('"cells.csv"', '"tram.xlsx"'), "utf-8")

    report = phusong.check(phusong.open_study(folder), refuse=False)
    report.write()

    book = openpyxl.load_workbook(folder / "check" / "workbooks" / "tram.xlsx")
    words = [str(row[0].value) for row in book["Tóm tắt kiểm tra"].iter_rows()]
    (assumed,) = [one for one in words if "dùng giá trị giả định" in one]
    assert "rs_eirp_dbm" in assumed
    assert "assumed_values" in assumed
    (reading,) = [one for one in report.readings if one.file == "tram.xlsx"]
    assert [one.message for one in reading.remarks] == ["inputs.site_list", "inputs.values_assumed"]
