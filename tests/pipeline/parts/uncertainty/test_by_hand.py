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
{services}
[radio]
model = "free_space"
radius_km = 20
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
TOLERANCE = 0.02
"""A band's ends and a probability are those of 10,000 draws, the ends known to 0.13 dB."""


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    """Return the result of the six communes."""
    folder = tmp_path_factory.mktemp("six")
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
    for name, values, corner in (
        ("population", people, (WEST, SOUTH + 6 * SIDE)),
        ("terrain", np.zeros((30, 280), np.float32), (WEST - 10 * SIDE, SOUTH + 18 * SIDE)),
    ):
        at = Affine(SIDE, 0, corner[0], 0, -SIDE, corner[1])
        height, width = values.shape
        with rasterio.open(
            folder / f"{name}.tif", "w", **of_grid, transform=at, width=width, height=height
        ) as file:
            file.write(values, 1)
    mast = Point(WEST + SIDE / 2, SOUTH + 3 * SIDE)
    homes = [
        Point(WEST + (VILLAGES[name] + 0.5) * SIDE, south + SIDE / 2)
        for name, south in zip(names, rows, strict=True)
    ]
    places = gpd.GeoSeries([mast, *homes], crs="EPSG:9209").to_crs("EPSG:4326")
    pd.DataFrame(
        {
            "site_id": ["M"], "station_id": ["M2"], "cell_id": ["M2a"], "site_name": ["M"],
            "operator": ["Viettel"], "technology": ["2G"], "frequency_mhz": [900],
            "antenna_height_m": [30], "rs_eirp_dbm": [36.5], "status": ["active"],
            "on_air_from": ["2010-01-01"], "lon": [places.x[0]], "lat": [places.y[0]],
        }
    ).to_csv(folder / "cells.csv", index=False)  # fmt: skip
    pd.DataFrame(
        {
            "village_id": names, "name": names,
            "commune_code": [f"0000{at}" for at in range(1, 7)],
            "lon": places.x[1:], "lat": places.y[1:],
        }
    ).to_csv(folder / "villages.csv", index=False)  # fmt: skip
    services = "".join(SERVICE.format(reading=reading) for reading in READINGS) + "".join(
        TARGET.format(reading=reading, scope=scope)
        for reading in READINGS
        for scope in ("commune", "district", "province")
    )
    settings = SETTINGS.replace("{services}", services)
    (folder / "study.toml").write_text(settings, encoding="utf-8")
    return phusong.run(phusong.open_study(folder), parts=["uncertainty"], threads=1)


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
    found = column(six, "communes", name, reading)
    assert found == pytest.approx(communes, abs=1e-6 if exact else TOLERANCE)
    # One error for all: a band of a sum is the sum of the bands.
    people = np.array([sum(each) for each in PEOPLE.values()])
    served = np.array(communes) * people
    districts = [served[:3].sum() / people[:3].sum(), served[3:].sum() / people[3:].sum()]
    tolerance = 1e-6 if exact else TOLERANCE
    assert column(six, "districts", name, reading) == pytest.approx(districts, abs=tolerance)
    province = [served.sum() / people.sum()]
    assert column(six, "province", name, reading) == pytest.approx(province, abs=tolerance)


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
