"""ITM against the numbers of NTIA's own program."""

import json
import lzma
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from phusong.radio.itm import Climate, Itm, ItmWarning, Siting
from phusong.radio.propagation import Link, Profile

HERE = Path(__file__).parent
DOUBLE_PRECISION_DB = 1e-6


def carried(name):
    with lzma.open(HERE / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def setting_of(case):
    """Return model and link; confidence and reliability are situations and time."""
    by_confidence = "confidence_percent" in case
    itm = Itm(
        climate=get_args(Climate)[case["climate"] - 1],
        ground_permittivity=case["epsilon"],
        ground_conductivity_s_m=case["sigma"],
        location_percent=50.0 if by_confidence else case["location_percent"],
        situation_percent=case["confidence_percent" if by_confidence else "situation_percent"],
        variability=case["mdvar"],
    )
    link = Link(
        frequency_mhz=case["frequency_mhz"],
        transmitter_height_m=case["h_tx_m"],
        receiver_height_m=case["h_rx_m"],
        time_percent=case["reliability_percent" if by_confidence else "time_percent"],
        polarization="vertical" if case["pol"] else "horizontal",
        n0=case["N_0"],
    )
    return itm, link


def over(heights, step_m, itm, link):
    height_m = np.array(heights, dtype=np.float64)
    profile = Profile(
        distance_m=np.arange(height_m.size) * step_m,
        height_m=height_m,
        clutter_m=np.zeros(height_m.size),
    )
    return itm.path_terms(profile, link)


def assert_case(case, terms):
    expected = case["intermediate"]
    assert terms.loss_db == pytest.approx(case["computed_loss_db"], abs=DOUBLE_PRECISION_DB)
    assert terms.warnings == ItmWarning(case["warning_flags"])
    assert terms.mode == expected["mode"]
    assert terms.reference_db == pytest.approx(expected["A_ref_db"], abs=1e-6)
    assert terms.free_space_db == pytest.approx(expected["A_fs_db"], abs=1e-6)
    assert terms.n_s == pytest.approx(expected["N_s"], abs=1e-6)
    names = ("theta_hzn_tx_rad", "theta_hzn_rx_rad", "d_hzn_tx_m", "d_hzn_rx_m")
    names += ("h_e_tx_m", "h_e_rx_m", "delta_h_m")
    for name, found in zip(names, terms.geometry, strict=True):
        assert found == pytest.approx(expected[name], rel=1e-9, abs=1e-9), name


@pytest.mark.kernels
@pytest.mark.parametrize("case", carried("itm/paths"), ids=lambda case: case["id"])
def test_published_paths(case):
    terms = over(case["heights_m"], case["step_m"], *setting_of(case))
    assert_case(case, terms)
    rounding = 0.005 if case["id"].startswith("p2p_") else 0.05
    assert terms.loss_db == pytest.approx(case["published_loss_db"], abs=rounding + 1e-9)


@pytest.mark.kernels
@pytest.mark.parametrize("case", carried("itm/areas"), ids=lambda case: case["id"])
def test_published_areas(case):
    itm, link = setting_of(case)
    terms = itm.area_terms(
        link,
        distance_m=case["distance_km"] * 1000,
        irregularity_m=case["delta_h_m"],
        transmitter_siting=get_args(Siting)[case["tx_siting"]],
        receiver_siting=get_args(Siting)[case["rx_siting"]],
    )
    assert_case(case, terms)
    assert terms.loss_db == pytest.approx(case["published_loss_db"], abs=0.05 + 1e-9)


def test_mountain_paths():
    terrain = {case["id"]: case["heights_m"] for case in carried("p1812/mountains")}
    cases = carried("itm/mountains")
    assert len(cases) == 300
    for case in cases:
        assert_case(case, over(terrain[case["terrain"]], case["step_m"], *setting_of(case)))
