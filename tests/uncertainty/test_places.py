"""How likely a place in a pixel is served: against the normal distribution and P.2109."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from phusong.radio import allowance_db, indoor_allowance_db
from phusong.uncertainty import curves, served_probability
from phusong.uncertainty._place_kernels import probability_at

pytestmark = pytest.mark.kernels


@pytest.fixture
def at():
    """Return a function that reads a curve at a margin."""

    def _at(found, margin_db, kind=0):
        return probability_at(found.values, found.slopes, kind, margin_db)

    return _at


@pytest.mark.parametrize("sd_db", [1.9, 8.0])
@pytest.mark.parametrize("margin_db", [-30.0, -10.25, -3.33, 0.0, 0.02, 4.0, 12.0])
def test_probability_is_the_normal_one_where_locations_are_log_normal(at, sd_db, margin_db):
    def needed(share):
        return allowance_db(
            location_probability=share, location_sd_db=sd_db, body_loss_db=3, enclosure_loss_db=0
        )

    found = curves([needed], [needed(0.9)])
    assert at(found, margin_db) == pytest.approx(ndtr(ndtri(0.9) + margin_db / sd_db), abs=2e-5)


def test_probability_indoors_is_the_inverse_of_what_p2109_needs(at):
    def needed(share):
        return indoor_allowance_db(
            900.0, location_probability=share, location_sd_db=8.0, body_loss_db=3.0,
            building="traditional",
        )  # fmt: skip

    found = curves([needed], [needed(0.9)])
    for share in (0.05, 0.31, 0.5, 0.77, 0.9, 0.985):
        assert at(found, needed(share) - needed(0.9)) == pytest.approx(share, abs=1e-4)


def test_without_variability_all_places_are_served_from_margin_zero_on(at):
    found = curves([lambda _: 13.0], [13.0])
    assert [at(found, margin) for margin in (-1e-4, -0.02, 0.0, 3.0)] == [0.0, 0.0, 1.0, 1.0]


def test_no_level_is_not_served(at):
    found = curves([lambda share: 8 * float(ndtri(share))], [0.0])
    assert at(found, np.nan) == at(found, -np.inf) == 0.0
    assert at(found, 1000.0) == pytest.approx(1.0)


def test_each_cell_has_the_curve_of_its_kind_and_masts_count_once():
    # Kind 0 needs 0 dB for half of the places, kind 1 needs 8 dB: one deviation more.
    found = curves([lambda share: 8 * float(ndtri(share))] * 2, [0.0, -8.0])
    margins = np.zeros((1, 5)), np.array([[0.0, 0.0, np.nan, 0.0, 0.0]])
    servers = np.array([[0, 0, 1, -1, 1]]), np.array([[1, 2, -1, -1, 0]])
    out = served_probability(
        margins, servers, kind=np.array([0, 1, 1]), mast=np.array([0, 1, 0]), curves=found,
        out=np.empty((1, 5), np.float32),
    )  # fmt: skip
    low = ndtr(-1.0)
    two = 1 - 0.5 * (1 - low)
    # Two masts; one mast twice, of which the better counts; one server; nobody; the two in turn.
    assert out[0].tolist() == pytest.approx([two, 0.5, low, 0.0, two], abs=1e-5)
