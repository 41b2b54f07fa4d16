"""Vietnamese and English words for everything a person reads.

Words live in ``words/*.toml``, one file a room, so that a translator never
opens Python. A key is ``file.name``; each has a ``vi`` and an ``en`` text with
the same ``{placeholders}``. `LANGUAGES` are the two, Vietnamese first; `Bilingual`
is a text in both. This module knows no other room.
"""

import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .._text import visible
from .._types import Language

__all__ = [
    "LANGUAGES",
    "Bilingual",
    "both",
    "catalogue",
    "fold",
    "number",
    "percent",
    "text",
    "words",
]

LANGUAGES: tuple[Language, Language] = ("vi", "en")


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
        What the placeholders stand for. Floats are written as they come; use
        `number` first where a person reads them. Of texts, control characters
        and marks of direction are made visible.

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
    shown = {
        name: visible(value) if isinstance(value, str) else value for name, value in values.items()
    }
    return catalogue()[key][lang].format_map(shown)


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
    >>> number(1514, "vi"), number(1514, "en"), number(7927.55, "vi", decimals=2)
    ('1.514', '1,514', '7.927,55')
    """
    if value != value:
        return "–"
    english = f"{value:,.{decimals}f}"
    if lang == "en":
        return english
    return english.translate(str.maketrans(",.", ".,"))


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
