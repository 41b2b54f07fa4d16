"""The page: one file, the same bytes twice, nothing fetched, foreign text inert."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import folium
import pytest

from phusong.i18n import Bilingual
from phusong.maps import build_map, open_theme, render_html

from .conftest import HOSTILE

EXECUTED = "{{ 7*7 }}{% raw %}{# tinh"
VENDORED = {
    "leaflet/LICENSE": "53e8dc25862014e4324741ca18fbe3611e11d42ef69f59f86ea8c5389647d4cb",
    "leaflet/images/layers-2x.png": (
        "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf"
    ),
    "leaflet/images/layers.png": (
        "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6"
    ),
    "leaflet/images/marker-icon-2x.png": (
        "00179c4c1ee830d3a108412ae0d294f55776cfeb085c60129a39aa6fc4ae2528"
    ),
    "leaflet/images/marker-icon.png": (
        "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437"
    ),
    "leaflet/images/marker-shadow.png": (
        "264f5c640339f042dd729062cfc04c17f8ea0f29882b538e3848ed8f10edb4da"
    ),
    "leaflet/leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    "leaflet/leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.markercluster/LICENSE": (
        "3133dacd38250bd1f524d8166cc60a016a382522e062fce143691c65bf5e4b3d"
    ),
    "leaflet.markercluster/MarkerCluster.css": (
        "614dea0a98ff3f4ead74f04918f6b1d1b9ba435c25b5fc23b21a394d1e3e4d87"
    ),
    "leaflet.markercluster/leaflet.markercluster.js": (
        "1e4e1d22972a3926f48598e0caf14e3fe7049835d428a344fed4f9e3665b3508"
    ),
}
"""SHA-256 of the files as the libraries' authors published them."""


def digest(page):
    """Short, so that a failing comparison does not print two pages."""
    return hashlib.sha256(page.encode()).hexdigest()


class Links(HTMLParser):
    """Collects whatever an element of the page would load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [(tag, name) for name, _ in attrs if name in {"src", "href", "srcset"}]
        self.found += [(tag, "")] if tag in {"link", "iframe", "object", "embed"} else []


@pytest.fixture(scope="module")
def page(layers):
    return render_html(build_map(open_theme("overview"), layers))


def test_the_same_study_gives_the_same_bytes(layers, page):
    drawn = build_map(open_theme("overview"), layers)
    assert digest(render_html(drawn)) == digest(page)
    assert digest(render_html(drawn)) == digest(page)


def test_a_planners_own_layers_do_not_spoil_the_bytes(layers):
    def page():
        drawn = build_map(open_theme("overview"), layers)
        folium.Marker([22.8, 104.9], popup="Cột mới", tooltip="?").add_to(drawn)
        folium.LayerControl().add_to(drawn)
        return digest(render_html(drawn))

    assert page() == page()


def test_nothing_in_the_page_points_outside(page):
    links = Links()
    links.feed(page)
    assert links.found == []
    assert re.findall(r"url\((?!data:|#)[^)]{0,80}\)", page) == []
    assert "sourceMappingURL=" not in page


def test_the_policy_names_every_script_and_forbids_the_rest(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    assert "unsafe" not in rules["script-src"]
    assert rules["script-src"].split() == [
        sha256(code) for code in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    ]


def sha256(code):
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def test_a_script_that_got_into_the_page_otherwise_is_not_allowed(layers):
    drawn = build_map(open_theme("overview"), layers)
    drawn.get_root().html.add_child(folium.Element("<script>window.stolen = 1</script>"))
    page = render_html(drawn)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    refused = [code for code in scripts if sha256(code) not in policy]
    assert refused == ["window.stolen = 1"]


def test_licences_travel_with_the_code(page):
    licences = (
        "BSD 2-Clause License", "Copyright (c) 2010-2023, Volodymyr Agafonkin",
        "Copyright 2012 David Leaver",
    )  # fmt: skip
    assert [page.count(words) for words in licences] == [1, 1, 1]


def test_the_libraries_are_those_that_their_authors_published(checkout):
    folder = checkout / "coverage" / "phusong" / "maps" / "assets" / "vendor"
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == VENDORED


def test_no_text_is_compiled_as_a_template(layers):
    communes = layers.tables["communes"].assign(name=EXECUTED)
    both = Bilingual(EXECUTED, EXECUTED)
    hostile = replace(layers, title=both, boundaries=both,
                      tables={**layers.tables, "communes": communes})  # fmt: skip
    page = render_html(build_map(open_theme("overview"), hostile))
    assert f"– {EXECUTED}</title>" in page
    data = json.loads(re.search(r'id="phusong-data">(.*?)</script>', page, re.DOTALL)[1])
    assert data["study"]["vi"] == data["study"]["en"] == EXECUTED
    assert set(data["tables"]["communes"]["columns"]["name"]) == {EXECUTED}
    body = page[page.index("<body>") :]
    assert not re.search(r"\{[{%#]", body)  # nor would be if somebody compiled the page


def test_text_of_a_planners_own_layers_is_not_compiled_as_a_template(layers):
    drawn = build_map(open_theme("overview"), layers)
    where = {"type": "Point", "coordinates": [104.9, 22.8]}
    folium.GeoJson(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {"name": EXECUTED}, "geometry": where}],
        },
        tooltip=folium.GeoJsonTooltip(["name"], style="color: red; /* {{ 7*7 }} */"),
    ).add_to(drawn)
    folium.Marker([22.8, 104.9], popup=EXECUTED, tooltip=EXECUTED).add_to(drawn)
    drawn.get_root().html.add_child(folium.Element("<p>{{ 7*7 }}</p>"))
    page = render_html(drawn)
    assert page.count(EXECUTED) == 3
    assert "color: red; /* {{ 7*7 }} */" in page
    assert "<p>{{ 7*7 }}</p>" in page
    marker = next(child for child in drawn._children.values() if isinstance(child, folium.Marker))
    assert "_template" not in vars(marker)  # left as it was


def test_text_of_a_planners_own_layers_cannot_end_the_script(layers):
    drawn = build_map(open_theme("overview"), layers)
    folium.Marker([22.8, 104.9], popup="</script><img src=x><!--\r\n\0").add_to(drawn)
    page = render_html(drawn)
    opening = page[page.rindex("<script>") + len("<script>") : page.rindex("</script>")]
    assert opening.count(r"<\/script><img src=x><\!--") == 1
    assert page.count(sha256(opening)) == 1


def test_hostile_names_are_data_and_come_back_unchanged(page):
    assert "<script>window.stolen" not in page
    code = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)[1]
    assert not set("<>&") & set(code)
    assert json.loads(code)["tables"]["communes"]["columns"]["name"][2] == HOSTILE


def test_jupyter_shows_the_same_page_in_a_frame(layers):
    shown = build_map(open_theme("overview"), layers)._repr_html_()
    assert shown.count("<iframe") == 1
    assert "Content-Security-Policy" in shown
    assert "<script>" not in shown  # all inside srcdoc, escaped
