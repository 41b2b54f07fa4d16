"""Compiled loops of the sweep: plain arrays in, filled arrays out, no checks."""

import math

import numpy as np

from .._compiled import compiled
from .._types import Floats, Labels
from .antennas import attenuation_db, turn_deg


@compiled
def sample_radials(height: Floats, row: float, column: float, step: float, radials: Floats) -> None:
    """Fill rays out of a mast with heights, bilinear between pixel centres.

    `row`, `column` and `step` are in pixels, the first pixel's centre at 0, 0.
    A ray ends, NaN from there on, where a pixel it needs is outside or unknown.
    """
    rays, points = radials.shape
    for ray in range(rays):
        azimuth = 2.0 * math.pi * ray / rays
        down, right = -math.cos(azimuth) * step, math.sin(azimuth) * step
        ended = False
        for point in range(points):
            radials[ray, point] = math.nan
            if ended:
                continue
            y, x = row + point * down, column + point * right
            top, left = math.floor(y), math.floor(x)
            if top < 0 or left < 0 or top + 1 >= height.shape[0] or left + 1 >= height.shape[1]:
                ended = True
                continue
            south, east = y - top, x - left
            north_side = height[top, left] * (1.0 - east) + height[top, left + 1] * east
            south_side = height[top + 1, left] * (1.0 - east) + height[top + 1, left + 1] * east
            radials[ray, point] = north_side * (1.0 - south) + south_side * south
            ended = math.isnan(radials[ray, point])


@compiled
def lay_on_grid(
    polar: Floats, row: float, column: float, step: float, top: int, left: int, loss: Floats
) -> None:
    """Fill a window of the grid with the nearest sample of the rays; NaN beyond them."""
    rays, points = polar.shape
    for i in range(loss.shape[0]):
        down = top + i - row
        for j in range(loss.shape[1]):
            right = left + j - column
            point = round(math.sqrt(down * down + right * right) / step)
            if point >= points:
                loss[i, j] = math.nan
                continue
            # The mast's own pixel hears it from one step away.
            ray = round(math.atan2(right, -down) / (2.0 * math.pi) * rays) % rays
            loss[i, j] = polar[ray, max(point, 1)]


@compiled
def directions(
    height: Floats, top_m: float, row: float, column: float, pixel_m: float, receiver_m: float,
    top: int, left: int, azimuth: Floats, depression: Floats,
) -> None:  # fmt: skip
    """Fill a window with the direction in which the antennas see each receiver, degrees."""
    for i in range(azimuth.shape[0]):
        down = top + i - row
        for j in range(azimuth.shape[1]):
            right = left + j - column
            azimuth[i, j] = math.degrees(math.atan2(right, -down))
            distance = max(math.sqrt(down * down + right * right), 0.5) * pixel_m
            drop = top_m - height[top + i, left + j] - receiver_m
            depression[i, j] = math.degrees(math.atan2(drop, distance))


@compiled
def fold_cell(
    loss: Floats, azimuth: Floats, depression: Floats, top: int, left: int,
    eirp: float, pointing: float, beamwidth: float, tilt: float,
    needed: float, cell: int,
    margin: Floats, level: Floats, server: Labels,
) -> None:  # fmt: skip
    """Let one cell serve the pixels where it leaves the largest margin; ties go to the lower row.

    `needed` is threshold plus allowance; `margin`, `level` and `server` cover
    the whole grid.
    """
    for i in range(loss.shape[0]):
        for j in range(loss.shape[1]):
            # An antenna only takes away, so what cannot win on its beam axis cannot win.
            most = eirp - loss[i, j] - needed
            best = margin[top + i, left + j]
            # Rounded as the rasters are, so that equal servers are equal.
            if math.isnan(most) or np.float32(most) < best:
                continue
            off = turn_deg(azimuth[i, j], pointing)
            won = np.float32(most - attenuation_db(off, depression[i, j], beamwidth, tilt))
            if math.isnan(best) or won > best or (won == best and cell < server[top + i, left + j]):
                margin[top + i, left + j] = won
                level[top + i, left + j] = won + needed
                server[top + i, left + j] = cell
