"""A scenario of the page that computes becomes the cells of the study."""

import json
import tomllib
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import pytest

from phusong.desk import StudyFolder
from phusong.desk.scenarios import take_scenario
from phusong.errors import OutputError, StudyError
from phusong.study import open_study

from .conftest import ORIGIN

CELLS = {
    "type": "FeatureCollection", "name": "phusong",
    "features": [{"type": "Feature", "properties": {"cell_id": "A"},
                  "geometry": {"type": "Point", "coordinates": [105.0, 22.8]}}],
}  # fmt: skip


def test_a_scenario_becomes_the_cells_and_the_former_ones_stay(folder):
    study = StudyFolder.at(folder)
    before = tomllib.loads(study.text())
    content = json.dumps(CELLS).encode()
    assert [take_scenario(study, content) for _ in range(2)] == [
        "kich-ban-1.geojson", "kich-ban-2.geojson",
    ]  # fmt: skip
    assert (folder / "kich-ban-2.geojson").read_bytes() == content
    assert tomllib.loads(study.text()) == before | {
        "inputs": before["inputs"] | {"cells": "kich-ban-2.geojson"}
    }
    assert (folder / "cells.csv").is_file()
    assert len(gpd.read_file(folder / "kich-ban-2.geojson")) == 1
    assert open_study(folder).inputs.cells[0].path == "kich-ban-2.geojson"


def test_two_pages_that_hand_over_at_once_have_a_file_each(tmp_path):
    study = StudyFolder.at(tmp_path)
    study.settings.write_text("")
    with ThreadPoolExecutor(8) as pages:
        taken = pages.map(lambda _: take_scenario(study, json.dumps(CELLS).encode()), range(16))
        assert sorted(taken) == sorted(f"kich-ban-{number}.geojson" for number in range(1, 17))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"[" * 100_000, b'{"type": "FeatureCollection", "features": []}',
                b'{"type": "FeatureCollection", "features": [{"properties": null}]}'],
)  # fmt: skip
def test_what_is_no_scenario_changes_nothing(folder, content):
    study = StudyFolder.at(folder)
    before = {one.name for one in folder.iterdir()}, study.text()
    with pytest.raises(OutputError):
        take_scenario(study, content)
    assert ({one.name for one in folder.iterdir()}, study.text()) == before


def test_the_page_hands_a_scenario_over(client, at, study):
    refused = client.post(at("scenario"), content=json.dumps(CELLS), headers=ORIGIN)
    assert refused.status_code == 400  # there are no settings yet
    assert client.post(at("scenario"), content=b"{}").status_code == 403
    study.settings.write_text('[inputs]\ncells = "a.csv"\n')
    taken = client.post(at("scenario"), content=json.dumps(CELLS), headers=ORIGIN)
    assert "kich-ban-1.geojson" in taken.json()["messages"][0]["vi"]
    assert client.get(at("explore")).status_code == 404
    study.given.mkdir()
    (study.given / "dat-cot.html").write_text("<p>")
    page = client.get(at("explore"))
    assert "Không có trả lời" in page.text  # for when the desk is gone
    assert 'sandbox="allow-scripts allow-downloads allow-modals"' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    study.settings.write_text("inputs = 3\n")
    assert client.post(at("scenario"), content=json.dumps(CELLS), headers=ORIGIN).status_code == 400
    study.settings.write_text("no toml")
    with pytest.raises(StudyError):
        take_scenario(study, json.dumps(CELLS).encode())
