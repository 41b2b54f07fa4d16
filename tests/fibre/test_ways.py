"""A cable of its own from each place: as the extension of that place alone, else straight."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from phusong.errors import CrsMismatchError
from phusong.fibre import CableRules, cable_ways, extend
from phusong.grid import Grid

CRS = "EPSG:9209"
RULES = CableRules(
    snap_tolerance_m=5, longest_m=50_000, longest_drop_m=400, straight_factor=1.0, vnd_per_km=1000.0
)
GRID = Grid.covering((-100, -100, 6100, 6100), resolution_m=100, crs=CRS)


def lines(name, *shapes):
    return gpd.GeoDataFrame(
        {name: [f"{name}{at}" for at in range(len(shapes))]},
        geometry=[LineString(shape) for shape in shapes], crs=CRS,
    )  # fmt: skip


def places(*points):
    return gpd.GeoDataFrame(geometry=[Point(point) for point in points], crs=CRS)


FIBRE = lines("id", [(0, 0), (6000, 0)])


@pytest.mark.parametrize("priced", [False, True])
def test_each_way_is_the_extension_of_its_place_alone(priced):
    rng = np.random.default_rng(3)
    corners = [(1000 * x, 1000 * y) for x in range(7) for y in range(7)]
    roads = lines("road_id", *(
        [(x, y), (x + rng.integers(0, 90), y + 500), (x, y + 1000)] if rng.random() < 0.5 else
        [(x, y), (x + 500, y + rng.integers(0, 90)), (x + 1000, y)]
        for x, y in corners
    ))  # fmt: skip
    asked = places(*rng.uniform(600, 5800, (5, 2)))
    table = pd.DataFrame(
        {"deployment": "aboveGround", "slope_from_deg": [0, 10], "price_vnd_per_km": [60.0, 95.0]}
    )
    hills = GRID.wrap(80 * np.sin(GRID.x_m / 300)[None, :] * np.ones(GRID.shape), "elevation")
    how = {"prices": table, "deployment": "aboveGround", "elevation": hills} if priced else {}
    rules = CableRules(**(RULES.__dict__ | how | ({"vnd_per_km": None} if priced else {})))
    found = cable_ways(asked, FIBRE, roads, rules=rules)
    assert (found["along"] == "road").sum() >= 2
    for at in asked.index:
        alone = extend(asked.loc[[at]], FIBRE, roads, snap_tolerance_m=5, longest_drop_m=400, **how)
        if alone.unreachable:
            assert found.loc[at, "along"] != "road"
            continue
        cost = alone.cost * (1 if priced else 1000)
        assert found.loc[at, "cost_vnd"] == pytest.approx(cost, abs=0.1)
        line = found.geometry[at]
        assert line.length == pytest.approx(found.loc[at, "length_m"], abs=0.1)
        assert line.distance(asked.geometry[at]) < 0.02
        assert line.distance(FIBRE.geometry[0]) < 5


def test_with_roads_a_straight_cable_is_no_longer_than_a_drop():
    road = lines("road_id", [(5000, 3000), (5000, 0)])
    near, far = (cable_ways(places((1000, y)), FIBRE, road, rules=RULES) for y in (400, 401))
    assert near["along"].to_list() == ["straight"]
    assert near["length_m"].to_list() == [400]
    assert far["along"].isna().all()
    assert far["cost_vnd"].isna().all()
    assert far.geometry.isna().all()


def test_without_roads_it_runs_straight_with_its_factor_as_far_as_cable_may():
    rules = CableRules(**(RULES.__dict__ | {"straight_factor": 1.3, "longest_m": 2600}))
    found = cable_ways(places((1000, 2000), (1000, 2001)), FIBRE, None, rules=rules)
    assert found["length_m"].to_list() == pytest.approx([2600, np.nan], nan_ok=True)
    assert found["cost_vnd"].iloc[0] == pytest.approx(2600)


def test_the_straight_pieces_of_a_way_are_longer_by_their_factor():
    road = lines("road_id", [(2000, 3000), (2000, 0)])
    rules = CableRules(**(RULES.__dict__ | {"straight_factor": 1.5}))
    found = cable_ways(places((2200, 2000)), FIBRE, road, rules=rules)
    assert found["length_m"].to_list() == pytest.approx([2000 + 1.5 * 200])


def test_no_fibre_is_no_way_and_another_crs_is_refused():
    found = cable_ways(places((0, 0)), FIBRE.iloc[:0], None, rules=RULES)
    assert found["length_m"].isna().all()
    with pytest.raises(CrsMismatchError, match="spans"):
        cable_ways(places((0, 0)), FIBRE.to_crs("EPSG:4326"), None, rules=RULES)
