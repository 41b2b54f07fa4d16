"""Three finished tables around Hà Giang city, small enough to read."""

import unicodedata

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, Point, box

from phusong.export import (
    output_folder,
    plain_layer,
    signal_classes,
    table_file,
    write_class_cog,
    write_dictionary,
    write_geojson,
    write_manifest,
    write_rows,
    write_schema,
)
from phusong.grid import Grid
from phusong.tables import COMMUNES_RESULT, GAPS, INDICATORS, SPANS, VILLAGES_RESULT

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
            "denominator": [None, "communes"],
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


NASTY = (
    HOSTILE, '=cmd|"/c calc"!A1', "'; DROP TABLE villages;--", "\u202egnốht", "🐃 & <b>", 'a"b\\n',
    "dòng\tmột\nhai", "]]>", "&amp;#x27;", "\ufeffBOM", "x\x0by", "-1+1", "A" * 300,
)  # fmt: skip


@pytest.fixture
def nasty():
    """Return villages named by someone who means ill, one of them without a place."""
    return gpd.GeoDataFrame(
        {
            "village_id": [f"v{number:02}" for number in range(len(NASTY))],
            "name": NASTY,
            "commune_code": "00688",
            "households": pd.array([*range(len(NASTY) - 1), None], dtype="Int64"),
            "has_electricity": pd.array([True, False, None, *[True] * (len(NASTY) - 3)], "boolean"),
        },
        geometry=[
            *(Point(WEST + 100 * number, SOUTH) for number in range(len(NASTY) - 1)), None
        ],
        crs=CRS,
    )  # fmt: skip


@pytest.fixture
def layers(tables, nasty, indicators):
    """Return every kind of layer: mixed polygons, an empty one, one without geometry."""
    communes, table = tables["communes"]
    island = box(WEST + 9000, SOUTH, WEST + 9500, SOUTH + 500)
    hole = box(WEST + 500, SOUTH + 500, WEST + 900, SOUTH + 900)
    mixed = communes.assign(
        geometry=[
            MultiPolygon([communes.geometry[0], island]), communes.geometry[1].difference(hole)
        ]
    )  # fmt: skip
    return {
        "communes": plain_layer(mixed, table),
        "villages": plain_layer(nasty, VILLAGES_RESULT.expand({})),
        "spans": plain_layer(*tables["spans"]),
        "gaps": plain_layer(gpd.GeoDataFrame(columns=GAPS.columns, geometry=[], crs=CRS), GAPS),
        "indicators": plain_layer(indicators, INDICATORS),
    }


def write_finished(folder, layers):
    """Write an output folder as a run does, without maps and pages."""
    with output_folder(folder) as out:
        (out / "geojson" / "schema").mkdir(parents=True)
        (out / "rasters").mkdir()
        for layer in layers.values():
            path = out / table_file(layer.table)
            path.parent.mkdir(exist_ok=True)
            if layer.shapes is None:
                write_rows(layer, path)
            else:
                write_geojson(layer, path)
                write_schema(layer.table, out / f"geojson/schema/{layer.name}.schema.json")
        write_dictionary(
            (layer.table for layer in layers.values()), out / "geojson/schema/dictionary.json"
        )
        write_class_cog(
            margin(), out / "rasters/served_mobile.tif",
            classes=signal_classes("margin_db"), description="Served",
        )  # fmt: skip
        write_manifest(out, parameters=PARAMETERS, inputs={})


PARAMETERS = {
    "name": "Hà Giang <thử>", "name_en": "Hà Giang <test>", "province": "Hà Giang",
    "province_code": "02", "edition": "2017", "as_of": "2017-12-31", "crs": CRS,
}  # fmt: skip


def margin():
    """Return margins on both sides of every limit, and a corner where nothing is heard."""
    grid = Grid(CRS, 90, 400_050, 2_600_010, 700, 600)
    values = np.tile(np.array([-10.5, -10, -0.1, 0, 9.9, 10, 50], "float32"), (600, 100))
    values[:50, :50] = np.nan
    return grid.wrap(values, "margin_db")


@pytest.fixture
def finished(layers, tmp_path):
    """Return an output folder that phusong wrote."""
    write_finished(tmp_path / "out", layers)
    return tmp_path / "out"
