"""It starts everywhere: what the system withholds is told in a line, never by a traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import phusong

# As where the extra dask is not installed: rioxarray would import it, a sixth of the start.
START = "import sys; sys.modules['dask'] = None; from phusong.cli import main; main()"
NAME = "Tỉnh Hà Giang – nghiên cứu"


def started(*words, code=START, **how):
    """Return a finished `phusong`, started as a shell would."""
    how = {"capture_output": True, **how}
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, check=False, **how)


def lines(stream):
    return stream.decode("utf-8").splitlines()


@pytest.fixture
def quick(offices_alone) -> Path:
    """Return a study that is quick to compute, in a folder with Vietnamese letters."""
    return offices_alone.rename(offices_alone.with_name(NAME))


@pytest.fixture
def nowhere_to_keep_kernels(tmp_path):
    """Return the environment of a package none of whose caches can be written, not even by root."""
    source = Path(phusong.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__")
    package = shutil.copytree(source, tmp_path / "site" / "phusong", ignore=ignored)
    for folder in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (folder / "__pycache__").touch()  # a file where a folder is needed
    return {
        **os.environ,
        "PYTHONPATH": str(package.parent),
        "NUMBA_CACHE_DIR": "/proc/none",
        "XDG_CACHE_HOME": "/proc/none",
        "HOME": "/proc/none",
    }


def test_no_folder_to_keep_kernels_in_is_told_once_and_they_run(nowhere_to_keep_kernels):
    code = (
        "import phusong.radio, phusong.fibre, phusong.terrain, phusong.service, numpy as np\n"
        "from phusong.radio._kernels import interpolated\n"
        "print(phusong.__file__, interpolated(np.eye(2), 0, 0, 0.5, 0.5))"
    )
    done = started(code=code, env=nowhere_to_keep_kernels)
    assert done.returncode == 0, done.stderr.decode()
    assert lines(done.stdout)[0].endswith(" 0.5")
    assert "/site/phusong/" in lines(done.stdout)[0]
    vietnamese, english = lines(done.stderr)
    assert "NUMBA_CACHE_DIR" in vietnamese
    assert english.startswith("No folder can be written")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows takes names in Unicode")
def test_locale_without_letters_reads_and_writes_vietnamese_names(quick, tmp_path):
    (tmp_path / "passing").mkdir()
    bare = {
        **os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
        "TMPDIR": str(tmp_path / "passing"),
    }  # fmt: skip
    out = tmp_path / "kết quả"
    done = started("run", quick, "--out", out, env=bare)
    assert done.returncode == 0, done.stderr.decode()
    assert list((tmp_path / "passing").iterdir()) == []  # the faces of the sheets are gone again
    assert (out / "index.html").is_file()
    assert str(out / "index.html") in done.stdout.decode("utf-8")
    wrong = started("check", tmp_path / "thư mục", env=bare)
    assert wrong.returncode == 2
    assert "thư mục" in wrong.stderr.decode("utf-8")


@pytest.mark.parametrize("words", [["--help"], ["check", "study"], ["board", "study"]])
def test_full_device_is_told_in_a_line_each_language(offices_alone, tmp_path, words):
    with Path("/dev/full").open("wb") as full:
        done = started(*words, cwd=tmp_path, stdout=full, capture_output=False,
                       stderr=subprocess.PIPE)  # fmt: skip
    assert done.returncode == 2
    said = [line for line in lines(done.stderr) if "No space left on device" in line]
    assert len(said) == 2
    assert "Traceback" not in done.stderr.decode()
    assert "Exception ignored" not in done.stderr.decode()


def test_reader_that_leaves_early_ends_it_quietly(offices_alone, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = started("board", "study", cwd=tmp_path, stdout=writing, capture_output=False,
                   stderr=subprocess.PIPE)  # fmt: skip
    os.close(writing)
    assert done.returncode == 1
    # How far it came, and nothing else.
    assert [line for line in lines(done.stderr) if not line.endswith(" %")] == []


def test_closed_streams_neither_stop_it_nor_spoil_what_it_writes(quick, tmp_path):
    here = phusong.run(phusong.open_study(quick)).write(tmp_path / "here").parent
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        out = tmp_path / closed
        line = f'"{sys.executable}" -c "{START}" run "{quick}" --out "{out}" {closed}'
        done = subprocess.run(["bash", "-c", line], check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        # With the digest of every file.
        assert (out / "manifest.json").read_bytes() == (here / "manifest.json").read_bytes()


def test_fault_without_anybody_to_tell_still_ends_with_its_code(tmp_path):
    line = f'"{sys.executable}" -c "{START}" check none 2>&-'
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="ulimit -v is of Linux")
@pytest.mark.parametrize("kilobytes", [400_000, 700_000, 2_500_000])
def test_limited_memory_is_told_in_a_line_each_language(folder, tmp_path, kilobytes):
    line = f'ulimit -v {kilobytes}; exec "{sys.executable}" -c "{START}" run study --out out'
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 2, done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    vietnamese, english = lines(done.stderr)
    assert "Bộ nhớ bị giới hạn" in vietnamese
    assert "at least 3000 MB are needed" in english
    assert not (tmp_path / "out").exists()
