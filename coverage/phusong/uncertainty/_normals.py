"""Normal numbers picked from a table by random bits: an eighth of the time of drawing each.

For what is added up or shown to two digits: a table of 16 bits ends 4.3 deviations away.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from .._compiled import compiled
from .._types import Floats, Labels

_BITS = 16


def normals(bits: int) -> NDArray[np.float32]:
    """Return 2**bits numbers that are normal if one is picked by chance, of deviation 1."""
    middles = ndtri((np.arange(2**bits) + 0.5) / 2**bits)
    table: NDArray[np.float32] = (middles / middles.std()).astype(np.float32)
    return table


def log_normals(spread: float) -> NDArray[np.float32]:
    """Return as many numbers as `NORMALS` that are log-normal if one is picked, of mean 1.

    `spread` is the deviation of their logarithm. Each is the mean of its share, so that the last
    one stands for all beyond it.
    """
    edges = ndtri(np.arange(2**_BITS + 1) / 2**_BITS)
    table: NDArray[np.float32] = (2**_BITS * np.diff(ndtr(edges - spread))).astype(np.float32)
    return table


NORMALS = normals(_BITS)


def picks(random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """Return places in `NORMALS` by chance."""
    return random.integers(0, 2**_BITS, shape, dtype=np.uint16)


@compiled
def fill_noise(picked: Labels, normals: Floats, amplitude: Floats, noise: Floats) -> None:
    """Fill normal noise times `amplitude`.

    `picked` and `noise`, of shapes (2, n) and (n, 2), hold the real and the imaginary parts.
    """
    for at in range(amplitude.size):
        noise[at, 0] = amplitude[at] * normals[picked[0, at]]
        noise[at, 1] = amplitude[at] * normals[picked[1, at]]
