"""Maps of a run: those the study has data for, and those of the study's own."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import InputError
from phusong.maps import NothingToDrawError
from phusong.maps.payload import require_something
from phusong.pipeline.outputs.maps import layers_of
from phusong.pipeline.outputs.themes import check_theme, themes

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")

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


SIGNAL = ("terrain", "population")
NETWORK = ("spans", "nodes")


def refused(check, *asked):
    try:
        check(*asked)
    except NothingToDrawError as fault:
        return str(fault)
    return None


@pytest.mark.parametrize(
    "missing",
    [
        SIGNAL,
        (*SIGNAL, *NETWORK, "offices"),
        (*SIGNAL, "communes", "cells", "villages", *NETWORK),
    ],
    ids=" ".join,
)
def test_a_map_is_refused_before_the_run_just_where_it_would_be_after(
    folder, without, missing, small_losses
):
    without(*missing)
    add_theme(folder, "roads.toml", OURS.replace('table = "communes"', 'table = "roads"'))
    study = phusong.open_study(folder)
    layers = layers_of(phusong.run(study, cache_folder=small_losses).gathered)
    found = {name: refused(check_theme, study, name) for name in themes(study)}
    assert found == {
        name: refused(require_something, theme, layers, ()) for name, theme in themes(study).items()
    }


def test_of_a_complete_study_only_the_map_of_its_measurements_is_refused(result):
    lacking = [name for name in themes(result.study) if refused(check_theme, result.study, name)]
    assert lacking == ["measured"]


def test_the_command_refuses_a_map_without_data_before_it_reads_a_table(offices_alone, tmp_path):
    (offices_alone / "offices.csv").write_text("", encoding="utf-8")
    words = ["paper", offices_alone, "--theme", "gaps", "--out", tmp_path / "map.pdf"]
    done = CliRunner().invoke(app, [*map(str, words), "--lang", "en"])
    assert done.exit_code == 2
    assert "at least one of the tables: gaps, stations, villages" in " ".join(done.stderr.split())


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
