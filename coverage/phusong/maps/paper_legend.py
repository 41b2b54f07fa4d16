"""The legend of a printed map: what each colour, line and symbol means, and how many there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import IdentityTransform

from ..i18n import Bilingual, Language, number, text
from ..tables import GeometryKind
from .drawing import Look
from .paper_content import Content, PaperLayer, PaperRaster
from .paper_draw import PT_PER_PX, dashes, symbol
from .paper_sheet import GREY, INK, Box, Sheet, write
from .paper_text import font, wrap

Kind = Literal["title", "note", "side", "entry", "space"]
HEIGHT: Mapping[Kind, float] = {"title": 3.7, "note": 2.9, "side": 3.7, "entry": 3.7, "space": 1.6}
SIZE_PT: Mapping[Kind, float] = {"title": 7.2, "note": 5.9, "side": 6.7, "entry": 6.7, "space": 1}
SWATCH, COUNT, COLUMN_GAP, HEADING = 7.5, 9.0, 5.0, 5.5
LARGEST_RADIUS_PX = 9.0
SIZES = np.linspace(1.0, 0.3, 36)


@dataclass(frozen=True)
class Swatch:
    """The small picture before a line of the legend."""

    geometry: GeometryKind
    style: Look


@dataclass(frozen=True)
class Line:
    """One line of the legend; lengths shrink together when a legend is long."""

    kind: Kind
    words: str = ""
    count: int | None = None
    swatch: Swatch | None = None
    indented: bool = False

    @property
    def height(self) -> float:
        """Millimetres at full size."""
        return HEIGHT[self.kind]

    @property
    def look(self) -> FontProperties:
        """Font at full size."""
        return font(SIZE_PT[self.kind], bold=self.kind == "title", italic=self.kind == "note")


def draw_legend(page: Axes, sheet: Sheet, content: Content, lang: Language, zoom: int) -> None:
    """Draw the legend into its box, at full size or as much smaller as it must be.

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
    box = sheet.legend
    write(page, sheet, box.left, box.top + 3, text("maps.page_legend", lang), 8.5, bold=True)
    rule = Line2D([box.left, box.right], [box.top + 4.4] * 2, color=INK)
    rule.set_linewidth(0.6 * sheet.enlarged)
    page.add_line(rule)
    top, width = box.top + HEADING, (box.width + COLUMN_GAP) / sheet.columns - COLUMN_GAP
    blocks = list(legend_blocks(content, lang, zoom))
    for size in map(float, SIZES):
        wrapped = [list(_wrapped(block, width / size)) for block in blocks]
        columns = _balanced(wrapped, sheet.columns, (box.bottom - top) / size)
        if len(columns) <= sheet.columns:
            break
    for position, lines in enumerate(columns):
        left = box.left + position * (width + COLUMN_GAP)
        _draw_column(page, sheet, Box(left, top, left + width, box.bottom), lines, size, lang)


def legend_blocks(content: Content, lang: Language, zoom: int) -> Iterator[list[Line]]:
    """Yield the lines that should stay together: one block a layer, then the base map's."""
    for raster in content.rasters:
        yield [*_raster_lines(raster), Line("space")]
    for layer in content.layers:
        if not layer.spec.background:
            yield [*_layer_lines(layer, zoom), Line("space")]
    base = [
        line
        for layer in content.layers
        if layer.spec.background
        for line in _base_lines(layer, zoom)
    ]
    if base:
        yield [Line("title", text("maps.page_background", lang)), *base]


def _raster_lines(raster: PaperRaster) -> Iterator[Line]:
    yield Line("title", raster.title)
    yield from (Line("note", note) for note in raster.notes)
    for colour, words in raster.classes if raster.values is not None else ():
        style = Look(
            words=Bilingual(words, words),
            colour=colour,
            outline=GREY,
            fill_opacity=1,
            width_px=0.5,
            dash="",
            radius_px=0,
            shape="square",
        )
        yield Line("entry", words, swatch=Swatch("Polygon", style), indented=True)


def _layer_lines(layer: PaperLayer, zoom: int) -> Iterator[Line]:
    plain = layer.spec.paint is None and layer.groups
    swatch = Swatch(layer.geometry, layer.groups[0].look) if plain else None
    yield Line("title", layer.title, layer.count if plain else None, swatch, bool(plain))
    yield from (Line("note", note) for note in layer.notes)
    side = ""
    for group in () if plain else layer.groups:
        if group.look.from_zoom > zoom or (layer.spec.categories and not len(group.rows)):
            continue
        if group.side and group.side != side:
            total = sum(len(one.rows) for one in layer.groups if one.side == group.side)
            yield Line("side", group.side, total)
        side = group.side
        swatch = Swatch(layer.geometry, group.look)
        yield Line("entry", group.words, len(group.rows), swatch, indented=True)


def _base_lines(layer: PaperLayer, zoom: int) -> Iterator[Line]:
    for group in layer.groups:
        if group.look.from_zoom <= zoom and len(group.rows):
            swatch = Swatch(layer.geometry, group.look)
            yield Line("entry", group.words, None, swatch, indented=True)


def _wrapped(block: list[Line], width: float) -> Iterator[Line]:
    """Yield the lines broken to a column's width; what follows a break repeats no figure."""
    for line in block:
        room = width - SWATCH * line.indented - (0 if line.count is None else COUNT)
        first, *rest = wrap(line.words, line.look, room)
        yield replace(line, words=first)
        yield from (replace(line, words=more, count=None, swatch=None) for more in rest)


def _balanced(blocks: list[list[Line]], count: int, height: float) -> list[list[Line]]:
    """Pour blocks into columns of about the same height, which is at most `height`."""
    tall = [sum(line.height for line in block) for block in blocks]
    least = max(sum(tall) / count, *tall)
    tries = (_flow(blocks, lower) for lower in np.linspace(min(least, height), height, 8))
    return next((columns for columns in tries if len(columns) <= count), _flow(blocks, height))


def _flow(blocks: list[list[Line]], height: float) -> list[list[Line]]:
    """Pour blocks into columns; a block is broken only if no column could hold it."""
    columns: list[list[Line]] = [[]]
    used = 0.0
    for block in blocks:
        tall = sum(line.height for line in block)
        if used and used + tall > height >= tall:
            columns.append([])
            used = 0.0
        for line in block:
            if used + line.height > height:
                columns.append([])
                used = 0.0
            columns[-1].append(line)
            used += line.height
    return columns


def _draw_column(
    page: Axes, sheet: Sheet, box: Box, lines: list[Line], size: float, lang: Language
) -> None:
    y = box.top
    for line in lines:
        y += line.height * size
        baseline = y - 0.28 * line.height * size
        left = box.left + SWATCH * size * line.indented
        size_pt = SIZE_PT[line.kind] * size
        title, note = line.kind == "title", line.kind == "note"
        colour = GREY if note else INK
        write(
            page, sheet, left, baseline, line.words, size_pt, bold=title, italic=note, colour=colour
        )
        if line.count is not None:
            figure, bold = number(line.count, lang), line.kind in {"title", "side"}
            write(page, sheet, box.right, baseline, figure, size_pt, bold=bold, ha="right")
        if line.swatch is not None:
            middle = baseline - 0.3 * line.height * size
            _draw_swatch(page, sheet, box.left, middle, line.swatch, size)


def _draw_swatch(
    page: Axes, sheet: Sheet, left: float, middle: float, swatch: Swatch, size: float
) -> None:
    style, pt = swatch.style, sheet.enlarged
    right = left + (SWATCH - 1.7) * size
    width = style.width_px * PT_PER_PX * pt
    outline_only = swatch.geometry == "Polygon" and style.fill_opacity == 0
    fill = to_rgba(style.colour, style.fill_opacity)
    if swatch.geometry == "LineString" or outline_only:
        colour = style.outline if outline_only else style.colour
        line = Line2D([left, right], [middle, middle], color=colour, linestyle=dashes(style))
        line.set_linewidth(max(width, 0.6 * pt))
        page.add_line(line)
    elif swatch.geometry == "Polygon":
        half = 1.25 * size
        page.add_patch(
            Rectangle(
                (left, middle - half),
                right - left,
                2 * half,
                facecolor=fill,
                edgecolor=style.outline,
                linewidth=0.4 * pt,
            )
        )
    else:
        radius = min(style.radius_px, LARGEST_RADIUS_PX) * PT_PER_PX * pt
        page.add_collection(
            PathCollection(
                [symbol(style)],
                sizes=[radius**2],
                offsets=[((left + right) / 2, middle)],
                offset_transform=page.transData,
                transform=IdentityTransform(),
                facecolors=[fill],
                edgecolors=style.outline,
                linewidths=width,
            ),
            autolim=False,
        )
