"""Antennas, powers and environments of a study, from its files to its figures."""

import json
import re

import pandas as pd
import pytest

import phusong
from phusong.errors import CellRangeError, InputError
from phusong.export import write_manifest
from phusong.pipeline.load import load
from phusong.pipeline.outputs.folder import inputs_of
from phusong.pipeline.parts.coverage import define
from phusong.radio.sectors import read_sectors
from synthetic import write_small_study


def cut(name, attenuation):
    rows = [f"{angle} {attenuation(angle):.2f}" for angle in range(360)]
    return "\n".join([f"{name} 360", *rows])


def beam(angle):
    """Return the vertical cut of the 3GPP pattern, alike before and behind."""
    depression = min(angle, abs(180 - angle), 360 - angle)
    return min(12 * (depression / 10) ** 2, 20)


ROUND = "\n".join(
    ["NAME Made-up round", "FREQUENCY 900", "GAIN 9 dBd", cut("HORIZONTAL", lambda _: 0),
     cut("VERTICAL", beam)]
)  # fmt: skip


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """Return a study of one cell that looks east, in free space."""
    folder = tmp_path_factory.mktemp("antennas") / "study"
    write_small_study(folder, communes=2, sites=1)
    cells = pd.read_csv(folder / "cells.csv", dtype=str).head(1)
    cells = cells.assign(azimuth_deg=90, beamwidth_deg=65, tilt_deg=0, frequency_mhz=900)
    cells.to_csv(folder / "cells.csv", index=False)
    edit(folder, 'model = "p1812"', 'model = "free_space"')
    return folder


@pytest.fixture
def study(pristine, tmp_path):
    """Return a function that writes the study with other cells and settings and opens it."""

    def opened(*edits, pattern=ROUND, **columns):
        folder = tmp_path / "study"
        folder.mkdir()
        for path in pristine.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        (folder / "antennas").mkdir()
        (folder / "antennas" / "round.msi").write_text(pattern)
        cells = pd.read_csv(folder / "cells.csv", dtype=str).assign(**columns)
        cells.dropna(axis=1, how="all").to_csv(folder / "cells.csv", index=False)
        edit(folder, "[inputs]", '[inputs]\nantennas = "antennas"')
        for old, new in edits:
            edit(folder, old, new)
        return phusong.open_study(folder)

    return opened


def edit(folder, old, new):
    path = folder / "study.toml"
    content = path.read_text(encoding="utf-8")
    assert old in content, old
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def level_dbm(result):
    return result.services["mobile"].level_dbm


def test_round_pattern_adds_the_back_of_the_sector_and_is_listed_in_the_manifest(
    pristine, study, tmp_path, small_losses
):
    asked = {"parts": ["coverage"], "cache_folder": small_losses}
    sector = level_dbm(phusong.run(phusong.open_study(pristine), **asked))
    result = phusong.run(study(antenna="made-up round"), **asked)
    gained = level_dbm(result) - sector
    mast = result.cells.geometry.iloc[0]
    ahead = gained.sel(y=mast.y, x=mast.x + 5000, method="nearest")
    behind = gained.sel(y=mast.y, x=mast.x - 5000, method="nearest")
    assert float(ahead) == pytest.approx(0, abs=0.05)
    # The parabolic pattern is 25 dB down behind, whatever the angle below the horizon.
    assert 20 < float(behind) <= 25
    assert float(gained.max()) == pytest.approx(25, abs=0.05)
    write_manifest(tmp_path, parameters={}, inputs=inputs_of(result.study))
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    assert "antennas/round.msi" in json.dumps(manifest["inputs"])


def test_power_and_gain_of_the_pattern_give_the_level_of_the_stated_eirp(study, pristine):
    stated = float(pd.read_csv(pristine / "cells.csv")["rs_eirp_dbm"].iloc[0])
    powered = study(
        antenna="round", rs_eirp_dbm=None, technology="2G",
        power_dbm=stated - 9 - 2.15 + 1, feeder_loss_db=1,
    )  # fmt: skip
    loaded = load(powered)
    (sector,) = read_sectors(loaded.tables["cells"], loaded.patterns)
    assert sector.eirp_dbm == pytest.approx(stated)


def test_damaged_pattern_file_stops_the_check_beside_other_faults(study):
    damaged = study(pattern=ROUND.replace("\n90 ", "\n90 x", 1), status="on")
    with pytest.raises(InputError, match=r"antennas/round\.msi, line 95") as caught:
        phusong.check(damaged)
    assert {problem.file for problem in caught.value.problems} == {
        "antennas/round.msi", "cells.csv",
    }  # fmt: skip


def test_cell_without_power_is_told_by_its_row(study):
    with pytest.raises(
        InputError, match="At least one of rs_eirp_dbm, power_dbm must be"
    ) as caught:
        phusong.check(study(rs_eirp_dbm="", power_dbm="", feeder_loss_db="1"))
    assert caught.value.problems[0].row == 2


def test_a_file_without_a_power_column_is_a_list_of_sites_whose_power_is_assumed_and_told(study):
    told = {note.message: note for note in phusong.check(study(rs_eirp_dbm=None))}
    assumed = told["inputs.values_assumed"]
    assert assumed.values == {"cells": 1, "fields": "rs_eirp_dbm 1"}


def test_unusable_cells_are_set_aside_with_their_reason_where_the_study_allows_it(study):
    opened = study(('faulty_rows = "refuse"', 'faulty_rows = "set_aside"'))
    path = opened.folder / "cells.csv"
    cells = pd.concat([pd.read_csv(path, dtype=str)] * 3)
    cells.assign(cell_id=["b", "a", "c"], antenna=["round", "rund", "3gpp"]).to_csv(path)
    loaded = load(opened)
    assert loaded.tables["cells"]["cell_id"].to_list() == ["b", "c"]
    (lost,) = loaded.rejected["cells"].to_dict("records")
    assert (lost["file"], lost["row"], lost["cell_id"]) == ("cells.csv", 3, "a")
    assert "no antenna pattern rund. Most alike: Made-up round" in lost["reason_en"]


def test_file_without_vertical_cut_is_noted(study):
    flat = ROUND[: ROUND.index("VERTICAL")].replace("GAIN", "V_WIDTH 9\nGAIN")
    told = phusong.check(study(pattern=flat, antenna="round"))
    by_choice = {"pipeline.no_measured", "pipeline.no_survey"}
    (note,) = (one for one in told if one.message not in by_choice)
    assert note.render("en") == (
        "antennas/round.msi: The file has no vertical cut: the parabolic one of 3GPP TR 36.814 "
        "with the file's V_WIDTH stands for it."
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            "vehicle_loss_db = 9\n",
            r"in a vehicle; .*losses together 22\.3 dB "
            r"\(standard deviation over locations 8\.0 dB\)",
        ),
        (
            'building_entry = "p2109_traditional"\n',
            r"indoor; .*losses together 31\.\d dB at 700 MHz to 3\d\.\d dB at 2600 MHz "
            r"\(standard deviation over locations 8\.0 dB, building entry after ITU-R P\.2109, "
            r"traditional buildings\)",
        ),
    ],
)
def test_environment_is_told_with_its_loss(study, settings, words):
    environment = "vehicle" if "vehicle" in settings else "indoor"
    opened = study(
        ('environment = "outdoor"', f'environment = "{environment}"'),
        ("building_loss_db = 10", settings + "#"),
    )
    (service,) = opened.services
    assert re.match(words, define(service, opened, "en"))
    assert define(service, opened, "vi") != define(service, opened, "en")


def test_carrier_without_an_entry_loss_is_refused_before_anything_is_computed(study):
    opened = study(
        ('environment = "outdoor"', 'environment = "indoor"'),
        ("building_loss_db = 10", 'building_entry = "p2109_traditional" #'),
        frequency_mhz="60",
    )
    with pytest.raises(CellRangeError, match="p2109 holds for frequency_mhz from 80 to"):
        phusong.run(opened, parts=["coverage"])
