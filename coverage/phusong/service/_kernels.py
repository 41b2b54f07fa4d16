"""Compiled loops of this room: plain arrays in, filled arrays out, no checks."""

from .._compiled import compiled
from .._types import Flags, Floats, Labels


@compiled
def sum_flagged(first: Labels, pixels: Labels, values: Floats, flags: Flags, sums: Floats) -> None:
    """Sum the values of each row's flagged pixels, in order.

    A row's pixels stand from `first` of it to that of the next, values beside them;
    `flags` has one element a pixel.
    """
    for row in range(sums.size):
        total = 0.0
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
        total = 0.0
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
