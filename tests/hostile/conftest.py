"""One study with an attack in every text, computed and written once."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app

from .attacks import CANARY, write_hostile_study


@pytest.fixture(scope="session")
def attacked(tmp_path_factory):
    """Return the study, its tables as given, its result and its output folder."""
    folder = tmp_path_factory.mktemp("hostile")
    given = write_hostile_study(folder / "study")
    (folder / "cwd").mkdir()
    before = Path.cwd()
    os.chdir(folder / "cwd")  # where a command of a text would leave its file
    try:
        study = phusong.open_study(folder / "study")
        phusong.check(study)
        result = phusong.run(study, threads=2)
        out = result.write(folder / "out").parent
        yield SimpleNamespace(
            folder=folder / "study", given=given, study=study, result=result, out=out
        )
        assert not list(folder.rglob(CANARY))
    finally:
        os.chdir(before)


@pytest.fixture
def told():
    """Return what a command prints; nothing of it may steer a terminal."""

    def invoke(*words):
        said = CliRunner().invoke(app, list(map(str, words)))
        assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
        assert not set(said.output) & {chr(code) for code in (*range(10), *range(11, 32), 127, 155)}
        return said

    return invoke


@pytest.fixture
def visit(open_tab):
    """Open a file in a browser without a network; nothing of a text may run or be fetched."""
    pages = []

    def open_page(file):
        pages.append(open_tab(file.as_uri(), {"width": 1280, "height": 800}))
        return pages[-1]

    yield open_page
    stolen = [page.evaluate("window.stolen") for one in pages for page in one.context.pages]
    assert set(stolen) <= {None}
