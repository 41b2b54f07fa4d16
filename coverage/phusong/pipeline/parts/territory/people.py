"""Where people live, as a raster: from a raster, else around villages, else over communes."""

import geopandas as gpd
import xarray as xr

from ....errors import TerrainError
from ....grid import Grid
from ....terrain import read_population, spread_population
from ...records import Note, RasterFile

VILLAGE_RADIUS_M = 250.0
"""Where no raster tells, a village's houses lie within this; see docs/methods/terrain.md."""


def read_people(
    file: RasterFile | None,
    grid: Grid,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame | None,
) -> tuple[xr.DataArray, list[Note]]:
    """Return residents a pixel, and what must be known of them.

    Raises
    ------
    InputError
        If the raster cannot be used, or, without one, a commune has no figure.
    TerrainError
        If the raster has nobody on the grid.
    """
    if file is not None:
        found = read_population(file.path, grid, shown=file.shown)
        if not found.people.any():
            raise TerrainError("pipeline.nobody_on_grid", file=file.shown)
    else:
        found = spread_population(grid, communes, villages, village_radius_m=VILLAGE_RADIUS_M)
    notes = []
    if found.origin != "raster":
        notes.append(Note(f"pipeline.people_from_{found.origin}", {}))
    if found.origin == "villages" and found.spread_evenly:
        notes.append(Note("pipeline.spread_evenly", {"communes": ", ".join(found.spread_evenly)}))
    if found.outside >= 0.5:
        notes.append(Note("pipeline.people_outside", {"count": round(found.outside)}))
    return found.people, notes
