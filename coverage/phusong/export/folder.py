"""The output folder: it appears whole or not at all, and never replaces a user's files.

Files are written to a hidden sibling, which takes the folder's name when all
is done. What a killed run leaves is found and cleared by the next one. Knows
files and signals; not what is written.
"""

import errno
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from ..errors import OutputError
from .manifest import listed_outputs

DEBRIS = ("Thumbs.db", "desktop.ini", ".DS_Store", "*.aux.xml", "*.qmd", "~$*", ".~lock.*#")
"""Files that viewers leave beside what they open; not worth keeping."""

_SHOWN_FOREIGN = 5


def check_output_folder(path: Path) -> None:
    """Refuse a folder that a run could not write or must not replace.

    Call it before a long computation; `output_folder` checks again.

    Parameters
    ----------
    path : Path
        Where results shall go. It may be absent, empty, or written by phusong
        before with nothing of the user's added since.

    Raises
    ------
    OutputError
        If it is a file, holds files that phusong did not write, or lies where
        nothing can be written.
    """  # noqa: DOC501  `_explained` makes them an OutputError
    target = Path(os.path.realpath(path))
    with _explained(target):
        _check_replaceable(target)
        above = next(folder for folder in target.parents if folder.exists())
        if not above.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(above))
        if not os.access(above, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(above))


@contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder to write into; put it in place of `path` at the end.

    If anything fails inside, an interrupt or a request to terminate included,
    the temporary folder is removed and an older output stays as it was.

    Parameters
    ----------
    path : Path
        Where results shall go; folders above are created.

    Yields
    ------
    Path
        The folder to write into; the block must end with `write_manifest`.

    Raises
    ------
    ValueError
        If the block wrote no manifest: nobody could tell later whose folder it is.
    OutputError
        If the folder must not be replaced, another run is writing to it, or
        the disk is full, read-only or refuses for another reason.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.export import write_manifest
    >>> with tempfile.TemporaryDirectory() as home:
    ...     with output_folder(Path(home) / "out") as folder:
    ...         write_manifest(folder, parameters={}, inputs={})
    ...     sorted(entry.name for entry in Path(home).iterdir())
    ['out']
    """
    target = Path(os.path.realpath(path))
    with _explained(target), _terminable():
        _check_replaceable(target)
        fresh, former = _beside(target, "new"), _beside(target, "old")
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_writer(target):
            _recover(target, fresh, former)
            try:
                fresh.mkdir()
                yield fresh
                if listed_outputs(fresh) is None:
                    raise ValueError("an output folder needs its manifest")
                _check_replaceable(target)
                _swap(target, fresh, former)
                # Only a program that holds a file open can stop this; the next run will clear it.
                shutil.rmtree(former, ignore_errors=True)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def output_file(path: Path, *, replace: bool) -> Iterator[Path]:
    """Give a temporary file name to write to; put it in place of `path` at the end.

    If anything fails inside, what was written is removed, with the journals
    that databases keep beside their files, and an older file stays as it was.

    Parameters
    ----------
    path : Path
        Where the file shall be; folders above are created.
    replace : bool
        Whether a file of that name may be replaced: nobody can tell from a
        single file whose it is.

    Yields
    ------
    Path
        A name with the suffix of `path`, in a folder of its own.

    Raises
    ------
    OutputError
        If the file exists and must stay, is a folder, another export is
        writing it, or the disk is full, read-only or refuses for another reason.
    """
    target = Path(os.path.realpath(path))
    with _explained(target), _terminable():
        if target.is_dir():
            raise OutputError("export.not_a_file", file=target)
        if os.path.lexists(target) and not replace:
            raise OutputError("export.file_exists", file=target)
        fresh = _beside(target, "new")
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_writer(target):
            try:
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir()
                yield fresh / target.name
                (fresh / target.name).replace(target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)


def _beside(target: Path, role: str) -> Path:
    return target.with_name(f".{target.name}.phusong-{role}")


def _check_replaceable(target: Path) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise OutputError("export.not_a_folder", folder=target)
    if not any(target.iterdir()):
        return
    listed = listed_outputs(target)
    if listed is None:
        raise OutputError("export.not_ours", folder=target)
    foreign = [
        name
        for name in sorted(
            entry.relative_to(target).as_posix()
            for entry in target.rglob("*")
            if not entry.is_dir() and not any(entry.match(pattern) for pattern in DEBRIS)
        )
        if name not in listed
    ]
    if foreign:
        shown = ", ".join(foreign[:_SHOWN_FOREIGN]) + ("…" if len(foreign) > _SHOWN_FOREIGN else "")
        raise OutputError("export.foreign_files", folder=target, files=shown)


def _recover(target: Path, fresh: Path, former: Path) -> None:
    """Clear what a killed run left; give back the older output if it died between two renames."""
    if former.exists():
        if target.exists():
            shutil.rmtree(former)
        else:
            former.rename(target)
    if fresh.exists():
        shutil.rmtree(fresh)


def _swap(target: Path, fresh: Path, former: Path) -> None:
    """Put `fresh` in the place of `target`; on any failure the older output is back."""
    try:
        if target.exists():
            target.rename(former)
        fresh.rename(target)
    except BaseException:
        if former.exists() and not target.exists():
            former.rename(target)
        raise


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Turn what the system says about files into a message with a remedy."""
    try:
        yield
    except OutputError:
        raise
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            key = "export.disk_full"
        elif fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            key = "export.not_writable"
        else:
            key = "export.write_failed"
        raise OutputError(key, folder=target, detail=fault) from fault


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack, so that the temporary folder is removed."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [getattr(signal, name) for name in names]
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # Python lets only the main thread handle signals
    # A program around us that handles a signal itself keeps doing so.
    unhandled = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in unhandled:
        signal.signal(number, _terminate)
    try:
        yield
    finally:
        for number in unhandled:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _only_writer(target: Path) -> Iterator[None]:
    """Hold a lock beside the target; the system releases it when the process dies."""
    path = _beside(target, "lock")
    while (handle := _open_lock(path, target)) is None:
        pass
    try:
        yield
    finally:
        if sys.platform != "win32":  # Windows cannot remove an open file
            path.unlink(missing_ok=True)
        os.close(handle)


def _open_lock(path: Path, target: Path) -> int | None:
    """Return a locked handle of the file, or None if its last holder removed it meanwhile."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(handle), path.stat()):
                os.close(handle)
                return None
    except FileNotFoundError:
        os.close(handle)
        return None
    except (BlockingIOError, PermissionError):  # POSIX, Windows
        os.close(handle)
        raise OutputError("export.busy", folder=target) from None
    return handle
