"""A normal field on a lattice, exponentially correlated, drawn by circulant embedding.

Dietrich & Newsam (1997), SIAM J. Sci. Comput. 18(4): the covariance on a torus is diagonal in the
Fourier basis, so a draw is one transform of noise. The torus is wider than the tile by so much
that its two ends, which meet there, know nothing of each other.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .._types import Labels
from ._normals import NORMALS, fill_noise, picks

WIDEST_M = 225.0
"""Between nodes, half the usual correlation length; a pixel wider than that is a node itself."""
_APART_LENGTHS = 6.0
"""The ends of the torus are so many correlation lengths apart: a correlation of 0.002."""
WIDEST_TILE = 2048
"""Cells along a side that is drawn at once, 230 to 460 km: two fields take 16 bytes a cell, and
as much while they are transformed."""
_OVERLAP_LENGTHS = 20.0
"""Tiles overlap by so many correlation lengths, which lowers a correlation by 0.002 at most."""
_AT_A_TIME = 100_000


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


class _Tile(NamedTuple):
    """A part of a lattice whose field is drawn by itself; weights by row and by column."""

    top: int
    left: int
    down: NDArray[np.float32]
    along: NDArray[np.float32]


@dataclass(frozen=True)
class Field:
    """A normal field with mean 0 on a lattice.

    Of a lattice wider than `WIDEST_TILE` it is drawn tile by tile. Where tiles overlap their
    fields, which know nothing of each other, are added by weights whose squares add up to 1: so
    the deviation is the same there, and the correlation between two places is lower by the cosine
    of their distance, a quarter turn over the overlap.

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
    def _shape(self) -> tuple[int, int]:
        """Cells along both sides of a tile."""
        rows, columns = self._size
        return _tiled(rows, self._overlap)[0], _tiled(columns, self._overlap)[0]

    @property
    def _size(self) -> tuple[int, int]:
        return self.lattice.rows, self.lattice.columns

    @property
    def _overlap(self) -> int:
        cells = math.ceil(_OVERLAP_LENGTHS * self.length_m / self.lattice.step_m)
        return min(cells, WIDEST_TILE // 3)

    @property
    def _tiles(self) -> Iterator[_Tile]:
        tops, lefts = (_tiled(n, self._overlap)[1] for n in self._size)
        for i, top in enumerate(tops):
            for j, left in enumerate(lefts):
                yield _Tile(
                    top,
                    left,
                    self._weights(self._shape[0], first=i == 0, last=i == len(tops) - 1),
                    self._weights(self._shape[1], first=j == 0, last=j == len(lefts) - 1),
                )

    def _weights(self, size: int, *, first: bool, last: bool) -> NDArray[np.float32]:
        weights = np.ones(size, np.float32)
        rising = np.sin(np.pi / 2 * (np.arange(self._overlap) + 0.5) / self._overlap)
        if not first:
            weights[: self._overlap] = rising
        if not last:
            weights[-self._overlap :] = rising[::-1]
        return weights

    @cached_property
    def _amplitude(self) -> NDArray[np.float32]:
        """Square roots of the eigenvalues of the covariance on the torus, over its size."""
        apart = math.ceil(_APART_LENGTHS * self.length_m / self.lattice.step_m)
        shape = [fft.next_fast_len(size + apart) for size in self._shape]
        away = [np.minimum(np.arange(size), size - np.arange(size)) for size in shape]
        distance_m = self.lattice.step_m * np.hypot(away[0][:, None], away[1][None, :])
        covariance = np.exp(-distance_m / self.length_m)
        power = np.maximum(fft.fft2(covariance).real, 0.0)
        power *= self.sd_db**2 / power.mean()
        amplitude: NDArray[np.float32] = np.sqrt(power / power.size).astype(np.float32)
        return amplitude

    def draw(self, random: np.random.Generator, cells: Labels, drawn: NDArray[np.float32]) -> None:
        """Fill in draws of the field at some cells.

        What is held at once goes with `WIDEST_TILE`, not with the lattice.

        Parameters
        ----------
        random : Generator
        cells : ndarray of int, shape (n,)
            As `Lattice.cell_of` numbers them.
        drawn : ndarray of float32, shape (draws, n)
            Filled in.
        """
        drawn[...] = 0.0
        for tile in self._tiles:
            at, place, weight = self._within(tile, cells)
            everywhere = len(at) == len(cells)
            alone = bool((weight == 1.0).all())
            for pair in range(0, len(drawn), 2):
                values = self._two(random).ravel().take(place)
                if not alone:
                    values *= weight
                for one, own in zip(
                    drawn[pair : pair + 2], (values.real, values.imag), strict=False
                ):
                    one[slice(None) if everywhere else at] += own

    def _two(self, random: np.random.Generator) -> NDArray[np.complex64]:
        """Return two fields on the torus of a tile."""
        noise = np.empty(self._amplitude.shape, np.complex64)
        parts = noise.view(np.float32).reshape(-1, 2)
        fill_noise(picks(random, (2, noise.size)), NORMALS, self._amplitude.ravel(), parts)
        whole: NDArray[np.complex64] = fft.fft2(noise, overwrite_x=True)
        return whole

    def _within(
        self, tile: _Tile, cells: Labels
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return the positions of the cells in a tile, their places on its torus, their weights."""
        found = []
        for start in range(0, len(cells), _AT_A_TIME):
            row, column = np.divmod(cells[start : start + _AT_A_TIME], self.lattice.columns)
            row, column = row - tile.top, column - tile.left
            inside = (row >= 0) & (row < self._shape[0]) & (column >= 0) & (column < self._shape[1])
            at, row, column = np.flatnonzero(inside), row[inside], column[inside]
            place = row * self._amplitude.shape[1] + column
            found.append((at + start, place, tile.down[row] * tile.along[column]))
        if not found:
            found.append((np.zeros(0, int), np.zeros(0, int), np.zeros(0, np.float32)))
        at, place, weight = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return at, place, weight


def _tiled(size: int, overlap: int) -> tuple[int, list[int]]:
    """Return how long tiles are along a side of a lattice, and where each starts."""
    if size <= WIDEST_TILE:
        return size, [0]
    count = math.ceil((size - overlap) / (WIDEST_TILE - overlap))
    step = math.ceil((size - overlap) / count)
    return step + overlap, [k * step for k in range(count)]
