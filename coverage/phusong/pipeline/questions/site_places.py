"""Where masts might stand in a study: candidates, their names, which are too near each other."""

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.features import rasterize
from scipy.ndimage import distance_transform_edt

from ..._types import Flags, Floats
from ...grid import Grid, grid_of
from ...radio.heights import Finder, Heights
from ...siting import Candidates, Gap, Search, find_candidates, too_near
from ..parts.coverage.inputs import Ground
from .mast import unused
from .site_spacing import MastSpacing, too_near_masts


def candidates_of(  # noqa: PLR0913 - as `find_candidates`
    ground: Ground,
    communes: gpd.GeoDataFrame,
    gap: Gap,
    *,
    shared: gpd.GeoDataFrame,
    own: gpd.GeoDataFrame | None,
    excluded: gpd.GeoDataFrame | None,
    search: Search,
    standing: gpd.GeoDataFrame,
    spacing: MastSpacing,
    beyond_m: float,
) -> Candidates:
    """Find places on the ground of a study, as far beyond its communes as new masts may stand.

    From all that are `standing` new ones, those of `own` too, keep their distance.
    """
    wide = grid_of(ground.height_m)
    inside = _inside(communes, wide)
    if beyond_m > 0:
        inside = np.asarray(distance_transform_edt(~inside) * wide.resolution_m <= beyond_m)
    row, column = wide.offset(gap.grid)
    waiting = np.zeros(wide.shape)
    there = waiting[row : row + gap.grid.height, column : column + gap.grid.width]
    there[gap.position >= 0] = gap.people
    too_near_own = 0
    if own is not None:
        points = laid(own, wide)
        near = too_near_masts(points, standing, spacing.at(points, communes))
        own, too_near_own = own[~near], int(near.sum())
    found = find_candidates(
        wide, ground.height_m.to_numpy(), waiting,
        existing=_places(shared, wide), own=_places(own, wide),
        excluded=_inside(excluded, wide), search=search, inside=inside,
        standing=_places(standing, wide), spacing_m=spacing.on(wide, communes),
    )  # fmt: skip

    def allowed(table: pd.DataFrame) -> Flags:
        points = gpd.GeoSeries(gpd.points_from_xy(table["x_m"], table["y_m"]), crs=wide.crs)
        near = too_near_masts(points, standing, spacing.at(points, communes))
        return np.asarray(~near | table["kind"].isin(["existing", "own"]))

    # A top may lie nearer to a mast than the middle of its pixel, and across a border.
    table = _on_tops(found.table, wide, ground)
    back = ~allowed(table)
    for name in ("x_m", "y_m", "ground_m"):
        table.loc[back, name] = found.table.loc[back, name]
    kept = allowed(table)
    too_near = found.left_out["too_near"] + too_near_own + int((~kept).sum())
    return Candidates(
        table=table[kept].reset_index(drop=True),
        gaps=found.gaps,
        left_out=found.left_out | {"too_near": too_near},
    )


def _on_tops(table: pd.DataFrame, grid: Grid, ground: Ground) -> pd.DataFrame:
    """Move high ground to the highest of the elevation's own pixels within its pixel."""
    heights = Heights.of(ground.native_m)
    high = (table["kind"] == "high_ground").to_numpy()
    times = max(int(np.ceil(grid.resolution_m / heights.pixel_m)), 1)
    step = (np.arange(times) + 0.5) / times * grid.resolution_m - grid.resolution_m / 2
    away = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2)
    at = table.loc[high, ["x_m", "y_m"]].to_numpy(float)
    x_m, y_m = np.moveaxis(at[:, None] + away[None], -1, 0)
    row, column = Finder(crs=grid.crs, heights=heights).pixels(x_m, y_m)
    i, j = np.floor(row + 0.5).astype(int), np.floor(column + 0.5).astype(int)
    rows, columns = heights.height_m.shape
    known = (i >= 0) & (i < rows) & (j >= 0) & (j < columns)
    tops = np.where(known, heights.height_m[i * known, j * known], np.nan)
    top = np.argmax(np.where(np.isnan(tops), -np.inf, tops), axis=1)
    best = np.arange(len(at)), top
    kept = np.isfinite(tops[best])
    moved = table.copy()
    for name, values in (("x_m", x_m), ("y_m", y_m), ("ground_m", tops)):
        moved.loc[high, name] = np.where(kept, values[best], table.loc[high, name])
    return moved


def named(
    candidates: Candidates, masts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, antenna_m: float
) -> gpd.GeoDataFrame:
    """Return the candidates with ids: those of masts that are there, new ones for the others."""
    table = candidates.table
    known = {(point.x, point.y): row for row, point in enumerate(masts.geometry)}
    stem = unused(cells["site_id"], "PLAN")
    names, heights = [], []
    for number, place in enumerate(table.itertuples(), start=1):
        if place.kind == "existing":
            mast = masts.iloc[known[place.x_m, place.y_m]]
            names.append(mast["site_id"])
            heights.append(float(mast["antenna_height_m"]))
        else:
            names.append(f"{stem}-{number:04d}")
            heights.append(antenna_m)
    result = table.assign(site_id=names, antenna_height_m=heights)
    points = gpd.points_from_xy(result["x_m"], result["y_m"])
    return gpd.GeoDataFrame(result, geometry=points, crs=cells.crs)


def apart(
    sites: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, spacing: MastSpacing
) -> list[tuple[str, str]]:
    """Return the pairs of new sites of which not both may be built."""
    new = sites[sites["kind"] != "existing"]
    names = new["site_id"].to_list()
    least_m = spacing.at(new.geometry, communes)
    pairs = too_near(new["x_m"].to_numpy(), new["y_m"].to_numpy(), spacing_m=least_m)
    return [(names[one], names[other]) for one, other in pairs]


def _places(table: gpd.GeoDataFrame | None, grid: Grid) -> Floats:
    if table is None or table.empty:
        return np.empty((0, 2))
    points = laid(table, grid)
    return np.asarray(np.c_[points.x, points.y], dtype=float)


def laid(table: gpd.GeoDataFrame, grid: Grid) -> gpd.GeoSeries:
    """Return the places of a table in the CRS of the grid, which is meant where it names none."""
    return table.geometry if table.crs is None else table.geometry.to_crs(grid.crs)


def _inside(areas: gpd.GeoDataFrame | None, grid: Grid) -> Flags:
    """Return the pixels whose centre lies in one of the areas."""
    if areas is None or areas.empty:
        return np.zeros(grid.shape, bool)
    inside = rasterize(laid(areas, grid), out_shape=grid.shape, transform=grid.transform)
    return np.asarray(inside, dtype=bool)
