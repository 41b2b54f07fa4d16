"""Ranges of models: their limits belong to them, and a fault says what was asked."""

import math

import pytest

from phusong.errors import ModelRangeError
from phusong.radio import Link, Refractivity
from phusong.radio.models import MODELS, model
from phusong.radio.propagation import require_range


@pytest.mark.parametrize("value", [30.0, 31.0, 99.9, 100.0])
def test_a_range_holds_its_limits(value):
    require_range("m", "height_m", value, 30.0, 100.0, "m")


@pytest.mark.parametrize("value", [29.999, 100.001, math.nan, math.inf, -math.inf])
def test_beyond_a_range_it_is_refused_with_value_and_range(value):
    with pytest.raises(ModelRangeError) as caught:
        require_range("m", "height_m", value, 30.0, 100.0, "m")
    assert caught.value.values == {
        "model": "m", "quantity": "height_m", "value": value, "minimum": 30.0,
        "maximum": 100.0, "unit": "m",
    }  # fmt: skip


def link(**changes):
    return Link(**{
        "frequency_mhz": 900.0, "transmitter_height_m": 40.0, "receiver_height_m": 1.5, **changes
    })  # fmt: skip


# The frequencies of the sources: P.1812-8, P.525, P.529, the reports of COST 231 and of ITM, and
# 3GPP 38.901.
FREQUENCIES = {
    "p1812": (30, 6000),
    "free_space": (30, 100_000),
    "okumura_hata": (150, 1500),
    "cost231_hata": (1500, 2000),
    "itm": (20, 20_000),
}


@pytest.mark.parametrize("name", sorted(FREQUENCIES))
def test_models_hold_from_the_lowest_frequency_to_the_highest_and_not_a_hertz_beyond(name):
    asked, (lowest, highest) = model(name), FREQUENCIES[name]
    asked.check(link(frequency_mhz=float(lowest)))
    asked.check(link(frequency_mhz=float(highest)))
    for beyond in (lowest - 1e-6, highest + 1e-6):
        with pytest.raises(ModelRangeError, match=f"{name} holds for frequency_mhz from"):
            asked.check(link(frequency_mhz=beyond))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_holds_for_a_mobile_cell(name):
    lowest, _ = FREQUENCIES.get(name, (0, 0))
    model(name).check(link(frequency_mhz=max(900.0, lowest)))


def test_a_link_stands_in_the_usual_air():
    assert (link().delta_n_per_km, link().n0) == (Refractivity().delta_n_per_km, Refractivity().n0)
    assert Refractivity() == Refractivity(delta_n_per_km=45.0, n0=325.0)
