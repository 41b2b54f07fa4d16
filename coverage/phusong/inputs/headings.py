"""Find a table's fields among the headings of a file. The only place that compares headings."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz

from ..i18n import fold
from ..tables import LAT, LON, X_M, Y_M, Field, Table
from .letters import restore

SHAPEFILE_NAME_LENGTH = 10
"""A Shapefile (dBASE III) cuts its column names to ten characters."""

_ALIKE_SCORE = 92.0
"""Share of letters, in %, that a heading and a name have in common to be taken for the same:
one slip in twelve letters."""
_ALIKE_MARGIN = 6.0
_ALIKE_FROM_LETTERS = 8
_UNITS_WRITTEN = {"°": ("độ",), "m": ("mét",)}
"""How people write a unit behind a heading, besides its symbol."""


@dataclass(frozen=True)
class Headings:
    """Which column of the file holds which field.

    Parameters
    ----------
    position : dict
        Column of the file by field name.
    repeated : dict
        Headings that claim the same field, by field name.
    nearest : dict
        For a field not found, the most similar heading that is not used.
    alike : dict
        For a field found by a heading that is almost one of its own: that heading, and how
        alike they are, up to 100.
    """

    position: dict[str, int]
    repeated: dict[str, list[str]]
    nearest: dict[str, str]
    alike: dict[str, tuple[str, float]]


@lru_cache(maxsize=4096)
def normal(heading: str) -> str:
    """Reduce a heading to what distinguishes it: letters and digits.

    Examples
    --------
    >>> normal(" Mã  Xã "), normal("ma_xa"), normal("Antenna-height (m)")
    ('ma_xa', 'ma_xa', 'antenna_height_m')
    """
    return re.sub(r"[^0-9a-z]+", "_", fold(heading)).strip("_")


@cache
def names_of(field: Field, *, longest: int | None = None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the field's name, and the other headings it answers to, both as `normal` has them.

    The others are its aliases and its meaning in either language, each also with
    the unit behind it. Where names are cut, meanings that are would look alike and stay out.

    Examples
    --------
    >>> from phusong.tables import CELLS
    >>> sorted(names_of(CELLS["frequency_mhz"])[1])
    ['carrier_frequency', 'carrier_frequency_mhz', 'tan_so', 'tan_so_mhz']
    """
    meanings = [field.title.vi, field.title.en]
    if longest:
        meanings = [meaning for meaning in meanings if len(normal(meaning)) <= longest]
    others = [*field.aliases, *meanings]
    units = {field.unit, field.unit_in("en"), *_UNITS_WRITTEN.get(field.unit, ())}
    return (
        frozenset([normal(field.name)[:longest].strip("_")]),
        frozenset(
            normal(f"{name} {unit}")[:longest].strip("_")
            for name in others
            for unit in ("", *units)
        ),
    )


def matches(cells: Sequence[object], table: Table) -> int:
    """Count the columns of a table that a row of cells names: many in a row of headings.

    Examples
    --------
    >>> from phusong.tables import CELLS
    >>> matches(["TT", "Nhà mạng", "Kinh độ", None], CELLS)
    2
    """
    fields = [*table.fields, *((LON, LAT, X_M, Y_M) if table.geometry == "Point" else ())]
    texts = [cell if isinstance(cell, str) else "" for cell in cells]
    spelt = restore(texts).texts
    known = [normal(spelt.get(text, text)) for text in texts]
    return sum(bool(_columns(known, field)) for field in fields)


def match(
    headings: Sequence[str], fields: Iterable[Field], *, longest: int | None = None
) -> Headings:
    """Find the column of each field: by its name first, else by any other heading it has.

    Parameters
    ----------
    headings : sequence of str
        As the file has them.
    fields : iterable of Field
        Wanted.
    longest : int, optional
        Length to which the file's format cuts names.

    Examples
    --------
    >>> found = match(["Kinh độ", "latt"], [LON, LAT])
    >>> found.position, found.nearest
    ({'lon': 0}, {'lat': 'latt'})
    """
    fields = list(fields)
    known = [normal(heading)[:longest].strip("_") for heading in headings]
    position: dict[str, int] = {}
    repeated: dict[str, list[str]] = {}
    for field in fields:
        found = _columns(known, field, longest=longest)
        if found:
            position[field.name] = found[0]
        if len(found) > 1:
            repeated[field.name] = [headings[i] for i in found]
    unused = {known[i]: headings[i] for i in range(len(known)) if i not in position.values()}
    nearest = {
        field.name: unused[alike[0]]
        for field in fields
        if field.name not in position
        and (alike := difflib.get_close_matches(normal(field.name), unused, n=1, cutoff=0.8))
    }
    return Headings(position, repeated, nearest, {})


def _columns(known: Sequence[str], field: Field, *, longest: int | None = None) -> list[int]:
    """Return the columns, as `normal` has them, that bear the field's name, else another of its."""
    for wanted in names_of(field, longest=longest):
        if found := [i for i, heading in enumerate(known) if heading in wanted]:
            return found
    return []


def with_alike(found: Headings, headings: Sequence[str], fields: Iterable[Field]) -> Headings:
    """Take headings that are a slip away from a field's own, where no other field is near.

    Parameters
    ----------
    found : Headings
        By `match`.
    headings : sequence of str
        As the file has them.
    fields : iterable of Field
        Wanted.

    Returns
    -------
    Headings
        With more positions; a heading goes to one field at most, and a number in it must
        be the field's.

    Examples
    --------
    >>> from phusong.tables import CELLS
    >>> headings = ["Độ cao ăngten", "azimut_deg", "azimuth_deg_2"]
    >>> found = with_alike(match(headings, CELLS.fields), headings, CELLS.fields)
    >>> {name: round(score) for name, (_, score) in found.alike.items()}
    {'antenna_height_m': 96, 'azimuth_deg': 95}
    """
    fields = list(fields)
    names = {field.name: frozenset.union(*names_of(field)) for field in fields}
    position, alike = dict(found.position), dict(found.alike)
    for at, heading in enumerate(headings):
        known = normal(heading)
        if at in found.position.values() or len(known) < _ALIKE_FROM_LETTERS:
            continue
        scores = sorted(
            (
                (max(fuzz.ratio(known, name) for name in names[field.name]), field.name)
                for field in fields
            ),
            reverse=True,
        )
        (best, name), (second, _) = scores[0], scores[1] if len(scores) > 1 else (0.0, "")
        digits = {"".join(re.findall("[0-9]", each)) for each in names[name]}
        if best < _ALIKE_SCORE or best - second < _ALIKE_MARGIN or name in position:
            continue
        if "".join(re.findall("[0-9]", known)) in digits:
            position[name], alike[name] = at, (heading, best)
    nearest = {name: other for name, other in found.nearest.items() if name not in alike}
    return Headings(position, found.repeated, nearest, alike)
