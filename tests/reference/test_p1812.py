"""P.1812 against the numbers of its reference implementation."""

import json
import lzma
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from phusong.radio.diffraction import Diffraction
from phusong.radio.p1812 import (
    P1812,
    basic_transmission_loss,
    location_sd_db,
    path_terms,
)
from phusong.radio.propagation import Link, Profile, Radials

HERE = Path(__file__).parent / "p1812"
DOUBLE_PRECISION_DB = 1e-7
RUNNING_SUMS_DB = 1e-6
# two profile points tie for the largest nu; the loss does not depend on which is taken
TIED = {"edge_flat_los_even_count"}


def carried(name):
    with lzma.open(HERE / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def spread(values, count, dtype=np.float64):
    return np.broadcast_to(np.asarray(values, dtype=dtype), count).copy()


def path_of(case):
    distance_m = np.array(case["distances_km"]) * 1000
    profile = Profile(
        distance_m=distance_m,
        height_m=np.array(case["heights_m"], dtype=np.float64),
        clutter_m=spread(case["clutter_m"], distance_m.size),
        zone=spread(case["zones"], distance_m.size, np.int8),
    )
    return profile, link_of(case, case["intermediate"]["phi_mid_deg"])


def link_of(case, latitude_deg):
    return Link(
        frequency_mhz=case["frequency_ghz"] * 1000,
        transmitter_height_m=case["htg_m"],
        receiver_height_m=case["hrg_m"],
        time_percent=case["time_percent"],
        polarization=case["polarization"],
        latitude_deg=latitude_deg,
        delta_n_per_km=case["DN_n_per_km"],
        n0=case["N0_n"],
    )


def assert_terms(terms, expected, skip=()):
    assert terms.transhorizon == (expected["path_type"] == "transhorizon")
    for symbol, value in expected.items():
        name = symbol.lower()
        if symbol in ("path_type", "phi_mid_deg") or name in skip:
            continue
        found = getattr(terms, name)
        if np.isnan(found) and (name.endswith("_b_db") or name == "ldb_db"):
            continue  # takes no part at 50 % of the time
        assert found == pytest.approx(value, rel=1e-6, abs=1e-7), symbol


def assert_cases(cases):
    for case in cases:
        profile, link = path_of(case)
        coast = case["dct_km"], case["dcr_km"]
        terms = path_terms(profile, link, coast_distances_km=coast)
        assert terms.lb_db == pytest.approx(case["expected_loss_db"], abs=DOUBLE_PRECISION_DB), (
            case["id"]
        )
        skip = ("dct_km", "dlt_km", "dlr_km") if case["id"] in TIED else ()
        assert_terms(terms, case["intermediate"], skip)


@pytest.mark.parametrize(
    ("name", "count"), [("mountains", 300), ("mixed_zones", 60), ("edges", 28)]
)
def test_every_path_and_every_term_is_the_reference_implementations(name, count):
    cases = carried(name)
    assert len(cases) == count
    assert_cases(cases)


@pytest.mark.parametrize(
    ("time_percent", "loss_db"), [(1.0, 87.0385433), (10.0, 87.30268122), (50.0, 87.48987104)]
)
def test_losses_printed_for_the_first_kilometre_of_a_validation_profile(time_percent, loss_db):
    # b2iseac_rural_land_1km of the validation examples that come with the reference implementation.
    profile = Profile(
        distance_m=np.arange(6) * 200.0,
        height_m=np.array([754.4, 754.4, 729.9, 685.3, 634.3, 610.3]),
        clutter_m=np.full(6, 10.0),
    )
    link = Link(
        frequency_mhz=95.3,
        transmitter_height_m=60.0,
        receiver_height_m=7.0,
        time_percent=time_percent,
        polarization="horizontal",
        latitude_deg=53.1855,
        delta_n_per_km=45.0,
        n0=326.08,
    )
    assert P1812().loss_db(profile, link) == pytest.approx(loss_db, abs=1e-6)


def test_published_validation_profiles(published):
    path = published("reference/p1812/validation_profiles.jsonl")
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(cases) == 63
    assert_cases(cases)


@pytest.mark.parametrize("name", ["mountains", "mixed_zones"])
def test_diffraction_alone_is_the_reference_implementations(name):
    for case in carried(name):
        profile, link = path_of(case)
        # Half of the time, whatever the case's own.
        found = Diffraction().loss_db(profile, replace(link, time_percent=50.0))
        expected = case["intermediate"]["Lbd50_db"]
        assert found == pytest.approx(expected, abs=DOUBLE_PRECISION_DB), case["id"]


def test_loss_at_90_percent_of_locations():
    for case in carried("mountains"):
        profile, link = path_of(case)
        sd = location_sd_db(
            frequency_mhz=link.frequency_mhz,
            area_side_m=100.0,
            receiver_height_m=link.receiver_height_m,
            receiver_clutter_m=profile.clutter_m[-1],
        )
        assert sd == pytest.approx(case["sigma_loc_100m_db"], abs=1e-6)
        loss = basic_transmission_loss(profile, link, location_percent=90.0, sd_db=sd)
        assert loss == pytest.approx(
            case["expected_loss_90_percent_locations_db"], abs=DOUBLE_PRECISION_DB
        )


@pytest.mark.parametrize("case", carried("radials"), ids=lambda case: case["id"])
def test_every_receiver_of_a_ray(case):
    height_m = np.array(case["heights_m"], dtype=np.float64)
    clutter_m = spread(case["clutter_m"], height_m.size)
    step_m = case["step_km"] * 1000
    for j, expected in enumerate(case["expected_loss_db"]):
        end = j + 5  # the first receiver of the file stands on the fifth point
        link = link_of(case, case["latitude_deg"][j])
        rays = Radials(
            step_m=step_m, height_m=height_m[None, :end], clutter_m=clutter_m[None, :end]
        )
        loss = P1812().loss_along_radials_db(rays, link)[0, -1]
        assert loss == pytest.approx(expected, abs=RUNNING_SUMS_DB), end - 1


def test_terms_along_a_ray():
    case = carried("radials")[3]
    height_m = np.array(case["heights_m"], dtype=np.float64)
    for j in range(0, len(case["expected_loss_db"]), 7):
        end = j + 5
        profile = Profile(
            distance_m=np.arange(end) * case["step_km"] * 1000,
            height_m=height_m[:end],
            clutter_m=np.zeros(end),
        )
        terms = path_terms(profile, link_of(case, case["latitude_deg"][j]))
        for symbol in ("dlt_km", "dlr_km", "hm_m", "hstd_m", "hsrd_m", "theta_mrad"):
            assert getattr(terms, symbol) == pytest.approx(case[symbol][j], abs=1e-5), symbol
        for symbol in ("Lbulla_50_db", "Lbulls_50_db", "Ldsph_50_db"):
            found = getattr(terms, symbol.lower())
            assert found == pytest.approx(case[symbol][j], abs=DOUBLE_PRECISION_DB), symbol
