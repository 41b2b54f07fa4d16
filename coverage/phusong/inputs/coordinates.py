"""How people write the figures of a place, and the slips that have one mending only.

Knows figures and the box that places may lie in; no file, no coordinate system.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._text import bare
from .._types import Flags
from .source import Cells, as_cells

Figures = NDArray[np.float64]
Inside = Callable[[Figures, Figures], Flags]

LONGITUDES_DEG, LATITUDES_DEG = (102.0, 118.0), (6.0, 24.0)
"""Of Vietnam: no power of ten leads from one figure of a range to another of it."""

_NUMBER = r"[0-9]{1,3}(?:[.,][0-9]+)?"
_DECIMAL = re.compile(r"[0-9]{1,3}\.[0-9]+")
_ANGLE = re.compile(
    rf"""
    (?P<before>[NBSEĐWT])?\s*(?P<sign>[+\-−])?\s*
    (?P<degrees>{_NUMBER})
    (?:\s*(?:[°º˚⁰od*:\-]|độ)\s*|\s+|(?=\s*[NBSEĐWT]?$)
      |(?P<between>[NSEW])(?=[0-9]{{1,2}}\s*['’‘′]))
    (?:(?P<minutes>{_NUMBER})(?:\s*(?:['’‘′`´m:\-]|phút)\s*|\s+|(?=[NBSEĐWT]?$))
    (?:(?P<seconds>{_NUMBER})\s*(?:["”“″s]|['’‘′´]{{2}}|giây)?\s*)?)?
    (?P<after>[NBSEĐWT])?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def read_angles(cells: Cells) -> Cells:
    """Turn texts of degrees, with minutes and seconds or without, into numbers.

    Hemispheres are those of English and Vietnamese: N, S, E, W and B (bắc), Đ (đông), T (tây).
    The hemisphere may stand for the sign of degrees (``21E00'01"``). One mark in a figure is
    its decimal mark: an angle has no thousands.

    Parameters
    ----------
    cells : object array, shape (n,)

    Returns
    -------
    object array, shape (n,)
        Decimal degrees as float; what is no angle stays as it is.

    Examples
    --------
    >>> read_angles(np.array(["22°49'30''", "104 59,5", "N22.834", "104,983", "20m"], dtype=object))
    array([22.825, 104.99166666666666, 22.834, 104.983, '20m'], dtype=object)
    """
    return as_cells((_angle(cell) for cell in cells), len(cells))


def _angle(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    if _DECIMAL.fullmatch(cell):  # what most files have, soon told
        return float(cell)
    found = _ANGLE.fullmatch(bare(cell))
    sides = [] if found is None else list(filter(None, found.group("before", "between", "after")))
    if found is None or len(sides) > 1:
        return cell
    texts = [
        part.replace(",", ".") for part in found.group("degrees", "minutes", "seconds") if part
    ]
    parts = [float(part) for part in texts]
    if any("." in part for part in texts[:-1]) or any(part >= 60 for part in parts[1:]):
        return cell
    west_or_south = "".join(sides).upper() in set("SWT")
    negative = west_or_south != (found["sign"] in ("-", "−"))
    size = sum(part / 60**power for power, part in enumerate(parts))
    return -size if negative else size


@dataclass(frozen=True)
class Mended:
    """One slip that was mended.

    Parameters
    ----------
    message : str
        Key of the words, without the room's name.
    rows : ndarray of bool, shape (n,)
        Where.
    """

    message: str
    rows: Flags


def mend(x: Figures, y: Figures, inside: Inside, *, degrees: bool) -> list[Mended]:
    """Exchange figures back and put lost decimal points in, in place, where one reading fits.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        Longitudes and latitudes, or eastings and northings; NaN where unknown.
    inside : callable
        Whether places may lie there.
    degrees : bool
        Whether the figures are degrees.

    Returns
    -------
    list of Mended

    Examples
    --------
    >>> x, y = np.array([22.83, 104.99, 1049911]), np.array([104.99, 22.83, 228344])
    >>> def inside(x, y):
    ...     return (x > 102) & (x < 118) & (y > 6) & (y < 24)
    >>> [(one.message, one.rows.tolist()) for one in mend(x, y, inside, degrees=True)]
    [('exchanged_back', [True, False, False]), ('point_put_in', [False, False, True])]
    >>> x, y
    (array([104.99  , 104.99  , 104.9911]), array([22.83  , 22.83  , 22.8344]))
    """
    mended = []
    exchanged = ~inside(x, y) & inside(y, x)
    if exchanged.any():
        x[exchanged], y[exchanged] = y[exchanged], x[exchanged]
        mended.append(Mended("exchanged_back", exchanged))
    if degrees:
        with_point = _with_point(x, LONGITUDES_DEG), _with_point(y, LATITUDES_DEG)
        lost = ~inside(x, y) & inside(*with_point)
        if lost.any():
            x[lost], y[lost] = with_point[0][lost], with_point[1][lost]
            mended.append(Mended("point_put_in", lost))
    return mended


def read_either_way(x: Figures, y: Figures) -> Flags:
    """Tell which rows may be degrees without their point or degrees, minutes and seconds.

    Whole figures such as 1045900 and 224921: none of them is in doubt where others of the file
    can only be degrees that lost their point.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        Longitudes and latitudes.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> read_either_way(np.array([1045900.0, 104.98]), np.array([224921.0, 22.82])).tolist()
    [True, False]
    >>> read_either_way(np.array([1045900.0, 1049911.0]), np.array([224921.0, 228344.0])).tolist()
    [False, False]
    """
    whole, packed = np.ones(len(x), dtype=bool), np.ones(len(x), dtype=bool)
    for figures, (lowest, highest) in ((x, LONGITUDES_DEG), (y, LATITUDES_DEG)):
        degrees = np.where(np.isfinite(figures), figures, 0.0)
        whole &= (degrees == np.round(degrees)) & (degrees >= 100 * lowest)
        packed &= (degrees >= 10_000 * lowest) & (degrees <= 10_000 * highest)
        packed &= (degrees % 100 < 60) & (degrees // 100 % 100 < 60)
    return whole & packed & bool((packed | ~whole).all())


def _with_point(figures: Figures, limits: tuple[float, float]) -> Figures:
    """Divide whole figures by the power of ten that brings them between the limits, if any.

    With fewer than two decimals lost it may as well be another slip.
    """
    moved = figures.copy()
    whole = np.isfinite(figures) & (figures == np.round(figures)) & (figures >= 100 * limits[0])
    for power in range(2, 13):
        smaller = figures / 10.0**power
        fits = whole & (smaller >= limits[0]) & (smaller <= limits[1])
        moved[fits] = smaller[fits]
    return moved
