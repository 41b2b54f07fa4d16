"""One path by P.1812: ranges, profiles, and values that can be worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from phusong.errors import ModelRangeError
from phusong.radio._p1812_terms import knife_edge_db, quantile, time_weight
from phusong.radio.p1812 import P1812, basic_transmission_loss, location_sd_db, path_terms
from phusong.radio.propagation import Link, Profile, PropagationModel

pytestmark = pytest.mark.kernels

LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)


def profile(heights, *, step_m=100.0, clutter=0.0, zone=None):
    heights = np.asarray(heights, dtype=np.float64)
    return Profile(
        distance_m=np.arange(heights.size) * step_m,
        height_m=heights,
        clutter_m=np.full(heights.size, clutter),
        zone=None if zone is None else np.asarray(zone, dtype=np.int8),
    )


def ridge(height_m, *, points=101, at=50):
    heights = np.zeros(points)
    heights[at] = height_m
    return profile(heights)


def test_it_is_a_propagation_model():
    assert isinstance(P1812(), PropagationModel)
    assert P1812().name == "p1812"


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ("frequency_mhz", 29.9),
        ("frequency_mhz", 6001.0),
        ("frequency_mhz", math.nan),
        ("transmitter_height_m", 0.5),
        ("receiver_height_m", 3001.0),
        ("time_percent", 0.9),
        ("time_percent", 50.1),
        ("latitude_deg", 91.0),
        ("delta_n_per_km", 157.0),
        ("n0", 100.0),
    ],
)
def test_a_link_outside_the_ranges_is_refused_by_name(quantity, value):
    with pytest.raises(ModelRangeError, match=f"p1812 holds for {quantity} from"):
        basic_transmission_loss(ridge(50.0), replace(LINK, **{quantity: value}))


def test_locations_outside_1_to_99_percent_are_refused():
    with pytest.raises(ModelRangeError, match="location_percent from 1 to 99"):
        basic_transmission_loss(ridge(50.0), LINK, location_percent=99.5, sd_db=5.0)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (profile([0.0]), "at least two profile points"),
        (replace(ridge(0.0), clutter_m=np.zeros(100)), "each with distance, height"),
        (replace(ridge(0.0), distance_m=np.arange(101.0) + 1), "start at 0 and rise"),
        (replace(ridge(0.0), distance_m=np.zeros(101)), "start at 0 and rise"),
        (replace(ridge(0.0), height_m=np.full(101, np.nan)), "finite heights"),
        (replace(ridge(0.0), clutter_m=np.full(101, -1.0)), "clutter of 0 or more"),
        (replace(ridge(0.0), zone=np.full(101, 2, np.int8)), "zones 1 .sea., 3"),
    ],
)
def test_a_broken_profile_is_refused(broken, message):
    with pytest.raises(ModelRangeError, match=message):
        basic_transmission_loss(broken, LINK)


def test_two_points_are_free_space():
    loss = basic_transmission_loss(profile([0.0, 28.5], step_m=1000.0), LINK)
    assert loss == pytest.approx(92.4 + 20 * math.log10(0.9), abs=1e-12)


def test_two_points_for_one_percent_of_the_time_gain_the_enhancement():
    near = profile([0.0, 28.5], step_m=10_000.0)
    gain = basic_transmission_loss(near, LINK) - basic_transmission_loss(
        near, replace(LINK, time_percent=1.0)
    )
    assert gain == pytest.approx(2.6 * (1 - math.exp(-1)) * math.log10(50), abs=1e-12)


def test_a_grazed_edge_costs_six_decibels():
    assert knife_edge_db(0.0) == pytest.approx(6.03, abs=0.01)
    assert knife_edge_db(-0.78) == 0.0


def test_a_single_ridge_is_a_knife_edge_with_the_bullington_addition():
    terms = path_terms(ridge(200.0), LINK)
    # 5 km from both ends, over the earth's bulge and the straight line
    bulge = 500 / terms.ae_km * 5 * 5
    nu = (200 + bulge - (30 + 1.5) / 2) * math.sqrt(0.002 * 10 / (0.2998 / 0.9 * 5 * 5))
    edge = knife_edge_db(nu)
    expected = edge + (1 - math.exp(-edge / 6)) * 10.2
    assert terms.lbulla_50_db == pytest.approx(expected, abs=1e-9)
    assert (terms.dlt_km, terms.dlr_km) == (5.0, 5.0)


def test_the_same_path_backwards_is_diffracted_alike():
    heights = np.array([0.0, 10, 80, 30, 0, 140, 20, 0, 60, 0])
    there = path_terms(profile(heights), replace(LINK, receiver_height_m=30.0))
    back = path_terms(profile(heights[::-1]), replace(LINK, receiver_height_m=30.0))
    assert there.ld50_db == pytest.approx(back.ld50_db, abs=1e-9)


def test_polarization_matters_over_smooth_sea_only():
    sea = profile(np.zeros(81), step_m=500.0, zone=np.full(81, 1))
    horizontal = replace(LINK, polarization="horizontal", frequency_mhz=100.0)
    vertical = replace(horizontal, polarization="vertical")
    along = [path_terms(sea, link).ldsph_50_db for link in (vertical, horizontal)]
    assert along[0] < along[1] - 1
    assert basic_transmission_loss(ridge(400.0), vertical) == pytest.approx(
        basic_transmission_loss(ridge(400.0), horizontal), abs=1e-9
    )


@pytest.mark.parametrize("points", [1, 4, 40])
def test_smooth_ground_loses_what_land_and_sea_lose_by_their_shares(points):
    link = replace(LINK, frequency_mhz=100.0)
    zone = np.full(81, 4)
    zone[40 : 40 + points] = 1
    land, sea, both = (
        path_terms(profile(np.zeros(81), step_m=500.0, zone=each), link)
        for each in (np.full(81, 4), np.full(81, 1), zone)
    )
    share = points / 80
    assert both.omega == pytest.approx(share)
    assert land.ldsph_50_db > sea.ldsph_50_db + 1
    expected = (1 - share) * land.ldsph_50_db + share * sea.ldsph_50_db
    assert both.ldsph_50_db == pytest.approx(expected)


def test_clutter_on_the_terminals_takes_no_part():
    bare, covered = ridge(100.0), ridge(100.0)
    covered.clutter_m[[0, -1]] = 50.0
    assert basic_transmission_loss(bare, LINK) == basic_transmission_loss(covered, LINK)


def test_rarer_loss_is_smaller():
    path = profile(np.zeros(301), step_m=300.0)
    losses = [
        basic_transmission_loss(path, replace(LINK, time_percent=percent))
        for percent in (1.0, 10.0, 30.0, 50.0)
    ]
    assert losses == sorted(losses)
    assert losses[0] < losses[-1] - 20


def test_coast_distances_follow_from_the_zones():
    # land at 0 and 1 km, sea from 2 to 8 km, coast at 9 and 10 km: each point stands for
    # half the way to its neighbours
    zone = [4, 4, *[1] * 7, 3, 3]
    terms = path_terms(profile(np.zeros(11), step_m=1000.0, zone=zone), LINK)
    assert (terms.dct_km, terms.dcr_km) == (1.5, 1.5)
    assert terms.omega == pytest.approx(0.7)
    assert (terms.dtm_km, terms.dlm_km) == (1.5, 1.5)


def test_coast_distances_may_be_given():
    zone = [4, 4, *[1] * 18, 3]
    path = profile(np.zeros(21), step_m=3000.0, zone=zone)
    link = replace(LINK, time_percent=1.0)
    near = path_terms(path, link, coast_distances_km=(0.1, 0.1))
    far = path_terms(path, link, coast_distances_km=(500.0, 500.0))
    assert near.lba_db < far.lba_db
    assert (far.dct_km, far.dcr_km) == (500.0, 500.0)


def test_land_everywhere_is_far_from_any_coast():
    terms = path_terms(ridge(0.0), LINK)
    assert terms.omega == 0.0
    assert (terms.dtm_km, terms.dlm_km) == pytest.approx((10.0, 10.0))
    assert (terms.dct_km, terms.dcr_km) == (10.0, 10.0)


def test_terms_of_the_second_radius_are_absent_at_half_of_the_time():
    terms = path_terms(ridge(50.0), LINK)
    assert math.isnan(terms.ldb_db)
    assert terms.ldp_db == terms.ld50_db


def test_more_locations_cost_the_quantile_times_the_deviation():
    path = ridge(300.0)
    half = basic_transmission_loss(path, LINK, sd_db=5.0)
    most = basic_transmission_loss(path, LINK, location_percent=90.0, sd_db=5.0)
    assert most - half == pytest.approx(5 * 1.2816, abs=0.003)  # the approximation of I


def test_few_locations_never_beat_free_space():
    path = profile(np.zeros(11))
    loss = basic_transmission_loss(path, LINK, location_percent=1.0, sd_db=10.0)
    assert loss == path_terms(path, LINK).lb0p_db


def test_no_location_variability_at_sea():
    assert (
        location_sd_db(
            frequency_mhz=900.0,
            area_side_m=90.0,
            receiver_height_m=1.5,
            receiver_clutter_m=0.0,
            at_sea=True,
        )
        == 0.0
    )


def test_quantile_is_odd_around_one_half():
    for x in (0.01, 0.1, 0.3):
        assert quantile(x) == -quantile(1 - x)
    assert abs(quantile(0.5)) < 1e-8


def test_time_weight_is_one_up_to_b0_and_nothing_at_half_of_the_time():
    assert time_weight(5.0, 20.0) == 1.0
    assert time_weight(50.0, 20.0) == pytest.approx(0.0, abs=1e-8)
