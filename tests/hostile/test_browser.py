"""The pages of the attacked study in a browser: nothing runs, nothing is fetched, all is shown."""

import folium
import pytest

from ..browsing import until_ready
from .attacks import SHOWN, as_read

PAGES = ("index.html", "maps/overview.html", "maps/hostile.html", "maps/fibre.html",
         "maps/readiness.html", "maps/stations.html")  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_and_executes_no_text(attacked, visit, name):
    page = visit(attacked.out / name)
    if name != "index.html":
        until_ready(page)
        page.evaluate(
            "document.querySelectorAll('aside input[type=checkbox]:not(:checked)')"
            ".forEach((box) => box.click())"
        )
        panel = page.locator("aside").bounding_box()
        assert panel["width"] < 400  # a word of 8,000 letters leaves the map its room
    page.wait_for_timeout(300)


def test_a_card_shows_the_text_of_an_attack(attacked, visit):
    page = visit(attacked.out / "maps" / "overview.html")
    until_ready(page)
    for attack in ("jinja arithmetic", "jinja comment", "end of the script", "mathtext"):
        words = SHOWN[attack]
        page.fill("input[type=search]", words[:12])
        page.keyboard.press("Enter")
        page.wait_for_selector(".leaflet-popup .card")
        assert words in page.locator(".leaflet-popup .card").inner_text()
        page.evaluate("phusong.map.closePopup()")
        page.wait_for_selector(".leaflet-popup", state="detached")


def test_a_notebook_frame_with_layers_of_the_planners_executes_no_text(attacked, visit, tmp_path):
    drawn = attacked.result.map()
    villages = attacked.result.villages.to_crs("EPSG:4326")[["name", "geometry"]]
    folium.GeoJson(villages).add_to(drawn)
    (tmp_path / "book.html").write_text(
        f"<!DOCTYPE html><meta charset='utf-8'>{drawn._repr_html_()}", "utf-8"
    )
    page = visit(tmp_path / "book.html")
    frame = page.frames[1]
    until_ready(frame)
    assert frame.evaluate("window.stolen") is None
    assert as_read(SHOWN["jinja arithmetic"]) in frame.evaluate(
        "JSON.stringify(phusong.data.tables.villages.columns.name)"
    )
