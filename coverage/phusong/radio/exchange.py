"""Best servers once some stations are others, from those before: to the bits of all anew.

A station that goes leaves a pixel as it is unless it was the best or the second best
there. Only the pixels that it decided are folded anew, from every other station that
could be one of the two best there, the nearest first, which are the strongest rivals;
then the stations that come are folded in as always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _kernels as kernels
from .best_servers import (
    Best,
    ServingCells,
    Window,
    add_cell,
    add_station,
    cells_of_station,
    common,
    hull_of_station,
    shared_layers,
    surplus_db,
)
from .margin import served
from .masts import Conditions, Mast, Place
from .sectors import Sector
from .services import ServiceRule
from .sites import Site, Station


def exchange(
    best: Best,
    *,
    gone: Sequence[Station],
    others: Iterable[Site],
    come: Iterable[Station],
    services: Sequence[ServiceRule],
    conditions: Conditions,
) -> None:
    """Take stations out of the best servers and put others in.

    Parameters
    ----------
    best : Best
        Of `gone` and `others`; becomes that of `others` and `come`. Best and second servers
        are rows of the cells that stay, in their order; `NOWHERE` at the pixels of cells that go.
    gone : stations
    others : sites
        Their rows, and those of `come`, are those of the new cells.
    come : stations
    services : sequence of ServiceRule
    conditions : Conditions
        Under which all were and are predicted.

    Raises
    ------
    ModelRangeError
        If a link lies outside the ranges of the model.
    """
    decided = (best.server == kernels.NOWHERE) & ~np.isneginf(best.margin)
    decided |= (best.second_server == kernels.NOWHERE) & ~np.isneginf(best.second)
    mast = None
    for station in gone:
        mast = _take_out(best, station, mast, services, conditions)
    rows, columns = np.nonzero(decided.any(axis=0))
    if rows.size:
        anew = _Pixels(best, rows, columns, services, conditions)
        place = gone[0][0][0]
        for site in sorted(others, key=partial(_squared_m2, place)):
            anew.add(site)
        anew.put_back(best, decided)
    mast = None
    for station in come:
        mast = add_station(best, station, mast, services, conditions)


def _take_out(
    best: Best,
    station: Station,
    mast: Mast | None,
    services: Sequence[ServiceRule],
    conditions: Conditions,
) -> Mast | None:
    """Count a station no more."""
    hull = hull_of_station(station, conditions)
    at, within = common(best.grid, conditions.terrain.grid, hull)
    if not best.servers[0][at].size:
        return mast
    layers, rules = shared_layers(station, services)
    own, mast = cells_of_station(station, hull, mast, rules, conditions)
    for i, layer in layers.items():
        best.servers[i][at] -= served(own.margin[layer][within])
    return mast


def _squared_m2(place: Place, site: Site) -> float:
    """Return the square of the distance from a place to the nearest mast of a site."""
    return min((one.x_m - place.x_m) ** 2 + (one.y_m - place.y_m) ** 2 for one, _ in site.placed)


class _Pixels:
    """The best servers of some pixels, which need not lie together.

    Parameters
    ----------
    best : Best
        Whose grid they lie on.
    rows, columns : ndarray of int, shape (n,)
        Of that grid.
    services, conditions
        As of `exchange`.
    """

    def __init__(
        self,
        best: Best,
        rows: NDArray[np.int64],
        columns: NDArray[np.int64],
        services: Sequence[ServiceRule],
        conditions: Conditions,
    ) -> None:
        top, left = conditions.terrain.grid.offset(best.grid)
        self._at = rows, columns
        self._rows, self._columns = rows + top, columns + left
        self._services, self._conditions = services, conditions
        layers = len(services), rows.size
        self._layers: tuple[NDArray[Any], ...] = (
            np.full(layers, -np.inf, np.float32),
            np.full(layers, kernels.NOWHERE, np.int32),
            np.zeros(layers, np.uint16),
            np.full(layers, -np.inf, np.float32),
            np.full(layers, kernels.NOWHERE, np.int32),
            np.zeros(layers, np.uint16),
        )
        """As of `Best`: margin, server, obstacle, second margin and server, servers."""
        grid, reach_m = best.grid, conditions.settings.radius_m + best.grid.resolution_m
        self._bounds = (
            grid.x_m[columns.min()] - reach_m,
            grid.y_m[rows.max()] - reach_m,
            grid.x_m[columns.max()] + reach_m,
            grid.y_m[rows.min()] + reach_m,
        )

    def add(self, site: Site) -> None:
        """Let the stations of a site compete with those before them."""
        of_place: dict[Place, list[Sector]] = {}
        for place, sector in site.placed:
            of_place.setdefault(place, []).append(sector)
        if not any(self._may_reach(place) for place in of_place):
            return
        rival = np.zeros(self._rows.size, dtype=bool)
        reached = {
            place: self._reached(place, sectors, rival) for place, sectors in of_place.items()
        }
        pixels = np.flatnonzero(rival)
        if not pixels.size:
            return
        masts: dict[Place, tuple[NDArray[np.int64], Mast]] = {}
        for place, (near, mast) in reached.items():
            kept = np.flatnonzero(rival[near])
            masts[place] = np.searchsorted(pixels, near[kept]), mast.part(kept)
        best = [layer[:, pixels] for layer in self._layers]
        for station in site.stations:
            self._add(station, best, masts)
        for layer, folded in zip(self._layers, best, strict=True):
            layer[:, pixels] = folded

    def _reached(
        self, place: Place, sectors: Sequence[Sector], rival: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], Mast]:
        """Return the pixels around a mast, and the mast; mark those where its cells may matter.

        By a loss that neither pattern nor clutter lessens.
        """
        near = self._within(self._conditions.around(place).window)
        mast = Mast(self._conditions, place, (self._rows[near], self._columns[near]))
        most: dict[tuple[float, float], tuple[Sector, NDArray[np.float32]]] = {}
        for sector in sectors if near.size else ():
            kind = sector.height_m, sector.frequency_mhz
            if kind not in most:
                most[kind] = sector, np.full(len(self._services), -np.inf, np.float32)
            surplus = most[kind][1]
            for i, rule in enumerate(self._services):
                if rule.admits(sector):
                    surplus[i] = max(surplus[i], surplus_db(sector, rule))
        for sector, surplus in most.values():
            loss = mast.least_loss_db(sector)[0]
            kernels.mark_rivals(loss, surplus, self._layers[3], near, rival)
        return near, mast

    def _add(
        self,
        station: Station,
        best: Sequence[NDArray[Any]],
        masts: Mapping[Place, tuple[NDArray[np.int64], Mast]],
    ) -> None:
        """Let a station compete at the pixels of `best`, of which each mast reaches some."""
        layers, rules = shared_layers(station, self._services)
        pixels = best[0].shape[1]
        own = ServingCells(len(rules), (1, pixels))
        for place, of_mast in groupby(station, key=itemgetter(0)):
            near, mast = masts[place]
            at: Window | tuple[slice, NDArray[np.int64]] = slice(None), slice(None)
            if near.size < pixels:  # else a view does
                at = slice(None), near
            for _, sector in of_mast if near.size else ():
                add_cell(own, at, mast, sector, rules)
        for i, layer in layers.items():
            found = own.margin[layer], own.server[layer], own.obstacle[layer]
            kernels.fold(*found, *(one[i : i + 1] for one in best))

    def put_back(self, best: Best, decided: NDArray[np.bool_]) -> None:
        """Write what was found where it was decided anew; the counts of stations stand."""
        *folded, _ = best.layers
        for i, wanted in enumerate(decided[:, *self._at]):
            at = i, *(axis[wanted] for axis in self._at)
            for layer, found in zip(folded, self._layers, strict=False):
                layer[at] = found[i, wanted]

    def _may_reach(self, place: Place) -> bool:
        west, south, east, north = self._bounds
        return bool(west <= place.x_m <= east and south <= place.y_m <= north)

    def _within(self, window: Window) -> NDArray[np.int64]:
        rows, columns = window
        return np.flatnonzero(
            (self._rows >= rows.start)
            & (self._rows < rows.stop)
            & (self._columns >= columns.start)
            & (self._columns < columns.stop)
        )
