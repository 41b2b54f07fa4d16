"""The loss around one antenna: computed once, shared by all cells of the mast."""

import hashlib
import json
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from .cache import TileCache
from .propagation import Link, PropagationModel
from .sampling import Surroundings

LOSS_VERSION = 2
"""Raised whenever a change of the code could change a loss, so that old tiles are not used."""


def loss_tile(
    mast: Surroundings, link: Link, *, model: PropagationModel, cache: TileCache | None
) -> NDArray[np.float32]:
    """Return the basic transmission loss to every pixel of the mast's window.

    Parameters
    ----------
    mast : Surroundings
        Its ground must be known.
    link : Link
        Frequency, antenna heights and atmosphere.
    model : PropagationModel
    cache : TileCache, optional
        Where tiles are kept; a damaged one is computed anew.

    Returns
    -------
    ndarray of float32, shape of ``mast.window``
        dB; NaN beyond the radius, beyond the terrain, and where the model
        does not reach.

    Raises
    ------
    OutputError
        If the cache cannot be written.
    """
    if cache is None:
        return _compute(mast, link, model)
    key = tile_key(mast, link, model)
    rows, columns = mast.window
    kept = cache.get(key, (rows.stop - rows.start, columns.stop - columns.start))
    if kept is not None:
        return kept
    tile = _compute(mast, link, model)
    cache.put(key, tile)
    return tile


def tile_key(mast: Surroundings, link: Link, model: PropagationModel) -> str:
    """Return the name of a tile: a hash of all that could change it.

    The terrain counts by its content within reach, so that a grid that grew
    elsewhere keeps its tiles.
    """
    terrain, (rows, columns) = mast.terrain, mast.footprint
    grid = terrain.grid
    said = {
        "version": LOSS_VERSION,
        "model": model.name,
        "parameters": dict(model.parameters),
        "link": asdict(link),
        "radius_m": mast.radius_m,
        "mast_m": [mast.x_m, mast.y_m],
        "resolution_m": grid.resolution_m,
        "window_m": [
            grid.west_m + columns.start * grid.resolution_m,
            grid.north_m - rows.start * grid.resolution_m,
        ],
        "window": [rows.stop - rows.start, columns.stop - columns.start],
    }
    name = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for layer in (terrain.height_m, terrain.clutter_m):
        name.update(b"none" if layer is None else layer[mast.footprint].tobytes())
    return name.hexdigest()


def _compute(mast: Surroundings, link: Link, model: PropagationModel) -> NDArray[np.float32]:
    return mast.on_window(model.loss_along_radials_db(mast.radials, link))
