"""A text in both languages, for pages that switch without reloading."""

from collections.abc import Callable
from dataclasses import dataclass

from .._types import Language
from ..i18n import LANGUAGES, text


@dataclass(frozen=True)
class Both:
    """One text in Vietnamese and English."""

    vi: str
    en: str

    def in_language(self, lang: Language) -> str:
        """Return the text in one language."""
        return self.vi if lang == "vi" else self.en


def both(write: Callable[[Language], str]) -> Both:
    """Return what `write` makes of each language.

    Examples
    --------
    >>> from phusong.i18n import number
    >>> both(lambda lang: number(1514, lang))
    Both(vi='1.514', en='1,514')
    """
    return Both(*map(write, LANGUAGES))


def words(key: str, /, **values: object) -> Both:
    """Return the words behind a key of `phusong.i18n` in both languages."""
    return both(lambda lang: text(key, lang, **values))
