"""The signal on its way to the page: each place as computed, nothing beyond the province."""

import base64
import warnings
from dataclasses import replace

import numpy as np
import pytest
from pyproj import Transformer
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds

from phusong.maps import planes
from phusong.maps.planes import (
    FIRST,
    NOBODY,
    NOWHERE,
    cell_columns,
    margin_bytes,
    signal_planes,
    station_patch,
)

from .conftest import CRS, SOUTH, WEST, cells, signal


def pixels_of(code):
    with warnings.catch_warnings():  # a bare PNG has no place, and says so
        warnings.simplefilter("ignore")
        with MemoryFile(base64.b64decode(code)) as file, file.open() as image:
            return image.read(1)


def read(found, service, name):
    """Return a function of metres that reads a picture as the page places it."""
    url = found["pictures"][found["services"][service][name]]
    pixels = pixels_of(url.split(",", 1)[1])
    (south, west), (north, east) = found["bounds"]
    to_mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    edges = to_mercator.transform([west, east], [south, north])
    frame = from_bounds(edges[0][0], edges[1][0], edges[0][1], edges[1][1], *pixels.shape[::-1])
    project = Transformer.from_crs(CRS, "EPSG:3857", always_xy=True)

    def at(x_m, y_m):
        column, row = ~frame * project.transform(x_m, y_m)
        return int(pixels[int(row), int(column)])

    return at


@pytest.fixture(scope="module")
def found(signalled):
    return signal_planes(signalled, 1500)


def test_each_place_has_the_value_of_its_own_pixel(found):
    margin, low = read(found, "mobile", "margin"), read(found, "mobile", "server_low")
    second, servers = read(found, "mobile", "second"), read(found, "mobile", "servers")
    obstacle, next_low = (read(found, "mobile", name) for name in ("obstacle", "second_server_low"))
    order = cell_columns(cells())["cell_id"]
    raster = signal()
    for kilometre in np.arange(1.25, 27.0, 1.5):
        x, y = WEST + 1000 * kilometre, SOUTH + 5_000
        here = {name: float(one.sel(x=x, y=y, method="nearest")) for name, one in raster.items()}
        wanted = int(margin_bytes(np.array([here["margin_db"]]))[0])
        assert abs(margin(x, y) - wanted) <= 1  # a neighbour's value differs by half a step
        if min(abs(kilometre - edge) for edge in (5, 10, 15, 20)) < 1:
            continue
        assert order[low(x, y) - 1] == cells()["cell_id"][int(here["best_server"])]
        assert servers(x, y) == here["servers"]
        told = here["margin_db"] >= 0 and here["second_server"] >= 0
        assert (next_low(x, y) > 0) == told
        if told:
            next_cell = cells()["cell_id"][int(here["second_server"])]
            assert order[next_low(x, y) - 1] == next_cell
        assert (second(x, y) == NOBODY) == np.isnan(here["second_margin_db"])
        assert obstacle(x, y) == (0 if kilometre < 10 else 7)  # 1,234 m in steps of 200 m, up


def test_what_no_cell_reaches_is_told_apart_from_what_lies_outside(found):
    margin = read(found, "mobile", "margin")
    assert margin(WEST + 29_250, SOUTH + 5_000) == NOBODY
    narrow = signal_planes_of_two_communes()
    assert read(narrow, "mobile", "margin")(WEST + 25_000, SOUTH + 5_000) == NOWHERE
    assert read(narrow, "mobile", "server_low")(WEST + 25_000, SOUTH + 5_000) == 0
    assert read(narrow, "mobile", "margin")(WEST + 15_000, SOUTH + 5_000) >= FIRST


def signal_planes_of_two_communes():
    from phusong.i18n import Bilingual
    from phusong.maps import MapData

    from .conftest import communes

    rasters = {name: {"mobile": one} for name, one in signal().items()}
    tables = {"communes": communes().iloc[:2]}
    return signal_planes(
        MapData(title=Bilingual("a", "b"), tables=tables, rasters=rasters, cells=cells()), 500
    )


def test_tiles_hold_every_pixel_that_smaller_pictures_leave_out(signalled, found, monkeypatch):
    monkeypatch.setattr(planes, "TILE_PX", 16)
    narrow = {**signalled.tables, "communes": signalled.tables["communes"].iloc[:2]}
    for data in (signalled, replace(signalled, tables=narrow)):
        whole, small = signal_planes(data, 1500), signal_planes(data, 20)
        assert whole["tiles"] is whole["thinned_m"] is small["thinned_m"] is None
        tiles = small["tiles"]
        assert small["width"] == 20
        size = whole["width"], whole["height"]
        assert ((tiles["width"], tiles["height"]), tiles["bounds"]) == (size, whole["bounds"])
        across = -(-size[0] // 16)
        assert len(tiles["at"]) == across * -(-size[1] // 16)
        for service, by_quantity in whole["services"].items():
            for name in by_quantity.keys() - {"needed_dbm"}:
                url = whole["pictures"][by_quantity[name]]
                wanted = pixels_of(url.split(",", 1)[1])
                joined = np.zeros_like(wanted)
                for number, at in enumerate(tiles["at"]):
                    if at is not None:
                        corner = joined[number // across * 16 :, number % across * 16 :]
                        corner[:16, :16] = pixels_of(tiles["pictures"][at[service][name]])
                np.testing.assert_array_equal(joined, wanted)
    assert None in tiles["at"]  # beyond the two communes


def test_a_page_that_cannot_hold_every_pixel_tells_how_far_those_shown_lie_apart(
    signalled, monkeypatch
):
    monkeypatch.setattr(planes, "MOST_TILED_PX", 100)
    found = signal_planes(signalled, 20)
    assert found["tiles"] is None
    assert found["thinned_m"] == pytest.approx(30_000 / 20, rel=0.01)  # 30 km in 20 pixels


def test_a_page_that_leaves_few_pixels_out_tells_it_too(signalled):
    whole = signal_planes(signalled, 1500)["width"]
    found = signal_planes(signalled, whole - 1)
    assert found["tiles"] is None
    assert found["thinned_m"] == pytest.approx(30_000 / (whole - 1), rel=0.01)


def test_served_and_not_served_never_share_a_byte():
    margins = np.array([-0.001, 0.0])
    below, above = margin_bytes(margins)
    assert below < above
    assert margin_bytes(margins, 2.0).tolist() == [below, above]


def test_a_picture_that_two_services_share_is_told_once(found):
    first, other = found["services"]["mobile"], found["services"]["4g"]
    assert first["server_low"] == other["server_low"]
    assert first["margin"] != other["margin"]
    assert len(found["pictures"]) == len(set(found["pictures"])) == 9


def test_the_level_that_each_cell_needs_follows_from_level_and_margin(found):
    needed = found["services"]["mobile"]["needed_dbm"]
    by_cell = dict(
        zip(
            cell_columns(cells())["cell_id"],
            [None if place < 0 else needed["levels"][place] for place in needed["places"]],
            strict=True,
        )
    )
    assert by_cell == {"A2-1": -84.7, "B4-1": -104.7, "A4-1": -101.7, "A4-2": None}


def test_a_study_without_signal_has_no_planes(layers):
    from dataclasses import replace

    assert signal_planes(replace(layers, rasters={}), 500) is None


def test_a_large_raster_is_cut_down_to_the_size_asked_for(signalled):
    found = signal_planes(signalled, 40)
    assert max(found["width"], found["height"]) <= 41


def test_neighbouring_stations_rarely_share_a_colour():
    patches = [station_patch(f"HG{n:04d}-VTL-4G") for n in range(100)]
    assert np.bincount(patches).max() < 20
