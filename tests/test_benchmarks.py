"""Every benchmark still runs, on tiny sizes; what it measures is not judged here."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import phusong

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
TINY = {
    "cluster": ["--workers", "1"],
    "country": ["--tiny"],
    "database": ["", "20"],
    "egov": ["60", "3"],
    "explore": ["--tiny"],
    "fibre": ["400"],
    "measured": ["--tiny"],
    "models": ["--tiny"],
    "profiles": ["--tiny"],
    "p1812": ["--rays", "2", "--repeats", "1"],
    "radio": ["--tiny"],
    "reading": ["--rows", "90"],
    "service": ["--tiny"],
    "siting": ["--tiny"],
    "survey": ["1", "1000", "2"],
    "verdict": ["--tiny"],
    "what_if": ["--tiny"],
}
# In place of the sample, which takes several times as long to read.
ON_SMALL_STUDY = """
import runpy, sys
from pathlib import Path
import phusong
_, small, path, *options = sys.argv
phusong.sample_folder = lambda: Path(small)
sys.argv = [path, *options]
runpy.run_path(path, run_name="__main__")
"""


def test_every_benchmark_has_a_tiny_size():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(TINY)


@pytest.mark.usefixtures("sheets_not_drawn")
@pytest.mark.parametrize("name", TINY)
def test_benchmark_runs_on_tiny_sizes(name, pristine, monkeypatch, capsys):
    path = str(FOLDER / f"{name}.py")
    if name == "explore":  # a browser of its own cannot run beside that of the other tests
        command = [sys.executable, "-c", ON_SMALL_STUDY, str(pristine), path, *TINY[name]]
        told = subprocess.run(command, stdout=subprocess.PIPE)
        assert told.returncode == 0
        assert told.stdout.strip()
        return
    monkeypatch.setattr(phusong, "sample_folder", lambda: pristine)
    monkeypatch.setattr(sys, "argv", [path, *TINY[name]])
    runpy.run_path(path, run_name="__main__")
    assert capsys.readouterr().out.strip()
