"""Find and read map themes; refuse a wrong one with file, line, key and remedy."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .._resources import resource_folder
from .._settings import problem_of, read_toml
from ..errors import InputError, Problem
from .lines import line_of
from .theme import Theme

LARGEST_THEME_BYTES = 200_000
PAINTS = ("colour", "classes", "categories")


def theme_names() -> tuple[str, ...]:
    """Return the names of the shipped themes.

    Returns
    -------
    tuple of str
        Sorted.

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

    Returns
    -------
    Theme

    Raises
    ------
    InputError
        With every fault of the file and its line: absent, TOML syntax, unknown
        or missing keys, tables and fields that `tables` does not know.

    Examples
    --------
    >>> open_theme("overview").layers[0].table
    'communes'
    """
    path = Path(theme)
    if path.suffix != ".toml":
        path = _shipped(str(theme))
    text, keys = _read(path)
    if "base" in keys:
        keys = _upon(_base(keys, path.name), keys)
    try:
        return Theme.model_validate(keys)
    except ValidationError as invalid:
        raise InputError(
            problem_of(error, room="maps", file=path.name, line=line_of(text, error["loc"]))
            for error in _roots(invalid.errors())
        ) from None


def _shipped(name: str) -> Path:
    return resource_folder("maps") / f"{name}.toml"


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    if not path.is_file():
        known = ", ".join(theme_names())
        raise InputError([Problem(message="maps.absent", file=path.name, values={"known": known})])
    return read_toml(path, room="maps", largest_bytes=LARGEST_THEME_BYTES)


def _base(keys: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Return the keys of the shipped theme that this one builds on."""
    name = keys["base"]
    if name not in theme_names():
        known = ", ".join(theme_names())
        problem = Problem(
            message="maps.unknown_base", file=file, key="base", value=name, values={"known": known}
        )
        raise InputError([problem])
    return _read(_shipped(name))[1]


def _upon(base: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the theme's keys with what it leaves to its base.

    Of the base's layers only those are taken that the theme names by their id;
    of its cards those of the tables drawn. A layer with a paint of its own does
    not take the base's.
    """
    theirs = {layer["id"]: layer for layer in base["layers"]}
    layers = [
        _layer_upon(theirs.get(layer.get("id")), layer) if isinstance(layer, dict) else layer
        for layer in keys.get("layers", [])
    ]
    drawn = {layer.get("table") for layer in layers if isinstance(layer, dict)}
    cards = {name: card for name, card in base.get("cards", {}).items() if name in drawn}
    general = {
        name: base[name] for name in ("simplify_m", "close_cracks_m", "relief") if name in base
    }
    own = {name: value for name, value in keys.items() if name not in {"base", "layers", "cards"}}
    given = keys.get("cards", {})
    merged = general | own | {"cards": cards | given if isinstance(given, dict) else given}
    return merged | {"layers": layers} if layers else merged


def _layer_upon(theirs: Mapping[str, Any] | None, layer: Mapping[str, Any]) -> dict[str, Any]:
    if theirs is None:
        return dict(layer)
    painted = any(paint in layer for paint in PAINTS)
    kept = {name: value for name, value in theirs.items() if not (painted and name in PAINTS)}
    return kept | dict(layer)


def _roots(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short where it only is so for its faulty items."""
    places = [error["loc"] for error in errors]

    def follows(error: ErrorDetails) -> bool:
        loc = error["loc"]
        return error["type"] == "too_short" and any(
            len(place) > len(loc) and place[: len(loc)] == loc for place in places
        )

    return [error for error in errors if not follows(error)]
