"""Version and commit: the same wherever they are told, read without git."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import phusong
from phusong import _version
from phusong.cli import app

COMMIT, OTHER = "0123456789abcdef" * 2 + "01234567", "f" * 40


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def on_a_branch(git):
    write(git / "HEAD", "ref: refs/heads/main\n")


def loose(root):
    on_a_branch(root / ".git")
    write(root / ".git" / "refs" / "heads" / "main", f"{COMMIT}\n")


def packed(root):
    on_a_branch(root / ".git")
    lines = ["# pack-refs with: peeled", f"{OTHER} refs/heads/mainly", f"{COMMIT} refs/heads/main"]
    write(root / ".git" / "packed-refs", "\n".join(lines))


def detached(root):
    write(root / ".git" / "HEAD", f"{COMMIT}\n")


def second_worktree(root):
    git = root / "elsewhere" / ".git"
    write(root / ".git", f"gitdir: {git / 'worktrees' / 'second'}\n")
    on_a_branch(git / "worktrees" / "second")
    write(git / "worktrees" / "second" / "commondir", "../..\n")
    write(git / "refs" / "heads" / "main", f"{COMMIT}\n")


def hostile(root):
    write(root / ".git" / "HEAD", "<script>\n")


@pytest.fixture
def checkout_at(tmp_path, monkeypatch):
    """Return what is told where the package lies in a checkout made so."""

    def told(make, source="coverage"):
        make(tmp_path)
        monkeypatch.setattr(_version, "_PACKAGE", tmp_path / source / "phusong")
        monkeypatch.setattr(_version, "_installed_from", lambda: None)
        return _version.commit.__wrapped__()

    return told


@pytest.mark.parametrize("make", [loose, packed, detached, second_worktree])
def test_the_commit_of_a_checkout_is_read_from_gits_files(checkout_at, make):
    assert checkout_at(make) == COMMIT


@pytest.mark.parametrize(
    "make", [hostile, lambda root: None, lambda root: on_a_branch(root / ".git")]
)
def test_what_is_no_commit_is_not_told(checkout_at, make):
    assert checkout_at(make) is None


def test_a_package_copied_into_another_repository_does_not_take_its_commit(checkout_at):
    assert checkout_at(loose, source="vendored") is None


def test_the_commit_is_that_of_git(checkout):
    try:
        told = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("git is not installed")
    if told.returncode:
        pytest.skip("not a git checkout")
    if Path(phusong.__file__).parents[2] != checkout:
        pytest.skip("another phusong is installed")
    assert _version.commit() == told.stdout.strip()


def test_the_command_line_tells_what_the_package_tells():
    told = CliRunner().invoke(app, ["--version"])
    module = subprocess.run(
        [sys.executable, "-m", "phusong", "--version"], capture_output=True, text=True, check=True
    )
    assert told.exit_code == 0
    assert told.stdout == module.stdout == f"{_version.program()}\n"
    assert told.stdout.startswith(f"phusong {phusong.__version__}")


def test_the_page_and_the_workbook_of_a_result_tell_it(written):
    import openpyxl

    assert _version.program() in (written / "index.html").read_text("utf-8")
    book = openpyxl.load_workbook(written / "report" / "tables.xlsx")
    assert book.properties.creator == _version.program()
