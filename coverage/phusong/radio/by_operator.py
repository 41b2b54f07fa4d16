"""The best cell of each operator at single pixels, kept beside the best servers of all."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Labels
from ..grid import Grid
from . import _contender_kernels as kernels
from ._kernels import NOWHERE
from .best_servers import Best, Full, ServingCells, Window
from .contenders import RankedBest


class OperatorBest(RankedBest):
    """Ranked best servers that also know the best cell of each operator, for one service.

    Memory depends on the pixels asked about and the number of operators, not on the grid.

    Parameters
    ----------
    services : int
    grid : Grid
    full : callable
    pixels : ndarray of int, shape (n,)
    mast_of_cell : sequence of int
    ranks : int
        As for `RankedBest`.
    layer : int
        Position of the service.
    operator_of_cell : sequence of int
        By row of the cells table, from 0 on; all cells of a station have the same.
    operators : int
        How many there are.

    Attributes
    ----------
    operator_margin : ndarray of float32, shape (n, operators)
        Largest margin of each operator, dB; -inf for none.
    operator_cell : ndarray of int32, shape (n, operators)
        Those cells, as rows of the cells table; `NOWHERE` for none.
    """

    def __init__(  # noqa: PLR0913 - those of `RankedBest` and its own
        self,
        services: int,
        grid: Grid,
        full: Full = np.full,
        *,
        pixels: Labels,
        mast_of_cell: Sequence[int] | Labels,
        ranks: int,
        layer: int,
        operator_of_cell: Sequence[int] | Labels,
        operators: int,
    ) -> None:
        super().__init__(
            services, grid, full, pixels=pixels, mast_of_cell=mast_of_cell, ranks=ranks
        )
        self._layer = layer
        self._operator: NDArray[np.int32] = np.asarray(operator_of_cell, dtype=np.int32)
        shape = len(pixels), operators
        self.operator_margin = full(shape, -np.inf, np.dtype(np.float32))
        self.operator_cell = full(shape, NOWHERE, np.dtype(np.int32))

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All that was found, see `Best.arrays`."""
        return (*super().arrays, self.operator_margin, self.operator_cell)

    @property
    def _made(self) -> Callable[..., Best]:
        return partial(
            OperatorBest,
            len(self.margin),
            mast_of_cell=self._mast,
            ranks=self.ranked_cell.shape[2],
            layer=self._layer,
            operator_of_cell=self._operator,
            operators=self.operator_cell.shape[1],
        )

    def fold(self, layer: int, station: ServingCells, own: int, at: Window, within: Window) -> None:
        """Let a station compete with those before it, and with its operator's; see `Best.fold`."""
        super().fold(layer, station, own, at, within)
        if layer != self._layer:
            return
        with self._locks[layer]:
            kernels.best_of_groups(
                station.margin[own][within],
                station.server[own][within],
                at[0].start,
                at[1].start,
                self._first,
                self._column,
                self._operator,
                self.operator_margin,
                self.operator_cell,
            )

    def merge(self, other: Best) -> None:
        """Take over what was found of other sites; see `Best.merge`.

        Raises
        ------
        ValueError
            If the other does not keep the same operators at the same pixels, as far as its
            grid goes.
        """
        if (
            not isinstance(other, OperatorBest)
            or other.operator_cell.shape[1] != self.operator_cell.shape[1]
        ):
            raise ValueError("operators are kept at the same pixels on both sides, or not at all")
        at = self._ranked_by(other)
        super().merge(other)
        kernels.best_of_groups_of_all(
            other.operator_margin, other.operator_cell, at, self.operator_margin, self.operator_cell
        )
