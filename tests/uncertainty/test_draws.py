"""Draws against closed forms, one error at a time; a province of communes worked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from phusong.grid import Grid
from phusong.uncertainty import (
    Contenders,
    Counted,
    ErrorModel,
    MeasuredMasts,
    confident_verdict,
    curves,
    draw,
    shares,
    target_probability,
)

from ..uncompiled import UNCOMPILED

# Random numbers are made by integers that wrap, of which NumPy warns where it computes alone.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar:RuntimeWarning")

GRID = Grid("EPSG:9209", 90.0, 0.0, 9000.0, 100, 100)
DRAWS = 2000 if UNCOMPILED else 8000
NOISE = 4 * 0.5 / np.sqrt(DRAWS)
"""Four standard errors of a probability."""
NOTHING = ErrorModel(
    province_sd_db=0, station_sd_db=0, field_sd_db=0, uncorrelated_sd_db=0, population_sd=0
)
STEP = curves([lambda share: 0.0], [0.0])
"""All places of a pixel are served from a margin of 0 dB on."""


@pytest.fixture
def drawn():
    """Return a function that draws the share of one service in each commune."""

    def _drawn(margins, masts, communes, residents, model, **options):
        ways = options.pop("curves", STEP)
        margins, masts = np.array(margins, np.float32), np.array(masts)
        one = Contenders(
            margin_db=margins, mast=masts, kind=np.zeros_like(masts), curves=ways,
            location_probability=0.9,
        )  # fmt: skip
        people = Counted(
            first=np.searchsorted(communes, np.arange(max(communes) + 2)),
            slot=np.arange(len(communes)),
            weight=np.array(residents, float),
        )
        pixel = options.pop("pixel", 37 * np.arange(len(communes)))
        asked = {"pixel": pixel, "grid": GRID, "draws": DRAWS, "seed": 3} | options
        return draw({"s": one}, {"people": people}, model=model, **asked)["s", "people"]

    return _drawn


@pytest.mark.parametrize(
    ("error", "sd"),
    [
        ({"province_sd_db": 6.0}, 6.0),
        ({"station_sd_db": 5.0}, 5.0),
        ({"field_sd_db": 7.0}, 7.0),
        ({"uncorrelated_sd_db": 2.5}, 2.5),
        # 36 + 25 + 49 + 6.25
        (
            {"province_sd_db": 6.0, "station_sd_db": 5.0, "field_sd_db": 7.0,
             "uncorrelated_sd_db": 2.5},
            116.25**0.5,
        ),
    ],
)  # fmt: skip
def test_pixel_is_served_as_often_as_normal_errors_say(drawn, error, sd):
    margins = np.array([-4.0, 0.5, 3.0])  # a commune each
    masts, communes = np.zeros((3, 1), int), np.arange(3)
    found = drawn(margins[:, None], masts, communes, [50] * 3, replace(NOTHING, **error))
    served = (found.pixels > 0).mean(axis=1)
    assert served == pytest.approx(ndtr(margins / sd), abs=NOISE)
    assert set(np.unique(found.pixels)) <= {0.0, 50.0}
    np.testing.assert_array_equal(found.probability, found.pixels)  # no variability within


def test_mean_error_left_in_the_prediction_is_taken_off(drawn):
    model = replace(NOTHING, province_sd_db=6.0, mean_db=2.0)
    found = drawn([[5.0]], [[0]], [0], [1], model)
    assert (found.pixels > 0).mean() == pytest.approx(ndtr((5 - 2) / 6), abs=NOISE)


@pytest.mark.kernels
def test_variability_within_a_pixel_widens_one_reading_and_shifts_the_other(drawn):
    # With 1.9 dB within the pixel, margin 0 at half of the places, and 6 dB of the province:
    # 90 % of places are served if the error is at least 1.2816 · 1.9 - 1; on average a place
    # is served with Φ(1 / √(36 + 1.9²)).
    ways = curves([lambda share: 1.9 * float(ndtri(share))], [0.0])
    found = drawn([[1.0]], [[0]], [0], [1], replace(NOTHING, province_sd_db=6.0), curves=ways)
    served = (found.pixels > 0).mean()
    assert served == pytest.approx(ndtr((1 - ndtri(0.9) * 1.9) / 6), abs=NOISE)
    assert found.probability.mean() == pytest.approx(ndtr(1 / (36 + 1.9**2) ** 0.5), abs=NOISE)


@pytest.mark.kernels
@pytest.mark.parametrize("margin_db", [1e3, 1e9, np.inf])
def test_a_margin_far_beyond_the_curve_has_its_last_probability(drawn, margin_db):
    # 40 dB within the pixel: even 60 dB above half of the places, 6.68 % are not served.
    ways = curves([lambda share: 40 * float(ndtri(share))], [0.0])
    found = drawn([[margin_db]], [[0]], [0], [1], NOTHING, curves=ways, draws=5)
    assert found.probability[0] == pytest.approx(ways.values[0, -1])
    assert found.probability[0, 0] == pytest.approx(0.9332, abs=1e-4)


@pytest.mark.kernels
def test_best_server_is_found_anew_among_masts(drawn):
    # Two masts of margin 0, each right in half of the draws: one of them in three of four.
    # A third entry of the first mast, with no margin of its own, adds nothing.
    model = replace(NOTHING, station_sd_db=5.0)
    two = drawn([[0.0, 0.0, 0.0]], [[0, 1, 0]], [0], [1], model)
    assert (two.pixels > 0).mean() == pytest.approx(0.75, abs=NOISE)
    one = drawn([[0.0, -np.inf, -np.inf]], [[0, -1, -1]], [0], [1], model)
    assert (one.pixels > 0).mean() == pytest.approx(0.5, abs=NOISE)


@pytest.mark.kernels
def test_province_of_three_communes_worked_by_hand(drawn):
    # Errors of the province alone, sd 6 dB; E is what it adds to every level.
    # 0: one pixel, margin +12, 100 people: served if E ≥ -12.
    # 1: 60 people at +3, 40 at -3: 1 if E ≥ 3, 0.6 if -3 ≤ E < 3, else 0.
    # 2: 30 people whom no mast reaches: 0.
    found = drawn(
        [[12.0], [3.0], [-3.0], [-np.inf]], [[0], [1], [1], [-1]], [0, 1, 1, 2],
        [100, 60, 40, 30], replace(NOTHING, province_sd_db=6.0),
    )  # fmt: skip
    share = shares(found.pixels, found.whole)
    likely = target_probability(share, 0.98)
    assert likely == pytest.approx([ndtr(2), ndtr(-0.5), 0.0], abs=NOISE)
    assert target_probability(share, 0.6)[1] == pytest.approx(ndtr(0.5), abs=NOISE)
    assert confident_verdict(likely, confidence=0.95).tolist() == ["met", "undecided", "missed"]
    # Communes 0 and 1 make a district of 200: 0.8 of it are served if -3 ≤ E < 3.
    district = shares(found.pixels[:2].sum(axis=0), found.whole[:2].sum(axis=0))
    assert (district == pytest.approx(1.0)) == (share[1] == pytest.approx(1.0))
    assert target_probability(district[None], 0.8)[0] == pytest.approx(ndtr(0.5), abs=NOISE)


def test_people_of_a_pixel_in_doubt_are_those_of_the_draw(drawn):
    """A pixel alone, served in some draws: all its people of that draw are, or nobody."""
    model = replace(NOTHING, uncorrelated_sd_db=5.0, population_sd=0.3)
    found = drawn([[1.0]], [[0]], [0], [100.0], model)
    assert found.whole.std() > 10
    served = found.pixels > 0
    assert 0.4 < served.mean() < 0.8
    np.testing.assert_allclose(found.pixels, np.where(served, found.whole, 0.0))
    np.testing.assert_allclose(found.probability, found.pixels)  # of such a curve


@pytest.mark.kernels
def test_residents_err_and_a_share_with_them(drawn):
    # Two pixels far apart with 50 people each, of which one is served: its share is that of two
    # log-normal numbers, half on average, and never beyond 0 to 1.
    model = replace(NOTHING, population_sd=0.3)
    found = drawn([[9.0], [-9.0]], [[0], [0]], [0, 0], [50, 50], model, pixel=np.array([0, 5050]))
    share = shares(found.pixels, found.whole)[0]
    # ln(a/b) is normal with sd √(2 ln 1.09); its logistic is the share.
    normal = np.random.default_rng(0).normal(0, (2 * np.log(1.09)) ** 0.5, 100_000)
    assert np.quantile(share, [0.05, 0.5, 0.95]) == pytest.approx(
        np.quantile(1 / (1 + np.exp(-normal)), [0.05, 0.5, 0.95]), abs=0.01
    )
    assert found.whole.mean() == pytest.approx(100, rel=0.02)


def test_field_is_shared_by_neighbours_and_hardly_by_those_far_away(drawn):
    # Cells of two pixels, 180 m: neighbours at 180 m correlate by exp(-180/450) = 0.67, and two
    # of margin 0 agree with probability 1/2 + asin(0.67)/π = 0.734; at 4.5 km with 0.5.
    model = replace(NOTHING, field_sd_db=7.0)
    found = drawn(
        [[0.0]] * 4, [[0]] * 4, [0, 1, 2, 3], [1] * 4, model, pixel=np.array([0, 1, 2, 50])
    )
    served = found.pixels > 0
    assert (served[0] == served[1]).all()
    agree = 0.5 + np.arcsin(np.exp(-180 / 450)) / np.pi
    assert (served[0] == served[2]).mean() == pytest.approx(agree, abs=NOISE)
    assert (served[0] == served[3]).mean() == pytest.approx(0.5, abs=NOISE)


def test_same_seed_gives_the_same_draws_whatever_the_order_and_what_else_is_asked(drawn):
    asked = [[2.0, 1.0], [-1.0, -3.0]], [[0, 1], [1, 0]], [0, 1], [5, 9], ErrorModel()
    first = drawn(*asked, draws=100)
    backwards = drawn(*asked, draws=100, each=lambda work, items: [work(i) for i in [*items][::-1]])
    fewer, other = drawn(*asked, draws=64), drawn(*asked, draws=100, seed=4)
    for name in ("whole", "pixels", "probability"):
        np.testing.assert_array_equal(getattr(first, name), getattr(backwards, name))
        np.testing.assert_array_equal(getattr(first, name)[:, :64], getattr(fewer, name))
    assert (first.whole != other.whole).all()


def test_draws_are_the_same_on_the_disk_and_some_cells_at_a_time(drawn, monkeypatch):
    random = np.random.default_rng(8)
    asked = (
        random.normal(0, 6, (60, 2)), random.integers(-1, 5, (60, 2)),
        np.repeat(np.arange(12), 5), random.uniform(1, 9, 60), ErrorModel(),
    )  # fmt: skip
    before = drawn(*asked, draws=70)
    monkeypatch.setattr("phusong.uncertainty.draws._HELD_BYTES", 0)
    monkeypatch.setattr("phusong.uncertainty.draws._AT_A_TIME", 7)
    after = drawn(*asked, draws=70)
    for name in ("whole", "pixels", "probability"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


def test_villages_have_no_error_of_number(drawn):
    one = Contenders(
        margin_db=np.array([[1.0]], np.float32), mast=np.array([[0]]), kind=np.array([[0]]),
        curves=STEP, location_probability=0.9,
    )  # fmt: skip
    village = Counted(
        first=np.array([0, 1]), slot=np.array([0]), weight=np.array([1.0]), erring=False
    )
    found = draw(
        {"s": one}, {"villages": village}, pixel=np.array([7]), grid=GRID, model=ErrorModel(),
        draws=50, seed=1,
    )["s", "villages"]  # fmt: skip
    assert (found.whole == 1).all()


@pytest.mark.kernels
def test_a_measured_mast_is_as_sure_as_calibration_left_it_and_others_are_not(drawn):
    # Province ± 3 dB; mast 0 was measured, its own error takes back 2.4 dB of each 3: what is left
    # of both is 9 + 7 - 2 × 7.2 = 1.6 dB², ± 1.26 dB. Mast 1 has 9 + 25 dB².
    measured = MeasuredMasts(mast=np.array([0]), covariance=np.array([[9.0, -7.2], [-7.2, 7.0]]))
    model = replace(NOTHING, province_sd_db=3.0, station_sd_db=5.0)
    found = drawn([[1.0], [1.0]], [[0], [1]], [0, 1], [10, 10], model, measured=measured)
    served = (found.pixels > 0).mean(axis=1)
    assert served == pytest.approx(ndtr([1.0 / 1.6**0.5, 1.0 / 34.0**0.5]), abs=NOISE)


@pytest.mark.kernels
def test_a_band_or_land_that_was_not_measured_is_in_doubt_of_its_own(drawn):
    # Province ± 2 dB; mast 0 was measured, ± 1 dB; of two bands the first is as sure as the
    # province, the second ± 3 dB; of one kind of land ± 4 dB. No label is no doubt of a label.
    measured = MeasuredMasts(
        mast=np.array([0]), covariance=np.diag([4.0, 1.0, 0.0, 9.0, 16.0]), groups=(2, 1)
    )
    mast, band, land = [0, 0, 0, 1], [0, 1, 1, 2], [1, 1, 0, 1]
    rows = measured.row(*(np.array(one) for one in (mast, band, land)))
    assert len(set(rows)) == 4
    model = replace(NOTHING, province_sd_db=2.0, station_sd_db=5.0)
    found = drawn(
        [[1.0]] * 4, rows[:, None].tolist(), [0, 1, 2, 3], [10] * 4, model, measured=measured
    )
    served = (found.pixels > 0).mean(axis=1)
    variance = np.array([4 + 1, 4 + 1 + 9, 4 + 1 + 9 + 16, 4 + 25])
    assert served == pytest.approx(ndtr(1.0 / variance**0.5), abs=NOISE)
