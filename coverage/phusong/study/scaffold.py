"""Write the commented study.toml that a new study starts from."""

import errno
import json
import os
import re
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from ..errors import OutputError, Problem, StudyError
from .read import FILE


def new_study(
    folder: Path | str, *, ofds: Path | None = None, sheets: Mapping[str, str] | None = None
) -> Path:
    """Make `folder` with a commented study.toml that names the usual files.

    Once the files it names lie beside it, the study passes ``phusong check``;
    lines of files one does not have are deleted.

    Parameters
    ----------
    folder : path
        Made if absent; other files in it stay.
    ofds : path, optional
        An Open Fibre Data Standard document, copied into the folder and named
        instead of spans and nodes.
    sheets : mapping, optional
        Table → workbook that has it as a sheet of that name, instead of the
        table's usual file.

    Returns
    -------
    Path
        The study.toml written.

    Raises
    ------
    StudyError
        If there already is one.
    OutputError
        If the folder cannot be made, or the document cannot be copied or would replace
        another file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     new_study(Path(folder) / "tuyen-quang").name
    'study.toml'
    """  # noqa: DOC501  what is raised inside becomes one of these
    folder = Path(folder)
    path = folder / FILE
    template = files(__package__).joinpath("scaffold.toml").read_text(encoding="utf-8")
    if ofds is not None:
        template = _with_document(template, ofds.name)
    for table, workbook in (sheets or {}).items():
        value = f"{{ path = {_toml(workbook)}, sheet = {_toml(table)} }}".replace("\\", r"\\")
        template = re.sub(rf'^((?:# )?{table} = )"[^"]*"', rf"\1{value}", template, flags=re.M)
    try:
        content = template.encode("utf-8")
    except UnicodeEncodeError:  # a name of a file that is no text
        raise OutputError(
            "study.not_copied", file=ofds.name if ofds else "", detail="UTF-8"
        ) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise OutputError(
            "study.not_written", folder=folder.name, detail=refused.strerror or ""
        ) from refused
    try:
        with path.open("xb") as new:
            new.write(content)
    except FileExistsError:
        raise StudyError(
            [Problem(message="study.exists", file=FILE, values={"folder": folder.name})]
        ) from None
    except OSError as refused:  # a full disk leaves no half of it
        path.unlink(missing_ok=True)
        raise OutputError(
            "study.not_written", folder=folder.name, detail=refused.strerror or ""
        ) from refused
    if ofds is not None and os.path.realpath(ofds) != os.path.realpath(folder / ofds.name):
        try:
            if os.path.lexists(folder / ofds.name):  # the user's own, or the study.toml just made
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            shutil.copyfile(ofds, folder / ofds.name)
        except OSError as refused:
            path.unlink()
            raise OutputError(
                "study.not_copied", file=ofds.name, detail=refused.strerror or ""
            ) from refused
    return path


def _toml(value: str) -> str:
    """Write a text as TOML does: as JSON, but without a raw delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _with_document(template: str, name: str) -> str:
    """Name an OFDS document where the template names spans and nodes."""
    kept = []
    for line in template.splitlines():
        if line.startswith("# ofds = "):
            line = f"ofds = {_toml(name)}" + line[line.index("  #") :]
        if not line.startswith(("spans = ", "nodes = ")):
            kept.append(line)
    return "\n".join(kept) + "\n"
