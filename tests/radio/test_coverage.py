"""From cells to signal: the shadow of a ridge, the best server, and nothing lost on the way."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import InputError, ModelRangeError
from phusong.grid import Grid
from phusong.radio import (
    Diffraction,
    FreeSpace,
    Link,
    OkumuraHata,
    Profile,
    Radials,
    ServiceRule,
    allowance_db,
    predict,
    rs_power_dbm,
)

CRS = "EPSG:9209"
GRID = Grid(CRS, 90.0, 500_000.0, 2_509_000.0, 100, 100)
FLAT = GRID.wrap(np.full(GRID.shape, 100.0, dtype=np.float32), "terrain")
MOBILE = ServiceRule("mobile", ("2G", "4G"), (), {"2G": -98.0, "4G": -115.0}, 10.0)


def cells(*rows):
    """Make cells; a row gives what differs from a 900 MHz sector in the middle, facing north."""
    usual = {
        "operator": "Viettel", "technology": "4G", "frequency_mhz": 900.0,
        "antenna_height_m": 30.0, "rs_eirp_dbm": 35.0, "azimuth_deg": 0.0, "beamwidth_deg": 65.0,
        "tilt_deg": 0.0, "x": 504_500.0, "y": 2_504_500.0,
    }  # fmt: skip
    table = gpd.GeoDataFrame.from_records([{**usual, **row} for row in rows])
    table.insert(0, "cell_id", [f"c{i}" for i in range(len(rows))])
    table["site_id"] = table["station_id"] = table["cell_id"]
    return table.set_geometry(gpd.points_from_xy(table["x"], table["y"], crs=CRS))


def run(table, *, height=FLAT, services=(MOBILE,), model=None, radius_m=4000.0, threads=1,
        cache_folder=None):  # fmt: skip
    return predict(
        table, height, services, model=model or FreeSpace(), radius_m=radius_m,
        receiver_height_m=1.5, time_percent=50.0, polarization="vertical", delta_n_per_km=45.0,
        n0=325.0, threads=threads, cache_folder=cache_folder, on_antenna=lambda done, total: None,
    )  # fmt: skip


def pixel(raster, x, y):
    row, column, _ = GRID.index(x, y)
    return float(raster.to_numpy()[row, column])


def rough(seed, size=100):
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(size, size)), 4)
    return GRID.wrap((400 + 3000 * noise).astype(np.float32), "terrain")


def test_level_on_the_beam_axis_is_eirp_less_free_space():
    signal = run(cells({})).services["mobile"]
    level = pixel(signal.level_dbm, 504_545, 2_507_245)
    # 2,745 m to the pixel's centre: 32.45 + 20 log10(2.745 km) + 20 log10(900) = 100.3 dB.
    # The nearest sample lies within half a pixel, 0.15 dB at this distance, and the
    # antenna sees the receiver 0.6 degrees below its axis, 0.04 dB.
    assert level == pytest.approx(35 - 100.3, abs=0.25)
    assert pixel(signal.margin_db, 504_545, 2_507_245) == pytest.approx(level + 115 - 10, abs=1e-4)


def test_sector_is_weak_behind_and_omnidirectional_antenna_is_not():
    sector = run(cells({})).services["mobile"].level_dbm
    omni = run(cells({"azimuth_deg": np.nan})).services["mobile"].level_dbm
    north, south = (504_545, 2_506_975), (504_545, 2_502_025)
    assert pixel(sector, *north) - pixel(sector, *south) == pytest.approx(25, abs=0.3)
    assert pixel(omni, *north) == pytest.approx(pixel(omni, *south), abs=0.3)


def test_nothing_is_heard_beyond_the_radius():
    signal = run(cells({}), radius_m=2000.0).services["mobile"]
    distance = np.hypot(*np.meshgrid(GRID.x_m - 504_500, GRID.y_m - 2_504_500))
    heard = signal.margin_db.notnull().to_numpy()
    assert heard[distance < 1900].all()
    assert not heard[distance > 2100].any()
    assert (signal.best_server.to_numpy() == -1)[distance > 2100].all()


def test_best_server_is_the_largest_margin_not_the_largest_level():
    # The 2G signal is 10 dB stronger but must be 17 dB stronger to serve better.
    signal = run(cells({"technology": "2G", "rs_eirp_dbm": 45.0}, {})).services["mobile"]
    assert set(np.unique(signal.best_server)) == {-1, 1}


def test_equal_servers_go_to_the_lower_row_whatever_the_order():
    signal = run(cells({}, {})).services["mobile"]
    assert set(np.unique(signal.best_server)) == {-1, 0}


def test_service_of_one_operator_hears_only_its_cells():
    own = ServiceRule("own", ("4G",), ("VinaPhone",), {"4G": -115.0}, 0.0)
    table = cells({}, {"operator": "VinaPhone", "rs_eirp_dbm": 20.0})
    found = run(table, services=(MOBILE, own)).services
    assert set(np.unique(found["own"].best_server)) == {-1, 1}
    assert set(np.unique(found["mobile"].best_server)) == {-1, 0}


def test_fold_equals_the_plain_maximum_over_cells():
    table = cells(
        {"azimuth_deg": 10.0}, {"azimuth_deg": 130.0, "tilt_deg": 4.0},
        {"x": 502_000.0, "azimuth_deg": 250.0, "technology": "2G", "rs_eirp_dbm": 58.0},
        {"y": 2_507_000.0, "azimuth_deg": np.nan, "rs_eirp_dbm": 30.0},
    )  # fmt: skip
    height = rough(5)
    together = run(table, height=height, model=Diffraction()).services["mobile"].margin_db
    alone = [
        run(table.iloc[[i]].reset_index(drop=True), height=height, model=Diffraction())
        .services["mobile"].margin_db.to_numpy()
        for i in range(len(table))
    ]  # fmt: skip
    best = np.fmax.reduce(alone)
    np.testing.assert_array_equal(together.to_numpy(), best)


def test_threads_and_cache_change_nothing(tmp_path):
    table = cells({}, {"x": 502_000.0}, {"x": 506_000.0, "frequency_mhz": 1800.0})
    height = rough(7)
    plain = run(table, height=height, model=Diffraction())
    again = [
        run(table, height=height, model=Diffraction(), threads=2),
        run(table, height=height, model=Diffraction(), cache_folder=tmp_path),
        run(table, height=height, model=Diffraction(), cache_folder=tmp_path, threads=2),
    ]
    assert len(list(tmp_path.rglob("*.loss"))) == 3
    for other in again:
        for name in ("margin_db", "level_dbm", "best_server"):
            np.testing.assert_array_equal(
                getattr(other.services["mobile"], name), getattr(plain.services["mobile"], name)
            )


def test_damaged_cache_tile_is_computed_anew(tmp_path):
    plain = run(cells({}), cache_folder=tmp_path)
    (kept,) = tmp_path.rglob("*.loss")
    sound = kept.read_bytes()
    for damaged in (b"", sound[:-1], sound[:40] + b"x" + sound[41:]):
        kept.write_bytes(damaged)
        again = run(cells({}), cache_folder=tmp_path)
        np.testing.assert_array_equal(
            again.services["mobile"].margin_db, plain.services["mobile"].margin_db
        )
        assert kept.read_bytes() == sound


def test_cache_knows_what_changes_a_loss(tmp_path):
    run(cells({}), cache_folder=tmp_path)
    run(cells({"azimuth_deg": 90.0, "rs_eirp_dbm": 40.0}), cache_folder=tmp_path)
    assert len(list(tmp_path.rglob("*.loss"))) == 1
    run(cells({"antenna_height_m": 40.0}), cache_folder=tmp_path)
    run(cells({}), height=FLAT + 1, cache_folder=tmp_path)
    run(cells({}), model=Diffraction(), cache_folder=tmp_path)
    assert len(list(tmp_path.rglob("*.loss"))) == 4


def test_mast_without_ground_is_rejected_with_a_reason():
    hole = FLAT.copy()
    hole[50, 50] = np.nan
    found = run(cells({"x": 400_000.0}, {"x": 504_545.0, "y": 2_504_455.0}, {"x": 502_000.0}),
                height=hole)  # fmt: skip
    assert found.rejected["cell_id"].to_list() == ["c0", "c1"]
    assert "stands outside the study's terrain" in found.rejected["reason_en"].iloc[0]
    assert set(np.unique(found.services["mobile"].best_server)) == {-1, 2}


def test_every_cell_outside_the_model_is_named_before_computing():
    with pytest.raises(InputError) as caught:
        run(cells({}, {"frequency_mhz": 2100.0}, {"antenna_height_m": 12.0}), model=OkumuraHata())
    assert [problem.value for problem in caught.value.problems] == ["c1", "c2"]
    assert "from 150 to 1500 MHz; got 2100 MHz" in str(caught.value)


# Na Hang: villages 2.6 to 6.2 km from the nearest mast without 3G or 4G "behind rock ridges".
@pytest.mark.parametrize("village_km", [2.6, 4.0, 6.2])
def test_ridge_takes_the_signal_that_models_without_terrain_promise(village_km):
    ridge_km = 0.8 * village_km
    across = (GRID.y_m - 2_501_000) / 1000
    height = 300 + 420 * np.exp(-(((across - ridge_km) / 0.25) ** 2))
    ridge = GRID.wrap(np.tile(height[:, np.newaxis], (1, 100)).astype(np.float32), "terrain")
    mast = cells({"y": 2_501_000.0, "rs_eirp_dbm": 35.0, "frequency_mhz": 1400.0})
    village = 504_545.0, 2_501_000.0 + village_km * 1000

    def covered(model):
        signal = run(mast, height=ridge, model=model, radius_m=7000.0).services["mobile"]
        return pixel(signal.margin_db, *village) >= 0

    assert covered(FreeSpace())
    assert covered(OkumuraHata())
    assert not covered(Diffraction())


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_diffraction_along_a_ray_equals_the_formula_on_each_path(seed, wooded):
    rng = np.random.default_rng(seed)
    height = np.cumsum(rng.normal(0, 30, 25)) + 500
    clutter = rng.choice([0.0, 10.0, 15.0], 25) * wooded
    link = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)
    along = Diffraction().loss_along_radials_db(
        Radials(step_m=90.0, height_m=height[np.newaxis], clutter_m=clutter[np.newaxis]), link
    )
    for n in range(1, 25):
        profile = Profile(
            distance_m=90.0 * np.arange(n + 1), height_m=height[: n + 1], clutter_m=clutter[: n + 1]
        )
        assert along[0, n] == pytest.approx(Diffraction().loss_db(profile, link), abs=1e-6)


def test_diffraction_never_lowers_free_space():
    radials = Radials(step_m=90.0, height_m=rough(3).to_numpy().astype(float))
    link = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)
    excess = Diffraction().loss_along_radials_db(radials, link) - FreeSpace().loss_along_radials_db(
        radials, link
    )
    # P.1812 rounds the free-space constant to 92.4 dB, 0.05 dB below P.525.
    assert np.nanmin(excess) > -0.06


def test_ray_ends_where_the_terrain_does():
    height = np.full((1, 10), 100.0)
    height[0, 6:] = np.nan
    link = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)
    for model in (Diffraction(), FreeSpace(), OkumuraHata()):
        loss = model.loss_along_radials_db(Radials(step_m=90.0, height_m=height), link)[0]
        assert np.isnan(loss[[0, 6, 7, 8, 9]]).all()
        assert np.isfinite(loss[1:6]).all()


def test_hata_meets_its_textbook_value():
    # Urban, 900 MHz, 30 m, 1.5 m, 1 km: 69.55 + 26.16 x 2.954 - 13.82 x 1.477 - 0.016 = 126.4 dB.
    link = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)
    profile = Profile(
        distance_m=np.array([0.0, 1000.0]), height_m=np.zeros(2), clutter_m=np.zeros(2)
    )
    assert OkumuraHata("urban").loss_db(profile, link) == pytest.approx(126.4, abs=0.05)


@pytest.mark.parametrize("model", [FreeSpace(), OkumuraHata(), Diffraction()])
def test_models_refuse_what_lies_outside_their_ranges(model):
    with pytest.raises(ModelRangeError, match="frequency_mhz"):
        model.check(Link(frequency_mhz=10.0, transmitter_height_m=40, receiver_height_m=1.5))


def test_pixel_error_of_the_nearest_sample_is_as_documented():
    """Compare the sweep with the formula on a profile drawn straight to each pixel's centre."""
    height = rough(11)
    mast = cells({"azimuth_deg": np.nan, "tilt_deg": 0.0})
    level = run(mast, height=height, model=Diffraction()).services["mobile"].level_dbm.to_numpy()
    free = run(mast, height=height, model=FreeSpace()).services["mobile"].level_dbm.to_numpy()
    errors = []
    rng = np.random.default_rng(1)
    link = Link(
        frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5, latitude_deg=22.64
    )
    heights = height.to_numpy().astype(float)
    from scipy.ndimage import map_coordinates

    for _ in range(150):
        row, column = rng.integers(15, 85, 2)
        x, y = GRID.x_m[column], GRID.y_m[row]
        distance = np.hypot(x - 504_500, y - 2_504_500)
        if not 500 < distance < 3900:
            continue
        steps = max(round(distance / 90), 4)
        share = np.linspace(0, 1, steps + 1)
        at_row = (2_509_000 - (2_504_500 + share * (y - 2_504_500))) / 90 - 0.5
        at_column = (504_500 + share * (x - 504_500) - 500_000) / 90 - 0.5
        profile = Profile(
            distance_m=share * distance,
            height_m=map_coordinates(heights, [at_row, at_column], order=1),
            clutter_m=np.zeros(steps + 1),
        )
        exact = Diffraction().loss_db(profile, link) - FreeSpace().loss_db(profile, link)
        errors.append((free - level)[row, column] - exact)
    errors = np.array(errors)
    assert len(errors) > 60
    assert abs(np.median(errors)) < 0.5
    assert np.quantile(abs(errors), 0.9) < 3.0


@pytest.mark.parametrize(
    ("probability", "margin"), [(0.5, 0), (0.9, 10.3), (0.95, 13.2), (0.98, 16.4)]
)
def test_location_margin_of_8_db_deviation(probability, margin):
    found = allowance_db(
        location_probability=probability, location_sd_db=8, body_loss_db=0, building_loss_db=0
    )
    assert found == pytest.approx(margin, abs=0.05)


def test_reference_signal_power_of_lte_carriers():
    assert rs_power_dbm(46, 50) == pytest.approx(18.2, abs=0.05)
