"""Who lives beyond the study's radius and would be served: estimated from a sample of masts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ....compute import on_threads
from ....radio import Best, Plan, Site, predict_sites, served
from ...records import Note, Resources
from .inputs import CoverageInputs, Ground
from .signal import PredictedSignal, reached_by

ONE_OF = 40
"""A mast at twice the radius costs four times as much, so this part takes a tenth of the time."""
FEWEST, MOST = 3, 16


def beyond_radius(
    inputs: CoverageInputs,
    cells: gpd.GeoDataFrame,
    ground: Ground,
    signal: PredictedSignal,
    people: xr.DataArray,
    resources: Resources,
) -> list[Note]:
    """Estimate how many people the radius cuts off, service by service.

    Some sites, evenly taken from those whose cells could serve beyond the radius, are
    predicted out to twice the radius. Whom they serve out there, and nobody else serves,
    is scaled up to all such sites; a person whom several sites reach counts several
    times, so that the estimate is rather too high, but never above all who are unserved.

    Parameters
    ----------
    inputs : CoverageInputs
    cells : GeoDataFrame
        Cells on air that `signal` was predicted for.
    ground : Ground
    signal : PredictedSignal
        On the grid of `people`.
    people : DataArray, shape (y, x)
        Residents per pixel.
    resources : Resources

    Returns
    -------
    list of Note
        One for each service that people are cut off from; one in all if there is none;
        none if no site could serve beyond the radius.
    """
    radius_km = inputs.radio.radius_km
    radio = inputs.radio.model_copy(update={"radius_km": 2 * radius_km})
    plan = replace(inputs, radio=radio).plan(cells, ground, cache_folder=resources.cache_folder)
    far = [site for site in plan.sites if _reach_m(site) > 1000 * radius_km]
    if not far:
        return []
    size = min(max(len(far) // ONE_OF, FEWEST), MOST, len(far))
    picked = [far[k] for k in np.linspace(0, len(far) - 1, size).round().astype(int)]
    margins = [signal.services[rule.id].margin_db.to_numpy() for rule in plan.services]
    there = people.to_numpy()

    def count(sites: Iterable[tuple[int, Site]]) -> dict[int, list[float]]:
        return {
            number: _newly_served(site, plan, inputs, (there, margins), 1000 * radius_km)
            for number, site in sites
        }

    found: dict[int, list[float]] = {}
    for some in on_threads(count, enumerate(picked), threads=resources.threads):
        found |= some
    cut_off = np.sum([found[number] for number in sorted(found)], axis=0) * len(far) / size
    said = {"sample": size, "sites": len(far), "radius_km": radius_km}
    titles = {each.id: each.title for each in inputs.services}
    notes = []
    for rule, cut, margin in zip(plan.services, cut_off, margins, strict=True):
        left = float(there.sum(where=~served(margin)))
        estimate = round(min(float(cut), left))
        if estimate:
            notes.append(
                Note(
                    "pipeline.beyond_radius",
                    {"service": titles[rule.id], "people": estimate, **said},
                )
            )
    return notes or [Note("pipeline.nobody_beyond_radius", said)]


def _reach_m(site: Site) -> float:
    return max(place.radius_m for place, _ in site.placed)


def _newly_served(
    site: Site,
    plan: Plan,
    inputs: CoverageInputs,
    before: tuple[NDArray[np.float64], Sequence[NDArray[np.float32]]],
    radius_m: float,
) -> list[float]:
    """Count whom a site newly serves farther than the radius from all its masts, by service.

    `before` holds the residents of each pixel, and each service's margins without it.
    """
    grid = reached_by(site.stations, plan.conditions, inputs.near)
    if grid is None:
        return [0.0 for _ in plan.services]
    row, column = inputs.near.offset(grid)
    window = slice(row, row + grid.height), slice(column, column + grid.width)
    there, margins = before[0][window], [margin[window] for margin in before[1]]
    best = Best(len(plan.services), grid)
    predict_sites([site], services=plan.services, conditions=plan.conditions, best=best)
    away = np.full(grid.shape, np.inf)
    for x_m, y_m in {(place.x_m, place.y_m) for place, _ in site.placed}:
        np.minimum(away, np.hypot(grid.x_m[None, :] - x_m, grid.y_m[:, None] - y_m), out=away)
    out_there = away > radius_m
    return [
        float(there[served(now) & ~served(then) & out_there].sum())
        for now, then in zip(best.margin, margins, strict=True)
    ]
