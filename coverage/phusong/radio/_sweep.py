"""The sweep over masts: cells in, the best servers of every service out.

Masts are predicted on threads. A thread lets every station it predicts compete
for its own best servers, and these are merged at the end by a rule that knows no
order: the result depends on neither threads nor order, and memory on the grid,
the services and the threads, never on the number of stations. A station goes to
one thread as a whole, so that none is counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._cache import TileCache
from ._kernels import NOWHERE, compete, fold, merge
from .propagation import Link, PropagationModel
from .sampling import Surroundings, Terrain
from .sectors import Sector
from .tiles import loss_tile, obstacle_tile

if TYPE_CHECKING:
    from .coverage import ServiceRule

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Place:
    """Where a mast stands, in the grid's CRS."""

    x_m: float
    y_m: float
    latitude_deg: float


Station = Sequence[tuple[Place, Sector]]
"""The cells of a station, those of one place side by side."""
Site = Sequence[Station]
"""Stations that share places: the work of one thread at a time."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all masts have in common."""

    terrain: Terrain
    model: PropagationModel
    radius_m: float
    air: Link
    cache: TileCache | None = None

    def around(self, place: Place) -> Surroundings:
        """Return how a mast there sees the terrain."""
        return Surroundings(
            terrain=self.terrain, x_m=place.x_m, y_m=place.y_m, radius_m=self.radius_m
        )


class Mast:
    """What the cells of one mast share, computed as they ask for it."""

    def __init__(self, setting: Setting, place: Place) -> None:
        self.place = place
        self.view = setting.around(place)
        self._setting = setting
        self._losses: dict[tuple[float, float], NDArray[np.float32]] = {}
        self._obstacles: dict[float, NDArray[np.uint16]] = {}
        self._depressions: dict[float, NDArray[np.float32]] = {}

    def link(self, sector: Sector) -> Link:
        """Return the link of a cell's carrier to any receiver."""
        return replace(
            self._setting.air,
            frequency_mhz=sector.frequency_mhz,
            transmitter_height_m=sector.height_m,
            latitude_deg=self.place.latitude_deg,
        )

    def loss_db(self, sector: Sector) -> NDArray[np.float32]:
        """Return the basic transmission loss to the pixels of the window."""
        key = sector.height_m, sector.frequency_mhz
        if key not in self._losses:
            self._losses[key] = loss_tile(
                self.view, self.link(sector), model=self._setting.model, cache=self._setting.cache
            )
        return self._losses[key]

    def obstacle(self, sector: Sector) -> NDArray[np.uint16]:
        """Return the steps from the pixels of the window back to their obstacle."""
        if sector.height_m not in self._obstacles:
            self._obstacles[sector.height_m] = obstacle_tile(
                self.view, self.link(sector), cache=self._setting.cache
            )
        return self._obstacles[sector.height_m]

    def depression_deg(self, sector: Sector) -> NDArray[np.float32]:
        """Return how far below the horizontal an antenna sees the pixels of the window."""
        if sector.height_m not in self._depressions:
            self._depressions[sector.height_m] = self.view.depression_deg(
                antenna_height_m=sector.height_m,
                receiver_height_m=self._setting.air.receiver_height_m,
            )
        return self._depressions[sector.height_m]

    def attenuation_db(self, sector: Sector) -> NDArray[np.float32]:
        """Return how far below its beam axis a cell radiates towards the pixels of the window."""
        return sector.antenna.attenuation_db(self.view.azimuth_deg, self.depression_deg(sector))


class Layers:
    """Who serves a window, one layer a service.

    Parameters
    ----------
    services : int
    shape : (int, int)
        Rows and columns of the window.
    """

    def __init__(self, services: int, shape: tuple[int, int]) -> None:
        self.margin = np.full((services, *shape), -np.inf, dtype=np.float32)
        self.server = np.full((services, *shape), NOWHERE, dtype=np.int32)
        self.obstacle = np.zeros((services, *shape), dtype=np.uint16)


class Best(Layers):
    """The best servers that one thread has found, with the runner-up and their number."""

    def __init__(self, services: int, shape: tuple[int, int]) -> None:
        super().__init__(services, shape)
        self.second = np.full((services, *shape), -np.inf, dtype=np.float32)
        self.servers = np.zeros((services, *shape), dtype=np.uint16)

    def add(self, setting: Setting, rules: Sequence[ServiceRule], site: Site) -> None:
        """Let every station of a site compete."""
        mast: Mast | None = None
        for station in site:
            places = dict.fromkeys(place for place, _ in station)
            windows = {place: setting.around(place).window for place in places}
            whole = tuple(_hull(window[axis] for window in windows.values()) for axis in (0, 1))
            own = Layers(len(rules), (_size(whole[0]), _size(whole[1])))
            for place, sector in station:
                if mast is None or mast.place != place:
                    mast = Mast(setting, place)
                window = tuple(
                    slice(reached.start - all_.start, reached.stop - all_.start)
                    for reached, all_ in zip(windows[place], whole, strict=True)
                )
                loss, obstacle = mast.loss_db(sector), mast.obstacle(sector)
                attenuation = mast.attenuation_db(sector)
                for i, rule in enumerate(rules):
                    if rule.admits(sector):
                        compete(
                            loss,
                            attenuation,
                            obstacle,
                            np.float32(sector.eirp_dbm - rule.needed_dbm(sector)),
                            np.int32(sector.row),
                            own.margin[i][window],
                            own.server[i][window],
                            own.obstacle[i][window],
                        )
            for i, rule in enumerate(rules):
                if any(rule.admits(sector) for _, sector in station):
                    fold(
                        own.margin[i],
                        own.server[i],
                        own.obstacle[i],
                        self.margin[i][whole],
                        self.server[i][whole],
                        self.obstacle[i][whole],
                        self.second[i][whole],
                        self.servers[i][whole],
                    )

    def merge(self, other: Best) -> None:
        """Take over what another thread found."""
        for i in range(len(self.margin)):
            merge(
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


def best_servers(
    setting: Setting,
    rules: Sequence[ServiceRule],
    sites: Sequence[Site],
    *,
    threads: int,
    on_antenna: Callable[[int, int], None] | None,
) -> Best:
    """Return the best servers of all sites."""
    best = [
        Best(len(rules), setting.terrain.grid.shape)
        for _ in range(max(min(threads, len(sites)), 1))
    ]
    idle: SimpleQueue[Best] = SimpleQueue()
    for one in best:
        idle.put(one)

    def add(site: Site) -> int:
        own = idle.get()
        try:
            own.add(setting, rules, site)
        finally:
            idle.put(own)
        return antennas(site)

    done, total = 0, sum(map(antennas, sites))
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(add, site) for site in sites]
        try:
            for future in as_completed(futures):
                done += future.result()
                if on_antenna is not None:
                    on_antenna(done, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for other in best[1:]:
        best[0].merge(other)
    return best[0]


def antennas(site: Site) -> int:
    """Count what has a loss of its own: place, height and frequency."""
    return len(
        {
            (place, sector.height_m, sector.frequency_mhz)
            for station in site
            for place, sector in station
        }
    )


def _hull(ranges: Iterable[slice]) -> slice:
    """Return the one range that holds all."""
    given = list(ranges)
    return slice(min(one.start for one in given), max(one.stop for one in given))


def _size(range_: slice) -> int:
    return int(range_.stop - range_.start)
