"""Which cells may serve, and at which level they just do."""

import pytest

from phusong.errors import ModelRangeError
from phusong.radio import ServiceRule
from phusong.radio.antennas import ParabolicAntenna
from phusong.radio.sectors import Sector


def sector(technology="4G", operator="Viettel", frequency_mhz=900.0):
    return Sector(
        row=0, operator=operator, technology=technology, x_m=0.0, y_m=0.0, height_m=30.0,
        frequency_mhz=frequency_mhz, eirp_dbm=35.0, antenna=ParabolicAntenna(azimuth_deg=None),
    )  # fmt: skip


def rule(operators=(), allowance=10.0):
    return ServiceRule("s", ("2G", "4G"), operators, {"2G": -98.0, "4G": -115.0}, allowance)


@pytest.mark.parametrize(
    ("operators", "cell", "admitted"),
    [
        ((), sector(), True),
        ((), sector(technology="5G"), False),
        (("Viettel",), sector(), True),
        (("VinaPhone",), sector(), False),
        (("VinaPhone", "Viettel"), sector(technology="2G"), True),
        (("Viettel",), sector(technology="3G"), False),
    ],
)
def test_a_cell_serves_by_its_technology_and_where_named_its_operator(operators, cell, admitted):
    assert rule(operators).admits(cell) is admitted


def test_the_level_needed_is_the_threshold_of_the_technology_and_the_allowance():
    assert rule().needed_dbm(sector()) == -105.0
    assert rule().needed_dbm(sector(technology="2G")) == -88.0


def test_an_allowance_may_depend_on_the_carrier():
    by_carrier = rule(allowance=lambda frequency_mhz: frequency_mhz / 100)
    assert by_carrier.needed_dbm(sector()) == -106.0
    assert by_carrier.needed_dbm(sector(frequency_mhz=1800.0)) == -97.0


def test_an_allowance_that_does_not_hold_is_passed_on():
    def refuse(frequency_mhz):
        raise ModelRangeError("radio.out_of_range", model="m", quantity="q", value="1",
                              minimum="2", maximum="3", unit="")  # fmt: skip

    with pytest.raises(ModelRangeError):
        rule(allowance=refuse).needed_dbm(sector())
