"""Attacks that are texts like others: shown literally, or as docs/security.md lists."""

import csv
import json
import re
import sqlite3
from html.parser import HTMLParser
from xml.etree import ElementTree

import folium
import geopandas as gpd
import openpyxl
import pytest

import phusong
from phusong.cli._results import conclude, print_board
from phusong.export import FORMATS
from phusong.maps import render_html
from phusong.tables import COMMUNES_RESULT

from .attacks import SHOWN, all_attacks, as_read, pattern_name, settings

KML = "{http://www.opengis.net/kml/2.2}"
KEPT = {
    "communes": ("name", "type", "district"),
    "villages": ("village_id", "name"),
    "stations": ("site_id", "station_id", "site_name", "operator"),
    "offices": ("office_id", "name"),
    "spans": ("id", "name", "supplier"),
    "fibre_nodes": ("id", "name"),
}
"""By result table: the texts of inputs that it carries."""
GIVEN = {"stations": "cells", "fibre_nodes": "nodes"}


def expected(attacked, table, column):
    given = attacked.given[GIVEN.get(table, table)]
    if table == "fibre_nodes":
        given = given[given["status"] != "planned"]  # planned nodes are in no result
    return {as_read(value) for value in given[column].dropna()}


class Parsed(HTMLParser):
    """The elements of a page, their attributes and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def assert_inert(parsed, scripts=0):
    """No element and no handler of an attack is one of the page's."""
    assert parsed.tags.count("script") == scripts
    assert not {"img", "iframe", "object", "embed", "base"} & set(parsed.tags)
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]


def data_of(page):
    return json.loads(re.search(r'id="phusong-data">(.*?)</script>', page, re.DOTALL)[1])


@pytest.mark.parametrize(("table", "column"), [(t, c) for t in KEPT for c in KEPT[t]])
def test_geojson_carries_every_text_as_it_was_read(attacked, table, column):
    document = json.loads((attacked.out / "geojson" / f"{table}.geojson").read_text("utf-8"))
    found = {feature["properties"][column] for feature in document["features"]}
    wanted = expected(attacked, table, column)
    assert found - {None} == wanted


def test_a_map_holds_texts_as_data_that_no_browser_and_no_template_executes(attacked):
    for path in sorted((attacked.out / "maps").glob("*.html")):
        page = path.read_text("utf-8")
        body = page[page.index("<body>") :]
        assert not re.search(r"\{[{%#]", body), path.name
        data = data_of(page)
        assert data["study"]["vi"] == as_read(settings(all_attacks(15))["name"])
        parsed = Parsed(page)
        assert (
            parsed.tags.count("script")
            == Parsed(page[: page.index("<body>")]).tags.count("script") + 2
        )  # the data, and what opens the map
        assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    overview = data_of((attacked.out / "maps" / "overview.html").read_text("utf-8"))
    names = set(overview["tables"]["communes"]["columns"]["name"])
    assert names == expected(attacked, "communes", "name")


def test_a_theme_of_the_study_is_words_only(attacked):
    data = data_of((attacked.out / "maps" / "hostile.html").read_text("utf-8"))
    assert data["title"] == dict(zip(("vi", "en"), all_attacks(6)[:2], strict=True))


def test_the_landing_page_shows_texts_and_runs_its_own_script_alone(attacked):
    parsed = Parsed((attacked.out / "index.html").read_text("utf-8"))
    assert_inert(parsed, scripts=1)
    told = settings(all_attacks(15))
    for key in ("name", "province", "edition", "published.1.source", "published.2.name"):
        assert as_read(told[key]).replace("\n", " ") in parsed.text.replace("\n", " "), key


def test_a_notebook_shows_texts(attacked):
    result = attacked.result
    for shown in (result, attacked.study):
        parsed = Parsed(shown._repr_html_())
        assert_inert(parsed)
        assert as_read(settings(all_attacks(15))["name"]) in parsed.text
    frame = Parsed(result.map()._repr_html_())
    assert frame.tags.count("iframe") == 1
    assert "script" not in frame.tags
    shown = data_of(dict(frame.attributes)["srcdoc"])["tables"]["communes"]["columns"]["name"]
    assert set(shown) == expected(attacked, "communes", "name")


def test_a_planners_own_layers_of_a_result_are_not_compiled(attacked):
    drawn = attacked.result.map()
    villages = attacked.result.villages.to_crs("EPSG:4326")[["name", "geometry"]]
    folium.GeoJson(villages, tooltip=folium.GeoJsonTooltip(["name"])).add_to(drawn)
    for name, place in zip(villages["name"], villages.geometry, strict=True):
        folium.Marker([place.y, place.x], popup=name, tooltip=name).add_to(drawn)
    page = render_html(drawn)
    for command in (SHOWN["jinja arithmetic"], SHOWN["jinja comment"], SHOWN["jinja statement"]):
        assert command in page


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_carries_the_names_of_the_communes(attacked, form, tmp_path):
    whole = form in {"gpkg", "xlsx", "kml", "kmz"}
    to = tmp_path / (f"all.{form}" if whole else "all")
    layers = () if form == "tif" else ("communes",)
    (written, *_) = phusong.export_results(attacked.out, to, format=form, layers=layers)
    wanted = expected(attacked, "communes", "name")
    names = READ[form](written) if form in READ else None
    if form == "csv":
        signs = ("=", "+", "-", "@", "＝")
        wanted = {f"'{name}" if name.startswith(signs) else name for name in wanted}
    assert names is None or set(names) == wanted


def from_gpkg(path):
    with sqlite3.connect(path) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        styles = base.execute("SELECT styleQML FROM layer_styles").fetchall()
        for (style,) in styles:
            labels = [node.get("label", "") for node in ElementTree.fromstring(style).iter()]
            assert not [label for label in labels if "[%" in label]
        return [name for (name,) in base.execute("SELECT name FROM communes")]


def from_xlsx(path):
    book = openpyxl.load_workbook(path)
    for sheet in book:
        assert not [cell for row in sheet for cell in row if cell.data_type == "f"]
    lines = list(book[COMMUNES_RESULT.sheet].values)
    at = next(number for number, line in enumerate(lines) if "name" in line)  # below a notice
    headings, *rows = lines[at:]
    return [row[headings.index("name")] for row in rows]


def from_kml(path):
    root = ElementTree.parse(path).getroot()
    for description in root.iter(f"{KML}description"):
        assert_inert(Parsed(description.text))
    return [mark.find(f"{KML}name").text for mark in root.iter(f"{KML}Placemark")]


def from_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row["name"] for row in csv.DictReader(file)]


READ = {
    "csv": from_csv,
    "fgb": lambda path: gpd.read_file(path)["name"],
    "gpkg": from_gpkg,
    "kml": from_kml,
    "parquet": lambda path: gpd.read_parquet(path)["name"],
    "xlsx": from_xlsx,
}


def test_paper_is_drawn_of_any_text(attacked, tmp_path):
    sheet = attacked.result.paper("hostile", tmp_path / "a.svg")
    drawing = ElementTree.parse(sheet).getroot()
    assert [node for node in drawing.iter() if node.tag.endswith("script")] == []
    assert [name for node in drawing.iter() for name in node.attrib if name.startswith("on")] == []


def test_what_if_and_profile_take_any_text(attacked, tmp_path):
    cells = attacked.result.cells.copy()
    cells["antenna_height_m"] += 5
    answer = phusong.what_if(attacked.result, cells, threads=1)
    assert set(answer.communes["name"]) == expected(attacked, "communes", "name")
    here = cells.to_crs("EPSG:4326").geometry.iloc[0]
    there = (here.x + 0.02, here.y + 0.01)
    path = attacked.result.profile(cells["cell_id"].iloc[0], to=there)
    assert path.write(tmp_path / "profile.svg", lang="vi")


def test_the_pattern_that_cells_name_by_a_hostile_name_is_found(attacked):
    assert set(attacked.result.cells["antenna"].dropna()) == {pattern_name()}


def test_commands_print_texts_that_steer_no_terminal(attacked, told, capsys):
    assert told("check", attacked.folder).exit_code == 0
    capsys.readouterr()
    result = attacked.result
    print_board(result.title.vi, result.indicators, "vi")
    conclude(result, None, "vi")
    said = "".join(capsys.readouterr())
    assert "=1+1 ¦ `${window.stolen=1}`" in said
    assert all(letter.isprintable() or letter == "\n" for letter in said.replace("\ue000", ""))


def test_texts_read_back_from_an_open_fibre_network_are_the_same(attacked):
    package = json.loads((attacked.out / "report" / "network.ofds.json").read_text("utf-8"))
    (network,) = package["networks"]
    names = attacked.given["nodes"]["name"].dropna()  # the planned ones too
    assert {node["name"] for node in network["nodes"]} == set(map(as_read, names))
