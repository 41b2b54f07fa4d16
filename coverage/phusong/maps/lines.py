"""On which line of a TOML text a key stands; the standard parser does not tell."""

import re
from collections import Counter
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w\-]+|\"[^\"]*\"|'[^']*')\s*=")
_ITEM = re.compile(r"\s*\{")

Place = tuple[str | int, ...]


def line_of(text: str, location: Sequence[str | int]) -> int | None:
    r"""Return the line, from 1, of a key or of the nearest part above it that has one.

    Parameters
    ----------
    text : str
        TOML that the standard parser accepts.
    location : sequence of str or int
        Keys and positions from 0, as pydantic gives them.

    Examples
    --------
    >>> text = 'title = "x"\n[[layers]]\nid = "a"\n[[layers]]\nid = "b"'
    >>> line_of(text, ("layers", 1, "id")), line_of(text, ("layers", 1, "colour"))
    (5, 4)
    """
    places = _places(text)
    wanted = tuple(location)
    while wanted:
        if wanted in places:
            return places[wanted]
        wanted = wanted[:-1]
    return None


def _places(text: str) -> dict[Place, int]:
    """Return where keys, tables and inline tables of a list (one a line) begin."""
    places: dict[Place, int] = {}
    counts: Counter[Place] = Counter()
    here: Place = ()  # the table that keys belong to
    last: Place = ()  # the key last begun
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            last = here = _table(header[2], counts, repeated=header[1] == "[[")
            places.setdefault(here[:-1] if header[1] == "[[" else here, number)
            places[here] = number
        elif key := _KEY.match(line):
            last = (*here, key[1].strip("\"'"))
            places[last] = number
        elif _ITEM.match(line):
            places[(*last, counts[last])] = number
            counts[last] += 1
    return places


def _table(name: str, counts: Counter[Place], *, repeated: bool) -> Place:
    """Return the place of a header; inside a repeated table it belongs to the last one."""
    place: Place = ()
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for position, part in enumerate(parts):
        place = (*place, part)
        if repeated and position == len(parts) - 1:
            counts[place] += 1
        if counts[place]:
            place = (*place, counts[place] - 1)
    return place
