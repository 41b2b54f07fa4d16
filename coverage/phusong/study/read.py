"""Read study.toml; refuse unknown keys, missing files and paths outside the folder."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .._settings import STUDY_FILE, read_toml
from ..errors import StudyError, WrongKindError
from ._checks import problem, translate
from .model import Study
from .report import Report

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
    if folder.name == STUDY_FILE:
        folder = folder.parent
    return Study.checked(_parse(folder), folder.resolve())


def study_of(given: Study | Path | str, asked: str) -> Study:
    """Return a study as it is, or the one of a folder.

    Parameters
    ----------
    given : Study or path
    asked : str
        Name of what asks, for the message.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        As `open_study`.
    WrongKindError
        If it is neither.

    Examples
    --------
    >>> import phusong
    >>> study_of(phusong.sample_folder(), "run").province
    'Hà Giang'
    """
    if isinstance(given, Study):
        return given
    if not isinstance(given, str | Path):
        raise WrongKindError("study", asked, given)
    return open_study(given)


def read_report(folder: Path | str) -> Report:
    """Read who sends and signs official documents, as a study says it now; no file is looked for.

    Parameters
    ----------
    folder : path
        The folder that holds ``study.toml``.

    Returns
    -------
    Report
        Empty where the study has no such section.

    Raises
    ------
    StudyError
        With every fault of the section, or of the file.

    Examples
    --------
    >>> import phusong
    >>> read_report(phusong.sample_folder()).signatory is None
    True
    """
    keys = _parse(Path(folder))
    try:
        return Report.model_validate(keys.get("report", {}))
    except ValidationError as invalid:
        raise StudyError(
            [
                translate({**error, "loc": ("report", *error["loc"])}, Study, keys)
                for error in invalid.errors()
            ]
        ) from None


def _parse(folder: Path) -> dict[str, Any]:
    path = folder / STUDY_FILE
    if not path.is_file():
        raise StudyError([problem("absent", folder=folder.name or str(folder))])
    return read_toml(path, room="study", largest_bytes=LARGEST_STUDY_BYTES, refusal=StudyError)[1]
