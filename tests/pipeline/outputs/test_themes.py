"""Maps of a run: those the study has data for, and those of the study's own."""

import hashlib
import json
import re
from pathlib import Path

import pytest

import phusong
from phusong.errors import InputError
from phusong.pipeline.outputs.themes import themes

OURS = """
base = "overview"
title = { vi = "Xã của chúng tôi", en = "Our communes" }
[[layers]]
id = "communes"
table = "communes"
title = { vi = "Xã", en = "Communes" }
colour = "#0072b2"
"""


def add_theme(folder, name, text):
    (folder / "maps").mkdir(exist_ok=True)
    (folder / "maps" / name).write_text(text, encoding="utf-8")


def test_a_study_of_offices_alone_gets_no_coverage_map(folder, tmp_path):
    study = phusong.open_study(folder)
    inputs = study.inputs.model_copy(update={"cells": None, "spans": None, "nodes": None})
    result = phusong.run(study.model_copy(update={"inputs": inputs}), parts=("egov",))
    result.write(tmp_path / "out")
    pages = {page.stem for page in (tmp_path / "out" / "maps").glob("*.html")}
    assert pages == {"overview", "readiness", "rollout"}
    landing = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert {Path(page).stem for page in re.findall(r'href="maps/(\w+\.html)"', landing)} == pages


def test_a_departments_own_map_is_written_and_listed(folder, tmp_path):
    add_theme(folder, "our-communes.toml", OURS)
    phusong.run(phusong.open_study(folder), parts=("egov",)).write(tmp_path / "out")
    page = (tmp_path / "out" / "maps" / "our-communes.html").read_text(encoding="utf-8")
    assert re.findall("<title>(.*)</title>", page) == ["Xã của chúng tôi – Tỉnh Hà Giang"]
    landing = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    # As a map to open and as a file of the folder.
    assert landing.count('href="maps/our-communes.html"') == 2
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    (told,) = [one for one in manifest["inputs"] if one["path"].startswith("maps/")]
    given = (folder / "maps" / "our-communes.toml").read_bytes()
    assert told == {
        "path": "maps/our-communes.toml", "bytes": len(given),
        "sha256": hashlib.sha256(given).hexdigest(),
    }  # fmt: skip


def test_a_map_called_as_a_shipped_one_stands_in_its_place(folder):
    add_theme(folder, "coverage.toml", OURS)
    found = themes(phusong.open_study(folder))
    assert found["coverage"].title.en == "Our communes"
    assert list(found)[:2] == ["overview", "coverage"]


def test_wrong_maps_are_all_told_before_anything_is_computed(folder):
    add_theme(folder, "one.toml", OURS.replace("#0072b2", "blue"))
    add_theme(folder, "Hai xã.toml", OURS)
    with pytest.raises(InputError) as refused:
        phusong.check(phusong.open_study(folder))
    told = [problem.render("en") for problem in refused.value.problems]
    assert told == [
        "Hai xã.toml: A theme's file name takes lower-case letters without accents, digits, - and "
        "_, such as our-map.toml. Rename the file.",
        "one.toml, line 8, key layers.1.colour, value 'blue': Does not match the form "
        '^#[0-9a-f]{6}$; colours are written "#1b5e8c", identifiers in lower case.',
    ]
