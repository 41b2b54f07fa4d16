"""Find a commune by its name, in the ways people write it and the names it had in other editions.

Knows names; no file. What may be meant by several communes is not guessed.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Literal

from rapidfuzz import fuzz, process

from ..i18n import fold
from .units import IN_FORCE, Unit, links, recognise, units

How = Literal["exact", "spelling", "edition", "letters", "alike"]
"""By its name; but for the place of accents, i and y, hyphens, case or its type; by its name in
another edition; without accents or with others; with a slip."""

ALIKE, MARGIN = 90.0, 10.0
"""In %: how alike a slip must be to the name meant, and how much less to any other."""
CANDIDATE, SHOWN = 60.0, 3
"""In %: how alike a name is at least to be offered where none was found; how many are."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_KINDS = {
    "xã": "xã", "x": "xã", "phường": "phường", "p": "phường", "ph": "phường", "f": "phường",
    "thị trấn": "thị trấn", "tt": "thị trấn", "ttr": "thị trấn", "đặc khu": "đặc khu",
    "đk": "đặc khu", "commune": "xã", "ward": "phường", "township": "thị trấn",
}  # fmt: skip
_KINDS_FOLDED = {fold(kind): meant for kind, meant in _KINDS.items()}
_KIND = re.compile(
    rf"({'|'.join(sorted(map(re.escape, {*_KINDS, *_KINDS_FOLDED}), key=len, reverse=True))})"
    r"(?:\.\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_DISTRICT = re.compile(
    r"(?:huyện|huyen|quận|quan|thành phố|thanh pho|thị xã|thi xa|tp|tx|h|q)(?:\.\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[\s\-‐‑–—_.,'’`]+")


@lru_cache(maxsize=100_000)
def spelling(name: str) -> str:
    """Reduce a name to what is spoken: accents wherever they stand, i and y alike, no hyphens.

    Parameters
    ----------
    name : str
        In any case and Unicode form, without its type.

    Returns
    -------
    str
        Each syllable with its tone behind it.

    Examples
    --------
    >>> spelling("Thuận Hoà") == spelling("THUẬN HÒA"), spelling("Nậm Tỵ") == spelling("Nậm Tị")
    (True, True)
    >>> spelling("Phó Bảng") == spelling("Phố Bảng"), spelling("Lao-Chải") == spelling("Lao Chải")
    (False, True)
    """
    letters = unicodedata.normalize("NFD", name.replace("Ð", "Đ").replace("ð", "đ").casefold())
    syllables = []
    for word in _BREAKS.split(letters):
        tone = "".join(letter for letter in word if letter in _TONES)
        plain = "".join(letter for letter in word if letter not in _TONES)
        # A y that is the whole rime sounds as i: Mỹ, Mĩ; not in uy, ay, yên.
        plain = re.sub(r"(?<=[bcdđghklmnpqrstvx])y$|^y$", "i", plain)
        if plain or tone:
            syllables.append(plain + tone)
    return " ".join(syllables)


def without_kind(name: str) -> tuple[str, str | None]:
    """Return a commune's name without its type, and the type if one stands before it.

    Examples
    --------
    >>> without_kind("TT. Vị Xuyên"), without_kind("xã Xín Mần"), without_kind("Xuân Giang")
    (('Vị Xuyên', 'thị trấn'), ('Xín Mần', 'xã'), ('Xuân Giang', None))
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    found = _KIND.match(name)
    if found is None:
        return name, None
    word = found[1].casefold()
    return name[found.end() :], _KINDS.get(word) or _KINDS_FOLDED[word]


@dataclass(frozen=True)
class Named:
    """What a name was found to mean.

    Parameters
    ----------
    code : str or None
        Of the commune; None where unsure.
    how : str, optional
        See `How`.
    score : float
        How alike the letters are, up to 100.
    name : str
        The commune's name that was taken, with its district.
    candidates : tuple of str
        Where unsure: codes and names that may be meant, by code.
    """

    code: str | None
    how: How | None = None
    score: float = 0.0
    name: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """A name, and the commune that it means: its own, or another edition's."""

    unit: Unit
    code: str


class Names:
    """The names of some communes, and those they had or have in other editions.

    Parameters
    ----------
    communes : iterable of Unit
        Of one edition. Where most are known to `units`, names of other editions count too.

    Examples
    --------
    >>> names = Names(units("2017").values())
    >>> found = names.find("xã Thuận Hòa", "Vị Xuyên")
    >>> found.code, found.how, found.name, names.find("Sà Phìn", "H. Đồng Văn").how
    ('00922', 'spelling', 'Thuận Hoà, Vị Xuyên', 'edition')
    >>> names.find("Hà Giang 1").candidates[:2]
    ('00688 phường Quang Trung, Hà Giang', '00694 phường Nguyễn Trãi, Hà Giang')
    """

    def __init__(self, communes: Iterable[Unit]) -> None:
        own = [_Entry(unit, unit.code) for unit in communes]
        self._units = {entry.code: entry.unit for entry in own}
        self._own = {how: _by(reduce, own) for how, reduce in _READINGS.items()}
        self._letters: dict[str, dict[str, str]] = {"": {}}
        for code, unit in sorted(self._units.items()):
            for district in {"", _district(unit.district)}:
                self._letters.setdefault(district, {})[code] = unit.name.casefold()
        self._districts = self._letters.keys() - {""}
        self._known: dict[tuple[str, str], Named] = {}

    def find(self, name: str, district: str | None = None) -> Named:
        """Find the commune that a name means.

        Parameters
        ----------
        name : str
            With or without its type before it.
        district : str, optional
            Its district, with or without its type; passed over if no commune has one of
            that name.

        Returns
        -------
        Named
        """
        key = name, district or ""
        if key not in self._known:
            self._known[key] = self._found(name, _district(district or ""))
        return self._known[key]

    def _found(self, name: str, district: str) -> Named:
        whole = " ".join(unicodedata.normalize("NFC", name).split())
        plain, kind = without_kind(name)
        sure = district in self._districts
        if self._districts and not sure:
            district = ""
        # The whole first: Phuong Thien is no ward called Thien.
        for text, of_kind in dict.fromkeys(((whole, None), (plain, kind))):
            for how, entries in self._readings(text):
                there = [one for one in entries if _stands_in(one, district)]
                meant = {one.code: one for one in reversed(there)}
                if of_kind is not None and len(meant) > 1:
                    those = {code: one for code, one in meant.items() if one.unit.type == of_kind}
                    meant = those or meant
                weak = how == "letters" and not (sure or text.isascii())
                if len(meant) == 1 and not weak:
                    return _taken(next(iter(meant.values())), text, how)
                if meant:
                    return Named(None, candidates=self._listed(meant))
        return self._alike(plain, district, sure=sure)

    def _readings(self, name: str) -> Iterable[tuple[How, Sequence[_Entry]]]:
        """Yield the communes that a name means, read more and more freely."""
        if not spelling(name):
            return
        yield "exact", self._own["exact"].get(name, ())
        yield "spelling", self._own["spelling"].get(spelling(name), ())
        for other in self._elsewhere:
            yield "edition", other.get(spelling(name), ())
        yield "letters", self._own["letters"].get(_bare(name), ())

    def _alike(self, plain: str, district: str, *, sure: bool) -> Named:
        """Take a slip within the district; anything else only as a candidate."""
        ranked = process.extract(
            plain.casefold(),
            self._letters.get(district, self._letters[""]),
            scorer=fuzz.ratio,
            limit=SHOWN + 1,
            score_cutoff=CANDIDATE,
        )
        scores = [*(score for _, score, _ in ranked), 0.0, 0.0]
        if sure and scores[0] >= ALIKE and scores[0] - scores[1] >= MARGIN:
            code = ranked[0][2]
            return _taken(_Entry(self._units[code], code), plain, "alike")
        return Named(None, candidates=self._listed(code for _, _, code in ranked[:SHOWN]))

    def _listed(self, codes: Iterable[str]) -> tuple[str, ...]:
        known = ((code, self._units[code]) for code in sorted(codes))
        return tuple(f"{code} {unit.type} {_shown(unit)}" for code, unit in known)

    @cached_property
    def _elsewhere(self) -> Sequence[Mapping[str, Sequence[_Entry]]]:
        """The names of each other edition, the nearest first, once for each commune meant."""
        edition = recognise({code: unit.name for code, unit in self._units.items()})
        if edition is None:
            return ()
        order = list(IN_FORCE)
        others = [each for each in order if each != edition]
        others.sort(key=lambda each: abs(order.index(each) - order.index(edition)))
        found = []
        for other in others:
            there = units(other)
            entries = [
                _Entry(there[code], each)
                for code, meant in _pairs(other, edition).items()
                if meant <= self._units.keys()
                for each in sorted(meant)
            ]
            found.append(_by(spelling, entries))
        return found


@cache
def _pairs(other: str, edition: str) -> Mapping[str, frozenset[str]]:
    """Return the communes of an edition that each one of another became, or was made of."""
    pairs: dict[str, set[str]] = defaultdict(set)
    later = list(IN_FORCE).index(other) > list(IN_FORCE).index(edition)
    for link in links(edition, other) if later else links(other, edition):
        one, two = (link.to_code, link.from_code) if later else (link.from_code, link.to_code)
        pairs[one].add(two)
    return {code: frozenset(meant) for code, meant in pairs.items()}


def _by(reduce: Callable[[str], str], entries: Iterable[_Entry]) -> Mapping[str, Sequence[_Entry]]:
    found: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        found[reduce(entry.unit.name)].append(entry)
    return found


def _stands_in(entry: _Entry, district: str) -> bool:
    """Tell whether a name stands in a district; one of an edition without them, in any."""
    own = _district(entry.unit.district)
    return not district or not own or own == district


def _district(name: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", name).split())
    return _bare(_DISTRICT.sub("", text, count=1) if _DISTRICT.match(text) else text)


@lru_cache(maxsize=100_000)
def _bare(name: str) -> str:
    return " ".join(_BREAKS.split(fold(name.replace("Ð", "Đ")))).strip()


_READINGS: Mapping[How, Callable[[str], str]] = {
    "exact": str,
    "spelling": spelling,
    "letters": _bare,
}


def _score(entry: _Entry, plain: str) -> float:
    return float(fuzz.ratio(entry.unit.name.casefold(), plain.casefold()))


def _taken(entry: _Entry, plain: str, how: How) -> Named:
    score = 100.0 if how == "exact" else _score(entry, plain)
    return Named(entry.code, how, score, _shown(entry.unit))


def _shown(unit: Unit) -> str:
    return f"{unit.name}, {unit.district}" if unit.district else unit.name
