"""Find and read map themes; refuse a wrong one with file, key and remedy."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .._resources import resource_folder
from ..errors import InputError, Problem
from .theme import Theme

LARGEST_THEME_BYTES = 200_000


def theme_names() -> tuple[str, ...]:
    """Return the names of the shipped themes.

    Examples
    --------
    >>> "overview" in theme_names()
    True
    """
    return tuple(sorted(path.stem for path in resource_folder("maps").glob("*.toml")))


def open_theme(theme: str | Path) -> Theme:
    """Read and check a map theme.

    Parameters
    ----------
    theme : str or path
        Name of a shipped theme, such as ``"overview"``, or a TOML file.

    Raises
    ------
    InputError
        With every fault of the file: absent, TOML syntax with its line, unknown
        or missing keys, tables and fields that `tables` does not know.

    Examples
    --------
    >>> open_theme("overview").layers[0].table
    'communes'
    """
    path = Path(theme)
    if path.suffix != ".toml":
        path = resource_folder("maps") / f"{theme}.toml"
    keys = _parse(path)
    try:
        return Theme.model_validate(keys)
    except ValidationError as invalid:
        raise InputError([_translate(error, path.name) for error in invalid.errors()]) from None


def _parse(path: Path) -> dict[str, Any]:
    def refuse(message: str, **values: Any) -> InputError:
        return InputError([Problem(message=f"maps.{message}", file=path.name, values=values)])

    if not path.is_file():
        raise refuse("absent", known=", ".join(theme_names()))
    if path.stat().st_size > LARGEST_THEME_BYTES:
        raise refuse("too_large", kilobytes=LARGEST_THEME_BYTES // 1000)
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refuse("not_utf8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as broken:
        raise refuse("syntax", detail=str(broken)) from None


# Pydantic's error types, by the message of ours that tells how to mend them.
_MESSAGES = {
    "extra_forbidden": "unknown_key",
    "missing": "missing_key",
    "literal_error": "choice",
    "string_pattern_mismatch": "pattern",
}


def _translate(error: ErrorDetails, file: str) -> Problem:
    """Turn one validation error into a problem a person can mend."""
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    context = error.get("ctx", {})
    kind = error["type"]
    if kind.startswith("maps."):
        values = {name: value for name, value in context.items() if name != "key"}
        message = str(context["key"])
    else:
        message = _MESSAGES.get(kind, "invalid")
        values = {
            "expected": context.get("expected", ""),
            "pattern": context.get("pattern", ""),
            "detail": error["msg"],
        }
    shown = None if kind.startswith("maps.") or message.endswith("_key") else error["input"]
    return Problem(
        message=f"maps.{message}", file=file, key=key or None, value=shown, values=values
    )
