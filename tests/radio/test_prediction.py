"""From cells to signal: the shadow of a ridge, the best server, and nothing lost on the way."""

import pickle
from dataclasses import fields
from functools import partial
from itertools import permutations

import geopandas as gpd
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from phusong.compute import on_threads
from phusong.errors import CrsMismatchError, GridMismatchError, InputError, ModelRangeError
from phusong.grid import Grid, grid_of
from phusong.i18n import text
from phusong.radio import (
    P1812,
    Best,
    Diffraction,
    FreeSpace,
    Link,
    OkumuraHata,
    Refractivity,
    ServiceRule,
    Settings,
    merge,
    plan_prediction,
    predict,
    predict_sites,
    sites,
)
from phusong.radio import _kernels as kernels
from phusong.radio.heights import Heights
from phusong.radio.obstacles import dominant_obstacle
from phusong.radio.propagation import require_range
from phusong.radio.sampling import Surroundings, Terrain

CRS = "EPSG:9209"
GRID = Grid(CRS, 90.0, 500_000.0, 2_509_000.0, 100, 100)
FLAT = GRID.wrap(np.full(GRID.shape, 100.0, dtype=np.float32), "terrain")
LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
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


def plan(table, *, height=FLAT, services=(MOBILE,), model=None, radius_m=4000.0, **options):
    settings = Settings(model=model or FreeSpace(), radius_m=radius_m, receiver_height_m=1.5)
    return plan_prediction(
        table, height, services, settings=settings, refractivity=Refractivity(), **options
    )


def run(table, *, threads=1, **options):
    planned = plan(table, **options)
    found = on_threads(
        partial(predict_sites, services=planned.services, conditions=planned.conditions),
        planned.sites,
        threads=threads,
    )
    return planned.signals(merge(found))


def servers(signal):
    return set(np.unique(signal.best_server).tolist())


def pixel(raster, x, y):
    row, column, _ = GRID.index(x, y)
    return float(raster.to_numpy()[row, column])


def rough(seed):
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=GRID.shape), 4)
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
    assert servers(signal) == {-1, 1}


def test_equal_servers_go_to_the_lower_row_whatever_the_order():
    signal = run(cells({}, {})).services["mobile"]
    assert servers(signal) == {-1, 0}


def test_service_of_one_operator_hears_only_its_cells():
    own = ServiceRule("own", ("4G",), ("VinaPhone",), {"4G": -115.0}, 0.0)
    table = cells({}, {"operator": "VinaPhone", "rs_eirp_dbm": 20.0})
    found = run(table, services=(MOBILE, own)).services
    assert servers(found["own"]) == {-1, 1}
    assert servers(found["mobile"]) == {-1, 0}


def test_folds_equal_the_plain_ranking_of_stations():
    # Six cells of four stations; the last has cells on two roofs.
    table = cells(
        {"azimuth_deg": 10.0}, {"azimuth_deg": 130.0, "tilt_deg": 4.0},
        {"x": 502_000.0, "azimuth_deg": 250.0, "technology": "2G", "rs_eirp_dbm": 58.0},
        {"y": 2_507_000.0, "azimuth_deg": np.nan, "rs_eirp_dbm": 30.0},
        {"x": 503_000.0, "azimuth_deg": 45.0}, {"x": 503_300.0, "azimuth_deg": 225.0},
    )  # fmt: skip
    station = np.array(["A", "A", "B", "C", "D", "D"])
    table["station_id"] = station
    height = rough(5)
    alone = np.stack([
        run(table.iloc[[i]].reset_index(drop=True), height=height, model=Diffraction())
        .services["mobile"].margin_db.to_numpy()
        for i in range(len(table))
    ])  # fmt: skip
    of_stations = np.stack([np.fmax.reduce(alone[station == name]) for name in "ABCD"])
    ranked = np.sort(np.nan_to_num(of_stations, nan=-np.inf), axis=0)
    for threads in (1, 3):
        found = run(table, height=height, model=Diffraction(), threads=threads).services["mobile"]
        np.testing.assert_array_equal(found.margin_db.fillna(-np.inf), ranked[-1])
        np.testing.assert_array_equal(found.second_margin_db.fillna(-np.inf), ranked[-2])
        np.testing.assert_array_equal(found.servers, (of_stations >= 0).sum(axis=0))
        first = np.nanargmax(np.where(np.isnan(alone), -np.inf, alone), axis=0)
        np.testing.assert_array_equal(
            found.best_server, np.where(np.isinf(ranked[-1]), -1, first)
        )  # argmax, too, prefers the lower of equal rows
        others = np.where(station[:, None, None] == station[first], np.nan, alone)
        others = np.where(np.isnan(others), -np.inf, others)
        second = np.where(np.isinf(ranked[-2]), -1, np.argmax(others, axis=0))
        np.testing.assert_array_equal(found.second_server, second)


def test_equal_stations_are_each_other_s_fallback_and_a_station_is_not_its_own():
    twins = run(cells({}, {})).services["mobile"]
    np.testing.assert_array_equal(twins.second_margin_db, twins.margin_db)
    assert pixel(twins.servers, 504_545, 2_507_245) == 2
    table = cells({}, {"x": 504_510.0})
    table["station_id"] = "S"
    alone = run(table, threads=2).services["mobile"]
    assert alone.second_margin_db.isnull().all()
    assert set(np.unique(alone.servers).tolist()) == {0, 1}


def test_obstacle_towards_the_best_server_is_the_ridge():
    ground = np.full(GRID.shape, 100.0, dtype=np.float32)
    ridge_row, mast_row = 40, 70
    ground[ridge_row] = 300.0
    ridge = GRID.wrap(ground, "terrain")
    mast = cells({"x": float(GRID.x_m[50]), "y": float(GRID.y_m[mast_row])})
    signal = run(mast, height=ridge, model=FreeSpace()).services["mobile"]
    distance, height = (
        raster.to_numpy()[:, 50]
        for raster in (signal.obstacle_distance_m, signal.obstacle_ground_m)
    )
    np.testing.assert_array_equal(distance[30:40], 90.0 * np.arange(10, 0, -1))
    np.testing.assert_array_equal(height[30:40], 300.0)
    assert np.isnan(distance[40:]).all()  # on the ridge and before it the mast is in sight
    assert np.isnan(height[40:]).all()


@pytest.mark.parametrize("clutter", [False, True])
def test_obstacles_are_those_of_the_profiles(clutter):
    height = rough(11)
    forest = np.random.default_rng(2).choice([0.0, 12.0], GRID.shape).astype(np.float32)
    mast = cells({"azimuth_deg": np.nan})
    signal = run(
        mast, height=height, model=FreeSpace(),
        clutter_m=GRID.wrap(forest, "clutter") if clutter else None,
    ).services["mobile"]  # fmt: skip
    view = Surroundings(
        terrain=Terrain(
            grid=GRID, heights=Heights.of(height), clutter_m=forest if clutter else None
        ),
        x_m=504_500.0, y_m=2_504_500.0, radius_m=4000.0,
    )  # fmt: skip
    hidden = 0
    for row in range(8, 92, 7):
        for column in range(8, 92, 5):
            found = float(signal.obstacle_distance_m[row, column])
            found_path = view.path(row, column)
            if found_path is None:
                continue
            path = found_path.profile
            at = dominant_obstacle(path, LINK)
            if at is None:
                assert np.isnan(found)
            else:
                hidden += 1
                assert found == path.distance_m[-1] - path.distance_m[at]
                assert float(signal.obstacle_ground_m[row, column]) == pytest.approx(
                    path.height_m[at], abs=1e-3
                )  # single precision
    assert hidden > 50


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
        for field in fields(plain.services["mobile"]):
            np.testing.assert_array_equal(
                getattr(other.services["mobile"], field.name),
                getattr(plain.services["mobile"], field.name),
            )


def test_unusable_cache_costs_a_warning_and_no_figure(tmp_path, caplog):
    (tmp_path / "file").touch()
    plain = run(cells({}, {"x": 502_000.0})).services["mobile"]
    found = run(cells({}, {"x": 502_000.0}), cache_folder=tmp_path / "file").services["mobile"]
    np.testing.assert_array_equal(found.margin_db, plain.margin_db)
    assert len(caplog.records) == 1


def test_turned_or_stronger_cell_keeps_its_tile(tmp_path):
    run(cells({}), cache_folder=tmp_path)
    run(cells({"azimuth_deg": 90.0, "rs_eirp_dbm": 40.0}, {"tilt_deg": 6.0}), cache_folder=tmp_path)
    assert len(list(tmp_path.rglob("*.loss"))) == 1
    run(cells({"antenna_height_m": 40.0}), cache_folder=tmp_path)
    assert len(list(tmp_path.rglob("*.loss"))) == 2


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_margins_of_two_masts_go_to_the_lower_row(threads):
    middle = float(GRID.x_m[50])
    west, east = (
        {"x": middle + off, "y": float(GRID.y_m[50]), "azimuth_deg": np.nan}
        for off in (-2000, 2000)
    )
    for rows in ((west, east), (east, west)):
        server = run(cells(*rows), threads=threads).services["mobile"].best_server.to_numpy()
        assert set(server[:, 50].tolist()) == {-1, 0}
        assert set(server[:, 49].tolist()) == {-1, rows.index(west)}


def test_cells_without_ground_or_numbers_are_rejected_with_a_reason():
    hole = FLAT.copy()
    hole[50, 50] = np.nan
    found = run(
        cells(
            {"x": 400_000.0},
            {"x": 504_545.0, "y": 2_504_455.0},
            {"x": 502_000.0},
            {"rs_eirp_dbm": np.nan},
            {"x": np.nan},
        ),
        height=hole,
    )
    assert found.rejected["cell_id"].to_list() == ["c0", "c1", "c3", "c4"]
    reasons = ["mast_outside_terrain", "mast_in_void", "incomplete_cell", "incomplete_cell"]
    for lang in ("vi", "en"):
        assert found.rejected[f"reason_{lang}"].to_list() == [
            text(f"radio.{reason}", lang) for reason in reasons
        ]
    assert servers(found.services["mobile"]) == {-1, 2}


def test_without_cells_nothing_is_heard():
    signal = run(cells({})[:0]).services["mobile"]
    assert signal.margin_db.isnull().all()
    assert signal.level_dbm.isnull().all()
    assert servers(signal) == {-1}


def test_every_cell_outside_the_model_is_named_before_computing():
    table = cells({}, {"frequency_mhz": 2100.0}, {"antenna_height_m": 12.0})
    with pytest.raises(ModelRangeError, match="from 150 to 1500 MHz; got 2100 MHz") as caught:
        plan(table, model=OkumuraHata())
    assert [problem.value for problem in caught.value.problems] == ["c1", "c2"]


def test_cells_of_no_service_are_not_held_against_the_model():
    table = cells({}, {"technology": "5G", "frequency_mhz": 3500.0})
    assert servers(run(table, model=OkumuraHata()).services["mobile"]) == {-1, 0}


def test_unknown_antenna_pattern_is_refused_with_what_is_known():
    table = cells({}, {}).assign(antenna=[None, "K739686"])
    with pytest.raises(InputError, match="no antenna pattern K739686"):
        run(table)


def test_pattern_may_be_named_or_left_to_the_azimuth():
    table = cells({}, {}, {})
    named = run(table[:1].assign(antenna="3gpp")).services["mobile"].level_dbm
    np.testing.assert_array_equal(named, run(table[:1]).services["mobile"].level_dbm)
    omni = run(table[:1].assign(antenna="omni")).services["mobile"].level_dbm
    no_azimuth = run(cells({"azimuth_deg": np.nan})).services["mobile"].level_dbm
    np.testing.assert_array_equal(omni, no_azimuth)


def test_a_forest_around_the_phone_costs_most_where_terrain_costs_nothing():
    forest = GRID.wrap(np.full(GRID.shape, 15.0, dtype=np.float32), "clutter")

    def lost_db(model):
        bare, wooded = (
            run(cells({}), model=model, clutter_m=clutter).services["mobile"].level_dbm
            for clutter in (None, forest)
        )
        return pixel(bare, 504_545, 2_507_245) - pixel(wooded, 504_545, 2_507_245)

    # in sight: the median of ITU-R P.2108, 3.2, at 900 MHz from 2 km on
    assert lost_db(FreeSpace()) == pytest.approx(24.5, abs=0.1)
    assert 15 < lost_db(Diffraction()) < 24


def test_layers_that_lie_elsewhere_are_refused():
    with pytest.raises(CrsMismatchError, match="cells"):
        run(cells({}).to_crs("EPSG:4326"))
    smaller = Grid(CRS, 90.0, 500_000.0, 2_509_000.0, 99, 100)
    clutter = smaller.wrap(np.zeros(smaller.shape, dtype=np.float32), "clutter")
    with pytest.raises(GridMismatchError, match="clutter"):
        run(cells({}), clutter_m=clutter)


def test_sites_count_antennas_not_cells():
    table = cells({}, {"azimuth_deg": 120.0}, {"frequency_mhz": 1800.0}, {"x": 502_000.0})
    assert sorted(site.antennas for site in plan(table).sites) == [1, 2]


def test_station_on_two_masts_is_one_site_with_what_else_stands_there():
    table = cells({}, {"x": 502_000.0}, {"x": 502_000.0}, {"x": 506_000.0})
    table["station_id"] = ["A", "A", "B", "C"]
    found = [[sector.row for _, sector in site.placed] for site in plan(table).sites]
    assert sorted(map(sorted, found)) == [[0, 1, 2], [3]]


def test_parts_merge_to_the_same_bits_in_any_order_and_any_division():
    # The last two stand at one place and radiate alike, so that equals meet in different parts.
    table = cells(
        {}, {"x": 502_000.0, "technology": "2G", "rs_eirp_dbm": 50.0}, {"y": 2_507_000.0},
        {"x": 503_000.0}, {"x": 503_000.0},
    )  # fmt: skip
    planned = plan(table, height=rough(9), model=Diffraction())
    predicted = partial(predict_sites, services=planned.services, conditions=planned.conditions)
    whole = planned.signals(predicted(planned.sites)).services["mobile"]
    assert len(planned.sites) == 4
    divisions = [[[site] for site in order] for order in permutations(planned.sites)]
    divisions += [[planned.sites[:2], planned.sites[2:]], [planned.sites, ()]]
    for parts in divisions:
        found = planned.signals(merge(map(predicted, parts))).services["mobile"]
        for field in fields(whole):
            np.testing.assert_array_equal(getattr(found, field.name), getattr(whole, field.name))


def test_part_of_the_grid_is_predicted_to_the_bits_of_the_whole_by_any_threads():
    # One mast stands outside the part and reaches into it, one does not reach it.
    table = cells({}, {"x": 502_000.0}, {"x": 502_000.0, "technology": "2G"}, {"y": 2_500_500.0})
    planned = plan(table, height=rough(9), model=Diffraction(), radius_m=3000.0)
    predicted = partial(predict_sites, services=planned.services, conditions=planned.conditions)
    whole = planned.signals(predicted(planned.sites)).services["mobile"]
    part = Grid.covering((503_000, 2_504_000, 506_000, 2_509_000), resolution_m=90.0, crs=CRS)
    row, column = GRID.offset(part)
    for threads in (1, 3):
        best = Best(1, part)
        on_threads(partial(predicted, best=best), planned.sites, threads=threads)
        found = planned.signals(best).services["mobile"]
        assert grid_of(found.margin_db) == part
        for field in fields(whole):
            np.testing.assert_array_equal(
                getattr(found, field.name),
                getattr(whole, field.name)[row : row + part.height, column : column + part.width],
            )


def test_merge_leaves_what_lies_outside_the_grid_wanted():
    planned = plan(cells({}, {"x": 502_000.0}))
    predicted = partial(predict_sites, services=planned.services, conditions=planned.conditions)
    part = Grid.covering((503_000, 2_504_000, 506_000, 2_509_000), resolution_m=90.0, crs=CRS)
    merged = merge([Best(1, part), *(predicted([site]) for site in planned.sites)])
    at_once = predicted(planned.sites, best=Best(1, part))
    for name in ("margin", "server", "second", "second_server", "servers"):
        np.testing.assert_array_equal(getattr(merged, name), getattr(at_once, name))


def test_predict_is_the_steps_in_a_row():
    settings = Settings(model=FreeSpace(), radius_m=4000.0, receiver_height_m=1.5)
    table = cells({}, {"x": np.nan})
    found = predict(table, FLAT, [MOBILE], settings=settings, refractivity=Refractivity())
    steps = run(table)
    np.testing.assert_array_equal(
        found.services["mobile"].margin_db, steps.services["mobile"].margin_db
    )
    assert found.rejected.equals(steps.rejected)


def test_a_plan_predicts_the_same_in_another_process(tmp_path):
    terrain = FLAT.copy(data=FLAT.to_numpy() + np.arange(100, dtype=np.float32))
    plan = plan_prediction(
        cells({}, {"x": 503_000.0}),
        terrain,
        [MOBILE],
        settings=Settings(model=P1812(), radius_m=2000.0, receiver_height_m=1.5),
        refractivity=Refractivity(),
        clutter_m=GRID.wrap(np.full(GRID.shape, 10.0, dtype=np.float32), "clutter"),
        cache_folder=tmp_path,
    )
    here = predict_sites(plan.sites, services=plan.services, conditions=plan.conditions)
    # Sent after use, with all that was remembered meanwhile.
    sites_there, services, conditions = pickle.loads(
        pickle.dumps((plan.sites, plan.services, plan.conditions))
    )
    there = predict_sites(sites_there, services=services, conditions=conditions)
    for name in ("margin", "server", "obstacle", "second", "second_server", "servers"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))


def test_incomplete_cell_is_rejected_where_the_allowance_asks_for_its_frequency():
    def allowance_db(frequency_mhz):
        require_range("p2109", "frequency_mhz", frequency_mhz, 80, 100_000, "MHz")
        return 10.0

    indoor = ServiceRule("indoor", ("4G",), (), {"4G": -115.0}, allowance_db)
    found = run(cells({}, {"frequency_mhz": np.nan}), services=(indoor,))
    assert found.rejected["cell_id"].to_list() == ["c1"]


def layers(shape):
    """Make empty layers: margin, server, obstacle, second margin and server, servers."""
    return (
        np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int32),
        np.zeros(shape, np.uint16), np.full(shape, -np.inf, np.float32),
        np.full(shape, -1, np.int32), np.zeros(shape, np.uint16),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_compiled_and_plain_folds_agree_to_the_last_bit(seed):
    rng = np.random.default_rng(seed)
    shape = 7, 9
    loss = rng.integers(147, 153, shape).astype(np.float32)
    loss[0, 0] = np.nan
    attenuation = rng.integers(0, 3, shape).astype(np.float32)
    back = rng.integers(0, 9, shape).astype(np.uint16)
    kept = {}
    for name in ("compiled", "plain"):
        one, other, merged = (
            kernel if name == "compiled" else kernel.py_func
            for kernel in (kernels.compete, kernels.fold, kernels.merge)
        )
        order = np.random.default_rng(seed)
        best = [layers(shape), layers(shape)]
        for cell in order.permutation(6):
            own = layers(shape)[:3]
            one(order.permutation(loss), attenuation, back, np.float32(150), np.int32(cell), *own)
            other(*own, *best[cell % 2])
        merged(*best[0], *best[1])
        kept[name] = best[0]
    assert kept["compiled"][5].max() > 2
    for fast, plain in zip(kept["compiled"], kept["plain"], strict=True):
        np.testing.assert_array_equal(fast, plain)


# Na Hang: villages 2.6 to 6.2 km from the nearest mast without 3G or 4G "behind rock ridges".
@pytest.mark.parametrize("village_km", [2.6, 4.0, 6.2])
def test_ridge_takes_the_signal_that_models_without_terrain_promise(village_km):
    ridge_km = 0.8 * village_km
    across = (GRID.y_m - 2_501_000) / 1000
    height = 300 + 420 * np.exp(-(((across - ridge_km) / 0.25) ** 2))
    ridge = GRID.wrap(np.tile(height[:, np.newaxis], (1, 100)).astype(np.float32), "terrain")
    mast = cells({"y": 2_501_000.0, "rs_eirp_dbm": 35.0, "frequency_mhz": 900.0})
    village = 504_545.0, 2_501_000.0 + village_km * 1000

    def covered(model):
        signal = run(mast, height=ridge, model=model, radius_m=7000.0).services["mobile"]
        return pixel(signal.margin_db, *village) >= 0

    models = (FreeSpace(), OkumuraHata(), Diffraction(), P1812())
    assert [bool(covered(model)) for model in models] == [True, True, False, False]


def test_a_weak_mast_is_computed_no_farther_than_it_could_serve(monkeypatch):
    weak = {"rs_eirp_dbm": -20.0}
    table = cells(weak, {"rs_eirp_dbm": -25.0}, {"x": 506_000.0})
    radii = [
        place.radius_m for site in plan(table).sites for place, _ in sorted_by_row(site.placed)
    ]
    # -20 dBm over -115 and 10 dB, 10 dB more: 95 dB of free space at 900 MHz.
    assert radii == [1500.0, 1500.0, 4000.0]
    near = run(table).services["mobile"]
    monkeypatch.setattr(sites, "BETTER_THAN_FREE_DB", 100.0)
    far = run(table).services["mobile"]
    assert np.isfinite(far.second_margin_db).sum() > np.isfinite(near.second_margin_db).sum()
    np.testing.assert_array_equal(near.margin_db >= 0, far.margin_db >= 0)
    np.testing.assert_array_equal(near.servers, far.servers)


def sorted_by_row(placed):
    return sorted(placed, key=lambda one: one[1].row)


def test_profiles_read_the_elevation_of_the_file_and_not_the_grid():
    """A ridge of one pixel of a 30 m file, which the study's grid does not have."""
    fine = Grid(CRS, 30.0, GRID.west_m, GRID.north_m, 300, 300)
    ridge = np.full(fine.shape, 100.0, np.float32)
    ridge[120] = 400.0
    signal, flat = (
        run(cells({}), model=Diffraction(), native_m=native).services["mobile"]
        for native in (fine.wrap(ridge, "terrain"), None)
    )
    behind = np.s_[30:38, 45:55]
    hidden_db = (flat.level_dbm - signal.level_dbm).to_numpy()[behind]
    assert hidden_db.min() > 15
    ground = signal.obstacle_ground_m.to_numpy()[behind]
    # At most 7.5 m from the crest, which falls by 10 m a metre.
    assert 324 < ground.min() < ground.max() <= 400
    before = np.s_[43:48, 45:55]
    np.testing.assert_allclose(
        signal.level_dbm.to_numpy()[before], flat.level_dbm.to_numpy()[before], atol=0.6
    )
