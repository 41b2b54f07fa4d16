"""Who lives where: one figure a commune, whole however small it is and wherever its border."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.errors import GridMismatchError
from phusong.grid import Grid
from phusong.service import (
    count_residents,
    coverage_by_unit,
    figures_told,
    gaps,
    too_dense,
    village_figures,
)
from phusong.terrain import Population

RADIUS_M = 110.0


@pytest.fixture
def two(two):
    """Return the two communes of six pixels each, with 30 and 9 people declared."""
    return two.assign(population=[30.0, 9.0])


@pytest.fixture
def villages(points):
    """Return a function that makes villages of (commune code, people, place)."""

    def _villages(*rows):
        return gpd.GeoDataFrame(
            {
                "village_id": [f"v{i}" for i in range(len(rows))],
                "commune_code": [code for code, *_ in rows],
                "population": [float(people) for _, people, _ in rows],
            },
            geometry=points(*(place for *_, place in rows)),
        )

    return _villages


@pytest.fixture
def counted(grid):
    """Return a function that counts by villages and communes."""

    def _counted(communes, villages=None, *, population=None):
        return count_residents(
            communes, grid, population=population, villages=villages, village_radius_m=RADIUS_M
        )

    return _counted


def figures(units):
    return units.table["population"].to_list()


def test_communes_without_villages_are_filled_evenly_and_nobody_is_uncounted(counted, two):
    found = counted(two)
    np.testing.assert_allclose(found.raster, [[5, 5, 1.5, 1.5]] * 3)
    assert figures(found.communes) == pytest.approx([30, 9])
    assert figures(found.province) == pytest.approx([39])
    assert found.communes.table["population_source"].to_list() == ["commune", "commune"]
    assert found.uncounted == 0


def test_a_district_of_which_only_the_code_is_known_goes_by_it(counted, two):
    found = counted(two.assign(district_code="024", district=None))
    assert found.districts.table["district"].to_list() == ["024"]


def test_pixel_on_a_border_holds_the_people_of_both_communes(counted, communes, box):
    units = communes(box(0, 0, 150, 300), box(150, 0, 400, 300)).assign(population=[45.0, 75.0])
    found = counted(units)
    np.testing.assert_allclose(found.raster, [[10, 5 + 5, 10, 10]] * 3, rtol=1e-6)
    assert figures(found.communes) == pytest.approx([45, 75], rel=1e-12)


def test_people_of_a_village_stay_near_it_and_inside_its_commune(counted, two, villages):
    found = counted(two, villages(("00001", 8, (150, 150)), ("00002", 6, (350, 250))))
    # The pixel east of the first village is the other commune's.
    np.testing.assert_allclose(found.raster, [[0, 2, 2, 2], [2, 2, 0, 2], [0, 2, 0, 0]])
    assert found.province.table["population_source"].to_list() == ["villages"]


def test_people_of_a_village_on_a_border_live_on_the_ground_of_its_commune(
    counted, communes, box, villages
):
    units = communes(box(0, 0, 150, 300), box(150, 0, 400, 300)).assign(population=[1.0, 1.0])
    found = counted(units, villages(("00001", 30, (149, 150)), ("00002", 3, (350, 150))))
    # Its pixels lie wholly, or to a half, in the commune.
    west = found.communes.people.toarray()[0].reshape(3, 4)
    np.testing.assert_allclose(west, [[0, 6, 0, 0], [12, 6, 0, 0], [0, 6, 0, 0]], rtol=1e-6)


@pytest.mark.parametrize(("radius_m", "pixels"), [(99.9, 1), (100.0, 4)])
def test_pixels_whose_centre_lies_at_the_radius_belong_to_the_village(
    grid, two, villages, radius_m, pixels
):
    found = count_residents(
        two, grid, population=None, village_radius_m=radius_m,
        villages=villages(("00001", 12, (150, 150)), ("00002", 1, (350, 50))),
    )  # fmt: skip
    west = found.communes.people.toarray()[0]
    assert west[west > 0].tolist() == pytest.approx([12 / pixels] * pixels)


def test_village_smaller_than_a_pixel_lives_in_its_own(grid, two, villages):
    found = count_residents(
        two, grid, population=None, village_radius_m=10.0,
        villages=villages(("00001", 5, (105, 105)), ("00002", 1, (350, 50))),
    )  # fmt: skip
    assert found.raster.to_numpy()[1, 1] == 5


def test_commune_with_an_uncounted_village_is_filled_by_its_own_figure(counted, two, villages):
    found = counted(
        two,
        villages(("00001", 9, (150, 150)), ("00001", np.nan, (50, 50)), ("00002", 8, (350, 150))),
    )
    assert figures(found.communes) == pytest.approx([30, 8])
    assert found.communes.table["population_source"].to_list() == ["commune", "villages"]
    assert found.districts.table["population_source"].to_list() == ["mixed"]
    np.testing.assert_allclose(found.raster[:, :2], 5.0)


def test_villages_are_not_rescaled_to_what_their_commune_declares(counted, two, villages):
    found = counted(two, villages(("00001", 9, (150, 150)), ("00002", 8, (350, 150))))
    table = found.communes.table
    assert figures(found.communes) == pytest.approx([9, 8])
    assert table["population_declared"].to_list() == [30, 9]
    assert found.province.table["population_declared"].to_list() == [39]


@pytest.mark.parametrize("place", [(350, 50), (-5_000, 250)])
def test_village_far_from_its_own_commune_is_spread_over_the_whole_of_it(
    counted, two, villages, place
):
    found = counted(two, villages(("00001", 12, place), ("00002", 8, (350, 150))))
    np.testing.assert_allclose(found.communes.people.toarray()[0].reshape(3, 4)[:, :2], 2.0)
    assert found.strayed.to_dict() == {"v0": 12}
    assert found.uncounted == 0


def test_villages_of_a_commune_that_is_not_there_are_told(counted, two, villages):
    found = counted(two, villages(("00009", 12, (50, 50)), ("00002", 8, (350, 150))))
    assert found.uncounted == 12
    assert figures(found.province) == pytest.approx([38])


@pytest.mark.kernels
@pytest.mark.parametrize("width_m", [100.0, 10.0, 0.1, 1e-9])
def test_commune_smaller_than_a_pixel_keeps_its_people(counted, communes, box, width_m):
    units = communes(box(10, 10, 10 + width_m, 10 + width_m), box(200, 0, 400, 300))
    found = counted(units.assign(population=[8382.0, 9.0]))
    assert figures(found.communes) == pytest.approx([8382, 9], rel=1e-12)
    assert found.raster.to_numpy()[:, :2].sum() == pytest.approx(8382, rel=1e-12)


def test_people_of_a_small_commune_are_covered_with_their_pixel(
    counted, communes, box, margin, points
):
    units = communes(box(10, 10, 20, 20), box(200, 0, 400, 300)).assign(population=[30.0, 9.0])
    found = coverage_by_unit(
        counted(units),
        {"s": margin},
        probabilities={"s": (margin >= 0) * 1.0},
        mean_error_db=0.0,
        centres=points((15, 15), (350, 150)),
        villages=None,
    ).communes
    assert found["covered_population_s"].to_list() == pytest.approx([30, 4.5])


def test_overlapping_communes_keep_each_its_own_figure(counted, communes, box):
    units = communes(box(0, 0, 300, 300), box(200, 0, 400, 300)).assign(population=[90.0, 60.0])
    found = counted(units)
    np.testing.assert_allclose(found.raster, [[10, 10, 20, 10]] * 3)
    assert figures(found.province) == pytest.approx([150])


def test_raster_goes_before_villages_and_communes(counted, two, villages, people):
    told = Population(people, outside=7.0)
    found = counted(two, villages(("00001", 9, (150, 150))), population=told)
    assert figures(found.communes) == [33, 45]
    assert found.communes.table["population_declared"].to_list() == [30, 9]
    assert found.communes.table["population_source"].to_list() == ["raster", "raster"]
    assert found.uncounted == pytest.approx(7)


def test_people_of_a_raster_between_and_beyond_the_communes_are_told(
    counted, communes, box, people
):
    units = communes(box(0, 0, 100, 300), box(200, 0, 400, 300))
    found = counted(units, population=Population(people, outside=7.0))
    assert figures(found.province) == [60]
    assert found.uncounted == pytest.approx(2 + 6 + 10 + 7)


def test_raster_of_another_grid_is_refused(counted, two, raster):
    other = Grid("EPSG:9209", 100.0, 500_100.0, 2_500_300.0, 4, 3)
    moved = Population(raster([1] * 4, [1] * 4, [1] * 4, grid=other), outside=0.0)
    with pytest.raises(GridMismatchError, match="population lies on"):
        counted(two, population=moved)


def test_figures_are_told_if_any_commune_has_one(two, villages):
    unknown = two.assign(population=np.nan)
    assert not figures_told(unknown, None)
    assert figures_told(unknown, villages(("00001", 9, (150, 150))))


def test_a_commune_of_which_nobody_tells_stays_unknown_and_the_rest_is_counted(
    counted, two, villages
):
    half = villages(("00002", 9, (350, 50)), ("00002", np.nan, (350, 50)))
    found = counted(two.assign(population=[40.0, np.nan]), villages=half)
    assert found.communes.table["population"].isna().to_list() == [False, True]
    assert figures(found.province) == [40]
    assert float(found.raster.sum()) == pytest.approx(40)
    assert found.communes.table["population_source"].isna().to_list() == [False, True]
    assert found.province.table[["population_declared", "population_source"]].isna().all(axis=None)


def test_figure_of_villages_needs_every_village(villages):
    table = villages(("00001", 9, (0, 0)), ("00001", 1, (0, 0)), ("00002", np.nan, (0, 0)))
    assert village_figures(table).to_dict() == {"00001": 10}


def test_commune_denser_than_any_is_told_with_its_area(counted, communes, box):
    # 0.003 km², as a sliver left over from a redrawn border may be.
    units = communes(box(0, 0, 100, 30), box(200, 0, 400, 300))
    dense = too_dense(counted(units.assign(population=[8382.0, 9.0])))
    assert dense["commune_code"].to_list() == ["00001"]
    assert dense["area_km2"].item() == pytest.approx(0.003, rel=1e-3)
    assert too_dense(counted(units.assign(population=[600.0, 9.0]))).empty


GRID = Grid("EPSG:9209", 100.0, 500_000.0, 2_501_000.0, 12, 10)


@st.composite
def shapes(draw):
    """Draw hulls that may overlap, be slivers, smaller than a pixel, or on the grid's edge."""
    size = draw(st.sampled_from([0.5, 20.0, 150.0, 900.0]))
    x = draw(st.floats(0, 1200 - size))
    y = draw(st.floats(0, 1000 - size))
    thin = draw(st.sampled_from([1e-6, 0.01, 1.0]))
    corners = draw(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=6))
    hull = shapely.MultiPoint(
        [(500_000 + x + size * u, 2_500_000 + y + thin * size * v) for u, v in corners]
    ).convex_hull
    return (
        hull if hull.geom_type == "Polygon" else shapely.box(500_000, 2_500_000, 500_001, 2_500_001)
    )


@given(
    polygons=st.lists(shapes(), min_size=1, max_size=6),
    seed=st.integers(0, 2**32 - 1),
    radius=st.sampled_from([0.0, 60.0, 250.0]),
    districts=st.integers(1, 3),
)
@settings(max_examples=40)
def test_nobody_is_lost_or_made_up_between_figures_pixels_units_and_gaps(
    polygons, seed, radius, districts
):
    rng = np.random.default_rng(seed)
    count = len(polygons)
    communes = gpd.GeoDataFrame(
        {
            "commune_code": [f"{i:05d}" for i in range(count)],
            "name": "C",
            "district_code": [f"{i % districts:03d}" for i in range(count)],
            "district": "D",
            "population": rng.integers(0, 10_000, count).astype(float),
        },
        geometry=polygons,
        crs=GRID.crs,
    )
    # Villages anywhere, of these communes and of one that is not there.
    owner = rng.integers(0, count + 1, 8)
    villages = gpd.GeoDataFrame(
        {
            "village_id": [str(i) for i in range(8)],
            "commune_code": [f"{i:05d}" for i in owner],
            "population": np.where(rng.random(8) < 0.2, np.nan, rng.integers(0, 900, 8)),
        },
        geometry=gpd.points_from_xy(
            500_000 + rng.uniform(-50, 1250, 8), 2_500_000 + rng.uniform(-50, 1050, 8)
        ),
        crs=GRID.crs,
    )
    found = count_residents(
        communes, GRID, population=None, villages=villages, village_radius_m=radius
    )
    by_villages = village_figures(villages)
    expected = communes["commune_code"].map(by_villages).fillna(communes["population"])
    table = found.communes.table
    np.testing.assert_allclose(table["population"], expected, rtol=1e-9, atol=1e-9)
    everyone = expected.sum()
    for total in (
        found.raster.sum().item(),
        found.districts.table["population"].sum(),
        found.province.table["population"].item(),
    ):
        assert total == pytest.approx(everyone, rel=1e-9, abs=1e-9)
    unknown = villages["commune_code"] == f"{count:05d}"
    assert found.uncounted == villages["population"][unknown].sum()

    margin = GRID.wrap(rng.normal(size=GRID.shape), "margin_db")
    covered = coverage_by_unit(
        found,
        {"s": margin},
        probabilities={"s": (margin >= 0) * 1.0},
        mean_error_db=0.0,
        centres=communes.representative_point(),
        villages=None,
    )
    for level in (covered.communes, covered.districts, covered.province):
        assert (level["covered_population_s"] <= level["population"] * (1 + 1e-12)).all()
        assert level["covered_population_s"].sum() == pytest.approx(
            np.where(margin >= 0, found.raster, 0.0).sum(), rel=1e-9, abs=1e-9
        )
    listed = gaps(
        margin, found, service="s", smallest_population=5.0, join_distance_m=0.0, villages=None
    )
    missed = everyone - covered.province["covered_population_s"].item()
    assert listed.table["population"].sum() + listed.unlisted_population == pytest.approx(
        missed, rel=1e-9, abs=1e-6
    )


@given(polygons=st.lists(shapes(), min_size=1, max_size=6), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_nobody_of_a_raster_counts_twice_in_the_province_or_is_left_untold(polygons, seed):
    people = GRID.wrap(np.random.default_rng(seed).random(GRID.shape) * 40, "population")
    communes = gpd.GeoDataFrame(
        {"commune_code": [f"{i:05d}" for i in range(len(polygons))], "name": "C",
         "district_code": "024", "district": "D"},
        geometry=polygons,
        crs=GRID.crs,
    )  # fmt: skip
    found = count_residents(
        communes,
        GRID,
        population=Population(people, outside=3.0),
        villages=None,
        village_radius_m=250.0,
    )
    province = found.province.table["population"].item()
    assert province <= people.sum().item() + 1e-6
    # exactextract keeps shares of pixels to seven digits.
    assert province <= found.communes.table["population"].sum() * (1 + 1e-6) + 1e-3
    assert province + found.uncounted == pytest.approx(people.sum().item() + 3, rel=1e-9)
