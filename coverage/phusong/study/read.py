"""Read study.toml; refuse unknown keys, missing files and paths outside the folder."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .._settings import MESSAGES, problem_of, read_toml
from .._text import text_fault
from ..errors import Problem, StudyError
from .model import Input, Study

FILE = "study.toml"
LARGEST_STUDY_BYTES = 1_000_000


def open_study(folder: Path | str) -> Study:
    """Read and check the study in `folder`.

    Parameters
    ----------
    folder : path
        The folder that holds ``study.toml``, or the file itself.

    Returns
    -------
    Study
        Its `folder` is absolute, links followed.

    Raises
    ------
    StudyError
        With every fault of the file: TOML syntax, unknown or missing keys,
        values out of range, files that are missing or lie outside the folder.

    Examples
    --------
    >>> import phusong
    >>> phusong.open_study(phusong.sample_folder()).crs
    'EPSG:9209'
    """
    folder = Path(folder)
    if folder.name == FILE:
        folder = folder.parent
    keys = _parse(folder)
    if "folder" in keys:
        raise StudyError([_problem("unknown_key", "folder", nearest="–")])
    try:
        study = Study.model_validate({**keys, "folder": folder.resolve()})
    except ValidationError as invalid:
        raise StudyError([_translate(error) for error in invalid.errors()]) from None
    problems = [
        problem
        for name, source in study.inputs.files
        if (problem := _misplaced(study.folder, name, source)) is not None
    ]
    problems += _misplaced_antennas(study)
    if problems:
        raise StudyError(problems)
    return study


def _parse(folder: Path) -> dict[str, Any]:
    path = folder / FILE
    if not path.is_file():
        raise StudyError([_problem("absent", folder=folder.name or str(folder))])
    return read_toml(path, room="study", largest_bytes=LARGEST_STUDY_BYTES, refusal=StudyError)[1]


def _problem(message: str, key: str | None = None, value: object = None, **values: Any) -> Problem:
    return Problem(message=f"study.{message}", file=FILE, key=key, value=value, values=values)


def _misplaced(folder: Path, name: str, source: Input) -> Problem | None:
    """Tell why an input file cannot be used, if so; links are followed first."""
    key = f"inputs.{name}"
    try:
        return _misplaced_file(folder, key, source)
    except (OSError, ValueError, RuntimeError):  # no name of a file; a link in a circle
        return _problem("no_file", key, source.path, nearest="–")


def _misplaced_file(folder: Path, key: str, source: Input) -> Problem | None:
    path = folder / source.path
    if Path(source.path).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        return _problem("outside", key, source.path)
    if not path.is_file():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        nearest = difflib.get_close_matches(path.name, siblings, n=1)
        return _problem("no_file", key, source.path, nearest=nearest[0] if nearest else "–")
    return None


def _misplaced_antennas(study: Study) -> list[Problem]:
    """Tell why the folder of pattern files cannot be used, if so; links are followed first."""
    key, name, root = "inputs.antennas", study.inputs.antennas, study.folder.resolve()
    if name is None:
        return []
    try:
        folder = study.folder / name
        if Path(name).is_absolute() or not folder.resolve().is_relative_to(root):
            return [_problem("outside", key, name)]
        if not folder.is_dir():
            return [_problem("no_folder", key, name)]
        files = study.antenna_files
        away = [shown for shown, path in files.items() if not path.resolve().is_relative_to(root)]
    except (OSError, ValueError, RuntimeError):  # no name of a folder; a link in a circle
        return [_problem("no_folder", key, name)]
    if not files:
        return [_problem("no_patterns", key, name)]
    if unfit := [shown for shown in files if text_fault(shown)]:  # no manifest could name them
        return [_problem("unprintable", key, shown) for shown in unfit]
    return [_problem("outside", key, shown) for shown in away]


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
    "finite_number": "not_number",
}


def _translate(error: ErrorDetails) -> Problem:
    nearest = _nearest([part for part in error["loc"] if part != "[key]"])
    return problem_of(error, room="study", file=FILE, messages=_MESSAGES, nearest=nearest)


def _nearest(location: Sequence[str | int]) -> str:
    """Return the known key most like the last of `location`, or a dash."""
    model: Any = Study
    for part in location[:-1]:
        if isinstance(part, str) and part in getattr(model, "model_fields", {}):
            model = _model_in(model.model_fields[part].annotation)
    known = list(getattr(model, "model_fields", {}))
    found = difflib.get_close_matches(str(location[-1]) if location else "", known, n=1)
    return found[0] if found else "–"


def _model_in(annotation: Any) -> Any:
    """Return the model that an annotation such as ``tuple[Service, ...]`` holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
