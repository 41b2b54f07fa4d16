"""A text in both languages, for pages that switch without reloading."""

from collections.abc import Callable
from dataclasses import dataclass

from .._types import Language
from ..i18n import LANGUAGES, text


@dataclass(frozen=True)
class Both:
    """One text in Vietnamese and English.

    Parameters
    ----------
    vi, en : str
    """

    vi: str
    en: str

    def in_language(self, lang: Language) -> str:
        """Return the text in one language.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
        """
        return self.vi if lang == "vi" else self.en


def both(write: Callable[[Language], str]) -> Both:
    """Return what `write` makes of each language.

    Parameters
    ----------
    write : callable
        Takes the language, returns the text.

    Returns
    -------
    Both

    Examples
    --------
    >>> from phusong.i18n import number
    >>> both(lambda lang: number(1514, lang))
    Both(vi='1.514', en='1,514')
    """
    return Both(*map(write, LANGUAGES))


def words(key: str, /, **values: object) -> Both:
    """Return the words behind a key of `phusong.i18n` in both languages.

    Parameters
    ----------
    key : str
        As for `phusong.i18n.text`.
    **values : object
        What the placeholders stand for, the same in both languages.

    Returns
    -------
    Both

    Raises
    ------
    KeyError
        If the key has no words.

    Examples
    --------
    >>> words("common.yes")
    Both(vi='có', en='yes')
    """
    return both(lambda lang: text(key, lang, **values))
