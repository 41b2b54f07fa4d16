"""A curve of a page: one measure against another, as an inline picture in both languages.

Places finished numbers on the picture; computes none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

from ..i18n import Bilingual, Language, number

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 74, 20, 30, 50
LETTER_PX = (7.2, 12.0)
"""Width of a letter of the words in the picture, on average, and height above their line."""
TICKS = 6
"""As many at most on an axis."""


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """A point of a curve.

    Parameters
    ----------
    x, y : float
        In the units of the axes.
    name : Bilingual
        Said beside it and where the pointer rests; a point without one has no mark.
    """

    x: float
    y: float
    name: Bilingual


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A curve and what its axes are.

    Parameters
    ----------
    title, x_title, y_title : Bilingual
        With the units.
    points : sequence of CurvePoint
        Rising in x; joined by straight lines.
    beyond : sequence of CurvePoint
        Joined to the last of `points` by a broken line: what might follow.
    marks : sequence of CurvePoint
        Beside the curve, joined to nothing.
    level : CurvePoint, optional
        Its y is drawn as a level line, such as a target.
    """

    title: Bilingual
    x_title: Bilingual
    y_title: Bilingual
    points: Sequence[CurvePoint]
    beyond: Sequence[CurvePoint] = ()
    marks: Sequence[CurvePoint] = ()
    level: CurvePoint | None = None


@dataclass(frozen=True, kw_only=True)
class PlacedPoint:
    """A point on the picture and where its words begin or end, in pixels, in one language."""

    x: float
    y: float
    name: str
    anchor: str = ""
    name_x: float = 0.0
    name_y: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PlacedCurve:
    """What the template draws, in pixels of the picture and one language."""

    lang: Language
    title: str
    x_title: str
    y_title: str
    x_ticks: Sequence[PlacedPoint]
    y_ticks: Sequence[PlacedPoint]
    line: str
    broken: str
    points: Sequence[PlacedPoint]
    beyond: Sequence[PlacedPoint]
    marks: Sequence[PlacedPoint]
    level: PlacedPoint | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def place_curve(curve: Curve, lang: Language) -> PlacedCurve:
    """Place a curve on its picture.

    Parameters
    ----------
    curve : Curve
    lang : {"vi", "en"}

    Returns
    -------
    PlacedCurve

    Examples
    --------
    >>> def at(x, y):
    ...     return CurvePoint(x=x, y=y, name=Bilingual("2027", "2027"))
    >>> words = Bilingual("Tỷ đồng", "Billion VND")
    >>> placed = place_curve(
    ...     Curve(title=words, x_title=words, y_title=words, points=[at(0, 0), at(10, 500)]), "en"
    ... )
    >>> placed.line, [tick.name for tick in placed.x_ticks]
    ('74,250 540,30', ['0', '2', '4', '6', '8', '10'])
    """
    every = [*curve.points, *curve.beyond, *curve.marks]
    tall = [*every, *([] if curve.level is None else [curve.level])]
    x_ticks, y_ticks = _ticks(point.x for point in every), _ticks(point.y for point in tall)

    def across(x: float) -> float:
        return _between(x, x_ticks, LEFT, WIDTH - RIGHT)

    def up(y: float) -> float:
        return _between(y, y_ticks, HEIGHT - BOTTOM, TOP)

    words, level = _Words(), curve.level

    def placed(point: CurvePoint) -> PlacedPoint:
        return words.beside(across(point.x), up(point.y), point.name[lang])

    def joined(points: Sequence[CurvePoint]) -> str:
        return " ".join(f"{across(point.x):g},{up(point.y):g}" for point in points)

    return PlacedCurve(
        lang=lang,
        title=curve.title[lang],
        x_title=curve.x_title[lang],
        y_title=curve.y_title[lang],
        x_ticks=[
            PlacedPoint(x=across(x), y=HEIGHT - BOTTOM, name=_tick(x, x_ticks, lang))
            for x in x_ticks
        ],
        y_ticks=[PlacedPoint(x=LEFT, y=up(y), name=_tick(y, y_ticks, lang)) for y in y_ticks],
        line=joined(curve.points),
        broken=joined([*curve.points[-1:], *curve.beyond]) if curve.beyond else "",
        level=None if level is None else words.along(up(level.y), level.name[lang]),
        points=[placed(point) for point in curve.points if point.name[lang]],
        marks=[placed(point) for point in curve.marks],
        beyond=[placed(point) for point in curve.beyond],
    )


class _Words:
    """Words put on a picture one after the other, each where it meets none before it."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float, float]] = []

    def beside(self, x: float, y: float, name: str) -> PlacedPoint:
        """Return a point with its words beside it."""
        ends = ("end", "start") if x > WIDTH / 2 else ("start", "end")
        below = 16 if ends[0] == "start" else -8
        ways = [
            (anchor, x + (10 if anchor == "start" else -10), y + away)
            for away in (below, 8 - below, 30, -22, 44, -36)
            for anchor in ends
        ]
        return self._put(x, y, name, ways)

    def along(self, y: float, name: str) -> PlacedPoint:
        """Return a level line with its words at one of its ends."""
        ends = (("start", LEFT + 6.0), ("end", WIDTH - RIGHT - 6.0))
        ways = [(anchor, x, y + away) for away in (-6, 14) for anchor, x in ends]
        return self._put(0.0, y, name, ways)

    def _put(
        self, x: float, y: float, name: str, ways: Sequence[tuple[str, float, float]]
    ) -> PlacedPoint:
        boxes = [_box(anchor, left, base, name) for anchor, left, base in ways]
        free = [at for at, box in enumerate(boxes) if self._is_free(box)]
        at = free[0] if free else 0
        self._taken.append(boxes[at])
        anchor, name_x, name_y = ways[at]
        return PlacedPoint(x=x, y=y, name=name, anchor=anchor, name_x=name_x, name_y=name_y)

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = box
        inside = left >= 0 and right <= WIDTH and top >= 0 and bottom <= HEIGHT - BOTTOM
        return inside and not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in self._taken
        )


def _box(anchor: str, x: float, base: float, name: str) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of some words."""
    wide, high = LETTER_PX[0] * len(name), LETTER_PX[1]
    left = x if anchor == "start" else x - wide
    return left, base - high, left + wide, base + 3


def _ticks(values: Iterable[float]) -> list[float]:
    """Return round numbers from zero to beyond the largest value."""
    largest = max(values, default=0.0)
    ticks = MaxNLocator(nbins=TICKS - 1, steps=[1, 2, 2.5, 5, 10]).tick_values(0, largest or 1)
    return [float(tick) for tick in ticks]


def _between(value: float, ticks: Sequence[float], first: float, last: float) -> float:
    share = (value - ticks[0]) / (ticks[-1] - ticks[0])
    return round(first + share * (last - first), 1)


def _tick(value: float, ticks: Sequence[float], lang: Language) -> str:
    step = ticks[1] - ticks[0]
    decimals = next(n for n in range(6) if abs(round(step, n) - step) < step * 1e-6 or n == 5)
    return number(value, lang, decimals=decimals)
