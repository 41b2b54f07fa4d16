"""The loops of the sweep against rules in plain words, ties and rims included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.radio._kernels import (
    NOWHERE,
    compete,
    directions,
    fold,
    lay_on_grid,
    merge,
    nearest_sample,
    obstacle_grounds,
    order_by_ray,
    parabolic,
)

pytestmark = pytest.mark.kernels


def layers(shape=(1, 1)):
    """Make empty layers: margin, server, obstacle, second margin and server, servers."""
    return (
        np.full(shape, -np.inf, np.float32), np.full(shape, NOWHERE, np.int32),
        np.zeros(shape, np.uint16), np.full(shape, -np.inf, np.float32),
        np.full(shape, NOWHERE, np.int32), np.zeros(shape, np.uint16),
    )  # fmt: skip


def station(margin, server):
    """Make the layers of one station; its obstacle is told by its server."""
    margin = np.array([[margin]], np.float32)
    server = np.array([[server]], np.int32)
    return margin, server, (server + 10).astype(np.uint16)


def shown(best):
    return [layer.item() for layer in best]


def ranking(stations):
    """Return what the layers must hold after stations of (margin, server)."""
    heard = sorted(
        ((margin, server) for margin, server in stations if margin > -np.inf),
        key=lambda one: (-one[0], one[1]),
    )
    if not heard:
        return [-np.inf, NOWHERE, 0, -np.inf, NOWHERE, 0]
    margin, server = heard[0]
    second = heard[1] if len(heard) > 1 else (-np.inf, NOWHERE)
    return [margin, server, server + 10, *second, sum(margin >= 0 for margin, _ in heard)]


# Few margins, 0 among them, so that most stations tie.
margins = st.sampled_from([-np.inf, -1.0, 0.0, 2.0])
crowd = st.lists(margins, max_size=6).flatmap(
    lambda given: st.permutations([(margin, server) for server, margin in enumerate(given)])
)


@given(crowd)
def test_the_fold_of_stations_is_their_ranking_whatever_the_order(stations):
    best = layers()
    for margin, server in stations:
        fold(*station(margin, NOWHERE if np.isinf(margin) else server), *best)
    assert shown(best) == ranking(stations)


@given(crowd, st.integers(0, 6))
def test_two_threads_merge_to_the_ranking_of_all_stations(stations, cut):
    one, other = layers(), layers()
    for best, part in ((one, stations[:cut]), (other, stations[cut:])):
        for margin, server in part:
            fold(*station(margin, NOWHERE if np.isinf(margin) else server), *best)
    merge(*one, *other)
    assert shown(one) == ranking(stations)


@given(crowd)
def test_the_cells_of_a_station_compete_by_margin_then_by_row(cells):
    own = layers()[:3]
    for margin, row in cells:
        loss = np.array([[np.nan if np.isinf(margin) else 3 - margin]], np.float32)
        attenuation, back = np.full((1, 1), 1, np.float32), np.full((1, 1), row + 10, np.uint16)
        compete(loss, attenuation, back, np.float32(4), np.int32(row), *own)
    assert shown(own) == ranking(cells)[:3]


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.49, 1.5, 1.51, 2.6, 3.0])
@pytest.mark.parametrize(("steps", "least"), [(1.0, 1), (3.0, 2)])
def test_every_pixel_within_the_radius_has_a_sample_of_its_own_range(radius, steps, least):
    rays = int(np.ceil(2 * np.pi * radius))
    azimuth, distance = np.empty((2, 7, 7), np.float32)
    directions(3.0, 3.0, 0, 0, azimuth, distance)
    ray, point = np.empty((2, 7, 7), np.int32)
    nearest_sample(azimuth, distance, radius, rays, steps, least, ray, point)
    np.testing.assert_array_equal(ray != NOWHERE, distance <= radius)
    reached = ray != NOWHERE
    expected = np.maximum(np.floor(distance[reached] * steps + 0.5), least)
    np.testing.assert_array_equal(point[reached], expected)
    off = abs(azimuth[reached] - ray[reached] * 360 / rays)
    assert np.minimum(off, 360 - off).max() <= 180 / rays + 1e-4


def test_pixels_are_laid_out_ray_by_ray_and_filled_from_their_samples():
    rng = np.random.default_rng(1)
    ray, point = rng.integers(-1, 5, 40).astype(np.int32), rng.integers(0, 9, 40).astype(np.int32)
    first, order = np.empty(6, np.int32), np.empty(np.count_nonzero(ray >= 0), np.int32)
    order_by_ray(ray, first, order)
    assert [order[first[r] : first[r + 1]].tolist() for r in range(5)] == [
        np.flatnonzero(ray == r).tolist() for r in range(5)
    ]
    some, values = order[first[2] : first[4]], np.full(40, -1.0)
    sample = (ray[some] - 2) * 9 + point[some]
    lay_on_grid(np.arange(18.0), sample, some, np.empty(0), values)
    held = (ray == 2) | (ray == 3)
    np.testing.assert_array_equal(values, np.where(held, (ray - 2) * 9 + point, -1.0))
    lay_on_grid(np.arange(18.0), sample, some, np.full(some.size, 0.5), values)
    np.testing.assert_array_equal(values, np.where(held, (ray - 2) * 9 + point + 0.5, -1.0))


def test_directions_turn_clockwise_from_north():
    azimuth, distance = np.empty((2, 3, 3), np.float32)
    directions(11.0, 21.0, 10, 20, azimuth, distance)
    assert azimuth.tolist() == [[315, 0, 45], [270, 180, 90], [225, 180, 135]]
    assert distance[0] == pytest.approx([2**0.5, 1, 2**0.5])
    assert distance[1].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("azimuth", "depression", "db"),
    [
        (30.0, 5.0, 0.0),
        (62.5, 5.0, 3.0),  # half of a 3 dB width off the axis
        (-2.5 + 360, 5.0, 3.0),
        (30.0, 9.0, 3.0),
        (30.0, 1.0, 3.0),
        (62.5, 9.0, 6.0),
        (210.0, 5.0, 25.0),  # behind
        (30.0, 89.0, 20.0),  # far below
        (210.0, 89.0, 25.0),
    ],
)
def test_the_pattern_falls_by_3_db_at_half_its_widths_and_no_deeper_than_its_caps(
    azimuth, depression, db
):
    found = np.empty((1, 1), np.float32)
    parabolic(
        np.full((1, 1), azimuth, np.float32), np.full((1, 1), depression, np.float32),
        *map(np.float32, (30, 1 / 65, 25, 5, 1 / 8, 20)), found,
    )  # fmt: skip
    assert found.item() == pytest.approx(db, abs=1e-4)


def test_the_ground_of_an_obstacle_lies_so_many_steps_before_its_pixel():
    values = np.tile(np.arange(9.0), (9, 1))  # the ground rises a metre a pixel eastwards
    back = np.zeros((9, 9), np.uint16)
    back[4, 8], back[4, 0] = 3, 1
    ground = np.full((9, 9), -1.0, np.float32)
    server = np.zeros((9, 9), np.int32)
    one = np.ones(1, np.int64)
    # A row a step south, a column a step east; the mast is in row 4, column 2.
    way = np.zeros((1, 2, 2, 2))
    way[0, 0, 0, 1], way[0, 1, 1, 0] = -1.0, 1.0
    obstacle_grounds(
        values, back, server, np.array([4.0]), np.array([2.0]), 0, 0, 1.0, 1, 24 * one,
        4 * one, 2 * one, way, np.ones(1), ground,
    )  # fmt: skip
    # Six pixels east of the mast, three back; two pixels west, one back.
    assert (ground[4, 8], ground[4, 0]) == pytest.approx((5, 1))
    assert (np.delete(ground.ravel(), [4 * 9, 4 * 9 + 8]) == -1).all()
