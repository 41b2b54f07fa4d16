"""Rays read the terrain where they lie, and every pixel within reach finds its sample."""

import math
from functools import cache

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, map_coordinates

from phusong.grid import Grid, operation
from phusong.radio import P1812, Link, Profile
from phusong.radio._kernels import interpolated
from phusong.radio.heights import Heights
from phusong.radio.sampling import (
    Surroundings,
    Terrain,
    nearest_m,
    nearest_point,
)
from phusong.radio.tiles import loss_tiles

from ..uncompiled import UNCOMPILED

pytestmark = pytest.mark.kernels
compiled_only = pytest.mark.skipif(
    UNCOMPILED, reason="many receivers; smaller tests take the same kernels uncompiled"
)

GRID = Grid("EPSG:9209", 90.0, 0.0, 5400.0, 60, 60)
LINK = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)


@pytest.mark.parametrize(
    ("pixel_m", "step_m", "metres", "points"),
    [
        (90.0, 90.0, 45, 1),
        (90.0, 30.0, 45, 2),
        (30.0, 10.0, 15, 2),
        (100.0, 10.0, 50, 5),
        (1.0, 1.0, 1, 1),
    ],
)
def test_no_receiver_is_nearer_than_half_a_pixel(pixel_m, step_m, metres, points):
    assert nearest_m(pixel_m) == metres
    assert nearest_point(pixel_m, step_m) == points


def mast(height, x_m=2700.0, y_m=2700.0, radius_m=2000.0, clutter=None, step_m=90.0):
    if clutter is not None:
        clutter = clutter.astype(np.float32)
    heights = Heights.on_grid(GRID, height.astype(np.float32))
    terrain = Terrain(grid=GRID, heights=heights, step_m=step_m, clutter_m=clutter)
    return Surroundings(terrain=terrain, x_m=x_m, y_m=y_m, radius_m=radius_m)


def laid(view, along_rays):
    """Lay values along all rays on the window."""
    start = 0

    def block(rays):
        nonlocal start
        start += len(rays.height_m)
        return [along_rays[start - len(rays.height_m) : start]]

    return view.on_window(block)[0]


def rough(seed, deep_m=3000.0):
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=GRID.shape), 3)
    return 500 + deep_m * noise


def test_height_between_four_pixel_centres_is_bilinear():
    values = np.array([[0.0, 10.0], [20.0, 30.0]])
    assert interpolated(values, 0, 0, 0.5, 0.5) == 15
    assert interpolated(values, 0, 0, 0.25, 1.0) == 15
    assert interpolated(values, 0, 0, -0.5, 0.5) == 5  # the outer half of a rim pixel
    assert np.isnan(interpolated(values, 0, 0, -0.51, 0.5))
    assert interpolated(values, 0, 1, 0.0, -0.25) == 7.5  # counted from another pixel
    values[1, 1] = np.nan
    assert np.isnan(interpolated(values, 0, 0, 0.25, 0.25))


@given(st.floats(2000, 3400), st.floats(2000, 3400))
def test_rays_over_a_plane_read_the_plane(x, y):
    plane = GRID.x_m[np.newaxis, :] / 10 + GRID.y_m[:, np.newaxis] / 20
    view = mast(plane, x, y, radius_m=1000.0)
    assert view.ground_m == pytest.approx(x / 10 + y / 20, abs=1e-3)  # heights are float32
    rays, points = view.radials.height_m.shape
    azimuth = 2 * np.pi * np.arange(rays)[:, np.newaxis] / rays
    distance = 90.0 * np.arange(points)
    expected = (x + distance * np.sin(azimuth)) / 10 + (y + distance * np.cos(azimuth)) / 20
    asked = asked_for(view)
    np.testing.assert_allclose(view.radials.height_m[asked], expected[asked], atol=1e-3)


def asked_for(view):
    """Tell the points of rays up to the last that a pixel takes."""
    return np.maximum.accumulate(view.radials.wanted[:, ::-1], axis=1)[:, ::-1]


def test_a_ray_is_read_as_far_as_some_pixel_takes_its_ground():
    view = mast(np.zeros(GRID.shape), radius_m=1000.0)
    asked = asked_for(view)
    asked[:, 0] = True  # under the mast
    assert asked.mean() < 0.98
    np.testing.assert_array_equal(np.isfinite(view.radials.height_m), asked)


def test_ground_that_is_surely_known_is_known_mast_by_mast():
    heights = np.random.default_rng(5).uniform(0, 500, (40, 50)).astype(np.float32)
    heights[10:13, 20:26] = np.nan
    grid = Grid("EPSG:9209", 100.0, 0.0, 4000.0, 50, 40)
    terrain = Terrain(grid=grid, heights=Heights.on_grid(grid, heights))
    x, y = np.random.default_rng(6).uniform((-300, -300), (5300, 4300), (400, 2)).T
    known = ~np.isnan(
        [
            Surroundings(terrain=terrain, x_m=a, y_m=b, radius_m=500.0).ground_m
            for a, b in zip(x, y, strict=True)
        ]
    )
    sure = terrain.surely_known(x, y)
    assert not (sure & ~known).any()
    assert (known & ~sure).sum() < 0.2 * known.sum()  # at rims and voids alone


def test_rays_are_as_dense_as_pixels_at_the_rim():
    rays, points = mast(np.zeros(GRID.shape), radius_m=900.0).radials.height_m.shape
    assert rays == 63  # 2 pi · 900 m / 90 m
    assert points == 11


@pytest.mark.parametrize(
    ("pixel_m", "elevation_m", "apart_m"),
    [(45.0, 90.0, 45.0), (500.0, 30.0, 90.0), (500.0, 463.0, 154.0), (100.0, 463.0, 100.0)],
)
def test_rays_are_no_denser_than_pixels_and_the_elevation_ask_for(pixel_m, elevation_m, apart_m):
    grid = Grid("EPSG:9209", pixel_m, 0.0, 9000.0, 20, 20)
    file = Heights.on_grid(
        Grid("EPSG:9209", elevation_m, 0.0, 9000.0, 30, 30), np.zeros((30, 30), np.float32)
    )
    terrain = Terrain(grid=grid, heights=file)
    assert terrain.rays_apart_m == apart_m
    assert terrain.ray_count(15_000.0) == np.ceil(2 * np.pi * 15_000 / apart_m)


def test_ray_ends_at_a_void_and_at_the_edge_of_the_terrain():
    height = np.zeros(GRID.shape)
    height[20, 30] = np.nan
    view = mast(height, x_m=2745.0, y_m=2655.0)
    north = view.radials.height_m[0]
    # The void lies 9 pixels north; the sample one pixel short of it does not touch it.
    assert np.isnan(north).tolist() == [point >= 10 for point in range(north.size)]
    edge = mast(np.zeros(GRID.shape), x_m=5355.0)
    rays = edge.radials.height_m.shape[0]
    east = edge.radials.height_m[rays // 4]
    assert not np.isnan(east[0])
    assert np.isnan(east[1:]).all()


def test_clutter_keeps_its_edges_and_is_none_outside():
    clutter = np.zeros(GRID.shape)
    clutter[:, 31:] = 15.0
    view = mast(np.zeros(GRID.shape), x_m=2745.0, y_m=2655.0, clutter=clutter, radius_m=4000.0)
    east = view.radials.clutter_m[view.radials.clutter_m.shape[0] // 4]
    assert set(view.radials.clutter_m.ravel()) == {0.0, 15.0}
    assert east[:3].tolist() == [0.0, 15.0, 15.0]
    assert east[-1] == 0.0


@given(st.floats(1500, 3900), st.floats(1500, 3900), st.integers(0, 2**32 - 1))
def test_clutter_of_a_sample_is_that_of_the_pixel_it_lies_in(x, y, seed):
    clutter = np.random.default_rng(seed).uniform(1, 30, GRID.shape).astype(np.float32)
    view = mast(np.zeros(GRID.shape), x, y, clutter=clutter, radius_m=2000.0)
    rays, points = view.radials.clutter_m.shape
    azimuth = 2 * np.pi * np.arange(rays)[:, np.newaxis] / rays
    distance = 90.0 * np.arange(points)
    at = x + distance * np.sin(azimuth), y + distance * np.cos(azimuth)
    row, column, inside = GRID.index(*at)
    # On the very edge between two pixels either may be meant.
    clear = np.all([abs(one / 90 - np.round(one / 90)) > 1e-9 for one in at], axis=0)
    expected = np.where(inside, clutter[row, column], 0.0)
    np.testing.assert_array_equal(view.radials.clutter_m[clear], expected[clear])


@given(st.floats(90, 5300), st.floats(90, 5300), st.floats(100, 3000))
def test_window_holds_every_pixel_within_the_radius_and_nothing_beyond_has_a_value(x, y, radius):
    view = mast(np.zeros(GRID.shape), x, y, radius_m=radius)
    found = np.full(GRID.shape, np.nan)
    found[view.window] = laid(view, np.zeros(view.radials.height_m.shape))
    distance = np.hypot(GRID.x_m[np.newaxis, :] - x, GRID.y_m[:, np.newaxis] - y)
    near_rim = abs(distance - radius) < 0.01  # distances are float32
    np.testing.assert_array_equal(np.isfinite(found)[~near_rim], (distance <= radius)[~near_rim])


@given(st.floats(1500, 3900), st.floats(1500, 3900))
def test_sample_of_a_pixel_lies_within_half_a_pixel_along_and_across(x, y):
    view = mast(np.zeros(GRID.shape), x, y, radius_m=1300.0)
    rays, points = view.radials.height_m.shape
    azimuth = np.repeat(2 * np.pi * np.arange(rays) / rays, points).reshape(rays, points)
    distance = np.tile(90.0 * np.arange(points), (rays, 1))
    east, north = distance * np.sin(azimuth), distance * np.cos(azimuth)
    rows, columns = view.window
    off = np.hypot(
        laid(view, east) - (GRID.x_m[columns] - x)[np.newaxis, :],
        laid(view, north) - (GRID.y_m[rows] - y)[:, np.newaxis],
    )
    away = np.hypot(*np.meshgrid(GRID.x_m[columns] - x, GRID.y_m[rows] - y))
    # At the mast itself the sample is one step away.
    assert np.nanmax(off[away >= 45]) <= 90 * np.sqrt(0.5) + 0.01
    assert np.nanmax(off) <= 90 + 45 + 0.01


def test_samples_in_use_are_about_as_many_as_pixels_not_as_samples():
    view = mast(np.zeros(GRID.shape), radius_m=2500.0)
    used = np.isfinite(laid(view, np.zeros(view.radials.height_m.shape))).sum()
    assert 0.9 * used < view.radials.wanted.sum() <= used < 0.6 * view.radials.wanted.size


@pytest.mark.parametrize("radius_px", [3.0, 2.999, 2.6, 2.5, 2.4, 1.0, 0.6])
@pytest.mark.parametrize("off_px", [(0.0, 0.0), (0.3, 0.45)])
def test_the_path_to_a_pixel_is_as_long_as_the_pixel_is_away(radius_px, off_px):
    x, y = 2745.0 + 90 * off_px[0], 2655.0 + 90 * off_px[1]
    view = mast(np.zeros(GRID.shape), x, y, radius_m=90 * radius_px)
    away = np.hypot(GRID.x_m[np.newaxis, :] - x, GRID.y_m[:, np.newaxis] - y) / 90
    reached = 0
    for row, column in np.ndindex(GRID.shape):
        found = view.path(row, column)
        # The radius itself is within reach.
        assert (found is not None) == (away[row, column] <= radius_px)
        if found is not None:
            reached += 1
            # No model knows distance 0: the mast's own pixel takes the sample one pixel away.
            points = max(int(away[row, column] + 0.5), 1)
            assert found[0].distance_m.tolist() == [90.0 * point for point in range(points + 1)]
    assert reached >= 1


def test_azimuths_count_from_north_clockwise():
    view = mast(np.zeros(GRID.shape), x_m=2745.0, y_m=2655.0)
    middle = tuple(s // 2 for s in view.azimuth_deg.shape)
    row, column = middle
    assert view.azimuth_deg[row - 3, column] == 0
    assert view.azimuth_deg[row, column + 3] == 90
    assert view.azimuth_deg[row + 3, column] == 180
    assert view.azimuth_deg[row, column - 3] == 270


def test_surveyed_ground_under_the_mast_counts_in_profiles_and_angles():
    plain = np.full(GRID.shape, 100.0)
    terrain = Terrain(
        grid=GRID, heights=Heights.on_grid(GRID, plain.astype(np.float32)), step_m=90.0
    )
    at = {"terrain": terrain, "x_m": 2745.0, "y_m": 2655.0, "radius_m": 900.0}
    view = Surroundings(**at, surveyed_m=190.0)
    assert view.ground_m == 190.0
    assert set(view.radials.height_m[:, 0]) == {190.0}
    assert set(view.radials.height_m[:, 1:][asked_for(view)[:, 1:]]) == {100.0}
    path = view.path(25, 30).profile
    assert path.height_m.tolist() == [190, 100, 100, 100, 100, 100]
    angles = view.depression_deg(antenna_height_m=1.5, receiver_height_m=1.5)
    row, column = (s // 2 for s in angles.shape)
    assert angles[row, column + 1] == pytest.approx(45)
    assert view.digest != Surroundings(**at).digest
    nowhere = Surroundings(**{**at, "x_m": -9000.0}, surveyed_m=190.0)
    assert np.isnan(nowhere.ground_m)


def test_depression_counts_real_ground_heights():
    height = np.zeros(GRID.shape)
    height[:, 40:] = 1000.0
    view = mast(height, x_m=2745.0, y_m=2655.0)
    angles = view.depression_deg(antenna_height_m=91.5, receiver_height_m=1.5)
    row, column = (s // 2 for s in angles.shape)
    assert angles[row, column + 1] == pytest.approx(45)  # 90 m down over 90 m
    assert angles[row, column + 10] == pytest.approx(-np.degrees(np.arctan(910 / 900)))


@pytest.mark.parametrize(
    ("mast_m", "row", "column"),
    [
        ((2745.0, 2655.0), 23, 33), ((2745.0, 2655.0), 37, 26), ((2745.0, 2655.0), 36, 39),
        ((405.0, 4995.0), 13, 10),  # near the north-western corner
    ],
)  # fmt: skip
def test_depression_on_sloping_ground_is_to_the_ground_where_the_profile_ends(mast_m, row, column):
    down, right = np.indices(GRID.shape)
    view = mast(300.0 + 3.0 * down + 5.0 * right, x_m=mast_m[0], y_m=mast_m[1])
    angles = view.depression_deg(antenna_height_m=91.5, receiver_height_m=1.5)
    at = row - view.window[0].start, column - view.window[1].start
    drop_m = view.ground_m + 90 - view.path(row, column).profile.height_m[-1]
    away_m = view.distance_m[at]
    assert angles[at] == pytest.approx(np.degrees(np.arctan(drop_m / away_m)), rel=1e-5)


@pytest.mark.parametrize("off_px", [(0.0, 0.0), (0.4, 0.3), (0.45, 0.45)])
@pytest.mark.parametrize("step_m", [90.0, 45.0, 30.0])
def test_in_the_masts_own_pixel_a_receiver_counts_as_half_a_pixel_away(off_px, step_m):
    view = mast(
        np.zeros(GRID.shape), 2745.0 + 90 * off_px[0], 2655.0 + 90 * off_px[1], step_m=step_m
    )
    angles = view.depression_deg(antenna_height_m=91.5, receiver_height_m=1.5)
    rows, columns = view.window
    own = angles[30 - rows.start, 30 - columns.start]
    away_m = max(np.hypot(*off_px) * 90, 45)
    assert own == pytest.approx(np.degrees(np.arctan(90 / round(away_m))), rel=1e-6)


def test_far_receivers_sink_below_the_horizontal_of_a_round_earth():
    view = mast(np.zeros(GRID.shape), x_m=2745.0, y_m=2655.0, radius_m=2000.0)
    flat, round_earth = (
        view.depression_deg(antenna_height_m=30.0, receiver_height_m=1.5, effective_radius_km=ae)
        for ae in (np.inf, 8500.0)
    )
    row, column = (s // 2 for s in flat.shape)
    # 1.8 km / (2 × 8,500 km)
    sunk = round_earth[row, column + 20] - flat[row, column + 20]
    assert sunk == pytest.approx(np.degrees(1800 / 17e6), rel=1e-2)


def source_in_degrees(path=None):
    """Return heights in degrees: a file's, or made-up ridges on pixels of three seconds."""
    if path is not None:
        with rasterio.open(path) as dataset:
            values = dataset.read(1).astype(np.float32)
            return Heights(height_m=values, crs="EPSG:4326", transform=dataset.transform)
    rng = np.random.default_rng(41)
    values = 800 + sum(60 * size * gaussian_filter(rng.normal(size=(300, 300)), size)
                       for size in (1.2, 3, 9))  # fmt: skip
    corner = Affine(1 / 1200, 0, 104.9, 0, -1 / 1200, 22.95)
    return Heights(height_m=values.astype(np.float32), crs="EPSG:4326", transform=corner)


to_source = cache(operation)


def exact_db(heights, crs, mast_m, to_m, step_m):
    """Return the loss of a path straight to a receiver, over the source where PROJ puts it."""
    away = np.hypot(*np.subtract(to_m, mast_m))
    share = np.linspace(0, 1, max(round(away / step_m), 1) + 1)
    places = (at + share * (to - at) for at, to in zip(mast_m, to_m, strict=True))
    column, row = ~heights.transform @ to_source(crs, heights.crs).transform(*places)
    height = map_coordinates(
        heights.height_m, (row - 0.5, column - 0.5), order=1, output=np.float64
    )
    path = Profile(distance_m=share * away, height_m=height, clutter_m=np.zeros(share.size))
    return P1812().loss_db(path, LINK)


def losses(heights, grid, mast_m, radius_m):
    """Return the loss along rays on the pixels of a grid, NaN beyond the radius."""
    view = Surroundings(
        terrain=Terrain(grid=grid, heights=heights, step_m=30.0),
        x_m=mast_m[0], y_m=mast_m[1], radius_m=radius_m,
    )  # fmt: skip
    whole = np.full(grid.shape, np.nan)
    (whole[view.window],) = loss_tiles(view, [LINK], model=P1812(), cache=None)
    return whole


def errors_db(heights, grid, mast_m, loss, count):
    """Return what rays and exact paths say of pixels drawn by chance, farther than 500 m."""
    away = np.hypot(grid.x_m[None, :] - mast_m[0], grid.y_m[:, None] - mast_m[1])
    rows, columns = np.nonzero(np.isfinite(loss) & (away > 500))
    drawn = np.random.default_rng(0).choice(rows.size, min(count, rows.size), replace=False)
    exact = [
        exact_db(heights, grid.crs, mast_m, (grid.x_m[column], grid.y_m[row]), 30.0)
        for row, column in zip(rows[drawn], columns[drawn], strict=True)
    ]
    return loss[rows[drawn], columns[drawn]], np.array(exact)


def at_middles(fine, grid, coarse):
    """Return a finer raster at the middles of coarser pixels."""
    row, column, _ = grid.index(*np.meshgrid(coarse.x_m, coarse.y_m))
    return fine[row, column]


def test_rays_over_a_source_in_degrees_read_it_where_proj_puts_them():
    heights, (x, y) = source_in_degrees(), (451_100.0, 2_524_100.0)
    grid = Grid.covering((x - 500, y - 500, x + 500, y + 500), resolution_m=90.0, crs="EPSG:9209")
    terrain = Terrain(grid=grid, heights=heights, step_m=30.0)
    view = Surroundings(terrain=terrain, x_m=x, y_m=y, radius_m=450.0)
    rays, points = view.radials.height_m.shape
    azimuth = 2 * np.pi * np.arange(rays)[:, np.newaxis] / rays
    away = 30.0 * np.arange(points)
    places = (x + away * np.sin(azimuth)).ravel(), (y + away * np.cos(azimuth)).ravel()
    column, row = ~heights.transform @ to_source(grid.crs, heights.crs).transform(*places)
    at = row - 0.5, column - 0.5
    expected = map_coordinates(heights.height_m, at, order=1, output=np.float64)
    found, asked = view.radials.height_m.ravel(), asked_for(view).ravel()
    assert np.ptp(expected) > 50
    # Places may miss by 0.002 of a pixel.
    np.testing.assert_allclose(found[asked], expected[asked], atol=0.1)
    angles = view.depression_deg(antenna_height_m=30.0, receiver_height_m=1.5)
    assert np.isfinite(angles[view.distance_m <= 450]).all()


@compiled_only
def test_over_ridges_the_answer_is_that_of_exact_paths_whatever_the_grid():
    heights, mast_m = source_in_degrees(), (451_100.0, 2_524_100.0)
    bounds = mast_m[0] - 4200, mast_m[1] - 4200, mast_m[0] + 4200, mast_m[1] + 4200
    covered = {}
    for pixel_m in (270.0, 45.0):
        grid = Grid.covering(bounds, resolution_m=pixel_m, crs="EPSG:9209")
        loss = losses(heights, grid, mast_m, 4000.0)
        found, exact = errors_db(heights, grid, mast_m, loss, 250)
        assert exact.std() > 10  # ridges hide much
        assert abs((found - exact).mean()) < 0.15
        assert np.median(np.abs(found - exact)) < 0.4
        covered[pixel_m] = grid, loss
    coarse, own = covered[270.0]
    same = at_middles(covered[45.0][1], covered[45.0][0], coarse)
    known = np.isfinite(own) & np.isfinite(same)
    assert abs((own - same)[known].mean()) < 0.4


@compiled_only
def test_five_masts_in_real_mountains_cover_the_same_on_any_grid_and_by_exact_paths(published):
    heights, crs = source_in_degrees(published("real/N36W119.hgt")), "EPSG:32611"
    bounds = 321_000.0, 3_986_000.0, 409_000.0, 4_096_000.0
    rng = np.random.default_rng(5)
    masts = [(rng.uniform(346_000, 384_000), rng.uniform(4_012_000, 4_070_000)) for _ in range(5)]
    grids = {m: Grid.covering(bounds, resolution_m=m, crs=crs) for m in (270.0, 90.0, 45.0)}
    fine = [losses(heights, grids[45.0], mast, 15_000.0) for mast in masts]
    for pixel_m, grid in grids.items():
        own, middles, bias_db, net, variance = [], [], 0.0, 0.0, 0.0
        for mast, finest in zip(masts, fine, strict=True):
            loss = finest if pixel_m == 45 else losses(heights, grid, mast, 15_000.0)
            same = at_middles(finest, grids[45.0], grid)
            both = np.isfinite(loss) & np.isfinite(same)
            own.append(loss[both] <= 150)
            middles.append(same[both] <= 150)
            # Few receivers are near the verdict, but nearly all that flip: both kinds are drawn
            # from, each counts by its share of the circle.
            near = abs(loss - 150) < 6
            for kind, count in ((near, 300), (np.isfinite(loss) & ~near, 300)):
                drawn = np.where(kind, loss, np.nan)
                found, exact = errors_db(heights, grid, mast, drawn, count)
                flips = (found <= 150).astype(float) - (exact <= 150)
                share = kind.sum() / np.isfinite(loss).sum() / len(masts)
                bias_db += share * (found - exact).mean()
                net += share * flips.mean()
                variance += share**2 * flips.var(ddof=1) / flips.size
        # Both look at the same places here, so the sample of places explains nothing.
        assert 100 * abs(np.mean(np.concatenate(own)) - np.mean(np.concatenate(middles))) < 0.3
        assert abs(bias_db) < 0.1
        assert 100 * math.sqrt(variance) < 0.1  # what the draw explains of the next
        assert 100 * abs(net) < 0.2
