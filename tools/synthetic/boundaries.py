"""Commune boundaries grown from published centres inside published bounding boxes.

Each commune spreads over the land from its centre, slower across ridges, until
the areas fit: the official area of each district, shared among its communes by
the size of their boxes. Lines between communes are shared, and nothing
overlaps. Synthetic: only centres, boxes and areas are published.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy import ndimage
from scipy.sparse import csgraph

from phusong._types import Flags, Floats, Labels
from phusong.grid import Grid

from .facts import Facts
from .noise import fractal
from .paths import lattice_graph

ROUNDS = 100
OUTLINE_EVERY = 20
BEYOND = 0.15  # of a box's side: how much wider than the box we look
_NOBODY = -1


@dataclass(frozen=True)
class _Box:
    """A commune's bounding box on the grid, somewhat widened."""

    window: tuple[slice, slice]
    out: Floats  # 0 in the middle, 1 on the published box
    depth_by_width: float
    centre: tuple[int, int]  # row and column in the window


def grow_communes(facts: Facts, height_m: Floats, grid: Grid, *, seed: int) -> gpd.GeoDataFrame:
    """Return the communes of `facts` with polygons in the grid's CRS.

    Parameters
    ----------
    facts : Facts
        Centres, boxes, areas.
    height_m : array, shape of the grid
        Heights; lines tend to ridges.
    grid : Grid
        Pixels of 100 to 300 m over all boxes and 5 km more.
    seed : int
        Draws how lines wander.

    Returns
    -------
    GeoDataFrame
        ``commune_code``, ``name``, ``type``, ``district_code``; polygons that
        share their lines.
    """
    rng = np.random.default_rng(seed)
    boxes = _boxes(facts.communes, grid)
    fringe = 0.10 * fractal(grid.shape, rng, longest_px=12000 / grid.resolution_m, exponent=1.4)
    ragged = 0.05 * fractal(grid.shape, rng, longest_px=6000 / grid.resolution_m, exponent=1.3)
    upland = (height_m - ndimage.gaussian_filter(height_m, 1500 / grid.resolution_m)) / 150
    slowness = (1 + upland.clip(0, 3)) * np.exp(
        0.35 * fractal(grid.shape, rng, longest_px=4000 / grid.resolution_m, exponent=1.3)
    )
    costs = [_reach(box, slowness, ragged, grid) for box in boxes]
    owner = _settle(boxes, costs, fringe, facts, grid)
    columns = facts.communes[["commune_code", "name", "type", "district_code"]]
    return gpd.GeoDataFrame(columns, geometry=_polygons(owner, grid), crs=grid.crs)


def target_areas(facts: Facts) -> pd.Series:
    """Return the area in km² each commune is grown to.

    Official district areas, scaled to the province's; the published areas of
    single communes as they are; the rest of a district by size of box.
    """
    communes, districts = facts.communes, facts.districts.set_index("district_code")
    official = districts["area_km2"] * facts.province["area_km2"] / districts["area_km2"].sum()
    box = (communes["east"] - communes["west"]) * (communes["north"] - communes["south"])
    known, code = communes["area_km2"], communes["district_code"]
    rest = code.map(official) - code.map(known.groupby(code).sum())
    box = box.where(known.isna(), 0.0)
    return known.fillna(rest * box / code.map(box.groupby(code).sum()))


def _boxes(communes: pd.DataFrame, grid: Grid) -> list[_Box]:
    project = Transformer.from_crs("OGC:CRS84", grid.crs, always_xy=True)
    boxes = []
    unit: Any
    for unit in communes.itertuples():
        west, south, east, north = project.transform_bounds(
            unit.west, unit.south, unit.east, unit.north
        )
        width, depth = east - west, north - south
        (top, bottom), (left, right), _ = grid.index(
            [west - BEYOND * width, east + BEYOND * width],
            [north + BEYOND * depth, south - BEYOND * depth],
        )
        row, column, _ = grid.index(*project.transform(unit.lon, unit.lat))
        x = (grid.x_m[left : right + 1] - (west + east) / 2) / (width / 2)
        y = (grid.y_m[top : bottom + 1] - (south + north) / 2) / (depth / 2)
        out = (np.abs(x)[None, :] ** 3 + np.abs(y)[:, None] ** 3) ** (1 / 3)
        window = np.s_[top : bottom + 1, left : right + 1]
        boxes.append(_Box(window, out, float(depth / width), (int(row) - top, int(column) - left)))
    return boxes


def _province(
    boxes: list[_Box], drawn_in: Floats, fringe: Floats, area_km2: float, grid: Grid
) -> Flags:
    """Return the ground nearest to the middle of any box, as much as the province has.

    `drawn_in` makes a box smaller than it is, `fringe` all their edges uneven.
    """
    out = np.full(grid.shape, 9.0)
    for box, less in zip(boxes, drawn_in, strict=True):
        np.minimum(out[box.window], box.out + less, out=out[box.window])
    out = ndimage.gaussian_filter(out + fringe, 700 / grid.resolution_m)
    low, high = 0.3, 1.3
    while high - low > 1e-5:
        middle = (low + high) / 2
        land = _whole(out < middle)
        if land.sum() * grid.pixel_area_km2 < area_km2:
            low = middle
        else:
            high = middle
    return _whole(out < high)


def _whole(land: Flags) -> Flags:
    """Return the largest part, its holes filled."""
    parts, _ = ndimage.label(land)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(ndimage.binary_fill_holes(parts == sizes.argmax()))


def _reach(box: _Box, slowness: Floats, ragged: Floats, grid: Grid) -> Floats:
    """Spread from the centre, as fast to the box's far sides as to its near ones.

    The box's edges are frayed a little, lest communes be cut with a ruler.
    """
    stretch = np.sqrt(box.depth_by_width)
    cost = slowness[box.window] * (1 + (box.out / 0.85) ** 3)
    cost[box.out + ragged[box.window] > 1.02] = np.inf
    row, column = box.centre
    cost[row - 1 : row + 2, column - 1 : column + 2] = 1.0
    graph = lattice_graph(cost, dx=grid.resolution_m * stretch, dy=grid.resolution_m / stretch)
    start = row * box.out.shape[1] + column
    spread: Floats = csgraph.dijkstra(graph, directed=False, indices=start)
    return spread.reshape(box.out.shape)


def _settle(
    boxes: list[_Box], costs: list[Floats], fringe: Floats, facts: Facts, grid: Grid
) -> Labels:
    """Give each pixel to the commune that gets there first; let small ones start earlier.

    Areas are led to the mean of what the boxes suggest and what the ground
    gives, and district by district to the official figure; now and then the
    province's outline gives way where a district is too large.
    """
    suggested = target_areas(facts) / grid.pixel_area_km2
    district = facts.communes["district_code"]
    fixed = facts.communes["area_km2"].notna()
    totals = suggested.groupby(district).sum()
    free_total = totals - suggested.where(fixed, 0.0).groupby(district).sum()
    members = district.value_counts()
    pace = np.median([np.median(cost[np.isfinite(cost)]) for cost in costs])
    pace /= np.sqrt(suggested.mean())
    head_start, drawn_in = np.zeros(len(boxes)), np.zeros(len(boxes))
    for turn in range(ROUNDS):
        if turn % OUTLINE_EVERY == 0:
            land = _province(boxes, drawn_in, fringe, facts.province["area_km2"], grid)
        owner = _first_there(boxes, costs, head_start, land)
        got = pd.Series(np.bincount(owner[owner >= 0], minlength=len(boxes)))
        in_district = got.groupby(district).sum()
        wanted = pd.Series(np.sqrt(suggested * got.clip(1))).where(~fixed, suggested)
        free = wanted.where(~fixed, 0.0).groupby(district).sum()
        wanted = wanted.where(fixed, wanted * district.map(free_total / free))
        lack = (np.sqrt(totals) - np.sqrt(in_district)) / np.sqrt(members)
        step = np.sqrt(wanted) - np.sqrt(got) + 2 * district.map(lack)
        gain = 0.8 if turn < ROUNDS // 2 else 0.35
        head_start += gain * pace * step.to_numpy()
        if turn % OUTLINE_EVERY == OUTLINE_EVERY - 1:
            drawn_in += 1.5 * district.map(in_district / totals - 1).to_numpy()
    return owner


def _first_there(boxes: list[_Box], costs: list[Floats], head_start: Floats, land: Flags) -> Labels:
    best = np.full(land.shape, np.inf)
    owner = np.full(land.shape, _NOBODY)
    for number, (box, cost) in enumerate(zip(boxes, costs, strict=True)):
        late = cost - head_start[number]
        first = late < best[box.window]
        best[box.window][first] = late[first]
        owner[box.window][first] = number
    owner[~land] = _NOBODY
    for number, box in enumerate(boxes):
        row, column = box.centre
        owner[box.window][row - 1 : row + 2, column - 1 : column + 2] = number
    for _ in range(3):  # ground cut off from its centre goes to whoever is next to it
        for number, box in enumerate(boxes):
            mine = owner[box.window] == number
            parts, _ = ndimage.label(mine)
            owner[box.window][mine & (parts != parts[box.centre])] = _NOBODY
        _, nearest = ndimage.distance_transform_edt(owner == _NOBODY, return_indices=True)
        owner = np.where(land, owner[tuple(nearest)], _NOBODY)
    return owner


def _polygons(owner: Labels, grid: Grid) -> NDArray[np.object_]:
    """Trace the communes and take the steps out of their lines."""
    parts: dict[int, list[shapely.Polygon]] = {}
    for outline, number in rasterio.features.shapes(
        owner.astype(np.int32), mask=owner != _NOBODY, connectivity=4, transform=grid.transform
    ):
        # A vertex at every pixel corner, so that neighbours share theirs.
        ring = shapely.segmentize(shapely.geometry.shape(outline), grid.resolution_m)
        parts.setdefault(int(number), []).append(shapely.transform(ring, np.rint))
    shapes = np.array([shapely.union_all(parts[number]) for number in sorted(parts)])
    return np.asarray(shapely.coverage_simplify(shapes, 2.0 * grid.resolution_m))
