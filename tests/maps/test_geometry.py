"""Geometry for the page: borders stay shared, rounding stays within a metre."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from phusong.maps.geometry import anchors, encode, outlines, simplified

CRS = "EPSG:9209"
X, Y = 447_572.06, 2_526_143.76  # Hà Giang city, DOMAIN vector: 104.9911 E, 22.8344 N


def table(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def vertices(shape):
    return {tuple(pair) for pair in np.round(shapely.get_coordinates(shape), 9)}


def wavy(offsets):
    """Two units that share a wavy border from (1000, 0) to (1000, 1000)."""
    border = [(X + 1000 + off, Y + 1000 * (n + 1) / (len(offsets) + 1))
              for n, off in enumerate(offsets)]  # fmt: skip
    border = [(X + 1000, Y), *border, (X + 1000, Y + 1000)]
    left = Polygon([(X, Y), *border, (X, Y + 1000)])
    right = Polygon([(X + 2000, Y), (X + 2000, Y + 1000), *reversed(border)])
    return table(left, right)


@given(st.lists(st.floats(-300, 300), min_size=1, max_size=12))
def test_neighbours_still_share_their_border_after_simplifying(offsets):
    units = wavy(offsets)
    drawn = simplified(units, tolerance_m=80, close_cracks_m=10)
    assert shapely.coverage_is_valid(drawn.to_numpy())
    assert drawn.count_coordinates().sum() <= units.count_coordinates().sum()


def test_units_traced_one_by_one_are_joined_for_the_picture():
    left, right = box(X, Y, X + 1000, Y + 1000), box(X + 990, Y, X + 2000, Y + 980)
    below = box(X, Y - 1000, X + 2000, Y) - box(X + 200, Y - 15, X + 800, Y)
    drawn = simplified(table(left, right, below), tolerance_m=1, close_cracks_m=50)
    assert shapely.coverage_is_valid(drawn.to_numpy())
    province = drawn.union_all()
    assert (province.geom_type, len(province.interiors)) == ("Polygon", 0)


def test_gaps_that_overlap_are_simplified_each_alone():
    circle = Point(X, Y).buffer(500)
    drawn = simplified(table(circle, circle), tolerance_m=50)
    assert drawn.iloc[0].equals_exact(drawn.iloc[1])
    assert drawn.count_coordinates().max() < shapely.get_num_coordinates(circle)


def test_gaps_of_two_services_do_not_disturb_each_other():
    circle = Point(X, Y).buffer(500)
    together = simplified(table(circle, circle, service=["a", "b"]), tolerance_m=50)
    alone = simplified(table(circle, service=["a"]), tolerance_m=50)
    assert together.iloc[0].equals_exact(alone.iloc[0])


def test_known_point_lands_where_it_is_published():
    (latitude, longitude), = encode(simplified(table(Point(X, Y)), tolerance_m=10))  # fmt: skip
    assert (latitude, longitude) == (22.8344, 104.9911)


def test_lines_keep_their_ends_so_that_the_network_stays_connected():
    line = LineString([(X, Y), (X + 500, Y + 4), (X + 1000, Y)])
    (drawn,) = simplified(table(line), tolerance_m=10)
    ends = gpd.GeoSeries([Point(X, Y), Point(X + 1000, Y)], crs=CRS).to_crs("EPSG:4326")
    assert vertices(drawn) == {tuple(np.round(shapely.get_coordinates(end)[0], 9)) for end in ends}


def test_encoding_is_latitude_first_open_rings_and_none_for_nothing():
    shapes = gpd.GeoSeries(
        [box(105, 22, 106, 23), MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)]), Point(), None,
         LineString([(105, 22), (105.0000001, 22), (106, 22)])]
    )  # fmt: skip
    square, two, empty, missing, line = encode(shapes)
    assert square == [[[2200000, 10600000, 100000, 0, 0, -100000, -100000, 0]]]
    assert len(two) == 2
    assert (empty, missing) == (None, None)
    assert line == [[2200000, 10500000, 0, 100000]]


@given(st.lists(st.tuples(st.floats(102, 110), st.floats(8, 24)), min_size=2, max_size=30))
def test_steps_add_up_to_every_vertex_within_a_metre(vertices):
    ((steps,),) = encode(gpd.GeoSeries([LineString(vertices)]))
    places = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 1e5
    wanted = np.round(np.array(vertices)[:, ::-1] * 1e5) / 1e5
    moved = np.append(True, (np.diff(wanted, axis=0) != 0).any(axis=1))
    np.testing.assert_allclose(places, wanted[moved], atol=1e-9)


def test_labels_stand_inside_a_horseshoe_not_at_its_centroid():
    horseshoe = box(X, Y, X + 9000, Y + 9000) - box(X + 1500, Y + 1000, X + 9000, Y + 8500)
    ((latitude, longitude),) = anchors(table(horseshoe))
    (anchor,) = gpd.GeoSeries([Point(longitude, latitude)], crs="EPSG:4326").to_crs(CRS)
    # The largest circle within touches both outer walls and the inner corner:
    # r² = (1500 - r)² + (1000 - r)².
    radius = 2500 - math.sqrt(2500**2 - (1500**2 + 1000**2))
    assert anchor.distance(horseshoe.boundary) == pytest.approx(radius, abs=25)
    assert (anchor.x - X, anchor.y - Y) == pytest.approx((radius, radius), abs=25)
    assert not horseshoe.contains(horseshoe.centroid)


def test_district_line_runs_on_the_commune_lines_as_drawn():
    communes = wavy([200, -250, 180]).assign(district_code=["033", "033"])
    drawn = simplified(communes, tolerance_m=80, close_cracks_m=10)
    districts = table(box(X, Y, X + 2000, Y + 1000), district_code=["033"])
    (line,) = outlines(districts, communes, drawn, key="district_code")
    assert vertices(line) <= vertices(shapely.union_all(drawn.to_numpy().tolist())) | vertices(
        shapely.GeometryCollection(drawn.to_list())
    )
