"""Names on a printed map: which are written, and where there is room for them."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from .paper_content import Content
from .paper_draw import PT_PER_PX, Frame
from .paper_text import MM_PER_PT, font, width_mm

NAME_PT_PER_PX = 0.56
GAP_PT = 1.0
LARGE_PX = 13.0  # towns
NEAR_PT = 60.0  # the same name is not written again within this distance
RIMS, NAMES = 1100, 1101  # drawing order: above the symbols, all rims below all names


@dataclass(frozen=True)
class _Name:
    words: str
    x: float  # points from the frame's lower left corner
    y: float
    size_pt: float
    colour: str
    italic: bool
    large: bool
    offset_pt: float  # radius of the symbol it stands beside; 0 for the name of an area


def draw_names(frame: Frame, content: Content) -> None:
    """Write the names that find room, most important first, with a light rim around each.

    Names of upper layers come before those of lower ones, larger before
    smaller; a name that would touch another one is left out, and a small one that
    finds no room beside the symbols. A large one stands then, within its rim, above
    the fewest symbols possible.
    """
    west, south, east, north = frame.view
    pt = frame.metres_per_pt
    free = _Room((east - west) / pt, (north - south) / pt, _symbols(frame, content))
    outlines = defaultdict[tuple[float, str], list[Path]](list)
    for name in _names(frame, content):
        if not free.wants(name):  # most of a country's, before they are measured
            continue
        look = font(name.size_pt, italic=name.italic)
        width, height = width_mm(name.words, look) / MM_PER_PT, 1.1 * name.size_pt
        place = free.place(name, width, height)
        if place is None:
            continue
        left, bottom = place
        at = west + left * pt, south + (bottom + 0.25 * height) * pt
        text = Text(
            *at,
            name.words,
            color=name.colour,
            fontproperties=look,
            parse_math=False,
            zorder=NAMES,
        )
        frame.axes.add_artist(text)
        letters, codes = text_to_path.get_text_path(look, name.words)
        scale = name.size_pt / text_to_path.FONT_SCALE * pt
        outlines[name.size_pt, name.colour].append(Path(scale * np.array(letters) + at, codes))
    for (size_pt, colour), paths in outlines.items():  # at once: a text is drawn for each else
        rims = PathPatch(
            Path.make_compound_path(*paths),
            facecolor=colour,
            edgecolor="white",
            alpha=0.85,
            linewidth=0.28 * size_pt,
            joinstyle="round",
            zorder=RIMS,
        )
        frame.axes.add_artist(rims)  # a collection or `add_patch` would go through all curves


def _names(frame: Frame, content: Content) -> Iterator[_Name]:
    west, south, *_ = frame.view
    for layer in reversed(content.layers):
        labels = layer.spec.labels
        if labels is None or layer.anchors is None or frame.zoom < labels.from_zoom:
            continue
        rows = [
            (row, group.look.label_px, group.look.radius_px)
            for group in layer.groups
            if group.look.from_zoom <= frame.zoom
            for row in group.rows.tolist()
        ]
        places = ((layer.anchors - (west, south)) / frame.metres_per_pt).tolist()
        for row, size_px, radius_px in sorted(rows, key=lambda one: -one[1]):
            x, y = places[row]
            beside = 0.0 if layer.geometry == "Polygon" else (radius_px + 2) * PT_PER_PX
            if layer.names[row] and math.isfinite(x):
                yield _Name(
                    layer.names[row],
                    x,
                    y,
                    size_px * NAME_PT_PER_PX * frame.enlarged,
                    labels.colour,
                    labels.italic,
                    size_px >= LARGE_PX,
                    beside * frame.enlarged,
                )


def _symbols(frame: Frame, content: Content) -> NDArray[np.float64]:
    """Return the boxes of the symbols that carry no name: left, bottom, right, top in points."""
    west, south, *_ = frame.view
    boxes = [np.empty((0, 4))]
    for layer in content.layers:
        if layer.geometry != "Point" or layer.spec.labels is not None or layer.shapes is None:
            continue
        for group in layer.groups:
            if group.look.from_zoom > frame.zoom:
                continue
            at = shapely.get_coordinates(layer.shapes[group.rows])
            at = (at - (west, south)) / frame.metres_per_pt
            radius = group.look.radius_px * PT_PER_PX * frame.enlarged
            boxes.append(np.hstack([at - radius, at + radius]))
    return np.concatenate(boxes)


class _Room:
    """What is still free in a frame; lengths in points."""

    def __init__(self, width: float, height: float, symbols: NDArray[np.float64]) -> None:
        self.width, self.height = width, height
        self.symbols = symbols[np.argsort(symbols[:, 0], kind="stable")]
        self.lefts = self.symbols[:, 0].copy()
        self.widest = float((symbols[:, 2] - symbols[:, 0]).max(initial=0.0))
        self.taken = np.empty((0, 4))
        self.written: dict[str, list[tuple[float, float]]] = {}

    def wants(self, name: _Name) -> bool:
        """Tell if a name lies in the frame and is not written near by."""
        if not (0 <= name.x <= self.width and 0 <= name.y <= self.height):
            return False
        near = self.written.get(name.words, ())
        return all(math.hypot(name.x - x, name.y - y) >= NEAR_PT for x, y in near)

    def place(self, name: _Name, width: float, height: float) -> tuple[float, float] | None:
        """Return the lower left corner for a name and take the room; None if there is none."""
        spots = np.array(
            [
                (left - GAP_PT, bottom - GAP_PT, left + width + GAP_PT, bottom + height + GAP_PT)
                for left, bottom in _spots(name, width, height)
            ]
        )
        inside = (spots[:, :2] >= 0).all(axis=1)
        inside &= (spots[:, 2:] <= (self.width, self.height)).all(axis=1)
        free = spots[inside & _apart(self.taken, spots).all(axis=1)]
        if not len(free):
            return None
        covered = (~_apart(self._symbols_by(free), free)).sum(axis=1)
        box, r = free[covered.argmin()], name.offset_pt
        if covered.min() and not name.large:
            return None  # a small name that symbols would hide says nothing
        symbol = (name.x - r, name.y - r, name.x + r, name.y + r)
        self.taken = np.vstack([self.taken, box, symbol])
        self.written.setdefault(name.words, []).append((name.x, name.y))
        return float(box[0] + GAP_PT), float(box[1] + GAP_PT)

    def _symbols_by(self, spots: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the symbols that lie above or below some spots, among them all that touch one."""
        ends = spots[:, 0].min() - self.widest - GAP_PT, spots[:, 2].max()
        first, last = np.searchsorted(self.lefts, ends)
        return self.symbols[first:last]


def _apart(boxes: NDArray[np.float64], spots: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which spots (rows) and boxes touch nowhere; both as left, bottom, right, top."""
    left, bottom, right, top = spots.T[..., None]
    apart: NDArray[np.bool_] = (boxes[:, 0] >= right) | (boxes[:, 2] <= left)
    apart |= (boxes[:, 1] >= top) | (boxes[:, 3] <= bottom)
    return apart


def _spots(name: _Name, width: float, height: float) -> list[tuple[float, float]]:
    """Return lower left corners to try: an area's middle, or the sides and corners of a symbol."""
    x, y, beside = name.x, name.y, name.offset_pt
    level = y - height / 2
    if not beside:  # an area: in its middle, or a little above, below, left or right of it
        shifts = [(0.0, 0.0), (0.0, height), (0.0, -height), (-width / 3, 0.0), (width / 3, 0.0)]
        return [(x - width / 2 + right, level + up) for right, up in shifts]
    right, left, middle = x + beside, x - beside - width, x - width / 2
    above, below = y + beside, y - beside - height
    first = [(right, level), (left, level), (middle, above), (middle, below)]
    return [*first, *((edge, up) for up in (above, below) for edge in (right, left))]
