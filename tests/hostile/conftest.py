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
def visit(browser):
    """Open a file in a browser without a network; nothing of a text may run or be fetched."""
    complaints, contexts = [], []

    def open_page(file):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 800}, offline=True))
        page = contexts[-1].new_page()
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda sent: complaints.append(f"request: {sent.url[:100]}")
                if not sent.url.startswith(("file:", "data:", "blob:")) else None)  # fmt: skip
        page.goto(file.as_uri())
        return page

    yield open_page
    stolen = [page.evaluate("window.stolen") for one in contexts for page in one.pages]
    for context in contexts:
        context.close()
    assert complaints == []
    assert set(stolen) <= {None}
