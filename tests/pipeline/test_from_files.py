"""A study begun from the files of an office: each taken for what it is, with the evidence."""

import tomllib
from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
from typer.testing import CliRunner

import phusong
from phusong.admin import IN_FORCE, units
from phusong.cli import app
from phusong.errors import OutputError, StudyError
from phusong.pipeline.load import load
from phusong.pipeline.templates.from_files import begin_from

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")

cli = CliRunner()


@pytest.fixture(scope="module")
def office(pristine, tmp_path_factory):
    """Return a folder as an operator and the land office send it: a list, a shapefile, a DEM."""
    folder = tmp_path_factory.mktemp("office")
    cells = pd.read_csv(pristine / "cells.csv", dtype=str)
    sites = cells.groupby("site_id").agg({"lon": "first", "lat": "first"}).reset_index()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["TẬP ĐOÀN VIỄN THÔNG"])
    sheet.append(["DANH SÁCH TRẠM PHÁT SÓNG"])
    sheet.append(["TT", "Tên trạm", "Nhà mạng", "Công nghệ", "Băng tần", "Kinh độ", "Vĩ độ",
                  "Chiều cao cột (m)", "Góc phương vị"])  # fmt: skip
    for number, (_, lon, lat) in enumerate(sites.itertuples(index=False), start=1):
        sheet.append([number, f"HG{number:03}", "Viettel", "2G/4G", "900/1800", float(lon),
                      float(lat), 36 if number % 2 else None, "0/120/240"])  # fmt: skip
    sheet.append([None, "Tổng cộng", None, None, None, None, None, None, 8])
    book.save(folder / "danh sach tram.xlsx")
    communes = gpd.read_file(pristine / "communes.geojson")
    listed = [unit for unit in units("2017").values() if unit.type == "xã"][: len(communes)]
    gpd.GeoDataFrame(
        {"MA_XA": [one.code for one in listed], "TEN_XA": [one.name for one in listed],
         "DAN_SO": communes["population"].fillna(1000)},
        geometry=communes.geometry, crs=communes.crs,
    ).to_file(folder / "ranh_gioi_xa.shp", encoding="utf-8")  # fmt: skip
    (folder / "do_cao.tif").write_bytes((pristine / "terrain.tif").read_bytes())
    return folder


@pytest.fixture(scope="module")
def files(office):
    return [office / name for name in ("danh sach tram.xlsx", "ranh_gioi_xa.shp", "do_cao.tif")]


def test_from_an_empty_folder_to_a_map_without_editing(files, tmp_path):
    begun = cli.invoke(
        app, ["new", str(tmp_path / "s"), "--from", *map(str, files), "--lang", "en"]
    )
    assert begun.exit_code == 0, begun.stderr
    assert "9 rows: taken for “Cells: one sector on one carrier”, as 6 headings" in begun.stderr
    assert "in its list 2017" in begun.stderr
    checked = cli.invoke(app, ["check", str(tmp_path / "s"), "--lang", "en"])
    assert "of sites" in checked.stderr

    result = phusong.run(phusong.open_study(tmp_path / "s"), threads=2)

    page = result.write(tmp_path / "out")
    assert page.is_file()
    assert list((tmp_path / "out" / "maps").glob("*.html"))
    assert len(result.cells) == 8 * 6
    row = result.indicators.set_index("indicator").loc["assumed_population_share_mobile"]
    assert row["computed"] == 1  # no power is in the list
    assert "48 of 48 cells" in row["definition_en"]


def test_each_line_carries_its_evidence(files, tmp_path):
    begun = begin_from(tmp_path / "s", files)
    content = begun.path.read_text(encoding="utf-8")
    study = tomllib.loads(content)

    assert begun.undecided == ()
    assert study["province"] == "Hà Giang"
    assert study["crs"] == "EPSG:9209"
    assert study["faulty_rows"] == "set_aside"
    assert study["inputs"] == {
        "cells": "danh sach tram.xlsx",
        "communes": {
            "path": "ranh_gioi_xa.shp",
            "constants": {"valid_from": IN_FORCE["2017"]},
        },
        "terrain": ["do_cao.tif"],
    }
    lines = content.split("\n")
    for name in ("cells", "communes", "terrain", "province"):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[at - 1].startswith("# ")
    assert "Tên trạm, Nhà mạng, Công nghệ" in content
    assert (tmp_path / "s" / "ranh_gioi_xa.dbf").is_file()


def test_types_of_communes_are_those_of_the_list(files, tmp_path):
    study = begin_from(tmp_path / "s", files).path.parent

    tables = load(phusong.open_study(study)).tables

    assert set(tables["communes"]["type"]) == {"xã"}


def test_a_folder_stands_for_its_files_and_nothing_is_copied_onto_itself(office, files, tmp_path):
    one = begin_from(tmp_path / "s", [office])
    other = begin_from(tmp_path / "s2", files)
    told = [line for line in one.path.read_text(encoding="utf-8").split("\n") if "inputs" in line]
    assert one.told
    assert sorted(one.path.read_text(encoding="utf-8").split("\n")) == sorted(
        other.path.read_text(encoding="utf-8").split("\n")
    )
    assert told

    one.path.unlink()
    before = {path.name for path in one.path.parent.iterdir()}
    begin_from(tmp_path / "s", [tmp_path / "s"])
    assert {path.name for path in one.path.parent.iterdir()} == before | {"study.toml"}


def test_what_is_in_doubt_is_asked(files, tmp_path):
    both = tmp_path / "khac.csv"
    both.write_text("name,lon,lat\nTha,104.98,22.82\n", encoding="utf-8")
    flat = tmp_path / "la.tif"
    with rasterio.open(files[2]) as source:
        profile, shape = source.profile, source.shape
    with rasterio.open(flat, "w", **profile) as target:
        rng = np.random.default_rng(0)
        rough = np.abs(rng.normal(20, 6, shape).cumsum(axis=1) / 30).astype(profile["dtype"])
        target.write(rough, 1)

    begun = begin_from(tmp_path / "s", [*files, both, flat])

    told = {one.file: one.message for one in begun.undecided}
    assert told["khac.csv"] == "study.not_recognised"
    assert told.get("la.tif", "study.undecided") == "study.undecided"
    inputs = tomllib.loads(begun.path.read_text(encoding="utf-8"))["inputs"]
    assert "khac.csv" not in str(inputs)


def test_two_rasters_of_people_are_not_chosen_between(files, pristine, tmp_path):
    for name in ("a.tif", "b.tif"):
        (tmp_path / name).write_bytes((pristine / "population.tif").read_bytes())

    done = cli.invoke(
        app,
        ["new", str(tmp_path / "s"), "--from", *map(str, files), str(tmp_path / "a.tif"),
         str(tmp_path / "b.tif"), "--lang", "en"],
    )  # fmt: skip

    assert done.exit_code == 2
    assert "take the # off" in done.stderr
    content = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    assert '# population = "a.tif"' in content
    assert "population" not in tomllib.loads(content)["inputs"]


def test_a_province_that_the_files_do_not_tell_is_asked(files, tmp_path):
    with pytest.raises(StudyError) as refusal:
        begin_from(tmp_path / "s", [files[0], files[2]])
    assert refusal.value.problems[0].message == "study.province_not_told"
    assert not (tmp_path / "s").exists()

    with pytest.raises(StudyError) as refusal:
        begin_from(tmp_path / "s", files, province="Cao Bằng")
    assert refusal.value.problems[0].message == "study.other_province"


def test_files_are_copied_over_nothing(files, tmp_path):
    (tmp_path / "s").mkdir()
    mine = tmp_path / "s" / "do_cao.tif"
    mine.write_text("mine", encoding="utf-8")

    with pytest.raises(OutputError):
        begin_from(tmp_path / "s", files)

    assert [path.name for path in (tmp_path / "s").iterdir()] == ["do_cao.tif"]
    assert mine.read_text(encoding="utf-8") == "mine"


def shapefile(folder, pristine, listed, **columns):
    """Write the outlines of the small study as other communes."""
    communes = gpd.read_file(pristine / "communes.geojson")
    gpd.GeoDataFrame(
        {"MA_XA": [one.code for one in listed], "TEN_XA": [one.name for one in listed], **columns},
        geometry=communes.geometry, crs=communes.crs,
    ).to_file(folder / "xa.shp", encoding="utf-8")  # fmt: skip
    return folder / "xa.shp"


def test_a_merged_province_has_the_zone_of_the_nearest_meridian(files, pristine, tmp_path):
    listed = [one for one in units("2025").values() if one.province_code == "08"][:6]
    path = shapefile(tmp_path, pristine, listed, DAN_SO=[1000] * 6)

    begun = begin_from(tmp_path / "s", [files[0], path, files[2]])

    study = tomllib.loads(begun.path.read_text(encoding="utf-8"))
    assert (study["province"], study["edition"]) == ("Tuyên Quang", "2025")
    assert study["crs"] == "EPSG:9209"  # 105°30', of former Hà Giang; 106° was Tuyên Quang's
    assert any("EPSG:9209" in told.en and "nearest" in told.en for told in begun.told)


def test_names_tell_the_province_where_codes_do_not(files, pristine, tmp_path):
    listed = [one for one in units("2017").values() if one.type == "xã"][:6]
    made_up = [replace(one, code=f"{number:05}") for number, one in enumerate(listed, 90000)]
    path = shapefile(tmp_path, pristine, made_up, DAN_SO=[1000] * 6)

    begun = begin_from(tmp_path / "s", [files[0], path, files[2]], as_of=date(2017, 12, 31))

    assert tomllib.loads(begun.path.read_text(encoding="utf-8"))["province"] == "Hà Giang"
    assert any("6 of 6 names" in told.en for told in begun.told)


def test_communes_without_people_are_told_at_once(files, pristine, tmp_path):
    listed = [one for one in units("2017").values() if one.type == "xã"][:6]

    begun = begin_from(tmp_path / "s", [files[0], shapefile(tmp_path, pristine, listed), files[2]])

    assert begun.undecided == ()
    assert "no figure of residents" in begun.told[-1].en


def test_sites_communes_and_elevation_alone_give_a_map(files, pristine, tmp_path):
    book = openpyxl.load_workbook(files[0])
    book.active.delete_cols(3)  # nobody writes into his own list whose it is
    named = tmp_path / "tram Viettel 2017.xlsx"
    book.save(named)
    listed = [one for one in units("2017").values() if one.type == "xã"][:6]

    begun = begin_from(tmp_path / "s", [named, shapefile(tmp_path, pristine, listed), files[2]])
    study = phusong.open_study(tmp_path / "s")
    assert begun.undecided == ()
    assert study.inputs.tables["cells"][0].constants == {"operator": "Viettel"}
    assert "pipeline.no_people" in {note.message for note in phusong.check(study)}
    result = phusong.run(study, threads=2)
    page = result.write(tmp_path / "out")

    assert result.gaps is None
    people = [name for name in result.communes if "population" in name]
    assert len(people) > 5
    assert result.communes[people].isna().all(axis=None)
    assert result.communes["covered_area_share_mobile"].between(0, 1).all()
    board = result.indicators.set_index("indicator")
    of_people = board.loc["covered_population_share_mobile"]
    assert (of_people["status"], of_people["target"]) == ("no_figure", 0.98)
    assert np.isnan(of_people["computed"])
    assert board.loc["covered_area_share_mobile", "computed"] > 0
    assert not [name for name in board.index if name.startswith(("communes_met", "assumed"))]
    said = page.read_text(encoding="utf-8")
    assert "No figures of residents: by share of area covered" in said
    assert "There is no figure of residents at all" in said
    overview = (tmp_path / "out" / "maps" / "overview.html").read_text(encoding="utf-8")
    assert "Share of area covered on the map, by commune" in overview
    paper = phusong.pipeline.print_results(tmp_path / "out", "overview", tmp_path / "a.pdf")
    assert paper.path.is_file()
    recast = phusong.recast_results(tmp_path / "out", "2025")
    assert recast.write(tmp_path / "recast").is_file()
