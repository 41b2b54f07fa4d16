"""Communes of Vietnam by administrative edition, and what became of each.

Three lists. "2017" has Hà Giang alone, as it was until 31 December 2019; "2024" the whole country
on the eve of the merger, in Hà Giang unchanged since 1 January 2020; "2025" the whole country since
1 July 2025. Knows facts; no study and no file of the user's. Where they come from:
``docs/methods/editions.md``.
"""

import csv
import datetime
import gzip
import io
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..errors import EditionError
from ..i18n import fold

IN_FORCE: Mapping[str, datetime.date] = {
    "2017": datetime.date(2009, 12, 31),
    "2024": datetime.date(2020, 1, 1),
    "2025": datetime.date(2025, 7, 1),
}
"""First day of each list, by its name; of "2024" in Hà Giang, elsewhere some changed later."""
SOURCES: Mapping[str, str] = {
    "2017": "GSO list of 11 September 2019; mergers of 1 January 2020 (dantocmiennui.vn/282051)",
    "2024": "vietnamadminunits 1.0.4 (MIT)",
}
"""Where the links from a list to the next come from."""
_FEW = 0.9


@dataclass(frozen=True)
class Unit:
    """A commune of one list.

    Parameters
    ----------
    code : str
        Five digits; the same code may mean another commune in another list.
    name, type : str
        Without its type; ``xã``, ``phường``, ``thị trấn`` or ``đặc khu``.
    district_code, district : str
        Empty since there are none.
    province_code : str
        Two digits.
    """

    code: str
    name: str
    type: str
    district_code: str
    district: str
    province_code: str


@dataclass(frozen=True)
class Link:
    """A commune and the one of the next list that took it over, or a part of it.

    Parameters
    ----------
    from_code, to_code : str
    part : {"", "main", "other"}
        Empty for the whole; of a divided commune the one successor that the source names
        where a single one is wanted, and the others. How large the parts are no source tells.
    """

    from_code: str
    to_code: str
    part: str


def _rows(name: str) -> list[dict[str, str]]:
    content = gzip.decompress(files(__package__).joinpath(name).read_bytes()).decode("utf-8")
    return list(csv.DictReader(io.StringIO(content)))


@cache
def _all_units() -> Mapping[str, Mapping[str, Unit]]:
    found: dict[str, dict[str, Unit]] = {edition: {} for edition in IN_FORCE}
    for row in _rows("units.csv.gz"):
        edition = row.pop("edition")
        found[edition][row["code"]] = Unit(**row)
    return found


@cache
def _all_links() -> Mapping[tuple[str, str], tuple[Link, ...]]:
    found: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for row in _rows("links.csv.gz"):
        steps = row["from_edition"], row["to_edition"]
        found[steps].append(Link(row["from_code"], row["to_code"], row["part"]))
    return {steps: tuple(links) for steps, links in found.items()}


def list_of(edition: str) -> str:
    """Return the list that an edition is of: that of its year.

    Parameters
    ----------
    edition : str
        As a study names it; its first four digits in a row are the year.

    Returns
    -------
    str
        A key of `IN_FORCE`.

    Raises
    ------
    EditionError
        If it names no year since 2009.

    Examples
    --------
    >>> list_of("2017"), list_of("2020"), list_of("2025")
    ('2017', '2024', '2025')
    """
    year = re.search(r"\d{4}", edition)
    known = [name for name, day in IN_FORCE.items() if year and day.year <= int(year[0])]
    if not known:
        raise EditionError("admin.unknown_edition", edition=edition, known=", ".join(IN_FORCE))
    return known[-1]


def units(edition: str) -> Mapping[str, Unit]:
    """Return the communes of a list by code.

    Parameters
    ----------
    edition : str
        See `list_of`.

    Returns
    -------
    mapping of str to Unit

    Raises
    ------
    EditionError
        As `list_of` does.

    Examples
    --------
    Codes are used again: this one belongs to another commune since 2020.

    >>> units("2017")["01117"].name, units("2020")["01117"].name
    ('Ngán Chiên', 'Trung Thịnh')
    >>> len(units("2017")), len(units("2025"))
    (195, 3321)
    """
    return _all_units()[list_of(edition)]


def links(from_edition: str, to_edition: str) -> tuple[Link, ...]:
    """Return what became of each commune from one list to a later one.

    Parameters
    ----------
    from_edition, to_edition : str
        See `list_of`.

    Returns
    -------
    tuple of Link
        Sorted by the codes; over several steps a part of a part is a part.

    Raises
    ------
    EditionError
        As `list_of` does; or if the second list is not later than the first.

    Examples
    --------
    >>> [link for link in links("2017", "2025") if link.from_code == "00688"]
    [Link(from_code='00688', to_code='00691', part='main'), Link(from_code='00688', to_code='00694', part='other')]
    """  # noqa: E501  a doctest's output stands on one line
    names = list(IN_FORCE)
    first, last = names.index(list_of(from_edition)), names.index(list_of(to_edition))
    if first >= last:
        raise EditionError(
            "admin.not_later", first=from_edition, last=to_edition, known=", ".join(names)
        )
    found = list(_all_links()[names[first], names[first + 1]])
    for at in range(first + 1, last):
        after: dict[str, list[Link]] = defaultdict(list)
        for link in _all_links()[names[at], names[at + 1]]:
            after[link.from_code].append(link)
        found = [
            Link(one.from_code, two.to_code, _part(one.part, two.part))
            for one in found
            for two in after[one.to_code]
        ]
    return tuple(sorted(found, key=lambda link: (link.from_code, link.to_code)))


def _part(one: str, two: str) -> str:
    if "other" in (one, two):
        return "other"
    return one or two


def recognise(names: Mapping[str, str]) -> str | None:
    """Tell which list communes are of, by their codes and names.

    Parameters
    ----------
    names : mapping of str to str
        Name by code.

    Returns
    -------
    str or None
        A key of `IN_FORCE` that has nine in ten of them; the one with most.

    Examples
    --------
    >>> recognise({"01111": "Trung Thịnh", "01117": "Ngán Chiên"}), recognise({"00001": "Tha"})
    ('2017', None)
    """
    plain = {code: fold(name) for code, name in names.items()}

    def known(edition: str) -> int:
        there = _all_units()[edition]
        return sum(code in there and fold(there[code].name) == plain[code] for code in plain)

    best = max(IN_FORCE, key=known)
    return best if plain and known(best) >= _FEW * len(plain) else None
