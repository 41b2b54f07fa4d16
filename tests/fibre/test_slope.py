"""Slopes and steep stretches on planes whose slope is known."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from phusong.fibre import steep_stretches, terrain_ways
from phusong.fibre.slope import slope_along, slope_at
from phusong.grid import Grid
from phusong.tables import STEEP_STRETCHES

GRID = Grid.covering((0, 0, 3000, 1000), resolution_m=50, crs="EPSG:9209")


def ridge():
    """Flat but for 45° between x = 1000 and x = 2000."""
    return GRID.wrap(
        np.broadcast_to(np.clip(GRID.x_m - 1000, 0, 1000), GRID.shape).copy(), "elevation"
    )


def sections(*lines, risk=3.0):
    table = gpd.GeoDataFrame(
        {"span_id": [f"s{i}" for i in range(len(lines))], "section": 1},
        geometry=[LineString(line) for line in lines], crs="EPSG:9209",
    )  # fmt: skip
    return table.assign(
        length_m=table.length, dark_offices=1, dark_masts=0, dark_population=9.0, risk=risk
    )


def test_a_plane_of_one_in_one_is_45_degrees():
    plane = GRID.wrap(np.broadcast_to(GRID.x_m, GRID.shape).copy(), "elevation")
    assert slope_at(plane, *np.indices(GRID.shape)) == pytest.approx(np.full(GRID.shape, 45))


def test_slope_is_the_gradient_of_the_whole_raster_to_the_last_bit():
    heights = np.random.default_rng(98).random(GRID.shape).astype(np.float32) * 300
    down, along = np.gradient(heights.astype(float), GRID.resolution_m)
    found = slope_at(GRID.wrap(heights, "elevation"), *np.indices(GRID.shape))
    np.testing.assert_array_equal(found, np.degrees(np.arctan(np.hypot(down, along))))


def test_the_steep_part_of_a_span_is_cut_out_with_its_share_of_the_risk():
    found = steep_stretches(sections([(0, 475), (3000, 475)]), ridge(), slope_from_deg=40)
    assert list(found.columns) == [*STEEP_STRETCHES.columns, "geometry"]
    (stretch,) = found.itertuples()
    # The gradient at the two feet is taken over two pixels and is gentler.
    assert stretch.length_m == pytest.approx(1000, abs=100)
    assert stretch.geometry.bounds[0] == pytest.approx(1000, abs=50)
    assert stretch.risk == pytest.approx(3.0 * stretch.length_m / 3000)
    assert stretch.steepest_deg == pytest.approx(45)


def test_flat_ground_and_ground_outside_the_raster_have_no_stretch():
    table = sections([(0, 475), (900, 475)], [(5000, 475), (9000, 475)])
    assert len(steep_stretches(table, ridge(), slope_from_deg=40)) == 0


def test_stretches_are_ranked_by_risk():
    table = sections([(1200, 100), (1300, 100)], [(1200, 900), (1800, 900)])
    found = steep_stretches(table, ridge(), slope_from_deg=40)
    assert found["risk"].is_monotonic_decreasing
    assert len(found) == 2


def test_every_line_is_sampled_at_least_once():
    line, position, slope = slope_along(
        np.array([LineString([(1500, 1), (1500, 2)]), LineString([(0, 1), (120, 1)])]), ridge()
    )
    assert line.tolist() == [0, 1, 1, 1]
    assert position == pytest.approx([0.5, 1 / 6, 0.5, 5 / 6])
    assert slope == pytest.approx([45, 0, 0, 0])


def test_the_lattice_leaves_out_what_has_no_elevation():
    whole = terrain_ways(ridge(), spacing_px=20)
    # Three points in a row, one row: 2 lines. A hole in the middle takes both.
    assert len(whole) == 2
    holed = ridge()
    holed[:, 20:40] = np.nan
    assert len(terrain_ways(holed, spacing_px=20)) == 0


def plane(per_x, per_y):
    """A plane that rises so many metres a metre eastwards and northwards."""
    x, y = np.meshgrid(GRID.x_m, GRID.y_m)
    return GRID.wrap(per_x * x + per_y * y, "elevation")


@pytest.mark.parametrize(
    ("per_x", "per_y", "tangent"),
    [(0, 1, 1), (0, -0.5, 0.5), (-2, 0, 2), (0.3, 0.4, 0.5), (-0.6, 0.8, 1)],
)
def test_a_plane_is_as_steep_whichever_way_it_falls(per_x, per_y, tangent):
    found = slope_at(plane(per_x, per_y), *np.indices(GRID.shape))
    assert found == pytest.approx(np.full(GRID.shape, np.degrees(np.arctan(tangent))))


def test_ground_that_falls_to_the_north_is_steep_ground():
    found = steep_stretches(sections([(0, 475), (900, 475)]), plane(0, -1), slope_from_deg=40)
    assert found["length_m"].to_list() == pytest.approx([900])
    assert found["steepest_deg"].to_list() == pytest.approx([45])


@pytest.mark.parametrize(("slope_from_deg", "count"), [(45.0, 1), (45.001, 0)])
def test_ground_is_steep_from_the_slope_itself_on(slope_from_deg, count):
    table = sections([(0, 475), (900, 475)])
    assert len(steep_stretches(table, plane(1, 0), slope_from_deg=slope_from_deg)) == count
