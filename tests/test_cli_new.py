"""Beginning a study: the scaffold, the workbook to fill in, and what happens to both."""

import shutil

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.pipeline.load import load
from phusong.tables import INPUT_TABLES

cli = CliRunner()
SHEETS = ("cells", "villages", "offices", "places")
PROVINCE = ("--province", "Hà Giang", "--as-of", "2017-12-31")
MAPS = ("communes", "spans", "nodes", "roads", "rivers")


@pytest.fixture
def begun(tmp_path):
    target = tmp_path / "Nghiên cứu mới" / "Hà Giang"
    done = cli.invoke(app, ["new", str(target), *PROVINCE, "--templates"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.split("\n")[:2] == [
        str(target / name) for name in ("study.toml", "nhap-lieu.xlsx")
    ]
    return target


def fill(sheet, table, *, metres):
    """Type a table into its sheet, as a person would: Vietnamese words, one pair of columns."""
    headings = [cell.value for cell in sheet[1]]
    fields = {field.name: field for field in INPUT_TABLES[sheet.title].fields}
    x, y = ("x_m", "y_m") if metres else ("lon", "lat")
    points = table.geometry if metres else table.geometry.to_crs("OGC:CRS84")
    for row, point in zip(table.to_dict("records"), points, strict=True):
        cells = {x: point.x, y: point.y}
        for name, field in fields.items():
            value = row[name]
            if pd.isna(value):
                continue
            if field.choices_vi:
                value = field.choices_vi[field.choices.index(value)][0].capitalize()
            elif field.kind == "boolean":
                value = "có" if value else "không"
            elif field.kind == "date":
                value = value.strftime("%d/%m/%Y")
            elif field.kind == "number":
                value = str(value).replace(".", ",")
            cells[name] = value
        sheet.append([cells.get(heading) for heading in headings])


def test_workbook_filled_in_is_the_study_it_was_typed_from(begun, pristine):
    tables = load(phusong.open_study(pristine)).tables
    path = begun / "nhap-lieu.xlsx"
    form = openpyxl.load_workbook(path)
    for name in SHEETS:
        fill(form[name], tables[name], metres=name == "offices")
    form.save(path)
    for name in (*(f"{one}.geojson" for one in MAPS), "terrain.tif", "population.tif"):
        shutil.copy(pristine / name, begun / name)

    done = cli.invoke(app, ["check", str(begun)])
    assert done.exit_code == 0, done.stderr
    again = load(phusong.open_study(begun)).tables
    for name in SHEETS:
        assert again[name].drop(columns="geometry").equals(tables[name].drop(columns="geometry"))
        assert again[name].distance(tables[name]).max() < 0.01


def test_sheet_left_empty_says_which_line_to_delete(begun, pristine):
    for name in (*(f"{one}.geojson" for one in MAPS), "terrain.tif", "population.tif"):
        shutil.copy(pristine / name, begun / name)
    done = cli.invoke(app, ["check", str(begun)])
    assert done.exit_code == 2
    for name in SHEETS:
        assert f"nhap-lieu.xlsx, trang tính {name}: Không có dòng dữ liệu nào" in done.stderr


def test_filled_workbook_is_never_overwritten_and_nothing_is_begun(tmp_path):
    (tmp_path / "nhap-lieu.xlsx").write_bytes(b"mine")
    done = cli.invoke(app, ["new", str(tmp_path), *PROVINCE, "--templates"])
    assert done.exit_code == 2
    assert "nhap-lieu.xlsx" in done.stderr
    assert (tmp_path / "nhap-lieu.xlsx").read_bytes() == b"mine"
    assert not (tmp_path / "study.toml").exists()


def test_beginning_that_is_interrupted_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    own = tmp_path / "study"
    own.mkdir()
    (own / "ghi-chu.txt").write_text("của tôi", encoding="utf-8")
    (tmp_path / "mang.json").write_text("{}", encoding="utf-8")

    def interrupted(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr("phusong.pipeline.templates.form.write_form", interrupted)
    network = str(tmp_path / "mang.json")
    cli.invoke(app, ["new", str(own), *PROVINCE, "--templates", "--ofds", network])
    assert [path.name for path in own.iterdir()] == ["ghi-chu.txt"]


def test_day_may_be_written_as_in_vietnam(tmp_path):
    day = ("--province", "Hà Giang", "--as-of", "31/12/2017")
    done = cli.invoke(app, ["new", str(tmp_path), *day])
    assert done.exit_code == 0, done.stderr
    assert "as_of = 2017-12-31" in (tmp_path / "study.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["", "run", "check", "new", "export", "paper", "profile"])
def test_help_fits_a_terminal_and_begins_in_vietnamese(command):
    done = cli.invoke(app, [*command.split(), "--help"], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    assert max(map(len, done.stdout.split("\n"))) <= 80
    assert "/ example" in done.stdout or "/ to begin" in done.stdout
