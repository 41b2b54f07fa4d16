"""Building entry loss against values worked out from its coefficients."""

import math

import numpy as np
import pytest
from scipy.special import ndtri

from phusong.errors import ModelRangeError
from phusong.radio import p2109
from phusong.radio.p2109 import building_entry_loss_db, indoor_margin_db


def median(building, frequency_mhz=1000.0, elevation_deg=0.0):
    return building_entry_loss_db(
        frequency_mhz=frequency_mhz,
        probability=0.5,
        building=building,
        elevation_deg=elevation_deg,
    )


def test_median_at_1_ghz_is_the_sum_of_the_constant_terms():
    expected = 10 * math.log10(10**2.819 + 10**2.78 + 10**-0.3)
    assert median("thermally_efficient") == pytest.approx(expected, abs=1e-12)


def test_coated_glass_costs_more_than_traditional_walls():
    assert median("thermally_efficient") > median("traditional") + 10


def test_harder_places_lose_more():
    losses = [
        building_entry_loss_db(frequency_mhz=900.0, probability=share, building="traditional")
        for share in (0.1, 0.5, 0.9, 0.95)
    ]
    assert losses == sorted(losses)


def test_paths_from_above_and_below_lose_alike():
    assert median("traditional", elevation_deg=20.0) == median("traditional", elevation_deg=-20.0)
    assert median("traditional", elevation_deg=20.0) > median("traditional")


@pytest.mark.parametrize("elevation_deg", [0.0, 20.0, -45.0, 90.0])
@pytest.mark.parametrize("building", ["traditional", "thermally_efficient"])
def test_median_grows_by_0_212_db_a_degree_of_elevation(building, elevation_deg):
    # At 1 GHz the median is r and 0.212 a degree, the light path w; at half z is 0.
    usual, light = {"traditional": (12.64, 9.1), "thermally_efficient": (28.19, 27.8)}[building]
    usual += 0.212 * abs(elevation_deg)
    expected = 10 * math.log10(10 ** (usual / 10) + 10 ** (light / 10) + 10**-0.3)
    assert median(building, elevation_deg=elevation_deg) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ("frequency_mhz", 80.0), ("frequency_mhz", 100_000.0), ("probability", 0.001),
        ("probability", 0.999), ("elevation_deg", -90.0), ("elevation_deg", 90.0),
    ],
)  # fmt: skip
def test_the_limits_of_the_ranges_belong_to_them(quantity, value):
    link = {"frequency_mhz": 900.0, "probability": 0.5, "elevation_deg": 0.0, quantity: value}
    # The last term alone, 10 log10(10^-0.3), leaves -3 dB.
    assert -3 < building_entry_loss_db(building="traditional", **link) < 100


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("frequency_mhz", 79.0), ("probability", 0.0), ("probability", 1.0), ("elevation_deg", 91.0)],
)
def test_outside_the_ranges_it_refuses(quantity, value):
    link = {"frequency_mhz": 900.0, "probability": 0.5, "elevation_deg": 0.0, quantity: value}
    with pytest.raises(ModelRangeError, match=f"p2109 holds for {quantity} from"):
        building_entry_loss_db(building="traditional", **link)


def margin(sd, probability=0.9, building="traditional", frequency_mhz=1800.0):
    return indoor_margin_db(
        frequency_mhz=frequency_mhz,
        probability=probability,
        building=building,
        location_sd_db=sd,
    )


@pytest.mark.parametrize("probability", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("building", ["traditional", "thermally_efficient"])
def test_without_location_variability_the_margin_is_the_entry_loss(probability, building):
    alone = building_entry_loss_db(frequency_mhz=1800.0, probability=probability, building=building)
    assert margin(0.0, probability, building) == pytest.approx(alone, abs=1e-12)
    assert margin(0.05, probability, building) == pytest.approx(alone, abs=0.02)


@pytest.mark.parametrize("probability", [0.5, 0.9, 0.98])
def test_margin_is_the_quantile_of_drawn_sums(probability):
    rng = np.random.default_rng(2109)
    drawn = 8 * rng.standard_normal(400_000)
    drawn += p2109._loss_db(1800.0, "traditional", rng.standard_normal(400_000))
    # Half a million draws tell a quantile to some hundredths of a dB.
    assert margin(8.0, probability) == pytest.approx(np.quantile(drawn, probability), abs=0.15)


def test_normal_entry_losses_add_their_variance(monkeypatch):
    monkeypatch.setattr(p2109, "_loss_db", lambda frequency, building, normal: 12.0 + 6.0 * normal)
    indoor_margin_db.cache_clear()
    try:
        assert margin(8.0) == pytest.approx(12 + float(ndtri(0.9)) * 10, abs=1e-6)
    finally:
        indoor_margin_db.cache_clear()


def test_both_spreads_together_ask_for_less_than_one_after_the_other():
    apart = margin(0.0) + float(ndtri(0.9)) * 8
    assert margin(0.0) < margin(8.0) < apart
