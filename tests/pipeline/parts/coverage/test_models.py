"""One entry in radio's registry makes a model: a study may name it, and every page can tell it."""

import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import phusong
from phusong.errors import InputError, ModelAnswerError
from phusong.i18n import Bilingual
from phusong.pipeline.parts.coverage.allowances import allowance_of, location_sd_of
from phusong.pipeline.parts.coverage.definition import define
from phusong.pipeline.parts.coverage.settings import model_of
from phusong.radio import MODELS, FreeSpace
from phusong.radio.models import ENTRY_POINTS
from phusong.radio.propagation import Term, free_space_term

EXTRA_DB = 20.0
LABEL = Bilingual("Rừng", "Forest")


@dataclass(frozen=True)
class Forest:
    """Free space and twenty decibels."""

    name: ClassVar[str] = "forest"
    title: ClassVar[Bilingual] = Bilingual("mô hình rừng", "the forest model")
    includes_clutter: ClassVar[bool] = False

    @property
    def parameters(self):
        return {"extra_db": EXTRA_DB}

    def check(self, link):
        FreeSpace().check(link)

    def loss_db(self, profile, link):
        return FreeSpace().loss_db(profile, link) + EXTRA_DB

    def terms(self, profile, link):
        return (
            free_space_term(FreeSpace().loss_db(profile, link)),
            Term("forest", EXTRA_DB, LABEL),
        )

    def loss_along_radials_db(self, radials, link):
        return FreeSpace().loss_along_radials_db(radials, link) + EXTRA_DB


def let_study_name(folder, name):
    file = folder / "study.toml"
    text, count = re.subn(
        r'^model = "\w+"', f'model = "{name}"', file.read_text("utf-8"), flags=re.M
    )
    assert count == 1
    file.write_text(text, encoding="utf-8")
    return phusong.open_study(folder)


def written(figure):
    return " ".join(each.get_text() for each in figure.findobj(Text))


def test_model_of_one_entry_works_from_study_to_board_and_profile(folder, monkeypatch):
    free = phusong.run(let_study_name(folder, "free_space"), parts=("coverage",), threads=1)
    monkeypatch.setitem(MODELS, Forest.name, Forest)
    study = let_study_name(folder, Forest.name)
    phusong.check(study)
    found = phusong.run(study, parts=("coverage",), threads=1)
    np.testing.assert_allclose(
        found.services["mobile"].margin_db,
        free.services["mobile"].margin_db - EXTRA_DB,
        atol=1e-4,  # single precision
    )
    board = found.indicators.set_index("indicator").loc["covered_population_share_mobile"]
    cell = found.cells.to_crs("EPSG:4326").iloc[0]
    path = found.profile(cell["cell_id"], to=(cell.geometry.x + 0.01, cell.geometry.y))
    for lang in ("vi", "en"):
        assert Forest.title[lang] in board[f"definition_{lang}"]
        assert path.budget(lang).set_index("term").loc[LABEL[lang], "value"] == -EXTRA_DB
        assert Forest.title[lang] in written(path.figure(lang))


def test_unknown_model_is_told_with_the_models_there_are(folder):
    study = let_study_name(folder, "p1546")
    for ask in (
        lambda: phusong.check(study),
        lambda: phusong.run(study),
        lambda: phusong.path_profile(study, "THU0001-4G-1", to=(105.0, 22.8)),
    ):
        with pytest.raises(InputError) as caught:
            ask()
        (problem,) = caught.value.problems
        assert (problem.file, problem.key, problem.value) == ("study.toml", "radio.model", "p1546")
        assert ", ".join(MODELS) in str(caught.value)


@pytest.mark.parametrize("offered", ["no_such_module:Forest", f"{__name__}:NoForest", "math:pi"])
def test_model_of_a_broken_package_is_refused_as_a_fault_of_the_study(folder, monkeypatch, offered):
    point = EntryPoint("forest", offered, ENTRY_POINTS)
    monkeypatch.setattr("phusong.radio.models.entry_points", lambda **_: (point,))
    with pytest.raises(InputError, match=r"study\.toml, key radio\.model.*broken") as caught:
        phusong.check(let_study_name(folder, "forest"))
    assert [problem.value for problem in caught.value.problems] == ["forest"]


def test_what_are_no_losses_is_refused(folder, monkeypatch):
    class Torn(Forest):
        def loss_along_radials_db(self, radials, link):
            found = super().loss_along_radials_db(radials, link)
            found[:, 20:22] = np.nan
            return found

    monkeypatch.setitem(MODELS, Forest.name, Torn)
    with pytest.raises(ModelAnswerError, match="forest returned nan at "):
        phusong.run(let_study_name(folder, Forest.name), parts=("coverage",), threads=1)


def test_parts_of_a_loss_that_are_not_its_parts_are_refused(folder, monkeypatch):
    class Split(Forest):
        def terms(self, profile, link):
            return Term("forest", 3.0, LABEL), *super().terms(profile, link)

    monkeypatch.setitem(MODELS, Forest.name, Split)
    study = let_study_name(folder, Forest.name)
    cell = pd.read_csv(folder / "cells.csv").iloc[0]
    to = (cell["lon"] + 0.01, cell["lat"])
    with pytest.raises(ModelAnswerError, match="forest: its terms add up to"):
        phusong.path_profile(study, cell["cell_id"], to=to)


def test_parameters_and_location_variability_of_the_study_stand_in_the_definition(folder):
    study = let_study_name(folder, "rma")
    radio = study.radio.model_copy(
        update={"parameters": {"sight": "los"}, "location_sd_db": None, "location_sd": "p1812"}
    )
    study = study.model_copy(update={"radio": radio, "resolution_m": 100.0})
    assert model_of(radio).sight == "los"
    # ITU-R P.1812-8: (0.52 + 0.024 f) 100^0.28 with f in GHz
    sd_db = [(0.52 + 0.024 * ghz) * 100**0.28 for ghz in (0.7, 2.6)]
    told = define(study.services[0], study, "en")
    assert "line of sight yes" in told
    assert not any(words in told for words in ("polarization", "N-units", "profiles every"))
    assert f"{sd_db[0]:.1f} dB at 700 MHz to {sd_db[1]:.1f} dB at 2600 MHz, ITU-R P.1812" in told
    allowance = allowance_of(study.services[0], radio, resolution_m=100.0)
    assert allowance(700.0) == pytest.approx(1.2815516 * sd_db[0] + radio.body_loss_db, abs=1e-6)


def test_what_a_study_sets_of_paths_stands_in_the_definition(folder):
    study = let_study_name(folder, "p1812")
    own = {
        "polarization": "horizontal",
        "profile_step_m": 20.0,
        "delta_n_per_km": 50.5,
        "n0": 340.0,
    }
    study = study.model_copy(update={"radio": study.radio.model_copy(update=own)})
    told = define(study.services[0], study, "en")
    expected = (
        "; ΔN 50.5 N-units/km; N₀ 340 N-units; profiles every 20 m; horizontal polarization; "
    )
    assert expected in told


def test_each_environment_may_have_a_location_variability_of_its_own(folder):
    study = let_study_name(folder, "p1812")
    radio = study.radio.model_copy(update={"location_sd_db": {"outdoor": 4.0, "vehicle": 6.0}})
    outdoor = study.services[0]
    vehicle = outdoor.model_copy(update={"environment": "vehicle"})
    sd_db = [location_sd_of(each, radio, resolution_m=90.0) for each in (outdoor, vehicle)]
    assert sd_db == [4.0, 6.0]


def test_losses_of_a_model_that_is_not_ours_are_not_kept(folder, monkeypatch, tmp_path):
    monkeypatch.setitem(MODELS, Forest.name, Forest)
    study = let_study_name(folder, Forest.name)
    phusong.run(study, parts=("coverage",), threads=1, cache_folder=tmp_path / "kept")
    kept = [path.suffix for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert (kept.count(".loss"), kept.count(".obstacle")) == (
        0,
        8 + 3,
    )  # three sites beyond the radius too


def test_a_definition_says_how_phones_stand(folder):
    study = let_study_name(folder, "p1812")

    def told(**changed):
        inputs = study.inputs.model_copy(update=changed.pop("inputs", {}))
        radio = study.radio.model_copy(update=changed)
        other = study.model_copy(update={"inputs": inputs, "radio": radio})
        return define(study.services[0], other, "en")

    cover = {"land_cover": study.inputs.communes}
    in_the_open = "phones taken as standing in the open, without houses and trees"
    assert in_the_open in told()
    assert in_the_open in told(inputs=cover, clutter_rule="none")
    assert "ITU-R P.2108 combined with terrain, by land cover" in told(inputs=cover)
    assert "ITU-R P.2108 added to terrain, by land cover" in told(inputs=cover, clutter_rule="sum")
    heights = {"clutter": study.inputs.communes}
    assert "by heights of trees and houses" in told(inputs=heights)
    assert "houses and trees around the phone as the model holds them" in told(model="rma")
