"""Rain against the figures of Recommendation ITU-R P.838-3."""

import pytest

from phusong.radio import rain_coefficients

# Table 5 of the Recommendation: GHz, kH, αH, kV, αV.
TABLE_5 = [
    (1, 0.0000259, 0.9691, 0.0000308, 0.8592), (4, 0.0001071, 1.6009, 0.0002461, 1.2476),
    (6, 0.0007056, 1.5900, 0.0004878, 1.5728), (7, 0.001915, 1.4810, 0.001425, 1.4745),
    (8, 0.004115, 1.3905, 0.003450, 1.3797), (10, 0.01217, 1.2571, 0.01129, 1.2156),
    (13, 0.03041, 1.1586, 0.03266, 1.0901), (15, 0.04481, 1.1233, 0.05008, 1.0440),
    (18, 0.07078, 1.0818, 0.07708, 1.0025), (23, 0.1286, 1.0214, 0.1284, 0.9630),
    (38, 0.4001, 0.8816, 0.3844, 0.8552),
]  # fmt: skip


@pytest.mark.parametrize(("ghz", "k_h", "alpha_h", "k_v", "alpha_v"), TABLE_5)
def test_coefficients_are_those_of_table_5(ghz, k_h, alpha_h, k_v, alpha_v):
    for tilt, k, alpha in ((0, k_h, alpha_h), (90, k_v, alpha_v)):
        found = rain_coefficients(ghz, tilt_deg=tilt)
        assert float(found[0]) == pytest.approx(k, rel=2e-3 if ghz == 1 else 5e-4)
        assert float(found[1]) == pytest.approx(alpha, abs=6e-5)


# The validation examples of ITU-R Study Group 3 for P.838-3:
# elevation, GHz, mm/h, tilt, k, α, dB/km.
@pytest.mark.parametrize(
    ("elevation", "ghz", "rate", "tilt", "k", "alpha", "loss"),
    [
        (31.07699124, 14.25, 26.48052, 0, 0.03975488, 1.12418043, 1.58130839),
        (52.67898486, 29, 78.2994993, 0, 0.21923716, 0.9464763, 13.59290086),
        (48.24117054, 14.25, 63.62668149, 90, 0.04226474, 1.07871664, 3.72901264),
        (85.80459566, 29, 99.13558978, 90, 0.21737148, 0.93950825, 16.3183686),
    ],
)
def test_the_study_groups_examples(elevation, ghz, rate, tilt, k, alpha, loss):
    found = rain_coefficients(ghz, elevation_deg=elevation, tilt_deg=tilt)
    assert [float(each) for each in found] == pytest.approx([k, alpha], rel=1e-6)
    assert float(found[0] * rate ** found[1]) == pytest.approx(loss, rel=1e-6)
