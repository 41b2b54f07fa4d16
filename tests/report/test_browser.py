"""The landing page in a browser with the network cut: no error, no request, both languages."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from phusong.i18n import Bilingual
from phusong.report import Listed, write_landing


@pytest.fixture
def visit(open_tab, tmp_path):
    """Open a landing page offline; any complaint or request fails the test."""
    count = iter(range(100))

    def open_page(landing, *, width=1280, hash_=""):
        file = tmp_path / f"index{next(count)}.html"
        write_landing(landing, file)
        viewport = {"width": width, "height": 844}
        return open_tab(file.as_uri() + hash_, viewport, asks=file.as_uri())

    return open_page


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
    assert "ví dụ: không đạt" in shown
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
    assert page.locator(".worst [data-service=mobile]").is_visible()
    page.click(".services button[value='4g']")
    assert not page.locator(".worst [data-service=mobile]").is_visible()
    first = page.locator(".worst [data-service='4g'] tbody tr").first
    assert "xã Tả Lủng 12" in first.inner_text()


def test_the_maps_open_in_the_language_and_the_service_shown(visit, landing):
    page = visit(landing)
    page.click("button[value=en]")
    page.click(".services button[value='4g']")
    address = page.locator(".maps a").first.get_attribute("href")
    assert address == "maps/overview.html#lang=en&service=4g"
    commune = page.locator("[data-service='4g'] tbody a").first.get_attribute("href")
    assert commune == "maps/coverage.html#open=communes:00012&lang=en&service=4g"
    gap = page.locator(".gaps [data-service='4g'] tbody a").first.get_attribute("href")
    assert gap == "maps/gaps.html#open=gaps:4g-0001&lang=en&service=4g"
    again = visit(landing, hash_=page.evaluate("location.hash"))
    assert again.locator("html").get_attribute("lang") == "en"
    assert again.locator(".worst [data-service='4g']").is_visible()
    assert not again.locator(".worst [data-service=mobile]").is_visible()


def names(page, table):
    return page.locator(f"{table} tbody th").all_inner_texts()


def test_tables_by_district_and_commune_sort_by_any_column(visit, landing):
    page = visit(landing)
    assert names(page, ".districts") == ["Hà Giang", "Đồng Văn"]
    page.click(".districts .sort >> nth=0")
    assert names(page, ".districts") == ["Đồng Văn", "Hà Giang"]  # Đ before H
    page.click(".districts .sort >> nth=1")
    assert names(page, ".districts") == ["Hà Giang", "Đồng Văn"]
    page.click(".districts .sort >> nth=1")
    assert names(page, ".districts") == ["Đồng Văn", "Hà Giang"]
    assert page.locator(".districts th").nth(1).get_attribute("aria-sort") == "descending"
    assert len(names(page, ".all")) == 12
    assert not page.locator(".all table").is_visible()
    page.click(".all summary")
    page.click(".all .sort >> nth=3")
    page.click(".all .sort >> nth=3")
    assert names(page, ".all")[0] == "xã Tả Lủng 12"  # the most covered


def test_the_arrow_of_a_narrow_column_makes_no_line_of_its_own(visit, landing):
    page = visit(landing)
    lines = page.evaluate(
        """[...document.querySelectorAll(".districts .sort")].map((button) => {
            button.style.width = "40px";
            const words = document.createRange();
            words.selectNodeContents(button);
            return [button.offsetHeight, words.getBoundingClientRect().height];
        })"""
    )
    assert len(lines) >= 3
    assert max(button - words for button, words in lines) < 10  # leading, and no line more


@pytest.fixture
def province(landing, indicators, communes, districts):
    """As long as Hà Giang: 32 indicators, 11 districts, 192 communes, 60 notes, 100 files."""
    many = pd.concat([indicators] * 8, ignore_index=True)
    many.loc[4:, "target"] = many.loc[18:, "published"] = float("nan")
    many.loc[many["status"].isin(["met", "missed"]) & many["target"].isna(), "status"] = "no_target"
    return replace(
        landing,
        indicators=many,
        communes=pd.concat([communes] * 16, ignore_index=True),
        districts=pd.concat([districts] * 6, ignore_index=True).iloc[:11],
        notes=tuple(Bilingual(f"Lưu ý số {n}", f"Note {n}") for n in range(60)),
        files=tuple(
            Listed(f"geojson/file{n}.geojson", Bilingual("Kết quả", "Results"), 1000)
            for n in range(100)
        ),
    )


def test_a_phone_is_not_scrolled_for_ever_and_its_buttons_are_large(visit, province):
    page = visit(province, width=390)
    small = page.evaluate(
        "() => [...document.querySelectorAll('button, summary')].filter((one) =>"
        " one.checkVisibility() && one.getBoundingClientRect().height < 44).length"
    )
    assert small == 0
    assert page.evaluate("document.documentElement.scrollHeight") < 12_000


def test_a_province_prints_on_two_pages(visit, province):
    pdf = visit(province).pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_a_phone_needs_no_sideways_scrolling(visit, landing):
    drawn = {"share_median_mobile": 0.91, "confident_verdict_mobile": "undecided"}
    told = replace(
        landing,
        communes=landing.communes.assign(**drawn),
        services=tuple(replace(one, estimated=("communes",)) for one in landing.services),
    )
    page = visit(told, width=360)
    assert page.locator("td .name:visible", has_text="ước lượng").count() > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shares = page.locator("td.number", has=page.locator(".name:visible", has_text="ước lượng"))
    styles = shares.evaluate_all("all => all.map(one => getComputedStyle(one).whiteSpace)")
    assert set(styles) == {"nowrap"}, "a figure and its percent sign stay together"


def test_on_paper_the_buttons_are_gone_and_the_board_stays(visit, landing):
    page = visit(landing)
    page.emulate_media(media="print")
    assert not page.locator(".languages").is_visible()
    assert page.locator("text=Bảng chỉ tiêu").first.is_visible()
    numbers = [one for one in page.locator("sup").all() if one.is_visible()]
    defined = page.locator(".definitions li:visible").evaluate_all(
        "(all) => all.map((one) => one.value)"
    )
    assert numbers
    assert {int(one.inner_text()) for one in numbers} == set(defined)
    assert page.pdf().startswith(b"%PDF")


def test_hostile_names_run_nothing(visit, landing, communes):
    hostile = "</bdi><img src=x onerror=window.stolen=1><script>window.stolen=1</script>"
    communes["name"] = communes["district"] = hostile
    page = visit(
        replace(landing, title=Bilingual(hostile, hostile + "!"), notes=(Bilingual(hostile, "x"),))
    )
    assert page.evaluate("typeof window.stolen") == "undefined"
    assert hostile in page.locator("h1").inner_text()
