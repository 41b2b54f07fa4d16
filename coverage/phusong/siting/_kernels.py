"""Compiled loops of this room: plain arrays in, filled arrays out, no checks."""

import math

from .._compiled import compiled
from .._types import Flags, Floats, Labels


@compiled
def mark_seen(
    height_m: Floats,
    row: int,
    column: int,
    antenna_m: float,
    rows: Labels,
    columns: Labels,
    receiver_m: float,
    resolution_m: float,
    effective_radius_m: float,
    seen: Flags,
) -> None:
    """Mark the pixels that an antenna sees over the ground, one sample a pixel along each line.

    Ground falls away by the curvature of an earth of that radius; unknown ground hides nothing.
    """
    top = height_m[row, column] + antenna_m
    for k in range(rows.shape[0]):
        down, across = rows[k] - row, columns[k] - column
        steps = max(abs(down), abs(across))
        seen[k] = True
        if steps == 0:
            continue
        far_m = math.hypot(down, across) * resolution_m
        drop = far_m * far_m / (2.0 * effective_radius_m)
        slope = (height_m[rows[k], columns[k]] + receiver_m - drop - top) / far_m
        for i in range(1, steps):
            share = i / steps
            ground = height_m[
                math.floor(row + share * down + 0.5),
                math.floor(column + share * across + 0.5),
            ]
            away_m = share * far_m
            if ground - away_m * away_m / (2.0 * effective_radius_m) - top > slope * away_m:
                seen[k] = False
                break
