"""The output folder: it appears whole or not at all, and never replaces a user's work.

Files are written to a hidden sibling and brought to the disk; then it takes
the folder's name. What a killed run leaves is found and cleared by the next
one. Knows files and signals; not what is written.
"""

import ctypes
import errno
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .._signals import terminable
from .._text import visible
from ..errors import InputError, OutputError
from ..i18n import LANGUAGES, text
from .manifest import MANIFEST, differences, read_manifest

_SHOWN = 5
_log = logging.getLogger(__name__)


def check_output_folder(path: Path, *, replace: bool = False, results: bool = False) -> None:
    """Refuse a folder that a run could not write or must not replace.

    Call it before a long computation; `output_folder` checks again.

    Parameters
    ----------
    path : Path
        Where results shall go. It may be absent, empty, or written by phusong
        before with nothing of the user's added or changed since.
    replace, results : bool
        As for `output_folder`.

    Raises
    ------
    OutputError
        If it is a file, holds what phusong did not write, lies in a folder
        that phusong wrote or where nothing can be written, or if another run
        is writing to it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     check_output_folder(Path(home) / "out")  # not there yet
    ...     _ = (Path(home) / "thesis.docx").write_text("years of work")
    ...     check_output_folder(Path(home))
    Traceback (most recent call last):
        ...
    phusong.errors.OutputError: ...phusong did not write...
    """  # noqa: DOC501  `_explained` makes them an OutputError
    target = Path(os.path.realpath(path))
    with _explained(target):
        recover_output(target)
        _check_replaceable(target, replace=replace, results=results)
        above = next(folder for folder in target.parents if folder.exists())
        if not above.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(above))
        if not os.access(above, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(above))
        if above == target.parent:
            with _only_writer(target):
                pass  # nobody else is writing there, and a file can be made beside it


@contextmanager
def output_folder(path: Path, *, replace: bool = False, results: bool = False) -> Iterator[Path]:
    """Give a temporary folder to write into; put it in place of `path` at the end.

    If anything fails inside, an interrupt or a request to terminate included,
    the temporary folder is removed and an older output stays as it was.

    Parameters
    ----------
    path : Path
        Where results shall go; folders above are created.
    replace : bool
        Whether to replace a folder of phusong's in which the user added or
        changed files, which are lost then. A folder that phusong did not
        write is never replaced.
    results : bool
        Whether this is the output of a run. Nothing else takes the place of one.

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
    with _explained(target), terminable():
        recover_output(target)
        _check_replaceable(target, replace=replace, results=results)
        fresh, former = _beside(target, "new"), _beside(target, "old")
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_writer(target):
            # What a killed run left; `recover_output` has taken what was of use.
            for left in (former, fresh):
                if left.exists():
                    shutil.rmtree(left)
            try:
                fresh.mkdir()
                yield fresh
                try:
                    read_manifest(fresh)
                except InputError as fault:
                    raise ValueError("an output folder needs its manifest") from fault
                _sync_tree(fresh)
                _check_replaceable(target, replace=replace, results=results)
                _swap(target, fresh, former)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)


def check_output_file(path: Path, *, replace: bool) -> None:
    """Refuse a file that must not be written; `output_file` checks again.

    Parameters
    ----------
    path : Path
        Where the file shall be.
    replace : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    OutputError
        If it exists and must stay, is a folder, or lies in a folder that
        phusong wrote.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     path = Path(home) / "layers.gpkg"
    ...     check_output_file(path, replace=False)  # not there yet
    ...     path.touch()
    ...     check_output_file(path, replace=True)
    ...     check_output_file(path, replace=False)
    Traceback (most recent call last):
        ...
    phusong.errors.OutputError: ...is not overwritten...
    """
    target = Path(os.path.realpath(path))
    refuse_within_output(target)
    if target.is_dir():
        raise OutputError("export.not_a_file", file=target)
    if os.path.lexists(target) and not replace:
        raise OutputError("export.file_exists", file=target)


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
        If the file exists and must stay, is a folder, lies in a folder that
        phusong wrote, another export is writing it, or the disk is full,
        read-only or refuses for another reason.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     with output_file(Path(home) / "gaps.csv", replace=False) as path:
    ...         _ = path.write_text("gap_id")
    ...     sorted(entry.name for entry in Path(home).iterdir())
    ['gaps.csv']
    """
    target = Path(os.path.realpath(path))
    with _explained(target), terminable():
        check_output_file(target, replace=replace)
        fresh = _beside(target, "new")
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_writer(target):
            try:
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir()
                yield fresh / target.name
                _sync(fresh / target.name)
                check_output_file(target, replace=replace)
                (fresh / target.name).replace(target)
                _sync(target.parent)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)


def recover_output(path: Path) -> bool:
    """Put back an output folder whose replacement was killed between two renames.

    Whoever reads an output folder calls it first. A warning is logged in both
    languages, which Python shows on stderr.

    Parameters
    ----------
    path : Path
        Of the output folder, whether it is there or not.

    Returns
    -------
    bool
        Whether there was something to put back.

    Raises
    ------
    OutputError
        If another run is just writing there, or the folder cannot be renamed.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.export import write_manifest
    >>> with tempfile.TemporaryDirectory() as home:
    ...     out = Path(home) / "out"
    ...     with output_folder(out) as folder:
    ...         write_manifest(folder, parameters={}, inputs={})
    ...     _ = out.rename(Path(home) / ".out.phusong-old")  # as a killed run leaves it
    ...     recover_output(out), recover_output(out)
    (True, False)
    """
    target = Path(os.path.realpath(path))
    if os.path.lexists(target) or not (former := _beside(target, "old")).is_dir():
        return False
    with _explained(target), _only_writer(target):
        # Its removal begins with its manifest: a folder without one is not whole.
        whole = (former / MANIFEST).is_file() or not any(former.iterdir())
        if os.path.lexists(target) or not whole:
            return False
        former.rename(target)
        _sync(target.parent)
    said = (text("export.put_back", lang, folder=visible(str(target))) for lang in LANGUAGES)
    _log.warning("\n".join(said))
    return True


def refuse_within_output(path: Path) -> None:
    """Refuse a place inside a folder that phusong wrote, for the next run could not replace it.

    Parameters
    ----------
    path : Path
        Where something shall be written.

    Raises
    ------
    OutputError
        If a folder above `path` has a manifest of phusong's.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.export import write_manifest
    >>> with tempfile.TemporaryDirectory() as out:
    ...     write_manifest(Path(out), parameters={}, inputs={})
    ...     refuse_within_output(Path(out) / "maps" / "mine.pdf")
    Traceback (most recent call last):
        ...
    phusong.errors.OutputError: ...which phusong wrote...
    """
    for folder in Path(os.path.realpath(path)).parents:
        with suppress(InputError):
            read_manifest(folder)
            raise OutputError("export.inside_results", to=path, folder=folder)


def _beside(target: Path, role: str) -> Path:
    return target.with_name(f".{target.name}.phusong-{role}")


def _check_replaceable(target: Path, *, replace: bool, results: bool) -> None:
    refuse_within_output(target)
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise OutputError("export.not_a_folder", folder=target)
    manifest = None
    if any(target.iterdir()):
        try:
            manifest = read_manifest(target)
        except InputError:
            raise OutputError("export.not_ours", folder=target) from None
    if target.is_mount():
        raise OutputError("export.is_mount", folder=target)
    if manifest is None:
        return
    if manifest.is_result and not results:
        raise OutputError("export.is_result", folder=target)
    if replace:
        return
    found = differences(target, manifest)
    if found.added or found.changed:
        raise OutputError(
            "export.users_work",
            folder=target,
            added=_shown(found.added),
            changed=_shown(found.changed),
        )


def _shown(names: tuple[str, ...]) -> str:
    return ", ".join(map(visible, names[:_SHOWN])) + ("…" if len(names) > _SHOWN else "") or "–"


def _swap(target: Path, fresh: Path, former: Path) -> None:
    """Put `fresh` in the place of `target`; on any failure the older output is back."""
    if not target.exists():
        fresh.rename(target)
    elif not _exchange(fresh, target):
        try:
            target.rename(former)
            fresh.rename(target)
        except BaseException:
            if former.exists() and not target.exists():
                former.rename(target)
            raise
    _sync(target.parent)
    # Only a program that holds a file open can stop this; the next run will clear it.
    with suppress(OSError):
        (former / MANIFEST).unlink()
    shutil.rmtree(former, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders exchange their names in one step; False where the system offers none."""
    if sys.platform != "linux":
        return False
    at_cwd, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of linux/fs.h
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):  # an old C library
        return False
    return bool(renameat2(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange) == 0)


def _sync_tree(folder: Path) -> None:
    """Bring all files of a folder, and the lists of their names, to the disk."""
    for within, _, files in os.walk(folder, topdown=False):
        for name in files:
            _sync(Path(within, name))
        _sync(Path(within))


def _sync(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on the disk."""
    is_folder = path.is_dir()
    if is_folder and sys.platform == "win32":
        return  # Windows has no such call; NTFS keeps its own journal of names
    handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as fault:
        # Some network drives cannot sync a folder; a file that is refused is a failure.
        if not is_folder or fault.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


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


@contextmanager
def _only_writer(target: Path) -> Iterator[None]:
    """Hold a lock beside the target; the system releases it when the process dies."""
    path = _beside(target, "lock")
    while (handle := _open_lock(path, target)) is None:
        pass
    try:
        yield
    finally:
        if sys.platform != "win32":
            path.unlink(missing_ok=True)
        os.close(handle)
        if sys.platform == "win32":  # an open file cannot be removed, nor one that the next holds
            with suppress(OSError):
                path.unlink()


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
