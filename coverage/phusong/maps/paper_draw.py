"""Draw a map's relief, rasters, areas, lines and symbols into one frame.

Colours lie under the hillshade, which darkens them as the web page does;
what comes after the first run of filled areas stays clear of it. Knows no
sheet: names, the legend and what frames the map are elsewhere.
"""

import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
import xarray as xr
from affine import Affine
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray
from scipy import ndimage

from .._on_disk import known_on_disk
from .drawing import Look
from .layers import MapData
from .legend import mix
from .paper_content import Bounds, Content, Group, PaperLayer, PaperRaster
from .relief import LEVEL_SHADE
from .theme import Relief

PT_PER_PX = 0.5
ZOOM_MORE = 1  # paper cannot be enlarged, but print is finer: it carries what the next zoom shows
MANY = 5000  # more shapes than this are drawn as pixels, so that the file stays small
ROWS = 256  # of a raster that are averaged at a time
FINEST_PT = 0.3  # finer pixels of a raster are averaged: print would not show them
SMOOTH_PT = 0.5  # what is smoothed is no finer than this: between pixels it changes evenly
EQUATOR_M_PER_PX = 156_543.034
FADE_PT, FADE_STEPS, FADE_OPACITY = 26.0, 9, 0.3
NEAREST_PT = 1.0  # no step of the fading begins nearer to the area
GROUND, TINT, RASTERS, FILLS, SHADE, LAYERS, FADE = 0, 1, 2, 3, 4, 10, 800  # drawing order
SYMBOLS = 1000  # of layers without names; `paper_names` writes above them
_SYMBOLS = {
    "circle": Path.unit_circle(),
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
    smooth : bool
        Whether coarse shade is smoothed; the picture is then larger.
    """

    axes: Axes
    view: Bounds
    metres_per_pt: float
    enlarged: float
    latitude: float
    smooth: bool = True

    @property
    def zoom(self) -> int:
        """The zoom of the web map that shows as much as this picture."""
        metres_per_px = self.metres_per_pt * PT_PER_PX * self.enlarged
        zoom = math.log2(EQUATOR_M_PER_PX * math.cos(math.radians(self.latitude)) / metres_per_px)
        return round(zoom) + ZOOM_MORE


def draw_content(frame: Frame, content: Content, relief: Relief | None, data: MapData) -> None:
    """Draw a map's content into a frame, names aside.

    Parameters
    ----------
    frame : Frame
    content : Content
        From `paper_content.content`.
    relief : Relief, optional
        The theme's; None draws no base.
    data : MapData
        Their hillshade and terrain, in the map's CRS.
    """
    if relief is not None and data.hillshade is not None:
        _draw_relief(frame, relief, data.hillshade, data)
        if content.area is not None:
            _fade_out(frame, content.area, relief.tints[0], data)
    for raster in content.rasters:
        _draw_raster(frame, raster, content.area)
    below_shade = True
    for position, layer in enumerate(content.layers):
        filled = layer.geometry == "Polygon" and layer.spec.fill_opacity > 0
        below_shade = below_shade and filled
        for group in layer.groups:
            if group.look.from_zoom <= frame.zoom:
                named = layer.spec.labels is not None
                above = SYMBOLS if layer.geometry == "Point" and not named else LAYERS
                _draw_group(frame, layer, group, FILLS if below_shade else above + position)


def symbol(style: Look) -> Path:
    """Return the outline of a point symbol of radius 1."""
    return _SYMBOLS[style.shape]


def dashes(style: Look) -> Any:
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
    return area_paths([shape])[0]


def area_paths(shapes: Any) -> list[Path]:
    """Return polygons as `area_path` does, all at once: half the time of one by one.

    Parameters
    ----------
    shapes : array-like of polygons

    Returns
    -------
    list of Path

    Examples
    --------
    >>> [len(path.vertices) for path in area_paths([shapely.box(0, 0, 1, 1), shapely.Polygon()])]
    [5, 0]
    """
    parts, shape_of = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(corners), Path.LINETO, Path.code_type)
    codes[np.diff(ring_of, prepend=-1) != 0] = Path.MOVETO
    codes[np.diff(ring_of, append=-1) != 0] = Path.CLOSEPOLY
    ends = np.searchsorted(shape_of[part_of[ring_of]], np.arange(len(shapes) + 1)).tolist()
    return [Path(corners[start:end], codes[start:end]) for start, end in pairwise(ends)]


def _draw_group(frame: Frame, layer: PaperLayer, group: Group, zorder: float) -> None:
    if layer.shapes is None:
        return
    shapes = layer.shapes[group.rows]
    shapes = shapes[shapely.intersects(shapes, shapely.box(*frame.view))]
    if not len(shapes):
        return
    style = group.look
    width = style.width_px * PT_PER_PX * frame.enlarged
    look: dict[str, Any] = {"zorder": zorder, "rasterized": len(shapes) > MANY}
    made: PathCollection | LineCollection
    if layer.geometry == "Polygon":
        made = PathCollection(
            area_paths(shapes),
            linewidths=width,
            linestyles=dashes(style),
            facecolors=[to_rgba(style.colour, style.fill_opacity)],
            edgecolors=style.outline,
            joinstyle="round",
            **look,
        )
    elif layer.geometry == "LineString":
        made = LineCollection(
            [shapely.get_coordinates(part) for part in shapely.get_parts(shapes)],
            linewidths=width,
            colors=style.colour,
            linestyles=dashes(style),
            capstyle="butt" if style.dash else "round",
            joinstyle="round",
            **look,
        )
    else:
        made = PathCollection(
            [symbol(style)],
            sizes=[(style.radius_px * PT_PER_PX * frame.enlarged) ** 2],
            offsets=shapely.get_coordinates(shapes),
            offset_transform=frame.axes.transData,
            facecolors=[to_rgba(style.colour, style.fill_opacity)],
            edgecolors=style.outline,
            linewidths=width,
            transform=IdentityTransform(),
            **look,
        )
    frame.axes.add_collection(made, autolim=False)


def _draw_raster(frame: Frame, raster: PaperRaster, area: Any) -> None:
    """Draw a raster up to the border of the study area."""
    if raster.values is None or not (part := _seen(raster.values, frame, mean=raster.counted)).size:
        return
    values = part.to_numpy()
    colours = np.array([_bytes(colour) for colour in raster.colours])
    places = np.digitize(values, raster.breaks) if raster.counted else np.nan_to_num(values)
    picture = colours[places.astype(int)]
    picture[~np.isfinite(values)] = 0
    made = _draw_picture(frame, picture, _place(part).rio.bounds(), RASTERS)
    if area is not None:
        made.set_clip_path(area_path(area), frame.axes.transData)


def _draw_relief(frame: Frame, relief: Relief, hillshade: xr.DataArray, data: MapData) -> None:
    """Draw the tints of the elevation and, above the areas, the shade as a black veil."""
    shaded = partial(_shaded, frame, relief, hillshade, data)
    # Sheets of a study show the same ground; a page of a commune shows its own, once.
    pictures = (
        data.once(("ground", relief, *_ground_of(frame)), shaded) if frame.smooth else shaded()
    )
    if pictures is not None:
        ground, veil, bounds = pictures
        _draw_picture(frame, ground, bounds, TINT)
        _draw_picture(frame, veil, bounds, SHADE)


def _shaded(
    frame: Frame, relief: Relief, hillshade: xr.DataArray, data: MapData
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Bounds] | None:
    """Return the tints, the veil and where they lie; None where the frame shows no relief.

    Black of opacity 1 - light darkens a colour to colour × light, which is how
    the page multiplies the two.
    """
    shade = _seen(hillshade, frame)
    if not shade.size:
        return None
    full = np.minimum(shade.to_numpy() / LEVEL_SHADE, 1) ** 0.8
    light = relief.darkest + (1 - relief.darkest) * np.round(full * relief.shades) / relief.shades
    known = np.ones(shade.shape, bool)
    tint = np.zeros(shade.shape, int)
    if (terrain := data.terrain) is not None:
        low, high = data.once(("heights",), partial(_usual_heights, terrain))
        height = (_seen(terrain, frame).to_numpy() - low) / max(high - low, 1.0)
        known = np.isfinite(height)
        steps = np.floor(np.nan_to_num(height) * len(relief.tints))
        tint = np.clip(steps, 0, len(relief.tints) - 1).astype(int)
    ground = np.array([_bytes(colour) for colour in relief.tints])[tint]
    ground[~known] = 0
    place = _place(shade)
    veil = np.where(known, np.round(255 * (1 - light)), 0).astype(np.uint8)
    pixel_pt = abs(float(place.rio.resolution()[0])) / frame.metres_per_pt
    if frame.smooth and pixel_pt > 1:
        times = math.ceil(pixel_pt / SMOOTH_PT)
        veil = ndimage.zoom(veil, times, order=1, mode="nearest", grid_mode=True)
    dark = np.zeros((*veil.shape, 4), np.uint8)
    dark[..., 3] = veil
    return ground, dark, place.rio.bounds()


def _usual_heights(terrain: xr.DataArray) -> tuple[float, float]:
    """Return the heights below and above which 2 % of the ground lies."""
    heights = known_on_disk(terrain.to_numpy())
    low, high = np.quantile(heights, [0.02, 0.98], overwrite_input=True)
    return low, high


def _draw_picture(
    frame: Frame, pixels: NDArray[np.uint8], bounds: Bounds, zorder: int
) -> AxesImage:
    """Place pixels on the map, stored as they are."""
    west, south, east, north = bounds
    return frame.axes.imshow(
        pixels, extent=(west, east, south, north), aspect="auto", zorder=zorder,
        interpolation="none",
    )  # fmt: skip


def _fade_out(frame: Frame, area: Any, towards: str, data: MapData) -> None:
    """Let what lies beyond the study area fade into an even ground, step by step."""
    pale = mix((towards, "#ffffff"), 3)[1]
    whole = Rectangle((0, 0), 1, 1, transform=frame.axes.transAxes, color=pale, zorder=GROUND)
    frame.axes.add_patch(whole)
    steps = partial(_beyond, frame, area)
    paths = data.once(("beyond", *_ground_of(frame)), steps) if frame.smooth else steps()
    for beyond in paths:
        veil = PathCollection(
            [beyond], facecolors=[to_rgba(pale, FADE_OPACITY)], linewidths=0, zorder=FADE
        )
        frame.axes.add_collection(veil, autolim=False)


def _beyond(frame: Frame, area: Any) -> list[Path]:
    """Return what lies in view and farther from the study area than each step of the fading."""
    pt = frame.metres_per_pt
    edge = shapely.simplify(_without_cracks(area, pt), pt / 2)
    view = shapely.box(*frame.view)
    distances = [(NEAREST_PT + step / FADE_STEPS * FADE_PT) * pt for step in range(FADE_STEPS)]
    return area_paths([shapely.difference(view, shapely.buffer(edge, one)) for one in distances])


def _ground_of(frame: Frame) -> tuple[Bounds, float]:
    """Return what the relief of a frame goes by."""
    return frame.view, frame.metres_per_pt


def _without_cracks(area: Any, pt: float) -> Any:
    """Return an area without the holes that all steps of the fading close anyway.

    Communes that were traced one by one leave thousands of cracks between them. In a hole
    no larger than a circle of radius r nothing is farther than r from its border.
    """
    rings, polygon = shapely.get_rings(shapely.get_parts(area), return_index=True)
    outer = np.diff(polygon, prepend=-1) > 0
    open_ = shapely.area(shapely.polygons(rings)) > math.pi * (NEAREST_PT * pt) ** 2
    if (outer | open_).all():
        return area
    kept = shapely.polygons(rings[outer | open_], indices=polygon[outer | open_])
    return shapely.multipolygons(kept)


def _seen(raster: xr.DataArray, frame: Frame, *, mean: bool = True) -> xr.DataArray:
    """Return the part of a raster in view, as float32, its pixels no finer than print shows.

    Finer ones become means, or where that means nothing the middle one of them is taken.
    """
    west, south, east, north = frame.view
    pixel = abs(float(raster.rio.resolution()[0]))
    part = raster[
        _run((raster["y"] > south - pixel) & (raster["y"] < north + pixel)),
        _run((raster["x"] > west - pixel) & (raster["x"] < east + pixel)),
    ]
    together = int(FINEST_PT * frame.metres_per_pt / pixel)
    if together <= 1 or min(part.shape) < together:
        return part.astype("float32")
    middle = together // 2
    # By blocks: means take several times the memory of what they are taken of.
    rows = max(ROWS // together, 1) * together
    whole = len(part) // together * together
    blocks = []
    for first in range(0, whole, rows):
        block = part[first : min(first + rows, whole)]
        if mean:
            block = block.astype("float32")
        every = block.coarsen(x=together, y=together, boundary="trim")
        seen = (
            every.mean() if mean else every.reduce(lambda pixels, **_: pixels[:, middle, :, middle])
        )
        blocks.append(seen.astype("float32"))
    seen = xr.concat(blocks, "y")
    # Or the bounds are taken for those of fine pixels, and the picture is drawn too small.
    transform = raster.rio.transform() @ Affine.scale(together)
    return seen.assign_coords(_place(seen).rio.write_transform(transform).coords)


def _place(part: xr.DataArray) -> xr.DataArray:
    """Return where a raster lies, without its values.

    What rioxarray was asked about is part of a cycle, and stays until the search for garbage.
    """
    return part.copy(data=np.broadcast_to(np.False_, part.shape))


def _run(flags: xr.DataArray) -> slice:
    """Return where flags that lie side by side begin and end."""
    places = np.flatnonzero(flags)
    return slice(places[0], places[-1] + 1) if len(places) else slice(0, 0)


def _bytes(colour: str) -> NDArray[np.uint8]:
    channels: NDArray[np.uint8] = np.round(255 * np.array(to_rgba(colour))).astype(np.uint8)
    return channels
