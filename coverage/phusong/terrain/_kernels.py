"""Compiled loops of this room: plain arrays in, filled arrays out, no checks."""

import numpy as np

from .._compiled import compiled
from .._types import Flags, Floats, Labels


@compiled
def deposit(people: Floats, column: Floats, row: Floats, total: Floats) -> float:
    """Add each pixel to the pixels of `total` that it overlaps, by area.

    `column` and `row` say where the pixels' corners lie on `total`, in its
    pixels; they have one row and one column more than `people`. Returns the
    people who fall outside `total`.
    """
    height, width = total.shape
    outside = 0.0
    pixel, strip, piece, spare = np.empty((4, 2, 8))
    for i in range(people.shape[0]):
        for j in range(people.shape[1]):
            value = people[i, j]
            if value == 0.0:
                continue
            for corner, (down, right) in enumerate(((0, 0), (0, 1), (1, 1), (1, 0))):
                pixel[0, corner] = column[i + down, j + right]
                pixel[1, corner] = row[i + down, j + right]
            first_column, last_column = np.floor(min(pixel[0, :4])), np.floor(max(pixel[0, :4]))
            first_row, last_row = np.floor(min(pixel[1, :4])), np.floor(max(pixel[1, :4]))
            area = _area(pixel, 4)
            somewhere = 0.0 < area < np.inf  # corners may have no place on the grid's plane
            near = last_column >= 0 and first_column < width and last_row >= 0
            if not (somewhere and near and first_row < height):
                outside += value
                continue
            left, right = int(max(first_column, 0.0)), int(min(last_column, width - 1.0))
            top, bottom = int(max(first_row, 0.0)), int(min(last_row, height - 1.0))
            inside = 0.0
            for y in range(top, bottom + 1):
                corners = _between(pixel, 4, 1, y, spare, strip)
                for x in range(left, right + 1):
                    overlap = _area(piece, _between(strip, corners, 0, x, spare, piece))
                    total[y, x] += value * overlap / area
                    inside += overlap
            if left > first_column or right < last_column or top > first_row or bottom < last_row:
                outside += value * (1.0 - inside / area)
    return outside


@compiled
def _between(polygon: Floats, corners: int, axis: int, low: int, spare: Floats, out: Floats) -> int:
    """Clip a convex polygon to low … low + 1 along an axis; return the corners of `out`."""
    corners = _clip(polygon, corners, axis, float(low), 1.0, spare)
    return _clip(spare, corners, axis, low + 1.0, -1.0, out)


@compiled
def _clip(polygon: Floats, corners: int, axis: int, bound: float, side: float, out: Floats) -> int:
    """Keep what of a convex polygon lies on one side of a bound (Sutherland and Hodgman, 1974)."""
    kept = 0
    for k in range(corners):
        following = (k + 1) % corners
        here = side * (polygon[axis, k] - bound)
        there = side * (polygon[axis, following] - bound)
        if here >= 0.0:
            out[0, kept], out[1, kept] = polygon[0, k], polygon[1, k]
            kept += 1
        if (here > 0.0 and there < 0.0) or (here < 0.0 and there > 0.0):
            way = here / (here - there)
            for other in range(2):
                out[other, kept] = polygon[other, k] + way * (
                    polygon[other, following] - polygon[other, k]
                )
            out[axis, kept] = bound
            kept += 1
    return kept


@compiled
def _area(polygon: Floats, corners: int) -> float:
    """Return the area of a polygon, measured from its first corner to keep precision."""
    doubled = 0.0
    for k in range(1, corners - 1):
        doubled += (polygon[0, k] - polygon[0, 0]) * (polygon[1, k + 1] - polygon[1, 0]) - (
            polygon[0, k + 1] - polygon[0, 0]
        ) * (polygon[1, k] - polygon[1, 0])
    return abs(doubled) / 2.0


@compiled
def lived_in_class(part: Labels, dwelt: Flags, parts: int, live: Flags, out: Labels) -> None:
    """Fill the class of each pixel from those of its parts, see `read_land_cover`.

    `dwelt` tells which parts have people; one of a single value means all alike. `live` has
    one value for each class.
    """
    told = dwelt.shape == part.shape
    count = np.zeros(live.size, np.int64)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            count[:] = 0
            top, left = row * parts, column * parts
            some = False
            if told:
                for i in range(top, top + parts):
                    for j in range(left, left + parts):
                        some = some or dwelt[i, j]
            for i in range(top, top + parts):
                for j in range(left, left + parts):
                    if not some or dwelt[i, j]:
                        count[part[i, j]] += 1
            best, homely = 0, False
            for one in range(1, live.size):
                if count[one] == 0 or (homely and not live[one]):
                    continue
                if best == 0 or (live[one] and not homely) or count[one] > count[best]:
                    best, homely = one, live[one]
            out[row, column] = best
