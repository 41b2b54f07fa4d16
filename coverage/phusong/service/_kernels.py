"""Compiled loops of this room: plain arrays in, filled arrays out, no checks."""

import numpy as np

from .._compiled import compiled
from .._types import Flags, Floats, Labels


@compiled
def sum_flagged(first: Labels, pixels: Labels, values: Floats, flags: Flags, sums: Floats) -> None:
    """Sum the values of each row's flagged pixels, in order.

    A row's pixels stand from `first` of it to that of the next, values beside them;
    `flags` has one element a pixel.
    """
    for row in range(sums.size):
        total = np.float64(0.0)  # a plain 0.0 would add up in the values' own precision
        for i in range(first[row], first[row + 1]):
            if flags[pixels[i]]:
                total += values[i]
        sums[row] = total


@compiled
def mark_touched(first: Labels, pixels: Labels, flags: Flags, least: int, rows: Flags) -> None:
    """Mark the rows with a flagged pixel; `flags` are those of the pixels from `least` on.

    The pixels of each row stand in order.
    """
    most = least + flags.size - 1
    for row in range(rows.size):
        low, high = first[row], first[row + 1]
        while low < high:
            middle = (low + high) // 2
            if pixels[middle] < least:
                low = middle + 1
            else:
                high = middle
        while low < first[row + 1] and pixels[low] <= most:
            if flags[pixels[low] - least]:
                rows[row] = True
                break
            low += 1


@compiled
def sum_weighted(
    first: Labels, pixels: Labels, values: Floats, weights: Floats, sums: Floats
) -> None:
    """Sum the values of each row's pixels times the weights of these, as `sum_flagged`."""
    for row in range(sums.size):
        total = np.float64(0.0)  # a plain 0.0 would add up in the values' own precision
        for i in range(first[row], first[row + 1]):
            total += values[i] * weights[pixels[i]]
        sums[row] = total


@compiled
def join(flags: Flags, down: Labels, right: Labels, root: Labels, number: Labels) -> int:
    """Give each group of flagged pixels that hang together a number, north-west first.

    `down` and `right` list which neighbours belong to a pixel's group; half of
    each opposite pair is enough. `root`, one element a pixel, is working space;
    `number` becomes 1, 2, … on flagged pixels. Returns the count of groups.
    """
    height, width = flags.shape
    for i in range(root.size):
        root[i] = i
    for row in range(height):
        for column in range(width):
            if not flags[row, column]:
                continue
            for k in range(down.size):
                i, j = row + down[k], column + right[k]
                if i < height and 0 <= j < width and flags[i, j]:
                    one, other = _root(root, row * width + column), _root(root, i * width + j)
                    # The smaller is further north-west, and met first below.
                    if one < other:
                        root[other] = one
                    else:
                        root[one] = other
    count = 0
    for row in range(height):
        for column in range(width):
            if flags[row, column]:
                first = _root(root, row * width + column)
                if first == row * width + column:
                    count += 1
                    number[row, column] = count
                else:
                    number[row, column] = number[first // width, first % width]
    return count


@compiled
def _root(root: Labels, pixel: int) -> int:
    """Return the first pixel of a group, halving the path to it."""
    while root[pixel] != pixel:
        root[pixel] = root[root[pixel]]
        pixel = root[pixel]
    return pixel


@compiled
def count_corners(part: Labels) -> int:
    """Return how many corners the outlines of parts have, see `trace`."""
    height, width = part.shape
    corners = 0
    for row in range(height):
        for column in range(width):
            own = part[row, column]
            if own == 0:
                continue
            for down in (-1, 1):
                for right in (-1, 1):
                    over = 0 <= row + down < height and part[row + down, column] == own
                    beside = 0 <= column + right < width and part[row, column + right] == own
                    if over and beside:
                        corners += part[row + down, column + right] != own
                    elif not over and not beside:
                        corners += 1
    return corners


@compiled
def trace(part: Labels, seen: Flags, row: Labels, column: Labels, ring: Labels) -> None:
    """Trace the outlines of parts, numbered from 1 on, whose pixels hang together over their sides.

    Of each ring, numbered from 0 on, the corners are filled in order, in pixels from the upper
    left; the outer ring of a part is met before its holes. Where two pixels of a part touch at a
    corner alone, the outline keeps to the ground between them, so that no ring meets itself.
    `seen` is false everywhere, and is working space: whose upper side was traced.
    """
    height, width = part.shape
    filled, rings = 0, 0
    for top in range(height):
        for left in range(width):
            own = part[top, left]
            if own == 0 or seen[top, left] or (top > 0 and part[top - 1, left] == own):
                continue
            # Along the upper side to the right; the part lies on the right hand.
            i, j, down, right = top, left, 0, 1
            while not (down == 0 and right == 1 and seen[i, j]):
                if down == 0 and right == 1:
                    seen[i, j] = True
                ahead_i, ahead_j = i + down, j + right
                hand_i, hand_j = ahead_i - right, ahead_j + down  # ahead on the left hand
                if 0 <= hand_i < height and 0 <= hand_j < width and part[hand_i, hand_j] == own:
                    turn = -1
                elif (
                    0 <= ahead_i < height and 0 <= ahead_j < width and part[ahead_i, ahead_j] == own
                ):
                    i, j = ahead_i, ahead_j
                    continue
                else:
                    turn = 1
                row[filled] = i + (1 if down == 1 or right == -1 else 0)
                column[filled] = j + (1 if right == 1 or down == 1 else 0)
                ring[filled] = rings
                filled += 1
                if turn == -1:
                    i, j = hand_i, hand_j
                down, right = turn * right, -turn * down
            rings += 1
