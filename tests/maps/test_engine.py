"""The engine of the page that computes: the same numbers as the Python engine's, wherever it runs.

Both are held against ``engine_vectors.json``. After a change that means to change numbers,
``PHUSONG_NEW_VECTORS=1 pytest tests/maps/test_engine.py`` writes it anew from the Python engine;
the page's engine must then follow.
"""

import json
import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from phusong.maps.page import ENGINE

from .engine_vectors import vectors

HERE = Path(__file__).parent
KEPT, CHECK = HERE / "engine_vectors.json", HERE / "engine_check.js"
SAME_DB = 1e-6
KINDS = {"rays", "antennas", "patterns", "clutter", "reaches", "masts"}


@pytest.fixture(scope="module")
def scripts():
    engine = files("phusong.maps").joinpath("assets", "engine")
    return [engine.joinpath(name).read_text(encoding="utf-8") for name in ENGINE] + [
        CHECK.read_text(encoding="utf-8")
    ]


def same(one, other):
    """Tell whether two trees are the same but for numbers that differ by less than `SAME_DB`."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= SAME_DB
    return one == other


def test_python_engine_still_finds_what_is_kept():
    found = json.dumps(vectors(), separators=(",", ":"))
    if "PHUSONG_NEW_VECTORS" in os.environ:
        KEPT.write_text(found + "\n", encoding="utf-8", newline="\n")
    assert same(json.loads(found), json.loads(KEPT.read_text(encoding="utf-8")))


@pytest.fixture
def in_node(scripts, tmp_path):
    """Return what Node finds of an expression after the engine."""
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        pytest.skip("no Node on this machine (Debian: nodejs)")

    def in_node(expression):
        program = tmp_path / "check.js"
        told = f"console.log(JSON.stringify({expression}));"
        program.write_text("\n".join([*scripts, told]), encoding="utf-8")
        ran = subprocess.run(
            [node, program], capture_output=True, text=True, check=True, timeout=60
        )
        return json.loads(ran.stdout)

    return in_node


def test_engine_of_the_page_finds_the_same_in_node(in_node):
    misses = in_node(f"engineMisses({KEPT.read_text(encoding='utf-8')})")
    assert misses.keys() == KINDS
    assert all(miss is not None and miss <= SAME_DB for miss in misses.values()), misses


def test_rays_of_the_page_are_as_far_apart_as_it_is_told(in_node):
    terrain = """{
      step: 46, raysApart: 154,
      grid: { west: 0, north: 9000, resolution: 500, rows: 18, columns: 18 },
      heights: { rows: 20, columns: 20, values: new Float32Array(400) },
      pixels: (x, y) => [(9000 - y) / 463, x / 463],
    }"""
    found = in_node(f"radio.around({terrain}, 4500, 4500, 4000).rays")
    assert found == np.ceil(2 * np.pi * 4000 / 154)


def test_engine_of_the_page_finds_the_same_in_a_browser(scripts, browser):
    page = browser.new_page()
    for script in scripts:
        page.add_script_tag(content=script)
    misses = page.evaluate(
        "(kept) => engineMisses(kept)", json.loads(KEPT.read_text(encoding="utf-8"))
    )
    page.close()
    assert misses.keys() == KINDS
    assert max(misses.values()) <= SAME_DB, misses


def test_gate_sees_a_difference_of_a_millionth(scripts, browser):
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    mast, ray = kept["masts"][0], kept["rays"][0]
    at = int(np.argmax([margin is not None for margin in mast["marginDb"]]))
    mast["marginDb"][at] += 1e-4
    ray["lossDb"][-1] = None
    page = browser.new_page()
    for script in scripts:
        page.add_script_tag(content=script)
    misses = page.evaluate("(kept) => engineMisses(kept)", kept)
    page.close()
    assert misses["masts"] > SAME_DB
    assert misses["rays"] == float("inf")
