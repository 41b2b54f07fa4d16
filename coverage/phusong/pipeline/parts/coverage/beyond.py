"""Who lives beyond the study's radius and would be served: estimated from a sample of masts."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ....compute import on_threads
from ....grid import Grid, blocks_of_rows, grid_of
from ....radio import (
    Best,
    Plan,
    ServiceRule,
    Site,
    farthest_served_m,
    predict_sites,
    served,
)
from ....radio.answers import without_terrain
from ...records import Note, Resources
from .inputs import CoverageInputs, Ground
from .signal import PredictedSignal, reached_by

ONE_OF = 40
"""A mast at twice the radius costs four times as much, so this part takes a tenth of the time."""
FEWEST, MOST = 3, 16
WIDEST_PX = 1000
"""Of the square around a mast. Where pixels are so small that it has more, one receiver stands for
several, so that the estimate takes no more memory than the prediction itself."""


def beyond_radius(
    inputs: CoverageInputs,
    cells: gpd.GeoDataFrame,
    ground: Ground,
    signal: PredictedSignal,
    people: xr.DataArray,
    resources: Resources,
) -> Callable[[], list[Note]]:
    """Prepare the estimate of how many people the radius cuts off, service by service.

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
    callable
        Makes the estimate, from arrays alone: one note for each service that people are cut
        off from; one in all if there is none; none if no site could serve beyond the radius.
        One more if the model holds for no such distance.
    """
    radius_km = inputs.radio.radius_km
    services = signal.plan.services
    far = [site for site in signal.plan.sites if _reach_m(site, services) > 1000 * radius_km]
    if not far:
        return list
    blind = without_terrain(signal.plan.conditions.settings.model)
    ends_km = math.inf if blind is None else blind.farthest_m / 1000
    ends: list[Note] = []
    if ends_km < 2 * radius_km:
        title = signal.plan.conditions.settings.model.title
        ends = [Note("pipeline.model_ends", {"model": title, "farthest_km": ends_km})]
    if ends_km <= radius_km:
        return lambda: ends
    size = min(max(len(far) // ONE_OF, FEWEST), MOST, len(far))
    picked = [far[k] for k in np.linspace(0, len(far) - 1, size).round().astype(int)]
    rows = sorted(sector.row for site in picked for _, sector in site.placed)
    times = coarser_by(1000 * radius_km, inputs.near.resolution_m)
    ground = thinned(ground, times)
    radio = inputs.radio.model_copy(update={"radius_km": 2 * radius_km})
    plan = replace(inputs, radio=radio).plan(
        cells.iloc[rows].reset_index(drop=True), ground, cache_folder=resources.cache_folder
    )
    margins = [signal.services[rule.id].margin_db.to_numpy() for rule in plan.services]
    there = people.to_numpy()

    def count(sites: Iterable[tuple[int, Site]]) -> dict[int, list[float]]:
        return {
            number: _newly_served(
                site, plan, ground.near, (there, margins), 1000 * radius_km, times
            )
            for number, site in sites
        }

    titles = {each.id: each.title for each in inputs.services}

    def estimate() -> list[Note]:
        found: dict[int, list[float]] = {}
        for some in on_threads(count, enumerate(plan.sites), threads=resources.threads):
            found |= some
        cut_off = np.sum([found[number] for number in sorted(found)], axis=0) * len(far) / size
        said = {"sample": size, "sites": len(far), "radius_km": radius_km}
        notes = []
        for rule, cut, margin in zip(plan.services, cut_off, margins, strict=True):
            left = sum(
                float(there[rows].sum(where=~served(margin[rows])))
                for rows in blocks_of_rows(len(there))
            )
            lost = round(min(float(cut), left))
            if lost:
                values = {"service": titles[rule.id], "people": lost, **said}
                notes.append(Note("pipeline.beyond_radius", values))
        return [*notes, *ends] or [Note("pipeline.nobody_beyond_radius", said)]

    return estimate


def _reach_m(site: Site, services: Sequence[ServiceRule]) -> float:
    return max(farthest_served_m(sector, services) for _, sector in site.placed)


def coarser_by(radius_m: float, resolution_m: float) -> int:
    """Return how many pixels a side one receiver stands for; odd, so that it has a middle one."""
    times = math.ceil(4 * radius_m / (resolution_m * WIDEST_PX))
    return times + 1 - times % 2


def thinned(ground: Ground, times: int) -> Ground:
    """Return a ground with one pixel in place of `times` × `times`: what their middle one has.

    Profiles read the same elevation as ever.
    """
    if times == 1:
        return ground
    wide = grid_of(ground.height_m)
    rows, columns = (
        _middles(start, near, size, times)
        for start, near, size in zip(
            wide.offset(ground.near), ground.near.shape, wide.shape, strict=True
        )
    )

    def larger(grid: Grid, row: int, column: int, shape: tuple[int, int]) -> Grid:
        corner = grid.part(slice(row, row + 1), slice(column, column + 1))
        pixel_m = times * grid.resolution_m
        return replace(corner, resolution_m=pixel_m, height=shape[0], width=shape[1])

    whole = larger(wide, rows[0], columns[0], (len(rows[1]), len(columns[1])))
    near_shape = tuple(math.ceil(size / times) for size in ground.near.shape)

    def layer(raster: xr.DataArray) -> xr.DataArray:
        values = raster.to_numpy()[np.ix_(rows[1], columns[1])]
        return whole.wrap(values, str(raster.name), **raster.attrs)

    land = ground.land_cover
    return replace(
        ground,
        near=larger(ground.near, 0, 0, (near_shape[0], near_shape[1])),
        height_m=layer(ground.height_m),
        clutter_m=None if ground.clutter_m is None else layer(ground.clutter_m),
        land_cover=None if land is None else replace(land, index=layer(land.index)),
    )


def _middles(start: int, near: int, size: int, times: int) -> tuple[int, NDArray[np.int64]]:
    """Return where coarser pixels begin along an axis, and the pixel in the middle of each.

    They begin where the grid of the results does, `start` pixels from the edge, and cover
    it whole; the last may have its middle beyond the edge, which then counts.
    """
    before = start // times
    count = before + max(math.ceil(near / times), (size - start) // times)
    first = start - before * times
    middles = first + times // 2 + times * np.arange(count, dtype=np.int64)
    return first, np.minimum(middles, size - 1)


def _newly_served(
    site: Site,
    plan: Plan,
    near: Grid,
    before: tuple[NDArray[np.float64], Sequence[NDArray[np.float32]]],
    radius_m: float,
    times: int,
) -> list[float]:
    """Count whom a site newly serves farther than the radius from all its masts, by service.

    `before` holds the residents of each pixel, and each service's margins without it; one
    pixel of `near` stands for `times` × `times` of them.
    """
    grid = reached_by(site.stations, plan.conditions, near)
    if grid is None:
        return [0.0 for _ in plan.services]
    row, column = near.offset(grid)
    window = (
        slice(times * row, times * (row + grid.height)),
        slice(times * column, times * (column + grid.width)),
    )
    there, margins = before[0][window], [margin[window] for margin in before[1]]
    best = Best(len(plan.services), grid)
    predict_sites([site], services=plan.services, conditions=plan.conditions, best=best)
    away = np.full(grid.shape, np.inf)
    for x_m, y_m in {(place.x_m, place.y_m) for place, _ in site.placed}:
        np.minimum(away, np.hypot(grid.x_m[None, :] - x_m, grid.y_m[:, None] - y_m), out=away)
    height, width = there.shape
    newly = []
    for now, then in zip(best.margin, margins, strict=True):
        reached = served(now) & (away > radius_m)
        reached = reached.repeat(times, axis=0)[:height].repeat(times, axis=1)[:, :width]
        newly.append(float(there[reached & ~served(then)].sum()))
    return newly
