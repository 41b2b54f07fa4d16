"""A sheet from a written folder: what the run's sheet shows, and nothing is computed."""

import json
import shutil
from pathlib import Path

import pytest
from matplotlib.text import Text
from typer.testing import CliRunner

from phusong.cli import app
from phusong.errors import InputError
from phusong.export import open_finished
from phusong.export.manifest import digest_of
from phusong.maps import NothingToDrawError, UnknownServiceError, render_paper
from phusong.maps.paper_content import content
from phusong.pipeline import print_results
from phusong.pipeline.outputs import sheets
from phusong.pipeline.outputs.maps import layers_of
from phusong.pipeline.outputs.themes import themes


@pytest.fixture
def out(written, tmp_path) -> Path:
    """Return a copy of the output of the small study that a test may change."""
    return Path(shutil.copytree(written, tmp_path / "out"))


@pytest.fixture(autouse=True)
def nothing_is_computed(request, monkeypatch):
    """Refuse every computation while a sheet is drawn from a folder."""
    request.getfixturevalue("written")

    def refuse(*_, **__):
        raise AssertionError("a sheet of a folder computes")

    monkeypatch.setattr("phusong.pipeline.parts.coverage.part.predict_signal", refuse)
    monkeypatch.setattr("phusong.cli._results.run", refuse)


def shown(theme, layers, **asked):
    """Return all that a map says: words, classes, looks, rows, values of rasters."""
    said = content(theme, layers, **asked)
    return (
        (said.title, said.note, said.study, said.dated, said.sample, said.service, str(said.crs)),
        [round(edge) for edge in said.bounds],
        [
            (one.title, one.notes, one.classes, one.breaks, one.values.to_numpy().tobytes())
            for one in said.rasters
        ],
        [
            (one.title, one.notes, one.names, one.geometry,
             [(group.words, group.look, group.side, group.rows.tolist()) for group in one.groups])
            for one in said.layers
        ],
    )  # fmt: skip


def folder_of(out, study):
    finished = open_finished(out)
    return sheets.FinishedMaps(finished, sheets.study_of(finished, study), study)


def test_every_map_of_the_folder_shows_what_the_map_of_the_run_shows(written, pristine, result):
    read, layers = folder_of(written, pristine), layers_of(result.gathered)
    drawn = {path.stem for path in (written / "maps" / "print").glob("*.pdf")}
    assert len(drawn) > 4
    for name in sorted(drawn):
        of_run = themes(result.study)[name]
        of_folder = read.layers(read.theme(name), None)
        assert shown(*of_folder, lang="vi", service=None) == shown(
            of_run, layers, lang="vi", service=None
        ), name
    assert read.notes() == ()


def test_the_sheet_of_a_folder_says_and_writes_what_the_sheet_of_the_run_does(
    written, pristine, result
):
    read = folder_of(written, pristine)
    theme, layers = read.layers(read.theme("overview"), None)
    of_folder = render_paper(theme, layers, lang="en")
    of_run = render_paper(themes(result.study)["overview"], layers_of(result.gathered), lang="en")
    words = [[text.get_text() for text in one.findobj(Text)] for one in (of_folder, of_run)]
    assert words[0] == words[1]
    assert len(words[0]) > 50
    assert (layers.terrain.to_numpy() == layers_of(result.gathered).terrain.to_numpy()).all()


def test_the_command_draws_a_folder_and_says_what_it_lacks(written, pristine, tmp_path):
    def paper(name, *more):
        words = ["paper", written, "--theme", "overview", "--out", tmp_path / name, *more]
        return CliRunner().invoke(app, [*map(str, words), "--lang", "en"])

    alone, whole = paper("alone.pdf"), paper("whole.pdf", "--study", pristine)
    assert (alone.exit_code, whole.exit_code) == (0, 0), alone.stderr + whole.stderr
    assert "drawn without: roads, rivers, places, terrain." in alone.stderr
    assert "without" not in whole.stderr
    assert "Sample data" in whole.stderr
    sizes = [(tmp_path / name).stat().st_size for name in ("alone.pdf", "whole.pdf")]
    assert sizes[0] < sizes[1]


def test_files_of_the_study_count_only_as_the_run_read_them(written, folder, tmp_path):
    with (folder / "roads.geojson").open("a", encoding="utf-8") as file:
        file.write("\n")
    (folder / "terrain.tif").unlink()
    sheet = print_results(written, "overview", tmp_path / "map.pdf", study_folder=folder)
    (note,) = sheet.notes
    layers = note.values["layers"]
    assert (layers.en, layers.vi) == ("roads, terrain", "đường, địa hình")
    assert note.values["files"] == "roads.geojson, terrain.tif"


def test_an_unknown_service_or_theme_and_a_map_without_data_are_refused(written, tmp_path):
    path = tmp_path / "map.pdf"
    with pytest.raises(UnknownServiceError, match="no service 9g"):
        print_results(written, "coverage", path, service="9g")
    with pytest.raises(InputError, match="no such map theme"):
        print_results(written, "absent", path)
    with pytest.raises(NothingToDrawError):
        print_results(written, "rollout", path)
    assert not path.exists()


def test_a_theme_of_the_study_is_drawn_only_as_it_was(written, out, folder, tmp_path):
    name = "maps/gaps.toml"
    theme = folder / name
    theme.parent.mkdir()
    shutil.copy(Path("maps/gaps.toml"), theme)
    manifest = json.loads((out / "manifest.json").read_bytes())
    manifest["inputs"].append(digest_of(name, theme).model_dump(by_alias=True))
    (out / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    print_results(out, "gaps", tmp_path / "map.pdf", study_folder=folder)
    theme.write_text(theme.read_text("utf-8") + "\n", "utf-8")
    for home in (folder, None):
        with pytest.raises(InputError, match="the study's own"):
            print_results(out, "gaps", tmp_path / "other.pdf", study_folder=home)


def changed(out, edit):
    """Change a folder and let its manifest say that nothing was changed."""
    path = out / "manifest.json"
    manifest = json.loads(path.read_bytes())
    edit(manifest)
    manifest["outputs"] = [
        digest_of(one["path"], out / one["path"]).model_dump(by_alias=True)
        for one in manifest["outputs"]
    ]
    path.write_text(json.dumps(manifest), "utf-8")


def setting(*keys, value):
    def edit(manifest):
        inside = manifest["parameters"]
        for key in keys[:-1]:
            inside = inside[key]
        inside[keys[-1]] = value

    return edit


def overwrite(out, name, content):
    (out / name).write_bytes(content)
    return lambda manifest: None


DAMAGES = {
    "a file changed": (lambda out: (out / "geojson/communes.geojson").write_text("{}"), None,
                       "geojson/communes.geojson"),
    "a file lost": (lambda out: (out / "rasters/margin_db_mobile.tif").unlink(), None,
                    "rasters/margin_db_mobile.tif"),
    "no manifest to read": (lambda out: (out / "manifest.json").write_text("{"), None,
                            "manifest.json"),
    "no settings": (None, lambda out: lambda manifest: manifest["parameters"].clear(),
                    "manifest.json"),
    "settings that are none": (None, lambda out: setting("as_of", value="yesterday"),
                               "manifest.json"),
    "a pixel that is another": (None, lambda out: setting("resolution_m", value=500),
                                "rasters/margin_db_mobile.tif"),
    "a table that is none": (None, lambda out: overwrite(out, "geojson/communes.geojson", b"[]"),
                             "geojson/communes.geojson"),
    "a raster that is a list of other files": (
        None, lambda out: overwrite(out, "rasters/margin_db_mobile.tif", b"<VRTDataset/>"),
        "margin_db_mobile.tif"),
    "servers that are missing": (
        None, lambda out: overwrite(out, "rasters/best_server.csv", b"best_server,cell_id\n7,x\n"),
        "rasters/best_server.csv"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_folder_that_is_not_as_written_is_refused_by_the_file(out, tmp_path, damage):
    accident, forged, file = DAMAGES[damage]
    if accident is not None:
        accident(out)
    else:
        changed(out, forged(out))
    path = tmp_path / "map.pdf"
    for lang in ("vi", "en"):
        words = ["paper", str(out), "--theme", "coverage", "--out", str(path), "--lang", lang]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2, done.output
        assert file in done.stderr
        assert "Traceback" not in done.stderr
    assert not path.exists()


def test_a_manifest_leads_to_no_file_outside_the_study(out, folder, tmp_path):
    away = tmp_path / "secret.geojson"
    shutil.copy(folder / "roads.geojson", away)
    source = next(
        one for one in json.loads((out / "manifest.json").read_bytes())["inputs"]
        if one["path"] == "roads.geojson"
    )  # fmt: skip

    def edit(manifest):
        manifest["parameters"]["inputs"]["roads"][0]["path"] = "../secret.geojson"
        manifest["inputs"].append({**source, "path": "../secret.geojson"})

    changed(out, edit)
    sheet = print_results(out, "overview", tmp_path / "map.pdf", study_folder=folder)
    assert [sorted(note.values) for note in sheet.notes] == [["files", "layers"]]


def test_a_study_folder_is_computed_and_takes_no_other_study(pristine, tmp_path):
    words = [*map(str, ("paper", pristine, "--theme", "gaps", "--out", tmp_path / "map.pdf"))]
    done = CliRunner().invoke(app, [*words, "--study", str(pristine), "--lang", "en"])
    assert done.exit_code == 2
    assert "study's folder already" in done.output
    assert "computes" in str(CliRunner().invoke(app, words).exception)


def test_an_unknown_service_of_a_study_is_refused_before_it_is_computed(pristine, tmp_path):
    words = [*map(str, ("paper", pristine, "--theme", "gaps", "--out", tmp_path / "map.pdf"))]
    done = CliRunner().invoke(app, [*words, "--service", "9g", "--lang", "en"])
    assert done.exit_code == 2
    assert "no service 9g" in done.stderr
