"""Building entry loss against values worked out from its coefficients."""

import math

import pytest

from phusong.errors import ModelRangeError
from phusong.radio.p2109 import building_entry_loss_db


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


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("frequency_mhz", 79.0), ("probability", 0.0), ("probability", 1.0), ("elevation_deg", 91.0)],
)
def test_outside_the_ranges_it_refuses(quantity, value):
    link = {"frequency_mhz": 900.0, "probability": 0.5, "elevation_deg": 0.0, quantity: value}
    with pytest.raises(ModelRangeError, match=f"p2109 holds for {quantity} from"):
        building_entry_loss_db(building="traditional", **link)
