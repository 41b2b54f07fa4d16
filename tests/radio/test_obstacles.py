"""The obstacle of a receiver is the profile point of the largest nu, along rays as on one path."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.radio import Link, Profile, Radials
from phusong.radio.obstacles import (
    dominant_obstacle,
    earth_bulge_m,
    edge_parameters,
    obstacles_along_radials,
    sight_line_m,
)

pytestmark = pytest.mark.kernels

LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)


def profile(height_m, clutter_m=None, step_m=100.0):
    height = np.asarray(height_m, float)
    return Profile(
        distance_m=np.arange(height.size) * step_m,
        height_m=height,
        clutter_m=np.zeros(height.size) if clutter_m is None else np.asarray(clutter_m, float),
    )


def test_obstacle_of_the_largest_nu_may_be_the_lower_of_two_ridges():
    height = np.zeros(101)
    height[50], height[99] = 100.0, 60.0  # the low one stands right before the receiver
    assert dominant_obstacle(profile(height), LINK) == 99


def test_clutter_hides_and_the_ends_own_clutter_does_not():
    clutter = np.zeros(101)
    clutter[[0, 100]] = 40.0
    assert dominant_obstacle(profile(np.zeros(101), clutter), LINK) is None
    clutter[60] = 40.0
    assert dominant_obstacle(profile(np.zeros(101), clutter), LINK) == 60


def test_earth_hides_what_a_flat_one_would_not():
    far = profile(np.zeros(601))  # 60 km
    # horizons over 8,931 km: sqrt(2 × 8,931,000 × 30) = 23.1 km and 5.2 km
    # (d (D - d) / (2 R) - 30 + 28.5 d / D) / sqrt(d (D - d)) is largest at 36.7 km of D = 60 km.
    assert dominant_obstacle(far, LINK) == 367
    assert dominant_obstacle(profile(np.zeros(281)), LINK) is None  # 28 km


def test_two_points_know_no_obstacle():
    assert dominant_obstacle(profile([0.0, 500.0]), LINK) is None


def test_bulge_and_sight_line_of_ten_kilometres():
    path = profile(np.full(101, 200.0))
    # 5 km × 5 km / (2 × 8,931 km)
    assert earth_bulge_m(path, LINK)[50] == pytest.approx(1.40, abs=0.005)
    assert sight_line_m(path, LINK)[[0, 50, 100]].tolist() == [230.0, 215.75, 201.5]


@st.composite
def rays(draw):
    points = draw(st.integers(2, 120))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = np.linspace(0, 1, points)
    kind = draw(st.sampled_from(["rough", "flat", "dome", "bowl", "steps", "ridges"]))
    height = {
        "rough": rng.normal(0, 1, points).cumsum() / 5,
        "flat": np.zeros(points),
        "dome": -((x - 0.5) ** 2),
        "bowl": (x - 0.5) ** 2,
        "steps": np.floor(rng.uniform(0, 3, points)),
        "ridges": (rng.uniform(size=points) > 0.9) * rng.uniform(0, 2, points),
    }[kind] * draw(st.sampled_from([3.0, 100.0, 800.0]))
    clutter = rng.choice([0.0, 10.0, 20.0], points) if draw(st.booleans()) else None
    return height, clutter, draw(st.sampled_from([10.0, 90.0, 500.0]))


@settings(max_examples=150)
@given(rays())
def test_rays_find_the_point_of_the_path(given_ray):
    height, clutter, step_m = given_ray
    found = obstacles_along_radials(
        Radials(
            step_m=step_m,
            height_m=height[None, :],
            clutter_m=None if clutter is None else clutter[None, :],
        ),
        LINK,
    )[0]
    assert found[:2].tolist() == [0, 0]
    for n in range(2, height.size):
        path = profile(height[: n + 1], None if clutter is None else clutter[: n + 1], step_m)
        nu = edge_parameters(path, LINK)
        at = n - int(found[n])
        if abs(nu.max()) < 1e-9:
            continue  # grazes the sight line: either answer
        if found[n] == 0:
            assert dominant_obstacle(path, LINK) is None
        else:
            # several points may share the largest nu to the last digits
            assert nu[at - 1] == pytest.approx(nu.max(), rel=1e-9)


def test_ray_ends_in_a_void_and_unwanted_receivers_have_no_answer():
    height = np.array([[0.0, 0.0, 99.0, 0.0, 0.0, np.nan, 0.0]])
    wanted = np.array([[True, True, True, False, True, True, True]])
    rays_ = Radials(step_m=1000.0, height_m=height, wanted=wanted)
    assert obstacles_along_radials(rays_, LINK).tolist() == [[0, 0, 0, 0, 2, 0, 0]]
    forest = Radials(
        step_m=1000.0, height_m=np.zeros((1, 4)), clutter_m=np.array([[0.0, 50.0, np.nan, 0.0]])
    )
    assert obstacles_along_radials(forest, LINK).tolist() == [[0, 0, 0, 0]]
