"""3GPP rural macro against values worked out from its table."""

import math
from dataclasses import replace

import numpy as np
import pytest

from phusong.errors import ModelRangeError
from phusong.radio.propagation import Link, Profile, PropagationModel, Radials
from phusong.radio.rma import Rma

LINK = Link(frequency_mhz=1000.0, transmitter_height_m=35.0, receiver_height_m=1.5)


def path(distance_m, rise_m=0.0):
    return Profile(
        distance_m=np.array([0.0, distance_m]),
        height_m=np.array([0.0, rise_m]),
        clutter_m=np.zeros(2),
    )


def test_it_is_a_propagation_model():
    assert isinstance(Rma(), PropagationModel)
    assert (Rma.name, Rma.includes_clutter) == ("rma", True)


def test_hidden_loss_at_one_kilometre():
    # log10 of the length is 3 to within the slant of 33.5 m
    length = math.hypot(1000, 33.5)
    expected = (
        161.04
        - 7.1 * math.log10(20)
        + 7.5 * math.log10(5)
        - (24.37 - 3.7 * (5 / 35) ** 2) * math.log10(35)
        + (43.42 - 3.1 * math.log10(35)) * (math.log10(length) - 3)
        - (3.2 * math.log10(11.75 * 1.5) ** 2 - 4.97)
    )
    assert Rma().loss_db(path(1000.0), LINK) == pytest.approx(expected, abs=1e-9)


def test_beyond_the_break_point_loss_grows_forty_decibels_a_decade():
    # the break point is at 2 pi 35 1.5 1e9 / 3e8 = 1100 m
    los = Rma(sight="los")
    near, far = los.loss_db(path(2000.0), LINK), los.loss_db(path(4000.0), LINK)
    slants = math.hypot(4000, 33.5) / math.hypot(2000, 33.5)
    assert far - near == pytest.approx(40 * math.log10(slants), abs=1e-9)


def test_hidden_is_never_better_than_in_sight():
    for distance_m in (10.0, 50.0, 300.0, 4000.0):
        assert Rma().loss_db(path(distance_m), LINK) >= Rma(sight="los").loss_db(
            path(distance_m), LINK
        )


@pytest.mark.parametrize(("sight", "farthest_m"), [("nlos", 5000.0), ("los", 10_000.0)])
def test_a_path_beyond_the_range_is_refused_and_a_ray_has_no_value_there(sight, farthest_m):
    assert math.isfinite(Rma(sight=sight).loss_db(path(farthest_m), LINK))
    with pytest.raises(ModelRangeError, match=f"distance_m from 0 to {farthest_m:.0f} m"):
        Rma(sight=sight).loss_db(path(farthest_m + 1), LINK)
    ray = Radials(step_m=1000.0, height_m=np.zeros((1, 12)))
    known = np.isfinite(Rma(sight=sight).loss_along_radials_db(ray, LINK)[0])
    assert known.nonzero()[0].tolist() == list(range(1, int(farthest_m) // 1000 + 1))


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("frequency_mhz", 450.0), ("transmitter_height_m", 5.0), ("receiver_height_m", 11.0)],
)
def test_a_link_outside_the_ranges_is_refused_by_name(quantity, value):
    with pytest.raises(ModelRangeError, match=f"rma holds for {quantity} from"):
        Rma().loss_db(path(100.0), replace(LINK, **{quantity: value}))


def test_rays_equal_single_paths_and_end_at_voids():
    height_m = np.array([[0.0, 5.0, 10.0, 20.0], [0.0, 5.0, np.nan, 20.0]])
    loss = Rma().loss_along_radials_db(Radials(step_m=700.0, height_m=height_m), LINK)
    for k in (1, 2, 3):
        assert loss[0, k] == Rma().loss_db(path(700.0 * k, height_m[0, k]), LINK)
    assert np.isnan(loss[1]).tolist() == [True, False, True, True]
