"""The legend of a printed map: what each colour, line and symbol means, and how many there are."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import IdentityTransform

from .._types import Language
from ..i18n import number, text
from .paper_content import Content, Group, PaperLayer
from .paper_draw import PT_PER_PX, dashes, symbol
from .paper_sheet import GREY, INK, Box, Sheet, write
from .paper_text import font, width_mm, wrap

SWATCH, COLUMN_GAP, LARGEST_RADIUS_PX = 7.5, 5.0, 6.5
HEIGHT, SIZE_PT = (
    {"title": 3.7, "note": 2.9, "side": 3.7, "entry": 3.7, "space": 1.6},
    {"title": 7.2, "note": 5.9, "side": 6.7, "entry": 6.7, "space": 0.0},
)


@dataclass(frozen=True)
class Line:
    """One line of the legend."""

    kind: str
    words: str = ""
    count: int | None = None
    layer: PaperLayer | None = None
    group: Group | None = None


def draw_legend(page: Axes, sheet: Sheet, content: Content, lang: Language, zoom: int) -> None:
    """Draw the legend into its box, as large as fits.

    Parameters
    ----------
    page : Axes
        The sheet in millimetres, downwards.
    sheet : Sheet
    content : Content
    lang : {"vi", "en"}
    zoom : int
        Categories that appear only at a larger zoom are left out.
    """
    box = _draw_heading(page, sheet, lang)
    width = (box.width - (sheet.columns - 1) * COLUMN_GAP) / sheet.columns
    size, columns = 1.0, []
    for size in np.arange(1.0, 0.3, -0.04):
        blocks = [
            list(_wrapped(block, width, float(size))) for block in _blocks(content, lang, zoom)
        ]
        columns = _flow(blocks, box.height / float(size))
        if len(columns) <= sheet.columns:
            break
    for position, lines in enumerate(columns[: sheet.columns]):
        left = box.left + position * (width + COLUMN_GAP)
        _draw_column(
            page, sheet, Box(left, box.top, left + width, box.bottom), lines, float(size), lang
        )


def _draw_heading(page: Axes, sheet: Sheet, lang: Language) -> Box:
    """Draw the heading and return the room below it."""
    box = sheet.legend
    write(page, sheet, box.left, box.top + 3, text("maps.page_legend", lang), 8.5, bold=True)
    line = Line2D(
        [box.left, box.right], [box.top + 4.4] * 2, color=INK, linewidth=0.6 * sheet.enlarged
    )
    page.add_line(line)
    return Box(box.left, box.top + 5.5, box.right, box.bottom)


def _blocks(content: Content, lang: Language, zoom: int) -> Iterator[list[Line]]:
    """Yield what should stay together: one block a layer, then the base map's."""
    for layer in content.layers:
        if not layer.spec.background:
            yield [*_entries(layer, lang, zoom), Line("space")]
    base = [layer for layer in content.layers if layer.spec.background and layer.count]
    if base:
        yield [
            Line("title", text("maps.page_background", lang)),
            *(line for layer in base for line in _base_entries(layer, zoom)),
        ]


def _entries(layer: PaperLayer, lang: Language, zoom: int) -> Iterator[Line]:
    notes = [Line("note", note) for note in layer.notes]
    if layer.spec.classes is None and layer.spec.categories is None and layer.groups:
        yield Line("title", layer.title, layer.count, layer, layer.groups[0])
        yield from notes
        return
    yield Line("title", layer.title)
    yield from notes
    side = ""
    for group in layer.groups:
        if group.style.from_zoom > zoom or (layer.spec.categories and not len(group.rows)):
            continue
        if group.side and group.side != side:
            total = sum(len(one.rows) for one in layer.groups if one.side == group.side)
            yield Line("side", group.side, total)
        side = group.side
        yield Line("entry", group.words, len(group.rows), layer, group)


def _base_entries(layer: PaperLayer, zoom: int) -> Iterator[Line]:
    for group in layer.groups:
        if group.style.from_zoom <= zoom and len(group.rows):
            yield Line("entry", group.words or layer.title, None, layer, group)


def _wrapped(block: list[Line], width: float, size: float) -> Iterator[Line]:
    """Yield the lines broken to the column's width; what follows a break carries no swatch."""
    for line in block:
        if not line.words:
            yield line
            continue
        room = (
            (width / size) - (SWATCH if line.group else 0) - (9.0 if line.count is not None else 0)
        )
        first, *rest = wrap(line.words, _look(line, 1.0), room)
        yield Line(line.kind, first, line.count, line.layer, line.group)
        yield from (Line(line.kind, more, None, line.layer) for more in rest)


def _flow(blocks: list[list[Line]], height: float) -> list[list[Line]]:
    """Pour blocks into columns; a block is broken only if no column could hold it."""
    columns: list[list[Line]] = [[]]
    used = 0.0
    for block in blocks:
        tall = sum(HEIGHT[line.kind] for line in block)
        if used and used + tall > height and tall <= height:
            columns.append([])
            used = 0.0
        for line in block:
            if used + HEIGHT[line.kind] > height:
                columns.append([])
                used = 0.0
            columns[-1].append(line)
            used += HEIGHT[line.kind]
    return columns


def _look(line: Line, size: float) -> object:
    return font(SIZE_PT[line.kind] * size, bold=line.kind == "title",
                italic=line.kind == "note")  # fmt: skip


def _draw_column(
    page: Axes, sheet: Sheet, box: Box, lines: list[Line], size: float, lang: Language
) -> None:
    y = box.top
    for line in lines:
        y += HEIGHT[line.kind] * size
        if not line.words:
            continue
        baseline = y - 0.28 * HEIGHT[line.kind] * size
        indent = SWATCH * size if line.layer is not None else 0.0
        write(page, sheet, box.left + indent, baseline, line.words, SIZE_PT[line.kind] * size,
              bold=line.kind == "title", italic=line.kind == "note",
              colour=GREY if line.kind == "note" else INK)  # fmt: skip
        if line.count is not None:
            write(page, sheet, box.right, baseline, number(line.count, lang),
                  SIZE_PT[line.kind] * size, bold=line.kind in {"title", "side"}, ha="right")  # fmt: skip
        if line.group is not None and line.layer is not None:
            middle = baseline - 0.3 * HEIGHT[line.kind] * size
            _draw_swatch(page, sheet, box.left, middle, line.layer, line.group, size)


def _draw_swatch(
    page: Axes,
    sheet: Sheet,
    left: float,
    middle: float,
    layer: PaperLayer,
    group: Group,
    size: float,
) -> None:
    style, pt = group.style, sheet.enlarged
    right = left + (SWATCH - 1.7) * size
    width = style.width_px * PT_PER_PX * pt
    outline_only = layer.geometry == "Polygon" and style.fill_opacity == 0
    if layer.geometry == "LineString" or outline_only:
        page.add_line(Line2D(
            [left, right], [middle, middle], linewidth=max(width, 0.6 * pt),
            color=style.outline if outline_only else style.colour, linestyle=dashes(style),
        ))  # fmt: skip
    elif layer.geometry == "Polygon":
        half = 1.25 * size
        page.add_patch(Rectangle(
            (left, middle - half), right - left, 2 * half, edgecolor=style.outline,
            facecolor=to_rgba(style.colour, style.fill_opacity), linewidth=0.4 * pt,
        ))  # fmt: skip
    else:
        radius = min(style.radius_px, LARGEST_RADIUS_PX) * PT_PER_PX * pt
        page.add_collection(PathCollection(
            [symbol(style)], sizes=[radius**2], offsets=[((left + right) / 2, middle)],
            offset_transform=page.transData, transform=IdentityTransform(), edgecolors=style.outline, linewidths=width,
            facecolors=[to_rgba(style.colour, style.fill_opacity)],
        ), autolim=False)  # fmt: skip


__all__ = ["draw_legend", "width_mm"]
