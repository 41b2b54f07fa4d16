"""Vietnamese and English words for everything a person reads.

Words live in ``words/*.toml``, one file a room, so that a translator never
opens Python. A key is ``file.name``; each has a ``vi`` and an ``en`` text with
the same ``{placeholders}``; `fill` says how they are written. `LANGUAGES` are the
two, Vietnamese first; `Bilingual` is a text in both. This module knows no other room.
"""

import string
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from numbers import Integral, Real
from typing import Any, Literal

from .._text import visible

__all__ = [
    "LANGUAGES",
    "Bilingual",
    "Language",
    "both",
    "catalogue",
    "date_text",
    "fill",
    "fold",
    "number",
    "percent",
    "text",
    "words",
]

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, Language] = ("vi", "en")
_MARKS = {"vi": str.maketrans(",.-", ".,−"), "en": str.maketrans("-", "−")}
"""How a language writes the marks of a number; below zero stands a minus, which is no hyphen."""


@dataclass(frozen=True)
class Bilingual:
    """One text in Vietnamese and English.

    Parameters
    ----------
    vi, en : str

    Examples
    --------
    >>> Bilingual("Xã", "Commune")["en"]
    'Commune'
    """

    vi: str
    en: str

    def __getitem__(self, lang: Language) -> str:
        """Return the text in one language.

        Raises
        ------
        KeyError
            If `lang` is neither "vi" nor "en".
        """
        return {"vi": self.vi, "en": self.en}[lang]


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return every text in both languages by key.

    Returns
    -------
    mapping
        ``{"room.name": {"vi": …, "en": …}}``, with unfilled placeholders.

    Examples
    --------
    >>> catalogue()["common.yes"]["vi"]
    'có'
    """
    words: dict[str, Mapping[str, str]] = {}
    for entry in sorted(files(__name__).joinpath("words").iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".toml"):
            continue
        room = entry.name.removesuffix(".toml")
        for name, texts in tomllib.loads(entry.read_text(encoding="utf-8")).items():
            words[f"{room}.{name}"] = texts
    return words


def text(key: str, lang: Language, /, **values: object) -> str:
    """Return the words behind `key` in one language, placeholders filled.

    Parameters
    ----------
    key : str
        ``room.name``, as in ``words/room.toml``.
    lang : {"vi", "en"}
        Language wanted.
    **values : object
        What the placeholders stand for, as `fill` writes them.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If the key has no words: a fault of the program, never of its input.

    Examples
    --------
    >>> text("common.yes", "vi"), text("common.yes", "en")
    ('có', 'yes')
    """
    return fill(catalogue()[key][lang], lang, values)


class _Filler(string.Formatter):
    """Writes what stands in a placeholder as one language does."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, other = format_spec.split("|")
            return one if value == 1 else other
        if isinstance(value, Bilingual):
            value = value[self._lang]
        if isinstance(value, str):
            return visible(value)
        if isinstance(value, date):
            return date_text(value, self._lang)
        shown = format(value, format_spec)
        # A whole number may be a code, a year or a row: no marks unless they are asked for.
        marked = isinstance(value, Real) and bool(format_spec or not isinstance(value, Integral))
        return shown.translate(_MARKS[self._lang]) if marked else shown


def fill(template: str, lang: Language, values: Mapping[str, object]) -> str:
    """Return a template of our own with its placeholders filled.

    ``{count:row|rows}`` chooses by number: the first for 1, the second for all
    others. ``{area:,.1f}`` writes a number as Python does in English, and with a
    decimal comma in Vietnamese; below zero with a minus. A date is written as
    `date_text` does, and of a `Bilingual` the text of the language. Of texts,
    control characters and marks of direction are made visible.

    Parameters
    ----------
    template : str
        From code or catalogue, never from a file of the user's.
    lang : {"vi", "en"}
        Language of the template.
    values : mapping
        What the placeholders stand for. Whole numbers without a format are
        written as they come: they may be codes, years or rows.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If a placeholder stands for nothing.

    Examples
    --------
    >>> fill("{count:,} {count:row|rows}", "en", {"count": 1})
    '1 row'
    >>> fill("{count:,} dòng, {share} %", "vi", {"count": 1514, "share": 2.5})
    '1.514 dòng, 2,5 %'
    """
    return _Filler(lang).vformat(template, (), values)


def both(write: Callable[[Language], str]) -> Bilingual:
    """Return what `write` makes of each language.

    Parameters
    ----------
    write : callable
        Takes the language, returns the text.

    Returns
    -------
    Bilingual

    Examples
    --------
    >>> both(lambda lang: number(1514, lang))
    Bilingual(vi='1.514', en='1,514')
    """
    return Bilingual(*map(write, LANGUAGES))


def words(key: str, /, **values: object) -> Bilingual:
    """Return the words behind `key` in both languages, placeholders filled.

    Parameters
    ----------
    key : str
        As for `text`.
    **values : object
        What the placeholders stand for, the same in both languages.

    Returns
    -------
    Bilingual

    Raises
    ------
    KeyError
        If the key has no words.

    Examples
    --------
    >>> words("common.yes")
    Bilingual(vi='có', en='yes')
    """
    return both(lambda lang: text(key, lang, **values))


def number(value: float, lang: Language, *, decimals: int = 0) -> str:
    """Write a number as the language does.

    Parameters
    ----------
    value : float
        NaN becomes an en dash.
    lang : {"vi", "en"}
        A comma before the decimals, or a point.
    decimals : int
        How many.

    Returns
    -------
    str

    Examples
    --------
    >>> number(1514, "vi"), number(1514, "en"), number(-98.55, "vi", decimals=2)
    ('1.514', '1,514', '−98,55')
    """
    if value != value:
        return "–"
    # "z" leaves no minus before a number that is rounded to zero.
    return f"{value:z,.{decimals}f}".translate(_MARKS[lang])


def percent(share: float, lang: Language, *, decimals: int = 1) -> str:
    """Write a share from 0 to 1 as a percentage.

    Parameters
    ----------
    share : float
        From 0 to 1; NaN becomes an en dash.
    lang : {"vi", "en"}
        A comma before the decimals, or a point.
    decimals : int
        How many.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.98, "vi"), percent(0.98, "en")
    ('98,0 %', '98.0 %')
    """
    if share != share:
        return "–"
    return f"{number(100 * share, lang, decimals=decimals)} %"


def date_text(day: date, lang: Language) -> str:
    """Write a date as the language does.

    Parameters
    ----------
    day : date
        A time of day is left out.
    lang : {"vi", "en"}
        Day/month/year, or year-month-day.

    Returns
    -------
    str

    Examples
    --------
    >>> date_text(date(2017, 12, 31), "vi"), date_text(date(2017, 12, 31), "en")
    ('31/12/2017', '2017-12-31')
    """
    return f"{day:%d/%m/%Y}" if lang == "vi" else f"{day:%Y-%m-%d}"


def fold(name: str) -> str:
    """Reduce a Vietnamese name to plain lower-case letters, for searching and matching.

    Parameters
    ----------
    name : str
        In any Unicode form.

    Returns
    -------
    str
        Without accents, đ as d, one space between words.

    Examples
    --------
    >>> fold("Xín Mần"), fold("Đồng Văn"), fold("Hoà") == fold("Hòa")
    ('xin man', 'dong van', True)
    """
    decomposed = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(plain.split())
