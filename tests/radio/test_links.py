"""Margins and reference-signal power against the figures planners know by heart."""

import pytest

from phusong.errors import ModelRangeError
from phusong.radio import (
    allowance_db,
    indoor_allowance_db,
    reference_eirp_dbm,
    rs_power_dbm,
)


@pytest.mark.parametrize(
    ("probability", "margin"), [(0.5, 0), (0.9, 10.3), (0.95, 13.2), (0.98, 16.4)]
)
def test_location_margin_of_8_db_deviation(probability, margin):
    found = allowance_db(
        location_probability=probability, location_sd_db=8, body_loss_db=0, enclosure_loss_db=0
    )
    assert found == pytest.approx(margin, abs=0.05)


def test_body_and_building_losses_add_up():
    found = allowance_db(
        location_probability=0.5, location_sd_db=8, body_loss_db=3, enclosure_loss_db=10
    )
    assert found == pytest.approx(13)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_has_no_margin(probability):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        allowance_db(
            location_probability=probability, location_sd_db=8, body_loss_db=0, enclosure_loss_db=0
        )


def test_reference_signal_power_of_lte_carriers():
    assert rs_power_dbm(46, 50) == pytest.approx(18.2, abs=0.05)
    assert rs_power_dbm(46, 100) == pytest.approx(15.2, abs=0.05)


LINK = {"power_dbm": 43.0, "feeder_loss_db": 2.0, "antenna_gain_dbi": 17.0}


@pytest.mark.parametrize(
    ("technology", "share", "eirp"),
    [
        ("2G", {}, 58.0),
        ("3G", {"pilot_power_share": 0.1}, 48.0),
        ("4G", {"resource_blocks": 50}, 58.0 - 27.78),
        ("5G", {"resource_blocks": 273}, 58.0 - 35.15),
    ],
)
def test_eirp_of_the_reference_signal_of_each_technology(technology, share, eirp):
    assert reference_eirp_dbm(technology, **LINK, **share) == pytest.approx(eirp, abs=0.01)


@pytest.mark.parametrize(
    ("technology", "needs"), [("3G", "pilot_power_share"), ("4G", "resource_blocks")]
)
def test_carrier_without_its_share_gives_no_eirp(technology, needs):
    with pytest.raises(ValueError, match=f"{technology} needs {needs}"):
        reference_eirp_dbm(technology, **LINK)


INDOORS = {"location_probability": 0.9, "body_loss_db": 3.0, "building": "traditional"}


def test_indoors_the_body_adds_to_what_buildings_and_locations_take():
    with_body = indoor_allowance_db(900.0, location_sd_db=8.0, **INDOORS)
    without = indoor_allowance_db(900.0, location_sd_db=8.0, **{**INDOORS, "body_loss_db": 0.0})
    assert with_body - without == pytest.approx(3)


def test_indoors_a_frequency_without_entry_loss_is_refused():
    with pytest.raises(ModelRangeError, match="p2109 holds for frequency_mhz from 80"):
        indoor_allowance_db(50.0, location_sd_db=8.0, **INDOORS)
