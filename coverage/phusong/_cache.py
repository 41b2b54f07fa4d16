"""Tiles kept on disk under a name made of everything that could change them.

A file is a SHA-256, then a header and a body which it covers. The header says
what the tile is: a file under another's name, of another kind, shape or format
is passed over like a damaged one. A tile is written aside and renamed, so that
it appears whole or not at all. A cache that fails costs time, never a run.
Knows files and bytes; what a tile means and whether it is right `radio.tiles` knows.
"""

import hashlib
import json
import logging
import os
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from threading import Lock
from typing import TYPE_CHECKING, Any

from ._text import visible
from .errors import OutputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "phusong tile 1"
LIMIT_BYTES = 10_000_000_000
"""What the tiles of a cache may take together, unless it has a limit of its own; the sample
province takes 0.5 GB."""
LIMIT_FILE = "limit-bytes.txt"
"""In the folder: its own limit, in bytes."""
_WRITERS = 16
"""Processes that may write at once and keep the limit: each may write this part of what is free
before it counts again, and this part of the limit is freed at a time."""
_DIGEST_BYTES = 32
_SHARD = re.compile(r"[0-9a-f]{2}")
_TILE = re.compile(r"[0-9a-f]{64}\.[a-z]+")
_ASIDE = re.compile(r"\.tile-[0-9a-f]{16}\.part")
_LONGEST_LIMIT = 18
_USED_BEFORE_NS = 1_000_000_000
_ORPHANED_AFTER_S = 60
"""A tile is written in far less; what lies aside longer was left by a killed run."""


_TRUSTED: defaultdict[Path, dict[str, tuple[int, int, int]]] = defaultdict(dict)
"""What tells the file of each tile that this process trusts, by folder and name."""


class TileCache:
    """A folder of tiles; it may be deleted at any time.

    Whatever goes wrong with it is logged once; the run goes on without the tile. The tiles never
    take more than the folder's limit: those that were not used for longest make room, but none
    that was used since the run began; if these alone fill it, no more are kept.

    Parameters
    ----------
    folder : Path
        Made when the first tile is kept.
    since_ns : int, optional
        When the run began, as `time.time_ns` tells it; now, if absent.
    """

    def __init__(self, folder: Path, since_ns: int | None = None) -> None:
        self.folder = folder
        self._since_ns = time.time_ns() if since_ns is None else since_ns
        self._room_bytes = 0
        self._full = False
        self._used: set[str] = set()
        self._trusted = _TRUSTED[folder.absolute()]
        self._warned = False
        self._lock = Lock()

    def __reduce__(self) -> tuple[type["TileCache"], tuple[Path, int]]:
        """Send folder and begin: no other process shares the lock, or has seen the same tiles."""
        return TileCache, (self.folder, self._since_ns)

    def get(
        self, name: str, shape: tuple[int, int], dtype: "np.dtype[Any]"
    ) -> "NDArray[Any] | None":
        """Return a kept tile; None if there is none, or it is not what was asked for."""
        import numpy as np

        path, stored = self._path(name), dtype.newbyteorder("<")
        header = _header(name, shape, stored)
        size = _DIGEST_BYTES + len(header) + stored.itemsize * shape[0] * shape[1]
        try:
            found = path.lstat()
            if not S_ISREG(found.st_mode) or found.st_size != size or path.parent.is_symlink():
                return None
            kept = path.read_bytes()
        except OSError:
            return None
        content = memoryview(kept)[_DIGEST_BYTES:]
        if self._trusted.get(name) == _identity(found) and content[: len(header)] == header:
            self._used.add(name)
            tile = np.frombuffer(content, dtype=stored, offset=len(header)).reshape(shape)
            return tile.astype(dtype, copy=False)
        self._trusted.pop(name, None)
        if (
            hashlib.sha256(content).digest() != kept[:_DIGEST_BYTES]
            or content[: len(header)] != header
        ):
            return None
        with suppress(OSError):  # a cache that may only be read
            _use(path)  # so that the least recently used go first
        self._used.add(name)
        tile = np.frombuffer(content, dtype=stored, offset=len(header)).reshape(shape)
        return tile.astype(dtype, copy=False)

    def put(self, name: str, tile: "NDArray[Any]") -> None:
        """Keep a tile, in place of whatever has its name, as far as the limit allows."""
        import numpy as np

        stored = tile.dtype.newbyteorder("<")
        header, body = _header(name, tile.shape, stored), np.ascontiguousarray(tile, stored)
        content = header, body.data
        digest = hashlib.sha256()
        for part in content:
            digest.update(part)
        path = self._path(name)
        aside = path.with_name(f".tile-{secrets.token_hex(8)}.part")
        try:
            if not self._has_room(_DIGEST_BYTES + len(header) + body.nbytes):
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.parent.is_symlink():
                raise NotADirectoryError(f"{path.parent.name} is a link")
            try:
                with aside.open("xb") as file:
                    for part in (digest.digest(), *content):
                        file.write(part)
                _use(aside)
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                aside.replace(path)
            except BaseException:
                with suppress(OSError):
                    aside.unlink()
                raise
        except OSError as fault:
            self._warn_once(fault)
        else:
            self._used.add(name)

    def trust(self, name: str) -> None:
        """Take a tile that was written or tested as sound, as long as its file stays as it is.

        That holds for the whole process, whichever run asks.
        """
        with suppress(OSError):
            self._trusted[name] = _identity(self._path(name).lstat())

    def trusts(self, name: str) -> bool:
        """Tell whether a tile that was just read was trusted before."""
        return name in self._trusted

    def keep_to_limit(self) -> None:
        """Clear up at the end of a run: leftovers, then the oldest tiles beyond the limit.

        What the run itself used stays: that is more than the limit only where this was lowered.
        """
        try:
            self._cut_back(limit_of(self.folder))
        except OSError as fault:
            self._warn_once(fault)

    def _has_room(self, size_bytes: int) -> bool:
        """Tell whether a tile may be kept, after making room for it."""
        with self._lock:
            if self._full:
                return False
            if size_bytes > self._room_bytes:
                limit_bytes = limit_of(self.folder)
                taken = census(self.folder).size_bytes
                free_bytes = max(limit_bytes // _WRITERS, _WRITERS * size_bytes)
                if taken > limit_bytes - free_bytes:
                    taken -= self._cut_back(limit_bytes - free_bytes).size_bytes
                self._room_bytes = max(limit_bytes - taken, 0) // _WRITERS
            self._full = size_bytes > self._room_bytes
            self._room_bytes -= size_bytes
        if self._full:
            words = OutputError("cache.full", folder=str(self.folder))
            logging.getLogger(__name__).warning("%s", visible(str(words), lines=True))
        return not self._full

    def _cut_back(self, limit_bytes: int) -> "Kept":
        return prune(self.folder, limit_bytes, keep=self._used, since_ns=self._since_ns)

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _warn_once(self, fault: OSError) -> None:
        with self._lock:
            warned, self._warned = self._warned, True
        if not warned:
            detail = fault.strerror or str(fault)
            words = OutputError("cache.not_used_in_full", folder=str(self.folder), detail=detail)
            logging.getLogger(__name__).warning("%s", visible(str(words), lines=True))


@dataclass(frozen=True)
class Kept:
    """What a cache folder holds.

    Parameters
    ----------
    tiles : int
    size_bytes : int
        Of all tiles.
    """

    tiles: int
    size_bytes: int


def census(folder: Path) -> Kept:
    """Count the tiles of a cache folder.

    Raises
    ------
    OSError
        If it cannot be listed.
    """
    sizes = []
    for entry in _entries(folder, _TILE):
        with suppress(FileNotFoundError):  # another run pruned it
            sizes.append(entry.stat(follow_symlinks=False).st_size)
    return Kept(len(sizes), sum(sizes))


def limit_of(folder: Path) -> int:
    """Return what the tiles of a folder may take together, bytes.

    Parameters
    ----------
    folder : path
        Of the cache, with its own limit or without.

    Returns
    -------
    int
        `LIMIT_BYTES` where none is told, or not as a whole number.
    """
    path = folder / LIMIT_FILE
    try:
        if not S_ISREG(path.lstat().st_mode):
            return LIMIT_BYTES
        with path.open("rb") as file:
            told = file.read(_LONGEST_LIMIT + 2).strip()
    except OSError:
        return LIMIT_BYTES
    return int(told) if told.isdigit() and len(told) <= _LONGEST_LIMIT else LIMIT_BYTES


def set_limit(folder: Path, limit_bytes: int) -> None:
    """Give a folder a limit of its own, which holds for every process from its next count on.

    Parameters
    ----------
    folder : path
        Made if absent.
    limit_bytes : int

    Raises
    ------
    OSError
        If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{LIMIT_FILE}-{secrets.token_hex(8)}"
    aside.write_text(f"{limit_bytes}\n", encoding="ascii")
    aside.replace(folder / LIMIT_FILE)


def prune(
    folder: Path, limit_bytes: int, *, keep: Collection[str] = (), since_ns: int | None = None
) -> Kept:
    """Clear leftovers of killed runs, then the least recently used tiles beyond a limit.

    No other file is touched.

    Parameters
    ----------
    folder : path
        Of the cache; nothing is done if it is absent.
    limit_bytes : int
        What the tiles may take together.
    keep : collection of str
        Names of tiles that stay.
    since_ns : int, optional
        Tiles used since then stay too, as `time.time_ns` tells it.

    Returns
    -------
    Kept
        What was removed.

    Raises
    ------
    OSError
        If the folder cannot be listed, or a file not removed.
    """
    for entry in _entries(folder, _ASIDE):
        with suppress(FileNotFoundError):  # another run was faster
            if time.time() - entry.stat(follow_symlinks=False).st_mtime > _ORPHANED_AFTER_S:
                Path(entry).unlink()
    tiles = []
    for entry in _entries(folder, _TILE):
        with suppress(FileNotFoundError):
            found = entry.stat(follow_symlinks=False)
            tiles.append((found.st_mtime_ns, entry.name, found.st_size, Path(entry)))
    left = sum(size for _, _, size, _ in tiles)
    removed = freed = 0
    for used_ns, name, size, path in sorted(tiles):
        if left <= limit_bytes:
            break
        if name not in keep and (since_ns is None or used_ns < since_ns - _USED_BEFORE_NS):
            path.unlink(missing_ok=True)
            left, freed, removed = left - size, freed + size, removed + 1
    return Kept(removed, freed)


def _entries(folder: Path, name: re.Pattern[str]) -> Iterator["os.DirEntry[str]"]:
    """Yield the files of a kind that lie where a cache puts them; links are none."""
    if not folder.is_dir():
        return
    for shard in sorted(folder.iterdir()):
        if _SHARD.fullmatch(shard.name) and shard.is_dir() and not shard.is_symlink():
            with os.scandir(shard) as entries:
                for entry in list(entries):
                    if name.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                        yield entry


def _use(path: Path) -> None:
    """Set a file's time to a second ago: whoever changes it from now on changes its time."""
    time_ns = time.time_ns() - _USED_BEFORE_NS
    os.utime(path, ns=(time_ns, time_ns))


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    """Return what tells that a file is still the one that it was."""
    return found.st_ino, found.st_size, found.st_mtime_ns


def _header(name: str, shape: "tuple[int, ...]", stored: "np.dtype[Any]") -> bytes:
    """Return the line that says what a tile is; its kind is the suffix of its name."""
    said = {"format": FORMAT, "name": name, "shape": list(shape), "dtype": stored.str}
    return json.dumps(said).encode() + b"\n"
