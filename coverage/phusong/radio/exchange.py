"""Best servers once some stations are others, from those before: to the bits of all anew.

A station that goes leaves a pixel as it is unless it was the best or the second best
there. Only the pixels that it decided are folded anew, from every other
station that reaches them; then the stations that come are folded in as always.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
)
from .margin import served
from .masts import Conditions, Mast, Place
from .services import ServiceRule
from .sites import Station


def exchange(
    best: Best,
    *,
    gone: Iterable[Station],
    others: Sequence[Station],
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
    gone, others, come : stations
        Rows of `others` and `come` are those of the new cells.
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
        for station in others:
            anew.add(station)
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
    own, mast = cells_of_station(station, hull, mast, services, conditions)
    for i, margin in enumerate(own.margin):
        best.servers[i][at] -= served(margin[within])
    return mast


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
        self._masts: dict[Place, tuple[NDArray[np.int64], Mast]] = {}

    def add(self, station: Station) -> None:
        """Let a station compete with those before it."""
        if not any(self._may_reach(place) for place, _ in station):
            return
        reached = self._within(hull_of_station(station, self._conditions))
        if not reached.size:
            return
        own = ServingCells(len(self._services), (1, reached.size))
        for place, of_mast in groupby(station, key=itemgetter(0)):
            near, mast = self._mast(place)
            at: Window | tuple[slice, NDArray[np.int64]] = slice(None), slice(None)
            if near.size < reached.size:  # else a view does
                at = slice(None), np.searchsorted(reached, near)
            for _, sector in of_mast if near.size else ():
                add_cell(own, at, mast, sector, self._services)
        for i, rule in enumerate(self._services):
            if any(rule.admits(sector) for _, sector in station):
                best = [layer[i, reached][None] for layer in self._layers]
                kernels.fold(own.margin[i], own.server[i], own.obstacle[i], *best)
                for layer, folded in zip(self._layers, best, strict=True):
                    layer[i, reached] = folded[0]

    def put_back(self, best: Best, decided: NDArray[np.bool_]) -> None:
        """Write what was found where it was decided anew; the counts of stations stand."""
        whole = best.margin, best.server, best.obstacle, best.second, best.second_server
        for i, wanted in enumerate(decided[:, *self._at]):
            at = i, *(axis[wanted] for axis in self._at)
            for layer, found in zip(whole, self._layers, strict=False):
                layer[at] = found[i, wanted]

    def _mast(self, place: Place) -> tuple[NDArray[np.int64], Mast]:
        """Return the mast at a place over the pixels that it reaches, and which these are."""
        if place not in self._masts:
            near = self._within(self._conditions.around(place).window)
            pixels = self._rows[near], self._columns[near]
            self._masts = {place: (near, Mast(self._conditions, place, pixels))}
        return self._masts[place]

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
