"""What is asked for quickly is answered quickly: nothing heavy is imported for it."""

import shutil
import subprocess
import sys

import pytest

import phusong

HEAVY = (
    "exactextract", "folium", "geopandas", "jinja2", "matplotlib", "numba", "numpy", "openpyxl",
    "pandas", "pyarrow", "pyogrio", "rasterio", "rioxarray", "scipy", "shapely", "xarray",
)  # fmt: skip
SPY = """
import sys
from phusong.cli import app
try:
    app(sys.argv[1:])
finally:
    print("heavy:", *(name for name in %r if name in sys.modules), file=sys.stderr)
"""


def said_quickly(*words, cwd):
    """Return what a command says; nothing heavy is imported for it."""
    done = subprocess.run(
        [sys.executable, "-c", SPY % (HEAVY,), *map(str, words)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "heavy:"
    return done.stdout


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["new", "--province", "Cao Bang"], ["cache", "."]]
)
def test_command_imports_nothing_heavy(words, tmp_path):
    assert said_quickly(*words, cwd=tmp_path)


def test_run_whose_inputs_did_not_change_imports_nothing_heavy(folder, written, tmp_path):
    out = shutil.copytree(written, tmp_path / "out")
    words = ["run", folder, "--out", out, "--unattended", "--lang", "en"]
    assert "nothing is computed again" in said_quickly(*words, cwd=tmp_path)


def test_digests_are_compared_with_nothing_heavy(written, tmp_path):
    assert "all as phusong wrote them" in said_quickly(
        "verify", written, "--lang", "en", cwd=tmp_path
    )


def test_study_is_packed_and_unpacked_with_nothing_heavy(folder, tmp_path):
    bundle = tmp_path / "study.zip"
    assert said_quickly("pack", folder, "--to", bundle, cwd=tmp_path)
    assert said_quickly("unpack", bundle, "--into", tmp_path / "there", cwd=tmp_path)


def test_library_imports_what_is_asked_for():
    code = (
        "import sys, phusong; before = set(sys.modules); phusong.new_study; phusong.sample_folder;"
        "assert 'geopandas' not in sys.modules; assert 'run' in dir(phusong); phusong.run;"
        "assert 'geopandas' in sys.modules; assert 'scipy.stats' not in sys.modules;"
        "phusong.radio.model; from phusong import *; what_if"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_names_of_rooms_that_load_late_are_told_before_they_are_loaded():
    code = (
        "import phusong.fetch as f, phusong.report as r, phusong.pipeline.parts as p\n"
        "for room in (f, r, p): assert set(room.__all__) <= set(dir(room)), room"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["no_such_name", "_no_such_name", "__path_of_nothing__"])
def test_name_that_is_not_there_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=name):
        getattr(phusong, name)


def test_every_public_name_is_there():
    assert len(set(phusong.__all__)) == len(phusong.__all__)
    assert [name for name in phusong.__all__ if not hasattr(phusong, name)] == []
