"""What a click on the signal tells: the rasters' own values, the cell, the way to the profile."""

from dataclasses import replace

import pytest

from phusong.maps import build_map, open_theme, planes, render_html
from phusong.maps.planes import PATCHES, station_patch

from ..browsing import until_ready
from .conftest import PHONE, SOUTH, WEST
from .test_browser import click_on


@pytest.fixture(scope="module")
def html(signalled):
    return render_html(build_map(open_theme("coverage"), signalled))


@pytest.fixture
def page(visit, html):
    opened = visit(html)
    until_ready(opened)
    return opened


def told(page, kilometre):
    """Return what the card of a place says, by the word's key."""
    page.evaluate("phusong.map.closePopup()")
    page.wait_for_selector(".leaflet-popup", state="detached")
    click_on(page, WEST + 1000 * kilometre, SOUTH + 2_000)
    page.wait_for_selector(".card.signal")
    return {
        node.get_attribute("data-signal"): node.inner_text()
        for node in page.locator(".card.signal dd").all()
    }


def test_the_signal_is_shown_first_with_the_stations(page):
    assert page.is_checked("input[value=signal]")
    assert page.is_checked("input[value=stations]")
    assert not page.is_checked("input[value=coverage]")
    assert page.locator("canvas.raster").count() == 1


def test_a_click_tells_level_margin_servers_and_obstacle(page):
    near = told(page, 8.25)
    assert page.inner_text(".card h2") == "Có sóng"
    assert near["signal_margin"] in ("+12 dB", "+11 dB")  # 11.75 dB, told to half a decibel
    assert near["signal_level"] in ("−72 dBm", "−73 dBm")  # 84.7 dBm needed
    assert near["signal_server"] == "Viettel · 2G · hướng 0°"
    assert near["signal_cell"] == "A2-1"
    assert near["signal_second"].startswith("trạm khác vẫn phủ, +")
    assert near["signal_second_server"] == "Viettel · 4G · A4-1"
    assert near["signal_servers"] == "2"
    assert near["signal_obstacle"] == "không, nhìn thấy ăng-ten"
    hidden = told(page, 17.25)
    assert hidden["signal_cell"] == "B4-1"
    assert hidden["signal_second"] == "mất sóng: không còn trạm nào"
    assert "signal_second_server" not in hidden
    assert hidden["signal_obstacle"] == "cách đây chừng 1,4 km, về phía trạm"
    assert "mất sóng: trạm kế tiếp −" in told(page, 3.25)["signal_second"]


def test_where_it_is_too_weak_and_where_nobody_reaches_are_told_apart(page):
    weak = told(page, 24.25)
    assert page.inner_text(".card h2") == "Không có sóng"
    assert weak["signal_margin"] in ("−4 dB", "−5 dB")
    assert "signal_second" not in weak
    assert "signal_cell" not in told(page, 29.25)
    assert page.inner_text(".card h2") == "Không trạm nào phủ tới"


def test_the_card_offers_the_profile_and_the_commune(page):
    told(page, 8.25)
    words = page.inner_text(".command code")
    assert words.startswith("phusong profile . --cell A2-1 --to 104.9")
    page.evaluate("document.execCommand = (what) => { window.done = what; return true; }")
    page.click(".command button")
    assert page.evaluate("window.done") == "copy"
    page.click(".also button")
    assert page.locator(".card h2").last.inner_text() == "thị trấn Cốc Pài"


def test_the_card_follows_service_and_language(page):
    told(page, 12.25)
    page.click("text=English")
    assert page.inner_text(".card h2") == "Served"
    assert "facing 180°" in page.inner_text(".card")
    page.check("input[name=service][value='4g']")
    page.evaluate("phusong.map.closePopup()")
    page.wait_for_selector(".leaflet-popup", state="detached")
    click_on(page, WEST + 12_250, SOUTH + 2_000)
    page.wait_for_selector(".card.signal")
    assert page.inner_text(".card h2") == "Not served"


def test_by_keyboard_the_centre_is_told(page):
    page.focus(".map")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card.signal")


def colour(page, kilometre):
    """Return the colour that the raster has at a place, as red, green, blue, opacity."""
    lat, lng = page.evaluate(
        "([east, north]) => phusong.unproject({ east, north }, phusong.data.readout)",
        [WEST + 1000 * kilometre, SOUTH + 2_000],
    )
    return page.evaluate(
        "([lat, lng]) => { const canvas = document.querySelector('canvas.raster');"
        " const [[south, west], [north, east]] = phusong.data.planes.bounds;"
        " const y = (degrees) => Math.asinh(Math.tan(degrees * Math.PI / 180));"
        " return [...canvas.getContext('2d').getImageData("
        " (lng - west) / (east - west) * canvas.width,"
        " (y(north) - y(lat)) / (y(north) - y(south)) * canvas.height, 1, 1).data]; }",
        [lat, lng],
    )


def hexed(text):
    return [*bytes.fromhex(text[1:]), 255]


def choose(page, name):
    page.evaluate("document.querySelector('canvas.raster').classList.add('old')")
    page.check(f"input[value={name}]")
    page.wait_for_selector("canvas.raster:not(.old)")
    page.wait_for_selector("canvas.raster.old", state="detached")


def test_layers_for_level_operator_best_server_and_number_of_servers(page):
    assert colour(page, 8.25) == hexed("#a6cbe3")  # 10 to 20 dB
    assert colour(page, 24.25) == hexed("#ec9f5a")
    assert colour(page, 29.25) == hexed("#f6dcc2")  # no cell reaches: no signal, up to the border
    choose(page, "level")
    assert not page.is_checked("input[value=signal]")
    assert colour(page, 8.25) == hexed("#253494")  # -72 dBm
    assert colour(page, 17.25) == hexed("#7fcdbb")  # -102 dBm
    choose(page, "operator")
    assert colour(page, 8.25) == hexed("#f0a477")  # Viettel
    assert colour(page, 17.25) == hexed("#7fb2d6")  # VinaPhone
    assert colour(page, 24.25)[3] == 0  # not served
    assert "MobiFone" not in page.inner_text("[data-layer=operator]")
    choose(page, "best_server")
    for kilometre, station in ((8.25, "A2"), (17.25, "B4")):
        assert colour(page, kilometre) == hexed(PATCHES[station_patch(station)])
    choose(page, "servers")
    assert colour(page, 8.25) == hexed("#d9ef8b")
    assert colour(page, 17.25) == hexed("#fdae61")
    assert colour(page, 24.25)[3] == 0


def test_no_signal_stops_at_the_border(visit, signalled):
    tables = {**signalled.tables, "communes": signalled.tables["communes"].iloc[:2]}
    html = render_html(build_map(open_theme("coverage"), replace(signalled, tables=tables)))
    page = visit(html)
    until_ready(page)
    assert colour(page, 17.25) == hexed("#d6e6f2")
    assert colour(page, 24.25)[3] == colour(page, 29.25)[3] == 0
    page.evaluate("phusong.map.setMaxBounds(null)")
    page.evaluate("phusong.map.fitBounds(phusong.data.planes.bounds, { animate: false })")
    click_on(page, WEST + 24_250, SOUTH + 2_000)
    click_on(page, WEST + 17_250, SOUTH + 2_000)  # the answers come in this order
    page.wait_for_selector(".card.signal")
    assert page.locator(".card.signal").count() == 1


def test_a_card_of_a_station_names_its_cells(page):
    page.evaluate("phusong.showRow('stations', phusong.rowOf('stations', 'A4'))")
    assert page.locator("[data-field=cell_id] div").all_inner_texts() == ["A4-1", "A4-2 (240°)"]


def test_on_a_phone_the_card_fits(visit, html):
    page = visit(html, PHONE, has_touch=True, is_mobile=True)
    until_ready(page)
    page.evaluate("phusong.clicked(phusong.map.getCenter())")
    page.wait_for_selector(".card.signal")
    box = page.locator(".leaflet-popup-content-wrapper").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


@pytest.fixture(scope="module")
def tiled(signalled):
    theme = open_theme("coverage")
    coarse = [raster.model_copy(update={"largest_px": 20}) for raster in theme.rasters]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planes, "TILE_PX", 16)
        theme = theme.model_copy(update={"rasters": tuple(coarse)})
        return render_html(build_map(theme, signalled))


def signals(page):
    """Return what clicks along a line would tell."""
    return page.evaluate(
        "Promise.all([8.25, 17.25, 24.25].map((km) => phusong.signalAt(L.latLng(phusong.unproject("
        f"{{ east: {WEST} + 1000 * km, north: {SOUTH + 2_000} }}, phusong.data.readout)))))"
    )


def test_where_the_whole_picture_is_coarse_tiles_show_every_pixel(visit, tiled, html):
    page = visit(tiled)
    until_ready(page)
    page.evaluate("phusong.map.setMinZoom(1); phusong.map.setMaxBounds(null)")
    tiles = "canvas.raster[width='16'], canvas.raster[height='16']"
    page.evaluate("phusong.map.setZoom(5, { animate: false })")
    page.wait_for_function("document.querySelectorAll('canvas.raster').length === 1")
    assert page.locator("canvas.raster").is_visible()
    lat, lng = page.evaluate(
        "([east, north]) => phusong.unproject({ east, north }, phusong.data.readout)",
        [WEST + 8_250, SOUTH + 2_000],
    )
    page.evaluate("(at) => phusong.map.setView(at, 12, { animate: false })", [lat, lng])
    page.wait_for_selector(tiles)
    page.wait_for_function(
        "getComputedStyle(document.querySelector('canvas.raster[width=\"20\"]')).visibility"
        " === 'hidden'"
    )
    other = visit(html)
    until_ready(other)
    assert signals(page) == signals(other)
    page.evaluate(
        "document.querySelectorAll('canvas.raster').forEach((one) => one.classList.add('old'))"
    )
    page.check("input[value=level]")
    page.wait_for_selector("canvas.raster.old", state="detached")
    page.wait_for_selector(tiles)
    page.evaluate("phusong.map.setZoom(5, { animate: false })")
    page.wait_for_selector(tiles, state="detached")
    assert page.locator("canvas.raster").is_visible()
