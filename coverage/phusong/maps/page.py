"""The folium map and the one page around it: everything inlined, nothing requested.

Leaflet and Leaflet.markercluster come from the registry packages that ship
their files. A Content-Security-Policy names the hash of every script in the
page and forbids all else: no request, no script of anyone else's, not even an
inline handler that slipped in through a name.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import folium
from branca.element import Element, Figure
from folium.template import Template
from xstatic.pkg import leaflet, leaflet_markercluster

from .layers import Layers
from .payload import resolve
from .theme import Theme

SCRIPTS = (
    "core.js",
    "geodesy.js",
    "points.js",
    "labels.js",
    "card.js",
    "rasters.js",
    "layers.js",
    "search.js",
    "place.js",
    "measure.js",
    "keyboard.js",
    "panel.js",
    "page.js",
    "folium.js",
)
LEAFLET_LICENCE = """Leaflet 1.9.3, https://leafletjs.com
Copyright (c) 2010-2022, Volodymyr Agafonkin; copyright (c) 2010-2011, CloudMade. BSD 2-Clause:
Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:
1. Redistributions of source code must retain the above copyright notice, this list of conditions
and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions
and the following disclaimer in the documentation and/or other materials provided with the
distribution.
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF
THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE."""
CLUSTER_LICENCE = """Leaflet.markercluster 1.4.1, https://github.com/Leaflet/Leaflet.markercluster
Copyright 2012 David Leaver. MIT:
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:
The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""


class _Page(Figure):
    """A figure that renders to one self-contained page, the same bytes each time."""

    _template = Template(
        """<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
{{ this.header.render(**kwargs) }}
<title>{{ this.title|e }}</title>
</head>
<body>
{{ this.html.render(**kwargs) }}
<script>
{{ this.script.render(**kwargs) }}
</script>
</body>
</html>
"""
    )

    def __init__(self, title: str) -> None:
        super().__init__(title=title, ratio="75%")
        self.header.add_child(Element(_styles()), name="styles")
        self.header.add_child(Element(_scripts()), name="scripts")
        del self.header._children["meta_http"]

    def render(self, **kwargs: Any) -> str:
        page = super().render(**kwargs)
        # folium's element names are random; number them in the order of the tree.
        names = {element._id: str(n) for n, element in enumerate(_elements(self))}
        page = re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], page)
        return page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{_policy(page)}', 1)


class StudyMap(folium.Map):
    """A folium map that draws a resolved theme and loads nothing from elsewhere.

    Further folium elements may be added as usual; those that need no library
    beyond Leaflet and markercluster work offline (shapes, GeoJson, markers
    with the default icon, popups, tooltips, FeatureGroup, LayerControl).
    """

    _template = Template(
        """
{% macro header(this, kwargs) %}
<meta name="viewport" content="width=device-width, initial-scale=1">
{% endmacro %}
{% macro html(this, kwargs) %}
<main><div id="{{ this.get_name() }}" class="map"></div></main>
<noscript><p>{{ this.no_script|e }}</p></noscript>
<script type="application/json" id="phusong-data">{{ this.data }}</script>
{% endmacro %}
{% macro script(this, kwargs) %}
var {{ this.get_name() }} = phusong.open({{ this.get_name()|tojson }});
{% endmacro %}
"""
    )

    def __init__(self, content: dict[str, Any]) -> None:
        (south, west), (north, east) = content["bounds"]
        super().__init__(location=[(south + north) / 2, (west + east) / 2], tiles=None)
        self.default_js, self.default_css = [], []  # the page inlines them
        self.data = _json(content)
        self.no_script = " / ".join(content["words"]["no_script"].values())
        title = content["title"]["vi"] + " – " + content["study"]["vi"]
        _Page(title).add_child(self)


def build_map(theme: Theme, layers: Layers) -> folium.Map:
    """Draw a study's finished tables by a theme.

    Parameters
    ----------
    theme : Theme
        From `open_theme`.
    layers : Layers
        Tables in the study's CRS, in metres. Theme layers whose table or
        columns are absent are listed as such in the legend.

    Returns
    -------
    folium.Map
        Writes nothing. Shows itself in Jupyter without a network; `render_html`
        makes the page.

    Raises
    ------
    NothingToDrawError
        If the study has none of the tables that the theme draws.
    """
    return StudyMap(resolve(theme, layers))


def render_html(drawn: folium.Map) -> str:
    """Return the complete page of a map made by `build_map`; the same bytes each time."""
    return str(drawn.get_root().render())


def _elements(element: Element) -> Iterator[Element]:
    """Yield an element and all below it, a figure's three parts included."""
    yield element
    for part in ("header", "html", "script"):
        if isinstance(inner := getattr(element, part, None), Element):
            yield from _elements(inner)
    for child in element._children.values():
        yield from _elements(child)


def _policy(page: str) -> str:
    """Return the policy that lets exactly this page's scripts run and nothing be fetched."""
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(code.encode()).digest()) for code in scripts]
    hashes = " ".join(f"'sha256-{digest.decode()}'" for digest in digests)
    rules = (
        "default-src 'none'",
        f"script-src {hashes}",
        "style-src 'unsafe-inline'",  # Leaflet positions by style attributes
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'


def _json(content: Any) -> str:
    """Write JSON that cannot end its script element or become markup."""
    code = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        code = code.replace(sign, f"\\u{ord(sign):04x}")
    return code


def _shipped(package: Any, name: str) -> bytes:
    return files(package.__name__).joinpath("data", name).read_bytes()


def _data_uri(package: Any, name: str) -> str:
    return "data:image/png;base64," + base64.b64encode(_shipped(package, name)).decode("ascii")


@cache
def _styles() -> str:
    own = files(__package__).joinpath("assets")
    leaflet_css = re.sub(
        r"url\((images/[\w-]+\.png)\)",
        lambda image: f"url({_data_uri(leaflet, image[1])})",
        _shipped(leaflet, "leaflet.css").decode(),
    )
    cluster_css = _shipped(leaflet_markercluster, "MarkerCluster.css").decode()
    sheets = (leaflet_css, cluster_css, own.joinpath("phusong.css").read_text(encoding="utf-8"))
    return "".join(f"<style>\n{sheet}</style>\n" for sheet in sheets)


@cache
def _scripts() -> str:
    own = files(__package__).joinpath("assets")
    icons = {
        name: _data_uri(leaflet, f"images/{file}")
        for name, file in (
            ("iconUrl", "marker-icon.png"),
            ("iconRetinaUrl", "marker-icon-2x.png"),
            ("shadowUrl", "marker-shadow.png"),
        )
    }
    scripts = [
        f"/*\n{LEAFLET_LICENCE}\n*/\n" + _library(leaflet, "leaflet.js"),
        f"L.Icon.Default.mergeOptions({json.dumps(icons)}); L.Icon.Default.imagePath = '';",
        f"/*\n{CLUSTER_LICENCE}\n*/\n"
        + _library(leaflet_markercluster, "leaflet.markercluster.js"),
        *(own.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS),
    ]
    return "".join(f"<script>\n{code}\n</script>\n" for code in scripts)


def _library(package: Any, name: str) -> str:
    """Return a shipped script without the pointer to its source map, which would be a request."""
    return re.sub(r"//# sourceMappingURL=.*", "", _shipped(package, name).decode())
