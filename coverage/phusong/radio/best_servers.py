"""The best servers of a set of sites, and how those of several sets become one.

`predict_sites` knows no threads: the sites may be split in any way, predicted
anywhere, and what was found be merged in any order. The result is the same to
the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from . import _kernels as kernels
from .masts import Conditions, Mast
from .sectors import Sector
from .services import ServiceRule
from .sites import Site, Station

Window = tuple[slice, slice]


class ServingCells:
    """Who serves each pixel of a window, one layer a service.

    Parameters
    ----------
    services : int
    shape : (int, int)
        Rows and columns of the window.

    Attributes
    ----------
    margin : ndarray of float32, shape (services, y, x)
        Largest margin, dB; -inf where nobody serves.
    server : ndarray of int32, shape (services, y, x)
        Its cell, as a row of the cells table; `NOWHERE` where nobody serves.
    obstacle : ndarray of uint16, shape (services, y, x)
        Steps from the receiver back to the obstacle before that cell.
    """

    def __init__(self, services: int, shape: tuple[int, int]) -> None:
        self.margin = np.full((services, *shape), -np.inf, dtype=np.float32)
        self.server = np.full((services, *shape), kernels.NOWHERE, dtype=np.int32)
        self.obstacle = np.zeros((services, *shape), dtype=np.uint16)


class Best(ServingCells):
    """The best servers of a set of sites on the terrain's grid.

    Memory depends on the grid and the services, not on the number of stations.

    Parameters
    ----------
    services : int
    shape : (int, int)
        Rows and columns of the grid.

    Attributes
    ----------
    second : ndarray of float32, shape (services, y, x)
        Largest margin of another station than the server's, dB; -inf for none.
    servers : ndarray of uint16, shape (services, y, x)
        Stations with a margin of at least 0.
    """

    def __init__(self, services: int, shape: tuple[int, int]) -> None:
        super().__init__(services, shape)
        self.second = np.full((services, *shape), -np.inf, dtype=np.float32)
        self.servers = np.zeros((services, *shape), dtype=np.uint16)

    def merge(self, other: Best) -> None:
        """Take over what was found of other sites.

        The two sets of sites must have none in common. Among several sets the
        order of merging does not matter.

        Parameters
        ----------
        other : Best
            Of sites that this one has none of, on the same grid, with the same
            services. Among several sets the order of merging does not matter.
        """
        for i in range(len(self.margin)):
            kernels.merge(
                self.margin[i],
                self.server[i],
                self.obstacle[i],
                self.second[i],
                self.servers[i],
                other.margin[i],
                other.server[i],
                other.obstacle[i],
                other.second[i],
                other.servers[i],
            )


def merge(found: Iterable[Best]) -> Best:
    """Return the best servers of several sets of sites.

    Parameters
    ----------
    found : iterable of Best, at least one
        No site in two of them; their order does not matter. The first is changed.

    Returns
    -------
    Best
        The first of `found`.
    """
    first, *others = found
    for other in others:
        first.merge(other)
    return first


def predict_sites(
    sites: Iterable[Site], *, services: Sequence[ServiceRule], conditions: Conditions
) -> Best:
    """Find the best servers among the cells of some sites.

    Parameters
    ----------
    sites : iterable of Site
        From `plan_prediction`; gone through once.
    services : sequence of ServiceRule
        One layer each, in this order.
    conditions : Conditions
        Terrain, settings and refractivity.

    Returns
    -------
    Best
        On the grid of the terrain.

    Raises
    ------
    ModelRangeError
        If a link lies outside the ranges of the model.
    """
    best = Best(len(services), conditions.terrain.grid.shape)
    for site in sites:
        mast: Mast | None = None
        for station in site.stations:
            mast = _add_station(best, station, mast, services, conditions)
    return best


def _add_station(
    best: Best,
    station: Station,
    mast: Mast | None,
    services: Sequence[ServiceRule],
    conditions: Conditions,
) -> Mast | None:
    """Let a station compete with those before it; return its last mast for the next station."""
    places = dict.fromkeys(place for place, _ in station)
    windows = {place: conditions.around(place).window for place in places}
    rows, columns = (_hull(window[axis] for window in windows.values()) for axis in (0, 1))
    own = ServingCells(len(services), (rows.stop - rows.start, columns.stop - columns.start))
    for place, sector in station:
        if mast is None or mast.place != place:
            mast = Mast(conditions, place)
        reached = windows[place]
        window = (
            slice(reached[0].start - rows.start, reached[0].stop - rows.start),
            slice(reached[1].start - columns.start, reached[1].stop - columns.start),
        )
        _add_cell(own, window, mast, sector, services)
    for i, rule in enumerate(services):
        if any(rule.admits(sector) for _, sector in station):
            kernels.fold(
                own.margin[i],
                own.server[i],
                own.obstacle[i],
                best.margin[i, rows, columns],
                best.server[i, rows, columns],
                best.obstacle[i, rows, columns],
                best.second[i, rows, columns],
                best.servers[i, rows, columns],
            )
    return mast


def _add_cell(
    own: ServingCells, window: Window, mast: Mast, sector: Sector, services: Sequence[ServiceRule]
) -> None:
    """Let a cell compete with the other cells of its station, within its mast's window."""
    loss, obstacle = mast.loss_db(sector), mast.obstacle(sector)
    attenuation = mast.attenuation_db(sector)
    for i, rule in enumerate(services):
        if rule.admits(sector):
            kernels.compete(
                loss,
                attenuation,
                obstacle,
                np.float32(sector.eirp_dbm - rule.needed_dbm(sector)),
                np.int32(sector.row),
                own.margin[i][window],
                own.server[i][window],
                own.obstacle[i][window],
            )


def _hull(ranges: Iterable[slice]) -> slice:
    """Return the one range that holds all."""
    given = list(ranges)
    return slice(min(one.start for one in given), max(one.stop for one in given))
