"""The loss and the obstacles around one antenna: computed once, shared by all cells of the mast."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cache import TileCache
from .obstacles import IN_SIGHT, obstacles_along_radials
from .propagation import Link, PropagationModel
from .sampling import Surroundings

LOSS_VERSION = 3
"""Raised whenever a change of the code could change a loss, so that old tiles are not used."""
OBSTACLE_VERSION = 1
"""The same for obstacles."""


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
    return _kept(
        cache,
        tile_key(mast, link, model),
        mast,
        np.dtype(np.float32),
        lambda: mast.on_window(model.loss_along_radials_db(mast.radials, link)),
    )


def obstacle_tile(mast: Surroundings, link: Link, *, cache: TileCache | None) -> NDArray[np.uint16]:
    """Return the steps back to what dominates the shadow of every pixel of the mast's window.

    Parameters and errors are those of `loss_tile`; neither model nor frequency counts.

    Returns
    -------
    ndarray of uint16, shape of ``mast.window``
        Steps of a pixel's length from the receiver towards the mast; 0 in
        sight, beyond the radius, and beyond the terrain.
    """
    said = (
        OBSTACLE_VERSION,
        link.transmitter_height_m,
        link.receiver_height_m,
        link.delta_n_per_km,
    )
    return _kept(
        cache,
        f"{_digest(mast, said)}.obstacle",
        mast,
        np.dtype(np.uint16),
        lambda: mast.on_window(
            obstacles_along_radials(mast.radials, link), beyond=np.uint16(IN_SIGHT)
        ),
    )


def tile_key(mast: Surroundings, link: Link, model: PropagationModel) -> str:
    """Return the name of a loss tile: a hash of all that could change it."""
    said = (LOSS_VERSION, model.name, dict(model.parameters), asdict(link))
    return f"{_digest(mast, said)}.loss"


def _digest(mast: Surroundings, said: object) -> str:
    name = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    name.update(mast.digest)
    return name.hexdigest()


def _kept(
    cache: TileCache | None,
    name: str,
    mast: Surroundings,
    dtype: np.dtype[Any],
    compute: Callable[[], NDArray[Any]],
) -> NDArray[Any]:
    """Return a tile from the cache, or compute and keep it."""
    if cache is None:
        return compute()
    rows, columns = mast.window
    kept = cache.get(name, (rows.stop - rows.start, columns.stop - columns.start), dtype)
    if kept is None:
        kept = compute()
        cache.put(name, kept)
    return kept
