"""The rule by which clutter at the ends goes together with what terrain takes."""

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.grid import Grid
from phusong.i18n import Bilingual
from phusong.radio import (
    CLUTTER_RULES,
    ESA_WORLDCOVER,
    ClutterClass,
    LandCover,
    Link,
    Refractivity,
    ServiceRule,
    Settings,
    _clutter_kernels,
    clutter_loss_db,
    inspect_path,
    masts,
    model,
    predict,
)
from phusong.radio.clutter import OPEN, RURAL, TREES, share_of_clutter
from phusong.radio.p2108 import height_gain_loss_db, terrestrial_loss_db

LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks/measured.py"
loss = st.floats(0.0, 80.0)
way = st.floats(90.0, 15_000.0)
height = st.floats(0.5, 40.0)
carrier = st.sampled_from([415.0, 900.0, 1800.0, 3700.0])


def land(height_m, equation="2a"):
    return ClutterClass(title=Bilingual("a", "a"), height_m=height_m, equation=equation)


def added(terrain_db, *, distance_m=5000.0, link=LINK, receiver=RURAL, **more):
    return float(clutter_loss_db(100.0 + terrain_db, 100.0, distance_m, link, receiver=receiver,
                                 **more))  # fmt: skip


def test_in_sight_a_phone_among_houses_loses_the_median_of_p2108():
    expected = float(terrestrial_loss_db(frequency_mhz=900.0, distance_m=5000.0))
    assert added(0.0) == pytest.approx(expected, abs=1e-12)


def test_terrain_and_clutter_go_together_as_the_sides_of_a_right_angle():
    clutter = added(0.0)
    assert 30.0 + added(30.0) == pytest.approx((900.0 + clutter**2) ** 0.5, abs=1e-12)


@pytest.mark.parametrize("rule", CLUTTER_RULES)
def test_open_land_takes_nothing_by_any_rule(rule):
    assert added(12.0, receiver=OPEN, rule=rule) == 0.0


@given(loss, way, carrier)
def test_clutter_takes_between_nothing_and_all_of_p2108(terrain_db, distance_m, frequency_mhz):
    link = Link(frequency_mhz=frequency_mhz, transmitter_height_m=30.0, receiver_height_m=1.5)
    most = added(0.0, distance_m=distance_m, link=link)
    found = added(terrain_db, distance_m=distance_m, link=link)
    assert 0.0 <= found <= most + 1e-9
    # together at least the larger of the two, at most their sum
    assert terrain_db + found >= max(terrain_db, most) - 1e-9


@given(loss, loss, way)
def test_more_terrain_never_means_less_loss(one, other, distance_m):
    less, more = sorted((one, other))
    assert less + added(less, distance_m=distance_m) <= (
        more + added(more, distance_m=distance_m) + 1e-9
    )


@given(height, height, st.floats(0.0, 30.0), carrier, st.sampled_from(["2a", "2b"]))
def test_a_higher_antenna_loses_no_more_and_taller_clutter_takes_no_less(
    one, other, top, frequency_mhz, equation
):
    low, high = sorted((one, other))
    link = Link(frequency_mhz=frequency_mhz, transmitter_height_m=30.0, receiver_height_m=1.5)
    assert share_of_clutter(link, high, land(top, equation)) <= share_of_clutter(
        link, low, land(top, equation)
    )
    assert share_of_clutter(link, low, land(top, equation)) <= share_of_clutter(
        link, low, land(top + 5.0, equation)
    )


@given(height)
def test_the_share_falls_to_nothing_at_the_top_without_a_step(top):
    assert share_of_clutter(LINK, top, land(top)) == 0.0
    assert share_of_clutter(LINK, top - 1e-6, land(top)) < 0.06


def test_a_low_mast_among_trees_adds_to_the_phone_as_a_square():
    mast = Link(frequency_mhz=900.0, transmitter_height_m=3.0, receiver_height_m=1.5)
    both = added(0.0, link=mast, transmitter=TREES)
    share = share_of_clutter(mast, 3.0, TREES)
    assert both == pytest.approx(added(0.0) * (1 + share**2) ** 0.5, abs=1e-9)


def test_a_mast_above_the_trees_loses_nothing():
    assert added(0.0, transmitter=TREES) == added(0.0)


def test_the_sum_is_section_3_1_at_the_receiver_whatever_terrain_takes():
    expected = height_gain_loss_db(
        frequency_mhz=900.0, antenna_height_m=1.5, clutter_height_m=15.0, equation="2a"
    )
    for terrain_db in (0.0, 40.0):
        found = added(terrain_db, receiver=TREES, transmitter=TREES, rule="sum")
        assert found == pytest.approx(expected, abs=1e-12)


def test_a_loss_below_free_space_counts_as_no_terrain():
    assert added(-3.0) == added(0.0)


def test_beyond_the_ranges_of_p2108_the_nearest_value_is_taken():
    tetra = Link(frequency_mhz=390.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    at_500 = Link(frequency_mhz=500.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    assert added(0.0, link=tetra) == added(0.0, link=at_500)
    highest, above = (
        Link(frequency_mhz=mhz, transmitter_height_m=30.0, receiver_height_m=1.5)
        for mhz in (67_000.0, 100_000.0)
    )
    assert added(0.0, link=above) == added(0.0, link=highest)
    assert added(0.0, distance_m=90.0) == added(0.0, distance_m=250.0)
    nr = Link(frequency_mhz=3700.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    assert added(0.0, link=nr, rule="sum") == pytest.approx(
        height_gain_loss_db(
            frequency_mhz=3000.0, antenna_height_m=1.5, clutter_height_m=10.0, equation="2a"
        )
    )


def test_many_receivers_are_answered_at_once():
    found = clutter_loss_db(
        np.array([100.0, 130.0]), np.array([100.0, 101.0]), [500.0, 9000.0], LINK, receiver=RURAL
    )
    assert found.shape == (2,)
    assert found[1] == added(29.0, distance_m=9000.0)


def test_worldcover_has_all_eleven_classes():
    assert sorted(ESA_WORLDCOVER) == [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]
    assert ESA_WORLDCOVER[80] is OPEN
    assert [code for code, each in ESA_WORLDCOVER.items() if each.lived_in] == [50]


def test_three_measured_places_are_met_within_8_9_db_by_one_rule_and_one_table(published):
    # the rule's own trial had 8.9 dB; nothing is fitted to a place
    folder = published("reference/measured/README.md").parent
    spec = importlib.util.spec_from_file_location("measured", BENCHMARK)
    measured = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measured)
    squares = []
    for name, paths, _ in measured.sets_of(folder, measured.STEP_M):
        if name in {"somerset_415", "beirut_868", "lora_rural"}:
            errors = [path.loss_db - measured.CHOSEN.loss_db(path) for path in paths]
            squares.append(np.mean(np.square(errors)))
    assert len(squares) == 3
    assert np.sqrt(np.mean(squares)) <= 8.9


class TestOverTheGrid:
    """What the sweep adds to its tiles is what the formula adds to each path."""

    grid = Grid("EPSG:9209", 90.0, 450_000.0, 2_520_000.0, width=60, height=40)
    classes = (OPEN, RURAL, TREES)

    @pytest.fixture
    def ground(self):
        along = np.linspace(0, 1, self.grid.width)
        ridge = 300 * np.exp(-(((along - 0.55) / 0.05) ** 2)) + 40 * np.sin(9 * along)
        return self.grid.wrap(np.tile(ridge.astype("float32"), (self.grid.height, 1)), "terrain")

    @pytest.fixture
    def cover(self):
        index = np.random.default_rng(4).integers(0, 3, self.grid.shape).astype("uint8")
        return LandCover(index=self.grid.wrap(index, "land"), classes=self.classes)

    def cell(self, height_m):
        return gpd.GeoDataFrame(
            {"site_id": ["S"], "station_id": ["S"], "cell_id": ["S"], "operator": ["a"],
             "technology": ["4G"], "frequency_mhz": [900.0], "antenna_height_m": [height_m],
             "rs_eirp_dbm": [35.0], "antenna": ["omni"]},
            geometry=gpd.points_from_xy([450_700.0], [2_518_300.0]), crs="EPSG:9209",
        )  # fmt: skip

    def level(self, ground, cover, rule="combined", name="p1812", height_m=30.0, step_m=None,
              **more):  # fmt: skip
        return predict(
            self.cell(height_m), ground,
            [ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=0.0)],
            settings=Settings(
                model=model(name), radius_m=6000.0, receiver_height_m=1.5, clutter_rule=rule,
                profile_step_m=step_m,
            ),
            refractivity=Refractivity(), land_cover=cover, **more,
        ).services["4g"].level_dbm.to_numpy()  # fmt: skip

    @pytest.mark.parametrize("rule", ["combined", "sum"])
    @pytest.mark.parametrize("height_m", [30.0, 6.0])
    def test_every_pixel_is_that_of_the_path_inspector(self, ground, cover, rule, height_m):
        levels = self.level(ground, cover, rule, height_m=height_m)
        settings = Settings(
            model=model("p1812"), radius_m=6000.0, receiver_height_m=1.5, clutter_rule=rule
        )
        for row, column in ((5, 20), (20, 12), (30, 35), (10, 50), (19, 9), (38, 58)):
            place = float(self.grid.x_m[column]), float(self.grid.y_m[row])
            path = inspect_path(
                self.cell(height_m), ground,
                [ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=0.0)],
                to_m=place, settings=settings, refractivity=Refractivity(), land_cover=cover,
            )  # fmt: skip
            assert levels[row, column] == pytest.approx(path.level_dbm, abs=2e-4)
            land = self.classes[int(cover.index[row, column])]
            told = [term.name for term in path.terms]
            assert ("clutter" in told) == (land is not OPEN or (height_m == 6.0 and rule != "sum"))

    def test_open_land_and_no_land_cover_are_one_number(self, ground, cover):
        nowhere = LandCover(index=cover.index * np.uint8(0), classes=self.classes)
        bare = self.level(ground, None)
        np.testing.assert_array_equal(self.level(ground, nowhere), bare)
        np.testing.assert_array_equal(self.level(ground, cover, "none"), bare)
        assert (self.level(ground, cover) <= bare).all()

    def test_models_that_hold_their_clutter_get_nothing_more(self, ground, cover):
        bare = self.level(ground, None, name="okumura_hata")
        np.testing.assert_array_equal(self.level(ground, cover, name="okumura_hata"), bare)

    def test_heights_stand_for_the_land_where_there_is_no_land_cover(self, ground, cover):
        heights = self.grid.wrap(
            np.array([0.0, 10.0, 15.0], "float32")[cover.index.to_numpy()], "clutter"
        )
        told = LandCover.of_heights(heights)
        assert told.classes[15].height_m == 15.0
        np.testing.assert_array_equal(self.level(ground, told), self.level(ground, cover))

    @pytest.mark.parametrize("given", ["heights", "land cover"])
    def test_clutter_everywhere_on_flat_land_does_not_depend_on_the_profiles_step(self, given):
        flat = self.grid.wrap(np.zeros(self.grid.shape, "float32"), "terrain")
        everywhere = self.grid.wrap(np.full(self.grid.shape, 10.0, "float32"), "clutter")
        heights, cover = everywhere, None
        if given == "land cover":
            heights, cover = None, LandCover.of_heights(everywhere)
        fine, usual, coarse = (
            self.level(flat, cover, step_m=step_m, clutter_m=heights)
            for step_m in (10.0, 30.0, 90.0)
        )
        for other in (fine, coarse):
            assert np.nanmax(abs(other - usual)) < 0.1

    @pytest.mark.kernels
    def test_compiled_and_plain_loops_agree(self, ground, cover, monkeypatch):
        fast = self.level(ground, cover)
        monkeypatch.setattr(masts, "add_combined", _clutter_kernels.add_combined.py_func)
        np.testing.assert_array_equal(self.level(ground, cover), fast)


@pytest.mark.parametrize("depression_deg", [0.0, 0.5, -3.0, 16.9, 17.5, 60.0])
def test_the_slant_costs_what_its_length_says(depression_deg):
    expected = -20 * np.log10(np.cos(np.radians(depression_deg)))
    assert _clutter_kernels.slant_db(depression_deg) == pytest.approx(expected, abs=2e-5)
