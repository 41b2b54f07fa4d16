"""The page in a browser with the network cut: no error, no request, and it answers."""

from dataclasses import replace

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely

from phusong.i18n import Bilingual, percent
from phusong.maps import build_map, open_theme, render_html

from ..browsing import STILL, until, until_ready
from .conftest import CRS, HOSTILE, PHONE, SOUTH, WEST


@pytest.fixture(scope="module")
def html(layers):
    return render_html(build_map(open_theme("overview"), layers))


@pytest.fixture
def page(visit, html):
    opened = visit(html)
    until_ready(opened)
    return opened


def lines_of(page, place):
    return [line.strip() for line in page.inner_text(place).splitlines() if line.strip()]


def search(page, text):
    page.fill("input[type=search]", text)
    return page.locator("#found li").all_inner_texts()


def card_of(page, text):
    search(page, text)
    page.keyboard.press("Enter")
    return page.locator(".leaflet-popup .card")


def close_card(page):
    page.locator(".leaflet-popup-close-button").click()
    page.wait_for_selector(".leaflet-popup", state="detached")


def spot_of(page, x_m, y_m):
    """Return where on the screen a place of the study lies, once the map stands still."""
    until(page, STILL)
    point = gpd.GeoSeries([shapely.Point(x_m, y_m)], crs=CRS).to_crs("EPSG:4326").iloc[0]
    return page.evaluate(
        "([lat, lon]) => { const p = phusong.map.latLngToContainerPoint([lat, lon]);"
        " const b = phusong.map.getContainer().getBoundingClientRect();"
        " return [p.x + b.left, p.y + b.top]; }",
        [point.y, point.x],
    )


def click_on(page, x_m, y_m):
    """Click the map at a place; what is opened there has come to rest afterwards."""
    page.mouse.click(*spot_of(page, x_m, y_m))
    until(page, STILL)


def colour_at(page, name, row):
    return page.evaluate(
        "([name, row]) => {"
        " const layer = phusong.layers.find((one) => one.spec.id === name);"
        " return layer.paths[row].options.fillColor; }",
        [name, row],
    )


def shown(page, name):
    return page.evaluate(
        "(name) => { const l = phusong.layers.find((one) => one.spec.id === name);"
        " return l.on ? l.group.getLayers().map((path) => path.row).sort() : null; }",
        name,
    )


def test_the_note_of_the_boundaries_stands_on_the_map_in_the_readers_language(page):
    note = page.locator(".map .boundaries")
    assert note.inner_text() == "Ranh giới: Sở Thử, 2017."
    page.click("button[lang=en]")
    assert note.inner_text() == "Boundaries: Test Office, 2017."
    assert page.locator(".sample").count() == 0


def test_a_map_of_invented_data_says_so_and_its_verdicts_are_examples(visit, layers):
    said = Bilingual("Dữ liệu mẫu – thử", "Sample data – a test")
    more = Bilingual(
        "Dữ liệu mẫu – thử. Giả lập: thôn.", "Sample data – a test. Invented: villages."
    )
    sample = replace(layers, sample=said, sample_notice=more)
    page = visit(render_html(build_map(open_theme("overview"), sample)), PHONE)
    until_ready(page)
    assert page.locator(".sample").inner_text() == said.vi
    page.click(".handle")
    panel = page.inner_text("aside")
    assert more.vi in panel
    assert "Ví dụ: dưới mục tiêu 98 %" in panel
    page.click("button[lang=en]")
    assert page.locator(".sample").inner_text() == said.en
    assert page.evaluate("phusong.data.values.missed.en") == "example: missed"


def test_opens_without_a_complaint_and_shows_legend_scale_and_definition(page):
    assert page.inner_text(".definition") == "ngoài trời, 4G ≥ -115 dBm"
    assert page.inner_text(".leaflet-control-scale") == "3 km"
    lines = lines_of(page, "[data-layer=coverage]")
    assert lines[1].startswith("Mẫu số: dân số của từng đơn vị; tính trọn người ở ô lưới mà đủ")
    assert list(zip(lines[2::2], lines[3::2], strict=True)) == [
        ("Từ mục tiêu 98 % trở lên", "1"),
        ("100 %", "1"),
        ("98 % đến dưới 100 %", "0"),
        ("Dưới mục tiêu 98 %", "2"),
        ("95 % đến dưới 98 %", "1"),
        ("80 % đến dưới 95 %", "0"),
        ("50 % đến dưới 80 %", "1"),
        ("dưới 50 %", "0"),
    ]


def test_a_share_just_under_the_target_is_coloured_and_written_as_a_miss(page):
    met, missed = colour_at(page, "coverage", 0), colour_at(page, "coverage", 1)
    assert (met, missed) == ("#3f8ec4", "#fde3bd")
    assert "97,996 %" in card_of(page, "xin man").inner_text()


def test_language_changes_without_a_reload(page):
    page.evaluate("window.kept = 1")
    page.click("text=English")
    assert page.locator("html").get_attribute("lang") == "en"
    assert "At or above the 98 % target" in page.inner_text("aside")
    assert "outdoor, 4G" in page.inner_text(".definition")
    page.click("text=Tiếng Việt")
    assert "Từ mục tiêu 98 % trở lên" in page.inner_text("aside")
    assert page.evaluate("window.kept") == 1


def test_search_finds_xin_man_with_and_without_diacritics(page):
    for typed in ("xin man", "Xín Mần", "XIN MAN", "01108", "  xín  "):
        assert search(page, typed)[0] == "xã Xín Mần Xã · Xín Mần · 01108"


def test_search_finds_villages_and_stations_and_says_when_nothing_fits(page):
    assert search(page, "na tri")[0].startswith("Nà Trì Thôn · xã Xín Mần")
    assert search(page, "tram coc pai")[0].startswith("Trạm Cốc Pài")
    assert search(page, "zzz") == ["Không tìm thấy"]


def test_every_figure_of_a_stations_card_carries_its_unit(page):
    search(page, "tram coc pai")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    said = {
        name: page.inner_text(f".card dd[data-field={name}]")
        for name in ("frequency_mhz", "antenna_height_m")
    }
    assert said == {"frequency_mhz": "900 MHz", "antenna_height_m": "42 m"}


def test_search_is_worked_by_keyboard_alone(page):
    page.focus("input[type=search]")
    page.keyboard.type("coc pai")
    page.keyboard.press("ArrowDown")
    chosen = page.locator('#found [aria-selected="true"]').get_attribute("id")
    assert page.locator("input[type=search]").get_attribute("aria-activedescendant") == chosen
    page.keyboard.press("Enter")
    assert page.inner_text(".card h2") == "thị trấn Cốc Pài"


def test_card_repeats_the_tables_numbers(page, layers):
    card = card_of(page, "coc pai")
    row = layers.tables["communes"].iloc[0]
    cells = {
        (line.get_attribute("data-service"), cell.get_attribute("data-field")): cell.inner_text()
        for line in card.locator("tbody tr").all()
        for cell in line.locator("td").all()
    }
    for service in ("mobile", "4g"):
        share = percent(row[f"covered_population_share_{service}"], "vi")
        fraction = "1.000 / 1.000" if service == "mobile" else "900 / 1.000"
        assert cells[service, "covered_population_share"].split("\n") == [share, fraction]
    assert cells["mobile", "confident_verdict"].split("\n") == ["đạt", "97,0 %"]
    assert cells["mobile", "share_median"].split("\n") == ["100,0 %", "98,5 % – 100,0 %"]
    assert cells["4g", "confident_verdict"] == cells["4g", "share_median"] == "–"
    assert ("mobile", "target_verdict") not in cells  # of two verdicts the one that knows its doubt
    facts = dict(
        zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True)
    )
    assert facts["Số trạm BTS trong xã"] == "9"
    assert facts["Trụ sở xã có mạng LAN"] == "có"
    assert facts["Trung tâm xã cách cáp quang"] == "12 m"


def test_card_lists_missing_prerequisites_and_the_villages_of_the_chosen_service(page):
    card = card_of(page, "xin man")
    missing, *_, villages = card.inner_text().splitlines()[-3:]
    assert missing == "mạng LAN, nguồn điện dự phòng"
    assert villages == f"Thôn chưa có sóng của dịch vụ đang chọn (2): Bản Ngò, {HOSTILE}"
    page.check("input[value='4g']")
    assert card.inner_text().splitlines()[-1] == (
        f"Thôn chưa có sóng của dịch vụ đang chọn (3): Nà Trì, Bản Ngò, {HOSTILE}"
    )


def test_a_villages_card_tells_the_level_needed_and_what_lies_between(page):
    card_of(page, "Bản Ngò")
    told = [
        page.locator(f'.card tr[data-service=mobile] [data-field="{name}"]').inner_text()
        for name in ("covered", "level_dbm", "needed_dbm", "margin_db")
    ]
    assert told == [
        "không",
        "−89,0 dBm\n2G",
        "−84,7 dBm\n−98,0 dBm + 13,3 dB",
        "−4,3 dB",
    ]


def test_service_recolours_communes_and_changes_gaps_and_villages(page):
    assert (shown(page, "gaps"), shown(page, "villages")) == ([0], [1, 2])
    before = colour_at(page, "coverage", 0)
    page.check("input[value='4g']")
    assert (shown(page, "gaps"), shown(page, "villages")) == ([1], [0, 1, 2])
    assert colour_at(page, "coverage", 0) != before
    assert colour_at(page, "coverage", 2) == "#c9c9c9"
    assert "Không có số liệu" in page.inner_text("[data-layer=coverage]")
    assert "mục tiêu" not in page.inner_text("[data-layer=coverage]")


def test_layers_are_switched_and_filtered(page):
    assert shown(page, "stations") is None
    page.check("input[value=stations]")
    assert shown(page, "stations") == [0, 1, 2]
    page.locator("[data-layer=stations] .legend").get_by_label("2G").uncheck()
    assert shown(page, "stations") == [1, 2]
    page.locator("[data-layer=stations] .legend").get_by_label("VinaPhone").uncheck()
    assert shown(page, "stations") == [1]
    page.uncheck("input[value=stations]")
    assert shown(page, "stations") is None
    page.check("input[value=offices]")
    assert shown(page, "offices") == [1]


def test_absent_layers_are_named_as_absent(page):
    assert page.is_disabled("input[value=roads]")
    assert lines_of(page, "[data-layer=roads]") == [
        "Đường bộ", "Nghiên cứu này không có dữ liệu cho lớp này",
    ]  # fmt: skip


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_clicking_the_map_opens_the_commune_and_pages_through_a_masts_stations(visit, html, motion):
    page = visit(html, reduced_motion=motion)
    until_ready(page)
    assert page.evaluate("phusong.map.options.zoomAnimation") == (motion == "no-preference")
    click_on(page, WEST + 2_000, SOUTH + 2_000)
    assert page.inner_text(".card h2") == "thị trấn Cốc Pài"
    close_card(page)
    page.check("input[value=stations]")
    click_on(page, WEST + 5_000, SOUTH + 5_000)
    first = page.inner_text(".card .where")
    assert "1 / 2" in page.inner_text(".card .pager")
    page.get_by_label("Mục sau").click()
    until(page, STILL)  # a card that is closed is there until it has faded out
    assert {first, page.inner_text(".card .where")} == {"Viettel · 2G", "Viettel · 4G"}
    page.keyboard.press("Enter")  # the button pressed is still at hand
    until(page, STILL)
    assert page.inner_text(".card .where") == first


def test_hover_names_the_commune(page):
    page.mouse.move(*spot_of(page, WEST + 12_000, SOUTH + 1_500))
    assert page.inner_text(".leaflet-tooltip.tip") == "xã Xín Mần\n97,996 %"


def test_a_town_and_its_commune_share_one_label(visit, layers):
    places = gpd.GeoDataFrame(
        {"place_id": ["P"], "name": ["Xín Mần"], "kind": ["town"]},
        geometry=[shapely.Point(WEST + 15_500, SOUTH + 5_500)], crs=CRS,
    )  # fmt: skip
    page = visit(
        render_html(
            build_map(
                open_theme("overview"), replace(layers, tables={**layers.tables, "places": places})
            )
        )
    )
    until_ready(page)
    page.evaluate("void phusong.map.setZoom(12, { animate: false })")
    labels = page.locator(".label").all_inner_texts()
    assert labels.count("Xín Mần") == 1
    assert "Cốc Pài" in labels


def test_clusters_of_classed_points_and_of_unlisted_values_are_explained(visit, layers):
    theme = open_theme("gaps")
    changes = {
        "people": {"cluster_above": 0},
        "stations": {"shown": True, "categories": theme.layers[-2].categories.model_copy(
            update={"items": theme.layers[-2].categories.items[:1]})},
    }  # fmt: skip
    kept = [one.model_copy(update=changes.get(one.id, {})) for one in theme.layers]
    page = visit(render_html(build_map(theme.model_copy(update={"layers": tuple(kept)}), layers)))
    until_ready(page)
    assert page.evaluate("phusong.layers.find((one) => one.spec.id === 'people').paths.length") == 1
    lines = page.locator("[data-layer=stations] .legend > ul li").all_inner_texts()
    assert [line.split() for line in lines] == [["2G", "1"], ["Khác", "2"]]


def test_hostile_names_are_only_text(page):
    for name in ("coverage", "stations", "villages", "offices", "gaps"):
        page.set_checked(f"input[value={name}]", True)
    page.evaluate("void phusong.map.setZoom(13, { animate: false })")
    for table, row in (
        ("communes", 2),
        ("stations", 2),
        ("villages", 2),
        ("offices", 2),
        ("gaps", 1),
    ):
        page.evaluate("([table, row]) => phusong.showRow(table, row)", [table, row])
        assert "<script>window.stolen=1</script>" in page.inner_text(".card h2")
    page.fill("input[type=search]", "window.stolen")
    assert page.locator("#found li").count() == 5
    assert page.evaluate("window.stolen") is None
    assert page.locator("main img:not(.relief), .card script, #found img").count() == 0


def test_a_script_smuggled_past_us_would_still_not_run(visit, html):
    bad = html.replace("</main>", "<img src='x' onerror='window.stolen=1'></main>")
    page = visit(html)
    until_ready(page)
    said = []
    other = page.context.browser.new_context(offline=True).new_page()
    other.on("console", lambda message: said.append(message.text))
    other.set_content(bad)
    until_ready(other)
    assert other.evaluate("window.stolen") is None
    assert any("Content Security Policy" in text for text in said)
    other.context.close()


def test_works_on_a_phone(visit, html):
    page = visit(html, PHONE)
    until_ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not page.is_visible("[data-layer=coverage]")
    page.click(".handle")
    assert page.is_visible("[data-layer=coverage]")
    card_of(page, "xin man")
    box = page.locator(".leaflet-popup").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_a_card_opened_at_the_upper_edge_is_whole_on_a_phone(visit, html):
    page = visit(html, PHONE)
    until_ready(page)
    page.evaluate(
        "phusong.map.setView(phusong.map.getCenter(), phusong.map.getMinZoom() + 1,"
        " { animate: false })"
    )
    page.evaluate("phusong.clicked(L.latLngBounds(phusong.data.bounds).getCenter())")
    page.evaluate(
        "phusong.openCard('communes', [0], [phusong.data.bounds[1][0], phusong.data.bounds[1][1]])"
    )
    until(page, STILL)
    box = page.locator(".leaflet-popup-content-wrapper").last.bounding_box()
    assert box["y"] >= 0


def test_paper_gets_map_and_legend_without_the_controls(page):
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.is_visible("[data-layer=coverage]")
    assert not page.is_visible("input[type=search]")
    assert not page.is_visible("[data-layer=stations]")
    assert page.evaluate("phusong.map.getSize().x") == pytest.approx(206 * 96 / 25.4, abs=4)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.is_visible("input[type=search]")


def test_jupyter_frame_works_and_takes_a_planners_marker(visit, layers):
    drawn = build_map(open_theme("overview"), layers)
    folium.Marker([22.83, 104.99], popup="Cột mới", tooltip="Dự kiến").add_to(drawn)
    folium.LayerControl().add_to(drawn)
    page = visit(f"<!DOCTYPE html><body>{drawn._repr_html_()}</body>")
    frame = page.frame_locator("iframe")
    frame.locator(".leaflet-marker-icon").click()
    assert frame.locator(".leaflet-popup-content").inner_text() == "Cột mới"


def test_fifty_thousand_stations_are_clustered_and_stay_usable(visit, layers):
    rng = np.random.default_rng(50)
    count = 50_000
    points = shapely.points(
        rng.uniform(WEST, WEST + 30_000, count), rng.uniform(SOUTH, SOUTH + 10_000, count)
    )
    crowd = layers.tables["stations"].iloc[np.zeros(count, int)].assign(
        station_id=[f"S{n:05d}" for n in range(count)]
    ).set_geometry(points, crs=CRS)  # fmt: skip
    page = visit(
        render_html(
            build_map(
                open_theme("overview"), replace(layers, tables={**layers.tables, "stations": crowd})
            )
        )
    )
    until_ready(page)
    page.check("input[value=stations]")
    page.wait_for_selector(".bubble")
    counts = [int(one.replace(".", "")) for one in page.locator(".bubble").all_inner_texts()]
    assert 1 < len(counts) < 500
    assert search(page, "S49999")[0].startswith("Trạm Cốc Pài")
    assert HOSTILE not in page.inner_text("aside")
