"""Normal numbers from a table are normal, and noise is made of them by place."""

import numpy as np
import pytest
from scipy import stats

from phusong.uncertainty._normals import NORMALS, fill_noise, log_normals, normals, picks


@pytest.mark.parametrize("bits", [12, 16])
def test_a_table_has_the_moments_and_the_quantiles_of_normal_numbers(bits):
    table = normals(bits).astype(float)
    assert len(table) == 2**bits
    assert table.mean() == pytest.approx(0.0, abs=1e-7)
    assert table.std() == pytest.approx(1.0, abs=1e-7)
    assert stats.kurtosis(table) == pytest.approx(0.0, abs=0.05)
    within = [0.001, 0.05, 0.5, 0.9, 0.999]
    np.testing.assert_allclose(np.quantile(table, within), stats.norm.ppf(within), atol=0.04)


@pytest.mark.parametrize(("sd", "within"), [(0.0, 0.0), (0.1, 1e-4), (0.5, 1e-3), (2.0, 0.02)])
def test_log_normal_numbers_have_mean_1_and_their_deviation(sd, within):
    table = log_normals(np.sqrt(np.log1p(sd**2))).astype(float)
    assert table.mean() == pytest.approx(1.0, abs=1e-7)
    assert table.std() == pytest.approx(sd, rel=within, abs=1e-7)
    median = np.exp(-np.log1p(sd**2) / 2)
    assert np.median(table) == pytest.approx(median, rel=1e-4)


def test_what_is_picked_is_normal_and_does_not_go_with_what_was_picked_before():
    drawn = NORMALS[picks(np.random.default_rng(3), (2, 100_000))].astype(float)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 0.01
    assert abs(np.corrcoef(drawn)[0, 1]) < 0.01
    assert abs(np.corrcoef(drawn[0, :-1], drawn[0, 1:])[0, 1]) < 0.01


@pytest.mark.kernels
def test_noise_is_what_was_picked_times_the_amplitude():
    picked = np.array([[0, 65535, 3], [1, 2, 3]], np.uint16)
    amplitude = np.array([1.0, 0.5, 0.0], np.float32)
    noise = np.empty(3, np.complex64)
    fill_noise(picked, NORMALS, amplitude, noise.view(np.float32).reshape(-1, 2))
    expected = (NORMALS[picked[0]] + 1j * NORMALS[picked[1]]) * amplitude
    np.testing.assert_array_equal(noise, expected.astype(np.complex64))
