"""A small complete study, written once and computed once."""

import shutil
from pathlib import Path

import pytest

import phusong
from phusong.synthetic import write_small_study


@pytest.fixture(scope="session")
def pristine(tmp_path_factory) -> Path:
    """Return the folder of a small study; not to be changed."""
    folder = tmp_path_factory.mktemp("small") / "study"
    write_small_study(folder)
    if not (folder / "study.toml").exists():
        phusong.new_study(folder)
    return folder


@pytest.fixture
def folder(pristine, tmp_path) -> Path:
    """Return a copy of the small study that a test may change."""
    return Path(shutil.copytree(pristine, tmp_path / "study"))


@pytest.fixture(scope="session")
def result(pristine) -> phusong.Result:
    """Return the small study, computed."""
    return phusong.run(phusong.open_study(pristine), threads=2)
