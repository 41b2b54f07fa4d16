"""Whom the radius cuts off: estimated from masts at twice the radius, told with its number."""

import numpy as np
import pytest

import phusong
from phusong.pipeline.parts.coverage import beyond
from synthetic import write_small_study

SAID = ("pipeline.beyond_radius", "pipeline.nobody_beyond_radius")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a study of three sites in free space."""
    folder = tmp_path_factory.mktemp("beyond") / "study"
    write_small_study(folder, communes=2, sites=3)
    words = (folder / "study.toml").read_text(encoding="utf-8")
    words = words.replace('model = "p1812"', 'model = "free_space"')
    (folder / "study.toml").write_text(words, encoding="utf-8")
    return folder


def run(folder, radius_km, **radio):
    study = phusong.open_study(folder)
    radio = study.radio.model_copy(update={"radius_km": radius_km, **radio})
    study = study.model_copy(update={"radio": radio})
    return phusong.run(study, parts=("coverage",), threads=2)


def told(result):
    return [note for note in result.notes if note.message in SAID]


def covered(result):
    return float(result.province["covered_population_mobile"].iloc[0])


def test_those_whom_the_radius_cuts_off_are_told(folder):
    near, far = run(folder, 1.0), run(folder, 2.0)
    (note,) = told(near)
    values = note.values
    assert note.message == "pipeline.beyond_radius"
    assert (values["sample"], values["sites"], values["radius_km"]) == (3, 3, 1.0)
    # Counted at every site, so at least once.
    newly = covered(far) - covered(near)
    everybody = float(near.province["population"].iloc[0])
    assert 0 < newly <= values["people"] + 1 <= everybody - covered(near) + 2


def test_nobody_is_cut_off_where_all_are_served(folder):
    (note,) = told(run(folder, 15.0))
    assert note.message == "pipeline.nobody_beyond_radius"


def test_a_sample_is_scaled_up_to_all_sites_and_never_above_all_who_are_unserved(
    folder, monkeypatch
):
    monkeypatch.setattr(beyond, "FEWEST", 1)
    near = run(folder, 1.0)
    (note,) = told(near)
    assert (note.values["sample"], note.values["sites"]) == (1, 3)
    everybody = float(near.province["population"].iloc[0])
    assert note.values["people"] <= np.ceil(everybody - covered(near))
