import json
import unicodedata
from dataclasses import replace

import geojson_validator
import geopandas as gpd
import jsonschema
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from phusong.export import json_schema, plain_layer
from phusong.export import write_geojson as write_layer
from phusong.export.json_rows import json_members
from phusong.export.layers import Layer, to_degrees
from phusong.tables import COMMUNES_RESULT, ROADS, VILLAGES_RESULT

from .conftest import CRS, HOSTILE, SERVICE, SOUTH, WEST

geojson_validator.configure_logging(enabled=False)

STEP_DEG = 1e-6
METRE_DEG = 1 / 111_000


def write_geojson(frame, table, path):
    layer = plain_layer(frame, table)
    write_layer(layer, path)
    return layer.vanished


def test_values_of_another_kind_are_written_as_json_writes_them():
    kinds = {"road_id": [1, True], "name": [None, '50 % "đỏ"']}
    rows = [dict(zip(kinds, row, strict=True)) for row in zip(*kinds.values(), strict=True)]
    for kind in ("text", "integer", "number", "boolean", "date"):
        fields = tuple(replace(field, kind=kind) for field in ROADS.fields)
        layer = Layer(table=replace(ROADS, fields=fields), rows=rows, shapes=None)
        members = json_members(layer, comma=", ", colon=": ")
        assert [f"{{{one}}}" for one in members] == [
            json.dumps(row, ensure_ascii=False) for row in rows
        ]


def read(path):
    return json.loads(path.read_bytes())


@pytest.fixture
def written(tables, tmp_path):
    paths = {}
    for name, (frame, table) in tables.items():
        paths[name] = tmp_path / f"{name}.geojson"
        assert write_geojson(frame, table, paths[name]) == ()
    return paths


@pytest.mark.parametrize("name", ["communes", "villages", "spans"])
def test_a_geojson_linter_finds_nothing(written, name):
    content = read(written[name])
    assert geojson_validator.validate_structure(content, check_crs=True) == {}
    found = geojson_validator.validate_geometries(content)
    assert (found["invalid"], found["problematic"]) == ({}, {})


@pytest.mark.parametrize("name", ["communes", "villages", "spans"])
def test_the_file_keeps_its_own_schema(written, tables, name):
    schema = json_schema(tables[name][1])
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert [fault.message for fault in validator.iter_errors(read(written[name]))] == []


def test_gdal_reads_back_what_the_table_holds(written, communes):
    back = gpd.read_file(written["communes"])
    source = communes.sort_values("commune_code")
    assert back.crs.to_epsg() == 4326
    assert back["id"].to_list() == ["00688:2004-01-01", "00694:2004-01-01"]
    assert back["name"].to_list() == ["Ngọc Đường", HOSTILE]
    assert back["commune_code"].to_list() == ["00688", "00694"]
    assert back["population"].isna().to_list() == [True, False]
    assert back["population"][1] == 1234.567892
    assert back["has_lan"].to_list()[1] is True or back["has_lan"][1] == 1
    in_metres = back.to_crs(CRS).geometry
    for ours, theirs in zip(in_metres, source.geometry, strict=True):
        assert shapely.hausdorff_distance(ours, theirs) < 0.1  # six decimals are 0.11 m


def test_ogr_reports_no_warning_and_the_right_types(written):
    told = pyogrio.read_info(written["communes"])
    types = dict(zip(told["fields"], told["dtypes"], strict=True))
    assert told["crs"] == "EPSG:4326"
    assert types["population"] == "float64"
    assert types["stations"] == "int32"
    assert types["valid_from"].startswith("datetime64")


def test_vn_2000_is_shifted_by_the_official_parameters(tmp_path):
    """Vectors of EPSG:6960 (QĐ 05/2007/QĐ-BTNMT); skipping the shift costs 223 m."""
    villages = gpd.GeoDataFrame(
        {"village_id": ["a", "b", "c"], "name": "x", "commune_code": "00001"},
        geometry=[
            Point(447572.06, 2526143.76),
            Point(481765.87, 2587719.78),
            Point(430253.34, 2480236.19),
        ],
        crs=CRS,
    )
    write_geojson(villages, VILLAGES_RESULT.expand({}), tmp_path / "v.geojson")
    content = read(tmp_path / "v.geojson")
    assert [feature["geometry"]["coordinates"] for feature in content["features"]] == [
        [104.9911, 22.8344],
        [105.323524, 23.391185],
        [104.8244, 22.4192],
    ]
    assert content["bbox"] == [104.8244, 22.4192, 105.323524, 23.391185]


def test_properties_are_the_columns_of_the_table_in_order(written, tables):
    for name, path in written.items():
        for feature in read(path)["features"]:
            assert list(feature["properties"]) == list(tables[name][1].columns)


def test_absent_values_are_null_and_dates_are_iso(written):
    first = read(written["communes"])["features"][0]["properties"]
    assert first["valid_from"] == "2004-01-01"
    assert first["villages"] is None
    assert first["covered_population_share_mobile"] is None
    assert first["distance_to_fibre_m"] is None
    assert "NaN" not in written["communes"].read_text("utf-8")


def test_names_are_nfc(written):
    features = read(written["communes"])["features"]
    names = [feature["properties"]["name"] for feature in features]
    assert names == [unicodedata.normalize("NFC", "Ngọc Đường"), HOSTILE]


def test_row_order_does_not_change_a_byte(communes, tmp_path):
    table = COMMUNES_RESULT.expand(SERVICE)
    write_geojson(communes, table, tmp_path / "a")
    write_geojson(communes.iloc[::-1].reset_index(drop=True), table, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_empty_table_is_an_empty_collection(communes, tmp_path):
    write_geojson(communes.iloc[:0], COMMUNES_RESULT.expand(SERVICE), tmp_path / "a")
    assert read(tmp_path / "a") == {"type": "FeatureCollection", "features": []}


def test_a_border_of_two_communes_stays_one_border(written):
    one, other = (
        shapely.geometry.shape(f["geometry"]) for f in read(written["communes"])["features"]
    )
    assert one.touches(other)
    assert one.intersection(other).length > 1900 * METRE_DEG


def test_a_feature_below_the_last_decimal_is_named_and_has_no_geometry(communes, tmp_path):
    communes.loc[1, "geometry"] = box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001)
    vanished = write_geojson(communes, COMMUNES_RESULT.expand(SERVICE), tmp_path / "a")
    assert vanished == ("00688:2004-01-01",)
    assert read(tmp_path / "a")["features"][0]["geometry"] is None


def test_a_row_that_never_had_a_place_is_not_reported_as_vanished(communes, tmp_path):
    communes.loc[1, "geometry"] = None
    assert write_geojson(communes, COMMUNES_RESULT.expand(SERVICE), tmp_path / "a") == ()
    assert read(tmp_path / "a")["features"][0]["geometry"] is None


def test_a_sliver_part_is_dropped_and_the_rest_kept(communes, tmp_path):
    communes.loc[1, "geometry"] = MultiPolygon(
        [box(WEST, SOUTH, WEST + 2000, SOUTH + 2000), box(WEST, SOUTH - 99, WEST + 0.01, SOUTH - 9)]
    )
    assert write_geojson(communes, COMMUNES_RESULT.expand(SERVICE), tmp_path / "a") == ()
    shape = shapely.geometry.shape(read(tmp_path / "a")["features"][0]["geometry"])
    assert shape.is_valid
    assert len(shapely.get_parts(shape)) == 1


def test_a_hole_runs_clockwise(communes, tmp_path):
    hole = box(WEST + 500, SOUTH + 500, WEST + 900, SOUTH + 900)
    communes.loc[1, "geometry"] = communes.geometry[1].difference(hole)
    write_geojson(communes, COMMUNES_RESULT.expand(SERVICE), tmp_path / "a")
    rings = read(tmp_path / "a")["features"][0]["geometry"]["coordinates"]
    assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False]


def test_coordinates_outside_the_projection_are_refused(tmp_path):
    roads = gpd.GeoDataFrame(
        {"road_id": ["a"]}, geometry=[shapely.LineString([(0, 0), (np.inf, 1)])], crs=CRS
    )
    with pytest.raises(ValueError, match="outside the range of their CRS"):
        write_geojson(roads, ROADS, tmp_path / "a")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("population", [np.inf, 1.0], "population is no number: inf is infinite"),
        ("stations", [1.5, 1.0], r"stations is no integer: .*1.5.* has a fraction"),
        ("has_lan", ["có", None], "has_lan is no boolean: 'có' is neither"),
        ("name", [None, "x"], "required column name has empty values"),
        ("commune_code", ["00688", "00688"], "the key .* repeats"),
        ("note", ["x", "y"], r"columns that the table does not define: \['note'\]"),
    ],
)
def test_a_frame_that_breaks_its_table_is_a_fault(communes, tmp_path, column, value, message):
    communes[column] = value
    with pytest.raises(ValueError, match=message):
        write_geojson(communes, COMMUNES_RESULT.expand(SERVICE), tmp_path / "a")


def test_a_required_column_may_not_be_absent(communes, tmp_path):
    with pytest.raises(ValueError, match="required column type is absent"):
        write_geojson(
            communes.drop(columns="type"), COMMUNES_RESULT.expand(SERVICE), tmp_path / "a"
        )


@st.composite
def stars(draw):
    """Draw a star-shaped polygon of 1 cm to 10 m, where rounding to 0.1 m hurts."""
    corners = draw(st.integers(3, 12))
    turns = sorted(
        draw(st.lists(st.floats(0, 6.28), min_size=corners, max_size=corners, unique=True))
    )
    reach = draw(st.lists(st.floats(0.01, 10), min_size=corners, max_size=corners))
    points = [
        (WEST + r * np.cos(turn), SOUTH + r * np.sin(turn))
        for r, turn in zip(reach, turns, strict=True)
    ]
    star = Polygon(points if draw(st.booleans()) else points[::-1])
    return star if star.is_valid else star.buffer(0)


@given(st.lists(stars(), min_size=1, max_size=4))
def test_rounded_shapes_are_valid_and_right_handed(shapes):
    rounded = to_degrees(gpd.GeoSeries(shapes, crs=CRS))
    assert shapely.is_valid(rounded).all()
    coordinates = shapely.get_coordinates(rounded)
    np.testing.assert_array_equal(coordinates, np.round(coordinates, 6))
    for part in shapely.get_parts(rounded[~shapely.is_empty(rounded)]):
        assert part.geom_type == "Polygon"
        assert shapely.is_ccw(part.exterior)
        assert not any(shapely.is_ccw(ring) for ring in part.interiors)


@given(stars())
def test_rounding_moves_an_outline_by_less_than_a_decimal(shape):
    series = gpd.GeoSeries([shape], crs=CRS)
    (rounded,) = to_degrees(series)
    exact = series.to_crs(4326).iloc[0]
    if not rounded.is_empty:
        assert rounded.within(exact.buffer(1.01 * STEP_DEG))
