"""The folium map and the one page around it: everything inlined, nothing requested.

What comes from files is never part of a template: branca compiles whatever
folium's elements have written once more, so the data are put into the finished
page, as an inert block of JSON. A Content-Security-Policy names the hash of
every script that we ship and of the one that opens the map, and forbids all
else: no request, no script of anyone else's, not even an inline handler that
slipped in through a name.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import folium
import jinja2
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from markupsafe import Markup

from .layers import MapData, PageLink
from .payload import resolve
from .theme import Theme
from .told import pieces

PARTS = ("header", "html", "script")
SCRIPTS = (
    "core.js",
    "address.js",
    "geodesy.js",
    "coordinates.js",
    "points.js",
    "labels.js",
    "card.js",
    "rasters.js",
    "signal.js",
    "layers.js",
    "search.js",
    "place.js",
    "measure.js",
    "keyboard.js",
    "panel.js",
    "page.js",
    "folium.js",
)
ENGINE = ("terms.js", "rays.js", "sampling.js", "antennas.js", "clutter.js", "mast.js")
"""The propagation engine of pages that compute, in its order: docs/methods/page.md."""
COMPUTING = (
    "unpack.js",
    "explore_cells.js",
    "explore.js",
    "scenario.js",
    "explore_draw.js",
    "explore_results.js",
    "explore_masts.js",
    "explore_page.js",
)
"""What such a page does with it."""
LIBRARIES = {
    "leaflet": "Leaflet 1.9.4, https://leafletjs.com",
    "leaflet.markercluster": (
        "Leaflet.markercluster 1.5.3, https://github.com/Leaflet/Leaflet.markercluster"
    ),
}
"""Libraries shipped beside this module, each with its licence: folder -> name, version, origin."""
OPENING = re.compile(r"\{(?=[{%#])")
"""A brace that begins something in a Jinja template."""
COMPILED_BRACE = "{{ '{' }}"
"""What a template has in place of a brace that it must give back."""

_PAGE: jinja2.Template = jinja2.Template(
    """<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
{% for sheet in styles %}
<style>
{{ sheet }}</style>
{% endfor %}
{% for code in scripts %}
<script>{{ code }}</script>
{% endfor %}
{{ header }}
<title>{{ title }}</title>
</head>
<body>
{{ html }}
<noscript><p>{{ no_script }}</p></noscript>
<script type="application/json" id="phusong-data">
{%- for part in data %}{{ part }}{% endfor %}</script>
<script>{{ opening }}</script>
{% for block in blocks %}
<script type="application/octet-stream" id="phusong-{{ loop.index0 }}">{{ block }}</script>
{% endfor %}
</body>
</html>
""",
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


class _Part(Element):
    """A part of the page: what elements wrote into it is text, and is not compiled again."""

    def render(self, **kwargs: Any) -> str:
        return "\n".join(
            str(child.render(**kwargs))
            if child._template_str is None
            else child._template_str.replace(COMPILED_BRACE, "{")
            for child in self._children.values()
        )


class _WrittenOnce:
    """An element's template whose text, compiled by branca once more, gives that text again."""

    def __init__(self, template: jinja2.Template) -> None:
        self.template = template

    def render(self, *args: Any, **kwargs: Any) -> str:
        return OPENING.sub(COMPILED_BRACE, self.template.render(*args, **kwargs))

    @property
    def module(self) -> SimpleNamespace:
        macros = vars(self.template.module)
        return SimpleNamespace(
            **{name: self._macro(macros[name]) for name in PARTS if name in macros}
        )

    @staticmethod
    def _macro(macro: Any) -> Any:
        return lambda *args: OPENING.sub(COMPILED_BRACE, macro(*args))


class _Page(Figure):
    """A figure that renders to one self-contained page, the same bytes each time."""

    def __init__(self, content: dict[str, Any], blocks: Sequence[str]) -> None:
        super().__init__(title=content["title"]["vi"] + " – " + content["study"]["vi"], ratio="75%")
        self.no_script = " / ".join(content["words"]["no_script"].values())
        # Of a page with much behind it browsers read plain letters twice as fast.
        self.data = list(pieces(content, plain=bool(blocks)))
        self.blocks = blocks
        self.computes = "explore" in content
        for part in PARTS:
            setattr(self, part, _Part())
            getattr(self, part)._parent = self

    def render(self, **kwargs: Any) -> str:
        return "".join(self.parts(**kwargs))

    def parts(self, **kwargs: Any) -> Iterator[str]:
        """Return the page in parts: as one text a large one would be in memory several times."""
        with _written_once(self):
            for child in self._children.values():
                child.render(**kwargs)
        # folium's element names are random; number them in the order of the tree.
        names = {element._id: str(n) for n, element in enumerate(_elements(self))}
        random = re.compile("|".join(map(re.escape, names)))
        header, html, script = (
            random.sub(lambda found: names[found[0]], getattr(self, part).render(**kwargs))
            for part in PARTS
        )
        opening = _one_script(script)
        scripts, styles = _scripts(computes=self.computes), _styles(computes=self.computes)
        return _PAGE.generate(
            policy=Markup(_policy(*scripts, opening)),  # noqa: S704  digests and our own words
            styles=map(Markup, styles),
            scripts=map(Markup, scripts),
            header=Markup(header),  # noqa: S704  folium's own markup
            title=self.title,
            html=Markup(html),  # noqa: S704  folium's own markup
            no_script=self.no_script,
            data=map(Markup, self.data),
            opening=Markup(opening),  # noqa: S704  `_one_script` keeps it in one piece
            blocks=self.blocks,
        )


class StudyMap(folium.Map):
    """A folium map that draws a resolved theme and loads nothing from elsewhere.

    What is too large to be read before the map opens lies behind it: `blocks` of base64.
    Further folium elements may be added as usual; those that need no library
    beyond Leaflet and markercluster work offline (shapes, GeoJson, markers
    with the default icon, popups, tooltips, FeatureGroup, LayerControl). Their
    text is not compiled, whatever it contains. Popups and tooltips of folium
    are markup: escape what comes from a table.
    """

    _template = Template(
        """
{% macro header(this, kwargs) %}
<meta name="viewport" content="width=device-width, initial-scale=1">
{% endmacro %}
{% macro html(this, kwargs) %}
<main><div id="{{ this.get_name() }}" class="map"></div></main>
{% endmacro %}
{% macro script(this, kwargs) %}
var {{ this.get_name() }} = phusong.open({{ this.get_name()|tojson }});
{% endmacro %}
"""
    )

    def __init__(self, content: dict[str, Any], blocks: Sequence[str] = ()) -> None:
        (south, west), (north, east) = content["bounds"]
        super().__init__(location=[(south + north) / 2, (west + east) / 2], tiles=None)
        self.default_js, self.default_css = [], []  # the page inlines them
        _Page(content, blocks).add_child(self)


def build_map(
    theme: Theme, data: MapData, *, pages: Sequence[PageLink] = (), name: str = ""
) -> folium.Map:
    """Draw a study's finished tables by a theme.

    Parameters
    ----------
    theme : Theme
        From `open_theme`.
    data : MapData
        Tables in the study's CRS, in metres. Theme layers whose table or
        columns are absent are listed as such in the legend.
    pages : sequence of PageLink
        Pages that will lie beside this one, below a start page ``../index.html``,
        and that it links to; empty for a map that stands alone.
    name : str
        Which of `pages` this one is.

    Returns
    -------
    folium.Map
        Writes nothing. Shows itself in Jupyter without a network; `render_html`
        makes the page.

    Raises
    ------
    NothingToDrawError
        If the study has none of the tables that the theme draws.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from phusong.i18n import Bilingual
    >>> from phusong.maps import open_theme
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00691"], "name": ["Xín Mần"], "has_lan": [True]},
    ...     geometry=[box(440_000, 2_520_000, 450_000, 2_530_000)], crs="EPSG:9209",
    ... )
    >>> data = MapData(title=Bilingual("Mẫu", "Sample"), tables={"communes": communes})
    >>> drawn = build_map(open_theme("readiness"), data)
    >>> "Xín Mần" in render_html(drawn)
    True
    """
    content = resolve(theme, data, pages, name)
    tiles = _tiles_apart(content)
    return StudyMap(content, tiles)


def render_html(drawn: folium.Map) -> str:
    """Return the complete page of a map.

    Parameters
    ----------
    drawn : folium.Map
        From `build_map`.

    Returns
    -------
    str
        The same bytes each time.

    Examples
    --------
    >>> from phusong.i18n import Bilingual
    >>> render_html(folium.Map())[:15]
    '<!DOCTYPE html>'
    """
    return str(drawn.get_root().render())


def write_html(drawn: folium.Map, path: Path) -> None:
    """Write the complete page of a map, as `render_html` returns it.

    Parameters
    ----------
    drawn : folium.Map
        From `build_map`.
    path : Path
        A file of that name is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_html(folium.Map(), Path(folder) / "map.html")
    ...     (Path(folder) / "map.html").read_bytes()[:15]
    b'<!DOCTYPE html>'
    """
    page = drawn.get_root()
    parts = page.parts() if isinstance(page, _Page) else [str(page.render())]
    with path.open("wb") as file:
        for part in parts:
            file.write(part.encode("utf-8"))


def _tiles_apart(content: dict[str, Any]) -> list[str]:
    """Take the signal's tiles out of the content, but not out of what several maps share."""
    planes = content["planes"]
    if planes is None or planes["tiles"] is None:
        return []
    tiles = dict(planes["tiles"])
    pictures: list[str] = tiles.pop("pictures")
    content["planes"] = {**planes, "tiles": tiles}
    return pictures


def _elements(element: Element) -> Iterator[Element]:
    """Yield an element and all below it, a figure's three parts included."""
    yield element
    for part in PARTS:
        if isinstance(inner := getattr(element, part, None), Element):
            yield from _elements(inner)
    for child in element._children.values():
        yield from _elements(child)


@contextmanager
def _written_once(page: Figure) -> Iterator[None]:
    """Keep text that macros write from being compiled: branca takes it for a template."""
    guarded = [
        (element, element.__dict__.get("_template"))
        for element in _elements(page)
        if isinstance(element, MacroElement)
    ]
    for element, _ in guarded:
        element._template = _WrittenOnce(element._template)
    try:
        yield
    finally:
        for element, own in guarded:
            if own is None:
                del element._template
            else:
                element._template = own


def _one_script(code: str) -> str:
    """Return code that cannot end its script element, whatever text stands in it.

    The parts escaped occur in strings, templates and regular expressions only,
    where a backslash before them means nothing.
    """
    code = re.sub("<(?=/script|!--)", r"<\\", code, flags=re.IGNORECASE)
    return re.sub("\r\n?", "\n", code).replace("\0", "\ufffd")  # as browsers read, and hash, them


def _policy(*scripts: str) -> str:
    """Return the policy that lets exactly these scripts run and nothing be fetched."""
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
    return "; ".join(rules)


def _shipped(*path: str) -> bytes:
    return files(__package__).joinpath("assets", *path).read_bytes()


def _text(*path: str) -> str:
    return _shipped(*path).decode("utf-8").replace("\r\n", "\n")


def _icon(name: str) -> str:
    image = _shipped("vendor", "leaflet", "images", name)
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")


@cache
def _styles(*, computes: bool) -> tuple[str, ...]:
    leaflet = re.sub(
        r"url\(images/([\w-]+\.png)\)",
        lambda image: f"url({_icon(image[1])})",
        _text("vendor", "leaflet", "leaflet.css"),
    )
    cluster = _text("vendor", "leaflet.markercluster", "MarkerCluster.css")
    own = ("phusong.css", "explore.css") if computes else ("phusong.css",)
    return leaflet, cluster, *map(_text, own)


@cache
def _scripts(*, computes: bool) -> tuple[str, ...]:
    icons = {
        name: _icon(file)
        for name, file in (
            ("iconUrl", "marker-icon.png"),
            ("iconRetinaUrl", "marker-icon-2x.png"),
            ("shadowUrl", "marker-shadow.png"),
        )
    }
    scripts = (
        _library("leaflet"),
        f"L.Icon.Default.mergeOptions({json.dumps(icons)}); L.Icon.Default.imagePath = '';",
        _library("leaflet.markercluster"),
        *map(_text, SCRIPTS),
        *(_text("engine", name) for name in ENGINE if computes),
        *(_text(name) for name in COMPUTING if computes),
    )
    return tuple(f"\n{code}\n" for code in scripts)


def _library(name: str) -> str:
    """Return a shipped library with its licence, without the pointer to its source map.

    A browser would request the map.
    """
    licence = f"{LIBRARIES[name]}\n{_text('vendor', name, 'LICENSE')}"
    code = _text("vendor", name, f"{name}.js")
    return f"/*\n{licence}*/\n" + re.sub(r"//# sourceMappingURL=.*", "", code)
