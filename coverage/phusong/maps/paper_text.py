"""Text on paper: what the embedded font can write, how wide a line is, where it breaks.

The font is DejaVu Sans, which matplotlib ships and which has every Vietnamese
letter; the system's fonts are never asked, so a map is the same on every machine.
"""

import atexit
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

LONGEST = 2000
"""Characters, more than any definition of ours has: what a file holds beyond is no name."""
MM_PER_PT = 25.4 / 72
UNKNOWN = "□"  # stands for a character that the font lacks
_FACES = {
    (False, False): "DejaVuSans.ttf",
    (True, False): "DejaVuSans-Bold.ttf",
    (False, True): "DejaVuSans-Oblique.ttf",
    (True, True): "DejaVuSans-BoldOblique.ttf",
}
_LAYOUT = ("GDEF", "GPOS", "GSUB")
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@cache
def font(size_pt: float, *, bold: bool = False, italic: bool = False) -> FontProperties:
    """Return the shipped font at a size."""
    return FontProperties(fname=_path(_FACES[bold, italic]), size=size_pt)


def _path(face: str) -> str:
    return str(_folder() / face)


@cache
def _folder() -> Path:
    """Return a folder with the faces, less the tables that lay out text; it ends with the process.

    A PDF carries each face cut to the letters of its sheet, in which nobody lays out text any
    more, and with these tables the cut takes three times as long, with the lists of letters that
    matplotlib does not read a third longer. Pairs of letters are still moved together, by the
    table ``kern``, and marks without a letter of their own put in place.
    """
    folder = Path(tempfile.mkdtemp(prefix="phusong-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for face in _FACES.values():
        whole = Path(mpl.get_data_path(), "fonts", "ttf", face)
        with TTFont(whole, recalcTimestamp=False) as kept:  # else the bytes tell the time
            for table in _LAYOUT:
                del kept[table]
            letters = kept["cmap"]
            letters.tables = [
                one for one in letters.tables if one.isUnicode() and one.format == 12
            ][:1]
            kept.save(folder / face)
    return folder


@cache
def _known() -> frozenset[str]:
    """Return the characters that every face can write."""
    charmaps = [get_font(_path(face)).get_charmap() for face in _FACES.values()]
    return frozenset.intersection(*(frozenset(map(chr, charmap)) for charmap in charmaps))


def printable(value: object) -> str:
    r"""Return a text as one line that the font can write.

    Control characters and direction marks go; a character that the font lacks
    becomes a box, and what is too long ends in "…", so that nobody takes it for complete.

    Examples
    --------
    >>> printable("Xín\nMần \u202eabc\u202c 雲"), printable("$x$")
    ('Xín Mần abc □', '$x$')
    """
    known = _known()
    letters = unicodedata.normalize("NFC", " ".join(str(value)[: 4 * LONGEST].split()))
    kept = [c for c in letters if unicodedata.category(c) not in _INVISIBLE]
    line = "".join(c if c in known else UNKNOWN for c in kept)
    return line.strip() if len(line) <= LONGEST else f"{line[: LONGEST - 1].strip()}…"


@lru_cache(maxsize=100_000)  # a country has more than ten thousand names
def width_mm(line: str, properties: FontProperties) -> float:
    """Return how wide a line is drawn, in millimetres."""
    size: tuple[Any, ...] = text_to_path.get_text_width_height_descent(
        line, properties, ismath=False
    )
    return float(size[0]) * MM_PER_PT


def shorten(line: str, properties: FontProperties, room_mm: float) -> str:
    """Return the line, or its beginning and an ellipsis where it is too wide.

    Examples
    --------
    >>> shorten("Phủ sóng di động", font(10.0), 100), shorten("Phủ sóng di động", font(10.0), 20)
    ('Phủ sóng di động', 'Phủ sóng…')
    """
    if width_mm(line, properties) <= room_mm:
        return line
    fits, too_long = 0, len(line)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if width_mm(line[:middle].rstrip() + "…", properties) <= room_mm:
            fits = middle
        else:
            too_long = middle
    return line[:fits].rstrip() + "…"


def wrap(line: str, properties: FontProperties, room_mm: float) -> list[str]:
    """Break a line at its blanks so that no part is wider than the room.

    Examples
    --------
    >>> wrap("Tỷ lệ dân số được phủ sóng", font(10.0), 32)
    ['Tỷ lệ dân số được', 'phủ sóng']
    """
    lines = [""]
    for word in line.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_mm(longer, properties) <= room_mm:
            lines[-1] = longer
        elif lines[-1]:
            lines.append(shorten(word, properties, room_mm))
        else:
            lines[-1] = shorten(word, properties, room_mm)
    return lines


def fitted(
    line: str, sizes_pt: Sequence[float], room_mm: float, *, lines: int, italic: bool = False
) -> tuple[list[str], float]:
    """Break a line into at most so many, at the first size that does; else cut it at the last.

    Examples
    --------
    >>> fitted("Tỷ lệ dân số được phủ sóng", (10.0, 7.0), 36, lines=1)
    (['Tỷ lệ dân số được phủ sóng'], 7.0)
    """
    broken = [(wrap(line, font(size, italic=italic), room_mm), size) for size in sizes_pt]
    parts, size = next((one for one in broken if len(one[0]) <= lines), broken[-1])
    rest = " ".join(parts[lines - 1 :])
    return [*parts[: lines - 1], shorten(rest, font(size, italic=italic), room_mm)], size
