"""The place in a link to a map, read from the link's own text: no link is ever followed.

Knows how Google Maps, OpenStreetMap and geo: (RFC 5870) write places, and what only looks like one.
"""

import re
from typing import Literal
from urllib.parse import parse_qs, unquote_plus, urlsplit

from .._text import tidy

_LINK = re.compile(r"(?:https?://|geo:|(?:www\.|maps?\.)\w)", re.IGNORECASE)
_NUMBER = r"[+-]?[0-9]{1,3}(?:\.[0-9]+)?"
_PAIR = re.compile(rf"\s*(?:loc:)?\s*({_NUMBER})\s*,\s*({_NUMBER})(?:\s*\([^)]*\))?\s*")
_ANGLES = re.compile(r"""([0-9][0-9.°'"\s]*[NS])[\s,]+([0-9][0-9.°'"\s]*[EW])""")
_MARKED = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")
_SEEN = re.compile(rf"/@({_NUMBER}),({_NUMBER}),|#map=[0-9.]+/({_NUMBER})/({_NUMBER})")
_GEO = re.compile(rf"geo:({_NUMBER}),({_NUMBER})(?:,{_NUMBER})?(?:[;?].*)?", re.IGNORECASE)
_PLACES = ("q", "query", "destination", "daddr", "ll", "sll", "center", "viewpoint")
"""What a link calls its place, that which is meant before that which is merely in view."""
# Open Location Code 1.0: digits of a base of 20, a plus before the last two or three.
_PLUS_CODE = re.compile(
    r"(?:[23456789CFGHJMPQRVWX]{2}){1,4}0*\+(?:[23456789CFGHJMPQRVWX]{2,7})?(?:[\s,].*)?",
    re.IGNORECASE,
)

_MAPS = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*(?:google\.[a-z.]+/maps|maps\.google\.|maps?\.\w|goo\.gl/maps|openstreetmap\.org)"
    r"|geo:",
    re.IGNORECASE,
)  # fmt: skip

NoPlace = Literal["map_link_without_place", "plus_code"]


def place_of_link(text: str) -> tuple[str, str] | None:
    """Return latitude and longitude of a link to a map, as they stand in it.

    Parameters
    ----------
    text : str
        Of a cell.

    Returns
    -------
    tuple of (str, str) or None
        None if it is no link, or one without one place in its text.

    Examples
    --------
    >>> place_of_link("https://www.google.com/maps?q=22.8344,104.9911&z=15")
    ('22.8344', '104.9911')
    >>> place_of_link("https://maps.app.goo.gl/a1B2c3D4") is None
    True
    """
    written = tidy(text)
    if not _LINK.match(written):
        return None
    if found := _GEO.fullmatch(written):
        asked = _asked(written.partition("?")[2])
        # RFC 5870 as Android writes it: geo:0,0?q=22.8,104.9(Name) when the place is in the query.
        return asked or (found[1], found[2])
    marked = {found.groups() for found in _MARKED.finditer(written)}
    if len(marked) > 1:
        return None  # a route or a list
    if marked:
        lat, lon = marked.pop()
        return lat, lon
    try:
        parts = urlsplit(written if ":" in written.partition("/")[0] else f"https://{written}")
    except ValueError:
        return None
    if asked := _asked(parts.query):
        return asked
    steps = [unquote_plus(step) for step in parts.path.split("/")]
    if "dir" in steps:
        return None
    for step in steps:
        if found := _PAIR.fullmatch(step) or _ANGLES.fullmatch(step):
            return found[1], found[2]
    if found := _SEEN.search(written):
        lat, lon = (part for part in found.groups() if part is not None)
        return lat, lon
    return None


def _asked(query: str) -> tuple[str, str] | None:
    """Return the place that the words behind the question mark name."""
    try:
        asked = parse_qs(query, max_num_fields=100)
    except ValueError:
        return None
    if "mlat" in asked and "mlon" in asked:
        return asked["mlat"][0], asked["mlon"][0]
    for name in _PLACES:
        for value in asked.get(name, ()):
            if found := _PAIR.fullmatch(value) or _ANGLES.fullmatch(value):
                return found[1], found[2]
    return None


def leads_to_map(text: str) -> bool:
    """Tell whether a text is a link to a map, with a place in it or without.

    Examples
    --------
    >>> leads_to_map("https://goo.gl/maps/x1"), leads_to_map("https://example.vn/anh/tram-1.jpg")
    (True, False)
    """
    written = tidy(text)
    if not _LINK.match(written):
        return False
    return _MAPS.match(written) is not None or place_of_link(written) is not None


def no_place(text: str) -> NoPlace | None:
    """Tell what stands where a place should, if it is a link without a place or a plus code.

    Parameters
    ----------
    text : str
        Of a cell.

    Returns
    -------
    str or None
        Key of the words, without the room's name.

    Examples
    --------
    >>> no_place("https://maps.app.goo.gl/a1B2c3D4"), no_place("7PJMRXMR+QC"), no_place("22.8344")
    ('map_link_without_place', 'plus_code', None)
    """
    written = tidy(text)
    if _LINK.match(written):
        return None if place_of_link(written) else "map_link_without_place"
    return "plus_code" if _PLUS_CODE.fullmatch(written) else None
