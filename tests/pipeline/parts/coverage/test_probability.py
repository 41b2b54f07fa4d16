"""Both readings of a share, and the mean error that is taken off every level."""

import re
import shutil

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

import phusong
from phusong.grid import grid_of
from phusong.pipeline.parts.coverage.definition import define
from phusong.pipeline.parts.coverage.probability import masts_of
from phusong.pipeline.parts.coverage.settings import clutter_setting, mean_error_db
from phusong.radio import P1812, OkumuraHata

TARGET, TAKEN_DB = 0.6, 48.0
"""So much that free space leaves some communes out."""


def changed(folder, *changes):
    """Return the study with other lines; over free space, which is quick."""
    file = folder / "study.toml"
    text = file.read_text("utf-8")
    for old, new in (('^model = "p1812"', 'model = "free_space"'), *changes):
        text, count = re.subn(old, new, text, flags=re.M)
        assert count
    file.write_text(text, encoding="utf-8")
    return phusong.open_study(folder)


@pytest.fixture(scope="module")
def both(pristine, tmp_path_factory, small_losses):
    """Return the small study without and with a mean error, its targets read in both ways."""
    found = []
    for name, changes in (
        ("without", ()),
        (
            "with",
            (
                ("^share = 0.98", f"share = {TARGET}"),
                ("^mean_error_db = 0", f"mean_error_db = {TAKEN_DB}"),
                (
                    '^denominator = "population"',
                    'denominator = "population"\nreading = "probability"',
                ),
            ),
        ),
    ):
        folder = tmp_path_factory.mktemp(name) / "study"
        shutil.copytree(pristine, folder)
        study = changed(folder, *changes)
        found.append(phusong.run(study, parts=["coverage"], threads=1, cache_folder=small_losses))
    return found


def test_mean_error_is_taken_off_every_level_and_the_share_without_it_stands_beside(both):
    without, corrected = both
    np.testing.assert_allclose(
        corrected.services["mobile"].level_dbm,
        without.services["mobile"].level_dbm - TAKEN_DB,
        atol=1e-4,  # single precision
    )
    for table in ("communes", "districts", "province"):
        before, after = getattr(without, table), getattr(corrected, table)
        np.testing.assert_allclose(
            after["uncorrected_covered_population_share_mobile"],
            before["covered_population_share_mobile"],
        )
        assert (before["covered_population_mobile"] >= after["covered_population_mobile"]).all()
    assert f"{TAKEN_DB} dB of mean error taken off (stated" in define(
        corrected.study.services[0], corrected.study, "en"
    )


def test_path_shows_the_mean_error_as_a_part_of_the_loss(both):
    _, corrected = both
    cell = corrected.cells.iloc[0]
    found = corrected.profile(cell["cell_id"], to=(104.95, 22.80)).inspection
    assert {term.name: term.db for term in found.terms}["mean_error"] == TAKEN_DB
    assert found.loss_db == pytest.approx(sum(term.db for term in found.terms))


def test_probability_is_that_of_two_masts_and_one_server_for_each_mast(both):
    result = both[0]
    rasters = result.services["mobile"]
    (raster,) = (one for one in result.gathered.rasters if one.name == "probability_mobile")
    margin, second = (
        np.nan_to_num(each.to_numpy(), nan=-np.inf)
        for each in (rasters.margin_db, rasters.second_margin_db)
    )
    mast = np.append(masts_of(result.cells, grid_of(rasters.margin_db)), -1)
    one = mast[rasters.best_server.to_numpy()] == mast[rasters.second_server.to_numpy()]
    best, other = (ndtr(ndtri(0.9) + each / 8) for each in (margin, second))
    expected = np.where(one, best, 1 - (1 - best) * (1 - other))
    np.testing.assert_allclose(raster.values, expected, atol=1e-4)
    assert one.any()
    assert not one.all()


def test_target_by_probability_judges_communes_and_province_by_that_share(both):
    communes = both[1].communes
    share = communes["expected_covered_population_share_mobile"]
    assert (share >= TARGET).any()
    assert (share < TARGET).any()
    met = communes["target_verdict_mobile"] == "met"
    assert (met == (share >= TARGET)).all()
    board = both[1].indicators.set_index("indicator")
    assert board.loc["expected_covered_population_share_mobile", "target"] == TARGET
    assert np.isnan(board.loc["covered_population_share_mobile", "target"])


@pytest.mark.parametrize(
    ("model", "rule", "known", "setting", "taken"),
    [
        (P1812(), "combined", True, "combined", 0.0),
        (P1812(), "sum", True, "sum", 5.0),
        (P1812(), "none", True, "open", 20.0),
        (P1812(), "combined", False, "open", 20.0),
        (OkumuraHata(), "combined", False, "in_model", 0.0),
    ],
)
def test_mean_error_follows_from_what_is_known_of_clutter(
    result, model, rule, known, setting, taken
):
    radio = result.study.radio.model_copy(update={"clutter_rule": rule, "mean_error_db": None})
    found = clutter_setting(model, radio, clutter_known=known)
    assert found == setting
    assert mean_error_db(radio, found) == taken
    assert mean_error_db(radio.model_copy(update={"mean_error_db": -2.0}), found) == -2.0
