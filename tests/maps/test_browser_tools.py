"""Coordinates, measuring and the keyboard: as exact as PROJ, and usable without a mouse."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from phusong.grid import operation
from phusong.maps import build_map, open_theme, render_html
from phusong.maps.readout import readout

from ..browsing import STILL, until, until_ready
from .conftest import PHONE

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def html(layers):
    return render_html(build_map(open_theme("overview"), layers))


@pytest.fixture
def page(visit, html):
    opened = visit(html)
    until_ready(opened)
    return opened


def places(count=200):
    """Return latitudes and longitudes over Hà Giang and a degree around it."""
    rng = np.random.default_rng(9209)
    return np.column_stack([rng.uniform(21.5, 24.0, count), rng.uniform(103.5, 106.5, count)])


@pytest.mark.parametrize("code", ["EPSG:9209", "EPSG:9217", "EPSG:3405", "EPSG:32648"])
def test_the_pages_coordinates_are_projs(page, code):
    spots = places()
    told = page.evaluate(
        "([spots, system]) => spots.map((spot) => {"
        " const { east, north } = phusong.project(spot, system); return [east, north]; })",
        [spots.tolist(), readout(CRS(code))],
    )
    east, north = operation("OGC:CRS84", code).transform(spots[:, 1], spots[:, 0])
    # 0.1 mm: far below the 0.1 m that is written
    np.testing.assert_allclose(told, np.column_stack([east, north]), rtol=0, atol=1e-4)


@pytest.mark.parametrize("code", ["EPSG:9209", "EPSG:9217", "EPSG:3405", "EPSG:32648"])
def test_coordinates_of_the_study_lead_to_the_place_that_proj_says(page, code):
    spots = places()
    east, north = operation("OGC:CRS84", code).transform(spots[:, 1], spots[:, 0])
    told = page.evaluate(
        "([metres, system]) => metres.map(([east, north]) =>"
        " phusong.unproject({ east, north }, system))",
        [np.column_stack([east, north]).tolist(), readout(CRS(code))],
    )
    lon, lat = operation(code, "OGC:CRS84").transform(east, north)
    np.testing.assert_allclose(told, np.column_stack([lat, lon]), rtol=0, atol=1e-9)  # 0.1 mm


def typed(lat, lon):
    """Return a place as people write it."""
    east, north = operation("OGC:CRS84", "EPSG:9209").transform(lon, lat)
    (a, b, c), (d, e, f) = (
        (int(v), int(v % 1 * 60), round(v * 60 % 1 * 60, 3)) for v in (lat, lon)
    )
    metres = [f"{north:,.2f}", f"{east:,.2f}"]
    vietnamese = [one.translate(str.maketrans(",.", ".,")) for one in metres]
    return [
        f"{lat}, {lon}", f"{lon} {lat}", f"{lat};{lon}", f"{lat},{lon}",
        f"{lat} {lon}".replace(".", ","), f"{lat}, {lon}".replace(".", ",", 1).replace(".", ","),
        f"{a}°{b}'{c}\"B {d}°{e}'{f}\"Đ", f"{a}° {b}′ {c}″ N, {d}° {e}′ {f}″ E",
        f"{d}°{e}’{f}”Đ, {a}°{b}’{c}”B", f"{a} {b} {c} {d} {e} {f}",
        f"{a}°{b + c / 60:.6f}' N {d}°{e + f / 60:.6f}' E",
        f"{north:.2f} {east:.2f}", f"{east:.2f},{north:.2f}", " ".join(metres), "; ".join(metres),
        " ".join(vietnamese), f"X = {vietnamese[0]}; Y = {vietnamese[1]}",
        f"X (bắc) {vietnamese[0]} m · Y (đông) {vietnamese[1]} m",
    ]  # fmt: skip


def test_coordinates_are_read_however_they_are_written(page):
    lat, lon = 22.83125, 104.98317
    for text in typed(lat, lon):
        found = page.evaluate("(text) => phusong.placeIn(text)", text)
        assert found is not None, text
        assert (found["lat"], found["lng"]) == pytest.approx((lat, lon), abs=2e-7), text
    for text in ("2", "01108", "Xín Mần", "1,5", "95 105", "A2 22.8", "22°70' 104°10'", ""):
        assert page.evaluate("(text) => phusong.placeIn(text)", text) is None, text


def test_the_search_leads_to_coordinates_and_says_when_they_lie_elsewhere(page):
    page.fill("input[type=search]", "22.8312 105.01")
    assert "22,83120° B, 105,01000° Đ" in page.locator("#found li").first.inner_text()
    page.keyboard.press("Enter")
    assert page.evaluate("phusong.map.getBounds().contains([22.8312, 105.01])")
    assert page.evaluate("phusong.map.getZoom()") >= 13
    assert "22,83120° B" in page.inner_text(".place")
    page.fill("input[type=search]", "10.77 106.70")
    assert "ngoài bản đồ" in page.locator("#found li").first.inner_text()
    page.keyboard.press("Enter")
    assert page.evaluate("phusong.map.getCenter().lat") > 20


def test_a_system_that_is_no_transverse_mercator_is_not_told():
    assert readout(CRS("EPSG:3857")) is None
    assert readout(CRS("EPSG:2154")) is None  # a conic projection


def test_distances_and_areas_are_those_on_the_ellipsoid(page):
    spots = places(60)
    told = page.evaluate(
        "(spots) => spots.slice(1).map((spot, i) => phusong.distance(spots[i], spot))",
        spots.tolist(),
    )
    wanted = GEOD.inv(spots[:-1, 1], spots[:-1, 0], spots[1:, 1], spots[1:, 0])[2]
    np.testing.assert_allclose(told, wanted, rtol=0, atol=1e-3)
    for degrees in (0.01, 0.1, 1.0):
        ring = [[22, 104], [22, 104 + degrees], [22 + degrees, 104 + degrees / 3]]
        area = abs(GEOD.geometry_area_perimeter(shapely.Polygon([(x, y) for y, x in ring]))[0])
        assert page.evaluate("(ring) => phusong.area(ring)", ring) == pytest.approx(area, rel=1e-5)


def middle(page):
    box = page.locator(".map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_place_under_the_pointer_is_told_and_a_click_keeps_it(page):
    assert not page.is_visible(".place")
    x, y = middle(page)
    page.mouse.move(x, y)
    assert "WGS 84: 22," in page.inner_text(".place")
    assert "VN-2000, kinh tuyến trục 105°30′" in page.inner_text(".place")
    assert not page.is_visible("text=Chép tọa độ")
    page.mouse.click(x, y)
    kept = page.inner_text(".place .lines")
    page.mouse.move(x + 80, y + 40)
    assert page.inner_text(".place .lines") == kept
    page.click("text=English")
    assert "central meridian 105°30′" in page.inner_text(".place")
    page.get_by_label("Remove the mark").click()
    assert not page.is_visible(".pin")


def test_what_is_copied_is_plain_numbers_that_other_programs_read(page):
    page.evaluate("phusong.pin(L.latLng(22.8344, 104.9911))")
    page.evaluate(
        "document.addEventListener('copy', () => {"
        " window.copied = document.activeElement.value; }, true)"
    )
    page.click("text=Chép tọa độ")
    first, second = page.evaluate("window.copied").split("\n")
    assert first == "WGS 84\t22.834400\t104.991100"
    assert second == "VN-2000, kinh tuyến trục 105°30′\t2526143.76\t447572.06"
    assert page.locator("p[role=status]").inner_text() == "Đã chép"


def test_measuring_by_pointer_opens_no_card(page):
    page.get_by_label("Đo khoảng cách, diện tích").click()
    x, y = middle(page)
    for dx, dy in ((0, 0), (100, 0), (100, 80)):
        page.mouse.click(x + dx, y + dy)
    assert page.locator(".leaflet-popup").count() == 0
    figures = dict(
        zip(
            page.locator(".measure dt").all_inner_texts(),
            page.locator(".measure dd").all_inner_texts(),
            strict=True,
        )
    )
    assert set(figures) == {"Khoảng cách", "Đoạn cuối", "Diện tích khép kín"}
    corners = page.evaluate(
        "[[0, 0], [100, 0], [100, 80]].map(([dx, dy]) => {"
        " const s = phusong.map.getSize();"
        " const p = phusong.map.containerPointToLatLng([s.x / 2 + dx, s.y / 2 + dy]);"
        " return [p.lng, p.lat]; })"
    )
    ring = shapely.Polygon(corners)
    area, _ = GEOD.geometry_area_perimeter(ring)
    shown = float(figures["Diện tích khép kín"].removesuffix(" km²").replace(",", "."))
    assert shown == pytest.approx(abs(area) / 1e6, rel=0.03)  # a click is a whole pixel
    page.click("text=Xóa hết")
    assert page.inner_text(".measure dd") == "0 m"
    page.click(".measure >> text=Đóng")
    page.mouse.click(x, y)
    assert page.locator(".leaflet-popup").count() == 1


def test_measuring_and_cards_work_by_keyboard_alone(page):
    page.focus(".map")
    page.keyboard.press("Enter")
    assert page.inner_text(".card h2") == "Xín Mần"  # the gap lies above its commune
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    until(page, STILL)  # it moved to show the card whole
    page.get_by_label("Đo khoảng cách, diện tích").press("Enter")
    page.focus(".map")
    page.keyboard.press("Enter")
    before = page.evaluate("phusong.map.getCenter()")
    page.evaluate("window.moved = new Promise((done) => phusong.map.once('moveend', done)), 0")
    page.keyboard.press("ArrowRight")
    page.evaluate("window.moved.then(() => 0)")
    page.keyboard.press("Enter")
    after = page.evaluate("phusong.map.getCenter()")
    assert after["lng"] > before["lng"]
    length = GEOD.inv(before["lng"], before["lat"], after["lng"], after["lat"])[2]
    shown = page.inner_text("[data-measure=distance]")
    assert float(shown.removesuffix(" km").replace(",", ".")) == pytest.approx(
        length / 1000, abs=0.005
    )
    page.keyboard.press("Backspace")
    assert page.inner_text("[data-measure=distance]") == "0 m"
    page.keyboard.press("Escape")
    assert not page.is_visible(".measure")
    page.focus(".map")
    page.keyboard.press(" ")
    assert page.is_visible("text=Chép tọa độ")


def test_on_a_phone_a_tap_tells_the_place(visit, html):
    page = visit(html, PHONE, has_touch=True, is_mobile=True)
    until_ready(page)
    page.touchscreen.tap(*middle(page))
    page.wait_for_selector(".place >> text=WGS 84")
    box = page.locator(".place").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_on_a_phone_the_place_told_leaves_the_card_clear(visit, layers):
    page = visit(
        render_html(build_map(open_theme("overview"), layers)),
        PHONE,
        has_touch=True,
        is_mobile=True,
    )
    until_ready(page)
    x, y = middle(page)
    page.evaluate("phusong.map.panBy([0, -200], { animate: false })")
    page.touchscreen.tap(x, y + 200)
    page.wait_for_selector(".place >> text=WGS 84")
    page.wait_for_selector(".leaflet-popup")
    until(
        page,
        "document.querySelector('.leaflet-popup').getBoundingClientRect().bottom"
        " <= document.querySelector('.place').getBoundingClientRect().top",
    )
