"""Tiles kept on disk under a name made of everything that could change them.

A file is the SHA-256 of its body and then the body, so that a damaged tile is
noticed; it is written aside and renamed, so that it appears whole or not at all.
"""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError

DIGEST_BYTES = 32


@dataclass(frozen=True)
class TileCache:
    """A folder of tiles; it may be deleted at any time.

    Parameters
    ----------
    folder : Path
        Made when the first tile is kept.
    """

    folder: Path

    def get(self, name: str, shape: tuple[int, int], dtype: np.dtype[Any]) -> NDArray[Any] | None:
        """Return a kept tile; None if there is none, or it is damaged."""
        stored = dtype.newbyteorder("<")
        try:
            kept = self._path(name).read_bytes()
        except OSError:
            return None
        digest, body = kept[:DIGEST_BYTES], kept[DIGEST_BYTES:]
        if len(body) != stored.itemsize * shape[0] * shape[1]:
            return None
        if hashlib.sha256(body).digest() != digest:
            return None
        return np.frombuffer(body, dtype=stored).reshape(shape).astype(dtype, copy=False)

    def put(self, name: str, tile: NDArray[Any]) -> None:
        """Keep a tile.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        body = tile.astype(tile.dtype.newbyteorder("<")).tobytes()
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as aside:
                try:
                    aside.write(hashlib.sha256(body).digest())
                    aside.write(body)
                    aside.close()
                    Path(aside.name).replace(path)
                except BaseException:
                    Path(aside.name).unlink()
                    raise
        except OSError as fault:
            raise OutputError(
                "radio.cache_not_written", folder=str(self.folder), detail=fault.strerror or ""
            ) from fault

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name
