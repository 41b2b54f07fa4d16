"""A smooth function of a place as a few numbers that a page's script evaluates.

Coordinates are carried into pages this way: whatever PROJ does between two systems is smooth over a
province, and the page needs no PROJ. Knows polynomials, no coordinate system.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGHEST_DEGREE = 24
Places = tuple[NDArray[np.float64], NDArray[np.float64]]


def fit_smooth(
    function: Callable[[NDArray[np.float64], NDArray[np.float64]], Places],
    bounds: tuple[float, float, float, float],
    *,
    largest_miss: float,
) -> dict[str, Any]:
    """Return the Chebyshev polynomial of a function of places, as the page's script takes it.

    Parameters
    ----------
    function : callable
        Takes x and y, arrays of one shape, and returns two arrays of that shape.
    bounds : (float, float, float, float)
        West, south, east and north of the places, in the units of x and y.
    largest_miss : float
        How far the polynomial may be off where it is compared, between the places it
        passes through; in the units of what the function returns.

    Returns
    -------
    dict
        ``middle`` and ``half`` of the bounds, ``degree``, and ``coefficients``: of each value
        those of T_i(u) T_j(v), with u and v from -1 to 1.

    Raises
    ------
    ValueError
        If no polynomial comes so near: the function has an edge there.

    Examples
    --------
    >>> found = fit_smooth(lambda x, y: (x * y, 2 + y), (0.0, 0.0, 2.0, 4.0), largest_miss=1e-12)
    >>> found["middle"], found["half"], found["degree"]
    ([1.0, 2.0], [1.0, 2.0], 1)
    """
    west, south, east, north = bounds
    middle = np.array([west + east, south + north]) / 2
    half = np.array([east - west, north - south]) / 2

    def at(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        across, up = np.meshgrid(u, v, indexing="ij")
        return np.stack(function(middle[0] + half[0] * across, middle[1] + half[1] * up))

    between = np.linspace(-1.0, 1.0, 2 * HIGHEST_DEGREE)
    wanted = at(between, between)
    for degree in range(1, HIGHEST_DEGREE + 1):
        nodes = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
        terms = np.polynomial.chebyshev.chebvander(nodes, degree)
        weight = np.where(np.arange(degree + 1) == 0, 1.0, 2.0) / (degree + 1)
        along = (terms * weight).T
        coefficients = along @ at(nodes, nodes) @ along.T
        there = np.polynomial.chebyshev.chebvander(between, degree)
        if np.abs(there @ coefficients @ there.T - wanted).max() <= largest_miss:
            return {
                "middle": middle.tolist(),
                "half": half.tolist(),
                "degree": degree,
                "coefficients": coefficients.tolist(),
            }
    raise ValueError("the function is not smooth within the bounds")
