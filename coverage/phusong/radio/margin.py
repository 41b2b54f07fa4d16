"""Whether a margin serves: the one place that says so."""

from typing import Any, overload

from numpy.typing import NDArray

from .._compiled import compiled
from .._types import Flags


@overload
def served(margin_db: float) -> bool: ...
@overload
def served(margin_db: NDArray[Any]) -> Flags: ...


def served(margin_db: float | NDArray[Any]) -> bool | Flags:
    """Tell whether a service is served.

    Parameters
    ----------
    margin_db : float or ndarray
        Level of the best server less the threshold of its technology and the
        allowances, dB; NaN where no cell reaches.

    Returns
    -------
    bool or ndarray of bool
        True from a margin of exactly 0 up; NaN is not served.

    Examples
    --------
    >>> import numpy as np
    >>> served(np.array([-0.1, 0.0, np.nan]))
    array([False,  True, False])
    """
    return margin_db >= 0.0


served_compiled = compiled(served)
"""The same, for kernels."""
