"""Every benchmark still runs, on tiny sizes; what it measures is not judged here."""

import runpy
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import phusong

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
TINY = {
    "cluster": ["--tiny", "--workers", "1"],
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


def test_every_benchmark_has_a_tiny_size():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(TINY)


@pytest.mark.usefixtures("sheets_not_drawn")
@pytest.mark.parametrize("name", TINY)
def test_benchmark_runs_on_tiny_sizes(name, pristine, monkeypatch, capsys):
    path = str(FOLDER / f"{name}.py")
    # The sample itself takes several times as long to read.
    monkeypatch.setattr(phusong, "sample_folder", lambda: pristine)
    monkeypatch.setattr(sys, "argv", [path, *TINY[name]])
    if name == "explore":  # a browser of its own begins only in a thread without that of the tests
        with ThreadPoolExecutor(1) as thread:
            thread.submit(runpy.run_path, path, run_name="__main__").result()
    else:
        runpy.run_path(path, run_name="__main__")
    assert capsys.readouterr().out.strip()
