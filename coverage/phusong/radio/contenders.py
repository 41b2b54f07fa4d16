"""The best masts of some pixels, kept beside the best servers of all."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Labels
from ..grid import Grid, blocks
from . import _contender_kernels as kernels
from ._kernels import NOWHERE
from .best_servers import Best, Full, ServingCells, Window


class RankedBest(Best):
    """Best servers that also know the best cell of each of the best masts of some pixels.

    Parameters
    ----------
    services : int
    grid : Grid
    full : callable
        As for `Best`.
    pixels : ndarray of int, shape (n,)
        Row times columns plus column of those pixels, rising.
    mast_of_cell : sequence of int
        By row of the cells table; stations of one mast rank once.
    ranks : int
        Masts kept at each pixel.

    Attributes
    ----------
    pixels : ndarray of int64, shape (n,)
        As given.
    ranked_margin : ndarray of float32, shape (services, n, ranks)
        Margins from the largest down, dB; -inf for none.
    ranked_cell : ndarray of int32, shape (services, n, ranks)
        Those cells, as rows of the cells table; `NOWHERE` for none.
    """

    def __init__(
        self,
        services: int,
        grid: Grid,
        full: Full = np.full,
        *,
        pixels: Labels,
        mast_of_cell: Sequence[int] | Labels,
        ranks: int,
    ) -> None:
        super().__init__(services, grid, full)
        self.pixels: NDArray[np.int64] = np.asarray(pixels, dtype=np.int64)
        self._first = np.searchsorted(self.pixels, grid.width * np.arange(grid.height + 1))
        self._column = full(self.pixels.shape, 0, np.dtype(np.int64))
        for some in blocks(len(self.pixels)):
            self._column[some] = self.pixels[some] % grid.width
        self._mast: NDArray[np.int32] = np.asarray(mast_of_cell, dtype=np.int32)
        shape = services, len(pixels), ranks
        self.ranked_margin = full(shape, -np.inf, np.dtype(np.float32))
        self.ranked_cell = full(shape, NOWHERE, np.dtype(np.int32))

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All that was found, see `Best.arrays`."""
        return (*super().arrays, self.ranked_margin, self.ranked_cell)

    @property
    def kind(self) -> Callable[[Grid], Best]:
        """Makes empty ones on parts of this grid, see `Best.kind`."""
        return partial(ranked_on_part, self.grid, self.pixels, self._made)

    @property
    def _made(self) -> Callable[..., Best]:
        """Makes an empty one that ranks the same masts, of a grid and pixels of it."""
        return partial(
            RankedBest,
            len(self.margin),
            mast_of_cell=self._mast,
            ranks=self.ranked_cell.shape[2],
        )

    def fold(self, layer: int, station: ServingCells, own: int, at: Window, within: Window) -> None:
        """Let a station compete with those before it, and rank it; see `Best.fold`."""
        super().fold(layer, station, own, at, within)
        with self._locks[layer]:
            kernels.rank(
                station.margin[own][within],
                station.server[own][within],
                at[0].start,
                at[1].start,
                self._first,
                self._column,
                self._mast,
                self.ranked_margin[layer],
                self.ranked_cell[layer],
            )

    def merge(self, other: Best) -> None:
        """Take over what was found of other sites; see `Best.merge`.

        Raises
        ------
        ValueError
            If the other does not rank the same pixels, as far as its grid goes.
        """
        at = self._ranked_by(other)
        super().merge(other)
        assert isinstance(other, RankedBest), "what ranks the same pixels"
        for layer, margin in enumerate(other.ranked_margin):
            kernels.rank_all(
                margin,
                other.ranked_cell[layer],
                at,
                self._mast,
                self.ranked_margin[layer],
                self.ranked_cell[layer],
            )

    def _ranked_by(self, other: Best) -> NDArray[np.int64]:
        """Return the positions in `pixels` of those that another one ranks."""
        if isinstance(other, RankedBest):
            at, pixels = on_part(self.grid, self.pixels, other.grid)
            if np.array_equal(pixels, other.pixels) and self._ranks_alike(other):
                return at
        raise ValueError("masts are ranked at the same pixels on both sides, or not at all")

    def _ranks_alike(self, other: "RankedBest") -> bool:
        return self.ranked_cell.shape[::2] == other.ranked_cell.shape[::2]


def on_part(whole: Grid, pixels: Labels, part: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which of some pixels lie on a part of their grid, and their numbers on the part.

    Parameters
    ----------
    whole : Grid
    pixels : ndarray of int, shape (n,)
        Row times columns plus column, rising.
    part : Grid
        Of the same pixels.

    Returns
    -------
    at : ndarray of int64, shape (m,)
        Positions in `pixels`, rising.
    of_part : ndarray of int64, shape (m,)
        Row times columns plus column of the part, rising.
    """
    top, left = whole.offset(part)
    start, stop = np.searchsorted(pixels, [top * whole.width, (top + part.height) * whole.width])
    row, column = np.divmod(pixels[start:stop], whole.width)
    within = (column >= left) & (column < left + part.width)
    of_part = (row[within] - top) * part.width + column[within] - left
    return start + np.flatnonzero(within), of_part


def ranked_on_part(whole: Grid, pixels: Labels, make: Callable[..., Best], part: Grid) -> Best:
    """Return an empty one that ranks those of some pixels which lie on a part of the grid.

    Parameters
    ----------
    whole, pixels, part
        As for `on_part`.
    make : callable
        Makes it of a grid and ``pixels``.

    Returns
    -------
    Best
    """
    return make(part, pixels=on_part(whole, pixels, part)[1])
