"""`phusong cache` tells what a folder holds, cuts it back, and touches nothing else."""

import numpy as np
import pytest
from typer.testing import CliRunner

from phusong._cache import TileCache
from phusong.cli import app

cli = CliRunner()


@pytest.fixture
def folder(tmp_path):
    cache = TileCache(tmp_path / "lưu tạm [/x]")
    for number in range(4):
        cache.put(f"{number:064x}.loss", np.zeros((500, 500), np.float32))
    (cache.folder / "thesis.docx").touch()
    return cache.folder


def test_number_and_size_of_the_tiles_are_told_with_folder_and_limit(folder):
    done = cli.invoke(app, ["cache", str(folder), "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert f"{folder}: tiles: 4, 4.0 MB" in done.stdout
    assert "10 GB" in done.stdout


@pytest.mark.parametrize(
    ("size", "left"), [("2.1MB", 2), ("2,1 mb", 2), ("1GB", 4), ("0", 0), ("1MB", 0)]
)
def test_tiles_are_pruned_to_a_size(folder, size, left):
    done = cli.invoke(app, ["cache", str(folder), "--prune", size])
    assert done.exit_code == 0, done.stderr
    assert len(list(folder.rglob("*.loss"))) == left
    assert f"Đã xóa {4 - left} ô" in done.stdout
    assert (folder / "thesis.docx").exists()


def test_limit_is_set_kept_and_told(folder):
    done = cli.invoke(app, ["cache", str(folder), "--limit", "2.1MB", "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert "Removed tiles: 2, 2.0 MB." in done.stdout
    later = cli.invoke(app, ["cache", str(folder), "--lang", "en"])
    assert "tiles: 2, 2.0 MB; limit 0.002 GB" in later.stdout
    assert (folder / "thesis.docx").exists()


def test_limit_can_be_set_before_the_first_run(tmp_path):
    done = cli.invoke(app, ["cache", str(tmp_path / "new"), "--limit", "200GB", "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert "tiles: 0, 0.0 MB; limit 200 GB" in done.stdout


@pytest.mark.parametrize("size", ["", "2", "-1GB", "2TB", "1e9GB", "nan", "2GB; rm", "٢GB"])
def test_size_that_is_none_is_refused_and_nothing_removed(folder, size):
    assert cli.invoke(app, ["cache", str(folder), "--prune", size]).exit_code == 2
    assert len(list(folder.rglob("*.loss"))) == 4


def test_folder_that_is_not_there_is_refused_and_not_made(tmp_path):
    done = cli.invoke(app, ["cache", str(tmp_path / "none"), "--lang", "en"])
    assert done.exit_code == 2
    assert "There is no cache folder" in done.stderr
    assert not (tmp_path / "none").exists()
