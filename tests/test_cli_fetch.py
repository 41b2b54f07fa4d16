"""`phusong fetch`, `pack`, `unpack` as commands; what they do is tested in tests/fetch."""

import pytest
from typer.testing import CliRunner

from phusong.cli import app

from .fetch.conftest import country, server, sources  # noqa: F401  fixtures

REST = [f"--without={name}" for name in ("communes", "map", "population", "land_cover", "cells")]


@pytest.fixture
def phusong(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, words)


def test_a_study_is_fetched_packed_and_unpacked(phusong, tmp_path, sources):  # noqa: F811
    told = phusong("fetch", "cao bằng", "--sources", str(sources), *REST)
    assert told.exit_code == 0, told.stderr
    assert told.stdout.splitlines()[-1].endswith("study.toml")
    assert "© a_terrain" in told.stderr
    assert (tmp_path / "cao-bang" / "terrain.tif").is_file()
    packed = phusong("pack", "cao-bang", "--to", "goi.zip", "--lang", "en")
    assert packed.exit_code == 0, packed.stderr
    there = phusong("unpack", "goi.zip", "--into", "moi")
    assert there.exit_code == 0, there.stderr
    assert (tmp_path / "moi" / "sources.json").is_file()


def test_what_is_lacking_is_told_with_exit_code_1(phusong, server, sources):  # noqa: F811
    server.files = {path: one for path, one in server.files.items() if "dem" not in path}
    words = ("fetch", "Cao Bằng", "--into", "s", "--sources", str(sources), "--lang", "en")
    told = phusong(*words, *REST)
    assert told.exit_code == 1
    assert "no study.toml is written" in told.stderr
    both = phusong(*words, *(one for one in REST if "land_cover" not in one))
    assert both.exit_code == 1
    assert "Not fetched: elevation" in both.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fetch", "Atlantis"), "Atlantis"),
        (("fetch", "Cao Bằng", "--use", "gone"), "gone"),
        (("fetch", "Cao Bằng", "--sources", "nowhere.toml"), "nowhere.toml"),
        (("unpack", "nothing.zip", "--into", "x"), "x"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(phusong, words, told):
    refused = phusong(*words)
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
