"""TOML files that people write: read one, and say in our words what a model refuses in it.

Knows what a study's file is called, and no key of any. A room brings its models and its words,
and what only it can tell: on which line a key stands, which known key is most like a wrong one.
"""

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from .errors import InputError, Problem
from .i18n import Bilingual

STUDY_FILE = "study.toml"
MESSAGES: Mapping[str, str] = {
    "extra_forbidden": "unknown_key",
    "missing": "missing_key",
    "literal_error": "choice",
    "string_pattern_mismatch": "pattern",
}
"""By pydantic's type of error: the message, in every room's words, that tells how to mend it."""

# Parsing a key of n dotted parts takes n² time and memory: 100 kB of them take minutes.
_LONG_KEY = re.compile(
    r"""(?<![\w"'.-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""", re.ASCII
)


def read_toml(
    path: Path, *, room: str, largest_bytes: int, refusal: type[InputError] = InputError
) -> tuple[str, dict[str, Any]]:
    """Return the text of a TOML file and what it says.

    Parameters
    ----------
    path : path
        A file that is there.
    room : str
        Whose words tell what is wrong: ``too_large``, ``not_utf8``, ``syntax``.
    largest_bytes : int
        Size above which a file holds more than settings.
    refusal : type of InputError
        What is raised.

    Raises
    ------
    InputError
        If the file is too large, not UTF-8 or no TOML.
    """  # noqa: DOC501  `refused` makes an InputError

    def refused(message: str, **values: Any) -> InputError:
        return refusal([Problem(message=f"{room}.{message}", file=path.name, values=values)])

    if path.stat().st_size > largest_bytes:
        raise refused("too_large", megabytes=largest_bytes / 1e6, kilobytes=largest_bytes // 1000)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused("not_utf8") from None
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.start()) + 1
        raise refused("syntax", detail=f"a key of more than 100 parts (at line {line})")
    try:
        return text, deepcopy(_parsed(text))
    except (ValueError, RecursionError) as broken:  # thousands of digits are a plain ValueError
        raise refused("syntax", detail=str(broken)) from None


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """Return what a TOML text says, not to be changed: each theme reads the one it builds on."""
    return tomllib.loads(text)


def problem_of(
    error: ErrorDetails,
    *,
    room: str,
    file: str,
    line: int | None = None,
    messages: Mapping[str, str] = MESSAGES,
    **hints: str | Bilingual,
) -> Problem:
    """Turn one validation error into a problem that a person can mend.

    An error whose type is a message key of the room (``room.name``) is the
    room's own: its context are the values of the words.

    Parameters
    ----------
    error : ErrorDetails
        One of ``ValidationError.errors()``.
    room : str
        Whose words tell what is wrong; ``invalid`` where `messages` knows no better.
    file : str
        Name of the file.
    line : int, optional
        Line of the file, from 1.
    messages : mapping
        Message by pydantic's type of error.
    **hints : str or Bilingual
        More values for the words.
    """
    parts = [part for part in error["loc"] if part != "[key]"]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in parts) or None
    kind, context = error["type"], error.get("ctx", {})
    if kind.startswith(f"{room}."):
        return Problem(message=kind, file=file, line=line, key=key, values=context)
    limits = (f"{context[name]:g}" for name in ("gt", "ge", "lt", "le") if name in context)
    return Problem(
        message=f"{room}.{messages.get(kind, 'invalid')}",
        file=file,
        line=line,
        key=key,
        value=None if kind in {"missing", "extra_forbidden"} else error["input"],
        values={
            "expected": context.get("expected", ""),
            "limit": next(limits, ""),
            "pattern": context.get("pattern", ""),
            "detail": error["msg"],
            **hints,
        },
    )
