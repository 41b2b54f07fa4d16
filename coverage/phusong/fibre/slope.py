"""Slope of the terrain under lines: where cable is dear to lay and prone to landslides.

Knows elevation rasters on a `Grid` and lines in the same CRS.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from .._types import Floats, Labels
from ..grid import grid_of
from ..tables import STEEP_STRETCHES

# A stretch takes these from its section; it has a rank of its own.
_OF_SECTION = [name for name in STEEP_STRETCHES.columns if name not in {"rank", "steepest_deg"}]


def slope_at(elevation: xr.DataArray, row: Labels, column: Labels) -> Floats:
    """Return the slope at some pixels of an elevation raster, from their neighbours on each side.

    Parameters
    ----------
    elevation : DataArray
        Metres, on a `Grid`.
    row, column : ndarray of int
        Beyond the raster its rim counts.

    Returns
    -------
    ndarray of float64
        Degrees.

    Examples
    --------
    >>> from phusong.grid import Grid
    >>> grid = Grid.covering((0, 0, 150, 100), resolution_m=50, crs="EPSG:9209")
    >>> plane = grid.wrap(np.broadcast_to(grid.x_m, grid.shape).copy(), "terrain")
    >>> slope_at(plane, np.array([0, 1]), np.array([0, 1])).round(6).tolist()
    [45.0, 45.0]
    """
    heights, side_m = elevation.to_numpy(), grid_of(elevation).resolution_m
    at = [np.clip(one, 0, size - 1) for one, size in zip((row, column), heights.shape, strict=True)]
    rises = []
    for axis, size in enumerate(heights.shape):
        before, after = list(at), list(at)
        before[axis], after[axis] = np.maximum(at[axis] - 1, 0), np.minimum(at[axis] + 1, size - 1)
        up = heights[tuple(after)].astype(float) - heights[tuple(before)].astype(float)
        rises.append(up / (side_m * np.maximum(after[axis] - before[axis], 1)))
    slope: Floats = np.degrees(np.arctan(np.hypot(*rises)))
    return slope


def slope_along(
    lines: NDArray[np.object_], elevation: xr.DataArray
) -> tuple[Labels, Floats, Floats]:
    """Sample the slope in the middle of steps of about a pixel along each line.

    Returns
    -------
    line, position, slope_deg : arrays of one length
        Position in `lines`, middle of the step as a share of the line, and
        slope there; NaN outside the raster.
    """
    grid = grid_of(elevation)
    count = np.ceil(shapely.length(lines) / grid.resolution_m).astype(np.int64).clip(1)
    line = np.repeat(np.arange(len(lines)), count)
    step = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    position = (step + 0.5) / count[line]
    spots = shapely.line_interpolate_point(lines[line], position, normalized=True)
    row, column, inside = grid.index(shapely.get_x(spots), shapely.get_y(spots))
    return line, position, np.where(inside, slope_at(elevation, row, column), np.nan)


def steep_stretches(
    sections: gpd.GeoDataFrame, elevation: xr.DataArray, *, slope_from_deg: float
) -> gpd.GeoDataFrame:
    """Find the stretches of cable on steep ground, where a landslide would cut them.

    Parameters
    ----------
    sections : GeoDataFrame of lines
        ``Resilience.sections``.
    elevation : DataArray
        Metres, on a `Grid` in the CRS of the sections.
    slope_from_deg : float
        From this slope on the ground counts as steep, degrees.

    Returns
    -------
    GeoDataFrame of lines
        Fields of `tables.STEEP_STRETCHES`: what goes dark when the stretch is
        cut is what the cut drill found for its section. The stretch with the
        highest risk (what goes dark times its length in km) first.

    Examples
    --------
    A plane that rises one metre a metre lies at 45°.

    >>> from shapely import LineString
    >>> from phusong.grid import Grid
    >>> grid = Grid.covering((0, 0, 1000, 500), resolution_m=50, crs="EPSG:9209")
    >>> plane = grid.wrap(np.broadcast_to(grid.x_m, grid.shape).copy(), "terrain")
    >>> sections = gpd.GeoDataFrame(
    ...     {"span_id": ["s"], "section": 1, "length_m": 800.0, "dark_offices": 0, "dark_masts": 0,
    ...      "dark_population": 50.0, "risk": 40.0},
    ...     geometry=[LineString([(100, 225), (900, 225)])], crs="EPSG:9209",
    ... )
    >>> found = steep_stretches(sections, plane, slope_from_deg=30)
    >>> found[["length_m", "steepest_deg", "dark_population"]].round(3).values.tolist()
    [[800.0, 45.0, 50.0]]
    """
    shapes = sections.geometry.to_numpy()
    line, _, slope = slope_along(shapes, elevation)
    steep = slope >= slope_from_deg  # NaN is false: unknown ground is not steep
    follows = np.zeros(len(line), bool)
    follows[1:] = steep[1:] & steep[:-1] & (line[1:] == line[:-1])
    run = np.cumsum(~follows)
    steps = pd.DataFrame({"line": line, "run": run, "slope": slope, "row": np.arange(len(line))})
    runs = (
        steps[steep]
        .groupby("run")
        .agg(
            line=("line", "first"),
            first=("row", "first"),
            last=("row", "last"),
            steepest_deg=("slope", "max"),
        )
    )
    host = runs["line"].to_numpy()
    count = np.bincount(line, minlength=len(shapes))[host]
    begin = np.searchsorted(line, host)
    share = [
        (runs[edge].to_numpy() - begin + add) / count for edge, add in (("first", 0), ("last", 1))
    ]
    pieces = [
        shapely.ops.substring(shapes[at], start, end, normalized=True)
        for at, start, end in zip(host, *share, strict=True)
    ]
    table = gpd.GeoDataFrame(
        sections.iloc[host][_OF_SECTION].reset_index(drop=True),
        geometry=pieces,
        crs=sections.crs,
    )
    density = sections["risk"] / sections["length_m"]
    table["length_m"] = table.geometry.length
    table["risk"] = density.iloc[host].to_numpy() * table["length_m"]
    table["steepest_deg"] = runs["steepest_deg"].to_numpy()
    table = table.sort_values(
        ["risk", "length_m", "span_id", "section"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )
    table["rank"] = np.arange(1, len(table) + 1)
    return table[[*STEEP_STRETCHES.columns, "geometry"]]


def terrain_ways(elevation: xr.DataArray, *, spacing_px: int) -> gpd.GeoDataFrame:
    """Return lines to the eight neighbours of a coarse lattice, for where no roads are known.

    Parameters
    ----------
    elevation : DataArray
        On a `Grid`; lattice points without elevation are left out.
    spacing_px : int
        Pixels between lattice points.

    Returns
    -------
    GeoDataFrame of lines
        ``road_id``, for `extend`: with prices by slope it then finds the
        cheapest way over the terrain, up to 8 % longer than a straight one.

    Examples
    --------
    Four lattice points: two lines each way, and both diagonals.

    >>> from phusong.grid import Grid
    >>> grid = Grid.covering((0, 0, 400, 400), resolution_m=100, crs="EPSG:9209")
    >>> ways = terrain_ways(grid.wrap(np.zeros((4, 4)), "terrain"), spacing_px=2)
    >>> ways.length.round().sort_values().to_list()
    [200.0, 200.0, 200.0, 200.0, 283.0, 283.0]
    """
    grid = grid_of(elevation)
    half = spacing_px // 2
    known = np.isfinite(elevation.to_numpy()[half::spacing_px, half::spacing_px])
    x, y = np.meshgrid(grid.x_m[half::spacing_px], grid.y_m[half::spacing_px])
    pairs = neighbours(known.shape)
    pairs = pairs[known.ravel()[pairs].all(axis=1)]
    places = np.c_[x.ravel(), y.ravel()]
    return gpd.GeoDataFrame(
        {"road_id": [f"terrain:{a}-{b}" for a, b in pairs.tolist()]},
        geometry=shapely.linestrings(places[pairs]),
        crs=grid.crs,
    )


def neighbours(shape: tuple[int, int]) -> Labels:
    """Return the pairs of eight-neighbours of a raster as flat positions, the smaller first."""
    number = np.arange(shape[0] * shape[1]).reshape(shape)
    return np.concatenate(
        [
            np.c_[one.ravel(), other.ravel()]
            for one, other in (
                (number[:, :-1], number[:, 1:]),
                (number[:-1], number[1:]),
                (number[:-1, :-1], number[1:, 1:]),
                (number[:-1, 1:], number[1:, :-1]),
            )
        ]
    )
