"""A path under the glass: every term sums up, every model answers, faults say what to mend."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from phusong.errors import ModelRangeError, PathError
from phusong.grid import Grid
from phusong.radio import (
    MODELS,
    P1812,
    Link,
    OkumuraHata,
    Profile,
    Refractivity,
    ServiceRule,
    Settings,
    inspect_path,
    model,
    plan_prediction,
    predict,
)
from phusong.radio.inspect import Verdict, best_server_at

CRS = "EPSG:9209"
GRID = Grid(CRS, 90.0, 500_000.0, 2_509_000.0, 100, 100)
FLAT = GRID.wrap(np.full(GRID.shape, 100.0, dtype=np.float32), "terrain")
OUTDOOR = ServiceRule("outdoor", ("4G",), (), {"4G": -115.0}, 13.0)
OTHER = ServiceRule("other", ("4G",), ("VinaPhone",), {"4G": -115.0}, 0.0)
MIDDLE = 504_500.0, 2_504_500.0


def cell(**values):
    given = {
        "site_id": "S", "station_id": "S-4G", "cell_id": "S-4G-1", "operator": "Viettel",
        "technology": "4G", "frequency_mhz": 900.0, "antenna_height_m": 40.0,
        "rs_eirp_dbm": 35.0, "azimuth_deg": 30.0, "beamwidth_deg": 65.0, "tilt_deg": 3.0, **values,
    }  # fmt: skip
    at = given.pop("at", MIDDLE)
    return gpd.GeoDataFrame(
        {name: [value] for name, value in given.items()},
        geometry=gpd.points_from_xy([at[0]], [at[1]]), crs=CRS,
    )  # fmt: skip


def rough():
    noise = gaussian_filter(np.random.default_rng(3).normal(size=GRID.shape), 4)
    return GRID.wrap((400 + 3000 * noise).astype(np.float32), "terrain")


def settings(model):
    return Settings(model=model, radius_m=4000.0, receiver_height_m=1.5, profile_step_m=90.0)


def look(to_m, *, height=FLAT, model=None, services=(OUTDOOR,), of=None, **options):
    return inspect_path(
        cell() if of is None else of,
        height,
        services,
        to_m=to_m,
        settings=settings(model or P1812()),
        refractivity=Refractivity(),
        **options,
    )


@pytest.mark.parametrize("name", MODELS)
def test_level_is_that_of_the_raster_at_every_pixel(name):
    height, any_model = rough(), cell(frequency_mhz=1500.0)  # all hold for it
    forest = np.random.default_rng(4).choice([0.0, 12.0], GRID.shape).astype(np.float32)
    clutter = GRID.wrap(forest, "clutter")
    signal = predict(
        any_model,
        height,
        [OUTDOOR],
        settings=settings(model(name)),
        refractivity=Refractivity(),
        clutter_m=clutter,
    ).services["outdoor"]
    compared = 0
    for row in range(3, 97, 23):
        for column in range(3, 97, 17):
            raster = float(signal.level_dbm[row, column])
            if np.isnan(raster):
                continue
            to_m = GRID.x_m[column] + 20.0, GRID.y_m[row] - 30.0  # anywhere in the pixel
            path = look(to_m, height=height, model=model(name), of=any_model, clutter_m=clutter)
            # single precision, and a slant over the round earth where clutter is added
            assert path.level_dbm == pytest.approx(raster, abs=5e-4)
            (verdict,) = path.verdicts
            assert verdict.margin_db == pytest.approx(
                float(signal.margin_db[row, column]), abs=5e-4
            )
            far = float(signal.obstacle_distance_m[row, column])
            if path.obstacle is None:
                assert np.isnan(far)
            else:
                assert path.obstacle.to_receiver_m == pytest.approx(far)
            compared += 1
    assert compared > 12


def test_a_cell_that_the_model_does_not_reach_from_serves_nobody():
    # RMa holds to 5 km where receivers are hidden.
    near, far = cell(at=(501_000.0, 2_504_500.0)), cell(at=(508_500.0, 2_504_500.0))
    plan = plan_prediction(
        pd.concat([far, near], ignore_index=True), FLAT, [OUTDOOR],
        settings=replace(settings(model("rma")), radius_m=9000.0), refractivity=Refractivity(),
    )  # fmt: skip
    assert best_server_at(plan, OUTDOOR, (502_000.0, 2_504_500.0)) == 1
    assert best_server_at(plan, OUTDOOR, (507_500.0, 2_504_500.0)) == 0


@pytest.mark.parametrize("name", MODELS)
def test_terms_sum_up_to_the_loss(name):
    ridge = Profile(
        distance_m=np.arange(81) * 50.0, clutter_m=np.zeros(81),
        height_m=np.where(np.arange(81) == 40, 120.0, 0.0),
    )  # fmt: skip
    link = Link(frequency_mhz=1500.0, transmitter_height_m=40.0, receiver_height_m=1.5)
    terms = model(name).terms(ridge, link)
    assert sum(term.db for term in terms) == pytest.approx(model(name).loss_db(ridge, link))
    assert all(term.label["vi"] and term.label["en"] for term in terms)


@pytest.mark.parametrize("time_percent", [1.0, 10.0, 50.0])
@pytest.mark.parametrize("points", [2, 3, 400])
def test_terms_of_p1812_sum_up_at_any_time_and_length(time_percent, points):
    rng = np.random.default_rng(points)
    path = Profile(
        distance_m=np.arange(points) * 250.0, clutter_m=np.zeros(points),
        height_m=rng.uniform(0, 200, points),
    )  # fmt: skip
    link = Link(
        frequency_mhz=900.0, transmitter_height_m=40.0, receiver_height_m=1.5,
        time_percent=time_percent,
    )  # fmt: skip
    terms = P1812().terms(path, link)
    assert sum(term.db for term in terms) == pytest.approx(P1812().loss_db(path, link), abs=1e-9)
    assert terms[0].name == "free_space"
    assert len({term.name for term in terms}) == len(terms)


def test_section_of_flat_ground_is_checked_by_hand():
    north = MIDDLE[0], MIDDLE[1] + 3600.0
    path = look(north)
    section = path.section
    assert len(section) == 41  # every 90 m, both ends
    middle = section.iloc[20]
    assert middle["sight_line_m"] == pytest.approx(100 + (40 + 1.5) / 2)
    # sqrt(0.333 m × 1,800 m × 1,800 m / 3,600 m)
    assert middle["fresnel_m"] == pytest.approx(17.3, abs=0.05)
    # 1,800 m × 1,800 m / (2 × 8,931 km)
    assert middle["bulge_m"] == pytest.approx(0.181, abs=0.001)
    assert middle["clearance_m"] == pytest.approx(20.75 - 0.181, abs=0.001)
    # half a pixel to the pixel's centre, and half a pixel on to its sample
    assert section["x_m"].iloc[-1] == pytest.approx(north[0], abs=90)
    assert section["y_m"].iloc[-1] == pytest.approx(north[1], abs=90)
    assert path.obstacle is None
    # To the pixel's centre: 38.5 m / 3,555 m + 3,555 m / (2 × 8,931 km)
    assert path.depression_deg == pytest.approx(0.632, abs=0.001)
    assert path.azimuth_deg % 360 == pytest.approx(0.0, abs=1.0)


def test_ridge_is_named_with_its_place_and_its_height_over_the_sight_line():
    ground = np.full(GRID.shape, 100.0, dtype=np.float32)
    ground[30] = 350.0
    path = look((float(GRID.x_m[50]), float(GRID.y_m[10])), height=GRID.wrap(ground, "terrain"),
                of=cell(at=(float(GRID.x_m[50]), float(GRID.y_m[50]))))  # fmt: skip
    found = path.obstacle
    assert (found.distance_m, found.to_receiver_m, found.ground_m) == (1800.0, 1800.0, 350.0)
    assert (found.x_m, found.y_m) == pytest.approx((GRID.x_m[50], GRID.y_m[30]))
    assert found.above_sight_m == pytest.approx(250 + 0.181 - 20.75, abs=0.001)
    # above × sqrt(2 × 3,600 / (0.3331 × 1,800 × 1,800))
    assert found.nu == pytest.approx(found.above_sight_m * 0.08168, rel=1e-3)


def test_services_that_do_not_admit_the_cell_have_no_verdict():
    path = look((MIDDLE[0], MIDDLE[1] + 900.0), services=(OTHER, OUTDOOR))
    assert [verdict.service for verdict in path.verdicts] == ["outdoor"]
    (verdict,) = path.verdicts
    assert (verdict.threshold_dbm, verdict.allowance_db) == (-115.0, 13.0)
    assert verdict.margin_db == pytest.approx(path.level_dbm + 115.0 - 13.0)
    assert verdict.served


def test_receiver_beyond_the_radius_is_reached_too():
    path = look((MIDDLE[0], MIDDLE[1] - 4400.0))
    assert path.section["distance_m"].iloc[-1] == pytest.approx(4400.0, abs=90)


def test_clearance_is_that_of_the_top_of_the_clutter():
    forest = np.zeros(GRID.shape, np.float32)
    forest[30] = 12.0
    mast = float(GRID.x_m[50]), float(GRID.y_m[50])
    to_m = mast[0], float(GRID.y_m[10])
    bare, wooded = (
        look(to_m, of=cell(at=mast), clutter_m=clutter).section
        for clutter in (None, GRID.wrap(forest, "clutter"))
    )
    cleared = bare["clearance_m"] - wooded["clearance_m"]
    assert cleared.to_list() == pytest.approx([12.0 * (point == 20) for point in range(41)])
    assert wooded["clutter_m"].to_list() == [12.0 * (point == 20) for point in range(41)]
    for section in (bare, wooded):
        # ground and clutter up to the sight line, bulge included
        np.testing.assert_allclose(
            section["ground_m"] + section["clutter_m"] + section["bulge_m"]
            + section["clearance_m"], section["sight_line_m"],
        )  # fmt: skip


@pytest.mark.parametrize(("margin_db", "served"), [(0.0, True), (-1e-9, False)])
def test_a_margin_of_exactly_nothing_serves(margin_db, served):
    verdict = Verdict(service="s", threshold_dbm=-115.0, allowance_db=0.0, margin_db=margin_db)
    assert verdict.served is served


def test_masts_own_pixel_hears_from_one_pixel_away():
    assert look(MIDDLE).section["distance_m"].tolist() == [0.0, 90.0]
    centre = float(GRID.x_m[50]), float(GRID.y_m[50])
    own = look(centre, of=cell(at=centre))
    assert own.section["distance_m"].tolist() == [0.0, 90.0]
    assert own.section["ground_m"].tolist() == [100.0, 100.0]


def test_what_cannot_be_looked_at_is_said():
    hole = FLAT.copy()
    hole[30:40] = np.nan
    with pytest.raises(PathError, match="outside the terrain"):
        look((400_000.0, MIDDLE[1]))
    with pytest.raises(PathError, match="Elevation is unknown somewhere between"):
        look((MIDDLE[0], MIDDLE[1] + 3600.0), height=hole)
    with pytest.raises(PathError, match="mast of cell S-4G-1"):
        look(MIDDLE, of=cell(at=(MIDDLE[0], float(GRID.y_m[35]))), height=hole)
    with pytest.raises(PathError, match="mast of cell S-4G-1"):
        look(MIDDLE, of=cell(at=(400_000.0, MIDDLE[1])))
    with pytest.raises(PathError, match="Cell S-4G-1 lacks"):
        look(MIDDLE, of=cell(rs_eirp_dbm=np.nan))
    with pytest.raises(ModelRangeError, match="from 150 to 1500 MHz"):
        look(MIDDLE, of=cell(frequency_mhz=2100.0), model=OkumuraHata())
