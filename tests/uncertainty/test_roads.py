"""What measuring along a road settles: against simulation, and against draws that know it all."""

import numpy as np
import pytest
from scipy.special import ndtri

from phusong.grid import Grid
from phusong.uncertainty import (
    Contenders,
    Counted,
    ErrorModel,
    SegmentErrors,
    chance_of_a_verdict,
    curves,
    draw,
    rank_segments,
)

CONFIDENCE = 0.9
DRAWS = 20_000


def test_the_chance_of_a_verdict_is_that_of_measuring_again_and_again():
    unknown = np.random.default_rng(2).standard_normal(20_000)
    said = ndtri((np.arange(500) + 0.5) / 500)  # by 500 measurements, one in each slice
    for likely, explained in ((0.5, 0.8), (0.85, 0.3), (0.2, 0.6)):
        behind = np.sqrt(explained) * said[:, None] + np.sqrt(1 - explained) * unknown
        then = (behind >= -ndtri(likely)).mean(axis=1)
        decided = ((then >= CONFIDENCE) | (then <= 1 - CONFIDENCE)).mean()
        chance = chance_of_a_verdict(likely, explained, confidence=CONFIDENCE)
        assert chance == pytest.approx(decided, abs=0.01)


@pytest.mark.kernels
def test_what_one_segment_knows_the_next_beside_it_need_not_tell():
    random = np.random.default_rng(3)
    west, east = random.standard_normal((2, DRAWS))
    errors = np.stack([west, west, 0.6 * west + 0.8 * east])
    met = np.stack([west > 0.2, east > -0.4])
    found = rank_segments(
        errors, met, noise_db=np.array([0.2, 0.25, 0.2]), confidence=CONFIDENCE, most=3
    )
    assert found.settled[0, 0] > 0.8
    assert found.settled[0, 1] < 0.01
    assert found.settled[0, 0] > found.settled[1, 0] > found.settled[2, 0]
    assert found.order.tolist()[:2] == [0, 2]
    assert (found.together[1] > 0.6).all()
    if len(found.order) == 3:  # the twin of the first still halves its noise
        assert found.together[2].sum() - found.together[1].sum() < 0.1


@pytest.mark.kernels
def test_each_segment_in_order_settles_most_after_those_before_it():
    random, draws = np.random.default_rng(7), 2_000
    behind = random.standard_normal((4, draws))
    errors = 3 * behind[random.integers(4, size=12)] + random.standard_normal((12, draws))
    limit = np.array([[0.3], [0.0], [-1.0], [1.0], [2.0]])
    met = behind[[0, 1, 1, 2, 3]] + random.standard_normal((5, draws)) > limit
    found = rank_segments(errors, met, noise_db=np.full(12, 0.5), confidence=CONFIDENCE, most=4)
    assert len(found.order) == 4

    likely = met.mean(axis=1)
    density = np.exp(-(ndtri(likely) ** 2) / 2) / np.sqrt(2 * np.pi)
    away = errors - errors.mean(axis=1, keepdims=True)
    own = away @ away.T / draws + 0.25 * np.eye(12)
    shared = away @ ((met - likely[:, None]) / density[:, None]).T / draws
    by_chance, known = likely * (1 - likely) / (draws * density**2), np.zeros(5)
    for step, best in enumerate(found.order):
        more = shared**2 / np.maximum(np.diag(own), 1e-9)[:, None] - by_chance
        more[found.order[:step]] = 0
        then = (known + more.clip(0)).clip(0, 0.999)
        settled = chance_of_a_verdict(likely, then, confidence=CONFIDENCE)
        assert settled.sum(axis=1).argmax() == best
        np.testing.assert_allclose(found.together[step], settled[best], atol=1e-9)
        known = then[best]
        # What the measurement of this one tells of the others is taken away.
        column, row = own[:, best].copy(), shared[best].copy()
        shared = shared - np.outer(column, row) / column[best]
        own = own - np.outer(column, column) / column[best]


@pytest.fixture(scope="module")
def valley():
    """Return a pixel that a mast serves if its errors are not below -3 dB, and drawn segments.

    One segment is measured on this mast, one on another mast, both far away.
    """
    one = Contenders(
        margin_db=np.array([[3.0]], np.float32),
        mast=np.array([[0]]),
        kind=np.array([[0]]),
        curves=curves([lambda share: 0.0], [0.0]),
        location_probability=0.9,
    )
    other = Contenders(
        margin_db=np.array([[3.0]], np.float32),
        mast=np.array([[1]]),
        kind=np.array([[0]]),
        curves=one.curves,
        location_probability=0.9,
    )
    people = Counted(first=np.array([0, 1]), slot=np.array([0]), weight=np.array([50.0]))

    def drawn(*segments):
        return draw(
            {"4g": one, "other": other},
            {"people": people},
            pixel=np.array([0]),
            grid=Grid("EPSG:9209", 90.0, 0.0, 90.0, 1, 1000),
            model=ErrorModel(province_sd_db=0, uncorrelated_sd_db=0, station_sd_db=4,
                             field_sd_db=3, field_length_m=450),
            draws=2_000,
            seed=1,
            segments=segments,
        )["4g", "people"]  # fmt: skip

    return drawn


def test_segments_take_the_errors_of_the_draws_and_change_none(valley):
    along = SegmentErrors(
        np.array([0, 2, 3]), np.array([0, 1, 900]), np.array([0, 0, 1]), draws=2_000
    )
    found = valley(along)
    np.testing.assert_array_equal(found.pixels, valley().pixels)
    near, far = along.error_db
    # The pixel itself and its neighbour in the same cell of the field: the error that decides.
    np.testing.assert_array_equal(near >= -3.0, found.pixels[0] > 0)
    assert near.std() == pytest.approx(5.0, abs=0.3)  # 4 dB of the mast, 3 dB of the field
    assert abs(np.corrcoef(near, far)[0, 1]) < 0.06
    ranking = rank_segments(
        along.error_db, found.pixels > 0, noise_db=np.array([0.1, 0.1]), confidence=0.9, most=2
    )
    assert ranking.settled[0, 0] > 0.9
    assert ranking.settled[1, 0] < 0.1
    assert ranking.order[0] == 0


def test_without_a_segment_nothing_is_ranked():
    none = SegmentErrors(np.array([0]), np.array([], int), np.array([], int), draws=4)
    none.keep(slice(0, 4), np.zeros(4), np.zeros((1, 4)), np.zeros((0, 4)))
    met = np.array([[True, False, True, False]])
    found = rank_segments(none.error_db, met, noise_db=np.array([]), confidence=0.9, most=20)
    assert found.settled.shape == (0, 1)
    assert found.order.size == 0
