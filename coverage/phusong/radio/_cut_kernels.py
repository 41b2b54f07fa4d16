"""Compiled loop of measured antenna patterns: plain arrays in, filled arrays out, no checks."""

import math

import numpy as np

from .._compiled import compiled
from .._types import Floats

RADIANS, DEGREES = np.float32(math.pi / 180.0), np.float32(180.0 / math.pi)
TURN = np.float32(360.0)


@compiled
def project_cuts(
    azimuth: Floats,
    depression: Floats,
    pointing: np.float32,
    tilt: np.float32,
    horizontal: Floats,
    front: Floats,
    back: Floats,
    attenuation: Floats,
) -> None:
    """Fill a window by horizontal projection interpolation of the two cuts.

    Angles in degrees; `tilt` turns the antenna about its horizontal axis across
    the pointing. `horizontal` runs from 0 to 360, `front` and `back` from -90 to
    90, all in equal steps. Single precision, as the windows are.
    """
    around = np.float32((horizontal.size - 1) / 360.0)
    upright = np.float32((front.size - 1) / 180.0)
    behind = horizontal[(horizontal.size - 1) // 2]
    cosine, sine = math.cos(tilt * RADIANS), math.sin(tilt * RADIANS)
    for i in range(azimuth.shape[0]):
        for j in range(azimuth.shape[1]):
            off, down = azimuth[i, j] - pointing, depression[i, j]
            if tilt != 0.0:
                phi, theta = off * RADIANS, down * RADIANS
                level, low = math.cos(theta), math.sin(theta)
                ahead, across = level * math.cos(phi), level * math.sin(phi)
                ahead, low = ahead * cosine + low * sine, low * cosine - ahead * sine
                off = math.atan2(across, ahead) * DEGREES
                down = math.atan2(low, math.sqrt(ahead * ahead + across * across)) * DEGREES
            if off < 0.0:
                off += TURN
            share = min(off, TURN - off) / np.float32(180.0)
            at = off * around
            left = min(int(at), horizontal.size - 2)
            at -= np.float32(left)
            side = horizontal[left] + (horizontal[left + 1] - horizontal[left]) * at
            at = (down + np.float32(90.0)) * upright
            left = min(max(int(at), 0), front.size - 2)
            at -= np.float32(left)
            before = front[left] + (front[left + 1] - front[left]) * at
            after = back[left] + (back[left + 1] - back[left]) * at
            total = side + before + share * (after - behind - before)
            attenuation[i, j] = max(total, np.float32(0.0))
