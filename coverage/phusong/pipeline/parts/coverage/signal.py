"""Predict the signal of every service over the ground of a study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial

import pandas as pd
import xarray as xr

from ....compute import Cluster, in_turn, on_threads
from ....grid import Grid, grid_of
from ....radio import (
    Best,
    Conditions,
    Plan,
    Prediction,
    Site,
    Station,
    hull_of_station,
    predict_sites,
)
from ....radio.tiles import digest_of_engine
from ....radio.units import UnitPrediction, take_over, units_of
from ...records import Resources, ServiceRasters


@dataclass(frozen=True)
class PredictedSignal:
    """The signal of every service, the cells that none could be predicted for, and the plan.

    Of cells that changed, `others` are the rows and columns of the only pixels where the
    signal may be another than before.
    """

    services: Mapping[str, ServiceRasters]
    rejected: pd.DataFrame
    plan: Plan
    others: tuple[slice, slice] = (slice(None), slice(None))


def predict_signal(plan: Plan, best: Best, resources: Resources) -> PredictedSignal:
    """Predict the signal of a plan.

    Parameters
    ----------
    plan : Plan
        From `CoverageInputs.plan`.
    best : Best
        An empty one, on the grid of the rasters returned; spent.
    resources : Resources
    """
    fold(plan, best, resources)
    plan.end()
    prediction = plan.signals(best, partial(in_turn, threads=resources.threads))
    return PredictedSignal(services=rasters_of(prediction), rejected=prediction.rejected, plan=plan)


def fold(plan: Plan, best: Best, resources: Resources) -> Best:
    """Let all sites of a plan compete in an empty `Best`; return it. Parameters are as above."""
    if resources.cluster is not None:
        return _fold_units(plan, best, resources, resources.cluster)
    done, total = 0, sum(site.antennas for site in plan.sites)

    def tell(site: Site) -> None:
        nonlocal done
        done += site.antennas
        resources.on_progress("pipeline.step_predict", done, total)

    work = partial(predict_sites, services=plan.services, conditions=plan.conditions, best=best)
    on_threads(work, plan.sites, threads=resources.threads, on_done=tell)
    return best


def _fold_units(plan: Plan, best: Best, resources: Resources, cluster: Cluster) -> Best:
    """Let other processes predict the sites, a unit at a time; merge what they found."""
    units = units_of(plan.sites, plan.conditions, best.grid)
    work = UnitPrediction(
        services=plan.services,
        conditions=plan.conditions,
        kind=best.kind,
        engine=digest_of_engine(),
    )
    done, total = 0, sum(unit.antennas for unit in units)
    for unit, found in cluster.completed(work, units):
        take_over(best, unit, found)
        done += unit.antennas
        resources.on_progress("pipeline.step_predict", done, total)
    return best


def reached_by(stations: Sequence[Station], conditions: Conditions, near: Grid) -> Grid | None:
    """Return the part of the grid that stations may reach; None if they reach none of it."""
    hulls = [hull_of_station(station, conditions) for station in stations]
    if not hulls:
        return None
    (top, left), rows = conditions.terrain.grid.offset(near), []
    for axis, start, size in ((0, top, near.height), (1, left, near.width)):
        first = min(hull[axis].start for hull in hulls) - start
        last = max(hull[axis].stop for hull in hulls) - start
        rows.append((max(first, 0), min(last, size)))
    if any(first >= last for first, last in rows):
        return None
    return near.part(*(slice(*span) for span in rows))


def rasters_of(prediction: Prediction) -> dict[str, ServiceRasters]:
    """Return the rasters of a prediction, by service."""
    return {
        name: ServiceRasters(**{field.name: getattr(found, field.name) for field in fields(found)})
        for name, found in prediction.services.items()
    }


def cut(raster: xr.DataArray, grid: Grid) -> xr.DataArray:
    """Cut a raster down to a smaller grid of the same pixels."""
    row, column = grid_of(raster).offset(grid)
    values = raster.to_numpy()[row : row + grid.height, column : column + grid.width]
    return grid.wrap(values, str(raster.name), **raster.attrs)
