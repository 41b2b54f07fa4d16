"""One entry in radio's registry makes a model: a study may name it, and every page can tell it."""

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from matplotlib.text import Text

import phusong
from phusong.errors import InputError
from phusong.i18n import Bilingual
from phusong.radio import MODELS, FreeSpace
from phusong.radio.propagation import Term, free_space_term

EXTRA_DB = 20.0
LABEL = Bilingual("Rừng", "Forest")


@dataclass(frozen=True)
class Forest:
    """Free space and twenty decibels."""

    name: ClassVar[str] = "forest"
    title: ClassVar[Bilingual] = Bilingual("mô hình rừng", "the forest model")

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
