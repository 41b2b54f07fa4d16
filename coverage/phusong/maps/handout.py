"""Sheets to hand out: a page of A4 for each commune, cards for villages, many in one PDF.

Lays out and draws what it is given: a map, and tables and lines that are words already.
Knows no column of a table and computes no figure. Pages are drawn one after the other
and dropped, so that a province costs the memory of a few pages.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from ..i18n import Language, text
from .layers import MapData
from .paper import DPI, check_paper_file, draw_map, own_settings
from .paper_content import Content, content
from .paper_draw import area_path
from .paper_pdf import new_pdf
from .paper_sheet import (
    GREY,
    INK,
    LEAST_EXTENT_M,
    MARGIN,
    SIZES_MM,
    Box,
    Sheet,
    crs_text,
    round_scale,
    write,
)
from .paper_text import fitted, font, printable, shorten, wrap
from .theme import Theme

WIDTH, HEIGHT = SIZES_MM["A4"]
MARKING = "#a63603"
TITLE_PT, ABOUT_PT, BLOCK_PT, CELL_PT, NOTE_PT = 15.0, 9.0, 8.8, 7.2, 5.8
LINE, NOTE_LINE, PADDING, BLOCK_GAP, TABLE_HEAD = 3.1, 2.6, 0.9, 3.2, 4.4
ROOM = WIDTH - 2 * MARGIN
MAP = Box(MARGIN + 4.6, MARGIN + 20.6, 142.0, 132.0)
PANEL = Box(150.0, MARGIN + 16.0, WIDTH - MARGIN, 136.6)
SCALE_HEIGHT = 12.0
FOOT_LINES = 5
TABLES_TOP, FOOT_TOP = 143.0, HEIGHT - 5.0 - 2.2 * FOOT_LINES
AROUND = 1.08
MOST_LINES = 4
"""Of a cell; what is longer ends in an ellipsis."""
Cells = tuple[list[str], ...]
"""The lines of each cell of a row."""
CARD_WIDTH, CARD_HEIGHT, CARD_MARGIN = WIDTH / 2, HEIGHT / 2, 8.0
CARD_MAP = 34.0
CARD_LABEL = 36.0
FACT_PT, FACT_LINE = 7.4, 3.3
CARDS_A_PAGE = 4


@dataclass(frozen=True, kw_only=True)
class SheetTable:
    """A table on a page, in words.

    Parameters
    ----------
    title : str
    headings : tuple of str
        Of the columns; none for a list of label and value.
    widths : tuple of float
        Of the columns, in shares of the page.
    rows : tuple of tuple of str
    note : str
        Below it, in small print; empty where there is none.
    more : callable, optional
        Takes how many rows find no room and returns what is said of them. Without it every
        row is drawn.
    """

    title: str
    headings: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    more: Callable[[int], str] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class CommuneSheet:
    """What stands on the page of a commune.

    Parameters
    ----------
    title, about, marking : str
        The commune; where it lies; for whom the sheet is.
    theme : Theme
        Of its map.
    data : MapData
        Its tables and rasters, cut to the commune, which is its only unit.
    service : str, optional
        Id of the service on the map.
    tables : tuple of SheetTable
    """

    title: str
    about: str
    marking: str
    theme: Theme
    data: MapData
    service: str | None
    tables: tuple[SheetTable, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class VillageCard:
    """What stands on the card of a village.

    Parameters
    ----------
    title, about, marking, foot : str
        The village; where it lies; for whom the card is; day and source.
    warning : str
        That the data are invented; empty where they are real.
    facts : tuple of (str, str)
        Label and value.
    outline : Polygon, optional
        Of its commune.
    place, others : array of float, shape (n, 2)
        The village, and the other villages of its commune, in the CRS of the outline; an
        empty array where the place is not known.
    """

    title: str
    about: str
    marking: str
    foot: str
    warning: str
    facts: tuple[tuple[str, str], ...]
    outline: Any
    place: Any
    others: Any


def write_commune_sheets(
    sheets: Iterable[CommuneSheet], path: Path, *, title: str, lang: Language
) -> int:
    """Write a page for each commune into one PDF.

    The same sheets give the same bytes. The PDF carries its fonts, and its text can be searched.

    Parameters
    ----------
    sheets : iterable of CommuneSheet
        Taken one after the other, when the one before is drawn.
    path : Path
        A new ``.pdf``.
    title : str
        Of the document.
    lang : {"vi", "en"}

    Returns
    -------
    int
        How many pages were written.

    Raises
    ------
    OutputError
        If the name is no ``.pdf`` or its folder is not there.
    NothingToDrawError
        If there is nothing of what a map shows.
    UnknownServiceError
        If there is no such service.
    """
    return _write((_commune_page(one, lang) for one in sheets), path, title)


def write_village_cards(cards: Iterable[VillageCard], path: Path, *, title: str) -> int:
    """Write cards of villages into one PDF, four of A6 on a page, with lines to cut along.

    Parameters
    ----------
    cards : iterable of VillageCard
        Taken page by page.
    path : Path
        A new ``.pdf``.
    title : str
        Of the document.

    Returns
    -------
    int
        How many pages were written.

    Raises
    ------
    OutputError
        If the name is no ``.pdf`` or its folder is not there.
    """
    rest = iter(cards)
    pages = iter(lambda: tuple(islice(rest, CARDS_A_PAGE)), ())
    return _write(map(_card_page, pages), path, title)


def _write(figures: Iterable[Figure], path: Path, title: str) -> int:
    check_paper_file(path, (".pdf",))
    count = 0
    with own_settings(), new_pdf(path, printable(title)) as pages:
        for figure in figures:
            pages.savefig(figure, dpi=DPI)
            count += 1
    return count


def _new_page() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH / 25.4, HEIGHT / 25.4), dpi=DPI)
    FigureCanvasAgg(figure)
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    page.set_axis_off()
    page.set_zorder(1)
    return figure, page


def _commune_page(one: CommuneSheet, lang: Language) -> Figure:
    drawn = content(one.theme, one.data, lang=lang, service=one.service)
    figure, page = _new_page()
    sheet = _laid_out(drawn)
    draw_map(page, sheet, drawn, one.theme.relief, one.data, lang, smooth=False)
    _draw_head(page, sheet, one)
    _draw_tables(page, sheet, one.tables)
    foot = " · ".join(
        part
        for part in (
            drawn.study,
            drawn.dated,
            "" if drawn.service is None else printable(drawn.service.definition[lang]),
            text("paper.crs", lang, crs=crs_text(drawn.crs)),
        )
        if part
    )
    lines, size = fitted(foot, (NOTE_PT, 5.0, 4.5), ROOM, lines=FOOT_LINES)
    for position, line in enumerate(reversed(lines)):
        write(page, sheet, MARGIN, HEIGHT - 5.0 - 2.2 * position, line, size, colour=GREY)
    return figure


def _laid_out(drawn: Content) -> Sheet:
    west, south, east, north = drawn.bounds
    needed = max((east - west) / MAP.width, (north - south) / MAP.height)
    least = LEAST_EXTENT_M / min(MAP.width, MAP.height)
    return Sheet(
        paper="A4",
        width=WIDTH,
        height=HEIGHT,
        frame=MAP,
        legend=Box(PANEL.left, PANEL.top, PANEL.right, PANEL.bottom - SCALE_HEIGHT - 2),
        columns=1,
        inset=None,
        furniture=Box(PANEL.left, PANEL.bottom - SCALE_HEIGHT, PANEL.right, PANEL.bottom),
        imprint=None,
        scale=round_scale(max(needed * AROUND, least) * 1000),
    )


def _draw_head(page: Axes, sheet: Sheet, one: CommuneSheet) -> None:
    marking, size = fitted(printable(one.marking), (8.0, 7.0), 62.0, lines=2)
    for position, line in enumerate(marking):
        y = MARGIN + 4.0 + 3.2 * position
        write(page, sheet, WIDTH - MARGIN, y, line, size, bold=True, colour=MARKING, ha="right")
    title = shorten(printable(one.title), font(TITLE_PT, bold=True), ROOM - 66.0)
    write(page, sheet, MARGIN, MARGIN + 5.0, title, TITLE_PT, bold=True)
    about = shorten(printable(one.about), font(ABOUT_PT), ROOM)
    write(page, sheet, MARGIN, MARGIN + 11.0, about, ABOUT_PT)


@dataclass(frozen=True)
class _Laid:
    """A table with its cells broken to lines, from the heading down."""

    table: SheetTable
    heading: Cells | None
    rows: tuple[Cells, ...]
    notes: tuple[str, ...]

    def height(self, shown: int) -> float:
        """Return the millimetres that it takes with so many of its rows, and the gap below."""
        lines = [*([] if self.heading is None else [self.heading]), *self.rows[:shown]]
        told = len(self.notes) + (shown < len(self.rows))
        return TABLE_HEAD + sum(map(_height, lines)) + NOTE_LINE * told + BLOCK_GAP


def _draw_tables(page: Axes, sheet: Sheet, tables: Sequence[SheetTable]) -> None:
    """Draw tables below each other; the longest ones lose rows until all find room, and say so."""
    laid = [_lay_table(table) for table in tables]
    shown = [len(one.rows) for one in laid]
    room = FOOT_TOP - TABLES_TOP
    while sum(one.height(count) for one, count in zip(laid, shown, strict=True)) > room:
        most, place = max(
            (count if one.table.more else 0, place)
            for place, (one, count) in enumerate(zip(laid, shown, strict=True))
        )
        if not most:
            break
        shown[place] -= 1
    top = TABLES_TOP
    for one, count in zip(laid, shown, strict=True):
        _draw_table(page, sheet, one, count, top)
        top += one.height(count)


def _lay_table(table: SheetTable) -> _Laid:
    def lines_of(cells: Sequence[str], *, bold: bool = False) -> Cells:
        return tuple(
            _broken(cell, width - 2 * PADDING, bold=bold)
            for cell, width in zip(cells, _widths(table), strict=True)
        )

    note = printable(table.note)
    return _Laid(
        table,
        lines_of(table.headings, bold=True) if table.headings else None,
        tuple(lines_of(row) for row in table.rows),
        tuple(wrap(note, font(NOTE_PT, italic=True), ROOM)) if note else (),
    )


def _widths(table: SheetTable) -> list[float]:
    return [share * ROOM for share in table.widths]


def _draw_table(page: Axes, sheet: Sheet, laid: _Laid, shown: int, top: float) -> None:
    widths = _widths(laid.table)
    lefts = [MARGIN + sum(widths[:place]) for place in range(len(widths))]

    def draw(cells: Cells, y: float, *, bold: bool = False) -> float:
        for left, lines in zip(lefts, cells, strict=True):
            for position, line in enumerate(lines):
                baseline = y + 2.8 + LINE * position
                colour = GREY if bold else INK
                write(
                    page, sheet, left + PADDING, baseline, line, CELL_PT, bold=bold, colour=colour
                )
        return y + _height(cells)

    write(page, sheet, MARGIN, top + 3.0, printable(laid.table.title), BLOCK_PT, bold=True)
    y = top + TABLE_HEAD
    rules = [y]
    if laid.heading is not None:
        y = draw(laid.heading, y, bold=True)
        rules.append(y)
    for cells in laid.rows[:shown]:
        y = draw(cells, y)
        rules.append(y)
    left_out = len(laid.rows) - shown
    told = [laid.table.more(left_out)] if laid.table.more is not None and left_out else []
    for line in (*told, *laid.notes):
        y += NOTE_LINE
        write(page, sheet, MARGIN, y, line, NOTE_PT, italic=True, colour=GREY)
    page.add_collection(
        LineCollection(
            [[(MARGIN, at), (WIDTH - MARGIN, at)] for at in rules],
            colors=GREY,
            linewidths=[0.6, *[0.25] * (len(rules) - 1)],
        ),
        autolim=False,
    )


def _broken(cell: str, room: float, *, bold: bool = False) -> list[str]:
    look = font(CELL_PT, bold=bold)
    lines = wrap(printable(cell), look, room)
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[: MOST_LINES - 1], shorten(" ".join(lines[MOST_LINES - 1 :]), look, room)]


def _height(cells: Cells) -> float:
    return max(map(len, cells)) * LINE + 1.2


def _card_page(cards: Sequence[VillageCard]) -> Figure:
    figure, page = _new_page()
    sheet = _blank()
    page.add_collection(
        LineCollection(
            [[(CARD_WIDTH, 0), (CARD_WIDTH, HEIGHT)], [(0, CARD_HEIGHT), (WIDTH, CARD_HEIGHT)]],
            colors=GREY,
            linewidths=0.4,
            linestyles="dashed",
        ),
        autolim=False,
    )
    for place, card in enumerate(cards):
        row, column = divmod(place, 2)
        _draw_card(page, sheet, card, column * CARD_WIDTH, row * CARD_HEIGHT)
    return figure


def _blank() -> Sheet:
    """Return a sheet of A4 without a map, for `write`."""
    whole = Box(0, 0, WIDTH, HEIGHT)
    return Sheet(
        paper="A4", width=WIDTH, height=HEIGHT, frame=whole, legend=whole, columns=1, inset=None,
        furniture=whole, imprint=None, scale=1,
    )  # fmt: skip


def _draw_card(page: Axes, sheet: Sheet, card: VillageCard, left: float, top: float) -> None:
    start, room = left + CARD_MARGIN, CARD_WIDTH - 2 * CARD_MARGIN
    y = top + CARD_MARGIN + 2.5
    for words in filter(None, (card.marking, card.warning)):
        line = shorten(printable(words), font(6.5, bold=True), room)
        write(page, sheet, start, y, line, 6.5, bold=True, colour=MARKING)
        y += 3.2
    title, size = fitted(printable(card.title), (14.0, 11.0, 9.0), room, lines=1)
    y += 3.4
    write(page, sheet, start, y, title[0], size, bold=True)
    about, size = fitted(printable(card.about), (8.5, 7.0), room, lines=2)
    for line in about:
        y += 4.0
        write(page, sheet, start, y, line, size)
    y += 2.5
    if card.outline is not None:
        box = Box(start, y, start + room, y + CARD_MAP)
        _draw_locator(page, card, box)
        y = box.bottom
    end = top + CARD_HEIGHT - CARD_MARGIN
    for label, value in card.facts:
        if end - 7.0 - y < FACT_LINE:
            write(page, sheet, start, end - 6.0, "…", FACT_PT)
            break
        y = _draw_fact(page, sheet, (start, y, room, end - 7.0), label, value)
    lines, size = fitted(printable(card.foot), (NOTE_PT, 5.0), room, lines=2)
    for position, line in enumerate(reversed(lines)):
        write(page, sheet, start, end - 2.2 * position, line, size, colour=GREY)


def _draw_fact(
    page: Axes, sheet: Sheet, place: tuple[float, float, float, float], label: str, value: str
) -> float:
    """Write a label and its value beside it; what finds no room on the card ends in an ellipsis."""
    start, y, room, end = place
    beside, look = room - CARD_LABEL, font(FACT_PT, bold=True)
    names = wrap(printable(label), font(FACT_PT), CARD_LABEL - 2)
    lines = wrap(printable(value), look, beside)
    left = int((end - y) / FACT_LINE)
    if len(lines) > left:
        lines = [*lines[: left - 1], shorten(f"{lines[left - 1]} …", look, beside)]
    for position, line in enumerate(names[:left]):
        write(page, sheet, start, y + 4.0 + FACT_LINE * position, line, FACT_PT, colour=GREY)
    for position, line in enumerate(lines):
        at = (start + CARD_LABEL, y + 4.0 + FACT_LINE * position)
        write(page, sheet, *at, line, FACT_PT, bold=True)
    return y + 1.4 + FACT_LINE * max(min(len(names), left), len(lines))


def _draw_locator(page: Axes, card: VillageCard, box: Box) -> None:
    """Draw the outline of the commune, its villages as dots and this one as a large one."""
    west, south, east, north = shapely.bounds(card.outline).tolist()
    size = min(box.width / max(east - west, 1.0), box.height / max(north - south, 1.0))
    middle, centre = ((west + east) / 2, (south + north) / 2), box.middle

    def on_card(metres: Any) -> Any:
        return np.asarray(metres).reshape(-1, 2) * (1, -1) * size + (
            centre[0] - middle[0] * size,
            centre[1] + middle[1] * size,
        )

    outline = shapely.transform(shapely.simplify(card.outline, 0.1 / size), on_card)
    page.add_patch(
        PathPatch(area_path(outline), facecolor="#f2f5e8", edgecolor=GREY, linewidth=0.7)
    )
    for points, colour, points_wide in ((card.others, GREY, 2.0), (card.place, MARKING, 7.0)):
        if len(points):
            page.plot(
                *on_card(points).T, "o", color=colour, markersize=points_wide,
                markeredgecolor="white", markeredgewidth=0.3,
            )  # fmt: skip
