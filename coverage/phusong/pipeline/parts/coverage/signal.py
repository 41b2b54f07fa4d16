"""Predict the signal of every service over the ground of a study."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial

import geopandas as gpd
import pandas as pd
import xarray as xr

from ....compute import on_threads
from ....grid import Grid, grid_of
from ....radio import Best, Site, predict_sites
from ...records import Resources, ServiceRasters
from .inputs import CoverageInputs, Ground


@dataclass(frozen=True, kw_only=True)
class PredictedSignal:
    """The signal of every service, with the cells that none could be predicted for."""

    services: Mapping[str, ServiceRasters]
    rejected: pd.DataFrame


def predict_signal(
    inputs: CoverageInputs,
    cells: gpd.GeoDataFrame,
    ground: Ground,
    wanted: Grid,
    resources: Resources,
) -> PredictedSignal:
    """Predict the signal of cells over the ground, on the grid wanted.

    Parameters
    ----------
    inputs : CoverageInputs
        Services, radio settings and antenna patterns.
    cells : GeoDataFrame
        Cells on air, rows as `tables.CELLS`, in the study's CRS.
    ground : Ground
        Terrain and clutter as far as cells and paths reach.
    wanted : Grid
        What the rasters returned lie on; part of the terrain's grid.
    resources : Resources
    """
    plan = inputs.plan(cells, ground, cache_folder=resources.cache_folder)
    done, total = 0, sum(site.antennas for site in plan.sites)

    def tell(site: Site) -> None:
        nonlocal done
        done += site.antennas
        resources.on_progress("pipeline.step_predict", done, total)

    best = Best(len(plan.services), wanted)
    work = partial(predict_sites, services=plan.services, conditions=plan.conditions, best=best)
    on_threads(work, plan.sites, threads=resources.threads, on_done=tell)
    prediction = plan.signals(best)
    services = {
        name: ServiceRasters(**{field.name: getattr(found, field.name) for field in fields(found)})
        for name, found in prediction.services.items()
    }
    return PredictedSignal(services=services, rejected=prediction.rejected)


def cut(raster: xr.DataArray, grid: Grid) -> xr.DataArray:
    """Cut a raster down to a smaller grid of the same pixels."""
    row, column = grid_of(raster).offset(grid)
    values = raster.to_numpy()[row : row + grid.height, column : column + grid.width]
    return grid.wrap(values, str(raster.name), **raster.attrs)
