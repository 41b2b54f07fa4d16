"""Where a commune has its seat, and which commune holds a mast."""

import geopandas as gpd

from phusong.service import commune_centres, commune_of, commune_seats


def offices(points, *rows):
    return gpd.GeoDataFrame(
        {
            "office_id": [name for name, *_ in rows],
            "level": [level for _, level, *_ in rows],
            "commune_code": [code for *_, code, _ in rows],
        },
        geometry=points(*(place for *_, place in rows)),
    )


def test_seat_is_the_first_office_of_the_commune_itself(points):
    table = offices(
        points,
        ("a", "district", "00001", (10, 10)),
        ("b", "commune", "00001", (20, 20)),
        ("c", "commune", "00001", (30, 30)),
        ("d", "province", "00002", (40, 40)),
    )
    assert commune_seats(table)["office_id"].to_list() == ["b"]


def test_commune_without_a_seat_is_guessed_inside_its_polygon(points, two):
    table = offices(
        points, ("b", "commune", "00002", (390, 10)), ("a", "district", "00001", (1, 1))
    )
    centres, guessed = commune_centres(two, table)
    assert guessed.tolist() == [True, False]
    assert two.geometry[0].contains(centres[0])
    assert centres[1].equals(points((390, 10))[0])
    assert centres.crs == two.crs


def test_without_offices_every_centre_is_guessed(two):
    centres, guessed = commune_centres(two, None)
    assert guessed.tolist() == [True, True]
    assert centres.within(two.geometry).to_list() == [True, True]
    assert centres.index.equals(two.index)


def test_mast_belongs_to_the_commune_that_holds_it(points, two):
    masts = points((50, 50), (200, 150), (350, 50), (900, 900)).set_axis(["w", "b", "e", "o"])
    found = commune_of(masts, two)
    # On the border between two, the lower code.
    assert found.dropna().to_dict() == {"w": "00001", "b": "00001", "e": "00002"}
    assert found.index.to_list() == ["w", "b", "e", "o"]


def test_where_communes_overlap_the_lower_code_holds_the_mast(points, communes, box):
    table = communes(box(0, 0, 400, 300), box(0, 0, 400, 300)).iloc[::-1]
    assert commune_of(points((50, 50)), table).to_list() == ["00001"]
