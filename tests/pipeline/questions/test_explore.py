"""The page on which a mast is dragged tells what `what_if` finds, to the last digit shown."""

import base64
import json
import re
import shutil
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import ExploreError, PageTooLargeError
from phusong.i18n import number, percent
from phusong.maps import explore, render_html
from phusong.pipeline.explored import Home
from synthetic import write_small_study

from ...browsing import serious, until, until_ready

PLACES = 6
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


def pattern(angle):
    """Return a lobe of 20 dB, leaning; no formula of the page's engine has it."""
    return min(12 * ((angle + 180) % 360 - 180 - 5) ** 2 / 40**2, 20)


def write_rich_study(folder):
    """Write the small study with several services, pattern files, land and little time."""
    write_small_study(folder)
    (folder / "antennas").mkdir()
    cuts = [
        "\n".join([f"{cut} 360", *(f"{angle} {pattern(angle):.2f}" for angle in range(360))])
        for cut in ("HORIZONTAL", "VERTICAL")
    ]
    (folder / "antennas" / "lobe.msi").write_text(
        "\n".join(["NAME lobe", "FREQUENCY 900", "GAIN 9 dBd", *cuts])
    )
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    cells.loc[cells["frequency_mhz"] == "900", "antenna"] = "lobe"
    cells["site_name"] = HOSTILE
    for frequency, power in POWERS.items():  # instead of the EIRP that they bring
        some = cells["frequency_mhz"] == frequency
        for name, value in {"rs_eirp_dbm": None, **power}.items():
            cells.loc[some, name] = value
    cells.to_csv(folder / "cells.csv", index=False)
    for name in ("communes.geojson", "villages.csv"):
        file = folder / name
        text = file.read_text(encoding="utf-8")
        told = json.dumps(HOSTILE)[1:-1] if name.endswith("json") else HOSTILE
        file.write_text(text.replace("Bản Mẫu", told).replace("Nà Cáy", told), encoding="utf-8")
    with rasterio.open(folder / "terrain.tif") as terrain:
        height, profile = terrain.read(1), terrain.profile
    land = np.where(height % 3 == 0, 10, np.where(height % 3 == 1, 50, 30)).astype(np.uint8)
    with rasterio.open(
        folder / "land.tif", "w", **{**profile, "dtype": "uint8", "nodata": 0}
    ) as covered:
        covered.write(land, 1)
    toml = folder / "study.toml"
    text = toml.read_text(encoding="utf-8")
    for old, new in (
        ("[inputs]", '[inputs]\nantennas = "antennas"\nland_cover = "land.tif"'),
        ("resolution_m = 90", "resolution_m = 180"),
        ("radius_km = 15", "radius_km = 4\ntime_percent = 10"),
        ("[radio]", SERVICES + "\n[radio]"),
    ):
        assert old in text, old
        text = text.replace(old, new, 1)
    toml.write_text(text, encoding="utf-8")


POWERS = {
    "900": {"power_dbm": "46.85"},  # the gain is the antenna file's
    "2100": {"power_dbm": "46", "antenna_gain_dbi": "22", "pilot_power_share": "0.1"},
}
HOSTILE = "<img src=x onerror=stolen=1></script>{{7*7}}${stolen=1}'&"
SERVICES = """
[[services]]
id = "viettel"
name = "Viettel, trong nhà"
name_en = "Viettel, indoor"
technologies = ["3G", "4G"]
operators = ["Viettel"]
environment = "indoor"
location_probability = 0.95
threshold_dbm = { 3G = -105, 4G = -115 }
[[services]]
id = "centre"
name = "4G ở trung tâm xã"
name_en = "4G at the centre"
technologies = ["4G"]
environment = "outdoor"
location_probability = 0.9
threshold_dbm = { 4G = -100 }
[[targets]]
service = "viettel"
share = 0.3
denominator = "villages"
scope = "commune"
[[targets]]
service = "centre"
share = 1.0
denominator = "commune_centres"
scope = "commune_centre"
"""
TARGETS = {"mobile": 0.98, "viettel": 0.3, "centre": None}
"""Below which no share is written as if it met the target."""


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rich") / "study"
    write_rich_study(folder)
    return phusong.run(phusong.open_study(folder), parts=["coverage"], threads=2)


@pytest.fixture(scope="module")
def rendered():
    """Return how to render the page of a result, once for all tests."""
    pages = {}

    def render(result, communes=None):
        key = id(result), communes if communes is None else tuple(communes)
        if key not in pages:
            pages[key] = render_html(result.explore(communes))
        return pages[key]

    return render


@pytest.fixture
def visited(open_tab, rendered, tmp_path):
    """Return how to open the page of a result; it may ask for nothing and complain of nothing."""

    def visit(result, address="", communes=None):
        file = tmp_path / "page.html"
        if not file.exists():
            file.write_text(rendered(result, communes), encoding="utf-8")
        opened = open_tab(file.as_uri() + address, {"width": 1280, "height": 800})
        until_ready(opened)
        opened.get_by_role("button", name="English").click()
        return opened

    return visit


@pytest.fixture
def page(visited, sparse):
    return visited(sparse)


def shown(page):
    """Return what the page tells of a scenario: figures, communes and villages."""
    until(page, "!document.querySelector('.glance, .waiting')")
    figures = {
        one.get_attribute("data-mast"): one.inner_text()
        for one in page.locator(".mast-panel dd").all()
    }
    communes = {
        row.get_attribute("data-commune"): row.locator("td").all_inner_texts()[:4]
        for row in page.locator(".communes tbody tr[data-commune]").all()
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


def told(sparse, then, service="mobile", target=0.98):
    """Return what the page should tell, as it writes it."""
    before, after = (_of(one.province, service).iloc[0] for one in (sparse, then))
    gained = after.covered_population - before.covered_population
    km2 = after.covered_area_km2
    shares = [share_of(one.covered_population_share, target) for one in (before, after)]
    figures = {
        "people": signed(gained, 0),
        "province": " → ".join(shares),
        "area": f"{signed(km2 - before.covered_area_km2, 2)} km²",
        "area_after": f"{number(km2, 'en', decimals=2)} km²",
    }
    was, now = (_of(one.communes, service).set_index("commune_code") for one in (sparse, then))
    people = now.covered_population - was.covered_population
    shown = (people.abs() > LEAST_PEOPLE) | (was.target_verdict != now.target_verdict)
    communes = {
        code: [
            signed(people[code], 0),
            *(share_of(one.covered_population_share[code], target) for one in (was, now)),
            *verdicts(was.target_verdict[code], now.target_verdict[code]),
        ]
        for code in people.index[shown]
    }
    was, now = (_of(one.villages, service).set_index("village_id") for one in (sparse, then))
    villages = [
        sorted(now.name[one.covered & ~other.covered]) for one, other in ((now, was), (was, now))
    ]
    return figures, communes, villages


def _of(table, service):
    """Return a table with the columns of a service without its name."""
    ending = f"_{service}"
    return pd.DataFrame(table).rename(columns=lambda name: name.removesuffix(ending))


def verdicts(was, now):
    named = {"met": "met", "missed": "missed", "not_applicable": "not judged"}
    if {was, now} == {"not_applicable"}:
        return ["not judged"]
    return [" → ".join(dict.fromkeys([named[was], named[now]]))]


def signed(value, decimals):
    return number(value, "en", decimals=decimals).replace("-", "−")


def share_of(share, target=0.98):
    decimals = 1
    while (
        target and share < target and decimals < 4 and round(100 * share, decimals) >= 100 * target
    ):
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
    visited, result, tmp_path, folder, axe, small_losses
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
    assert sheet.locator(".communes tr[data-commune]").count() == len(moved[1])
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
    changed = phusong.open_study(folder)
    whole = phusong.run(changed, parts=["coverage"], cache_folder=small_losses)
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


def test_every_service_is_told_with_patterns_land_and_little_time(visited, rich, tmp_path):
    page = visited(rich)
    page.get_by_role("button", name="New mast at the map's centre").click()
    carrier = page.get_by_label("Carrier")
    for option in carrier.locator("option").all_inner_texts():
        page.get_by_label("Carrier").select_option(option)
        page.get_by_role("button", name="Add this carrier").click()
    page.get_by_label("Antenna pattern").first.select_option("lobe")
    for at in range(carrier.locator("option").count()):
        height = page.get_by_label("Antenna height, m").nth(at)
        height.fill("200")
        height.press("Tab")
    page.get_by_role("button", name="Change the mast nearest").click()
    page.get_by_label("Downtilt, degrees").first.fill("8")
    page.get_by_label("Downtilt, degrees").first.press("Tab")
    page.get_by_label("Antenna pattern").select_option("3GPP TR 36.814")
    page.locator(".leaflet-marker-icon.mast.active").press("Shift+ArrowLeft")
    file = saved(page, tmp_path)
    cells = pd.DataFrame(
        one["properties"] for one in json.loads(file.read_text(encoding="utf-8"))["features"]
    )
    new = cells[cells["site_id"] == "NEW-1"]
    assert set(new["antenna"].dropna()) == {"lobe"}
    assert new["antenna"].isna().any()
    assert len(new["operator"].unique()) > 1
    then = phusong.what_if(rich, file)
    changed = 0
    for service, target in TARGETS.items():
        page.evaluate(f"phusong.setService({service!r})")
        wanted = told(rich, then, service, target)
        assert shown(page) == wanted, service
        changed += len(wanted[1])
    assert changed >= len(TARGETS)
    page.get_by_label("Scenario").fill(HOSTILE)
    page.get_by_role("button", name="Keep for comparison").click()
    assert page.evaluate("typeof stolen") == "undefined"
    assert "wasm" not in page.locator("meta[http-equiv]").get_attribute("content")


def test_a_page_of_some_communes_tells_the_whole_of_masts_there(visited, rendered, rich, tmp_path):
    west = rich.communes[rich.communes["district"] == "Thử Tây"]
    whole, part = (len(rendered(rich, some)) for some in (None, west["commune_code"]))
    assert part < whole
    page = visited(rich, communes=west["commune_code"])
    page.get_by_role("button", name="New mast at the map's centre").click()
    for name, value in (("Antenna height, m", "250"), ("EIRP of reference signal", "75")):
        page.get_by_label(name).fill(value)
        page.get_by_label(name).press("Tab")
    mast = page.locator(".leaflet-marker-icon.mast.active")
    for _ in range(3):  # towards the edge, beyond which it is heard
        mast.press("Shift+ArrowRight")
    page.get_by_role("button", name="Change the mast nearest").click()
    page.locator(".leaflet-marker-icon.mast.active").press("Shift+ArrowDown")
    file = saved(page, tmp_path)
    then = phusong.what_if(rich, file)
    wanted = told(rich, then)
    assert shown(page) == wanted
    assert set(wanted[1]) - set(west["commune_code"])  # the other district gains, too
    for _ in range(12):
        mast.press("Shift+ArrowRight")
    page.get_by_role("alert").get_by_text("outside the part of the province").wait_for()
    cells = rich.inputs["cells"]
    far = cells["site_id"].iloc[cells.geometry.x.argmax()]
    assert page.evaluate(
        "([site]) => phusong.mastNumbers().filter((one) => phusong.mastOf(one).id === site)"
        ".every((one) => !phusong.mayChange(one))",
        [far],
    )


def test_a_study_too_large_for_one_page_has_one_a_district(
    rendered, rich, tmp_path, monkeypatch, browser
):
    size = len(rendered(rich))
    monkeypatch.setattr(explore, "LARGEST_PAGE_BYTES", size - 1)
    with pytest.raises(PageTooLargeError, match="MB"):
        rich.explore()
    to = tmp_path / "mast 1.html"
    said = CliRunner().invoke(app, ["explore", str(rich.study.folder), "--to", str(to)])
    assert said.exit_code == 0, said.output
    lines = [line for line in said.stdout.splitlines() if "mast" in line]
    index, *pages = [tmp_path / Path(line).name for line in lines]
    assert [page.name for page in pages] == ["mast 1-01.html", "mast 1-02.html"]
    opened = browser.new_page()
    opened.goto(index.as_uri())
    opened.get_by_role("link", name="Thử Đông").first.click()
    until_ready(opened)
    opened.get_by_role("link", name="Các phần khác của tỉnh").click()
    assert opened.get_by_role("link", name="Thử Tây").first.is_visible()
    opened.close()
    monkeypatch.setattr(explore, "LARGEST_PAGE_BYTES", 1000)
    with pytest.raises(PageTooLargeError):
        rich.write_explore(tmp_path / "none.html")
    assert not (tmp_path / "none.html").exists()


def test_without_districts_communes_that_lie_together_share_a_page(rich, tmp_path):
    table = rich.communes
    whole = Home(name=rich.study.title, communes=table)
    halves = list(whole.halves())
    assert sorted(code for one in halves for code in one.communes["commune_code"]) == sorted(
        table["commune_code"]
    )
    bounds = [half.communes.representative_point().x for half in halves]
    assert bounds[0].max() <= bounds[1].min()


def doubt(page, code):
    return page.locator(f'.results tr[data-doubt="{code}"] span').inner_text()


def test_errors_of_the_prediction_bound_the_verdict_of_more_or_fewer_masts(visited, result):
    page = visited(result)
    page.get_by_role("button", name="New mast at the map's centre").click()
    height = page.get_by_label("Antenna height, m")
    height.fill("200")
    height.press("Tab")
    codes = shown(page)[1]
    assert codes
    known = result.communes.set_index("commune_code")
    for code in codes:
        cell = doubt(page, code)
        likely, low, high = (
            share_of(known[f"{name}_mobile"][code], 0)
            for name in ("target_probability", "share_low", "share_high")
        )
        assert cell == f"{likely} ({low} – {high}) → {likely} or more"
    page.get_by_role("button", name="Change the mast nearest").click()
    page.get_by_label("Switch this mast off").check()
    codes = shown(page)[1]
    assert all(doubt(page, code).endswith("→ ?") for code in codes)
    page.get_by_role("button", name="Remove mast NEW-1").click()
    codes = shown(page)[1]
    cell = doubt(page, next(iter(codes)))
    assert "→ at most" in cell


DAMAGES = (
    {"antenna_height_m": "30"},
    {"antenna_height_m": 1e9},
    {"rs_eirp_dbm": None},
    {"antenna": 7},
    {"antenna": "no such file"},
    {"frequency_mhz": 1},
    {"operator": {"toString": 1}},
    {"azimuth_deg": [0]},
    {"on_air_from": "2099-01-01"},
    {"cell_id": 5},
    {"site_id": None},
    {"status": "on"},
    {"electrical_tilt_deg": 60},
    {"ground_elevation_m": "high"},
    {"ground_elevation_m": 812.5},
)
PLACES_OF_NOTHING = (["104.9", "22.8"], [], [0, 0], [104.9, None])


def test_files_and_addresses_that_are_no_scenario_change_nothing(visited, rich, tmp_path):
    page = visited(rich)
    page.get_by_role("button", name="New mast at the map's centre").click()
    good = json.loads(page.evaluate("phusong.scenarioFile()"))
    new = next(
        at for at, one in enumerate(good["features"]) if one["properties"]["site_id"] == "NEW-1"
    )
    files = ["[" * 100_000, "null", "{}", '{"type": "FeatureCollection", "features": [null]}']
    for damage in DAMAGES:
        bad = json.loads(json.dumps(good))
        bad["features"][new]["properties"].update(damage)
        files.append(json.dumps(bad))
    for place in PLACES_OF_NOTHING:
        bad = json.loads(json.dumps(good))
        for one in bad["features"][new:]:
            one["geometry"]["coordinates"] = place
        files.append(json.dumps(bad))
    texts = json.loads(json.dumps(good))
    texts["features"][new]["properties"]["frequency_mhz"] = str(
        good["features"][new]["properties"]["frequency_mhz"]
    )
    files.append(json.dumps(texts))
    files.append(json.dumps({**good, "features": [*good["features"], good["features"][new]]}))
    stronger = json.loads(json.dumps(good))  # the page reckons no EIRP from another power
    cells = [one["properties"] for one in stronger["features"]]
    next(cell for cell in cells if cell["power_dbm"])["power_dbm"] = 40
    files.append(json.dumps(stronger))
    apart = json.loads(json.dumps(good))  # sectors of one mast at different places
    apart["features"][new]["geometry"]["coordinates"][0] += 0.01
    files.append(json.dumps(apart))
    for at, text in enumerate(files):
        before = page.evaluate("phusong.scenarioFile()")
        assert not page.evaluate("(text) => phusong.readScenario(text, 'x')", text), (
            at,
            text[-300:],
        )
        assert page.evaluate("phusong.scenarioFile()") == before
    for one in good["features"]:  # as other programs add them
        one["properties"] |= {"fid": 7, "row": 0, "at": "x"}
    assert page.evaluate("(text) => phusong.readScenario(text, 'x')", json.dumps(good))
    assert page.evaluate("phusong.scenario().masts.map((one) => one.id)") == ["NEW-1"]
    assert page.evaluate("phusong.scenarioFile()").count('"NEW-1"') == 3
    for masts in (
        [{"id": "NEW-1", "mast": None, "at": [104.9, 22.8], "cells": []}],
        [{"id": "NEW-1", "mast": None, "at": [0, 0], "cells": None}],
        [{"id": 3, "mast": 0, "at": None, "cells": None}],
        [{"id": "X", "mast": 10**9, "at": None, "cells": None}],
        [{"id": "X", "mast": 0, "at": None, "cells": [{"row": 10**9}]}],
        2 * [{"id": "X", "mast": 0, "at": None, "cells": None}],
    ):
        packed = zlib.compress(json.dumps({"name": "x", "masts": masts}).encode())
        text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
        before = page.evaluate("phusong.scenarioFile()")
        assert not page.evaluate("(text) => phusong.restoreScenario(text)", text), masts
        assert page.evaluate("phusong.scenarioFile()") == before
    page.get_by_role("button", name="Change the mast nearest").click()
    page.get_by_role("button", name="Add this carrier").click()
    masts = "phusong.scenario().masts.map(({ mast, cells }) => `${mast} ${cells.length}`).sort()"
    before = page.evaluate(masts)
    file = page.evaluate("phusong.scenarioFile()")
    assert page.evaluate("(text) => phusong.readScenario(text, 'x')", file)
    assert page.evaluate(masts) == before  # the carrier stays with its mast
