"""Margins and reference-signal power against the figures planners know by heart."""

import pytest

from phusong.radio import allowance_db, rs_power_dbm


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
