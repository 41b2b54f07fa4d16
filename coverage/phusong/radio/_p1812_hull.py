"""Upper convex hull of points that come in order of distance, as a stack.

Knows points in the plane. A row of the stack holds x, height and the slope of
the edge from the vertex before; slopes fall from row to row, the first is
infinite. The caller keeps the array, one row a point at most, and the size.
"""

import math

from .._compiled import compiled
from .._types import Floats


@compiled
def insert(hull: Floats, size: int, x: float, z: float) -> int:
    """Add the point on the right to an upper hull; return its new size.

    A row holds x, z and the slope from the vertex before; slopes fall along the hull.
    """
    while size > 0 and hull[size - 1, 2] * (x - hull[size - 1, 0]) <= z - hull[size - 1, 1]:
        size -= 1
    slope = math.inf
    if size > 0:
        slope = (z - hull[size - 1, 1]) / (x - hull[size - 1, 0])
    hull[size, 0], hull[size, 1], hull[size, 2] = x, z, slope
    return size + 1


@compiled
def tangent(hull: Floats, size: int, x: float, z: float) -> int:
    """Return the vertex that stands highest seen from (x, z), right of all; the nearest of equals.

    It is the last one whose edge is not below the line on to (x, z): found from
    the right in doubling strides, then by bisection.
    """
    row, beyond, stride = size - 1, size, 1
    while hull[row, 2] * (x - hull[row, 0]) < z - hull[row, 1]:
        beyond = row
        row = max(row - stride, 0)
        stride *= 2
    while beyond - row > 1:
        middle = (row + beyond) // 2
        if hull[middle, 2] * (x - hull[middle, 0]) < z - hull[middle, 1]:
            beyond = middle
        else:
            row = middle
    return row


@compiled
def farthest(hull: Floats, size: int, slope: float) -> int:
    """Return the vertex highest over a line of that slope, by bisection."""
    row, beyond = 0, size
    while beyond - row > 1:
        middle = (row + beyond) // 2
        if hull[middle, 2] > slope:
            row = middle
        else:
            beyond = middle
    return row


@compiled
def highest_over(hull: Floats, vertex: int, k: float, i_t: int, slope: float) -> float:
    """Return how high bare terrain rises over a line from 0, after `i_t` up to a vertex.

    Both are on the hull of the flattened terrain; between them no other than its
    vertices can stand highest over a line, flattened or not.
    """
    highest = -math.inf
    while vertex >= 0 and hull[vertex, 0] > i_t:
        x = hull[vertex, 0]
        highest = max(highest, hull[vertex, 1] + (k * x - slope) * x)
        vertex -= 1
    return highest
