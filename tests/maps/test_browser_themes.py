"""Every shipped theme in a browser without a network: sound, accessible, and as it looked before.

``PHUSONG_NEW_PICTURES=1 pytest tests/maps/test_browser_themes.py`` draws the reference
pictures anew; look at them before they are committed.
"""

import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image

from phusong.i18n import Bilingual
from phusong.maps import build_map, open_theme, render_html, theme_names

from ..browsing import STILL, serious, until, until_ready
from .conftest import PHONE

PICTURES = Path(__file__).parent / "pictures"
NEW = "PHUSONG_NEW_PICTURES" in os.environ
FOLD = 4  # a pixel of a picture is the mean of 4 × 4 on the screen
WORDLESS = ".labels, .leaflet-control-container { visibility: hidden !important; }"


@pytest.fixture(scope="module")
def pages(layers):
    return {name: render_html(build_map(open_theme(name), layers)) for name in theme_names()}


def opened(visit, html, *args, **options):
    page = visit(html, *args, **options)
    until_ready(page)
    return page


def card(page, table, row):
    """Return what the card of a row says, by field; the card before may still be fading out."""
    return page.evaluate(
        "([table, row]) => { phusong.showRow(table, row);"
        " const cells = phusong.map._popup.getElement().querySelectorAll('dd');"
        " return Object.fromEntries([...cells].map((dd) => [dd.dataset.field, dd.innerText])); }",
        [table, row],
    )


def test_cards_tell_the_tables_money_lengths_and_codes_in_words(visit, pages):
    page = opened(visit, pages["rollout"])
    told = card(page, "rollout", 2)
    assert (told["cost_vnd"], told["reason"]) == ("1,25 tỷ đồng", "chưa đủ kinh phí")
    assert (told["service_year"], told["would_enter"]) == ("–", "2023")
    assert card(page, "rollout", 1)["service_year"] == "2019"
    page.click("text=English")
    assert card(page, "rollout", 1)["cost_vnd"] == "85.5 million VND"
    page = opened(visit, pages["readiness"])
    assert card(page, "readiness", 1)["next_missing"] == "mạng LAN, nguồn điện dự phòng"
    page = opened(visit, pages["fibre"])
    told = card(page, "offices", 1)
    assert (told["homing"], told["exposed_m"]) == ("chỉ một đường", "12,4 km")
    told = card(page, "spans", 0)
    assert (told["dark_population"], told["dark_offices"]) == ("5.400 người", "2")


def test_the_legend_counts_rows_of_each_class_and_year(visit, pages):
    page = opened(visit, pages["rollout"])
    lines = page.locator("[data-layer=years] li").all_inner_texts()
    assert [line.split() for line in lines] == [
        ["2018", "1"], ["2019", "1"], ["Ngoài", "lộ", "trình", "1"],
    ]  # fmt: skip
    page = opened(visit, pages["fibre"])
    lines = page.locator("[data-layer=criticality] .legend > ul").first.inner_text()
    assert "5.000 đến dưới 20.000" in lines
    assert page.locator("[data-layer=criticality] .count").all_inner_texts().count("1") == 2


def test_communes_that_lack_no_work_are_a_class_of_their_own(visit, layers):
    communes = layers.tables["communes"].assign(
        service_year=[2018, None, None], rollout_outcome=["in_plan", "no_works", "budget"]
    )
    changed = replace(layers, tables={**layers.tables, "communes": communes})
    page = opened(visit, render_html(build_map(open_theme("rollout"), changed)))
    years = page.locator("[data-layer=years] li").all_inner_texts()
    assert [line.split() for line in years] == [["2018", "1"], ["Ngoài", "lộ", "trình", "1"]]
    rows = page.evaluate(
        "phusong.layers.find((one) => one.spec.id === 'no_works').group.getLayers()"
        ".map((path) => path.row)"
    )
    assert rows == [1]
    assert "không thiếu việc nào" in page.inner_text("[data-layer=no_works]")


def test_levels_are_explained_beside_the_layer_that_shows_them(visit, layers):
    meaning = Bilingual("mức 0: thiếu LAN", "level 0: no LAN")
    explained = replace(layers, explained={"readiness_level": meaning})
    page = opened(visit, render_html(build_map(open_theme("readiness"), explained)))
    assert meaning.vi in page.inner_text("[data-layer=level]")
    page.click("text=English")
    assert meaning.en in page.inner_text("[data-layer=level]")


def test_of_two_fills_only_one_is_shown(visit, pages):
    page = opened(visit, pages["coverage"])
    assert page.is_checked("input[value=signal]")
    assert page.locator("canvas.raster").count() == 1
    page.check("input[value=coverage]")
    assert not page.is_checked("input[value=signal]")
    assert page.locator("canvas.raster").count() == 0


@pytest.mark.parametrize("name", theme_names())
def test_axe_finds_nothing_serious(visit, pages, axe, name):
    page = opened(visit, pages[name], bypass_csp=True)
    page.get_by_label("Đo khoảng cách, diện tích").click()
    page.evaluate("phusong.measureAt(phusong.map.getCenter())")
    assert serious(page, axe) == []


def test_axe_finds_nothing_serious_in_card_search_and_sheet(visit, pages, axe):
    page = opened(visit, pages["coverage"], PHONE, bypass_csp=True)
    page.fill("input[type=search]", "xin man")
    assert serious(page, axe) == []
    page.keyboard.press("Enter")
    page.evaluate("phusong.pin(phusong.map.getCenter())")
    page.click(".handle")
    until(page, STILL)  # half faded in a card has no contrast
    assert serious(page, axe) == []


def test_axe_does_find_what_is_wrong(visit, pages, axe):
    page = opened(visit, pages["coverage"], bypass_csp=True)
    page.evaluate("document.querySelector('input[type=search]').closest('label').replaceWith("
                  "document.createElement('input'))")  # fmt: skip
    assert any(rule == "label" for rule, *_ in serious(page, axe))


def folded(page):
    """Return the map as drawn, without words, each pixel the mean of a block; 0 to 1."""
    page.add_style_tag(content=WORDLESS)
    shot = image.imread(io.BytesIO(page.locator(".map").screenshot(type="png")))[..., :3]
    rows, columns = (side // FOLD for side in shot.shape[:2])
    blocks = shot[: rows * FOLD, : columns * FOLD].reshape(rows, FOLD, columns, FOLD, 3)
    return blocks.mean(axis=(1, 3))


def unlike(found, kept):
    """Return the share of blocks that differ by more than a shade the eye would notice.

    Edges may be smoothed a little otherwise by another browser; an area in
    another colour, a layer lacking or moved by a symbol's width may not.
    """
    assert found.shape == kept.shape
    return float((np.abs(found - kept).max(axis=2) > 0.1).mean())


@pytest.mark.parametrize("name", theme_names())
def test_a_theme_opens_offline_looks_as_before_and_shows_each_of_its_layers(visit, pages, name):
    page = opened(visit, pages[name], {"width": 890, "height": 400})
    found = folded(page)
    kept = PICTURES / f"{name}.png"
    if NEW:
        image.imsave(kept, found)
    assert unlike(found, image.imread(kept)[..., :3]) < 0.002
    boxes = page.locator("section.layer > .title input:enabled")
    shown = set()
    for position in range(boxes.count()):
        boxes.nth(position).check()
        shown |= set(page.evaluate("phusong.layers.filter((l) => l.on).map((l) => l.spec.id)"))
    wanted = "phusong.layers.filter((l) => l.available).map((l) => l.spec.id)"
    assert shown == set(page.evaluate(wanted))
    page.click("text=English")
    assert page.inner_text("h1") == open_theme(name).title.en
    assert "undefined" not in page.inner_text("aside")
    assert "NaN" not in page.inner_text("aside")


def test_another_service_or_a_layer_less_is_seen(visit, pages):
    page = opened(visit, pages["coverage"], {"width": 890, "height": 400})
    kept = image.imread(PICTURES / "coverage.png")[..., :3]
    page.check("input[value='4g']")
    assert unlike(folded(page), kept) > 0.02
    page.check("input[value='mobile']")
    page.uncheck("input[value=districts]")
    assert unlike(folded(page), kept) > 0.002
