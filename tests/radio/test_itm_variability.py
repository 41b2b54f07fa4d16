"""Curves of climates that no reference case lies in, and modes that leave variabilities out."""

import numpy as np
import pytest
from scipy.special import ndtri

from phusong.radio import _itm_variability as variability
from phusong.radio._itm_terrain import Geometry
from phusong.radio._itm_variability import deviate, with_variability

pytestmark = pytest.mark.kernels

# Of NTIA's own program, as published: median, weaker, stronger, the two by frequency.
CURVES = {
    2: (
        [1.26, 15.5, 262.6e3, 185.2e3, 99.8e3], [6.11, 6.65, 138.2e3, 242.2e3, 178.6e3],
        [10.08, 9.60, 165.3e3, 225.7e3, 129.7e3], [1, 0, 0], [1, 0, 0],
    ),
    5: (
        [-0.39, 2.86, 141.7e3, 315.9e3, 167.4e3], [6.86, 10.38, 187.8e3, 169.6e3, 108.9e3],
        [8.58, 13.97, 216.0e3, 152.0e3, 122.7e3], [1, 0, 0], [1, 0, 0],
    ),
    6: (
        [3.15, 857.9, 2222.0e3, 164.8e3, 116.3e3], [8.51, 169.8, 609.8e3, 119.9e3, 106.6e3],
        [8.43, 8.19, 136.2e3, 188.5e3, 122.9e3], [1, 0, 0], [1, 0, 0],
    ),
}  # fmt: skip


@pytest.mark.parametrize("climate", CURVES, ids=["maritime_subtropical", "over_land", "over_sea"])
def test_curves_of_the_maritime_climates_are_the_published_ones(climate):
    tables = (
        variability._MEDIAN, variability._WEAKER, variability._STRONGER,
        variability._WEAKER_BY_FREQUENCY, variability._STRONGER_BY_FREQUENCY,
    )  # fmt: skip
    for table, curve in zip(tables, CURVES[climate], strict=True):
        assert table[:, climate].tolist() == curve


def test_ducting_of_every_climate_is_the_published_one():
    # It counts for less than a tenth, in the second climate a hundredth, of the time.
    assert variability._DUCTING.tolist() == [1.224, 0.801, 1.380, 1.0, 1.224, 1.518, 1.518]
    assert variability._DUCTING_FROM.tolist() == [1.282, 2.161, 1.282, 20.0, 1.282, 1.282, 1.282]


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.3, 0.4999, 0.5, 0.7, 0.95, 0.999])
def test_the_deviate_is_that_of_the_normal_distribution_to_its_published_error(share):
    # Abramowitz and Stegun 26.2.23: |error| < 4.5e-4.
    assert deviate(share) == pytest.approx(-ndtri(share), abs=4.5e-4)
    assert deviate(share) == pytest.approx(-deviate(1 - share), abs=1e-3)


def loss(mode, *, time=0.5, location=0.5, situation=0.5, climate=4):
    ground = Geometry(
        theta_t=0.0, theta_r=0.0, d_t=20e3, d_r=10e3, he_t=40.0, he_r=5.0, delta_h=90.0
    )
    return with_variability(60.0, 40e3, 900.0, ground, climate, mode, time, location, situation)


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_without_variability_over_situations_the_median_one_is_every_one(mode):
    varied = {loss(mode, situation=share)[0] for share in (0.1, 0.5, 0.9)}
    assert len(varied) == 3
    if mode >= 2:  # the others take situations for time and places as well
        fixed = [loss(20 + mode, situation=share)[0] for share in (0.1, 0.5, 0.9)]
        assert fixed == pytest.approx([fixed[0]] * 3, abs=1e-3)


@pytest.mark.parametrize("switch", [10, 30])
def test_without_variability_over_locations_every_place_is_the_median_one(switch):
    assert loss(3, location=0.9)[0] > loss(3, location=0.1)[0] + 5
    fixed = [loss(switch + 3, location=share)[0] for share in (0.1, 0.5, 0.9)]
    assert fixed == pytest.approx([fixed[0]] * 3, abs=1e-9)


@pytest.mark.parametrize("climate", range(7))
def test_a_loss_is_exceeded_less_often_the_higher_it_is(climate):
    losses = [loss(3, time=share, climate=climate)[0] for share in np.linspace(0.01, 0.99, 15)]
    assert losses == sorted(losses)


@pytest.mark.parametrize("climate", [0, 2, 4, 5, 6])
def test_ducting_sets_in_without_a_jump(climate):
    # It begins at a deviate of 1.282, a share of 0.0999.
    before, after = (loss(3, time=share, climate=climate)[0] for share in (0.1005, 0.0995))
    assert after == pytest.approx(before, abs=0.2)


@pytest.mark.parametrize(("share", "extreme"), [(0.001, False), (0.0009, True), (0.9995, True)])
def test_a_share_beyond_one_in_a_thousand_is_extreme(share, extreme):
    assert bool(loss(3, time=share)[1]) is extreme
