"""The loss around one antenna, computed once and shared by all cells of the mast."""

import hashlib
import json
import math
import os
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..grid import Grid
from ._kernels import lay_on_grid, sample_radials
from .propagation import Link, PropagationModel, Radials

CACHE_VERSION = 1
"""Raised whenever a change of this room could change a loss."""


@dataclass(frozen=True)
class Antenna:
    """Where a transmitting antenna stands on the grid.

    Parameters
    ----------
    x_m, y_m : float
        In the grid's CRS.
    height_m : float
        Above ground.
    frequency_mhz : float
    """

    x_m: float
    y_m: float
    height_m: float
    frequency_mhz: float


@dataclass(frozen=True)
class LossTile:
    """Basic transmission loss to every pixel within the radius of an antenna.

    Parameters
    ----------
    top, left : int
        First row and column of the window.
    loss_db : ndarray of float32, shape (rows, columns)
        NaN beyond the radius or the terrain.
    """

    top: int
    left: int
    loss_db: NDArray[np.float32]


@dataclass(frozen=True)
class Sweep:
    """Compute loss tiles over one terrain with one model.

    Rays are as dense as the pixel at the rim and sampled every pixel; each
    pixel takes the nearest sample (docs/methods/radio.md states the error).

    Parameters
    ----------
    grid : Grid
        Of `height_m`.
    height_m : ndarray of float64, shape (y, x)
        Ground; NaN where unknown.
    model : PropagationModel
    radius_m : float
        Farthest receiver.
    link : Link
        Everything but frequency and transmitter height is taken from it.
    cache_folder : Path, optional
        Keep tiles there.
    """

    grid: Grid
    height_m: NDArray[np.float64]
    model: PropagationModel
    radius_m: float
    link: Link
    cache_folder: Path | None = field(default=None)

    def ground_m(self, antenna: Antenna) -> float:
        """Return the ground height under an antenna; NaN where unknown or outside."""
        radials = np.empty((1, 1))
        row, column = self._position(antenna)
        sample_radials(self.height_m, row, column, 1.0, radials)
        return float(radials[0, 0])

    def tile(self, antenna: Antenna) -> LossTile:
        """Return the loss around an antenna, from the cache if it is there and sound."""
        top, left, bottom, right = self._window(antenna)
        link = Link(
            **{
                **asdict(self.link),
                "frequency_mhz": antenna.frequency_mhz,
                "transmitter_height_m": antenna.height_m,
            }
        )
        path = self._cache_path(antenna, link, self.height_m[top:bottom, left:right])
        shape = bottom - top, right - left
        loss = _read(path, shape)
        if loss is None:
            loss = self._compute(antenna, link, top, left, shape)
            _write(path, loss)
        return LossTile(top, left, loss)

    def _position(self, antenna: Antenna) -> tuple[float, float]:
        """Return row and column in pixels, 0 at the centre of the first pixel."""
        grid = self.grid
        return (
            (grid.north_m - antenna.y_m) / grid.resolution_m - 0.5,
            (antenna.x_m - grid.west_m) / grid.resolution_m - 0.5,
        )

    def _window(self, antenna: Antenna) -> tuple[int, int, int, int]:
        """Return the rows and columns that the radius, and bilinear sampling, can touch."""
        row, column = self._position(antenna)
        reach = self.radius_m / self.grid.resolution_m + 1
        return (
            max(math.floor(row - reach), 0),
            max(math.floor(column - reach), 0),
            min(math.ceil(row + reach) + 1, self.grid.height),
            min(math.ceil(column + reach) + 1, self.grid.width),
        )

    def _compute(
        self, antenna: Antenna, link: Link, top: int, left: int, shape: tuple[int, int]
    ) -> NDArray[np.float32]:
        reach_px = self.radius_m / self.grid.resolution_m
        radials = np.empty((math.ceil(2 * math.pi * reach_px), math.floor(reach_px) + 1))
        row, column = self._position(antenna)
        sample_radials(self.height_m, row, column, 1.0, radials)
        polar = self.model.loss_along_radials_db(
            Radials(step_m=self.grid.resolution_m, height_m=radials), link
        )
        loss = np.empty(shape, dtype=np.float32)
        lay_on_grid(polar, row, column, 1.0, top, left, loss)
        return loss

    def _cache_path(self, antenna: Antenna, link: Link, window: NDArray[np.float64]) -> Path | None:
        """Return where the tile is kept: named by everything that could change it."""
        if self.cache_folder is None:
            return None
        row, column = self._position(antenna)
        said = {
            "version": CACHE_VERSION,
            "model": self.model.name,
            "parameters": dict(self.model.parameters),
            "link": asdict(link),
            "radius_m": self.radius_m,
            "resolution_m": self.grid.resolution_m,
            "position_px": [row, column],
            "shape": list(self.grid.shape),
        }
        name = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
        name.update(np.ascontiguousarray(window).tobytes())
        digest = name.hexdigest()
        return self.cache_folder / digest[:2] / f"{digest}.loss"


def _read(path: Path | None, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """Return a kept tile; None if there is none or it is damaged."""
    if path is None or not path.is_file():
        return None
    kept = path.read_bytes()
    digest, body = kept[:32], kept[32:]
    if hashlib.sha256(body).digest() != digest:
        return None
    return np.frombuffer(zlib.decompress(body), dtype="<f4").reshape(shape).copy()


def _write(path: Path | None, loss: NDArray[np.float32]) -> None:
    """Keep a tile; it appears whole or not at all."""
    if path is None:
        return
    body = zlib.compress(loss.astype("<f4").tobytes(), level=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}.{id(loss)}")
    aside.write_bytes(hashlib.sha256(body).digest() + body)
    aside.replace(path)
