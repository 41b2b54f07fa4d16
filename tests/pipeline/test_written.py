"""A written folder opened again: what the run found, and nothing is computed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import phusong
from phusong.errors import InputError, NeedsRunError, PathError
from phusong.export.manifest import digest_of

HALF_OF_THE_LAST_DECIMAL = 5.001e-7
ROUNDED_M = 0.12
"""Six decimals of a degree are 0.11 m of latitude: a vertex moves by half of that each way."""


@pytest.fixture(scope="module")
def opened(written) -> phusong.WrittenResult:
    return phusong.open_result(written)


@pytest.fixture
def out(written, tmp_path) -> Path:
    """Return a copy of the output of the small study that a test may change."""
    return Path(shutil.copytree(written, tmp_path / "out"))


def test_every_table_is_that_of_the_run(opened, result):
    assert list(opened.tables) == list(result.tables)
    assert len(opened.tables) > 12
    for name, (run, _) in result.tables.items():
        read = opened.tables[name][0]
        assert type(read) is type(run), name
        assert read.dtypes.to_dict() == run.dtypes.to_dict(), name
        assert read.index.equals(run.index), name
        for column in run.columns.drop("geometry", errors="ignore"):
            is_missing = run[column].isna()
            assert read[column].isna().equals(is_missing), (name, column)
            if run[column].dtype == "float64":
                away = (read[column] - run[column]).abs().max()
                assert not away > HALF_OF_THE_LAST_DECIMAL, (name, column)
            else:
                there = ~is_missing
                assert read[column][there].equals(run[column][there]), (name, column)
        if "geometry" in run:
            assert read.crs == run.crs
            placed = ~(run.geometry.isna() | run.geometry.is_empty)
            assert read.geometry.notna().equals(placed)
            away = read.geometry[placed].hausdorff_distance(run.geometry[placed])
            assert not away.max() > ROUNDED_M, name


def test_board_words_notes_and_study_are_those_of_the_run(opened, result):
    for lang in ("vi", "en"):
        assert opened.board(lang).equals(result.board(lang))
        assert [note.render(lang) for note in opened.notes] == [
            note.render(lang) for note in result.notes
        ]
        shown = opened.words("gaps", lang=lang), result.words("gaps", lang=lang)
        pd.testing.assert_frame_equal(*shown, atol=HALF_OF_THE_LAST_DECIMAL)
    assert [note.message for note in opened.notes] == [note.message for note in result.notes]
    assert opened.study.model_dump(exclude={"folder"}) == result.study.model_dump(
        exclude={"folder"}
    )
    assert opened.rollout is None
    assert "<table" in opened._repr_html_()


def test_rasters_are_those_of_the_run_and_read_by_window(opened, result):
    assert set(result.rasters) < set(opened.rasters)  # and the classes that a map shows
    for name in ("margin_db_mobile", "best_server_mobile"):
        run, read = result.raster(name), opened.raster(name)
        np.testing.assert_array_equal(read, run)
        west, south, east, north = result.communes.geometry.iloc[1].bounds
        window = (west, south, east, north)
        part, of_run = opened.raster(name, window), result.raster(name, window)
        assert part.shape < run.shape
        np.testing.assert_array_equal(part, of_run)
        np.testing.assert_array_equal(part.x, of_run.x)
        np.testing.assert_array_equal(part.y, of_run.y)
    with pytest.raises(ValueError, match="lies outside"):
        opened.raster(name, (0.0, 0.0, 10.0, 10.0))
    with pytest.raises(KeyError):
        opened.raster("margin_db_9g")


def test_maps_and_sheets_are_drawn_and_tables_carried(opened, tmp_path):
    assert "Bản Mẫu" in opened.map("gaps").get_root().render()
    sheet = opened.paper("overview", tmp_path / "overview.pdf")
    assert sheet.path.read_bytes().startswith(b"%PDF")
    path = opened.write_geojson("gaps", tmp_path / "gaps.geojson")
    assert len(json.loads(path.read_bytes())["features"]) == len(opened.gaps)


def test_a_place_receives_what_it_did_in_the_run(opened, result):
    village = result.villages.to_crs("EPSG:4326").geometry
    for place in (village.iloc[0], village.iloc[-1]):
        read = opened.at(place.x, place.y, lang="en")
        run = result.at(place.x, place.y, lang="en")
        away = (read.pop("distance_km") - run.pop("distance_km")).abs()
        assert not away.max() > ROUNDED_M / 1000
        pd.testing.assert_frame_equal(read, run)
        assert read["cell_id"].notna().any()
    with pytest.raises(PathError, match="lies outside the study's map"):
        opened.at(120.0, 22.8)


def test_what_needs_the_signal_itself_says_to_run_the_study(opened, result):
    for asked in ("profile", "survey", "with_mast", "cells", "services", "write"):
        with pytest.raises(NeedsRunError, match=f"“{asked}”") as refused:
            getattr(opened, asked)
        assert "phusong.open_study" in refused.value.render("en")
    with pytest.raises(NeedsRunError, match="“what_if”"):
        phusong.what_if(opened, result.cells)
    with pytest.raises(AttributeError, match="'WrittenResult' object has no attribute 'nothing'"):
        opened.nothing  # noqa: B018  the access itself is refused


def relisted(out, name):
    """Enter a file that a test changed in the manifest, as whoever forges a folder would."""
    manifest = json.loads((out / "manifest.json").read_bytes())
    fresh = digest_of(name, out / name).model_dump(by_alias=True)
    manifest["outputs"] = [
        *(entry for entry in manifest["outputs"] if entry["path"] != name), fresh,
    ]  # fmt: skip
    (out / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_a_folder_that_is_not_whole_is_refused_in_one_message(out):
    (out / "geojson" / "gaps.geojson").unlink()
    (out / "geojson" / "villages.geojson").write_text("{}")
    with pytest.raises(InputError) as refused:
        phusong.open_result(out)
    assert [(one.message, one.file) for one in refused.value.problems] == [
        ("export.altered", "geojson/gaps.geojson"), ("export.altered", "geojson/villages.geojson"),
    ]  # fmt: skip


def test_a_manifest_that_leads_outside_is_refused(out):
    manifest = json.loads((out / "manifest.json").read_bytes())
    manifest["outputs"][0]["path"] = "../../etc/passwd"
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"outputs\.0\.path"):
        phusong.open_result(out)


def test_a_link_out_of_the_folder_is_refused(out, tmp_path):
    moved = tmp_path / "elsewhere.json"
    (out / "report" / "run.json").rename(moved)
    (out / "report" / "run.json").symlink_to(moved)
    with pytest.raises(InputError, match=r"report/run\.json"):
        phusong.open_result(out)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("geojson/gaps.geojson", lambda text: text[: len(text) // 2]),
        ("geojson/gaps.geojson", lambda text: text.replace('"rank":1', '"rank":"first"')),
        ("report/run.json", lambda _: "[]"),
        ("report/run.json", lambda text: text.replace('"notes"', '"remarks"')),
    ],
)
def test_a_file_that_was_forged_with_its_digest_is_a_planned_fault(out, name, content):
    path = out / name
    path.write_text(content(path.read_text("utf-8")), "utf-8")
    relisted(out, name)
    opened = phusong.open_result(out)
    asked = "gaps" if name.endswith("gaps.geojson") else "notes"
    with pytest.raises(InputError, match=name):
        getattr(opened, asked)


def test_a_folder_of_an_older_phusong_says_what_is_missing(out):
    (out / "report" / "run.json").unlink()
    manifest = json.loads((out / "manifest.json").read_bytes())
    manifest["outputs"] = [
        entry for entry in manifest["outputs"] if entry["path"] != "report/run.json"
    ]
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="older phusong"):
        phusong.open_result(out).notes  # noqa: B018  the access itself is refused
