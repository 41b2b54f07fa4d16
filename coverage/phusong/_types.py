"""Names for the arrays that pass between rooms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
