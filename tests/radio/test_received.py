"""What single places receive of one operator: the level of the rasters, without the rasters."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from phusong.grid import Grid
from phusong.radio import (
    P1812,
    Refractivity,
    ServiceRule,
    Settings,
    inspect_path,
    plan_prediction,
    predict,
    received_at,
)
from phusong.radio.clutter import far_clutter_db

CRS = "EPSG:9209"
GRID = Grid(CRS, 90.0, 500_000.0, 2_509_000.0, 60, 60)
RULES = [
    ServiceRule("all", ("4G", "2G"), (), {"4G": -115.0, "2G": -98.0}, 10.0),
    ServiceRule("viettel", ("4G",), ("Viettel",), {"4G": -115.0}, 10.0),
]


def cells():
    table = gpd.GeoDataFrame(
        {"cell_id": ["V1", "V2", "P1", "P2"], "operator": ["Viettel"] * 2 + ["VinaPhone"] * 2,
         "technology": ["4G", "4G", "4G", "2G"], "frequency_mhz": [1850.0, 1850.0, 1850.0, 940.0],
         "antenna_height_m": [30.0, 45.0, 30.0, 30.0], "rs_eirp_dbm": [25.0, 25.0, 25.0, 45.0],
         "azimuth_deg": [0.0, 200.0, np.nan, np.nan], "tilt_deg": 2.0},
        geometry=gpd.points_from_xy(
            [502_000.0, 504_000.0, 502_000.0, 502_000.0], [2_506_000.0] * 4
        ), crs=CRS,
    )  # fmt: skip
    table["site_id"] = table["station_id"] = table["cell_id"]
    return table


def given(**options):
    noise = gaussian_filter(np.random.default_rng(2).normal(size=GRID.shape), 4)
    trees = np.random.default_rng(4).choice([0.0, 12.0], GRID.shape).astype(np.float32)
    settings = Settings(
        model=P1812(), radius_m=3000.0, receiver_height_m=1.5, profile_step_m=90.0, **options
    )
    return {
        "height_m": GRID.wrap((400 + 3000 * noise).astype(np.float32), "terrain"),
        "settings": settings, "refractivity": Refractivity(),
        "clutter_m": GRID.wrap(trees, "clutter"),
    }  # fmt: skip


def asked(n=60, **columns):
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {"x_m": random.uniform(500_000, 505_400, n), "y_m": random.uniform(2_503_600, 2_509_000, n),
         "operator": "Viettel", "technology": "4G", **columns}
    )  # fmt: skip


def at(raster, places):
    row, column, _ = GRID.index(places["x_m"], places["y_m"])
    return raster.to_numpy()[row, column]


@pytest.mark.parametrize("calibrated", [False, True])
def test_levels_are_those_of_the_rasters_of_the_operator_alone(calibrated, corrections):
    more = {"corrections": corrections} if calibrated else {}
    conditions, places = given(mean_error_db=4.0, **more), asked()
    plan = plan_prediction(cells(), conditions.pop("height_m"), RULES, **conditions)
    found = received_at(plan, places)
    signal = predict(cells(), given()["height_m"], RULES, **conditions).services["viettel"]
    heard = at(signal.best_server, places) >= 0
    assert heard.sum() > 20
    # Best server by margin is the strongest where all cells need the same.
    assert (found["cell"] == at(signal.best_server, places))[heard].all()
    level = found["level_dbm"].to_numpy()[heard]
    assert level == pytest.approx(at(signal.level_dbm, places)[heard], abs=1e-3)


@pytest.mark.parametrize("calibrated", [False, True])
def test_what_a_level_is_made_of_is_that_of_the_inspected_path(calibrated, corrections):
    more = {"corrections": corrections} if calibrated else {}
    conditions, places = given(**more), asked(20, operator="VinaPhone")
    height = conditions.pop("height_m")
    found = received_at(plan_prediction(cells(), height, RULES, **conditions), places)
    assert set(found["cell"]) <= {-1, 2}
    for place, one in zip(places.itertuples(), found.itertuples(), strict=True):
        if one.cell < 0:
            continue
        path = inspect_path(
            cells().iloc[[2]], height, RULES, to_m=(place.x_m, place.y_m), **conditions
        )
        terms = {term.name: term.db for term in path.terms}
        clutter = terms.pop("clutter", 0.0) + terms.pop("calibration", 0.0)
        assert one.level_dbm == pytest.approx(path.level_dbm, abs=1e-2)
        assert one.open_level_dbm == pytest.approx(path.level_dbm + clutter, abs=1e-2)
        assert one.free_level_dbm == pytest.approx(
            path.eirp_dbm - path.antenna_db - terms["free_space"], abs=0.1
        )
        assert one.terrain_db == pytest.approx(
            max(one.free_level_dbm - one.open_level_dbm, 0.0), abs=1e-2
        )
        assert one.in_sight == (path.obstacle is None)
        assert one.distance_m == path.distance_m


def test_a_known_cell_or_band_is_the_one_measured_and_a_strange_cell_is_passed_over():
    conditions = given()
    plan = plan_prediction(cells(), conditions.pop("height_m"), RULES, **conditions)
    here = {"x_m": 502_500.0, "y_m": 2_507_000.0}
    places = pd.DataFrame(
        [
            {**here, "operator": "Viettel", "technology": "4G", "cell_id": "V2"},
            {**here, "operator": "Viettel", "technology": "4G", "cell_id": "310-26"},
            {**here, "operator": "VinaPhone", "technology": "4G", "frequency_mhz": 1800.0},
            {**here, "operator": "VinaPhone", "technology": "4G", "frequency_mhz": 900.0},
            {**here, "operator": "VinaPhone", "technology": "2G"},
            {**here, "operator": "Gmobile", "technology": "4G"},
            {**here, "operator": "VinaPhone", "technology": "2G", "x_m": 600_000.0},
        ]
    )
    assert received_at(plan, places)["cell"].tolist() == [1, 0, 2, -1, 3, -1, -1]


def test_clutter_stands_beside_the_level_and_only_where_there_is_land():
    conditions = given()
    height = conditions.pop("height_m")
    plan = plan_prediction(cells(), height, RULES, **conditions)
    found = received_at(plan, asked())
    link = plan.conditions.link(next(iter(plan.sites[0].placed))[1])
    trees = plan.conditions.terrain.classes[12]
    heard = found["cell"] >= 0
    assert set(found["land"]) == {0, 12}
    least_db = far_clutter_db(link, receiver=trees)
    assert found["clutter_db"][heard & (found["land"] == 12)].min() >= least_db - 1e-6 > 20
    conditions["clutter_m"] = None
    bare = received_at(plan_prediction(cells(), height, RULES, **conditions), asked())
    assert (bare["clutter_db"][bare["cell"] >= 0] == 0).all()
    assert (bare["land"] == -1).all()


@pytest.mark.parametrize("radius_m", [1500.0, 1530.0, 1560.0])
def test_a_place_whose_pixel_lies_beyond_the_radius_hears_nothing(radius_m):
    conditions = given()
    conditions["settings"] = replace(conditions["settings"], radius_m=radius_m)
    plan = plan_prediction(cells().iloc[:1], conditions.pop("height_m"), RULES, **conditions)
    bearing = np.radians(np.arange(0.0, 360.0, 0.5))
    places = pd.DataFrame(
        {"x_m": 502_000.0 + (radius_m - 1.0) * np.sin(bearing),
         "y_m": 2_506_000.0 + (radius_m - 1.0) * np.cos(bearing),
         "operator": "Viettel", "technology": "4G"}
    )  # fmt: skip
    row, column, _ = GRID.index(places["x_m"], places["y_m"])
    away_m = np.hypot(
        500_000.0 + 90.0 * (column + 0.5) - 502_000.0,
        2_509_000.0 - 90.0 * (row + 0.5) - 2_506_000.0,
    )
    heard = received_at(plan, places)["cell"].to_numpy() >= 0
    assert 0 < heard.sum() < len(places)
    assert not heard[away_m > radius_m + 1.0].any()
    assert heard[away_m < radius_m - 1.0].all()
