"""What a run says of cells whose power and height a list of sites did not tell."""

import json
import re
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import phusong
from phusong.pipeline.load import load

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")


@pytest.fixture(scope="module")
def listed(pristine, tmp_path_factory):
    """Return the small study, computed from a list of its sites: half of them tell their height."""
    folder = tmp_path_factory.mktemp("listed") / "study"
    shutil.copytree(pristine, folder)
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    sites = cells.groupby("site_id").agg(
        {"operator": "first", "technology": lambda each: "/".join(sorted(set(each))),
         "lon": "first", "lat": "first"}
    ).reset_index()  # fmt: skip
    eirp = pd.Series("60", sites.index).where(sites.index % 2 == 0)
    height = pd.Series("40", sites.index).where(sites.index % 2 == 0)
    sites.assign(rs_eirp_dbm=eirp, antenna_height_m=height).rename(
        columns={"site_id": "Mã trạm", "technology": "Công nghệ", "operator": "Nhà mạng"}
    ).to_csv(folder / "cells.csv", index=False)
    study = phusong.open_study(folder).replace({"radio.radius_km": 5.0})
    return phusong.run(study, parts=["coverage"], threads=2)


def test_the_share_of_people_is_of_those_whose_best_server_is_assumed(listed):
    row = listed.indicators.set_index("indicator").loc["assumed_population_share_mobile"]
    assumed = listed.cells["assumed"].str.contains("rs_eirp_dbm|antenna_height_m").to_numpy()
    signal, people = listed.services["mobile"], listed.population.to_numpy()
    served = signal.margin_db.to_numpy() >= 0
    resting = served & np.isin(signal.best_server.to_numpy(), np.flatnonzero(assumed))

    assert 0 < assumed.sum() < len(listed.cells)
    assert row["computed"] == pytest.approx(people[resting].sum() / people[served].sum())
    assert 0 < row["computed"] < 1
    assert row["denominator"] == "covered_population"
    assert f"{assumed.sum()} of {len(listed.cells)} cells" in row["definition_en"]


def test_every_share_of_coverage_tells_how_many_cells_are_assumed(listed):
    board = listed.indicators.set_index("indicator")
    told = board.loc["covered_population_share_mobile", ["definition_vi", "definition_en"]]

    assert [re.findall(r"24 .*\(EIRP\).*", one) for one in told] == [
        ["24 / 60 cell đang phát sóng có công suất (EIRP) hoặc độ cao ăng-ten giả định, "
         "vì danh sách trạm không nêu: kết quả là ước tính."],
        ["24 of 60 cells on air have an assumed power (EIRP) or antenna height, which the list "
         "of sites does not tell: results are an estimate."],
    ]  # fmt: skip


def test_stations_and_files_carry_the_marks(listed, tmp_path):
    stations = listed.stations
    assert stations["assumed"].str.contains("tilt_deg").all()
    out = listed.write(tmp_path / "out").parent

    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    told = manifest["parameters"]["assumed_cells_by_field"]
    assert told["tilt_deg"] == told["status"] == len(listed.cells) > told["rs_eirp_dbm"] > 0
    written = gpd.read_file(next(out.rglob("stations.geojson")))
    assert written["assumed"].notna().all()
    assert "công suất (EIRP) hoặc độ cao ăng-ten giả định" in "".join(
        page.read_text(encoding="utf-8") for page in out.glob("*.html")
    ) + "".join(page.read_text(encoding="utf-8") for page in out.glob("maps/*.html"))


def test_a_complete_list_says_nothing_of_assumptions(result):
    assert not result.indicators["indicator"].str.startswith("assumed").any()
    assert "assumed" not in result.stations
    assert not any(note.message == "pipeline.cells_assumed" for note in result.notes)


def test_values_of_the_study_are_used(folder):
    lines = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        lines.replace("\n[inputs]\n", "\n[inputs]\nassumed_values = 'values.csv'\n"),
        encoding="utf-8",
    )
    phusong.inputs.read_assumed_values().table.assign(rs_eirp_dbm=20.0).to_csv(
        folder / "values.csv", index=False
    )
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    cells.drop(columns=["rs_eirp_dbm", "power_dbm"], errors="ignore").to_csv(
        folder / "cells.csv", index=False
    )

    read = load(phusong.open_study(folder)).tables["cells"]

    assert (read["rs_eirp_dbm"] == 20).all()
    assert (read["cell_id"] == sorted(cells["cell_id"])).all()
