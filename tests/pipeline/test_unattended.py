"""Runs that nobody watches: nothing is computed if nothing changed, a failure is on the page."""

import json
import shutil
from datetime import date

import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import OutputError, TerrainError
from phusong.export import differences, read_manifest
from phusong.pipeline.unattended import is_current, tell_failure

cli = CliRunner()
DAY = date(2026, 11, 29)


@pytest.fixture
def study(folder):
    return phusong.open_study(folder)


@pytest.fixture
def out(written, tmp_path):
    return shutil.copytree(written, tmp_path / "out")


def told(out, change):
    """Change what the manifest says."""
    path = out / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    change(said)
    path.write_text(json.dumps(said), encoding="utf-8")


def test_an_output_is_current_until_anything_it_depends_on_changes(study, out, tmp_path):
    assert is_current(study, out)
    assert not is_current(study, tmp_path / "none")
    assert not is_current(study.model_copy(update={"resolution_m": 91.0}), out)
    cells = study.path(next(iter(study.inputs.tables["cells"])))
    before = cells.read_bytes()
    cells.write_bytes(before + b"\n")
    assert not is_current(study, out)
    cells.write_bytes(before)
    assert is_current(study, out)
    told(out, lambda said: said["versions"].update(numpy="1.0"))
    assert not is_current(study, out)


def test_an_output_of_some_parts_is_not_what_a_whole_run_writes(study, out):
    told(out, lambda said: said["parameters"].update(parts=["territory"]))
    assert not is_current(study, out)


def test_a_damaged_output_is_not_current_and_a_users_own_file_does_not_matter(study, out):
    (out / "mine.txt").touch()
    assert is_current(study, out)
    (out / "index.html").write_text("", encoding="utf-8")
    assert not is_current(study, out)


def test_a_failure_stands_on_the_page_of_the_older_output_and_nothing_else_changes(study, out):
    before = read_manifest(out)
    fault = TerrainError("cache.absent", folder="<script>alert(1)</script>")
    assert tell_failure(out, fault, DAY)
    manifest = read_manifest(out)
    assert not any(vars(differences(out, manifest)).values())
    others = [
        [one for one in each.outputs if one.path != "index.html"] for each in (before, manifest)
    ]
    assert others[0] == others[1]
    assert manifest.versions == before.versions
    assert manifest.inputs == before.inputs
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "The run of 2026-11-29 failed." in page
    assert "Lần chạy ngày 29/11/2026 không xong." in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not is_current(study, out)
    assert tell_failure(out, TerrainError("cache.absent", folder="again"), DAY)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count("The run of 2026-11-29 failed.") == 1
    assert "alert(1)" not in page


def test_a_folder_that_is_not_ours_is_left(tmp_path, out):
    fault = TerrainError("cache.absent", folder="x")
    assert not tell_failure(tmp_path / "none", fault, DAY)
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    assert not tell_failure(tmp_path, fault, DAY)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "mine"
    (out / "mine.txt").touch()
    with pytest.raises(OutputError):
        tell_failure(out, fault, DAY)
    assert (out / "mine.txt").exists()


def test_command_says_that_nothing_changed_and_tells_a_failure(folder, out, monkeypatch):
    monkeypatch.setattr("phusong.pipeline.runner.load", lambda *_: pytest.fail("was computed"))
    words = ["run", str(folder), "--out", str(out), "--unattended", "--lang", "en"]
    done = cli.invoke(app, words)
    assert done.exit_code == 0, done.stderr
    assert "nothing is computed again" in done.stdout
    (folder / "study.toml").write_text("[", encoding="utf-8")
    failed = cli.invoke(app, words)
    assert failed.exit_code == 2
    assert "tells that this one failed" in failed.stderr
    assert "study.toml" in (out / "index.html").read_text(encoding="utf-8").split("failed-->")[1]
