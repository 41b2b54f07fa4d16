"""Where a study of the desk keeps its things, and which studies were opened last."""

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from secrets import token_hex

import psutil
import typer

from .._settings import STUDY_FILE
from ..errors import OutputError

RESULTS = "ket-qua"
"""Where the desk has results written, within the study's folder."""
GIVEN = "gui-di"
"""Where documents, files and editions to be given out are written."""
LARGEST_UPLOAD_BYTES = 2_000_000_000
"""Bytes of one file; a national elevation model is smaller."""
_KEPT = ".phusong"
_RECENT = 12
# What Windows, too, can store; a dot in front would hide the file.
_FILE_NAME = re.compile(r'[^\s.<>:"/\\|?*\x00-\x1f\x7f][^<>:"/\\|?*\x00-\x1f\x7f]{0,149}')
_DEVICES = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)")


@dataclass(frozen=True)
class StudyFolder:
    """A study's folder as the desk sees it.

    Parameters
    ----------
    path : Path
        Absolute, links followed.
    """

    path: Path

    @classmethod
    def at(cls, folder: Path | str) -> "StudyFolder":
        """Return the folder, links followed.

        Parameters
        ----------
        folder : path
            ``~`` is the user's home.

        Returns
        -------
        StudyFolder
        """
        return cls(Path(os.path.realpath(Path(folder).expanduser())))

    @property
    def key(self) -> str:
        """What addresses name it by."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]

    @property
    def settings(self) -> Path:
        """Its ``study.toml``, which may be absent."""
        return self.path / STUDY_FILE

    @property
    def results(self) -> Path:
        """Where its results are written."""
        return self.path / RESULTS

    @property
    def given(self) -> Path:
        """Where what is made to be given out is written."""
        return self.path / GIVEN

    @property
    def check(self) -> Path:
        """Where the answer of a check is written."""
        return self.path / "check"

    @property
    def cache(self) -> Path:
        """Where computed losses are kept, so that a stopped run goes on quickly."""
        return self._kept / "cache"

    @property
    def mark(self) -> Path:
        """A file that is there while something is computed, and after the desk was killed."""
        return self._kept / "work.json"

    @property
    def _kept(self) -> Path:
        return self.path / _KEPT

    def unfinished(self) -> tuple[str, dict[str, str]] | None:
        """Return what was being done when the desk was killed, and with which options.

        Returns
        -------
        (str, dict) or None
        """
        if self.at_work_elsewhere:
            return None
        try:
            told = json.loads(self.kept(self.mark.name) or "")
            options = {str(name): str(value) for name, value in told["options"].items()}
            return str(told["task"]), options
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None

    @property
    def at_work_elsewhere(self) -> bool:
        """Whether a task of another desk is at work: its icon was pressed twice."""
        try:
            told = json.loads(self.kept(self.mark.name) or "")
            pid, began = int(told["desk"][0]), float(told["desk"][1])
            # The system's clock may be set meanwhile, which moves all beginnings a little.
            return pid != os.getpid() and abs(psutil.Process(pid).create_time() - began) < 1
        except (ValueError, LookupError, TypeError, RecursionError, OverflowError, psutil.Error):
            return False

    def begin(self, task: str, options: Mapping[str, str] | None = None) -> None:
        """Note that a task is at work.

        Parameters
        ----------
        task : str
        options : mapping, optional
            That it was begun with.

        Raises
        ------
        OutputError
            If ``.phusong`` is a link.
        OSError
            If the folder cannot be written.
        """
        desk = os.getpid(), psutil.Process().create_time()  # numbers of processes come again
        told = {"task": task, "options": dict(options or {}), "desk": desk}
        self.keep(self.mark.name, json.dumps(told))

    def end(self) -> None:
        """Note that nothing is at work."""
        self.mark.unlink(missing_ok=True)

    def files(self) -> list[tuple[str, int]]:
        """Return the files a user put here.

        Returns
        -------
        list of (str, int)
            Names, in order, and bytes.
        """
        return sorted(
            (one.name, one.stat().st_size)
            for one in self.path.iterdir()
            if one.is_file() and one.name != STUDY_FILE and not one.name.startswith((".", "~$"))
        )

    def file_to_write(self, name: str) -> Path:
        """Return where a file of this name is to be stored.

        Parameters
        ----------
        name : str

        Returns
        -------
        Path

        Raises
        ------
        OutputError
            If the name is none that a file in this folder can have.
        """
        name = unicodedata.normalize("NFC", name)
        unfit = not _FILE_NAME.fullmatch(name) or name.endswith((" ", ".")) or _DEVICES.match(name)
        if unfit or name.lower() == STUDY_FILE or (self.path / name).is_dir():
            raise OutputError("desk.file_name", name=name)
        return self.path / name

    def put_aside(self, name: str) -> None:
        """Move a user's file into ``.phusong/removed``, from where it can be taken back.

        Parameters
        ----------
        name : str

        Raises
        ------
        OutputError
            If there is no such file, or ``removed`` is a link.
        """
        if name not in dict(self.files()):
            raise OutputError("desk.no_file", name=name)
        aside = _no_link(self._made() / "removed")
        aside.mkdir(exist_ok=True)
        to = aside / name
        for number in count(2):
            if not os.path.lexists(to):
                break
            to = aside / f"{Path(name).stem} ({number}){Path(name).suffix}"
        (self.path / name).replace(to)

    def save_settings(self, given: str, before: str) -> None:
        """Write ``study.toml``, whole or not at all; the former one stays in ``.phusong``.

        Parameters
        ----------
        given : str
            The new text.
        before : str
            `digest` of the text that was changed.

        Raises
        ------
        OutputError
            If the file was changed meanwhile, by another page or program.
        """
        if self.digest() != before:
            raise OutputError("desk.changed_meanwhile")
        _write(self._made() / "study.toml.before", self._bytes())
        _write(self.settings, given.encode())

    def store(self, name: str, content: bytes) -> None:
        """Store a file in the folder, whole or not at all.

        Parameters
        ----------
        name : str
        content : bytes

        Raises
        ------
        OutputError
            If the name is none that a file in this folder can have.
        OSError
            If it cannot be written.
        """
        _write(self.file_to_write(name), content)

    def keep(self, name: str, content: str) -> None:
        """Keep a text of the desk's own, whole or not at all.

        Parameters
        ----------
        name, content : str

        Raises
        ------
        OutputError
            If ``.phusong`` is a link.
        OSError
            If the folder cannot be written.
        """
        _write(self._made() / name, content.encode())

    def kept(self, name: str) -> str | None:
        """Return a text that was kept.

        Parameters
        ----------
        name : str

        Returns
        -------
        str or None
        """
        try:
            return (self._kept / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def _made(self) -> Path:
        """Return the folder of the desk's own things, made if it is not there."""
        kept = _no_link(self._kept)
        kept.mkdir(exist_ok=True)
        return kept

    def path_to_give(self, name: str) -> Path:
        """Return where a product is to be written; the folder `given` is made if it is not there.

        Parameters
        ----------
        name : str
            Of a file or folder, as `products` has it.

        Returns
        -------
        Path

        Raises
        ------
        OutputError
            If the folder or what lies at that place is a link.
        OSError
            If the folder cannot be made.
        """
        given = _no_link(self.given)
        given.mkdir(exist_ok=True)
        return _no_link(given / name)

    def digest(self) -> str:
        """Return what tells one content of ``study.toml`` from another.

        Returns
        -------
        str
        """
        return hashlib.sha256(self._bytes()).hexdigest()

    def text(self) -> str:
        """Return the text of ``study.toml``.

        Returns
        -------
        str
            Empty if there is none; without the mark that Notepad puts in front.
        """
        return self._bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")

    def _bytes(self) -> bytes:
        try:
            return self.settings.read_bytes()
        except FileNotFoundError:
            return b""


class Recent:
    """The studies opened last, in a file of the user's own settings.

    Parameters
    ----------
    path : Path, optional
        The file; that of this user and machine if absent.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(typer.get_app_dir("phusong")) / "studies.json"

    def studies(self) -> list[StudyFolder]:
        """Return the folders that are still there.

        Returns
        -------
        list of StudyFolder
            The last one first.
        """
        # Of a drive that does not answer, Path.is_dir raises.
        return [StudyFolder(Path(one)) for one in self._names() if os.path.isdir(one)]  # noqa: PTH112

    def add(self, study: StudyFolder) -> None:
        """Put a folder in front; a settings folder that cannot be written is no fault.

        Parameters
        ----------
        study : StudyFolder
        """
        added = str(study.path)
        names = [added, *(one for one in self._names() if one != added)]  # a drive may come back
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write(self.path, json.dumps(names[:_RECENT]).encode())
        except OSError:
            return

    def _names(self) -> list[str]:
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return []
        return [one for one in told if isinstance(one, str)] if isinstance(told, list) else []


def _no_link(path: Path) -> Path:
    """Return a path that is no link, which might lead out of the study's folder."""
    if path.is_symlink():
        raise OutputError("desk.link", name=path.name)
    return path


def _write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; a link in its place is replaced, not followed."""
    part = path.with_name(f".{token_hex(8)}.part")  # nobody can have laid a link there before
    try:
        with part.open("xb") as file:
            file.write(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
