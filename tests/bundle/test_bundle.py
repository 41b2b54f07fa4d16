"""Archives are made of the same bytes each time, and only of what was asked for."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import kiwisolver
import numpy
import pytest

from bundle import PLATFORMS, pinned, trim, unpack_python, write_archive
from bundle import needed as needed_lines


@pytest.fixture
def needed(checkout):
    """Return the names that the project's lock file has for a platform."""
    lock = (checkout / "requirements.lock").read_text(encoding="utf-8")

    def names(platform, python):
        lines = needed_lines(lock, PLATFORMS[platform], python)
        assert [line for line in lines if " --hash=sha256:" not in line] == []
        return [line.split("==")[0] for line in lines]

    return names


def test_each_platform_has_its_own_libraries_once(needed):
    windows, linux = needed("win_amd64", "3.13"), needed("linux_x86_64", "3.11")
    assert "colorama" in windows
    assert "colorama" not in linux
    assert {"numba", "starlette", "uvicorn"} <= {*windows} & {*linux}
    assert len(windows) == len(set(windows))
    assert len(linux) == len(set(linux))


def test_an_archive_has_the_same_bytes_whenever_and_in_whichever_order_it_is_made(tmp_path):
    made = []
    for turn, names in enumerate((["a.txt", "wheels/ê.whl"], ["wheels/ê.whl", "a.txt"])):
        folder = tmp_path / str(turn) / "phusong"
        for name in [*names, "phusong.sh"]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name, encoding="utf-8")
        write_archive(folder, tmp_path / f"{turn}.zip")
        made.append((tmp_path / f"{turn}.zip").read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "0.zip") as archive:
        assert archive.namelist() == ["phusong/a.txt", "phusong/phusong.sh", "phusong/wheels/ê.whl"]
        assert archive.getinfo("phusong/phusong.sh").external_attr >> 16 == 0o100755


def a_wheel(path, files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        packed.writestr("a-1.dist-info/RECORD", "".join(f"{name},,\n" for name in files))
    return path


def test_a_wheel_loses_its_tests_and_names_what_is_left(tmp_path):
    files = {"a/__init__.py": "x = 1\n", "a/b/tests/test_a.py": "", "a/tests.py": "y = 2\n"}
    wheel = a_wheel(tmp_path / "a-1-py3-none-any.whl", files)
    trim(wheel)
    with zipfile.ZipFile(wheel) as packed:
        assert packed.namelist() == ["a/__init__.py", "a/tests.py", "a-1.dist-info/RECORD"]
        assert packed.read("a/tests.py") == b"y = 2\n"
        first, *_, last = packed.read("a-1.dist-info/RECORD").decode("ascii").splitlines()
    digest = "sha256=nia_NpkRxFwkPGhBR7I_yeHc_PJX0pmhxjIBam_NM_Q"
    assert first == f"a/__init__.py,{digest},6"
    assert last == "a-1.dist-info/RECORD,,"
    before = wheel.read_bytes()
    trim(wheel)
    assert wheel.read_bytes() == before


@pytest.mark.skipif(shutil.which("strip") is None, reason="strip of binutils is not there")
def test_a_library_without_its_symbols_still_loads(tmp_path):
    library = Path(kiwisolver._cext.__file__)
    wheel = a_wheel(tmp_path / "a-1-py3-none-any.whl", {library.name: library.read_bytes()})
    trim(wheel)
    with zipfile.ZipFile(wheel) as packed:
        packed.extract(library.name, tmp_path)
    assert (tmp_path / library.name).stat().st_size < 0.5 * library.stat().st_size
    code = "import _cext; print(_cext.Variable('x').name())"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout == "x\n"


@pytest.mark.skipif(shutil.which("strip") is None, reason="strip of binutils is not there")
def test_a_library_that_strip_would_spoil_still_loads(tmp_path):
    folder = Path(numpy.__file__).parents[1] / "numpy.libs"
    (library,) = folder.glob("libgfortran*")
    wheel = a_wheel(
        tmp_path / "a-1-py3-none-any.whl",
        {each.name: each.read_bytes() for each in folder.glob("lib[gq]*")},
    )
    trim(wheel)
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    code = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, tmp_path / library.name], check=True)


def test_requirements_name_the_very_wheels(tmp_path):
    (tmp_path / "b_c-1.0-py3-none-any.whl").write_bytes(b"")
    (tmp_path / "a-2-cp313-cp313-win_amd64.whl").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert pinned(tmp_path) == f"a==2 --hash=sha256:{empty}\nb_c==1.0 --hash=sha256:{empty}\n"


def test_the_embeddable_python_finds_what_is_installed_and_another_version_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "embed.zip", "w") as packed:
        for name in ("python.exe", "python313.dll"):
            packed.writestr(name, b"")
        packed.writestr("python313._pth", "python313.zip\n.\n#import site\n")
    unpack_python(tmp_path / "embed.zip", "3.13", tmp_path / "python")
    path = (tmp_path / "python" / "python313._pth").read_text(encoding="utf-8").split("\n")
    assert {"python313.zip", "Lib\\site-packages", "import site"} <= {*path}
    with pytest.raises(ValueError, match=r"embed.zip is not the embeddable Python 3\.12"):
        unpack_python(tmp_path / "embed.zip", "3.12", tmp_path / "other")
