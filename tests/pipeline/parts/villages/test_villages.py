"""Villages that are white or patchy, and why: a province worked by hand, and the small study."""

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

import phusong
from phusong.errors import StudyError
from phusong.service.villages import homes

CRS = "EPSG:9209"
WEST, SOUTH, PIXEL = 440_000.0, 2_520_000.0, 100.0
MIDDLE = SOUTH + 2_550.0
MAST_GROUND_M, WALL_M = 100.0, 136.0
STUDY = """
name = "Tỉnh Thử"
name_en = "Test province"
province = "Thử"
province_code = "02"
edition = "2017"
as_of = 2017-12-31
crs = "EPSG:9209"
resolution_m = 100

[inputs]
communes = "communes.geojson"
cells = "cells.csv"
terrain = ["terrain.tif"]
population = "population.tif"
villages = "villages.csv"
places = "places.csv"

[[services]]
id = "mobile"
name = "Di động"
name_en = "Mobile"
technologies = ["4G"]
environment = "outdoor"
location_probability = 0.5
threshold_dbm = { 4G = -100 }

[radio]
model = "diffraction"
radius_km = 15
location_sd_db = 0
body_loss_db = 0
mean_error_db = 0
profile_step_m = 50

[gaps]
smallest_population = 10
join_distance_m = 300

[villages]
service = "mobile"
white = "centre"
cluster_population = 25
"""
# Communes of 5 km from west to east, a village in each; all that stands in a row, so that every
# path runs along it. Kilometres from the west.
VILLAGES = (3.05, 7.55, 13.15, 16.55, 22.55, 27.85)
POWER = (True, False, None, True, True, True)
MASTS = {"Viettel": (2.55, 20.0), "VinaPhone": (12.65, -2.0), "MobiFone": (27.95, 20.0)}
"""Kilometre and EIRP, dBm, at 900 MHz 40 m above ground."""
WALL_KM = 4.15
"""Its far side, from which it hides those behind it."""
HAMLET_KM = 4.55
"""Thirty people behind the wall, 0.5 km from it, who belong to the first village."""


def free_margin_db(operator, km):
    """Return EIRP + 100 dBm less free space over a distance, 32.45 + 20 log f + 20 log d."""
    at, eirp_dbm = MASTS[operator]
    return eirp_dbm + 100.0 - 32.45 - 20 * np.log10(900.0 * abs(km - at))


def wall_db(mast_km, km):
    """Return what the wall takes as the one edge of a Bullington path, ITU-R P.526."""
    d1, d2 = 1000 * abs(WALL_KM - mast_km), 1000 * abs(km - WALL_KM)
    bulge_m = d1 * d2 / (2 * 8.93e6)
    line_m = MAST_GROUND_M + 40.0 - 38.5 * d1 / (d1 + d2)
    nu = (WALL_M + bulge_m - line_m) * np.sqrt(2 * (d1 + d2) / (0.3331 * d1 * d2)) - 0.1
    edge_db = 6.9 + 20 * np.log10(np.hypot(nu, 1.0) + nu)
    return edge_db + (1 - np.exp(-edge_db / 6)) * (10 + 0.02 * (d1 + d2) / 1000)


def raster(path, values):
    with rasterio.open(
        path, "w", driver="GTiff", width=300, height=50, count=1, dtype="float32", crs=CRS,
        transform=from_origin(WEST, SOUTH + 5_000.0, PIXEL, PIXEL),
    ) as file:  # fmt: skip
        file.write(values.astype("float32"), 1)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """Return the province, computed."""
    folder = tmp_path_factory.mktemp("worked")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    boxes = [
        shapely.box(WEST + 5_000 * k, SOUTH, WEST + 5_000 * (k + 1), SOUTH + 5_000.0)
        for k in range(6)
    ]
    gpd.GeoDataFrame(
        {
            "commune_code": [f"0070{k}" for k in range(6)], "valid_from": "2010-01-01",
            "name": [f"Xã {k}" for k in range(6)], "type": "xã", "district_code": "024",
            "district": "Huyện", "population": 100,
        },
        geometry=boxes, crs=CRS,
    ).to_file(folder / "communes.geojson", driver="GeoJSON")  # fmt: skip
    terrain = np.full((50, 300), MAST_GROUND_M)
    terrain[:, 39:42] = WALL_M
    raster(folder / "terrain.tif", terrain)
    people = np.zeros((50, 300))
    people[24, [int(10 * km) for km in VILLAGES]] = 100.0
    people[24, int(10 * HAMLET_KM)] = 30.0
    raster(folder / "population.tif", people)
    pd.DataFrame(
        {
            "village_id": [f"v{k}" for k in range(6)], "name": [f"Thôn {k}" for k in range(6)],
            "commune_code": [f"0070{k}" for k in range(6)], "population": 100,
            "has_electricity": POWER,
            "x_m": [WEST + 1000 * km for km in VILLAGES], "y_m": MIDDLE,
        }
    ).to_csv(folder / "villages.csv", index=False)  # fmt: skip
    rows = [
        {
            "site_id": f"S-{name}", "site_name": f"Cột {name}", "station_id": name,
            "cell_id": f"{name}-1", "operator": name, "technology": "4G", "frequency_mhz": 900,
            "antenna_height_m": 40, "rs_eirp_dbm": eirp, "antenna": "omni", "status": "active",
            "x_m": WEST + 1000 * km, "y_m": MIDDLE,
        }
        for name, (km, eirp) in MASTS.items()
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "cells.csv", index=False)
    pd.DataFrame(
        {
            "place_id": ["p0", "p1"], "name": ["Núi Chắn", "Núi Xa"], "kind": "peak",
            "x_m": [WEST + 4_050, WEST + 20_000], "y_m": [MIDDLE + 900.0, MIDDLE],
        }
    ).to_csv(folder / "places.csv", index=False)  # fmt: skip
    return phusong.run(phusong.open_study(folder), parts=["villages"], threads=1)


EXPECTED = {
    # By village. Over free space the cell of Viettel, and MobiFone's, has 28.5 - 20 log d dB left
    # (km), VinaPhone's weak one 6.5 - 20 log d; ground grazed from 1.5 m takes 5 dB at 4 km, 7 dB
    # at 5 km and 13 dB at 10 km. Viettel is hidden by the wall from all but the first village, and
    # would serve them in sight to 15 km; the strongest cell of all is as strong as its own.
    "Viettel": ["patchy", "ridge", "ridge", "ridge", "none_near", "none_near"],
    # 9.6 km behind the wall a strong cell would do in sight, 28.5 - 19.6 dB; in sight at 5.1 km,
    # 28.5 - 14.2 - 7, and at 3.9 km too; at 9.9 km not, 28.5 - 19.9 - 13.
    "VinaPhone": ["too_weak", "too_weak", "served", "too_weak", "too_far", "none_near"],
    # In sight at 14.8 and 11.4 km it misses itself, 28.5 - 23.4 - 17 and 28.5 - 21.1 - 14.
    "MobiFone": ["none_near", "none_near", "too_far", "too_far", "served", "served"],
}


def test_state_and_cause_of_every_operator_are_those_worked_by_hand(worked):
    table = worked.tables["village_signal"][0]
    assert len(table) == 18
    for operator, expected in EXPECTED.items():
        rows = table[table["operator"] == operator]
        assert rows["village_id"].to_list() == [f"v{k}" for k in range(6)]
        for state, cause, word in zip(rows["signal_state"], rows["cause"], expected, strict=True):
            if word in {"served", "patchy"}:
                assert state == word
                assert pd.isna(cause) or (word, cause) == ("patchy", "ridge")
            else:
                assert (state, cause) == ("white", word)


def test_what_is_missing_is_the_budget_over_free_space_and_the_wall(worked):
    table = worked.tables["village_signal"][0].set_index(["operator", "village_id"])
    missing, ridge = table["missing_db"], table.loc[("Viettel", "v1")]
    # Viettel at 5 km: 20 + 100 - 32.45 - 59.08 - 13.98 = 14.5 dB in sight. The wall stands 8.6 m
    # above the sight line, 3.4 km before the phone: nu = 8.6 * 0.0743 = 0.64, J = 11.4 dB, and
    # (1 - exp(-J / 6)) * 10.1 = 8.6 dB more, 20.0 dB in all: 5.5 dB are missing.
    assert free_margin_db("Viettel", 7.55) == pytest.approx(14.5, abs=0.05)
    assert wall_db(2.55, 7.55) == pytest.approx(20.0, abs=0.05)
    assert ridge["missing_db"] == pytest.approx(5.5, abs=0.5)
    assert ridge["terrain_loss_db"] == pytest.approx(20.0, abs=0.8)
    assert ridge["obstacle_ground_m"] == WALL_M
    assert ridge["obstacle_distance_km"] == pytest.approx(3.4)
    assert ridge["obstacle_above_sight_m"] == pytest.approx(8.62, abs=0.01)
    assert ridge["obstacle_place"] == "Núi Chắn"
    # From the phone over the wall's top, 36.3 m with the earth's bulge, on to the mast:
    # 36.3 + (36.3 - 1.5) * 1.6 / 3.4 = 52.7 m.
    assert ridge["clearing_height_m"] == pytest.approx(52.7, abs=0.05)
    assert ridge["server_site_name"] == "Cột Viettel"
    assert ridge["server_distance_km"] == pytest.approx(5.0)
    # VinaPhone at 3.9 km: 6.5 - 11.8 = -5.3 dB, and what the ground takes.
    assert 5.3 < missing["VinaPhone", "v3"] < 5.3 + 6.0
    assert table["nearest_site_name"]["MobiFone", "v0"] == "Cột MobiFone"
    assert table["nearest_distance_km"]["MobiFone", "v0"] == pytest.approx(24.9)
    assert pd.isna(table["server_cell_id"]["MobiFone", "v0"])
    assert table.loc[table["signal_state"] == "served", "missing_db"].isna().all()
    assert table.loc[table["cause"] == "too_weak", "obstacle_ground_m"].notna().sum() == 1


def test_point_in_the_way_lies_where_the_wall_does(worked):
    table = worked.tables["village_signal"][0].set_index(["operator", "village_id"])
    ridge = table.loc[("Viettel", "v1")]
    at = gpd.GeoSeries([shapely.Point(WEST + 1000 * WALL_KM, MIDDLE)], crs=CRS).to_crs("OGC:CRS84")
    # Two transformations from VN-2000 may differ by some metres.
    assert ridge["obstacle_longitude"] == pytest.approx(at.x[0], abs=1e-4)
    assert ridge["obstacle_latitude"] == pytest.approx(at.y[0], abs=1e-4)


def test_all_operators_together_and_what_a_province_reports(worked):
    villages = worked.villages
    # The hamlet behind the wall has nobody but Viettel: 28.5 - 6.0 dB in sight, 34 dB of wall.
    assert free_margin_db("Viettel", HAMLET_KM) - wall_db(2.55, HAMLET_KM) < -8.0
    states = ["patchy", "white", "served", "white", "served", "served"]
    assert villages["signal_state"].to_list() == states
    assert villages["residents"].to_list() == [130, 100, 100, 100, 100, 100]
    assert villages["unserved_population"].to_list() == [30, 100, 0, 100, 0, 0]
    # At v1 Viettel behind the wall (-5.5 dB) is still better than the weak cell (-14.7 dB); at
    # v3 MobiFone, 11.4 km away, is the best.
    assert villages["cause"].fillna("").to_list() == ["ridge", "ridge", "", "too_far", "", ""]
    assert villages["server_cell_id"][3] == "MobiFone-1"
    assert villages["support"].fillna("").to_list() == [
        "eligible_now", "needs_power", "", "eligible_now", "", ""
    ]  # fmt: skip
    assert villages["operators_served"].to_list() == [
        "Viettel", "", "VinaPhone", "", "MobiFone", "MobiFone"
    ]  # fmt: skip
    board = worked.indicators.set_index("indicator")["computed"]
    assert board["white_villages"] == 2
    assert board["patchy_villages"] == 1
    assert board["lit_villages_share"] == pytest.approx(4 / 6)
    assert board["patchy_villages_share"] == pytest.approx(1 / 4)  # of those not white
    (note,) = (one for one in worked.notes if one.message == "pipeline.villages_listed")
    assert "2 are white and 1 is patchy, where 230 people are" in note.render("en")


def test_list_has_the_villages_that_are_not_served_with_a_sentence_each(worked):
    table = worked.tables["village_list"][0]
    assert table["number"].to_list() == [1, 2, 3]
    assert table["village_id"].to_list() == ["v0", "v1", "v3"]
    assert table["commune"].to_list() == ["Xã 0", "Xã 1", "Xã 3"]
    assert table["reason"][1] == (
        "Khuất điểm cao 136 m gần Núi Chắn, cách 3,4 km trên hướng trạm Cột Viettel (5,0 km); "
        "ăng-ten phải cao 53 m mới ngắm qua"
    )
    assert table["reason_en"][2] == (
        "Station Cột MobiFone 11.4 km off: too far, even for the strongest cell"
    )
    assert table["nearest_stations_en"][0] == (
        "MobiFone: Cột MobiFone 24.9 km; Viettel: Cột Viettel 0.5 km; "
        "VinaPhone: Cột VinaPhone 9.6 km"
    )


def test_without_any_figure_of_residents_the_centres_alone_judge(worked, tmp_path):
    folder = shutil.copytree(worked.study.folder, tmp_path / "untold")
    text = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text(text.replace('population = "population.tif"\n', ""), "utf-8")
    for name in ("communes.geojson", "villages.csv"):
        table = gpd.read_file(folder / name) if name.endswith("json") else pd.read_csv(
            folder / name, dtype={"commune_code": str}
        )  # fmt: skip
        table = table.drop(columns="population")
        if name.endswith("json"):
            table.to_file(folder / name, driver="GeoJSON")
        else:
            table.to_csv(folder / name, index=False)
    found = phusong.run(phusong.open_study(folder), parts=["villages", "strength"], threads=1)
    states = ["served", "white", "served", "white", "served", "served"]
    assert found.villages["signal_state"].to_list() == states
    assert found.villages[["residents", "unserved_population"]].isna().all(axis=None)
    assert found.villages["cause"].fillna("").to_list() == ["", "ridge", "", "too_far", "", ""]
    (note,) = (one for one in found.notes if one.message.startswith("pipeline.villages_listed"))
    assert note.render("en").endswith("of 6 villages 2 are white and 0 are patchy.")
    assert "sites" not in found.tables  # who would lose signal, nobody can tell


def test_states_are_those_of_the_rasters_and_everybody_has_a_village(result):
    villages, units = result.villages, result.gathered.found.findings["territory"].record.units
    margin = result.gathered.found.findings["coverage"].record.services["mobile"].margin_db
    white = villages["signal_state"] == "white"
    assert white.to_list() == (~villages["covered_mobile"].astype(bool)).to_list()
    given = homes(units.residents, villages)
    served = margin.to_numpy().ravel()[given.pixel] >= 0
    dark = np.bincount(given.village[~served], given.people[~served], len(villages))
    np.testing.assert_allclose(villages["unserved_population"], dark)
    assert villages["residents"].sum() == pytest.approx(result.communes["population"].sum())
    np.testing.assert_allclose(villages["missing_db"][white], -villages["margin_db_mobile"][white])
    assert villages.loc[~white & (dark == 0), "cause"].isna().all()
    assert villages.loc[white, "cause"].notna().all()


def test_an_operator_alone_has_the_states_of_its_own_study(result, pristine, small_losses):
    study = phusong.open_study(pristine).replace({"services.mobile.operators": ["VinaPhone"]})
    alone = phusong.run(study, parts=["villages"], threads=1, cache_folder=small_losses)
    table = result.tables["village_signal"][0]
    mine = table[table["operator"] == "VinaPhone"].reset_index(drop=True)
    other = alone.villages
    assert set(alone.tables["village_signal"][0]["operator"]) == {"VinaPhone"}
    for name in ("signal_state", "cause", "server_cell_id", "nearest_site_name"):
        assert mine[name].fillna("").to_list() == other[name].fillna("").to_list(), name
    for name in ("unserved_population", "missing_db", "terrain_loss_db", "clearing_height_m"):
        np.testing.assert_allclose(mine[name], other[name])


def test_without_definitions_there_are_no_lists_and_an_unknown_service_is_refused(pristine):
    study = phusong.open_study(pristine)
    with pytest.raises(StudyError, match="4g"):
        study.replace({"villages.service": "4g"})
    with_none = study.model_copy(update={"villages": None})
    territory = phusong.run(with_none, parts=["territory"])
    assert "village_signal" not in territory.tables
    assert "white_villages" not in set(territory.indicators["indicator"])
