"""Ways through the pages: links, addresses that can be sent, a search that finds everything."""

import re

import pytest

from phusong.maps import build_map, open_theme, page_link, render_html, theme_names

from ..browsing import until, until_ready
from .conftest import DESKTOP, PHONE


@pytest.fixture(scope="module")
def pages(layers):
    links = [page_link(name, open_theme(name), layers) for name in theme_names()]
    return {
        link.name: render_html(
            build_map(open_theme(link.name), layers, pages=links, name=link.name)
        )
        for link in links
    }


@pytest.fixture
def folder(pages, tmp_path):
    """Return a folder of pages that link to each other."""
    maps = tmp_path / "maps"
    maps.mkdir()
    for name, html in pages.items():
        (maps / f"{name}.html").write_text(html, encoding="utf-8")
    (tmp_path / "index.html").write_text("<title>start</title>", encoding="utf-8")
    return maps


@pytest.fixture
def enter(open_tab, folder):
    """Open a page of the folder at an address, offline; a complaint fails the test."""

    def open_page(name, address="", viewport=DESKTOP):
        page = open_tab((folder / f"{name}.html").as_uri() + address, viewport)
        until_ready(page)
        return page

    return open_page


def view(page):
    return page.evaluate(
        "() => ({ lang: document.documentElement.lang, service: phusong.service,"
        " zoom: phusong.map.getZoom(), lat: phusong.map.getCenter().lat,"
        " lng: phusong.map.getCenter().lng,"
        " on: [...phusong.rasters, ...phusong.layers].filter((one) => one.on)"
        ".map((one) => one.spec.id), pin: phusong.pinned() })"
    )


def alike(one, other):
    """Whether two views are the same to the digits that an address keeps."""
    places = [
        [round(each[name], 3) for name in ("zoom", "lat", "lng")]
        + [None if each["pin"] is None else round(each["pin"]["lat"], 4)]
        for each in (one, other)
    ]
    rest = [{name: each[name] for name in ("lang", "service", "on")} for each in (one, other)]
    return places[0] == places[1] and rest[0] == rest[1]


def test_an_address_that_is_sent_shows_the_receiver_the_same(enter):
    sender = enter("overview")
    sender.click("text=English")
    sender.check("input[value='4g']")
    sender.check("input[value=stations]")
    sender.uncheck("input[value=districts]")
    sender.evaluate("phusong.map.setView([22.84, 105.05], 11.25, { animate: false })")
    sender.evaluate("phusong.pin(L.latLng(22.841, 105.051))")
    address = sender.evaluate("location.hash")
    seen = view(sender)
    assert (seen["lang"], seen["service"], seen["zoom"]) == ("en", "4g", 11.25)
    receiver = enter("overview", address)
    assert alike(view(receiver), seen)
    assert receiver.is_checked("input[value='4g']")
    assert receiver.is_checked("input[value=stations]")
    assert "outdoor" not in receiver.inner_text(".definition")
    assert "4G at least" in receiver.inner_text(".definition")


def test_another_address_in_the_same_page_changes_what_is_seen(enter):
    page = enter("overview")
    page.evaluate("location.hash = '#map=11/22.8/105&service=4g&lang=en&layers=gaps'")
    until(page, "phusong.lang === 'en'")
    seen = view(page)
    assert (seen["service"], seen["zoom"], seen["on"]) == ("4g", 11, ["gaps"])
    assert page.is_checked("input[value='4g']")


def test_an_address_of_nonsense_opens_the_page_as_it_is(enter):
    plain = view(enter("overview"))
    address = "#map=a/b/c&service=<img>&lang=xx&open=__proto__:x&pin=1/&open=communes:99999&map=1"
    assert alike(view(enter("overview", address)), plain)


def test_pages_lead_to_each_other_with_place_service_and_language(enter):
    page = enter("overview")
    page.check("input[value='4g']")
    page.click("text=English")
    page.evaluate("phusong.map.setView([22.84, 105.05], 11, { animate: false })")
    before = view(page)
    page.click(".pages summary")
    assert page.locator(".pages li").count() == len(theme_names()) - 1
    page.click(".pages li a:text-is('Base stations')")
    page.wait_for_url(re.compile("stations.html"))
    until_ready(page)
    after = view(page)
    for name in ("lang", "service", "zoom"):
        assert after[name] == before[name]
    assert after["lat"] == pytest.approx(before["lat"], abs=1e-3)
    page.click(".pages > a")
    page.wait_for_url(re.compile(r"/index\.html#.*service=4g&lang=en"))
    assert page.title() == "start"


WANTED = {
    "communes": ("xin man", "01108"), "districts": ("thanh pho ha giang", "024"),
    "villages": ("ban ngo", "T2"), "stations": ("tram coc pai", "A4"),
    "offices": ("ubnd xin man", "O2"), "spans": ("tuyen ql2", "T1"),
}  # fmt: skip


@pytest.mark.parametrize("name", theme_names())
def test_every_map_finds_every_kind_of_place_by_name_and_code(enter, name):
    page = enter(name)
    for table, searches in WANTED.items():
        kind = page.evaluate("(table) => phusong.word(`kind_${table}`).vi", table)
        found = set()
        for text in searches:
            page.fill("input[type=search]", text)
            hits = page.locator("#found li").all_inner_texts()
            (position, *_) = [at for at, hit in enumerate(hits) if kind in hit] or [None]
            assert position is not None, (name, text, hits)
            found.add(hits[position].split(" · ")[0])  # less which of a mast's stations
        assert len(found) == 1, (name, found)  # one place, by its name and by its code
        page.locator("#found li").nth(position).click()
        assert page.locator(".card h2").last.inner_text() != "–"
        if table != "districts":  # each is told in full on some map
            here = page.evaluate("(table) => table in phusong.data.cards", table)
            assert here or page.locator(".card").last.locator(".elsewhere a").count() > 0, (
                name,
                table,
            )


def test_a_card_leads_to_the_other_maps_at_the_same_row(enter):
    page = enter("overview")
    page.fill("input[type=search]", "01108")
    page.keyboard.press("Enter")
    page.click(".card .elsewhere a:text-is('Mạng cáp quang')")
    page.wait_for_url(re.compile("fibre.html"))
    until_ready(page)
    assert page.inner_text(".card h2") == "xã Xín Mần"
    assert "Số đường đến trung tâm tỉnh" in page.inner_text(".card")


def test_on_a_phone_links_and_buttons_are_as_large_as_a_finger(enter):
    page = enter("coverage", viewport=PHONE)
    page.click(".handle")
    page.click(".pages summary")
    small = page.evaluate(
        "() => [...document.querySelectorAll('button, a[href], summary, input[type=search],"
        " .layer .title, .services label')].filter((node) => node.checkVisibility())"
        ".map((node) => [node.className || node.tagName, node.getBoundingClientRect().height])"
        ".filter(([, height]) => height < 44)"
    )
    assert small == []


def test_a_map_alone_links_to_nothing(layers):
    html = render_html(build_map(open_theme("overview"), layers))
    # The words of the page and, of this name too, the pages it leads to.
    assert re.findall('"pages":(?!{"vi").{4}', html) == ['"pages":null']
