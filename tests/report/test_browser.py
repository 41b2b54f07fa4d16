"""The landing page in a browser with the network cut: no error, no request, both languages."""

from dataclasses import replace

import pytest

from phusong.i18n import Bilingual
from phusong.report import write_landing


@pytest.fixture
def visit(browser, tmp_path):
    """Open a landing page offline; any complaint or request fails the test."""
    complaints, contexts = [], []

    def open_page(landing, *, width=1280, hash_=""):
        file = tmp_path / f"index{len(contexts)}.html"
        write_landing(landing, file)
        context = browser.new_context(viewport={"width": width, "height": 844}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda sent: complaints.append(f"request: {sent.url}")
                if not sent.url.startswith(file.as_uri()) else None)  # fmt: skip
        page.goto(file.as_uri() + hash_)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def test_the_language_switches_without_reloading(visit, landing):
    page = visit(landing)
    page.evaluate("window.loaded_once = true")
    assert page.locator("h1").inner_text() == "Tỉnh Hà Giang, cuối năm 2017"
    page.click("button[value=en]")
    assert page.locator("h1").inner_text() == "Hà Giang province, end of 2017"
    assert page.title() == "Hà Giang province, end of 2017"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate("window.loaded_once")
    page.click("button[value=vi]")
    assert "Bảng chỉ tiêu" in page.locator("main").inner_text()


def test_a_sample_says_so_on_top_and_its_verdicts_are_examples(visit, landing):
    said = Bilingual(
        "Dữ liệu mẫu – thử. Giả lập: thôn.", "Sample data – a test. Invented: villages."
    )
    page = visit(replace(landing, sample=said, sample_notice=said), width=390)
    assert page.locator("aside").inner_text() == said.vi
    assert page.title().endswith(said.vi)
    shown = page.locator("main").inner_text()
    assert "ví dụ: chưa đạt" in shown
    assert "✗" not in shown
    assert page.locator(".missed, .met").count() == 0
    page.click("button[value=en]")
    assert page.locator("aside").inner_text() == said.en
    assert page.title().endswith(said.en)
    assert "example: missed" in page.locator("main").inner_text()


def test_each_language_shows_only_its_own_words(visit, landing):
    page = visit(landing, hash_="#en")
    shown = page.locator("body").inner_text()
    assert "Indicator board" in shown
    assert "Bảng chỉ tiêu" not in shown
    assert "94.3 %" in shown
    assert "94,3 %" not in shown


def test_the_worst_communes_follow_the_chosen_service(visit, landing):
    page = visit(landing)
    assert page.locator("[data-service=mobile]").is_visible()
    page.click(".services button[value='4g']")
    assert not page.locator("[data-service=mobile]").is_visible()
    assert "xã Tả Lủng 12" in page.locator("[data-service='4g'] tbody tr").first.inner_text()


def test_a_phone_needs_no_sideways_scrolling(visit, landing):
    page = visit(landing, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_paper_the_buttons_are_gone_and_the_board_stays(visit, landing):
    page = visit(landing)
    page.emulate_media(media="print")
    assert not page.locator(".languages").is_visible()
    assert page.locator("text=Bảng chỉ tiêu").first.is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_hostile_names_run_nothing(visit, landing, communes):
    hostile = "</bdi><img src=x onerror=window.stolen=1><script>window.stolen=1</script>"
    communes["name"] = communes["district"] = hostile
    page = visit(
        replace(landing, title=Bilingual(hostile, hostile + "!"), notes=(Bilingual(hostile, "x"),))
    )
    assert page.evaluate("typeof window.stolen") == "undefined"
    assert hostile in page.locator("h1").inner_text()
