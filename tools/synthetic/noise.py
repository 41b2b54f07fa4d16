"""Seeded random fields. Knows arrays, not land."""

import numpy as np

from phusong._types import Floats


def fractal(
    shape: tuple[int, int],
    rng: np.random.Generator,
    *,
    longest_px: float,
    shortest_px: float = 2.0,
    exponent: float = 2.0,
) -> Floats:
    """Return a random field of mean 0 and standard deviation 1, alike at every scale.

    Parameters
    ----------
    shape : (rows, columns)
        Shape of the field.
    rng : Generator
        Source of chance; the same state gives the same field.
    longest_px, shortest_px : float
        Waves outside this range of lengths, in pixels, are left out.
    exponent : float
        How fast power falls with frequency; land has 2 to 3 in amplitude
        spectra of mountains, more is smoother.

    Returns
    -------
    array of float32, of `shape`
    """
    spectrum = np.fft.rfft2(rng.standard_normal(shape, dtype=np.float32))
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :])
    kept = (frequency >= 1 / longest_px) & (frequency <= 1 / shortest_px)
    frequency[0, 0] = 1.0
    spectrum *= np.where(kept, frequency**-exponent, 0.0)
    field = np.fft.irfft2(spectrum, s=shape)
    return np.asarray(field / field.std(), dtype=np.float32)
