"""Clutter loss against published values; more of them beside the checkout."""

import csv

import pytest

from phusong.errors import ModelRangeError
from phusong.radio.p2108 import height_gain_loss_db, terrestrial_loss_db

# ITU-R Study Group 3's own workbook for P.2108-1, one decimal: 1.5 GHz, 2 m, streets of 27 m.
WORKBOOK = [(10.0, "2b", 16.0), (4.0, "2b", 6.9), (15.0, "2a", 24.5), (20.0, "2a", 27.1)]


def height_gain(**changed):
    usual = {"frequency_mhz": 1500.0, "antenna_height_m": 2.0, "clutter_height_m": 10.0}
    return height_gain_loss_db(**({**usual, "equation": "2a"} | changed))


@pytest.mark.parametrize(("clutter_height_m", "equation", "expected"), WORKBOOK)
def test_height_gain_is_that_of_the_study_groups_workbook(clutter_height_m, equation, expected):
    found = height_gain(clutter_height_m=clutter_height_m, equation=equation)
    assert found == pytest.approx(expected, abs=0.05)


# NTIA's test data for P.2108-1 (tolerance 0.1 dB as in its own tests).
@pytest.mark.parametrize(("probability", "expected"), [(0.5, 17.4), (0.01, 3.9), (0.99, 30.9)])
def test_terrestrial_loss_is_ntias(probability, expected):
    found = terrestrial_loss_db(frequency_mhz=500.0, distance_m=250.0, probability=probability)
    assert float(found) == pytest.approx(expected, abs=0.1)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_vector_of_section_3_1(published):
    cases = rows(published("reference/p2108/section_3_1.csv"))
    assert cases
    for case in cases:
        given = {
            "frequency_mhz": 1000 * float(case["frequency_ghz"]),
            "antenna_height_m": float(case["height_m"]),
            "clutter_height_m": float(case["clutter_height_m"]),
            "equation": case["equation"],
            "street_width_m": float(case["street_width_m"]),
        }
        if case["valid"] == "0":
            with pytest.raises(ModelRangeError):
                height_gain_loss_db(**given)
        else:
            tolerance_db = float(case["tolerance_db"])
            expected = pytest.approx(float(case["loss_db"]), abs=tolerance_db)
            assert height_gain_loss_db(**given) == expected, case


def test_every_vector_of_section_3_2(published):
    cases = rows(published("reference/p2108/section_3_2.csv"))
    assert cases
    for case in cases:
        given = {
            "frequency_mhz": 1000 * float(case["frequency_ghz"]),
            "distance_m": 1000 * float(case["distance_km"]),
            "probability": float(case["location_percent"]) / 100,
        }
        if case["valid"] == "0":
            with pytest.raises(ModelRangeError):
                terrestrial_loss_db(**given)
        else:
            tolerance_db = float(case["tolerance_db"])
            expected = pytest.approx(float(case["loss_db"]), abs=tolerance_db)
            assert float(terrestrial_loss_db(**given)) == expected, case


def test_an_antenna_at_the_top_of_the_clutter_loses_nothing():
    assert height_gain(antenna_height_m=10.0) == 0.0
    assert height_gain(antenna_height_m=30.0) == 0.0


@pytest.mark.parametrize(
    ("changed", "quantity"),
    [
        ({"frequency_mhz": 29.0}, "frequency_mhz"),
        ({"frequency_mhz": 3001.0}, "frequency_mhz"),
        ({"antenna_height_m": 0.0}, "antenna_height_m"),
        ({"clutter_height_m": 0.0}, "clutter_height_m"),
        ({"street_width_m": 0.0}, "street_width_m"),
    ],
)
def test_height_gain_refuses_what_lies_outside_its_ranges(changed, quantity):
    with pytest.raises(ModelRangeError, match=quantity):
        height_gain(**changed)


@pytest.mark.parametrize(
    ("changed", "quantity"),
    [
        ({"frequency_mhz": 499.0}, "frequency_mhz"),
        ({"distance_m": [5000.0, 249.0]}, "distance_m"),
        ({"probability": 0.0}, "probability"),
        ({"probability": 1.0}, "probability"),
    ],
)
def test_terrestrial_loss_refuses_what_lies_outside_its_ranges(changed, quantity):
    with pytest.raises(ModelRangeError, match=quantity):
        terrestrial_loss_db(**({"frequency_mhz": 900.0, "distance_m": 1000.0} | changed))
