"""Three finished tables around Hà Giang city, small enough to read."""

import unicodedata

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from phusong.tables import COMMUNES_RESULT, INDICATORS, SPANS, VILLAGES_RESULT

CRS = "EPSG:9209"
WEST, SOUTH = 447_000.0, 2_526_000.0
HOSTILE = '<script>alert("x")</script>\u202eevil 🐃 \'; DROP'
SERVICE = {"service": ["mobile"]}


@pytest.fixture
def communes():
    """Return two neighbouring communes, not in the order of their codes."""
    return gpd.GeoDataFrame(
        {
            "commune_code": ["00694", "00688"],
            "valid_from": pd.to_datetime(["2004-01-01", "2004-01-01"]),
            "name": [HOSTILE, unicodedata.normalize("NFD", "Ngọc Đường")],
            "type": ["xã", "xã"],
            "district_code": ["024", "024"],
            "district": ["Hà Giang", "Hà Giang"],
            "population": [1234.5678915, np.nan],
            "area_km2": [4.0, 4.0],
            "villages": pd.array([7, None], dtype="Int64"),
            "stations": [3, 0],
            "covered_population_share_mobile": np.array([0.98, np.nan], dtype="float32"),
            "target_verdict_mobile": ["met", "not_applicable"],
            "has_lan": pd.array([True, None], dtype="boolean"),
        },
        geometry=[
            box(WEST + 2000, SOUTH, WEST + 4000, SOUTH + 2000),
            box(WEST, SOUTH, WEST + 2000, SOUTH + 2000),
        ],
        crs=CRS,
    )


@pytest.fixture
def tables(communes):
    villages = gpd.GeoDataFrame(
        {
            "village_id": ["v2", "v1"],
            "name": ["=1+1", "Bản Tùy"],
            "commune_code": ["00688", "00694"],
            "covered_mobile": [False, True],
            "level_dbm_mobile": [np.nan, -97.25],
        },
        geometry=[Point(WEST + 500, SOUTH + 500), Point(WEST + 2500, SOUTH + 500)],
        crs=CRS,
    )
    spans = gpd.GeoDataFrame(
        {"id": ["s1"], "status": ["operational"], "fibreLength": [2.0]},
        geometry=[LineString([(WEST, SOUTH), (WEST + 2000, SOUTH)])],
        crs=CRS,
    )
    return {
        "communes": (communes, COMMUNES_RESULT.expand(SERVICE)),
        "villages": (villages, VILLAGES_RESULT.expand(SERVICE)),
        "spans": (spans, SPANS),
    }


@pytest.fixture
def indicators():
    return pd.DataFrame(
        {
            "indicator": ["stations", "lan_share"],
            "vi": ["Số trạm BTS", "Xã có mạng LAN"],
            "en": ["BTS stations", "Communes with a LAN"],
            "unit": ["count", "share"],
            "denominator": [None, "commune_offices"],
            "published": [1514.0, 0.15],
            "computed": [1514.0, 0.1487179],
            "target": [np.nan, np.nan],
            "origin": ["counted", "counted"],
            "status": ["no_target", "no_target"],
            "definition_vi": ["Đếm trạm", None],
            "definition_en": ["Stations counted", None],
            "source": ["Báo Hà Giang, 2018", None],
        },
        columns=list(INDICATORS.columns),
    )
