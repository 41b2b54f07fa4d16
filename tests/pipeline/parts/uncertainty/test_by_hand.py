"""A province of six communes that can be worked out with a pencil.

One mast of 2G at 900 MHz over flat land, free space. Six communes are strips of 100 m to its
east, three to a district, and people live in four columns alone, 2, 6, 18 and 24 km away:

    commune   2 km   6 km   18 km   24 km   village at   district
    A          100      0       0       0         2 km   west
    B           60     40       0       0         6 km   west
    C            0     50      50       0        18 km   west
    D            0      0      80      20        18 km   east
    E           20     20      20      40         2 km   east
    F            0      0       0      30        24 km   east

**Level.** The mast radiates 36.5 dBm; free space takes 32.45 + 20 log 900 + 20 log d = 97.55,
107.10 and 116.64 dB; 20 dB of mean error are taken off, as nothing tells what stands around
phones. Over the threshold of -98 dBm are left X = 16.95, 7.40 and -2.14 dB. 24 km lie beyond
the radius of 20 km.

**On the map** 90 % of places need 1.2816 · 8 = 10.25 dB: the column of 2 km has them. Without
the mean error X is 20 dB more: all three columns. The probability of a place is Φ(X / 8):
0.983, 0.823, 0.395.

**Draws.** Of all errors only that of the province is left, E with 6 dB: E is -9.87 dB or less
in 5 % of draws, 0 in the middle, 9.87 or more in 5 %. Within a pixel of 100 m levels vary by
P.1812's (0.52 + 0.024 · 0.9) · 100 ** 0.28 = 1.966 dB: 90 % of places need 2.52 dB, so a column
is served from E = 2.52 - X on: -14.43, -4.88 and 4.66 dB, which has a probability of 0.9919,
0.7919 and 0.2187. At -9.87 dB the first column is served, at 0 the first two, at 9.87 all
three.

**Land.** 10.25 dB are left up to 2 · 10 ** (6.70 / 20) = 4.33 km: 44 of the 250 columns.

**Villages** are white where their point has no signal; a cluster of 30 people without it makes one
patchy. A is served. B lacks 2.85 dB, C and D 12.39. The strongest cell of the service, 6 dB more,
stands on a mast 19.9 km west of the other, so 21.9 km from the nearest people: in place of the
cell heard it would serve B, which is too weakly served, not C and D, which are too far. E's village
has signal, but not its 40 people 24 km away; there and at F no mast stands within 20 km.

**A wall** of 100 m, 1 km east of the mast, hides all villages, by another model (delta-Bullington
diffraction; over a clear path it takes next to nothing). A and E would be served without it: a
ridge. B, C, D and F stay as they are. The wall cuts the line from 30 m to the phone at 1.5 m, half
way to A and E at 15.75 m, by 84.25 m; the earth bulges by 0.06 m, 1 km · 1 km / 2 / (1.40 · 6371
km). Over its top, 98.5 m above the phone, sight rises as much again: from 198.6 m at the mast.

**By probability** a place is served with Φ((X + E) / 1.966): at -9.87 dB 1, 0.105, 0; at 0 dB
1, 1, 0.138; at 9.87 dB 1, 1, 1.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from shapely.geometry import Point, box

import phusong

from ....shares import beside_their_bands

WEST, SOUTH, SIDE = 440_000, 2_530_000, 100
"""Corner of the first column, and the pixel; the mast stands in the middle of that column."""
COLUMNS = (20, 60, 180, 240)
PEOPLE = {
    "A": (100, 0, 0, 0),
    "B": (60, 40, 0, 0),
    "C": (0, 50, 50, 0),
    "D": (0, 0, 80, 20),
    "E": (20, 20, 20, 40),
    "F": (0, 0, 0, 30),
}
VILLAGES = {"A": 20, "B": 60, "C": 180, "D": 180, "E": 20, "F": 240}
SETTINGS = """
name = "Sáu xã"
name_en = "Six communes"
province = "Hà Giang"
province_code = "02"
edition = "2017"
as_of = 2017-12-31
crs = "EPSG:9209"
resolution_m = 100

[inputs]
communes = "communes.gpkg"
cells = "cells.csv"
terrain = ["terrain.tif"]
population = "population.tif"
villages = "villages.csv"
places = "places.csv"
{services}
[villages]
service = "pixels"
cluster_population = 30

[radio]
model = "{model}"
radius_km = 20
profile_step_m = 10
receiver_height_m = 1.5
location_sd_db = 8
body_loss_db = 0
delta_n_per_km = 45
n0 = 325

[gaps]
smallest_population = 10
join_distance_m = 300

[uncertainty]
draws = 10000
province_sd_db = 6
station_sd_db = 0
field_sd_db = 0
uncorrelated_sd_db = 0
population_sd = 0
"""
SERVICE = """
[[services]]
id = "{reading}"
name = "Di động, {reading}"
name_en = "Mobile, {reading}"
technologies = ["2G"]
environment = "outdoor"
location_probability = 0.9
threshold_dbm = {{ 2G = -98 }}
"""
TARGET = """
[[targets]]
service = "{reading}"
share = 0.9
denominator = "population"
reading = "{reading}"
scope = "{scope}"
"""
READINGS = ("pixels", "probability")
WALL, WALL_M = 10, 100
"""Column and height of what stands in the way."""
TOLERANCE = 0.02
"""A band's ends and a probability are those of 10,000 draws, the ends known to 0.13 dB."""


def written(folder, *, model, wall_m):
    """Write the six communes, a wall across all of them."""
    names = list(PEOPLE)
    rows = [SOUTH + SIDE * (5 - at) for at in range(6)]
    gpd.GeoDataFrame(
        {
            "commune_code": [f"0000{at}" for at in range(1, 7)],
            "valid_from": "2004-01-01",
            "name": names,
            "type": "xã",
            "district_code": ["001"] * 3 + ["002"] * 3,
            "district": ["Tây"] * 3 + ["Đông"] * 3,
        },
        geometry=[box(WEST, south, WEST + 250 * SIDE, south + SIDE) for south in rows],
        crs="EPSG:9209",
    ).to_file(folder / "communes.gpkg")
    people = np.zeros((6, 250), np.float32)
    people[:, COLUMNS] = list(PEOPLE.values())
    of_grid = {"driver": "GTiff", "count": 1, "crs": "EPSG:9209", "dtype": "float32"}
    ground = np.zeros((30, 500), np.float32)
    ground[:, 230 + WALL] = wall_m
    for name, values, corner in (
        ("population", people, (WEST, SOUTH + 6 * SIDE)),
        ("terrain", ground, (WEST - 230 * SIDE, SOUTH + 18 * SIDE)),
    ):
        at = Affine(SIDE, 0, corner[0], 0, -SIDE, corner[1])
        height, width = values.shape
        with rasterio.open(
            folder / f"{name}.tif", "w", **of_grid, transform=at, width=width, height=height
        ) as file:
            file.write(values, 1)
    mast, far = (Point(WEST + SIDE / 2 - away, SOUTH + 3 * SIDE) for away in (0, 199 * SIDE))
    peak = Point(WEST + (WALL + 0.5) * SIDE, SOUTH + 3 * SIDE)
    homes = [
        Point(WEST + (VILLAGES[name] + 0.5) * SIDE, south + SIDE / 2)
        for name, south in zip(names, rows, strict=True)
    ]
    places = gpd.GeoSeries([mast, far, peak, *homes], crs="EPSG:9209").to_crs("EPSG:4326")
    pd.DataFrame(
        {
            "site_id": ["M", "S"], "station_id": ["M2", "S2"], "cell_id": ["M2a", "S2a"],
            "site_name": ["M", "S"], "operator": "Viettel", "technology": "2G",
            "frequency_mhz": 900, "antenna_height_m": 30, "rs_eirp_dbm": [36.5, 42.5],
            "status": "active", "on_air_from": "2010-01-01", "lon": places.x[:2],
            "lat": places.y[:2],
        }
    ).to_csv(folder / "cells.csv", index=False)  # fmt: skip
    pd.DataFrame(
        {"place_id": ["p"], "name": ["Pù Tường"], "kind": ["peak"], "lon": places.x[2:3],
         "lat": places.y[2:3]}
    ).to_csv(folder / "places.csv", index=False)  # fmt: skip
    pd.DataFrame(
        {
            "village_id": names, "name": names,
            "commune_code": [f"0000{at}" for at in range(1, 7)],
            "lon": places.x[3:], "lat": places.y[3:],
        }
    ).to_csv(folder / "villages.csv", index=False)  # fmt: skip
    services = "".join(SERVICE.format(reading=reading) for reading in READINGS) + "".join(
        TARGET.format(reading=reading, scope=scope)
        for reading in READINGS
        for scope in ("commune", "district", "province")
    )
    settings = SETTINGS.replace("{services}", services).replace("{model}", model)
    (folder / "study.toml").write_text(settings, encoding="utf-8")
    return phusong.open_study(folder)


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    """Return the result of the six communes."""
    study = written(tmp_path_factory.mktemp("six"), model="free_space", wall_m=0)
    return phusong.run(study, parts=["uncertainty", "villages"], threads=1)


def column(six, level, name, reading):
    """Return a column of a table in the order of the communes or districts."""
    table = getattr(six, level)
    key = {"communes": "commune_code", "districts": "district_code", "province": "province_code"}
    return table.sort_values(key[level])[f"{name}_{reading}"].to_list()


def test_level_at_each_village(six):
    # X less the 10.25 dB that 90 % of places need; nobody is heard 24 km away.
    margin = six.villages.sort_values("village_id")["margin_db_pixels"].to_numpy()
    beam_db = 0.15  # the strips lie up to 250 m off the axis, and the beam goes over 2 km
    np.testing.assert_allclose(margin, [6.70, -2.85, -12.39, -12.39, 6.70, np.nan], atol=beam_db)


@pytest.mark.parametrize(
    ("name", "communes", "districts", "province"),
    [
        # 160 of the 300 in the west, 20 of 230 in the east.
        ("covered_population_share", [1, 0.6, 0, 0, 0.2, 0], [160 / 300, 20 / 230], 180 / 530),
        # Three columns: all of the west; 80 + 60 of the east.
        ("uncorrected_covered_population_share", [1, 1, 1, 0.8, 0.6, 0], [1, 140 / 230], 440 / 530),
        # A: 0.983; B: 0.6 · 0.983 + 0.4 · 0.823; C: (0.823 + 0.395) / 2; D: 0.8 · 0.395;
        # E: 0.2 · (0.983 + 0.823 + 0.395).
        (
            "expected_covered_population_share",
            [0.983, 0.919, 0.609, 0.316, 0.440, 0],
            [(98.3 + 91.9 + 60.9) / 300, (31.6 + 44.0) / 230],
            (98.3 + 91.9 + 60.9 + 31.6 + 44.0) / 530,
        ),
        ("covered_villages_share", [1, 0, 0, 0, 1, 0], [1 / 3, 1 / 3], 1 / 3),
        ("covered_area_share", [44 / 250] * 6, [44 / 250] * 2, 44 / 250),
    ],
)
def test_shares_on_the_map(six, name, communes, districts, province):
    for reading in READINGS:  # both services have the same cells
        found = [column(six, level, name, reading) for level in ("communes", "districts")]
        assert found[0] == pytest.approx(communes, abs=0.005)
        assert found[1] == pytest.approx(districts, abs=0.005)
        assert column(six, "province", name, reading) == pytest.approx([province], abs=0.005)


@pytest.mark.parametrize(
    ("reading", "name", "communes"),
    [
        ("pixels", "share_low", [1, 0.6, 0, 0, 0.2, 0]),
        ("pixels", "share_median", [1, 1, 0.5, 0, 0.4, 0]),
        ("pixels", "share_high", [1, 1, 1, 0.8, 0.6, 0]),
        # B: 0.6 + 0.4 · 0.105; C: 0.5 · 0.105; E: 0.2 + 0.2 · 0.105.
        ("probability", "share_low", [1, 0.642, 0.053, 0, 0.221, 0]),
        # C: 0.5 + 0.5 · 0.138; D: 0.8 · 0.138; E: 0.4 + 0.2 · 0.138.
        ("probability", "share_median", [1, 1, 0.569, 0.110, 0.428, 0]),
        ("probability", "share_high", [1, 1, 1, 0.8, 0.6, 0]),
    ],
)
def test_estimates_and_bands(six, reading, name, communes):
    exact = reading == "pixels"
    tolerance = 1e-6 if exact else TOLERANCE
    # One error for all: a band of a sum is the sum of the bands.
    people = np.array([sum(each) for each in PEOPLE.values()])
    served = np.array(communes) * people
    districts = [served[:3].sum() / people[:3].sum(), served[3:].sum() / people[3:].sum()]
    expected = {
        "communes": communes, "districts": districts, "province": [served.sum() / people.sum()],
    }  # fmt: skip
    # That of the target is the one of its reading; both services have both readings.
    shown = [(name, reading), *((f"{reading}_{name}", service) for service in READINGS)]
    for level, shares in expected.items():
        for column_name, service in shown:
            found = column(six, level, column_name, service)
            assert found == pytest.approx(shares, abs=tolerance)


def test_every_share_beside_a_band_lies_in_it(six):
    told = list(beside_their_bands(six))
    # Three shares of two services by nine units; both readings of each on the board.
    assert len(told) == 3 * 2 * 9 + 4
    assert not [where for where, low, share, high in told if not low <= share <= high]


def test_probabilities_and_verdicts(six):
    # 90 %: A from -14.43 dB on, B from -4.88, C from 4.66; D, E and F never.
    likely = [0.9919, 0.7919, 0.2187, 0, 0, 0]
    verdicts = ["met", "undecided", "undecided", "missed", "missed", "missed"]
    assert column(six, "communes", "target_probability", "pixels") == pytest.approx(
        likely, abs=TOLERANCE
    )
    assert column(six, "communes", "confident_verdict", "pixels") == verdicts
    # West: 250 of 300 with two columns, so all three; east and province never reach 90 %.
    assert column(six, "districts", "target_probability", "pixels") == pytest.approx(
        [0.2187, 0], abs=TOLERANCE
    )
    assert column(six, "districts", "confident_verdict", "pixels") == ["undecided", "missed"]
    assert column(six, "province", "confident_verdict", "pixels") == ["missed"]
    # By probability 90 % of B asks for 0.75 of the second column, of C for 0.8 of the third, as
    # the second then has all: (X + E) / 1.966 of 0.674 and 0.842, E of -6.08 and 3.79 dB, so
    # 0.8446 and 0.2637.
    assert column(six, "communes", "target_probability", "probability") == pytest.approx(
        [1, 0.8446, 0.2637, 0, 0, 0], abs=TOLERANCE
    )
    assert column(six, "communes", "confident_verdict", "probability") == verdicts
    # What the map alone says, with no doubt: A.
    assert column(six, "communes", "target_verdict", "pixels") == ["met"] + ["missed"] * 5


def causes(found):
    """Return the state and cause of each village, in their order, for the one operator."""
    return found.village_signal.sort_values("village_id")


def test_states_of_villages_and_causes(six):
    found = causes(six)
    states = ["served", "white", "white", "white", "patchy", "white"]
    assert found["signal_state"].to_list() == states
    reasons = [None, "too_weak", "too_far", "too_far", "none_near", "none_near"]
    assert found["cause"].astype(object).where(found["cause"].notna(), None).to_list() == reasons
    missing = [np.nan, 2.85, 12.39, 12.39, np.nan, np.nan]
    np.testing.assert_allclose(found["missing_db"], missing, atol=0.15)  # as of the levels
    assert found["unserved_population"].to_list() == [0, 40, 100, 100, 80, 30]


def test_causes_behind_a_wall(tmp_path):
    study = written(tmp_path, model="diffraction", wall_m=WALL_M)
    found = causes(phusong.run(study, parts=["villages"], threads=1))
    reasons = ["ridge", "too_weak", "too_far", "too_far", "ridge", "none_near"]
    assert found["cause"].to_list() == reasons
    near = found.iloc[[0, 4]]  # A and E, 2 km away, up to 250 m off the axis
    assert near["obstacle_place"].to_list() == ["Pù Tường"] * 2
    # Along the path samples lie up to 5 m beside the top of the wall, which falls 1 m in 1 m.
    np.testing.assert_allclose(near["obstacle_ground_m"], WALL_M, atol=5.0)
    np.testing.assert_allclose(near["obstacle_distance_km"], 1.0, atol=0.02)
    np.testing.assert_allclose(near["obstacle_above_sight_m"], 84.3, atol=5.0)
    np.testing.assert_allclose(near["clearing_height_m"], 198.6, atol=10.0)
