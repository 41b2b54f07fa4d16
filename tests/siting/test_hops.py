"""Hops that are free or hidden, strong or weak, on ground that can be worked out by hand."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from phusong.fibre import hops_in_sight, low_earth_factor
from phusong.grid import Grid
from phusong.radio import HopClimate, multipath_outage_percent, rain_outage_percent
from phusong.siting import HopRadio, judge_hops

GRID = Grid.covering((0, 0, 31_000, 300), resolution_m=100, crs="EPSG:9209")
CLIMATE = HopClimate(
    rain_rate_mm_h=100.0, gradient_n_per_km=-210.0, roughness_m=50.0, latitude_deg=22.8
)
LOW, HIGH = (
    HopRadio(frequency_ghz=ghz, power_dbm=20.0, dish_m=0.9, threshold_dbm=-72.0, losses_db=4.0,
             tilt_deg=90.0)
    for ghz in (7.0, 23.0)
)  # fmt: skip


def judged(metres, *, height_m=60.0, ground=None, trees=None, radios=(LOW,)):
    hops = gpd.GeoDataFrame(
        {"from_height_m": [height_m], "to_height_m": [height_m]},
        geometry=[LineString([(50, 150), (50 + metres, 150)])],
        crs=GRID.crs,
    )
    flat = np.zeros(GRID.shape)
    return judge_hops(
        hops, GRID.wrap(flat if ground is None else ground, "elevation"),
        clutter_m=None if trees is None else GRID.wrap(trees, "clutter"),
        radios=radios, climate=CLIMATE, earth_factor=4 / 3, fresnel_share=0.6,
    ).iloc[0]  # fmt: skip


def test_a_hop_must_be_free_in_the_air_of_the_worst_month():
    found = judged(30_000, height_m=33.0)
    hops = gpd.GeoDataFrame(
        {"from_height_m": [33.0], "to_height_m": [33.0], "frequency_ghz": [7.0]},
        geometry=[LineString([(50, 150), (30_050, 150)])], crs=GRID.crs,
    )  # fmt: skip
    usual, low = (
        hops_in_sight(
            hops, GRID.wrap(np.zeros(GRID.shape), "z"), earth_factor=each, fresnel_share=0.6
        )["clearance_m"].iloc[0]
        for each in (4 / 3, low_earth_factor(30.0))
    )
    assert usual > 0 > low
    assert found["clearance_m"] == pytest.approx(low)
    assert found["lacks"] == "hidden"
    assert np.isnan(found["availability"])


def test_trees_between_hide_and_trees_at_the_masts_do_not():
    trees = np.zeros(GRID.shape)
    trees[:, [0, 100]] = 200.0
    assert judged(10_000, trees=trees)["lacks"] == ""
    trees[:, 50] = 55.0
    assert judged(10_000, trees=trees)["lacks"] == "hidden"


def test_availability_is_what_rain_and_fading_leave():
    found = judged(15_000)
    margin = float(LOW.margin_db(np.array(15.0)))
    hop = {"distance_km": 15.0, "frequency_ghz": 7.0}
    rain = rain_outage_percent(margin, tilt_deg=90.0, rain_rate_mm_h=100.0, **hop)
    fading = multipath_outage_percent(
        margin, heights_m=(60.0, 60.0), climate=CLIMATE, average_year=True, **hop
    )
    assert found["margin_db"] == pytest.approx(margin)
    assert found["availability"] == pytest.approx(1 - (float(rain) + float(fading)) / 100)
    assert found["fading_percent"] > 0


def test_the_radio_is_the_one_that_works_most_and_too_much_rain_is_told():
    assert judged(15_000, radios=(HIGH, LOW))["frequency_ghz"] == 7.0
    assert judged(15_000, radios=(LOW, HIGH))["frequency_ghz"] == 7.0
    weak = HopRadio(**(HIGH.__dict__ | {"power_dbm": -10.0}))
    found = judged(15_000, radios=(weak,))
    assert found["lacks"] == "weak"
    assert np.isnan(found["availability"])


def test_a_hop_over_unknown_ground_is_not_offered():
    ground = np.zeros(GRID.shape)
    ground[:, 40] = np.nan
    assert judged(10_000, ground=ground)["lacks"] == "no_ground"
