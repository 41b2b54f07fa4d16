"""Bands and verdicts hold what they promise: 200 true provinces drawn by another way."""

import numpy as np
import pytest

from phusong.uncertainty import (
    ErrorModel,
    bands,
    confident_verdict,
    draw,
    shares,
    target_probability,
)
from synthetic.truths import Truths

MODEL = ErrorModel()


@pytest.fixture(scope="module")
def judged():
    """Return the province, and the drawn shares of its communes by each reading."""
    province = Truths.made()
    found = draw(
        {"s": province.contenders}, {"people": province.people},
        pixel=np.arange(len(province.commune)), grid=province.grid, model=MODEL, draws=1000, seed=5,
    )["s", "people"]  # fmt: skip
    return province, [shares(part, found.whole) for part in (found.pixels, found.probability)]


@pytest.fixture(scope="module")
def truths(judged):
    """Return 200 true shares of each commune by each reading."""
    return judged[0].shares(MODEL, 200, seed=11)


@pytest.mark.parametrize("reading", [0, 1], ids=["pixels", "probability"])
def test_band_of_ninety_percent_holds_the_truth_that_often(judged, truths, reading):
    band, true = bands(judged[1][reading]), truths[reading]
    rounding = 1e-6
    held = (true >= band.low[:, None] - rounding) & (true <= band.high[:, None] + rounding)
    assert 0.85 <= held.mean() <= 0.95
    assert (band.low <= band.median).all()
    assert (band.median <= band.high).all()


@pytest.mark.parametrize("reading", [0, 1], ids=["pixels", "probability"])
def test_verdicts_at_ninety_five_percent_are_seldom_wrong(judged, truths, reading):
    wrong = {"met": [], "missed": []}
    for target in (0.4, 0.5, 0.7, 0.9, 0.98):
        verdict = confident_verdict(target_probability(judged[1][reading], target), confidence=0.95)
        meets = truths[reading] >= target - 1e-6
        wrong["met"] += [*~meets[verdict == "met"]]
        wrong["missed"] += [*meets[verdict == "missed"]]
    for called in wrong.values():
        assert len(called) >= 3  # communes
        assert np.mean(called) <= 0.07
