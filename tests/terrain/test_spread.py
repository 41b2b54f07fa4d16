"""Without a population raster, people live around their village, or all over their commune."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from phusong.errors import InputError
from phusong.terrain import spread_population

CRS = "EPSG:9209"
CODES = ["00001", "00002"]


@pytest.fixture
def communes():
    """Return two communes of 15 pixels each, west and east, of 30 and 8 people."""
    return gpd.GeoDataFrame(
        {"commune_code": CODES, "name": ["Một", "Hai"], "population": [30.0, 8.0]},
        geometry=[
            shapely.box(500_000, 2_500_000, 500_300, 2_500_500),
            shapely.box(500_300, 2_500_000, 500_600, 2_500_500),
        ],
        crs=CRS,
    )


def villages(*rows):
    return gpd.GeoDataFrame(
        {"commune_code": [row[0] for row in rows], "population": [row[1] for row in rows]},
        geometry=[shapely.Point(500_000 + x, 2_500_000 + y) for _, _, x, y in rows],
        crs=CRS,
    )


def test_communes_without_villages_are_filled_evenly(grid, communes):
    found = spread_population(grid, communes, None, village_radius_m=150.0)
    assert found.origin == "communes"
    assert found.spread_evenly == ("00001", "00002")
    np.testing.assert_allclose(found.people[0], [2.0] * 3 + [8 / 15] * 3)
    assert found.people.sum() == pytest.approx(38)


def test_people_of_a_village_stay_near_it_and_inside_its_commune(grid, communes):
    found = spread_population(
        grid, communes, villages(("00001", 8.0, 250, 250), ("00002", 6.0, 550, 450)),
        village_radius_m=110.0,
    )  # fmt: skip
    expected = np.zeros((5, 6))
    for place in [(2, 2), (1, 2), (3, 2), (2, 1)]:  # the pixel east of it is the other commune's
        expected[place] = 2
    for place in [(0, 5), (0, 4), (1, 5)]:
        expected[place] = 2
    np.testing.assert_allclose(found.people, expected)
    assert (found.origin, found.spread_evenly, found.outside) == ("villages", (), 0.0)


def test_village_smaller_than_a_pixel_lives_in_its_own(grid, communes):
    found = spread_population(
        grid, communes, villages(("00001", 5.0, 205, 205), ("00002", 1.0, 350, 50)),
        village_radius_m=10.0,
    )  # fmt: skip
    assert found.people.to_numpy()[2, 2] == 5


def test_commune_with_an_uncounted_village_is_filled_evenly_by_its_own_figure(grid, communes):
    found = spread_population(
        grid,
        communes,
        villages(("00001", 9.0, 250, 250), ("00001", np.nan, 50, 50), ("00002", 8.0, 450, 250)),
        village_radius_m=110.0,
    )
    assert found.spread_evenly == ("00001",)
    np.testing.assert_allclose(found.people[:, :3], 2.0)
    assert found.people[:, 3:].sum() == pytest.approx(8)


def test_villages_are_not_rescaled_to_their_commune(grid, communes):
    found = spread_population(
        grid, communes, villages(("00001", 9.0, 150, 250), ("00002", 8.0, 450, 250)),
        village_radius_m=110.0,
    )  # fmt: skip
    assert found.people[:, :3].sum() == pytest.approx(9)


@pytest.mark.parametrize("place", [(550, 250), (-5_000, 250)])
def test_village_far_from_its_own_commune_is_spread_over_the_whole_of_it(grid, communes, place):
    found = spread_population(
        grid, communes, villages(("00001", 15.0, *place), ("00002", 8.0, 450, 250)),
        village_radius_m=110.0,
    )  # fmt: skip
    np.testing.assert_allclose(found.people[:, :3], 1.0)
    assert found.outside == 0


def test_commune_smaller_than_a_pixel_keeps_its_people(grid, communes):
    tiny = communes.set_geometry(
        [shapely.box(500_010, 2_500_010, 500_020, 2_500_020), communes.geometry[1]]
    )
    found = spread_population(grid, tiny, None, village_radius_m=150.0)
    assert found.people.to_numpy()[4, 0] == 30


def test_commune_off_the_grid_is_reported(grid, communes):
    moved = communes.set_geometry([communes.geometry[0], shapely.box(0, 0, 100, 100)])
    found = spread_population(grid, moved, None, village_radius_m=150.0)
    assert (found.people.sum(), found.outside) == (pytest.approx(30), 8)


def test_nobody_known_anywhere_is_refused(grid, communes):
    with pytest.raises(InputError, match="no population raster"):
        spread_population(grid, communes.assign(population=np.nan), None, village_radius_m=150.0)


def test_every_commune_without_a_figure_is_named(grid, communes):
    with pytest.raises(
        InputError, match=r"column population: Commune Hai \(00002\) has no"
    ) as caught:
        spread_population(
            grid, communes.assign(population=[30.0, np.nan]), None, village_radius_m=150.0
        )
    assert len(caught.value.problems) == 1
