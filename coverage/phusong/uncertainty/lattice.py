"""A normal field on a lattice, exponentially correlated, drawn by circulant embedding.

Dietrich & Newsam (1997), SIAM J. Sci. Comput. 18(4): the covariance on a torus is diagonal in the
Fourier basis, so a draw is one transform of noise. The torus is wider than the province by so much
that its two ends, which meet there, know nothing of each other.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .._types import Labels

WIDEST_M = 225.0
"""Between nodes, half the usual correlation length; a pixel wider than that is a node itself."""
_APART_LENGTHS = 6.0
"""The ends of the torus are so many correlation lengths apart: a correlation of 0.002."""


@dataclass(frozen=True)
class Lattice:
    """Cells of whole pixels over a grid, each with one value of the field.

    Parameters
    ----------
    rows, columns : int
        Of cells.
    step_px : int
        Pixels along a side of a cell.
    step_m : float
    """

    rows: int
    columns: int
    step_px: int
    step_m: float

    @classmethod
    def over(cls, shape: tuple[int, int], resolution_m: float) -> "Lattice":
        """Return the widest lattice over a grid whose cells are at most `WIDEST_M` wide.

        Parameters
        ----------
        shape : (int, int)
            Rows and columns of the grid.
        resolution_m : float
            Of its pixels.
        """
        step = max(int(WIDEST_M // resolution_m), 1)
        rows, columns = (math.ceil(size / step) for size in shape)
        return cls(rows, columns, step, step * resolution_m)

    def cell_of(self, pixel: Labels, width: int) -> NDArray[np.int64]:
        """Return the cell of each pixel, row by row.

        Parameters
        ----------
        pixel : ndarray of int
            Row times `width` plus column.
        width : int
            Columns of the grid.
        """
        row, column = np.divmod(pixel, width)
        cell: NDArray[np.int64] = (row // self.step_px) * self.columns + column // self.step_px
        return cell


@dataclass(frozen=True)
class Field:
    """A normal field with mean 0 on a lattice.

    Parameters
    ----------
    lattice : Lattice
    sd_db, length_m : float
        Standard deviation, and length of the exponential correlation.
    """

    lattice: Lattice
    sd_db: float
    length_m: float

    @cached_property
    def _amplitude(self) -> NDArray[np.float32]:
        """Square roots of the eigenvalues of the covariance on the torus, over its size."""
        apart = math.ceil(_APART_LENGTHS * self.length_m / self.lattice.step_m)
        shape = [
            fft.next_fast_len(size + apart) for size in (self.lattice.rows, self.lattice.columns)
        ]
        away = [np.minimum(np.arange(size), size - np.arange(size)) for size in shape]
        distance_m = self.lattice.step_m * np.hypot(away[0][:, None], away[1][None, :])
        covariance = np.exp(-distance_m / self.length_m)
        power = np.maximum(fft.fft2(covariance).real, 0.0)
        power *= self.sd_db**2 / power.mean()
        amplitude: NDArray[np.float32] = np.sqrt(power / power.size).astype(np.float32)
        return amplitude

    def draws(
        self, random: np.random.Generator, count: int, cells: Labels
    ) -> Iterator[NDArray[np.float32]]:
        """Yield draws of the field at some cells.

        Parameters
        ----------
        random : Generator
        count : int
        cells : ndarray of int, shape (n,)
            As `Lattice.cell_of` numbers them.

        Yields
        ------
        ndarray of float32, shape (n,)
        """
        row, column = np.divmod(cells, self.lattice.columns)
        for pair in range(0, count, 2):
            noise = random.standard_normal((2, *self._amplitude.shape), dtype=np.float32)
            whole = fft.fft2((noise[0] + 1j * noise[1]) * self._amplitude, overwrite_x=True)
            at = whole[row, column]
            yield at.real.copy()
            if pair + 1 < count:
                yield at.imag.copy()
