"""The page on which a mast is dragged tells what `what_if` finds, to the last digit shown."""

import json
import re
import shutil

import numpy as np
import pytest

import phusong
from phusong.errors import ExploreError
from phusong.i18n import number, percent
from phusong.maps import render_html

from ...browsing import serious, until, until_ready

PLACES = 10
LEAST_PEOPLE = 1e-6
"""Sums in another order differ by less."""
GLANCED = """async () => {
  let [now, seen] = [0, false];
  performance.now = () => (now += 100); // as if a prediction took so long
  const look = () => { seen ||= Boolean(document.querySelector(".glance")); };
  const watch = new MutationObserver(look);
  watch.observe(document.querySelector(".results"), { attributes: true });
  look();
  for (let i = 0; i < 2; i += 1) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  delete performance.now;
  return seen;
}"""
HERE = ("level_here", "margin_here", "margin_before", "margin_after")


@pytest.fixture(scope="module")
def sparse(result):
    """Return the small study with one station on air, so that masts matter."""
    cells = result.inputs["cells"]
    stations = cells["station_id"].drop_duplicates()
    return phusong.what_if(result, cells[cells["station_id"] == stations.iloc[0]])


@pytest.fixture
def visited(browser, tmp_path):
    """Return how to open the page of a result; it may ask for nothing and complain of nothing."""
    complaints, contexts = [], []

    def visit(result, address=""):
        file = tmp_path / "page.html"
        if not file.exists():
            file.write_text(render_html(result.explore()), encoding="utf-8")
        context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
        contexts.append(context)
        opened = context.new_page()
        opened.on("console", lambda said: complaints.append(said.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "request",
            lambda sent: (
                None
                if sent.url.startswith(("file:", "data:", "blob:"))
                else complaints.append(sent.url)
            ),
        )
        opened.goto(file.as_uri() + address)
        until_ready(opened)
        opened.get_by_role("button", name="English").click()
        return opened

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(visited, sparse):
    return visited(sparse)


def shown(page):
    """Return what the page tells of a scenario: figures, communes and villages."""
    until(page, "!document.querySelector('.glance, .neighbours')")
    figures = {
        one.get_attribute("data-mast"): one.inner_text()
        for one in page.locator(".mast-panel dd").all()
    }
    communes = {
        row.get_attribute("data-commune"): row.locator("td").all_inner_texts()[:3]
        for row in page.locator(".communes tbody tr").all()
    }
    villages = [
        sorted(page.locator(f".mast-panel .villages.{way} li").all_inner_texts())
        for way in ("gained", "lost")
    ]
    return figures, communes, villages


def saved(page, tmp_path):
    """Return the file of the scenario, as its button saves it."""
    file = tmp_path / "scenario.geojson"
    with page.expect_download() as download:
        page.get_by_role("button", name="Save file").click()
    download.value.save_as(file)
    return file


def told(sparse, then):
    """Return what the page should tell, as it writes it."""
    before, after = sparse.province.iloc[0], then.province.iloc[0]
    gained = after.covered_population_mobile - before.covered_population_mobile
    km2 = after.covered_area_km2_mobile
    shares = [share_of(one.covered_population_share_mobile) for one in (before, after)]
    figures = {
        "people": signed(gained, 0),
        "province": " → ".join(shares),
        "area": f"{signed(km2 - before.covered_area_km2_mobile, 2)} km²",
        "area_after": f"{number(km2, 'en', decimals=2)} km²",
    }
    was, now = (one.communes.set_index("commune_code") for one in (sparse, then))
    people = now.covered_population_mobile - was.covered_population_mobile
    communes = {
        code: [
            signed(people[code], 0),
            *(share_of(one.covered_population_share_mobile[code]) for one in (was, now)),
        ]
        for code in people.index[people.abs() > LEAST_PEOPLE]
    }
    was, now = (one.villages.set_index("village_id") for one in (sparse, then))
    villages = [
        sorted(now.name[one.covered_mobile & ~other.covered_mobile])
        for one, other in ((now, was), (was, now))
    ]
    return figures, communes, villages


def signed(value, decimals):
    return number(value, "en", decimals=decimals).replace("-", "−")


def share_of(share):
    decimals = 1
    while share < 0.98 and decimals < 4 and round(100 * share, decimals) >= 98:
        decimals += 1
    return percent(share, "en", decimals=decimals).replace("%", " %").replace("  ", " ")


def levels(page, area):
    """Pin three places and return them with what the page tells of the signal there."""
    found = []
    for share in ((0.3, 0.35), (0.5, 0.62), (0.68, 0.3)):
        page.mouse.click(
            area["x"] + area["width"] * share[0], area["y"] + area["height"] * share[1]
        )
        at = page.evaluate("phusong.pinned()")
        figures = shown(page)[0]
        found.append(((at["lng"], at["lat"]), [figures[name] for name in HERE]))
    return found


def told_at(sparse, then, place):
    """Return what the page should tell of a place: level where the mast is best, margins."""
    was, now = sparse.at(*place, lang="en").iloc[0], then.at(*place, lang="en").iloc[0]
    before, after = written(was.margin_db, "dB"), written(now.margin_db, "dB")
    if now.margin_db == was.margin_db or np.isnan(now.margin_db):
        return None, before, after
    return written(now.level_dbm, "dBm"), before, after


def written(value, unit):
    return "–" if np.isnan(value) else f"{number(value, 'en', decimals=1)} {unit}"


def test_a_mast_dragged_over_the_map_tells_what_what_if_finds(page, sparse, tmp_path):
    page.add_style_tag(
        content=".leaflet-popup { display: none; }"
    )  # clicks pin, cards are not read
    page.get_by_role("button", name="New mast at the map's centre").click()
    area = page.locator(".map").bounding_box()
    gained = best = 0
    for turn in range(PLACES):
        mast = page.locator(".leaflet-marker-icon.mast").bounding_box()
        angle, reach = 2 * np.pi * turn / PLACES, 0.15 + 0.1 * (turn % 3)
        before = page.evaluate("phusong.scenarioFile()")
        page.mouse.move(mast["x"] + mast["width"] / 2, mast["y"] + mast["height"] - 4)
        page.mouse.down()
        page.mouse.move(
            area["x"] + area["width"] * (0.5 + reach * np.cos(angle)),
            area["y"] + area["height"] * (0.5 + reach * np.sin(angle)),
            steps=3,
        )
        page.mouse.up()
        at = levels(page, area)
        figures, communes, villages = shown(page)
        file = saved(page, tmp_path)
        assert file.read_text(encoding="utf-8") != before
        then = phusong.what_if(sparse, file)
        figures = {name: value for name, value in figures.items() if name not in HERE}
        wanted = told(sparse, then)
        assert (figures, communes, villages) == wanted, turn
        for spot, (level, margin, margin_before, margin_after) in at:
            best_level, was, now = told_at(sparse, then, spot)
            assert (margin_before, margin_after) == (was, now)
            if best_level is not None:
                assert (level, margin) == (best_level, now)
                best += 1
        gained += bool(wanted[1]) and bool(wanted[2][0])
    assert gained > 2
    assert best > PLACES


def test_a_mast_is_moved_by_keys_changed_by_fields_and_taken_away(page, sparse, tmp_path):
    def cells():
        found = json.loads(page.evaluate("phusong.scenarioFile()"))["features"]
        return [one for one in found if one["properties"]["site_id"] == "NEW-1"]

    page.get_by_role("button", name="New mast at the map's centre").press("Enter")
    place = cells()[0]["geometry"]["coordinates"]
    mast = page.locator(".leaflet-marker-icon.mast")
    mast.focus()
    mast.press("Shift+ArrowRight")
    until(page, f"phusong.scenario().masts[0].latlng.lng !== {place[0]}")
    longitude, latitude = cells()[0]["geometry"]["coordinates"]
    pixel_deg = sparse.study.resolution_m / 111_320 / np.cos(np.radians(latitude))
    assert longitude - place[0] == pytest.approx(10 * pixel_deg, rel=0.01)
    assert page.evaluate(GLANCED)  # first while it moves, then in full
    height = page.get_by_label("Antenna height, m")
    height.fill("60,5")
    height.press("Tab")
    azimuths = page.get_by_label("Azimuths of sectors, degrees")
    azimuths.fill("15; 400")
    azimuths.press("Tab")
    assert azimuths.get_attribute("aria-invalid") == "true"
    azimuths.fill("15; 195")
    azimuths.press("Tab")
    tilt = page.get_by_label("Downtilt, degrees")
    tilt.fill("2; 4,5")
    tilt.press("Tab")
    carrier = page.get_by_label("Carrier")
    carrier.select_option(carrier.locator("option").last.inner_text())
    page.get_by_role("button", name="Add this carrier").click()
    assert len({one["properties"]["cell_id"] for one in cells()}) == 5
    assert [one["properties"]["tilt_deg"] for one in cells()][:2] == [2, 4.5]
    found = shown(page)
    assert found == told(sparse, phusong.what_if(sparse, saved(page, tmp_path)))
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("phusong.openPanel(false)")
    assert page.locator(".mast-brief").get_by_text(found[0]["province"]).is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("phusong.openPanel(true)")
    mast.focus()
    mast.press("Delete")
    assert mast.count() == 0
    assert page.locator(".mast-panel dl").count() == 0
    page.keyboard.press("Control+z")
    assert shown(page) == found


def test_masts_of_the_study_are_switched_off_moved_and_kept_as_scenarios(
    visited, result, tmp_path, folder, axe
):
    page = visited(result)
    page.get_by_role("button", name="Change the mast nearest").click()
    assert shown(page)[0]["people"] == "0"
    page.get_by_label("Switch this mast off").check()
    figures, communes, villages = shown(page)
    assert figures["people"].startswith("−")
    off = saved(page, tmp_path)
    assert (figures, communes, villages) == told(result, phusong.what_if(result, off))
    page.get_by_label("Scenario").fill("Tắt")
    page.get_by_role("button", name="Keep for comparison").click()
    page.get_by_label("Switch this mast off").uncheck()
    mast = page.locator(".leaflet-marker-icon.mast")
    mast.press("Shift+ArrowDown")
    height = page.get_by_label("Antenna height, m").first
    height.fill("60")
    height.press("Tab")
    page.get_by_role("button", name="New mast at the map's centre").click()
    moved = shown(page)
    file = saved(page, tmp_path)
    then = phusong.what_if(result, file)
    assert moved == told(result, then)
    compared = {
        row.get_attribute("data-compared"): row.locator("td").all_inner_texts()
        for row in page.locator(".compared tbody tr").all()
    }
    assert compared["people"] == [figures["people"], moved[0]["people"]]
    assert compared["masts"] == ["1", "2"]
    assert serious(page, axe) == []
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sheet = page.locator(".mast-paper")
    assert sheet.locator(".communes tbody tr").count() == len(moved[1])
    assert sheet.locator(".compared").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not sheet.is_visible()
    until(page, "location.hash.includes('masts=')")
    again = visited(result, page.evaluate("location.hash"))
    assert shown(again) == moved
    toml = folder / "study.toml"
    given = toml.read_text(encoding="utf-8")
    shutil.copy(file, folder / "scenario.geojson")
    toml.write_text(
        re.sub(r"^cells = .*$", 'cells = "scenario.geojson"', given, flags=re.MULTILINE),
        encoding="utf-8",
    )
    whole = phusong.run(phusong.open_study(folder), parts=["coverage"])
    assert told(result, whole) == moved
    page.get_by_role("button", name="Take Tắt", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    assert shown(page) == moved
    page.locator("input[type=file]").set_input_files(toml)
    page.get_by_role("alert").get_by_text("This is no scenario of this study").wait_for()


def test_what_the_page_cannot_compute_is_refused(result, offices_alone):
    with pytest.raises(ExploreError, match="no coverage"):
        phusong.run(phusong.open_study(offices_alone)).explore()
    coarse = result.study.replace(
        {"radio.radius_km": 2, "radio.model": "free_space"}, resolution_m=1000
    )
    with pytest.raises(ExploreError, match="p1812"):
        phusong.run(coarse, parts=["coverage"]).explore()
