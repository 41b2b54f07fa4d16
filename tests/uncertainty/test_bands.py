"""Bands, probabilities and verdicts of drawn shares."""

import numpy as np
import pytest

from phusong.uncertainty import bands, confident_verdict, shares, target_probability


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


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.0])
def test_confidence_that_decides_nothing_or_all_is_refused(confidence):
    with pytest.raises(ValueError, match="is not between"):
        confident_verdict([0.7], confidence=confidence)
