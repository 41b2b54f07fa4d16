"""What lines cost on ground whose slope is known."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from phusong.errors import NetworkError
from phusong.fibre import maintenance_vnd
from phusong.fibre.prices import check_prices, cost_vnd, price_per_km
from phusong.grid import Grid

GRID = Grid.covering((0, 0, 3000, 1000), resolution_m=50, crs="EPSG:9209")
PRICES = pd.DataFrame(
    {
        "deployment": ["aboveGround", "aboveGround", "belowGround"],
        "slope_from_deg": [25.0, 0.0, 0.0],
        "price_vnd_per_km": [100e6, 50e6, 300e6],
    }
)


def test_a_maintenance_below_zero_is_refused_and_none_is_no_figure():
    with pytest.raises(NetworkError, match="Maintenance must be 0 or more"):
        check_prices(PRICES.assign(maintenance_vnd_per_km_year=[1e6, -1.0, 2e6]))
    assert check_prices(PRICES)["maintenance_vnd_per_km_year"].isna().all()


def test_maintenance_goes_by_the_deployment_of_each_line_and_by_slope():
    table = PRICES.assign(maintenance_vnd_per_km_year=[4e6, 2e6, np.nan])
    line = LineString([(100, 525), (2900, 525)])
    lines = gpd.GeoDataFrame(geometry=[line] * 3, crs="EPSG:9209").assign(length_m=2800.0)
    laid = pd.Series(["aboveGround", "belowGround", None])
    yearly = maintenance_vnd(lines, table, deployment=laid, elevation=None)
    assert yearly.iloc[0] == 2.8 * 2e6
    assert yearly.iloc[1:].isna().all()
    # Half of the way is steep: 0° to x = 1500, then 45°.
    x = GRID.wrap(np.tile(np.clip(np.arange(GRID.shape[1]) * 50.0 - 1500, 0, None),
                          (GRID.shape[0], 1)), "elevation")  # fmt: skip
    steep = maintenance_vnd(lines, table, deployment=laid, elevation=x).iloc[0]
    assert 2.8 * 2e6 < steep < 2.8 * 4e6
    assert steep == pytest.approx(1.4 * 2e6 + 1.4 * 4e6, rel=0.05)


def cost(*lines, elevation=None, deployment="aboveGround"):
    table = gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs="EPSG:9209")
    found = cost_vnd(
        table.assign(length_m=table.length), PRICES, deployment=deployment, elevation=elevation
    )
    return found.tolist()


def test_without_elevation_all_ground_is_flat():
    assert cost([(0, 500), (900, 500)], [(0, 0), (0, 100)]) == pytest.approx([45e6, 5e6])
    assert cost([(0, 500), (900, 500)], deployment="belowGround") == pytest.approx([270e6])


@pytest.mark.parametrize("axis", ["x", "y"])
@pytest.mark.parametrize("falls", [1, -1])
def test_a_line_is_as_dear_on_a_north_south_slope_as_on_an_east_west_one(axis, falls):
    x, y = np.meshgrid(GRID.x_m, GRID.y_m)
    elevation = GRID.wrap(falls * {"x": x, "y": y}[axis], "elevation")
    lines = [(0, 475), (900, 475)], [(475, 0), (475, 900)]
    assert cost(*lines, elevation=elevation) == pytest.approx([90e6, 90e6])


def test_a_line_half_on_steep_ground_costs_the_mean():
    x, _ = np.meshgrid(GRID.x_m, GRID.y_m)
    # Flat up to the middle of a pixel, 45 degrees beyond it.
    elevation = GRID.wrap(np.maximum(x - 1475.0, 0), "elevation")
    (found,) = cost([(500, 475), (2500, 475)], elevation=elevation)
    # The pixel at the foot is 26.6 degrees steep: 20 flat pixels but one, and 21 steep ones.
    assert found == pytest.approx(2 * (19 * 50e6 + 21 * 100e6) / 40)


def test_a_class_begins_at_its_own_slope_and_unknown_slopes_are_flat():
    slopes = np.array([0.0, 24.999, 25.0, 89.0, np.nan])
    found = price_per_km(check_prices(PRICES), slopes, deployment="aboveGround")
    assert found.tolist() == [50e6, 50e6, 100e6, 100e6, 50e6]


def test_a_checked_table_is_ordered_by_deployment_and_slope():
    found = check_prices(PRICES)[["deployment", "slope_from_deg"]]
    assert found.to_numpy().tolist() == [
        ["aboveGround", 0.0], ["aboveGround", 25.0], ["belowGround", 0.0],
    ]  # fmt: skip
