"""Write the commented study.toml that a new study starts from."""

from importlib.resources import files
from pathlib import Path

from ..errors import OutputError, Problem, StudyError
from .read import FILE


def new_study(folder: Path | str) -> Path:
    """Make `folder` with a commented study.toml that names the usual files.

    Once the files it names lie beside it, the study passes ``phusong check``;
    lines of files one does not have are deleted.

    Parameters
    ----------
    folder : path
        Made if absent; other files in it stay.

    Returns
    -------
    Path
        The study.toml written.

    Raises
    ------
    StudyError
        If there already is one.
    OutputError
        If the folder cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     new_study(Path(folder) / "tuyen-quang").name
    'study.toml'
    """
    folder = Path(folder)
    path = folder / FILE
    template = files(__package__).joinpath("scaffold.toml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise OutputError(
            "study.not_written", folder=folder.name, detail=refused.strerror or ""
        ) from refused
    try:
        with path.open("x", encoding="utf-8", newline="\n") as new:
            new.write(template)
    except FileExistsError:
        raise StudyError(
            [Problem(message="study.exists", file=FILE, values={"folder": folder.name})]
        ) from None
    return path
