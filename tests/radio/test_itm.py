"""ITM behind the model interface: ranges, strains, rays."""

import math
from dataclasses import replace

import numpy as np
import pytest

from phusong.errors import ModelRangeError
from phusong.radio._itm_kernels import (
    DIFFRACTION,
    TROPOSCATTER,
    _height_gain,
    _two_rays,
    _warnings,
    reference_attenuation,
)
from phusong.radio._itm_terrain import Geometry, Ground
from phusong.radio.itm import Itm, ItmWarning
from phusong.radio.propagation import Link, Profile, PropagationModel, Radials

pytestmark = pytest.mark.kernels

LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)


def profile(heights, *, step_m=100.0):
    heights = np.asarray(heights, dtype=np.float64)
    return Profile(
        distance_m=np.arange(heights.size) * step_m,
        height_m=heights,
        clutter_m=np.zeros(heights.size),
    )


def test_it_is_a_propagation_model():
    assert isinstance(Itm(), PropagationModel)
    assert (Itm.name, Itm.includes_clutter) == ("itm", False)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("frequency_mhz", 19.0), ("receiver_height_m", 0.4), ("n0", 249.0), ("time_percent", 0.0)],
)
def test_a_link_outside_the_ranges_is_refused_by_name(quantity, value):
    with pytest.raises(ModelRangeError, match=f"itm holds for {quantity} from"):
        Itm().loss_db(profile(np.zeros(20)), replace(LINK, **{quantity: value}))


def test_an_unknown_mode_of_variability_is_refused():
    with pytest.raises(ModelRangeError, match="itm holds for variability from"):
        Itm(variability=14).check(LINK)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (profile([0.0]), "at least two profile points"),
        (replace(profile(np.zeros(4)), distance_m=np.array([0.0, 1, 2, 4])), "equal steps"),
        (replace(profile(np.zeros(3)), distance_m=np.zeros(3)), "equal steps"),
        (profile([0.0, np.nan, 0.0]), "finite heights"),
    ],
)
def test_a_broken_profile_is_refused(broken, message):
    with pytest.raises(ModelRangeError, match=message):
        Itm().loss_db(broken, LINK)


def test_a_ridge_costs_more_than_a_plain():
    ridge = np.zeros(101)
    ridge[50] = 200.0
    plain, hidden = Itm().loss_db(profile(np.zeros(101)), LINK), Itm().loss_db(profile(ridge), LINK)
    assert hidden > plain + 10


def test_strains_are_named():
    terms = Itm().path_terms(profile([0.0, 300.0, 0.0, 0.0], step_m=200.0), LINK)
    assert terms.warnings == (
        ItmWarning.NEARER_THAN_1_KM
        | ItmWarning.TRANSMITTER_HORIZON_STEEP
        | ItmWarning.RECEIVER_HORIZON_STEEP
        | ItmWarning.TRANSMITTER_HORIZON_CLOSE
        | ItmWarning.RECEIVER_HORIZON_CLOSE
    )


@pytest.mark.parametrize(("distance_km", "long"), [(1000, False), (1001, True), (2000, True)])
def test_a_way_beyond_1000_km_is_named(distance_km, long):
    terms = Itm().area_terms(
        LINK, distance_m=distance_km * 1000.0, irregularity_m=90.0,
        transmitter_siting="careful", receiver_siting="careful",
    )  # fmt: skip
    assert (ItmWarning.BEYOND_1000_KM in terms.warnings) is long


@pytest.mark.parametrize(("distance_km", "long"), [(2000, False), (2010, True)])
def test_a_profile_beyond_2000_km_is_named(distance_km, long):
    terms = Itm().path_terms(profile(np.zeros(distance_km // 10 + 1), step_m=10_000.0), LINK)
    assert (ItmWarning.BEYOND_2000_KM in terms.warnings) is long


def test_where_the_curve_in_sight_would_fall_it_is_the_logarithm_alone():
    low = Link(
        frequency_mhz=100.0, transmitter_height_m=0.5, receiver_height_m=0.5,
        polarization="horizontal", n0=301.0,
    )  # fmt: skip

    def terms(distance_m):
        return Itm().area_terms(
            low, distance_m=distance_m, irregularity_m=90.0,
            transmitter_siting="very_careful", receiver_siting="very_careful",
        )  # fmt: skip

    beyond = [terms(20_000.0), terms(25_000.0)]
    assert [each.mode for each in beyond] == ["diffraction"] * 2
    slope = (beyond[1].reference_db - beyond[0].reference_db) / 5000
    base = beyond[0].reference_db - slope * 20_000
    g, medium = beyond[0].geometry, Itm()._medium(low, 0.0)
    smooth_m = sum(math.sqrt(2 * height_m / medium.curvature) for height_m in (g.he_t, g.he_r))
    near_m = 0.04 * low.frequency_mhz * g.he_t * g.he_r
    near_db = _two_rays(near_m, low.frequency_mhz, g, medium, slope, base, smooth_m)
    smooth_db = base + slope * smooth_m
    # From the two rays near by to the diffraction at the smooth-earth horizons.
    for distance_m in (near_m, 300.0, 3000.0, 0.999 * smooth_m):
        share = math.log(distance_m / near_m) / math.log(smooth_m / near_m)
        assert terms(distance_m).mode == "line_of_sight"
        assert terms(distance_m).reference_db == pytest.approx(
            near_db + share * (smooth_db - near_db), abs=1e-6
        )


def test_ground_too_high_for_the_air_of_the_model():
    with pytest.raises(ModelRangeError, match="from 150 to 400"):
        Itm().loss_db(profile(np.full(20, 8000.0)), LINK)


def test_rays_equal_single_paths():
    height_m = np.random.default_rng(5).normal(0, 25, (3, 90)).cumsum(axis=1)
    height_m[1, 40] = np.nan
    height_m[2] += 20_000.0  # no air left
    rays = Radials(step_m=90.0, height_m=height_m)
    loss = Itm().loss_along_radials_db(rays, LINK)
    assert np.isnan(loss[:, 0]).all()
    assert np.isnan(loss[1, 40:]).all()
    assert np.isnan(loss[2]).all()
    for ray, receivers in ((0, range(1, 90)), (1, range(1, 40))):
        for k in receivers:
            path = profile(height_m[ray, : k + 1], step_m=90.0)
            assert loss[ray, k] == Itm().loss_db(path, LINK)


def test_only_wanted_points_are_computed():
    rng = np.random.default_rng(4)
    height_m = rng.normal(0, 25, (4, 70)).cumsum(axis=1)
    wanted = rng.random((4, 70)) < 0.5
    every = Itm().loss_along_radials_db(Radials(step_m=90.0, height_m=height_m), LINK)
    some = Itm().loss_along_radials_db(Radials(step_m=90.0, height_m=height_m, wanted=wanted), LINK)
    np.testing.assert_array_equal(some, np.where(wanted, every, np.nan))


@pytest.mark.parametrize(("x", "gain_db"), [(0.5, -117.0), (1.02, 17.372 * math.log(1.02) - 117.0)])
def test_a_height_gain_near_the_ground_is_never_below_its_floor(x, gain_db):
    assert _height_gain(x, 1e-6) == pytest.approx(gain_db, abs=1e-9)


def test_horizons_far_beyond_those_of_a_smooth_earth_are_named_beside_what_else_strains():
    ground = Geometry(
        theta_t=0.3, theta_r=-0.3, d_t=31e3, d_r=31e3, he_t=10.0, he_r=10.0, delta_h=90.0
    )
    assert ItmWarning(_warnings(70e3, ground, 300.0, 10e3, 10e3)) == (
        ItmWarning.TRANSMITTER_HORIZON_STEEP
        | ItmWarning.RECEIVER_HORIZON_STEEP
        | ItmWarning.TRANSMITTER_HORIZON_FAR
        | ItmWarning.RECEIVER_HORIZON_FAR
    )


def test_scatter_takes_over_no_nearer_than_a_width_of_diffraction_behind_the_horizons():
    # Steep horizons, behind which scatter would be the stronger at once.
    ground = Geometry(
        theta_t=0.07, theta_r=0.09, d_t=17e3, d_r=7e3, he_t=13.0, he_r=3.0, delta_h=10.0
    )
    air = Ground(curvature=1.2e-7, impedance=0.18 + 0.07j, n_s=364.0)
    f_mhz = 900.0
    width_m = (1 / (air.curvature**2 * f_mhz)) ** (1 / 3)
    begin_m = 24e3 + 1.088 * width_m * math.log(f_mhz)
    modes = [
        reference_attenuation(begin_m + step, f_mhz, 13.0, 3.0, ground, air, True)[1]
        for step in (-1.0, 1.0)
    ]
    assert modes == [DIFFRACTION, TROPOSCATTER]
