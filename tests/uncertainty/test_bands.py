"""Bands, probabilities and verdicts of drawn shares."""

import numpy as np
import pytest
from scipy.special import ndtri

from phusong.grid import Grid
from phusong.uncertainty import (
    Contenders,
    Counted,
    ErrorModel,
    bands,
    confident_verdict,
    curves,
    draw,
    shares,
    target_probability,
)
from phusong.uncertainty.bands import BAND


def test_unit_without_anything_to_count_has_no_share_no_band_and_no_verdict():
    found = shares([[3.0, 4.0], [0.0, 0.0]], [[4.0, 4.0], [0.0, 0.0]])
    assert found[0].tolist() == [0.75, 1.0]
    likely = target_probability(found, 0.98)
    assert likely[0] == 0.5
    assert np.isnan(likely[1])
    assert np.isnan(bands(found).median[1])
    assert confident_verdict(likely, confidence=0.9).tolist() == ["undecided", "not_applicable"]


def test_share_that_equals_the_target_but_for_rounding_meets_it():
    assert target_probability(np.array([[0.98 - 1e-9]]), 0.98) == [1.0]
    assert target_probability(np.array([[0.9799]]), 0.98) == [0.0]


MODELS = (
    ErrorModel(),
    ErrorModel(mean_db=20.0),
    ErrorModel(province_sd_db=0.0, station_sd_db=0.0, field_sd_db=0.0, uncorrelated_sd_db=2.5),
    ErrorModel(field_sd_db=11.0, field_length_m=1000.0, population_sd=1.0),
)


@pytest.mark.parametrize("model", MODELS)
def test_estimate_lies_in_its_band_and_never_contradicts_the_verdict(model):
    # Small provinces of four communes, two districts: single pixels on the edge among them.
    for seed in range(15):
        random = np.random.default_rng(seed)
        pixels = 24
        kept = np.sort(random.normal(2.0, 9.0, (pixels, 3)), axis=1)[:, ::-1]
        province = Contenders(
            margin_db=kept.astype(np.float32), mast=random.permuted([[0, 1, 2]] * pixels, axis=1),
            kind=np.zeros((pixels, 3), int), location_probability=0.9,
            curves=curves([lambda share: 1.9 * float(ndtri(share))], [0.0]),
        )  # fmt: skip
        people = Counted(
            first=np.array([0, 1, 4, 12, 24]), slot=np.arange(pixels),
            weight=random.lognormal(2.0, 1.5, pixels),
        )  # fmt: skip
        drawn = draw(
            {"s": province}, {"people": people}, pixel=np.arange(pixels), model=model, draws=200,
            grid=Grid("EPSG:9209", 90.0, 0.0, 540.0, 6, 4), seed=seed,
        )["s", "people"]  # fmt: skip
        for part in (drawn.pixels, drawn.probability):
            for members in ([[0], [1], [2], [3]], [[0, 1], [2, 3]], [[0, 1, 2, 3]]):
                sums = [(part[own].sum(axis=0), drawn.whole[own].sum(axis=0)) for own in members]
                found = shares(*zip(*sums, strict=True))
                band, target = bands(found), 0.95
                assert (band.low <= band.median).all()
                assert (band.median <= band.high).all()
                judged = confident_verdict(target_probability(found, target), confidence=0.8)
                assert (band.median[judged == "met"] >= target - 1e-6).all()
                assert (band.median[judged == "missed"] < target).all()


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.0])
def test_confidence_that_decides_nothing_or_all_is_refused(confidence):
    with pytest.raises(ValueError, match="is not between"):
        confident_verdict([0.7], confidence=confidence)


@pytest.mark.parametrize("draws", [1, 2, 3, 100, 1001])
def test_band_is_that_of_numpy_to_the_last_bit(draws):
    shares = np.random.default_rng(draws).random((30, draws))
    shares[3], shares[4, 0] = np.nan, np.nan
    found = bands(shares)
    for end, expected in zip(
        (found.low, found.median, found.high), np.quantile(shares, BAND, axis=1), strict=True
    ):
        np.testing.assert_array_equal(end, expected)
