"""How likely a place in a pixel is served, over the study's own variability of locations."""

from collections.abc import Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ...._on_disk import copy_on_write, full_on_disk
from ....grid import Grid, grid_of
from ....study import Radio, Service
from ....uncertainty import Curves, curves, served_probability
from ...records import ServiceRasters
from .allowances import allowance_of


def masts_of(cells: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.int32]:
    """Return the mast of each cell, numbered; cells in one pixel of the grid share theirs."""
    x, y = (np.floor(each / grid.resolution_m) for each in (cells.geometry.x, cells.geometry.y))
    mast: NDArray[np.int64] = pd.factorize(x.to_numpy() + 1j * y.to_numpy())[0]
    return mast.astype(np.int32)


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
    *,
    before: Mapping[str, xr.DataArray] | None = None,
    others: tuple[slice, slice] = (slice(None), slice(None)),
) -> dict[str, xr.DataArray]:
    """Return the probability of each service on the grid of its rasters, by its id.

    Parameters
    ----------
    services : mapping of str to ServiceRasters
    asked : tuple of Service
    radio : Radio
    cells : GeoDataFrame
        Of which servers are rows.
    before : mapping of str to DataArray, optional
        Of other cells.
    others : (slice, slice)
        Rows and columns of the only pixels where these cells serve otherwise.
    """
    found: dict[str, xr.DataArray] = {}
    if not asked:
        return found
    grid = grid_of(services[asked[0].id].margin_db)
    mast = masts_of(cells, grid)
    for service in asked:
        rasters = services[service.id]
        if before is None:
            whole = grid.wrap(full_on_disk(grid.shape, 0.0, np.dtype(np.float32)), "probability")
            part = whole.to_numpy()
        else:
            values = copy_on_write(before[service.id].to_numpy())
            whole = before[service.id].copy(deep=False, data=values)
            part = np.zeros(values[others].shape, dtype=np.float32)
        layers = [
            np.ascontiguousarray(layer.to_numpy()[others])
            for layer in (rasters.margin_db, rasters.second_margin_db,
                          rasters.best_server, rasters.second_server)
        ]  # fmt: skip
        if len(cells) and part.size:
            ways, kind = curves_of(service, radio, cells, resolution_m=grid.resolution_m)
            served_probability(
                (layers[0], layers[1]),
                (layers[2], layers[3]),
                kind=kind,
                mast=mast,
                curves=ways,
                out=part,
            )
        whole.to_numpy()[others] = part
        found[service.id] = whole
    return found
