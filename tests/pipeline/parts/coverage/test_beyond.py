"""Whom the radius cuts off: estimated from masts at twice the radius, told with its number."""

import numpy as np
import pytest

import phusong
from phusong.grid import grid_of
from phusong.pipeline.load import load
from phusong.pipeline.parts.coverage import beyond
from phusong.pipeline.parts.coverage.inputs import take
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


@pytest.mark.parametrize(("radius_km", "ends"), [(8.0, True), (2.0, False)])
def test_where_the_model_ends_before_twice_the_radius_it_is_told(folder, radius_km, ends):
    notes = run(folder, radius_km, model="rma").notes
    said = [note for note in notes if note.message == "pipeline.model_ends"]
    assert bool(said) == ends
    assert all("holds to 5 km" in note.render("en") for note in said)
    assert ("pipeline.nobody_beyond_radius" in {note.message for note in notes}) <= (not ends)


def test_a_sample_is_scaled_up_to_all_sites_and_never_above_all_who_are_unserved(
    folder, monkeypatch
):
    monkeypatch.setattr(beyond, "FEWEST", 1)
    near = run(folder, 1.0)
    (note,) = told(near)
    assert (note.values["sample"], note.values["sites"]) == (1, 3)
    everybody = float(near.province["population"].iloc[0])
    assert note.values["people"] <= np.ceil(everybody - covered(near))


def test_where_pixels_are_small_one_receiver_stands_for_several_and_tells_about_the_same(
    folder, monkeypatch
):
    (each,) = told(run(folder, 2.0))
    monkeypatch.setattr(beyond, "WIDEST_PX", 30)
    assert beyond.coarser_by(2000.0, phusong.open_study(folder).resolution_m) == 3
    (some,) = told(run(folder, 2.0))
    assert some.values["people"] == pytest.approx(each.values["people"], rel=0.15)


@pytest.mark.parametrize("times", [1, 3, 5])
def test_a_thinned_ground_has_what_lies_at_the_middles_of_its_pixels(folder, times):
    study = phusong.open_study(folder)
    ground = take(study, load(study)).ground
    found = beyond.thinned(ground, times)
    size = times * grid_of(ground.height_m).resolution_m
    assert found.near.resolution_m == size
    assert found.near.bounds[0] == ground.near.bounds[0]
    assert found.near.bounds[3] == ground.near.bounds[3]
    assert found.near.height == -(-ground.near.height // times)
    place = found.height_m.x[5], found.height_m.y[-5]
    there = ground.height_m.sel(x=place[0], y=place[1], method="nearest")
    assert float(abs(there.x - place[0])) < 1e-6
    assert float(found.height_m[-5, 5]) == float(there)
