"""Fields of a form: what each holds, as it is shown, typed and written in TOML."""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import tomlkit
from tomlkit.items import Item

from ..i18n import Bilingual, both, text
from .labels import Path, help_of, label_of

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d\d0")
"""30.000 may be thirty thousand or thirty: a decimal is not written with a nought at its end."""

Kind = Literal["text", "number", "day", "choice", "choices", "lines", "file", "toml"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One field of the form.

    Parameters
    ----------
    path : tuple of str or int
        Keys that lead to the setting, numbers in lists from 0.
    kind : str
        What it is filled in with.
    value : str
        As it stands in the file; lines for `choices` and `lines`; empty if not given.
    choices : tuple of str
    bounds : mapping of str to float
        ``above`` or ``at_least``, ``below`` or ``at_most``: what a number must be.
    required : bool
        Within its section.
    default : str
        What holds where nothing is given.
    unit : str
        That the key's name carries, or nothing.
    """

    path: Path
    kind: Kind
    value: str = ""
    choices: tuple[str, ...] = ()
    bounds: Mapping[str, float] = field(default_factory=dict)
    required: bool = False
    default: str = ""
    unit: str = ""

    @property
    def name(self) -> str:
        """What the field of the page is called."""
        return dotted(self.path)

    @property
    def title(self) -> Bilingual:
        """Its label."""
        return label_of(self.path)

    @property
    def range(self) -> Bilingual | None:
        """Its bounds in words."""
        if not self.bounds:
            return None
        return both(
            lambda lang: ", ".join(
                text(f"desk.{name}", lang, value=int(value) if value == int(value) else value)
                for name, value in self.bounds.items()
            )
        )

    @property
    def help(self) -> Bilingual | None:
        """What docs/study.md says of it."""
        return help_of(self.path)


def dotted(path: Path) -> str:
    """Return a path as the name of a field.

    Examples
    --------
    >>> dotted(("services", 0, "threshold_dbm", "4G"))
    'services.0.threshold_dbm.4G'
    """
    return ".".join(map(str, path))


def shown(kind: Kind, value: Any) -> str:
    """Return a value as its field shows it."""
    if kind in ("choices", "lines") and isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str | int | float) and kind != "toml":
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return as_toml(value)


def is_sent_back(entry: Entry, content: str) -> bool:
    """Tell whether a page sends a content back as it was shown.

    A field of one line loses line ends and, here, spaces around; boxes are those of the choices.

    Parameters
    ----------
    entry : Entry
    content : str

    Returns
    -------
    bool
    """
    if entry.kind == "choices":
        ticked = content.split("\n")
        return set(ticked) <= set(entry.choices) and len(set(ticked)) == len(ticked)
    if entry.kind == "lines":
        return "\r" not in content
    return content == content.strip() and not set(content) & {"\r", "\n"}


def value_of(entry: Entry, content: str) -> Any:
    """Return what a field says; None if nothing.

    Raises
    ------
    ValueError
        If it is nothing that the field may hold.
    """
    if entry.kind in ("choices", "lines"):
        return [line.strip() for line in content.split("\n") if line.strip()] or None
    if not content:
        return None
    if entry.kind == "number":
        return _number(content)
    if entry.kind == "day":
        return date.fromisoformat(content)
    if entry.kind == "choice" and set(entry.choices) == {"true", "false"}:
        return {"true": True, "false": False}.get(content, content)
    if entry.kind == "toml" or (entry.kind == "file" and content[0] in "[{"):
        return _of_toml(content)
    return content


def _number(content: str) -> int | float:
    """Return a number; one comma stands before decimals, as Vietnamese has it."""
    plain = content.replace(" ", "").replace(",", ".")
    if _THOUSANDS.fullmatch(plain):
        raise ValueError(content)
    number = float(plain)
    if not math.isfinite(number):
        raise ValueError(content)
    return int(plain) if plain.lstrip("+-").isdecimal() else number


def _of_toml(content: str) -> Any:
    keys = tomllib.loads(f"value = {content}\n")
    if set(keys) != {"value"}:
        raise ValueError(content)
    return keys["value"]


def as_toml(value: Any) -> str:
    """Write a value on one line, as it may stand behind a key."""
    return item(value).as_string()


def item(value: Any) -> Item:
    """Return a value as what stands behind a key on one line."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, one in value.items():
            table.append(key, item(one))
        return table
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for one in value:
            array.append(item(one))
        return array
    made: Item = tomlkit.item(value)
    return made
