"""How likely a place in a pixel is served, over the study's own variability of locations."""

from collections.abc import Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ...._on_disk import full_on_disk
from ....grid import Grid, grid_of
from ....study import Radio, Service
from ....uncertainty import Curves, curves, served_probability
from ...records import ServiceRasters
from .allowances import allowance_of


def masts_of(cells: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.int32]:
    """Return the mast of each cell, numbered; cells in one pixel of the grid share theirs."""
    x, y = (np.floor(each / grid.resolution_m) for each in (cells.geometry.x, cells.geometry.y))
    return pd.factorize(pd.MultiIndex.from_arrays([x, y]))[0].astype(np.int32)


def curves_of(
    service: Service,
    radio: Radio,
    cells: gpd.GeoDataFrame,
    *,
    resolution_m: float,
    varying: Radio | None = None,
) -> tuple[Curves, NDArray[np.int32]]:
    """Return the curves of a service by the margin in its rasters, and which holds for each cell.

    Parameters
    ----------
    service : Service
    radio : Radio
        By which the margins were predicted.
    cells : GeoDataFrame
    resolution_m : float
    varying : Radio, optional
        Whose variability of locations the curves have; that of `radio` if absent.
    """
    frequencies, kind = np.unique(cells["frequency_mhz"].to_numpy(float), return_inverse=True)
    zero = allowance_of(service, radio, resolution_m=resolution_m)

    def needed_db(frequency_mhz: float, probability: float) -> float:
        needed = allowance_of(
            service, varying or radio, resolution_m=resolution_m, location_probability=probability
        )
        return needed(frequency_mhz) if callable(needed) else needed

    asked = [each for each in frequencies.tolist() if each == each]  # unknown ones serve nobody
    found = curves(
        [partial(needed_db, each) for each in asked],
        [zero(each) if callable(zero) else zero for each in asked],
    )
    return found, np.minimum(kind, len(asked) - 1).astype(np.int32)


def probabilities(
    services: Mapping[str, ServiceRasters],
    asked: tuple[Service, ...],
    radio: Radio,
    cells: gpd.GeoDataFrame,
) -> dict[str, xr.DataArray]:
    """Return the probability of each service on the grid of its rasters, by its id."""
    found = {}
    for service in asked:
        rasters = services[service.id]
        grid = grid_of(rasters.margin_db)
        out = full_on_disk(grid.shape, 0.0, np.dtype(np.float32))
        if len(cells):
            ways, kind = curves_of(service, radio, cells, resolution_m=grid.resolution_m)
            served_probability(
                (rasters.margin_db.to_numpy(), rasters.second_margin_db.to_numpy()),
                (rasters.best_server.to_numpy(), rasters.second_server.to_numpy()),
                kind=kind,
                mast=masts_of(cells, grid),
                curves=ways,
                out=out,
            )
        found[service.id] = grid.wrap(out, "probability")
    return found
