"""Land cover of a made-up province, in the codes of ESA WorldCover.

Knows heights and people: houses where many live, fields on gentle ground near them,
and woods, shrubs and grass elsewhere in patches.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from phusong._types import Floats, Labels

from .noise import fractal
from .settlement import slope_deg

TREES, SHRUBS, GRASS, FIELDS, HOUSES = 10, 20, 30, 40, 50
HOUSES_FROM_PEOPLE = 3.0
"""Residents of a pixel of 3″, 0.8 ha: more live there than on fields."""
FIELDS_UP_TO_DEG = 12.0
FIELDS_WITHIN_PX = 11
"""A kilometre."""
WOODED_SHARE, SHRUB_SHARE = 0.62, 0.25
PATCHES_PX = 8.0, 40.0


def land_cover(height_m: Labels, people: Floats, *, seed: int) -> NDArray[np.uint8]:
    """Return the code of every pixel.

    Parameters
    ----------
    height_m : ndarray of int, shape (rows, columns)
        As written to the terrain's file.
    people : ndarray of float, same shape
        Residents per pixel.
    seed : int
        Draws the patches.
    """
    shortest, longest = PATCHES_PX
    rng = np.random.default_rng(seed)
    patches = fractal(height_m.shape, rng, longest_px=longest, shortest_px=shortest)
    wooded, shrubby = np.quantile(patches, [WOODED_SHARE, WOODED_SHARE + SHRUB_SHARE])
    found = np.full(height_m.shape, GRASS, dtype=np.uint8)
    found[patches <= shrubby] = SHRUBS
    found[patches <= wooded] = TREES
    near = ndimage.binary_dilation(people > 0, iterations=FIELDS_WITHIN_PX)
    found[near & (slope_deg(height_m.astype(np.float64)) <= FIELDS_UP_TO_DEG)] = FIELDS
    found[people >= HOUSES_FROM_PEOPLE] = HOUSES
    return found
