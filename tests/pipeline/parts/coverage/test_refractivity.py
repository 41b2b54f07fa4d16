"""Refractivity of the ITU's maps in a run; the maps here are made up."""

import numpy as np
import pytest

import phusong
from phusong.errors import StudyError
from phusong.pipeline.parts.coverage import COVERAGE

LATITUDES = np.linspace(90, -90, 121)[:, None]
LONGITUDES = np.linspace(0, 360, 241)[None, :]


@pytest.fixture
def with_maps(folder):
    np.savetxt(folder / "DN50.TXT", 60 + 0 * LATITUDES + 0 * LONGITUDES, fmt="%.1f")
    np.savetxt(folder / "N050.TXT", 350 + LATITUDES / 2 + 0 * LONGITUDES, fmt="%.3f")
    toml = folder / "study.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8")
        .replace("\n[inputs]\n", '\n[inputs]\ndelta_n_map = "DN50.TXT"\nn0_map = "N050.TXT"\n')
        .replace("delta_n_per_km", "# delta_n_per_km")
        .replace("n0 = 325", "# n0 = 325"),
        encoding="utf-8",
    )
    return folder


def test_maps_reach_the_prediction_the_inspector_and_the_manifest(with_maps, result):
    study = phusong.open_study(with_maps)
    found = phusong.run(study, parts=("coverage",), threads=1)
    air = found.gathered.found[COVERAGE].ground.refractivity
    assert air.delta_n_per_km == pytest.approx(60.0)
    assert air.n0 == pytest.approx(350 + 22.8 / 2, abs=0.2)
    assert any(note.message == "pipeline.refractivity" for note in found.notes)
    before, after = (one.services["mobile"].margin_db.to_numpy() for one in (result, found))
    assert np.nanmax(np.abs(after - before)) > 0.1
    path = found.profile(found.cells["cell_id"].iloc[0], to=(105.0, 22.8))
    assert path.inspection.link.delta_n_per_km == pytest.approx(60.0)
    assert {source.path for _, source in study.inputs.files} >= {"DN50.TXT", "N050.TXT"}


def test_one_map_or_both_a_map_and_a_value_are_refused(with_maps):
    toml = with_maps / "study.toml"
    given = toml.read_text(encoding="utf-8")
    toml.write_text(given.replace('n0_map = "N050.TXT"', ""), encoding="utf-8")
    with pytest.raises(StudyError, match="go together"):
        phusong.open_study(with_maps)
    toml.write_text(given.replace("# n0 = 325", "n0 = 325"), encoding="utf-8")
    with pytest.raises(StudyError, match="not both"):
        phusong.open_study(with_maps)
