"""Draw a map's relief, areas, lines, symbols and names into one frame.

Colours lie under the hillshade, which darkens them as the web page does;
everything above the first run of filled areas stays clear of it. Knows no
sheet: the legend and what frames the map are elsewhere.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

from .legend import mix
from .paper_content import Content, Group, PaperLayer, Style
from .paper_text import MM_PER_PT, font, width_mm
from .relief import LEVEL_SHADE
from .theme import Relief

PT_PER_PX = 0.5
NAME_PT_PER_PX = 0.56
ZOOM_MORE = 1  # paper cannot be enlarged, but its print is finer: names of the next zoom show
MANY = 5000  # more shapes than this are drawn as pixels, so that the file stays small
NEAR_PT = 60.0  # the same name is not written again within this distance
EQUATOR_M_PER_PX = 156_543.034
FADE_PT, FADE_STEPS, FADE_OPACITY = 26.0, 9, 0.3
TINT, RASTERS, FILLS, SHADE, LAYERS, FADE, HALOS, NAMES = 1, 2, 3, 4, 10, 800, 1000, 1001
_CIRCLE = Path.unit_circle()
_SYMBOLS = {
    "circle": _CIRCLE,
    "square": Path([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)], closed=True),
    "diamond": Path([(0, 1.3), (1.3, 0), (0, -1.3), (-1.3, 0), (0, 1.3)], closed=True),
    "triangle": Path([(0, 1.25), (1.15, -0.85), (-1.15, -0.85), (0, 1.25)], closed=True),
}


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One picture on the sheet: its axes in the map's CRS, and how large things are in it.

    Parameters
    ----------
    axes : Axes
    view : (west, south, east, north)
        Metres.
    metres_per_pt : float
        Ground under one typographic point.
    enlarged : float
        How much larger symbols and names are than on A4.
    latitude : float
        Of the middle, degrees; says which zoom of the web map this is.
    """

    axes: Axes
    view: tuple[float, float, float, float]
    metres_per_pt: float
    enlarged: float
    latitude: float

    @property
    def zoom(self) -> int:
        """The zoom of the web map that this picture corresponds to."""
        metres_per_px = self.metres_per_pt * PT_PER_PX * self.enlarged
        zoom = math.log2(EQUATOR_M_PER_PX * math.cos(math.radians(self.latitude)) / metres_per_px)
        return round(zoom) + ZOOM_MORE


def draw_content(
    frame: Frame,
    content: Content,
    relief: Relief | None,
    hillshade: xr.DataArray | None,
    terrain: xr.DataArray | None,
) -> None:
    """Draw a map's content into a frame.

    Parameters
    ----------
    frame : Frame
    content : Content
        From `paper_content.content`.
    relief : Relief, optional
        The theme's; None draws no base.
    hillshade, terrain : DataArray, shape (y, x), optional
        As in `Layers`, in the map's CRS.
    """
    if relief is not None and hillshade is not None:
        _draw_relief(frame, relief, hillshade, terrain)
        if content.area is not None:
            _fade_out(frame, content.area, relief.tints[0])
    base = True
    for position, layer in enumerate(content.layers):
        filled = layer.geometry == "Polygon" and layer.spec.fill_opacity > 0
        base = base and filled
        for group in layer.groups[::-1] if layer.spec.classes else layer.groups:
            if group.style.from_zoom <= frame.zoom:
                _draw_group(frame, layer, group, FILLS if base else LAYERS + position)
    _draw_names(frame, content)


def _draw_group(frame: Frame, layer: PaperLayer, group: Group, zorder: float) -> None:
    if layer.shapes is None:
        return
    shapes = layer.shapes[group.rows]
    shapes = shapes[shapely.intersects(shapes, shapely.box(*frame.view))]
    if not len(shapes):
        return
    style = group.style
    width = style.width_px * PT_PER_PX * frame.enlarged
    look: dict[str, Any] = {"zorder": zorder, "rasterized": len(shapes) > MANY}
    made: PathCollection | LineCollection
    if layer.geometry == "Polygon":
        made = PathCollection(
            [area_path(shape) for shape in shapes], linewidths=width, linestyles=dashes(style),
            facecolors=[to_rgba(style.colour, style.fill_opacity)], edgecolors=style.outline,
            joinstyle="round", **look,
        )  # fmt: skip
    elif layer.geometry == "LineString":
        made = LineCollection(
            [shapely.get_coordinates(part) for part in shapely.get_parts(shapes)],
            linewidths=width, colors=style.colour, linestyles=dashes(style),
            capstyle="butt" if style.dash else "round", joinstyle="round", **look,
        )  # fmt: skip
    else:
        made = PathCollection(
            [_SYMBOLS[style.shape]], sizes=[(style.radius_px * PT_PER_PX * frame.enlarged) ** 2],
            offsets=shapely.get_coordinates(shapes), offset_transform=frame.axes.transData,
            facecolors=[to_rgba(style.colour, style.fill_opacity)], edgecolors=style.outline,
            linewidths=width, transform=IdentityTransform(), **look,
        )  # fmt: skip
    frame.axes.add_collection(made, autolim=False)


def symbol(style: Style) -> Path:
    """Return the outline of a point symbol of radius 1."""
    return _SYMBOLS[style.shape]


def dashes(style: Style) -> Any:
    """Return the dash pattern as matplotlib counts it: in widths of the line."""
    lengths = [float(length) for length in style.dash.split()]
    if not lengths or not style.width_px:
        return "solid"
    if len(lengths) % 2:
        lengths *= 2
    return (0, tuple(length / style.width_px for length in lengths))


def area_path(shape: Any) -> Path:
    """Return a polygon with its holes as one path.

    Examples
    --------
    >>> area_path(shapely.box(0, 0, 1, 1)).vertices.shape
    (5, 2)
    """
    corners, codes = [np.empty((0, 2))], [np.empty(0, "uint8")]
    for polygon in shapely.get_parts(shapely.orient_polygons(shape)):
        for ring in (polygon.exterior, *polygon.interiors) if not polygon.is_empty else ():
            corners.append(shapely.get_coordinates(ring))
            code = np.full(len(corners[-1]), Path.LINETO, "uint8")
            code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
            codes.append(code)
    return Path(np.concatenate(corners), np.concatenate(codes))


def _draw_relief(
    frame: Frame, relief: Relief, hillshade: xr.DataArray, terrain: xr.DataArray | None
) -> None:
    """Draw the elevation tints and, above the areas, the hillshade as a black veil."""
    shade = _seen(hillshade, frame)
    if not shade.size:
        return
    left, bottom, right, top = shade.rio.bounds()
    place: dict[str, Any] = {
        "extent": (left, right, bottom, top),
        "aspect": "auto",
        "interpolation": "bilinear",
    }
    light = (
        relief.darkest + (1 - relief.darkest) * np.minimum(shade.to_numpy() / LEVEL_SHADE, 1) ** 0.8
    )
    known = np.isfinite(light)
    if hillshade.rio.nodata is not None:
        known &= shade.to_numpy() != hillshade.rio.nodata
    tint = np.zeros(shade.shape, int)
    if terrain is not None and len(relief.tints) > 1:
        low, high = np.nanquantile(terrain.to_numpy(), [0.02, 0.98])
        height = (_seen(terrain, frame).to_numpy() - low) / max(high - low, 1.0)
        known &= np.isfinite(height)
        tint = np.clip(np.nan_to_num(height) * len(relief.tints), 0, len(relief.tints) - 1).astype(
            int
        )
    colours = (255 * np.array([to_rgba(one) for one in relief.tints])).round().astype("uint8")
    ground = colours[tint]
    ground[~known] = 0
    frame.axes.imshow(ground, zorder=TINT, **place)
    dark = np.zeros((*shade.shape, 4), "uint8")
    steps = np.round(light * relief.shades) / relief.shades
    dark[..., 3] = np.where(known, np.round(255 * (1 - np.nan_to_num(steps))), 0)
    frame.axes.imshow(dark, zorder=SHADE, **place)


def _fade_out(frame: Frame, area: Any, towards: str) -> None:
    """Let what lies beyond the study area fade into an even ground, step by step."""
    pt, pale = frame.metres_per_pt, mix((towards, "#ffffff"), 3)[1]
    frame.axes.add_patch(
        Rectangle((0, 0), 1, 1, transform=frame.axes.transAxes, color=pale, zorder=0)
    )
    edge, view = shapely.simplify(area, pt / 2), shapely.box(*frame.view)
    for step in range(FADE_STEPS):
        beyond = shapely.difference(
            view, shapely.buffer(edge, (1 + step / FADE_STEPS * FADE_PT) * pt)
        )
        frame.axes.add_collection(PathCollection(
            [area_path(beyond)], facecolors=[to_rgba(pale, FADE_OPACITY)], linewidths=0, zorder=FADE,
        ), autolim=False)  # fmt: skip


def _seen(raster: xr.DataArray, frame: Frame) -> xr.DataArray:
    """Return the part of a raster in view, with pixels no finer than print shows."""
    west, south, east, north = frame.view
    pixel = abs(float(raster.rio.resolution()[0]))
    part = raster.sel(
        x=(raster["x"] > west - pixel) & (raster["x"] < east + pixel),
        y=(raster["y"] > south - pixel) & (raster["y"] < north + pixel),
    )
    every = int(0.3 * frame.metres_per_pt * frame.enlarged / pixel)  # 0.1 mm
    if every > 1 and part.size:
        part = part.astype("float32").coarsen(x=every, y=every, boundary="trim").mean()
    return part


@dataclass(frozen=True)
class _Name:
    words: str
    x: float
    y: float
    size_pt: float
    colour: str
    italic: bool
    offset_pt: float  # radius of the symbol it stands beside; 0 for the name of an area


def _names(frame: Frame, content: Content) -> Iterator[_Name]:
    """Yield the names that this picture may carry, most important first."""
    for layer in reversed(content.layers):
        labels = layer.spec.labels
        if labels is None or layer.anchors is None or frame.zoom < labels.from_zoom:
            continue
        rows = [(row, group.style) for group in layer.groups for row in group.rows
                if group.style.from_zoom <= frame.zoom]  # fmt: skip
        for row, style in sorted(rows, key=lambda one: -(one[1].label_px or labels.size_px)):
            x, y = layer.anchors[row]
            if layer.names[row] and np.isfinite(x):
                size = (style.label_px or labels.size_px) * NAME_PT_PER_PX * frame.enlarged
                offset = 0.0
                if layer.geometry != "Polygon":
                    offset = (style.radius_px + 2) * PT_PER_PX * frame.enlarged
                yield _Name(layer.names[row], x, y, size, labels.colour, labels.italic, offset)


def _draw_names(frame: Frame, content: Content) -> None:
    """Write names where there is room, with a light rim that parts them from the map."""
    west, south, east, north = frame.view
    pt = frame.metres_per_pt
    gap = 1.0 * frame.enlarged
    taken = np.empty((0, 4))
    written: dict[str, list[tuple[float, float]]] = {}
    for name in _names(frame, content):
        x, y = (name.x - west) / pt, (name.y - south) / pt
        if not (0 <= x <= (east - west) / pt and 0 <= y <= (north - south) / pt):
            continue
        if any(math.hypot(x - a, y - b) < NEAR_PT for a, b in written.get(name.words, ())):
            continue
        look = font(name.size_pt, italic=name.italic)
        width, height = width_mm(name.words, look) / MM_PER_PT, 1.1 * name.size_pt
        for left, bottom in _spots(x, y, width, height, name.offset_pt):
            box = np.array([left - gap, bottom - gap, left + width + gap, bottom + height + gap])
            inside = (
                box[0] > 0
                and box[1] > 0
                and box[2] < (east - west) / pt
                and box[3] < (north - south) / pt
            )
            free = not (
                (taken[:, 0] < box[2]) & (taken[:, 2] > box[0])
                & (taken[:, 1] < box[3]) & (taken[:, 3] > box[1])
            ).any()  # fmt: skip
            if not (inside and free):
                continue
            taken = np.vstack([taken, box])
            written.setdefault(name.words, []).append((x, y))
            if name.offset_pt:
                r = name.offset_pt
                taken = np.vstack([taken, (x - r, y - r, x + r, y + r)])
            at = (west + left * pt, south + (bottom + 0.25 * height) * pt)
            for zorder, rim in ((HALOS, True), (NAMES, False)):
                text = Text(*at, name.words, color=name.colour, fontproperties=look,
                            parse_math=False, zorder=zorder, clip_on=True)  # fmt: skip
                if rim:
                    text.set_path_effects([Stroke(
                        linewidth=0.25 * name.size_pt, foreground="white", alpha=0.75,
                        joinstyle="round",
                    )])  # fmt: skip
                frame.axes.add_artist(text)
            break


def _spots(
    x: float, y: float, width: float, height: float, offset: float
) -> list[tuple[float, float]]:
    """Return lower left corners to try: centred, or right, left, above, below a symbol."""
    level = y - height / 2
    if not offset:
        return [(x - width / 2, level)]
    return [
        (x + offset, level), (x - offset - width, level),
        (x - width / 2, y + offset), (x - width / 2, y - offset - height),
    ]  # fmt: skip


__all__ = ["NDArray", "Frame", "area_path", "dashes", "draw_content", "symbol"]
