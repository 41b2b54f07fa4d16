"""Sites in sets that are predicted apart, each on the part of the grid that it may reach.

Knows no executor: the sets may be predicted anywhere, in any order, and several times.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ..errors import ClusterError
from ..grid import Grid
from .best_servers import Best, hull_of_station, predict_sites
from .masts import Conditions
from .services import ServiceRule
from .sites import Site
from .tiles import digest_of_engine

ANTENNAS = 64
"""Of a set, at most: about a second of work. Smaller sets send the rims of windows more often."""
WIDEST_RADII = 2.0
"""Of a set, at most, so that its window has no more than 2 + 2 radii a side."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Sites near each other.

    Parameters
    ----------
    sites : tuple of Site
    grid : Grid
        All pixels wanted that they may reach.
    """

    sites: tuple[Site, ...]
    grid: Grid

    @property
    def antennas(self) -> int:
        """How many losses it takes."""
        return sum(site.antennas for site in self.sites)


@dataclass(frozen=True, kw_only=True)
class UnitPrediction:
    """What is alike for all units, as it is sent to other processes once.

    Parameters
    ----------
    services : tuple of ServiceRule
    conditions : Conditions
    kind : callable
        `Best.kind` of what the units are merged into.
    engine : tuple of str
        `digest_of_engine` of who asks.
    """

    services: tuple[ServiceRule, ...]
    conditions: Conditions
    kind: Callable[[Grid], Best]
    engine: tuple[str, ...]

    def __call__(self, unit: Unit) -> tuple[NDArray[Any], ...]:
        """Predict a unit.

        Parameters
        ----------
        unit : Unit

        Returns
        -------
        tuple of ndarray
            `Best.arrays` of its sites on its grid.

        Raises
        ------
        ClusterError
            If the engine here is not that of who asks, so that its bytes might differ.
        ModelRangeError
            If a link lies outside the ranges of the model.
        """
        if self.engine != digest_of_engine():
            raise ClusterError("cluster.other_engine")
        best = predict_sites(
            unit.sites,
            services=self.services,
            conditions=self.conditions,
            best=self.kind(unit.grid),
        )
        return best.arrays


def take_over(best: Best, unit: Unit, found: Sequence[NDArray[Any]]) -> None:
    """Merge what was found of a unit; units may come in any order.

    Parameters
    ----------
    best : Best
        Of other units.
    unit : Unit
    found : sequence of ndarray
        What `UnitPrediction` returned.
    """
    part = best.kind(unit.grid)
    for empty, array in zip(part.arrays, found, strict=True):
        empty[...] = array
    best.merge(part)


def units_of(sites: Sequence[Site], conditions: Conditions, grid: Grid) -> list[Unit]:
    """Split sites into units of about the same work, sites of one side by side.

    Parameters
    ----------
    sites : sequence of Site
        From `plan_prediction`.
    conditions : Conditions
        Of the same plan.
    grid : Grid
        Where signal is wanted: of the terrain's pixels. Sites that reach none of it are left out.

    Returns
    -------
    list of Unit
    """
    placed = []
    for site in sites:
        window = _window(site, conditions, grid)
        if window is not None:
            place, _ = next(site.placed)
            placed.append(_Placed(site, (place.x_m, place.y_m), window))
    return [
        _unit(some, grid) for some in _split(placed, WIDEST_RADII * conditions.settings.radius_m)
    ]


@dataclass(frozen=True)
class _Placed:
    """A site, where it stands, and the first and last rows and columns that it reaches."""

    site: Site
    place_m: tuple[float, float]
    window: tuple[int, int, int, int]


def _window(site: Site, conditions: Conditions, grid: Grid) -> tuple[int, int, int, int] | None:
    """Return the first and behind the last row, and the columns, that a site may reach."""
    row, column = grid.offset(conditions.terrain.grid)
    hulls = [hull_of_station(station, conditions) for station in site.stations]
    top = max(min(rows.start for rows, _ in hulls) + row, 0)
    bottom = min(max(rows.stop for rows, _ in hulls) + row, grid.height)
    left = max(min(columns.start for _, columns in hulls) + column, 0)
    right = min(max(columns.stop for _, columns in hulls) + column, grid.width)
    return (top, bottom, left, right) if top < bottom and left < right else None


def _split(placed: list[_Placed], widest_m: float) -> Iterator[list[_Placed]]:
    """Halve sites across their longer extent until they are few, and near each other."""
    if not placed:
        return
    spans = [[one.place_m[axis] for one in placed] for axis in (0, 1)]
    extents = [max(span) - min(span) for span in spans]
    antennas = [one.site.antennas for one in placed]
    if len(placed) == 1 or (sum(antennas) <= ANTENNAS and max(extents) <= widest_m):
        yield placed
        return
    axis = extents.index(max(extents))
    order = sorted(range(len(placed)), key=lambda k: (placed[k].place_m[axis], k))
    half, before, cut = sum(antennas) / 2, 0, 1
    for cut in range(1, len(order)):
        before += antennas[order[cut - 1]]
        if before >= half:
            break
    for some in (order[:cut], order[cut:]):
        yield from _split([placed[k] for k in some], widest_m)


def _unit(placed: Sequence[_Placed], grid: Grid) -> Unit:
    tops, bottoms, lefts, rights = zip(*(one.window for one in placed), strict=True)
    return Unit(
        sites=tuple(one.site for one in placed),
        grid=grid.part(slice(min(tops), max(bottoms)), slice(min(lefts), max(rights))),
    )
