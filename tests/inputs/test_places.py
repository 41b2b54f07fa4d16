"""Coordinates: systems, places outside Vietnam, and shapes that are none."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import MultiPolygon, Polygon, box

from phusong.inputs import Source, read_table
from phusong.inputs.places import VIETNAM_DEGREES, _mended, operation
from phusong.tables import COMMUNES, PLACES, RIVERS

# WGS 84 longitude, latitude → EPSG:9209 easting, northing by EPSG:6960.
VECTORS = [
    ((104.9911, 22.8344), (447572.06, 2526143.76)),
    ((105.323524, 23.391185), (481765.87, 2587719.78)),
    ((104.8244, 22.4192), (430253.34, 2480236.19)),
]


def places(columns, *rows):
    lines = [f"place_id,name,kind,{columns}"]
    lines += [f"p{i},A,peak,{row}" for i, row in enumerate(rows, start=1)]
    return "\n".join(lines)


def collection(kind, *coordinates, key="river_id"):
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {key: f"{i:05d}", **(COMMUNE if key == "commune_code" else {})},
                    "geometry": {"type": kind, "coordinates": c},
                }
                for i, c in enumerate(coordinates, start=1)
            ],
        }
    )  # fmt: skip


COMMUNE = {
    "valid_from": "2004-01-01", "name": "A", "type": "xã", "district_code": "024", "district": "B",
}  # fmt: skip


def communes(*rings):
    return collection("Polygon", *([ring] for ring in rings), key="commune_code")


@pytest.mark.parametrize(("degrees", "metres"), VECTORS)
def test_wgs84_reaches_vn2000_by_the_official_parameters_to_a_centimetre(degrees, metres):
    step = operation("OGC:CRS84", "EPSG:9209")
    assert step.transform(*degrees) == pytest.approx(metres, abs=0.01)
    assert "VN-2000 to WGS 84 (2)" in [
        part.name.removeprefix("Inverse of ") for part in step.operations
    ]
    assert "grids" not in step.definition


@pytest.mark.parametrize("crs", ["EPSG:9209", "EPSG:9211", "EPSG:3405", "EPSG:5897", "EPSG:9218"])
@pytest.mark.parametrize("place", [(105.3, 10.0), (105.3, 23.9)])
def test_one_operation_serves_the_delta_and_the_far_side_of_the_border(crs, place):
    """Left alone, PROJ takes EPSG:5194 in the south and no shift at all past the border."""
    step = operation("OGC:CRS84", crs)
    plain = operation("EPSG:4756", crs).transform(*place)
    shift = np.hypot(*np.subtract(step.transform(*place), plain))
    assert 180 < shift < 260
    assert "VN-2000 to WGS 84 (2)" in str([part.name for part in step.operations])


@given(st.floats(104.3, 105.6), st.floats(22.1, 23.4))
def test_there_and_back_is_the_same_place_to_two_millimetres(lon, lat):
    there = operation("OGC:CRS84", "EPSG:9209").transform(lon, lat)
    back = operation("EPSG:9209", "OGC:CRS84").transform(*there)
    assert back == pytest.approx((lon, lat), abs=2e-8)


def test_unknown_datum_has_no_operation():
    unknown = CRS.from_proj4("+proj=utm +zone=48 +ellps=krass +units=m")
    assert operation(unknown, "EPSG:9209") is None


def test_file_in_a_system_of_unknown_datum_is_refused(problems):
    unknown = "+proj=utm +zone=48 +ellps=krass +units=m"
    content = places("x_m,y_m", "447572.06,2526143.76")
    (problem,) = problems("a.csv", PLACES, content, source_crs=unknown)
    assert problem.message == "inputs.unknown_shift"
    assert "EPSG:9209" in problem.render("en")


def test_degrees_are_wgs84_and_metres_the_studys(read):
    by_degrees = read("a.csv", PLACES, places("lon,lat", "104.9911,22.8344")).table
    by_metres = read("b.csv", PLACES, places("x_m,y_m", "447572.06,2526143.76")).table
    assert by_degrees.distance(by_metres).max() < 0.01
    assert by_metres.crs == "EPSG:9209"


def test_csv_may_name_another_system_of_the_same_kind(read, problems):
    utm = operation("OGC:CRS84", "EPSG:3405").transform(104.9911, 22.8344)
    found = read("a.csv", PLACES, places("x_m,y_m", "{},{}".format(*utm)), source_crs="EPSG:3405")
    assert found.table.geometry[0].coords[0] == pytest.approx(VECTORS[0][1], abs=0.01)
    degrees = places("lon,lat", "104.9911,22.8344")
    shifted = read("b.csv", PLACES, degrees, source_crs="EPSG:4756").table.geometry[0]
    assert 180 < np.hypot(*np.subtract(shifted.coords[0], VECTORS[0][1])) < 260
    (problem,) = problems("b.csv", PLACES, degrees, source_crs="EPSG:3405")
    assert problem.message == "inputs.crs_of_columns"
    (problem,) = problems("b.csv", PLACES, degrees, source_crs="EPSG:0")
    assert problem.message == "inputs.unknown_crs"


def test_file_and_study_must_not_contradict_each_other(read, problems, tmp_path):
    frame = gpd.GeoDataFrame(
        {"place_id": ["p1"], "name": ["A"], "kind": ["peak"]},
        geometry=gpd.points_from_xy([447572.06], [2526143.76]), crs="EPSG:9209",
    )  # fmt: skip
    for suffix in ("gpkg", "shp"):
        frame.to_file(tmp_path / f"a.{suffix}")
        assert len(read(f"a.{suffix}", PLACES, source_crs="EPSG:9209").table) == 1
        (problem,) = problems(f"a.{suffix}", PLACES, source_crs="EPSG:3405")
        assert problem.message == "inputs.crs_conflict"


def test_coordinates_are_asked_for_in_columns(problems):
    (problem,) = problems("a.csv", PLACES, "place_id,name,kind,E,N\np1,A,peak,1,2\n")
    assert problem.message == "inputs.no_coordinates"
    assert "place_id, name, kind, E, N" in problem.render("vi")


def test_pair_that_is_empty_throughout_gives_way_to_the_other(read, problems):
    columns = "lon,lat,x_m,y_m"
    (metres,) = read("a.csv", PLACES, places(columns, ", ,447572.06,2526143.76")).table.geometry
    assert metres.coords[0] == (447572.06, 2526143.76)
    (degrees,) = read("b.csv", PLACES, places(columns, "104.9911,22.8344,,")).table.geometry
    assert degrees.distance(metres) < 0.01
    mixed = places(columns, ",,447572.06,2526143.76", "104.9911,22.8344,,")
    assert [(p.row, p.message) for p in problems("c.csv", PLACES, mixed)] == [
        (2, "inputs.missing"), (2, "inputs.missing"),
    ]  # fmt: skip
    # A pair that one row lacks is still the pair.
    gap = places(columns, "104.9911,22.8344,447572.06,2526143.76", ",,447572.06,2526143.76")
    assert [(p.row, p.column) for p in problems("e.csv", PLACES, gap)] == [(3, "lon"), (3, "lat")]
    empty = problems("d.csv", PLACES, places(columns, ",,,"))
    assert [(p.column, p.message) for p in empty] == [
        ("lon", "inputs.missing"), ("lat", "inputs.missing"),
    ]  # fmt: skip


@pytest.mark.parametrize("headings", ["Kinh độ (độ),Vĩ độ (°)", "Kinh độ Đông,Vĩ độ Bắc"])
def test_vietnamese_headings_of_coordinates_are_known(read, headings):
    assert len(read("a.csv", PLACES, places(headings, "104.9911,22.8344")).table) == 1
    metres = places("X (Bắc),Y (Đông)", "2526143.76,447572.06")
    assert read("b.csv", PLACES, metres).table.geometry[0].coords[0] == (447572.06, 2526143.76)


@pytest.mark.parametrize(
    ("x", "y"),
    [("447572.06", "2526143.76"), ("104.9911", "22.8344"), ("104°59'27.96", "22°50'3.84")],
)
@pytest.mark.parametrize("headings", ["X,Y", "Toạ độ Y,Toạ độ X"])
@pytest.mark.parametrize("exchanged", [False, True])
def test_bare_x_and_y_are_told_apart_by_their_size(read, x, y, headings, exchanged):
    """Vietnamese land surveys call the northing X, GIS programs the easting."""
    row = f"{y},{x}" if exchanged else f"{x},{y}"
    checked = read("a.csv", PLACES, places(headings, row))
    assert checked.table.geometry[0].distance(shapely.Point(447572.06, 2526143.76)) < 0.02
    (told,) = checked.problems
    first, second = headings.split(",")[::-1] if exchanged else headings.split(",")
    assert told.message == "inputs.bare_columns_taken"
    assert (told.values["first"], told.values["second"]) == (first, second)


@pytest.mark.parametrize("anywhere", [False, True])
def test_bare_x_and_y_without_figures_or_outside_vietnam_are_asked_about(problems, anywhere):
    content = places("X,Y", "447572.06,2526143.76" if anywhere else "–,–")
    (problem,) = problems("a.csv", PLACES, content, anywhere=anywhere)
    assert problem.message == "inputs.bare_x_and_y"
    assert "place_id, name, kind, X, Y" in problem.render("vi")


def test_minutes_above_59_are_no_angle(problems):
    (problem,) = problems("a.csv", PLACES, places("lon,lat", "104°61'28,22.8344"))
    assert (problem.message, problem.column) == ("inputs.not_decimal_degrees", "lon")


def test_missing_coordinate_is_told_by_column(problems):
    found = problems("a.csv", PLACES, places("lon,lat", "104.9911,", "east,22.8"))
    assert [(p.row, p.column, p.message) for p in found] == [
        (2, "lat", "inputs.missing"), (3, "lon", "inputs.not_number"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("447572.06,2526143.76", "metric"),
        ("0,0", "outside"),
        ("99.9,22.8", "outside"),
        ("-104.9911,22.8344", "outside"),
        ("200,22.8344", "outside"),  # degrees still, however wrong
        ("360,90", "outside"),
        ("360.5,22.8344", "metric"),
        ("22.8344,-361", "metric"),
    ],
)
def test_degrees_outside_vietnam_are_told_with_the_likely_slip(problems, row, message):
    (problem,) = problems("a.csv", PLACES, places("lon,lat", row))
    assert (problem.message, problem.column) == (f"inputs.{message}", "lon, lat")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("104.9911,22.8344", "outside"),
        ("1e12,1e12", "outside"),
    ],
)
def test_metres_outside_vietnam_are_told_with_the_likely_slip(problems, row, message):
    (problem,) = problems("a.csv", PLACES, places("x_m,y_m", row))
    assert problem.message == f"inputs.{message}"


@pytest.mark.parametrize(
    ("columns", "row", "message"),
    [
        ("lon,lat", "22.8344,104.9911", "exchanged_back"),
        ("x_m,y_m", "2526143.76,447572.06", "exchanged_back"),
        ("lon,lat", "1049911,228344", "point_put_in"),
        ("lon,lat", "104.9911,228344", "point_put_in"),
        ("lon,lat", "1049911000,2283440000", "point_put_in"),
    ],
)
def test_a_slip_that_one_reading_alone_explains_is_mended_and_told(read, columns, row, message):
    good = "104.9911,22.8344" if columns == "lon,lat" else "447572.06,2526143.76"
    checked = read("a.csv", PLACES, places(columns, good, row, good))
    for place in checked.table.geometry:
        assert place.distance(shapely.Point(447572.06, 2526143.76)) < 0.01
    (told,) = checked.problems
    assert (told.message, told.row) == (f"inputs.{message}", 3)
    assert (told.values["count"], told.values["all"]) == (1, 3)
    assert told.values["example"] == row.replace(",", ", ")


@pytest.mark.parametrize("row", ["22.8344,104.9911", "1049911,228344"])
def test_nothing_is_mended_where_places_may_lie_anywhere(read, problems, row):
    if row.startswith("22"):
        assert len(read("a.csv", PLACES, places("lon,lat", "22,10"), anywhere=True).table) == 1
    else:
        (problem,) = problems("a.csv", PLACES, places("lon,lat", row), anywhere=True)
        assert problem.message == "inputs.metric"


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        ("102,6", True), ("118,24", True), ("102,24", True), ("118,6", True),
        ("101.9999,15", False), ("118.0001,15", False), ("110,5.9999", False),
        ("110,24.0001", False),
    ],
)  # fmt: skip
def test_limits_of_vietnam_are_inside_and_a_step_beyond_any_of_them_is_not(
    read, problems, place, inside
):
    content = places("lon,lat", place)
    if inside:
        assert len(read("a.csv", PLACES, content, crs="EPSG:3405").table) == 1
    else:
        (problem,) = problems("a.csv", PLACES, content, crs="EPSG:3405")
        assert problem.message == "inputs.outside"


@pytest.mark.parametrize("line", [[[101, 22], [105, 22]], [[105, 22], [105, 25]]])
def test_a_line_that_leaves_vietnam_is_told(problems, line):
    (problem,) = problems("a.geojson", RIVERS, collection("LineString", line))
    assert problem.message == "inputs.outside"


@pytest.mark.parametrize(("north", "message"), [(23, "exchanged"), (30, "outside")])
def test_a_line_is_taken_as_exchanged_only_if_all_of_it_then_lies_in_vietnam(
    problems, north, message
):
    (problem,) = problems("a.geojson", RIVERS, collection("LineString", [[22, 105], [north, 105]]))
    assert problem.message == f"inputs.{message}"


@pytest.mark.parametrize(
    "place", ["104.9911,22.8344", "112.333,16.833", "114.331,8.645", "103.84,10.22", "109.46,12.65"]
)
def test_mainland_and_islands_are_vietnam(read, place):
    assert len(read("a.csv", PLACES, places("lon,lat", place), crs="EPSG:3405").table) == 1


def test_geojson_in_metres_without_crs_is_told(problems):
    content = collection("LineString", [[447572, 2526143], [448572, 2526143]])
    (problem,) = problems("a.geojson", RIVERS, content)
    assert problem.message == "inputs.metric"
    assert "(447572.000000, 2526143.000000)" in problem.render("en")


def test_line_without_length_is_told(problems):
    content = collection("LineString", [[104.9, 22.8], [104.9, 22.8]])
    assert [p.message for p in problems("a.geojson", RIVERS, content)] == ["inputs.zero_length"]


def test_nan_in_a_shape_is_told(problems):
    content = collection("LineString", [[104.9, 22.8], [float("nan"), 22.8], [105, 23]])
    assert [p.message for p in problems("a.geojson", RIVERS, content)] == [
        "inputs.not_finite_geometry"
    ]


def test_polygon_that_cuts_itself_is_refused_with_the_place(problems):
    bow_tie = [[105.0, 22.0], [105.2, 22.2], [105.2, 22.0], [105.0, 22.2], [105.0, 22.0]]
    (problem,) = problems("a.geojson", COMMUNES, communes(bow_tie))
    assert problem.message == "inputs.self_intersection"
    assert problem.row == 1
    assert "(105.100000, 22.100000)" in problem.render("vi")


def test_hole_outside_its_polygon_is_refused_with_the_reason(problems):
    square = [[105.0, 22.0], [105.1, 22.0], [105.1, 22.1], [105.0, 22.1], [105.0, 22.0]]
    hole = [[x + 0.5, y] for x, y in square]
    content = collection("Polygon", [square, hole], key="commune_code")
    (problem,) = problems("a.geojson", COMMUNES, content)
    assert problem.message == "inputs.invalid_polygon"
    assert "Hole lies outside shell" in problem.render("en")


def test_polygon_that_cuts_itself_only_in_metres_is_mended_and_told(read):
    """A parallel is no straight line in metres: 10 km of it sag by 0.8 m."""
    notched = [[105.0, 22.0], [105.1, 22.0], [105.1, 22.1], [105.05, 22.000001], [105.0, 22.1]]
    assert Polygon(notched).is_valid
    checked = read("a.geojson", COMMUNES, communes([*notched, notched[0]]))
    assert checked.table.geometry.is_valid.all()
    (told,) = checked.problems
    assert (told.message, told.row) == ("inputs.polygon_mended", 1)
    assert "VN-2000" in told.render("en")
    assert told.values["area_m2"] < 1000


SQUARE = [[105.0, 22.0], [105.1, 22.0], [105.1, 22.1], [105.0, 22.1], [105.0, 22.0]]


@pytest.mark.parametrize(
    ("rings", "most_m2"),
    [
        ([[*SQUARE[:2], [105.1, 22.05], [105.2, 22.05], [105.1, 22.05], *SQUARE[2:]]], 0.1),
        ([[*SQUARE[:2], [105.1, 22.05], [105.1001, 22.0501], [105.0999, 22.0501], [105.1, 22.05],
           *SQUARE[2:]]], 120),
        ([SQUARE, [[105.0, 22.05], [105.05, 22.02], [105.05, 22.08], [105.0, 22.05]],
          [[105.05, 22.02], [105.08, 22.05], [105.05, 22.08], [105.05, 22.02]]], 0.1),
    ],
    ids=["spike", "loop", "holes that share an edge"],
)  # fmt: skip
def test_polygon_of_one_right_reading_is_mended_and_told(read, rings, most_m2):
    content = collection("Polygon", rings, key="commune_code")
    checked = read("a.geojson", COMMUNES, content)
    (told,) = checked.problems
    assert told.message == "inputs.polygon_mended"
    assert told.values["area_m2"] <= most_m2
    assert checked.table.geometry.is_valid.all()


def test_open_ring_is_closed_and_told(read):
    checked = read("a.geojson", COMMUNES, communes(SQUARE[:-1]))
    assert [one.message for one in checked.problems] == ["inputs.rings_closed"]
    assert checked.table.geometry.is_valid.all()


def test_winding_and_heights_change_nothing(read):
    there = read("a.geojson", COMMUNES, communes(SQUARE)).table.geometry[0]
    back = [[x, y, 700.0] for x, y in reversed(SQUARE)]
    checked = read("b.geojson", COMMUNES, communes(back))
    assert checked.problems == ()
    assert checked.table.geometry[0].equals(there)
    assert not checked.table.geometry[0].has_z


def test_polygons_are_taken_out_of_mixed_shapes_and_told(read):
    mixed = [
        {"type": "Polygon", "coordinates": [SQUARE]},
        {"type": "LineString", "coordinates": [[105.1, 22.0], [105.2, 22.0]]},
    ]
    content = json.loads(communes(SQUARE))
    content["features"][0]["geometry"] = {"type": "GeometryCollection", "geometries": mixed}
    checked = read("a.geojson", COMMUNES, json.dumps(content))
    assert [one.message for one in checked.problems] == ["inputs.mixed_types"]
    assert checked.table.geometry[0].geom_type == "MultiPolygon"


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=4, max_size=9, unique=True)
)
def test_a_ring_is_mended_only_where_it_moves_little_land(corners):
    ring = [[4e5 + 1000 * x, 25e5 + 1000 * y] for x, y in corners]
    shape = Polygon(ring)
    mended, area_m2 = _mended(shape)
    if shape.is_valid:
        assert area_m2 == pytest.approx(0, abs=1e-3 * shape.area)
    elif mended is not None:
        assert mended.is_valid
        assert mended.area == pytest.approx(shape.area, rel=2e-3)


def test_zone_of_vn2000_put_on_the_wrong_datum_is_told_with_the_distance(read, tmp_path):
    frame = gpd.GeoDataFrame(
        {"place_id": ["p1"], "name": ["A"], "kind": ["peak"]},
        geometry=gpd.points_from_xy([447572.06], [2526143.76]),
        crs="+proj=tmerc +lat_0=0 +lon_0=105.5 +k=0.9999 +x_0=500000 +datum=WGS84",
    )
    frame.to_file(tmp_path / "a.gpkg")
    (told,) = read("a.gpkg", PLACES).problems
    assert told.message == "inputs.tm_on_wgs84"
    assert told.values["shift_m"] == pytest.approx(223, abs=2)
    assert "EPSG:9209" in told.render("vi")
    frame.to_crs("EPSG:32648").to_file(tmp_path / "b.gpkg")
    assert read("b.gpkg", PLACES).problems == ()


def test_commune_may_have_parts_and_overlap_another(read, tmp_path):
    shapes = [
        MultiPolygon([box(105, 22, 105.1, 22.1), box(105.2, 22, 105.3, 22.1)]),
        box(105.05, 22, 105.15, 22.1),
    ]
    frame = gpd.GeoDataFrame(
        {"commune_code": ["00004", "00001"], **{k: [v] * 2 for k, v in COMMUNE.items()}},
        geometry=shapes, crs="EPSG:4326",
    )  # fmt: skip
    frame.to_file(tmp_path / "a.gpkg")
    table = read("a.gpkg", COMMUNES).table.set_index("commune_code")
    assert shapely.get_num_geometries(table.geometry["00004"]) == 2
    assert table.geometry["00001"].intersects(table.geometry["00004"])


def test_box_holds_the_extent_the_epsg_dataset_gives_vietnam():
    west, south, east, north = VIETNAM_DEGREES
    onshore = CRS("EPSG:4756").area_of_use
    assert west <= onshore.west
    assert south <= onshore.south
    assert east >= onshore.east
    assert north >= onshore.north


def test_places_of_another_country_are_taken_where_the_study_lies_anywhere(read):
    found = read("a.csv", PLACES, places("lon,lat", "33.0,33.9"), anywhere=True, crs="EPSG:32636")
    assert found.table.geometry.x.round().to_list() == [500_000.0]  # its middle meridian


@pytest.mark.parametrize(
    ("row", "message"), [("200,22.8", "not_on_earth"), ("447572.06,2526143.76", "metric")]
)
def test_what_lies_nowhere_on_earth_is_refused_anywhere(problems, row, message):
    (problem,) = problems("a.csv", PLACES, places("lon,lat", row), anywhere=True)
    assert problem.message == f"inputs.{message}"


def test_polygons_mended_are_counted_as_mended(tmp_path):
    spike = [*SQUARE[:2], [105.1, 22.05], [105.2, 22.05], [105.1, 22.05], *SQUARE[2:]]
    path = tmp_path / "a.geojson"
    path.write_text(communes(spike, [[x + 0.5, y] for x, y in SQUARE]), encoding="utf-8")
    readings = []
    read_table(
        Source(path=path, shown="a.geojson"), COMMUNES, crs="EPSG:9209", set_aside_faulty=False,
        on_read=readings.append,
    )  # fmt: skip
    (reading,) = readings
    assert reading.fates.tolist() == ["mended", "used"]
    ((row, problem),) = reading.mends()
    assert row == 0
    assert "was mended; that moved 0.0 m²" in problem.render("en")
