"""Rows of a programme gathered one by one, and made one sparse matrix at the end."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array, csr_array


class Block:
    """Rows over so many columns, empty at first.

    Parameters
    ----------
    size : int
        Columns.
    """

    def __init__(self, size: int) -> None:
        self._size, self._count = size, 0
        self._row: list[int] = []
        self._column: list[int] = []
        self._value: list[float] = []

    def add(
        self, plus: Sequence[int], minus: Sequence[int], values: Sequence[float] | None = None
    ) -> None:
        """Add a row with 1, or `values`, in some columns, and -1 in others."""
        self._row += [self._count] * (len(plus) + len(minus))
        self._column += [*plus, *minus]
        self._value += [*([1.0] * len(plus) if values is None else values), *[-1.0] * len(minus)]
        self._count += 1

    def matrix(self) -> csr_array:
        """Return the rows."""
        entries = np.array(self._value), (np.array(self._row, int), np.array(self._column, int))
        return csr_array(coo_array(entries, shape=(self._count, self._size)))
