"""Where people live without service."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import shapes
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from phusong.errors import GridMismatchError
from phusong.grid import Grid
from phusong.service import count_residents, coverage_by_unit, gaps
from phusong.service.gaps import joined, parts_of
from phusong.tables import GAPS
from phusong.terrain import Population


@pytest.fixture
def found(margin, people, two, living):
    """Return a function that finds gaps; what is not given is the pair of communes."""

    def _found(margin=margin, people=people, table=two, *, smallest=0.0, join=0.0, villages=None):
        return gaps(
            margin, living(table, people), service="s", smallest_population=smallest,
            join_distance_m=join, villages=villages,
        )  # fmt: skip

    return _found


@pytest.fixture
def nothing(raster):
    """Return a margin that covers nobody."""
    return raster([-1] * 4, [-1] * 4, [-1] * 4)


def test_gap_is_the_uncovered_inhabited_ground(found, box):
    table = found().table
    assert table["population"].to_list() == [2 + 3 + 6 + 7 + 10 + 11]
    assert table["gap_id"].to_list() == ["s-0001"]
    assert table["commune_codes"].to_list() == ["00002, 00001"]
    assert table["communes"].to_list() == ["C2, C1"]
    assert table["area_km2"].item() == pytest.approx(0.06 / 0.9999**2, rel=1e-4)
    assert table.geometry.item().equals(box(100, 0, 300, 300))


def test_columns_are_those_of_the_table(found):
    assert [name for name in found().table if name != "geometry"] == list(GAPS.columns)


def test_uninhabited_ground_is_no_gap(found, raster, box):
    people = raster([0, 0, 0, 0], [0, 0, 5, 0], [0, 0, 0, 0])
    assert found(people=people).table.geometry.item().equals(box(200, 100, 300, 200))


def test_most_residents_come_first_and_equals_from_the_north_west(found, raster, nothing, box):
    people = raster([4, 0, 4, 0], [0, 0, 0, 0], [4, 0, 9, 0])
    table = found(nothing, people).table
    assert table["population"].to_list() == [9, 4, 4, 4]
    assert table["rank"].to_list() == [1, 2, 3, 4]
    assert table["gap_id"].to_list() == ["s-0001", "s-0002", "s-0003", "s-0004"]
    assert table.geometry[1].equals(box(0, 200, 100, 300))
    assert table.geometry[3].equals(box(0, 0, 100, 100))


def test_small_gaps_are_counted_but_not_listed(found, raster, nothing):
    people = raster([1, 0, 9, 0], [0, 0, 0, 0], [2, 0, 0, 0])
    some = found(nothing, people, smallest=2.0)
    assert some.table["population"].to_list() == [9, 2]
    assert (some.unlisted, some.unlisted_population) == (1, 1.0)


def test_pixels_that_touch_at_a_corner_make_one_valid_gap(found, raster, nothing):
    people = raster([1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 1, 0])
    table = found(nothing, people).table
    assert table["population"].to_list() == [5]
    assert table.geometry.item().is_valid
    assert len(table.geometry.item().geoms) == 5


@pytest.mark.parametrize(("distance", "count"), [(199.0, 2), (200.0, 1)])
def test_gaps_nearer_than_the_join_distance_are_one(found, raster, nothing, distance, count):
    people = raster([1, 0, 9, 0], [0, 0, 0, 0], [0, 0, 0, 0])
    assert len(found(nothing, people, join=distance).table) == count


def test_gap_is_cut_to_the_province(found, nothing, communes, box, people):
    table = found(nothing, people, communes(box(50, 0, 200, 300), box(200, 0, 370, 270))).table
    assert table.geometry.item().equals(
        shapely.union_all([box(50, 0, 200, 300), box(200, 0, 370, 270)])
    )
    # Half of the first column; of the east all but its northern and eastern 30 m.
    west = 15 / 2 + 18
    east = 21 + 0.7 * 24 - 0.3 * (3 + 0.7 * 4)
    assert table["population"].item() == pytest.approx(west + east, rel=1e-6)


def test_villages_inside_a_gap_are_counted(found, villages):
    table = villages(("00001", (150, 50)), ("00001", (50, 50)), ("00001", (5000, 50)))
    assert found(villages=table).table["villages"].to_list() == [1]
    assert found().table["villages"].isna().all()


def test_full_coverage_leaves_no_gap(found, raster):
    none = found(raster([0] * 4, [0] * 4, [0] * 4))
    assert (len(none.table), none.unlisted, none.unlisted_population) == (0, 0, 0.0)
    assert list(none.table)[:-1] == list(GAPS.columns)
    assert none.table.crs == "EPSG:9209"


def test_margin_of_another_grid_is_refused(found, raster):
    other = Grid("EPSG:9209", 100.0, 500_100.0, 2_500_300.0, 4, 3)
    with pytest.raises(GridMismatchError, match="margin_db lies on"):
        found(raster([0] * 4, [0] * 4, [0] * 4, grid=other))


GRID = Grid("EPSG:9209", 100.0, 500_000.0, 2_501_000.0, 9, 8)


@given(
    seed=st.integers(0, 2**32 - 1),
    inhabited=st.floats(0.05, 1),
    join=st.floats(0, 450),
    smallest=st.floats(0, 5),
    corners=st.lists(st.tuples(st.floats(0, 900), st.floats(200, 1000)), min_size=3, max_size=6),
)
@settings(max_examples=40)
def test_listed_and_unlisted_gaps_hold_all_who_are_not_covered(
    seed, inhabited, join, smallest, corners
):
    outline = shapely.MultiPoint([(500_000 + x, 2_500_000 + y) for x, y in corners]).convex_hull
    if outline.area < 100:
        return
    communes = gpd.GeoDataFrame(
        {"commune_code": ["00001"], "name": ["C"], "district_code": ["024"], "district": ["D"]},
        geometry=[outline],
        crs=GRID.crs,
    )
    rng = np.random.default_rng(seed)
    margin = GRID.wrap(rng.normal(size=GRID.shape), "m")
    people = GRID.wrap(rng.random(GRID.shape) * (rng.random(GRID.shape) < inhabited), "population")
    residents = count_residents(
        communes,
        GRID,
        population=Population(people, outside=0.0),
        villages=None,
        village_radius_m=250.0,
    )
    units = coverage_by_unit(
        residents,
        {"s": margin},
        probabilities={"s": (margin >= 0) * 1.0},
        mean_error_db=0.0,
        centres=communes.representative_point(),
        villages=None,
    ).province
    uncovered = (units["population"] - units["covered_population_s"]).item()
    found = gaps(
        margin, residents, service="s", smallest_population=smallest, join_distance_m=join,
        villages=None,
    )  # fmt: skip
    table = found.table
    assert table["population"].sum() + found.unlisted_population == pytest.approx(
        uncovered, rel=1e-9, abs=1e-9
    )
    assert (table["population"] >= smallest).all()
    assert table["population"].is_monotonic_decreasing
    assert table.geometry.is_valid.all()
    assert set(table.geom_type) <= {"Polygon", "MultiPolygon"}
    assert table.geometry.within(outline.buffer(0.01)).all()


@pytest.mark.kernels
@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.floats(0.05, 0.9),
    distance=st.sampled_from([0.0, 1.0, 1.5, 2.0, 2.3, 3.0, 4.5]),
)
def test_groups_are_those_of_all_pairwise_distances(seed, density, distance):
    flags = np.random.default_rng(seed).random((7, 9)) < density
    group, count = joined(flags, distance)
    pixels = np.argwhere(flags)
    near = cdist(pixels, pixels) <= max(distance, 1.5)
    expected_count, expected = connected_components(near, directed=False)
    assert count == expected_count
    # Both number groups by their first pixel in reading order.
    np.testing.assert_array_equal(group[flags], expected + 1)
    assert not group[~flags].any()


@pytest.mark.kernels
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    density=st.floats(0.1, 0.95),
)
def test_outlines_are_those_that_gdal_finds_and_valid(seed, shape, density):
    grid = Grid("EPSG:9209", 100.0, 5e5, 25e5, *reversed(shape))
    group, _ = joined(np.random.default_rng(seed).random(shape) < density, 1.5)
    group -= 1
    parts, number = parts_of(group, grid)
    assert shapely.is_valid(parts).all()
    expected = [
        (int(value), shapely.normalize(shapely.geometry.shape(found)).wkt)
        for found, value in shapes(group, mask=group >= 0, transform=grid.transform)
    ]
    own = zip(number.tolist(), shapely.to_wkt(shapely.normalize(parts)).tolist(), strict=True)
    assert sorted(own) == sorted(
        (value, shapely.to_wkt(shapely.from_wkt(found))) for value, found in expected
    )
