"""The sheet of paper: where frame, legend and inset lie, the scale, and what frames a map.

Lengths are millimetres from the upper left corner of an A4 sheet. On A3 the
same millimetre is drawn `ENLARGED` times as long, for a sheet that hangs on a
wall is read from further away. Knows no theme and no table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle
from pyproj import CRS

from ..i18n import Language, number, text
from .geometry import DEGREES, transformer
from .layers import Imprint
from .paper_content import Bounds
from .paper_text import fitted, font, printable, shorten, width_mm

Paper = Literal["A4", "A3", "text"]
Orientation = Literal["portrait", "landscape"]

SIZES_MM: dict[Paper, tuple[float, float]] = {
    "A4": (210.0, 297.0),
    "A3": (297.0, 420.0),
    "text": (159.6, 225.72),  # within the margins of a page of A4 text, its scale still true
}
ENLARGED: dict[Paper, float] = {"A4": 1.0, "A3": 1.25, "text": 0.9}
MARGIN, BAND, TITLE, FOOT, GAP = 8.0, 4.6, 19.0, 5.5, 3.5
PANEL_WIDTH, PANEL_HEIGHT, INSET_HEIGHT, SCALE_HEIGHT = 62.0, 60.0, 41.0, 12.0
IMPRINT_HEIGHT = 30.0  # issuer, day and room for a signature
AROUND = 1.02  # the study area leaves this much room in its frame
LEAST_EXTENT_M = 1000.0
INK, GREY = "#1f2933", "#5f6b76"
GRATICULE_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600)


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Millimetres from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Millimetres from top to bottom."""
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """Where its diagonals cross."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def on(self, sheet: "Sheet") -> tuple[float, float, float, float]:
        """Return the box as matplotlib places axes: left, bottom, width, height, 0 to 1."""
        return (
            self.left / sheet.width,
            1 - self.bottom / sheet.height,
            self.width / sheet.width,
            self.height / sheet.height,
        )

    def view(self, middle: tuple[float, float], metres_per_mm: float) -> Bounds:
        """Return the ground that the box shows around a point, metres."""
        x, y = middle
        right, up = self.width / 2 * metres_per_mm, self.height / 2 * metres_per_mm
        return x - right, y - up, x + right, y + up


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet laid out for one study area."""

    paper: Paper
    width: float
    height: float
    frame: Box
    legend: Box
    columns: int
    inset: Box | None
    furniture: Box
    imprint: Box | None
    scale: int  # 1:scale

    @property
    def enlarged(self) -> float:
        """Length of one of the sheet's millimetres in true millimetres."""
        return ENLARGED[self.paper]

    def metres_per_mm(self, scale: int) -> float:
        """Return the ground under one of the sheet's millimetres."""
        return scale * self.enlarged / 1000


def lay_out(
    bounds: Bounds,
    *,
    paper: Paper,
    orientation: Orientation | None,
    inset: bool,
    imprint: Imprint | None = None,
) -> Sheet:
    """Lay a sheet out; without an orientation, the one that draws the area larger.

    The imprint's scale holds where the area fits the sheet at it.

    Examples
    --------
    An area 100 km wide and 120 km high stands better on an upright sheet.

    >>> sheet = lay_out((0, 0, 100e3, 120e3), paper="A4", orientation=None, inset=True)
    >>> sheet.width, sheet.height, sheet.scale
    (210.0, 297.0, 700000)
    """
    if orientation is not None:
        return _lay_out(bounds, paper, orientation, inset, imprint)
    upright, wide = (
        _lay_out(bounds, paper, one, inset, imprint) for one in ("portrait", "landscape")
    )
    return wide if wide.scale < upright.scale else upright


def _lay_out(
    bounds: Bounds,
    paper: Paper,
    orientation: Orientation,
    inset: bool,
    imprint: Imprint | None,
) -> Sheet:
    short, long = (side / ENLARGED[paper] for side in SIZES_MM[paper])
    width, height = (short, long) if orientation == "portrait" else (long, short)
    left, right = MARGIN, width - MARGIN
    top, bottom = MARGIN + TITLE, height - MARGIN - FOOT
    signed = 0.0 if imprint is None else IMPRINT_HEIGHT
    if orientation == "portrait":
        high = PANEL_HEIGHT + signed
        frame = Box(left + BAND, top + BAND, right - BAND, bottom - high - GAP - BAND)
        panel = Box(left, bottom - high, right, bottom)
        side = Box(right - PANEL_WIDTH, panel.top, right, bottom)
        legend = Box(left, panel.top, side.left - GAP, bottom)
    else:
        frame = Box(left + BAND, top + BAND, right - PANEL_WIDTH - GAP - BAND, bottom - BAND)
        side = legend = Box(right - PANEL_WIDTH, top, right, bottom)
    end = side.bottom - signed
    furniture = Box(side.left, end - SCALE_HEIGHT, side.right, end)
    small = Box(side.left, furniture.top - GAP - INSET_HEIGHT, side.right, furniture.top - GAP)
    if orientation == "landscape":
        legend = Box(
            legend.left, legend.top, legend.right, (small if inset else furniture).top - 6.5
        )
    west, south, east, north = bounds
    needed = max((east - west) / frame.width, (north - south) / frame.height, 1e-9)
    least = LEAST_EXTENT_M / min(frame.width, frame.height)
    return Sheet(
        paper=paper,
        width=width,
        height=height,
        frame=frame,
        legend=legend,
        columns=2 if orientation == "portrait" else 1,
        inset=small if inset else None,
        furniture=furniture,
        imprint=Box(side.left, end + GAP, side.right, side.bottom) if imprint else None,
        scale=max(
            round_scale(max(needed * AROUND, least) * 1000 / ENLARGED[paper]),
            (imprint and imprint.scale) or 0,
        ),
    )


def round_scale(denominator: float) -> int:
    """Return the next scale that a map reader knows: one digit and a half.

    Examples
    --------
    >>> round_scale(612_000), round_scale(1_000_000), round_scale(40_500)
    (650000, 1000000, 45000)
    """
    power: int = 10 ** math.floor(math.log10(denominator))
    return round(math.ceil(round(2 * denominator / power, 6)) / 2 * power)


def draw_frame(page: Axes, sheet: Sheet, view: Bounds, crs: Any, lang: Language) -> None:
    """Draw the double frame, degrees above and on the left, kilometres below and on the right."""
    inner, outer = sheet.frame, _grown(sheet.frame, BAND)
    for box, width in ((inner, 0.5), (outer, 1.1)):
        page.add_patch(_outline(box, width * sheet.enlarged))
    west, south, east, north = view
    for degrees, x in crossings(crs, view, along="top"):
        at = inner.left + (x - west) / (east - west) * inner.width
        _tick(page, sheet, [(at, inner.top), (at, inner.top - 1)])
        _number(page, sheet, at, inner.top - BAND / 2, degree_text(degrees, "EW", lang))
    for degrees, y in crossings(crs, view, along="left"):
        at = inner.bottom - (y - south) / (north - south) * inner.height
        _tick(page, sheet, [(inner.left, at), (inner.left - 1, at)])
        _number(page, sheet, inner.left - BAND / 2, at, degree_text(degrees, "NS", lang), turn=90)
    step = _kilometre_step(view)
    decimals = max(math.ceil(3 - math.log10(step)), 0)
    for x in multiples(west, east, step):
        at = inner.left + (x - west) / (east - west) * inner.width
        _tick(page, sheet, [(at, inner.bottom), (at, inner.bottom + 1)])
        figure = number(x / 1000, lang, decimals=decimals)
        _number(page, sheet, at, inner.bottom + BAND / 2, figure)
    for y in multiples(south, north, step):
        at = inner.bottom - (y - south) / (north - south) * inner.height
        _tick(page, sheet, [(inner.right, at), (inner.right + 1, at)])
        _number(
            page,
            sheet,
            inner.right + BAND / 2,
            at,
            number(y / 1000, lang, decimals=decimals),
            turn=270,
        )


def graticule(crs: Any, view: Bounds) -> list[np.ndarray[Any, Any]]:
    """Return meridians and parallels of WGS 84 across the view, as lines in the map's CRS."""
    to_map = transformer(DEGREES, crs)
    west, south, east, north = _degrees(crs, view)
    step = _minutes(crs, view) / 60
    along_x, along_y = np.linspace(west, east, 60), np.linspace(south, north, 60)
    lines = [to_map.transform(np.full(60, x), along_y) for x in multiples(west, east, step)]
    lines += [to_map.transform(along_x, np.full(60, y)) for y in multiples(south, north, step)]
    return [np.column_stack(line) for line in lines]


def crossings(
    crs: Any, view: Bounds, *, along: Literal["top", "left"]
) -> list[tuple[float, float]]:
    """Return where meridians cross the upper edge or parallels the left one: degrees, metres."""
    west, south, east, north = view
    to_degrees = transformer(crs, DEGREES)
    if along == "top":
        metres = np.linspace(west, east, 200)
        degrees = to_degrees.transform(metres, np.full(200, north))[0]
    else:
        metres = np.linspace(south, north, 200)
        degrees = to_degrees.transform(np.full(200, west), metres)[1]
    step = _minutes(crs, view) / 60
    return [
        (one, float(np.interp(one, degrees, metres)))
        for one in multiples(degrees[0], degrees[-1], step)
    ]


def degree_text(degrees: float, signs: str, lang: Language) -> str:
    """Write an angle as a map does; `signs` names its two directions.

    Examples
    --------
    >>> degree_text(105.5, "EW", "vi"), degree_text(-22.25, "NS", "en")
    ('105°30′Đ', '22°15′S')
    """
    minutes = round(abs(degrees) * 60)
    sign = text(f"paper.direction_{signs[0 if degrees >= 0 else 1].lower()}", lang)
    return f"{minutes // 60}°{minutes % 60:02d}′{sign}"


def multiples(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of a step between two values.

    Examples
    --------
    >>> multiples(104.8, 105.6, 0.25)
    [105.0, 105.25, 105.5]
    """
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def draw_furniture(page: Axes, sheet: Sheet, lang: Language) -> None:
    """Draw the north arrow, the scale in figures and the scale bar."""
    box, pt = sheet.furniture, sheet.enlarged
    middle = box.left + 3.5
    arrow = [(middle, box.top + 3.4), (middle - 2.1, box.bottom - 0.6), (middle, box.bottom - 2.2)]
    page.add_patch(Polygon(arrow, facecolor=INK, edgecolor=INK, linewidth=0.5 * pt))
    mirrored = [(2 * middle - x, y) for x, y in arrow]
    page.add_patch(Polygon(mirrored, facecolor="white", edgecolor=INK, linewidth=0.5 * pt))
    write(
        page,
        sheet,
        middle,
        box.top + 2.6,
        text("maps.page_north", lang)[:1],
        8,
        bold=True,
        ha="center",
    )
    left, room = box.left + 11.0, box.width - 17.0
    on = "A4" if sheet.paper == "text" else sheet.paper  # the page that the text area is of
    figures = text("paper.scale", lang, scale=number(sheet.scale, lang), paper=on)
    write(page, sheet, left, box.top + 2.6, figures, 7.5)
    lengths = scale_bar(room * sheet.metres_per_mm(sheet.scale))
    ends = [left + metres / sheet.metres_per_mm(sheet.scale) for metres in lengths]
    unit, name = (1000, "km") if lengths[-1] >= 4000 else (1, "m")
    top = box.bottom - 5.2
    for part, (start, end) in enumerate(pairwise(ends)):
        page.add_patch(
            Rectangle(
                (start, top),
                end - start,
                1.5,
                facecolor=INK if part % 2 == 0 else "white",
                edgecolor=INK,
                linewidth=0.5 * pt,
            )
        )
    for position, (metres, at) in enumerate(zip(lengths, ends, strict=True)):
        figure = number(metres / unit, lang)
        last = position == len(lengths) - 1
        if position == 1 and ends[2] - at < width_mm(figure, font(6.0)) + 1:
            continue  # figures would touch
        shift = (width_mm(f"{figure} {name}", font(6.0)) - width_mm(figure, font(6.0))) / 2
        write(
            page,
            sheet,
            at + (shift if last else 0),
            box.bottom - 0.8,
            f"{figure} {name}" if last else figure,
            6,
            ha="center",
        )


def draw_imprint(page: Axes, sheet: Sheet, imprint: Imprint, lang: Language) -> None:
    """Write issuer, place and day, and leave room for a signature above a line."""
    box = sheet.imprint
    if box is None:
        return
    middle = (box.left + box.right) / 2
    issuer, size = fitted(printable(imprint.issuer[lang]), (7.5, 6.5, 5.5), box.width, lines=2)
    baseline = box.top + 2.6
    write(page, sheet, middle, baseline, imprint.dated[lang], 6.5, italic=True, ha="center")
    for line in issuer:
        baseline += 3.4
        write(page, sheet, middle, baseline, line, size, bold=True, ha="center")
    if imprint.signer is not None:
        baseline += 3.4
        signer = shorten(printable(imprint.signer[lang]), font(7), box.width)
        write(page, sheet, middle, baseline, signer, 7, ha="center")
    note = text("paper.signature", lang)
    write(page, sheet, middle, baseline + 2.8, note, 5.5, italic=True, colour=GREY, ha="center")
    page.plot(
        (middle - 22, middle + 22),
        (box.bottom - 0.6, box.bottom - 0.6),
        color=INK,
        linewidth=0.5 * sheet.enlarged,
    )


def scale_bar(longest_m: float) -> list[float]:
    """Return the marks of a scale bar, metres: 0, a quarter, a half and the whole.

    Examples
    --------
    >>> scale_bar(37_000)
    [0.0, 5000.0, 10000.0, 20000.0]
    """
    power = 10 ** math.floor(math.log10(longest_m))
    whole = max(step * power for step in (1, 2, 4) if step * power <= longest_m)
    return [0.0, whole / 4, whole / 2, float(whole)]


def outline(page: Axes, sheet: Sheet, box: Box) -> None:
    """Draw a thin line around a box."""
    page.add_patch(_outline(box, 0.6 * sheet.enlarged))


def write(  # noqa: PLR0913 - the properties of a written line
    page: Axes,
    sheet: Sheet,
    x: float,
    y: float,
    line: object,
    size_pt: float,
    *,
    bold: bool = False,
    italic: bool = False,
    colour: str = INK,
    ha: str = "left",
    va: str = "baseline",
    turn: float = 0,
) -> None:
    """Write one line on the sheet; what looks like a formula stays text."""
    page.text(
        x,
        y,
        printable(line),
        color=colour,
        ha=ha,
        va=va,
        rotation=turn,
        parse_math=False,
        fontproperties=font(size_pt * sheet.enlarged, bold=bold, italic=italic),
        rotation_mode="anchor" if turn == 0 else "default",
    )


def crs_text(crs: Any) -> str:
    """Return a CRS's name and code."""
    known = CRS.from_user_input(crs)
    code = known.to_epsg()
    return f"{known.name} (EPSG:{code})" if code else str(known.name)


def _grown(box: Box, by: float) -> Box:
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


def _outline(box: Box, width_pt: float) -> Rectangle:
    return Rectangle(
        (box.left, box.top), box.width, box.height, fill=False, edgecolor=INK, linewidth=width_pt
    )


def _tick(page: Axes, sheet: Sheet, ends: Sequence[tuple[float, float]]) -> None:
    page.plot(*zip(*ends, strict=True), color=INK, linewidth=0.5 * sheet.enlarged)


def _number(page: Axes, sheet: Sheet, x: float, y: float, figure: str, *, turn: float = 0) -> None:
    half = width_mm(figure, font(5.6)) / 2 + 1
    inner = sheet.frame
    along, low, high = (x, inner.left, inner.right) if turn == 0 else (y, inner.top, inner.bottom)
    if low + half <= along <= high - half:
        write(page, sheet, x, y, figure, 5.6, ha="center", va="center", turn=turn)


def _degrees(crs: Any, view: Bounds) -> Bounds:
    bounds: Bounds = transformer(crs, DEGREES).transform_bounds(*view)
    return bounds


def _minutes(crs: Any, view: Bounds) -> int:
    """Return the graticule's step: at most six lines each way."""
    west, south, east, north = _degrees(crs, view)
    widest = max(east - west, north - south) * 60
    return next((step for step in GRATICULE_MINUTES if widest / step <= 6), GRATICULE_MINUTES[-1])


def _kilometre_step(view: Bounds) -> float:
    widest = max(view[2] - view[0], view[3] - view[1])
    power = 10 ** math.floor(math.log10(widest / 10))
    return float(next(step * power for step in (1, 2, 5, 10) if widest / (step * power) <= 10))
