"""The page on which a mast is dragged tells what `what_if` finds, to the last digit shown."""

import re

import numpy as np
import pytest

import phusong
from phusong.errors import ExploreError
from phusong.i18n import number, percent
from phusong.maps import render_html

from ...browsing import until, until_ready

PLACED = re.compile(r"with_mast\(([\d.]+), ([\d.]+), (.*?)\); phusong")
PLACES = 10
GLANCED = """async () => {
  let [now, seen] = [0, false];
  performance.now = () => (now += 100); // as if a prediction took so long
  const look = () => { seen ||= Boolean(document.querySelector(".glance")); };
  const watch = new MutationObserver(look);
  watch.observe(document.querySelector(".results"), { attributes: true });
  for (let i = 0; i < 2; i += 1) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  delete performance.now;
  return seen;
}"""
HERE = ("level_here", "margin_here", "margin_before")


@pytest.fixture(scope="module")
def sparse(result):
    """Return the small study with one station on air, so that masts matter."""
    cells = result.inputs["cells"]
    stations = cells["station_id"].drop_duplicates()
    return phusong.what_if(result, cells[cells["station_id"] == stations.iloc[0]])


@pytest.fixture
def page(browser, sparse, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(render_html(sparse.explore()), encoding="utf-8")
    complaints = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
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
    opened.goto(file.as_uri())
    until_ready(opened)
    opened.get_by_role("button", name="English").click()
    yield opened
    context.close()
    assert complaints == []


def shown(page):
    """Return what the page tells of the mast: where it stands, figures, communes and villages."""
    longitude, latitude, rest = PLACED.search(
        page.locator(".mast-panel code").inner_text()
    ).groups()
    given = dict(re.findall(r"(\w+)=(\[.*?\]|\"[^\"]*\"|[-\d.]+)", rest))
    figures = {
        one.get_attribute("data-mast"): one.inner_text()
        for one in page.locator(".mast-panel dd").all()
    }
    communes = {
        row.get_attribute("data-commune"): row.locator("td").all_inner_texts()
        for row in page.locator(".mast-panel tbody tr").all()
    }
    villages = sorted(page.locator(".mast-panel .villages li").all_inner_texts())
    return (float(longitude), float(latitude)), given, figures, communes, villages


def exact(sparse, place, given):
    more = sparse.with_mast(
        *place,
        operator=given["operator"].strip('"'),
        technology=given["technology"].strip('"'),
        azimuths_deg=[float(one) for one in given["azimuths_deg"].strip("[]").split(", ")],
        **{
            name: float(given[name])
            for name in (
                "frequency_mhz", "antenna_height_m", "rs_eirp_dbm", "tilt_deg", "beamwidth_deg"
            )
        },
    )  # fmt: skip
    return phusong.what_if(sparse, more.cells)


def told(sparse, then):
    """Return what the page should tell, as it writes it."""
    before, after = sparse.province.iloc[0], then.province.iloc[0]
    gained = after.covered_population_mobile - before.covered_population_mobile
    km2 = after.covered_area_km2_mobile
    shares = [share_of(one.covered_population_share_mobile) for one in (before, after)]
    figures = {
        "people": number(gained, "en", decimals=0),
        "province": " → ".join(shares),
        "area": f"{number(km2 - before.covered_area_km2_mobile, 'en', decimals=2)} km²",
        "area_after": f"{number(km2, 'en', decimals=2)} km²",
    }
    was, now = (one.communes.set_index("commune_code") for one in (sparse, then))
    people = now.covered_population_mobile - was.covered_population_mobile
    communes = {
        code: [
            number(people[code], "en", decimals=0),
            *(share_of(one.covered_population_share_mobile[code]) for one in (was, now)),
        ]
        for code in people.index[people > 0]
    }
    was, now = (one.villages.set_index("village_id") for one in (sparse, then))
    villages = sorted(now.name[now.covered_mobile & ~was.covered_mobile])
    return figures, communes, villages


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
        figures = shown(page)[2]
        found.append(((at["lng"], at["lat"]), [figures[name] for name in HERE]))
    return found


def told_at(sparse, then, place):
    """Return what the page should tell of a place: level where the mast is best, margins."""
    was, now = sparse.at(*place, lang="en").iloc[0], then.at(*place, lang="en").iloc[0]
    before = written(was.margin_db, "dB")
    if now.margin_db == was.margin_db or np.isnan(now.margin_db):
        return None, None, before
    return written(now.level_dbm, "dBm"), written(now.margin_db, "dB"), before


def written(value, unit):
    return "–" if np.isnan(value) else f"{number(value, 'en', decimals=1)} {unit}"


def test_a_mast_dragged_over_the_map_tells_what_what_if_finds(page, sparse):
    page.add_style_tag(
        content=".leaflet-popup { display: none; }"
    )  # clicks pin, cards are not read
    page.get_by_role("button", name="Place at the map's centre").click()
    area = page.locator(".map").bounding_box()
    gained = best = 0
    for turn in range(PLACES):
        mast = page.locator(".leaflet-marker-icon.mast").bounding_box()
        angle, reach = 2 * np.pi * turn / PLACES, 0.15 + 0.1 * (turn % 3)
        before = page.locator(".mast-panel code").inner_text()
        page.mouse.move(mast["x"] + mast["width"] / 2, mast["y"] + mast["height"] - 4)
        page.mouse.down()
        page.mouse.move(
            area["x"] + area["width"] * (0.5 + reach * np.cos(angle)),
            area["y"] + area["height"] * (0.5 + reach * np.sin(angle)),
            steps=3,
        )
        page.mouse.up()
        until(page, f"document.querySelector('.mast-panel code').textContent !== {before!r}")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        until(page, "!document.querySelector('.glance')")
        at = levels(page, area)
        place, given, figures, communes, villages = shown(page)
        then = exact(sparse, place, given)
        figures = {name: value for name, value in figures.items() if name not in HERE}
        wanted = told(sparse, then)
        assert (figures, communes, villages) == wanted, (turn, place)
        for spot, (level, margin, margin_before) in at:
            best_level, best_margin, was = told_at(sparse, then, spot)
            assert margin_before == was
            if best_level is not None:
                assert (level, margin) == (best_level, best_margin)
                best += 1
        gained += bool(wanted[1]) and bool(wanted[2])
    assert gained > 2
    assert best > PLACES


def test_a_mast_is_moved_by_keys_changed_by_fields_and_taken_away(page, sparse):
    page.get_by_role("button", name="Place at the map's centre").press("Enter")
    place, given, *_ = shown(page)
    mast = page.locator(".leaflet-marker-icon.mast")
    mast.focus()
    mast.press("Shift+ArrowRight")
    (longitude, latitude), *_ = shown(page)
    pixel_deg = sparse.study.resolution_m / 111_320 / np.cos(np.radians(latitude))
    assert longitude - place[0] == pytest.approx(10 * pixel_deg, rel=0.01)
    assert page.evaluate(GLANCED)  # first while it moves, then in full
    until(page, "!document.querySelector('.glance')")
    height = page.get_by_label("Antenna height, m")
    height.fill("60,5")
    height.press("Tab")
    azimuths = page.get_by_label("Azimuths of sectors, degrees")
    azimuths.fill("15; 400")
    azimuths.press("Tab")
    assert azimuths.get_attribute("aria-invalid") == "true"
    azimuths.fill("15")
    azimuths.press("Tab")
    place, given, figures, communes, villages = shown(page)
    assert (given["antenna_height_m"], given["azimuths_deg"]) == ("60.5", "[15]")
    assert (figures, communes, villages) == told(sparse, exact(sparse, place, given))
    mast.focus()
    mast.press("Delete")
    assert mast.count() == 0
    assert page.locator(".mast-panel dl").count() == 0


def test_what_the_page_cannot_compute_is_refused(result, offices_alone):
    with pytest.raises(ExploreError, match="no coverage"):
        phusong.run(phusong.open_study(offices_alone)).explore()
    coarse = result.study.replace(
        {"radio.radius_km": 2, "radio.model": "free_space"}, resolution_m=1000
    )
    with pytest.raises(ExploreError, match="p1812"):
        phusong.run(coarse, parts=["coverage"]).explore()
