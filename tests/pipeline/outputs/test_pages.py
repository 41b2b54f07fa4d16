"""The pages that a run writes, in a browser with the network cut, hostile names included."""

import json

import pandas as pd
import pytest

import phusong

from ...browsing import until_ready

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")

HOSTILE = '<img src=x onerror="window.stolen=1">'


@pytest.fixture
def out(folder, tmp_path, small_losses):
    """Return the output of a study whose site, commune and study carry markup in their names."""
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    cells["site_name"] = HOSTILE
    cells.to_csv(folder / "cells.csv", index=False)
    communes = json.loads((folder / "communes.geojson").read_text(encoding="utf-8"))
    communes["features"][0]["properties"]["name"] = HOSTILE
    (folder / "communes.geojson").write_text(json.dumps(communes), encoding="utf-8")
    study = (folder / "study.toml").read_text(encoding="utf-8")
    study = study.replace('name = "Tỉnh Hà Giang"', f"name = '{HOSTILE}'")
    (folder / "study.toml").write_text(study, encoding="utf-8")
    study = phusong.open_study(folder)
    phusong.run(study, parts=("coverage",), cache_folder=small_losses).write(tmp_path / "out")
    return tmp_path / "out"


def test_pages_open_offline_and_show_markup_as_text(out, open_tab):
    page = open_tab((out / "index.html").as_uri(), {"width": 1280, "height": 720})
    assert HOSTILE in page.inner_text("h1")
    assert page.evaluate("window.stolen") is None
    page.click('.maps a[href^="maps/overview.html"]')
    until_ready(page)
    page.fill("input[type=search]", "onerror")
    page.wait_for_selector("[role=option]")
    assert HOSTILE in page.inner_text("[role=listbox]")
    assert page.evaluate("window.stolen") is None
