"""What is wrong with a study: the model's faults in our words, and files that cannot be used."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .._settings import MESSAGES, STUDY_FILE, problem_of
from .._text import text_fault, visible
from ..errors import Problem, StudyError
from ..i18n import Bilingual, words

SHOWN_FILES = 8
"""As many files of the folder are named where none is called alike."""


def problem(message: str, key: str | None = None, value: object = None, **values: Any) -> Problem:
    """Return a fault of a study.toml."""
    return Problem(message=f"study.{message}", file=STUDY_FILE, key=key, value=value, values=values)


def misplaced(folder: Path, files: Iterable[tuple[str, str]]) -> list[Problem]:
    """Tell which files, each with the key that names it, cannot be used; links are followed."""
    found = (_misplaced(folder, key, path) for key, path in files)
    return [one for one in found if one is not None]


def _misplaced(folder: Path, key: str, path: str) -> Problem | None:
    try:
        return _misplaced_file(folder, key, path)
    except PermissionError:
        return problem("not_permitted", key, path)
    except (OSError, ValueError, RuntimeError):  # no name of a file; a link in a circle
        return problem("no_file", key, path, nearest=words("common.nothing_alike"))


def _misplaced_file(folder: Path, key: str, given: str) -> Problem | None:
    path = folder / given
    if Path(given).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        return problem("outside", key, given)
    if path.is_dir() and path.suffix.lower() == ".gdb":
        return None
    if not path.is_file():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        nearest = difflib.get_close_matches(path.name, siblings, n=1)
        return problem("no_file", key, given, nearest=nearest[0] if nearest else _told(siblings))
    return None


def _told(names: Iterable[str]) -> Bilingual:
    """Say that none is alike, and what else is there: people's files have names of their own."""
    others = sorted(name for name in names if name != STUDY_FILE and not name.startswith("."))
    if not others:
        return words("common.nothing_alike")
    more = ["…"] if len(others) > SHOWN_FILES else []
    files = ", ".join([*map(visible, others[:SHOWN_FILES]), *more])
    return words("study.none_alike_among", files=files)


def misplaced_antennas(
    folder: Path, name: str | None, pattern_files: Callable[[], Mapping[str, Path]]
) -> list[Problem]:
    """Tell why the folder of pattern files cannot be used, if so; links are followed first."""
    key, root = "inputs.antennas", folder.resolve()
    if name is None:
        return []
    try:
        path = folder / name
        if Path(name).is_absolute() or not path.resolve().is_relative_to(root):
            return [problem("outside", key, name)]
        if not path.is_dir():
            return [problem("no_folder", key, name)]
        files = pattern_files()
        away = [shown for shown, path in files.items() if not path.resolve().is_relative_to(root)]
    except PermissionError:
        return [problem("not_permitted", key, name)]
    except (OSError, ValueError, RuntimeError):  # no name of a folder; a link in a circle
        return [problem("no_folder", key, name)]
    if not files:
        return [problem("no_patterns", key, name)]
    if unfit := [shown for shown in files if text_fault(shown)]:  # no manifest could name them
        return [problem("unprintable", key, shown) for shown in unfit]
    return [problem("outside", key, shown) for shown in away]


def change(settings: dict[str, Any], key: str, value: object, model: type[BaseModel]) -> None:
    """Set one key of a study's settings, in place; see `Study.replace`."""
    *parts, last = key.split(".")
    inside: Any = settings
    for depth, part in enumerate(parts):
        if isinstance(inside, dict):
            # A section that is not there yet is begun; the model knows whether it may be.
            inside[part] = _open(inside.get(part))
            inside = inside[part]
        else:
            inside = inside[_position(inside, part, ".".join(parts[: depth + 1]))]
        if not isinstance(inside, dict | list):
            nearest = nearest_key([*parts[:depth], part], model)
            raise StudyError([problem("unknown_key", key, nearest=nearest)])
        inside = _alone(inside, [*parts, last][depth + 1])
    if isinstance(inside, dict):
        inside[last] = value
    else:
        inside[_position(inside, last, key)] = value


def told_of_changes(refused: StudyError, changes: Mapping[str, Any]) -> StudyError:
    """Return what is wrong with changed settings, with what mends it where no file is edited."""
    sections = {key: value for key, value in changes.items() if isinstance(value, Mapping)}
    example = next(
        (f"{key}.{inner}" for key, value in sections.items() for inner in value),
        "services.1.location_probability",
    )
    return StudyError(
        [
            replace(one, message="study.missing_in_changed", values={"example": example})
            if one.message == "study.missing_key"
            else one
            for one in refused.problems
        ]
    )


def _alone(inside: Any, part: str) -> Any:
    """Return the only file of a table instead of the list of its files, unless it is numbered."""
    entries = inside if isinstance(inside, list) else []
    files = [entry for entry in entries if isinstance(entry, dict) and "path" in entry]
    return files[0] if len(entries) == len(files) == 1 and part != "1" else inside


def _open(value: Any) -> Any:
    if value is None:
        return {}
    return list(value) if isinstance(value, tuple) else value


def _position(entries: list[Any], name: str, key: str) -> int:
    """Return where the entry of an id, name or number stands in a list."""
    known = [
        str(entry.get("id", number)) if isinstance(entry, dict) else str(number)
        for number, entry in enumerate(entries, start=1)
    ]
    numbers = list(map(str, range(1, len(entries) + 1)))
    for names in (known, numbers):
        if name in names:
            return names.index(name)
    raise StudyError([problem("no_entry", key, known=", ".join(known) or "–")])


_MESSAGES = {
    **MESSAGES,
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_big",
    "less_than_equal": "too_big",
    "too_short": "empty_list",
    "string_type": "not_text",
    "float_type": "not_number",
    "int_type": "not_number",
    "date_type": "not_date",
    "bool_type": "not_boolean",
    "tuple_type": "not_list",
    "dict_type": "not_section",
    "model_type": "not_section",
    "model_attributes_type": "not_section",
    "finite_number": "not_number",
}


def translate(error: ErrorDetails, model: type[BaseModel], keys: Mapping[str, Any]) -> Problem:
    """Say in our words what a model refuses in the keys of a study.toml."""
    error = {**error, "loc": _as_written(error["loc"], keys)}
    nearest = nearest_key([part for part in error["loc"] if part != "[key]"], model)
    return problem_of(error, room="study", file=STUDY_FILE, messages=_MESSAGES, nearest=nearest)


def _as_written(location: Sequence[str | int], keys: Any) -> tuple[str | int, ...]:
    """Return a place without the numbers of values that stand alone where a list may."""
    written: list[str | int] = []
    for part in location:
        if isinstance(part, int) and not isinstance(keys, list | tuple):
            continue
        written.append(part)
        try:
            keys = keys[part]
        except (LookupError, TypeError):
            keys = None
    return tuple(written)


def nearest_key(location: Sequence[str | int], model: Any) -> str | Bilingual:
    """Return the known key most like the last of `location`, or that there is none."""
    for part in location[:-1]:
        if isinstance(part, str) and part in getattr(model, "model_fields", {}):
            model = _model_in(model.model_fields[part].annotation)
    known = list(getattr(model, "model_fields", {}))
    found = difflib.get_close_matches(str(location[-1]) if location else "", known, n=1)
    return found[0] if found else words("common.nothing_alike")


def _model_in(annotation: Any) -> Any:
    """Return the model that an annotation such as ``tuple[Service, ...]`` holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
