"""Compiled loops that rank masts at single pixels. No checks."""

import numpy as np

from .._compiled import compiled
from .._types import Floats, Labels


@compiled
def before(margin: float, cell: int, other_margin: float, other_cell: int) -> bool:
    """Tell whether a cell ranks before another; of equal margins the lower row does."""
    return margin > other_margin or (margin == other_margin and cell < other_cell)


@compiled
def put(margin: float, cell: int, mast: Labels, margins: Floats, cells: Labels) -> None:
    """Put a cell in its rank, in place of one of its mast, or of the last."""
    last = cells.size - 1
    for k in range(cells.size):
        if cells[k] >= 0 and mast[cells[k]] == mast[cell]:
            last = k
            break
    if not before(margin, cell, margins[last], cells[last]):
        return
    while last > 0 and before(margin, cell, margins[last - 1], cells[last - 1]):
        margins[last], cells[last] = margins[last - 1], cells[last - 1]
        last -= 1
    margins[last], cells[last] = margin, cell


@compiled
def rank(
    margin: Floats,
    server: Labels,
    top: int,
    left: int,
    first: Labels,
    column: Labels,
    mast: Labels,
    margins: Floats,
    cells: Labels,
) -> None:
    """Rank one station at the pixels within its window, whose corner is at `top`, `left`.

    The pixels of row r are `first[r]` to `first[r + 1]`, in rising order of `column`.
    """
    last = cells.shape[1] - 1
    for i in range(margin.shape[0]):
        start, stop = first[top + i], first[top + i + 1]
        start += np.searchsorted(column[start:stop], left)
        for pixel in range(start, stop):
            j = column[pixel] - left
            if j >= margin.shape[1]:
                break
            # Most are not before the last, nor then before one of their own mast; `put` is dear.
            if server[i, j] >= 0 and before(
                margin[i, j], server[i, j], margins[pixel, last], cells[pixel, last]
            ):
                put(margin[i, j], server[i, j], mast, margins[pixel], cells[pixel])


@compiled
def rank_all(
    other_margins: Floats,
    other_cells: Labels,
    at: Labels,
    mast: Labels,
    margins: Floats,
    cells: Labels,
) -> None:
    """Rank what another ranking has, whose pixel number i is number `at[i]` here."""
    last = cells.shape[1] - 1
    for pixel in range(at.size):
        own = at[pixel]
        for k in range(cells.shape[1]):
            margin, cell = other_margins[pixel, k], other_cells[pixel, k]
            if cell >= 0 and before(margin, cell, margins[own, last], cells[own, last]):
                put(margin, cell, mast, margins[own], cells[own])


@compiled
def best_of_groups(
    margin: Floats,
    server: Labels,
    top: int,
    left: int,
    first: Labels,
    column: Labels,
    group: Labels,
    margins: Floats,
    cells: Labels,
) -> None:
    """Let one station compete with the others of its group; see `rank` for the pixels."""
    for i in range(margin.shape[0]):
        start, stop = first[top + i], first[top + i + 1]
        start += np.searchsorted(column[start:stop], left)
        for pixel in range(start, stop):
            j = column[pixel] - left
            if j >= margin.shape[1]:
                break
            if server[i, j] >= 0:
                of = group[server[i, j]]
                if before(margin[i, j], server[i, j], margins[pixel, of], cells[pixel, of]):
                    margins[pixel, of], cells[pixel, of] = margin[i, j], server[i, j]


@compiled
def best_of_groups_of_all(
    other_margins: Floats, other_cells: Labels, at: Labels, margins: Floats, cells: Labels
) -> None:
    """Let what another set of stations has compete, group by group; see `rank_all` for `at`."""
    for pixel in range(at.size):
        own = at[pixel]
        for of in range(cells.shape[1]):
            if other_cells[pixel, of] >= 0 and before(
                other_margins[pixel, of], other_cells[pixel, of], margins[own, of], cells[own, of]
            ):
                margins[own, of], cells[own, of] = other_margins[pixel, of], other_cells[pixel, of]
