"""The best servers of a set of sites, and how those of several sets become one.

`predict_sites` starts no threads: the sites may be split in any way, predicted
anywhere, added to one `Best` by several threads or merged from several, in any
order. The result is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..grid import Grid
from . import _kernels as kernels
from .masts import Conditions, Mast
from .sectors import Sector
from .services import ServiceRule
from .sites import Site, Station

Window = tuple[slice, slice]
Full = Callable[[tuple[int, ...], float, "np.dtype[Any]"], "NDArray[Any]"]
"""How arrays of values are made: in memory, or where the caller has room."""


class ServingCells:
    """Who serves each pixel of a window, one layer a service.

    Parameters
    ----------
    services : int
    shape : (int, int)
        Rows and columns of the window.
    full : callable
        Makes the arrays, as `numpy.full` does.

    Attributes
    ----------
    margin : ndarray of float32, shape (services, y, x)
        Largest margin, dB; -inf where nobody serves.
    server : ndarray of int32, shape (services, y, x)
        Its cell, as a row of the cells table; `NOWHERE` where nobody serves.
    obstacle : ndarray of uint16, shape (services, y, x)
        Steps from the receiver back to the obstacle before that cell.
    """

    def __init__(self, services: int, shape: tuple[int, int], full: Full = np.full) -> None:
        layers = services, *shape
        self.margin = full(layers, -np.inf, np.dtype(np.float32))
        self.server = full(layers, kernels.NOWHERE, np.dtype(np.int32))
        self.obstacle = full(layers, 0, np.dtype(np.uint16))


class Best(ServingCells):
    """The best servers of a set of sites on a part of the terrain's grid.

    Memory depends on the grid and the services, not on the number of stations.
    Stations may be added by several threads at a time: to the same bits in any order.

    Parameters
    ----------
    services : int
    grid : Grid
        Where they are wanted: of the terrain's pixels.
    full : callable
        Makes the arrays, as `numpy.full` does.

    Attributes
    ----------
    second : ndarray of float32, shape (services, y, x)
        Largest margin of another station than the server's, dB; -inf for none.
    second_server : ndarray of int32, shape (services, y, x)
        The best cell of that station, as a row of the cells table; `NOWHERE` for none.
    servers : ndarray of uint16, shape (services, y, x)
        Stations with a margin of at least 0.
    """

    def __init__(self, services: int, grid: Grid, full: Full = np.full) -> None:
        super().__init__(services, grid.shape, full)
        self.grid, self.full = grid, full
        layers = services, *grid.shape
        self.second = full(layers, -np.inf, np.dtype(np.float32))
        self.second_server = full(layers, kernels.NOWHERE, np.dtype(np.int32))
        self.servers = full(layers, 0, np.dtype(np.uint16))
        self._locks = tuple(Lock() for _ in range(services))

    def fold(self, layer: int, station: ServingCells, own: int, at: Window, within: Window) -> None:
        """Let a station compete with those before it for one service.

        Parameters
        ----------
        layer : int
            Position of the service.
        station : ServingCells
            Of one station, all its cells.
        own : int
            Which layer of `station` is that of the service.
        at, within : (slice, slice)
            The same pixels in this grid and in the station's window.
        """
        with self._locks[layer]:
            kernels.fold(
                station.margin[own][within],
                station.server[own][within],
                station.obstacle[own][within],
                self.margin[layer][at],
                self.server[layer][at],
                self.obstacle[layer][at],
                self.second[layer][at],
                self.second_server[layer][at],
                self.servers[layer][at],
            )

    @property
    def layers(self) -> tuple[NDArray[Any], ...]:
        """Margin, server, obstacle, second margin and server, and number of servers."""
        return (
            self.margin,
            self.server,
            self.obstacle,
            self.second,
            self.second_server,
            self.servers,
        )

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All that was found, and nothing else: what another process has to send."""
        return self.layers

    @property
    def kind(self) -> Callable[[Grid], Best]:
        """Makes empty ones that find the same on parts of this grid; knows nothing found."""
        return partial(Best, len(self.margin))

    def part(self, rows: slice, columns: slice) -> Best:
        """Return a copy of a part of the grid.

        Parameters
        ----------
        rows, columns : slice
            Of this grid.

        Returns
        -------
        Best
        """
        part = Best(len(self.margin), self.grid.part(rows, columns), self.full)
        for whole, layer in zip(self.layers, part.layers, strict=True):
            layer[...] = whole[:, rows, columns]
        return part

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
        height, width = other.grid.shape
        at, within = common(self.grid, other.grid, (slice(0, height), slice(0, width)))
        for i in range(len(self.margin)):
            kernels.merge(
                self.margin[i][at],
                self.server[i][at],
                self.obstacle[i][at],
                self.second[i][at],
                self.second_server[i][at],
                self.servers[i][at],
                other.margin[i][within],
                other.server[i][within],
                other.obstacle[i][within],
                other.second[i][within],
                other.second_server[i][within],
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
            mast = add_station(best, station, mast, services, conditions, of=site)
    return best


def add_station(
    best: Best,
    station: Station,
    mast: Mast | None,
    services: Sequence[ServiceRule],
    conditions: Conditions,
    *,
    of: Site | None = None,
) -> Mast | None:
    """Let a station compete with those before it; return its last mast for the next station.

    `of` is the site whose other stations will follow.
    """
    hull = hull_of_station(station, conditions)
    at, within = common(best.grid, conditions.terrain.grid, hull)
    if not best.margin[0][at].size:
        return mast
    layers, rules = shared_layers(station, services)
    own, mast = cells_of_station(station, hull, mast, rules, conditions, of=of)
    for i, layer in layers.items():
        best.fold(i, own, layer, at, within)
    return mast


def station_margins(
    site: Site, *, service: ServiceRule, conditions: Conditions, grid: Grid
) -> Iterator[tuple[Station, Window, NDArray[np.float32]]]:
    """Yield the margin of each station of a site alone, whoever else may serve.

    Stations side by side that share a mast share its losses: they are computed once for each
    antenna height and frequency.

    Parameters
    ----------
    site : Site
        From `plan_prediction`.
    service : ServiceRule
        Stations that it does not admit are passed over.
    conditions : Conditions
        Terrain, settings and refractivity.
    grid : Grid
        Where margins are wanted: of the terrain's pixels.

    Yields
    ------
    Station
    (slice, slice)
        Rows and columns of the grid that it may reach.
    ndarray of float32, shape of that window
        Largest margin of its cells, dB; -inf where none of them reaches.

    Raises
    ------
    ModelRangeError
        If a link lies outside the ranges of the model.

    Examples
    --------
    A mast at the western end of four pixels, 100 m each, which serves the first three.

    >>> import geopandas as gpd
    >>> from phusong.radio import Refractivity, Settings, model, plan_prediction, served
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 300.0, 4, 3)
    >>> middle = grid.part(slice(1, 2), slice(0, 4))
    >>> cells = gpd.GeoDataFrame(
    ...     {"site_id": ["S1"], "station_id": "S1", "cell_id": "S1", "operator": "Viettel",
    ...      "technology": "4G", "frequency_mhz": 900.0, "antenna_height_m": 6.0,
    ...      "rs_eirp_dbm": -26.0, "antenna": "omni"},
    ...     geometry=gpd.points_from_xy([50.0], [150.0]), crs="EPSG:9209",
    ... )
    >>> rule = ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)
    >>> plan = plan_prediction(
    ...     cells, grid.wrap(np.zeros(grid.shape, np.float32), "terrain"), [rule],
    ...     settings=Settings(model=model("free_space"), radius_m=400.0, receiver_height_m=1.5),
    ...     refractivity=Refractivity(),
    ... )
    >>> [(_, _, margin_db)] = station_margins(
    ...     plan.sites[0], service=rule, conditions=plan.conditions, grid=middle
    ... )
    >>> served(margin_db).tolist()
    [[True, True, True, False]]
    """
    mast: Mast | None = None
    for station in site.stations:
        if not any(service.admits(sector) for _, sector in station):
            continue
        hull = hull_of_station(station, conditions)
        at, within = common(grid, conditions.terrain.grid, hull)
        if at[0].start < at[0].stop and at[1].start < at[1].stop:
            own, mast = cells_of_station(station, hull, mast, [service], conditions)
            yield station, at, own.margin[0][within]


def shared_layers(
    station: Station, services: Sequence[ServiceRule]
) -> tuple[dict[int, int], list[ServiceRule]]:
    """Return which services need a layer of a station's cells: those that ask the same share one.

    Parameters
    ----------
    station : Station
    services : sequence of ServiceRule

    Returns
    -------
    dict of int to int
        By position of each service that the station may serve, its layer.
    list of ServiceRule
        One for each layer.
    """
    layers: dict[int, int] = {}
    rules: dict[tuple[np.float32 | None, ...], ServiceRule] = {}
    for i, rule in enumerate(services):
        surplus = tuple(
            surplus_db(sector, rule) if rule.admits(sector) else None for _, sector in station
        )
        if any(one is not None for one in surplus):
            rules.setdefault(surplus, rule)
            layers[i] = [*rules].index(surplus)
    return layers, [*rules.values()]


def hull_of_station(station: Station, conditions: Conditions) -> Window:
    """Return the pixels of the terrain's grid that a station may reach, as one window.

    Parameters
    ----------
    station : Station
    conditions : Conditions

    Returns
    -------
    (slice, slice)
        Rows and columns.
    """
    windows = [conditions.around(place).window for place in {place for place, _ in station}]
    rows, columns = (_hull(window[axis] for window in windows) for axis in (0, 1))
    return rows, columns


def cells_of_station(
    station: Station,
    hull: Window,
    mast: Mast | None,
    services: Sequence[ServiceRule],
    conditions: Conditions,
    *,
    of: Site | None = None,
) -> tuple[ServingCells, Mast | None]:
    """Let the cells of a station compete with each other in its window; return its last mast.

    `of` is as of `add_station`.
    """
    rows, columns = hull
    own = ServingCells(len(services), (rows.stop - rows.start, columns.stop - columns.start))
    for place, sector in station:
        if mast is None or mast.place != place:
            placed = station if of is None else of.placed
            together = [other for at, other in placed if at == place]
            mast = Mast(conditions, place, together=together)
        reached = mast.view.window
        window = (
            slice(reached[0].start - rows.start, reached[0].stop - rows.start),
            slice(reached[1].start - columns.start, reached[1].stop - columns.start),
        )
        add_cell(own, window, mast, sector, services)
    return own, mast


def add_cell(
    own: ServingCells,
    at: Window | tuple[slice, NDArray[np.int64]],
    mast: Mast,
    sector: Sector,
    services: Sequence[ServiceRule],
) -> None:
    """Let a cell compete with the other cells of its station, at the pixels of its mast."""
    loss, obstacle = mast.loss_db(sector), mast.obstacle(sector)
    attenuation = mast.attenuation_db(sector)
    for i, rule in enumerate(services):
        if rule.admits(sector):
            part = own.margin[i][at], own.server[i][at], own.obstacle[i][at]
            kernels.compete(
                loss,
                attenuation,
                obstacle,
                surplus_db(sector, rule),
                np.int32(sector.row),
                *part,
            )
            if isinstance(at[1], np.ndarray):  # single pixels, of which `part` is a copy
                own.margin[i][at], own.server[i][at], own.obstacle[i][at] = part


def surplus_db(sector: Sector, rule: ServiceRule) -> np.float32:
    """Return by how much a cell exceeds what it takes to serve before any loss or pattern."""
    return np.float32(sector.eirp_dbm - rule.needed_dbm(sector))


def _hull(ranges: Iterable[slice]) -> slice:
    """Return the one range that holds all."""
    given = list(ranges)
    return slice(min(one.start for one in given), max(one.stop for one in given))


def common(grid: Grid, terrain: Grid, window: Window) -> tuple[Window, Window]:
    """Return the pixels of a window of the terrain that lie on a grid: as its own, and within."""
    at, within = [], []
    for size, start, one in zip(grid.shape, grid.offset(terrain), window, strict=True):
        first = min(max(one.start + start, 0), size)
        last = max(min(one.stop + start, size), first)
        at.append(slice(first, last))
        within.append(slice(first - one.start - start, last - one.start - start))
    return (at[0], at[1]), (within[0], within[1])
