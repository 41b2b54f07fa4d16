"""A PDF that takes figures page by page. Knows matplotlib's writer, and no map.

The sheets of a study show the same ground. Matplotlib compresses its pictures anew for each sheet;
here each is compressed once in a process, and the bytes are the same. A file and its figure refer
to each other, so that what they drew would stay until the search for garbage: pictures are let go.
"""

import hashlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from matplotlib.backends.backend_pdf import PdfFile, PdfPages
from numpy.typing import NDArray

LEVEL = 4  # of zlib: 6 takes 1.8 times as long for 4 % less
_MOST = 16  # pictures kept, a few hundred kB each
_kept: dict[tuple[tuple[int, ...], bytes], tuple[dict[str, Any], dict[str, Any], bytes]] = {}


def new_pdf(path: Path | IO[bytes], title: str) -> PdfPages:
    """Begin a PDF; it tells no date, so the same figures give the same bytes.

    Parameters
    ----------
    path : Path or file
    title : str
        Of the document.

    Returns
    -------
    PdfPages
    """
    return _Pages(path, metadata={"Title": title, "Creator": "phusong", "CreationDate": None})


class _Pages(PdfPages):
    def _ensure_file(self) -> PdfFile:
        if self._file is None:
            self._file = _File(self._filename, metadata=self._metadata)
        return self._file


class _Packed:
    """A picture as the base asks for it, packed at our level."""

    def __init__(self, picture: Any) -> None:
        self._picture = picture

    def save(self, file: IO[bytes], *, format: str) -> None:  # noqa: A002
        self._picture.save(file, format=format, compress_level=LEVEL)


class _File(PdfFile):
    """Keeps what its base makes of a picture: entries of its head, how it is packed, its bytes."""

    _head: dict[str, Any]
    _packed: dict[str, Any]
    _pixels: bytes

    # Names and arguments are those of the base.
    def _writeImg(self, data: NDArray[np.uint8], id: int, smask: object = None) -> None:  # noqa: A002, N802
        key = data.shape, hashlib.sha256(data.tobytes()).digest()
        if key not in _kept:
            super()._writeImg(data, id, smask)
            if len(_kept) == _MOST:
                del _kept[next(iter(_kept))]
            _kept[key] = self._head, self._packed, self._pixels
            return
        head, packed, pixels = _kept[key]
        if smask is not None:
            head = {**head, "SMask": smask}
        self.beginStream(id, self.reserveObject("length of image stream"), head, packed)
        self.write(pixels)
        self.endStream()

    def _writePng(self, img: object) -> Any:  # noqa: N802
        made = super()._writePng(_Packed(img))
        self._pixels = made[0]
        return made

    def writeImages(self) -> None:  # noqa: N802
        super().writeImages()
        self._images.clear()

    def beginStream(self, id: int, len: object, extra: Any = None, png: Any = None) -> None:  # noqa: A002, N802
        if png is not None:
            self._head = {name: one for name, one in extra.items() if name != "SMask"}
            self._packed = png
        super().beginStream(id, len, extra, png)
