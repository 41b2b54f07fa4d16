"""Every pixel counts by its part inside."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import CrsMismatchError, GridMismatchError
from phusong.grid import Grid
from phusong.service import Zones
from phusong.service import zones as service_zones
from phusong.service.zones import area_km2, sum_flagged, sum_flagged_again

GRID = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_300.0, 4, 3)


def laid(*polygons):
    return Zones.of(gpd.GeoDataFrame(geometry=list(polygons), crs=GRID.crs), GRID)


corner = st.tuples(st.floats(0, 400), st.floats(0, 300))


@given(corner, corner, corner, st.integers(0, 2**32 - 1))
def test_sums_agree_with_exact_overlaps_of_every_pixel(a, b, c, seed):
    triangle = shapely.Polygon([(500_000 + x, 2_500_000 + y) for x, y in (a, b, c)])
    if triangle.area < 1:
        return
    values = np.random.default_rng(seed).random((3, 4))
    x, y = np.meshgrid(GRID.x_m, GRID.y_m)
    pixels = shapely.box(x - 50, y - 50, x + 50, y + 50)
    expected = values * shapely.area(shapely.intersection(pixels, triangle)) / 100**2
    zones = laid(triangle)
    # exactextract keeps shares of a pixel as single floats.
    assert zones.sum(values)[0] == pytest.approx(expected.sum(), rel=1e-5, abs=1e-5)
    assert zones.pixels()[0] == pytest.approx(triangle.area / 100**2, rel=1e-5, abs=1e-5)


def test_sums_agree_with_counting_a_fine_raster():
    triangle = shapely.Polygon(
        [(500_000 + x, 2_500_000 + y) for x, y in [(13, 7), (391, 120), (77, 288)]]
    )
    values = np.random.default_rng(98).random((3, 4))
    x, y = np.meshgrid(500_000 + np.arange(0.5, 400), 2_500_000 + np.arange(0.5, 300))
    inside = shapely.contains_xy(triangle, x, y)
    row, column, _ = GRID.index(x, y)
    expected = (values[row, column] * inside).sum() / 100**2
    # Points a metre apart see the triangle's kilometre of border to half a metre.
    assert laid(triangle).sum(values)[0] == pytest.approx(expected, rel=2e-3)


def test_island_and_hole_count():
    ring = shapely.box(500_000, 2_500_000, 500_300, 2_500_300).difference(
        shapely.box(500_100, 2_500_100, 500_200, 2_500_200)
    )
    island = shapely.box(500_300, 2_500_000, 500_400, 2_500_100)
    values = np.arange(12.0).reshape(3, 4)
    zones = laid(shapely.union_all([ring, island]), island)
    assert zones.sum(values).tolist() == [0 + 1 + 2 + 4 + 6 + 8 + 9 + 10 + 11, 11]


@pytest.mark.parametrize("most", [1, 8, 11])
def test_units_larger_than_what_is_laid_at_a_time_are_laid_row_by_row_to_the_same_bits(
    monkeypatch, most
):
    islands = shapely.union_all(
        [shapely.box(500_050, 2_500_050, 500_190, 2_500_077), shapely.Point(500_330, 2_500_240)]
    ).buffer(33)
    units = [islands, shapely.box(500_120, 2_500_130, 500_130, 2_500_140), *islands.geoms]
    whole = laid(*units)
    monkeypatch.setattr(service_zones, "PIXELS_AT_A_TIME", most)
    found = laid(*units)
    for name in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(
            getattr(found.weights, name), getattr(whole.weights, name), strict=True
        )


def test_missing_values_count_as_nothing():
    values = np.full((3, 4), np.nan)
    values[0, 0] = 2
    assert laid(shapely.box(*GRID.bounds)).sum(values).tolist() == [2]


def test_holes_are_taken_off_the_area_however_they_run():
    outer, inner = shapely.box(0, 0, 1000, 1000), shapely.box(200, 200, 700, 700)
    shifted = [
        shapely.transform(shape.exterior, lambda xy: np.add(xy, [500_000, 2_500_000]))
        for shape in (outer, inner)
    ]
    for hole in (shifted[1], shifted[1].reverse()):
        found = area_km2(gpd.GeoSeries([shapely.Polygon(shifted[0], [hole])], crs="EPSG:9209"))
        assert found[0] == pytest.approx(0.75 / 0.9999**2, rel=1e-5)


def test_parts_add_up_whichever_way_they_run():
    one = shapely.box(500_000, 2_500_000, 501_000, 2_501_000)
    other = shapely.box(502_000, 2_500_000, 503_000, 2_501_000).reverse()
    found = area_km2(gpd.GeoSeries([shapely.MultiPolygon([one, other])], crs="EPSG:9209"))
    assert found[0] == pytest.approx(2 / 0.9999**2, rel=1e-5)


def test_published_areas_of_real_communes_are_met(published):
    communes = gpd.read_file(published("real/ha_giang_communes.geojson"))
    found = area_km2(communes.geometry.to_crs("EPSG:9209"))
    # Lines that are straight in degrees are not quite so on the plane.
    np.testing.assert_allclose(found, communes["area_km2"], rtol=1e-3)
    assert found.sum() == pytest.approx(7950.84, rel=2e-5)


def test_units_of_another_system_are_refused():
    units = gpd.GeoDataFrame(geometry=[shapely.box(105, 22, 106, 23)], crs="EPSG:4326")
    with pytest.raises(CrsMismatchError, match="units is in EPSG:4326, expected EPSG:9209"):
        Zones.of(units, GRID)


def test_units_beyond_the_grid_are_refused():
    with pytest.raises(GridMismatchError, match=r"units lies on 500000 … 500401"):
        laid(shapely.box(500_000, 2_500_000, 500_401, 2_500_300))


def test_only_units_with_a_changed_pixel_are_added_up_again_to_the_same_bits():
    rng = np.random.default_rng(98)
    zones = laid(
        shapely.box(500_000, 2_500_000, 500_130, 2_500_300),
        shapely.box(500_130, 2_500_000, 500_250, 2_500_300),
        shapely.box(500_250, 2_500_000, 500_400, 2_500_300),
    )
    flags = rng.random((3, 4)) < 0.5
    before = sum_flagged(zones.weights, flags)
    before[2] = -1.0  # would not come out of the pixels
    changed = np.zeros((3, 4), dtype=bool)
    changed[[0, 2], [0, 1]] = True  # in the first unit, and in the first and the second
    found = sum_flagged_again(zones.weights, flags ^ changed, changed, before)
    assert found[:2].tolist() == sum_flagged(zones.weights, flags ^ changed)[:2].tolist()
    assert found[:2].tolist() != before[:2].tolist()
    assert found[2] == -1.0
    last = changed[2:]  # flags of a part of the rows, with others above
    flags[2] ^= last[0]
    found = sum_flagged_again(zones.weights, flags, last, before, above=2)
    assert found[:2].tolist() == sum_flagged(zones.weights, flags)[:2].tolist()
    assert found[2] == -1.0
    unchanged = np.zeros((3, 4), dtype=bool)
    assert sum_flagged_again(zones.weights, flags, unchanged, before).tolist() == before.tolist()
