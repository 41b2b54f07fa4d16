"""The best masts of some pixels, kept beside the best servers of all."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._types import Labels
from ..grid import Grid
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
        mast_of_cell: Sequence[int],
        ranks: int,
    ) -> None:
        super().__init__(services, grid, full)
        self.pixels: NDArray[np.int64] = np.asarray(pixels, dtype=np.int64)
        rows, self._column = np.divmod(self.pixels, grid.width)
        self._first = np.searchsorted(rows, np.arange(grid.height + 1))
        self._mast: NDArray[np.int32] = np.asarray(mast_of_cell, dtype=np.int32)
        shape = services, len(pixels), ranks
        self.ranked_margin = full(shape, -np.inf, np.dtype(np.float32))
        self.ranked_cell = full(shape, NOWHERE, np.dtype(np.int32))

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
            If the other does not rank the same pixels.
        """
        if not isinstance(other, RankedBest) or other.ranked_cell.shape != self.ranked_cell.shape:
            raise ValueError("masts are ranked at the same pixels on both sides, or not at all")
        super().merge(other)
        for layer, margin in enumerate(other.ranked_margin):
            kernels.rank_all(
                margin,
                other.ranked_cell[layer],
                self._mast,
                self.ranked_margin[layer],
                self.ranked_cell[layer],
            )
