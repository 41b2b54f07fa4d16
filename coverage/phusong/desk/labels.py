"""What a setting is called, and what docs/study.md says of it."""

import json
from functools import cache
from importlib.resources import files

from ..i18n import LANGUAGES, Bilingual, catalogue, words

Path = tuple[str | int, ...]
"""Keys that lead to a setting, numbers in lists from 0."""


def label_of(path: Path) -> Bilingual:
    """Return what a setting is called.

    Parameters
    ----------
    path : tuple of str or int

    Returns
    -------
    Bilingual
    """
    keys = [part for part in path if isinstance(part, str)]
    for name in ("_".join(keys), "_".join(keys[-2:]), keys[-1]):
        if f"desk.key_{name}" in catalogue():
            return words(f"desk.key_{name}")
    above = words(f"desk.key_{keys[-2]}")
    return Bilingual(*(f"{above[lang]} {keys[-1]}" for lang in LANGUAGES))


def choice_title(choice: str) -> Bilingual:
    """Return what a choice is called, as a list of choices shows it.

    Parameters
    ----------
    choice : str

    Returns
    -------
    Bilingual
        The value itself at the end, or alone where it needs no words.
    """
    for key in (f"desk.choice_{choice}", f"maps.value_{choice}"):
        if key in catalogue():
            told = words(key)
            return Bilingual(*(f"{told[lang]} ({choice})" for lang in LANGUAGES))
    return Bilingual(choice, choice)


def help_of(path: Path) -> Bilingual | None:
    """Return what docs/study.md says of a key.

    Parameters
    ----------
    path : tuple of str or int

    Returns
    -------
    Bilingual or None
    """
    told = _help().get(".".join(part for part in path if isinstance(part, str)))
    return None if told is None else Bilingual(told["vi"], told["en"])


@cache
def _help() -> dict[str, dict[str, str]]:
    content = files(__package__).joinpath("help.json").read_text(encoding="utf-8")
    told: dict[str, dict[str, str]] = json.loads(content)
    return told
