"""Links to a map in a cell: the place in their text, and none is opened."""

import socket

import pytest

from phusong.inputs.map_links import leads_to_map, no_place, place_of_link
from phusong.tables import CELLS, PLACES

LIST = "place_id,name,kind,{}\n"


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps?q=22.825,104.98",
        "https://maps.google.com/?q=22.825,104.98&z=17",
        "https://maps.google.com/maps?q=loc:22.825,104.98",
        "http://maps.google.com.vn/maps?ll=22.1,104.1&q=22.825,104.98",
        "https://www.google.com/maps/search/?api=1&query=22.825%2C104.98",
        "https://www.google.com/maps/search/22.825,+104.98?entry=tts",
        "https://www.google.com/maps/@22.825,104.98,15z",
        "https://www.google.com/maps/place/Tr%E1%BA%A1m/@22.8,104.9,17z/data=!3m1!4b1!4m4!3m3!8m2!3d22.825!4d104.98",
        "https://www.google.com/maps/place/22%C2%B049'30.0%22N+104%C2%B058'48.0%22E/@22.8,104.9,17z",
        "https://www.google.com/maps/dir/?api=1&destination=22.825,104.98",
        "www.google.com/maps?q=22.825,104.98",
        "maps.google.com/?q=22.825,104.98",
        "https://www.openstreetmap.org/?mlat=22.825&mlon=104.98#map=5/22.1/104.1",
        "https://www.openstreetmap.org/#map=17/22.825/104.98",
        "https://maps.apple.com/?ll=22.825,104.98&q=Tram",
        "geo:22.825,104.98", "geo:22.825,104.98?z=15", "geo:22.825,104.98,700;u=35",
        "geo:0,0?q=22.825,104.98(Tram%20A)", " GEO:22.825,104.98\u200b",
    ],
)  # fmt: skip
def test_the_place_of_a_link_is_read_from_its_text(read, monkeypatch, link):
    def opened(*_, **__):
        raise AssertionError("a link was opened")

    monkeypatch.setattr(socket, "create_connection", opened)
    monkeypatch.setattr(socket.socket, "connect", opened)
    quoted = link.replace('"', '""')
    for heading in ("Link Google Maps", "Tọa độ", "Ghi chú"):
        rows = f'p1,A,peak,"{quoted}"'
        found = read("a.csv", PLACES, LIST.format(heading) + rows, crs="EPSG:4326")
        assert found.table.geometry[0].coords[0] == pytest.approx((104.98, 22.825), abs=1e-9)
        assert [one.message for one in found.problems] == ["inputs.links_read"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("https://maps.app.goo.gl/a1B2c3D4e5", "map_link_without_place"),
        ("https://goo.gl/maps/a1B2c3D4", "map_link_without_place"),
        ("https://www.google.com/maps/dir/22.8,104.9/22.9,105.0", "map_link_without_place"),
        ("https://www.google.com/maps/place/B%C6%B0u+%C4%91i%E1%BB%87n", "map_link_without_place"),
        ("https://www.google.com/maps?q=22.825", "map_link_without_place"),
        ("https://[maps", "map_link_without_place"),
        ("7PJMRXFJ+2X", "plus_code"), ("RXFJ+2X Hà Giang", "plus_code"),
        ("7pjmrxfj+2x", "plus_code"), ("chưa đo", "not_number"),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_place_is_set_aside_as_what_it_is(problems, cell, reason):
    rows = f'p1,A,peak,"22.825, 104.98"\np2,B,peak,"{cell}"\n'
    found = problems("a.csv", PLACES, LIST.format("Tọa độ") + rows)
    assert {(one.row, one.message) for one in found} == {(3, f"inputs.{reason}")}


def test_a_list_of_short_links_is_told_row_by_row(problems):
    rows = "p1,A,peak,https://maps.app.goo.gl/a\np2,B,peak,https://maps.app.goo.gl/b\n"
    found = problems("a.csv", PLACES, LIST.format("Vị trí trên bản đồ") + rows)
    assert [(one.row, one.message, one.column) for one in found] == [
        (2, "inputs.map_link_without_place", "Vị trí trên bản đồ"),
        (3, "inputs.map_link_without_place", "Vị trí trên bản đồ"),
    ]


def test_other_links_and_plain_texts_are_no_maps():
    for text in ("https://example.vn/anh.jpg?w=22,33x", "22.825, 104.98", "Bản đồ", "", "geo"):
        assert not leads_to_map(text), text
        assert place_of_link(text) is None
    assert no_place("22.825") is no_place("+") is no_place("2+2") is None


def test_columns_of_coordinates_go_before_links(read):
    rows = "p1,A,peak,https://www.google.com/maps?q=22.1%2C104.1,104.98,22.825"
    found = read("a.csv", PLACES, LIST.format("Link,lon,lat") + rows, crs="EPSG:4326")
    assert found.table.geometry[0].coords[0] == pytest.approx((104.98, 22.825))
    assert found.problems == ()
    assert CELLS.geometry == "Point"
