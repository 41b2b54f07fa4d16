"""The loss and the obstacles around one antenna: computed once, shared by all cells of the mast.

A kept tile is not believed: some of its pixels, drawn anew each time, are computed
again and must agree to the last bit.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache as remembered
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._cache import TileCache
from .answers import carrying_of, losses_of, without_terrain
from .obstacles import IN_SIGHT, obstacles_along_radials
from .propagation import Link, PropagationModel, Radials
from .sampling import UNKNOWN, Carrying, Surroundings

Places = NDArray[np.int64] | None
"""Some pixels of the flattened window, or all of it."""
Compute = Callable[[Sequence[int], Places], list[NDArray[Any]]]
"""Gives what some of several tiles hold at these pixels."""
PROBES = 32
"""Pixels of a kept tile that are computed again: a tenth of it wrong is found 97 times in 100."""
_PACKAGE = Path(__file__).parents[1]
_COMPUTED_WITH = ("llvmlite", "numba", "numpy", "scipy")


def loss_tiles(
    mast: Surroundings, links: Sequence[Link], *, model: PropagationModel, cache: TileCache | None
) -> list[NDArray[np.float32]]:
    """Return the basic transmission losses of carriers of an antenna to the pixels of the window.

    Terrain counts as far as the pixel's sample; free space, and a model blind to terrain, over
    the pixel's own distance.

    It is that over bare ground, unless the model holds its clutter: near a phone a profile
    would meet more of it the shorter its step, and clutter at the ends is added afterwards.

    Parameters
    ----------
    mast : Surroundings
        Its ground must be known.
    links : sequence of Link
        Frequency, antenna heights and atmosphere; alike but for the frequency.
    model : PropagationModel
    cache : TileCache, optional
        Where tiles are kept; one that is damaged or not right is computed anew.

    Returns
    -------
    list of ndarray of float32, shape of ``mast.window``
        dB, one a link; NaN beyond the radius, beyond the terrain, and where the model
        does not reach.

    Raises
    ------
    ModelAnswerError
        If the model, one of another package, gives what are no losses; see `losses_of`.
    """
    names = ["" if cache is None else tile_key(mast, link, model) for link in links]

    def compute(which: Sequence[int], pixels: Places) -> list[NDArray[Any]]:
        return _losses(mast, [links[i] for i in which], model, pixels)

    return _kept(cache, names, mast, compute, UNKNOWN)


def loss_on_pixels(
    mast: Surroundings, link: Link, *, model: PropagationModel, pixels: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return what `loss_tiles` has at some pixels, computed along their own rays alone.

    Parameters
    ----------
    mast, link, model
        As for `loss_tiles`, which raises the same.
    pixels : ndarray of int64, shape (n,)
        Positions in the flattened window.

    Returns
    -------
    ndarray of float32, shape (n,)
    """
    return _losses(mast, [link], model, pixels)[0]


def sight_on_pixels(mast: Surroundings, link: Link, pixels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which pixels of the window the antenna sees; parameters are as above."""
    return np.asarray(_obstacles(mast, link, pixels) == IN_SIGHT)


def _losses(
    mast: Surroundings, links: Sequence[Link], model: PropagationModel, pixels: Places
) -> list[NDArray[np.float32]]:
    """Compute the losses to the whole window, or to some pixels of it."""

    def along_rays(rays: Radials) -> list[NDArray[np.float64]]:
        seen = rays if model.includes_clutter else replace(rays, clutter_m=None)
        return losses_of(model, seen, links)

    blind = without_terrain(model)
    if blind is None:
        carrying = carrying_of(model, links[0])
        return _values(mast, along_rays, len(links), pixels, carrying=carrying)
    (rise_m,) = _values(mast, lambda rays: [rays.height_m - rays.height_m[:, :1]], 1, pixels)
    away_m = mast.distance_m if pixels is None else mast.distance_m.ravel()[pixels]
    return [blind.loss_at_db(away_m, rise_m, link).astype(np.float32) for link in links]


def _values(
    mast: Surroundings,
    along_rays: Callable[[Radials], Sequence[NDArray[Any]]],
    count: int,
    pixels: Places,
    *,
    beyond: np.generic = UNKNOWN,
    carrying: Carrying | None = None,
) -> list[NDArray[Any]]:
    """Return what is computed along rays on the whole window, or on some pixels of it."""
    if pixels is None:
        return mast.on_window(along_rays, count, beyond=beyond, carrying=carrying)
    return mast.on_pixels(pixels, along_rays, count, beyond=beyond, carrying=carrying)


def _obstacles(mast: Surroundings, link: Link, pixels: Places) -> NDArray[np.uint16]:
    """Compute the obstacles of the whole window, or of some pixels of it."""
    beyond = np.uint16(IN_SIGHT)
    (found,) = _values(
        mast, lambda rays: [obstacles_along_radials(rays, link)], 1, pixels, beyond=beyond
    )
    return found


def obstacle_tile(mast: Surroundings, link: Link, *, cache: TileCache | None) -> NDArray[np.uint16]:
    """Return the steps back to what dominates the shadow of every pixel of the mast's window.

    Parameters are those of `loss_tiles`; neither model nor frequency counts.

    Returns
    -------
    ndarray of uint16, shape of ``mast.window``
        Steps of the profile from the receiver towards the mast; 0 in
        sight, beyond the radius, and beyond the terrain.
    """
    said = (link.transmitter_height_m, link.receiver_height_m, link.delta_n_per_km)
    name = "" if cache is None else f"{_digest(mast, said)}.obstacle"

    def compute(_: Sequence[int], pixels: Places) -> list[NDArray[Any]]:
        return [_obstacles(mast, link, pixels)]

    return _kept(cache, [name], mast, compute, np.uint16(IN_SIGHT))[0]


def tile_key(mast: Surroundings, link: Link, model: PropagationModel) -> str:
    """Return the name of a loss tile: a hash of all that could change it, the code included."""
    return f"{_digest(mast, (model.name, dict(model.parameters), vars(link)))}.loss"


def digest_of_code(root: Path, files: Iterable[Path]) -> str:
    """Return a SHA-256 over source files, the same wherever they lie and however lines end."""
    code = hashlib.sha256()
    for file in sorted(files, key=lambda each: each.relative_to(root).as_posix()):
        source = file.read_bytes().replace(b"\r\n", b"\n")
        code.update(f"{file.relative_to(root).as_posix()} {len(source)}\n".encode())
        code.update(source)
    return code.hexdigest()


@remembered
def digest_of_engine() -> tuple[str, ...]:
    """Return what computes signal: a digest of our sources, and the versions of libraries.

    Returns
    -------
    tuple of str
    """
    files = [*(_PACKAGE / "radio").rglob("*.py"), _PACKAGE / "_compiled.py", _PACKAGE / "grid.py"]
    libraries = (f"{library} {version(library)}" for library in _COMPUTED_WITH)
    return digest_of_code(_PACKAGE, files), *libraries


def _digest(mast: Surroundings, said: object) -> str:
    name = hashlib.sha256(json.dumps((digest_of_engine(), said), sort_keys=True).encode())
    name.update(mast.digest)
    return name.hexdigest()


def _kept(
    cache: TileCache | None,
    names: Sequence[str],
    mast: Surroundings,
    compute: Compute,
    beyond: np.generic,
) -> list[NDArray[Any]]:
    """Return tiles from the cache if they stand the test; compute and keep the others."""
    if cache is None:
        return compute(range(len(names)), None)
    rows, columns = mast.window
    shape = rows.stop - rows.start, columns.stop - columns.start
    tiles = {}
    for i, name in enumerate(names):
        kept = cache.get(name, shape, beyond.dtype)
        if kept is None:
            continue
        if not cache.trusts(name):
            if not _agrees(kept, partial(compute, [i]), beyond):
                continue
            cache.trust(name)
        tiles[i] = kept
    missing = [i for i in range(len(names)) if i not in tiles]
    if missing:
        for i, tile in zip(missing, compute(missing, None), strict=True):
            cache.put(names[i], tile)
            cache.trust(names[i])
            tiles[i] = tile
    return [tiles[i] for i in range(len(names))]


def _agrees(
    kept: NDArray[Any], compute: Callable[[Places], list[NDArray[Any]]], beyond: np.generic
) -> bool:
    """Tell whether pixels drawn by chance are what they should be.

    The draw changes nothing but which wrong tiles are found.
    """
    pixels = np.random.default_rng().integers(kept.size, size=PROBES)
    (expected,) = compute(pixels)
    return np.array_equal(kept.ravel()[pixels], expected, equal_nan=beyond is UNKNOWN)
