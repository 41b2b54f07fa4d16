"""The best servers of a set of sites, and how those of several sets become one.

`predict_sites` starts no threads: the sites may be split in any way, predicted
anywhere, added to one `Best` by several threads or merged from several, in any
order. The result is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock

import numpy as np

from ..grid import Grid
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
    """The best servers of a set of sites on a part of the terrain's grid.

    Memory depends on the grid and the services, not on the number of stations.
    Stations may be added by several threads at a time: to the same bits in any order.

    Parameters
    ----------
    services : int
    grid : Grid
        Where they are wanted: of the terrain's pixels.

    Attributes
    ----------
    second : ndarray of float32, shape (services, y, x)
        Largest margin of another station than the server's, dB; -inf for none.
    servers : ndarray of uint16, shape (services, y, x)
        Stations with a margin of at least 0.
    """

    def __init__(self, services: int, grid: Grid) -> None:
        super().__init__(services, grid.shape)
        self.grid = grid
        self.second = np.full((services, *grid.shape), -np.inf, dtype=np.float32)
        self.servers = np.zeros((services, *grid.shape), dtype=np.uint16)
        self._locks = tuple(Lock() for _ in range(services))

    def fold(self, layer: int, station: ServingCells, at: Window, within: Window) -> None:
        """Let a station compete with those before it for one service.

        Parameters
        ----------
        layer : int
            Position of the service.
        station : ServingCells
            Of one station, all its cells.
        at, within : (slice, slice)
            The same pixels in this grid and in the station's window.
        """
        with self._locks[layer]:
            kernels.fold(
                station.margin[layer][within],
                station.server[layer][within],
                station.obstacle[layer][within],
                self.margin[layer][at],
                self.server[layer][at],
                self.obstacle[layer][at],
                self.second[layer][at],
                self.servers[layer][at],
            )

    def merge(self, other: Best) -> None:
        """Take over what was found of other sites.

        The two sets of sites must have none in common. Among several sets the
        order of merging does not matter.

        Parameters
        ----------
        other : Best
            Of sites that this one has none of, with the same services. What lies
            outside this one's grid is left.
        """
        at, within = _common(
            self.grid.shape, _window(self.grid.offset(other.grid), other.grid.shape)
        )
        for i in range(len(self.margin)):
            kernels.merge(
                self.margin[i][at],
                self.server[i][at],
                self.obstacle[i][at],
                self.second[i][at],
                self.servers[i][at],
                other.margin[i][within],
                other.server[i][within],
                other.obstacle[i][within],
                other.second[i][within],
                other.servers[i][within],
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

    Examples
    --------
    Two pixels; of the first, one set of sites knows nothing.

    >>> from phusong.grid import Grid
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 100.0, 2, 1)
    >>> north, south = Best(1, grid), Best(1, grid)
    >>> north.margin[0, 0], south.margin[0, 0] = [-np.inf, 4.0], [3.0, 5.0]
    >>> merge([north, south]).margin.tolist()
    [[[3.0, 5.0]]]
    """
    first, *others = found
    for other in others:
        first.merge(other)
    return first


def predict_sites(
    sites: Iterable[Site],
    *,
    services: Sequence[ServiceRule],
    conditions: Conditions,
    best: Best | None = None,
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
    best : Best, optional
        Of other sites, to which these are added, by several threads at a time if
        wanted. Sites that do not reach its grid are not computed. A new one on the
        grid of the terrain if absent.

    Returns
    -------
    Best
        `best` itself, if given.

    Raises
    ------
    ModelRangeError
        If a link lies outside the ranges of the model.
    """
    if best is None:
        best = Best(len(services), conditions.terrain.grid)
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
    top, left = best.grid.offset(conditions.terrain.grid)
    shape = rows.stop - rows.start, columns.stop - columns.start
    at, within = _common(best.grid.shape, _window((rows.start + top, columns.start + left), shape))
    if not (at[0].start < at[0].stop and at[1].start < at[1].stop):
        return mast
    own = ServingCells(len(services), shape)
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
            best.fold(i, own, at, within)
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


def _window(corner: tuple[int, int], shape: tuple[int, int]) -> Window:
    (row, column), (height, width) = corner, shape
    return slice(row, row + height), slice(column, column + width)


def _common(shape: tuple[int, int], window: Window) -> tuple[Window, Window]:
    """Return the pixels that a window shares with a grid, as those of the grid and its own."""
    at, within = [], []
    for size, one in zip(shape, window, strict=True):
        start = min(max(one.start, 0), size)
        stop = max(min(one.stop, size), start)
        at.append(slice(start, stop))
        within.append(slice(start - one.start, stop - one.start))
    return (at[0], at[1]), (within[0], within[1])
