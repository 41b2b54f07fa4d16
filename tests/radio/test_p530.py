"""Outage of hops against another implementation, and what must hold whatever the figures."""

import math

import numpy as np
import pytest

from phusong.radio import (
    HopClimate,
    fade_margin_db,
    multipath_outage_percent,
    rain_attenuation_db,
    rain_outage_percent,
)

RAIN = {"tilt_deg": 90, "rain_rate_mm_h": 95.0}
HILLS = HopClimate(
    rain_rate_mm_h=83.0, gradient_n_per_km=-191.2018, roughness_m=450.04, latitude_deg=22.8
)
PLAIN = HopClimate(
    rain_rate_mm_h=83.0, gradient_n_per_km=-400.0, roughness_m=10.0, latitude_deg=22.8
)


def test_deep_fades_of_the_worst_month_are_those_of_itur():
    # itur 0.4.0, multipath_loss_for_A(22.8, 105, 1200, 900, 20, 7, 30): P.530-17, its own maps.
    found = multipath_outage_percent(
        30, distance_km=20, frequency_ghz=7.0, heights_m=(1200, 900), climate=HILLS,
        average_year=False,
    )  # fmt: skip
    assert float(found) == pytest.approx(1.1659924e-05, rel=1e-6)


# itur 0.4.0, rain_attenuation: km, GHz, dB at 1, 0.1, 0.01 and 0.001 %.
@pytest.mark.parametrize(
    ("km", "ghz", "expected"),
    [
        (5, 7.0, [0.427854, 1.444960, 3.796434, 7.759895]),
        (15, 7.0, [0.863641, 2.916709, 7.663253, 15.663657]),
        (30, 7.0, [1.283216, 4.333710, 11.386227, 23.273400]),
    ],
)
def test_rain_is_that_of_itur_and_its_inverse_leads_back(km, ghz, expected):
    hop = {"distance_km": km, "frequency_ghz": ghz, **RAIN}
    percent = np.array([1, 0.1, 0.01, 0.001])
    found = rain_attenuation_db(percent, **hop)
    assert found == pytest.approx(expected, rel=1e-5)
    back = rain_outage_percent(found * (1 + 1e-12), **hop)
    assert back == pytest.approx(percent, rel=1e-6)


def test_rain_beyond_what_the_method_knows_is_no_promise():
    hop = {"distance_km": 15, "frequency_ghz": 7.0, **RAIN}
    found = rain_outage_percent([0.5, -3.0, 99.0], **hop)
    assert np.isnan(found[:2]).all()
    assert found[2] == 0.001


def test_a_very_short_way_through_rain_counts_at_most_two_and_a_half_times():
    found = rain_attenuation_db(0.01, distance_km=0.1, frequency_ghz=18.0, **RAIN)
    gamma = 0.07707612 * 95**1.00250468
    c0 = 0.12 + 0.4 * 0.8 * math.log10(1.8)
    c1 = 0.07**c0 * 0.12 ** (1 - c0)
    rest = 1 - c0
    power = 0.855 * c0 + 0.546 * rest - 2 * (0.139 * c0 + 0.043 * rest)
    assert float(found) == pytest.approx(gamma * 0.25 * c1 * 10 ** (2 * power), rel=1e-6)


@pytest.mark.parametrize("average_year", [False, True])
def test_a_deeper_margin_is_exceeded_less_and_shallow_meets_deep(average_year):
    margins = np.arange(0.0, 50.0, 0.05)
    found = multipath_outage_percent(
        margins, distance_km=40, frequency_ghz=7.0, heights_m=(12, 90), climate=PLAIN,
        average_year=average_year,
    )  # fmt: skip
    steps = np.diff(np.log(found))
    assert (steps < 0).all()
    assert np.abs(np.diff(steps[1:])).max() < 0.05, "no jump where the two methods meet"
    assert found[0] == pytest.approx(100 * (1 - math.exp(-1)))


def test_the_year_has_less_than_its_worst_month_and_short_hops_have_none():
    hop = {"frequency_ghz": 7.0, "heights_m": (12, 90), "climate": PLAIN}
    month, year = (
        multipath_outage_percent([30, 30], distance_km=[40, 4.9], average_year=each, **hop)
        for each in (False, True)
    )
    assert month[1] == year[1] == 0
    # ΔG by hand: 10.5 - 5.6 log(1.1 + |cos 45.6°|^0.7) - 2.7 log 40 + 1.7 log(1 + 78/40)
    delta = 10.5 - 5.6 * math.log10(1.1 + math.cos(math.radians(45.6)) ** 0.7)
    delta += -2.7 * math.log10(40) + 1.7 * math.log10(1 + 78 / 40)
    assert 10 * math.log10(month[0] / year[0]) == pytest.approx(delta, abs=1e-6)


def test_twice_the_way_takes_six_decibels_of_the_margin():
    near, far = fade_margin_db(
        [10, 20], frequency_ghz=7.0, power_dbm=24, gain_dbi=70, losses_db=2, threshold_dbm=-72
    )
    assert near - far == pytest.approx(6.0206, abs=1e-4)
    assert near == pytest.approx(24 + 70 - 2 + 72 - (92.45 + 20 * math.log10(70)), abs=0.01)
