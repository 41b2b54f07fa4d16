"""The page: one file, the same bytes twice, nothing fetched, foreign text inert."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import folium
import pytest

from phusong.maps import build_map, open_theme, render_html

from .conftest import HOSTILE


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
    for code in re.findall(r"<script>(.*?)</script>", page, re.DOTALL):
        code_hash = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"'sha256-{code_hash}'" in rules["script-src"]


def test_licences_travel_with_the_code(page):
    assert "BSD 2-Clause" in page
    assert "Copyright 2012 David Leaver" in page


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
