"""Rays by P.1812 are the same numbers as single paths, whatever the ground."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.errors import ModelRangeError
from phusong.radio._p1812_hull import farthest, insert, tangent
from phusong.radio.p1812 import P1812
from phusong.radio.propagation import Link, Profile, Radials

from ..uncompiled import UNCOMPILED

pytestmark = pytest.mark.kernels

RUNNING_SUMS_DB = 1e-6
MODEL = P1812()
LINK = Link(frequency_mhz=900.0, transmitter_height_m=40.3, receiver_height_m=1.5)
EXAMPLES = 50 if UNCOMPILED else 150
EVERY = 20 if UNCOMPILED else 5
"""Of the receivers of a long ray, one in so many is held against its path."""
GROUNDS = ("rough", "hills", "flat", "plain", "concave", "convex", "slope", "sea", "ridge", "steps")


def ground(kind, points, seed, relief_m):
    """Return heights of one kind of ground."""
    rng = np.random.default_rng(seed)
    x = np.arange(points) / max(points - 1, 1)
    middle = rng.uniform(-0.2, 1.2)
    heights = {
        "rough": rng.normal(0, 1, points).cumsum() / 10,
        "hills": np.sin(x * rng.uniform(5, 60)) + rng.normal(0, 0.02, points),
        "flat": np.ones(points),
        "plain": rng.normal(0, 0.5, points) / relief_m,
        "concave": (x - middle) ** 2,
        "convex": -((x - middle) ** 2),
        "slope": x * rng.choice([-1, 1]) + rng.normal(0, 0.5, points) / relief_m,
        "sea": np.zeros(points),
        "ridge": (np.arange(points) == rng.integers(points)).astype(float),
        "steps": np.floor(rng.uniform(0, 3, points)),
    }[kind]
    return heights * relief_m


def assert_equal_to_paths(height_m, clutter_m, step_m, link, receivers=None):
    rays = Radials(
        step_m=step_m,
        height_m=height_m[None, :],
        clutter_m=None if clutter_m is None else clutter_m[None, :],
    )
    along = MODEL.loss_along_radials_db(rays, link)[0]
    assert np.isnan(along[0])
    for k in range(1, height_m.size) if receivers is None else receivers:
        path = Profile(
            distance_m=np.arange(k + 1) * step_m,
            height_m=height_m[: k + 1],
            clutter_m=np.zeros(k + 1) if clutter_m is None else clutter_m[: k + 1],
        )
        assert along[k] == pytest.approx(MODEL.loss_db(path, link), abs=RUNNING_SUMS_DB), k


@st.composite
def links(draw):
    return Link(
        frequency_mhz=draw(st.floats(30, 6000)),
        transmitter_height_m=draw(st.floats(9.137, 300)),
        receiver_height_m=draw(st.floats(1, 9)),
        time_percent=draw(st.sampled_from([50.0, 50.0, 1.0, 10.0, 20.0, 30.0, 49.9])),
        polarization=draw(st.sampled_from(["vertical", "horizontal"])),
        latitude_deg=draw(st.floats(-80, 80)),
        delta_n_per_km=draw(st.floats(20, 120)),
        n0=draw(st.floats(250, 400)),
    )


@settings(max_examples=EXAMPLES)
@given(
    link=links(),
    kind=st.sampled_from(GROUNDS),
    points=st.integers(2, 90),
    seed=st.integers(0, 2**32),
    relief_m=st.floats(1, 1500),
    step_m=st.sampled_from([30.0, 90.0, 100.0, 500.0]),
    clutter=st.booleans(),
)
def test_every_receiver_equals_its_path(link, kind, points, seed, relief_m, step_m, clutter):
    height_m = ground(kind, points, seed, relief_m)
    rng = np.random.default_rng(seed)
    clutter_m = rng.choice([0.0, 10.0, 15.0, 20.0], points) if clutter else None
    assert_equal_to_paths(height_m, clutter_m, step_m, link)


@settings(max_examples=EXAMPLES)
@given(
    link=links(),
    heights=st.lists(st.floats(0, 3000, width=32), min_size=2, max_size=12),
    step_m=st.floats(20, 3000),
    clutter=st.floats(0, 30),
)
def test_every_receiver_of_a_short_ray_equals_its_path(link, heights, step_m, clutter):
    height_m = np.array(heights)
    assert_equal_to_paths(height_m, np.full(height_m.size, clutter), step_m, link)


@pytest.mark.parametrize("time_percent", [50.0, 30.0, 10.0])
@pytest.mark.parametrize("kind", GROUNDS)
def test_far_receivers_equal_their_paths(kind, time_percent):
    link = replace(LINK, time_percent=time_percent)
    height_m = ground(kind, 335, 7, 300.0)
    assert_equal_to_paths(height_m, None, 90.0, link, range(1, 335, EVERY))


def test_a_mast_high_above_a_plain_sees_all_of_it():
    link = replace(LINK, transmitter_height_m=250.0)
    assert_equal_to_paths(np.random.default_rng(3).normal(0, 1, 335), None, 90.0, link)


def test_a_ray_ends_where_terrain_or_clutter_is_unknown():
    height_m = np.zeros((3, 10))
    clutter_m = np.zeros((3, 10))
    height_m[0, 4] = np.nan
    clutter_m[1, 6] = np.nan
    height_m[2, 0] = np.nan
    loss = MODEL.loss_along_radials_db(
        Radials(step_m=90.0, height_m=height_m, clutter_m=clutter_m), LINK
    )
    assert np.isfinite(loss[0, 1:4]).all()
    assert np.isnan(loss[0, 4:]).all()
    assert np.isfinite(loss[1, 1:6]).all()
    assert np.isnan(loss[1, 6:]).all()
    assert np.isnan(loss[2]).all()


def test_no_clutter_is_clutter_of_no_height():
    height_m = np.random.default_rng(1).normal(0, 30, (4, 60)).cumsum(axis=1)
    bare = MODEL.loss_along_radials_db(Radials(step_m=90.0, height_m=height_m), LINK)
    zero = MODEL.loss_along_radials_db(
        Radials(step_m=90.0, height_m=height_m, clutter_m=np.zeros((4, 60))), LINK
    )
    np.testing.assert_array_equal(bare, zero)


def test_rays_do_not_see_each_other():
    height_m = np.random.default_rng(2).normal(0, 30, (16, 80)).cumsum(axis=1)
    together = MODEL.loss_along_radials_db(Radials(step_m=90.0, height_m=height_m), LINK)
    with ThreadPoolExecutor(2) as threads:
        alone = threads.map(
            lambda ray: MODEL.loss_along_radials_db(
                Radials(step_m=90.0, height_m=height_m[ray : ray + 1]), LINK
            ),
            range(16),
        )
    np.testing.assert_array_equal(together, np.vstack(list(alone)))


def test_only_wanted_points_are_computed():
    rng = np.random.default_rng(4)
    height_m = rng.normal(0, 25, (4, 70)).cumsum(axis=1)
    wanted = rng.random((4, 70)) < 0.5
    every = MODEL.loss_along_radials_db(Radials(step_m=90.0, height_m=height_m), LINK)
    some = MODEL.loss_along_radials_db(Radials(step_m=90.0, height_m=height_m, wanted=wanted), LINK)
    np.testing.assert_array_equal(some, np.where(wanted, every, np.nan))


def test_clutter_of_another_shape_is_refused():
    rays = Radials(step_m=90.0, height_m=np.zeros((2, 9)), clutter_m=np.zeros((2, 8)))
    with pytest.raises(ModelRangeError, match="each with distance, height"):
        MODEL.loss_along_radials_db(rays, LINK)


def test_a_ray_beyond_3000_km_is_refused():
    rays = Radials(step_m=1_000_000.0, height_m=np.zeros((1, 5)))
    with pytest.raises(ModelRangeError, match="distance_km from 0 to 3000"):
        MODEL.loss_along_radials_db(rays, LINK)


@settings(max_examples=100)
@given(
    heights=st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=40),
    eye=st.floats(-100, 300),
    slope=st.floats(-50, 50),
)
def test_hull_finds_what_a_walk_over_all_points_finds(heights, eye, slope):
    hull, size = np.empty((len(heights), 3)), 0
    for x, z in enumerate(heights):
        size = insert(hull, size, float(x), z)
    x, z = np.arange(len(heights)), np.array(heights)
    seen = hull[tangent(hull, size, float(len(heights)), eye)]
    steepest = ((z - eye) / (len(heights) - x)).max()
    assert (seen[1] - eye) / (len(heights) - seen[0]) == pytest.approx(steepest, abs=1e-9)
    top = hull[farthest(hull, size, slope)]
    assert top[1] - slope * top[0] == pytest.approx((z - slope * x).max(), abs=1e-9)
